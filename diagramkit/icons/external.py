"""Icons as Mermaid names them: `logos:aws-lambda`, `mdi:account`, `fa fa-database`, `database`.

Mermaid's icons come from Iconify packs and from Font Awesome. If the pack is not installed, `data/mermaid_icons.yaml`
tells which of our icons stands for the same thing. The names of services need no entry: they are read like labels.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from diagramkit import data
from diagramkit.diagnostics import Diagnostic, Span, did_you_mean, most_similar
from diagramkit.icons.packs import store

if TYPE_CHECKING:
    from diagramkit.icons.catalog import IconCatalog

_PREFIX = re.compile(r"^(?:architecture-service-|arch-|res-|resource-|group-)?(?:amazon-|aws-)?")
# Font Awesome and Material Design Icons are also named by their CSS classes: `fa fa-user`.
_CSS_CLASSES = re.compile(r"(fa[a-z]*|fa-(?:solid|regular|light|brands)|mdi) +((?:fa|mdi)-[\w-]+)")
_SPELLING = 0.8  # How similar a misspelled name must be to the right one.
_IMAGE = re.compile(r"<img\s[^<>]*?\bsrc\s*=\s*[\"']?([^\"'\s<>]+)", re.I)
_IN_LABEL = re.compile(r"\bfa[bklrs]?:fa-[\w-]+")


def is_external(icon: str, catalog: IconCatalog) -> bool:
    """Return whether an icon is named in Mermaid's notation rather than by a reference."""
    named_by_pack = (":" in icon and not catalog.has(icon)) or _CSS_CLASSES.fullmatch(icon) is not None
    return named_by_pack or icon in _table()["built_in"]


def reference_of(icon: str) -> str | None:
    """Return the icon of ours that stands for one of Mermaid's; None if the data file does not list it."""
    pack, name = _split(icon)
    forms = _forms(name)
    if _kind(pack) == "symbols" and (match := _first(forms, _references("symbols"))):
        return match
    return _first(forms, _references("products"))


def icons_in(label: str) -> list[str]:
    """Return the Font Awesome icons in the text of a label: `fa:fa-user Customer`."""
    return _IN_LABEL.findall(label) if ":fa-" in label else []


def images_in(label: str) -> list[str]:
    """Return the addresses of the images in the HTML of a label."""
    return _IMAGE.findall(label) if "<" in label else []


def phrase_of(icon: str) -> str:
    """Return the words of an icon's name without its pack and vendor.

    They are empty for the icons of packs whose names are not those of services.
    """
    if icon in _table()["built_in"]:
        return str(_table()["built_in"][icon])
    pack, name = _split(icon)
    if _kind(pack) == "symbols":
        return ""
    return " ".join(_PREFIX.sub("", name).removesuffix("-icon").split("-"))


def problem_with(icon: str, is_used: bool, span: Span, catalog: IconCatalog) -> Diagnostic | None:
    """Return a warning if there is no such pack, or if nothing is known by this name; else None.

    `is_used` tells whether an icon was match for the name.
    """
    pack, name = _split(icon)
    if not pack or icon in _table()["built_in"] or catalog.has(icon):
        return None
    installed = {each.name: each for each in map(store.read, catalog.packs)}
    if pack not in installed and not _kind(pack):
        hint = did_you_mean(pack, {**_packages(), **installed}) or "."
        message = (
            f"there is no icon pack '{pack}', which the icon '{icon}' names{hint} An Iconify pack is added with "
            f"'diagramkit icons add npm:@iconify-json/{pack}', a folder of icons with 'diagramkit icons add ./{pack}'"
        )
        return Diagnostic("unknown-icon-pack", message, span, "warning")
    if is_used:
        return None
    if pack in installed:
        known = did_you_mean(name, installed[pack].icons) or "."
        message = f"the pack '{pack}' has no icon '{name}'{known} The icon is chosen by the label instead"
    else:
        words = name.removesuffix("-icon").replace("-", " ")
        package = _packages()[pack]
        command = f" with 'diagramkit icons add npm:{package}'" if package else ""
        similar = most_similar(name, _names_like(pack), _SPELLING)
        hint = f"; did you mean '{pack}:{similar}'?" if similar else "."
        message = (
            f"no installed pack has the icon '{icon}', and its name is not that of a service{hint} The icon is chosen "
            f"by the label instead. Search with 'diagramkit icons {words}', or add the pack{command}"
        )
    return Diagnostic("unknown-icon", message, span, "warning")


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


def _names_like(pack: str) -> list[str]:
    """Return names that the icons of a known pack may have, to find misspelled ones."""
    if _kind(pack) == "symbols":
        return list(_references("symbols"))
    if not pack.startswith(("aws", "arch", "logos")):
        return []
    logos = [str(name) for name in data.load("icons", "logos.yaml") if name.startswith("aws-")]
    return logos if pack == "logos" else [name.removeprefix("aws-") for name in logos]


def _split(icon: str) -> tuple[str, str]:
    """Return the pack and the name of an icon; the pack is empty if there is none."""
    if css := _CSS_CLASSES.fullmatch(icon):
        return css[1], css[2].lower()
    pack, _, name = icon.rpartition(":")
    return pack, name.strip().lower()


def _table() -> dict[str, Any]:
    table: dict[str, Any] = data.load("icons", "mermaid_icons.yaml")
    return table


def _kind(pack: str) -> str:
    """Return how the names in a known pack are read: logos, symbols or services; "" for an unknown pack."""
    return next((kind for kind, packs in _table()["packs"].items() if pack in packs), "")


@cache
def _packages() -> dict[str, str]:
    """Return the npm packages of all known packs, by the prefix of their icons."""
    return {pack: package for packs in _table()["packs"].values() for pack, package in packs.items()}


@cache
def _references(section: str) -> dict[str, str]:
    """Return our icons by the names of one section of the data file."""
    return {name: reference for reference, listed in _table()[section].items() for name in listed}


def _forms(name: str) -> list[str]:
    """Return a name, and the name without up to three prefixes and suffixes that only tell how the icon is drawn."""
    prefixes, suffixes = _table()["prefixes"], _table()["suffixes"]
    forms = {name: None}
    for _ in range(3):
        shorter = [form.removeprefix(prefix) for form in forms for prefix in prefixes]
        shorter += [form.removesuffix(suffix) for form in forms for suffix in suffixes]
        forms |= dict.fromkeys(filter(None, shorter))
    return list(forms)


def _first(forms: list[str], references: dict[str, str]) -> str | None:
    return next((references[form] for form in forms if form in references), None)
