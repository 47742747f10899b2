"""Chooses icons for nodes as the editor does: `python -m checks.fuzz.overrides COUNT [SEED]`.

Each seed gives a random flowchart or spec, many of them hostile, with comments and mixed line ends. An icon that is
chosen for one of its nodes must change nothing else: see `run`. The exit code is 1 if it does.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from random import Random

from checks.fuzz import fixing, words
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


def main(count: int, first: int) -> int:
    """Check `count` seeds from `first` on and print the counts; return 1 if a check fails, else 0."""
    outcomes: Counter[str] = Counter()
    for seed in range(first, first + count):
        try:
            outcomes[run(seed)] += 1
        except AssertionError as error:
            outcomes["failed"] += 1
            print(f"seed {seed}: {error}\n{source(Random(seed))[0]!a}")
    print(f"{count} sources: {', '.join(f'{number} {outcome}' for outcome, number in sorted(outcomes.items()))}")
    return 1 if outcomes["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
