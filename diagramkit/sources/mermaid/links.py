"""Links: `-->`, `-. text .->`, `<==>` and their kin, taken apart.

The patterns and the rules for heads and strokes are those of Mermaid's flowchart grammar
(`flow.jison`, tokens LINK and START_LINK; `flowDb`, destructStartLink and destructEndLink).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from diagramkit.graph import Head, Stroke

# A link that is complete, and one that opens a label; in the order Mermaid tries them.
WHOLE = re.compile(
    r"\s*(?:[xo<]?--+[-xo>]|[xo<]?==+[=xo>]|[xo<]?-?\.+-[xo>]?|~~~+)",
)
OPENING = re.compile(r"\s*(?P<text>[xo<]?--|[xo<]?==|[xo<]?-\.)\s*")
CLOSINGS = {
    "normal": re.compile(r"[xo<]?--+[-xo>]"),
    "thick": re.compile(r"[xo<]?==+[=xo>]"),
    "dotted": re.compile(r"[xo<]?-?\.+-[xo>]?"),
}

_HEADS: dict[str, Head] = {"x": "cross", "o": "circle", ">": "arrow", "<": "arrow"}


@dataclass(frozen=True, slots=True)
class Link:
    """What a link says: its stroke, its ends and the ranks it should span."""

    stroke: Stroke
    tail: Head
    head: Head
    length: int


def opening_stroke(text: str) -> Stroke:
    """The stroke of a link's first half (`--`, `<==`, `-.`)."""
    body = text.lstrip("xo<")
    return "thick" if body.startswith("=") else "dotted" if "." in body else "normal"


def read_whole(text: str) -> Link:
    """A link in one piece. A sign at its start counts only where the end bears the same one."""
    text = text.strip()
    head = _HEADS.get(text[-1], "none")
    tail: Head = "none"
    body = text[:-1]
    if head != "none" and _HEADS.get(text[0], "none") == head:
        tail, body = head, body[1:]
    dots = body.count(".")
    if dots:
        return Link("dotted", tail, head, dots)
    stroke: Stroke = "thick" if "=" in body[:1] else "invisible" if "~" in body else "normal"
    return Link(stroke, tail, head, max(1, len(body) - 1))


def join(opening: str, closing: str) -> Link | None:
    """A link written in two halves around its label, or None where the halves disagree."""
    end = read_whole(closing)
    tail = _HEADS.get(opening.strip()[0], "none")
    if opening_stroke(opening.strip()) != end.stroke:
        return None
    if tail == "none":
        return Link(end.stroke, "none", end.head, end.length)
    if tail != end.head:
        return None
    return Link(end.stroke, tail, end.head, end.length)
