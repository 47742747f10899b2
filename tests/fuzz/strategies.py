"""Hypothesis' strategies for sources: mostly well formed, with what breaks readers among it."""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import strategies as st

from tests.fuzz.hostile import TRICKS

_IDS = st.sampled_from(["a", "b", "c1", "n-2", "x.y", "Ü", "end1", "subgraph1", "日"])
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_WORDS = st.one_of(
    st.sampled_from(["Lambda", "S3", "Amazon SQS", "API Gateway<br/>x"]),
    st.sampled_from(TRICKS).filter(lambda one: "\ud7ff" not in one),
    _TEXT,
)
_ARROWS = st.sampled_from(["-->", "---", "-.->", "==>", "<-->", "--x", "o--o", "~~~", "-- x -->", "-->|y|", "->", "--"])
_SHAPES = st.sampled_from(
    [
        ("[", "]"),
        ("(", ")"),
        ("{", "}"),
        ("[(", ")]"),
        ("((", "))"),
        ("{{", "}}"),
        (">", "]"),
        ("[/", "\\]"),
        ("[", ")"),
    ]
)


@st.composite
def _label(draw: st.DrawFn) -> str:
    said = draw(_WORDS)
    return '"' + said.replace('"', "#quot;") + '"' if draw(st.booleans()) else said


@st.composite
def _statement(draw: st.DrawFn, depth: int = 0) -> str:
    kind = draw(st.integers(0, 9))
    a, b = draw(_IDS), draw(_IDS)
    if kind < 3:
        opening, closing = draw(_SHAPES)
        return f"{a}{opening}{draw(_label())}{closing}"
    if kind < 6:
        return f"{a} {draw(_ARROWS)} {b}"
    if kind == 6 and depth < 3:
        inside = draw(st.lists(_statement(depth=depth + 1), max_size=3))
        return "\n".join([f"subgraph {draw(_IDS)} [{draw(_label())}]", *inside, "end"])
    return draw(
        st.sampled_from(
            [
                f"style {a} fill:#f00",
                f"class {a} {b}",
                f"click {a} href {json.dumps(draw(_WORDS))}",
                "direction LR",
                "%% x",
                "end",
                f"{a}@{{ shape: cyl, label: {json.dumps(draw(_WORDS))} }}",
                f"linkStyle 0 stroke:{draw(_WORDS)}",
                f"{a}:::{b}",
                f"classDef {a} fill:#fff",
            ]
        )
    )


@st.composite
def mermaid(draw: st.DrawFn) -> str:
    """Mermaid: flowcharts, now and then architecture diagrams."""
    if draw(st.integers(0, 9)) == 0:
        things = draw(
            st.lists(
                st.sampled_from(
                    [
                        "service a(aws:s3)[x]",
                        "group g(cloud)[y]",
                        "service b[z] in g",
                        "a:R --> L:b",
                        "junction j",
                        "a{group}:T -- B:b",
                    ]
                ),
                max_size=6,
            )
        )
        return "\n".join(["architecture-beta", *things])
    head = draw(st.sampled_from(["graph LR", "flowchart TB", "graph", "graph TD;", "flowchart-elk RL", "graph XX"]))
    front = f"---\ntitle: {draw(_WORDS)}\n---\n" if draw(st.integers(0, 5)) == 0 else ""
    return front + "\n".join([head, *draw(st.lists(_statement(), max_size=10))])


@st.composite
def _edge(draw: st.DrawFn, ends: st.SearchStrategy[str]) -> object:
    line = f"{draw(ends)} -> {draw(ends)}"
    labels = draw(st.lists(_WORDS, max_size=1))
    return {line: labels[0]} if labels else line


@st.composite
def specs(draw: st.DrawFn) -> str:
    """Specs in YAML, of nodes and edges or with Mermaid inside."""
    said: dict[str, Any] = {"title": draw(_WORDS)}
    if draw(st.booleans()):
        said["category"] = draw(_WORDS)
    if draw(st.integers(0, 2)) == 0:
        said["diagram"] = draw(mermaid())
    else:
        nodes = draw(
            st.dictionaries(
                _IDS,
                st.one_of(
                    _WORDS,
                    st.fixed_dictionaries(
                        {"label": _WORDS}, optional={"link": _WORDS, "shape": st.sampled_from(["db", "queue", "x"])}
                    ),
                ),
                max_size=6,
            )
        )
        ends = st.sampled_from([*nodes, "zz"])
        said["nodes"] = nodes
        said["edges"] = draw(st.lists(_edge(ends), max_size=4))
        if draw(st.booleans()) and nodes:
            said["groups"] = {draw(_IDS): {"label": draw(_WORDS), "nodes": [draw(st.sampled_from(sorted(nodes)))]}}
    said |= draw(
        st.dictionaries(
            st.sampled_from(["components", "notes", "layout", "icons", "direction", "tilte"]),
            st.one_of(_WORDS, st.lists(_WORDS, max_size=2), st.integers(), st.booleans(), st.none()),
            max_size=2,
        )
    )
    text: str = yaml.safe_dump(said, allow_unicode=draw(st.booleans()), sort_keys=False)
    if draw(st.integers(0, 4)) == 0:
        at = draw(st.integers(0, len(text)))
        text = (
            text[:at] + draw(st.sampled_from(["\t", "  ", "*a", "&a ", "'", "{", "\n", ": ", "- ", "\0"])) + text[at:]
        )
    return text


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Markdown with fences of Mermaid, alone, in lists and quotes."""
    parts: list[str] = []
    for _ in range(draw(st.integers(0, 5))):
        source = draw(mermaid())
        fence = draw(st.sampled_from(["```", "~~~~", "``````"]))
        pad = draw(st.sampled_from(["", "", "", "  ", "> ", "- ", "\t"]))
        block = f"{fence}{draw(st.sampled_from(['mermaid', 'mermaid', '{mermaid}', 'python', '']))}\n{source}\n{fence}"
        lines = block.split("\n")
        parts.append("\n".join([pad + lines[0], *(pad.replace("-", " ") + line for line in lines[1:])]))
        parts.append(
            draw(
                st.one_of(
                    st.just(""),
                    _WORDS,
                    st.sampled_from(["<div>", "</div>", "<!--", "-->", "# x", "---", "| a |\n|---|"]),
                )
            )
        )
    end = draw(st.sampled_from(["\n", "\r\n"]))
    return "\n".join(parts).replace("\n", end) + draw(st.sampled_from(["", end]))


@st.composite
def catalogues(draw: st.DrawFn) -> str:
    """Catalogues of patterns in Markdown."""
    parts = [f"---\n{draw(_WORDS)}\n---\n"] if draw(st.integers(0, 3)) == 0 else []
    for _ in range(draw(st.integers(0, 4))):
        parts.append(f"{draw(st.sampled_from(['#', '##', '##', '###']))} {draw(_WORDS)}\n")
        if draw(st.booleans()):
            parts.append(f"{draw(_WORDS)}\n")
        if draw(st.booleans()):
            parts.append(f"```mermaid\n{draw(mermaid())}\n```\n")
        if draw(st.booleans()):
            parts.append(f"**{draw(st.sampled_from(['Components', 'Best practices', 'x']))}**:\n\n- {draw(_WORDS)}\n")
    return "\n".join(parts)


@st.composite
def icons(draw: st.DrawFn) -> str:
    """Icons in SVG."""
    from random import Random

    from tests.fuzz.hostile import icon_of

    text = icon_of(Random(draw(st.integers(0, 2**32))))
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(st.sampled_from(["", "", "<", "&#x6a;", "\0", "<!-- x -->", "\\"])) + text[at:]
