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
    - `nodes`: its nodes, in source order.
    - `problems`: what to change, the most important first.
    - `crossings`: the number of points at which edges cross.
    - `text_px`: the height of the smallest text in pixels, with the picture as large as its canvas allows; None without
      a canvas.
    - `empty`: the share of the canvas (without one, of the picture) that is empty.
    """

    title: str
    nodes: tuple[NodeReport, ...]
    problems: tuple[Problem, ...]
    crossings: int
    text_px: float | None
    empty: float

    def to_json(self) -> str:
        """Return the report as compact JSON: one line for each node and each problem, and for the rest."""
        figures = {"title": self.title, "crossings": self.crossings, "text_px": self.text_px, "empty": self.empty}
        lines = [f"{json_text(name)}:{json_text(value)}" for name, value in figures.items()]
        rows = _rows(_compact(_node_data(node)) for node in self.nodes)
        problems = _rows(_compact(_problem_data(problem)) for problem in self.problems)
        return f'{{{",".join(lines)},\n"problems":{problems},\n"nodes":{rows}}}\n'


def _node_data(node: NodeReport) -> dict[str, Any]:
    return {"id": node.id, "icon": node.icon, "confidence": node.confidence, "reason": node.reason}


def _problem_data(problem: Problem) -> dict[str, Any]:
    data = {"kind": problem.kind, "lines": list(problem.lines), "message": problem.message, "change": problem.change}
    return {name: value for name, value in data.items() if value}


def _compact(data: dict[str, Any]) -> str:
    return "{" + ",".join(f"{json_text(name)}:{_value(value)}" for name, value in data.items()) + "}"


def _value(value: Any) -> str:
    return json_text(value).replace(", ", ",") if isinstance(value, list) else json_text(value)


def _rows(rows: Any) -> str:
    return "[" + ",\n".join(rows) + "]"
