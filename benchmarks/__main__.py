"""diagramkit beside its peers, on the same graphs: `python -m benchmarks [COUNT] [ROUNDS]`.

Each round runs all of them in turn, so that a machine that slows down slows them all; what counts is the
ratio within a round. Needs Graphviz' `dot` for `diagrams`.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from benchmarks import peers
from benchmarks.graphs import plans

_SEED = 1


def main(count: int, rounds: int) -> None:
    """Run the rounds; print each one's seconds and the ratios with their spread."""
    given = plans(count, _SEED)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peers.mermaid_files(given, folder / "in")
        peers.run_diagramkit(folder / "in", folder / "warm")  # Caches are warm, as in CI's.
        told = {"diagramkit": _pixels(folder / "warm")}
        runs: dict[str, Callable[[int], None]] = {
            "diagramkit": lambda number: peers.run_diagramkit(
                folder / "in", folder / f"out{number}"
            ),
            "diagramkit, one core": lambda number: peers.run_diagramkit(
                folder / "in", folder / f"one{number}", "--jobs", "1"
            ),
            "diagramkit, SVG alone, one core": lambda number: peers.run_diagramkit(
                folder / "in", folder / f"svg{number}", "--jobs", "1", "-f", "svg"
            ),
        }
        if shutil.which("dot"):
            runs["diagrams at its best"] = lambda _: peers.run_diagrams(count, _SEED)
        seconds: dict[str, list[float]] = {what: [] for what in runs}
        for number in range(rounds):
            for what, run in runs.items():
                start = time.perf_counter()
                run(number)
                seconds[what].append(time.perf_counter() - start)
    print(
        f"{count} diagrams, seed {_SEED}, {rounds} rounds; pixels {told['diagramkit'] / 1e6:.0f} million"
    )
    for what, times in seconds.items():
        ratios = [a / b for a, b in zip(times, seconds["diagramkit"], strict=True)]
        print(
            f"{what:34} {statistics.median(times):8.2f} s   x{statistics.median(ratios):.1f} "
            f"({min(ratios):.1f} to {max(ratios):.1f})"
        )


def _pixels(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*.png"):
        with Image.open(path) as image:
            total += image.width * image.height
    return total


if __name__ == "__main__":
    main(*(int(value) for value in (*sys.argv[1:], *("200", "3")[len(sys.argv) - 1 :])))
