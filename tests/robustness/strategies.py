"""Hypothesis strategies for sources: mostly valid, with contents that tend to break readers."""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import strategies as st

from checks.fuzz.hostile_sources import TRICKS

_IDS = st.sampled_from(["a", "b", "c1", "n-2", "x.y", "Ü", "end1", "subgraph1", "日"])
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_WORDS = st.one_of(
    st.sampled_from(["Lambda", "S3", "Amazon SQS", "API Gateway<br/>x"]),
    st.sampled_from(TRICKS).filter(lambda text: "\ud7ff" not in text),
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
    text = draw(_WORDS)
    return '"' + text.replace('"', "#quot;") + '"' if draw(st.booleans()) else text


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
    """Generate Mermaid: flowcharts, and sometimes architecture diagrams."""
    if draw(st.integers(0, 9)) == 0:
        statements = draw(
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
        return "\n".join(["architecture-beta", *statements])
    header = draw(st.sampled_from(["graph LR", "flowchart TB", "graph", "graph TD;", "flowchart-elk RL", "graph XX"]))
    front_matter = f"---\ntitle: {draw(_WORDS)}\n---\n" if draw(st.integers(0, 5)) == 0 else ""
    return front_matter + "\n".join([header, *draw(st.lists(_statement(), max_size=10))])


@st.composite
def _edge(draw: st.DrawFn, ends: st.SearchStrategy[str]) -> object:
    line = f"{draw(ends)} -> {draw(ends)}"
    labels = draw(st.lists(_WORDS, max_size=1))
    return {line: labels[0]} if labels else line


@st.composite
def specs(draw: st.DrawFn) -> str:
    """Generate YAML specs, with nodes and edges or with Mermaid."""
    content: dict[str, Any] = {"title": draw(_WORDS)}
    if draw(st.booleans()):
        content["category"] = draw(_WORDS)
    if draw(st.integers(0, 2)) == 0:
        content["diagram"] = draw(mermaid())
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
        content["nodes"] = nodes
        content["edges"] = draw(st.lists(_edge(ends), max_size=4))
        if draw(st.booleans()) and nodes:
            content["groups"] = {draw(_IDS): {"label": draw(_WORDS), "nodes": [draw(st.sampled_from(sorted(nodes)))]}}
    content |= draw(
        st.dictionaries(
            st.sampled_from(["components", "notes", "layout", "icons", "direction", "tilte"]),
            st.one_of(_WORDS, st.lists(_WORDS, max_size=2), st.integers(), st.booleans(), st.none()),
            max_size=2,
        )
    )
    text: str = yaml.safe_dump(content, allow_unicode=draw(st.booleans()), sort_keys=False)
    if draw(st.integers(0, 4)) == 0:
        index = draw(st.integers(0, len(text)))
        inserted = draw(st.sampled_from(["\t", "  ", "*a", "&a ", "'", "{", "\n", ": ", "- ", "\0"]))
        text = text[:index] + inserted + text[index:]
    return text


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Generate Markdown with Mermaid fences: at top level, in lists and in quotes."""
    parts: list[str] = []
    for _ in range(draw(st.integers(0, 5))):
        source = draw(mermaid())
        fence = draw(st.sampled_from(["```", "~~~~", "``````"]))
        prefix = draw(st.sampled_from(["", "", "", "  ", "> ", "- ", "\t"]))
        block = f"{fence}{draw(st.sampled_from(['mermaid', 'mermaid', '{mermaid}', 'python', '']))}\n{source}\n{fence}"
        lines = block.split("\n")
        parts.append("\n".join([prefix + lines[0], *(prefix.replace("-", " ") + line for line in lines[1:])]))
        parts.append(
            draw(
                st.one_of(
                    st.just(""),
                    _WORDS,
                    st.sampled_from(["<div>", "</div>", "<!--", "-->", "# x", "---", "| a |\n|---|"]),
                )
            )
        )
    line_end = draw(st.sampled_from(["\n", "\r\n"]))
    return "\n".join(parts).replace("\n", line_end) + draw(st.sampled_from(["", line_end]))


@st.composite
def catalogs(draw: st.DrawFn) -> str:
    """Generate pattern catalogs in Markdown."""
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
    """Generate SVG icons."""
    from random import Random

    from checks.fuzz.hostile_sources import random_icon

    text = random_icon(Random(draw(st.integers(0, 2**32))))
    index = draw(st.integers(0, len(text)))
    return text[:index] + draw(st.sampled_from(["", "", "<", "&#x6a;", "\0", "<!-- x -->", "\\"])) + text[index:]
