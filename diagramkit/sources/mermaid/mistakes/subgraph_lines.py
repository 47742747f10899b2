"""Candidates for the correction of the first line of a subgraph."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords

_OTHER_KEYWORD = re.compile(
    r"\s*+(?P<word>group|cluster|container|boundary|box|section|zone|package|sub)(?=\s++[\w\"\[])"
)
_TITLED = re.compile(
    r"(?P<before>\s*+subgraph\s++(?P<id>[A-Za-z_][\w-]*+))(?:\s*+[:=]\s*+(?P<quoted>\"[^\"\n]++\"|“[^“”\n]++”)|\((?P<text>[^\n\"()]++)\)"
    r"|\s*+[:=]\s*+\[(?P<bracketed>[^\[\]\n]++)\]|\s++(?P<behind>\"[^\"\n]++\"))(?P<rest>[\s;{]*+)"
)


def keywords(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`group vpc[VPC]` … `end`: another word for a subgraph, if there are more ends than subgraphs."""
    if (match := _OTHER_KEYWORD.match(line)) and text_words.has_excess_ends:
        yield Edit(*match.span("word"), "subgraph", 2, dropped=match["word"])


def titles(line: str, _: TextWords) -> Iterator[Edit]:
    """`subgraph vpc: "VPC"`, `subgraph vpc = [VPC]`, `subgraph vpc "VPC"` and `subgraph vpc(VPC)`."""
    if match := _TITLED.fullmatch(line):
        title = next(match[name] for name in ("quoted", "behind", "text", "bracketed") if match[name] is not None)
        title = title.strip().strip('"“”')
        yield Edit(len(match["before"]), match.start("rest"), f' ["{title}"]', 1)
