"""What is owed to the makers of icons by who ships pictures with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from diagramkit import data
from diagramkit.icons.catalog import IconCatalog
from diagramkit.icons.icon import FILE
from diagramkit.icons.packs import store

CREDIT = "Icons: AWS Architecture Icons, (c) Amazon Web Services, Inc. or its affiliates, CC-BY-ND 2.0"
"""What an SVG with AWS's icons says itself."""


class License(Struct, frozen=True):
    """A maker, their licence, where it stands, and what it asks; the icons it is about."""

    owner: str
    licence: str
    url: str
    owed: str
    icons: tuple[str, ...] = ()


def required_credits(references: Iterable[str], shelf: IconCatalog) -> list[License]:
    """What is owed for the icons of `references`, maker by maker."""
    by_maker: dict[str, list[str]] = {}
    for reference in references:
        by_maker.setdefault(_maker(reference, shelf), []).append(reference)
    known = data.load("icons", "licences.yaml")
    order = [maker for maker in known if maker in by_maker]
    made = [License(**known[maker], icons=tuple(dict.fromkeys(by_maker[maker]))) for maker in order]
    return [*made, *_of_packs(by_maker, shelf)]


def _of_packs(by_maker: dict[str, list[str]], shelf: IconCatalog) -> Iterator[License]:
    for folder in shelf.packs:
        pack = store.read(folder)
        used = by_maker.get(f"pack {pack.name}")
        if used:
            said = str(store.details(folder)["licence"])
            owed_then = "What its licence asks; logos are trademarks of their makers."
            yield License(f"pack {pack.name} {pack.version}", said, "", owed_then, tuple(dict.fromkeys(used)))


def _maker(reference: str, shelf: IconCatalog) -> str:
    if reference.startswith(FILE):
        return "own"
    pack, colon, _ = reference.partition(":")
    if colon:
        official = any(one.official and one.name == pack for one in map(store.read, shelf.packs))
        return "aws" if official else f"pack {pack}"
    provider = reference.partition(".")[0]
    if provider == "group":
        return "aws"
    return provider if provider in ("aws", "k8s", "gcp", "azure") else "others"
