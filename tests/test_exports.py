"""Other forms of a diagram say what it says: as scripts, DOT, JSON, draw.io; and hostile text stays text."""

from __future__ import annotations

import ast
import json
import math
import re
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import diagrams
import pytest
from msgspec.structs import replace

from diagramkit import compile as compiling
from diagramkit import data, pipeline, sources
from diagramkit.cli import main
from diagramkit.diagnostics import Span
from diagramkit.graph import Edge, Graph, Group, Node, Pattern
from diagramkit.icons import resolver
from diagramkit.layout import engine
from diagramkit.layout.engine import Engine
from diagramkit.measure.text_layout import plain_text
from diagramkit.pipeline import Options
from diagramkit.writers import dot, drawio, script, structure
from tests import random_graphs
from tests.conftest import ROOT

HOSTILE = (
    "graph LR\n"
    '  subgraph g["\\N </script> #quot;#quot;#quot; {{7*7}}"]\n'
    '    A["<b>x</b> & ]]> #quot;);import os;os.system(#quot;touch owned#quot;)"] -->|"\\L a < 1 & b > 2 \' ]]&gt;"| B["#lt;b#gt;\\"]\n'
    "  end\n"
    '  B --> g\n  import --> lambda\n  click A "javascript:alert(1)"\n'
)


def of_twins() -> Graph:
    """Two groups of one title, another with what the second would be called, and an edge out of a group into it."""
    here = Span("<test>")
    groups = ("a", "VPC"), ("b", "VPC 2"), ("c", "VPC")
    nodes = (Node("x", "Lambda", "square", here, "a"), Node("y", "S3", "square", here, "c"))
    edges = (Edge("y", "a", here), Edge("x", "c", here, head="cross"), Edge("a", "x", here))
    return Graph(nodes, edges, tuple(Group(name, title, here) for name, title in groups))


def patterns(place: str) -> list[Pattern]:
    return [one for file in sources.find([place]) for one in sources.load(file).patterns]


def of(graph: Graph, name: str = "g") -> Pattern:
    return Pattern(graph, name, "", name, "", Span("<test>"))


TWINS = of(of_twins(), "twins")


def hostile() -> Pattern:
    Path("hostile.mmd").write_text(HOSTILE, "utf-8")
    (found,) = patterns("hostile.mmd")
    return found


def everything() -> list[Pattern]:
    found = patterns(str(ROOT / "specs")) + patterns(str(ROOT / "tests/data/samples"))
    return found + [of(random_graphs.graph(seed), f"g{seed}") for seed in range(20)] + [hostile()]


def icons(pattern: Pattern) -> Any:
    return resolver.resolve(pattern, pipeline.catalog_of(pattern, Options()))


# Scripts of diagrams


def run_script(text: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The diagram that a script makes, with `diagrams` as it is, but for drawing."""
    made: list[Any] = []

    def noting(self: Any) -> None:
        made.append(self)
        Path(self.filename).touch()  # It is removed again when the diagram is done.

    monkeypatch.setattr(diagrams.Diagram, "render", noting)
    exec(compile(text, "script.py", "exec"), {})
    (one,) = made
    return one


def shape_of(source: str) -> tuple[Counter[Any], int, int]:
    """What Graphviz makes of DOT: how many clusters of each label, nodes, and edges."""
    run = engine._engines()["wasm"]
    found = json.loads(run(source, Engine(), Span("<test>")).data)
    things = found.get("objects", ())
    clusters = Counter(one.get("label", "") for one in things if one["name"].startswith("cluster"))
    return clusters, sum("pos" in one for one in things), len(found.get("edges", ()))


def labels_of(pattern: Pattern) -> Counter[str]:
    return Counter(plain_text(node.label, node.markdown) for node in pattern.graph.nodes)


def test_scripts_make_the_same_nodes_edges_and_clusters(monkeypatch: pytest.MonkeyPatch) -> None:
    for pattern in everything():
        graph = pattern.graph
        text = script.write(pattern, icons(pattern))
        made = run_script(text, monkeypatch)
        source = made.dot.source
        empty = [
            g
            for g in graph.groups
            if not any(n.group == g.id for n in graph.nodes) and not any(inner.parent == g.id for inner in graph.groups)
        ]
        _, nodes, edges = shape_of(re.sub(r'image="[^"]*"', 'image=""', source))
        assert (nodes, edges) == (len(graph.nodes) + len(empty), len(graph.edges)), pattern.name
        assert source.count("subgraph ") == len(graph.groups)


def test_scripts_make_what_to_diagrams_makes(monkeypatch: pytest.MonkeyPatch) -> None:
    for pattern in [*everything(), TWINS]:
        made = run_script(script.write(pattern, icons(pattern)), monkeypatch).dot.source
        direct = compiling.to_diagrams(pattern, icons(pattern)).dot.source
        names = dict.fromkeys(re.findall(r"\b[0-9a-f]{32}\b", made))
        wanted = dict.fromkeys(re.findall(r"^\t+(?:n\d+|e\d+)(?= \[)", direct, re.M))
        for name, ours in zip(names, wanted, strict=True):
            made = re.sub(f'"?{name}"?', ours.strip(), made)  # It is in quotes where it begins with a digit.
        assert made == direct, pattern.name


def test_groups_of_one_title_are_several_clusters() -> None:
    source = compiling.to_diagrams(TWINS, icons(TWINS)).dot.source
    clusters, nodes, edges = shape_of(re.sub(r'image="[^"]*"', 'image=""', source))
    assert (clusters, nodes, edges) == (Counter({"VPC": 2, "VPC 2": 1}), 3, 3)
    assert "lhead=cluster_VPC" in source
    assert 'lhead="cluster_VPC 3"' in source
    assert "tailgroup=cluster_VPC" in source
    assert "arrowhead=tee" in source


def test_a_script_names_the_classes_that_the_picture_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    (pattern,) = patterns(str(ROOT / "specs/microservices-patterns/ecs-microservices.yaml"))
    text = script.write(pattern, icons(pattern))
    assert "from diagrams.aws.network import ElbApplicationLoadBalancer" in text
    assert "    with Cluster('VPC'):\n        a = ElbApplicationLoadBalancer('ALB')\n" in text
    assert "    a >> b\n" in text


def test_a_script_holds_literals_and_names_only() -> None:
    for pattern in everything():
        tree = ast.parse(script.write(pattern, icons(pattern)))
        allowed = (
            ast.Module,
            ast.Expr,
            ast.Constant,
            ast.ImportFrom,
            ast.alias,
            ast.With,
            ast.withitem,
            ast.Call,
            ast.Name,
            ast.Load,
            ast.Store,
            ast.keyword,
            ast.List,
            ast.Dict,
            ast.Assign,
            ast.BinOp,
            ast.RShift,
            ast.LShift,
            ast.Sub,
            ast.Pass,
        )
        for node in ast.walk(tree):
            assert isinstance(node, allowed), ast.dump(node)
            if isinstance(node, ast.ImportFrom):
                assert node.module == "diagrams" or str(node.module).startswith("diagrams.")
            if isinstance(node, ast.Call):
                assert isinstance(node.func, ast.Name)
                assert all(isinstance(word.value, (ast.Constant, ast.List, ast.Dict)) for word in node.keywords)
    assert not Path("owned").exists()


# DOT


def test_dot_has_the_same_nodes_edges_and_clusters() -> None:
    for pattern in everything():
        graph = pattern.graph
        clusters, nodes, edges = shape_of(dot.write(pattern))
        empty = [
            g
            for g in graph.groups
            if not any(n.group == g.id for n in graph.nodes) and not any(inner.parent == g.id for inner in graph.groups)
        ]
        assert (nodes, edges) == (len(graph.nodes) + len(empty), len(graph.edges)), pattern.name
        assert sum(clusters.values()) == len(graph.groups)


def test_text_in_dot_is_text() -> None:
    source = dot.write(hostile())
    assert not re.search(r"[^\\]\\[NLGETH]", source)  # Graphviz would put names in their place.
    assert 'label="\\\\L a < 1 & b > 2' in source
    assert re.search(r"=<", source) is None


# JSON


def test_json_says_what_there_is_and_where() -> None:
    (pattern,) = patterns(str(ROOT / "specs/network-patterns/hub-and-spoke-with-tgw.yaml"))
    found = json.loads(structure.write(pattern, icons(pattern), pipeline.draw(pattern, Options())))
    assert found["title"] == "Hub-and-Spoke with TGW"
    assert found["category"] == "Network Patterns"
    assert "Transit Gateway" in found["components"]
    assert {node["icon"] for node in found["nodes"]} >= {"aws.network.TransitGateway"}
    assert found["drawing"]["nodes"].keys() == {node["id"] for node in found["nodes"]}
    assert all(len(box) == 4 for box in found["drawing"]["groups"].values())


# draw.io


def cells(page: ElementTree.Element) -> dict[str, tuple[ElementTree.Element, ElementTree.Element]]:
    """The cells of a page by id, each with the element that names it."""
    found = {}
    root = page.find("mxGraphModel/root")
    assert root is not None
    for element in root:
        cell = element if element.tag == "mxCell" else element.find("mxCell")
        assert cell is not None
        name = str(element.get("id"))
        assert name not in found
        found[name] = (cell, element)
    return found


def style_of(cell: ElementTree.Element) -> dict[str, str]:
    parts = str(cell.get("style")).split(";")
    return {name: value for part in parts if part for name, _, value in [part.partition("=")]}


def place(
    found: dict[str, tuple[ElementTree.Element, ElementTree.Element]], name: str
) -> tuple[float, float, float, float]:
    """A cell's box on the page, its parents' places added."""
    cell = found[name][0]
    geometry = cell.find("mxGeometry")
    assert geometry is not None
    x, y, w, h = (float(geometry.get(side, 0)) for side in ("x", "y", "width", "height"))
    parent = str(cell.get("parent"))
    if parent != "1":
        px, py, _, _ = place(found, parent)
        x, y = x + px, y + py
    return x, y, w, h


def test_a_file_of_drawio_is_whole() -> None:
    """Ids are unique, parents are there, edges hold on to cells, just where the drawing has their ends."""
    found = everything()
    drawings = [pipeline.draw(pattern, Options()) for pattern in found]
    pages = [drawio.DrawioPage(p.title, d) for p, d in zip(found, drawings, strict=True)]
    tree = ElementTree.fromstring(drawio.write(pages))
    assert len(tree) == len(found)
    for page, drawing in zip(tree, drawings, strict=True):
        inside = cells(page)
        edges = []
        for name, (cell, _) in inside.items():
            if name in ("0", "1"):
                continue
            assert cell.get("parent") in inside, name
            if cell.get("edge"):
                edges.append(cell)
        assert len(edges) == len(drawing.edges)
        for cell, edge in zip(edges, drawing.edges, strict=True):
            style = style_of(cell)
            for end, which, point in (
                ("source", "exit", edge.points[0]),
                ("target", "entry", edge.points[-1]),
            ):
                x, y, w, h = place(inside, str(cell.get(end)))
                at = (
                    x + float(style[f"{which}X"]) * w + float(style[f"{which}Dx"]),
                    y + float(style[f"{which}Y"]) * h + float(style[f"{which}Dy"]),
                )
                assert math.dist(at, point) < 0.1


def test_groups_of_drawio_hold_what_is_in_them() -> None:
    (pattern,) = patterns(str(ROOT / "tests/data/samples/three-tier-az.mmd"))
    drawing = pipeline.draw(pattern, Options())
    (page,) = ElementTree.fromstring(drawio.write([drawio.DrawioPage("x", drawing)]))
    inside = cells(page)
    for name, (cell, _) in inside.items():
        if name in ("0", "1") or cell.get("edge") or not cell.get("vertex"):
            continue
        parent = str(cell.get("parent"))
        if parent.startswith("group-"):
            x, y, w, h = place(inside, name)
            px, py, pw, ph = place(inside, parent)
            assert px <= x
            assert py <= y
            assert x + w <= px + pw + 0.02
            assert y + h <= py + ph + 0.02
    depth = Counter(str(cell.get("parent")).startswith("group") for cell, _ in inside.values())
    assert depth[True] > 10


def test_shapes_of_drawio_are_aws4_where_it_has_them() -> None:
    known = data.load("writers", "aws4.yaml")
    names = {one.get("service") or one.get("resource") for one in known.values()}
    signs = set(data.load("writers", "drawio.yaml")["groups"].values())
    pages = [drawio.DrawioPage(p.title, pipeline.draw(p, Options())) for p in patterns(str(ROOT / "specs"))]
    tree = ElementTree.fromstring(drawio.write(pages))
    shapes: Counter[str] = Counter()
    for page in tree:
        for cell, _ in cells(page).values():
            style = style_of(cell)
            if style.get("shape") == "mxgraph.aws4.resourceIcon":
                assert style["resIcon"].removeprefix("mxgraph.aws4.") in names
                shapes["service"] += 1
            elif style.get("shape", "").startswith("mxgraph.aws4.group"):
                assert style["grIcon"].removeprefix("mxgraph.aws4.") in signs
                shapes["group"] += 1
            elif style.get("shape", "").startswith("mxgraph.aws4."):
                assert style["shape"].removeprefix("mxgraph.aws4.") in names
                shapes["resource"] += 1
            elif style.get("shape") == "image":
                assert style["image"].startswith(("data:image/png,", "data:image/svg+xml,"))
                shapes["image"] += 1
    assert shapes["service"] > 30
    assert shapes["resource"] > 5
    assert shapes["group"] == 3
    assert shapes["image"] < 10  # Kubernetes, React.


def test_every_shape_of_aws4_is_of_an_icon_that_there_is() -> None:
    from diagramkit.icons import library, names

    known = data.load("writers", "aws4.yaml")
    assert all(library.node_class(one) or one in names.services() for one in known)
    assert all(re.fullmatch("#[0-9A-F]{6}", one["fill"]) for one in known.values())
    assert len(known) > 450


def test_text_in_drawio_is_text_and_links_are_safe() -> None:
    pattern = hostile()
    text = drawio.write([drawio.DrawioPage(pattern.title, pipeline.draw(pattern, Options()))])
    assert "javascript:" not in text
    (page,) = ElementTree.fromstring(text)
    values = [str(named.get("value") or named.get("label")) for _, named in cells(page).values()]
    assert not any("<b>" in value or "<script" in value or "<TABLE" in value for value in values)
    assert any("a &lt; 1 &amp; b &gt; 2" in value for value in values)


# The command


@pytest.mark.parametrize("form", ["python", "dot", "json", "drawio", "mermaid", "architecture-beta"])
def test_export_writes_each_form_the_same_each_time(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    source = str(ROOT / "specs/network-patterns/multi-region-active-active.yaml")
    assert main(["export", source, "--to", form]) == 0
    said = capsys.readouterr().out
    assert "Secondary LB" in said
    assert str(ROOT) not in said
    assert main(["export", source, "--to", form, "-o", "made"]) == 0
    assert Path("made").read_text("utf-8") == said
    assert capsys.readouterr().out == "made: written\n"
    assert main(["export", source, "--to", form, "-o", "made"]) == 0
    assert capsys.readouterr().out == "made: current\n"


def test_drawio_takes_all_and_the_others_one(capsys: pytest.CaptureFixture[str]) -> None:
    specs = str(ROOT / "specs")
    assert main(["export", specs, "--to", "drawio"]) == 0
    assert capsys.readouterr().out.count("<diagram ") == 11
    with pytest.raises(SystemExit) as stopped:
        main(["export", specs, "--to", "dot"])
    assert stopped.value.code == 2
    assert "holds 11 diagrams; name one (--to drawio takes them all)" in capsys.readouterr().err


FULL = """---
title: Everything
---
graph LR
    subgraph r[us-east-1]
        user[Users] -->|1. asks| a-b[Lambda]
        a_b[Lambda] ---> q[(Orders)]
        return --> 9x
    end
    client[Client] ==>|2. sends| user
    q -.-> r
    user ~~~ q
    q --- q
    q <--x user
    e[(Eks)] --> ing[Ingress]
"""


LEGEND = (("dotted", "later"), ("region", "a region"), ("thick", "much"))


def full() -> Pattern:
    Path("full.mmd").write_text(FULL, "utf-8")
    (found,) = patterns("full.mmd")
    return found


def test_names_in_a_script_are_pythons_and_no_two_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    pattern = full()
    text = script.write(pattern, icons(pattern))
    assert "minlen='2'" in text
    assert "n_return" in text
    assert "n_9x" in text
    assert "a_b_2" in text
    run_script(text, monkeypatch)


def test_classes_of_one_name_are_imported_under_two() -> None:
    graph = patterns(str(ROOT / "specs"))[0].graph
    span = graph.nodes[0].span
    wanted = ["aws.general.User", "onprem.client.User", "aws.compute.EC2", "aws.storage.S3"]
    nodes = tuple(Node(f"n{n}", name, "square", span) for n, name in enumerate(wanted))
    chosen = {node.id: resolver.IconChoice(name, "said") for node, name in zip(nodes, wanted, strict=True)}
    text = script.write(of(Graph(nodes, ())), chosen)
    assert "from diagrams.aws.general import User\n" in text
    assert "from diagrams.onprem.client import User as ClientUser\n" in text
    assert "ClientUser('onprem.client.User')" in text


def test_longer_edges_are_longer_in_dot_too() -> None:
    pattern = full()
    assert 'minlen="2"' in dot.write(pattern).replace("minlen=2", 'minlen="2"')


def test_what_stands_around_a_picture_is_in_drawio_too() -> None:
    pattern = full()
    look = replace(Options().look, title=True, steps=True, legend=LEGEND)
    drawing = pipeline.draw(pattern, replace(Options(), look=look))
    assert drawing.notes.badges
    (page,) = ElementTree.fromstring(drawio.write([drawio.DrawioPage("x", drawing)]))
    names = [name for name, _ in cells(page).items()]
    for kind, wanted in (
        ("sample-", drawing.notes.swatches),
        ("badge-", drawing.notes.badges),
        ("text-", drawing.notes.texts),
    ):
        assert sum(name.startswith(kind) for name in names) == len(wanted) > 0
    assert sum(name.endswith("-step") for name in names) == 2
