"""Memory: how much a run over thousands of sources keeps for each, and what processes return to the system."""

from __future__ import annotations

import ctypes
import gc
import platform
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from diagramkit import pipeline, sources
from diagramkit.batch import memory
from diagramkit.batch.entries import ManifestEntry
from diagramkit.batch.manifest import Manifest
from diagramkit.cli import main
from diagramkit.graph import Pattern
from diagramkit.layout import wasm
from diagramkit.options import Options
from diagramkit.pipeline import Rendered
from diagramkit.sources import SourceFile, readers
from tests.support.command_line import MERMAID

pytestmark = pytest.mark.slow

FEW, MANY = 200, 1000
MAX_BYTES = 2_000
"""Bytes for each source that was drawn: about 1,600 for its entry in the manifest, and free space in dictionaries."""


def test_a_run_keeps_little_memory_for_each_source_it_drew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the process that writes the pictures would grow with the batch."""

    def fake_render(pattern: Pattern, formats: tuple[str, ...], _: Options) -> Rendered:
        return Rendered({extension: pattern.stem.encode() for extension in formats}, ())

    traced_bytes: dict[int, int] = {}
    original = Manifest.record

    def measuring(self: Manifest, source: SourceFile, entry: ManifestEntry) -> None:
        original(self, source, entry)
        if len(self.entries) in (FEW, MANY):
            traced_bytes[len(self.entries)] = tracemalloc.get_traced_memory()[0]

    monkeypatch.setattr(pipeline, "render", fake_render)
    monkeypatch.setattr(Manifest, "record", measuring)
    Path("in").mkdir()
    for number in range(MANY):
        Path(f"in/d{number:04}.mmd").write_text(f"graph LR\n  A{number} --> B\n", "utf-8")
    tracemalloc.start()
    try:
        assert main(["render", "in", "-o", "out", "-q", "--jobs", "1"]) == 0
    finally:
        tracemalloc.stop()
    assert (traced_bytes[MANY] - traced_bytes[FEW]) / (MANY - FEW) < MAX_BYTES


@pytest.mark.parametrize("engine", ["layered", "wasm"])
def test_drawing_leaves_no_reference_cycles(engine: str) -> None:
    """Cycles occupy memory until the garbage collector runs: ten megabytes in each process."""
    Path("a.mmd").write_text(MERMAID + "  subgraph G [VPC]\n    C --> D\n  end\n", "utf-8")
    (file,) = sources.find(["a.mmd"])

    def draw() -> None:
        for pattern in sources.load(file).patterns:
            pipeline.render(pattern, ("svg", "png"), Options(engine=engine))

    draw()
    gc.collect()
    gc.disable()
    try:
        for _ in range(8):
            draw()
        assert gc.collect() < 8 * 20  # Types that ctypes creates.
    finally:
        gc.enable()


def test_the_layout_engine_releases_its_memory_after_a_very_large_diagram() -> None:
    """A WebAssembly memory cannot shrink, so the module is instantiated again."""
    module = wasm.kernel("layout", "layout", wasm.DEFAULT_STACK)
    sizes: list[int] = []
    original = module.finish

    def measuring_end() -> None:
        sizes.append(module.size)
        original()

    edges = "".join(f"  N{(number - 1) // 3} --> N{number}\n" for number in range(1, 1200))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "finish", measuring_end)
        pipeline.draw(readers.pattern_from_text(f"graph LR\n{edges}", "a.mmd"), Options())
    assert sizes[0] > 4_000_000 > module.size


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps freed memory")
def test_trim_heap_returns_memory_that_was_freed_below_an_allocated_block() -> None:
    def resident() -> int:
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))

    blocks = [bytes(20_000) for _ in range(2_000)]
    last = bytes(20_000)
    before = resident()
    del blocks
    memory.trim_heap()
    assert before - resident() > 30_000  # Of about 40,000 kB.
    assert len(last) == 20_000


def raise_os_error(_: None) -> object:
    raise OSError


def library_without_malloc_trim(_: None) -> object:
    return object()


def must_not_be_called(_: None) -> object:
    raise AssertionError


@pytest.mark.parametrize(
    ("system", "library"),
    [("linux", raise_os_error), ("linux", library_without_malloc_trim), ("win32", must_not_be_called)],
)
def test_trim_heap_does_nothing_with_other_c_libraries(
    system: str, library: Callable[[None], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    memory._malloc_trim.cache_clear()
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(ctypes, "CDLL", library)
    memory.trim_heap()
    memory._malloc_trim.cache_clear()
