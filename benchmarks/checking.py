"""What `check` costs, compared with drawing: `python -m benchmarks.checking [COUNT] [NODES] [ROUNDS]`.

Each diagram has as many nodes without an icon as with one, and each label is different, so that nothing is remembered
from one to the next. Both commands run in turn, in one process each; the figures are CPU seconds.
"""

from __future__ import annotations

import random
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

_SEED = 5
_WITH_ICON = ("Lambda", "DynamoDB table", "SQS queue", "API Gateway", "S3 bucket", "Aurora cluster", "EventBridge bus")
_WITHOUT_ICON = ("service", "worker", "Lambda cost", "portal", "Gatway", "system", "GuardDuty admin", "engine")
_STEPS = ("Validate", "Enrich", "Approve", "Send", "Load", "Notify")
_THINGS = ("order", "invoice", "parcel", "ticket", "customer", "shipment", "refund", "contract", "meter", "claim")


def main(count: int, nodes: int, rounds: int) -> None:
    """Print the CPU seconds of `check` and of `render` to SVG, and the ratio of both within a round."""
    seconds = measure(count, nodes, rounds)
    ratios = [a / b for a, b in zip(seconds["check"], seconds["render"], strict=True)]
    print(f"{count} diagrams of {nodes} nodes, seed {_SEED}, {rounds} rounds, CPU seconds:")
    for name, times in seconds.items():
        print(f"  {name:7} {statistics.median(times):6.2f}")
    print(f"  ratio   {statistics.median(ratios):6.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def measure(count: int, nodes: int, rounds: int) -> dict[str, list[float]]:
    """Return the CPU seconds of `check` and of `render` to SVG in each round; `count` diagrams have `nodes` nodes."""
    dice = random.Random(_SEED)
    seconds: dict[str, list[float]] = {"check": [], "render": []}
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary) / "in"
        source.mkdir()
        for number in range(count):
            (source / f"d{number:04}.mmd").write_text(_diagram(nodes, dice), "utf-8")
        for number in range(rounds + 1):  # The first round fills the caches, which CI systems keep too.
            checked = _cpu_seconds("check", str(source))
            output = str(Path(temporary) / f"out{number}")
            drawn = _cpu_seconds("render", str(source), "-o", output, "-f", "svg", "--jobs", "1")
            if number:
                seconds["check"].append(checked)
                seconds["render"].append(drawn)
    return seconds


def _diagram(nodes: int, dice: random.Random) -> str:
    """Return a flow chart of `nodes` nodes with different labels, each connected with an earlier one."""
    lines = ["flowchart LR"]
    for number in range(nodes):
        thing = f"{dice.choice(_THINGS)} {dice.choice(_THINGS)} {dice.randrange(100)}"
        kind = dice.choice((_WITH_ICON, _WITHOUT_ICON))
        label = f"{dice.choice(_STEPS)} {thing}" if dice.random() < 0.2 else f"{thing} {dice.choice(kind)}"
        lines.append(f"  n{number}[{label}]")
        if number:
            lines.append(f"  n{dice.randrange(number)} --> n{number}")
    return "\n".join(lines) + "\n"


def _cpu_seconds(*arguments: str) -> float:
    """Return the CPU seconds of a command of diagramkit, including its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "diagramkit", *arguments], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main(*(int(value) for value in (*sys.argv[1:], *("200", "15", "3")[len(sys.argv) - 1 :])))
