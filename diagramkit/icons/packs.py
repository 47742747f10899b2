"""Icons as Mermaid names them: `logos:aws-lambda`, `aws:arch-amazon-s3`, `database`.

Mermaid's icons come from Iconify packs; a name there is nearly always a service's name, so it is
read as a label is.
"""

from __future__ import annotations

import re
from functools import cache

from diagramkit import data

# The icons that Mermaid's architecture diagrams bring, in words that name one of ours.
_BUILT_IN = {
    "cloud": "cloud",
    "database": "database",
    "disk": "disk",
    "internet": "internet",
    "server": "server",
    "blank": "",
    "unknown": "",
}
_LEAD = re.compile(r"^(?:architecture-service-|arch-|res-|resource-|group-)?(?:amazon-|aws-)?")


def is_packs(icon: str) -> bool:
    """Whether an icon is named as Mermaid does, and not as diagramkit does."""
    return ":" in icon or icon in _BUILT_IN


def phrase(icon: str) -> str:
    """The words that an icon's name consists of, without its pack and maker."""
    if icon in _BUILT_IN:
        return _BUILT_IN[icon]
    name = icon.rpartition(":")[2].lower()
    return " ".join(_LEAD.sub("", name).removesuffix("-icon").split("-"))


@cache
def logos() -> dict[str, str]:
    """Icons of the pack `logos` by the words that they consist of."""
    return {phrase(f"logos:{name}"): f"logos:{name}" for name in data.load("icons", "logos.yaml")}
