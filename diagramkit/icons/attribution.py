"""The credits that people must give to the makers of icons when they publish pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import data
from diagramkit.icons.catalog import IconCatalog
from diagramkit.icons.icon import FILE_PREFIX
from diagramkit.icons.packs import store

CREDIT = "Icons: AWS Architecture Icons, (c) Amazon Web Services, Inc. or its affiliates, CC-BY-ND 2.0"
"""The metadata of every SVG that contains AWS's icons."""


class License(Struct, frozen=True):
    """The license of icons: their owner, its name and URL, the attribution that it requires, and the icons.

    `credit` is the text that names the owner where the icons are shown. It is empty for icons that need none.
    """

    owner: str
    license: str
    url: str
    attribution: str
    icons: tuple[str, ...] = ()
    credit: str = ""


def required_credits(references: Iterable[str], catalog: IconCatalog) -> list[License]:
    """Return the licenses of the icons with these references, one for each owner."""
    by_owner: dict[str, list[str]] = {}
    for reference in references:
        by_owner.setdefault(_owner(reference, catalog), []).append(reference)
    known = data.load("icons", "licenses.yaml")
    owners = [owner for owner in known if owner in by_owner]
    licenses = [License(**known[owner], icons=tuple(dict.fromkeys(by_owner[owner]))) for owner in owners]
    return [*licenses, *_pack_licenses(by_owner, catalog)]


def license_of(pack_folder: str) -> License:
    """Return the license of the icons of an installed pack, without the names of the icons."""
    pack = store.read(pack_folder)
    if pack.official:
        return License(**data.load("icons", "licenses.yaml")["aws"])
    stated = str(store.details(pack_folder)["licence"]).replace("not said", "not stated in the pack")
    attribution = "Follow the license of the pack; logos are trademarks of their owners."
    credit = f"Icons of the pack {pack.name} {pack.version}"
    return License(f"pack {pack.name} {pack.version}", stated, "", attribution, credit=credit)


def _pack_licenses(by_owner: dict[str, list[str]], catalog: IconCatalog) -> Iterator[License]:
    for folder in catalog.packs:
        if used := by_owner.get(f"pack {store.read(folder).name}"):
            yield replace(license_of(folder), icons=tuple(dict.fromkeys(used)))


def _owner(reference: str, catalog: IconCatalog) -> str:
    """Return the key of an icon's owner in licenses.yaml, or `pack NAME`."""
    if reference.startswith(FILE_PREFIX):
        return "own"
    pack_name, colon, _ = reference.partition(":")
    if colon:
        official = any(pack.official and pack.name == pack_name for pack in map(store.read, catalog.packs))
        return "aws" if official else f"pack {pack_name}"
    provider = reference.partition(".")[0]
    if provider == "group":
        return "aws"
    return provider if provider in ("aws", "k8s", "gcp", "azure") else "others"
