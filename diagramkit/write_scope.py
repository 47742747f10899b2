"""Where a command may write: below the root of its project, and at the locations that its command line names.

Symbolic links in a repository can make a path inside it lead anywhere. The functions here resolve the links of a path
and check where it leads, before `files` writes or removes anything there. A program that uses the Python API chooses
its paths itself, so nothing is checked unless `limited` is in effect.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct, field

from diagramkit.diagnostics import Span, fail


class _Scope(Struct):
    """The folders below which the running command may write, with links resolved.

    `find_root` returns the root of the project. It is called when it is needed, because it may read settings.
    """

    find_root: Callable[[], str]
    named: list[str] = field(default_factory=list)
    root: str | None = None

    def contains(self, path: str) -> bool:
        """Return whether a path without links is one of the locations or below one."""
        if self.root is None:
            self.root = os.path.realpath(self.find_root())
        return any(_is_at_or_below(path, folder) for folder in (self.root, *self.named))


_scope: _Scope | None = None
"""The scope of the running command, or None in a program that uses the Python API."""


@contextmanager
def limited(find_root: Callable[[], str], named: Iterable[str] = ()) -> Iterator[None]:
    """Allow writing only below the folder that `find_root` returns, and at or below the `named` locations."""
    global _scope  # noqa: PLW0603 - a limit for the whole process, like its current folder
    previous, _scope = _scope, _Scope(find_root)
    try:
        for location in named:
            allow(location)
        yield
    finally:
        _scope = previous


def allow(location: str) -> None:
    """Allow writing at and below a location that the user named. If it is a link, that means its target."""
    if _scope is not None:
        _scope.named.append(os.path.realpath(location))


def resolve(path: str) -> str:
    """Return the real path of a file or folder to write. It need not exist.

    Raises `DiagramError` (outside) if the command may not write there.
    """
    return _checked(os.path.realpath(path), path)


def resolve_entry(path: str) -> str:
    """Return the path of a file to remove, in its real folder. If it is a link, the link itself is meant.

    Raises `DiagramError` (outside) if the command may not write in that folder.
    """
    folder, name = os.path.split(path)
    return _checked(os.path.join(os.path.realpath(folder), name), path)


def _checked(real_path: str, path: str) -> str:
    if _scope is None or _scope.contains(real_path):
        return real_path
    link = _link_out_of(_scope, path)
    if link is None:
        message = "is outside of the project; name the location on the command line to write there"
        raise fail("outside", message, Span(path))
    message = "is a link that leads out of the project; remove it, or name its target on the command line"
    raise fail("outside", message, Span(link))


def _link_out_of(scope: _Scope, path: str) -> str | None:
    """Return the first part of a path that is a link out of the scope, or None if there is none."""
    parts = (Path(path), *Path(path).parents)
    links = (part for part in reversed(parts) if part.is_symlink())
    return next((str(link) for link in links if not scope.contains(os.path.realpath(link))), None)


def _is_at_or_below(path: str, folder: str) -> bool:
    path, folder = os.path.normcase(path), os.path.normcase(folder)
    return path == folder or path.startswith(os.path.join(folder, ""))
