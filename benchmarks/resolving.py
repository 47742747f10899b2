"""How long choosing icons for labels takes: `python -m benchmarks.resolving`.

The labels are those of the tests. How a label reads regardless of its surroundings is kept in memory, because labels
such as `Lambda` recur.
"""

from __future__ import annotations

import statistics
import time

import yaml

from diagramkit.diagnostics import Span
from diagramkit.graph import Node
from diagramkit.icons import label_meaning, resolver
from tests.support.project import DATA

_ROUNDS = 15
_BATCH = 50


def main() -> None:
    """Print the time for 50 labels: in a new process, when each occurs for the first time, and when it recurs."""
    span = Span("x")
    labels_by_icon = yaml.safe_load((DATA / "labels.yaml").read_text("utf-8"))
    nodes = [Node("n", label, "square", span) for labels in labels_by_icon.values() for label in labels]
    first_round = _time(nodes)
    print(f"{len(nodes)} labels, in milliseconds of CPU time for {_BATCH}:")
    print(f"  in a new process, including reading the icon names  {first_round:.2f}")
    for title, forget in (("for the first time", label_meaning.read.cache_clear), ("again", lambda: None)):
        times = []
        for _ in range(_ROUNDS):
            forget()
            times.append(_time(nodes))
        print(f"  {title}  {min(times):.2f} to {max(times):.2f}, median {statistics.median(times):.2f}")


def _time(nodes: list[Node]) -> float:
    """Return the milliseconds that `_BATCH` of the labels take on average."""
    start = time.process_time()
    for node in nodes:
        resolver.choose(node, (), ())
    return (time.process_time() - start) * 1000 / len(nodes) * _BATCH


if __name__ == "__main__":
    main()
