"""Candidates for the correction of lines of architecture diagrams."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.sources.mermaid.architecture import is_rejected_id, replacement_id
from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords, misspelled_keywords
from diagramkit.sources.mermaid.mistakes.line_text import masked

KEYWORDS = ("group", "service", "junction")
_ID = r"[A-Za-z0-9_](?:[-\w]*\w)?"


def links(line: str, _: TextWords) -> Iterator[Edit]:
    """`a:R -> L:b`, `a:R —> L:b`, and links as flowcharts have them."""
    for match in re.finditer(r"(?<=[\s\w])(?:[-–—―−]+[>＞]|=+>|-\.+->|[→⟶➔➜])(?=[\s\w])", line):
        if match.group() != "-->":
            yield Edit(*match.span(), "-->", 1)


_LABELED_EDGE = re.compile(
    rf"\s*(?P<left>{_ID})\s*(?::\s*(?P<out>[LRTB]))?\s*(?P<tail><)?"
    r"(?:(?:--+>?|-)\s*\|\s*(?P<label>[^|]+?)\s*\|\s*(?:-*>)?|--\s+(?P<text>[^|>]*[^|>\s])\s+--+>)\s*"
    rf"(?:(?P<into>[LRTB])\s*:\s*)?(?P<right>{_ID})\s*"
)


_LABEL_BEHIND = re.compile(
    rf"(?P<before>\s*+{_ID}\s*:\s*[LRTB])\s*(?P<tail><?)--?(?P<head>>?)\s*(?P<after>[LRTB]\s*:\s*{_ID})\s*:\s+(?P<label>\S.*?)\s*"
)


def labeled_links(line: str, _: TextWords) -> Iterator[Edit]:
    """`a -->|text| b` and `a:R -->|text| L:b`: a label as flowcharts have it."""
    if match := _LABEL_BEHIND.fullmatch(line):
        label = match["label"].strip("\"“”' ")
        label = f'"{label}"' if re.search(r"[^\w ]", label) and '"' not in label else label
        new = f"{match['before']} {match['tail']}-[{label}]-{match['head']} {match['after']}"
        yield Edit(0, len(line), new, 5, dropped=line)
    if match := _LABELED_EDGE.fullmatch(line):
        label = (match["label"] or match["text"]).strip("\"“”' ")
        label = f'"{label}"' if re.search(r"[^\w ]", label) and '"' not in label else label
        indent = line[: match.start("left")]
        new = f"{match['left']}:{match['out'] or 'R'} {match['tail'] or ''}-[{label}]-> {match['into'] or 'L'}:"
        yield Edit(0, len(line), f"{indent}{new}{match['right']}", 5, dropped=line)


_IN_WORDS = re.compile(r"(?<=[\s\])])in\s(?P<name>[\w-]{1,80}(?:\s[\w-]{1,80}){1,8})\s*$")


def ids_in_other_case(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`service a(server)[A] in VPC` if the group is `vpc`, and `in my vpc` if it is `my_vpc`."""
    if words := _IN_WORDS.search(line):
        joined = re.sub(r"\s+", "_", words["name"])
        if text_words.is_declared(joined):
            yield Edit(*words.span("name"), joined, 1, dropped=words["name"])
    if (match := re.search(r"\bin\s+(\w+)\s*$", line)) and (known := text_words.in_other_case(match[1])):
        yield Edit(*match.span(1), known, 1, dropped=match[1])


_EDGE_WITHOUT_SIDES = re.compile(r"\s*([A-Za-z0-9_][-\w]*?)\s*(<?-->?|->)\s*(\w[-\w]*)\s*")


_SIDE_BEHIND = re.compile(rf"(?<=[->])\s*(?<=[\s>])(?P<end>(?P<id>{_ID})\s*:\s*(?P<side>[LRTBlrtb]))\s*$")


_SIDE = "[lrtb]|left|right|top|bottom|Left|Right|Top|Bottom|LEFT|RIGHT|TOP|BOTTOM"
_WRITTEN_SIDE = re.compile(rf"(?<=:)\s*({_SIDE})\b|(?:^|(?<=[-<>\s]))({_SIDE})(?=\s*:)")
_DOT_OF_SIDE = re.compile(r"(?<=\w)\.(?=[LRTB]\s*<?-)|(?<=[\s>-][LRTB])\.(?=\w)")
_CHAINED = re.compile(rf"(?<=[\s>-])[LRTB]\s*:\s*(?P<id>{_ID})(?=\s*:\s*[LRTB]\s*<?-)")
_SIDE_BEFORE = re.compile(rf"\s*+(?P<start>(?P<side>[LRTBlrtb])\s*+:\s*+(?P<id>{_ID}))(?=\s*+<?-)")


def sides(line: str, _: TextWords) -> Iterator[Edit]:
    """An edge without the sides at which it starts and ends, sides as words, `b:L` at its end, or `R:a` first."""
    if match := _EDGE_WITHOUT_SIDES.fullmatch(line):
        link = "-->" if match[2] == "->" else match[2]
        yield Edit(match.end(1), match.start(3), f":R {link} L:", 4)
    if match := _SIDE_BEHIND.search(line):
        yield Edit(*match.span("end"), f"{match['side'].upper()}:{match['id']}", 1, dropped=match["side"])
    for match in _WRITTEN_SIDE.finditer(line):
        group = 1 if match[1] else 2
        yield Edit(*match.span(group), match[group][0].upper(), 1, dropped=match[group])
    if (colons := _DOT_OF_SIDE.sub(":", line)) != line:
        yield Edit(0, len(line), colons, 1)
    for match in _CHAINED.finditer(line):
        indent = line[: len(line) - len(line.lstrip())]
        yield Edit(match.end(), match.end(), f"\n{indent}{match['id']}", 2)
    if match := _SIDE_BEFORE.match(line):
        yield Edit(*match.span("start"), f"{match['id']}:{match['side'].upper()}", 1, dropped=match["side"])


_WITHOUT_KEYWORD = re.compile(
    r"\s*+(?P<start>(?:(?:node|component|container|resource)\s++)?+)(?!(?:group|service|junction)\b)"
    rf"(?={_ID}\s*+\([\w:-]++\)\s*+\[)"
)
_OTHER_IN = re.compile(rf"(?<=[\])\s])(?P<word>inside(?:\s+of)?|within|into|part\s+of|under|@|->|:)\s*(?={_ID}\s*$)")


def keywords(line: str, _: TextWords) -> Iterator[Edit]:
    """`servce a(server)[A]`, `a(server)[A]`, and `service a(server)[A] inside b`."""
    yield from misspelled_keywords(line, KEYWORDS)
    if match := _WITHOUT_KEYWORD.match(line):
        yield Edit(*match.span("start"), "service ", 2)
    if match := _OTHER_IN.search(line):
        yield Edit(*match.span("word"), "in", 1, dropped=match["word"])


_DECLARED = re.compile(
    rf"\s*(?P<kind>group|service|junction)\s+(?P<id>{_ID})(?P<icon>(?:\s*(?:\([^()]*\)|\"[^\"]*\"))?)(?=\s*(?:[\[;]|in\b|%%|$))"
)
_NAMED = re.compile(
    rf"\bin\s+(?P<parent>{_ID})[\s;]*$|^\s*(?P<left>{_ID})(?=\s*(?:\{{group\}})?\s*:\s*[LRTB]\b)"
    rf"|(?<![\w:])[LRTB]\s*:\s*(?P<right>{_ID})"
)


def reserved_ids(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`service LB(server)[ALB]`: a new id where the rejected one is declared, then where it is used."""
    matches = [(match, group) for match in _NAMED.finditer(line) for group in ("parent", "left", "right")]
    uses = [(match, group) for match, group in matches if match[group]]
    if (
        (match := _DECLARED.match(line))
        and is_rejected_id(match["id"])
        and not text_words.count(replacement_id(match["id"]))
    ):
        title = "" if match["kind"] == "junction" or line[match.end() :].lstrip()[:1] == "[" else f"[{match['id']}]"
        new = f"{replacement_id(match['id'])}{match['icon']}{title}"  # Without a title, its id is shown.
        yield Edit(match.start("id"), match.end("icon"), new, 1, dropped=match["id"])
    for match, group in uses:
        old = match[group]
        if is_rejected_id(old) and text_words.is_declared(replacement_id(old)) and not text_words.is_declared(old):
            yield Edit(*match.span(group), replacement_id(old), 1, dropped=old)


_ICON_OF_WORDS = re.compile(r"(?<=\()\s*[\w:.-]+(?:[ /]+[\w:.-]+)*\s*(?=\))")


_ICON_IN_QUOTES = re.compile(
    rf"\s*+(?:group|service)\s++{_ID}\s*+\(\s*+(?P<icon>[\"'“”](?P<name>[^\"'“”()]++)[\"'“”])\s*+\)"
)


_TITLE_AS_ICON = re.compile(
    rf"\s*+(?:group|service)\s++{_ID}\s*+(?P<icon>\(\s*+[\"'“”](?=[^()]*[A-Z ])(?P<name>[^\"'“”()\[\]]++)[\"'“”]\s*+\))"
    rf"(?:\s*+in\s++{_ID})?[\s;]*+"
)
_BARE_ICON = re.compile(
    rf"\s*+(?:group|service)\s++{_ID}(?P<icon>(?:\s+|\s*[<{{])(?P<name>(?!in\b)[A-Za-z][\w-]*(?::[\w-]+)?)[>}}]?\s*)(?=\[)"
)
_ICON_BEHIND = re.compile(
    rf"(?P<before>\s*+(?:group|service)\s++{_ID})\s*+(?P<title>\[[^\[\]]++\])\s*+(?P<icon>\([\w:.-]++\))(?P<after>(?:\s++in\s++{_ID})?[\s;]*+)"
)


def icons(line: str, _: TextWords) -> Iterator[Edit]:
    """`service a(AWS Lambda)[A]` and `service a("lambda")[A]`: an icon with spaces or in quotes."""
    for match in _ICON_OF_WORDS.finditer(line.partition("[")[0]):
        new = re.sub(r"[ /.]+", "-", match.group().strip())
        if new != match.group():
            yield Edit(*match.span(), new, 1)
    if title := _TITLE_AS_ICON.fullmatch(line):
        yield Edit(*title.span("icon"), f"[{title['name'].strip()}]", 1)
    elif quoted := _ICON_IN_QUOTES.match(line):
        yield Edit(*quoted.span("icon"), re.sub(r"[ /.]+", "-", quoted["name"].strip()), 1)
    if bare := _BARE_ICON.match(line):
        yield Edit(*bare.span("icon"), f"({bare['name']})", 2)
    if behind := _ICON_BEHIND.fullmatch(line):
        new = f"{behind['before']}{behind['icon']}{behind['title']}{behind['after']}"
        yield Edit(0, len(line), new, 2, dropped=line)


def ends(line: str, text_words: TextWords) -> Iterator[Edit]:
    """A semicolon after a statement, and blocks: `group vpc[VPC] {` and `end`, if all declarations name their group."""
    text = masked(line)
    length = len(text.rstrip("; \t\r\n"))
    if ";" in text[length:]:
        yield Edit(length, len(text), "", 1)
    if text_words.all_are_in_groups:
        if re.fullmatch(r"(?:end|\})\s*;?", line.strip()):
            yield Edit(0, len(line), "", 1, dropped=line)
        if match := re.search(r"(?<=[\])\w])\s*\{\s*$", line):
            yield Edit(*match.span(), "", 1)
