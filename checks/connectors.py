"""Compares connectors in LibreOffice with those of the drawing: `python -m checks.connectors [SOURCE...]`.

It writes a deck of the project's patterns, the samples and the given sources, gives each connector its own color,
converts it to PDF with `soffice` (or `--soffice PROGRAM`), and reads the lines from there. Each line must start and
end at the right shapes and sides, in the directions of the drawing, and be within 3 pixels of its line everywhere.
"""

from __future__ import annotations

import argparse
import io
import itertools
import math
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import sources
from diagramkit.drawing import Box, Point, flattened
from diagramkit.graph import Pattern
from diagramkit.options import Options
from diagramkit.publish import slides
from diagramkit.slides.arrangement import SlideOptions
from diagramkit.writers import pptx
from diagramkit.writers.pptx.deck import Deck, DiagramSlide
from tests.support.pdf_files import streams
from tests.support.project import DATA, ROOT

PIXEL = 0.75
"""The length of a pixel in points."""
MAX_DISTANCE = 3.0
"""Of two lines, in pixels."""
_EMU = 12_700
_MIN_SEGMENT = 0.5  # Points: shorter ones have no direction.
_STEP = 1.0  # Points between the places where two lines are compared.
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_OPERATION = re.compile(rb"((?:-?[\d.]+\s+)*)\b(RG|m|l|c|S)\b")


class Comparison(Struct, frozen=True):
    """One connector: its slide and name, whether it meets the right sides and how, and its distance in pixels."""

    slide: str
    name: str
    right_ends: bool
    distance: float
    right_directions: bool = True

    @property
    def is_wrong(self) -> bool:
        """Whether it differs from the drawing."""
        return not (self.right_ends and self.right_directions and self.distance <= MAX_DISTANCE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the connectors, print the figures, and return the exit code: 1 if a connector is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", nargs="*", metavar="SOURCE", help="more diagrams")
    parser.add_argument("--soffice", default="soffice", metavar="PROGRAM")
    parser.add_argument("--save", metavar="FOLDER", help="where to leave the deck and the PDF file")
    options = parser.parse_args(arguments)
    program = shutil.which(options.soffice)
    if program is None:
        print("LibreOffice is not installed: no connector was compared")
        return 0
    paths = [str(ROOT / "specs"), str(DATA / "samples"), *options.sources]
    patterns = [pattern for file in sources.find(paths) for pattern in sources.load(file).patterns]
    with tempfile.TemporaryDirectory() as folder:
        comparisons = compare(patterns, program, Path(options.save or folder))
    wrong = [item for item in comparisons if item.is_wrong]
    for item in wrong:
        ends = "" if item.right_ends else ", wrong end"
        directions = "" if item.right_directions else ", wrong direction"
        print(f"{item.slide}: {item.name}: {item.distance:.1f} px{ends}{directions}")
    wrong_ends = sum(not item.right_ends for item in comparisons)
    wrong_directions = sum(not item.right_directions for item in comparisons)
    far = sum(item.distance > MAX_DISTANCE for item in comparisons)
    print(
        f"{len(comparisons)} connectors: {wrong_ends} with a wrong end, {wrong_directions} in a wrong direction, "
        f"{far} more than {MAX_DISTANCE:g} px away"
    )
    return int(bool(wrong))


def compare(patterns: Sequence[Pattern], program: str, folder: Path) -> list[Comparison]:
    """Return the comparison of each connector on the slides of the patterns; leave the files in `folder`."""
    deck = slides.deck(patterns, "Connectors", SlideOptions(), Options()).deck
    deck = replace(deck, slides=tuple(slide for slide in deck.slides if isinstance(slide, DiagramSlide)))
    presentation = _colored(deck)
    folder.mkdir(parents=True, exist_ok=True)
    presentation.save(folder / "connectors.pptx")
    convert(program, folder / "connectors.pptx", folder)
    pages = [page for page in streams((folder / "connectors.pdf").read_bytes()) if page.startswith(b"0.1 w")]
    area = pptx.areas(deck).diagram
    result: list[Comparison] = []
    for slide, page, stream in zip(deck.slides, presentation.slides, pages, strict=True):
        assert isinstance(slide, DiagramSlide)
        found = dict(_lines(stream, deck.height))
        shapes = dict(_boxes(page.shapes._spTree))
        placement = pptx.placement(slide.drawing, area)
        connectors = list(_connectors(page))
        assert len(connectors) == len(slide.drawing.edges)
        for number, (connector, edge) in enumerate(zip(connectors, slide.drawing.edges, strict=True)):
            expected = [placement.point(point) for point in edge.line()]
            name = connector.find(f".//{_P}cNvPr").get("name")
            actual = found.get(_color(number))
            if actual is None:
                result.append(Comparison(slide.title, name, False, math.inf))
                continue
            boxes = [
                shapes.get(end.get("id")) if (end := connector.find(f".//{_A}{tag}")) is not None else None
                for tag in ("stCxn", "endCxn")
            ]
            right = _same_ends(expected, actual, boxes)
            directions = _directions(expected) == _directions(actual)
            result.append(Comparison(slide.title, name, right, distance(expected, actual) / PIXEL, directions))
    return result


def _directions(line: Sequence[Point]) -> tuple[str, str]:
    """Return in which direction a line leaves its start, and in which its end."""
    return _first_direction(line), _first_direction(line[::-1])


def _first_direction(line: Sequence[Point]) -> str:
    (ax, ay), *others = line
    bx, by = next((point for point in others if math.dist(point, line[0]) > _MIN_SEGMENT), line[0])
    if abs(bx - ax) > abs(by - ay):
        return "right" if bx > ax else "left"
    return "down" if by > ay else "up"


def convert(program: str, file: Path, folder: Path) -> None:
    """Write a file as PDF into `folder`."""
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                program,
                f"-env:UserInstallation={Path(profile).as_uri()}",
                "--headless",
                *("--convert-to", "pdf", "--outdir", str(folder), str(file)),
            ],
            check=True,
            capture_output=True,
            timeout=600,
        )


def _connectors(page: Any) -> Iterator[Any]:
    return (
        shape
        for shape in page.shapes._spTree.iter(f"{_P}cxnSp", f"{_P}sp")
        if shape.find(f".//{_P}cNvPr").get("name").startswith("Edge: ")
    )


def _colored(deck: Deck) -> Any:
    """Return a deck whose connectors are solid lines without arrowheads in colors of their own."""
    from pptx import Presentation
    from pptx.oxml import parse_xml
    from pptx.oxml.ns import nsdecls

    presentation = Presentation(io.BytesIO(pptx.write(deck)))
    for page in presentation.slides:
        for number, connector in enumerate(_connectors(page)):
            fill = f'<a:solidFill><a:srgbClr val="{_color(number)}"/></a:solidFill>'
            line = connector.find(f"{_P}spPr/{_A}ln")
            line.getparent().replace(line, parse_xml(f'<a:ln {nsdecls("a")} w="12700">{fill}</a:ln>'))
    return presentation


def _color(number: int) -> str:
    """Return a color for a connector that nothing else has."""
    return f"{number:04X}F7"


def _lines(stream: bytes, height: float) -> Iterator[tuple[str, list[Point]]]:
    """Yield each line of a page with its color; the y of a PDF begins at the bottom."""
    color, points = "", []
    lines: dict[str, list[Point]] = {}
    for numbers, operator in _OPERATION.findall(stream):
        values = [float(number) for number in numbers.split()]
        if operator == b"RG":
            color = "".join(f"{round(value * 255):02X}" for value in values[-3:])
        elif operator == b"m" and values:
            points = [(values[-2], height - values[-1])]
        elif operator == b"l":
            points.append((values[-2], height - values[-1]))
        elif operator == b"c":
            controls = [(x, height - y) for x, y in zip(values[-6::2], values[-5::2], strict=True)]
            points += flattened((points[-1], *controls))[1:]
        elif operator == b"S":
            lines.setdefault(color, []).extend(points)
            points = []
    yield from lines.items()


def _boxes(tree: Any) -> Iterator[tuple[str, Box]]:
    """Yield the box of each shape by its id, in points."""
    for shape in tree.iter(f"{_P}sp", f"{_P}pic"):
        transform = shape.find(f"{_P}spPr/{_A}xfrm")
        if transform is None:
            continue
        x, y = (int(transform.find(f"{_A}off").get(name)) / _EMU for name in ("x", "y"))
        w, h = (int(transform.find(f"{_A}ext").get(name)) / _EMU for name in ("cx", "cy"))
        yield shape[0].find(f"{_P}cNvPr").get("id"), Box(x, y, w, h)


def _same_ends(expected: Sequence[Point], actual: Sequence[Point], boxes: Sequence[Box | None]) -> bool:
    """Return whether a line ends at the same sides of its shapes; where it is not attached, at the same points."""
    ends = zip((expected[0], expected[-1]), (actual[0], actual[-1]), boxes, strict=True)
    return all(
        math.dist(a, b) <= MAX_DISTANCE * PIXEL if box is None else bool(_sides(a, box) & _sides(b, box))
        for a, b, box in ends
    )


def _sides(point: Point, box: Box) -> set[str]:
    """Return the sides of a box that a point is on or, inside the box, nearest to; none if it is outside."""
    tolerance = MAX_DISTANCE * PIXEL
    if not box.grown(tolerance).contains(Box(*point, 0, 0)):
        return set()
    x, y = point
    distances = {"left": x - box.x, "right": box.right - x, "top": y - box.y, "bottom": box.bottom - y}
    nearest = min(distances.values())
    return {side for side, length in distances.items() if length <= nearest + tolerance}


def distance(first: Sequence[Point], second: Sequence[Point]) -> float:
    """Return how far two lines are apart where they are farthest apart (the Hausdorff distance), in points."""
    return max(_farthest(first, second), _farthest(second, first))


def _farthest(line: Sequence[Point], other: Sequence[Point]) -> float:
    return max(min(_to_segment(point, a, b) for a, b in itertools.pairwise(other)) for point in _along(line))


def _along(line: Sequence[Point]) -> Iterator[Point]:
    for (ax, ay), (bx, by) in itertools.pairwise(line):
        count = max(math.ceil(math.dist((ax, ay), (bx, by)) / _STEP), 1)
        for number in range(count + 1):
            yield ax + (bx - ax) * number / count, ay + (by - ay) * number / count


def _to_segment(point: Point, a: Point, b: Point) -> float:
    (px, py), (ax, ay), (bx, by) = point, a, b
    square = (bx - ax) ** 2 + (by - ay) ** 2
    part = 0.0 if not square else min(max(((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / square, 0.0), 1.0)
    return math.dist(point, (ax + part * (bx - ax), ay + part * (by - ay)))


if __name__ == "__main__":
    sys.exit(main())
