"""Whether the picture depends on what nodes and groups are called: `python -m tests.layouts.renaming`.

The ids of each topology are replaced by other words; the SVG must stay the same, but for the ids in it. Prints
which topologies change, and exits with 1 if any does.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Mapping

from diagramkit import pipeline
from diagramkit.pipeline import Options
from tests.layouts import measures

_LETTERS = "fhjkqwxzFHJKQWXZ"
"""Letters of which no service's name consists, so that no id tells which icon to draw."""

_IDS = re.compile(r' data-(?:id|from|to)="[^"]*"')


def names(count: int, dice: random.Random) -> list[str]:
    """So many different names of 1 to 60 letters, in no order."""
    found: dict[str, str] = {}
    while len(found) < count:
        name = "".join(dice.choices(_LETTERS, k=dice.randint(1, 60)))
        found.setdefault(name.casefold(), name)
    return list(found.values())


def renamed(text: str, seed: int) -> str:
    """Mermaid text with other ids for all nodes and groups. Every label in it must be in quotes."""
    graph = measures.graph_of(text)
    old = [*(node.id for node in graph.nodes), *(group.id for group in graph.groups)]
    new = dict(zip(old, names(len(old), random.Random(seed)), strict=True))
    known = re.compile(rf"\b(?:{'|'.join(map(re.escape, old))})\b")
    parts = text.split('"')
    parts[::2] = [known.sub(lambda found: new[found[0]], part) for part in parts[::2]]
    return '"'.join(parts)


def svg_without_ids(text: str) -> str:
    """The SVG of Mermaid text, without the attributes that hold ids."""
    pattern = measures.pattern_of(measures.graph_of(text), text)
    svg = pipeline.render(pattern, ("svg",), Options()).outputs["svg"].decode("utf-8")
    return _IDS.sub("", svg)


def differing(texts: Mapping[str, str], seeds: range) -> list[str]:
    """The topologies whose SVG changes with their ids, each with the first seed that does it."""
    found = []
    for name, text in texts.items():
        before = svg_without_ids(text)
        for seed in seeds:
            if svg_without_ids(renamed(text, seed)) != before:
                found.append(f"{name} (seed {seed})")
                break
    return found


def main() -> int:
    """Rename all topologies and print which change."""
    texts = measures.topologies()
    found = differing(texts, range(3))
    for name in found:
        print(name)
    print(f"{len(found)} of {len(texts)} pictures change with their ids")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
