"""How long choosing icons for labels takes: `python -m benchmarks.resolving`.

The labels are those of the tests. The time for a label does not depend on the other labels.
"""

from __future__ import annotations

import statistics
import time

import yaml

from diagramkit.diagnostics import Span
from diagramkit.graph import Node
from diagramkit.icons import resolver
from tests.support.project import DATA

_ROUNDS = 15
_BATCH = 50


def main() -> None:
    """Print the time for 50 labels: when each occurs for the first time, and after all have occurred."""
    span = Span("x")
    labels_by_icon = yaml.safe_load((DATA / "labels.yaml").read_text("utf-8"))
    nodes = [Node("n", label, "square", span) for labels in labels_by_icon.values() for label in labels]
    first_round = _time(nodes)
    later = [_time(nodes) for _ in range(_ROUNDS)]
    print(f"{len(nodes)} labels, in milliseconds for {_BATCH}:")
    print(f"  first time, including reading the icon names  {first_round:.2f}")
    print(f"  afterwards  {min(later):.2f} to {max(later):.2f}, median {statistics.median(later):.2f}")


def _time(nodes: list[Node]) -> float:
    """Return the milliseconds that `_BATCH` of the labels take on average."""
    start = time.perf_counter()
    for node in nodes:
        resolver.choose(node, (), ())
    return (time.perf_counter() - start) * 1000 / len(nodes) * _BATCH


if __name__ == "__main__":
    main()
