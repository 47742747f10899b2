"""A pack brought in: its icons found, cleaned, looked at, and kept in a folder, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import data, project
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail, os_error_reason
from diagramkit.icons import names, pixels
from diagramkit.icons.icon import IconTraits
from diagramkit.icons.packs import iconify, store
from diagramkit.icons.packs.clean import UnsafeIconError, UnsupportedIconError, clean
from diagramkit.icons.packs.fetch import PackArchive
from diagramkit.project import ListedPack, Project
from diagramkit.sources import limits

_MOST_TOLD = 20
_OFFICIAL = 100  # From so many of AWS's names on, a pack is AWS's own.
_SIZE = re.compile(r"[-_](\d{2,3})(?=[-_.]|$)")


class RawIcon(Struct, frozen=True):
    """An icon as it was brought: its name, the file it was in, and its bytes."""

    name: str
    file: str
    data: bytes


class StoredIcon(Struct, frozen=True):
    """An icon ready to be kept."""

    name: str
    file: str
    data: bytes
    look: IconTraits


class InstalledPack(Struct, frozen=True):
    """A pack that was added: how the settings list it, its folder, how many icons it has, and
    warnings for those that were left out."""

    listed: ListedPack
    folder: Path
    count: int
    warnings: tuple[Diagnostic, ...]


def add(brought: PackArchive, where: Path) -> InstalledPack:
    """Clean a pack and keep it in `where`/NAME-VERSION. Raises `DiagramError` (bad-icon, bad-pack,
    unwritable), naming each icon that was refused; then nothing is written."""
    kept: dict[str, StoredIcon] = {}
    refused: list[Diagnostic] = []
    left: list[Diagnostic] = []
    name = iconify.prefix(brought.files) or brought.name
    for raw in _icons(brought):
        span = Span(f"{brought.source}:{raw.file}")
        try:
            kept[raw.name] = _kept(raw, name)
        except UnsupportedIconError as error:
            left.append(Diagnostic("bad-icon", f"is left out: it {error}", span, "warning"))
        except (UnsafeIconError, ValueError) as error:
            refused.append(Diagnostic("bad-icon", f"this icon {error}; nothing was written", span))
    if refused:
        raise DiagramError(refused[:_MOST_TOLD])
    if not kept:
        raise fail("bad-pack", "there is no icon (.svg, .png) in it", Span(brought.source))
    brought = replace(brought, name=name)
    entries = _entries(kept)
    index = _index(brought, entries)
    folder = where / folder_name(name, brought.version)
    _write(folder, index, kept)
    listed = ListedPack(name, brought.version, _from(brought.source), store.digest_of(entries), brought.integrity)
    return InstalledPack(listed, folder, len(kept), tuple(left[:_MOST_TOLD]))


def _from(source: str) -> str:
    """A source as settings name it, which go to other machines: no absolute path."""
    path = Path(source)
    return path.name if path.is_absolute() or ".." in path.parts else source


def folder_name(name: str, version: str) -> str:
    """The name of a pack's folder."""
    return re.sub(r"[^\w.+-]", "-", f"{name}-{version}")


def _icons(brought: PackArchive) -> Iterator[RawIcon]:
    """Each icon once: the largest of its sizes, as SVG where it is one; services before resources."""
    if iconify.prefix(brought.files):
        yield from (RawIcon(*icon) for icon in iconify.icons(brought.files))
        return
    best: dict[str, tuple[tuple[int, ...], RawIcon]] = {}
    for path, raw in brought.files:
        file = PurePosixPath(path)
        if file.suffix.lower() not in (".svg", ".png") or "@" in file.name:
            continue
        size = max((int(text) for text in _SIZE.findall(file.stem)), default=0)
        rank = (file.suffix.lower() != ".svg", _place(path), -size, len(path))
        name = store.plain_name(file.stem)
        if name not in best or rank < best[name][0]:
            best[name] = rank, RawIcon(name, path, raw)
    yield from (best[name][1] for name in sorted(best))


def _place(path: str) -> int:
    """Services stand before resources of the same name, groups and categories behind both."""
    low = path.lower()
    order = ("service", "arch_", "resource", "res_", "group", "category")
    return next((rank for rank, word in enumerate(order) if word in low), len(order))


def _kept(raw: RawIcon, pack: str) -> StoredIcon:
    prefix = re.sub(r"[^A-Za-z0-9]+", "-", f"{pack}-{raw.name}").strip("-").lower()
    if raw.data[:8] == b"\x89PNG\r\n\x1a\n" or raw.file.lower().endswith(".png"):
        image = pixels.open_png(raw.data, limits.current().icon)
        return StoredIcon(raw.name, "", raw.data, pixels.look_of(image))
    vector = clean(raw.data, prefix)
    return StoredIcon(raw.name, "", vector.text().encode("utf-8"), pixels.look_of_vector(vector))


def _entries(kept: dict[str, StoredIcon]) -> dict[str, dict[str, Any]]:
    """What the list says of each icon; gives each its file on the way."""
    taken: set[str] = set()
    entries: dict[str, dict[str, Any]] = {}
    for name in sorted(kept):
        one = kept[name]
        ending = "png" if one.data[:4] == b"\x89PNG" else "svg"
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "icon"
        while f"{stem}.{ending}".lower() in taken:
            stem += "-2"
        taken.add(f"{stem}.{ending}".lower())
        kept[name] = replace(one, file=f"{stem}.{ending}")
        entries[name] = {
            "file": f"{stem}.{ending}",
            "sha256": hashlib.sha256(one.data).hexdigest(),
            "dark": one.look.dark,
            "inset": list(one.look.inset),
        }
    return entries


def _index(brought: PackArchive, entries: dict[str, dict[str, Any]]) -> bytes:
    """`pack.json`."""
    listed = {
        "name": brought.name,
        "version": brought.version,
        "source": _from(brought.source),
        "licence": _licence(brought),
        "official": _is_official(entries),
        "icons": entries,
    }
    return _told(listed).encode("utf-8")


def _told(listed: dict[str, Any]) -> str:
    """The list as JSON, a line for each icon."""
    icons = listed.pop("icons")
    lines = [f"  {json.dumps(name, ensure_ascii=False)}: {json.dumps(icons[name])}" for name in icons]
    head = json.dumps({**listed, "icons": {}}, indent=1, ensure_ascii=False).rstrip("\n}{")
    return head + "{\n" + ",\n".join(lines) + "\n }\n}\n"


def _is_official(entries: dict[str, Any]) -> bool:
    keys = {store.key_of(name) for name in entries}
    ours = {
        store.key_of(str(name)) for ref, name in data.load("icons", "official.yaml").items() if ref.startswith("aws.")
    }
    ours |= {store.key_of(service.official) for service in names.services().values()}
    return len(keys & ours) >= _OFFICIAL


def _licence(brought: PackArchive) -> str:
    """What the pack says of its licence."""
    for path, raw in brought.files:
        if PurePosixPath(path).name in ("package.json", "info.json") and path.count("/") <= 1:
            try:
                said = json.loads(raw).get("license")
            except (ValueError, AttributeError):
                continue
            if isinstance(said, dict):
                said = said.get("spdx") or said.get("title")
            if isinstance(said, str):
                return said
    return "not said"


def _write(folder: Path, index: bytes, kept: dict[str, StoredIcon]) -> None:
    """The whole folder beside its place, then moved into it."""
    temporary = ""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = tempfile.mkdtemp(dir=folder.parent, prefix=".diagramkit-")
        for one in kept.values():
            (Path(temporary) / one.file).write_bytes(one.data)
        (Path(temporary) / store.INDEX).write_bytes(index)
        Path(temporary).chmod(0o755)
        if folder.exists():
            old = tempfile.mkdtemp(dir=folder.parent, prefix=".diagramkit-")
            os.replace(folder, Path(old) / "old")
            os.replace(temporary, folder)
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.replace(temporary, folder)
        temporary = ""
    except OSError as error:
        raise fail("unwritable", f"cannot be written: {os_error_reason(error)}", Span(str(folder))) from None
    finally:
        if temporary:
            shutil.rmtree(temporary, ignore_errors=True)


def register(where: Project, listed: ListedPack) -> None:
    """Write a pack into a project's settings, in place of one of the same name; the rest of the
    file stays as it is. Raises `DiagramError` (unwritable)."""
    import tomlkit

    from diagramkit import files

    try:
        text = where.config.read_text("utf-8")
    except FileNotFoundError:
        text = ""
    document = tomlkit.parse(text)
    table: Any = document
    if where.config.name == "pyproject.toml":
        table = document["tool"]["diagramkit"]
    packs = table.setdefault("packs", tomlkit.aot())
    entry = tomlkit.table()
    for field in ("name", "version", "source", "digest", "integrity"):
        if value := getattr(listed, field):
            entry[field] = value
    for number, other in enumerate(packs):
        if other.get("name") == listed.name:
            packs[number] = entry
            break
    else:
        packs.append(entry)
    files.write(str(where.config), tomlkit.dumps(document).encode("utf-8"))


def unregister(where: Project, name: str) -> bool:
    """Take a pack out of a project's settings; False where it is not in them."""
    import tomlkit

    from diagramkit import files

    if name not in [pack.name for pack in where.packs]:
        return False
    document = tomlkit.parse(where.config.read_text("utf-8"))
    table: Any = document
    if where.config.name == "pyproject.toml":
        table = document["tool"]["diagramkit"]
    packs = table["packs"]
    del packs[next(n for n, pack in enumerate(packs) if pack.get("name") == name)]
    if not packs:
        del table["packs"]
    files.write(str(where.config), tomlkit.dumps(document).encode("utf-8"))
    return True


def locations(where: Project) -> tuple[Path, Path]:
    """Where a project's packs may be: in its own folder, and in the user's."""
    return where.root / "icons", project.users_folder() / "icons"
