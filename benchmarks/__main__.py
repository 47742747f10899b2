"""Compare the speed of diagramkit and similar tools on the same graphs: `python -m benchmarks [COUNT] [ROUNDS]`.

Each round runs all tools in turn, so that a machine that slows down affects them equally; the meaningful figure is the
ratio within a round. `diagrams` needs Graphviz' `dot`, mermaid-cli needs `mmdc` and `chromium`, and D2 needs `d2`.
Tools that are not on the path are omitted.
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

_SEED = 2  # Of the first 200 graphs, the median has 11 nodes, a tenth have over 28, and two have 200, as in real use.


def main(count: int, rounds: int) -> None:
    """Run the rounds, and print the median seconds of each tool and its ratio to diagramkit with the range."""
    # pip compiles modules when it installs them. Otherwise each run would compile them if Python cannot write there.
    compileall.compile_dir(Path(diagramkit.__file__).parent, quiet=1)
    graphs = plans(count, _SEED)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        peers.mermaid_files(graphs, folder / "in")
        peers.run_diagramkit(folder / "in", folder / "warm")  # This fills the caches, which CI systems keep too.
        pixels = _pixels(folder / "warm")
        runs = {**_diagramkit_runs(folder), **_other_runs(folder, graphs)}
        seconds: dict[str, list[float]] = {name: [] for name in runs}
        for number in range(rounds):
            for name, run in runs.items():
                start = time.perf_counter()
                run(number)
                seconds[name].append(time.perf_counter() - start)
    print(f"{count} diagrams, seed {_SEED}, {rounds} rounds; {pixels / 1e6:.0f} million pixels by diagramkit")
    for name, times in seconds.items():
        ratios = [a / b for a, b in zip(times, seconds["diagramkit"], strict=True)]
        print(
            f"{name:34} {statistics.median(times):8.2f} s   x{statistics.median(ratios):.1f} "
            f"({min(ratios):.1f} to {max(ratios):.1f})"
        )


def _diagramkit_runs(folder: Path) -> dict[str, Callable[[int], None]]:
    def render(name: str, *options: str) -> Callable[[int], None]:
        return lambda number: peers.run_diagramkit(folder / "in", folder / f"{name}{number}", *options)

    return {
        "diagramkit": render("out"),
        "diagramkit, one core": render("one", "--jobs", "1"),
        "diagramkit, SVG only, one core": render("svg", "--jobs", "1", "-f", "svg"),
        "diagramkit, nothing changed": lambda _: peers.run_diagramkit(folder / "in", folder / "warm"),
    }


def _other_runs(folder: Path, graphs: list[Plan]) -> dict[str, Callable[[int], None]]:
    runs: dict[str, Callable[[int], None]] = {}
    if dot := shutil.which("dot"):
        peers.scripts(graphs, folder / "scripts")
        peers.dot_files(folder / "in", folder / "dot")
        runs["Graphviz, layout only"] = lambda _: peers.run_graphviz(folder / "dot", dot)
        runs["diagrams, one process"] = lambda _: peers.run_diagrams(len(graphs), _SEED)
        runs["diagrams, one script each"] = lambda _: peers.run_scripts(folder / "scripts")
    program, browser = shutil.which("mmdc"), shutil.which("chromium")
    if program and browser:
        runs["mermaid-cli, batch mode"] = lambda _: peers.run_mermaid_cli(folder / "in", program, browser)
    if d2 := shutil.which("d2"):
        peers.d2_files(graphs, folder / "d2")
        runs["D2, one process each, SVG only"] = lambda _: peers.run_d2(folder / "d2", d2)
    return runs


def _pixels(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*.png"):
        with Image.open(path) as image:
            total += image.width * image.height
    return total


if __name__ == "__main__":
    main(*(int(value) for value in (*sys.argv[1:], *("200", "3")[len(sys.argv) - 1 :])))
