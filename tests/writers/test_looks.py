"""Themes, canvases, frames, steps, and the title, caption, legend and footer of a picture."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace
from PIL import Image

from diagramkit import pipeline
from diagramkit.diagnostics import DiagramError
from diagramkit.drawing import Drawing, with_both_themes
from diagramkit.graph import Pattern
from diagramkit.layout import canvas
from diagramkit.options import Options, PictureOptions
from diagramkit.sources import spec
from diagramkit.style import theme
from diagramkit.style.colors import MIN_CONTRAST, contrast
from tests.support import faults, random_graphs
from tests.support.drawings import draw, orders, pattern_of
from tests.support.project import PATTERN_NAMES, ROOT, SAMPLE_NAMES, patterns, samples

SVG = "{http://www.w3.org/2000/svg}"


def note_texts(picture: Drawing) -> list[str]:
    return [text.text for text in picture.notes.texts]


def test_steps_are_numbers_on_edges_and_items_of_a_list() -> None:
    picture = draw(orders())
    numbers = [edge.badge.text.text for edge in picture.edges if edge.badge]
    assert numbers == ["1", "2", "3", "4", "5"]
    assert not any(edge.texts for edge in picture.edges)
    assert [badge.text.text for badge in picture.notes.badges] == numbers
    assert {"Places an order", "Calls the API", "Balances", "Stores", "Announces"} <= set(note_texts(picture))
    assert faults.find_faults(picture) == []


def test_steps_are_numbered_if_no_label_has_a_number() -> None:
    pattern = spec.read("title: T\nsteps: true\ndiagram: graph LR;A-->|x|B-->C-->|y|D\n", "s")
    picture = draw(pattern)
    assert [edge.badge.text.text if edge.badge else "" for edge in picture.edges] == ["1", "", "2"]
    assert note_texts(picture) == ["x", "y"]


def test_an_ip_address_is_not_a_step_number() -> None:
    pattern = spec.read('title: T\nsteps: true\ndiagram: graph LR;A-->|10.0.0.0/16|B-->|"2. ok"|C\n', "s")
    picture = draw(pattern)
    assert [text.text for edge in picture.edges for text in edge.texts] == ["10.0.0.0/16"]
    assert note_texts(picture) == ["ok"]


def test_title_caption_legend_and_footer_are_in_order_without_overlaps() -> None:
    picture = draw(orders())
    tops = {text.text: text.box.y for text in picture.notes.texts}
    body = min(group.box.y for group in picture.groups)
    assert tops["Order intake"] < body < tops["Orders are written once."]
    assert tops["Orders are written once."] < tops["Network boundary"]
    assert tops["Network boundary"] < tops["Classification: internal"]
    assert len(picture.notes.swatches) == 3


def test_the_frame_contains_aws_services_but_not_the_customer() -> None:
    picture = draw(orders())
    frame = next(group for group in picture.groups if group.kind == "aws-cloud")
    nodes = {node.title: node.box for node in picture.nodes}
    assert frame.title == "AWS Cloud"
    assert not frame.box.overlaps(nodes["Customer"])
    assert all(frame.box.contains(nodes[name]) for name in ("CloudFront", "ALB", "RDS", "SNS"))
    vpc = next(group for group in picture.groups if group.kind == "vpc")
    assert frame.box.contains(vpc.box)


def test_a_diagram_with_a_cloud_group_gets_no_second_frame() -> None:
    kinds = [group.kind for group in draw(samples()["https-lab"], frame="aws-cloud").groups]
    assert kinds.count("aws-cloud") == 1


def fill_ratio(target: canvas.Canvas, picture: Drawing) -> float:
    """Return the smaller of the shares of the canvas' width and height that a picture fills."""
    scale = target.scale(picture.width, picture.height)
    filled, available = [picture.width * scale, picture.height * scale], [target.width, target.height]
    if target.rotatable:
        filled, available = sorted(filled), sorted(available)
    return min(part / whole for part, whole in zip(filled, available, strict=True))


@pytest.mark.parametrize("name", ["16:9", "4:3", "square", "a4", "1920x1080", "600x900"])
def test_a_chain_is_laid_out_for_its_canvas(name: str) -> None:
    picture = draw(samples()["long-chain"], canvas=name)
    target = canvas.parse(name)
    assert target is not None
    assert fill_ratio(target, picture) >= 0.45
    assert faults.find_faults(picture) == []
    if target.exact:
        assert picture.width / picture.height == pytest.approx(target.width / target.height)


def twenty_functions() -> Pattern:
    lines = [f"  A[API Gateway] --> F{n}[🚀 Lambda {n}<br/>handler {n}] -.-> C[CloudWatch]" for n in range(20)]
    return spec.read("title: T\ndiagram: |\n  flowchart TB\n" + "\n".join(lines) + "\n", "s")


def test_twenty_edges_into_one_node_keep_the_picture_compact() -> None:
    picture = draw(twenty_functions())
    assert 1 < picture.width / picture.height < 2.2
    smallest = min(text.size for text in picture.texts())
    assert smallest * min(1920 / picture.width, 1080 / picture.height) >= 14
    assert faults.find_faults(picture) == []
    assert not any("🚀" in text.text for text in picture.texts())


def test_the_natural_canvas_keeps_the_direction() -> None:
    boxes = [node.box for node in draw(samples()["long-chain"], canvas="natural").nodes]
    assert len({round(box.center[1], 1) for box in boxes}) == 1
    assert [box.x for box in boxes] == sorted(box.x for box in boxes)


def test_a_canvas_in_pixels_is_the_size_of_the_png() -> None:
    picture_options = PictureOptions(canvas="800x450")
    data = pipeline.render(orders(), ("png",), Options(picture_options=picture_options)).outputs["png"]
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (800, 450)


def test_a_png_has_the_requested_width_and_a_palette() -> None:
    data = pipeline.render(orders(), ("png",), Options(width=700, palette=True)).outputs["png"]
    plain = pipeline.render(orders(), ("png",), Options(width=700)).outputs["png"]
    with Image.open(io.BytesIO(data)) as image:
        assert image.size[0] == 700
        assert image.mode == "P"
        assert image.info["dpi"]
    assert len(data) < 0.6 * len(plain)


@pytest.mark.parametrize("scale", [0.5, 1.37])
def test_a_png_is_opaque_to_its_last_pixel(scale: float) -> None:
    data = pipeline.render(orders(), ("png",), Options(scale=scale)).outputs["png"]
    with Image.open(io.BytesIO(data)) as image:
        assert image.convert("RGBA").getchannel("A").getextrema() == (255, 255)


def test_a_palette_keeps_the_pale_fill_of_a_subnet() -> None:
    pattern = samples()["three-tier-az"]
    data = pipeline.render(pattern, ("png",), Options(palette=True)).outputs["png"]
    with Image.open(io.BytesIO(data)) as image:
        colors = {color for _, color in image.convert("RGB").getcolors(256) or []}
    for expected in ((0xF2, 0xF6, 0xE8), (0xE6, 0xF6, 0xF7), (255, 255, 255)):
        nearest = min(
            max(abs(a - b) for a, b in zip(expected, color, strict=True))
            for color in colors
            if isinstance(color, tuple)
        )
        assert nearest <= 2


def test_an_automatic_direction_fits_the_canvas() -> None:
    text = "title: T\ndirection: {}\nnodes: {{a: A, b: B, c: C}}\nedges: [a -> b -> c]\n"
    down = draw(spec.read(text.format("TB"), "s"), canvas="natural")
    assert down.height > down.width
    free = draw(spec.read(text.format("auto"), "s"))
    assert free.width > free.height


@pytest.mark.parametrize("end", ["c", "one"], ids=["from a node in it", "from the subgraph"])
def test_a_subgraph_may_have_its_own_direction(end: str) -> None:
    text = f"""title: T
diagram: |
  flowchart LR
    subgraph one [Ingest]
      direction TB
      a[Kinesis] --> b[Lambda] --> c[S3]
    end
    {end} --> d[Athena]
"""
    picture = draw(spec.read(text, "s"))
    nodes = {node.id: node.box.center for node in picture.nodes}
    assert nodes["a"][0] == nodes["b"][0] == nodes["c"][0]
    assert nodes["a"][1] < nodes["b"][1] < nodes["c"][1]
    assert nodes["d"][0] > nodes["a"][0]
    assert faults.find_faults(picture) == []


@pytest.mark.parametrize("lines", ["curved", "straight"])
@pytest.mark.parametrize("name", [*PATTERN_NAMES, *SAMPLE_NAMES])
def test_curved_and_straight_edges_break_no_rule(name: str, lines: str) -> None:
    picture = draw({**patterns(), **samples()}[name], lines=lines)
    assert faults.find_faults(picture) == []


# Themes


def picture_in(name: str, **options: object) -> str:
    all_options = Options(theme=name, **options)  # type: ignore[arg-type]  # Any option.
    return pipeline.render(orders(), ("svg",), all_options).outputs["svg"].decode()


@pytest.mark.parametrize("name", theme.THEMES)
def test_every_theme_draws_a_well_formed_picture(name: str) -> None:
    root = ElementTree.fromstring(picture_in(name))
    assert root.get("role") == "img"


def test_auto_follows_the_color_scheme_and_is_light_by_default() -> None:
    text = picture_in("auto")
    style = text[text.index("<style>") : text.index("</style>")]
    assert "@media(prefers-color-scheme:dark)" in style
    light, dark = theme.light_and_dark()
    assert f'fill="{light.background}" class=' in text
    assert f"fill:{dark.background}" in style
    classes = set(re.findall(r"\.(dk-\d+)\{", style))
    used = {name for names in re.findall(r' class="(dk-[\d dk-]+)"', text) for name in names.split()}
    assert used == classes


@pytest.mark.parametrize("name", ["light", "dark"])
def test_auto_has_the_colors_of_the_theme_in_each_color_scheme(name: str) -> None:
    """With its CSS classes applied, the picture has all colors of that theme."""
    text = picture_in("auto")
    style = text[text.index("<style>") : text.index("</style>")]
    dark = dict(re.findall(r"\.(dk-\d+)\{(?:fill|stroke):([^}]+)\}", style))
    shown = set(re.findall(r'(?:fill|stroke)="(#\w+|none)"(?![^>]*class="dk)', text))
    shown |= set(dark.values()) if name == "dark" else set(re.findall(r'(?:fill|stroke)="(#\w+|none)"', text))
    plain = set(re.findall(r'(?:fill|stroke)="(#\w+|none)"', picture_in(name)))
    assert plain <= shown


def test_only_a_colored_background_is_a_rectangle() -> None:
    transparent = picture_in("light", background="transparent")
    first_element = re.search(r"</defs>\n<(\w+)", transparent)
    assert first_element is not None
    assert first_element[1] != "rect"
    assert '<rect width="' in picture_in("light", background="#FFF8E7")
    assert 'fill="#FFF8E7"' in picture_in("light", background="#FFF8E7")


def test_a_background_that_makes_text_unreadable_is_an_error() -> None:
    with pytest.raises(DiagramError, match="cannot be read on #222222"):
        picture_in("light", background="#222222")


def test_outlined_text_needs_no_font() -> None:
    text = picture_in("light", outlines=True)
    assert "<text" not in text
    assert "font/woff2" not in text
    assert "<title>ECS</title>" in text


@pytest.mark.parametrize("name", theme.BASES)
def test_every_text_color_has_contrast_with_every_background(name: str) -> None:
    colors = theme.load(name)
    fills = {style.fill for style in colors.groups.values() if style.fill}
    for background in {colors.background, colors.shape_fill, colors.label_background, *fills}:
        assert contrast(colors.text, background) >= MIN_CONTRAST
        assert contrast(colors.muted, background) >= MIN_CONTRAST
    assert contrast(colors.badge_text, colors.badge) >= MIN_CONTRAST


@pytest.mark.parametrize("seed", range(0, 60, 6))
def test_themes_do_not_affect_the_layout(seed: int) -> None:
    pattern = random_graphs.pattern(seed)
    auto = pipeline.draw(pattern, Options("auto"))
    dark = pipeline.draw(pattern, Options("dark"))
    assert [node.box for node in auto.nodes] == [node.box for node in dark.nodes]


def test_a_canvas_that_is_too_large_is_an_error() -> None:
    pattern = spec.read("title: T\ncanvas: 99999x99999\ndiagram: graph LR;A-->B\n", "s.yaml")
    with pytest.raises(DiagramError, match="invalid canvas"):
        pipeline.draw(pattern, Options())


def test_a_missing_theme_file_is_reported_once(capsys: pytest.CaptureFixture[str]) -> None:
    from diagramkit.cli import main

    assert main(["render", str(ROOT / "specs"), "--theme", "nope.yaml"]) == 2
    assert capsys.readouterr().err.count("unreadable-file") == 1


@pytest.mark.parametrize("size", [24, 60, 90])
def test_icons_are_embedded_at_three_pixels_per_point(size: int, tmp_path: Path) -> None:
    file = tmp_path / "company.yaml"
    file.write_text(f"sizes: {{icon: {size}}}\n")
    text = pipeline.render(orders(), ("svg",), Options(str(file))).outputs["svg"].decode()
    root = ElementTree.fromstring(text)
    widths = [int(image.get("width", "0")) for image in root.iter(f"{SVG}image")]
    assert widths
    assert all(width <= 3 * size for width in widths)
    assert max(widths) >= min(3 * size, 200)


def test_icons_at_four_pixels_per_point_have_that_resolution() -> None:
    from diagramkit.writers import svg

    text = svg.write_for_raster(pipeline.draw(orders(), Options()), 4.0, {})
    widths = {int(width) for width in re.findall(r'<image width="(\d+)"', text)}
    assert max(widths) == 240


def test_nodes_have_the_classes_from_their_source() -> None:
    assert '<g class="node hot" data-id="ALB">' in picture_in("light")


def test_a_step_number_on_an_icon_is_a_fault() -> None:
    picture = draw(orders())
    first, *others = picture.edges
    assert first.badge is not None
    on_icon = replace(first, badge=replace(first.badge, box=picture.nodes[0].box))
    rules = {fault.rule for fault in faults.find_faults(replace(picture, edges=(on_icon, *others)))}
    assert "no text on an icon" in rules


def test_equal_steps_are_listed_once() -> None:
    source = "graph LR\n  A -->|1. asks| B\n  C -->|1. asks| B\n  B -->|2. tells| A\n"
    pattern = pattern_of(source)
    picture = draw(pattern, steps=True)
    assert [text.text for text in picture.notes.texts] == ["asks", "tells"]
    assert len(picture.notes.badges) == 2


def test_a_legend_wider_than_its_picture_is_wrapped() -> None:
    pattern = pattern_of("graph LR\n  A --> B\n")
    legend = tuple((key, "what this sign means here") for key in ("solid", "dotted", "thick", "vpc"))
    picture = draw(pattern, legend=legend)
    assert len({swatch.box.center[1] for swatch in picture.notes.swatches}) > 1
    assert faults.find_faults(picture) == []


CLASSES = """\
flowchart LR
  subgraph G [Zone]
    A[Step]:::box
  end
  A e1@--> B
  B --> C
  A ==> C
  classDef box fill:#fde,stroke:#a06,stroke-dasharray:3 1
  classDef hot stroke:#c00,stroke-width:3px
  classDef cold stroke:#06c,stroke-dasharray:4 2
  classDef zone fill:#efe,stroke:#080
  class e1 hot
  class L_B_C_0 cold
  class G zone
"""


def test_a_legend_explains_classes_of_nodes_edges_and_groups() -> None:
    names = ("box", "hot", "cold", "zone")
    picture = draw(pattern_of(CLASSES), legend=tuple((name, f"is {name}") for name in names))
    assert [text.text for text in picture.notes.texts] == [f"is {name}" for name in names]
    assert [(swatch.box.h > 0, swatch.stroke, swatch.fill) for swatch in picture.notes.swatches] == [
        (True, "#AA0066", "#FFDDEE"),
        (False, "#CC0000", None),
        (False, "#0066CC", None),
        (True, "#008800", "#EEFFEE"),
    ]
    assert [(swatch.width, swatch.dash) for swatch in picture.notes.swatches[:3]] == [
        (1.25, (3.0, 1.0)),
        (3.0, ()),
        (picture.edge_width, (4.0, 2.0)),
    ]
    assert faults.find_faults(picture) == []


def test_a_sample_of_an_edge_looks_like_the_edge() -> None:
    picture = draw(pattern_of(CLASSES), legend=(("hot", "hot"), ("cold", "cold")))
    drawn = {(edge.color, edge.width or picture.edge_width, edge.dash or ()) for edge in picture.edges}
    assert {(swatch.stroke, swatch.width, swatch.dash) for swatch in picture.notes.swatches} <= drawn


def test_opposite_edges_of_different_classes_stay_apart() -> None:
    source = "flowchart LR\n  A --> B\n  B --> A\n  class L_A_B_0 x\n"
    assert len(draw(pattern_of(source)).edges) == 2
    assert len(draw(pattern_of(source + "  class L_B_A_0 x\n")).edges) == 1


def test_unknown_entries_of_a_legend_are_ignored() -> None:
    pattern = pattern_of("graph LR\n  A --> B\n")
    legend = (("vpc", "a network"), ("nonsense", "nothing"))
    picture = draw(pattern, legend=legend)
    assert [text.text for text in picture.notes.texts] == ["a network"]


@pytest.mark.parametrize("lines", ["orthogonal", "straight", "curved"])
def test_wide_edges_are_drawn_with_two_arrowheads(lines: Any) -> None:
    source = "graph LR\n  A[S3] <==> B[SQS]\n  B ---> C\n  linkStyle 0 stroke-width:8px\n"
    pattern = pattern_of(source)
    picture_options = replace(PictureOptions(), lines=lines)
    text = pipeline.render(pattern, ("svg",), Options(picture_options=picture_options)).outputs["svg"].decode()
    edge = re.findall(r'<g class="edge"[^>]*>(.*?)</g>', text, re.S)[0]
    assert edge.count("<path") >= 3


def test_drawings_that_differ_in_more_than_colors_cannot_be_combined() -> None:
    light = draw(pattern_of("graph LR\n  A[ALB] --> B[Lambda]\n"))
    background = with_both_themes(light, replace(light, background="#000000")).background
    assert background == f"{light.background} #000000"
    with pytest.raises(ValueError, match="differ in more than their colors"):
        with_both_themes(light, replace(light, width=light.width + 1))
