"""The icon catalog: finds the picture of a reference in packs, in this package, in `diagrams`, or in own files.

A reference is `aws.compute.Lambda` (a class of `diagrams`, or an icon that `diagrams` lacks, from
`data/services.yaml`), `PACK:NAME`, or `file:PATH` relative to the project folder.
"""

from __future__ import annotations

import os
from collections.abc import Container, Sequence
from functools import cache, lru_cache
from pathlib import Path

from msgspec import Struct

from diagramkit import data, files, project
from diagramkit.diagnostics import Diagnostic, Span, did_you_mean
from diagramkit.graph import Pattern
from diagramkit.icons import library, names
from diagramkit.icons.icon import FILE_PREFIX, Icon
from diagramkit.icons.packs import store
from diagramkit.icons.packs.store import Pack, key_of
from diagramkit.options import Options

_EXTENSIONS = (".svg", ".png")


class IconCatalog(Struct, frozen=True):
    """All icons that a diagram may use.

    `packs` are the folders of the installed packs, in the order in which they are searched. `root` is the project
    folder; a user's own icon files must be inside it.
    """

    packs: tuple[str, ...] = ()
    root: str | None = None

    def find(self, reference: str) -> Icon | None:
        """Return the icon of a reference, or None if there is none."""
        return self._file(reference) if reference.startswith(FILE_PREFIX) else _find(self, reference)

    def has(self, reference: str) -> bool:
        """Return whether there is an icon for a reference."""
        return self.find(reference) is not None

    def _file(self, reference: str) -> Icon | None:
        """Return the icon in a file of the project, or None for a path that leads out of it."""
        path = Path(self.root or ".") / reference.removeprefix(FILE_PREFIX)
        if not files.can_exist(path):
            return None
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.root or ".")):
            return None
        try:
            stat = path.stat()
        except OSError:  # The error is reported when the artwork is loaded.
            return Icon(reference, str(path))
        return Icon(reference, str(path), state=(stat.st_mtime_ns, stat.st_size))

    def is_file(self, icon: str) -> bool:
        """Return whether a source names an icon by the path of a user's own file.

        The prefix of references to such files is not for sources, whose paths are relative to themselves.
        """
        return icon.startswith(FILE_PREFIX) or ("://" not in icon and icon.lower().endswith(_EXTENSIONS))

    def file_reference(self, icon: str, span: Span) -> str | Diagnostic:
        """Return the reference of an icon file, or what is wrong with its path.

        The path is relative to the file that names it, which `span` tells.
        """
        root = Path(self.root or ".").resolve()
        named = project.folder_of(span.file) / icon
        if not files.can_exist(named):
            return Diagnostic("no-such-icon", f"there is no file '{icon}'; check the path", span)
        path = Path(os.path.realpath(named))  # Unlike `resolve`, it accepts a link that leads to itself.
        if Path(icon).is_absolute() or not path.is_relative_to(root):
            message = (
                f"'{icon}' is outside the project; put the icon into the project folder and "
                "write its path relative to this file"
            )
            return Diagnostic("icon-outside", message, span)
        if not path.is_file():
            siblings = [sibling.name for sibling in path.parent.glob("*.*") if sibling.is_file()]
            hint = did_you_mean(path.name, siblings) or "; the path is relative to the folder of this file"
            return Diagnostic("no-such-icon", f"there is no file '{icon}'{hint}", span)
        return FILE_PREFIX + path.relative_to(root).as_posix()

    def by_words(self, words: Sequence[str], known: Container[str]) -> str | None:
        """Return the reference of the pack icon whose name consists of exactly these words.

        A single word that is in `known` already means something else, so only AWS's own packs are searched for it.
        """
        return _by_words(self, tuple(words), len(words) == 1 and words[0] in known)

    def group_icon(self, official: str) -> Icon | None:
        """Return AWS's own icon of a kind of group, by AWS's name for it, if an installed pack has it."""
        return _official(self, key_of(official), f"group.{official}")


def catalog_of(pattern: Pattern, options: Options) -> IconCatalog:
    """Return the icons that a diagram may use: from the packs, from `diagrams`, and from its own project."""
    return IconCatalog(options.packs, str(project.root_of(project.folder_of(pattern.span.file))))


DEFAULT_CATALOG = IconCatalog()
"""The icons that are available without any pack."""


@lru_cache(maxsize=4096)
def _find(catalog: IconCatalog, reference: str) -> Icon | None:
    pack_name, colon, name = reference.partition(":")
    if colon:
        return next((pack.icon(name) for pack in _packs(catalog) if pack.name == pack_name), None)
    for key in pack_keys(reference):
        if icon := _official(catalog, key, reference):
            return icon
    if reference in bundled_vectors():
        return Icon(reference, bundled_vectors()[reference])
    unusable = reference in data.load("icons", "official.yaml")["spoiled"]
    path = None if unusable else library.icon_file(reference)
    return Icon(reference, str(path)) if path else None


def _official(catalog: IconCatalog, key: str, reference: str) -> Icon | None:
    """Return the icon with a key: for AWS's references from AWS's own packs, for all others from other packs."""
    is_aws = reference.startswith(("aws.", "group."))
    for pack in _packs(catalog):
        if pack.official == is_aws and (icon := pack.by_key(key)):
            return Icon(reference, icon.path, icon.digest)
    return None


@lru_cache(maxsize=4096)
def _by_words(catalog: IconCatalog, words: tuple[str, ...], is_everyday: bool) -> str | None:
    joined = "".join(words)
    for pack in _packs(catalog):
        # Iconify sets have a square icon `x-icon` in addition to the wordmark `x`.
        aws_keys = (f"amazon{joined}", f"aws{joined}", joined, f"{joined}s")
        for key in aws_keys if pack.official else (f"{joined}icon", joined):
            if (pack.official or not is_everyday) and (icon := pack.by_key(key)):
                return icon.reference
    return None


@lru_cache(maxsize=64)
def _packs(catalog: IconCatalog) -> tuple[Pack, ...]:
    return tuple(store.read(folder) for folder in catalog.packs)


@cache
def bundled_vectors() -> dict[str, str]:
    """Return the paths of the SVGs in this package, by reference: icons that AWS's packs do not have."""
    folder = data.folder("icons") / "vectors"
    return {path.stem: str(path) for path in folder.glob("*.svg")}


@cache
def pack_keys(reference: str) -> tuple[str, ...]:
    """Return the keys, as `key_of` makes them, under which packs may have the icon of a reference."""
    service = names.services().get(reference)
    if service:
        return (key_of(service.official),)
    official = data.load("icons", "official.yaml").get(reference)
    return (key_of(official),) if isinstance(official, str) else ()
