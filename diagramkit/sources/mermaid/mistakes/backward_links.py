"""Candidates for the correction of arrows that point backward: an arrow of Mermaid's points forward."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords, indent
from diagramkit.sources.mermaid.mistakes.line_text import LINK, masked

_NODE = r"(?:[\w.-]*\w)(?:\x01\x00*+)?(?::::[\w-]*+\w)?"
_NODES = re.compile(rf"{_NODE}(?:[^\S\n]++&[^\S\n]++{_NODE})*+")
"""A list of nodes in a line whose labels are masked: their ids, and their labels."""
_ANY_LINK = re.compile(
    rf"[^\S\n]*(?P<link>(?P<backward><-{{1,3}}|<={{1,3}}|<-?\.{{1,2}}-?|←|⟵|⇐|↤)(?![->=.])|{LINK})"
    r"[^\S\n]*(?:\|(?P<label>[^|]*)\|[^\S\n]*)?"
)
_ID = re.compile(r"[\w.-]*\w")


class _Part(Struct, frozen=True):
    """A link between two lists of nodes, as it is to be written: `left` and `right` are their numbers.

    `may_have_text` tells whether Mermaid reads what follows the link, up to another one, as its text.
    """

    left: int
    link: str
    right: int
    may_have_text: bool = False


def backward(line: str, _: TextWords) -> Iterator[Edit]:
    """`A <- B` and `A <-- B`: the nodes change places, as in `B --> A`.

    Of a chain whose other links point forward, each link gets a line.
    """
    text = masked(line).rstrip()
    end = len(text.rstrip("; \t"))
    read = _read(line, text, indent(line), end)
    if read is None:
        return
    nodes, parts, place = read
    is_backward = [part.left > part.right for part in parts]
    if not any(is_backward):
        return
    if all(is_backward):
        chain = [nodes[-1], *(f"{part.link} {nodes[part.right]}" for part in reversed(parts))]
        statements = [" ".join(chain)]
    else:
        statements = [*_single_links(nodes, parts)]
    margin = line[: indent(line)]
    new = "\n".join(margin + statement for statement in statements)
    link = _ANY_LINK.match(text, place)
    reason = f"'{link['link'] if link else ''}' is not a link in Mermaid, whose arrows point forward"
    yield Edit(0, len(line), new + text[end:], 3, dropped=line, reason=reason, place=place)


def _read(line: str, text: str, start: int, end: int) -> tuple[list[str], list[_Part], int] | None:
    """Return the lists of nodes of a line, the links between them, and where the last one points backward.

    Return None if the line has anything else.

    `text` is the masked line. In `A <-- B --> C`, B is the text of a link.
    """
    nodes: list[str] = []
    parts: list[_Part] = []
    place = start
    while match := _NODES.match(text, start, end):
        nodes.append(line[match.start() : match.end()])
        if match.end() == end:
            return nodes, parts, place
        link = _ANY_LINK.match(text, match.end(), end)
        may_end_text = any(part.left > part.right and part.may_have_text for part in parts)
        if link is None or (may_end_text and not link["backward"]):
            return None
        label = f"|{line[slice(*link.span('label'))].strip()}|" if link["label"] is not None else ""
        number = len(nodes)
        if link["backward"]:
            place = link.start("link")
            may_have_text = len(link["link"]) > 2 and not label
            parts.append(_Part(number, _forward(link["link"]) + label, number - 1, may_have_text))
        else:
            parts.append(_Part(number - 1, link["link"] + label, number))
        start = link.end()
    return None


def _forward(link: str) -> str:
    """Return the link of Mermaid's that points to the other side."""
    return "==>" if "=" in link or link == "⇐" else "-.->" if "." in link else "-->"


def _single_links(nodes: list[str], parts: list[_Part]) -> Iterator[str]:
    """Yield a statement for each link. Nodes have their labels where they are first."""
    shown: set[int] = set()
    for part in parts:
        ends = []
        for number in (part.left, part.right):
            ends.append(_without_labels(nodes[number]) if number in shown else nodes[number])
            shown.add(number)
        yield f"{ends[0]} {part.link} {ends[1]}"


def _without_labels(nodes: str) -> str:
    """Return the ids of a list of nodes."""
    ids = (_ID.match(part.strip()) for part in masked(nodes).split(" & "))
    return " & ".join(match.group() for match in ids if match)
