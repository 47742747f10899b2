"""Reads Mermaid text into a `Graph`: detects the type of the diagram and calls its parser."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from diagramkit.diagnostics import Diagnostic, DiagramError
from diagramkit.graph import Edge, Graph, Group, Node, UnsupportedFeature
from diagramkit.sources.mermaid import flowchart, preamble
from diagramkit.sources.mermaid.configuration import Configuration
from diagramkit.sources.mermaid.source_text import Origin, Source

_MAY_BE_MISREAD = re.compile(
    r"(?m)^[^\S\n]*(?:``|#|//|end[^\S\n]++[^\s;%]|subgraph\s[^\n]*\"\s+as\s|click\s[^\n]*(?:[:',\[]|\shttps?:|mailto:))"
)
_FORMULA = re.compile(r"\$\$.*\$\$", re.S)


def parse(text: str, origin: Origin) -> Graph:
    """Read the flowchart or architecture diagram in `text`; `origin` is the position of the text in its file.

    Raises `preamble.OtherTypeError` for Mermaid's other diagram types, and `DiagramError` with all mistakes and
    verified fixes for them otherwise. Some lines are mistakes although Mermaid reads them (`mistakes.misread_lines`).
    """
    problems: tuple[Diagnostic, ...] = ()
    try:
        graph = _parse(text, origin)
    except preamble.OtherTypeError:
        raise
    except DiagramError as error:
        if origin.inexact_positions:
            raise
        problems = error.problems
    if not problems and not _MAY_BE_MISREAD.search(text):
        return graph
    from diagramkit.sources.mermaid.mistakes import corrections

    if problems := corrections.with_fixes(text, origin, problems, _parse):
        raise DiagramError(problems)
    return graph


def _parse(text: str, origin: Origin) -> Graph:
    """Read a diagram as `parse` does, without fixes."""
    source = Source(text, origin)
    configuration = preamble.clean(source)
    try:
        graph = _parse_diagram(source, configuration.title)
    except preamble.OtherTypeError:
        raise
    except DiagramError as error:
        raise DiagramError((*configuration.problems, *error.problems, *_hint_problems(configuration))) from None
    if configuration.hints:
        graph = _with_hints(graph, configuration)
    if configuration.problems:
        raise DiagramError(configuration.problems)
    return replace(graph, unsupported=(*configuration.unsupported, *graph.unsupported, *_formulas(graph)))


def _hint_problems(configuration: Configuration) -> list[Diagnostic]:
    """Return what is wrong with the layout hints of a diagram whose nodes and groups are unknown."""
    if not configuration.hints:
        return []
    from diagramkit.sources.layout_hints import comments

    return comments.read(configuration.hints, ())[1]


def _with_hints(graph: Graph, configuration: Configuration) -> Graph:
    """Return the graph with the layout hints in the comments, and add what is wrong with them to `configuration`."""
    from diagramkit.sources.layout_hints import comments, hint_checks

    hints, problems = comments.read(configuration.hints, {item.id for item in graph.nodes_and_groups})
    problems += hint_checks.problems(graph, hints)
    configuration.problems += sorted(problems, key=lambda problem: (problem.span.line, problem.span.column))
    return replace(graph, hints=tuple(each.hint for each in hints))


def _parse_diagram(source: Source, title: str | None) -> Graph:
    words = source.text.split(maxsplit=1)
    if words and words[0] == preamble.ARCHITECTURE:
        from diagramkit.sources.mermaid import architecture

        return architecture.read(source, title)
    return flowchart.read(source, title)


def _formulas(graph: Graph) -> Iterator[UnsupportedFeature]:
    """Yield the labels with formulas in LaTeX, which Mermaid draws with KaTeX."""
    elements: tuple[Node | Edge | Group, ...] = (*graph.nodes, *graph.edges, *graph.groups)
    for element in elements:
        if "$$" in element.label and _FORMULA.search(element.label):
            yield UnsupportedFeature("LaTeX in $$", element.span)
