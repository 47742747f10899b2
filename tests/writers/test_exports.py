"""Exports to scripts, DOT, JSON and draw.io contain the whole diagram, and hostile text in it stays text."""

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
from diagramkit.icons import catalog, resolver
from diagramkit.layout import engine
from diagramkit.layout.engine import Engine
from diagramkit.options import Options
from diagramkit.style import group_kinds
from diagramkit.writers import dot, drawio, script, structure
from tests.support import random_graphs
from tests.support.project import ROOT

HOSTILE = (
    "graph LR\n"
    '  subgraph g["\\N </script> #quot;#quot;#quot; {{7*7}}"]\n'
    '    A["<b>x</b> & ]]> #quot;);import os;os.system(#quot;touch owned#quot;)"]'
    ' -->|"\\L a < 1 & b > 2 \' ]]&gt;"| B["#lt;b#gt;\\"]\n'
    "  end\n"
    '  B --> g\n  import --> lambda\n  click A "javascript:alert(1)"\n'
)


def graph_with_equal_titles() -> Graph:
    """Return two groups with the same title, one with the name that `diagrams` would give the second, and edges
    between nodes and groups."""
    span = Span("<test>")
    groups = ("a", "VPC"), ("b", "VPC 2"), ("c", "VPC")
    nodes = (Node("x", "Lambda", "square", span, "a"), Node("y", "S3", "square", span, "c"))
    edges = (Edge("y", "a", span), Edge("x", "c", span, head="cross"), Edge("a", "x", span))
    return Graph(nodes, edges, tuple(Group(name, title, span) for name, title in groups))


def patterns(path: str) -> list[Pattern]:
    return [pattern for file in sources.find([path]) for pattern in sources.load(file).patterns]


def pattern_of(graph: Graph, name: str = "g") -> Pattern:
    return Pattern(graph, name, "", name, "", Span("<test>"))


EQUAL_TITLES = pattern_of(graph_with_equal_titles(), "twins")


def hostile() -> Pattern:
    Path("hostile.mmd").write_text(HOSTILE, "utf-8")
    (pattern,) = patterns("hostile.mmd")
    return pattern


def all_patterns() -> list[Pattern]:
    stored = patterns(str(ROOT / "specs")) + patterns(str(ROOT / "tests/data/samples"))
    return stored + [pattern_of(random_graphs.graph(seed), f"g{seed}") for seed in range(20)] + [hostile()]


def icons(pattern: Pattern) -> Any:
    return resolver.resolve(pattern, catalog.catalog_of(pattern, Options()))


# Scripts of diagrams


def run_script(text: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a script and return its diagram, which is not rendered."""
    rendered: list[Any] = []

    def render(self: Any) -> None:
        rendered.append(self)
        Path(self.filename).touch()  # `diagrams` removes this file afterwards.

    monkeypatch.setattr(diagrams.Diagram, "render", render)
    exec(compile(text, "script.py", "exec"), {})
    (diagram,) = rendered
    return diagram


def laid_out_counts(source: str) -> tuple[Counter[Any], int, int]:
    """Lay out DOT with Graphviz and return the number of clusters by label, of nodes, and of edges."""
    run = engine._engines()["wasm"]
    layout = json.loads(run(source, Engine(), Span("<test>")).data)
    objects = layout.get("objects", ())
    clusters = Counter(entry.get("label", "") for entry in objects if entry["name"].startswith("cluster"))
    return clusters, sum("pos" in entry for entry in objects), len(layout.get("edges", ()))


def empty_groups(graph: Graph) -> list[Group]:
    """Return the groups without members. Exports have an invisible node in each."""
    used = {node.group for node in graph.nodes} | {group.parent for group in graph.groups}
    return [group for group in graph.groups if group.id not in used]


def test_a_script_has_the_nodes_edges_and_clusters_of_the_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    for pattern in all_patterns():
        graph = pattern.graph
        text = script.write(pattern, icons(pattern))
        source = run_script(text, monkeypatch).dot.source
        empty = empty_groups(graph)
        _, nodes, edges = laid_out_counts(re.sub(r'image="[^"]*"', 'image=""', source))
        assert (nodes, edges) == (len(graph.nodes) + len(empty), len(graph.edges)), pattern.name
        assert source.count("subgraph ") == len(graph.groups)


def test_a_script_builds_the_same_diagram_as_to_diagrams(monkeypatch: pytest.MonkeyPatch) -> None:
    for pattern in [*all_patterns(), EQUAL_TITLES]:
        by_script = run_script(script.write(pattern, icons(pattern)), monkeypatch).dot.source
        direct = compiling.to_diagrams(pattern, icons(pattern)).dot.source
        random_ids = dict.fromkeys(re.findall(r"\b[0-9a-f]{32}\b", by_script))
        stable_ids = dict.fromkeys(re.findall(r"^\t+(?:n\d+|e\d+)(?= \[)", direct, re.M))
        for random_id, stable_id in zip(random_ids, stable_ids, strict=True):
            # An id that begins with a digit is quoted.
            by_script = re.sub(f'"?{random_id}"?', stable_id.strip(), by_script)
        assert by_script == direct, pattern.name


def test_groups_with_the_same_title_are_separate_clusters() -> None:
    source = compiling.to_diagrams(EQUAL_TITLES, icons(EQUAL_TITLES)).dot.source
    clusters, nodes, edges = laid_out_counts(re.sub(r'image="[^"]*"', 'image=""', source))
    assert (clusters, nodes, edges) == (Counter({"VPC": 2, "VPC 2": 1}), 3, 3)
    assert "lhead=cluster_VPC" in source
    assert 'lhead="cluster_VPC 3"' in source
    assert "tailgroup=cluster_VPC" in source
    assert "arrowhead=tee" in source


def test_a_script_uses_the_classes_of_the_icons_in_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    (pattern,) = patterns(str(ROOT / "specs/microservices-patterns/ecs-microservices.yaml"))
    text = script.write(pattern, icons(pattern))
    assert "from diagrams.aws.network import ElbApplicationLoadBalancer" in text
    assert "    with Cluster('VPC'):\n        a = ElbApplicationLoadBalancer('ALB')\n" in text
    assert "    a >> b\n" in text


def test_a_script_contains_literals_and_names_only() -> None:
    for pattern in all_patterns():
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
                assert all(isinstance(item.value, (ast.Constant, ast.List, ast.Dict)) for item in node.keywords)
    assert not Path("owned").exists()


# DOT


def test_dot_has_the_nodes_edges_and_clusters_of_the_graph() -> None:
    for pattern in all_patterns():
        graph = pattern.graph
        clusters, nodes, edges = laid_out_counts(dot.write(pattern))
        empty = empty_groups(graph)
        assert (nodes, edges) == (len(graph.nodes) + len(empty), len(graph.edges)), pattern.name
        assert sum(clusters.values()) == len(graph.groups)


def test_text_in_dot_has_no_active_escapes_or_html() -> None:
    source = dot.write(hostile())
    assert not re.search(r"[^\\]\\[NLGETH]", source)  # Graphviz replaces these escapes by names.
    assert 'label="\\\\L a < 1 & b > 2' in source
    assert re.search(r"=<", source) is None


# JSON


def test_json_has_the_metadata_icons_and_coordinates_of_a_pattern() -> None:
    (pattern,) = patterns(str(ROOT / "specs/network-patterns/hub-and-spoke-with-tgw.yaml"))
    exported = json.loads(structure.write(pattern, icons(pattern), pipeline.draw(pattern, Options())))
    assert exported["title"] == "Hub-and-Spoke with TGW"
    assert exported["category"] == "Network Patterns"
    assert "Transit Gateway" in exported["components"]
    assert {node["icon"] for node in exported["nodes"]} >= {"aws.network.TransitGateway"}
    assert exported["drawing"]["nodes"].keys() == {node["id"] for node in exported["nodes"]}
    assert all(len(box) == 4 for box in exported["drawing"]["groups"].values())


# draw.io


Cells = dict[str, tuple[ElementTree.Element, ElementTree.Element]]


def cells(page: ElementTree.Element) -> Cells:
    """Return the cells of a page by id, each with the element that has its id."""
    result: Cells = {}
    root = page.find("mxGraphModel/root")
    assert root is not None
    for element in root:
        cell = element if element.tag == "mxCell" else element.find("mxCell")
        assert cell is not None
        cell_id = str(element.get("id"))
        assert cell_id not in result
        result[cell_id] = (cell, element)
    return result


def style_of(cell: ElementTree.Element) -> dict[str, str]:
    parts = str(cell.get("style")).split(";")
    return {name: value for part in parts if part for name, _, value in [part.partition("=")]}


def page_box(all_cells: Cells, cell_id: str) -> tuple[float, float, float, float]:
    """Return x, y, width and height of a cell, relative to the page instead of its parent."""
    cell = all_cells[cell_id][0]
    geometry = cell.find("mxGeometry")
    assert geometry is not None
    x, y, w, h = (float(geometry.get(side, 0)) for side in ("x", "y", "width", "height"))
    parent = str(cell.get("parent"))
    if parent != "1":
        px, py, _, _ = page_box(all_cells, parent)
        x, y = x + px, y + py
    return x, y, w, h


def test_drawio_files_are_consistent() -> None:
    """Ids are unique, parents exist, and edges are attached to cells at their ends in the drawing."""
    all_ = all_patterns()
    drawings = [pipeline.draw(pattern, Options()) for pattern in all_]
    pages = [drawio.DrawioPage(pattern.title, d) for pattern, d in zip(all_, drawings, strict=True)]
    tree = ElementTree.fromstring(drawio.write(pages))
    assert len(tree) == len(all_)
    for page, drawing in zip(tree, drawings, strict=True):
        page_cells = cells(page)
        edges = []
        for cell_id, (cell, _) in page_cells.items():
            if cell_id in ("0", "1"):
                continue
            assert cell.get("parent") in page_cells, cell_id
            if cell.get("edge"):
                edges.append(cell)
        assert len(edges) == len(drawing.edges)
        for cell, edge in zip(edges, drawing.edges, strict=True):
            style = style_of(cell)
            for end, prefix, point in (
                ("source", "exit", edge.points[0]),
                ("target", "entry", edge.points[-1]),
            ):
                x, y, w, h = page_box(page_cells, str(cell.get(end)))
                attached = (
                    x + float(style[f"{prefix}X"]) * w + float(style[f"{prefix}Dx"]),
                    y + float(style[f"{prefix}Y"]) * h + float(style[f"{prefix}Dy"]),
                )
                assert math.dist(attached, point) < 0.1


def test_cells_in_drawio_lie_inside_their_groups() -> None:
    (pattern,) = patterns(str(ROOT / "tests/data/samples/three-tier-az.mmd"))
    drawing = pipeline.draw(pattern, Options())
    (page,) = ElementTree.fromstring(drawio.write([drawio.DrawioPage("x", drawing)]))
    page_cells = cells(page)
    for cell_id, (cell, _) in page_cells.items():
        if cell_id in ("0", "1") or cell.get("edge") or not cell.get("vertex"):
            continue
        parent = str(cell.get("parent"))
        if parent.startswith("group-"):
            x, y, w, h = page_box(page_cells, cell_id)
            px, py, pw, ph = page_box(page_cells, parent)
            assert px <= x
            assert py <= y
            assert x + w <= px + pw + 0.02
            assert y + h <= py + ph + 0.02
    members = [cell for cell, _ in page_cells.values() if str(cell.get("parent")).startswith("group")]
    assert len(members) > 10


def test_drawio_uses_the_aws4_shapes_that_it_has() -> None:
    aws4 = data.load("writers", "aws4.yaml")
    names = {shape.get("service") or shape.get("resource") for shape in aws4.values()}
    group_icons = {entry.get("drawio") for entry in group_kinds.load().values()}
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
                assert style["grIcon"].removeprefix("mxgraph.aws4.") in group_icons
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
    assert shapes["image"] < 10  # Icons outside AWS: Kubernetes, React.


def test_every_aws4_shape_belongs_to_an_existing_icon() -> None:
    from diagramkit.icons import library, names

    aws4 = data.load("writers", "aws4.yaml")
    assert all(library.node_class(reference) or reference in names.services() for reference in aws4)
    assert all(re.fullmatch("#[0-9A-F]{6}", shape["fill"]) for shape in aws4.values())
    assert len(aws4) > 450


def test_text_in_drawio_is_escaped_and_links_are_safe() -> None:
    pattern = hostile()
    text = drawio.write([drawio.DrawioPage(pattern.title, pipeline.draw(pattern, Options()))])
    assert "javascript:" not in text
    (page,) = ElementTree.fromstring(text)
    labels = [str(element.get("value") or element.get("label")) for _, element in cells(page).values()]
    assert not any("<b>" in label or "<script" in label or "<TABLE" in label for label in labels)
    assert any("a &lt; 1 &amp; b &gt; 2" in label for label in labels)


# The command


@pytest.mark.parametrize("export_format", ["python", "dot", "json", "drawio", "mermaid", "architecture-beta"])
def test_export_output_is_reproducible(export_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    source = str(ROOT / "specs/network-patterns/multi-region-active-active.yaml")
    assert main(["export", source, "--to", export_format]) == 0
    output = capsys.readouterr().out
    assert "Secondary LB" in output
    assert str(ROOT) not in output
    assert main(["export", source, "--to", export_format, "-o", "made"]) == 0
    assert Path("made").read_text("utf-8") == output
    assert capsys.readouterr().out == "made: written\n"
    assert main(["export", source, "--to", export_format, "-o", "made"]) == 0
    assert capsys.readouterr().out == "made: current\n"


def test_only_drawio_exports_several_diagrams(capsys: pytest.CaptureFixture[str]) -> None:
    specs = str(ROOT / "specs")
    assert main(["export", specs, "--to", "drawio"]) == 0
    assert capsys.readouterr().out.count("<diagram ") == 11
    with pytest.raises(SystemExit) as exit_:
        main(["export", specs, "--to", "dot"])
    assert exit_.value.code == 2
    assert "contains 11 diagrams; name a source with one diagram" in capsys.readouterr().err


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


def full_pattern() -> Pattern:
    Path("full.mmd").write_text(FULL, "utf-8")
    (pattern,) = patterns("full.mmd")
    return pattern


def test_names_in_a_script_are_valid_and_unique(monkeypatch: pytest.MonkeyPatch) -> None:
    pattern = full_pattern()
    text = script.write(pattern, icons(pattern))
    assert "minlen='2'" in text
    assert "n_return" in text
    assert "n_9x" in text
    assert "a_b_2" in text
    run_script(text, monkeypatch)


def test_classes_with_the_same_name_are_imported_under_different_names() -> None:
    graph = patterns(str(ROOT / "specs"))[0].graph
    span = graph.nodes[0].span
    references = ["aws.general.User", "onprem.client.User", "aws.compute.EC2", "aws.storage.S3"]
    nodes = tuple(Node(f"n{n}", name, "square", span) for n, name in enumerate(references))
    chosen = {node.id: resolver.IconChoice(name, "said") for node, name in zip(nodes, references, strict=True)}
    text = script.write(pattern_of(Graph(nodes, ())), chosen)
    assert "from diagrams.aws.general import User\n" in text
    assert "from diagrams.onprem.client import User as ClientUser\n" in text
    assert "ClientUser('onprem.client.User')" in text


def test_dot_has_the_minimum_length_of_edges() -> None:
    pattern = full_pattern()
    assert 'minlen="2"' in dot.write(pattern).replace("minlen=2", 'minlen="2"')


def test_drawio_has_the_title_legend_and_steps() -> None:
    pattern = full_pattern()
    look = replace(Options().picture_options, title=True, steps=True, legend=LEGEND)
    drawing = pipeline.draw(pattern, replace(Options(), picture_options=look))
    assert drawing.notes.badges
    (page,) = ElementTree.fromstring(drawio.write([drawio.DrawioPage("x", drawing)]))
    ids = list(cells(page))
    for prefix, expected in (
        ("sample-", drawing.notes.swatches),
        ("badge-", drawing.notes.badges),
        ("text-", drawing.notes.texts),
    ):
        assert sum(cell_id.startswith(prefix) for cell_id in ids) == len(expected) > 0
    assert sum(cell_id.endswith("-step") for cell_id in ids) == 2


def test_several_diagrams_become_a_file_each_in_a_folder() -> None:
    for name in ("a", "b"):
        Path(f"{name}.mmd").write_text("graph LR\n  A[ALB] --> B[RDS]\n", "utf-8")
    for export_format in ("json", "drawio"):
        assert main(["export", "a.mmd", "b.mmd", "--to", export_format, "-o", "made"]) == 0
        assert main(["export", "a.mmd", "--to", export_format, "-o", "single/"]) == 0
    assert sorted(path.name for path in Path("made").iterdir()) == ["a.drawio", "a.json", "b.drawio", "b.json"]
    assert sorted(path.name for path in Path("single").iterdir()) == ["a.drawio", "a.json"]
    assert main(["export", "a.mmd", "-o", "alone.drawio"]) == 0
    assert Path("alone.drawio").read_bytes() == Path("made/a.drawio").read_bytes()


def test_render_writes_drawio_and_slides_by_format_and_by_extension() -> None:
    Path("a.mmd").write_text("graph LR\n  A[ALB] --> B[RDS]\n", "utf-8")
    assert main(["render", "a.mmd", "-f", "drawio"]) == 0
    assert main(["render", "a.mmd", "-o", "a.drawio"]) == 0
    assert Path("output/a.drawio").read_bytes() == Path("a.drawio").read_bytes()
    assert main(["render", "a.mmd", "-o", "a.pptx", "--theme", "dark"]) == 0
    assert main(["deck", "a.mmd", "-o", "b.pptx", "--theme", "dark"]) == 0
    assert Path("a.pptx").read_bytes() == Path("b.pptx").read_bytes()
