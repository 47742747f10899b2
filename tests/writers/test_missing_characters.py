"""Characters that no font of this machine has: PNG shows empty boxes, and the rest of the line stays in its place."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from diagramkit.drawing import Drawing
from diagramkit.style import installed_fonts
from diagramkit.writers import png, rasterizer
from tests.support import measures

SCALE = 4


@pytest.fixture(autouse=True)
def _no_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed_fonts, "fonts_for", lambda characters: {})


def dark_share(drawing: Drawing, text: str) -> float:
    """Return the share of dark pixels in the box of the line that ends in `text`."""
    (line,) = (line for line in drawing.texts() if line.text.endswith(text))
    box = [round(value * SCALE) for value in (line.box.x, line.box.y, line.box.right, line.box.bottom)]
    with Image.open(io.BytesIO(png.write(drawing, SCALE))) as image:
        pixels = image.convert("L").crop((box[0], box[1], box[2], box[3])).tobytes()
    return sum(pixel < 128 for pixel in pixels) / len(pixels)


@pytest.mark.parametrize("has_webassembly", [True, False])
def test_the_rest_of_the_line_stays_in_its_place(has_webassembly: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rasterizer, "available", lambda: has_webassembly)
    drawing = measures.picture("graph TB\n  a[\U0001f510 Security group<br/>22, 3000]\n  b[Security group]\n")
    plain = measures.picture("graph TB\n  b[Security group]\n")
    assert dark_share(drawing, " Security group") > 0.6 * dark_share(plain, "Security group") > 0


def test_missing_characters_are_visible_boxes() -> None:
    drawing = measures.picture("graph TB\n  a[x \U0001f510]\n")
    without = measures.picture("graph TB\n  a[x]\n")
    assert dark_share(drawing, "\U0001f510") > 0.3 * dark_share(without, "x")
