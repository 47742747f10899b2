"""Knowledge kept as YAML inside the package."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

import yaml

# The same as SafeLoader, written in C, where PyYAML was built with it.
LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def load(package: str, file: str) -> Any:
    """The contents of `data/FILE` in a package of diagramkit: `load("style", "groups.yaml")`."""
    text = resources.files(f"diagramkit.{package}").joinpath("data", file).read_text("utf-8")
    return yaml.load(text, Loader=LOADER)  # noqa: S506 - LOADER is a safe one
