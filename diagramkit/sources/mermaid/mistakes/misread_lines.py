"""Lines that Mermaid reads as nodes although nobody means nodes: the end of a Markdown fence, and ruled comments."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

from diagramkit.sources.mermaid.mistakes import c4_lines, characters, click_lines, first_line, mixed_types, style_blocks
from diagramkit.sources.mermaid.mistakes.line_edit import TextWords
from diagramkit.sources.mermaid.mistakes.line_text import LINK, RESERVED, masked
from diagramkit.sources.mermaid.mistakes.misread_line import MisreadLine
from diagramkit.sources.mermaid.preamble import ARCHITECTURE, FLOWCHARTS
from diagramkit.sources.mermaid.swallowed import is_node_elsewhere

_FENCE_END = re.compile(r"\s*`{2,}\s*")
_RULED_COMMENT = re.compile(r"\s*(?:#|//)\s*(?P<note>[-=]{2,}\s.*\s[-=]{2,})\s*")


_SUBGRAPH_START = re.compile(r"\s*+subgraph\s++(?:(?P<id>[A-Za-z_][\w-]*+)(?=\s*+(?:\[|;|$)))?")
_END_AND_LINK = re.compile(rf"(?P<indent>\s*+)end[ \t]*+(?P<link>(?:{LINK}|->)(?!$).*)")
_SEPARATED_ARROWHEAD = re.compile(
    r"(?<![-=.<>])(?P<link>--|==)(?P<head>[ \t]{1,2}>)[ \t]++(?P<id>[\w-]++)[ \t]++(?=--|==)"
)
_END_WITH_TITLE = re.compile(r"(?P<indent>\s*+)end\s++(?P<title>[^\s;%].*?)[\s;]*+")


_SUBGRAPH_AS = re.compile(
    r"(?P<indent>\s*+)subgraph\s++\"(?P<title>[^\"\n]++)\"\s++as\s++(?P<id>[A-Za-z_][\w-]*+)[\s;]*+"
)
_COMMENT_ENDS = {"/*": "*/", "<!--": "-->"}
_COMMENT_START = re.compile(r"\s*+(?P<mark>/\*|<!--)")
_TITLE = re.compile(r"\s*+title(?:\s*+[:=]\s*+|\s++)(?P<title>[^\s\[\](){}|<>-][^\[\]{}|<>\n]*+)", re.I)
_HEADER = re.compile(rf"\s*+(?:(?:flowchart-elk|flowchart|graph)\s++(?:TB|TD|BT|LR|RL)|{ARCHITECTURE})[\s;]*+")


def find(lines: Sequence[str], header: int) -> Iterator[MisreadLine]:
    """Yield such lines of a text; `header` is the line with the type of the diagram, or the fence before it."""
    fence = _fence_end(lines, header)
    if fence is not None:
        yield MisreadLine(fence, "", f"{first_line.reason_of_fence(lines[fence])}; remove it")
    for number, line in enumerate(lines):
        if match := _RULED_COMMENT.fullmatch(line):
            indent = line[: len(line) - len(line.lstrip())]
            yield MisreadLine(number, f"{indent}%% {match['note']}", "a comment starts with '%%'; write it so")
    yield from _ends_with_titles(lines)
    yield from _subgraphs_with_ids(lines)
    yield from _block_comments(lines)
    yield from _separated_arrowheads(lines)
    yield from _links_of_ends(lines)
    yield from style_blocks.find(lines)
    yield from click_lines.find(lines)
    yield from c4_lines.find(lines, header)
    yield from mixed_types.find(lines, header)


def _subgraphs_with_ids(lines: Sequence[str]) -> Iterator[MisreadLine]:
    """Yield the lines `subgraph "Title" as id`, which Mermaid reads as a title with `as id` in it."""
    for number, line in enumerate(lines):
        if match := _SUBGRAPH_AS.fullmatch(line):
            new = f'{match["indent"]}subgraph {match["id"]} ["{match["title"]}"]'
            yield MisreadLine(number, new, f"'as {match['id']}' is read as a part of the title; write the id first")


_RESERVED_SUBGRAPH = re.compile(
    rf"(?P<before>\s*+subgraph\s++)(?P<id>{'|'.join(RESERVED)})(?P<title>\s*+\[[^\n]*+|\s*+)"
)


def reserved_subgraphs(lines: Sequence[str], text_words: TextWords, wrong: Container[int]) -> Iterator[MisreadLine]:
    """Yield the first lines of subgraphs with a reserved word as id, if a wrong line has a link from or to it.

    Mermaid reads such a subgraph, but no link to it.
    """
    for number, line in enumerate(lines):
        if (match := _RESERVED_SUBGRAPH.fullmatch(line)) is None:
            continue
        name = match["id"]
        link = re.compile(rf"(?:{LINK}|->|\|)\s*{name}\s*(?:$|[-=<&;.])|^\s*{name}\s*(?:[-=<&.])")
        if any(other in wrong and link.search(lines[other]) for other in range(len(lines))):
            new = text_words.renamed(name)
            title = match["title"].rstrip() or f" [{name}]"
            message = f"'{name}' is a reserved word, to which no link can lead; write '{new}'"
            yield MisreadLine(number, f"{match['before']}{new}{title}", message)


def _separated_arrowheads(lines: Sequence[str]) -> Iterator[MisreadLine]:
    """Yield the lines such as `A -- > B --> C`, if B is a node elsewhere: Mermaid takes it for the text of a link."""
    text = "\n".join(lines)
    for number, line in enumerate(lines):
        matches = [
            match for match in _SEPARATED_ARROWHEAD.finditer(masked(line)) if is_node_elsewhere(match["id"], text)
        ]
        new = line
        for match in reversed(matches):
            new = f"{new[: match.end('link')]}>{new[match.end('head') :]}"
        if matches:
            yield MisreadLine(number, new, "the arrowhead is separated from its link; remove the space before '>'")


def _links_of_ends(lines: Sequence[str]) -> Iterator[MisreadLine]:
    """Yield the lines such as `end --> B`: the `end` of a subgraph that has an id, and a link from the subgraph."""
    open_ids: list[str] = []
    for number, line in enumerate(lines):
        if match := _SUBGRAPH_START.match(line):
            open_ids.append(match["id"] or "")
        elif (match := _END_AND_LINK.fullmatch(line)) and open_ids and (name := open_ids.pop()):
            new = f"{match['indent']}end\n{match['indent']}{name} {match['link'].strip()}"
            message = f"an 'end' is alone on its line; write 'end' above '{name} {match['link'].strip()}'"
            yield MisreadLine(number, new, message)
        elif line.strip(" \t;") == "end" and open_ids:
            open_ids.pop()


def _block_comments(lines: Sequence[str]) -> Iterator[MisreadLine]:
    """Yield the lines of comments of several lines, as `/* */` and `<!-- -->` surround them in other languages."""
    number = 0
    while number < len(lines):
        start = _COMMENT_START.match(lines[number])
        end = _COMMENT_ENDS[start["mark"]] if start else ""
        if start is None or end in lines[number]:
            number += 1
            continue
        last = next((other for other in range(number, len(lines)) if end in lines[other]), None)
        if last is None or not lines[last].rstrip().endswith(end):
            return
        for other in range(number, last + 1):
            line = lines[other]
            indent = line[: len(line) - len(line.lstrip())]
            note = line.strip().removeprefix(start["mark"] if other == number else "").removesuffix(end).strip()
            new = f"{indent}%% {note}" if note else ""
            if line.strip():
                yield MisreadLine(other, new, "a comment starts with '%%', in each of its lines; write it so")
        number = last + 1


def titles(lines: Sequence[str], header: int, wrong: Container[int]) -> Iterator[MisreadLine]:
    """Yield the line `title Orders` of a flowchart, if it is among the wrong ones: its title is in front matter."""
    numbers = [
        number for number in range(header + 1, len(lines)) if number in wrong and _TITLE.fullmatch(lines[number])
    ]
    match = _TITLE.fullmatch(lines[numbers[0]]) if len(numbers) == 1 else None
    if match is None or lines[header].split()[:1] not in [[word] for word in FLOWCHARTS] or "---" in lines[:header]:
        return
    message = "the title of a flowchart is in front matter above it; write it so"
    yield MisreadLine(header, first_line.titled(lines[header], match["title"].strip("\"'“” ;")), message)
    yield MisreadLine(numbers[0], "", message)


def second_header(lines: Sequence[str], header: int) -> int | None:
    """Return the line behind `header` with which another diagram begins, or None."""
    return next((number for number in range(header + 1, len(lines)) if _HEADER.fullmatch(lines[number])), None)


def repeated_header(lines: Sequence[str], first: int, second: int) -> tuple[str, int | None]:
    """Return what is wrong with a second line with the type of a diagram, and which line can be removed, or None.

    One can if nothing is between the two, and if they do not contradict each other.
    """
    if any(line.strip() and not line.lstrip().startswith("%%") for line in lines[first + 1 : second]):
        return "another diagram begins here; write it into a file or a block of its own", None
    before, after = _meaning(lines[first]), _meaning(lines[second])
    if before == after:
        return "the type of the diagram is written twice; remove this line", second
    if before == after[:1]:
        return "the type of the diagram is written twice; remove the line without a direction", first
    shown = lines[first].strip()
    return f"the type of the diagram is written twice, and differs from '{shown}' above; remove one of the lines", None


def _meaning(line: str) -> list[str]:
    """Return the words of a line with the type of a diagram, with one word for each of the types and directions."""
    words = line.strip(" \t;").split()
    return [{"graph": "flowchart", "TD": "TB"}.get(word, word) for word in words]


def _ends_with_titles(lines: Sequence[str]) -> Iterator[MisreadLine]:
    """Yield the lines `end Title` of subgraphs, which Mermaid reads as an `end` and a node."""
    ends = [(number, match) for number, line in enumerate(lines) if (match := _END_WITH_TITLE.fullmatch(line))]
    for number, match in ends:
        title = match["title"].strip('"')
        if any(re.match(rf"\s*+subgraph\s.*[\[\"]{re.escape(title)}[\]\"]", line) for line in lines[:number]):
            new = f"{match['indent']}end\n{match['indent']}%% {match['title']}"
            yield MisreadLine(number, new, "the title behind 'end' is read as a node; write it as a comment")


def with_other_characters(lines: Sequence[str]) -> Iterator[MisreadLine]:
    """Yield the lines in which curly quotation marks, or those of HTML (`&quot;`), surround a label, or other entities
    are in an id.

    Mermaid takes them for a part of it.

    They are a mistake only in a text with others: it is not as its author wrote it.
    """
    for number, line in enumerate(lines):
        new = characters.with_straight_quotes(line)
        if "%%" in line:
            continue
        if (decoded := characters.without_entities(line)) != line:
            yield MisreadLine(number, decoded, "these characters are written as in HTML; write them as they are")
        elif new != line:
            marks = "'&quot;' is" if "&quot;" in line else "curly quotation marks are"
            yield MisreadLine(number, new, f"{marks} a part of the label; write straight ones")


def begins_with_fence(lines: Sequence[str], header: int) -> bool:
    """Return whether a text that is not Markdown begins with a Markdown fence."""
    return bool(first_line.FENCE.fullmatch(lines[header]) or first_line.FENCE_AND_HEADER.match(lines[header]))


def _fence_end(lines: Sequence[str], header: int) -> int | None:
    """Return the line with the end of a fence: the last one if the text begins with a fence, or the only one."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    if begins_with_fence(lines, header):
        ends = filled[-1:] if first_line.FENCE.fullmatch(lines[filled[-1]]) else []
    else:
        ends = [number for number in filled if _FENCE_END.match(lines[number])]
        ends = ends if len(ends) == 1 and _FENCE_END.fullmatch(lines[ends[0]]) else []
    return ends[0] if ends and ends[0] > header else None
