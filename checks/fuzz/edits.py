"""Writes icons into random sources, as the live page does: `python -m checks.fuzz.edits`.

Each seed gives a source of `checks.fuzz.hostile_sources`, one of its nodes (or a name that is none), and an icon. The
edit is refused with a message, or the new text has the same nodes, labels and edges, and the icon. Anything else is a
finding.
"""

from __future__ import annotations

import random
import sys

from checks.fuzz import hostile_sources, seeds
from diagramkit.diagnostics import DiagramError
from diagramkit.graph import Pattern
from diagramkit.serve import edits
from diagramkit.sources import readers

_ICONS = ("aws.compute.Lambda", "none", "x:y", "aws.storage.S3", "a b", "", 'x" }', "'", "a\nb", "../x", "${x}")


def check_seed(seed: int) -> None:
    """Check the edit of a seed. Raises an exception if there is a finding."""
    rng = random.Random(seed)
    extension, generate = hostile_sources.GENERATORS[seed % len(hostile_sources.GENERATORS)]
    path, text = f"a{extension}", generate(rng).encode("utf-8", "replace").decode()
    try:
        patterns = readers.reader_of(path).read(text, path, "").patterns
    except DiagramError:
        return
    for pattern in patterns[:3]:
        nodes = [node.id for node in pattern.graph.nodes]
        node, icon = rng.choice([*nodes, "nothing"]), rng.choice(_ICONS)
        try:
            new_text = edits.with_icon(text, path, pattern, node, icon)
        except edits.EditError:
            continue
        assert icon in _ICONS[:4], f"the icon {icon!r} was written"
        new_patterns = readers.reader_of(path).read(new_text, path, "").patterns
        assert [each.name for each in new_patterns] == [each.name for each in patterns], "other diagrams changed"
        assert any(_summary(each) == _summary(pattern) for each in new_patterns), "more than the icon changed"


def _summary(pattern: Pattern) -> object:
    graph = pattern.graph
    nodes = [(node.id, node.label, node.group) for node in graph.nodes]
    return nodes, [(edge.source, edge.target, edge.label) for edge in graph.edges], [g.id for g in graph.groups]


if __name__ == "__main__":
    sys.exit(seeds.main(check_seed, "edits", sys.argv[1:]))
