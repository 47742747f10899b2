"""How time and memory grow with the number of diagrams: `python -m benchmarks.many [COUNT ...]`.

Draws batches of some sizes on all cores, each once more with nothing changed, and once more anew, looked at. Prints
seconds, the peak of the proportional memory of all processes (Linux: `Pss` of `/proc/PID/smaps_rollup`), and the fit
`seconds = a * count ** b` by least squares of the logarithms: b is 1 where the cost is linear.
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

_SEED = 2  # Of its first 200 graphs the median has 11 nodes, a tenth over 28, and two have 200, as in real use.
_EVERY = 0.03  # Seconds between two looks at the memory.


def main(counts: Sequence[int]) -> None:
    """Run all sizes and print a line for each, then the fit."""
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
    """The a and b for which `a * x ** b` fits best, by least squares of the logarithms."""
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
    """How long a run takes that nobody looks at."""
    start = time.perf_counter()
    if _run(folder, "out").wait():
        raise SystemExit("diagramkit failed on the benchmark's diagrams")
    return time.perf_counter() - start


def _peak(folder: Path) -> float:
    """The peak memory of a run that draws all, in megabytes."""
    process, peak = _run(folder, "again"), 0.0
    while process.poll() is None:
        peak = max(peak, sum(map(_memory, _family(process.pid))))
        time.sleep(_EVERY)
    return peak


def _family(pid: int) -> list[int]:
    """A process and all that it began."""
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except OSError:
        return [pid]
    return [pid, *(each for child in told for each in _family(int(child)))]


def _memory(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [100, 1000, 10_000])
