"""Adds packs: selects and cleans their icons, stores them in a folder atomically, and lists them in the settings."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import data, files, project, write_scope
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail
from diagramkit.icons import names, pixels
from diagramkit.icons.icon import IconTraits
from diagramkit.icons.packs import iconify, store
from diagramkit.icons.packs.clean import UnsafeIconError, UnsupportedIconError, clean
from diagramkit.icons.packs.fetch import PackArchive, source_in_project
from diagramkit.project import ListedPack, Project
from diagramkit.sources import limits

_MAX_REPORTED = 20
_MIN_OFFICIAL_NAMES = 100  # A pack with this many of AWS's icon names is taken to be AWS's own.
_SIZE = re.compile(r"[-_](\d{2,3})(?=[-_.]|$)")


class RawIcon(Struct, frozen=True):
    """An icon before cleaning: its name, the file in the archive that it is from, and its bytes."""

    name: str
    file: str
    data: bytes


class StoredIcon(Struct, frozen=True):
    """A cleaned icon: its name, the name of its file in the pack's folder, its bytes and traits."""

    name: str
    file: str
    data: bytes
    traits: IconTraits


class InstalledPack(Struct, frozen=True):
    """A pack that was added.

    `listed` is its entry for the settings, `count` the number of its icons; `warnings` name icons that were skipped.
    """

    listed: ListedPack
    folder: Path
    count: int
    warnings: tuple[Diagnostic, ...]


def add(archive: PackArchive, settings: Project, parent: Path, expected: ListedPack | None = None) -> InstalledPack:
    """Clean the icons of a pack and store them in a folder below `parent`.

    Raises `DiagramError` as `_prepare` does, and (outside, unwritable). In case of an error, nothing is written.
    """
    pack, contents = _prepare(archive, settings, parent, expected)
    files.write_folder(str(pack.folder), contents)
    return pack


def add_and_list(archive: PackArchive, settings: Project, parent: Path) -> InstalledPack:
    """Add a pack as `add` does, and list it in the settings. In case of an error, both are as they were before."""
    pack, contents = _prepare(archive, settings, parent, None)
    before = files.read(str(settings.config))
    register(settings, pack.listed)
    try:
        files.write_folder(str(pack.folder), contents)
    except BaseException:  # Also Ctrl-C.
        if before is None:
            files.remove(str(settings.config))
        else:
            files.write(str(settings.config), before)
        raise
    return pack


def _prepare(
    archive: PackArchive, settings: Project, parent: Path, expected: ListedPack | None
) -> tuple[InstalledPack, dict[str, bytes]]:
    """Return a pack with cleaned icons, and the contents of the files in its folder, by name.

    `expected` is the pack's entry in the settings, if it has one. Raises `DiagramError` (bad-icon, bad-pack;
    pack-differs if the icons are not the `expected` ones). If any icon is unsafe, all unsafe icons are reported.
    """
    icons: dict[str, StoredIcon] = {}
    unsafe: list[Diagnostic] = []
    skipped: list[Diagnostic] = []
    name = iconify.prefix(archive.files) or archive.name
    for kind, word in (("name", name), ("version", archive.version)):
        if not store.is_pack_word(word):
            message = f"this pack has the {kind} '{word[:80]}'; expected letters, digits and any of . + - _"
            raise fail("bad-pack", message, Span(archive.source))
    for raw in _raw_icons(archive):
        span = Span(f"{archive.source}:{raw.file}")
        if not raw.name.isprintable():
            unsafe.append(Diagnostic("bad-icon", "this icon has a name that cannot be printed", span))
            continue
        try:
            icons[raw.name] = _cleaned(raw, name)
        except UnsupportedIconError as error:
            skipped.append(Diagnostic("bad-icon", f"this icon {error}; it is skipped", span, "warning"))
        except (UnsafeIconError, ValueError) as error:
            unsafe.append(Diagnostic("bad-icon", f"this icon {error}; nothing was written", span))
    if unsafe:
        raise DiagramError(unsafe[:_MAX_REPORTED])
    if not icons:
        raise fail("bad-pack", "this pack contains no icons (.svg or .png files)", Span(archive.source))
    # The source is listed in the settings, which other machines use too: without an absolute path.
    source = expected.source if expected else source_in_project(archive.source, Path.cwd(), settings.root)
    archive = replace(archive, name=name, source=source or Path(archive.source).resolve().name)
    entries = _entries(icons)
    listed = ListedPack(name, archive.version, archive.source, store.digest_of(entries), archive.integrity)
    if expected and (listed.name, listed.version, listed.digest) != (expected.name, expected.version, expected.digest):
        raise _differs(settings, expected)
    folder = parent / store.folder_name(name, archive.version)
    if parent.is_relative_to(project.user_folder()):
        write_scope.allow(str(project.user_folder()))
    contents = {store.INDEX: _index(archive, entries), **{icon.file: icon.data for icon in icons.values()}}
    return InstalledPack(listed, folder, len(icons), tuple(skipped[:_MAX_REPORTED])), contents


def _differs(settings: Project, listed: ListedPack) -> DiagramError:
    """Return the error about a source whose icons are no longer those that are listed."""
    message = (
        f"the pack '{listed.name}' from {listed.source} differs from the one that is listed; if that is expected, list "
        f"it again with 'diagramkit icons add {listed.source}'"
    )
    return fail("pack-differs", message, Span(project.display_path(settings.config)))


def _raw_icons(archive: PackArchive) -> Iterator[RawIcon]:
    """Yield each icon once: as SVG if there is one, services before resources, then the largest size."""
    if iconify.prefix(archive.files):
        yield from (RawIcon(*icon) for icon in iconify.icons(archive.files))
        return
    best: dict[str, tuple[tuple[int, ...], RawIcon]] = {}
    for path, raw in archive.files:
        file = PurePosixPath(path)
        if file.suffix.lower() not in (".svg", ".png") or "@" in file.name:
            continue
        size = max((int(text) for text in _SIZE.findall(file.stem)), default=0)
        rank = (file.suffix.lower() != ".svg", _category_rank(path), -size, len(path))
        name = store.plain_name(file.stem)
        if name not in best or rank < best[name][0]:
            best[name] = rank, RawIcon(name, path, raw)
    yield from (best[name][1] for name in sorted(best))


def _category_rank(path: str) -> int:
    """Return the rank of a file among files of the same name: services, resources, groups, then categories."""
    lower = path.lower()
    keywords = ("service", "arch_", "resource", "res_", "group", "category")
    return next((rank for rank, keyword in enumerate(keywords) if keyword in lower), len(keywords))


def _cleaned(raw: RawIcon, pack: str) -> StoredIcon:
    """Return an icon with cleaned data. Raises `UnsafeIconError` or `ValueError`."""
    prefix = re.sub(r"[^A-Za-z0-9]+", "-", f"{pack}-{raw.name}").strip("-").lower()
    if raw.data[:8] == b"\x89PNG\r\n\x1a\n" or raw.file.lower().endswith(".png"):
        image = pixels.open_png(raw.data, limits.current().icon)
        return StoredIcon(raw.name, "", raw.data, pixels.traits_of(image))
    vector = clean(raw.data, prefix)
    return StoredIcon(raw.name, "", vector.text().encode("utf-8"), pixels.traits_of_vector(vector))


def _entries(icons: dict[str, StoredIcon]) -> dict[str, dict[str, Any]]:
    """Return the entries of `pack.json`, by icon name; also set the file name of each icon in `icons`."""
    used: set[str] = set()
    entries: dict[str, dict[str, Any]] = {}
    for name in sorted(icons):
        icon = icons[name]
        extension = "png" if icon.data[:4] == b"\x89PNG" else "svg"
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "icon"
        while f"{stem}.{extension}".lower() in used:  # Some file systems ignore case.
            stem += "-2"
        used.add(f"{stem}.{extension}".lower())
        icons[name] = replace(icon, file=f"{stem}.{extension}")
        entries[name] = {
            "file": f"{stem}.{extension}",
            "sha256": hashlib.sha256(icon.data).hexdigest(),
            "tile": icon.traits.is_tile,
            "inset": list(icon.traits.inset),
        }
    return entries


def _index(archive: PackArchive, entries: dict[str, dict[str, Any]]) -> bytes:
    """Return the contents of `pack.json`. Its keys, such as "licence", are a file format and must not change."""
    index = {
        "name": archive.name,
        "version": archive.version,
        "source": archive.source,
        "licence": _license(archive),
        "official": _is_official(entries),
        "icons": entries,
    }
    return _as_json(index).encode("utf-8")


def _as_json(index: dict[str, Any]) -> str:
    """Return the index as JSON with one line for each icon."""
    icons = index.pop("icons")
    lines = [f"  {json.dumps(name, ensure_ascii=False)}: {json.dumps(icons[name])}" for name in icons]
    head = json.dumps({**index, "icons": {}}, indent=1, ensure_ascii=False).rstrip("\n}{")
    return head + "{\n" + ",\n".join(lines) + "\n }\n}\n"


def _is_official(entries: dict[str, Any]) -> bool:
    """Return whether a pack consists of AWS's own icons, judging by their names."""
    keys = {store.key_of(name) for name in entries}
    official_names = data.load("icons", "official.yaml").items()
    official_keys = {store.key_of(str(name)) for reference, name in official_names if reference.startswith("aws.")}
    official_keys |= {store.key_of(service.official) for service in names.services().values()}
    return len(keys & official_keys) >= _MIN_OFFICIAL_NAMES


def _license(archive: PackArchive) -> str:
    """Return the license that the pack's package.json or info.json states."""
    for path, raw in archive.files:
        if PurePosixPath(path).name in ("package.json", "info.json") and path.count("/") <= 1:
            try:
                value = files.parse_json(raw).get("license")
            except (ValueError, AttributeError):
                continue
            if isinstance(value, dict):
                value = value.get("spdx") or value.get("title")
            if isinstance(value, str):
                return value
    return "not said"


@contextmanager
def _edited_settings(settings: Project) -> Iterator[Any]:
    """Yield the table of diagramkit in a project's settings file, and write the file; the rest of it is kept.

    Raises `DiagramError` (unwritable).
    """
    import tomlkit

    try:
        text = settings.config.read_text("utf-8")
    except FileNotFoundError:
        text = ""
    document: Any = tomlkit.parse(text)
    yield document["tool"]["diagramkit"] if settings.config.name == "pyproject.toml" else document
    files.write(str(settings.config), tomlkit.dumps(document).encode("utf-8"))


def register(settings: Project, listed: ListedPack) -> None:
    """List a pack in a project's settings file, replacing a pack of the same name.

    Raises `DiagramError` (unwritable).
    """
    import tomlkit

    entry = tomlkit.table()
    for field in ("name", "version", "source", "digest", "integrity"):
        if value := getattr(listed, field):
            entry[field] = value
    with _edited_settings(settings) as table:
        packs = table.setdefault("packs", tomlkit.aot())
        number = next((number for number, pack in enumerate(packs) if pack.get("name") == listed.name), None)
        if number is None:
            packs.append(entry)
        else:
            packs[number] = entry


def unregister(settings: Project, name: str) -> bool:
    """Remove a pack from a project's settings file. Return False if the file does not list it."""
    if name not in [pack.name for pack in settings.packs]:
        return False
    with _edited_settings(settings) as table:
        packs = table["packs"]
        del packs[next(number for number, pack in enumerate(packs) if pack.get("name") == name)]
        if not packs:
            del table["packs"]
    return True
