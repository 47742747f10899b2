"""A dozen pictures, compared with reference pictures that somebody reviewed and accepted.

`pytest tests/writers/test_golden.py --accept` replaces the reference pictures; look at the new ones first.
Coordinates may differ by half a point, and pixels slightly, because another rasterizer draws the same picture.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from checks import gallery
from diagramkit.drawing import Drawing
from diagramkit.writers import png
from tests.support.project import ROOT

GOLDEN = ROOT / "tests" / "golden"
NAMES = (
    "ecs-microservices",
    "rag-architecture",
    "hub-and-spoke-with-tgw",
    "multi-region-active-active",
    "web-app",
    "three-tier-az",
    "ticket-triage",
    "genai-agent",
    "steps, light",
    "steps, dark",
    "shapes",
    "lines and heads",
)
MAX_DISTANCE = 0.5  # Points.
MAX_MEAN_DIFFERENCE = 1.5  # Of 255.


def picture(name: str) -> Drawing:
    from diagramkit import pipeline

    for title, pattern, options in gallery.pictures():
        if title == name:
            return pipeline.draw(pattern, options)
    raise AssertionError(name)


def geometry(drawing: Drawing) -> dict[str, Any]:
    def rounded(box: Any) -> list[float]:
        return [round(value, 1) for value in (box.x, box.y, box.w, box.h)]

    return {
        "size": [drawing.width, drawing.height],
        "nodes": {node.id: rounded(node.box) for node in drawing.nodes},
        "groups": {group.id: rounded(group.box) for group in drawing.groups},
        "edges": [[[round(x, 1), round(y, 1)] for x, y in edge.points] for edge in drawing.edges],
        "texts": [[text.text, *rounded(text.box)] for text in drawing.texts()],
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_matches_its_reference(name: str, pytestconfig: pytest.Config) -> None:
    drawing = picture(name)
    stem = GOLDEN / name.replace(", ", "-").replace(" ", "-")
    current, drawn = geometry(drawing), png.write(drawing, 0.5, palette=True)
    if pytestconfig.getoption("--accept"):
        accept(stem, current, drawn)
    assert differences(json.loads(stem.with_suffix(".json").read_text("utf-8")), current) == []
    with Image.open(stem.with_suffix(".png")) as reference, Image.open(io.BytesIO(drawn)) as image:
        assert reference.size == image.size
        change = ImageStat.Stat(ImageChops.difference(reference.convert("RGB"), image.convert("RGB")))
    assert max(change.mean) < MAX_MEAN_DIFFERENCE


def accept(stem: Path, current: dict[str, Any], drawn: bytes) -> None:
    """Replace a reference picture and its geometry."""
    stem.parent.mkdir(exist_ok=True)
    text = json.dumps(current, ensure_ascii=False, separators=(",", ":"))
    stem.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    stem.with_suffix(".png").write_bytes(drawn)


def differences(old: Any, new: Any, path: str = "") -> list[str]:
    """Return a line for each value in which two geometries differ, with a tolerance of half a point."""
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        return [line for key in old for line in differences(old[key], new[key], f"{path}.{key}")]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [line for index, (a, b) in pairs for line in differences(a, b, f"{path}[{index}]")]
    if isinstance(old, (int, float)) and isinstance(new, (int, float)):
        return [] if abs(old - new) <= MAX_DISTANCE else [f"{path}: {old} became {new}"]
    return [] if old == new else [f"{path}: {old} became {new}"]


def test_a_moved_box_is_a_difference() -> None:
    current = geometry(picture("ecs-microservices"))
    moved = json.loads(json.dumps(current))
    moved["nodes"]["A"][0] += 1
    assert len(differences(moved, current)) == 1
