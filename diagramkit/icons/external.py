"""Icons as Mermaid names them: `logos:aws-lambda`, `aws:arch-amazon-s3`, `database`.

Mermaid's icons come from Iconify packs; a name there is nearly always a service's name, so where
the pack is not here it is read as a label is.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from diagramkit import data

if TYPE_CHECKING:
    from diagramkit.icons.catalog import IconCatalog

# The icons that Mermaid's architecture diagrams bring, in words that name one of ours.
_BUILT_IN = {
    "cloud": "internet",
    "database": "database",
    "disk": "disk",
    "internet": "internet",
    "server": "traditional server",
    "blank": "",
    "unknown": "",
}
_LEAD = re.compile(r"^(?:architecture-service-|arch-|res-|resource-|group-)?(?:amazon-|aws-)?")


def is_external(icon: str, shelf: IconCatalog) -> bool:
    """Whether an icon is named as Mermaid does, and not as diagramkit does."""
    return (":" in icon and not shelf.has(icon)) or icon in _BUILT_IN


def phrase(icon: str) -> str:
    """The words that an icon's name consists of, without its pack and maker."""
    if icon in _BUILT_IN:
        return _BUILT_IN[icon]
    name = icon.rpartition(":")[2].lower()
    return " ".join(_LEAD.sub("", name).removesuffix("-icon").split("-"))


@cache
def logos() -> dict[str, str]:
    """For an icon of ours, the one of Mermaid's pack `logos` that stands for the same thing."""
    from diagramkit.icons import label_grammar, names

    found: dict[str, str] = {}
    index = names.index("aws")
    for name in data.load("icons", "logos.yaml"):
        words = [part for word in phrase(f"logos:{name}").split() for part in index.fold(word)]
        meant = label_grammar.noun_phrase(words, index, True)
        if meant:
            found.setdefault(meant.found.name.icon, f"logos:{name}")
    return found
