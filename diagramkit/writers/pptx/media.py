"""Stores the images of a deck: SVG with a PNG for programs that do not support it, each only once."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI

from diagramkit.icons import artwork
from diagramkit.icons.icon import Icon

_ICON_PIXELS = 256  # The side of an icon's PNG, enough for a large screen.
_SVG_EXTENSION = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}"
_SVG_NAMESPACE = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"


class Media:
    """Adds images to a presentation and refers to them on slides."""

    def __init__(self, package: Any) -> None:
        self._package = package
        self._parts: dict[str, Part] = {}

    def icon(self, slide: Any, icon: Icon, opacity: float = 1.0) -> str:
        """Return the element `p:blipFill` that shows an icon in a picture on `slide`."""
        image = artwork.load(icon, _ICON_PIXELS)
        if image.vector is None:
            return self.picture(slide, image.png, None, opacity)
        from diagramkit.icons import pixels

        buffer = io.BytesIO()
        pixels.rasterize(image.vector, _ICON_PIXELS).save(buffer, "PNG", optimize=True)
        # LibreOffice ignores the opacity of a picture with SVG.
        svg = image.vector.text().encode("utf-8") if opacity == 1 else None
        return self.picture(slide, buffer.getvalue(), svg, opacity)

    def picture(self, slide: Any, png: bytes, svg: bytes | None, opacity: float = 1.0, crop: str = "") -> str:
        """Return the element `p:blipFill` that shows an image, or the part `crop` of it, in a picture on `slide`."""
        png_id = slide.part.relate_to(self._part(png, "png", "image/png"), RT.IMAGE)
        extension = ""
        if svg is not None:
            svg_id = slide.part.relate_to(self._part(svg, "svg", "image/svg+xml"), RT.IMAGE)
            extension = (
                f'<a:extLst><a:ext uri="{_SVG_EXTENSION}"><asvg:svgBlip xmlns:asvg="{_SVG_NAMESPACE}" '
                f'r:embed="{svg_id}"/></a:ext></a:extLst>'
            )
        fading = f'<a:alphaModFix amt="{round(opacity * 100_000)}"/>' if opacity < 1 else ""
        return (
            f'<p:blipFill><a:blip r:embed="{png_id}">{fading}{extension}</a:blip>{crop}'
            "<a:stretch><a:fillRect/></a:stretch></p:blipFill>"
        )

    def _part(self, data: bytes, suffix: str, content_type: str) -> Part:
        """Return the part of the package with these contents; add it if there is none."""
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self._parts:
            name = PackURI(f"/ppt/media/diagram{len(self._parts) + 1}.{suffix}")
            self._parts[digest] = Part(name, content_type, self._package, data)
        return self._parts[digest]
