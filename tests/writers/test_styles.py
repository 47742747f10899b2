"""The effects of `classDef`, `style`, `linkStyle` and `click` on a picture."""

from __future__ import annotations

import sys

import pytest

from diagramkit import api
from diagramkit.diagnostics import Span
from diagramkit.drawing import Drawing
from diagramkit.graph import Pattern
from diagramkit.options import Options
from diagramkit.pipeline import draw
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.style import colors, font, group_kinds, installed_fonts, theme
from diagramkit.style.colors import contrast
from diagramkit.style.css import TextSize, css_style, parse_text_size
from tests.support import faults

STYLED = """flowchart LR
  accTitle: Said aloud
  accDescr: Told at length
  A[ALB]:::hot -->|calls| B[/Store/]
  subgraph vpc [VPC]
    B --> C[Thing]
  end
  classDef hot fill:#f96,stroke:#333,stroke-width:3px,color:#fff
  style B fill:#0b3d91,color:#000
  style C stroke:red,stroke-dasharray: 4 2
  style vpc fill:#f0fff0,stroke:#080
  linkStyle 0 stroke:#d00,stroke-width:4px,color:#d00
  linkStyle default stroke:#888888
  click C "https://example.com" "Opens it" _blank
"""


def styled_diagram() -> api.Diagram:
    graph = parse(STYLED, Origin("d.mmd"))
    return api.Diagram(Pattern(graph, "d", "", "d", STYLED, Span("d.mmd")))


def picture(theme: str = "light") -> Drawing:
    return draw(styled_diagram().pattern, Options(theme))


def test_nodes_edges_and_groups_have_their_colors() -> None:
    drawing = picture()
    nodes = {node.id: node for node in drawing.nodes}
    assert (nodes["A"].plate, nodes["A"].border, nodes["A"].width) == ("#FF9966", "#333333", 3)
    assert (nodes["B"].fill, nodes["C"].border, nodes["C"].dash) == ("#0B3D91", "#FF0000", (4, 2))
    (group,) = drawing.groups
    assert (group.fill, group.border) == ("#F0FFF0", "#008800")
    assert [(edge.color, edge.width) for edge in drawing.edges] == [
        ("#DD0000", 4),
        ("#888888", None),
    ]
    assert drawing.edges[0].texts[0].color == "#DD0000"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable_unless_the_source_chose_its_color(theme: str) -> None:
    drawing = picture(theme)
    nodes = {node.id: node for node in drawing.nodes}
    assert nodes["B"].texts[0].color == "#000000"  # The source chose it for this fill.
    assert (
        contrast(nodes["A"].texts[0].color, drawing.background) >= 4.5
    )  # Below the fill that the source chose it for.
    assert contrast(drawing.groups[0].texts[0].color, "#F0FFF0") >= 4.5
    assert faults.find_faults(drawing) == []


def test_an_svg_has_links_tooltips_and_accessible_texts() -> None:
    svg = styled_diagram().render("svg").decode("utf-8")
    assert '<a xlink:href="https://example.com" target="_blank" aria-label="' in svg
    assert "<title>Opens it</title>" in svg
    assert ">Said aloud</title>" in svg
    assert ">Told at length</desc>" in svg


@pytest.mark.parametrize(
    "value", ["url(#x)", "red;}", 'red" onload="x', "var(--x)", "#12", "", "expression(1)", "rgb(1)", "hsl(a,b,c)"]
)
def test_an_invalid_value_is_ignored(value: str) -> None:
    names = "fill", "stroke-width", "stroke-dasharray", "opacity", "font-size", "font-weight", "text-decoration"
    assert css_style(tuple((name, value) for name in names)) == css_style(())


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("#00000000", "none"),
        ("transparent", "none"),
        ("none", "none"),
        ("#fff0", "none"),
        ("rgba(1, 2, 3, 0)", "none"),
        ("hsla(120, 50%, 50%, 0%)", "none"),
        ("hsl(120deg 100% 25%)", "#008000"),
        ("rgb(100%, 0%, 0%)", "#FF0000"),
        ("rgba(255, 0, 0, .5)", "#FF000080"),
        ("#12345678", "#12345678"),
        ("#1238", "#11223388"),
        ("RebeccaPurple", "#663399"),
    ],
)
def test_colors_are_read_in_every_notation_of_css(text: str, color: str) -> None:
    assert colors.parse(text) == color


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("chucknorris", "#C00000"),
        ("#0102030405060", "#013006"),
        ("#00ff0000ff0000ff0000", "#000FFF"),
        ("#abc", "#AABBCC"),
        ("red", "#FF0000"),
        ("none", "#000E00"),
        ("", None),
        ("transparent", None),
        ("f" * 200, None),
    ],
)
def test_colors_of_html_are_read_as_browsers_read_them(text: str, color: str | None) -> None:
    """https://html.spec.whatwg.org/multipage/common-microsyntaxes.html#rules-for-parsing-a-legacy-colour-value"""
    assert colors.parse_legacy(text) == color
    assert colors.parse("red" + " " * 3 + "x" * 200) is None


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("x-large", TextSize(1.5, True)),
        ("50%", TextSize(0.5, True)),
        ("12px", TextSize(12.0)),
        ("big", None),
        (None, None),
    ],
)
def test_sizes_of_text_are_read_in_the_notations_of_css(text: str | None, size: TextSize | None) -> None:
    assert parse_text_size(text) == size


def test_combining_characters_that_the_font_lacks_have_no_width() -> None:
    face = font.bundled()
    for alone, combined in (("\u05d0", "\u05d0\u05b0"), ("\U0001f469", "\U0001f469\u200d"), ("\u65e5", "\u65e5\u3099")):
        assert face.width(alone, 10) == face.width(combined, 10) > 5


@pytest.mark.parametrize(
    ("platform", "folder"),
    [("darwin", "System/Library/Fonts"), ("win32", "Windows/Fonts"), ("linux", "usr/share/fonts")],
)
def test_fonts_are_searched_in_the_folders_of_each_system(
    platform: str, folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert any(folder in path.as_posix() for path in installed_fonts._font_folders())


@pytest.mark.parametrize("kind", group_kinds.load())
def test_a_kind_of_group_is_complete(kind: str) -> None:
    """A forgotten entry would give a group a bright border in the dark theme, or a color in the theme for print."""
    entry = group_kinds.load()[kind]
    assert {"name", "titles", "border", "dark", "mono"} <= set(entry)
    assert entry["dark"]["border"] != entry["border"]
    assert entry.get("icon") or entry.get("glyph") or not entry.get("drawio")
    assert "glyph" not in entry or theme.glyph(entry["glyph"])
    for color in ("border", "tile", "fill"):
        mono = getattr(theme.load("mono").groups[kind], color)
        assert mono is None or len({mono[1:3], mono[3:5], mono[5:7]}) == 1, (color, mono)
