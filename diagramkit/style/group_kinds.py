"""The kinds of groups (VPC, Region, account, service ...), and which of them the title of a group suggests.

All facts about a kind are in one entry of `data/group_kinds.yaml`: its name, its titles, its colors and its icon.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

from msgspec import Struct

from diagramkit import data

GENERIC = "generic"
"""The kind of a group whose title suggests no kind."""
SERVICE = "service"
"""The kind of a group without another kind whose title names a service."""

_MAX_TITLE = 150  # Characters. A longer title is prose, and would make matching slow.
_LIST = re.compile(r"[,&+]| and ")
_PART_SEPARATOR = re.compile(r"\s[-–—/]+\s|[:|·•()\[\]]+|—")


def load() -> Mapping[str, Mapping[str, Any]]:
    """Return the kinds of groups, as a spec's `kind:` accepts them, with all facts about each."""
    kinds: dict[str, dict[str, Any]] = data.load("style", "group_kinds.yaml")
    return kinds


@lru_cache(maxsize=4096)
def of_title(title: str) -> str:
    """Return the kind of group that a title suggests: a region for `us-east-1`, `generic` for `Hub`.

    The first part of the title that has a kind determines it; `data/group_kinds.yaml` explains how.
    """
    parts = title_parts(title)
    for number, part in enumerate(parts):
        if number and _LIST.search(part):
            continue  # The services in brackets: `Networking (VPC, Transit Gateway)`.
        for kind in _title_patterns():
            if any(pattern.fullmatch(part) for pattern in kind.titles) and not kind.excludes(part):
                return kind.name
    text = " ".join(parts)
    for kind in _title_patterns():
        if any(pattern.search(text) for pattern in kind.anywhere) and not kind.excludes(text):
            return kind.name
    return GENERIC


@lru_cache(maxsize=4096)
def title_parts(title: str) -> tuple[str, ...]:
    """Return the parts of a group's title: ('VPC', 'us-east-1') for `VPC (us-east-1)`; nothing for prose.

    Markup and emoji are omitted.
    """
    text = " ".join(re.sub(r"<[^<>]*>|_", " ", title).split())
    if len(text) > _MAX_TITLE:
        return ()
    pieces = (re.sub(r"^\W+|[\s,;.]+$", "", piece) for piece in _PART_SEPARATOR.split(text))
    return tuple(filter(None, pieces))


class _TitlePatterns(Struct, frozen=True):
    """The patterns of a kind of group; see `data/group_kinds.yaml`."""

    name: str
    titles: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    anywhere: tuple[re.Pattern[str], ...]

    def excludes(self, text: str) -> bool:
        """Return whether a text contains what does not belong to a title of this kind."""
        return any(pattern.search(text) for pattern in self.unless)


@cache
def _title_patterns() -> tuple[_TitlePatterns, ...]:
    def patterns(expressions: Iterable[str]) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(expression, re.IGNORECASE) for expression in expressions)

    return tuple(
        _TitlePatterns(kind, *(patterns(fields.get(key, ())) for key in ("titles", "unless", "anywhere")))
        for kind, fields in load().items()
    )
