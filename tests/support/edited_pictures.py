"""Edits of pictures as draw.io and PowerPoint do them, for the tests of `diagramkit pull`."""

from __future__ import annotations

import base64
import html
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from pptx import Presentation
from pptx.enum.shapes import MSO_CONNECTOR, MSO_SHAPE
from pptx.oxml import parse_xml
from pptx.util import Emu

from diagramkit.picture_files import drawio_pages, pptx_pages
from diagramkit.picture_files.picture_page import PictureRecord

_EMU = 12_700
_ARROWHEAD = '<a:tailEnd xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" type="triangle"/>'


class DrawioPicture:
    """A page of a draw.io file, edited by the ids of nodes and groups."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tree = ElementTree.fromstring(path.read_text("utf-8"))
        (self.page,) = drawio_pages.read(path.read_text("utf-8"))
        assert self.page.record
        self.record: PictureRecord = self.page.record
        (self.root,) = self.tree.iter("root")
        self.count = 0

    def save(self, compressed: bool = False) -> None:
        """Save the file as draw.io does: with other attributes of the file, and with the page compressed."""
        self.tree.attrib.update(host="app.diagrams.net", agent="Mozilla/5.0", version="24.7.8")
        if compressed:
            (diagram,) = self.tree.iter("diagram")
            (model,) = diagram
            text = quote(ElementTree.tostring(model, "unicode"), safe="-_.!~*'()")
            compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
            data = compressor.compress(text.encode("ascii")) + compressor.flush()
            diagram.remove(model)
            diagram.text = base64.b64encode(data).decode("ascii")
        self.path.write_text(ElementTree.tostring(self.tree, "unicode"), "utf-8")

    def key(self, name: str) -> str:
        """Return the id of the cell of a node or group."""
        return {**self.record.groups, **self.record.nodes}[name].key

    def cell(self, key: str) -> Element:
        """Return a cell, or what is around it."""
        return next(each for each in self.root if each.get("id") == key)

    def _inner(self, key: str) -> Element:
        outer = self.cell(key)
        inner = outer.find("mxCell") if outer.tag != "mxCell" else outer
        assert inner is not None
        return inner

    def box(self, name: str) -> tuple[float, float, float, float]:
        """Return where a node or group is on the page."""
        return self.page.shapes[self.key(name)].box

    def move(self, name: str, x: float, y: float) -> None:
        """Move the middle of a node or group to a place on the page."""
        old = self.box(name)
        geometry = self._inner(self.key(name)).find("mxGeometry")
        assert geometry is not None
        for axis, shift in (("x", x - old[0] - old[2] / 2), ("y", y - old[1] - old[3] / 2)):
            geometry.set(axis, f"{float(geometry.get(axis, '0')) + shift:g}")

    def rename(self, name: str, text: str) -> None:
        """Replace the text of a node or group, as its editor for rich text does."""
        self._set_text(self.key(name), text)

    def _set_text(self, key: str, text: str) -> None:
        value = "".join(f"<div>{html.escape(line)}</div>" for line in text.split("\n"))
        cell = self.cell(key)
        cell.set("value" if cell.tag == "mxCell" else "label", value)

    def relabel(self, index: int, text: str) -> None:
        """Replace the text of an edge."""
        key = self.record.edges[index].key
        labels = [each for each in self.root if each.get("parent") == key and "edgeLabel" in each.get("style", "")]
        if labels:
            self._set_text(labels[0].get("id", ""), text)
        else:
            self._set_text(key, text)

    def move_into(self, name: str, group: str | None) -> None:
        """Drop a node into a group, or next to all groups."""
        cell = self._inner(self.key(name))
        cell.set("parent", self.key(group) if group else "1")

    def reconnect(self, index: int, source: str, target: str) -> None:
        """Attach the ends of an edge to other nodes."""
        cell = self._inner(self.record.edges[index].key)
        cell.set("source", self.key(source))
        cell.set("target", self.key(target))

    def delete(self, name: str) -> None:
        """Delete a node with the edges at it."""
        self.delete_cell(self.key(name))

    def delete_edge(self, index: int) -> None:
        """Delete an edge."""
        self.delete_cell(self.record.edges[index].key)

    def delete_cell(self, key: str) -> None:
        """Delete a cell with what is in it and the edges at it."""
        self.root.remove(self.cell(key))
        for each in list(self.root):
            cell = each if each.tag == "mxCell" else each.find("mxCell")
            if cell is not None and each in list(self.root) and key in (
                cell.get("parent"), cell.get("source"), cell.get("target")
            ):  # fmt: skip
                self.delete_cell(each.get("id", ""))

    def _new_key(self) -> str:
        self.count += 1
        return f"kX3_{self.count}-aQ"

    def add_node(self, text: str, group: str | None, style: str = "rounded=0;whiteSpace=wrap;html=1;") -> str:
        """Add a shape, and return the id of its cell."""
        key = self._new_key()
        parent = self.key(group) if group else "1"
        attributes = {"id": key, "value": html.escape(text), "style": style, "vertex": "1", "parent": parent}
        cell = ElementTree.SubElement(self.root, "mxCell", attributes)
        geometry = {"x": "10", "y": "10", "width": "120", "height": "60", "as": "geometry"}
        ElementTree.SubElement(cell, "mxGeometry", geometry)
        return key

    def add_edge(self, source: str, target: str, text: str = "") -> None:
        """Add a connector between two cells."""
        key = self._new_key()
        style = "edgeStyle=orthogonalEdgeStyle;rounded=0;html=1;"
        attributes = {"id": key, "value": text, "style": style, "edge": "1", "parent": "1"}
        cell = ElementTree.SubElement(self.root, "mxCell", {**attributes, "source": source, "target": target})
        ElementTree.SubElement(cell, "mxGeometry", {"relative": "1", "as": "geometry"})


class SlidePicture:
    """A slide of a PowerPoint file, edited by the ids of nodes and groups."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.presentation = Presentation(str(path))
        pages = pptx_pages.read(path.read_bytes())
        # A large diagram is on several slides; the one with the most nodes is edited.
        counts = [len(page.record.nodes) if page.record else 0 for page in pages]
        index = counts.index(max(counts))
        self.page = pages[index]
        assert self.page.record
        self.record: PictureRecord = self.page.record
        self.slide = self.presentation.slides[index]

    def save(self, compressed: bool = False) -> None:
        """Save the file."""
        self.presentation.save(str(self.path))

    def key(self, name: str) -> str:
        """Return the name of the shape of a node or group."""
        return {**self.record.groups, **self.record.nodes}[name].key

    def shape(self, key: str) -> Any:
        """Return a shape by its name, also in a group."""
        return self._find(key)[0]

    def _find(self, key: str) -> tuple[Any, Any]:
        """Return a shape and the group of shapes that it is in, if there is one."""
        for shape in self.slide.shapes:
            if shape.shape_type == 6:
                for inner in shape.shapes:
                    if inner.name == key:
                        return inner, shape
            elif shape.name == key:
                return shape, None
        raise KeyError(key)

    def box(self, name: str) -> tuple[float, float, float, float]:
        """Return where a node or group is on the slide."""
        return self.page.shapes[self.key(name)].box

    def move(self, name: str, x: float, y: float) -> None:
        """Move the middle of a node or group; shapes in a group of shapes move together."""
        old = self.box(name)
        shape, group = self._find(self.key(name))
        moved = group or shape
        moved.left = Emu(moved.left + round((x - old[0] - old[2] / 2) * _EMU))
        moved.top = Emu(moved.top + round((y - old[1] - old[3] / 2) * _EMU))

    def rename(self, name: str, text: str) -> None:
        """Replace the text of a node or group."""
        item = {**self.record.groups, **self.record.nodes}[name]
        self.shape(item.text_key or item.key).text_frame.text = text

    def relabel(self, index: int, text: str) -> None:
        """Replace the text of an edge that has one."""
        self.shape(self.record.edges[index].text_key).text_frame.text = text

    def delete(self, name: str) -> None:
        """Delete a node; connectors at it stay, without that end."""
        shape, group = self._find(self.key(name))
        number = shape.shape_id
        element = (group or shape)._element
        element.getparent().remove(element)
        for end in self.slide.shapes._spTree.xpath(f"//a:stCxn[@id='{number}'] | //a:endCxn[@id='{number}']"):
            end.getparent().remove(end)

    def delete_edge(self, index: int) -> None:
        """Delete a connector with its label."""
        edge = self.record.edges[index]
        for key in filter(None, (edge.key, edge.text_key)):
            element = self.shape(key)._element
            element.getparent().remove(element)

    def add_node(self, text: str, group: str | None, style: str = "") -> str:
        """Add a shape in the middle of a group, or outside of all groups, and return its name."""
        box = self.box(group) if group else (1.0, 1.0, 40.0, 40.0)
        x, y = box[0] + box[2] / 2 - 12, box[1] + box[3] / 2 - 8
        place = [Emu(round(each * _EMU)) for each in (x, y, 24, 16)]
        shape = self.slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *place)
        shape.text_frame.text = text
        return str(shape.name)

    def add_edge(self, source: str, target: str, text: str = "") -> None:
        """Add a connector between two shapes."""
        connector = self.slide.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, 0, 0, 100, 100)
        connector.begin_connect(self.shape(source), 0)
        connector.end_connect(self.shape(target), 0)
        line = connector.line._get_or_add_ln()
        line.append(parse_xml(_ARROWHEAD))


def opened(path: Path) -> DrawioPicture | SlidePicture:
    """Return a picture to edit."""
    return DrawioPicture(path) if path.suffix == ".drawio" else SlidePicture(path)
