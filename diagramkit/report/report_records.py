"""The types of a report, and its text in JSON."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from diagramkit.markup import json_text


class NodeReport(Struct, frozen=True):
    """How a node got its icon.

    - `id`: the id of the node.
    - `icon`: the name of the icon, or None for a plain shape.
    - `confidence`: `said` (by the source), `certain`, `likely`, `guess` or `none`.
    - `reason`: why, such as `alias: ALB`.
    """

    id: str
    icon: str | None
    confidence: str
    reason: str


class Problem(Struct, frozen=True):
    """Something that makes a picture hard to read.

    - `kind`: `many-edges`, `crossings`, `label-space`, `small-text`, `empty-space`, `empty-group`, `similar-id` or
      `no-icon`.
    - `lines`: the lines of the source that cause it.
    - `message`: what is wrong.
    - `change`: what to change.
    """

    kind: str
    lines: tuple[int, ...]
    message: str
    change: str


class Report(Struct, frozen=True):
    """What a picture shows, and what makes it hard to read.

    - `title`: the title of the diagram.
    - `canvas`, `theme`: the options that it was drawn with.
    - `width`, `height`: the size of the picture in points.
    - `nodes`: its nodes, in source order.
    - `problems`: what to change, the most important first.
    - `crossings`: the number of points at which edges cross.
    - `text_px`: the height of the smallest text in pixels, with the picture as large as its canvas allows; None without
      a canvas.
    - `empty`: the share of the canvas (without one, of the picture) that is empty.
    """

    title: str
    canvas: str
    theme: str
    width: int
    height: int
    nodes: tuple[NodeReport, ...]
    problems: tuple[Problem, ...]
    crossings: int
    text_px: float | None
    empty: float

    def to_json(self) -> str:
        """Return the report as compact JSON, with one line for each problem and each node.

        `nodes` has a list for each id: the icon, the confidence and the reason.
        """
        names = ("title", "canvas", "theme", "width", "height", "crossings", "text_px", "empty")
        figures = {name: getattr(self, name) for name in names}
        parts = [",".join(f"{json_text(name)}:{json_text(value)}" for name, value in figures.items())]
        parts.append('"problems":[' + ",\n".join(_problem_text(problem) for problem in self.problems) + "]")
        parts.append('"nodes":{' + ",\n".join(_node_text(node) for node in self.nodes) + "}")
        return "{" + ",\n".join(parts) + "}\n"


def _problem_text(problem: Problem) -> str:
    values = {"kind": problem.kind, "lines": list(problem.lines), "message": problem.message, "change": problem.change}
    return "{" + ",".join(f"{json_text(name)}:{_value(value)}" for name, value in values.items() if value) + "}"


def _node_text(node: NodeReport) -> str:
    return f"{json_text(node.id)}:[{','.join(map(json_text, (node.icon, node.confidence, node.reason)))}]"


def _value(value: Any) -> str:
    return "[" + ",".join(map(str, value)) + "]" if isinstance(value, list) else json_text(value)
