"""Draws PNG with a rasterizer that runs as WebAssembly and gives the same bytes on every machine.

The rasterizer (`kernels/rasterizer.c`) takes the display list in a binary format. Text is drawn as the outlines of its
glyphs, icons as bitmaps that are scaled to their exact size in pixels.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.util import find_spec
from itertools import chain

from msgspec import Struct, field

from diagramkit.drawing import Box, Drawing
from diagramkit.icons import artwork
from diagramkit.layout import wasm
from diagramkit.style.shaping import Font
from diagramkit.writers.display_list import CircleItem, Element, IconItem, Item, PathItem, Pen, Placement, RectangleItem
from diagramkit.writers.svg_paths import circle, rectangle
from diagramkit.writers.text_rendering import GlyphRow, TextRenderer, color_of, decorations

_FILL, _STROKE, _RECTANGLE, _BITMAP, _TEXT = range(1, 6)
_END = 0
_ALIGNMENT = 16  # Bytes.
_REQUEST = struct.Struct("<6I")  # Width, height, background, channels; addresses of the words and of the reals.
_INCH = 0.0254  # Meters.
_SNAP_SCALE = 1.5  # From this many pixels per point on, icons are aligned to whole pixels.


@cache
def available() -> bool:
    """Return whether WebAssembly is available."""
    return find_spec("wasmtime") is not None


def write(drawing: Drawing, elements: Sequence[Element], scale: float, fonts: Mapping[str, Font]) -> bytes | None:
    """Return the drawing as PNG at `scale` pixels per point, or None if it has text without outlines (color emoji).

    `elements` are its display list, `fonts` are fonts for characters that the drawing's font lacks.
    """
    renderer = TextRenderer(drawing.face, fonts)
    lines = [(text, renderer.glyphs(text)) for text in drawing.texts()]
    if any(rows is None for _, rows in lines):
        return None
    encoder = _ItemEncoder(drawing, scale)
    for element in elements:
        for item in element.items:
            encoder.add_item(item)
    # Text comes last: it stays legible where something overlaps it.
    for text, rows in lines:
        for row in rows or ():
            encoder.add_text(row)
        for run in renderer.runs(text) if text.parts else ():
            for box in decorations(text, run):
                encoder.add_item(RectangleItem(box, color_of(text, run)))
    return encoder.png()


class _ItemEncoder(Struct):
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

    def add_item(self, item: Item) -> None:
        """Add an item that is no text."""
        match item:
            case PathItem():
                self._add_path(item.data, item.fill, item.pen, item.placement)
            case CircleItem():
                self._add_path(circle(item.center, item.radius), item.fill, item.pen)
            case RectangleItem():
                box = item.box
                if (color := _color(item.fill)) is not None:
                    self._add_rectangle(box.x, box.y, box.right, box.bottom, color)
                if item.pen:
                    self._add_border(box, item.pen)
            case IconItem():
                self._add_icon(item)

    def add_text(self, row: GlyphRow) -> None:
        """Add glyphs with their outlines and positions."""
        color = _color(row.color)
        if color is None or not row.glyphs:
            return
        scale = self.scale
        self.words.extend((_TEXT, color, len(row.glyphs)))
        self.reals.append(row.size / 1000 * scale)
        for path, x, y in row.glyphs:
            self._add_data(path)
            self.reals.extend((x * scale, y * scale))

    def png(self) -> bytes:
        """Return the picture of everything that was added. The list cannot be used again."""
        width = max(1, int(self.drawing.width * self.scale + 0.5))
        height = max(1, int(self.drawing.height * self.scale + 0.5))
        background = _color(self.drawing.background)
        self.words.append(_END)
        data = self._compressed_rows(width, height, background or 0, 4 if background is None else 3)
        header = struct.pack(">IIBBBBB", width, height, 8, 6 if background is None else 2, 0, 0, 0)
        chunks = (b"IHDR", header), density_chunk(self.scale), (b"IDAT", data), (b"IEND", b"")
        return b"".join([b"\x89PNG\r\n\x1a\n", *chain.from_iterable(map(chunk, chunks))])

    def _compressed_rows(self, width: int, height: int, background: int, channels: int) -> bytes:
        """Run the rasterizer and return the contents of PNG's chunk IDAT."""
        module = wasm.kernel("writers", "rasterizer")
        list_sizes = len(self.words) * 4, len(self.reals) * 8
        with module.lock:
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

    def _add_data(self, data: bytes) -> None:
        """Add the offset and length of some bytes. Equal data is stored once."""
        offset = self.offsets.get(data)
        if offset is None:
            self.blob.extend(b"\0" * (-len(self.blob) % _ALIGNMENT))
            offset = self.offsets[data] = len(self.blob)
            self.blob.extend(data)
        self.blob_words.append(len(self.words))
        self.words.extend((offset, len(data)))

    def _add_path(self, data: str, fill: str | None, pen: Pen | None, placement: Placement | None = None) -> None:
        path, (x, y, size) = data.encode("ascii"), placement or (0.0, 0.0, 1.0)
        transform = size * self.scale, x * self.scale, y * self.scale
        if (color := _color(fill)) is not None:
            self.words.extend((_FILL, color))
            self._add_data(path)
            self.reals.extend(transform)
        if pen and (color := _color(pen.color)) is not None:
            self.words.extend((_STROKE, color))
            self._add_data(path)
            self.words.extend((pen.cap == "round", pen.join == "round", len(pen.dash)))
            self.reals.extend((*transform, pen.width, *pen.dash))

    def _add_rectangle(self, x0: float, y0: float, x1: float, y1: float, color: int) -> None:
        self.words.extend((_RECTANGLE, color))
        self.reals.extend(side * self.scale for side in (x0, y0, x1, y1))

    def _add_border(self, box: Box, pen: Pen) -> None:
        if pen.dash:
            self._add_path(rectangle(box), None, pen)
        elif (color := _color(pen.color)) is not None:
            x, y, right, bottom, half = box.x, box.y, box.right, box.bottom, pen.width / 2
            self._add_rectangle(x - half, y - half, right + half, y + half, color)
            self._add_rectangle(x - half, bottom - half, right + half, bottom + half, color)
            self._add_rectangle(x - half, y + half, x + half, bottom - half, color)
            self._add_rectangle(right - half, y + half, right + half, bottom - half, color)

    def _add_icon(self, item: IconItem) -> None:
        icon, (x, y) = item.icon, item.box.center
        side = max(1, round(min(item.box.w, item.box.h) * self.scale))
        aligned = artwork.bitmap(icon, side)
        left, top = x * self.scale - aligned.w / 2, y * self.scale - aligned.h / 2
        # Icons are sharp on whole pixels. At small scales an exact position matters more.
        step = 1.0 if self.scale >= _SNAP_SCALE else 0.25
        left, top = round(left / step) * step, round(top / step) * step
        dx, dy = left % 1, top % 1
        bitmap = artwork.bitmap(icon, side, dx, dy) if dx or dy else aligned
        rgba = bitmap.rgba if item.opacity == 1 else _faded(bitmap.rgba, item.opacity)
        index = self.bitmaps.setdefault(rgba, len(self.bitmaps))
        self.bitmap_words.append(len(self.words) + 1)
        position = (int(side // 1) & 0xFFFFFFFF for side in (left, top))  # In two's complement.
        self.words.extend((_BITMAP, index, bitmap.w, bitmap.h, *position))


@lru_cache(maxsize=256)
def _color(text: str | None) -> int | None:
    """Return a color as the rasterizer reads it: red in the lowest byte, alpha in the highest.

    Of a pair of colors, this is the one for light mode. Return None if nothing is painted.
    """
    light = (text or "none").partition(" ")[0]
    if light == "none":
        return None
    red, green, blue, alpha = bytes.fromhex(light[1:] if len(light) > 7 else f"{light[1:]}ff")
    return red | green << 8 | blue << 16 | alpha << 24


def _faded(rgba: bytes, opacity: float) -> bytes:
    """Return pixels whose alpha is multiplied by an opacity."""
    faded = bytearray(rgba)
    faded[3::4] = bytes(round(alpha * opacity) for alpha in rgba[3::4])
    return bytes(faded)


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
