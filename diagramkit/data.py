"""Data files: YAML (and other files) in the `data` folders inside the package.

Parsing YAML is slow, so the parsed content is cached as JSON, under the digest of the file's text.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from diagramkit import cache as disk_cache


@cache
def load(package: str, file: str) -> Any:
    """Return the content of a YAML file in the `data` folder of a subpackage: `load("style", "sizes.yaml")`."""
    raw = text(package, file)
    cached = disk_cache.get_or_create(f"data-{hashlib.sha256(raw).hexdigest()[:24]}.json", lambda: _yaml_to_json(raw))
    try:
        return json.loads(cached)
    except ValueError:  # The cached file is damaged. Do without it.
        return json.loads(_yaml_to_json(raw))


def text(package: str, file: str) -> bytes:
    """Return the bytes of a file in the `data` folder of a subpackage."""
    return folder(package).joinpath(file).read_bytes()


def folder(package: str) -> Path:
    """Return the `data` folder of a subpackage such as `icons` or `layout`."""
    return Path(__file__).parent.joinpath(*package.split("."), "data")


def _yaml_to_json(raw: bytes) -> bytes:
    import yaml

    # CSafeLoader does the same as SafeLoader in C, but not every build of PyYAML has it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return json.dumps(yaml.load(raw, Loader=loader), ensure_ascii=False).encode("utf-8")  # noqa: S506 - a safe loader
