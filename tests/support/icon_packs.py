"""Icons and folders of icons that can be added as packs."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 48 48">'
GOOD = f'{HEAD}<path fill="#ED7100" d="M0 0h48v48H0z"/></svg>'


def png(w: int, h: int) -> bytes:
    """Return a PNG of one color."""
    buffer = io.BytesIO()
    Image.new("RGBA", (w, h), "#ED7100").save(buffer, "PNG")
    return buffer.getvalue()


def pack(folder: Path, **icons: str | bytes) -> Path:
    """Write icons, by name, into a folder that can be added as a pack."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in icons.items():
        raw = text.encode() if isinstance(text, str) else text
        extension = "png" if raw.startswith(b"\x89PNG") else "svg"
        (folder / f"{name}.{extension}").write_bytes(raw)
    return folder
