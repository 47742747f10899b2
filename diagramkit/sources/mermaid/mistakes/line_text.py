"""What a line of a flowchart consists of, as far as an invalid line shows it.

These functions compare a line before and after an edit: no word, link, label or class may be lost.
"""

from __future__ import annotations

import re
from collections import Counter

from diagramkit.sources.mermaid.brackets import CLOSINGS
from diagramkit.sources.mermaid.tokens import Lexer, Token

KEYWORDS = (
    "subgraph",
    "direction",
    "classDef",
    "linkStyle",
    "style",
    "class",
    "click",
    "accTitle",
    "accDescr",
    "end",
)
"""The words that start statements of a flowchart."""
RESERVED = (
    "end",
    "graph",
    "flowchart",
    "subgraph",
    "style",
    "class",
    "classDef",
    "click",
    "call",
    "href",
    "linkStyle",
    "interpolate",
)
"""The words that cannot be the id of a node."""
LINK = r"[xo<]?(?:--+[->xo]|==+[=>xo]|(?:-|(?<!\.))\.+-[>xo]?|~~~+)"
"""A regular expression for Mermaid's links."""
SEPARATED_LINK = re.compile(
    r"(?<![-=.<>])(?:<[ \t]{0,2})?(?:-(?:[ \t]{0,2}-){0,3}|=(?:[ \t]{0,2}=){0,3}"
    r"|(?:-[ \t]{0,2})?\.(?:[ \t]{0,2}\.){0,2}(?:[ \t]{0,2}-)?)[ \t]{0,2}>(?![-=.>])"
)
"""A link with an arrowhead that may have spaces in it."""

_STRING = re.compile(r'"[^"]*"')
_GROUP = re.compile(r"\[[^\[\](){}]*\]|\([^\[\](){}]*\)|\{[^\[\](){}]*\}")
_LINK = re.compile(LINK)
_INNER_QUOTES = re.compile(r"(?P<start>[\[({]\"|\|\")(?P<text>[^\[\]{}|\"]*(?:\"[^\[\]{}|\"]*)+)(?P<end>\"(?=[\])}|]))")
_ANY_LINK = re.compile(rf"{LINK}\s*\|[^|]*\|\s*[-=.>]+|{LINK}|(?:<|(?<![-=.–—<]))[-=.–—]+>+|[→⟶➔➜⇒↔⟷]|<[-=]+")
_TEXT_IN_BARS = re.compile(rf"(?<![-=.~])(?P<link>{LINK})[^\S\n]*+\|(?P<text>[^|\n]++)\|")
_COMMENT_LINE = re.compile(r"(?m)^[^\S\n]*%%.*$")
_LINK_START = re.compile(r"(?<=[\s\1\0])(?:--|==|-\.)(?=\s)")
_TEXT_START = re.compile(r"(?<=\s)(?:--|==|-\.)(?=[\s\w])")
_BRACKET = re.compile(r"[\[({|]")
_QUOTED_ID = re.compile(r'"(\w+)"(?=[\[({])')
_LABEL_START = re.compile("\\w[\\[({](?![\1\\[({])|\1")


def with_escaped_quotes(line: str) -> str:
    """Return a line in whose labels in quotes the inner quotation marks are escaped: `A["x "y" z"]`."""

    def replace(match: re.Match[str]) -> str:
        if _LINK.search(match["text"]):
            return match.group()
        text = match["text"].replace('\\"', '"').replace('"', "#quot;")
        return match["start"] + text + match["end"]

    return _INNER_QUOTES.sub(replace, line) if '"' in line else line


def masked(line: str) -> str:
    """Return a line of the same length without its quoted texts and its complete labels.

    They are replaced with NUL characters, and the first character of a label with U+0001. A label that contains a link
    stays: its closing bracket may belong to a later label.
    """
    if line.count('"') % 2 == 0:
        line = _STRING.sub(_mask, line)
    while (shorter := _GROUP.sub(_masked_group, line)) != line:
        line = shorter
    return line


def _masked_group(match: re.Match[str]) -> str:
    return match.group() if _LINK.search(match.group()) else _mask(match)


def _mask(match: re.Match[str]) -> str:
    return "\1" + "\0" * (len(match.group()) - 1)


def quoted(text: str) -> str:
    """Return a text in quotes, without the quotation marks that surround it already."""
    text = text.strip().replace('\\"', '"')
    is_single = len(text) > 1 and text[0] in "‘’" and text[-1] in "‘’"
    if is_single or (len(text) > 1 and text[0] in '"“”' and text[-1] in '"“”'):
        text = text[1:-1]
    elif len(re.findall('["“”„]', text)) == 1:  # The other one is missing, unless it means inches.
        text = re.sub(r'^["“„]|”$|(?<!\d)"$', "", text)
    return '"' + re.sub('["“”]', "#quot;", text) + '"'


def without_spaces(match: re.Match[str]) -> str:
    """Return a match without its spaces."""
    return re.sub(r"\s", "", match.group())


def keeps_everything(old: str, new: str, moved: str = "", dropped: str = "") -> bool:
    """Return whether a valid line `new` has all words, links, labels and classes of `old`, in their order.

    Keywords are exempt, and so are the words of `dropped`; those of `moved` may be elsewhere in the line. `new` may
    have additional words, such as the id of a node that had only a label.
    """
    moved_words = _words(moved)
    if Counter(moved_words) - Counter(_words(new)):
        return False
    old_words, new_words = _words(old), _words(new)
    for word in reversed(moved_words):
        _remove_last(old_words, word)
    for word in moved_words:
        new_words.remove(word)
    if not _are_in_order(old_words, new_words, Counter(_words(dropped))):
        return False
    if dropped.strip() == old.strip():  # A line of another language, such as `~~~`, contains no links of Mermaid's.
        return True
    old, new = (_without(_COMMENT_LINE.sub("", text), moved) for text in (old, new))
    before = _QUOTED_ID.sub(r"\1", with_escaped_quotes(_TEXT_IN_BARS.sub(_one_label, old)))
    before = SEPARATED_LINK.sub(without_spaces, masked(before))
    link_count, label_count = _counts(new)
    return (
        len(_ANY_LINK.findall(before)) + len(_LINK_START.findall(before)) <= link_count
        and len(_LABEL_START.findall(_without_link_texts(before))) <= label_count
        and before.count(":::") <= masked(new).count(":::")
    )


def _one_label(match: re.Match[str]) -> str:
    """Return a link and its text between bars with one label in it, if it has any quotation mark or bracket."""
    has_label = re.search(r"[\"\[({]", match["text"]) and not _ANY_LINK.search(match["text"])
    return f'{match["link"]}|""|' if has_label else match.group()


def _without_link_texts(text: str) -> str:
    """Return a text without links that contain their labels (`-- x -->`)."""
    parts, position = [], 0
    link, bracket = _LINK.search(text), _BRACKET.search(text)
    for start in _TEXT_START.finditer(text):
        if start.start() < position:
            continue
        if bracket and bracket.start() < start.end():
            bracket = _BRACKET.search(text, start.end())
        if link and link.start() < start.end():
            link = _LINK.search(text, start.end())
        if link is None:
            break
        if bracket is None or link.start() <= bracket.start():
            parts.append(text[position : start.start()])
            position = link.end()
    return "".join([*parts, text[position:]])


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", text.replace("#quot;", '"')) if word not in KEYWORDS]


def _are_in_order(words: list[str], others: list[str], dropped: Counter[str]) -> bool:
    """Return whether `words` are among `others` in their order, except for some of `dropped`."""
    # The numbers of words of `others` that may have been used, each with the words that have been left out.
    states: dict[tuple[int, tuple[str, ...]], None] = {(0, ()): None}
    for word in words:
        following: dict[tuple[int, tuple[str, ...]], None] = {}
        for used, left_out in states:
            if word in others[used:]:
                following[others.index(word, used) + 1, left_out] = None
            if left_out.count(word) < dropped[word]:
                following[used, (*left_out, word)] = None
        states = following
    return bool(states)


def _remove_last(words: list[str], word: str) -> None:
    if word in words:
        del words[len(words) - 1 - words[::-1].index(word)]


def _without(text: str, part: str) -> str:
    before, separator, after = text.rpartition(part) if part else (text, "", "")
    return before + after if separator or not part else text


def _counts(line: str) -> tuple[int, int]:
    """Return the numbers of links and labels in a valid line, as the lexer sees it.

    A link with a text in it (`-- x -->`) counts twice, and each label in brackets or quotes once.
    """
    links = labels = 0
    previous = Token("", "", 0, 0)
    for token in Lexer(f"graph LR\n{line}\n").tokens():
        if token.kind in ("EOF", "ERROR"):
            break
        is_doubled = (previous.kind, previous.end) == (token.kind, token.start)
        is_in_brackets = previous.kind in CLOSINGS
        links += token.kind in ("LINK", "LINK_START")
        labels += token.text == "@{"
        labels += token.kind in CLOSINGS and not is_doubled
        labels += token.kind in ("STRING", "MARKDOWN") and not is_in_brackets
        previous = token
    return links, labels


_START_OF_TEXT = re.compile(r"(?<=\s)(?:--|==|-\.)\s")


def has_open_link(line: str) -> bool:
    """Return whether the text of a link begins in a line, as in `A -- text`, and does not end there."""
    text = masked(line)
    ends = [match.end() for match in _START_OF_TEXT.finditer(text)]
    return bool(ends) and not _LINK.search(text, ends[-1])


def difference(old: str, new: str) -> tuple[int, int]:
    """Return how many characters at the start and at the end of two lines are the same, without parts of words.

    What is between them in `new` has the brackets and quotation marks of its labels.
    """
    start, end = 0, 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    start, end = _word_start(old, start), _word_start(old[::-1], end)
    while (missing := _unmatched(new[start : len(new) - end])) is not None:
        is_left = missing == "left"
        if (start if is_left else end) == 0:
            break
        if is_left:
            start = _word_start(old, start - 1)
        else:
            end = _word_start(old[::-1], end - 1)
    return start, end


def _word_start(text: str, position: int) -> int:
    """Return where the word begins that a position of a text is in, or the position behind a space."""
    while position > 0 and not text[position - 1].isspace():
        position -= 1
    return position


_QUOTED = re.compile(r"\"[^\"]*+\"")


def _unmatched(text: str) -> str | None:
    """Return the side on which brackets or a quotation mark of a part of a line have their counterparts, or None."""
    rest = _QUOTED.sub("", text)
    excess = sum(map(rest.count, "[(")) - sum(map(rest.count, "])"))
    if excess:
        return "right" if excess > 0 else "left"
    return "right" if '"' in rest else None
