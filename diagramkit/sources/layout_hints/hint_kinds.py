"""The kinds of layout hints: one table, from which specs, Mermaid comments and messages know them."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from diagramkit.graph import HintKind

MIN_NUMBER, MAX_NUMBER = 1, 99
"""The smallest and the largest rank, line and number of columns."""


class KindOfHint(Struct, frozen=True):
    """A kind of hint.

    - `doc`: what it means.
    - `example`: what a Mermaid comment says after `diagramkit:`.
    - `needs`: what belongs into one, in words.
    - `members`: what it may name: nodes and groups, nodes only, or one group.
    - `numbers`: how many numbers follow its only member; 0 for a kind with a list of members.
    """

    doc: str
    example: str
    needs: str
    members: Literal["any", "nodes", "group"] = "any"
    numbers: int = 0


_TWO = "at least two ids"

HINT_KINDS: dict[HintKind, KindOfHint] = {
    "main": KindOfHint(
        "The main chain, which stays on one straight line along the flow.", "main users, api, db", _TWO, "nodes"
    ),
    "same_rank": KindOfHint("Side by side, across the flow.", "same_rank api, worker", _TWO),
    "in_line": KindOfHint("On one line along the flow.", "in_line api, db", _TWO),
    "order": KindOfHint("The first before the next, across the flow.", "order api, worker", _TWO),
    "near": KindOfHint("Next to each other.", "near api, cache", _TWO),
    "grid": KindOfHint(
        "The members of a group in this many columns.",
        "grid services 3",
        "a group and its number of columns",
        "group",
        1,
    ),
    "pin": KindOfHint(
        "The rank and the line of a node or group, within the group around it or the picture.",
        "pin cache 2 3",
        "an id, a rank and a line",
        numbers=2,
    ),
}
"""The hints by name, in the order in which they are documented."""
