"""Contact sheets: icons with their references, as one HTML page or one PNG."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from diagramkit.icons import artwork
from diagramkit.icons.catalog import IconCatalog
from diagramkit.icons.search import IconEntry

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

_SIDE = 96  # Pixels per side of an icon; it is shown at half this size.
_CELL_SIZE = (190, 128)  # Pixels.
_COLUMNS = 8
_FONT_SIZE = 11

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Icons for diagramkit</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root{{color-scheme:light dark}}
body{{font:14px/1.35 system-ui,sans-serif;margin:1.5rem;background:Canvas;color:CanvasText}}
input{{font:inherit;padding:.5rem .7rem;width:min(32rem,100%);box-sizing:border-box}}
ul{{list-style:none;padding:0;display:grid;gap:.5rem;grid-template-columns:repeat(auto-fill,minmax(11.5rem,1fr))}}
li{{border:1px solid #8884;border-radius:6px;padding:.6rem;text-align:center;overflow-wrap:anywhere}}
li[hidden]{{display:none}}
.i{{background:#fff;border-radius:6px;padding:6px;width:48px;height:48px;box-sizing:content-box}}
code{{font-size:11px}}small{{opacity:.75;display:block}}
</style></head><body>
<h1>Icons</h1>
<p><label>Search <input type="search" id="q" placeholder="lambda, queue, vpc …"></label> \
<span id="n">{count}</span> icons.
Write the name below an icon under <code>icons:</code> in a spec.</p>
<ul>
{items}
</ul>
<script>
const items=[...document.querySelectorAll('li')],n=document.getElementById('n');
document.getElementById('q').addEventListener('input',e=>{{
  const words=e.target.value.toLowerCase().split(/\\s+/).filter(Boolean);let shown=0;
  for(const li of items){{const hit=words.every(w=>li.dataset.t.includes(w));li.hidden=!hit;shown+=hit}}
  n.textContent=shown}});
</script>
</body></html>
"""


def as_html(entries: Iterable[IconEntry], catalog: IconCatalog) -> str:
    """Return a self-contained HTML page that shows icons and can be searched."""
    items = []
    for entry in entries:
        picture = _picture(entry, catalog)
        if picture is None:
            continue
        text = " ".join((entry.reference, entry.title, *entry.names)).lower()
        data = base64.b64encode(_png(picture)).decode("ascii")
        icon_names = ", ".join(entry.names[:3])
        items.append(
            f'<li data-t="{escape(text)}"><img class="i" alt="" loading="lazy" '
            f'src="data:image/png;base64,{data}"><br>{escape(entry.title)}'
            f"<br><code>{'<wbr>'.join(map(escape, _pieces(entry.reference)))}</code>"
            f"<small>{escape(icon_names)}</small></li>"
        )
    return _PAGE.format(count=len(items), items="\n".join(items))


def as_png(entries: Sequence[IconEntry], catalog: IconCatalog) -> bytes:
    """Return a PNG that shows icons, eight in a row."""
    from diagramkit.style import font

    face = ImageFont.truetype(font.bundled().file, _FONT_SIZE)
    pictures = [(entry, picture) for entry in entries if (picture := _picture(entry, catalog))]
    rows = max(1, -(-len(pictures) // _COLUMNS))
    w, h = _CELL_SIZE
    sheet = Image.new("RGB", (_COLUMNS * w, rows * h), "white")
    draw = ImageDraw.Draw(sheet)
    for number, (entry, picture) in enumerate(pictures):
        x, y = number % _COLUMNS * w, number // _COLUMNS * h
        thumbnail = picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)
        sheet.paste(thumbnail, (x + (w - thumbnail.width) // 2, y + 10), thumbnail)
        for line, text in enumerate(_lines(entry.reference, face, w - 12)):
            width = draw.textlength(text, font=face)
            draw.text((x + (w - width) / 2, y + 66 + 14 * line), text, font=face, fill="#16191F")
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    return buffer.getvalue()


def _picture(entry: IconEntry, catalog: IconCatalog) -> Image.Image | None:
    icon = catalog.find(entry.reference)
    if icon is None:
        return None
    return artwork.picture(icon, _SIDE)


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    reduced = picture.quantize(128, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    reduced.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _lines(text: str, face: FreeTypeFont, max_width: float) -> list[str]:
    """Return a reference in up to four lines of at most `max_width` pixels."""
    lines, line = list[str](), ""
    for piece in _pieces(text):
        if line and face.getlength(line + piece) > max_width:
            lines.append(line)
            line = ""
        line += piece
    return [*lines, line][:4]


def _pieces(text: str) -> list[str]:
    """Split a reference after dots, colons and hyphens, and before capitals: a line may break there."""
    pieces = [""]
    for before, char in zip(" " + text, text, strict=False):
        if (char.isupper() and not before.isupper()) or before in ".:-":
            pieces.append("")
        pieces[-1] += char
    return pieces
