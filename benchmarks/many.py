"""How time and memory grow with the number of diagrams: `python -m benchmarks.many [COUNT ...]`.

Each batch is drawn on all cores, a second time with nothing changed, and a third time from scratch to measure memory.
Prints the seconds, the peak of the proportional memory of all processes (on Linux: `Pss` in `/proc/PID/smaps_rollup`),
and the fit `seconds = a * count ** b` by least squares of the logarithms; b is 1 if the cost is linear.
"""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import peers
from benchmarks.graphs import plans

_SEED = 2  # Of the first 200 graphs, the median has 11 nodes, a tenth have over 28, and two have 200, as in real use.
_INTERVAL = 0.03  # Seconds between two measurements of the memory.


def main(counts: Sequence[int]) -> None:
    """Run batches of all sizes, print a line for each, and then the fit."""
    points: list[tuple[int, float]] = []
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            peers.mermaid_files(plans(count, _SEED), folder / "in")
            seconds, again, peak = _seconds(folder), _seconds(folder), _peak(folder)
        points.append((count, seconds))
        print(f"{count:6} diagrams {seconds:8.2f} s   nothing changed {again:6.2f} s   peak {peak:5.0f} MB", flush=True)
    if len(points) > 1:
        scale, power = fit(points)
        print(f"fit: {scale:.4f} s * count ** {power:.3f}")


def fit(points: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """Return the a and b for which `a * x ** b` fits best, by least squares of the logarithms."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    x_mean = sum(x for x, _ in logs) / len(logs)
    y_mean = sum(y for _, y in logs) / len(logs)
    power = sum((x - x_mean) * (y - y_mean) for x, y in logs)
    power /= sum((x - x_mean) ** 2 for x, _ in logs)
    return math.exp(y_mean - power * x_mean), power


def _run(folder: Path, out: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "diagramkit", "render", str(folder / "in"), "-o", str(folder / out), "-q"]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def _seconds(folder: Path) -> float:
    """Return the seconds that a run takes without any measurement of memory."""
    start = time.perf_counter()
    if _run(folder, "out").wait():
        raise SystemExit("diagramkit failed on the benchmark's diagrams")
    return time.perf_counter() - start


def _peak(folder: Path) -> float:
    """Return the peak memory of a run that draws everything, in megabytes."""
    process, peak = _run(folder, "again"), 0.0
    while process.poll() is None:
        peak = max(peak, sum(map(_memory, _process_tree(process.pid))))
        time.sleep(_INTERVAL)
    return peak


def _process_tree(pid: int) -> list[int]:
    """Return the IDs of a process and all of its descendants."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return [pid]
    return [pid, *(descendant for child in children for descendant in _process_tree(int(child)))]


def _memory(pid: int) -> float:
    """Return the proportional memory of a process in megabytes, or 0 if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [100, 1000, 10_000])
