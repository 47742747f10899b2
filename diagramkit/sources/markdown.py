"""Find the front matter, the headings and the Mermaid fences of a Markdown text, with their positions.

The text is parsed as CommonMark by markdown-it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from msgspec import Struct

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<body>.*?\n)---[ \t]*(?:\n|\Z)", re.S)
_LANGUAGES = ("mermaid", "mmd")


class Fence(Struct, frozen=True):
    """A Mermaid fence: its text, and the line and column (from 1) where that text begins."""

    text: str
    line: int
    column: int


class MarkdownBlock(Struct, frozen=True):
    """A top-level block.

    `kind` is markdown-it's name for it, or `mermaid`. Its lines are `[start, end)`, counted from 0. `level` is the
    level of a heading, and `text` the text of a heading or fence.
    """

    kind: str
    start: int
    end: int
    level: int = 0
    text: str = ""


def front_matter(text: str) -> tuple[str, int]:
    """Return the YAML between the `---` lines and the offset after them, or ('', 0) if there is none."""
    match = _FRONT_MATTER.match(text)
    return (match["body"], match.end()) if match else ("", 0)


def fences(text: str) -> list[Fence]:
    """Return every Mermaid fence, including those in lists and quotes. Line ends must be `\\n`."""
    lines = text.split("\n")
    result = []
    for token, line_offset in tokens(text):
        if token.type != "fence" or not token.map:
            continue
        if not is_mermaid(token.info):
            continue
        first = token.map[0] + line_offset + 1
        result.append(Fence(token.content, first + 1, column_of(lines, first, token.content)))
    return result


def blocks(text: str) -> list[MarkdownBlock]:
    """Return the top-level blocks in order; headings and fences have their text."""
    all_tokens = tokens(text)
    result = []
    for index, (token, line_offset) in enumerate(all_tokens):
        if token.level or not token.map or token.type.endswith("_close"):
            continue
        start, end = token.map[0] + line_offset, token.map[1] + line_offset
        if token.type == "heading_open":
            title = all_tokens[index + 1][0].content
            result.append(MarkdownBlock("heading", start, end, int(token.tag[1:]), title))
        elif token.type == "fence":
            language = token.info.strip().split(" ")[0]
            kind = "mermaid" if language in _LANGUAGES else "fence"
            result.append(MarkdownBlock(kind, start, end, text=token.content))
        else:
            result.append(MarkdownBlock(token.type.removesuffix("_open"), start, end))
    return result


def is_mermaid(info: str) -> bool:
    """Return whether a fence with this info string contains Mermaid: `mermaid`, or `{mermaid}` as in MyST."""
    return info.strip().lower().split(" ")[0].strip("{}") in _LANGUAGES


def tokens(text: str) -> list[tuple[Any, int]]:
    """Return markdown-it's tokens, each with the number of lines of front matter to add to its line numbers."""
    _, body_start = front_matter(text)
    line_offset = text.count("\n", 0, body_start)
    return [(token, line_offset) for token in _parser().parse(text[body_start:])]


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark")


def column_of(lines: list[str], first: int, content: str) -> int:
    """Return the column (from 1) where the text of a fence begins; `first` is the index of its first line."""
    for line, content_line in zip(lines[first:], content.split("\n"), strict=False):
        if content_line.strip():
            return max(line.find(content_line), 0) + 1
    return 1
