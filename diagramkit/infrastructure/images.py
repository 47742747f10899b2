"""Find out what a container image contains: `docker.io/library/postgres:16` is PostgreSQL."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from msgspec import Struct

from diagramkit import data

_SIGN = re.compile(r"[~^+-]")


class Product(Struct, frozen=True):
    """What an image contains: its icon, its name, and whether only other parts of a system use it."""

    icon: str
    name: str
    is_internal: bool


def product(image: str) -> Product | None:
    """Return the product in an image, or None if it is not known."""
    base = image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()
    table = _table()
    name = table["images"].get(base, base)
    icon = _icons().get(re.sub(r"[-_.]", " ", name))
    if icon is None or icon.startswith(tuple(table["ignored"])):
        return None
    name = table["products"].get(icon, icon.rpartition(".")[2])
    return Product(icon, name, icon.startswith(tuple(table["internal"])))


@cache
def _icons() -> dict[str, str]:
    """Return the icons by their names, without those that mean it only in some surroundings."""
    raw = data.load("icons", "names/others.yaml")
    return {
        str(name).removeprefix("="): icon
        for icon, names in raw.items()
        if "." in icon and isinstance(names, list)
        for name in names
        if not _SIGN.match(str(name))
    }


@cache
def _table() -> dict[str, Any]:
    result: dict[str, Any] = data.load("infrastructure", "images.yaml")
    return result
