"""Explains mistakes in links: arrows that Mermaid does not have, and links without an end."""

from __future__ import annotations

import re

from diagramkit.sources.mermaid.error_context import ErrorContext, Mistake
from diagramkit.sources.mermaid.mistakes.link_lines import WRONG_LINK, mermaid_link

_BACKWARD = re.compile(r"<(?:-{1,2}|={1,2}|\.{1,2})(?![->=.])")


def arrow(context: ErrorContext) -> Mistake | None:
    """Explain an arrow that Mermaid does not have, at the unexpected token or just before it, if there is one."""
    text, offset = context.source.text, context.token.start
    # The lexer splits `A->B` into the id `A-` and a bracket, and stops in `A - text -> B` at the dash.
    while offset > 0 and text[offset - 1] in "-=<":
        offset -= 1
    rest = context.line_from(offset)
    offset += len(rest) - len(rest.lstrip(" \t"))
    if match := WRONG_LINK.match(text, offset):
        link = mermaid_link(match.group())
        message = f"'{match.group()}' is not a link in Mermaid; write '{link}'"
        return context.mistake(message, offset, len(match.group()), match.end(), code="mermaid-arrow")
    if backward := _BACKWARD.match(text, offset):
        return backward_arrow(context, offset, backward.group())
    return None


def backward_arrow(context: ErrorContext, offset: int, arrow_text: str) -> Mistake:
    """Explain `A <-- B`."""
    link = "==>" if "=" in arrow_text else "-.->" if "." in arrow_text else "-->"
    return context.mistake(
        f"'{arrow_text}' is not a link in Mermaid; an arrow points forward: swap its ends and write '{link}'",
        offset,
        len(arrow_text),
        code="mermaid-arrow",
    )


def link_text(context: ErrorContext) -> Mistake:
    """Explain `A -- text` without the second part of the link."""
    offset, opening = context.start.visible_start, context.start.visible
    rest = context.line_from(offset)
    if _BACKWARD.match(rest):
        return backward_arrow(context, offset, opening)
    short_arrow = re.match(r"(--)(\s[^\n]*?\s)->", rest)
    if short_arrow:
        return context.mistake(
            "'->' cannot end a link; write '-->'",
            offset + short_arrow.end() - 2,
            2,
            offset + short_arrow.end(),
            code="mermaid-arrow",
        )
    closing = {"-": "-->", "=": "==>", ".": ".->"}[opening[-1]]
    return context.mistake_at(
        context.start,
        f"the link '{opening}' has no end; write '{opening} text {closing}', or '{opening}{opening[-1]}' for a line "
        "without text",
    )
