"""Read a folder of Kubernetes manifests as if a kustomization listed them all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePath

from diagramkit.infrastructure.readers import detect

_MANIFESTS = (".yaml", ".yml", ".json")
_DOCUMENTS = (".md", ".markdown", ".mmd", ".mermaid")
_HEAD = 100_000
_MAX_FILES = 2_000


def listing_file(folder: Path) -> str | None:
    """Return the path of the kustomization that would list the manifests in a folder; None if it has none.

    A folder that contains something else to draw is none of manifests.
    """
    return str(folder / detect.KUSTOMIZATIONS[0]) if _manifests(folder) else None


def listing(path: str) -> str | None:
    """Return the text of a kustomization that does not exist, or None for a path that is none."""
    if PurePath(path).name != detect.KUSTOMIZATIONS[0] or os.path.lexists(path):
        return None
    names = _manifests(Path(path).parent)
    lines = "".join(f"- '{name.replace(chr(39), chr(39) * 2)}'\n" for name in names)
    return f"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n{lines}" if names else None


def is_listed(path: str) -> bool:
    """Return whether a path is that of a kustomization that does not exist."""
    return listing(path) is not None


def _manifests(folder: Path) -> list[str]:
    """Return the names of the manifests in a folder, in order."""
    manifests: list[str] = []
    for name, head in _heads(folder):
        if name.endswith(_DOCUMENTS) and "mermaid" in head:
            return []
        kind = detect.kind(head, name) if name.endswith(_MANIFESTS) else None
        if detect.is_spec(head) or name.endswith((".mmd", ".mermaid")):
            return []
        if kind == "kubernetes":
            manifests.append(name)
    return manifests


def _heads(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the names and the beginnings of the files that may be manifests or other sources."""
    try:
        names = sorted(os.listdir(folder))[:_MAX_FILES]
    except OSError:
        return
    if not any(name.lower().endswith(_MANIFESTS) for name in names):
        return
    for name in names:
        path = folder / name
        if name.lower().endswith((*_MANIFESTS, *_DOCUMENTS)) and not name.startswith(".") and path.is_file():
            try:
                with path.open("rb") as file:
                    yield name, file.read(_HEAD).decode("utf-8", "replace")
            except OSError:
                continue
