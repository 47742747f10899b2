"""Chooses icons for nodes as the editor does: `python -m checks.fuzz.overrides`.

Each seed gives a random flowchart or spec, many of them hostile, with comments and mixed line ends. An icon that is
chosen for one of its nodes must change nothing else: see `run`. Anything else is a finding.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from random import Random

from checks.fuzz import fixing, seeds, words
from diagramkit.diagnostics import DiagramError
from diagramkit.graph import Graph
from diagramkit.serve import edits
from diagramkit.sources import readers

_ICON = "aws.compute.Lambda"


def source(rng: Random) -> tuple[str, str]:
    """Return a random source and its file name. Most sources are valid."""
    kind = rng.randrange(4)
    text = (fixing.flowchart, words.flowchart, fixing.spec, words.spec)[kind](rng)
    comment = "%%" if kind < 2 else "#"
    if kind < 2 and rng.random() < 0.5:
        text += "x-y__z --> Plain\n"
    lines = text.split("\n")
    for _ in range(rng.randrange(3)):
        lines.insert(rng.randrange(1, len(lines) + 1), f"{comment} kept {rng.randrange(1000)}")
    ends = rng.choice((("\n",), ("\r\n",), ("\n", "\r\n")))
    return "".join(line + rng.choice(ends) for line in lines), "d.mmd" if kind < 2 else "d.yaml"


def run(seed: int) -> str:
    """Choose an icon in one source and return what happened: `changed`, `refused` or `invalid` (the source is).

    Raises `AssertionError` if a label, a comment or a line end changed, or the icon is missing.
    """
    rng = Random(seed)
    text, name = source(rng)
    read = readers.reader_of(name).read
    try:
        pattern = read(text, name, "").patterns[0]
    except DiagramError:
        return "invalid"
    if not pattern.graph.nodes:
        return "invalid"
    node = rng.choice(pattern.graph.nodes).id
    try:
        result = edits.with_icon(text, name, pattern, node, _ICON)
    except ValueError:
        return "refused"
    changed = read(result, name, "").patterns[0]
    assert _labels(changed.graph) == _labels(pattern.graph), "a label changed"
    assert edits.with_icon(result, name, changed, node, _ICON) == result, (
        "choosing the same icon again changes the text"
    )
    before, after = (Counter(re.findall(r"[^\n]*\n|[^\n]+", each)) for each in (text, result))
    assert (before - after).total() <= 1, "other lines changed"
    assert len(after - before) <= 2, "more lines were added than necessary"
    new_ends = {line.endswith("\r\n") for line in after - before}
    assert new_ends <= {line.endswith("\r\n") for line in before}, "the line ends are of another kind"
    return "changed"


def _labels(graph: Graph) -> list[object]:
    return [[(node.id, node.label) for node in graph.nodes], [edge.label for edge in graph.edges]]


def check_seed(seed: int) -> list[str]:
    """Check one seed and return what happened. Raises an exception with the source if there is a finding."""
    try:
        return [run(seed)]
    except Exception as error:
        error.add_note(f"{source(Random(seed))[0]!a}")
        raise


if __name__ == "__main__":
    sys.exit(seeds.main(check_seed, "sources", sys.argv[1:]))
