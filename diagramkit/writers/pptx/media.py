"""Pictures in a deck: SVG, with PNG for programs that do not show it; each once, however often it is shown."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI

from diagramkit.icons import artwork
from diagramkit.icons.icon import Icon

_PIXELS = 256  # A side of an icon's PNG: as many as a large slide shows of it.
_SVG_KEY = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}"
_SVG_SPACE = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"


class Media:
    """The pictures of a presentation, for the slides that show them."""

    def __init__(self, package: Any) -> None:
        self._package = package
        self._parts: dict[str, Part] = {}

    def icon(self, slide: Any, icon: Icon) -> str:
        """An icon as the fill of a picture on `slide`."""
        drawn = artwork.load(icon, _PIXELS)
        if drawn.vector is None:
            return self.picture(slide, drawn.png, None)
        from diagramkit.icons import pixels

        buffer = io.BytesIO()
        pixels.rasterize(drawn.vector, _PIXELS).save(buffer, "PNG", optimize=True)
        return self.picture(slide, buffer.getvalue(), drawn.vector.text().encode("utf-8"))

    def picture(self, slide: Any, png: bytes, svg: bytes | None) -> str:
        """A picture as the fill of one on `slide`."""
        relation = slide.part.relate_to(self._part(png, "png", "image/png"), RT.IMAGE)
        more = ""
        if svg is not None:
            vector = slide.part.relate_to(self._part(svg, "svg", "image/svg+xml"), RT.IMAGE)
            more = (
                f'<a:extLst><a:ext uri="{_SVG_KEY}"><asvg:svgBlip xmlns:asvg="{_SVG_SPACE}" '
                f'r:embed="{vector}"/></a:ext></a:extLst>'
            )
        return (
            f'<p:blipFill><a:blip r:embed="{relation}">{more}</a:blip><a:stretch><a:fillRect/></a:stretch></p:blipFill>'
        )

    def _part(self, data: bytes, ending: str, kind: str) -> Part:
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self._parts:
            name = PackURI(f"/ppt/media/diagram{len(self._parts) + 1}.{ending}")
            self._parts[digest] = Part(name, kind, self._package, data)
        return self._parts[digest]
