"""A drawing in pixels, by a rasterizer that runs as WebAssembly: the same bytes on every machine.

The rasterizer (`kernels/rasterizer.c`) takes a list of things to draw. It is made from the SVG of the same
drawing, element by element, so that the two agree; text is drawn as its glyphs' outlines, icons as
bitmaps scaled once for the size at hand.
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
_ELEMENT = re.compile(r"<(rect|path|circle|use) ([^>]*)/>")
_ATTRIBUTE = re.compile(r'([a-z:-]+)="([^"]*)"')
_MOVED = re.compile(r"translate\((\S+) (\S+)\) scale\((\S+)\)")
_ALIGN = 16
_ASKED = struct.Struct("<6I")  # Width, height, ground, channels; places of words and of reals.
_INCH = 0.0254  # Metres.
_SHARP = 1.5  # Pixels a point from which icons stand on whole pixels.


@cache
def available() -> bool:
    """Whether WebAssembly is to be had."""
    return find_spec("wasmtime") is not None


def write(drawing: Drawing, elements: str, scale: float, fonts: Mapping[str, SystemFont]) -> bytes | None:
    """The drawing, whose SVG has these `elements`, as PNG at `scale` pixels a point; None where it holds what the
    rasterizer cannot draw (emoji in colour)."""
    lettering = TextRenderer(drawing.face, fonts)
    lines = [(text, lettering.glyphs(text)) for text in drawing.texts()]
    if any(glyphs is None for _, glyphs in lines):
        return None
    sheet = _Sheet(drawing, scale)
    for tag, attributes in _elements(elements):
        sheet.element(tag, attributes)
    for text, glyphs in lines:
        sheet.text(text, glyphs or [])
    return sheet.png()


def _elements(body: str) -> Iterator[tuple[str, dict[str, str]]]:
    for match in _ELEMENT.finditer(body):
        yield match[1], dict(_ATTRIBUTE.findall(match[2]))


class _Sheet(Struct):
    """Gathers what is to be drawn. Places in `blob`, and the numbers of `bitmaps`, are made places in memory when
    they are put there: `patches` and `shown` are the words that hold them."""

    drawing: Drawing
    scale: float
    words: array[int] = field(default_factory=lambda: array("I"))
    reals: array[float] = field(default_factory=lambda: array("d"))
    blob: bytearray = field(default_factory=bytearray)
    places: dict[bytes, int] = field(default_factory=dict)
    patches: list[int] = field(default_factory=list)
    bitmaps: dict[bytes, int] = field(default_factory=dict)
    shown: list[int] = field(default_factory=list)
    icons: dict[str, Icon] = field(default_factory=dict)

    def __post_init__(self) -> None:
        drawing = self.drawing
        found = [*(group.icon for group in drawing.groups), *(node.icon for node in drawing.nodes)]
        self.icons = {f"#{icon.id}": icon for icon in found if icon}

    def element(self, tag: str, said: dict[str, str]) -> None:
        """Note one element of the SVG."""
        if tag == "use":
            self._icon(said)
            return
        fill, stroke = said.get("fill", "none"), said.get("stroke", "none")
        alpha = float(said.get("fill-opacity", 1))
        dash = [float(part) for part in said.get("stroke-dasharray", "").split()]
        if tag == "rect":
            x, y, w, h = (float(said.get(name, 0)) for name in ("x", "y", "width", "height"))
            if fill != "none":
                self._rectangle(x, y, x + w, y + h, fill, alpha)
            if stroke != "none":
                self._border(x, y, w, h, stroke, float(said.get("stroke-width", 1)), dash)
            return
        path = said["d"] if tag == "path" else _circle(said)
        moved = _MOVED.match(said.get("transform", ""))
        x, y, size = (float(part) for part in moved.groups()) if moved else (0.0, 0.0, 1.0)
        place = size * self.scale, x * self.scale, y * self.scale
        if fill != "none":
            self._words(_FILL, _colour(fill, alpha))
            self._data(path.encode("ascii"))
            self.reals.extend(place)
        if stroke != "none":
            self._stroke(path, stroke, float(said.get("stroke-width", 1)), dash, said, place)

    def text(self, line: TextSpan, glyphs: list[tuple[bytes, float, float]]) -> None:
        """Note a line of text: its glyphs' outlines, each with where it stands, in points."""
        if not glyphs:
            return
        self._words(_TEXT, _colour(line.color.partition(" ")[0], 1.0), len(glyphs))
        self.reals.append(line.size / 1000 * self.scale)
        for path, x, y in glyphs:
            self._data(path)
            self.reals.extend((x * self.scale, y * self.scale))

    def png(self) -> bytes:
        """Draw it all."""
        wide = max(1, int(self.drawing.width * self.scale + 0.5))
        high = max(1, int(self.drawing.height * self.scale + 0.5))
        ground = self.drawing.background.partition(" ")[0]
        clear = ground == "none"
        self.words.append(0)
        colour, channels = (0, 4) if clear else (_colour(ground, 1.0), 3)
        data = self._rows(wide, high, colour, channels)
        head = struct.pack(">IIBBBBB", wide, high, 8, 6 if clear else 2, 0, 0, 0)
        chunks = (b"IHDR", head), density(self.scale), (b"IDAT", data), (b"IEND", b"")
        return b"".join([b"\x89PNG\r\n\x1a\n", *chain.from_iterable(map(chunk, chunks))])

    def _rows(self, wide: int, high: int, ground: int, channels: int) -> bytes:
        """PNG's compressed rows, as the rasterizer makes them."""
        module = wasm.kernel("writers", "rasterizer")
        lists = len(self.words) * 4, len(self.reals) * 8
        places = module.allocate(_ASKED.size, *lists, len(self.blob), *map(len, self.bitmaps))
        head, words, reals, blob, *bitmaps = places
        for at in self.patches:
            self.words[at] += blob
        for at in self.shown:
            self.words[at] = bitmaps[self.words[at]]
        asked = _ASKED.pack(wide, high, ground, channels, words, reals)
        module.write(places, asked, self.words, self.reals, self.blob, *self.bitmaps)
        at, size = struct.unpack("<2I", module.read(module.call("draw", head), 8))
        data = module.read(at, size)
        module.finish()
        return data

    def _words(self, *values: int) -> None:
        self.words.extend(values)

    def _data(self, data: bytes) -> None:
        """Note the place and length of some bytes, which are kept once."""
        at = self.places.get(data)
        if at is None:
            self.blob.extend(b"\0" * (-len(self.blob) % _ALIGN))
            at = self.places[data] = len(self.blob)
            self.blob.extend(data)
        self.patches.append(len(self.words))
        self.words.extend((at, len(data)))

    def _rectangle(self, x0: float, y0: float, x1: float, y1: float, colour: str, alpha: float = 1.0) -> None:
        self._words(_RECTANGLE, _colour(colour, alpha))
        self.reals.extend(side * self.scale for side in (x0, y0, x1, y1))

    def _border(self, x: float, y: float, w: float, h: float, colour: str, width: float, dash: list[float]) -> None:
        if dash:
            n = number
            path = f"M{n(x)} {n(y)}H{n(x + w)}V{n(y + h)}H{n(x)}Z"
            self._stroke(path, colour, width, dash, {}, (self.scale, 0.0, 0.0))
            return
        half, right, low = width / 2, x + w, y + h
        self._rectangle(x - half, y - half, right + half, y + half, colour)
        self._rectangle(x - half, low - half, right + half, low + half, colour)
        self._rectangle(x - half, y + half, x + half, low - half, colour)
        self._rectangle(right - half, y + half, right + half, low - half, colour)

    def _stroke(
        self,
        path: str,
        colour: str,
        width: float,
        dash: list[float],
        said: dict[str, str],
        place: tuple[float, float, float],
    ) -> None:
        self._words(_STROKE, _colour(colour, 1.0))
        self._data(path.encode("ascii"))
        round_caps = said.get("stroke-linecap") == "round"
        round_joins = said.get("stroke-linejoin") == "round"
        self._words(round_caps, round_joins, len(dash))
        self.reals.extend((*place, width, *dash))

    def _icon(self, said: dict[str, str]) -> None:
        x, y, w, h = (float(said[name]) for name in ("x", "y", "width", "height"))
        side = max(1, round(min(w, h) * self.scale))
        plain = artwork.bitmap(self.icons[said["xlink:href"]], side)
        left = (x + w / 2) * self.scale - plain.w / 2
        top = (y + h / 2) * self.scale - plain.h / 2
        # On whole pixels icons are sharp; where pixels are large, being in place counts more.
        step = 1.0 if self.scale >= _SHARP else 0.25
        left, top = round(left / step) * step, round(top / step) * step
        dx, dy = left % 1, top % 1
        bitmap = artwork.bitmap(self.icons[said["xlink:href"]], side, dx, dy) if dx or dy else plain
        number = self.bitmaps.setdefault(bitmap.rgba, len(self.bitmaps))
        self.shown.append(len(self.words) + 1)
        left, top = left // 1, top // 1
        self._words(_BITMAP, number, bitmap.w, bitmap.h, _signless(int(left)), _signless(int(top)))


def _circle(said: dict[str, str]) -> str:
    cx, cy, r = (float(said[name]) for name in ("cx", "cy", "r"))
    n = number
    arc = f"A{n(r)} {n(r)} 0 0 1 "
    return f"M{n(cx - r)} {n(cy)}{arc}{n(cx + r)} {n(cy)}{arc}{n(cx - r)} {n(cy)}Z"


@lru_cache(maxsize=256)
def _colour(text: str, alpha: float) -> int:
    """`#RRGGBB` as the rasterizer has it: red in the lowest byte, how opaque it is in the highest."""
    red, green, blue = bytes.fromhex(text[1:])
    return red | green << 8 | blue << 16 | round(255 * alpha) << 24


def _signless(value: int) -> int:
    return value & 0xFFFFFFFF


def density(scale: float) -> tuple[bytes, bytes]:
    """Kind and body of the PNG chunk with the physical size (PNG specification, 11.3.4.3: pixels a metre): at `scale` pixels a point
    the picture is as large in print as the drawing."""
    each = round(72 * scale / _INCH)
    return b"pHYs", struct.pack(">IIB", each, each, 1)


def chunk(said: tuple[bytes, bytes]) -> tuple[bytes, bytes, bytes, bytes]:
    """A PNG chunk (PNG specification, 5.3) of a kind with a body, in pieces: they are copied once."""
    kind, body = said
    check = zlib.crc32(body, zlib.crc32(kind))
    return struct.pack(">I", len(body)), kind, body, struct.pack(">I", check)
