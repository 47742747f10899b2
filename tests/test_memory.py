"""What a run over thousands of sources keeps of each, and what processes give back."""

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
from diagramkit.pipeline import Options, Rendered
from diagramkit.sources import SourceFile
from tests.test_cli import MERMAID

FEW, MANY = 200, 1000
MOST = 1_500
"""Bytes for each source that was drawn: 1,000 and what dictionaries keep free. They were 2,700."""


def test_little_is_kept_of_each_source_that_was_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the process that delivers grows with the batch."""

    def fake(pattern: Pattern, formats: tuple[str, ...], _: Options) -> Rendered:
        return Rendered({one: pattern.stem.encode() for one in formats}, ())

    kept: dict[int, int] = {}
    noted = Manifest.note

    def noting(self: Manifest, source: SourceFile, entry: ManifestEntry) -> None:
        noted(self, source, entry)
        if len(self.entries) in (FEW, MANY):
            kept[len(self.entries)] = tracemalloc.get_traced_memory()[0]

    monkeypatch.setattr(pipeline, "render", fake)
    monkeypatch.setattr(Manifest, "note", noting)
    Path("in").mkdir()
    for number in range(MANY):
        Path(f"in/d{number:04}.mmd").write_text(f"graph LR\n  A{number} --> B\n", "utf-8")
    tracemalloc.start()
    try:
        assert main(["render", "in", "-o", "out", "-q", "--jobs", "1"]) == 0
    finally:
        tracemalloc.stop()
    assert (kept[MANY] - kept[FEW]) / (MANY - FEW) < MOST


@pytest.mark.parametrize("engine", ["layered", "wasm"])
def test_a_diagram_leaves_no_cycles(engine: str) -> None:
    """What only the garbage collector finds waits for it: ten megabytes in each process."""
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
        assert gc.collect() < 8 * 20  # Types that ctypes makes; they were 480 a diagram.
    finally:
        gc.enable()


def test_a_layout_of_something_vast_leaves_its_memory() -> None:
    """A module's memory cannot shrink: it begins anew in another."""
    module = wasm.kernel("layout", "layout", wasm.DEFAULT_STACK)
    most: list[int] = []
    ended = module.finish

    def ending() -> None:
        most.append(module.size)
        ended()

    edges = "".join(f"  N{(at - 1) // 3} --> N{at}\n" for at in range(1, 1200))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "finish", ending)
        pipeline.draw(sources.of_text(f"graph LR\n{edges}", "a.mmd"), Options())
    assert most[0] > 4_000_000 > module.size


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries do it themselves")
def test_what_was_freed_below_something_is_given_back() -> None:
    def resident() -> int:
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))

    blocks = [bytes(20_000) for _ in range(2_000)]
    last = bytes(20_000)
    before = resident()
    del blocks
    memory.trim_heap()
    assert before - resident() > 30_000  # kB of the 40,000.
    assert len(last) == 20_000


def without_libraries(_: None) -> object:
    raise OSError


def of_another_make(_: None) -> object:
    return object()


def unasked(_: None) -> object:
    raise AssertionError


@pytest.mark.parametrize(
    ("system", "library"),
    [("linux", without_libraries), ("linux", of_another_make), ("win32", unasked)],
)
def test_where_the_c_library_is_another_nothing_happens(
    system: str, library: Callable[[None], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    memory._trim.cache_clear()
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(ctypes, "CDLL", library)
    memory.trim_heap()
    memory._trim.cache_clear()
