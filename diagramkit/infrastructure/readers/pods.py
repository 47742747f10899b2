"""The pods that objects of Kubernetes run: their images, variables, volumes and labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_TEMPLATES = (("spec", "template"), ("spec", "jobTemplate", "spec", "template"))


def specification(content: dict[str, Any]) -> dict[str, Any]:
    """Return the specification of the pods that an object runs; empty if it runs none."""
    for template in _templates(content):
        spec = template.get("spec")
        if isinstance(spec, dict) and isinstance(spec.get("containers"), list):
            return spec
    return {}


def labels(content: dict[str, Any]) -> dict[str, str]:
    """Return the labels of the pods that an object runs."""
    if not specification(content):
        return _labels_of_operator(content)
    for template in _templates(content):
        metadata = template.get("metadata")
        named = metadata.get("labels") if isinstance(metadata, dict) else None
        if isinstance(named, dict):
            return {str(key): str(value) for key, value in named.items()}
    return {}


def _labels_of_operator(content: dict[str, Any]) -> dict[str, str]:
    """Return the labels that the operator of Prometheus gives to the pods of an object."""
    kind, metadata, spec = content.get("kind"), content.get("metadata"), content.get("spec")
    if not isinstance(kind, str) or not str(content.get("apiVersion")).startswith("monitoring.coreos.com/"):
        return {}
    name = str(metadata.get("name")) if isinstance(metadata, dict) else ""
    own = spec.get("podMetadata") if isinstance(spec, dict) else None
    labels = own.get("labels") if isinstance(own, dict) else None
    own_labels = {str(key): str(value) for key, value in labels.items()} if isinstance(labels, dict) else {}
    component = kind.lower()
    return {component: name, "app.kubernetes.io/name": component, "app.kubernetes.io/instance": name, **own_labels}


def _templates(content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in _TEMPLATES:
        current: Any = content
        for key in path:
            current = current.get(key) if isinstance(current, dict) else None
        if isinstance(current, dict):
            yield current
    yield content


def image(pod: dict[str, Any]) -> str | None:
    """Return the image of the first container."""
    return next((each["image"] for each in _containers(pod) if isinstance(each.get("image"), str)), None)


def variables(pod: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the names and values of environment variables, and the arguments without names."""
    for container in _containers(pod):
        for entry in _mappings(container.get("env")):
            yield str(entry.get("name", "")), entry.get("value")
        for key in ("command", "args"):
            arguments = container.get(key)
            yield from (("", argument) for argument in (arguments if isinstance(arguments, list) else ()))


def configurations(pod: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the kinds and names of the configurations and secrets that a pod uses."""
    named: list[tuple[str, str]] = []
    for container in _containers(pod):
        sources = [
            *_mappings(container.get("envFrom")),
            *(each.get("valueFrom") for each in _mappings(container.get("env"))),
        ]
        for source in sources:
            for key, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
                for ending in ("Ref", "KeyRef"):
                    named += _named(source, f"{key}{ending}", "name", kind)
    for volume in _mappings(pod.get("volumes")):
        named += _named(volume, "configMap", "name", "ConfigMap") + _named(volume, "secret", "secretName", "Secret")
        projected = volume.get("projected")
        for source in _mappings(projected.get("sources")) if isinstance(projected, dict) else ():
            named += _named(source, "configMap", "name", "ConfigMap") + _named(source, "secret", "name", "Secret")
    return named


def claims(pod: dict[str, Any]) -> list[str]:
    """Return the names of the volumes that a pod claims."""
    volumes = _mappings(pod.get("volumes"))
    return [name for each in volumes for _, name in _named(each, "persistentVolumeClaim", "claimName", "")]


def claim_templates(content: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the volumes that each pod of a stateful set claims."""
    spec = content.get("spec")
    for template in _mappings(spec.get("volumeClaimTemplates")) if isinstance(spec, dict) else ():
        metadata = template.get("metadata")
        if isinstance(metadata, dict) and isinstance(metadata.get("name"), str):
            yield metadata["name"]


def _containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*_mappings(pod.get("containers")), *_mappings(pod.get("initContainers"))]


def _mappings(raw: Any) -> list[dict[str, Any]]:
    return [item for item in raw if isinstance(item, dict)] if isinstance(raw, list) else []


def _named(raw: Any, key: str, name_key: str, kind: str) -> list[tuple[str, str]]:
    inner = raw.get(key) if isinstance(raw, dict) else None
    name = inner.get(name_key) if isinstance(inner, dict) else None
    return [(kind, name)] if isinstance(name, str) else []
