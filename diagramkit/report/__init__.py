"""The report about a picture: how each node got its icon, and what makes the picture hard to read.

A program, or a model that wrote the diagram, reads it instead of looking at the picture. Each problem names the lines
of the source that cause it, and what to change there. `report_records` has the types, `reading_problems` the list of
checks, and the other modules what they measure on the drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from diagramkit import timing
from diagramkit.diagnostics import Diagnostic
from diagramkit.drawing import Drawing
from diagramkit.graph import Pattern
from diagramkit.icons.resolver import IconChoice
from diagramkit.layout.canvas import parse as parse_canvas
from diagramkit.report import crossing_lines, reading_problems, spacing
from diagramkit.report.picture import ShownPicture
from diagramkit.report.report_records import NodeReport, Problem, Report


@timing.step("report")
def build(
    pattern: Pattern,
    choices: Mapping[str, IconChoice],
    drawing: Drawing,
    canvas: str,
    theme: str,
    missing_icons: Iterable[Diagnostic] = (),
) -> Report:
    """Return the report about a drawing of a pattern for a canvas, in a theme.

    `missing_icons` are the diagnostics about components without an icon; they become problems of the report.
    """
    shown = ShownPicture(pattern.graph, drawing, parse_canvas(canvas))
    crossings = crossing_lines.find(drawing)
    problems = [*reading_problems.problems(shown, crossings)]
    problems += _missing_icons(list(missing_icons))
    return Report(
        pattern.title,
        canvas,
        theme,
        round(drawing.width),
        round(drawing.height),
        tuple(_node(node.id, choices[node.id]) for node in pattern.graph.nodes),
        tuple(problems),
        len(crossings),
        None if shown.text_size is None else round(shown.text_size, 1),
        round(spacing.empty_share(shown), 2),
    )


def _node(name: str, choice: IconChoice) -> NodeReport:
    return NodeReport(name, choice.icon, choice.public_confidence, choice.reason)


def _missing_icons(diagnostics: Sequence[Diagnostic]) -> Iterator[Problem]:
    """Yield one problem for all components without an icon for which the same is to be done.

    A message says what is wrong, a semicolon, and what to change; only that of the first component shows how.
    """
    with_advice = [one for one in diagnostics if "find one with" not in one.message]
    others = [one for one in diagnostics if one not in with_advice]
    for group in (*([one] for one in with_advice), others):
        if group:
            message, _, change = group[0].message.partition("; ")
            names = [one.message.partition("; ")[0].removeprefix("no icon for ") for one in group[1:]]
            lines = tuple(sorted({one.span.line for one in group}))
            yield Problem("no-icon", lines, ", ".join((message, *names)), change)
