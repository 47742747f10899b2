"""Where icons are: packs first, then what the package carries, then `diagrams`; and own files.

A reference is `aws.compute.Lambda` (a class of `diagrams`, or something that it lacks, from
`data/services.yaml`), `PACK:NAME`, or `file:PATH` from the project's folder. A shelf finds the
picture of each.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import cache, lru_cache
from pathlib import Path

from msgspec import Struct

from diagramkit import data, project
from diagramkit.diagnostics import Diagnostic, Span, did_you_mean
from diagramkit.icons import library, names
from diagramkit.icons.icon import FILE, Icon
from diagramkit.icons.packs import store
from diagramkit.icons.packs.store import Pack, key_of

_ENDINGS = (".svg", ".png")


class IconCatalog(Struct, frozen=True):
    """The folders of the packs that count, in their order, and the one that own files must be in."""

    packs: tuple[str, ...] = ()
    root: str | None = None

    def find(self, reference: str) -> Icon | None:
        """The picture for a reference, or None where nobody has one."""
        return self._file(reference) if reference.startswith(FILE) else _find(self, reference)

    def has(self, reference: str) -> bool:
        """Whether there is a picture for a reference."""
        return self.find(reference) is not None

    def _file(self, reference: str) -> Icon:
        path = Path(self.root or ".") / reference.removeprefix(FILE)
        try:
            stat = path.stat()
        except OSError:  # It is told where its art is wanted.
            return Icon(reference, str(path))
        return Icon(reference, str(path), state=(stat.st_mtime_ns, stat.st_size))

    def is_file(self, icon: str) -> bool:
        """Whether an icon is named as a file of the user's own."""
        return "://" not in icon and icon.lower().endswith(_ENDINGS)

    def own(self, icon: str, span: Span) -> str | Diagnostic:
        """The reference of a file named relative to the source that names it."""
        root = Path(self.root or ".").resolve()
        here = project.folder_of(span.file) if span.file != "<stdin>" else Path.cwd()
        try:
            path = (here / icon).resolve()
        except (OSError, ValueError):
            return Diagnostic("no-such-icon", f"there is no file '{icon}'; check the path", span)
        if Path(icon).is_absolute() or not path.is_relative_to(root):
            message = (
                f"'{icon}' is outside the project; put the icon into the project's folder and "
                "write its path from this file"
            )
            return Diagnostic("icon-outside", message, span)
        if not path.is_file():
            beside = [name.name for name in path.parent.glob("*.*")] if path.parent.is_dir() else []
            hint = did_you_mean(path.name, beside) or "; the path is taken from this file's folder"
            return Diagnostic("no-such-icon", f"there is no file '{icon}'{hint}", span)
        return FILE + path.relative_to(root).as_posix()

    def by_words(self, words: Sequence[str], known: Container[str]) -> str | None:
        """The reference of the icon of a pack that `words` name, all of them; of packs that are not
        AWS's no single word that is a `known` one, which means something else."""
        return _by_words(self, tuple(words), len(words) == 1 and words[0] in known)

    def group_icon(self, official: str) -> Icon | None:
        """AWS's own icon of a kind of group, where a pack has it."""
        return _official(self, key_of(official), f"group.{official}")


BARE = IconCatalog()
"""What is there without any pack."""


@lru_cache(maxsize=4096)
def _find(shelf: IconCatalog, reference: str) -> Icon | None:
    pack, colon, name = reference.partition(":")
    if colon:
        return next((one.icon(name) for one in _packs(shelf) if one.name == pack), None)
    for key in keys_of(reference):
        if icon := _official(shelf, key, reference):
            return icon
    if reference in bundled():
        return Icon(reference, bundled()[reference])
    spoiled = reference in data.load("icons", "official.yaml")["spoiled"]
    path = None if spoiled else library.icon_file(reference)
    return Icon(reference, str(path)) if path else None


def _official(shelf: IconCatalog, key: str, reference: str) -> Icon | None:
    ours = reference.startswith(("aws.", "group."))
    for pack in _packs(shelf):
        if pack.official == ours and (icon := pack.by_key(key)):
            return Icon(reference, icon.path, icon.digest)
    return None


@lru_cache(maxsize=4096)
def _by_words(shelf: IconCatalog, words: tuple[str, ...], everyday: bool) -> str | None:
    joined = "".join(words)
    for pack in _packs(shelf):
        # Iconify's sets have a square `x-icon` beside the wordmark `x`.
        ours = (f"amazon{joined}", f"aws{joined}", joined, f"{joined}s")
        for key in ours if pack.official else (f"{joined}icon", joined):
            if (pack.official or not everyday) and (icon := pack.by_key(key)):
                return icon.reference
    return None


@lru_cache(maxsize=64)
def _packs(shelf: IconCatalog) -> tuple[Pack, ...]:
    return tuple(store.read(folder) for folder in shelf.packs)


@cache
def bundled() -> dict[str, str]:
    """The vectors that the package carries itself, by reference: what AWS's packs have no icon of."""
    folder = data.folder("icons") / "vectors"
    return {path.stem: str(path) for path in sorted(folder.glob("*.svg"))}


@cache
def keys_of(reference: str) -> tuple[str, ...]:
    """What packs call the icon of a reference, as `key_of` has it."""
    service = names.services().get(reference)
    if service:
        return (key_of(service.official),)
    said = data.load("icons", "official.yaml").get(reference)
    return tuple(key_of(name) for name in ([said] if isinstance(said, str) else said or []))
