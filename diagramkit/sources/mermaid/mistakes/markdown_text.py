"""Text in Markdown below a diagram that has no fence: its headings, lists and sentences become comments, or none do."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

from diagramkit.sources.mermaid.mistakes.first_line import FENCE
from diagramkit.sources.mermaid.mistakes.line_edit import indent
from diagramkit.sources.mermaid.mistakes.line_text import KEYWORDS, LINK
from diagramkit.sources.mermaid.mistakes.misread_line import MisreadLine

_MESSAGE = "write this text as a comment: it is not a part of the diagram"
_MAX_LINE_LENGTH = 400
_MIN_WORDS = 3
_EMPHASIS = re.compile(r"(?:\*{1,3}+(?=[^\s*])[^*]++\*{1,3}+|_{1,2}+(?=[^\s_])[^_]++_{1,2}+)(?!\w)(?P<rest>.*+)")
"""A line whose first words are in bold or in italics."""
_INLINE = re.compile(r"`[^`\n]++`|\[[^\[\]\n]++\]\([^()\s]++\)")
"""Code and links within a text."""
_HEADING_OR_QUOTE = re.compile(r"(?:#{1,6}+|>)[ \t]++\S.*+")
_RULE = re.compile(r"-{3,}+|\*{3,}+")
_TABLE_ROW = re.compile(r"\|.++(?<=\|)")
_ITEM = re.compile(r"(?P<mark>[-*+•]|\d{1,3}+[.)])[ \t]++(?P<text>\S.*+)")
_LABEL = re.compile(r"[\w-]++\s*+\(")
"""The beginning of what may be a node with a label in round brackets."""
_HEADING_OF_LIST = re.compile(r"[A-Z][\w ,'&/-]*+:")
_ARROW = re.compile(rf"{LINK}|[-=]>|[→⟶➔➜⇒↔]")
_LINK = re.compile(LINK)
_REMARK = re.compile(r"(?:note|notes|explanation|legend|summary|tip|key points?|assumptions?):\s", re.I)
"""How a remark below a diagram begins, which may end without a full stop."""
_SENTENCE_ENDS = (".", "!", "?", ":")


def below(lines: Sequence[str], header: int, wrong: Container[int]) -> Iterator[MisreadLine]:
    """Yield the lines of the text below a diagram if one of them is wrong; `header` has the type of the diagram.

    The text begins with a line that cannot be a statement, below a blank line, a fence or an indented line.
    """
    start = _start(lines, header)
    numbers = [number for number in range(start, len(lines)) if not _is_empty(lines[number])]
    if any(number in wrong for number in numbers):
        for number in numbers:
            margin = indent(lines[number])
            yield MisreadLine(number, f"{lines[number][:margin]}%% {lines[number].strip()}", _MESSAGE)


def _start(lines: Sequence[str], header: int) -> int:
    """Return the line with which the text below a diagram begins, or the number of lines if there is none."""
    start = len(lines)
    for number in range(len(lines) - 1, header, -1):
        if _is_empty(lines[number]):
            continue
        is_heading = _is_heading_of_list(lines, number)
        if not is_heading and not _is_text(lines[number]):
            break
        if (is_heading or _begins_text(lines[number])) and _is_separate(lines, number, indent(lines[header])):
            start = number
    return start


def _is_heading_of_list(lines: Sequence[str], number: int) -> bool:
    """Return whether a line such as `Explanation:` is above the item of a list."""
    below = next((line.strip() for line in lines[number + 1 :] if line.strip()), "")
    return bool(_HEADING_OF_LIST.fullmatch(lines[number].strip()) and _ITEM.fullmatch(below))


def _is_empty(line: str) -> bool:
    """Return whether a line is blank or a comment."""
    return not line.strip() or line.lstrip().startswith("%%")


def _is_separate(lines: Sequence[str], number: int, margin: int) -> bool:
    """Return whether a line is at the margin of the diagram, and is set off from the line above it."""
    above = lines[number - 1]
    is_set_off = not above.strip() or indent(above) > margin or bool(FENCE.fullmatch(above))
    return is_set_off and indent(lines[number]) <= margin


def _begins_text(line: str) -> bool:
    """Return whether a line is a heading, a quotation, a table row, a sentence, or begins in bold or in italics."""
    text = _INLINE.sub("code", line.strip())
    if item := _ITEM.fullmatch(text):
        text = item["text"]
    is_sentence = text.endswith(_SENTENCE_ENDS) or _REMARK.match(text) is not None
    is_sentence = is_sentence and len(text.split()) >= _MIN_WORDS
    return is_sentence or any(pattern.fullmatch(text) for pattern in (_HEADING_OR_QUOTE, _TABLE_ROW, _EMPHASIS))


def _is_text(line: str) -> bool:
    """Return whether a line may belong to a text in Markdown, and is no statement of a diagram."""
    text = line.strip()
    if len(text) > _MAX_LINE_LENGTH:
        return False
    text = _INLINE.sub("code", text)
    if any(pattern.fullmatch(text) for pattern in (_HEADING_OR_QUOTE, _TABLE_ROW, _RULE)):
        return True
    item = _ITEM.fullmatch(text)
    words = item["text"] if item else text
    match = _EMPHASIS.fullmatch(words)
    # Behind `**Flow:**`, an arrow is a part of the sentence.
    is_remark = match is not None and (match["rest"].startswith(": ") or ":" in words[: match.start("rest")])
    if (_LINK if is_remark else _ARROW).search(words):
        return False
    if match:
        return not match["rest"].lstrip(" :").startswith(("[", "(", "{"))
    return _is_prose(words, is_item=item is not None)


def _has_clauses(text: str) -> bool:
    """Return whether the semicolons of a text separate clauses of a sentence, not statements."""
    first, *others = text.split(";")
    has_words = len(first.split()) >= _MIN_WORDS and all(len(clause.split()) > 1 for clause in others)
    return has_words and all(clause[0] == " " for clause in others)


def _is_prose(text: str, *, is_item: bool) -> bool:
    """Return whether words are a sentence or, in a list, any words: no node with a label, and no other statement."""
    words = text.split()
    if words[0].lower().rstrip(":") in KEYWORDS or re.search(r"[\[\]{}|<>@]|:::|\s&\s", text) or _LABEL.match(text):
        return False
    if ";" in text and not _has_clauses(text):
        return False
    return text[0].isalnum() and (is_item or len(words) >= _MIN_WORDS or text.endswith((".", "!", "?")))
