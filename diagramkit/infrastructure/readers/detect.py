"""Tell by its content which kind of template a text is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import PurePath

_RESOURCES = re.compile(r"""(?m)^["']?Resources["']?[ \t]*:|^[ \t]*"Resources"[ \t]*:|[{,]\s*"Resources"\s*:""")
_TYPE = re.compile(r"""["']?Type["']?[ \t]*:[ \t]*["']?[\w@-]+::[\w@-]+""")
_SPEC_KEYS = re.compile(r"(?m)^[\"']?(?:nodes|diagram)[\"']?[ \t]*:")
_STATE_KEYS = re.compile(r'"(?:planned_values|resource_changes|configuration|values)"\s*:')
_STATE_MARKS = ('"terraform_version"', '"format_version"', '"resource_changes"')
_MANIFEST_KEYS = tuple(
    re.compile(rf"(?m)(?:^|^[ \t]*[{{]|,)[ \t]*[\"']?{key}[\"']?[ \t]*:") for key in ("apiVersion", "kind")
)
_COMPOSE_KEY = re.compile(r"(?m)^[\"']?services[\"']?[ \t]*:[ \t]*(?:\{.*|#.*)?$")
_INCLUDE_KEY = re.compile(r"(?m)^include[ \t]*:\s*(?:\[|-)\s*(?:\{?[ \t]*path[ \t]*:|[\"']?[\w./-]+\.ya?ml)")
_SERVICE_KEY = re.compile(r"(?m)(?:^[ \t]+|[{,][ \t]*)(?:image|build|extends)[ \t]*:")
_DOT = re.compile(r"(?:strict\s+)?digraph\b")
_MERMAID = re.compile(r"(?:flowchart|graph)\b")
_TERRAFORM_ADDRESS = re.compile(r"(?<![\w.])(?:data\.)?[a-z][a-z0-9]{1,30}_[a-z0-9_]{1,80}\.[A-Za-z_]")
_HEAD = 4_000_000

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml")
"""The names of files that list manifests."""
COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
"""The names of files of Docker Compose."""
EXTENSIONS = (".json", ".template", ".tf", ".dot", ".gv")
"""The extensions of templates, besides those of specs: a YAML file may be either."""


def kind(text: str, file: str) -> str | None:
    """Return the kind of a template, one of `_KINDS`, or None for a text that is none."""
    head = text[:_HEAD]
    return next((name for name, is_kind in _KINDS.items() if is_kind(head, file)), None)


def is_spec(text: str) -> bool:
    """Return whether a text has the keys of a spec."""
    return _SPEC_KEYS.search(text[:_HEAD]) is not None


def _is_json(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n").startswith("{")


def _is_hcl(_text: str, file: str) -> bool:
    return PurePath(file).suffix.lower() == ".tf"


def _is_cdk(text: str, file: str) -> bool:
    return PurePath(file).name == "manifest.json" and '"artifacts"' in text and _is_json(text)


def _is_terraform_json(text: str, _file: str) -> bool:
    is_marked = any(mark in text for mark in _STATE_MARKS)
    return is_marked and _is_json(text) and _STATE_KEYS.search(text) is not None


def _is_terraform_graph(text: str, _file: str) -> bool:
    """Return whether a text in DOT or Mermaid is what `terraform graph` writes."""
    start = text.lstrip("\ufeff \t\r\n")
    is_graph = _DOT.match(start) or _MERMAID.match(start)
    return is_graph is not None and _TERRAFORM_ADDRESS.search(text) is not None


def _is_cloudformation(text: str, _file: str) -> bool:
    return bool(_RESOURCES.search(text) and _TYPE.search(text)) and not _SPEC_KEYS.search(text)


def _is_kubernetes(text: str, file: str) -> bool:
    """Return whether a text is a manifest of Kubernetes; a kustomization may leave out what it is."""
    is_manifest = all(key.search(text) for key in _MANIFEST_KEYS) and not _SPEC_KEYS.search(text)
    return is_manifest or PurePath(file).name in KUSTOMIZATIONS


def _is_compose(text: str, _file: str) -> bool:
    is_compose = _COMPOSE_KEY.search(text) and _SERVICE_KEY.search(text)
    return bool(is_compose or _INCLUDE_KEY.search(text)) and not _SPEC_KEYS.search(text)


_KINDS: Mapping[str, Callable[[str, str], bool]] = {
    "terraform_hcl": _is_hcl,
    "cdk": _is_cdk,
    "terraform_json": _is_terraform_json,
    "terraform_graph": _is_terraform_graph,
    "cloudformation": _is_cloudformation,
    "kubernetes": _is_kubernetes,
    "compose": _is_compose,
}
