"""diagramkit beside its peers, on the same graphs: `python -m benchmarks [COUNT] [ROUNDS]`.

Each round runs all of them in turn, so that a machine that slows down slows them all; what counts is the
ratio within a round. Needs Graphviz' `dot` for `diagrams`; `mmdc` and `chromium` on the path for mermaid-cli,
`d2` for D2.
"""

from __future__ import annotations

import compileall
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

import diagramkit
from benchmarks import peers
from benchmarks.graphs import Plan, plans

_SEED = 2  # Of its first 200 graphs the median has 11 nodes, a tenth over 28, and two have 200, as in real use.


def main(count: int, rounds: int) -> None:
    """Run the rounds; print each one's seconds and the ratios with their spread."""
    # As pip does for who installs it: else each run compiles what it imports, where Python may write nothing.
    compileall.compile_dir(Path(diagramkit.__file__).parent, quiet=1)
    given = plans(count, _SEED)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peers.mermaid_files(given, folder / "in")
        peers.run_diagramkit(folder / "in", folder / "warm")  # Caches are warm, as in CI's.
        pixels = _pixels(folder / "warm")
        runs = {**_ours(folder), **_theirs(folder, given)}
        seconds: dict[str, list[float]] = {what: [] for what in runs}
        for number in range(rounds):
            for what, run in runs.items():
                start = time.perf_counter()
                run(number)
                seconds[what].append(time.perf_counter() - start)
    print(f"{count} diagrams, seed {_SEED}, {rounds} rounds; {pixels / 1e6:.0f} million pixels of ours")
    for what, times in seconds.items():
        ratios = [a / b for a, b in zip(times, seconds["diagramkit"], strict=True)]
        print(
            f"{what:34} {statistics.median(times):8.2f} s   x{statistics.median(ratios):.1f} "
            f"({min(ratios):.1f} to {max(ratios):.1f})"
        )


def _ours(folder: Path) -> dict[str, Callable[[int], None]]:
    def ours(name: str, *options: str) -> Callable[[int], None]:
        return lambda number: peers.run_diagramkit(folder / "in", folder / f"{name}{number}", *options)

    return {
        "diagramkit": ours("out"),
        "diagramkit, one core": ours("one", "--jobs", "1"),
        "diagramkit, SVG alone, one core": ours("svg", "--jobs", "1", "-f", "svg"),
        "diagramkit, nothing changed": lambda _: peers.run_diagramkit(folder / "in", folder / "warm"),
    }


def _theirs(folder: Path, given: list[Plan]) -> dict[str, Callable[[int], None]]:
    found: dict[str, Callable[[int], None]] = {}
    if dot := shutil.which("dot"):
        peers.scripts(given, folder / "scripts")
        peers.dot_files(folder / "in", folder / "dot")
        found["Graphviz's layout alone"] = lambda _: peers.run_graphviz(folder / "dot", dot)
        found["diagrams at its best"] = lambda _: peers.run_diagrams(len(given), _SEED)
        found["diagrams, a script each"] = lambda _: peers.run_scripts(folder / "scripts")
    program, browser = shutil.which("mmdc"), shutil.which("chromium")
    if program and browser:
        found["mermaid-cli, batch mode"] = lambda _: peers.run_mermaid_cli(folder / "in", program, browser)
    if d2 := shutil.which("d2"):
        peers.d2_files(given, folder / "d2")
        found["D2, a process each, SVG alone"] = lambda _: peers.run_d2(folder / "d2", d2)
    return found


def _pixels(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*.png"):
        with Image.open(path) as image:
            total += image.width * image.height
    return total


if __name__ == "__main__":
    main(*(int(value) for value in (*sys.argv[1:], *("200", "3")[len(sys.argv) - 1 :])))
