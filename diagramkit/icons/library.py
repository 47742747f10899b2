"""The icons of the package `diagrams`: from a reference such as `aws.compute.Lambda` to its PNG file."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache
from pathlib import Path
from typing import Any

NO_ICON = "none"
"""The reference that asks for a neutral shape instead of an icon."""


LOGOS = {"k8s.Kubernetes": "k8s/k8s.png", "gcp.GoogleCloud": "gcp/gcp.png"}
"""The files, in the resources of `diagrams`, of providers' logos: `diagrams` has no classes for them."""


@cache
def node_class(reference: str) -> Any | None:
    """Return the class of `diagrams` that a reference names, or None if there is none."""
    module, _, name = reference.rpartition(".")
    if not module or not all(part.isidentifier() for part in reference.split(".")):
        return None
    try:
        candidate = getattr(importlib.import_module(f"diagrams.{module}"), name, None)
    except ImportError:
        return None
    return candidate if inspect.isclass(candidate) and getattr(candidate, "_icon", None) else None


@cache
def icon_file(reference: str) -> Path | None:
    """Return the path of the PNG of a reference, or None if there is no such class, logo or file."""
    cls = node_class(reference)
    if cls is None and reference not in LOGOS:
        return None
    import diagrams

    root = Path(diagrams.__file__).resolve().parent.parent
    path = root / (f"{cls._icon_dir}/{cls._icon}" if cls else f"resources/{LOGOS[reference]}")
    return path if path.is_file() else None


@cache
def canonical(reference: str) -> str:
    """Return a reference with the class's own name: `onprem.database.Postgresql` for `onprem.database.PostgreSQL`."""
    cls = node_class(reference)
    return f"{reference.rpartition('.')[0]}.{cls.__name__}" if cls else reference


@cache
def references(provider: str) -> tuple[str, ...]:
    """Return the references of all icons of a provider: one for each class, sorted by module."""
    package = importlib.import_module(f"diagrams.{provider}")
    by_class: dict[Any, str] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
        contents = vars(importlib.import_module(f"diagrams.{provider}.{module}"))
        for name, item in contents.items():
            if inspect.isclass(item) and getattr(item, "_icon", None) and name[0] != "_":
                by_class.setdefault(item, f"{provider}.{module}.{item.__name__}")
    return tuple(by_class.values())


@cache
def aliases(provider: str) -> tuple[tuple[str, str], ...]:
    """Return the aliases that `diagrams` itself defines (`ALB`), each with the reference of its class."""
    package = importlib.import_module(f"diagrams.{provider}")
    pairs = []
    for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
        contents = vars(importlib.import_module(f"diagrams.{provider}.{module}"))
        for name, item in contents.items():
            if inspect.isclass(item) and getattr(item, "_icon", None) and name != item.__name__:
                pairs.append((name, f"{provider}.{module}.{item.__name__}"))
    return tuple(pairs)


@cache
def modules() -> tuple[str, ...]:
    """Return the names of the modules that contain icons, such as `aws.compute`."""
    import diagrams

    return tuple(
        sorted(
            info.name.removeprefix("diagrams.")
            for info in pkgutil.walk_packages(diagrams.__path__, "diagrams.")
            if info.name.count(".") == 2
        )
    )
