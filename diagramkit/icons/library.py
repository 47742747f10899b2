"""The icons that `diagrams` carries: from a reference such as `aws.compute.Lambda` to its file."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache
from pathlib import Path
from typing import Any

NONE = "none"
"""The reference that asks for the neutral shape."""


@cache
def node_class(reference: str) -> Any | None:
    """The class of `diagrams` that `reference` names, or None where there is none."""
    module, _, name = reference.rpartition(".")
    if not module or not all(part.isidentifier() for part in reference.split(".")):
        return None
    try:
        found = getattr(importlib.import_module(f"diagrams.{module}"), name, None)
    except ImportError:
        return None
    return found if inspect.isclass(found) and getattr(found, "_icon", None) else None


@cache
def icon_file(reference: str) -> Path | None:
    """The PNG of `reference`, or None where there is no such class or file."""
    found = node_class(reference)
    if found is None:
        return None
    import diagrams

    root = Path(diagrams.__file__).resolve().parent.parent
    path = root / str(found._icon_dir) / str(found._icon)
    return path if path.is_file() else None


@cache
def canonical(reference: str) -> str:
    """A reference by its class's own name: `onprem.database.PostgreSQL` is `….Postgresql`."""
    found = node_class(reference)
    return f"{reference.rpartition('.')[0]}.{found.__name__}" if found else reference


@cache
def references(provider: str) -> tuple[str, ...]:
    """Every reference of a provider that has an icon, in order: one for each class."""
    package = importlib.import_module(f"diagrams.{provider}")
    seen: dict[Any, str] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
        contents = vars(importlib.import_module(f"diagrams.{provider}.{module}"))
        for name, found in contents.items():
            if inspect.isclass(found) and getattr(found, "_icon", None) and name[0] != "_":
                seen.setdefault(found, f"{provider}.{module}.{found.__name__}")
    return tuple(seen.values())


@cache
def aliases(provider: str) -> tuple[tuple[str, str], ...]:
    """The short names that `diagrams` itself gives (`ALB`), each with its class's reference."""
    package = importlib.import_module(f"diagrams.{provider}")
    found = []
    for module in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
        contents = vars(importlib.import_module(f"diagrams.{provider}.{module}"))
        for name, item in contents.items():
            if inspect.isclass(item) and getattr(item, "_icon", None) and name != item.__name__:
                found.append((name, f"{provider}.{module}.{item.__name__}"))
    return tuple(found)


@cache
def modules() -> tuple[str, ...]:
    """The names of the modules that hold icons, for messages: `aws.compute`, …"""
    import diagrams

    return tuple(
        sorted(
            info.name.removeprefix("diagrams.")
            for info in pkgutil.walk_packages(diagrams.__path__, "diagrams.")
            if info.name.count(".") == 2
        )
    )
