"""Markdown: its front matter, its headings, and the Mermaid fences in it, with their places."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from msgspec import Struct

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<body>.*?\n)---[ \t]*(?:\n|\Z)", re.S)
_LANGUAGES = ("mermaid", "mmd")


class Fence(Struct, frozen=True):
    """A fence of Mermaid: its text, and the line (from 1) and column of the text's start."""

    text: str
    line: int
    column: int


class MarkdownBlock(Struct, frozen=True):
    """A top-level block: its kind as markdown-it names it, and its lines `[start, end)` from 0."""

    kind: str
    start: int
    end: int
    level: int = 0
    text: str = ""


def front_matter(text: str) -> tuple[str, int]:
    """The YAML between the `---` lines, and the offset behind them; ('', 0) where there is none."""
    match = _FRONT_MATTER.match(text)
    return (match["body"], match.end()) if match else ("", 0)


def fences(text: str) -> list[Fence]:
    """Every Mermaid fence, also inside lists and quotes. Line ends must be newlines."""
    lines = text.split("\n")
    found = []
    for token, offset in tokens(text):
        if token.type != "fence" or not token.map:
            continue
        if not is_mermaid(token.info):
            continue
        first = token.map[0] + offset + 1
        found.append(Fence(token.content, first + 1, column_of(lines, first, token.content)))
    return found


def blocks(text: str) -> list[MarkdownBlock]:
    """The top-level blocks in order; headings and fences with their text."""
    found_tokens = tokens(text)
    found = []
    for index, (token, offset) in enumerate(found_tokens):
        if token.level or not token.map or token.type.endswith("_close"):
            continue
        start, end = token.map[0] + offset, token.map[1] + offset
        if token.type == "heading_open":
            title = found_tokens[index + 1][0].content
            found.append(MarkdownBlock("heading", start, end, int(token.tag[1:]), title))
        elif token.type == "fence":
            language = token.info.strip().split(" ")[0]
            kind = "mermaid" if language in _LANGUAGES else "fence"
            found.append(MarkdownBlock(kind, start, end, text=token.content))
        else:
            found.append(MarkdownBlock(token.type.removesuffix("_open"), start, end))
    return found


def is_mermaid(info: str) -> bool:
    """Whether a fence with this info string holds Mermaid: `mermaid`, also `{mermaid}`."""
    return info.strip().lower().split(" ")[0].strip("{}") in _LANGUAGES


def tokens(text: str) -> list[tuple[Any, int]]:
    """markdown-it's tokens, each with the lines that stand before the text it saw."""
    _, skipped = front_matter(text)
    offset = text.count("\n", 0, skipped)
    return [(token, offset) for token in _parser().parse(text[skipped:])]


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark")


def column_of(lines: list[str], first: int, content: str) -> int:
    """The column (from 1) at which a fence's text starts in its lines."""
    for line, inner in zip(lines[first:], content.split("\n"), strict=False):
        if inner.strip():
            return max(line.find(inner), 0) + 1
    return 1
