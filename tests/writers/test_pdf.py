"""PDF has the picture as vectors with its font embedded; WebP has the pixels of the PNG."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from diagramkit import outputs, pipeline
from diagramkit.cli import main
from diagramkit.options import Options
from diagramkit.sources import spec
from diagramkit.style import installed_fonts
from diagramkit.writers import pdf, webp
from tests.support.pdf_files import streams
from tests.support.project import PATTERN_NAMES, drawing, patterns, samples


@pytest.mark.parametrize("name", PATTERN_NAMES)
def test_a_pdf_has_one_page_of_the_size_of_the_drawing_and_its_font(name: str) -> None:
    picture = drawing(name)
    data = pdf.write(picture)
    assert data.startswith(b"%PDF-")
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)
    assert box is not None
    assert (float(box[1]), float(box[2])) == (picture.width, picture.height)
    assert data.count(b"/Type /Page\n") == 1
    assert b"/FontFile2" in data
    assert b"+SourceSansPro" in data
    images = data.count(b"/Subtype /Image")
    assert images <= 2 * len({node.icon for node in picture.nodes if node.icon}) + 2


def test_a_pdf_is_reproducible_and_has_a_constant_date() -> None:
    first = pdf.write(drawing("ecs-microservices"))
    assert first == pdf.write(drawing("ecs-microservices"))
    assert b"D:20000101" in first


def test_only_icons_are_bitmaps_in_a_pdf() -> None:
    """Texts use the embedded font, and lines are stroked."""
    content = next(stream for stream in streams(pdf.write(drawing("ecs-microservices"))) if b" Do" in stream)
    assert content.count(b"TJ") + content.count(b"Tj") >= 6
    assert content.count(b" Do") == 5
    assert content.count(b"\nS\n") + content.count(b" S\n") + content.count(b" S ") >= 8


def test_characters_in_no_font_begin_where_they_were_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed_fonts, "fonts_for", lambda characters: {})
    picture = pipeline.draw(spec.read("title: T\ndiagram: graph LR;A[漢字 b]\n", "s"), Options())
    (line,) = picture.texts()
    content = next(stream for stream in streams(pdf.write(picture)) if b"BT" in stream)
    starts = [float(x) for x in re.findall(rb"BT ([\d.]+) [\d.]+ Td", content)]
    expected = [line.box.x + run.x for run in picture.face.runs(line.styled_parts, line.size)]
    assert len(expected) == 2
    assert starts == pytest.approx(expected, abs=0.01)


def test_text_that_the_font_lacks_gives_a_warning_for_a_pdf() -> None:
    rendered = pipeline.render(samples()["sns-fanout-ja"], ("pdf",), Options())
    assert {warning.code for warning in rendered.warnings} <= {"foreign-text", "missing-font"}
    assert rendered.warnings


def test_a_pdf_has_links_except_those_that_run_code() -> None:
    text = 'graph LR\n  A-->B\n  click A "https://example.com/a"\n  click B "javascript:x()"\n'
    pattern = spec.read("title: T\ndiagram: |\n  " + text.replace("\n", "\n  "), "s")
    data = pipeline.render(pattern, ("pdf",), Options()).outputs["pdf"]
    assert b"https://example.com/a" in data
    assert b"javascript" not in data


def test_a_webp_has_the_pixels_of_the_png_and_is_smaller() -> None:
    outputs = pipeline.render(patterns()["ecs-microservices"], ("png", "webp"), Options()).outputs
    with Image.open(io.BytesIO(outputs["png"])) as a, Image.open(io.BytesIO(outputs["webp"])) as b:
        assert ImageChops.difference(a.convert("RGBA"), b.convert("RGBA")).getbbox() is None
    assert len(outputs["webp"]) < len(outputs["png"])
    assert webp.write(outputs["png"]) == outputs["webp"]


def test_a_picture_too_large_for_webp_is_an_error() -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (16400, 2)).save(buffer, "PNG")
    with pytest.raises(ValueError, match="16383 pixels"):
        webp.write(buffer.getvalue())


def test_without_the_extra_pdf_the_command_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.mmd", "b.mmd"):  # It is said once.
        Path(name).write_text("graph LR\n  A --> B\n", "utf-8")
    monkeypatch.setattr(outputs, "find_spec", lambda _: None)
    assert main(["render", "a.mmd", "b.mmd", "-f", "pdf", "--jobs", "1"]) == 2
    (error,) = capsys.readouterr().err.splitlines()
    assert "pip install 'fpdf2>=2.8.3,<3'" in error
