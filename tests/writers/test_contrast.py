"""Text and lines are readable on every background, wherever diagramkit chooses their color."""

from __future__ import annotations

import itertools
import random

import pytest
from msgspec.structs import replace

from diagramkit import pipeline
from diagramkit.drawing import Box, Drawing, GroupDrawing, NodeDrawing, Point
from diagramkit.graph import Pattern
from diagramkit.layout import backgrounds, drawing_builder
from diagramkit.layout.backgrounds import Backgrounds
from diagramkit.layout.result import RoutedEdge
from diagramkit.options import Options
from diagramkit.sources import themes
from diagramkit.style import shapes, theme
from diagramkit.style.colors import blend, contrast
from tests.support import random_graphs
from tests.support.drawings import pattern_of

_FILLS = (
    "#232F3E",
    "#FFFFFF",
    "#000000",
    "#777777",
    "#FF9900",
    "#00838F",
    "#F00",
    "navy",
    "#12345680",
    "#fff8",
    "none",
)
_FAST, _ALL = range(60), range(60, 300)


def random_fill(dice: random.Random) -> tuple[tuple[str, str], ...]:
    fill = dice.choice([*_FILLS, f"#{dice.randrange(1 << 24):06x}", f"#{dice.randrange(1 << 24):06x}", ""])
    return (("fill", fill),) if fill else ()


def filled_pattern(seed: int) -> Pattern:
    """Return a random diagram whose nodes and groups have random fills."""
    dice, pattern = random.Random(seed), random_graphs.pattern(seed)
    graph = replace(
        pattern.graph,
        nodes=tuple(replace(node, style=random_fill(dice)) for node in pattern.graph.nodes),
        groups=tuple(replace(group, style=random_fill(dice)) for group in pattern.graph.groups),
    )
    return replace(pattern, graph=graph)


def surface(drawing: Drawing, point: Point) -> str:
    """Return the color of the page and the groups at a point."""
    color = theme.load("dark").backdrop if drawing.background == "none" else drawing.background
    for group in drawing.groups:
        if group.box.contains(Box(*point, 0, 0), 0) and group.fill:
            color = blend(group.fill, color)
    return color


def surface_around(drawing: Drawing, group: GroupDrawing) -> str:
    """Return the color behind the border of a group."""
    return surface(replace(drawing, groups=drawing.groups[: drawing.groups.index(group)]), group.box.center)


def own_fills(drawing: Drawing) -> set[str]:
    """Return the colors for which a theme has chosen the borders of groups."""
    fills = {style.fill or "" for name in theme.BASES for style in theme.load(name).groups.values()}
    return fills | {drawing.background}


def corners(box: Box) -> list[Point]:
    inner = Box(box.x + 0.5, box.y + 0.5, box.w - 1, box.h - 1)
    return [inner.center, *itertools.product((inner.x, inner.right), (inner.y, inner.bottom))]


def behind_node_text(drawing: Drawing, node: NodeDrawing, box: Box) -> set[str]:
    under = {surface(drawing, point) for point in corners(box)}
    return under if node.has_label_below else {blend(node.fill or "none", color) for color in under}


def border_contrast(drawing: Drawing, node: NodeDrawing) -> float:
    """Return the contrast of the border of a node with what is outside or inside of it, whichever is higher.

    For a shape with more lines, such as a cylinder, the color inside counts, which is behind these.
    """
    border = node.border or "none"
    if border == "none":
        return 21.0
    x, y = node.box.center
    outside = surface(drawing, (x, y))
    inside = blend(node.fill or "none", outside)
    sides = (inside,) if shapes.get(node.shape).lines else (outside, inside)
    return max(contrast(blend(border, side), side) for side in sides)


def unreadable(drawing: Drawing) -> list[str]:
    """Return everything in a drawing that has too little contrast with what is behind it."""
    found = []
    for node in drawing.nodes:
        for text in node.texts:
            low = min(contrast(text.color, color) for color in behind_node_text(drawing, node, text.box))
            found += [f"node {text.text} {low:.2f}"] if low < 4.5 else []
        low = border_contrast(drawing, node)
        found += [f"border of {node.id} {low:.2f}"] if low < 3 else []
    for group in drawing.groups:
        outside = surface_around(drawing, group)
        if outside not in own_fills(drawing) and contrast(group.border, outside) < 3:
            found.append(f"border {group.title}")
        for text in group.texts:
            low = contrast(text.color, group.halo or surface(drawing, text.box.center))
            found += [f"title {text.text} {low:.2f}"] if low < 4.5 else []
    for edge in drawing.edges:
        for text in edge.texts:
            under = {blend(edge.label_background, surface(drawing, point)) for point in corners(text.box)}
            low = min(contrast(text.color, color) for color in under)
            found += [f"label {text.text} {low:.2f}"] if low < 4.5 else []
        for (ax, ay), (bx, by) in itertools.pairwise(edge.line()):
            steps = [(part + 0.5) / 40 for part in range(40)]
            points = [(ax + (bx - ax) * part, ay + (by - ay) * part) for part in steps]
            under = {edge.casing} if edge.casing else {surface(drawing, point) for point in points}
            low = min(contrast(edge.color, color) for color in under)
            found += [f"edge {edge.source} to {edge.target} {low:.2f}"] if low < 3 else []
    return found


def check_all_themes(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(themes, "themes_of", lambda options, span: tuple(map(theme.load, theme.BASES)))
    for name, drawing in zip(theme.BASES, pipeline.prepare(filled_pattern(seed), Options()).drawings, strict=True):
        assert (name, unreadable(drawing)) == (name, [])


@pytest.mark.parametrize("seed", _FAST)
def test_random_fills_leave_everything_readable(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    check_all_themes(seed, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("seed", _ALL)
def test_more_random_fills_leave_everything_readable(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    check_all_themes(seed, monkeypatch)


DARK_GROUP = """flowchart LR
  subgraph vpc [VPC prod]
    A[Lambda] -->|writes| B[Aurora]
    C[Plain step]
    subgraph inner [Inner part]
      D[User]
    end
  end
  U[User] --> A
  style vpc fill:#232F3E,stroke:#FF9900
"""


@pytest.mark.parametrize("name", [*theme.BASES, "auto"])
def test_everything_in_a_dark_group_is_readable(name: str) -> None:
    for drawing in pipeline.prepare(pattern_of(DARK_GROUP), Options(name)).drawings:
        assert unreadable(drawing) == []


@pytest.mark.parametrize("name", theme.BASES)
def test_a_dark_line_icon_in_a_dark_group_is_on_a_plate(name: str) -> None:
    nodes = {node.id: node for node in pipeline.draw(pattern_of(DARK_GROUP), Options(name)).nodes}
    assert nodes["D"].plate
    assert contrast(nodes["D"].plate, "#232F3E") >= 3
    assert bool(nodes["U"].plate) == (name == "dark")


def test_icons_have_tiles_of_one_size_in_the_dark_theme() -> None:
    """An icon either fills the square of an icon itself, or is on a plate of that size."""
    text = "flowchart LR\nA[User] --> B[Lambda] --> C[S3 bucket] --> D[nginx] --> E[Client]"
    nodes = pipeline.draw(pattern_of(text), Options("dark")).nodes
    assert {(round(node.solid.w, 2), round(node.solid.h, 2)) for node in nodes} == {(60, 60)}
    assert [bool(node.plate) for node in nodes] == [True, False, True, True, True]


def test_edges_that_share_a_line_are_in_one_bundle() -> None:
    routes: dict[int, tuple[Point, ...]] = {
        0: ((0, 0), (50, 0), (50, 40)),
        1: ((0, 0), (80, 0), (80, 40)),
        2: ((80, 30), (80, 90)),  # Shares a line with 1, and so with 0.
        3: ((0, 0), (0, 40)),  # Begins at the same point.
        4: ((50, 40), (50, 70)),  # Begins where 0 ends.
        5: ((20, -10), (20, 10)),  # Crosses two of them.
    }
    edges = [RoutedEdge(number, points, "right", "left") for number, points in routes.items()]
    found = [sorted(edge.number for edge in bundle) for bundle in backgrounds.bundles(edges)]
    assert sorted(found) == [[0, 1, 2], [3], [4], [5]]


def test_the_edges_of_a_bundle_have_one_color(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len({edge.color for edge in pipeline.draw(pattern_of(DARK_GROUP), Options()).edges}) == 2
    monkeypatch.setattr(drawing_builder, "bundles", lambda edges: [list(edges)])
    assert len({edge.color for edge in pipeline.draw(pattern_of(DARK_GROUP), Options()).edges}) == 1


def test_the_border_of_a_shape_without_fill_is_visible_in_a_dark_group() -> None:
    source = DARK_GROUP + "  style C fill:none\n"
    node = next(node for node in pipeline.draw(pattern_of(source), Options()).nodes if node.id == "C")
    assert contrast(node.border or "", "#232F3E") >= 3


def test_a_line_that_no_color_fits_has_a_casing() -> None:
    text = """flowchart LR
      subgraph a [ ]
        x[A]
        subgraph b [ ]
          y[B]
          subgraph c [ ]
            z[C]
          end
        end
      end
      w[W] --> z
      style a fill:#777777
      style b fill:#000000
      style c fill:#BBBBBB
    """
    (edge,) = pipeline.draw(pattern_of(text), Options()).edges
    assert edge.casing == "#FFFFFF"
    assert contrast(edge.color, edge.casing) >= 3


def test_the_label_of_an_edge_in_a_group_has_the_color_of_the_group_behind_it() -> None:
    (group,) = pipeline.draw(pattern_of(DARK_GROUP.replace("fill:#232F3E", "fill:#FFE0B0")), Options()).groups[:1]
    drawing = pipeline.draw(pattern_of(DARK_GROUP.replace("fill:#232F3E", "fill:#FFE0B0")), Options())
    label = next(edge for edge in drawing.edges if edge.texts)
    assert (group.fill, label.label_background[:7]) == ("#FFE0B0", "#FFE0B0")


@pytest.mark.parametrize("middle", ["#232F3E", "#FFFFFF", "#777777"])
def test_the_label_of_an_edge_on_a_border_hides_what_is_behind_it(middle: str, monkeypatch: pytest.MonkeyPatch) -> None:
    behind = {"#232F3E", "#FFFFFF", "#777777"}
    monkeypatch.setattr(Backgrounds, "behind_box", lambda self, box: (middle, behind))
    label = next(edge for edge in pipeline.draw(pattern_of(DARK_GROUP), Options()).edges if edge.texts)
    assert label.label_background == middle
    assert contrast(label.texts[0].color, middle) >= 4.5


@pytest.mark.parametrize(
    ("statement", "reported"),
    [
        ("style A fill:#222,color:#333", "the text of 'A' (#333333"),
        ("style g fill:#eee,color:#ddd", "the text of 'g' (#DDDDDD"),
        ("linkStyle 0 stroke:#fefefe", "the edge A to B (#FEFEFE"),
        ("style A stroke:#fefefe", "the border of 'A' (#FEFEFE"),
        ("style A fill:#eee,stroke:#fefefe", "the border of 'A' (#FEFEFE"),
        ("style g stroke:#fefefe", "the border of 'g' (#FEFEFE"),
        ("style g fill:#eee,stroke:#ddd", "the border of 'g' (#DDDDDD"),
        ("linkStyle 0 color:#fefefe", "the text of 'A to B' (#FEFEFE"),
    ],
)
def test_an_unreadable_color_of_the_source_is_kept_with_a_note(statement: str, reported: str) -> None:
    text = f"flowchart LR\nsubgraph g [Zone]\nA[Plain step] -->|calls| B[Other step]\nend\n{statement}\n"
    rendered = pipeline.render(pattern_of(text), ("svg",), Options())
    (note,) = rendered.warnings
    assert (note.code, note.severity) == ("unreadable-color", "note")
    assert reported in note.message
    color = reported.partition("(")[2]
    assert color.encode() in rendered.outputs["svg"]


def test_the_color_for_a_fill_does_not_make_the_label_below_an_icon_unreadable() -> None:
    text = "flowchart LR\nA[Lambda]:::f\nclassDef f fill:#f90,color:#fff\n"
    rendered = pipeline.render(pattern_of(text), ("svg",), Options())
    assert rendered.warnings == ()
    (node,) = pipeline.draw(pattern_of(text), Options()).nodes
    assert contrast(node.texts[0].color, "#FFFFFF") >= 4.5


def border_notes(statement: str) -> list[str]:
    """Return the notes about a diagram with several shapes and a statement."""
    text = f"""flowchart LR
    subgraph g [Zone]
      A[Plain step] --> D[(Row 17)] --> L[Lambda]
    end
    S@{{ shape: f-circ }} --> A
    T@{{ shape: text, label: words }} --> A
    {statement}
    """
    return [warning.message for warning in pipeline.render(pattern_of(text), ("svg",), Options()).warnings]


@pytest.mark.parametrize(
    "statement",
    [
        "style A fill:#000,stroke:#eee",  # The border is visible on the fill,
        "style A fill:#fff,stroke:#333",  # or around it,
        "style g fill:#222,stroke:#222,color:#fff",  # or the area ends there.
        "style A stroke:none",
        "style A stroke:#eee,opacity:0",
        "style A stroke:#eee,stroke-width:0",
        "style T stroke:#eee",  # This shape has no border.
        "style S fill:#333,stroke:#eee",
        "style S stroke:#eee",
        "style L fill:#333,stroke:#eee",
    ],
)
def test_a_border_that_can_be_seen_or_is_not_drawn_has_no_note(statement: str) -> None:
    assert border_notes(statement) == []


@pytest.mark.parametrize(
    ("statement", "reported"),
    [
        ("style D fill:#000,stroke:#333", "the border of 'D' (#333333, 1.7:1)"),  # The lines on the cylinder.
        ("style A stroke:#00000010", "the border of 'A' (#00000010, 1.1:1)"),
        ("style S fill:#eee", "the border of 'S' (#EEEEEE, 1.2:1)"),
        ("style L stroke:#eee", "the border of 'L' (#EEEEEE, 1.2:1)"),
        ("style g fill:#222,color:#fff\nstyle L stroke:#222,fill:#333", "the border of 'L' (#222222, 1.3:1)"),
    ],
)
def test_a_border_in_a_color_of_the_source_that_cannot_be_seen_has_a_note(statement: str, reported: str) -> None:
    (note,) = border_notes(statement)
    assert reported in note
