"""A deck has the slides that a reader needs, in text that can be read from the last row."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pptx as python_pptx
import pytest
from msgspec.structs import replace
from PIL import Image

from diagramkit.graph import Pattern
from diagramkit.layout.steps import find_steps
from diagramkit.options import Options
from diagramkit.publish import slides
from diagramkit.slides import overviews, step_pictures
from diagramkit.slides.arrangement import DeckResult, SlideOptions
from diagramkit.sources import spec
from diagramkit.writers import pptx
from diagramkit.writers.pptx import geometry
from diagramkit.writers.pptx.deck import DiagramSlide, SectionSlide, TextSlide, TitleSlide
from tests.support.project import patterns, samples

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
ORDER = """title: Order intake
category: Serverless Patterns
description: How an order gets into the database.
diagram: |
  graph LR
    U[Customer] -->|1. HTTPS| G[API Gateway]
    G -->|2. invokes| L[Lambda]
    L -->|3. stores| D[(DynamoDB)]
components: [One function]
notes: The warehouse polls **every minute**.
"""


def deck_of(deck_patterns: list[Pattern], **options: Any) -> DeckResult:
    result = slides.deck(deck_patterns, "Deck", SlideOptions(**options), Options())
    assert not result.problems
    return result


def open_deck(result: DeckResult) -> Any:
    return python_pptx.Presentation(io.BytesIO(pptx.write(result.deck)))


def mermaid_pattern(text: str) -> Pattern:
    """Return the pattern of a Mermaid text."""
    body = "".join(f"  {line}\n" for line in text.splitlines())
    return spec.read(f"title: Pattern\ndiagram: |\n{body}", "pattern.yaml")


def services(groups: int, members: int) -> Pattern:
    """Return a pattern of several groups in a row, each with a chain of nodes."""
    lines = ["graph TB"]
    for group in range(groups):
        lines.append(f"  subgraph G{group}[Part {group}]")
        lines += [f"    n{group}x{n}[Worker number {n}] -->|passes on| n{group}x{n + 1}" for n in range(members - 1)]
        lines.append("  end")
    lines += [f"  n{group}x0 -->|starts| n{group + 1}x0" for group in range(groups - 1)]
    lines += [f"  n{group}x1 --> n{group + 1}x1" for group in range(groups - 1)]
    return replace(mermaid_pattern("\n".join(lines)), title="Services")


def test_a_single_spec_has_a_title_slide_and_speaker_notes() -> None:
    result = deck_of([spec.read(ORDER, "order.yaml")])
    title, diagram, attribution = result.deck.slides
    assert isinstance(title, TitleSlide)
    assert title.subtitle == "Serverless Patterns"
    assert isinstance(diagram, DiagramSlide)
    assert isinstance(attribution, TextSlide)
    for number in (0, 1):
        notes = open_deck(result).slides[number].notes_slide.notes_text_frame.text
        assert "How an order gets into the database." in notes
        assert "The warehouse polls **every minute**." in notes
        assert "• One function" in notes


def test_the_attribution_names_the_owners_of_the_icons_that_are_shown() -> None:
    text = "\n".join(
        part.text or "" for part in open_deck(deck_of([*patterns().values()])).slides[-1].element.iter(f"{A}t")
    )
    assert "AWS Architecture Icons, © Amazon Web Services, Inc. or its affiliates, CC-BY-ND 2.0" in text
    assert "https://aws.amazon.com/architecture/icons/" in text
    assert "Kubernetes" in text
    plain = spec.read("title: Plain\ndiagram: graph LR; A[One] --> B[Two]\n", "plain.yaml")
    assert [slide.title for slide in deck_of([plain]).deck.slides] == ["Deck", "Plain"]


def test_a_section_slide_shows_its_diagrams() -> None:
    result = deck_of([*patterns().values()])
    sections = [slide for slide in result.deck.slides if isinstance(slide, SectionSlide)]
    assert len(sections) == 6
    assert [thumbnail.title for thumbnail in sections[0].thumbnails] == [
        "Event-Driven Architecture",
        "API Gateway + Lambda",
    ]
    pages = [page for page in open_deck(result).slides if page.shapes.title.text == sections[0].title]
    pictures = [shape for shape in pages[0].shapes if shape.shape_type == 13]
    assert [picture.name for picture in pictures] == ["Event-Driven Architecture", "API Gateway + Lambda"]
    boxes = [
        (shape.left, shape.top, shape.left + shape.width, shape.top + shape.height) for shape in pages[0].placeholders
    ]
    for picture in pictures:
        assert all(picture.left >= right for _, _, right, _ in boxes[:2])


def test_thumbnails_stay_in_their_cards() -> None:
    """With the margin of its picture, a wide diagram would cover the title of the section or leave the slide."""
    deck = deck_of([replace(pattern, category=str(number)) for number, pattern in enumerate(patterns().values())])
    count = 0
    for page in open_deck(deck).slides:
        cards = [shape for shape in page.shapes if shape.name == "Card"]
        pictures = [shape for shape in page.shapes if shape._element.tag == f"{P}pic"] if cards else []
        assert len(cards) == len(pictures)
        for card, picture in zip(cards, pictures, strict=True):
            assert card.left <= picture.left
            assert card.top <= picture.top
            assert picture.left + picture.width <= card.left + card.width
            assert picture.top + picture.height <= card.top + card.height
            # What is visible of the image has the proportions of its frame.
            image = Image.open(io.BytesIO(picture.image.blob))
            width = image.width * (1 - picture.crop_left - picture.crop_right)
            height = image.height * (1 - picture.crop_top - picture.crop_bottom)
            assert width / height == pytest.approx(picture.width / picture.height, rel=0.02)
            count += 1
    assert count == len(patterns())


@pytest.mark.parametrize(("theme", "background"), [("light", "FFFFFF"), ("dark", "161D26")])
def test_labels_of_edges_have_the_background_of_the_slide(theme: str, background: str) -> None:
    """A label may lie on its line, which would cross its letters."""
    pattern = mermaid_pattern("graph LR\n  a -->|label| b")
    result = slides.deck([pattern], "Deck", SlideOptions(), Options(theme=theme))
    (label,) = (shape for page in open_deck(result).slides for shape in page.shapes if shape.name == "Edge label")
    (color,) = label._element.findall(f"{P}spPr/{A}solidFill/{A}srgbClr")
    assert color.get("val") == background


def test_pictures_of_diagrams_show_the_background_of_the_slide() -> None:
    """A frame in another color would be visible as soon as somebody changes the design."""
    deck = deck_of([spec.read(ORDER, "order.yaml")], as_picture=True)
    (picture, *_) = (shape for page in open_deck(deck).slides for shape in page.shapes if hasattr(shape, "image"))
    image = Image.open(io.BytesIO(picture.image.blob)).convert("RGBA")
    assert image.getchannel("A").getpixel((1, 1)) == 0


def test_thumbnails_are_beside_the_texts_of_a_template() -> None:
    """Where these are, depends on the template; here they are at the bottom of the slide."""
    buffer = io.BytesIO()
    python_pptx.Presentation().save(buffer)
    presentation = open_deck(deck_of([*patterns().values()], template=buffer.getvalue()))
    page = presentation.slides[1]
    assert page.slide_layout.name == "Section Header"
    pictures = [shape for shape in page.shapes if shape.shape_type == 13]
    assert len(pictures) == 2
    top = min(shape.top for shape in page.placeholders)
    assert all(picture.top > 0 and picture.top + picture.height <= top for picture in pictures)


def test_every_slide_but_the_first_has_its_number() -> None:
    for number, page in enumerate(open_deck(deck_of([*patterns().values()])).slides):
        fields = [field.get("type") for field in page.element.iter(f"{A}fld")]
        assert fields == (["slidenum"] if number else [])


def test_the_fonts_and_the_accent_color_are_in_the_theme() -> None:
    data = pptx.write(deck_of([spec.read(ORDER, "order.yaml")]).deck)
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        theme = file.read("ppt/theme/theme1.xml").decode()
        layouts = [name for name in file.namelist() if name.startswith("ppt/slideLayouts/slideLayout")]
    assert '<a:accent1><a:srgbClr val="E87722"/></a:accent1>' in theme
    assert len(layouts) == 4


def test_the_slide_of_a_step_fades_other_labels_and_marks_the_step_in_the_list() -> None:
    result = deck_of([spec.read(ORDER, "order.yaml")], steps=True)
    _, _, first, *_ = open_deck(result).slides
    labels = {
        shape.find(f".//{P}cNvPr").get("name").removeprefix("Label: "): shape.find(f".//{A}rPr//{A}alpha")
        for shape in first.element.iter(f"{P}sp")
        if shape.find(f".//{P}cNvPr").get("name").startswith("Label: ")
    }
    assert {name for name, effect in labels.items() if effect is not None} == {"Lambda", "DynamoDB"}
    colors = [
        line.find(f".//{A}ln//{A}srgbClr").get("val") == step_pictures.HIGHLIGHT[1:]
        for line in first.element.iter(f"{P}cxnSp")
    ]
    assert colors == [True, False, False]
    panel = next(shape for shape in first.shapes if shape.name == "Panel")
    items = {paragraph.text: bool(paragraph.runs[0].font.bold) for paragraph in panel.text_frame.paragraphs[1:]}
    assert items == {"1.\tHTTPS": True, "2.\tinvokes": False, "3.\tstores": False}


def test_the_numbers_of_steps_fit_before_their_texts() -> None:
    """A number that reaches the tab stop would push its text to the next one, an inch away."""
    chain = "".join(f"  n{number} -->|step {number}| n{number + 1}\n" for number in range(1, 12))
    twelve = spec.read(f"title: Many\ndiagram: |\n  graph LR\n{chain.replace('  n', '    n')}", "many.yaml")
    for page in open_deck(deck_of([twelve], steps=True)).slides:
        for item in page.element.iter(f"{A}p"):
            text = "".join(part.text or "" for part in item.iter(f"{A}t"))
            if re.match(r"\d+\.\t", text):
                size, indent = int(item.find(f".//{A}rPr").get("sz")) / 100, int(item.find(f"{A}pPr").get("marL"))
                # A digit of Calibri in bold type is 0.507 of its size wide, a period 0.267.
                assert indent > (0.507 * len(text.split(".")[0]) + 0.267) * size * 12_700, text


@pytest.mark.slow
def test_lists_that_would_make_text_too_small_have_slides_of_their_own() -> None:
    chain = "".join(f"    n{k}[Node of the system {k}] -->|step {k} of the flow| n{k + 1}\n" for k in range(1, 26))
    replies = "".join(f"    n{k} -->|returns {k}| m{k}[Service number {k}]\n" for k in range(1, 26, 3))
    result = deck_of([spec.read(f"title: Many\ndiagram: |\n  graph LR\n{chain}{replies}", "many.yaml")], steps=True)
    assert not result.warnings
    diagrams = [slide for slide in result.deck.slides if isinstance(slide, DiagramSlide)]
    assert all(slide.panel is None for slide in diagrams)
    assert min(size for _, _, size in sizes(result)) >= 6.5
    lists = [slide.lists[0] for slide in result.deck.slides if isinstance(slide, TextSlide)]
    assert [number for steps in lists for number in steps.numbers] == list(range(1, 35))


def test_diagrams_without_categories_are_not_called_patterns() -> None:
    two = [spec.read(f"title: T{number}\ndiagram: graph LR; A[S3] --> B[SQS]\n", f"{number}.yaml") for number in (1, 2)]
    first, *_ = open_deck(deck_of(two)).slides
    assert [shape.text for shape in first.placeholders if shape.placeholder_format.type != 1][-1] == "2 diagrams"


def icons_of(page: Any) -> Iterator[tuple[str, tuple[str, list[Any], dict[str, str]]]]:
    """Yield the name of each icon on a slide, with its image, the effects on it, and its size and position."""
    for picture in page.element.iter(f"{P}pic"):
        blip, position = picture.find(f".//{A}blip"), picture.find(f".//{A}xfrm")
        image = page.part.related_part(blip.get(f"{R}embed")).partname
        effects = [effect.tag for effect in blip if effect.tag != f"{A}extLst"]
        yield picture.find(f".//{P}cNvPr").get("name"), (image, effects, {**position[0].attrib, **position[1].attrib})


def test_no_slide_changes_an_icon_and_a_diagram_keeps_its_position() -> None:
    """The licenses of icons allow no other colors, shapes, cropping or fading."""
    result = deck_of([spec.read(ORDER, "order.yaml")], steps=True)
    whole, *steps = [slide for slide in result.deck.slides if isinstance(slide, DiagramSlide)]
    assert len(steps) == 3
    pages = list(open_deck(result).slides)[1:-1]
    pictures = [dict(icons_of(page)) for page in pages]
    assert len(pictures[0]) == 4
    assert pictures == [pictures[0]] * 4
    assert not any(effects for _, effects, _ in pictures[0].values())
    assert all(geometry.content(slide.drawing) == geometry.content(whole.drawing) for slide in steps)


def test_lists_that_do_not_fit_the_panel_continue_on_another_slide() -> None:
    items = "".join(f"  - Component number {number} with a long explanation of what it does\n" for number in range(40))
    long = spec.read(f"title: Long\ndiagram: graph LR; A[S3] --> B[SQS]\ncomponents:\n{items}", "long.yaml")
    result = deck_of([long], panel=True)
    titles = [slide.title for slide in result.deck.slides]
    assert (titles[:2], set(titles[2:-1])) == (["Deck", "Long"], {"Long (continued)"})
    text = " ".join(part.text or "" for page in open_deck(result).slides for part in page.element.iter(f"{A}t"))
    assert all(f"number {number} " in text for number in range(40))


def sizes(result: DeckResult) -> list[tuple[str, int, float]]:
    """Return the size of the smallest text of each diagram in points, with its title and number of nodes."""
    area = pptx.areas(result.deck).diagram
    found = []
    for slide in result.deck.slides:
        if isinstance(slide, DiagramSlide):
            scale = pptx.placement(slide.drawing, area).scale
            found.append((slide.title, len(slide.drawing.nodes), min(t.size for t in slide.drawing.texts()) * scale))
    return found


@pytest.mark.slow
def test_text_is_large_enough() -> None:
    """8 points in diagrams of up to 15 nodes, 6.5 in others; titles, lists and captions have at least 12."""
    result = deck_of([*patterns().values(), *samples().values(), services(5, 8)])
    assert not result.warnings
    for title, nodes, size in sizes(result):
        assert size >= (8 if nodes <= 15 else 6.5), title
    for page in open_deck(result).slides:
        for shape in page.shapes:
            if shape.name in ("Panel", "Text", "Caption") or (shape.is_placeholder and shape.has_text_frame):
                assert all(int(run.get("sz")) >= 1200 for run in shape._element.iter(f"{A}rPr") if run.get("sz"))


@pytest.mark.slow
def test_a_large_diagram_becomes_an_overview_and_a_slide_for_each_group() -> None:
    pattern = services(5, 8)
    result = deck_of([pattern])
    diagrams = [slide for slide in result.deck.slides if isinstance(slide, DiagramSlide)]
    assert [slide.title for slide in diagrams] == ["Services", *(f"Services: Part {number}" for number in range(5))]
    assert len(diagrams[0].drawing.nodes) == 5
    shown = {node.id for slide in diagrams[1:] for node in slide.drawing.nodes}
    assert {node.id for node in pattern.graph.nodes} <= shown


def test_parts_of_an_overview_have_titles_of_their_own() -> None:
    """Groups with the same title are distinguished by the groups around them, or by numbers."""
    zones = "".join(f"subgraph z{number} [AZ]\na{number} --> b{number}\nend\n" for number in range(2))
    text = f"graph LR\nsubgraph r1 [West]\n{zones}end\nsubgraph r2 [East]\nsubgraph z2 [AZ]\na2 --> b2\nend\nend"
    graph = spec.read(f"title: Shop\ndiagram: |\n  {text.replace(chr(10), chr(10) + '  ')}\n", "shop.yaml")
    parts = [overviews.part(graph, f"z{number}", ("z0", "z1", "z2")).title for number in range(3)]
    assert parts == ["Shop: AZ (1), West", "Shop: AZ (2), West", "Shop: AZ, East"]


@pytest.mark.slow
def test_an_overview_of_parallel_groups_is_readable() -> None:
    """The groups of a fan-out would be side by side; a frame lets them wrap."""
    text = "graph TB\n  users[Users] --> gateway[API Gateway]\n"
    for number in range(8):
        text += f"  subgraph s{number}[Platform of the orders and payments team {number}]\n"
        text += f"    a{number}[Lambda {number}] --> b{number}[DynamoDB]\n    a{number} --> c{number}[SQS]\n  end\n"
        text += f"  gateway --> a{number}\n"
    pattern = mermaid_pattern(text)
    overview, _ = next(overviews.levels(pattern))
    gathered = overviews.gathered(overview)
    assert gathered is not None
    assert [(edge.source, edge.target) for edge in gathered.graph.edges] == [
        ("users", "gateway"),
        ("gateway", "frame 0"),
    ]
    assert {node.id for node in gathered.graph.child_nodes("frame 0")} == {f"s{number}" for number in range(8)}
    result = deck_of([pattern])
    assert not result.warnings
    assert all(size >= 8 for _, nodes, size in sizes(result) if nodes <= 15)


def test_only_nodes_with_the_same_connections_are_gathered() -> None:
    edges = ["h --> a", "h --> b", "h --> c", "h -->|x| d", "e --> h", "h --> f", "f --> g"]
    pattern = mermaid_pattern("graph TB\n" + "".join(f"  {edge}\n" for edge in edges))
    assert overviews.gathered(pattern) is None


def test_an_overview_has_every_connection_between_groups() -> None:
    pattern = services(3, 4)
    overview, collapsed = next(overviews.levels(pattern))
    assert collapsed == ("G0", "G1", "G2")
    assert [(edge.source, edge.target, edge.label) for edge in overview.graph.edges] == [
        ("G0", "G1", "starts"),
        ("G1", "G2", "starts"),
    ]
    assert [node.label for node in overview.graph.nodes] == [f"Part {number}<br/>4 components" for number in range(3)]


def test_the_slide_of_a_group_has_its_edges_and_what_they_lead_to() -> None:
    pattern = services(3, 4)
    _, collapsed = next(overviews.levels(pattern))
    part = overviews.part(pattern, "G1", collapsed)
    assert [group.id for group in part.graph.groups] == ["G1"]
    assert {node.id for node in part.graph.nodes} == {"G0", "G2", "n1x0", "n1x1", "n1x2", "n1x3"}
    inner = [edge for edge in part.graph.edges if "G" not in edge.source + edge.target]
    assert len(inner) == 3
    assert {(edge.source, edge.target) for edge in part.graph.edges} >= {("G0", "n1x0"), ("n1x0", "G2"), ("n1x1", "G2")}
    inside = overviews.without_surroundings(part, "G1").graph
    assert {node.id for node in inside.nodes} == {"n1x0", "n1x1", "n1x2", "n1x3"}


def test_a_diagram_that_cannot_be_divided_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    from diagramkit.cli import main

    edges = "".join(f"  a[Center] -->|a rather long label {n}| b{n}[Some node with number {n}]\n" for n in range(60))
    Path("wide.mmd").write_text(f"graph LR\n{edges}", "utf-8")
    assert main(["deck", "wide.mmd", "-o", "d.pptx"]) == 0
    assert "warning[small-text]" in capsys.readouterr().err


def test_collapsed_groups_with_the_same_title_can_be_told_apart() -> None:
    text = "graph LR\n"
    for zone in "ab":
        text += f"  subgraph {zone}[Zone {zone}]\n    subgraph s{zone}[Subnet]\n"
        text += f"      {zone}1[S3] --> {zone}2[SQS]\n    end\n  end\n"
    pattern = spec.read(
        "title: Zones\ndiagram: |\n" + "".join(f"  {line}\n" for line in text.splitlines()), "zones.yaml"
    )
    overview, collapsed = next(overviews.levels(pattern))
    assert [node.label for node in overview.graph.nodes] == [
        "Subnet, Zone a<br/>2 components",
        "Subnet, Zone b<br/>2 components",
    ]
    assert overviews.part(pattern, "sb", collapsed).title == "Zones: Subnet, Zone b"


@pytest.mark.slow
def test_steps_have_the_same_numbers_on_all_slides_of_a_divided_diagram() -> None:
    pattern = services(5, 8)
    result = deck_of([pattern], steps=True)
    expected = dict(find_steps(pattern.graph).entries)
    shown: dict[int, str] = {}
    for slide in result.deck.slides:
        if isinstance(slide, DiagramSlide) and ": Part" in slide.title and slide.panel and slide.panel.current:
            shown |= dict(zip(slide.panel.lists[0].numbers, slide.panel.lists[0].items, strict=True))
    assert shown == expected
