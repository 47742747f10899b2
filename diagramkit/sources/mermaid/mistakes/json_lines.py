"""Candidates for the correction of nodes and links that are written as objects of JSON, each on a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords, indent
from diagramkit.sources.mermaid.mistakes.line_text import RESERVED, quoted

LABELS = ("label", "name", "title", "text")
SOURCES = ("from", "source", "src", "start")
TARGETS = ("to", "target", "dst", "dest", "end")
IDS = ("id", "key")
"""The names of the fields of nodes and edges in JSON."""

_OBJECT = re.compile(r"\s*+(?:-\s++)?\{(?P<fields>[^{}\n]*+)\}[\s,;]*+")
_FIELD = re.compile(
    r"\s*+[\"']?(?P<key>\w++)[\"']?\s*+:\s*+(?:\"(?P<double>[^\"]*+)\"|'(?P<single>[^']*+)'|(?P<plain>[\w.-]++))\s*+(?:,|$)"
)
_ID = re.compile(r"[A-Za-z_][\w.-]*")


def objects(line: str, _: TextWords) -> Iterator[Edit]:
    """`{"from": "A", "to": "B", "label": "x"}` and `{"id": "A", "label": "x"}`; other fields become a comment."""
    match = _OBJECT.fullmatch(line)
    fields = _fields(match["fields"]) if match else None
    statement = _statement(fields) if fields else None
    if statement:
        margin = line[: indent(line)]
        comment = ", ".join(f"{key}: {value}" for key, value in (fields or {}).items())
        before = f"{margin}%% {comment}\n" if comment else ""
        reason = "this is JSON, not Mermaid"
        yield Edit(0, len(line), f"{before}{margin}{statement}", 2, dropped=line, reason=reason)


def _fields(text: str) -> dict[str, str] | None:
    """Return the fields of an object, or None if it has anything but texts."""
    fields: dict[str, str] = {}
    position = 0
    while text[position:].strip():
        match = _FIELD.match(text, position)
        if match is None or match["key"] in fields:
            return None
        value = next(match[name] for name in ("double", "single", "plain") if match[name] is not None)
        fields[match["key"]] = value
        position = match.end()
    return fields


def _statement(fields: dict[str, str]) -> str | None:
    """Return an object as a statement of Mermaid, and remove what it says from `fields`; None if it says none."""
    source, target, name, label = (_taken(fields, names) for names in (SOURCES, TARGETS, IDS, LABELS))
    if source and target and _is_id(source) and _is_id(target) and not name:
        return f"{source} -->|{quoted(label)}| {target}" if label else f"{source} --> {target}"
    if name and _is_id(name) and not (source or target):
        return f"{name}[{quoted(label)}]" if label else name
    return None


def _taken(fields: dict[str, str], names: tuple[str, ...]) -> str:
    """Remove the first of some fields that there is, and return its value."""
    return next((fields.pop(name) for name in names if name in fields), "")


def _is_id(name: str) -> bool:
    return bool(_ID.fullmatch(name)) and name not in RESERVED
