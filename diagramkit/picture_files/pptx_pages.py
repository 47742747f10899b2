"""Reads the slides of a PowerPoint file as shapes. Names identify shapes, because programs renumber them."""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import TypeAlias
from xml.etree.ElementTree import Element

import msgspec

from diagramkit.picture_files.picture_page import (
    MAX_COORDINATE,
    Box,
    PicturePage,
    PictureRecord,
    PictureShape,
    record_from,
)
from diagramkit.picture_files.untrusted import Archive, BadPictureError, inflated, parsed

_PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
NO_PROPERTIES = f'<Properties xmlns="{_PROPERTIES}" xmlns:vt="{_TYPES}"/>'
"""The properties of a document without any."""
_PROPERTIES_PART = "docProps/custom.xml"
_PROPERTY_SET = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_PROPERTY_NAME = re.compile(r"diagramkit (\d{1,6})")
_MAX_PROPERTY = 255  # The characters of a text that PowerPoint accepts in its own dialog.
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_EMU = 12_700
_HEADS = {"none": "none", "oval": "circle", "diamond": "cross"}
_MAX_SLIDES = 2_000
ANCHOR = "Anchor: "
"""How the names of invisible rectangles begin to which edges are attached, in the group of the shape they belong to."""

_Transform: TypeAlias = "tuple[float, float, float, float]"
"""What becomes of coordinates: a factor and an offset for x, then for y."""


def read(data: bytes) -> list[PicturePage]:
    """Return the slides of a file. Raises `BadPictureError`."""
    archive = Archive(data)
    presentation = "ppt/presentation.xml"
    targets = _targets(archive, presentation)
    root = parsed(archive.read(presentation))
    slides = [targets.get(each.get(f"{_R}id", ""), "") for each in root.iter(f"{_P}sldId")]
    records = _records(archive)
    pages: list[PicturePage] = []
    for name in slides[:_MAX_SLIDES]:
        if name not in archive.names():
            raise BadPictureError("one of its slides is missing")
        pages.append(read_slide(parsed(archive.read(name)), str(len(pages) + 1)))
    return _with_records(pages, records)


def _targets(archive: Archive, part: str) -> dict[str, str]:
    """Return the parts that a part refers to, by the ids of the relationships."""
    folder, name = posixpath.split(part)
    path = f"{folder}/_rels/{name}.rels"
    if path not in archive.names():
        raise BadPictureError("it is not a PowerPoint file")
    relationships = parsed(archive.read(path)).iter(_RELATIONSHIP)
    return {
        each.get("Id", ""): posixpath.normpath(posixpath.join("/" + folder, each.get("Target", ""))).lstrip("/")
        for each in relationships
    }


def _records(archive: Archive) -> list[PictureRecord]:
    """Return the records in the properties of the document."""
    if _PROPERTIES_PART not in archive.names():
        return []
    parts: dict[int, str] = {}
    for each in parsed(archive.read(_PROPERTIES_PART)):
        if match := _PROPERTY_NAME.fullmatch(each.get("name", "")):
            parts[int(match[1])] = "".join(each.itertext())
    return unpacked("".join(parts[number] for number in sorted(parts)))


def properties(records: list[PictureRecord], first_number: int) -> Iterator[str]:
    """Yield the properties of a document with records. PowerPoint and LibreOffice keep them."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    data = compressor.compress(msgspec.json.encode(records)) + compressor.flush()
    text = base64.b64encode(data).decode("ascii")
    for number, start in enumerate(range(0, len(text), _MAX_PROPERTY)):
        value = f"<vt:lpwstr>{text[start : start + _MAX_PROPERTY]}</vt:lpwstr>"
        name = f'pid="{first_number + number}" name="diagramkit {number + 1}"'
        yield (f'<property xmlns="{_PROPERTIES}" xmlns:vt="{_TYPES}" fmtid="{_PROPERTY_SET}" {name}>{value}</property>')


def unpacked(text: str) -> list[PictureRecord]:
    """Return the records in a text; none if it is damaged."""
    try:
        data = inflated(base64.b64decode("".join(text.split()), validate=True))
        items = msgspec.json.decode(data, type=list[msgspec.Raw])
    except (binascii.Error, BadPictureError, msgspec.DecodeError):
        return []
    return [record for item in items if (record := record_from(bytes(item)))]


def _with_records(pages: list[PicturePage], records: list[PictureRecord]) -> list[PicturePage]:
    """Give each record to the slide that has most of its shapes, of which slides may have been moved and added."""
    result = list(pages)
    for record in records:
        free = [number for number, page in enumerate(result) if page.record is None]
        best = max(free, key=lambda number: len(record.shapes.keys() & result[number].shapes.keys()), default=None)
        if best is not None and record.shapes.keys() & result[best].shapes.keys():
            result[best] = msgspec.structs.replace(result[best], record=record)
    return result


def read_slide(root: Element, name: str) -> PicturePage:
    """Return a slide from its XML."""
    tree = root.find(f".//{_P}spTree")
    elements = list(_elements(tree, (1.0, 0.0, 1.0, 0.0))) if tree is not None else []
    anchors = dict(_anchors(tree)) if tree is not None else {}
    keys: dict[str, str] = {}  # By the number of the shape.
    named: list[tuple[str, Element, _Transform]] = []
    taken: set[str] = set()
    for element, transform in elements:
        properties = element.find(f".//{_P}cNvPr")
        if properties is None or element.find(f".//{_P}nvPr/{_P}ph") is not None:
            continue
        if properties.get("id", "") in anchors:
            continue
        key, count = properties.get("name", ""), 2
        while key in taken:
            key, count = f"{properties.get('name', '')}\n{count}", count + 1
        taken.add(key)
        keys[properties.get("id", "")] = key
        named.append((key, element, transform))
    keys |= {anchor: keys[owner] for anchor, owner in anchors.items() if owner in keys}
    shapes = {key: _shape(key, element, transform, keys) for key, element, transform in named}
    return PicturePage(name, shapes, nests=False)


def _elements(tree: Element, transform: _Transform) -> Iterator[tuple[Element, _Transform]]:
    """Yield the shapes in a tree, also in groups, with the transform of their coordinates."""
    for element in tree:
        if element.tag == f"{_P}grpSp":
            yield from _elements(element, _inner(element, transform))
        elif element.tag in (f"{_P}sp", f"{_P}pic", f"{_P}cxnSp", f"{_P}graphicFrame"):
            yield element, transform


def _anchors(tree: Element) -> Iterator[tuple[str, str]]:
    """Yield the number of each anchor with that of the first other shape in its group, to which it belongs."""
    for group in tree.iter(f"{_P}grpSp"):
        members = [element for element in group if element.tag in (f"{_P}sp", f"{_P}pic")]
        names = [(each, each.find(f".//{_P}cNvPr")) for each in members]
        anchors = [name for each, name in names if name is not None and _is_anchor(each, name.get("name", ""))]
        others = [name.get("id", "") for _, name in names if name is not None and name not in anchors]
        if others:
            yield from ((anchor.get("id", ""), others[0]) for anchor in anchors)


def _is_anchor(element: Element, name: str) -> bool:
    return element.tag == f"{_P}sp" and name.startswith(ANCHOR) and not _text(element)


def _inner(group: Element, outer: _Transform) -> _Transform:
    """Return the transform of what is in a group."""
    frame = group.find(f"{_P}grpSpPr/{_A}xfrm")
    if frame is None:
        return outer
    x, y, w, h = _numbers(frame, "off", "ext")
    child_x, child_y, child_w, child_h = _numbers(frame, "chOff", "chExt")
    factor_x, factor_y = (w / child_w if child_w else 1.0), (h / child_h if child_h else 1.0)
    return (
        outer[0] * factor_x,
        outer[0] * (x - factor_x * child_x) + outer[1],
        outer[2] * factor_y,
        outer[2] * (y - factor_y * child_y) + outer[3],
    )


def _numbers(frame: Element | None, position: str, size: str) -> Box:
    """Return a position and a size in points."""

    def number(element: Element | None, name: str) -> float:
        text = element.get(name, "0") if element is not None else "0"
        return int(text) / _EMU if text.lstrip("-").isdigit() and len(text) < 15 else 0.0

    if frame is None:
        return 0.0, 0.0, 0.0, 0.0
    offset, extent = frame.find(f"{_A}{position}"), frame.find(f"{_A}{size}")
    return number(offset, "x"), number(offset, "y"), number(extent, "cx"), number(extent, "cy")


def _shape(key: str, element: Element, transform: _Transform, keys: Mapping[str, str]) -> PictureShape:
    frame = element.find(f"{_P}spPr/{_A}xfrm")
    x, y, w, h = _numbers(frame, "off", "ext")
    box = transform[0] * x + transform[1], transform[2] * y + transform[3], transform[0] * w, transform[2] * h
    if not all(abs(number) <= MAX_COORDINATE for number in box):  # It is in groups with absurd sizes.
        box = 0.0, 0.0, 0.0, 0.0
    if element.tag == f"{_P}cxnSp":
        return _connector(key, element, keys)
    kind = "image" if element.tag != f"{_P}sp" else "shape"
    properties = element.find(f"{_P}nvSpPr/{_P}cNvSpPr")
    has_border = element.find(f"{_P}spPr/{_A}ln/{_A}noFill") is None
    if properties is not None and properties.get("txBox") == "1":
        kind = "text"
    geometry = element.find(f"{_P}spPr/{_A}prstGeom")
    look = {"shape": geometry.get("prst", "") if geometry is not None else "", "border": str(has_border)}
    return PictureShape(key, kind, _text(element), box, look=look)


def _connector(key: str, element: Element, keys: Mapping[str, str]) -> PictureShape:
    start, end = element.find(f".//{_A}stCxn"), element.find(f".//{_A}endCxn")
    line = element.find(f"{_P}spPr/{_A}ln")
    dashed = line is not None and (line.find(f"{_A}prstDash") is not None or line.find(f"{_A}custDash") is not None)
    look = {
        "stroke": "dotted" if dashed else "normal",
        "tail": _head(line, "headEnd"),
        "head": _head(line, "tailEnd"),
    }
    return PictureShape(
        key,
        "edge",
        source=keys.get(start.get("id", "")) if start is not None else None,
        target=keys.get(end.get("id", "")) if end is not None else None,
        look=look,
    )


def _head(line: Element | None, name: str) -> str:
    """Return an arrowhead. DrawingML calls the start of a line its head."""
    element = line.find(f"{_A}{name}") if line is not None else None
    kind = element.get("type", "none") if element is not None else "none"
    return _HEADS.get(kind, "arrow")


def _text(element: Element) -> str:
    """Return the text of a shape as lines."""
    lines: list[str] = []
    for paragraph in element.iterfind(f"{_P}txBody/{_A}p"):
        lines.append("")
        for part in paragraph:
            if part.tag == f"{_A}br":
                lines.append("")
            elif part.tag in (f"{_A}r", f"{_A}fld"):
                lines[-1] += part.findtext(f"{_A}t", "")
    return "\n".join(filter(None, (" ".join(line.replace("\v", " ").split()) for line in lines)))
