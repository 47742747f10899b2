"""Which version of a package is installed, found by the name of its folder.

`importlib.metadata` tells the same, and takes longer to import than a small diagram to lay out.
"""

from __future__ import annotations

import os
import re
import sys
from functools import cache

_FOLDER = re.compile(r"(.+?)-([^-]+)\.dist-info")


@cache
def version(name: str) -> str | None:
    """The version of an installed package; None where it is not installed."""
    found = _installed().get(_plain(name))
    if found is None:  # It may be there in another way: in an egg, in a zip.
        from importlib import metadata

        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            return None
    return found


@cache
def _installed() -> dict[str, str]:
    """The versions of all packages by name: in `NAME-VERSION.dist-info`, as the specification "Recording
    installed projects" of the Python packaging guide has it. The first on the path is the one in use."""
    found: dict[str, str] = {}
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for match in filter(None, map(_FOLDER.fullmatch, sorted(names))):
            found.setdefault(_plain(match[1]), match[2])
    return found


def _plain(name: str) -> str:
    """A package's name in the one form in which names are compared (same guide, "Names and normalization")."""
    return re.sub(r"[-_.]+", "-", name).lower()
