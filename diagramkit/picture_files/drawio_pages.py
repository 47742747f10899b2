"""Reads the pages of a draw.io file: mxGraph's XML, also in draw.io's compressed form.

A compressed page is XML as in a URL, deflated, in base64 (diagrams.net, "Extracting the XML from mxfiles").
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from diagramkit.picture_files.picture_page import (
    Box,
    PicturePage,
    PictureShape,
    digest,
    record_from,
)
from diagramkit.picture_files.untrusted import BadPictureError, inflated, parsed

RECORD = "diagramkit"
"""The property of a page with its record."""
_LINE_ELEMENTS = frozenset(("br", "div", "p", "li", "tr", "ul", "ol", "table", "h1", "h2", "h3", "h4", "hr"))
_ROUTE_KEYS = re.compile(r"(?:exit|entry)(?:X|Y|Dx|Dy|Perimeter)|edgeStyle|points|elbow|jettySize|orthogonalLoop")
_MAX_COORDINATE = 1e6


def read(text: str) -> list[PicturePage]:
    """Return the pages of a file. Raises `BadPictureError`."""
    root = parsed(text)
    if root.tag == "mxGraphModel":
        return [read_page(root, "")]
    if root.tag != "mxfile":
        raise BadPictureError("it is not a draw.io file")
    return [read_page(_model(diagram), diagram.get("name", "")) for diagram in root.iter("diagram")]


def _model(diagram: Element) -> Element:
    """Return the model of a page, which may be compressed."""
    model = diagram.find("mxGraphModel")
    if model is not None:
        return model
    try:
        data = base64.b64decode("".join((diagram.text or "").split()), validate=True)
        text = unquote(inflated(data).decode("utf-8"), errors="strict")
    except (binascii.Error, UnicodeDecodeError):
        raise BadPictureError("its compressed page is damaged") from None
    return parsed(text)


class _Cell:
    """A cell with its attributes, which may be those of an element around it."""

    def __init__(self, element: Element) -> None:
        is_wrapped = element.tag in ("object", "UserObject")
        cell = element.find("mxCell") if is_wrapped else element
        self.cell = cell if cell is not None else Element("mxCell")
        self.id = element.get("id", "")
        self.value = element.get("label", "") if is_wrapped else self.cell.get("value", "")
        self.record = element.get(RECORD) if is_wrapped else None
        self.parent = self.cell.get("parent", "")
        self.style_text = self.cell.get("style", "")
        self.style = dict(_style_entries(self.style_text))
        self.geometry = self.cell.find("mxGeometry")

    @property
    def is_edge(self) -> bool:
        return self.cell.get("edge") == "1"

    @property
    def is_vertex(self) -> bool:
        return self.cell.get("vertex") == "1"

    def number(self, name: str) -> float:
        """Return a coordinate, or 0 if it is none."""
        try:
            value = float(self.geometry.get(name, "0")) if self.geometry is not None else 0.0
        except ValueError:
            return 0.0
        return value if abs(value) <= _MAX_COORDINATE else 0.0


def read_page(model: Element, name: str) -> PicturePage:
    """Return a page from its model."""
    root = model.find("root")
    cells = {cell.id: cell for cell in map(_Cell, root if root is not None else ()) if cell.id}
    record = next((cell.record for cell in cells.values() if cell.record), None)
    children: dict[str, list[_Cell]] = {}
    for cell in cells.values():
        children.setdefault(cell.parent, []).append(cell)
    shapes = {
        cell.id: _edge(cell, children) if cell.is_edge else _shape(cell, cells, children)
        for cell in cells.values()
        if cell.is_edge or (cell.is_vertex and not _is_edge_label(cell, cells))
    }
    return PicturePage(name, shapes, record_from(record) if record else None)


def parse_cells(cells: str) -> PicturePage:
    """Return a page with cells."""
    return read_page(parsed(f"<mxGraphModel><root>{cells}</root></mxGraphModel>"), "")


def _is_edge_label(cell: _Cell, cells: Mapping[str, _Cell]) -> bool:
    return cell.parent in cells and cells[cell.parent].is_edge


def _edge(cell: _Cell, children: Mapping[str, list[_Cell]]) -> PictureShape:
    """Return an edge with its labels, which are texts at it."""
    labels = [cell.value] + [each.value for each in children.get(cell.id, ()) if "edgeLabel" in each.style]
    texts = (plain_text(label, cell.style_text) for label in labels)
    look = {
        "stroke": "dotted" if cell.style.get("dashed") == "1" else "normal",
        "tail": _head(cell.style.get("startArrow", "none")),
        "head": _head(cell.style.get("endArrow", "classic")),
    }
    return PictureShape(
        cell.id,
        "edge",
        "\n".join(filter(None, texts)),
        source=cell.cell.get("source") or None,
        target=cell.cell.get("target") or None,
        look=look,
        style=_digest(cell),
    )


def _head(name: str) -> str:
    heads = {"none": "none", "": "none", "oval": "circle", "ovalThin": "circle", "cross": "cross"}
    return heads.get(name, "arrow")


def _shape(cell: _Cell, cells: Mapping[str, _Cell], children: Mapping[str, list[_Cell]]) -> PictureShape:
    parent = cells.get(cell.parent)
    name = cell.style.get("shape", next(iter(cell.style), ""))
    is_container = (
        cell.style.get("container") == "1"
        or "swimlane" in cell.style
        or "group" in cell.style
        or any(each.is_vertex for each in children.get(cell.id, ()))
    )
    kind = "container" if is_container else "shape"
    if "text" in cell.style or cell.style.get("strokeColor") == cell.style.get("fillColor", "") == "none":
        kind = "text" if not is_container else kind
    if "image" in cell.style or cell.style.get("shape") == "image":
        kind = "image"
    return PictureShape(
        cell.id,
        kind,
        plain_text(cell.value, cell.style_text),
        _box(cell, cells),
        parent.id if parent is not None and parent.is_vertex else None,
        look={"shape": name, "rounded": cell.style.get("rounded", "0"), "arc": cell.style.get("arcSize", "")},
        style=_digest(cell),
    )


def _box(cell: _Cell, cells: Mapping[str, _Cell]) -> Box:
    """Return the box of a cell on the page: those of containers count."""
    x, y = cell.number("x"), cell.number("y")
    seen = {cell.id}
    parent = cells.get(cell.parent)
    while parent is not None and parent.id not in seen:
        seen.add(parent.id)
        if parent.is_vertex:
            x, y = x + parent.number("x"), y + parent.number("y")
        parent = cells.get(parent.parent)
    return x, y, cell.number("width"), cell.number("height")


def _style_entries(style: str) -> Iterator[tuple[str, str]]:
    for entry in style.split(";"):
        name, _, value = entry.partition("=")
        if name.strip():
            yield name.strip(), value.strip()


def _digest(cell: _Cell) -> str:
    """Return a digest of a cell's style, without what moving it changes."""
    return digest(
        ";".join(f"{name}={value}" for name, value in sorted(cell.style.items()) if not _ROUTE_KEYS.fullmatch(name))
    )


def plain_text(value: str, style: str = "html=1") -> str:
    """Return a label as lines of text. It is HTML if its style says so."""
    if "html=1" not in style and "<" not in value:
        lines = value.split("\n")
    else:
        reader = _TextReader()
        reader.feed(value)
        reader.close()
        lines = "".join(reader.parts).split("\n")
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


class _TextReader(HTMLParser):
    """Collects the text of HTML, with a line break for each element that begins a line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - as it is called
        if tag in ("script", "style"):
            self._hidden += 1
        if tag in _LINE_ELEMENTS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._hidden = max(0, self._hidden - 1)
        if tag in _LINE_ELEMENTS - {"br"}:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data.replace("\n", " "))
