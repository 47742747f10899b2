"""Versions of installed packages, read from the names of their metadata folders.

`importlib.metadata` returns the same versions, but importing it takes longer than laying out a small diagram.
"""

from __future__ import annotations

import os
import re
import sys
from functools import cache

_METADATA_FOLDER = re.compile(r"(.+?)-([^-]+)\.dist-info")


@cache
def version(name: str) -> str | None:
    """Return the version of an installed package, or None if it is not installed."""
    installed = _installed().get(_normalize(name))
    if installed is None:  # It may be installed in another form: as an egg or a zip file.
        from importlib import metadata

        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            return None
    return installed


@cache
def _installed() -> dict[str, str]:
    """Return the versions of all installed packages, by normalized name.

    Each package has a folder `NAME-VERSION.dist-info` (Python packaging guide, "Recording installed projects"). The
    first one on `sys.path` is the one in use.
    """
    result: dict[str, str] = {}
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for match in filter(None, map(_METADATA_FOLDER.fullmatch, sorted(names))):
            result.setdefault(_normalize(match[1]), match[2])
    return result


def _normalize(name: str) -> str:
    """Return a package name in the form in which names are compared (same guide, "Names and normalization")."""
    return re.sub(r"[-_.]+", "-", name).lower()


def documentation(name: str) -> str | None:
    """Return the address of an installed package's documentation, without a slash at its end, or None if it has none.

    It is `Documentation` in `[project.urls]` of the package's `pyproject.toml`.
    """
    from importlib import metadata

    try:
        urls = metadata.metadata(name).get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return None
    for url in urls:
        label, _, address = url.partition(",")
        if label.strip().lower() == "documentation":
            return str(address.strip().rstrip("/"))
    return None
