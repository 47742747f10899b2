"""Parses the text of links: `-->`, `-. text .->`, `<==>` and so on.

Source: Mermaid, `flowDb`, destructStartLink and destructEndLink.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from diagramkit.graph import Head, Stroke
from diagramkit.sources.mermaid.letters import WHITESPACE

_HEADS: dict[str, Head] = {"x": "cross", "o": "circle", ">": "arrow", "<": "arrow"}
MAX_LENGTH = 10
"""The maximum number of ranks that a link spans, however many dashes it has."""


class Link(Struct, frozen=True):
    """The properties of a link: its stroke, its arrowheads and the number of ranks that it spans."""

    stroke: Stroke
    tail: Head
    head: Head
    length: int


MISMATCHED_LINK = Link("normal", "none", "arrow", 1)
"""The link that Mermaid draws for two parts that do not match (`<-- text --x`)."""


@lru_cache(maxsize=256)
def parse_link(text: str) -> Link:
    """Return the link that `text` stands for. An arrowhead at its start counts only if its end has the same one."""
    text = text.strip(WHITESPACE)
    head = _HEADS.get(text[-1], "none")
    tail: Head = "none"
    body = text[:-1]
    if head != "none" and _HEADS.get(text[0], "none") == head:
        tail, body = head, body[1:]
    stroke: Stroke = "normal"
    length = len(body) - 1
    if body.startswith("="):
        stroke = "thick"
    elif body.startswith("~"):
        stroke = "invisible"
    if dots := body.count("."):
        stroke, length = "dotted", dots
    return Link(stroke, tail, head, min(length, MAX_LENGTH))


def join_parts(opening: str, closing: str) -> Link | None:
    """Return the link whose parts before and after its label are given, or None if the parts do not match."""
    start, end = opening.strip(WHITESPACE), parse_link(closing)
    stroke: Stroke = "dotted" if "." in start else "thick" if "=" in start else "normal"
    tail = _HEADS.get(start[0], "none")
    if stroke != end.stroke or (tail != "none" and (tail != end.head or end.tail != "none")):
        return None
    return Link(stroke, end.tail if tail == "none" else tail, end.head, end.length)


def default_edge_id(source: str, target: str, count: int) -> str:
    """Return the id that Mermaid gives an edge, for `class` statements: L_a_b_0, L_a_b_2, L_a_b_3 and so on.

    `count` is the number of edges before it from the same source to the same target.
    """
    return f"L_{source}_{target}_{count + 1 if count else 0}"
