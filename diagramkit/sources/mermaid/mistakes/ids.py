"""Candidates for the correction of ids: ids of several words, with characters that end an id, and reserved words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords, misspelled
from diagramkit.sources.mermaid.mistakes.line_text import KEYWORDS, LINK, RESERVED, masked

_ARROW = re.compile(rf"{LINK}|[-=]>")
_MIN_NAME_LENGTH = 3  # Characters of the longest word of a name; shorter words are ids.
_ID_OF_WORDS = re.compile(
    r"(?:^\s*|(?<=[-=.~>xo&|])\s+)(?!(?:subgraph|direction|classDef|linkStyle|style|class|click)\b)"
    rf"(?P<words>\w{{2,}}(?:[^\S\n]+[\w/-]+)+?(?:[^\S\n]\([^()]*\))?)(?=\s*(?:$|;|&|{LINK}|->|[\[{{]))"
)


_ID_BEFORE_GAP = re.compile(r"\s{2}|(?<!\w)[A-Za-z]{1,3}\d{1,3}\s+[A-Za-z]{1,3}\d{1,3}(?!\w)")
"""Words with a gap between them, or two that look like ids: one may be a node, and a link between them be missing."""
_LINE_BEFORE = re.compile(r"(?:---|===|-\.-)\s*$")
_LINK_NEXT = re.compile(rf"\s*{LINK}")


def of_words(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`API Gateway --> Lambda`: an id of several words, none of which is a node by itself."""
    for match in _ID_OF_WORDS.finditer(line if _ARROW.search(line) else ""):
        words = match["words"]
        if _ID_BEFORE_GAP.search(words):
            continue  # Two nodes, between which a link may be missing.
        single = words.partition(" (")[0].split()
        is_keyword = {*RESERVED, *KEYWORDS} & {*single} or any(misspelled(single[0], KEYWORDS))
        is_name = max(map(len, single)) >= _MIN_NAME_LENGTH and not is_keyword and not text_words.is_title(words)
        may_be_text = _LINE_BEFORE.search(line[: match.start("words")]) and _LINK_NEXT.match(line, match.end())
        if not is_name or may_be_text or any(map(text_words.is_node, single)):
            continue
        name = re.sub(r"\W+", "_", words).strip("_")
        if text_words.has_label(words):
            yield Edit(*match.span("words"), name, 2, dropped=words)
        else:
            yield Edit(*match.span("words"), text_words.labeled(name, words), len(name) + 2)


_RESERVED_NODE = re.compile(
    rf"(?:^\s*(?=\w+\s*[-=<&]|(?!subgraph)\w+[\[({{]|subgraph[\[({{][^\[\](){{}}\n]{{0,80}}[\])}}]+\s*(?:--|==|-\.))|(?<=[-=.~>xo&|])\s+)(?P<word>{'|'.join(RESERVED)})"
    r"(?=\s*(?:$|[-=<&;]|[\[({]))"
)


_RESERVED_STYLED = re.compile(
    rf"(?:\s*(?:style|click)\s+|\s*class\s+(?:[\w-]+,)*)(?P<word>{'|'.join(RESERVED)})(?=[\s,])"
)


def reserved_words(line: str, text_words: TextWords) -> Iterator[Edit]:
    """A keyword as the id of a node: `A --> end`. If the node has a label somewhere, its id need not be shown."""
    if match := _RESERVED_STYLED.match(line):
        new = text_words.labeled(match["word"], match["word"], first=1).partition("[")[0]
        yield Edit(*match.span("word"), new, len(new) - len(match["word"]), dropped=match["word"])
    for match in _RESERVED_NODE.finditer(line):
        word = match["word"]
        if word == "end" and not line[: match.start("word")].strip() and text_words.lacks_end:
            continue  # It may be the `end` of a subgraph.
        node, dropped = text_words.labeled(word, word, first=1), ""
        if text_words.is_subgraph(word):  # Its first line is renamed, too: see `misread_lines`.
            node, dropped = text_words.renamed(word), word
        elif text_words.has_label(word):
            node, dropped = node.partition("[")[0], word
        yield Edit(*match.span("word"), node, len(node) - len(word), dropped=dropped)


_REFUSED_ID = re.compile(
    r"(?<![\w@-])(?P<id>(?:graph|flowchart|subgraph|classDef|class|linkStyle|style|interpolate|end)(?:-\w+)+|\w+(?:@\w+)+)"
    r"(?![\w@-]|@\{)"
)
_STYLING = re.compile(r"\s*(?:class|style|click)\s")


def refused(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`graph-api --> db` and `lambda@edge --> db`: an id that begins with a keyword, or with `@` in it."""
    for match in _REFUSED_ID.finditer(masked(line)):
        old = match["id"]
        new = re.sub(r"\W", "_", old)
        if text_words.has_label(old) or _STYLING.match(line):
            yield Edit(*match.span("id"), new, 2, dropped=old)
        else:
            yield Edit(*match.span("id"), text_words.labeled(new, old), len(new) + 2)


_CALLBACK_WORD = r"(?:^\s*|(?<=[-=.~>xo&|])\s+)(?:call|href|click)"
_BEFORE_LINK = re.compile(rf"{_CALLBACK_WORD}(\s+)(?={LINK})")
_AT_END = re.compile(rf"(?<![-=.~])(?:{LINK})\s*(?:call|href|click)(\s*)$")


def callbacks(line: str, _: TextWords) -> Iterator[Edit]:
    """`call --> db`: a keyword only if white space follows, so that the id can stay."""
    for match in _BEFORE_LINK.finditer(line):
        yield Edit(*match.span(1), "", 1)
    if last := _AT_END.search(line):
        yield Edit(*last.span(1), ";", 1)
