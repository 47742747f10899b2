"""Styles of texts and invisible styles, from the source to each output."""

from __future__ import annotations

import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from diagramkit import pipeline
from diagramkit.drawing import Drawing, EdgeDrawing, GroupDrawing, NodeDrawing
from diagramkit.options import Options
from diagramkit.style import font
from diagramkit.style.text_style import TextStyle
from diagramkit.writers import drawio, png
from diagramkit.writers.text_rendering import baseline_of
from tests.support.drawings import pattern_of

SVG = "{http://www.w3.org/2000/svg}"
INVISIBLE = ["fill:none,stroke:none", "fill:transparent,stroke:transparent", "fill:#fff0,stroke:#12345600"]
INVISIBLE += ["opacity:0", "display:none", "visibility:hidden", "opacity:0%"]


def picture(source: str) -> Drawing:
    return pipeline.draw(pattern_of(source), Options())


def svg_of(source: str) -> str:
    return pipeline.render(pattern_of(source), ("svg",), Options()).outputs["svg"].decode()


def notes_of(source: str) -> str:
    return " ".join(warning.message for warning in pipeline.render(pattern_of(source), ("svg",), Options()).warnings)


def is_painted(item: NodeDrawing | GroupDrawing | EdgeDrawing) -> bool:
    """Return whether anything but the label of an element is painted."""
    if isinstance(item, EdgeDrawing):
        return item.color != "none"
    paints = {item.fill, item.border} - {"none", None}
    if isinstance(item, GroupDrawing):
        return bool(paints or item.glyph or item.icon)
    return bool(item.opacity) if item.icon else bool(paints)


# Invisible styles


@pytest.mark.parametrize(
    "style", [*INVISIBLE, "fill:#eee,stroke-width:0,fill-opacity:0", "fill-opacity:0,stroke-opacity:0"]
)
@pytest.mark.parametrize("statement", ["style a {}", "classDef h {}\nclass a h", "classDef h {}\na:::h"])
def test_an_invisible_node_keeps_its_space(style: str, statement: str) -> None:
    source = "flowchart LR\na[Step one] --> b[Step two]\n"
    hidden, shown = picture(source + statement.format(style)), picture(source)
    assert [is_painted(node) for node in hidden.nodes] == [False, True]
    assert [node.box for node in hidden.nodes] == [node.box for node in shown.nodes]
    assert hidden.nodes[0].texts[0].text == "Step one"


@pytest.mark.parametrize("style", INVISIBLE)
@pytest.mark.parametrize("statement", ["style g {}", "classDef h {}\nclass g h"])
def test_an_invisible_group_keeps_its_space(style: str, statement: str) -> None:
    source = "flowchart LR\nsubgraph g [Zone]\na[Step one] --> b[Step two]\nend\n"
    hidden, shown = picture(source + statement.format(style)), picture(source)
    assert (is_painted(hidden.groups[0]), is_painted(shown.groups[0])) == (False, True)
    assert hidden.groups[0].box == shown.groups[0].box


@pytest.mark.parametrize("style", ["stroke:none", "stroke:transparent", "stroke:#0000", "stroke-width:0", "opacity:0"])
@pytest.mark.parametrize("statement", ["linkStyle 0 {}", "linkStyle default {}", "classDef h {}\nclass e1 h"])
def test_an_invisible_edge_keeps_its_space(style: str, statement: str) -> None:
    source = "flowchart LR\na[Step one] e1@-->|calls| b[Step two]\n"
    hidden, shown = picture(source + statement.format(style)), picture(source)
    assert (is_painted(hidden.edges[0]), is_painted(shown.edges[0])) == (False, True)
    assert [node.box for node in hidden.nodes] == [node.box for node in shown.nodes]


@pytest.mark.parametrize(("arrow", "head"), [("-->", "arrow"), ("--o", "circle"), ("--x", "cross")])
def test_an_invisible_edge_paints_nothing_in_a_png(arrow: str, head: str) -> None:
    source = f"flowchart LR\na[ ] {arrow} b[ ]\nclassDef h fill:none,stroke:none\nclass a,b h\nlinkStyle 0 stroke:none"
    assert picture(source).edges[0].head == head
    data = pipeline.render(pattern_of(source), ("png",), Options()).outputs["png"]
    with Image.open(io.BytesIO(data)) as image:
        assert image.convert("RGB").getextrema() == ((255, 255), (255, 255), (255, 255))


def test_a_class_hides_the_label_and_the_statement_style_does_not() -> None:
    """Mermaid applies a class to everything in an element, and the statement to its shape."""
    source = "flowchart LR\na[One]:::h --> b[Two]\nclassDef h opacity:0\nstyle b opacity:0"
    first, second = picture(source).nodes
    assert first.texts[0].color == "none"
    assert second.texts[0].color != "none"


def test_transparent_text_is_invisible_on_nodes_edges_and_groups() -> None:
    source = """flowchart LR
      subgraph g [Zone]
        a[Lambda] -->|calls| b[Step]
      end
      classDef h color:transparent
      class a,b,g h
      linkStyle 0 color:#0000
    """
    drawing = picture(source)
    assert {text.color for text in drawing.texts()} == {"none"}
    assert 'fill="#FFFFFF" fill-opacity' not in svg_of(source)  # No plate behind the label of the edge.


def test_an_invisible_icon_is_not_drawn() -> None:
    source = "flowchart LR\na[Lambda]:::h\nclassDef h opacity:0"
    assert "<use" not in svg_of(source)
    assert "<use" in svg_of(source.replace("opacity:0", "opacity:1"))


def test_an_icon_without_fill_and_border_has_no_plate() -> None:
    (node,) = picture("flowchart LR\na[Lambda]\nstyle a fill:none,stroke:none").nodes
    assert node.icon
    assert node.plate is None


def test_other_edges_do_not_hop_over_an_invisible_one() -> None:
    source = "flowchart LR\na[A] --> d[D]\nb[B] --> c[C]\na --> c\nb --> d\nc --> e[E]\nd --> e\na --> e\nb --> e"
    hops = sum(len(edge.hops) for edge in picture(source).edges)
    assert hops > 0
    hidden = picture(source + "\nlinkStyle default stroke:none")
    assert sum(len(edge.hops) for edge in hidden.edges) == 0


def test_partial_opacity_is_alpha_in_every_output() -> None:
    source = "flowchart LR\na[Step] --> b[Lambda]\nstyle b opacity:.25\nstyle a fill:#ff000080,stroke:#00f8"
    drawing = picture(source)
    assert (drawing.nodes[0].fill, drawing.nodes[0].border) == ("#FF000080", "#0000FF88")
    svg = svg_of(source)
    assert 'fill="#FF0000" stroke="#0000FF" fill-opacity="0.5" stroke-opacity="0.53"' in svg
    assert re.search(r'<use [^>]* opacity="0.25"', svg)
    page = drawio.write([drawio.DrawioPage("x", drawing)])
    assert "fillColor=#FF0000;fillOpacity=50;" in page
    assert "strokeColor=#0000FF;strokeOpacity=53;" in page
    outputs = pipeline.render(pattern_of(source), ("png", "pdf"), Options()).outputs
    with Image.open(io.BytesIO(outputs["png"])) as image:
        center = tuple(round(2 * value) for value in drawing.nodes[0].box.center)
        assert image.convert("RGB").getpixel((center[0] - 60, center[1])) == (255, 127, 127)
    graphics_states = outputs["pdf"]
    assert b"/ca 0.5" in graphics_states
    assert b"/ca 0.25" in graphics_states


def test_a_translucent_icon_is_paler() -> None:
    sums = []
    for opacity in ("1", "0.5", "0.1"):
        source = f"flowchart LR\na[Lambda]\nstyle a opacity:{opacity}"
        with Image.open(io.BytesIO(pipeline.render(pattern_of(source), ("png",), Options()).outputs["png"])) as image:
            x, y = (2 * value for value in picture(source).nodes[0].box.center)
            mean = image.convert("RGB").resize((1, 1), box=(x - 50, y - 50, x, y)).tobytes()
        sums.append(sum(mean))
    assert sums == sorted(set(sums))
    assert sums[2] > 700


def test_translucent_fills_work_in_the_theme_for_light_and_dark() -> None:
    source = "flowchart LR\nsubgraph g [Zone]\na[Step] --> b[Lambda]\nend\nstyle g fill:#12345680"
    text = pipeline.render(pattern_of(source), ("svg",), Options("auto")).outputs["svg"].decode()
    assert 'fill="#123456"' in text
    ElementTree.fromstring(text)


# Styles of text

STYLED = """flowchart LR
  a["<b>Bold</b> and <i>italic</i> and <u>under</u> and <s>struck</s>"]
  b["x<sup>2</sup> <font color='#c00'>red</font>"]
  a --> b
"""


def test_an_svg_has_the_styles_of_text_and_embeds_the_fonts_that_it_uses() -> None:
    text = svg_of(STYLED)
    for attribute, word in (
        ('font-weight="bold"', "Bold"),
        ('font-style="italic"', "italic"),
        ('text-decoration="underline"', "under"),
        ('text-decoration="line-through"', "struck"),
        ('fill="#CC0000"', "red"),
        ('font-size="9.75"', "2"),
    ):
        assert re.search(rf"<tspan [^>]*{attribute}[^>]*>{word}</tspan>", text), attribute
    assert text.count("@font-face") == 3
    assert svg_of("flowchart LR\na[plain]").count("@font-face") == 1


def test_styled_text_is_as_wide_as_it_was_measured() -> None:
    (line,) = picture('flowchart LR\na["<b>Wide words</b> x<sup>2</sup>"]').nodes[0].texts
    face = font.bundled()
    bold = face.styled(TextStyle(bold=True))
    expected = bold.width("Wide words", 13) + face.width(" x", 13) + face.width("2", 9.75)
    assert line.box.w == pytest.approx(expected)
    assert bold.width("Wide words", 13) > face.width("Wide words", 13)
    runs = face.runs(line.styled_parts, line.size)
    assert [run.x for run in runs] == pytest.approx([0, bold.width("Wide words", 13), expected - runs[2].width])


@pytest.mark.parametrize("style", ["bold", "italic", "underline", "strike", "sup"])
def test_a_png_and_outlines_differ_with_each_style(style: str) -> None:
    marks = {"bold": "b", "italic": "i", "underline": "u", "strike": "s", "sup": "sup"}
    styled = f'flowchart LR\na["<{marks[style]}>words</{marks[style]}>"]'
    plain = 'flowchart LR\na["<span>words</span>"]'
    one, two = (pipeline.render(pattern_of(text), ("png",), Options()).outputs["png"] for text in (styled, plain))
    assert one != two
    one, two = (
        pipeline.render(pattern_of(text), ("svg",), Options(outlines=True)).outputs["svg"] for text in (styled, plain)
    )
    assert b"<text" not in one
    assert re.findall(rb' d="([^"]*)"', one) != re.findall(rb' d="([^"]*)"', two)


@pytest.mark.parametrize("name", ["svg", "png", "pdf"])
def test_raised_text_is_higher_than_small_text(name: str) -> None:
    labels = "x<sup>2</sup>", "x<sub>2</sub>", "x<span style='font-size:75%'>2</span>"
    sources = [pattern_of(f'flowchart LR\na["{label}"]') for label in labels]
    assert len({pipeline.render(source, (name,), Options()).outputs[name] for source in sources}) == 3
    raised, lowered, small = (pipeline.draw(source, Options()).nodes[0].texts[0] for source in sources)
    baselines = [baseline_of(line, font.bundled().runs(line.parts, line.size)[1]) for line in (raised, small, lowered)]
    assert baselines == sorted(set(baselines))


def test_a_pdf_embeds_bold_and_italic_letters() -> None:
    data = pipeline.render(pattern_of(STYLED), ("pdf",), Options()).outputs["pdf"]
    assert data.count(b"/FontFile2") == 3
    assert data == pipeline.render(pattern_of(STYLED), ("pdf",), Options()).outputs["pdf"]


def test_drawio_and_powerpoint_have_the_styles_of_text() -> None:
    drawing = picture(STYLED)
    page = drawio.write([drawio.DrawioPage("x", drawing)])
    for part in ("font-weight:bold", "font-style:italic", "text-decoration:underline", "&lt;sup&gt;2", "color:#CC0000"):
        assert part in page
    from diagramkit.writers.pptx import texts

    lines = [line for node in drawing.nodes for line in node.texts]
    body = texts.text_body(lines, drawing.nodes[0].box, 1.0, {}, "ctr")
    for part in (' b="1"', ' i="1"', ' u="sng"', ' strike="sngStrike"', ' baseline="33000"', 'val="CC0000"'):
        assert part in body


CODE = 'flowchart LR\na["run <code>make all</code>"] -->|<kbd>Ctrl</kbd>| b["<b><samp>x_1</samp></b> <tt>├─♥</tt>"]'


@pytest.mark.parametrize("element", ["code", "kbd", "samp", "tt", "pre"])
def test_code_is_in_a_monospaced_font(element: str) -> None:
    lines = [
        picture(f'flowchart LR\na["<{element}>{word}</{element}>"]').nodes[0].texts[0] for word in ("iiii", "MMMM")
    ]
    assert [line.box.w for line in lines] == pytest.approx([4 * 0.6 * 13] * 2)


def test_code_is_embedded_with_its_font_in_svg_and_pdf() -> None:
    text = svg_of(CODE)
    assert text.count("@font-face{font-family:'Source Code Pro'") == 2
    for word, weight in (("make all", ""), ("Ctrl", ""), ("x_1", ' font-weight="bold"')):
        assert re.search(
            rf"<tspan [^>]* font-family=\"'Source Code Pro',monospace\"[^>]*{weight}[^>]*>{word}</tspan>", text
        )
    rendered = pipeline.render(pattern_of(CODE), ("pdf", "svg"), Options(outlines=True))
    assert rendered.outputs["pdf"].count(b"/FontFile2") >= 3
    assert re.search(rb"/BaseFont /[A-Z+]*SourceCodePro", rendered.outputs["pdf"])
    assert "<code>" not in " ".join(warning.message for warning in rendered.warnings)


def test_characters_that_the_font_for_code_lacks_are_in_the_font_of_the_picture() -> None:
    """Greek with accents is in the bundled font only, and frames of terminals only in the font for code."""
    face = font.bundled()
    code = face.styled(TextStyle(monospace=True))
    assert (face.has("ἀ"), code.has("ἀ"), face.has("─"), code.has("─")) == (True, False, False, True)
    drawing = picture('flowchart LR\na["<code>xἀ─</code>"]')
    parts = [(part.text, part.style.monospace) for part in drawing.nodes[0].texts[0].parts]
    assert parts == [("x", True), ("ἀ", False), ("─", True)]
    assert png.missing_characters(drawing) == ("", "")
    assert png.missing_characters(picture('flowchart LR\na["─"]')) != ("", "")


def test_code_is_monospaced_next_to_a_font_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "own.ttf").write_bytes(Path(font.bundled().file).read_bytes())
    (tmp_path / "own.yaml").write_text("font: own.ttf\n")
    rendered = pipeline.render(pattern_of(CODE), ("svg",), Options(theme=str(tmp_path / "own.yaml")))
    assert b"font-family=\"'Source Code Pro',monospace\"" in rendered.outputs["svg"]


def test_code_is_monospaced_in_drawio_and_powerpoint() -> None:
    drawing = picture(CODE)
    assert "font-family:'Courier New',monospace;" in drawio.write([drawio.DrawioPage("x", drawing)])
    from diagramkit.writers.pptx import texts

    lines = [line for node in drawing.nodes for line in node.texts]
    assert '<a:latin typeface="Courier New"/>' in texts.text_body(lines, drawing.nodes[0].box, 1.0, {}, "ctr")


@pytest.mark.parametrize(
    ("style", "attribute"),
    [
        ("font-size:20px", 'font-size="20"'),
        ("font-size:20", 'font-size="20"'),
        ("font-size:2em", 'font-size="26"'),
        ("font-weight:bold", 'font-weight="bold"'),
        ("font-weight:700", 'font-weight="bold"'),
        ("font-style:italic", 'font-style="italic"'),
        ("text-decoration:underline", 'text-decoration="underline"'),
        ("text-decoration:line-through", 'text-decoration="line-through"'),
        ("color:#a00000", 'fill="#A00000"'),
    ],
)
@pytest.mark.parametrize(
    "statement", ["style a {}", "classDef h {}\nclass a h", "style g {}", "classDef h {}\nclass g h"]
)
def test_css_styles_labels_of_nodes_and_groups(style: str, attribute: str, statement: str) -> None:
    source = f"flowchart LR\nsubgraph g [Zone]\na[Step]\nend\n{statement.format(style)}"
    word = "Zone" if " g" in statement else "Step"
    assert re.search(rf"<text [^>]*{attribute}[^>]*>(<tspan [^>]*>)?{word}<", svg_of(source)) or re.search(
        rf"<tspan [^>]*{attribute}[^>]*>{word}<", svg_of(source)
    )


def test_css_styles_the_label_of_an_edge() -> None:
    text = svg_of("flowchart LR\na -->|calls| b\nlinkStyle 0 color:#a00000,font-weight:bold,font-size:18px")
    assert re.search(r'<text [^>]*font-size="18" fill="#A00000"><tspan [^>]*font-weight="bold">calls<', text)


@pytest.mark.parametrize("size", ["0", "0%", ".0em", "9999px", "99999%"])
def test_no_size_of_a_text_in_a_label_is_too_small_or_too_large_to_draw(size: str) -> None:
    label = f"\"<span style='font-size:{size}'>words</span>\""
    source = f"flowchart LR\nsubgraph g[{label}]\na[{label}] -->|{label}| b[Two]\nend\n"
    drawing = picture(source)
    assert 0 < drawing.nodes[0].box.w < 1000
    parts = [part for text in drawing.nodes[0].texts for part in text.parts]
    assert {part.style.color == "none" for part in parts} == {not size.startswith("9")}
    assert set(pipeline.render(pattern_of(source), ("svg", "png", "pdf"), Options()).outputs) == {"svg", "png", "pdf"}


def test_a_larger_text_makes_its_shape_larger() -> None:
    small, large = (
        picture(f"flowchart LR\na[A longer step]\nstyle a font-size:{size}px").nodes[0].box for size in (12, 36)
    )
    assert large.w > 2 * small.w


@pytest.mark.parametrize(
    ("dash", "drawn"),
    [("0", ""), ("none", ""), ("0 0", ""), ("5", "5"), ("20, 5", "20 5"), ("0 4", "0.1 4"), ("x", "3 4")],
)
def test_a_line_of_dots_has_the_dashes_of_its_style(dash: str, drawn: str) -> None:
    source = f"flowchart LR\na[Step] -.-> b[Step]\nlinkStyle 0 stroke-dasharray:{dash}".replace(", ", " ")
    (line,) = re.findall(r'<g class="edge"[^>]*><path ([^>]*)/>', svg_of(source))
    assert re.findall(r'stroke-dasharray="([^"]*)"', line) == ([drawn] if drawn else [])


# What is not drawn


@pytest.mark.parametrize("picture", ["fa:fa-ban", "x.png"])
def test_one_note_names_the_pictures_in_labels_without_an_icon(picture: str) -> None:
    text = f"<img src='{picture}'> text" if picture.endswith("png") else f"{picture} forbidden"
    source = f'flowchart LR\na["{text}"] --> b["{text}"]\n'
    (warning,) = pipeline.render(pattern_of(source), ("svg",), Options()).warnings
    assert (warning.code, warning.severity) == ("unknown-icon", "note")
    assert warning.message.count(picture) == 1


def test_bold_letters_that_the_font_of_a_theme_lacks_are_reported(tmp_path: Path) -> None:
    (tmp_path / "own.ttf").write_bytes(Path(font.bundled().file).read_bytes())
    (tmp_path / "own.yaml").write_text("font: own.ttf\n")
    options = Options(theme=str(tmp_path / "own.yaml"))
    rendered = pipeline.render(pattern_of('flowchart LR\na["<b>x</b>"]\n'), ("svg",), options)
    (warning,) = rendered.warnings
    assert (warning.code, warning.severity) == ("missing-font", "note")
    assert "bold and italic letters" in warning.message
    assert b"font-weight" not in rendered.outputs["svg"]


@pytest.mark.parametrize("label", ["fa:fa-ban", "fab:fa-aws fa:fa-spinner", "<img src='missing.png'>"])
def test_a_label_that_is_only_a_missing_picture_is_reported(label: str) -> None:
    (warning,) = pipeline.render(pattern_of(f'flowchart LR\na["{label}"]\n'), ("svg",), Options()).warnings
    assert (warning.code, warning.severity) == ("empty-label", "warning")
    assert label.partition("'")[2].rstrip("'>") in warning.message


@pytest.mark.parametrize(("label", "icon"), [("fa:fa-database", "GenericDatabase"), ("fa:fa-users", "Users")])
def test_a_label_that_is_only_a_known_picture_is_its_icon(label: str, icon: str) -> None:
    rendered = pipeline.render(pattern_of(f"flowchart LR\na[{label}]\n"), ("svg",), Options())
    assert rendered.warnings == ()
    (node,) = picture(f"flowchart LR\na[{label}]\n").nodes
    assert node.icon
    assert node.icon.reference.endswith(icon)


@pytest.mark.parametrize(
    ("text", "icon"), [("ECS", "ElasticContainerService"), ("AWS Lambda", "Lambda"), ("Amazon S3", "S3")]
)
def test_the_text_of_an_architecture_service_selects_its_icon(text: str, icon: str) -> None:
    (node,) = picture(f'architecture-beta\n  service a "{text}" [Orders]\n').nodes
    assert node.icon
    assert icon in node.icon.reference
    assert [line.text for line in node.texts] == ["Orders"]


def test_any_other_text_of_an_architecture_service_is_drawn() -> None:
    (node,) = picture('architecture-beta\n  service a "Ours 2.0" [Orders]\n').nodes
    assert [line.text for line in node.texts] == ["Orders", "Ours 2.0"]
