"""Mermaid's reading of a text beside diagramkit's: asks `judge.mjs`, tells the differences."""

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
from diagramkit.graph import Edge, Graph
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin

HERE = Path(__file__).parent
VERSIONS = ("mermaid", "mermaid11")
_NUMBER = re.compile("ﬂ°°(\\d+)¶ß")
_NAME = re.compile("ﬂ°(\\w+)¶ß")

Facts = dict[str, Any]


def why_not() -> str | None:
    """What is missing for Mermaid to be asked, or None where nothing is."""
    if which("node") is None:
        return "there is no Node.js here"
    if not (HERE / "node_modules" / "mermaid").is_dir():
        return "Mermaid is not installed: run 'npm install' in tests/mermaid"
    return None


def ask(texts: Sequence[str], version: str = "mermaid") -> list[Facts]:
    """What Mermaid reads in each text."""
    done = subprocess.run(
        ["node", "judge.mjs", version],
        cwd=HERE,
        input=json.dumps(list(texts)),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[Facts] = json.loads(done.stdout)
    return found


def theirs(answer: Facts) -> Facts:
    """Mermaid's answer in the terms of `ours`."""
    if not answer["ok"] or not answer.get("kind", "").startswith("flowchart"):
        return {"ok": False}
    groups = {group["id"] for group in answer["groups"]}
    known = groups | {vertex["id"] for vertex in answer["vertices"]}
    found: Facts = _decoded(
        {
            "ok": True,
            "direction": "TB" if answer["direction"] == "BR" else answer["direction"],
            "accTitle": answer["accTitle"],
            "accDescription": answer["accDescription"],
            "nodes": [
                [
                    v["id"],
                    _text(v["text"]),
                    v["type"] or "square",
                    [name for name in v["classes"] if name != "clickable"],
                    _pairs(v["styles"]),
                    v["icon"],
                    v["img"],
                ]
                for v in answer["vertices"]
                if v["id"] not in groups
            ],
            "edges": [
                ["normal", "arrow_point", e["start"], e["end"], e["text"]]
                if e["type"] == "INVALID"
                else [e["stroke"], e["type"], e["start"], e["end"], e["text"], e["length"]]
                for e in answer["edges"]
            ],
            "groups": {
                g["id"]: [
                    g["title"],
                    "TB" if g["dir"] == "TD" else g["dir"],
                    sorted(n for n in g["nodes"] if n in known),
                ]
                for g in answer["groups"]
            },
        }
    )
    return found


def ours(text: str) -> Facts:
    """diagramkit's reading of a text."""
    try:
        graph = parse(text, Origin("d.mmd"))
    except DiagramError:
        return {"ok": False}
    found: Facts = _decoded(
        {
            "ok": True,
            "direction": graph.direction,
            "accTitle": graph.accessible_title or None,
            "accDescription": graph.description or None,
            "nodes": [
                [
                    n.id,
                    n.label,
                    n.source_shape or "square",
                    list(n.classes),
                    [list(pair) for pair in n.style],
                    n.icon,
                    n.image,
                ]
                for n in graph.nodes
            ],
            "edges": [_edge(graph, edge) for edge in graph.edges],
            "groups": {
                g.id: [
                    g.label,
                    g.direction,
                    sorted([*graph.members(g.id), *(c.id for c in graph.groups if c.parent == g.id)]),
                ]
                for g in graph.groups
            },
        }
    )
    return found


def their_architecture(answer: Facts) -> Facts:
    """Mermaid's answer for an architecture diagram, in the terms of `our_architecture`."""
    if not answer["ok"] or answer.get("kind") != "architecture":
        return {"ok": False}
    homes = {s["id"]: s.get("parent") for s in [*answer["services"], *answer["junctions"]]}
    return {
        "ok": True,
        "groups": [[g["id"], g.get("title") or g["id"], g.get("parent")] for g in answer["groups"]],
        "nodes": [
            *([s["id"], s.get("icon"), s.get("parent")] for s in answer["services"]),
            *([j["id"], None, j.get("parent")] for j in answer["junctions"]),
        ],
        "edges": [_their_edge(edge, homes) for edge in answer["edges"]],
    }


def _their_edge(edge: Facts, homes: dict[str, str | None]) -> list[Any]:
    ends = [
        (homes[edge[f"{end}Id"]] if edge.get(f"{end}Group") else None) or edge[f"{end}Id"] for end in ("lhs", "rhs")
    ]
    heads = ["arrow" if edge.get(f"{end}Into") else "none" for end in ("lhs", "rhs")]
    return [*sorted(zip(ends, heads, strict=True)), edge.get("title") or ""]


def our_architecture(text: str) -> Facts:
    """diagramkit's reading of an architecture diagram."""
    try:
        graph = parse(text, Origin("d.mmd"))
    except DiagramError:
        return {"ok": False}
    return {
        "ok": True,
        "groups": [[g.id, g.label, g.parent] for g in graph.groups],
        "nodes": [[n.id, n.icon, n.group] for n in graph.nodes],
        "edges": [[*sorted([(e.source, str(e.tail)), (e.target, str(e.head))]), e.label] for e in graph.edges],
    }


def differences(ours: Facts, theirs: Facts) -> list[str]:
    """The fields in which two readings differ, each with both values."""
    if not (ours["ok"] and theirs["ok"]):
        return [] if ours["ok"] == theirs["ok"] else [f"ok: {ours['ok']} not {theirs['ok']}"]
    found = []
    for field in theirs:
        mine, yours = ours[field], theirs[field]
        if field == "nodes" and "direction" in theirs:
            mine = _without_class_styles(mine, yours)
        if field == "edges" and "direction" in theirs:
            mine = [m[: len(y)] for m, y in zip(mine, yours, strict=False)] + mine[len(yours) :]
        if mine != yours:
            found.append(f"{field}: {mine!r} not {yours!r}")
    return found


def _without_class_styles(mine: list[Any], yours: list[Any]) -> list[Any]:
    """Our nodes hold what their classes say before their own styles; Mermaid's database does not."""
    return [
        [
            *m[:4],
            m[4][len(m[4]) - len(y[4]) :],
            *m[5:],
        ]
        if m[0] == y[0]
        else m
        for m, y in zip(mine, yours, strict=False)
    ] + mine[len(yours) :]


def _edge(graph: Graph, edge: Edge) -> list[Any]:
    ends = {"none": "open", "arrow": "point", "circle": "circle", "cross": "cross"}
    kind = f"{'double_' if edge.tail != 'none' else ''}arrow_{ends[edge.head]}"
    return [edge.stroke, kind, edge.source, edge.target, edge.label, edge.length]


def _text(value: Any) -> str:
    """A label, which Mermaid may hold as a number or a truth value."""
    return value if isinstance(value, str) else json.dumps(value)


def _pairs(styles: Sequence[str]) -> list[list[str]]:
    parts = (re.split(r"\s*:\s*", style.strip(), maxsplit=1) for style in styles)
    return [part for part in parts if len(part) == 2 and part[0]]


def _decoded(value: Any) -> Any:
    if isinstance(value, dict):
        return {_decoded(key): _decoded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_decoded(item) for item in value]
    if isinstance(value, str):
        value = _NUMBER.sub(lambda m: html.unescape(f"&#{m[1]};"), value)
        return _NAME.sub(lambda m: _named(m[1]), value)
    return value


def _named(name: str) -> str:
    decoded = html.unescape(f"&{name};")
    return f"#{name};" if decoded == f"&{name};" else decoded
