"""Node shapes: every name of Mermaid has one, with its own outline, in which its text is and at which edges end."""

from __future__ import annotations

import base64
import io
import re
import zlib
from collections.abc import Iterator
from functools import cache
from typing import get_args
from urllib.parse import unquote

import pptx
import pytest
import yaml
from msgspec.structs import replace

from diagramkit import pipeline
from diagramkit.drawing import Drawing, NodeDrawing, bounds
from diagramkit.graph import Side
from diagramkit.options import Options
from diagramkit.publish import slides
from diagramkit.slides.arrangement import SlideOptions
from diagramkit.sources.mermaid.brackets import drawn_shape
from diagramkit.style import outlines, shapes, theme
from diagramkit.style.colors import blend, contrast
from diagramkit.writers import drawio, svg
from diagramkit.writers.display_list import IconItem, PathItem, display_list
from diagramkit.writers.pptx import write
from tests.support import faults
from tests.support.drawings import draw, pattern_of
from tests.support.project import DATA

MERMAID: dict[str, list[str]] = yaml.safe_load((DATA / "mermaid_shapes.yaml").read_text("utf-8"))
SHAPES = shapes.table()
LABELED = [name for name, shape in SHAPES.items() if shape.label == "inside"]
BELOW = [name for name, shape in SHAPES.items() if shape.label == "below"]
MARKS = [name for name, shape in SHAPES.items() if not shape.has_label and shape.names]
# What Mermaid draws with different functions but alike: rectangles, rounded rectangles, events of BPMN.
ALIKE = {
    frozenset({"squareRect", "composite", "icon"}): "square",
    frozenset({"roundedRect", "state", "bpmnActivity"}): "round",
    frozenset({"bpmnIntermediate", "bpmnBoundary"}): "bpmn-intermediate",
}
LABELS = [
    "ok",
    "Some words",
    "A label that is wide enough for two lines of text",
    "one<br>two<br>three<br>four<br>five",
]


def name_of(shape: str) -> str:
    """Return a name of a shape for `@{ shape: … }`."""
    return SHAPES[shape].names[0]


@cache
def picture_of(shape: str) -> Drawing:
    """Return a picture with nodes of a shape, one for each label, each with an edge from every side."""
    brackets = {"ellipse": 'A{0}(-"{1}"-)'}
    lines = ["flowchart LR"]
    for number, label in enumerate(LABELS):
        node = f'A{number}@{{ shape: {name_of(shape)}, label: "{label}" }}' if SHAPES[shape].names else ""
        lines.append(node or brackets[shape].format(number, label))
        lines += [f"L{number}[left] --> A{number} --> R{number}[right]", f"A{number} --- M{number}[more]"]
    pattern = pattern_of("\n".join(lines))
    icons = tuple((node.id, "none", node.span) for node in pattern.graph.nodes)
    return draw(replace(pattern, icons=icons))


def drawn(picture: Drawing) -> Iterator[NodeDrawing]:
    return (node for node in picture.nodes if node.id.startswith("A"))


def contains(node: NodeDrawing, x: float, y: float) -> bool:
    """Return whether the outline of a node contains a point: a line to it crosses it an odd number of times."""
    box = node.box
    segments = outlines._segments(SHAPES[node.shape].outline, box.w, box.h)
    hits = [hit for segment in segments for hit in segment.crossings(1, x - box.x)]
    return len({round(hit, 3) for hit in hits if hit < y - box.y}) % 2 == 1


def test_every_name_of_mermaid_is_a_shape() -> None:
    names = {name for aliases in MERMAID.values() for name in aliases}
    assert len(names) == 156
    assert names == set(shapes.by_mermaid_name())
    assert sum(len(shape.names) for shape in SHAPES.values()) == len(names), "a name has two shapes"


def test_shapes_are_alike_where_mermaid_draws_them_alike_and_only_there() -> None:
    functions: dict[str, set[str]] = {}
    for function, aliases in MERMAID.items():
        (shape,) = {drawn_shape(name) for name in aliases}
        functions.setdefault(shape, set()).add(function)
    several = {frozenset(names): shape for shape, names in functions.items() if len(names) > 1}
    assert several == ALIKE


def test_each_shape_has_its_own_outline() -> None:
    looks: dict[object, list[str]] = {}
    for name, shape in SHAPES.items():
        look = shape.outline, shape.lines, shape.fill, shape.has_border, shape.size
        looks.setdefault(look, []).append(name)
    # The dots differ in their sizes only, and Mermaid's ellipse is a circle whose width and height differ.
    assert [names for names in looks.values() if len(names) > 1] == [["circle", "ellipse"]]


@pytest.mark.parametrize("name", SHAPES)
def test_an_outline_fills_its_box(name: str) -> None:
    """Otherwise the layout would keep space free that nothing needs, or edges would end in the air."""
    size = SHAPES[name].size
    for w, h in [size] if size else [(100.0, 60.0), (160.0, 120.0)]:
        for side in get_args(Side):
            along = w if side in ("top", "bottom") else h
            depths = [
                outlines.depth(SHAPES[name].outline, w, h, side, offset * along / 200) for offset in range(-99, 100)
            ]
            assert -0.7 <= min(depths) <= 2.2, side  # The wave of a document is a bit lower.


@pytest.mark.parametrize("name", LABELED)
def test_the_text_is_inside_the_outline_and_no_line_crosses_it(name: str) -> None:
    for node in drawn(picture_of(name)):
        shape, box = SHAPES[node.shape], node.box
        assert node.shape == name
        assert node.texts
        lines = outlines._segments(shape.lines, box.w, box.h) if shape.lines else ()
        for text in node.texts:
            area = text.box
            corners = [(x, y) for x in (area.x, area.right) for y in (area.y + 2, area.bottom - 2)]
            assert all(contains(node, x, y) for x, y in corners), text.text
            for share in range(11):
                x = area.x + area.w * share / 10 - box.x
                hits = [hit + box.y for segment in lines for hit in segment.crossings(1, x)]
                assert not any(area.y + 2 < hit < area.bottom - 2 for hit in hits), text.text


@pytest.mark.parametrize("name", ["cylinder", "lin-cyl"])
def test_the_text_of_a_cylinder_keeps_a_distance_from_its_lid(name: str) -> None:
    labels = ["One", "Two lines of text here for you", "a label of words<br>that takes<br>three lines"]
    sources = [f'A{i}@{{ shape: {name_of(name)}, label: "{label}" }}' for i, label in enumerate(labels)]
    pattern = pattern_of("\n".join(["flowchart LR", *sources]))
    for node in draw(replace(pattern, icons=tuple((node.id, "none", node.span) for node in pattern.graph.nodes))).nodes:
        box = node.box
        top = min(text.box.y for text in node.texts)
        lines = outlines._segments(SHAPES[name].lines, box.w, box.h)
        lid = max(hit + box.y for segment in lines for hit in segment.crossings(1, box.w / 2))
        assert top - lid >= 1.5, node.texts[0].text


@pytest.mark.parametrize("name", BELOW)
def test_the_shapes_of_bpmn_are_above_their_labels_in_every_output(name: str) -> None:
    """As in Mermaid, whose events, gateways and data objects have the same size whatever their label says."""
    picture = picture_of(name)
    for node in drawn(picture):
        assert (node.box.w, node.box.h) == SHAPES[name].size
        assert [text.box.center[0] for text in node.texts] == pytest.approx([node.box.center[0]] * len(node.texts))
        assert node.box.bottom < node.texts[0].box.y < node.box.bottom + 12
    pages = drawio.write([drawio.DrawioPage("p", picture)])
    assert pages.count("verticalLabelPosition=bottom") == len(LABELS)
    pattern = pattern_of(f'flowchart LR\nA@{{ shape: {name_of(name)}, label: "Some words" }}')
    pattern = replace(pattern, icons=(("A", "none", pattern.span),))
    deck = slides.deck([pattern], "Deck", SlideOptions(), Options()).deck
    (group,) = (s for s in pptx.Presentation(io.BytesIO(write(deck))).slides[-1].shapes if s.name == "Some words")
    shape, label = group.shapes
    assert shape.top + shape.height < label.top
    assert (shape.text_frame.text, label.text_frame.text) == ("", "Some words")


@pytest.mark.parametrize("name", [name for name in SHAPES if name != "junction"])
def test_edges_end_on_the_outline(name: str) -> None:
    picture = picture_of(name)
    nodes = {node.id: node for node in drawn(picture)}
    ends = [(edge.source, edge.points[0]) for edge in picture.edges]
    ends += [(edge.target, edge.points[-1]) for edge in picture.edges]
    checked = 0
    for node, (x, y) in ((nodes[end], point) for end, point in ends if end in nodes):
        if _is_below_label(node, x, y):
            continue
        box, path = node.box, SHAPES[name].outline
        segments = outlines._segments(path, box.w, box.h)
        distances = [abs(hit + box.y - y) for segment in segments for hit in segment.crossings(1, x - box.x)]
        distances += [abs(hit + box.x - x) for segment in segments for hit in segment.crossings(0, y - box.y)]
        assert min(distances) < 0.1
        checked += 1
    checked += sum(_is_below_label(nodes[end], *point) for end, point in ends if end in nodes)
    assert checked == 3 * len(LABELS)
    assert faults.find_faults(picture) == []


@pytest.mark.parametrize("name", MARKS)
def test_a_shape_without_a_label_is_small_and_shows_no_text(name: str) -> None:
    picture = draw(pattern_of(f"flowchart TB\nA[Begin] --> start@{{ shape: {name_of(name)} }} --> B[End]"))
    (node,) = (node for node in picture.nodes if node.id == "start")
    assert (node.shape, node.texts) == (name, ())
    assert sorted((node.box.w, node.box.h)) == sorted(SHAPES[name].size or ())
    assert max(node.box.w, node.box.h) <= 70


def test_a_label_that_a_shape_cannot_show_is_in_a_note() -> None:
    text = 'flowchart LR\nA@{ shape: fork, label: "Everything" } --> B@{ shape: join } --> C'
    rendering = pipeline.prepare(pattern_of(text), Options())
    assert rendering.drawing.nodes
    notes = [note.message for note in rendering.warnings]
    assert notes == ["diagramkit does not draw this: the label 'Everything' of 'A', whose shape has none"]


@pytest.mark.parametrize(("direction", "is_upright"), [("TB", False), ("BT", False), ("LR", True), ("RL", True)])
def test_the_bar_of_a_fork_is_across_the_flow(direction: str, is_upright: bool) -> None:
    text = f"flowchart {direction}\nA --> f@{{ shape: fork }}\nf --> B & C & D"
    for canvas in ("natural", "16:9", "square"):
        picture = draw(pattern_of(text), canvas=canvas)
        (bar,) = (node for node in picture.nodes if node.id == "f")
        # An edge to the bar ends at one of its long sides.
        (edge,) = (edge for edge in picture.edges if edge.target == "f")
        horizontal = abs(edge.points[-1][0] - edge.points[-2][0]) > abs(edge.points[-1][1] - edge.points[-2][1])
        assert (bar.box.h > bar.box.w) == horizontal
    picture = draw(pattern_of(text), canvas="natural")
    assert [node.box.h > node.box.w for node in picture.nodes if node.id == "f"] == [is_upright]


@pytest.mark.parametrize("name", theme.BASES)
@pytest.mark.parametrize("fill", ["", "style g fill:#232F3E", "style g fill:#fff", "style g fill:#FF9900"])
def test_small_circles_and_forks_are_open_and_filled_circles_are_not(name: str, fill: str) -> None:
    """Otherwise the start of a process would look like a junction, in a dark group for example."""
    text = f"""flowchart LR
    subgraph g [Part]
      s@{{ shape: sm-circ }} --> f@{{ shape: fork }} --> j@{{ shape: f-circ }}
    end
    {fill}
    """
    picture = pipeline.draw(pattern_of(text), Options(name))
    behind = picture.groups[0].fill or theme.load(name).backdrop
    nodes = {
        node.id: (blend(node.fill or "none", behind), blend(node.border or "none", behind)) for node in picture.nodes
    }
    for mark in ("s", "f"):
        assert nodes[mark][0] == behind
        assert contrast(nodes[mark][1], behind) >= 3
    assert contrast(nodes["j"][0], behind) >= 3


def test_a_node_with_an_icon_keeps_it() -> None:
    text = 'flowchart LR\nA@{ shape: fork, label: "Amazon SQS" } --> B@{ shape: docs, label: "S3 bucket" }'
    icons = [item for element in display_list(draw(pattern_of(text))) for item in element.items]
    assert sum(isinstance(item, IconItem) for item in icons) == 2


def test_styles_of_the_source_apply_to_all_shapes() -> None:
    nodes = "\n".join(
        f"N{number}@{{ shape: {name_of(name)} }}"
        for number, name in enumerate([*LABELED[1:], *BELOW, *MARKS])
        if SHAPES[name].names
    )
    picture = draw(pattern_of(f"flowchart LR\n{nodes}\nclassDef default fill:#ff8800,stroke:#0000ff"))
    for element in display_list(picture):
        if element.kind == "node":
            paths = [item for item in element.items if isinstance(item, PathItem)]
            assert paths[0].fill == "#FF8800", element.ids
            assert {path.pen.color for path in paths if path.pen} <= {"#0000FF"}, element.ids


def test_every_shape_is_in_every_output() -> None:
    text = "flowchart LR\n" + "\n".join(
        f'N{n}@{{ shape: {name_of(s)}, label: "words" }}' for n, s in enumerate(SHAPES) if SHAPES[s].names
    )
    picture = draw(pattern_of(text))
    assert svg.write(picture).count("<path") >= len(picture.nodes)
    pages = drawio.write([drawio.DrawioPage("p", picture)])
    stencils = [stencil_xml(code) for code in re.findall(r"shape=stencil\(([^)]*)\)", pages)]
    assert len(stencils) == sum(shape.drawio is None for shape in SHAPES.values() if shape.names)
    assert all(xml.startswith("<shape ") and "<path><move " in xml for xml in stencils)


def test_powerpoint_fills_the_outline_and_not_the_lines_on_it() -> None:
    text = "flowchart LR\n" + "\n".join(
        f"N{n}@{{ shape: {name_of(s)} }}" for n, s in enumerate(SHAPES) if SHAPES[s].names
    )
    pattern = pattern_of(text)
    icons = tuple((node.id, "none", node.span) for node in pattern.graph.nodes)
    deck = slides.deck([replace(pattern, icons=icons)], "Deck", SlideOptions(), Options()).deck
    page = pptx.Presentation(io.BytesIO(write(deck))).slides[-1]
    geometries = {shape.name: shape._element.xml for shape in page.shapes}
    for node in pattern.graph.nodes:
        shape, xml = SHAPES[node.shape], geometries[node.label]
        assert xml.count("<a:path ") == 1 + bool(shape.lines), node.shape
        assert xml.count('fill="none"') == bool(shape.lines), node.shape
        assert ('stroke="0"' in xml) != shape.has_border, node.shape


def _is_below_label(node: NodeDrawing, x: float, y: float) -> bool:
    """Return whether an edge ends below the label of a node, which is below its shape."""
    label = bounds([text.box for text in node.texts]) if node.texts else node.box
    return node.has_label_below and abs(y - label.bottom) < 0.1 and label.x <= x <= label.right


def stencil_xml(code: str) -> str:
    """Return the XML of a draw.io stencil, decoded as draw.io decodes it."""
    return unquote(zlib.decompress(base64.b64decode(code), -zlib.MAX_WBITS).decode())
