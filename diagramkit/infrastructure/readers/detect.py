"""Tell by its content which kind of template a text is."""

from __future__ import annotations

import re
from pathlib import PurePath

_RESOURCES = re.compile(
    r"""(?m)^["']?Resources["']?[ \t]*:|^[ \t]*"Resources"[ \t]*:|[{,]\s*"Resources"\s*:"""
)
_TYPE = re.compile(r"""["']?Type["']?[ \t]*:[ \t]*["']?[\w@-]+::[\w@-]+""")
_MANIFEST_KEYS = (re.compile(r"(?m)^[\"']?apiVersion[\"']?[ \t]*:"), re.compile(r"(?m)^[\"']?kind[\"']?[ \t]*:"))
_COMPOSE_KEY = re.compile(r"(?m)^[\"']?services[\"']?[ \t]*:[ \t]*(?:#.*)?$")
_SERVICE_KEY = re.compile(r"(?m)^[ \t]+(?:image|build|extends)[ \t]*:")
_SPEC_KEYS = re.compile(r"(?m)^[\"']?(?:nodes|diagram)[\"']?[ \t]*:")
_STATE_KEYS = re.compile(r'"(?:planned_values|resource_changes|configuration|values)"\s*:')
_HEAD = 4_000_000

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml")
"""The names of files that list manifests."""
COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
"""The names of files of Docker Compose."""
EXTENSIONS = (".json", ".template", ".tf")
"""The extensions of templates, besides those of specs: a YAML file may be either."""


def kind(text: str, file: str) -> str | None:
    """Return the kind of a template, or None for a text that is none.

    The kinds are `terraform_hcl`, `terraform_json`, `cdk`, `cloudformation`, `kubernetes` and `compose`.
    """
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
    if _is_manifest(head, file) and not _SPEC_KEYS.search(head):
        return "kubernetes"
    if _COMPOSE_KEY.search(head) and _SERVICE_KEY.search(head) and not _SPEC_KEYS.search(head):
        return "compose"
    return None


def _is_manifest(text: str, file: str) -> bool:
    """Return whether a text is a manifest of Kubernetes; a kustomization may leave out what it is."""
    if text.lstrip().startswith("{"):
        return '"apiVersion"' in text and '"kind"' in text
    return PurePath(file).name in KUSTOMIZATIONS or all(key.search(text) for key in _MANIFEST_KEYS)
