"""A page of draw.io or a slide as shapes, and what a picture was written from: the record of its page."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec
from msgspec import Struct, field

Box = tuple[float, float, float, float]
"""The left, top, width and height of a shape, on the whole page."""
VERSION = 1
_DIGITS = 8


class PictureShape(Struct, frozen=True):
    """A shape or connector of a page.

    - `key`: what identifies it: the id of a cell, or the name of a shape on a slide.
    - `kind`: `shape`, `container`, `edge`, `text` (without a border) or `image`.
    - `text`: its label as lines.
    - `box`: its position; that of an edge is empty.
    - `parent`: the key of the container around it, if the file says so.
    - `source`, `target`: the keys at the ends of an edge.
    - `look`: the look that matters to a new node or edge: its shape, stroke and arrowheads.
    - `style`: a digest of everything else about its look.
    """

    key: str
    kind: str
    text: str = ""
    box: Box = (0.0, 0.0, 0.0, 0.0)
    parent: str | None = None
    source: str | None = None
    target: str | None = None
    look: Mapping[str, str] = field(default_factory=dict)
    style: str = ""


class PicturePage(Struct, frozen=True):
    """A page or slide: its name, its shapes by key in their stacking order, and its record, if it has one.

    `nests` tells whether the file says which container a shape is in; otherwise, its position does.
    """

    name: str
    shapes: dict[str, PictureShape]
    record: PictureRecord | None = None
    nests: bool = True


class RecordedNode(Struct, frozen=True, array_like=True):
    """A node or group: the key of its shape, its label in the source, the group around it, and the key of its text.

    The text may be in the shape itself, or in one next to it.
    """

    key: str
    label: str
    group: str | None = None
    text_key: str = ""


class RecordedEdge(Struct, frozen=True, array_like=True):
    """An edge: the key of its connector, the ids at its ends, its label in the source, and the key of its text."""

    key: str
    source: str
    target: str
    label: str
    text_key: str = ""


class RecordedShape(Struct, frozen=True, array_like=True):
    """A shape as it was written."""

    text: str
    box: Box
    parent: str | None = None
    source: str | None = None
    target: str | None = None
    style: str = ""


class PictureRecord(Struct, frozen=True):
    """What a page was written from.

    - `source`: the path of the file in its project, with `/`; `fence`: the number of the fence in a Markdown file.
    - `direction`: the direction in which the picture flows.
    - `nodes`, `groups`: by id. `edges`: in the order of the graph.
    - `shapes`: every shape as it was written, by key.
    """

    source: str
    nodes: dict[str, RecordedNode]
    groups: dict[str, RecordedNode]
    edges: tuple[RecordedEdge, ...]
    shapes: dict[str, RecordedShape] = field(default_factory=dict)
    fence: int | None = None
    direction: str = "LR"
    version: int = VERSION

    def with_shapes(self, shapes: Mapping[str, PictureShape]) -> PictureRecord:
        """Return the record with the shapes as they are written."""
        recorded = {
            key: RecordedShape(each.text, _rounded(each.box), each.parent, each.source, each.target, each.style)
            for key, each in shapes.items()
        }
        return msgspec.structs.replace(self, shapes=recorded)

    def to_json(self) -> str:
        """Return the record as JSON."""
        return msgspec.json.encode(self).decode("utf-8")


def _rounded(box: Box) -> Box:
    return round(box[0], 2), round(box[1], 2), round(box[2], 2), round(box[3], 2)


def record_from(text: str | bytes) -> PictureRecord | None:
    """Return the record that a text contains, or None if it is none of this version."""
    try:
        record = msgspec.json.decode(text, type=PictureRecord)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return record if record.version == VERSION else None


def digest(text: str) -> str:
    """Return a short digest of a text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_DIGITS]
