"""A dozen pictures, compared with those that were looked at and accepted.

`pytest tests/test_golden.py --accept` takes the pictures of today; look at them first.
Geometry may differ by half a point, pixels by little: another rasteriser is not another picture.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from diagramkit.drawing import Drawing
from diagramkit.writers import png
from tests import gallery
from tests.conftest import ROOT

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
NEAR = 0.5
ALIKE = 1.5


def picture(name: str) -> Drawing:
    from diagramkit import pipeline

    for title, pattern, options in gallery.pictures():
        if title == name:
            return pipeline.draw(pattern, options)
    raise AssertionError(name)


def geometry(drawing: Drawing) -> dict[str, Any]:
    def box(thing: Any) -> list[float]:
        return [round(value, 1) for value in (thing.x, thing.y, thing.w, thing.h)]

    return {
        "size": [drawing.width, drawing.height],
        "nodes": {node.id: box(node.box) for node in drawing.nodes},
        "groups": {group.id: box(group.box) for group in drawing.groups},
        "edges": [[[round(x, 1), round(y, 1)] for x, y in edge.points] for edge in drawing.edges],
        "texts": [[text.text, *box(text.box)] for text in drawing.texts()],
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_is_the_accepted_one(name: str, pytestconfig: pytest.Config) -> None:
    drawing = picture(name)
    stem = GOLDEN / name.replace(", ", "-").replace(" ", "-")
    today, drawn = geometry(drawing), png.write(drawing, 0.5, palette=True)
    if pytestconfig.getoption("--accept"):
        accept(stem, today, drawn)
    assert differences(json.loads(stem.with_suffix(".json").read_text("utf-8")), today) == []
    with Image.open(stem.with_suffix(".png")) as a, Image.open(io.BytesIO(drawn)) as b:
        assert a.size == b.size
        change = ImageStat.Stat(ImageChops.difference(a.convert("RGB"), b.convert("RGB")))
    assert max(change.mean) < ALIKE


def accept(stem: Path, today: dict[str, Any], drawn: bytes) -> None:
    stem.parent.mkdir(exist_ok=True)
    text = json.dumps(today, ensure_ascii=False, separators=(",", ":"))
    stem.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    stem.with_suffix(".png").write_bytes(drawn)


def differences(old: Any, new: Any, where: str = "") -> list[str]:
    """Where two geometries differ by more than half a point."""
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        return [line for key in old for line in differences(old[key], new[key], f"{where}.{key}")]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new, strict=True))
        return [line for at, (a, b) in pairs for line in differences(a, b, f"{where}[{at}]")]
    if isinstance(old, (int, float)) and isinstance(new, (int, float)):
        return [] if abs(old - new) <= NEAR else [f"{where}: {old} became {new}"]
    return [] if old == new else [f"{where}: {old} became {new}"]


def test_a_moved_box_is_seen() -> None:
    today = geometry(picture("ecs-microservices"))
    other = json.loads(json.dumps(today))
    other["nodes"]["A"][0] += 1
    assert len(differences(other, today)) == 1
