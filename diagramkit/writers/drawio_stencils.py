"""Writes outlines as draw.io stencils: XML inside the style of a cell.

Source of the format: draw.io's documentation of shapes ("stencils.xsd"), and its function `Graph.compress`.
"""

from __future__ import annotations

import base64
from urllib.parse import quote

from diagramkit.drawing import Box
from diagramkit.style import outlines
from diagramkit.style.shapes import Shape

_UNESCAPED = "!~*'()"  # What JavaScript's `encodeURIComponent` leaves besides letters, digits and `-_.`.
_MAX_BLOCK = 65_535  # Bytes of an uncompressed block of Deflate (RFC 1951, 3.2.4).
_ELEMENTS = {
    "M": '<move x="{}" y="{}"/>',
    "L": '<line x="{}" y="{}"/>',
    "C": '<curve x1="{}" y1="{}" x2="{}" y2="{}" x3="{}" y3="{}"/>',
    "A": '<arc rx="{}" ry="{}" x-axis-rotation="{}" large-arc-flag="{}" sweep-flag="{}" x="{}" y="{}"/>',
    "Z": "<close/>",
}


def style(shape: Shape, box: Box) -> str:
    """Return the style of a cell with the outline and the lines of a shape of the size of `box`."""
    paint = "fillstroke" if shape.has_border else "fill"
    lines = f"{_path(shape.lines, box)}<stroke/>" if shape.lines else ""
    xml = (
        f'<shape w="{_n(box.w)}" h="{_n(box.h)}" aspect="variable" strokewidth="inherit">'
        f"<background>{_path(shape.outline, box)}</background><foreground><{paint}/>{lines}</foreground></shape>"
    )
    return f"shape=stencil({base64.b64encode(_deflated(quote(xml, safe=_UNESCAPED).encode())).decode()})"


def _path(path: str, box: Box) -> str:
    """Return a path as an element."""
    parts, x, y = [], 0.0, 0.0
    for name, numbers in outlines.commands(path, box.w, box.h):
        if name in ("H", "V"):
            x, y = (numbers[0], y) if name == "H" else (x, numbers[0])
            parts.append(_ELEMENTS["L"].format(_n(x), _n(y)))
            continue
        if numbers:
            x, y = numbers[-2:]
        parts.append(_ELEMENTS[name].format(*map(_n, numbers)))
    return f"<path>{''.join(parts)}</path>"


def _deflated(raw: bytes) -> bytes:
    """Return bytes in Deflate's format without compression: what compression makes depends on the library."""
    blocks = [raw[start : start + _MAX_BLOCK] for start in range(0, len(raw), _MAX_BLOCK)]
    parts = []
    for number, block in enumerate(blocks, 1):
        size = len(block).to_bytes(2, "little")
        parts.append(bytes([number == len(blocks)]) + size + bytes(255 - byte for byte in size) + block)
    return b"".join(parts)


def _n(value: float) -> str:
    return f"{round(value, 2):g}"
