"""An icon: its reference, and the file with its picture."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from msgspec import Struct

FILE_PREFIX = "file:"
"""The prefix of references to a user's own files."""


class Icon(Struct, frozen=True):
    """The picture file that a reference stands for.

    `digest` is the SHA-256 that the file must have if it belongs to a pack. `state` is the modification time and
    size of a user's own file: it makes a changed file a different icon, so that in-memory caches stay correct.
    """

    reference: str
    path: str
    digest: str | None = None
    state: tuple[int, int] = (0, 0)

    @property
    def id(self) -> str:
        """A unique id for use inside an SVG; it consists of letters, digits and hyphens."""
        return _id(self.reference)

    @property
    def is_vector(self) -> bool:
        """Whether the icon is an SVG."""
        return self.path.lower().endswith(".svg")


class IconTraits(Struct, frozen=True):
    """What the layout must know about an icon.

    `is_tile` is true for a picture that fills its square, as the icons of AWS's services do: only other icons need a
    plate on a dark background. `inset` is the empty
    margin at the left, top and right along the icon's center lines, as a fraction of its side: edges end where
    the visible part begins.
    """

    is_tile: bool
    inset: tuple[float, float, float]


@lru_cache(maxsize=1024)
def _id(reference: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", reference.lower()).strip("-")
    if ":" not in reference:
        return f"icon-{plain}"
    return f"icon-{plain}-{hashlib.sha256(reference.encode()).hexdigest()[:6]}"
