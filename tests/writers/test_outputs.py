"""SVG and PNG output: self-contained, consistent with each other, and safe to show anywhere."""

from __future__ import annotations

import base64
import io
import re
from xml.etree import ElementTree

import pytest
from fontTools.ttLib import TTFont
from msgspec.structs import replace
from PIL import Image, ImageChops, ImageStat
from resvg import render, usvg

from diagramkit.graph import Graph
from diagramkit.options import Options
from diagramkit.pipeline import draw
from diagramkit.sources import spec
from diagramkit.style import font
from diagramkit.writers import png, rasterizer, svg
from diagramkit.writers.display_list import display_list
from tests.support.project import PATTERN_NAMES, ROOT, SAMPLE_NAMES, drawing, patterns

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"


def document(name: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg.write(drawing(name)))


@pytest.mark.parametrize("name", [*PATTERN_NAMES, *SAMPLE_NAMES])
def test_an_svg_refers_to_nothing_outside_itself(name: str) -> None:
    text = svg.write(drawing(name))
    for url in re.findall(r"url\(([^)]*)\)", text):
        assert url.startswith("data:font/woff2;base64,")
    for element in document(name).iter():
        for key, value in element.attrib.items():
            if key.endswith("href") and element.tag != f"{SVG}a":
                assert value.startswith(("#icon-", "data:image/png;base64,")), value[:60]
            assert not key.lower().startswith("on")
        assert element.tag != f"{SVG}script"
    assert not re.search(r"(?:file:|/usr/|/home/|site-packages|[A-Z]:\\)", text)
    without_names = re.sub(r'xmlns(?::xlink)?="[^"]*"', "", text)
    assert "://" not in re.sub(r'<a xlink:href="[^"]*"', "", without_names)


@pytest.mark.parametrize("name", PATTERN_NAMES)
def test_each_icon_is_in_the_svg_once_and_at_most_at_three_times_its_drawn_size(name: str) -> None:
    root = document(name)
    symbols = [element.get("id") for element in root.iter(f"{SVG}symbol")]
    assert len(symbols) == len(set(symbols))
    used = {element.get(HREF, "") for element in root.iter(f"{SVG}use")}
    assert used == {f"#{symbol}" for symbol in symbols}
    for image in root.iter(f"{SVG}image"):
        data = base64.b64decode(image.get(HREF, "").partition(",")[2])
        with Image.open(io.BytesIO(data)) as icon:
            assert max(icon.size) <= 3 * 60


@pytest.mark.parametrize("name", PATTERN_NAMES)
def test_the_embedded_font_has_every_character_of_the_picture(name: str) -> None:
    style = document(name).find(f"{SVG}defs/{SVG}style")
    assert style is not None
    data = re.search(r"base64,([^)]*)\)", style.text or "")
    assert data is not None
    with TTFont(io.BytesIO(base64.b64decode(data[1]))) as embedded:
        available = set(embedded.getBestCmap())
    assert {ord(char) for text in drawing(name).texts() for char in text.text} <= available


@pytest.mark.parametrize("name", PATTERN_NAMES)
def test_an_svg_has_a_title_a_description_and_tooltips_for_screen_readers(name: str) -> None:
    root = document(name)
    pattern = patterns()[name]
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == pattern.title
    assert root.findtext(f"{SVG}desc")
    tooltips = [node.findtext(f"{SVG}title") for node in root.iter(f"{SVG}g") if node.get("class") == "node"]
    assert tooltips == [node.label for node in pattern.graph.nodes]


@pytest.mark.parametrize("name", PATTERN_NAMES)
def test_a_png_has_two_pixels_per_point_and_records_its_resolution(name: str) -> None:
    picture = drawing(name)
    with Image.open(io.BytesIO(png.write(picture, 2.0))) as image:
        assert image.size == (picture.width * 2, picture.height * 2)
        assert image.info["dpi"] == pytest.approx((144, 144), abs=0.1)


@pytest.mark.parametrize("name", PATTERN_NAMES)
def test_the_committed_png_matches_the_committed_svg(name: str) -> None:
    """Another rasterizer draws the SVG file like the PNG file.

    The PNG aligns edges and icons with pixels, so they may differ in shade but not in position.
    """
    stem = next((ROOT / "output").rglob(f"{name}.svg")).with_suffix("")
    options = usvg.Options.default()
    options.load_font_data(font.bundled().subset("", "ttf"))
    text = stem.with_suffix(".svg").read_text("utf-8")
    size = re.search(r'width="(\d+)" height="(\d+)"', text)
    assert size is not None
    text = text.replace(size[0], f'width="{2 * int(size[1])}" height="{2 * int(size[2])}"', 1)
    drawn = bytes(render(usvg.Tree.from_str(text, options), (1, 0, 0, 0, 1, 0)))
    with Image.open(io.BytesIO(drawn)) as svg_image, Image.open(stem.with_suffix(".png")) as png_image:
        from_svg, from_png = svg_image.convert("RGB"), png_image.convert("RGB")
        assert max(ImageStat.Stat(ImageChops.difference(from_svg, from_png)).mean) < 1.0
        blurred_difference = ImageChops.difference(from_svg.reduce(6), from_png.reduce(6))
        assert max(blurred_difference.tobytes()) < 36


@pytest.mark.parametrize("scale", [1.0, 4.0])
def test_the_size_of_a_png_follows_its_scale(scale: float) -> None:
    picture = drawing("api-gateway-lambda")
    with Image.open(io.BytesIO(png.write(picture, scale))) as image:
        assert image.size == (picture.width * scale, picture.height * scale)


HOSTILE = """\
title: '</title><script>alert(1)</script>'
nodes:
  a: {label: "<script>alert(1)</script> ]]> & \\"quoted\\" \\u202e\\a", link: 'https://e.com/?a="b"&c'}
  '"><x': {label: "<img src=x onerror=alert(1)>"}
edges: ['a -> "><x: <b>hi</b> & <i>you</i>']
groups: {'g"': {label: '"><svg onload=alert(1)>', nodes: [a]}}
""".replace(
    "edges: ['a -> \"><x: <b>hi</b> & <i>you</i>']", "edges: [{from: a, to: '\"><x', label: '<b>hi</b> & <i>you</i>'}]"
)


def test_labels_with_markup_stay_text() -> None:
    text = svg.write(draw(spec.read(HOSTILE, "s.yaml"), Options()))
    root = ElementTree.fromstring(text)
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {
        "svg",
        "title",
        "desc",
        "defs",
        "style",
        "symbol",
        "image",
        "use",
        "g",
        "a",
        "rect",
        "path",
        "circle",
        "text",
        "tspan",
    }
    assert "\u202e" not in text
    assert "\x07" not in text
    link = next(root.iter(f"{SVG}a"))
    assert link.get(HREF) == 'https://e.com/?a="b"&c'


def test_a_link_that_runs_code_is_omitted() -> None:
    pattern = spec.read('title: T\ndiagram: |\n  graph LR\n  A-->B\n  click A "javascript:alert(1)"\n', "s")
    text = svg.write(draw(pattern, Options()))
    assert "javascript" not in text


def test_all_shapes_arrowheads_and_line_styles_are_drawn() -> None:
    shapes = [
        "A[a]",
        "B(b)",
        "C([c])",
        "D[[d]]",
        "E[(e)]",
        "F((f))",
        "G(((g)))",
        "H>h]",
        "I{i}",
        "J{{j}}",
        "K[/k/]",
        "L[\\l\\]",
        "M[/m\\]",
        "N[\\n/]",
        "O(-o-)",
    ]
    links = [
        "-->",
        "---",
        "--o",
        "--x",
        "-.->",
        "-.-",
        "==>",
        "===",
        "<-->",
        "o--o",
        "x--x",
        "~~~",
        "-->",
        "-->",
    ]
    chain = " ".join(f"{a} {b}" for a, b in zip(shapes, [*links, ""], strict=True))
    pattern = spec.read(f"title: T\ndiagram: |\n  graph LR\n  {chain}\n  A --> A\n", "s.yaml")
    picture = draw(pattern, Options())
    root = ElementTree.fromstring(svg.write(picture))
    assert len(picture.nodes) == 15
    assert len(picture.edges) == 14  # 14 links less the invisible one, and the loop.
    assert len(list(root.iter(f"{SVG}circle"))) == 3


def test_an_empty_diagram_and_an_empty_group_are_drawn() -> None:
    assert draw(spec.read("title: T\ndiagram: graph LR\n", "s"), Options()).nodes == ()
    text = "title: T\ndiagram: |\n  graph LR\n  subgraph VPC\n  end\n  A --> VPC\n"
    picture = draw(spec.read(text, "s"), Options())
    assert [group.title for group in picture.groups] == ["VPC"]
    assert len(picture.edges) == 1


def test_text_that_the_bundled_font_lacks_is_reported_and_kept_as_text() -> None:
    picture = drawing("sns-fanout-ja")
    assert "ー" in "".join(png.missing_characters(picture))
    assert "ユーザー" in svg.write(picture)
    assert png.missing_characters(drawing("web-app")) == ("", "")


def test_a_drawing_gets_a_description_if_the_source_has_none() -> None:
    assert drawing("api-gateway-lambda").description == (
        "Client to API Gateway; API Gateway to Lambda; Lambda to DynamoDB; Lambda to S3 Presigned URL."
    )


def test_opposite_edges_between_two_nodes_become_one_edge_with_two_arrowheads() -> None:
    pattern = spec.read("title: T\ndiagram: graph LR;A-->B;B-->A\n", "s")
    edges = draw(pattern, Options()).edges
    assert [(edge.tail, edge.head) for edge in edges] == [("arrow", "arrow")]


def test_drawing_does_not_change_the_graph() -> None:
    pattern = patterns()["rag-architecture"]
    before: Graph = replace(pattern.graph)
    draw(pattern, Options())
    assert pattern.graph == before


@pytest.mark.parametrize("name", ["eks-with-service-mesh", "web-app", "ticket-triage"])
def test_the_strips_of_the_rasterizer_do_not_show(name: str) -> None:
    """The rasterizer draws in strips, which are lower in a wider picture. The pixels must not depend on that."""
    original = drawing(name)
    elements = display_list(original)
    wider = (replace(original, width=original.width * factor) for factor in (1, 7))
    pictures = [Image.open(io.BytesIO(rasterizer.write(picture, elements, 2.0, {}) or b"")) for picture in wider]
    left = pictures[1].crop((0, 0, *pictures[0].size))
    assert max(high for _, high in ImageStat.Stat(ImageChops.difference(pictures[0], left)).extrema) <= 1
