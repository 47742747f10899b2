"""Links: `-->`, `-. text .->`, `<==>` and their kin, taken apart.

Source: Mermaid, `flowDb`, destructStartLink and destructEndLink.
"""

from __future__ import annotations

from functools import lru_cache

from msgspec import Struct

from diagramkit.graph import Head, Stroke
from diagramkit.sources.mermaid.letters import BLANKS

_HEADS: dict[str, Head] = {"x": "cross", "o": "circle", ">": "arrow", "<": "arrow"}
MAX_LENGTH = 10
"""The most ranks that a link spans, however long it is written."""


class Link(Struct, frozen=True):
    """What a link says: its stroke, its ends and the ranks it should span."""

    stroke: Stroke
    tail: Head
    head: Head
    length: int


MISMATCH = Link("normal", "none", "arrow", 1)
"""What Mermaid draws for two halves that do not belong together (`<-- text --x`)."""


@lru_cache(maxsize=256)
def read_whole(text: str) -> Link:
    """A link in one piece. A sign at its start counts only where the end bears the same one."""
    text = text.strip(BLANKS)
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


def join(opening: str, closing: str) -> Link | None:
    """A link written in two halves around its label, or None where the halves disagree."""
    start, end = opening.strip(BLANKS), read_whole(closing)
    stroke: Stroke = "dotted" if "." in start else "thick" if "=" in start else "normal"
    tail = _HEADS.get(start[0], "none")
    if stroke != end.stroke or (tail != "none" and (tail != end.head or end.tail != "none")):
        return None
    return Link(stroke, end.tail if tail == "none" else tail, end.head, end.length)
