"""An icon: a reference, and the picture that stands for it."""

from __future__ import annotations

import hashlib
import re

from msgspec import Struct

FILE = "file:"
"""What a reference to a file of the user's own begins with."""


class Icon(Struct, frozen=True):
    """A picture that stands for `reference`: a file, and the SHA-256 it must have, if it is a pack's.

    `state` tells an own file from itself before it was changed, so that what is kept of it in memory is of
    now.
    """

    reference: str
    path: str
    digest: str | None = None
    state: tuple[int, int] = (0, 0)

    @property
    def id(self) -> str:
        """An id for it inside an SVG: of letters, digits and hyphens, and no other icon's."""
        plain = re.sub(r"[^a-z0-9]+", "-", self.reference.lower()).strip("-")
        if ":" not in self.reference:
            return f"icon-{plain}"
        return f"icon-{plain}-{hashlib.sha256(self.reference.encode()).hexdigest()[:6]}"

    @property
    def is_vector(self) -> bool:
        """Whether it is SVG."""
        return self.path.lower().endswith(".svg")


class IconTraits(Struct, frozen=True):
    """What the layout must know of an icon: whether it is a dark line drawing, and its insets.

    `inset` is what is empty at its left, top and right, along its middle lines, as parts of
    its side: edges end where the ink begins.
    """

    dark: bool
    inset: tuple[float, float, float]
