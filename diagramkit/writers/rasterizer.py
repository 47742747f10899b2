"""Draws PNG with a rasterizer that runs as WebAssembly and gives the same bytes on every machine.

The rasterizer (`kernels/rasterizer.c`) takes a display list. It is made from the elements of the drawing's SVG,
so that SVG and PNG agree. Text is drawn as the outlines of its glyphs, icons as bitmaps that are scaled to their
exact size in pixels.
"""

from __future__ import annotations

import re
import struct
import zlib
from array import array
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.util import find_spec
from itertools import chain

from msgspec import Struct, field

from diagramkit.drawing import Drawing, TextSpan
from diagramkit.icons import artwork
from diagramkit.icons.icon import Icon
from diagramkit.layout import wasm
from diagramkit.style.system import SystemFont
from diagramkit.writers.svg_paths import number
from diagramkit.writers.text_rendering import TextRenderer

_FILL, _STROKE, _RECTANGLE, _BITMAP, _TEXT = range(1, 6)
_END = 0
_ELEMENT = re.compile(r"<(rect|path|circle|use) ([^>]*)/>")
_ATTRIBUTE = re.compile(r'([a-z:-]+)="([^"]*)"')
_TRANSFORM = re.compile(r"translate\((\S+) (\S+)\) scale\((\S+)\)")
_ALIGNMENT = 16  # Bytes.
_REQUEST = struct.Struct("<6I")  # Width, height, background, channels; addresses of the words and of the reals.
_INCH = 0.0254  # Meters.
_SNAP_SCALE = 1.5  # From this many pixels per point on, icons are aligned to whole pixels.


@cache
def available() -> bool:
    """Return whether WebAssembly is available."""
    return find_spec("wasmtime") is not None


def write(drawing: Drawing, elements: str, scale: float, fonts: Mapping[str, SystemFont]) -> bytes | None:
    """Return the drawing as PNG at `scale` pixels per point, or None if it has text without outlines (color emoji).

    `elements` are the elements of the drawing's SVG; `fonts` are fonts for characters that the drawing's font lacks.
    """
    renderer = TextRenderer(drawing.face, fonts)
    lines = [(text, renderer.glyphs(text)) for text in drawing.texts()]
    if any(glyphs is None for _, glyphs in lines):
        return None
    display_list = _DisplayList(drawing, scale)
    for tag, attributes in _elements(elements):
        display_list.add_element(tag, attributes)
    for text, glyphs in lines:
        display_list.add_text(text, glyphs or [])
    return display_list.png()


def _elements(body: str) -> Iterator[tuple[str, dict[str, str]]]:
    for match in _ELEMENT.finditer(body):
        yield match[1], dict(_ATTRIBUTE.findall(match[2]))


class _DisplayList(Struct):
    """Collects the shapes to draw, in the format that `read_items` in `kernels/rasterizer.c` describes.

    The addresses of `blob` and of `bitmaps` in the memory of the WebAssembly module are not known until the list is
    complete. `blob_words` and `bitmap_words` are the indexes of the words that hold offsets into `blob`, and indexes
    of `bitmaps`, until then.
    """

    drawing: Drawing
    scale: float
    words: array[int] = field(default_factory=lambda: array("I"))
    reals: array[float] = field(default_factory=lambda: array("d"))
    blob: bytearray = field(default_factory=bytearray)
    offsets: dict[bytes, int] = field(default_factory=dict)
    blob_words: list[int] = field(default_factory=list)
    bitmaps: dict[bytes, int] = field(default_factory=dict)
    bitmap_words: list[int] = field(default_factory=list)
    icons: dict[str, Icon] = field(default_factory=dict)

    def __post_init__(self) -> None:
        drawing = self.drawing
        icons = [*(group.icon for group in drawing.groups), *(node.icon for node in drawing.nodes)]
        self.icons = {f"#{icon.id}": icon for icon in icons if icon}

    def add_element(self, tag: str, attributes: dict[str, str]) -> None:
        """Add one element of the SVG."""
        if tag == "use":
            self._add_icon(attributes)
            return
        fill, stroke = attributes.get("fill", "none"), attributes.get("stroke", "none")
        alpha = float(attributes.get("fill-opacity", 1))
        dash = [float(part) for part in attributes.get("stroke-dasharray", "").split()]
        if tag == "rect":
            x, y, w, h = (float(attributes.get(name, 0)) for name in ("x", "y", "width", "height"))
            if fill != "none":
                self._add_rectangle(x, y, x + w, y + h, fill, alpha)
            if stroke != "none":
                self._add_border(x, y, w, h, stroke, float(attributes.get("stroke-width", 1)), dash)
            return
        path = attributes["d"] if tag == "path" else _circle_path(attributes)
        match = _TRANSFORM.match(attributes.get("transform", ""))
        x, y, size = (float(part) for part in match.groups()) if match else (0.0, 0.0, 1.0)
        transform = size * self.scale, x * self.scale, y * self.scale
        if fill != "none":
            self._add_words(_FILL, _color(fill, alpha))
            self._add_data(path.encode("ascii"))
            self.reals.extend(transform)
        if stroke != "none":
            self._add_stroke(path, stroke, float(attributes.get("stroke-width", 1)), dash, attributes, transform)

    def add_text(self, line: TextSpan, glyphs: list[tuple[bytes, float, float]]) -> None:
        """Add a line of text: the outlines of its glyphs, each with its position in points."""
        if not glyphs:
            return
        self._add_words(_TEXT, _color(line.color.partition(" ")[0], 1.0), len(glyphs))
        self.reals.append(line.size / 1000 * self.scale)
        for path, x, y in glyphs:
            self._add_data(path)
            self.reals.extend((x * self.scale, y * self.scale))

    def png(self) -> bytes:
        """Return the picture of everything that was added. The list cannot be used again."""
        width = max(1, int(self.drawing.width * self.scale + 0.5))
        height = max(1, int(self.drawing.height * self.scale + 0.5))
        background = self.drawing.background.partition(" ")[0]
        is_transparent = background == "none"
        self.words.append(_END)
        color, channels = (0, 4) if is_transparent else (_color(background, 1.0), 3)
        data = self._compressed_rows(width, height, color, channels)
        header = struct.pack(">IIBBBBB", width, height, 8, 6 if is_transparent else 2, 0, 0, 0)
        chunks = (b"IHDR", header), density_chunk(self.scale), (b"IDAT", data), (b"IEND", b"")
        return b"".join([b"\x89PNG\r\n\x1a\n", *chain.from_iterable(map(chunk, chunks))])

    def _compressed_rows(self, width: int, height: int, background: int, channels: int) -> bytes:
        """Run the rasterizer and return the contents of PNG's chunk IDAT."""
        module = wasm.kernel("writers", "rasterizer")
        list_sizes = len(self.words) * 4, len(self.reals) * 8
        addresses = module.allocate(_REQUEST.size, *list_sizes, len(self.blob), *map(len, self.bitmaps))
        request_address, words, reals, blob, *bitmaps = addresses
        for index in self.blob_words:
            self.words[index] += blob
        for index in self.bitmap_words:
            self.words[index] = bitmaps[self.words[index]]
        request = _REQUEST.pack(width, height, background, channels, words, reals)
        module.write(addresses, request, self.words, self.reals, self.blob, *self.bitmaps)
        address, size = struct.unpack("<2I", module.read(module.call("draw", request_address), 8))
        data = module.read(address, size)
        module.finish()
        return data

    def _add_words(self, *values: int) -> None:
        self.words.extend(values)

    def _add_data(self, data: bytes) -> None:
        """Add the offset and length of some bytes. Equal data is stored once."""
        offset = self.offsets.get(data)
        if offset is None:
            self.blob.extend(b"\0" * (-len(self.blob) % _ALIGNMENT))
            offset = self.offsets[data] = len(self.blob)
            self.blob.extend(data)
        self.blob_words.append(len(self.words))
        self.words.extend((offset, len(data)))

    def _add_rectangle(self, x0: float, y0: float, x1: float, y1: float, color: str, alpha: float = 1.0) -> None:
        self._add_words(_RECTANGLE, _color(color, alpha))
        self.reals.extend(side * self.scale for side in (x0, y0, x1, y1))

    def _add_border(self, x: float, y: float, w: float, h: float, color: str, width: float, dash: list[float]) -> None:
        if dash:
            n = number
            path = f"M{n(x)} {n(y)}H{n(x + w)}V{n(y + h)}H{n(x)}Z"
            self._add_stroke(path, color, width, dash, {}, (self.scale, 0.0, 0.0))
            return
        half, right, bottom = width / 2, x + w, y + h
        self._add_rectangle(x - half, y - half, right + half, y + half, color)
        self._add_rectangle(x - half, bottom - half, right + half, bottom + half, color)
        self._add_rectangle(x - half, y + half, x + half, bottom - half, color)
        self._add_rectangle(right - half, y + half, right + half, bottom - half, color)

    def _add_stroke(
        self,
        path: str,
        color: str,
        width: float,
        dash: list[float],
        attributes: dict[str, str],
        transform: tuple[float, float, float],
    ) -> None:
        self._add_words(_STROKE, _color(color, 1.0))
        self._add_data(path.encode("ascii"))
        round_caps = attributes.get("stroke-linecap") == "round"
        round_joins = attributes.get("stroke-linejoin") == "round"
        self._add_words(round_caps, round_joins, len(dash))
        self.reals.extend((*transform, width, *dash))

    def _add_icon(self, attributes: dict[str, str]) -> None:
        icon = self.icons[attributes["xlink:href"]]
        x, y, w, h = (float(attributes[name]) for name in ("x", "y", "width", "height"))
        side = max(1, round(min(w, h) * self.scale))
        aligned = artwork.bitmap(icon, side)
        left = (x + w / 2) * self.scale - aligned.w / 2
        top = (y + h / 2) * self.scale - aligned.h / 2
        # Icons are sharp on whole pixels. At small scales an exact position matters more.
        step = 1.0 if self.scale >= _SNAP_SCALE else 0.25
        left, top = round(left / step) * step, round(top / step) * step
        dx, dy = left % 1, top % 1
        bitmap = artwork.bitmap(icon, side, dx, dy) if dx or dy else aligned
        index = self.bitmaps.setdefault(bitmap.rgba, len(self.bitmaps))
        self.bitmap_words.append(len(self.words) + 1)
        left, top = left // 1, top // 1
        self._add_words(_BITMAP, index, bitmap.w, bitmap.h, _unsigned(int(left)), _unsigned(int(top)))


def _circle_path(attributes: dict[str, str]) -> str:
    cx, cy, r = (float(attributes[name]) for name in ("cx", "cy", "r"))
    n = number
    arc = f"A{n(r)} {n(r)} 0 0 1 "
    return f"M{n(cx - r)} {n(cy)}{arc}{n(cx + r)} {n(cy)}{arc}{n(cx - r)} {n(cy)}Z"


@lru_cache(maxsize=256)
def _color(text: str, alpha: float) -> int:
    """Return `#RRGGBB` as the rasterizer reads it: red in the lowest byte, alpha in the highest."""
    red, green, blue = bytes.fromhex(text[1:])
    return red | green << 8 | blue << 16 | round(255 * alpha) << 24


def _unsigned(value: int) -> int:
    """Return a signed number as 32 bits in two's complement."""
    return value & 0xFFFFFFFF


def density_chunk(scale: float) -> tuple[bytes, bytes]:
    """Return type and data of the PNG chunk pHYs (PNG specification, 11.3.4.3), in pixels per meter.

    With it, a picture of `scale` pixels per point has the size of the drawing in print.
    """
    per_meter = round(72 * scale / _INCH)
    return b"pHYs", struct.pack(">IIB", per_meter, per_meter, 1)


def chunk(content: tuple[bytes, bytes]) -> tuple[bytes, bytes, bytes, bytes]:
    """Return a PNG chunk (PNG specification, 5.3) with the given type and data, as the parts to join.

    Parts are returned because the data may be large: joining all chunks at once copies it only once.
    """
    kind, data = content
    checksum = zlib.crc32(data, zlib.crc32(kind))
    return struct.pack(">I", len(data)), kind, data, struct.pack(">I", checksum)
