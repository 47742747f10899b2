"""Candidates for the correction of characters: typographic ones, and those that are doubled, swapped or misplaced."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords
from diagramkit.sources.mermaid.mistakes.line_text import masked

_TRANSLATIONS = tuple(
    str.maketrans(wide, ascii_text)
    for wide, ascii_text in (
        ("“”„‟＂", '"' * 5),
        ("［］", "[]"),
        ("【】", "[]"),
        ("（）", "()"),
        ("｛｝", "{}"),
        ("｜", "|"),
        ("－−＝＞＜", "--=><"),
    )
)


_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_CURLY_LABEL = re.compile(
    r"(?P<before>[\[({|>]\s*|subgraph\s+)(?:[“”„\"](?P<double>[^“”„\"]*)[“”„\"]|[‘’‚](?P<single>[^‘’‚\"]*)[‘’]"
    r"|&quot;(?P<escaped>[^&\"]*+)&quot;)(?=\s*(?:[\])}|]|$))"
)


def with_straight_quotes(line: str) -> str:
    """Return a line whose labels in quotation marks that are curly, or as in HTML (`&quot;`), have straight ones."""
    return _CURLY_LABEL.sub(_straight_label, line)


def _straight_label(match: re.Match[str]) -> str:
    """Return a label in quotation marks, with straight ones."""
    text = next(match[name] for name in ("double", "single", "escaped") if match[name] is not None)
    return f'{match["before"]}"{text}"'


def wide(line: str, _: TextWords) -> Iterator[Edit]:
    """Curly quotation marks, and brackets and arrows as Chinese and Japanese keyboards produce them."""
    for table in _TRANSLATIONS:
        new = line.translate(table)
        if new != line:
            yield Edit(0, len(line), new, sum(map(str.__ne__, line, new)))
    if _INVISIBLE.search(line):
        yield Edit(0, len(line), _INVISIBLE.sub("", line), 1)
    if (straight := with_straight_quotes(line)) != line:
        yield Edit(0, len(line), straight, 1)


def doubled(line: str, _: TextWords) -> Iterator[Edit]:
    """A punctuation mark that is typed twice."""
    for match in re.finditer(r'([\[\](){}|"@:&;,<>])\1', line):
        yield Edit(match.start(), match.start() + 1, "", 1)


def punctuation(line: str, _: TextWords) -> Iterator[Edit]:
    """A comma or full stop after a statement, and commas between nodes: `A, B --> C`."""
    if match := re.search(r"(?<=[\w\])}])[,.]\s*$", line):
        yield Edit(*match.span(), "", 1)
    if not re.match(r"\s*(?:class|classDef|style|linkStyle|click)\b", line):
        for match in re.finditer(r"(?<!\s)\s*,\s*(?=\w)", masked(line)):
            yield Edit(*match.span(), " & ", 2)


_SWAPPED = re.compile(r"(?=[\])}][\"\])}]|[\"\[({][\[({]|(?<=[-=.<])\s[-=.>]|[-=.<]\s[-=.>]|>[-=.]|(?<=[-=.])\|>)")


def swapped(line: str, _: TextWords) -> Iterator[Edit]:
    """Two punctuation marks in the wrong order."""
    for match in _SWAPPED.finditer(line):
        start, pair = match.start(), line[match.start() : match.start() + 2]
        if pair[0] != pair[1]:
            yield Edit(start, start + 2, pair[::-1], 1)


def spaces(line: str, _: TextWords) -> Iterator[Edit]:
    """`A [x]`, `A& B`, and `class A, B hot`."""
    for match in re.finditer(r"(?<=\w)\s+(?=[\[({])(?!\[\w+\s*=)", line):
        yield Edit(*match.span(), "", len(match.group()))
    for match in re.finditer(r"(?<=\S)(?=&)(?!&#?\w+;)|(?<=&)(?!#?\w+;)(?=\S)", line):
        yield Edit(*match.span(), " ", 1)
    if re.match(r"\s*(?:class|style|linkStyle|click)\b", line):
        for match in re.finditer(r"(?<=,)\s+", line):
            yield Edit(*match.span(), "", len(match.group()))


_ENTITY = re.compile(
    r"&(?:amp;)*(?P<name>amp|nbsp|ensp|emsp|gt|lt|vert|verbar|#(?:38|160|32|60|62|124))(?:;|(?=\s))", re.I
)
_CHARACTERS = {"amp": "\x02", "#38": "\x02", "gt": ">", "#62": ">", "lt": "<", "#60": "<"} | dict.fromkeys(
    ("vert", "verbar", "#124"), "|"
)
"""The characters of entities outside of labels; those of the others are spaces. U+0002 stands for `&`."""
_BETWEEN_BARS = re.compile(r"\|[^|]*+\|")
_AMPERSANDS = re.compile(r"(?<![\s\x02])\s*+\x02[\s\x02]*+")


def without_entities(line: str) -> str:
    """Return a line with the characters that HTML's entities outside of its labels stand for: `A &amp; B --&gt; C`."""
    if "&" not in line:
        return line
    hidden = _BETWEEN_BARS.sub(lambda match: "\0" * len(match.group()), masked(line))
    new, position = "", 0
    for match in _ENTITY.finditer(hidden):
        new += line[position : match.start()] + _CHARACTERS.get(match["name"].lower(), " ")
        position = match.end()
    return _AMPERSANDS.sub(" & ", new + line[position:])
