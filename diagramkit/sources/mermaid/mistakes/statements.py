"""Explains mistakes in statements: tokens that are not allowed at their position."""

from __future__ import annotations

import re

from diagramkit.sources.mermaid.brackets import CLOSINGS
from diagramkit.sources.mermaid.error_context import ErrorContext, Mistake
from diagramkit.sources.mermaid.letters import WHITESPACE
from diagramkit.sources.mermaid.mistakes.arrows import arrow
from diagramkit.sources.mermaid.mistakes.line_text import KEYWORDS, RESERVED
from diagramkit.style import colors

_DIRECTIONS = ("TB", "TD", "BT", "LR", "RL")
_CURLY_QUOTES = {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'"}
_KEYWORDS = {word.lower(): word for word in KEYWORDS}
_COMMENT = re.compile(r"(?<!\S)(?:%%|//|/\*|#\s|<!--).*")
_FUNCTION_OF_COLOR = re.compile(r"(?:rgb|hsl)a?\([^()]*\)", re.I)
_EXAMPLES = {
    "style": "style A fill:#fff,stroke:#333",
    "classDef": "classDef hot fill:#f96,stroke:#333",
    "class": "class A,B hot",
    "linkStyle": "linkStyle 0,1 stroke:#f00",
    "CLICK": 'click A "https://example.com" "A hint" _blank',
}


def header(context: ErrorContext) -> Mistake:
    """Explain a first line that does not start a flowchart."""
    return context.mistake("a flowchart must start with 'flowchart LR' or 'graph TD'", context.token.start)


def direction(context: ErrorContext) -> Mistake:
    """Explain an invalid direction in the first line."""
    start = context.token.start + len(context.rest_of_line) - len(context.rest_of_line.lstrip())
    match = re.match(r"[^\s;]*", context.rest_of_line.lstrip())
    word = match.group() if match else ""
    if word in _DIRECTIONS and start and not context.source.text[start - 1].isspace():
        char = context.source.text[start - 1]
        return context.mistake(f"unexpected '{char}' before the direction; write 'graph {word}'", start - 1)
    return context.mistake(f"invalid direction '{word}'; write TB, BT, LR or RL", start, len(word) or 1)


def header_end(context: ErrorContext) -> Mistake:
    """Explain a statement in the first line, after the direction."""
    text = context.source.text
    after_direction = text[context.start.end :]
    start = context.start.end + len(after_direction) - len(after_direction.lstrip(" \t"))
    rest = context.line_from(start)
    word = rest.split(maxsplit=1)[0] if rest.split() else rest
    return context.mistake(f"unexpected '{word}' after the direction; move it to a new line", start, len(rest.rstrip()))


def node_end(context: ErrorContext) -> Mistake:
    """Explain a token after a node that is neither a link nor the end of the statement."""
    return arrow(context) or _comment(context) or _after_node(context) or reserved_word(context)


def _comment(context: ErrorContext) -> Mistake | None:
    """Explain a comment after a statement, or in the style of another language, if there is one."""
    match = _COMMENT.search(context.source.line_at(context.token.start))
    line_start = context.token.start - len(context.line_before(context.token.start))
    if match is None or line_start + match.end() < context.token.start:
        return None
    return context.mistake(
        "a comment starts with '%%' and cannot follow a statement; put it on its own line",
        line_start + match.start(),
        len(match.group().rstrip()),
    )


def _after_node(context: ErrorContext) -> Mistake | None:
    """Explain the most frequent mistakes after a node, by the unexpected token and the text before it."""
    text, offset = context.source.text, context.token.start
    before = context.line_before(offset)
    first = before.strip().split(maxsplit=1)[0] if before.strip() else ""
    keyword = _KEYWORDS.get(first.lower().rstrip(":"))
    if keyword and first != keyword:
        start = offset - len(before.lstrip())
        return context.mistake(f"unknown keyword '{first}'; write '{keyword}'", start, len(first))
    has_label = before.rstrip().endswith(("]", ")", "}"))
    if context.token.kind in CLOSINGS and before.endswith((" ", "\t")) and not has_label:
        name = before.rsplit(maxsplit=1)[-1]
        return context.mistake(f"remove the space between '{name}' and its label", offset)
    if context.token.kind == ":::":
        message = "a node can have only one class with ':::'; add a line with 'class A name' for another one"
        return context.mistake_at(context.token, message)
    if text[offset] in "()[]{}|":
        is_opening = context.token.kind in CLOSINGS or context.token.kind == "|"
        reason = "a node can have only one label" if is_opening else f"'{text[offset]}' does not close anything"
        return context.mistake(f'{reason}; put a label in quotes: A["text (and more)"]', offset)
    if context.token.kind in ("WORD", "LETTER", "NUMBER") and before.endswith((" ", "\t")):
        return _two_words(context, offset, before)
    return None


def _two_words(context: ErrorContext, offset: int, before: str) -> Mistake:
    """Explain a second word after a node's id; `before` is the text of the line before it."""
    word = (context.rest_of_line.split() or [context.token.text])[0]
    labeled = re.match(r"([\w-]+)[\[({]", context.rest_of_line)
    if labeled and word[-1] not in "])}":
        word = labeled[1]
    previous = before.rsplit(maxsplit=1)[-1] if before.strip() else ""
    if previous.endswith("&"):
        ampersand = offset - len(before) + before.rindex("&")
        return context.mistake("'&' needs spaces around it; write A & B", ampersand)
    if previous.endswith(":"):
        advice = "write the text of a link after its arrow: A -->|text| B"
    elif previous == "-":
        message = "'-' marks an item of a list, or a line that a diff removes; remove the mark or the line"
        return context.mistake(message, offset - len(before) + before.rindex("-"))
    elif re.fullmatch(r"\w+", previous) and labeled:
        advice = f"add a link between the two, as in {previous} --> {labeled[1]}, or write each on a line of its own"
    elif re.fullmatch(r"\w+", previous):
        advice = f'an id is a single word: write {previous}["{previous} {word}"], or add a link between the two'
    else:
        advice = "an id is a single word: put a text in quotes, or add a link between the two"
    return context.mistake(f"unexpected '{word}'; {advice}", offset, len(word))


def reserved_word(context: ErrorContext) -> Mistake:
    """Explain an unexpected token about which nothing more specific is known."""
    offset = context.token.start
    char = context.source.text[offset : offset + 1].strip(WHITESPACE)
    if char in _CURLY_QUOTES:
        return _curly_quote(context, offset)
    shown = f"'{char}'" if char else "end of the line"
    return context.mistake(
        f"unexpected {shown}; write one statement per line, a link such as '-->' between nodes, and any other text "
        "in quotes",
        offset,
    )


def _curly_quote(context: ErrorContext, offset: int) -> Mistake:
    rest = context.line_from(offset)
    match = re.match(r"[“”„]([^“”„\"]*)[“”]", rest)
    return context.mistake(
        f"'{rest[0]}' is a curly quotation mark; write \"", offset, len(match.group()) if match else 1
    )


def statement(context: ErrorContext) -> Mistake:
    """Explain a token that no statement starts with."""
    if context.token.kind in ("LINK", "LINK_START"):
        message = "this link has no source; write the node that it comes from before it"
        return context.mistake_at(context.token, message)
    return _comment(context) or node(context)


def node(context: ErrorContext) -> Mistake:
    """Explain a token where a node is expected."""
    token, offset = context.token, context.token.start
    text = context.source.text
    if token.kind == "LINK_ID":
        return link_id(ErrorContext(context.source, token, token))
    if token.kind in ("STRING", "MARKDOWN") or text[offset : offset + 1] in _CURLY_QUOTES:
        return _label_without_id(context) or reserved_word(context)
    if token.kind in ("NEWLINE", "EOF", ";") and context.start.kind in ("LINK", "LINK_START", "&"):
        message = "this link has no target; write the node that it leads to after it, on the same line"
        if context.start.kind == "&":
            message = "'&' must be followed by another node; write A & B"
        return context.mistake_at(context.start, message)
    word = re.match(r"[A-Za-z]+", text[offset:])
    if word and (name := word.group()) in RESERVED:
        return context.mistake(
            f"'{name}' is a reserved word and cannot be a node id; write '{name.capitalize()}' or '{name}_1'",
            offset,
            len(name),
            offset + len(name),
            code="mermaid-reserved",
        )
    if token.kind in CLOSINGS:
        return context.mistake("this label belongs to no node; write an id before it, as in A[Label]", offset)
    char = text[offset : offset + 1]
    shown = f"'{char}'" if char.strip(WHITESPACE) else "the end of the line"
    return context.mistake(f"expected a node but found {shown}; write its id, as in A[Label]", offset)


def _label_without_id(context: ErrorContext) -> Mistake | None:
    """Explain `A --> "B b"`: a label without an id."""
    offset = context.token.start - (context.source.text[context.token.start] not in _CURLY_QUOTES)
    match = re.match(r"[\"“”„]([^\"“”„\n]*)[\"“”]", context.source.text[offset:])
    if not match:
        return None
    is_curly = match.group()[0] in _CURLY_QUOTES
    note = "quotation marks must not be curly, and " if is_curly else ""
    return context.mistake(
        f'{note}a node needs an id before its label; write id["text"]',
        offset,
        len(match.group()),
        offset + len(match.group()),
    )


def group_end(context: ErrorContext) -> Mistake:
    """Explain an `end` without a subgraph."""
    message = "this 'end' does not close a subgraph; remove it, or add the 'subgraph' line that it belongs to"
    return context.mistake_at(context.token, message, "mermaid-end")


def metadata(context: ErrorContext) -> Mistake:
    """Explain `@{` without `}`."""
    return context.mistake_at(context.start, "this '@{' has no closing '}'; add it", "mermaid-unclosed")


def node_list(context: ErrorContext) -> Mistake:
    """Explain `&` without white space after it."""
    return context.mistake_at(context.start, "'&' needs spaces around it; write A & B")


def style_class(context: ErrorContext) -> Mistake:
    """Explain `:::` without a class."""
    return context.mistake_at(context.start, "':::' must be followed by a class; write A:::name")


def link_id(context: ErrorContext) -> Mistake:
    """Explain `e1@` without a link."""
    return context.mistake_at(
        context.start,
        f"'{context.start.text}' is the id of a link, but no link follows; write A e1@--> B, or put a text with '@' "
        "in quotes",
    )


def styling(context: ErrorContext) -> Mistake:
    """Explain an invalid `style`, `classDef`, `class`, `linkStyle` or `click` statement."""
    line = context.source.line_at(context.token.start)
    line_start = context.source.text.rfind("\n", 0, context.token.start) + 1
    for match in _FUNCTION_OF_COLOR.finditer(line):
        if line_start + match.start() <= context.token.start < line_start + match.end():
            color = colors.parse(match.group()) or "#RRGGBBAA"
            message = f"Mermaid accepts no '(' in a style; write '{color}' instead of '{match.group()}'"
            return context.mistake(message, line_start + match.start(), len(match.group()))
    space_after_comma = re.match(r"\s*class\s+[^\s;]+,([ \t]+)(?=\S)", line)
    if space_after_comma:
        offset = line_start + space_after_comma.start(1)
        return context.mistake(
            "remove the space after the comma; write class A,B name", offset, len(space_after_comma[1])
        )
    kind = context.start.kind
    first_word = line.split(maxsplit=1)[0] if line.strip() else ""
    kind = first_word if kind not in _EXAMPLES else kind
    if kind not in _EXAMPLES:
        return _comment(context) or reserved_word(context)
    keyword = "click" if kind == "CLICK" else kind
    return _comment(context) or context.mistake(
        f"invalid '{keyword}' statement from here on; write it as in {_EXAMPLES[kind]}",
        min(context.token.start, len(context.source.text) - 1),
    )
