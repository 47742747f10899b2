"""Recognizes a text of a flowchart that contains nodes and links because its own end is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_LINK_TO_NODE = (
    r"\s*(?:[\w-]+\s*)?(?:\"?\s*[<xo]?[-−–—=.]{1,4}[->＞xo]+|[-−–—=.]{2,4}>?)\s*(?:\|[^|\n]*\|\s*)?[\w-]+\s*[\[({]"
)
_SWALLOWED = re.compile(
    rf"[\])}}]{_LINK_TO_NODE}|"
    r"\|\s*\w+\s*[\[({][^\[\](){}\n]*[\])}]\s*\n|\|[ \t]*+[\w-]++[ \t]*+\n\s*+[\w-]+?[ \t]*+(?:--+>|==+>|-\.+->)"
)
_NODE_IN_LINES = re.compile(r"(?:^|\n)[ \t]*+[\w-]++[ \t]*+[\[({]{1,2}+[^\[\](){}\n]++[\])}]{1,2}+[ \t]*+(?:\n|$)")
"""A node with a text at the beginning or the end of one of several lines."""
_FIRST_NODE = re.compile(
    r"[ \t]*+(?P<head>[-=.]*+>[ \t]*+)?(?P<id>[\w-]++)[ \t]*+(?P<label>[\[({]{1,2}+[^\[\](){}\n]++[\])}]{1,2}+)?"
    r"[ \t;]*+(?P<end>\n\s*+(?=\S)|$)"
)
"""A node at the start of the text of a link, behind an arrowhead."""
_END_BEFORE_LINK = re.compile(rf"[\])}}](?={_LINK_TO_NODE})")


def in_text(text: str) -> bool:
    """Return whether a text without quotes contains a link to a node behind it."""
    return bool(_SWALLOWED.search(text))


def has_node(text: str) -> bool:
    """Return whether the text of a link, of several lines and without quotes, begins or ends a line with a node."""
    return "\n" in text and bool(_NODE_IN_LINES.search(text))


def by_arrowhead(text: str, diagram_text: str) -> bool:
    """Return whether the text of a link begins with an arrowhead and a node: `A -- > B --> C`.

    `diagram_text` is that of the diagram: a word may be a node only if it is one elsewhere.
    """
    match = _FIRST_NODE.match(text)
    return bool(match and match["head"] and (match["label"] or is_node_elsewhere(match["id"], diagram_text)))


def by_backward_arrow(text: str, diagram_text: str) -> bool:
    """Return whether the text of a link such as `<--`, of several lines, begins with a node and the end of its line."""
    match = _FIRST_NODE.match(text)
    if match is None or match["head"] or not match["end"]:
        return False
    return bool(match["label"]) or is_node_elsewhere(match["id"], diagram_text)


def is_node_elsewhere(name: str, text: str) -> bool:
    """Return whether an id is where nodes are at more than one place of a text."""
    return sum(1 for _ in _places(name, text)) > 1


def is_node(name: str, text: str) -> bool:
    """Return whether an id is where nodes are in a text."""
    return next(_places(name, text), None) is not None


def _places(name: str, text: str) -> Iterator[re.Match[str]]:
    """Return the places of a text where an id is that of a node."""
    return re.finditer(rf"(?m)(?:^|[-=.>&|])[^\S\n]*+{re.escape(name)}(?![\w-]*\w)[^\S\n]*+(?:$|[-=<&;\[({{])", text)


def in_quotes(text: str) -> bool:
    """Return the same for a text in quotes. On one line, as in `"A[x] --> B[y]"`, it may have nodes of its own."""
    if "-" not in text or not (match := _SWALLOWED.search(text)):
        return False
    before = text[: match.start()]
    has_own_nodes = sum(map(before.count, "[({")) > sum(map(before.count, "])}"))
    return "\n" in text or (bool(before.strip()) and not has_own_nodes)


def may_be_text(text: str) -> bool:
    """Return whether a text in quotes that `in_quotes` recognizes may be meant: on one line, without curly quotes."""
    return "\n" not in text and not re.search("[“”]", text)


def end_before_link(text: str) -> str | None:
    """Return the bracket of a text that looks like the end of a label, before a link and a node, or None."""
    match = _END_BEFORE_LINK.search(text)
    return match.group() if match else None


def without_ends(text: str, encode: Callable[[str], str]) -> str:
    """Return a line of text for quotes that is not recognized: the brackets that look like its end are encoded."""
    return _END_BEFORE_LINK.sub(lambda match: encode(match.group()), text) if in_quotes(text) else text
