"""Finds where the `end` of a subgraph is missing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from diagramkit.sources.mermaid.mistakes import subgraph_lines
from diagramkit.sources.mermaid.mistakes.line_edit import TextWords, indent

_CUT_OFF_ENDS = ("en",)

Replacement = tuple[int, int, str, str]
"""A line and a column, both from 0, the text there, and the new one."""


def missing_end(lines: Sequence[str], line: int, text_words: TextWords) -> Replacement:
    """Return the replacement that closes the subgraph that starts in `line`.

    A line such as `End`, which Mermaid reads as a node, becomes its `end`. Otherwise, the indentation tells which
    subgraph has no `end`, and where its contents end; without any, they end with the text.
    """
    last_line = max(number for number, text in enumerate(lines) if text.strip())
    endings = [
        number
        for number, text in enumerate(lines)
        if subgraph_lines.is_like_end(text) or (number == last_line and text.strip() in _CUT_OFF_ENDS)
    ]
    for number in (number for number in endings if number > line):
        text = lines[number].strip(" \t;")
        count = sum(lines[other].strip(" \t;") == text for other in endings)
        if text_words.count(text) <= count:  # Else it is a node.
            return number, indent(lines[number]), text, "end"
    start, last = _last_line_without_end(lines) or (line, _last_line_of_contents(lines, line))
    return last, len(lines[last].rstrip()), "", "\n" + lines[start][: indent(lines[start])] + "end"


def _last_line_of_contents(lines: Sequence[str], line: int) -> int:
    """Return the last line of the subgraph that starts in `line`, by its indentation."""
    contents = [number for number in range(line + 1, len(lines)) if lines[number].strip()]
    last = contents[-1] if contents else line
    margin = indent(lines[line])
    if contents and indent(lines[contents[0]]) > margin:
        return next((before for before, number in pairwise(contents) if indent(lines[number]) <= margin), last)
    return last


def _last_line_without_end(lines: Sequence[str]) -> tuple[int, int] | None:
    """Return the first lines of a subgraph whose `end` is missing before that of an outer one, and its last line.

    The indentation of the `end` of the outer subgraph tells so.
    """
    open_subgraphs: list[int] = []
    last = 0
    for number, text in enumerate(lines):
        word = text.strip(" \t;").split(maxsplit=1)[:1]
        if word == ["subgraph"]:
            if open_subgraphs and _is_beside(lines, open_subgraphs[-1], number):
                return open_subgraphs[-1], last
            open_subgraphs.append(number)
        elif word == ["end"] and open_subgraphs:
            indents = [indent(lines[start]) for start in open_subgraphs]
            if indents[-1] > indent(text) and indent(text) in indents:
                return open_subgraphs[-1], last
            open_subgraphs.pop()
        if text.strip():
            last = number
    return None


def _is_beside(lines: Sequence[str], start: int, number: int) -> bool:
    """Return whether a line is indented as the one that begins a subgraph is, with contents that are indented."""
    margin = indent(lines[start])
    contents = [text for text in lines[start + 1 : number] if text.strip()]
    return bool(contents) and indent(lines[number]) == margin < min(map(indent, contents))
