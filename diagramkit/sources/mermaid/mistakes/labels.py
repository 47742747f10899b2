"""Explains mistakes in labels and titles: missing quotes, empty labels, missing closing brackets."""

from __future__ import annotations

import re

from diagramkit.sources.mermaid.brackets import CLOSINGS
from diagramkit.sources.mermaid.error_context import ErrorContext, Mistake
from diagramkit.sources.mermaid.letters import WHITESPACE
from diagramkit.sources.mermaid.mistakes.arrows import arrow
from diagramkit.sources.mermaid.mistakes.line_text import LINK
from diagramkit.sources.mermaid.mistakes.statements import reserved_word

_SPECIAL = '()[]{}|"'


def label(context: ErrorContext) -> Mistake:
    """Explain an invalid label that starts at the token `context.start`."""
    opening, text_start = context.start.kind, context.start.end
    closings = CLOSINGS.get(opening, ("|",))
    if opening in ("(", "{") and context.source.text[text_start : text_start + 1] == opening:
        opening, text_start, closings = opening * 2, text_start + 1, (closings[0] * 2,)
    if opening == ">" and context.source.text[context.start.start - 1] in "-=":
        return arrow(ErrorContext(context.source, context.start, context.start)) or reserved_word(context)
    rest = context.line_from(text_start)
    ends = [(rest.find(closing), closing) for closing in closings if closing in rest]
    if not ends:
        return _missing_closing(context, opening, closings[0])
    end, closing = min(ends)
    if not rest[:end].strip('" '):
        return context.mistake(
            'Mermaid rejects an empty label; write a text, or [" "] for a blank label',
            context.start.start,
            len(opening + rest[:end] + closing),
            text_start + end,
            code="mermaid-empty-label",
        )
    if re.fullmatch(r'\s*"[^"]*"\s*', rest[:end]) or re.match(r'\s*"[^"]*"[\])}]', rest):
        return _wrong_closing(context, opening, closing)
    offset = context.token.start - (context.token.kind in ("STRING", "MARKDOWN"))
    if not text_start <= offset < text_start + len(rest):
        # The lexer stopped outside the line: point at the first special character in the label.
        offset = text_start + next((index for index, char in enumerate(rest) if char in _SPECIAL), 0)
    return context.mistake(
        f"a label that contains '{context.source.text[offset]}' must be quoted; write {opening}\"text\"{closing}",
        offset,
        end=text_start + end,
        code="mermaid-unquoted",
    )


def _wrong_closing(context: ErrorContext, opening: str, closing: str) -> Mistake:
    """Explain a correctly quoted label that ends with the wrong bracket."""
    bracket = context.token.text.strip(WHITESPACE)
    return context.mistake(
        f"'{bracket}' does not close a label that starts with '{opening}'; write '{closing}'",
        context.token.start,
        len(bracket),
        context.token.start + len(bracket),
    )


def _missing_closing(context: ErrorContext, opening: str, closing: str) -> Mistake:
    """Explain a label without a closing bracket."""
    rest = context.source.text[context.start.end :].rstrip()
    is_cut_off = not re.search(rf"\n|{LINK}", rest)
    advice = "add it, and what follows: the text may be cut off here" if is_cut_off else "add it"
    if opening in ("[/", "[\\"):
        advice = f"if '{opening[1]}' is part of the label, put the label in quotes"
    return context.mistake(
        f"the label that starts with '{opening}' has no closing '{closing}'; {advice}",
        context.start.start,
        len(opening),
        code="mermaid-unclosed",
    )


def subgraph_title(context: ErrorContext) -> Mistake:
    """Explain a subgraph's title that is missing or must be quoted."""
    rest = context.line_from(context.start.end)
    title = rest.strip()
    if not title:
        return context.mistake("a subgraph needs a title; write 'subgraph Name'", context.start.start, len("subgraph"))
    title_start = context.start.end + rest.index(title)
    token_start = context.token.start
    char = context.source.text[token_start : token_start + 1].strip()
    problem = f"a title that contains '{char}' must be quoted" if char else f"the title '{title}' must be quoted"
    is_in_title = token_start < title_start + len(title)
    return context.mistake(
        f'{problem}; write subgraph "title"',
        max(title_start, token_start) if is_in_title else title_start,
        code="mermaid-unquoted",
    )
