"""Candidates for the correction of a line: small edits, each of which undoes one frequent mistake.

Nothing here decides whether an edit is right: `corrections` tries the edits and verifies the results.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from diagramkit.sources.mermaid.brackets import CLOSINGS
from diagramkit.sources.mermaid.mistakes import (
    architecture_lines,
    backward_links,
    c4_lines,
    characters,
    click_lines,
    comment_lines,
    first_line,
    graphviz_lines,
    ids,
    json_lines,
    link_lines,
    list_marks,
    node_lines,
    other_languages,
    statement_lines,
    subgraph_lines,
)
from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords, distance, misspelled_keywords
from diagramkit.sources.mermaid.mistakes.line_text import KEYWORDS, LINK, masked, quoted, with_escaped_quotes


def edits(line: str, text_words: TextWords, kind: str) -> Iterator[Edit]:
    """Yield the candidates for a line; `kind` is a key of `GENERATORS`."""
    if kind == "flowchart" and (decoded := characters.without_entities(line)) != line:
        yield Edit(0, len(line), decoded, 1, dropped=line, reason="these characters are written as in HTML")
        return
    if kind == "flowchart" and c4_lines.is_macro(line):
        return  # In quotes, its arguments would be the label of a node.
    if elisions := [*comment_lines.elisions(line, text_words)]:
        yield from elisions  # Else '...' would be a node.
        return
    for generate in GENERATORS[kind]:
        yield from generate(line, text_words)


# Links

_LABELED_LINK = re.compile(
    r"(?P<before>.*?\S)\s*(?P<link><?[-=.]*[-=.]>|---?)\s*"
    r"(?P<target>[^\s:\[({\"|]+(?:[\[({]+(?:\"[^\"]*\"|[^\[\](){}\"]*)[\])}]+)?)\s*:\s+(?P<label>\S.*)"
)


_TWO_TEXTS = re.compile(rf"\s[^|\n]{{1,80}}?\s{LINK}\s?\|")
"""What follows the beginning of a link that has a text both before its arrowhead and between bars."""


def _links(line: str, _: TextWords) -> Iterator[Edit]:
    """`A -> B`, `A => B`, `A → B`, and PlantUML's `A ..> B` and `A -down-> B`."""
    for match in link_lines.WRONG_LINK.finditer(masked(line)):
        old, new = match.group(), link_lines.mermaid_link(match.group())
        if old != new and not (old in ("--", "==") and _TWO_TEXTS.match(line, match.end())):
            yield Edit(*match.span(), new, distance(old, new), dropped=match["port"] or "")


def _labels_of_links(line: str, _: TextWords) -> Iterator[Edit]:
    """D2's `A -> B: label`."""
    match = _LABELED_LINK.fullmatch(line.rstrip())
    if match and not re.search(r"[-=.]>|\|", match["label"]):
        link, label = link_lines.mermaid_link(match["link"]), match["label"]
        shown = quoted(label) if re.search(r"[\[\](){}|\"<>]", label) else label
        new = f"{match['before']} {link}|{shown}| {match['target']}"
        yield Edit(0, len(line), new, distance(match["link"], link) + 3, moved=label)


_AFTER_BARS = re.compile(rf"({LINK})\s*\|([^|]*)\|\s*[-=.>]+\s*")
_BEFORE_BARS = re.compile(rf"\|([^|]+)\|\s*({LINK})\s*")
_BESIDE_LINK = re.compile(rf"({LINK})\s*(\"[^\"|]+\")\s*(?=\w)")
_IN_BRACKETS = re.compile(rf"({LINK})\s*\[([^\[\]|]+)\]\s+(?=\w)")
_WITHIN = re.compile(r"(?<=\s)-{1,2}(?!(?:up|down|left|right|[udlr])-)(\w[^-=>|\n]*)-{1,2}>(?=\s)")
_BETWEEN_LONG_DASHES = re.compile(r"(?<=\s)[–—―]{1,2}\s{0,4}(\w[^-–—―=>|\n]{0,80}(?<!\s))\s{0,4}[-–—―]{1,2}>(?=\s)")
_QUOTED_BETWEEN_DASHES = re.compile(r"[–—―]{1,2}\s?[\"“]([^\"“”|\n]{1,80})[\"”]\s?[-–—―]{1,2}>")
_IN_ROUND_BRACKETS = re.compile(rf"({LINK})\s?\(([^()\[\]|\n]+)\)\s+(?=\w)")
_BETWEEN_COLONS = re.compile(rf"({LINK})\s?:\s?([^:|\[\](){{}}\n]{{1,80}}?)\s?:\s+(?=\w)")


_BEHIND_NODE = re.compile(
    rf"(?<![-=.~])({LINK})\s?(\w[\w-]*+(?:\[[^\[\]|]*\]|\([^()|]*\)|\{{[^{{}}|]*\}})?)\s?\|([^|\n]+)\|\s*$"
)
_TEXTS_OF_LINKS = (
    (_AFTER_BARS, r"\1|\2| "),
    (_BEFORE_BARS, r"\2|\1| "),
    (_BESIDE_LINK, r"\1|\2| "),
    (_IN_BRACKETS, r"\1|\2| "),
    (_WITHIN, r"-->|\1|"),
    (_BETWEEN_LONG_DASHES, r"-->|\1|"),
    (_QUOTED_BETWEEN_DASHES, r'-->|"\1"| '),
    (_IN_ROUND_BRACKETS, r"\1|\2| "),
    (_BETWEEN_COLONS, r"\1|\2| "),
    (_BEHIND_NODE, r"\1|\3| \2"),
)


def _texts_of_links(line: str, _: TextWords) -> Iterator[Edit]:
    """`A -->|x|--> B`, `A -->|x|> B`, `A |x|--> B`, `A --> "x" B`, `A -->[x] B`, `A -x-> B`, `A — x —> B`.

    And `A --> B |x|`, with the text of the link behind the node.
    """
    for pattern, new in _TEXTS_OF_LINKS:
        for match in pattern.finditer(line):
            text = match.expand(new)
            marks = {_IN_BRACKETS: "[]", _IN_ROUND_BRACKETS: "()"}.get(pattern, "")
            moved = f"{marks[0]}{match[2]}{marks[1]}" if marks else match[3] if pattern is _BEHIND_NODE else ""
            yield Edit(*match.span(), text, max(1, len(match.group()) - len(text)), moved=moved)


# Labels

_MAX_OPENINGS = 30  # In a line.
_AFTER_LABEL = re.compile(r"\s*(?:$|;|&|:::|@\{|%%|//|[xo<]?(?:--|==|-\.)|~~~|->|=>|-\s|[→⟶➔➜➡])")
_TEXT_OF_LINK = re.compile(rf"(?:--|==|-\.)\s+(\S.*?)\s+{LINK}")
_TITLE = re.compile(r"\s*subgraph\s+(?:[\w-]+\s*\[)?(\S.*?)\]?\s*$")
_ARROW = re.compile(rf"{LINK}|[-=]>")
_CLOSINGS = {**CLOSINGS, "((": ("))",), "{{": ("}}",), "|": ("|",)}


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
        new = quoted(old) if old.strip() else '" "'
        if new != old.strip():
            links = len(_ARROW.findall(old))
            yield Edit(start, end, new, cost + 6 * (new.count("#quot;") + links))


def _openings(line: str) -> Iterator[tuple[int, str, int]]:
    """Yield the end of each opening bracket, the bracket, and the cost of quotation marks in it.

    `[/x]` is more likely a label in `[/` than a label `/x` in `[`, so the former costs less.
    """
    for start, char in enumerate(line):
        if char in "[({|>" and line[start - 1 : start] != "@":
            openings = [opening for opening in _CLOSINGS if line.startswith(opening, start)]
            for opening in sorted(openings, key=len, reverse=True):
                yield start + len(opening), opening, 2 if len(opening) == max(map(len, openings)) else 3


_ESCAPED_QUOTE_OF_LABEL = re.compile(r"(?<=[\[({|])\\\"|\\\"(?=[\])}|])")


def _escaped_quotes(line: str, _: TextWords) -> Iterator[Edit]:
    """`A["x \\"y\\" z"]` and `A[\\"x\\"]`: quotation marks as other languages escape them."""
    if line.count('\\"') == len(_ESCAPED_QUOTE_OF_LABEL.findall(line)) > 0:
        yield Edit(0, len(line), line.replace('\\"', '"'), 1)
    elif '\\"' in line:
        yield Edit(0, len(line), line.replace('\\"', "#quot;"), 1)


_OPEN_QUOTES = re.compile(
    r"(?P<start>[\[({|])(?:\"(?P<first>[^\"“”„\[\](){}|]+)|(?P<last>[^\"“”„\[\](){}|]+)\")(?P<end>[\])}|])"
)


def _quotes_of_labels(line: str, _: TextWords) -> Iterator[Edit]:
    """`A["the "best" one"]` and `A["x] --> B[y"]`: quotation marks in labels, and labels that lack one of theirs."""
    if '"' not in line:
        return
    if (nested := with_escaped_quotes(line)) != line:
        yield Edit(0, len(line), nested, 1)
    closed = _OPEN_QUOTES.sub(lambda match: f'{match["start"]}"{match["first"] or match["last"]}"{match["end"]}', line)
    if closed != line:
        yield Edit(0, len(line), closed, len(closed) - len(line))


_CUT_OFF = "the text ends within this label, and may be cut off"
_OPENING_OF = {"]": "[", ")": "(", "}": "{"}
_TEXT_BEHIND_QUOTES = re.compile(r"(?:[\[({|]|subgraph )\s?\"[^\"\n]*\"[^\S\n]?\w")
_MISPLACED_QUOTE = re.compile(r"[\[({]{2}|\s[\])}]")
_ID_BEFORE_LABEL = re.compile(r"\w[\[({\"]")


def _missing_brackets(line: str, text_words: TextWords) -> Iterator[Edit]:
    """A label without some of its brackets or quotation marks, and a text without a bar.

    Closing all that is open at the end costs as little as one character: texts of models are often cut off.
    """
    missing = [mark for mark in '"|' if line.count(mark) % 2]
    for opening, closing in ("[]", "()", "{}"):
        difference = line.count(opening) - line.count(closing)
        if difference:
            missing.append(closing if difference > 0 else opening)
    if not missing:
        return
    both = [f'"{mark}' for mark in missing if mark in ")]}"] if '"' in missing else []
    end = len(line.rstrip())
    opening_place = line.rfind('"') if missing == ['"'] else max(map(line.rfind, "[({|"))
    is_cut_off = text_words.is_last_line(line) and not line.startswith("@{", opening_place - 1)
    reason = _CUT_OFF if is_cut_off else ""
    if len(closings := _open_brackets(line)) > 1:
        yield Edit(end, end, ('"' if '"' in missing else "") + closings, 1, reason=reason, place=opening_place)
    places = {end}
    for match in re.finditer(
        rf"\s*(?:{LINK}|->|=>|&|:::|;|\s(?:--|==|-\.)\s)|[\[\](){{}}|\"]|\s(?=\S+\s*$|[\w-]+[\[({{])", line
    ):
        places |= {match.start(), match.end()}

    def by_place(place: int) -> tuple[bool, int]:  # Before a closing bracket, then elsewhere.
        return line[place : place + 1] not in ("]", ")", "}", "|"), place

    for mark in (*missing, *both):
        for place in (end, *sorted(places - {end}, key=by_place)) if mark == '"' else sorted(places):
            if place == end and len(closings) > 1 and mark in closings:
                continue  # All that is open is closed there.
            if not _is_misplaced(line, place, mark, text_words):
                if place == end and reason:
                    yield Edit(place, place, mark, len(mark), reason=reason, place=opening_place)
                else:
                    yield Edit(place, place, mark, len(mark))


def _is_misplaced(line: str, place: int, mark: str, text_words: TextWords) -> bool:
    """Return whether a bracket, a bar or a quotation mark cannot be missing at a place of a line."""
    around, rest = line[max(0, place - 1) : place + 1], line[place:].strip()
    if mark == '"':
        closed = f'{line[:place]}"{line[place:]}'
        return bool('"' in around or _MISPLACED_QUOTE.fullmatch(around) or _TEXT_BEHIND_QUOTES.search(closed))
    if mark == "|":
        # If a text is cut off, its last word may belong to the label, and the node is missing.
        is_cut_off = text_words.is_last_line(line) and bool(re.fullmatch(r"\w+", rest))
        return is_cut_off and not text_words.occurs_again(rest)
    if mark[-1] in _OPENING_OF:
        return _OPENING_OF[mark[-1]] not in line[:place]
    return mark in "([{" and not _ID_BEFORE_LABEL.match(around)


def _open_brackets(line: str) -> str:
    """Return what closes the brackets that are open at the end of a line: `)]` for `B[(Aurora`."""
    pairs, closings = {"[": "]", "(": ")", "{": "}"}, ""
    for char in line:
        if char in pairs:
            closings = pairs[char] + closings
        elif closings and char == closings[0]:
            closings = closings[1:]
    return closings


_MISMATCHED = re.compile(r"(?<=\w)(?P<opening>[\[({]+)[^\[\](){}\"|]*(?P<closing>[\])}]+)")


def _mismatched_brackets(line: str, _: TextWords) -> Iterator[Edit]:
    """`A[x)`: a label that ends with another bracket than it began with."""
    for match in _MISMATCHED.finditer(line):
        right = _open_brackets(match["opening"])
        is_other = match["closing"] != right and len(match["closing"]) == len(right)
        if is_other and _AFTER_LABEL.match(line, match.end()):
            yield Edit(*match.span("closing"), right, len(right))


def _unnamed_labels(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`A --> "B b"`: a label without an id; `"B"[x]`: an id in quotes."""
    for match in re.finditer(r'"(\w+)"(?=[\[({])', line):
        yield Edit(*match.span(), match[1], 2)
    for match in re.finditer(r'(?:^|(?<=[-=.~>xo&\s]))(["“”„])([^"“”„]+)["“”](?!\s*\||[-=–—])', line):
        name = re.sub(r"\W+", "_", match[2]).strip("_") or "A"
        yield Edit(*match.span(), text_words.labeled(name, match[2]), len(name) + 2)


# Words


_DIRECTION_SETTING = re.compile(
    r"\s*(?P<setting>(?:rankdir|dir|orientation|layout)\s*+[:=]?\s*+\"?(?P<side>TB|TD|BT|LR|RL)\"?);?\s*", re.I
)


def _keywords(line: str, _: TextWords) -> Iterator[Edit]:
    """`subgrph x`, `direciton LR`, `classdef a fill:#f00`."""
    yield from misspelled_keywords(line, KEYWORDS)
    direction = re.fullmatch(r"\s*direction\b[\s:=]*(\w.*?)\s*;?\s*", line)
    if setting := _DIRECTION_SETTING.fullmatch(line):
        yield Edit(*setting.span("setting"), f"direction {setting['side'].upper()}", 2, dropped=setting["setting"])
    if direction and (right := first_line.direction_of(direction[1])) and f"direction {right}" not in line:
        start, end = direction.start(1), direction.end(1)
        yield Edit(
            len("direction") + direction.group().index("direction"), end, f" {right}", 2, dropped=line[start:end]
        )


_Generator = Callable[[str, TextWords], Iterator[Edit]]

_HEADER_GENERATORS = (
    first_line.fences,
    first_line.diagram_types,
    first_line.directions,
    first_line.missing,
    comment_lines.prose,
    comment_lines.comments,
    statement_lines.line_breaks,
    characters.wide,
)
_ARCHITECTURE_GENERATORS = (
    architecture_lines.sides,
    architecture_lines.links,
    architecture_lines.labeled_links,
    architecture_lines.ids_in_other_case,
    architecture_lines.reserved_ids,
    architecture_lines.icons,
    architecture_lines.keywords,
    architecture_lines.ends,
    statement_lines.line_breaks,
    comment_lines.comments,
    characters.wide,
    _missing_brackets,
    characters.doubled,
    first_line.fences,
)
_FLOWCHART_GENERATORS = (
    _links,
    _labels_of_links,
    graphviz_lines.attributes,
    _texts_of_links,
    _quotes,
    _escaped_quotes,
    _quotes_of_labels,
    _missing_brackets,
    _mismatched_brackets,
    _unnamed_labels,
    characters.wide,
    characters.doubled,
    link_lines.separated,
    characters.swapped,
    characters.spaces,
    statement_lines.several,
    ids.of_words,
    backward_links.backward,
    link_lines.doubled_bars,
    link_lines.lists,
    list_marks.bullets,
    list_marks.numbers,
    node_lines.bracketed,
    node_lines.assigned,
    node_lines.icons,
    node_lines.classes,
    node_lines.classes_before_labels,
    node_lines.typed,
    node_lines.angles,
    json_lines.objects,
    subgraph_lines.keywords,
    subgraph_lines.titles,
    subgraph_lines.targets,
    ids.reserved_words,
    ids.refused,
    ids.callbacks,
    _keywords,
    subgraph_lines.blocks,
    statement_lines.one_line_subgraphs,
    characters.punctuation,
    statement_lines.semicolons,
    statement_lines.style_signs,
    click_lines.statements,
    statement_lines.ends,
    statement_lines.line_breaks,
    other_languages.participants,
    other_languages.notes,
    other_languages.assignments,
    other_languages.properties,
    other_languages.shifts,
    other_languages.containers,
    other_languages.labeled_ids,
    comment_lines.comments,
    comment_lines.model_marks,
    comment_lines.prose,
    first_line.fences,
)
GENERATORS: dict[str, tuple[_Generator, ...]] = {
    "header": _HEADER_GENERATORS,
    "architecture": _ARCHITECTURE_GENERATORS,
    "flowchart": _FLOWCHART_GENERATORS,
    "data": (statement_lines.fields, statement_lines.services, statement_lines.shapes),
}
"""The functions that yield candidates: for the line with the type of the diagram, and for other lines by that type."""
