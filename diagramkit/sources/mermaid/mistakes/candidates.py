"""Candidates for the correction of a line: small edits, each of which undoes one frequent mistake.

Nothing here decides whether an edit is right: `corrections` tries the edits and verifies the results.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice

from msgspec import Struct

from diagramkit.sources.mermaid.brackets import CLOSINGS
from diagramkit.sources.mermaid.mistakes.line_text import KEYWORDS, LINK, RESERVED, masked
from diagramkit.sources.mermaid.preamble import ARCHITECTURE, FLOWCHARTS


class Edit(Struct, frozen=True):
    """The replacement of `[start, end)` of a line by `new`; `cost` is the number of characters that it changes.

    `moved` is a text that the edit moves within the line, and `dropped` words that it replaces because they are
    misspelled keywords or belong to the syntax of another language.
    """

    start: int
    end: int
    new: str
    cost: int
    moved: str = ""
    dropped: str = ""


_ANY_STRING = re.compile('["“”„][^"“”„\n]*["“”]')


class TextWords:
    """The words of a text outside its strings, among which are all ids; to find new ids."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = Counter(re.findall(r"\w+", _ANY_STRING.sub(" ", text)))

    def occurs_again(self, word: str) -> bool:
        """Return whether a word is in the text more than once."""
        return self._words[word] > 1

    def labeled(self, name: str, label: str, first: int = 0) -> str:
        """Return a node with a label whose id is new: `name`, or `name` with a number from `first` on.

        If the text has such a node with this label already, that one is returned.
        """
        number = first
        while True:
            candidate = f"{name}_{number}" if number else name
            node = f'{candidate}["{label}"]'
            if candidate not in self._words or node in self._text:
                return node
            number += 1


def distance(old: str, new: str) -> int:
    """Return the number of characters to insert, delete, replace or swap with the next one to turn `old` into `new`.

    Source: the restricted Damerau-Levenshtein distance (optimal string alignment).
    """
    before: list[int] = []
    row = list(range(len(new) + 1))
    for i, old_char in enumerate(old, 1):
        above, before, row = before, row, [i]
        for j, new_char in enumerate(new, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (old_char != new_char))
            if above and j > 1 and old_char == new[j - 2] and old[i - 2] == new_char:
                best = min(best, above[j - 2] + 1)
            row.append(best)
    return row[-1]


def edits(line: str, text_words: TextWords, kind: str) -> Iterator[Edit]:
    """Yield the candidates for a line; `kind` is a key of `GENERATORS`."""
    for generate in GENERATORS[kind]:
        yield from generate(line, text_words)


# Links

WRONG_LINK = re.compile(
    r"(?<![-=.<>~])(?:<?(?:[-.]+(?P<port>up|down|left|right|[udlr]))?[-=.–—]+>{1,2}|[→⟶➔➜⇒↔]|(?<=\s)[-=–—](?=\s)"
    r"|--|==|[–—])(?![-=.>~])"
)
_LABELED_LINK = re.compile(
    r"(?P<before>.*?\S)\s*(?P<link><?[-=.]*[-=.]>|---?)\s*(?P<target>[^\s:]+)\s*:\s+(?P<label>\S.*)"
)


def mermaid_link(text: str) -> str:
    """Return Mermaid's link that looks most like another language's."""
    both, head = text[0] in "<↔", text[-1] not in "-=–—"
    if "=" in text or "⇒" in text:
        line, end = "==", "="
    elif "." in text:
        line, end = "-.-", ""
    else:
        line, end = "--", "-"
    return ("<" if both else "") + line + (">" if head else end)


def _links(line: str, _: TextWords) -> Iterator[Edit]:
    """`A -> B`, `A => B`, `A → B`, and PlantUML's `A ..> B` and `A -down-> B`."""
    for match in WRONG_LINK.finditer(masked(line)):
        old, new = match.group(), mermaid_link(match.group())
        if old != new:
            yield Edit(*match.span(), new, distance(old, new), dropped=match["port"] or "")


def _labels_of_links(line: str, _: TextWords) -> Iterator[Edit]:
    """D2's `A -> B: label`."""
    match = _LABELED_LINK.fullmatch(line.rstrip())
    if match and not re.search(r"[-=.]>|\|", match["label"]):
        link, label = mermaid_link(match["link"]), match["label"]
        shown = _quoted(label) if re.search(r"[\[\](){}|\"<>]", label) else label
        new = f"{match['before']} {link}|{shown}| {match['target']}"
        yield Edit(0, len(line), new, distance(match["link"], link) + 3, moved=label)


_AFTER_BARS = re.compile(rf"({LINK})\s*\|([^|]*)\|\s*[-=.>]+\s*")
_BEFORE_BARS = re.compile(rf"\|([^|]+)\|\s*({LINK})\s*")
_BESIDE_LINK = re.compile(rf"({LINK})\s*(\"[^\"|]+\")\s*(?=\w)")


def _texts_of_links(line: str, _: TextWords) -> Iterator[Edit]:
    """`A -->|x|--> B`, `A |x|--> B` and `A --> "x" B`."""
    for pattern, new in ((_AFTER_BARS, r"\1|\2| "), (_BEFORE_BARS, r"\2|\1| "), (_BESIDE_LINK, r"\1|\2| ")):
        for match in pattern.finditer(line):
            text = match.expand(new)
            yield Edit(*match.span(), text, max(2, len(match.group()) - len(text)))


# Labels

_MAX_OPENINGS = 30  # In a line.
_AFTER_LABEL = re.compile(r"\s*(?:$|;|&|:::|@\{|%%|//|[xo<]?(?:--|==|-\.)|~~~|->|=>|-\s|[→⟶➔])")
_TEXT_OF_LINK = re.compile(rf"(?:--|==|-\.)\s+(\S.*?)\s+{LINK}")
_TITLE = re.compile(r"\s*subgraph\s+(?:[\w-]+\s*\[)?(\S.*?)\]?\s*$")
_CLOSINGS = {**CLOSINGS, "((": ("))",), "{{": ("}}",), "|": ("|",)}


def _quoted(text: str) -> str:
    """Return a text in quotes, without the quotation marks that surround it already."""
    text = text.strip()
    if len(text) > 1 and text[0] in '"“”' and text[-1] in '"“”':
        text = text[1:-1]
    return '"' + re.sub('["“”]', "#quot;", text) + '"'


def _quotes(line: str, _: TextWords) -> Iterator[Edit]:
    """`A[x (y)]`, `A -->|x (y)| B`, `A -- x (y) --> B`, and `subgraph x (y)`."""
    spans: dict[tuple[int, int], int] = {}  # With the cost of quoting each.
    for start, opening, cost in islice(_openings(line), _MAX_OPENINGS):
        for closing in _CLOSINGS[opening]:
            for end in range(start, len(line)):
                is_end = closing == "|" or _AFTER_LABEL.match(line, end + len(closing))
                if is_end and line.startswith(closing, end):
                    spans.setdefault((start, end), cost)
    spans |= {match.span(1): 2 for match in _TEXT_OF_LINK.finditer(line)}
    if title := _TITLE.match(line):
        spans[title.span(1)] = 2
    for (start, end), cost in spans.items():
        old = line[start:end]
        new = _quoted(old) if old.strip() else '" "'
        if new != old.strip():
            yield Edit(start, end, new, cost + 6 * new.count("#quot;"))


def _openings(line: str) -> Iterator[tuple[int, str, int]]:
    """Yield the end of each opening bracket, the bracket, and the cost of quotation marks in it.

    `[/x]` is more likely a label in `[/` than a label `/x` in `[`, so the former costs less.
    """
    for start, char in enumerate(line):
        if char in "[({|>" and line[start - 1 : start] != "@":
            openings = [opening for opening in _CLOSINGS if line.startswith(opening, start)]
            for opening in sorted(openings, key=len, reverse=True):
                yield start + len(opening), opening, 2 if len(opening) == max(map(len, openings)) else 3


_OPENINGS_ONLY = re.compile(r"[\[({]{2}")
_ID_BEFORE_LABEL = re.compile(r"\w[\[({\"]")


def _missing_brackets(line: str, _: TextWords) -> Iterator[Edit]:
    """A label without one of its brackets or quotation marks, and a text without a bar."""
    missing = [mark for mark in '"|' if line.count(mark) % 2]
    for opening, closing in ("[]", "()", "{}"):
        difference = line.count(opening) - line.count(closing)
        if difference:
            missing.append(closing if difference > 0 else opening)
    if not missing:
        return
    both = [f'"{mark}' for mark in missing if mark in ")]}"] if '"' in missing else []
    places = {len(line.rstrip())}
    for match in re.finditer(rf"\s*(?:{LINK}|->|=>|&|:::|;|\s(?:--|==|-\.)\s)|[\[\](){{}}|\"]|\s(?=\S+\s*$)", line):
        places |= {match.start(), match.end()}
    for mark in (*missing, *both):
        for place in sorted(places):
            around = line[max(0, place - 1) : place + 1]
            is_id_before_label = mark not in "([{" or _ID_BEFORE_LABEL.match(around)
            is_between_brackets = mark == '"' and ('"' in around or _OPENINGS_ONLY.fullmatch(around))
            if is_id_before_label and not is_between_brackets:
                yield Edit(place, place, mark, len(mark))


def _unnamed_labels(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`A --> "B b"`: a label without an id."""
    for match in re.finditer(r'(?:^|(?<=[-=.~>xo&\s]))(["“”„])([^"“”„]+)["“”](?!\s*\|)', line):
        name = re.sub(r"\W+", "_", match[2]).strip("_") or "A"
        yield Edit(*match.span(), text_words.labeled(name, match[2]), len(name) + 2)


# Characters

_TRANSLATIONS = tuple(
    str.maketrans(wide, ascii_text)
    for wide, ascii_text in (
        ("“”„‟＂", '"' * 5),
        ("［］", "[]"),
        ("【】", "[]"),
        ("（）", "()"),
        ("｛｝", "{}"),
        ("｜", "|"),
        ("－＝＞＜", "-=><"),
    )
)


def _wide_characters(line: str, _: TextWords) -> Iterator[Edit]:
    """Curly quotation marks, and brackets and arrows as Chinese and Japanese keyboards produce them."""
    for table in _TRANSLATIONS:
        new = line.translate(table)
        if new != line:
            yield Edit(0, len(line), new, sum(map(str.__ne__, line, new)))


def _doubled(line: str, _: TextWords) -> Iterator[Edit]:
    """A punctuation mark that is typed twice."""
    for match in re.finditer(r'([\[\](){}|"@:&;,<>])\1', line):
        yield Edit(match.start(), match.start() + 1, "", 1)


_SWAPPED = re.compile(r"(?=[\])}][\"\])}]|[\"\[({][\[({]|(?<=[-=.<])\s[-=.>]|[-=.<]\s[-=.>]|>[-=.]|\|>)")


def _swapped(line: str, _: TextWords) -> Iterator[Edit]:
    """Two punctuation marks in the wrong order."""
    for match in _SWAPPED.finditer(line):
        start, pair = match.start(), line[match.start() : match.start() + 2]
        if pair[0] != pair[1]:
            yield Edit(start, start + 2, pair[::-1], 1)


def _spaces(line: str, _: TextWords) -> Iterator[Edit]:
    """`A [x]`, `A& B`, and `class A, B hot`."""
    for match in re.finditer(r"(?<=\w)\s+(?=[\[({])", line):
        yield Edit(*match.span(), "", len(match.group()))
    for match in re.finditer(r"(?<=\S)(?=&)|(?<=&)(?=\S)", line):
        yield Edit(*match.span(), " ", 1)
    if re.match(r"\s*(?:class|style|linkStyle|click)\b", line):
        for match in re.finditer(r"(?<=,)\s+", line):
            yield Edit(*match.span(), "", len(match.group()))


# Words

_RESERVED_NODE = re.compile(
    rf"(?:^\s*(?=\w+\s*[-=<&])|(?<=[-=.~>xo&|])\s+)(?P<word>{'|'.join(RESERVED)})(?=\s*(?:$|[-=<&;]|[\[({{]))"
)


def _reserved_words(line: str, text_words: TextWords) -> Iterator[Edit]:
    """A keyword as the id of a node: `A --> end`."""
    for match in _RESERVED_NODE.finditer(line):
        word = match["word"]
        node = text_words.labeled(word, word, first=1)
        if line[match.end() : match.end() + 1] in ("[", "(", "{"):
            node = node.partition("[")[0]
        yield Edit(*match.span("word"), node, len(node) - len(word))


def _misspelled(word: str, known: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Yield the known words that differ from `word` in a character or two, and in how many."""
    for right in known:
        if word != right and abs(len(word) - len(right)) <= 2 and (len(word) > 3 or word.lower() == right):
            difference = distance(word.lower(), right.lower()) or 1
            if difference <= (2 if len(right) > 4 else 1):
                yield right, difference


def _misspelled_keywords(line: str, known: tuple[str, ...]) -> Iterator[Edit]:
    """Yield the corrections of a line's first word if it is a misspelled keyword."""
    first = re.match(r"\s*([A-Za-z]+)(?=[\s:;]|$)", line)
    if first:
        for right, difference in _misspelled(first[1], known):
            yield Edit(*first.span(1), right, difference, dropped=first[1])


def _keywords(line: str, _: TextWords) -> Iterator[Edit]:
    """`subgrph x`, `direciton LR`, `classdef a fill:#f00`."""
    yield from _misspelled_keywords(line, KEYWORDS)
    direction = re.fullmatch(r"\s*direction\s+([a-z]{2})\s*;?\s*", line)
    if direction:
        yield Edit(*direction.span(1), direction[1].upper(), 2, dropped=direction[1])


# Comments

_COMMENT_START = re.compile(r"(?<!\S)(?:%%|//|/\*|<!--|#\s|--\s|'\s)")
_COMMENT = re.compile(r"(?:%%|//|/\*|<!--|#|--|')\s*(?P<note>[^{\s].*?)\s*(?:\*/|-->)?\s*$")


def _comments(line: str, text_words: TextWords) -> Iterator[Edit]:
    """A comment after a statement, and comments as other languages write them."""
    for start in [match.start() for match in _COMMENT_START.finditer(masked(line))]:
        match = _COMMENT.match(line, start)
        before = line[:start]
        if match is None or (match.group().startswith("--") and _may_be_link(before, match["note"], text_words)):
            continue
        indent = before[: len(before) - len(before.lstrip())]
        comment = line[start:].rstrip() if line.startswith("%%", start) else f"%% {match['note']}"
        statement = f"\n{indent}{before.strip()}" if before.strip() else ""
        yield Edit(len(indent), len(line), comment + statement, 1, moved=line[start:].rstrip())
        return


_ANY_ARROW = re.compile(rf"{LINK}|[-=.]>|[→⟶➔➜⇒↔]|\s[-–—]\s")


def _may_be_link(before: str, note: str, text_words: TextWords) -> bool:
    """Return whether `-- note` may be a link with a text instead of a comment."""
    is_after_node = bool(before.strip()) and not re.search(LINK, before)
    return is_after_node or bool(_ANY_ARROW.search(note)) or text_words.occurs_again(re.split(r"\W+", note)[-1])


# The first line, and lines of Markdown

FENCE = re.compile(r"\s*(?:`{3,}|~{3,}|:{3,})\s*(?:\{?\.?(?:mermaid|mmd)\}?)?\s*")
"""A line that begins or ends a Markdown fence with Mermaid."""
_HEADER = re.compile(r"\s*(?P<type>[A-Za-z][\w-]*)(?P<gap>[^\w\n]*)(?P<direction>\w*)(?P<rest>.*)")
_DIRECTIONS = ("TB", "TD", "BT", "LR", "RL")


def _fences(line: str, _: TextWords) -> Iterator[Edit]:
    """A line that begins or ends a Markdown fence, in a text that is not Markdown."""
    if FENCE.fullmatch(line):
        yield Edit(0, len(line), "", 1, dropped=line)


def _diagram_types(line: str, _: TextWords) -> Iterator[Edit]:
    """`Flowchart LR`, `flowchat LR`, `graphLR` and `flowchart-LR`."""
    match = _HEADER.fullmatch(line)
    if match is None:
        return
    start, end = match.span("type")
    for known in (*FLOWCHARTS, ARCHITECTURE):
        for right, difference in _misspelled(match["type"], (known,)):
            yield Edit(start, end, right, difference, dropped=match["type"])
        for direction in _DIRECTIONS:
            if re.fullmatch(rf"{known}-?{direction}", match["type"]):
                yield Edit(start, end, f"{known} {direction}", 1, dropped=match["type"])
    if match["gap"].strip() and match["direction"] in _DIRECTIONS:
        yield Edit(*match.span("gap"), " ", 1)


def _directions(line: str, _: TextWords) -> Iterator[Edit]:
    """`graph lr`, and a statement after the direction."""
    match = _HEADER.fullmatch(line)
    if match is None:
        return
    if match["direction"].upper() in _DIRECTIONS and not match["direction"].isupper():
        yield Edit(*match.span("direction"), match["direction"].upper(), 2, dropped=match["direction"])
    rest = match["rest"]
    if match["direction"] in _DIRECTIONS and rest.strip():
        start = match.start("rest")
        yield Edit(start, start + len(rest) - len(rest.lstrip()), "\n    ", 1)


# Architecture diagrams

_ARCHITECTURE_KEYWORDS = ("group", "service", "junction")
_EDGE_WITHOUT_SIDES = re.compile(r"\s*([A-Za-z0-9_][-\w]*?)\s*(<?-->?)\s*(\w[-\w]*)\s*")


def _sides(line: str, _: TextWords) -> Iterator[Edit]:
    """An edge without the sides at which it starts and ends, or with sides in lower case."""
    if match := _EDGE_WITHOUT_SIDES.fullmatch(line):
        yield Edit(match.end(1), match.start(3), f":R {match[2]} L:", 4)
    for match in re.finditer(r"(?<=:)\s*([lrtb])\b|(?<=[-<>\s])([lrtb])(?=\s*:)", line):
        group = 1 if match[1] else 2
        yield Edit(*match.span(group), match[group].upper(), 1, dropped=match[group])


def _architecture_keywords(line: str, _: TextWords) -> Iterator[Edit]:
    """`servce a(server)[A]`."""
    yield from _misspelled_keywords(line, _ARCHITECTURE_KEYWORDS)


_Generator = Callable[[str, TextWords], Iterator[Edit]]

_HEADER_GENERATORS = (_fences, _diagram_types, _directions, _comments, _wide_characters)
_ARCHITECTURE_GENERATORS = (
    _sides,
    _architecture_keywords,
    _comments,
    _wide_characters,
    _missing_brackets,
    _doubled,
    _fences,
)
_FLOWCHART_GENERATORS = (
    _links,
    _labels_of_links,
    _texts_of_links,
    _quotes,
    _missing_brackets,
    _unnamed_labels,
    _wide_characters,
    _doubled,
    _swapped,
    _spaces,
    _reserved_words,
    _keywords,
    _comments,
    _fences,
)
GENERATORS: dict[str, tuple[_Generator, ...]] = {
    "header": _HEADER_GENERATORS,
    "architecture": _ARCHITECTURE_GENERATORS,
    "flowchart": _FLOWCHART_GENERATORS,
}
"""The functions that yield candidates: for the line with the type of the diagram, and for other lines by that type."""
