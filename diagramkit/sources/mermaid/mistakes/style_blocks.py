"""Styles in braces, over several lines, as style sheets have them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diagramkit.sources.mermaid.mistakes.misread_line import MisreadLine

_START = re.compile(
    r"(?P<heading>\s*+(?:style|classDef|linkStyle)\s++[\w-]++(?:[ \t]*+,[ \t]*+[\w-]++)*+)\s*+:?\s*+\{(?P<rest>[^{}]*+)"
)
_END = re.compile(r"(?P<rest>[^{}]*+)\}[\s;,]*+")
_DECLARATION = re.compile(
    r"(?P<name>-?[A-Za-z][\w-]*+)\s*+[:=]\s*+[\"']?(?P<value>[^\s;,:{}\"'()][^;,:{}\"'()]*+)[\"']?"
)
_MAX_LINES = 30


def find(lines: Sequence[str]) -> Iterator[MisreadLine]:
    """Yield the lines of each block such as `style A {` … `}`: the first one gets all declarations."""
    for number, line in enumerate(lines):
        if match := _START.fullmatch(line):
            yield from _block(lines, number, match)


def _block(lines: Sequence[str], first: int, start: re.Match[str]) -> Iterator[MisreadLine]:
    """Yield the lines of the block that begins in the line `first`, if it ends and has declarations only."""
    contents = [start["rest"]]
    for number in range(first + 1, min(len(lines), first + _MAX_LINES)):
        end = _END.fullmatch(lines[number])
        contents.append(end["rest"] if end else lines[number])
        if end:
            break
    else:
        return
    css = [_DECLARATION.fullmatch(part.strip()) for text in contents for part in re.split("[;,]", text) if part.strip()]
    declarations = [f"{match['name']}:{match['value'].strip()}" for match in css if match]
    if not css or len(declarations) != len(css):
        return
    heading = re.sub(r"(?<![ \t])[ \t]*+,[ \t]*+", ",", start["heading"].rstrip())
    message = "a style has no braces and is on one line, as in 'style A fill:#fff,stroke:#333'; write it so"
    yield MisreadLine(first, f"{heading} {','.join(declarations)}", message)
    for other in range(first + 1, number + 1):
        if lines[other].strip():
            yield MisreadLine(other, "", "this line belongs to the style above, which is on one line; remove it here")
