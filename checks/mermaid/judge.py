"""Runs Mermaid on texts (with `judge.mjs`) and compares what it reads with what diagramkit reads."""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from shutil import which
from typing import Any

from diagramkit.diagnostics import DiagramError
from diagramkit.graph import Edge
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin

FOLDER = Path(__file__).parent
VERSIONS = ("mermaid", "mermaid11")
# Mermaid's internal notation of entity codes.
_CODE = re.compile("ﬂ°(°?)(\\w+)¶ß")
# A decoded `<`, for which a noncharacter stands, where it would begin a tag or a comment.
_DECODED = "\ufdd0"
_DECODED_TAG = re.compile(f"{_DECODED}(?=/?[A-Za-z][^<>{_DECODED}]*>|!--)")

Facts = dict[str, Any]


def missing_requirement() -> str | None:
    """Return what is missing to run Mermaid, or None."""
    if which("node") is None:
        return "Node.js is not installed"
    if not (FOLDER / "node_modules" / "mermaid").is_dir():
        return "Mermaid is not installed: run 'npm install' in checks/mermaid"
    return None


def ask_mermaid(texts: Sequence[str], version: str = "mermaid") -> list[Facts]:
    """Return what Mermaid reads in each text."""
    process = subprocess.run(
        ["node", "judge.mjs", version],
        cwd=FOLDER,
        input=json.dumps(list(texts)),
        capture_output=True,
        text=True,
        check=True,
    )
    answers: list[Facts] = json.loads(process.stdout)
    return answers


def mermaid_flowchart(answer: Facts) -> Facts:
    """Convert Mermaid's answer for a flowchart to the form of `diagramkit_flowchart`."""
    if not answer["ok"] or not answer.get("kind", "").startswith("flowchart"):
        return {"ok": False}
    groups = {group["id"] for group in answer["groups"]}
    known = groups | {vertex["id"] for vertex in answer["vertices"]}
    facts: Facts = _decode_entities(
        {
            "ok": True,
            "direction": "TB" if answer["direction"] == "BR" else answer["direction"],
            "accTitle": answer["accTitle"],
            "accDescription": answer["accDescription"],
            "nodes": [
                [
                    vertex["id"],
                    _label(_text(vertex["text"])),
                    vertex["type"] or "square",
                    [name for name in vertex["classes"] if name != "clickable"],
                    _pairs(vertex["styles"]),
                    vertex["icon"],
                    vertex["img"],
                ]
                for vertex in answer["vertices"]
                if vertex["id"] not in groups
            ],
            "edges": [
                ["normal", "arrow_point", edge["start"], edge["end"], _label(edge["text"])]
                if edge["type"] == "INVALID"
                else [edge["stroke"], edge["type"], edge["start"], edge["end"], _label(edge["text"]), edge["length"]]
                for edge in answer["edges"]
            ],
            "groups": {
                group["id"]: [
                    _label(group["title"]),
                    "TB" if group["dir"] == "TD" else group["dir"],
                    sorted(member for member in group["nodes"] if member in known),
                ]
                for group in answer["groups"]
            },
        }
    )
    return facts


def diagramkit_flowchart(text: str) -> Facts:
    """Return what diagramkit reads in a flowchart."""
    try:
        graph = parse(text, Origin("d.mmd"))
    except DiagramError:
        return {"ok": False}
    facts: Facts = _decode_entities(
        {
            "ok": True,
            "direction": graph.direction,
            "accTitle": graph.accessible_title or None,
            "accDescription": graph.description or None,
            "nodes": [
                [
                    node.id,
                    node.label,
                    node.source_shape or "square",
                    list(node.classes),
                    [list(pair) for pair in node.style],
                    node.icon,
                    node.image,
                ]
                for node in graph.nodes
            ],
            "edges": [_diagramkit_edge(edge) for edge in graph.edges],
            "groups": {
                group.id: [
                    group.label,
                    group.direction,
                    sorted(
                        [
                            *(node.id for node in graph.child_nodes(group.id)),
                            *(child.id for child in graph.groups if child.parent == group.id),
                        ]
                    ),
                ]
                for group in graph.groups
            },
        }
    )
    return facts


def mermaid_architecture(answer: Facts) -> Facts:
    """Convert Mermaid's answer for an architecture diagram to the form of `diagramkit_architecture`."""
    if not answer["ok"] or answer.get("kind") != "architecture":
        return {"ok": False}
    members = [*answer["services"], *answer["junctions"]]
    parents = {member["id"]: member.get("parent") for member in members}
    return {
        "ok": True,
        "groups": [[group["id"], group.get("title") or group["id"], group.get("parent")] for group in answer["groups"]],
        "nodes": [
            *([service["id"], service.get("icon"), service.get("parent")] for service in answer["services"]),
            *([junction["id"], None, junction.get("parent")] for junction in answer["junctions"]),
        ],
        "edges": [_mermaid_architecture_edge(edge, parents) for edge in answer["edges"]],
    }


def _mermaid_architecture_edge(edge: Facts, parents: dict[str, str | None]) -> list[Any]:
    ends = [
        (parents[edge[f"{end}Id"]] if edge.get(f"{end}Group") else None) or edge[f"{end}Id"] for end in ("lhs", "rhs")
    ]
    heads = ["arrow" if edge.get(f"{end}Into") else "none" for end in ("lhs", "rhs")]
    return [*sorted(zip(ends, heads, strict=True)), edge.get("title") or ""]


def diagramkit_architecture(text: str) -> Facts:
    """Return what diagramkit reads in an architecture diagram."""
    try:
        graph = parse(text, Origin("d.mmd"))
    except DiagramError:
        return {"ok": False}
    return {
        "ok": True,
        "groups": [[group.id, group.label, group.parent] for group in graph.groups],
        "nodes": [[node.id, node.icon, node.group] for node in graph.nodes],
        "edges": [
            [*sorted([(edge.source, str(edge.tail)), (edge.target, str(edge.head))]), edge.label]
            for edge in graph.edges
        ],
    }


def differences(actual: Facts, expected: Facts) -> list[str]:
    """Return the fields in which diagramkit (`actual`) and Mermaid (`expected`) differ, each with both values."""
    if not (actual["ok"] and expected["ok"]):
        return [] if actual["ok"] == expected["ok"] else [f"ok: {actual['ok']} not {expected['ok']}"]
    results = []
    for field in expected:
        actual_value, expected_value = actual[field], expected[field]
        if field == "nodes" and "direction" in expected:
            actual_value = _without_class_styles(actual_value, expected_value)
        if field == "edges" and "direction" in expected:
            # Invalid edges have no length in Mermaid's answer.
            actual_value = [
                actual_edge[: len(expected_edge)]
                for actual_edge, expected_edge in zip(actual_value, expected_value, strict=False)
            ] + actual_value[len(expected_value) :]
        if actual_value != expected_value:
            results.append(f"{field}: {actual_value!r} not {expected_value!r}")
    return results


def _without_class_styles(actual: list[Any], expected: list[Any]) -> list[Any]:
    """Remove the styles of classes, which diagramkit puts before a node's own styles and Mermaid keeps elsewhere."""
    return [
        [
            *actual_node[:4],
            actual_node[4][len(actual_node[4]) - len(expected_node[4]) :],
            *actual_node[5:],
        ]
        if actual_node[0] == expected_node[0]
        else actual_node
        for actual_node, expected_node in zip(actual, expected, strict=False)
    ] + actual[len(expected) :]


def _diagramkit_edge(edge: Edge) -> list[Any]:
    """Return an edge in the form of Mermaid's database."""
    heads = {"none": "open", "arrow": "point", "circle": "circle", "cross": "cross"}
    edge_type = f"{'double_' if edge.tail != 'none' else ''}arrow_{heads[edge.head]}"
    return [edge.stroke, edge_type, edge.source, edge.target, edge.label, edge.length]


def _text(value: Any) -> str:
    """Return a label as text; Mermaid may hold it as a number or a boolean."""
    return value if isinstance(value, str) else json.dumps(value)


def _pairs(styles: Sequence[str]) -> list[list[str]]:
    """Return style declarations as lists of a name and a value."""
    parts = (re.split(r"\s*:\s*", style.strip(), maxsplit=1) for style in styles)
    return [part for part in parts if len(part) == 2 and part[0]]


def _decode_entities(value: Any) -> Any:
    """Replace Mermaid's notation of entity codes by their characters, in all texts of nested lists and mappings."""
    if isinstance(value, dict):
        return {_decode_entities(key): _decode_entities(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_decode_entities(item) for item in value]
    if isinstance(value, str):
        decoded = _CODE.sub(lambda match: _character(match[1], match[2]), value)
        # In diagramkit's labels, it stays an entity there, since it is no HTML.
        return _DECODED_TAG.sub("&lt;", decoded).replace(_DECODED, "<")
    return value


def _label(text: str) -> str:
    """Return a label in which unknown entity codes are what Mermaid's pictures show: `&heart;` for `#heart;`."""
    return _CODE.sub(
        lambda match: f"&{match[2]};" if _character(match[1], match[2]) == f"#{match[2]};" else match[0], text
    )


def _character(number_sign: str, name: str) -> str:
    """Return the character with an HTML entity name or a number, or the code itself if there is none."""
    code = f"&#{name};" if number_sign else f"&{name};"
    decoded = html.unescape(code)
    if decoded == code:
        return f"#{name};"
    return _DECODED if decoded == "<" else decoded
