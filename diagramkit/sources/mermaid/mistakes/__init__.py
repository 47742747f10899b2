"""What people get wrong in flowcharts: named, with what to write instead, and a mend where sure.

Mermaid says which of thirty tokens it expected; here the text around the place is looked at,
and the mistake that is nearly always behind it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from diagramkit.diagnostics import Diagnostic
from diagramkit.sources.mermaid.builder import Open, RejectedError
from diagramkit.sources.mermaid.cursor import UnexpectedError
from diagramkit.sources.mermaid.error_context import ErrorContext, Mistake, fix, problem
from diagramkit.sources.mermaid.letters import BLANKS
from diagramkit.sources.mermaid.mistakes import arrows, labels, statements
from diagramkit.sources.mermaid.source_text import Source
from diagramkit.sources.mermaid.tokens import Token


def _heading(place: ErrorContext) -> Mistake:
    """A subgraph's title; or the link in the line below it, which Mermaid's lexer takes with the line's end."""
    if place.found.kind in ("LINK", "HALF") and "\n" in place.found.text:
        return statements.statement(place)
    return labels.subgraph(place)


_EXPLAIN: dict[str, Callable[[ErrorContext], Mistake]] = {
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
    "data": statements.data,
    "subgraph": _heading,
    "subgraph end": _heading,
    "end": statements.group_end,
}


def explain(source: Source, error: UnexpectedError) -> Mistake:
    """What is wrong where the parser could not go on."""
    place = ErrorContext(source, error.found, error.since)
    return _EXPLAIN.get(error.place, statements.styling)(place)


def rejected(source: Source, start: Token, error: RejectedError) -> Mistake:
    """What is wrong with a statement that can be read, and cannot be."""
    at = start.start if error.at is None else error.at
    return Mistake(problem(source, error.code, error.message, at), at)


def unclosed(source: Source, groups: Sequence[Open]) -> list[Diagnostic]:
    """A problem for each subgraph without an `end`; the mend of the innermost is at the end."""
    found = []
    for group in groups:
        last = len(source.text.rstrip())
        line = source.line_at(group.start)
        indent = line[: len(line) - len(line.lstrip())]
        mend = fix(source, last, "", f"\n{indent}end") if group is groups[-1] else None
        title = group.title.text.strip()
        named = f" '{title}'" if title else ""
        found.append(
            problem(
                source,
                "mermaid-end",
                f"the subgraph{named} has no end; write 'end' in a line behind it",
                group.start,
                len("subgraph"),
                mend,
            )
        )
    return found


def mismatch(source: Source, half: Token, end: Token) -> Diagnostic:
    """A warning: Mermaid takes these two halves of a link, and draws a plain arrow for them."""
    at = half.end - len(half.text.lstrip(BLANKS))
    return Diagnostic(
        "mermaid-link",
        f"the halves '{half.text.strip(BLANKS)}' and '{end.text.strip(BLANKS)}' do not belong together; "
        "Mermaid draws a plain arrow",
        source.span(at),
        "warning",
    )
