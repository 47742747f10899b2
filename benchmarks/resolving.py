"""How long choosing icons for labels takes: `python -m benchmarks.resolving`.

The labels are those of the tests, in diagrams of 50 nodes. How a label reads regardless of its surroundings is kept in
memory, because labels such as `Lambda` recur.
"""

from __future__ import annotations

import statistics
import time

import yaml

from diagramkit.diagnostics import Span
from diagramkit.graph import Graph, Node, Pattern
from diagramkit.icons import label_meaning, resolver
from tests.support.project import DATA

_ROUNDS = 15
_BATCH = 50


def main() -> None:
    """Print the time for 50 labels: in a new process, when each occurs for the first time, and when it recurs."""
    labels_by_icon = yaml.safe_load((DATA / "labels.yaml").read_text("utf-8"))
    labels = [label for labels in labels_by_icon.values() for label in labels]
    patterns = [_pattern(labels[start : start + _BATCH]) for start in range(0, len(labels) - _BATCH + 1, _BATCH)]
    first_round = _time(patterns)
    print(f"{len(patterns)} diagrams of {_BATCH} nodes, in milliseconds of CPU time for each:")
    print(f"  in a new process, including reading the icon names  {first_round:.2f}")
    for title, forget in (("for the first time", label_meaning.read.cache_clear), ("again", lambda: None)):
        times = []
        for _ in range(_ROUNDS):
            forget()
            times.append(_time(patterns))
        print(f"  {title}  {min(times):.2f} to {max(times):.2f}, median {statistics.median(times):.2f}")


def _pattern(labels: list[str]) -> Pattern:
    """Return a diagram about AWS that has a node for each label."""
    span = Span("x")
    nodes = tuple(Node(f"n{number}", label, "square", span) for number, label in enumerate(labels))
    return Pattern(Graph(nodes=nodes), "x", "", "Amazon", "", span)


def _time(patterns: list[Pattern]) -> float:
    """Return the milliseconds that each diagram takes on average."""
    start = time.process_time()
    for pattern in patterns:
        resolver.resolve(pattern)
    return (time.process_time() - start) * 1000 / len(patterns)


if __name__ == "__main__":
    main()
