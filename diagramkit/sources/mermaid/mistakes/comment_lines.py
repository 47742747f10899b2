"""Candidates for the correction of lines with comments, and of sentences around a diagram, which become comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords
from diagramkit.sources.mermaid.mistakes.line_text import LINK, masked

_ARROW = re.compile(rf"{LINK}|[-=]>")
_ANY_ARROW = re.compile(rf"{LINK}|[-=.]>|[→⟶➔➜⇒↔]|\s[-–—]\s")
_COMMENT_START = re.compile(r"(?<!\S)(?:%%|%\s|//|/\*|<!--|#\s|--\s|'\s)")
_COMMENT = re.compile(r"(?:%%|%|//|/\*|<!--|#|--|')\s*(?P<note>[^{\s].*?)\s*(?:\*/|-->)?\s*$")


def comments(line: str, text_words: TextWords) -> Iterator[Edit]:
    """A comment after a statement, and comments as other languages write them."""
    if (braces := re.match(r"\s*%%(?=\{)", line)) and "}%%" not in line:
        yield Edit(braces.end(), braces.end(), " ", 1)
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


_MODEL_MARK = re.compile(
    r"(?<!\s)\s*+(?:<\|(?:im_start|im_end|endoftext|end_of_text|eot_id|eom_id|end|assistant|user|system)\|>|</s>|<s>|\[/?INST\]|<end_of_turn>"
    r"|<eos>|<\|EOT\|>)\s*+$"
)
"""Marks with which language models end what they write."""


def model_marks(line: str, _: TextWords) -> Iterator[Edit]:
    """`A --> B<|im_end|>`: the mark with which a language model ends its answer."""
    if match := _MODEL_MARK.search(line):
        reason = f"'{match.group().strip()}' is a mark of a language model"
        yield Edit(*match.span(), "", 1, dropped=match.group(), reason=reason)


_ELISION = re.compile(r"\s*+(?P<dots>\.{3,}+|…)[ \t]*+(?![ \t]*+$)[^\[\]{}|\n]++")


def elisions(line: str, _: TextWords) -> Iterator[Edit]:
    """`... (same for app3 to app6)`: a remark about what is left out."""
    if (match := _ELISION.fullmatch(line)) and not _ANY_ARROW.search(line):
        start = match.start("dots")
        reason = f"'{match['dots']}' stands for what is left out"
        yield Edit(0, len(line), f"{line[:start]}%% {line[start:]}", 1, dropped=line, reason=reason, place=start)


_PROSE = re.compile(
    r"\s*(?:\*\*[^*]+\*\*:?|#{1,6}\s.*|\*{1,2}+\w[^*]*+(?:\*{1,2}+:|(?<=:)\*{1,2}+)[ \t]++[^\[\]{}|<>]++"
    r"|(?:\d{1,3}[.)]\s+)?[A-Za-z][^\s\[\](){}|<>]*(?:\s+[^\s\[\](){}|<>]+){2,}[.!:?])\s*"
)


def prose(line: str, text_words: TextWords) -> Iterator[Edit]:
    """A sentence or a heading around the diagram becomes a comment."""
    if text_words.has_links and _PROSE.fullmatch(line) and not _ARROW.search(line):
        indent = len(line) - len(line.lstrip())
        yield Edit(indent, indent, "%% ", 8)


def _may_be_link(before: str, note: str, text_words: TextWords) -> bool:
    """Return whether `-- note` may be a link with a text instead of a comment."""
    is_after_node = bool(before.strip()) and not re.search(LINK, before)
    return is_after_node or bool(_ANY_ARROW.search(note)) or text_words.occurs_again(re.split(r"\W+", note)[-1])
