"""Icons and folders of icons that can be added as packs."""

from __future__ import annotations

import io
import tarfile
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


def tarball(entries: dict[str, bytes]) -> bytes:
    """Return a .tgz with these files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, raw in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return buffer.getvalue()


def contents(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder by their paths."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
