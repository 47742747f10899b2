"""Candidates for the correction of the first and the last line of a subgraph."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords, indent
from diagramkit.sources.mermaid.mistakes.line_text import LINK

_OTHER_KEYWORD = re.compile(
    r"\s*+(?P<word>group|cluster|container|boundary|box|section|zone|package|sub)(?=\s++[\w\"\[])"
)
_TITLED = re.compile(
    r"(?P<before>\s*+subgraph\s++(?P<id>[A-Za-z_][\w-]*+))(?:\s*+[:=]\s*+(?P<quoted>\"[^\"\n]++\"|“[^“”\n]++”)|\((?P<text>[^\n\"()]++)\)"
    r"|\s*+[:=]\s*+\[(?P<bracketed>[^\[\]\n]++)\]|\s++(?P<as>as\s++)?+(?P<behind>\"[^\"\n]++\"))(?P<rest>[\s;{]*+)"
)

_WITH_COLON = re.compile(r"\s*+subgraph\s++[A-Za-z_][\w-]*+\s*+\[[^\[\]\n]++\]\s*+(?P<colon>[:,]\s*+)")


def keywords(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`group vpc[VPC]` … `end`: another word for a subgraph, if there are more ends than subgraphs."""
    if (match := _OTHER_KEYWORD.match(line)) and text_words.has_excess_ends:
        yield Edit(*match.span("word"), "subgraph", 2, dropped=match["word"])


def titles(line: str, _: TextWords) -> Iterator[Edit]:
    """`subgraph vpc: "VPC"`, `subgraph vpc = [VPC]`, `subgraph vpc "VPC"`, `subgraph vpc(VPC)`, `subgraph x[y]:`.

    PlantUML's `subgraph vpc as "VPC"` is one, too.
    """
    if match := _WITH_COLON.fullmatch(line):
        yield Edit(*match.span("colon"), "", 1)
    if match := _TITLED.fullmatch(line):
        title = next(match[name] for name in ("quoted", "behind", "text", "bracketed") if match[name] is not None)
        title = title.strip().strip('"“”')
        yield Edit(len(match["before"]), match.start("rest"), f' ["{title}"]', 1, dropped=match["as"] or "")


_BLOCK_START = re.compile(r"(\s*subgraph\s.*?[^\s{])\s*\{\s*")
_BLOCK_END = re.compile(r"\s*(\}|end[ _-]?(?:subgraph|group|sub|block|cluster|if)|end)[\s;]*", re.I)


def is_like_end(line: str) -> bool:
    """Return whether a line looks like the end of a subgraph and is none: `End`, `endsubgraph`, `}`."""
    return bool(_BLOCK_END.fullmatch(line)) and line.strip(" \t;") != "end"


def blocks(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`subgraph x {` with `}`, and `end subgraph`."""
    if match := _BLOCK_START.fullmatch(line):
        yield Edit(match.end(1), len(line), "", 1)
    if not is_like_end(line) or (match := _BLOCK_END.fullmatch(line)) is None:
        return
    if match[1] != "}" or text_words.lacks_end:
        reason = "a subgraph ends with 'end' on a line of its own"
        yield Edit(*match.span(1), "end", 1, dropped=match[1], reason=reason)
    elif text_words.is_last_line(line):
        yield Edit(0, len(line), "", 1, dropped=line, reason="a flowchart has no braces around it")


_TARGET = re.compile(
    r"subgraph\s++(?:(?P<id>[A-Za-z_][\w-]*+)(?P<title>\s*+\[[^\[\]\n]++\])?"
    r"|\"(?P<quoted>[^\"\n]++)\"|(?P<words>\w++(?:[ \t]++\w++)++))[\s;]*+"
)
_LINK_BEFORE = re.compile(rf"(?<![-=.~]){LINK}[^\S\n]*+(?:\|[^|\n]++\|[^\S\n]*+)?$")


def targets(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`A --> subgraph vpc [VPC]`: a link to a subgraph, and the first line of that subgraph."""
    place = line.find("subgraph")
    before = line[: max(0, place)]
    match = _TARGET.fullmatch(line, place) if _LINK_BEFORE.search(before) else None
    if match is None:
        return
    heading = f"{match['id']}{match['title'] or ''}"
    if text := match["quoted"] or match["words"]:
        heading = text_words.labeled(re.sub(r"\W+", "_", text).strip("_"), text)
    name = match["id"] or heading.partition("[")[0]
    new = f"{before.rstrip()} {name}\n{before[: indent(before)]}subgraph {heading}"
    yield Edit(0, len(line), new, 2, dropped=line, reason="a subgraph begins on a line of its own", place=place)
