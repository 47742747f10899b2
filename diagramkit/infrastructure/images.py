"""Find out what a container image contains: `docker.io/library/postgres:16` is PostgreSQL."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from diagramkit import data

_SIGN = re.compile(r"[=~^+-]")


def product(image: str) -> tuple[str, str] | None:
    """Return the icon and the name of the product in an image, or None if it is not known."""
    base = image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()
    table = _table()
    name = table["images"].get(base, base)
    icon = _icons().get(re.sub(r"[-_.]", " ", name))
    if icon is None or icon.startswith(tuple(table["ignored"])):
        return None
    return icon, table["products"].get(icon, icon.rpartition(".")[2])


@cache
def _icons() -> dict[str, str]:
    """Return the icons by their names, without those that need other words around them."""
    raw = data.load("icons", "names/others.yaml")
    return {
        str(name): icon
        for icon, names in raw.items()
        if "." in icon and isinstance(names, list)
        for name in names
        if not _SIGN.match(str(name))
    }


@cache
def _table() -> dict[str, Any]:
    result: dict[str, Any] = data.load("infrastructure", "images.yaml")
    return result
