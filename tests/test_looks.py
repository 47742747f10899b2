"""Themes, canvases, frames, steps and what stands around a picture."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace
from PIL import Image

from diagramkit import data, pipeline
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.drawing import Drawing, with_both_themes
from diagramkit.graph import Pattern, PictureOptions
from diagramkit.layout import canvas, faults
from diagramkit.pipeline import Options
from diagramkit.sources import spec, themefile
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.style import theme
from diagramkit.style.css import READABLE, contrast
from tests import random_graphs
from tests.conftest import PATTERN_NAMES, ROOT, SAMPLE_NAMES, patterns, samples

SVG = "{http://www.w3.org/2000/svg}"
ORDERS = """\
title: Order intake
canvas: 16:9
steps: true
show_title: true
frame: aws-cloud
caption: Orders are written once.
footer: "Classification: internal"
legend: {vpc: Network boundary, dotted: Asynchronous, hot: Watched}
diagram: |
  flowchart LR
    U[Customer] -->|1. Places an order| CF[CloudFront]
    CF -->|2. Calls the API| ALB
    subgraph VPC
      ALB[ALB]:::hot -->|3. Balances| ECS[ECS]
      ECS -->|4. Stores| RDS[(RDS)]
    end
    ECS -.->|"(5) Announces"| SNS[SNS]
    classDef hot fill:#fee,stroke:#c00
"""


def orders() -> Pattern:
    return spec.read(ORDERS, "orders.yaml")


def draw(pattern: Pattern, **look: object) -> Drawing:
    return pipeline.draw(pattern, Options(look=PictureOptions(**look)))  # type: ignore[arg-type]  # Any option.


def flow(source: str) -> Pattern:
    return Pattern(parse(source, Origin("s.mmd")), "s", "", "S", "", Span("s.mmd"))


def said(picture: Drawing) -> list[str]:
    return [text.text for text in picture.notes.texts]


def test_steps_are_numbers_on_edges_and_a_list_beside_or_below() -> None:
    picture = draw(orders())
    numbers = [edge.badge.text.text for edge in picture.edges if edge.badge]
    assert numbers == ["1", "2", "3", "4", "5"]
    assert not any(edge.texts for edge in picture.edges)
    assert [badge.text.text for badge in picture.notes.badges] == numbers
    assert {"Places an order", "Calls the API", "Balances", "Stores", "Announces"} <= set(said(picture))
    assert faults.find_faults(picture) == []


def test_steps_are_counted_where_no_label_has_a_number() -> None:
    pattern = spec.read("title: T\nsteps: true\ndiagram: graph LR;A-->|x|B-->C-->|y|D\n", "s")
    picture = draw(pattern)
    assert [edge.badge.text.text if edge.badge else "" for edge in picture.edges] == ["1", "", "2"]
    assert said(picture) == ["x", "y"]


def test_an_ip_address_or_a_version_is_no_step() -> None:
    pattern = spec.read('title: T\nsteps: true\ndiagram: graph LR;A-->|10.0.0.0/16|B-->|"2. ok"|C\n', "s")
    picture = draw(pattern)
    assert [text.text for edge in picture.edges for text in edge.texts] == ["10.0.0.0/16"]
    assert said(picture) == ["ok"]


def test_what_stands_around_keeps_to_its_order_and_overlaps_nothing() -> None:
    picture = draw(orders())
    tops = {text.text: text.box.y for text in picture.notes.texts}
    body = min(group.box.y for group in picture.groups)
    assert tops["Order intake"] < body < tops["Orders are written once."]
    assert tops["Orders are written once."] < tops["Network boundary"]
    assert tops["Network boundary"] < tops["Classification: internal"]
    assert len(picture.notes.swatches) == 3


def test_the_frame_holds_what_aws_runs_and_leaves_the_customer_outside() -> None:
    picture = draw(orders())
    frame = next(group for group in picture.groups if group.kind == "aws-cloud")
    nodes = {node.title: node.box for node in picture.nodes}
    assert frame.title == "AWS Cloud"
    assert not frame.box.overlaps(nodes["Customer"])
    assert all(frame.box.contains(nodes[name]) for name in ("CloudFront", "ALB", "RDS", "SNS"))
    vpc = next(group for group in picture.groups if group.kind == "vpc")
    assert frame.box.contains(vpc.box)


def test_a_diagram_with_a_cloud_of_its_own_gets_no_second_frame() -> None:
    kinds = [group.kind for group in draw(samples()["https-lab"], frame="aws-cloud").groups]
    assert kinds.count("aws-cloud") == 1


@pytest.mark.parametrize("name", ["16:9", "4:3", "square", "a4", "1920x1080", "600x900"])
def test_a_chain_is_laid_out_for_its_canvas(name: str) -> None:
    picture = draw(samples()["long-chain"], canvas=name)
    wanted = canvas.parse(name)
    assert wanted is not None
    assert wanted.fill_ratio(picture.width, picture.height) >= 0.45
    assert faults.find_faults(picture) == []
    if wanted.exact:
        assert picture.width / picture.height == pytest.approx(wanted.width / wanted.height)


def twenty() -> Pattern:
    lines = [f"  A[API Gateway] --> F{n}[🚀 Lambda {n}<br/>handler {n}] -.-> C[CloudWatch]" for n in range(20)]
    return spec.read("title: T\ndiagram: |\n  flowchart TB\n" + "\n".join(lines) + "\n", "s")


def test_twenty_edges_into_one_make_no_ribbon() -> None:
    picture = draw(twenty())
    assert 1 < picture.width / picture.height < 2.2
    smallest = min(text.size for text in picture.texts())
    assert smallest * min(1920 / picture.width, 1080 / picture.height) >= 14
    assert faults.find_faults(picture) == []
    assert not any("🚀" in text.text for text in picture.texts())


def test_natural_keeps_the_direction_whatever_comes_of_it() -> None:
    boxes = [node.box for node in draw(samples()["long-chain"], canvas="natural").nodes]
    assert len({round(box.center[1], 1) for box in boxes}) == 1
    assert [box.x for box in boxes] == sorted(box.x for box in boxes)


def test_a_canvas_in_pixels_is_the_size_of_the_png() -> None:
    look = PictureOptions(canvas="800x450")
    data = pipeline.render(orders(), ("png",), Options(look=look)).outputs["png"]
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (800, 450)


def test_a_width_and_a_palette_are_kept() -> None:
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
        colours = {colour for _, colour in image.convert("RGB").getcolors(256) or []}
    for wanted in ((0xF2, 0xF6, 0xE8), (0xE6, 0xF6, 0xF7), (255, 255, 255)):
        nearest = min(
            max(abs(a - b) for a, b in zip(wanted, colour, strict=True))
            for colour in colours
            if isinstance(colour, tuple)
        )
        assert nearest <= 2


def test_a_direction_that_is_left_open_takes_what_shows_largest() -> None:
    text = "title: T\ndirection: {}\nnodes: {{a: A, b: B, c: C}}\nedges: [a -> b -> c]\n"
    down = draw(spec.read(text.format("TB"), "s"), canvas="natural")
    assert down.height > down.width
    free = draw(spec.read(text.format("auto"), "s"))
    assert free.width > free.height


@pytest.mark.parametrize("end", ["c", "one"], ids=["from a node in it", "from the subgraph"])
def test_a_subgraph_runs_its_own_way(end: str) -> None:
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
    bad = [fault for fault in faults.find_faults(picture) if fault.rule != "no edge on an edge"]
    assert bad == []


def test_curves_and_slanted_lines_are_drawn_where_they_can_be() -> None:
    pattern = samples()["genai-agent"]
    assert sum(bool(edge.curve) for edge in draw(pattern, lines="curved").edges) >= 2
    slanted = [
        edge
        for edge in draw(pattern, lines="straight").edges
        if len(edge.points) == 2 and edge.points[0][0] != edge.points[1][0] and edge.points[0][1] != edge.points[1][1]
    ]
    assert len(slanted) >= 2


# Themes


def picture_in(name: str, **options: object) -> str:
    made = Options(theme=name, **options)  # type: ignore[arg-type]  # Any option.
    return pipeline.render(orders(), ("svg",), made).outputs["svg"].decode()


@pytest.mark.parametrize("name", theme.THEMES)
def test_every_theme_draws_a_well_formed_picture(name: str) -> None:
    root = ElementTree.fromstring(picture_in(name))
    assert root.get("role") == "img"


def test_auto_follows_its_reader_and_is_else_the_light_picture() -> None:
    text = picture_in("auto")
    style = text[text.index("<style>") : text.index("</style>")]
    assert "@media(prefers-color-scheme:dark)" in style
    light, dark = theme.for_readers()
    assert f'fill="{light.background}" class=' in text
    assert f"fill:{dark.background}" in style
    classes = set(re.findall(r"\.(dk-\d+)\{", style))
    used = {name for names in re.findall(r' class="(dk-[\d dk-]+)"', text) for name in names.split()}
    assert used == classes


@pytest.mark.parametrize("name", ["light", "dark"])
def test_auto_shows_each_reader_the_colours_of_that_theme(name: str) -> None:
    """With its classes resolved, the picture has just the colours of the plain theme."""
    text, at = picture_in("auto"), ("light", "dark").index(name)
    style = text[text.index("<style>") : text.index("</style>")]
    dark = dict(re.findall(r"\.(dk-\d+)\{(?:fill|stroke):([^}]+)\}", style))
    shown = set(re.findall(r'(?:fill|stroke)="(#\w+|none)"(?![^>]*class="dk)', text))
    shown |= set(dark.values()) if at else set(re.findall(r'(?:fill|stroke)="(#\w+|none)"', text))
    plain = set(re.findall(r'(?:fill|stroke)="(#\w+|none)"', picture_in(name)))
    assert plain <= shown


def test_a_clear_background_has_no_ground_and_a_coloured_one_has_it_everywhere() -> None:
    clear = picture_in("light", background="transparent")
    first = re.search(r"</defs>\n<(\w+)", clear)
    assert first is not None
    assert first[1] != "rect"
    assert '<rect width="' in picture_in("light", background="#FFF8E7")
    assert 'fill="#FFF8E7"' in picture_in("light", background="#FFF8E7")


def test_a_background_on_which_text_cannot_be_read_is_refused() -> None:
    with pytest.raises(DiagramError, match="cannot be read on #222222"):
        picture_in("light", background="#222222")


def test_text_as_outlines_needs_no_font() -> None:
    text = picture_in("light", outlines=True)
    assert "<text" not in text
    assert "font/woff2" not in text
    assert "<title>ECS</title>" in text


HOUSE = """\
base: dark
background: "#101418"
label_background: "#101418"
edge: "#88AACC"
sizes: {icon: 72, label: 14}
groups:
  vpc: {border: "#00FF88", dash: [6, 2]}
"""


def test_a_theme_file_changes_colours_sizes_and_groups(tmp_path: Path) -> None:
    file = tmp_path / "house.yaml"
    file.write_text(HOUSE)
    picture = pipeline.draw(orders(), Options(theme=str(file)))
    assert picture.background == "#101418"
    assert {node.box.w for node in picture.nodes} == {72}
    vpc = next(group for group in picture.groups if group.kind == "vpc")
    assert (vpc.border, vpc.dash) == ("#00FF88", (6.0, 2.0))


def test_the_theme_in_the_documents_is_one(tmp_path: Path) -> None:
    text = (ROOT / "docs/spec.md").read_text("utf-8")
    (example,) = re.findall(r"```yml\n(.*?)```", text, re.S)
    file = tmp_path / "house.yaml"
    file.write_text("\n".join(line for line in example.splitlines() if "font:" not in line))
    made, warnings = themefile.load(str(file))
    assert made.groups["vpc"].dash == (4.0, 3.0)
    assert warnings == ()
    assert all(f"`{name}`" in text for name in data.load("style", "sizes.yaml"))


def test_a_theme_brings_its_own_font(tmp_path: Path) -> None:
    from diagramkit.style import font

    bold = Path(font.bundled().file).with_name("SourceSansPro-Bold.ttf")
    (tmp_path / "own.ttf").write_bytes(bold.read_bytes())
    (tmp_path / "house.yaml").write_text("font: own.ttf\n")
    picture = pipeline.draw(orders(), Options(theme=str(tmp_path / "house.yaml")))
    usual = pipeline.draw(orders(), Options())
    widths = [next(n for n in p.nodes if n.id == "CF").texts[0].box.w for p in (picture, usual)]
    assert widths[0] > widths[1]
    assert faults.find_faults(picture) == []


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("bakground: '#000000'", "1:1", "did you mean 'background'"),
        ("text: black", "1:7", "a colour as '#1A2B3C'"),
        ("sizes: {icon: -4}", "1:15", "a number from 0.1"),
        ("font: ../other.ttf", "1:7", "not beside the theme"),
        ("font: house.yaml", "1:7", "no TrueType or OpenType font"),
        ("groups: {vcp: {border: '#000000'}}", "1:10", "did you mean 'vpc'"),
    ],
)
def test_mistakes_in_a_theme_are_told_with_their_place(text: str, place: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "house.yaml"
    file.write_text(text + "\n")
    with pytest.raises(DiagramError) as error:
        themefile.load(str(file))
    assert f"house.yaml:{place}: error" in str(error.value)
    assert message in str(error.value)


def test_a_theme_that_is_hard_to_read_is_warned_of(tmp_path: Path) -> None:
    file = tmp_path / "pale.yaml"
    file.write_text('muted: "#BBBBBB"\n')
    _, warnings = themefile.load(str(file))
    assert {warning.code for warning in warnings} == {"low-contrast"}
    assert warnings[0].span.line == 1


@pytest.mark.parametrize("name", theme.BASES)
def test_every_text_has_contrast_to_what_it_stands_on(name: str) -> None:
    colours = theme.load(name)
    fills = {style.fill for style in colours.groups.values() if style.fill}
    for ground in {colours.background, colours.shape_fill, colours.label_background, *fills}:
        assert contrast(colours.text, ground) >= READABLE
        assert contrast(colours.muted, ground) >= READABLE
    assert contrast(colours.badge_text, colours.badge) >= READABLE


@pytest.mark.parametrize("seed", range(0, 60, 6))
def test_themes_never_move_a_box(seed: int) -> None:
    pattern = random_graphs.pattern(seed)
    auto = pipeline.draw(pattern, Options("auto"))
    dark = pipeline.draw(pattern, Options("dark"))
    assert [node.box for node in auto.nodes] == [node.box for node in dark.nodes]


def test_a_spec_with_a_canvas_too_large_is_an_error() -> None:
    pattern = spec.read("title: T\ncanvas: 99999x99999\ndiagram: graph LR;A-->B\n", "s.yaml")
    with pytest.raises(DiagramError, match="invalid canvas"):
        pipeline.draw(pattern, Options())


def test_a_missing_theme_file_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    from diagramkit.cli import main

    assert main(["render", str(ROOT / "specs"), "--theme", "nope.yaml"]) == 2
    assert capsys.readouterr().err.count("unreadable-file") == 1


@pytest.mark.parametrize("size", [24, 60, 90])
def test_icons_are_carried_at_three_times_their_size_whatever_that_is(size: int, tmp_path: Path) -> None:
    file = tmp_path / "house.yaml"
    file.write_text(f"sizes: {{icon: {size}}}\n")
    text = pipeline.render(orders(), ("svg",), Options(str(file))).outputs["svg"].decode()
    root = ElementTree.fromstring(text)
    widths = [int(image.get("width", "0")) for image in root.iter(f"{SVG}image")]
    assert widths
    assert all(width <= 3 * size for width in widths)
    assert max(widths) >= min(3 * size, 200)


def test_icons_at_four_pixels_a_point_are_as_sharp_as_their_files() -> None:
    from diagramkit.writers import svg

    text = svg.write_for_raster(pipeline.draw(orders(), Options()), 4.0, {})
    widths = {int(width) for width in re.findall(r'<image width="(\d+)"', text)}
    assert max(widths) == 240


def test_nodes_carry_the_classes_that_their_source_gives_them() -> None:
    assert '<g class="node hot" data-id="ALB">' in picture_in("light")


def test_the_checker_sees_a_number_on_an_icon() -> None:
    picture = draw(orders())
    first, *others = picture.edges
    assert first.badge is not None
    on_icon = replace(first, badge=replace(first.badge, box=picture.nodes[0].box))
    found = faults.find_faults(replace(picture, edges=(on_icon, *others)))
    assert "no text on an icon" in {fault.rule for fault in found}


def test_equal_steps_are_listed_once() -> None:
    source = "graph LR\n  A -->|1. asks| B\n  C -->|1. asks| B\n  B -->|2. tells| A\n"
    pattern = flow(source)
    picture = draw(pattern, steps=True)
    assert [text.text for text in picture.notes.texts] == ["asks", "tells"]
    assert len(picture.notes.badges) == 2


def test_a_legend_wider_than_its_picture_goes_on_below() -> None:
    pattern = flow("graph LR\n  A --> B\n")
    legend = tuple((sign, "what this sign means here") for sign in ("solid", "dotted", "thick", "vpc"))
    picture = draw(pattern, legend=legend)
    assert len({swatch.box.center[1] for swatch in picture.notes.swatches}) > 1
    assert faults.find_faults(picture) == []


def test_what_a_legend_names_and_nobody_knows_is_left_out() -> None:
    pattern = flow("graph LR\n  A --> B\n")
    legend = (("vpc", "a network"), ("nonsense", "nothing"))
    picture = draw(pattern, legend=legend)
    assert [text.text for text in picture.notes.texts] == ["a network"]


@pytest.mark.parametrize("lines", ["orthogonal", "straight", "curved"])
def test_broad_arrows_with_two_heads_end_in_front_of_their_tips(lines: Any) -> None:
    source = "graph LR\n  A[S3] <==> B[SQS]\n  B ---> C\n  linkStyle 0 stroke-width:8px\n"
    pattern = flow(source)
    look = replace(PictureOptions(), lines=lines)
    text = pipeline.render(pattern, ("svg",), Options(look=look)).outputs["svg"].decode()
    edge = re.findall(r'<g class="edge"[^>]*>(.*?)</g>', text, re.S)[0]
    assert edge.count("<path") >= 3


def test_two_drawings_that_differ_in_more_than_colours_make_no_pair() -> None:
    light = draw(flow("graph LR\n  A[ALB] --> B[Lambda]\n"))
    ground = with_both_themes(light, replace(light, background="#000000")).background
    assert ground == f"{light.background} #000000"
    with pytest.raises(ValueError, match="differ in more than their colors"):
        with_both_themes(light, replace(light, width=light.width + 1))
