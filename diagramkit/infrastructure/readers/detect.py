"""Tell by its content which kind of template a text is."""

from __future__ import annotations

import re
from pathlib import PurePath

_RESOURCES = re.compile(r"""(?m)^["']?Resources["']?[ \t]*:|^[ \t]*"Resources"[ \t]*:|[{,]\s*"Resources"\s*:""")
_TYPE = re.compile(r"""["']?Type["']?[ \t]*:[ \t]*["']?[\w@-]+::[\w@-]+""")
_SPEC_KEYS = re.compile(r"(?m)^[\"']?(?:nodes|diagram)[\"']?[ \t]*:")
_STATE_KEYS = re.compile(r'"(?:planned_values|resource_changes|configuration|values)"\s*:')
_HEAD = 4_000_000

EXTENSIONS = (".json", ".template", ".tf")
"""The extensions of templates, besides those of specs: a YAML file may be either."""


def kind(text: str, file: str) -> str | None:
    """Return `terraform_hcl`, `terraform_json`, `cdk` or `cloudformation`, or None for a text that is none of them."""
    head = text[:_HEAD]
    if PurePath(file).suffix.lower() == ".tf":
        return "terraform_hcl"
    if head.lstrip("\ufeff \t\r\n").startswith("{"):
        if '"artifacts"' in head and PurePath(file).name == "manifest.json":
            return "cdk"
        if (
            '"terraform_version"' in head or '"format_version"' in head or '"resource_changes"' in head
        ) and _STATE_KEYS.search(head):
            return "terraform_json"
        if '"resource_changes"' in head:
            return "terraform_json"
    if _RESOURCES.search(head) and _TYPE.search(head) and not _SPEC_KEYS.search(head):
        return "cloudformation"
    return None
