"""The icons that can be chosen on the page: those of the catalog, of packs, and the project's own files."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from diagramkit.diagnostics import DiagramError
from diagramkit.icons import artwork, search
from diagramkit.icons.catalog import IconCatalog
from diagramkit.icons.icon import FILE_PREFIX
from diagramkit.icons.search import IconEntry
from diagramkit.options import Options
from diagramkit.sources.folders import MANIFEST_NAME

_SIZE = 64  # In a list of icons, in pixels.
_PAGE = 240  # Icons in one answer.
_MAX_FILES = 20_000  # Files of the project that are looked at to find its own icons.
OWN = "Own icons"
"""The category of icon files in the project."""
_NAMES = {"aws": "AWS", "gcp": "GCP", "k8s": "Kubernetes", "onprem": "On premises", "saas": "SaaS", "ibm": "IBM"}
_SHORT = {"ml": "ML", "iot": "IoT", "vcs": "VCS", "cdn": "CDN", "ci": "CI", "dns": "DNS", "ar": "AR", "os": "OS"}


def listing(query: str, category: str, options: Options, root: Path) -> dict[str, Any]:
    """Return the icons that match a query in a category ("" for all), as JSON data, with the categories and counts.

    If none matches, `icons` are those with a similar name, and `closest` says so.
    """
    catalog = IconCatalog(options.packs, "")
    available = [entry for entry in search.matching(query, catalog) if entry.available]
    words = query.lower().split()
    own = [entry for entry in own_icons(root) if all(word in entry.reference.lower() for word in words)]
    listed, is_closest = [*own, *available], False
    if not listed:
        listed, is_closest = [entry for entry in search.closest(query, catalog) if entry.available], True
    counts: dict[str, int] = {}
    for entry in listed:
        counts[category_of(entry.reference)] = counts.get(category_of(entry.reference), 0) + 1
    shown = [entry for entry in listed if category in ("", category_of(entry.reference))]
    return {
        "icons": [
            {"reference": entry.reference, "title": entry.title, "category": category_of(entry.reference)}
            for entry in shown[:_PAGE]
        ],
        "total": len(shown),
        "closest": is_closest,
        "categories": [{"name": name, "count": count} for name, count in counts.items()],
    }


def category_of(reference: str) -> str:
    """Return the category of an icon: `AWS compute` for `aws.compute.Lambda`, the name of its pack, or `OWN`."""
    if reference.startswith(FILE_PREFIX):
        return OWN
    pack, colon, _ = reference.partition(":")
    if colon:
        return f"Pack {pack}"
    provider, *modules = reference.split(".")[:-1] or [reference]
    name = _NAMES.get(provider, provider.capitalize())
    return " ".join([name, *(_SHORT.get(module, module) for module in modules)])


def own_icons(root: Path) -> list[IconEntry]:
    """Return the icon files of the project: every SVG and PNG in it, except the pictures that diagramkit wrote."""
    entries = []
    for path in _pictures(root):
        reference = FILE_PREFIX + path.relative_to(root).as_posix()
        entries.append(IconEntry(reference, path.stem.replace("-", " ").replace("_", " "), (), True))
    return entries


def _pictures(root: Path) -> Iterator[Path]:
    count = 0
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        if MANIFEST_NAME in names:
            folders.clear()
            continue
        sources = {name.rpartition(".")[0] for name in names if name.endswith((".mmd", ".yaml", ".yml", ".md"))}
        for name in sorted(names):
            stem, _, extension = name.rpartition(".")
            if extension.lower() in ("svg", "png") and stem not in sources:
                yield Path(folder, name)
        count += len(names)
        if count > _MAX_FILES:
            return


def icon(reference: str, options: Options, root: Path) -> bytes | None:
    """Return an icon as a small PNG, or None if there is no such icon. Files are those of the project."""
    catalog = IconCatalog(options.packs, str(root))
    if reference.startswith(FILE_PREFIX):
        path = (root / reference.removeprefix(FILE_PREFIX)).resolve()
        if not path.is_relative_to(root) or path.suffix.lower() not in (".svg", ".png"):
            return None
    match = catalog.find(reference)
    if match is None:
        return None
    buffer = io.BytesIO()
    try:
        artwork.picture(match, _SIZE).save(buffer, "PNG")
    except DiagramError:
        return None
    return buffer.getvalue()


def reference_in(reference: str, file: str, root: Path) -> str:
    """Return a reference as a source writes it: own icons are paths relative to the folder of the source."""
    if not reference.startswith(FILE_PREFIX):
        return reference
    folder = Path(os.path.realpath(file)).parent if file else Path.cwd()
    return Path(os.path.relpath(root / reference.removeprefix(FILE_PREFIX), folder)).as_posix()
