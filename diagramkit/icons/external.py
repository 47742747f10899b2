"""Icons as Mermaid names them: `logos:aws-lambda`, `aws:arch-amazon-s3`, `database`.

Mermaid's icons come from Iconify packs. The name of such an icon is nearly always the name of a service, so it is
read like a label if the pack is not installed.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from diagramkit import data

if TYPE_CHECKING:
    from diagramkit.icons.catalog import IconCatalog

# The icons that are built into Mermaid's architecture diagrams, with a phrase that names one of our icons.
_BUILT_IN = {
    "cloud": "internet",
    "database": "database",
    "disk": "disk",
    "internet": "internet",
    "server": "traditional server",
    "blank": "",
    "unknown": "",
}
_PREFIX = re.compile(r"^(?:architecture-service-|arch-|res-|resource-|group-)?(?:amazon-|aws-)?")


def is_external(icon: str, catalog: IconCatalog) -> bool:
    """Return whether an icon is named in Mermaid's notation rather than by a reference."""
    return (":" in icon and not catalog.has(icon)) or icon in _BUILT_IN


def phrase_of(icon: str) -> str:
    """Return the words of an icon's name without its pack and vendor."""
    if icon in _BUILT_IN:
        return _BUILT_IN[icon]
    name = icon.rpartition(":")[2].lower()
    return " ".join(_PREFIX.sub("", name).removesuffix("-icon").split("-"))


@cache
def logos_by_icon() -> dict[str, str]:
    """Return, by reference, the icon of Mermaid's pack `logos` that stands for the same thing."""
    from diagramkit.icons import label_grammar, names

    logos: dict[str, str] = {}
    index = names.index("aws")
    for name in data.load("icons", "logos.yaml"):
        words = [part for word in phrase_of(f"logos:{name}").split() for part in index.normalize_word(word)]
        phrase = label_grammar.noun_phrase(words, index, True)
        if phrase:
            logos.setdefault(phrase.match.name.icon, f"logos:{name}")
    return logos
