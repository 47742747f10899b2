"""Explains mistakes in labels and titles: missing quotes, empty labels, missing closing brackets."""

from __future__ import annotations

import re
from collections.abc import Sequence

from diagramkit.sources.mermaid.error_context import ErrorContext, Mistake
from diagramkit.sources.mermaid.letters import WHITESPACE
from diagramkit.sources.mermaid.mistakes.arrows import arrow
from diagramkit.sources.mermaid.mistakes.statements import reserved_word
from diagramkit.sources.mermaid.shapes import CLOSINGS

# The end of a label is searched for in this many characters, so that a long line does not take long.
_MAX_LABEL_LENGTH = 1000
_AFTER_LABEL = re.compile(r"\s*(?:$|;|&|:::|@\{|%%|[xo<]?(?:--|==|-\.)|~~~|->|=>|-\s|[→⟶➔])")


def label(context: ErrorContext) -> Mistake:
    """Explain an invalid label that starts at the token `context.start`."""
    opening, text_start = context.start.kind, context.start.end
    closings = CLOSINGS.get(opening, ("|",))
    is_doubled = opening in ("(", "{") and context.source.text[text_start : text_start + 1] == opening
    if is_doubled:
        text_start, closings = text_start + 1, (closings[0] * 2,)
    if opening == ">" and context.source.text[context.start.start - 1] in "-=":
        return arrow(ErrorContext(context.source, context.start, context.start)) or reserved_word(context)
    rest = context.line_from(text_start)
    end = _label_end(rest, closings)
    shown_opening = opening * 2 if is_doubled else opening
    if end is None:
        return _missing_closing(context, shown_opening, closings[0], text_start)
    raw, closing = rest[: end[0]], end[1]
    if not raw.strip().strip('"').strip():
        return context.mistake(
            "mermaid-empty-label",
            'Mermaid rejects an empty label; write a text, or [" "] for a blank label',
            context.start.start,
            len(shown_opening + raw + closing),
            context.fix(text_start, raw, '" "'),
        )
    inner = raw.strip()
    if inner[0] in '"“”' and inner[-1] in '"“”' and len(inner) > 1:
        inner = inner[1:-1]
    new = '"' + inner.translate({ord("“"): "#quot;", ord("”"): "#quot;", ord('"'): "#quot;"}) + '"'
    if new == raw.strip():
        return _wrong_closing(context, shown_opening, closing)
    offset = context.token.start
    char = context.source.text[offset : offset + 1]
    if context.token.kind in ("STRING", "MARKDOWN"):
        char, offset = '"', offset - 1
    if not text_start <= offset <= text_start + len(raw):
        # The lexer stopped outside the label: point at the first special character in it.
        char = next((special for special in raw if special in '()[]{}|"'), raw[0])
        offset = text_start + raw.index(char)
    return context.mistake(
        "mermaid-unquoted",
        f"a label that contains '{char}' must be quoted; write {shown_opening}{new}{closing}",
        offset,
        1,
        context.fix(text_start, raw, new),
    )


def _wrong_closing(context: ErrorContext, opening: str, closing: str) -> Mistake:
    """Explain a correctly quoted label that ends with the wrong bracket."""
    bracket = context.token.text.strip(WHITESPACE)
    return context.mistake(
        "mermaid-syntax",
        f"'{bracket}' does not close a label that starts with '{opening}'; write '{closing}'",
        context.token.start,
        len(bracket),
        context.fix(context.token.start, bracket, closing) if bracket and bracket != closing else None,
    )


def _label_end(rest: str, closings: Sequence[str]) -> tuple[int, str] | None:
    """Return the offset of the closing bracket that most likely ends a label in the rest of its line, and the bracket.

    Brackets before the end of the line or before a link are preferred, and among them those after balanced text.
    """
    rest = rest[:_MAX_LABEL_LENGTH]
    candidates = [
        (offset, closing) for closing in closings for offset in range(len(rest)) if rest.startswith(closing, offset)
    ]
    if closings == ("|",):
        return min(candidates, default=None)
    ends = [end for end in sorted(candidates) if _AFTER_LABEL.match(rest[end[0] + len(end[1]) :])]
    balanced_ends = [end for end in ends if _is_balanced(rest[: end[0]])]
    return next(iter(balanced_ends or ends or sorted(candidates)[-1:]), None)


def _is_balanced(text: str) -> bool:
    return all(text.count(opening) == text.count(closing) for opening, closing in ("()", "[]", "{}"))


def _missing_closing(context: ErrorContext, opening: str, closing: str, text_start: int) -> Mistake:
    """Explain a label without a closing bracket."""
    rest = context.line_from(text_start).rstrip()
    fix = None
    advice = "; add it"
    if opening in ("[/", "[\\") and "]" in rest:
        inner = rest.split("]")[0]
        advice = f"; if '{opening[1]}' is part of the label, write [\"{opening[1]}{inner}\"]"
        old = f"{opening}{inner}]"
        fix = context.fix(context.start.start, old, f'["{opening[1]}{inner}"]')
    elif rest and not re.search(r"--|==|-\.|[()\[\]{}|\"]", rest):
        fix = context.fix(text_start, rest, rest + closing)
    return context.mistake(
        "mermaid-unclosed",
        f"the label that starts with '{opening}' has no closing '{closing}'{advice}",
        context.start.start,
        len(opening),
        fix,
    )


def subgraph_title(context: ErrorContext) -> Mistake:
    """Explain a subgraph's title that is missing or must be quoted."""
    rest = context.line_from(context.start.end)
    title = rest.strip()
    if not title:
        return context.mistake(
            "mermaid-syntax",
            "a subgraph needs a title; write 'subgraph Name'",
            context.start.start,
            len("subgraph"),
        )
    title_start = context.start.end + rest.index(title)
    new = '"' + re.sub(r'["“”]', "", title) + '"'
    token_start = context.token.start
    char = context.source.text[token_start : token_start + 1].strip()
    problem = f"a title that contains '{char}' must be quoted" if char else f"the title '{title}' must be quoted"
    return context.mistake(
        "mermaid-unquoted",
        f"{problem}; write subgraph {new}",
        max(title_start, token_start) if token_start < title_start + len(title) else title_start,
        1,
        context.fix(title_start, title, new) if new != title else None,
    )
