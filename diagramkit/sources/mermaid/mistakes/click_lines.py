"""Candidates for the correction of `click` statements: addresses, tooltips and targets in another notation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords
from diagramkit.sources.mermaid.mistakes.misread_line import MisreadLine

_CLICK = re.compile(
    r"(?P<before>\s*+click\s++)(?P<ids>[\w.-]*\w(?:\s*+,\s*+[\w.-]*\w)*+)(?P<rest>(?:\s*+(?:[-=]+>|[:=,→])|\s)\s*+\S.*+)"
)
_PART = re.compile(
    r"(?P<arrow>[-=]+>|→)"
    r"|(?:(?P<key>href|url|link|open|to|target|tooltip|title|text)\b\s*+[:=]?)(?!/)"
    r"|\"(?P<double>[^\"]*+)\"|'(?P<single>[^']*+)'|[“”„](?P<curly>[^“”„\"]*+)[“”]"
    r"|\[(?P<text>[^\[\]]++)\]\((?P<address>[^()\s]++)\)"
    r"|(?P<target>_(?:self|blank|parent|top))\b"
    r"|<?(?P<url>(?:https?://|mailto:)[^\s\"'<>]++)>?"
    r"|[:=,]",
    re.I,
)
_REASON = "a link of a node is its id, an address in quotes, a tooltip in quotes and a target such as _blank"
_ADDRESS_AS_FUNCTION = re.compile(
    r"\s*+click\s++[\w.-]*\w(?:(?:\s*+,\s++[\w.-]*\w)++(?:\s*+[:=])?\s*+[\"'“]?|\s*+[:=]\s*+[\"'“]?|\s++['“]?)"
    r"(?:https?://|mailto:)",
    re.I,
)
_MAX_LINE_LENGTH = 400
_HREF = re.compile(r"\s*+href\s")
_TARGET = re.compile(r"_(?:self|blank|parent|top)")
_ADDRESS = re.compile(r"(?:https?://|mailto:|[./#])\S*|[\w-]+[./#]\S*", re.I)


class _Parts(Struct):
    """What a statement opens: an address, a tooltip and a target, each None if it has none."""

    url: str | None = None
    tooltip: str | None = None
    target: str | None = None

    def add(self, kind: str, text: str) -> bool:
        """Set a part, and return whether it was not set yet."""
        is_new = getattr(self, kind) is None
        setattr(self, kind, text)
        return is_new


def statements(line: str, _: TextWords) -> Iterator[Edit]:
    """`click a -> "https://…"`, `click a https://…`, `click a "https://…" target=_blank`, and links of Markdown."""
    new = _corrected(line)
    if new and new != line:
        place = next(
            (index for index, (old, right) in enumerate(zip(line, new, strict=False)) if old != right), len(new)
        )
        yield Edit(0, len(line), new, 2, dropped=line, reason=_REASON, place=place)


def find(lines: Sequence[str]) -> Iterator[MisreadLine]:
    """Yield the lines such as `click a https://…`, whose address Mermaid reads as the name of a function."""
    for number, line in enumerate(lines):
        new = _corrected(line) if _ADDRESS_AS_FUNCTION.match(line) else None
        if new and new != line:
            shown = "' above '".join(part.strip() for part in new.split("\n"))
            yield MisreadLine(number, new, f"{_REASON}; write '{shown}'")


def _corrected(line: str) -> str | None:
    """Return a statement as Mermaid has it, with a line for each of several nodes, or None if it is unknown."""
    match = _CLICK.fullmatch(line.rstrip("; \t")) if len(line) <= _MAX_LINE_LENGTH else None
    parts = _parts(match["rest"]) if match else None
    if match is None or parts is None or parts.url is None:
        return None
    tooltip = f' "{parts.tooltip}"' if parts.tooltip else ""
    target = f" {parts.target}" if parts.target else ""
    href = " href" if _HREF.match(match["rest"]) else ""
    ids = (name.strip() for name in match["ids"].split(","))
    return "\n".join(f'{match["before"]}{name}{href} "{parts.url}"{tooltip}{target}' for name in ids)


def _parts(text: str) -> _Parts | None:
    """Return what the text behind the id of a node says, or None if anything of it is unknown or there twice."""
    parts = _Parts()
    key, position = "", 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = _PART.match(text, position)
        if match is None:
            return None
        position = match.end()
        if match["key"]:
            key = match["key"].lower()
        elif (parts_here := _part(match, key, parts.url is not None)) is not None:
            if not all(parts.add(kind, value) for kind, value in parts_here):
                return None
            key = ""
    return None if key else parts


def _part(match: re.Match[str], key: str, has_url: bool) -> list[tuple[str, str]] | None:
    """Return the kind and the text of each part that a match contains, or None if it is only a sign."""
    if match["target"]:
        return [("target", match["target"].lower())]
    if match["url"]:
        return [("url", match["url"])]
    if match["text"]:
        return [("url", match["address"]), ("tooltip", match["text"])]
    string = next((match[name] for name in ("double", "single", "curly") if match[name] is not None), None)
    return None if string is None else [(_kind_of_string(string, key, has_url), string)]


def _kind_of_string(text: str, key: str, has_url: bool) -> str:
    """Return which part a text in quotes is, by the key before it, and whether an address is before it."""
    if _TARGET.fullmatch(text):
        return "target"
    is_tooltip = key in ("tooltip", "title", "text") or (has_url and not key)
    return "tooltip" if is_tooltip or not _ADDRESS.fullmatch(text) else "url"
