"""Explains mistakes in flowcharts, and finds fixes for them.

Mermaid lists the up to thirty tokens that it expected. This package examines the text around the unexpected token
instead, and names the mistake that is most likely behind it (`arrows`, `labels`, `statements`). Fixes do not depend on
this explanation: `candidates` proposes edits of the line, and `corrections` verifies them by parsing the result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from diagramkit.diagnostics import Diagnostic, Fix
from diagramkit.sources.mermaid.builder import OpenGroup, RejectedError
from diagramkit.sources.mermaid.cursor import UnexpectedError
from diagramkit.sources.mermaid.error_context import ErrorContext, Mistake, diagnostic_at
from diagramkit.sources.mermaid.mistakes import arrows, labels, statements
from diagramkit.sources.mermaid.source_text import Source
from diagramkit.sources.mermaid.swallowed import end_before_link
from diagramkit.sources.mermaid.tokens import Token


def _subgraph_heading(context: ErrorContext) -> Mistake:
    """Explain a mistake in a subgraph's first line, or a link in the line after it: Mermaid's lexer includes the line
    break in the token of such a link."""
    if context.token.kind in ("LINK", "LINK_START") and "\n" in context.token.text:
        return statements.statement(context)
    return labels.subgraph_title(context)


_EXPLAINERS: dict[str, Callable[[ErrorContext], Mistake]] = {
    "header": statements.header,
    "direction": statements.direction,
    "header end": statements.header_end,
    "statement": statements.statement,
    "node": statements.node,
    "node end": statements.node_end,
    "label": labels.label,
    "link label": labels.label,
    "link text": arrows.link_text,
    "link id": statements.link_id,
    "list": statements.node_list,
    "class of a node": statements.style_class,
    "data": statements.metadata,
    "subgraph": _subgraph_heading,
    "subgraph end": _subgraph_heading,
    "end": statements.group_end,
}


def explain(source: Source, error: UnexpectedError) -> Mistake:
    """Return the mistake behind an unexpected token."""
    context = ErrorContext(source, error.token, error.start)
    return _EXPLAINERS.get(error.construct, statements.styling)(context)


def explain_rejected(source: Source, start: Token, error: RejectedError) -> Mistake:
    """Return the mistake in a well-formed statement that Mermaid rejects; `start` is its first token."""
    offset = start.start if error.offset is None else error.offset
    return Mistake(diagnostic_at(source, error.code, error.message, offset), offset)


def unclosed(source: Source, groups: Sequence[OpenGroup]) -> list[Diagnostic]:
    """Return an error for each subgraph without an `end`."""
    problems = []
    for group in groups:
        title = group.title.text.strip()
        shown_title = f" '{title}'" if title else ""
        message = f"the subgraph{shown_title} is not closed; add a line with 'end' after its contents"
        problems.append(diagnostic_at(source, "mermaid-end", message, group.start, len("subgraph")))
    return problems


def mismatched_link(source: Source, start: Token, end: Token) -> Diagnostic:
    """Return a warning about a link whose two parts do not match: Mermaid accepts it and draws a plain arrow."""
    message = f"the link parts '{start.visible}' and '{end.visible}' do not match; Mermaid draws a plain arrow"
    return Diagnostic("mermaid-link", message, source.span(start.visible_start), "warning")


def swallowed_nodes(source: Source, offset: int) -> Diagnostic:
    """Return an error about a text that starts at `offset` and contains the nodes and links behind it."""
    message = "this text has no end, so that it contains the nodes and links behind it; write it in quotes"
    return diagnostic_at(source, "mermaid-unquoted", message, offset)


def nodes_in_quotes(source: Source, text: Token) -> Diagnostic:
    """Return a warning about a text in quotes, on one line, that looks like the end of a node, a link and a node.

    Mermaid reads it as a text. What is meant is not certain.
    """
    bracket = end_before_link(text.text)
    advice = f", or else '#{ord(bracket)};' instead of '{bracket}'" if bracket else ""
    message = (
        "Mermaid reads the link and the brackets in this text as a part of it; write the missing quotation marks if "
        f"these are nodes{advice}"
    )
    return replace(diagnostic_at(source, "mermaid-unquoted", message, text.start), severity="warning")


def text_of_lines(source: Source, start: Token) -> Diagnostic:
    """Return an error about a link whose text goes on in the next lines, where the nodes are."""
    message = (
        f"the text of the link '{start.visible}' goes on in the next line, where a node is; write '-->' for a link "
        "without a text, or '-->|text|' and the node"
    )
    return diagnostic_at(source, "mermaid-link", message, start.visible_start, len(start.visible))


def backward_link(source: Source, start: Token) -> Diagnostic:
    """Return an error about a link that points backward, as in `A <-- B`, and whose text goes on in the next lines."""
    return arrows.backward_arrow(ErrorContext(source, start, start), start.visible_start, start.visible).problem


def separated_link(source: Source, start: Token) -> Diagnostic:
    """Return an error about a link with a space before its arrowhead, which makes a text of the node behind it."""
    message = f"the arrowhead behind '{start.visible}' is read as a text; write '{start.visible}>' without a space"
    if start.visible == "-.":
        message = message.replace("'-.>'", "'-.->'")
    return diagnostic_at(source, "mermaid-arrow", message, start.visible_start, len(start.visible))


def inner_quotes(source: Source, start: int, end: int) -> Diagnostic | None:
    """Return a warning about quotation marks in a text in quotes, `[start, end)`, or None if it has none.

    Mermaid drops them, and draws the backslashes with which other languages escape them.
    """
    first, last = source.original_offset(start), source.original_offset(end)
    text = source.original[first:last].rstrip()
    if not text.endswith('"') or "\n" in text or '"' not in text[:-1]:
        return None
    old = text[:-1]
    new = old.replace('\\"', "#quot;").replace('"', "#quot;")
    reason = "draws the backslashes" if "\\" in old else "drops the quotation marks"
    problem = diagnostic_at(
        source, "mermaid-unquoted", f"Mermaid {reason} in this text; write '#quot;'", start, len(old)
    )
    fix = None if source.origin.inexact_positions or source.origin.is_html else Fix(problem.span, old, new)
    return replace(problem, severity="warning", fix=fix)
