"""Check that pictures do not depend on the ids of nodes and groups: `python -m checks.renaming`.

The ids of each topology are replaced by other words; the SVG must stay the same, except for the ids in it. Prints which
topologies change, and exits with 1 if any does.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Mapping

from diagramkit import pipeline
from diagramkit.options import Options
from tests.support import measures

_LETTERS = "fhjkqwxzFHJKQWXZ"
"""Letters that form no service's name, so that no id determines an icon."""

_IDS = re.compile(r' data-(?:id|from|to)="[^"]*"')


def random_names(count: int, dice: random.Random) -> list[str]:
    """Return `count` different names of 1 to 60 letters, in random order."""
    names_by_key: dict[str, str] = {}
    while len(names_by_key) < count:
        name = "".join(dice.choices(_LETTERS, k=dice.randint(1, 60)))
        names_by_key.setdefault(name.casefold(), name)
    return list(names_by_key.values())


def with_other_ids(text: str, seed: int) -> str:
    """Return Mermaid text with other ids for all nodes and groups. Every label in it must be quoted."""
    graph = measures.graph_of(text)
    old = [*(node.id for node in graph.nodes), *(group.id for group in graph.groups)]
    new = dict(zip(old, random_names(len(old), random.Random(seed)), strict=True))
    old_ids = re.compile(rf"\b(?:{'|'.join(map(re.escape, old))})\b")
    parts = text.split('"')
    parts[::2] = [old_ids.sub(lambda match: new[match[0]], part) for part in parts[::2]]
    return '"'.join(parts)


def svg_without_ids(text: str) -> str:
    """Return the SVG of Mermaid text, without the attributes that contain ids."""
    pattern = measures.pattern_of(measures.graph_of(text), text)
    svg = pipeline.render(pattern, ("svg",), Options()).outputs["svg"].decode("utf-8")
    return _IDS.sub("", svg)


def changed_pictures(texts: Mapping[str, str], seeds: range) -> list[str]:
    """Return the topologies whose SVG changes with their ids, each with the first seed that changes it."""
    names = []
    for name, text in texts.items():
        before = svg_without_ids(text)
        for seed in seeds:
            if svg_without_ids(with_other_ids(text, seed)) != before:
                names.append(f"{name} (seed {seed})")
                break
    return names


def main() -> int:
    """Rename the ids of all topologies and print which pictures change."""
    texts = measures.topologies()
    changed = changed_pictures(texts, range(3))
    for name in changed:
        print(name)
    print(f"{len(changed)} of {len(texts)} pictures change with their ids")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
