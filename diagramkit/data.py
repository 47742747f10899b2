"""Knowledge kept as YAML inside the package.

YAML is slow to read, so what was read is kept as JSON in the cache, by the digest of its text.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from diagramkit import cache as kept


@cache
def load(package: str, file: str) -> Any:
    """The contents of `data/FILE` in a package of diagramkit: `load("style", "groups.yaml")`."""
    raw = text(package, file)
    found = kept.remember(f"data-{hashlib.sha256(raw).hexdigest()[:24]}.json", lambda: _read(raw))
    try:
        return json.loads(found)
    except ValueError:  # The cache was damaged: it only saves time.
        return json.loads(_read(raw))


def text(package: str, file: str) -> bytes:
    """The text of `data/FILE` in a package of diagramkit."""
    return folder(package).joinpath(file).read_bytes()


def folder(package: str) -> Path:
    """Where the data of a package of diagramkit is, such as `icons` or `layout`."""
    return Path(__file__).parent.joinpath(*package.split("."), "data")


def _read(raw: bytes) -> bytes:
    import yaml

    # The same as SafeLoader, written in C, where PyYAML was built with it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return json.dumps(yaml.load(raw, Loader=loader), ensure_ascii=False).encode("utf-8")  # noqa: S506 - a safe loader
