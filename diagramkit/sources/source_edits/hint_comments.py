"""Changes of the comments with layout hints in a Mermaid text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.graph import Graph, Hint
from diagramkit.sources.layout_hints import comments
from diagramkit.sources.mermaid.source_text import Origin, Source
from diagramkit.sources.source_edits.edit_kinds import Pin, Unpin
from diagramkit.sources.source_edits.mermaid_region import Change

_PIN = re.compile(
    rf"(?im)^[ \t]*%%[ \t]*{comments.NAME}[ \t]*:[ \t]*pin[ \t]+(?P<id>\"[^\"\n]*\"|[^\s,\"]+)"
    r"[ \t,]+(?P<rank>\d+)(?P<gap>[ \t,]+)(?P<line>\d+)[ \t]*$"
)


def pin_of(text: str, name: str) -> re.Match[str] | None:
    """Return the comment with the pin of a node or group."""
    return next((match for match in _PIN.finditer(text) if match["id"].strip('"') == name), None)


def changes(text: str, edit: Pin | Unpin) -> list[Change]:
    """Return the changes that pin something, or remove its pin."""
    if isinstance(edit, Pin):
        return [with_pin(text, edit.id, edit.rank, edit.line)]
    return list(without_pin(text, edit.id))


def with_pin(text: str, name: str, rank: int, line: int) -> Change:
    """Return the change that pins something: of its comment, or a new comment at the end."""
    if match := pin_of(text, name):
        return match.start("rank"), match.end("line"), f"{rank}{match['gap']}{line}"
    return appended(text, f"%% {comments.NAME}: pin {comments.quoted_id(name)} {rank} {line}")


def without_pin(text: str, name: str) -> Iterator[Change]:
    """Yield the change that removes the pin of something."""
    if match := pin_of(text, name):
        yield max(match.start() - 1, 0), match.end(), ""


def without(text: str, graph: Graph, name: str) -> Iterator[Change]:
    """Yield the changes of the comments that name what is deleted."""
    source = Source(text, Origin(""))
    known = {item.id for item in graph.nodes_and_groups}
    for comment in comments.find(source, 0, len(text)):
        hints, _ = comments.read([comment], known)
        start = text.index(comment.body, _line_start(text, comment.place.span.line))
        for each in hints:
            if name not in each.members:
                continue
            left = tuple(member for member in each.members if member != name)
            if len(left) > 1:
                body = comments.line(Hint(each.kind, left, each.place.span)).partition(": ")[2]
                yield start, start + len(comment.body), body
            else:
                line_start = _line_start(text, comment.place.span.line)
                yield max(line_start - 1, 0), start + len(comment.body), ""


def _line_start(text: str, line: int) -> int:
    """Return the offset of a line, whose number counts from 1. Only a line feed ends a line, as in Mermaid."""
    return sum(len(each) + 1 for each in text.split("\n")[: line - 1])


def appended(text: str, *lines: str) -> Change:
    """Return the change that adds lines at the end of a text, with the indentation of its last line."""
    end = len(text.rstrip())
    last = text[text.rfind("\n", 0, end) + 1 : end]
    indent = last[: len(last) - len(last.lstrip(" \t"))]  # With other white space, the next change would not find it.
    return end, end, "".join(f"\n{indent}{line}" for line in lines)
