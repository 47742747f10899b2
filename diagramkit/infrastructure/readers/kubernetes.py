"""Read manifests of Kubernetes, also those that a kustomization lists: https://kubernetes.io/docs/reference/.

Secrets and configurations are read for the names of services in them; their values are not kept.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import Any

from msgspec import Struct

from diagramkit.diagnostics import Diagnostic, Span, fail
from diagramkit.infrastructure import paths
from diagramkit.infrastructure.readers import pods, template_text
from diagramkit.infrastructure.readers.detect import KUSTOMIZATIONS
from diagramkit.infrastructure.readers.host_names import HostNames
from diagramkit.infrastructure.readers.project_files import ProjectFiles
from diagramkit.infrastructure.records import Infrastructure, Reference, Resource, Stack, Value

_OWN_GROUPS = ("", "apps", "batch", "autoscaling", "policy", "extensions")
_CLUSTER_SCOPED = ("Namespace", "PersistentVolume", "StorageClass", "ClusterRole", "ClusterRoleBinding")
_PARENTS = ("parentRefs", "gateways")
"""What routes are parts of: gateways."""
_LISTED = ("resources", "bases", "components")
_MAX_NESTING = 10
_MAX_REFERENCES = 200_000


class _Manifest(Struct, frozen=True):
    """One object: its address, its kind with the API group if that is not Kubernetes' own, and its content."""

    address: str
    type: str
    kind: str
    name: str
    namespace: str
    content: dict[str, Any]
    span: Span


def read(text: str, file: str, title: str, files: ProjectFiles) -> Infrastructure:
    """Return what the manifests in a file declare. Raises `DiagramError`."""
    reading = _Reading(files, file)
    reading.add(text, file, "", 0)
    return Infrastructure(
        stacks=(Stack(""),),
        resources=tuple(_Resources(reading.manifests).all()),
        title=title,
        span=Span(file),
        problems=(*reading.problems, *files.problems),
        files=tuple(files.paths),
    )


class _Reading:
    """The state of reading files: the manifests so far, by address, and the problems."""

    def __init__(self, files: ProjectFiles, file: str) -> None:
        self._files = files
        self._opened = {os.path.normpath(file)}
        self.manifests: dict[str, _Manifest] = {}
        self.problems: list[Diagnostic] = []

    def add(self, text: str, file: str, namespace: str, depth: int) -> None:
        for raw, span in template_text.read_documents(text, file):
            if raw is None:
                continue
            if isinstance(raw, dict) and (raw.get("kind") == "Kustomization" or PurePath(file).name in KUSTOMIZATIONS):
                self._add_listed(raw, file, namespace, span, depth)
                continue
            is_list = isinstance(raw, dict) and isinstance(raw.get("items"), list)
            for item in raw["items"] if is_list else [raw]:
                self._add_one(item, namespace, span)

    def _add_listed(self, raw: dict[str, Any], file: str, namespace: str, span: Span, depth: int) -> None:
        """Read the files that a kustomization lists, and those of other kustomizations."""
        namespace = namespace or _text(raw.get("namespace"))
        listed = [item for key in _LISTED for item in raw.get(key) or () if isinstance(item, str)]
        for location in listed if depth < _MAX_NESTING else ():
            choices = (location, *(f"{location.rstrip('/')}/{name}" for name in KUSTOMIZATIONS))
            opened = next(filter(None, (self._files.open(choice, file, span) for choice in choices)), None)
            if opened is None:
                message = "a file that this kustomization lists is not in the project, so it is missing in the diagram"
                self.problems.append(Diagnostic("missing-manifest", message, span, "warning"))
            elif opened[0] not in self._opened:
                self._opened.add(opened[0])
                self.add(opened[1], opened[0], namespace, depth + 1)

    def _add_one(self, raw: Any, namespace: str, span: Span) -> None:
        kind = raw.get("kind") if isinstance(raw, dict) else None
        if not isinstance(kind, str) or not isinstance(raw.get("apiVersion"), str):
            message = "this document has no 'apiVersion' and 'kind' and is skipped"
            self.problems.append(Diagnostic("bad-resource", message, span, "warning"))
            return
        metadata = _mapping(raw.get("metadata"))
        name = _text(metadata.get("name")) or _text(metadata.get("generateName")) or kind.lower()
        group = raw["apiVersion"].rpartition("/")[0]
        is_own = group in _OWN_GROUPS or group.endswith(".k8s.io")
        namespace = "" if kind in _CLUSTER_SCOPED else namespace or _text(metadata.get("namespace"))
        address = base = address_of(kind, name, namespace)
        number = 2
        while address in self.manifests:
            address, number = f"{base}#{number}", number + 1
        type_name = f"Kubernetes::{kind}" if is_own else f"Kubernetes::{group}::{kind}"
        self.manifests[address] = _Manifest(address, type_name, kind, name, namespace, raw, span)


def address_of(kind: str, name: str, namespace: str) -> str:
    """Return the address of an object: `shop/Deployment/web`."""
    return "/".join(filter(None, (namespace, kind, name)))


class _Resources:
    """Turns manifests into resources with references to each other."""

    def __init__(self, manifests: dict[str, _Manifest]) -> None:
        self._manifests = manifests
        self._configured: dict[str, tuple[Reference, ...]] = {}
        self._labeled: dict[tuple[str, str, str], dict[str, None]] = {}
        for manifest in manifests.values():
            for key, value in pods.labels(manifest.content).items():
                self._labeled.setdefault((manifest.namespace, key, value), {})[manifest.address] = None

    def all(self) -> Iterator[Resource]:
        implicit: dict[str, Resource] = {}
        count = 0
        for manifest in self._manifests.values():
            resource = self._resource(manifest, self._properties(manifest))
            count += sum(1 for _ in paths.references(resource.properties))
            if count > _MAX_REFERENCES:
                message = f"the manifests refer to each other more than {_MAX_REFERENCES:,} times; split them"
                raise fail("too-large", message, manifest.span)
            yield resource
            for other in (*self._namespace(manifest), *self._claims(manifest)):
                if other.address not in self._manifests:
                    implicit.setdefault(other.address, other)
        yield from implicit.values()

    @staticmethod
    def _resource(manifest: _Manifest, properties: dict[str, Value], origin: str = "declared") -> Resource:
        return Resource(
            address=manifest.address,
            type=manifest.type,
            name_hints=(manifest.name,),
            properties=properties,
            stack="",
            span=manifest.span,
            origin=origin,
            replicas=_replicas(manifest.content),
        )

    def _properties(self, manifest: _Manifest) -> dict[str, Value]:
        spec = _mapping(manifest.content.get("spec"))
        properties: dict[str, Value] = {"type": _text(spec.get("type"))}
        if manifest.namespace:
            properties["namespace"] = Reference(address_of("Namespace", manifest.namespace, ""))
        if pod := pods.specification(manifest.content):
            properties |= self._of_pod(manifest, pod)
        elif manifest.kind == "Service":
            properties["targets"] = self._selected(manifest, _mapping(spec.get("selector")))
        else:
            parents = dict.fromkeys(self._named({key: spec.get(key) for key in _PARENTS}, manifest))
            content = {key: value for key, value in manifest.content.items() if key not in ("metadata", "data")}
            named = dict.fromkeys(self._named(content, manifest))
            properties["parents"] = list(parents)
            properties["references"] = [each for each in named if each not in parents]
        return properties

    def _of_pod(self, manifest: _Manifest, pod: dict[str, Any]) -> dict[str, Value]:
        """Return the properties of what runs pods."""
        configurations = self._existing(pods.configurations(pod), manifest.namespace)
        named = dict.fromkeys(self._hosts_in(pods.variables(pod), manifest.namespace))
        for reference in configurations:
            named |= dict.fromkeys(self._hosts_of_configuration(reference.address))
        claims = [("PersistentVolumeClaim", name) for name in pods.claims(pod)]
        return {
            "image": pods.image(pod),
            "environment": list(named),
            "claims": [*self._existing(claims, manifest.namespace), *self._own_claims(manifest)],
            "configurations": list(configurations),
        }

    def _hosts_in(self, variables: Iterable[tuple[str, Any]], namespace: str) -> Iterator[Reference]:
        hosts = HostNames(lambda host: self._host(host, namespace))
        return (each for name, value in variables for each in hosts.in_value(name, value))

    def _hosts_of_configuration(self, address: str) -> tuple[Reference, ...]:
        """Return the services that the values of a configuration name. Those of secrets are not read."""
        if address not in self._configured:
            manifest = self._manifests[address]
            values = _mapping(manifest.content.get("data")) if manifest.kind == "ConfigMap" else {}
            self._configured[address] = tuple(dict.fromkeys(self._hosts_in(values.items(), manifest.namespace)))
        return self._configured[address]

    def _host(self, host: str, namespace: str) -> str | None:
        """Return the address of the service with a name such as `orders` or `orders.shop.svc`."""
        name, _, rest = host.partition(".")
        inner = rest.partition(".")[0] or namespace
        return next((each.address for each in self._existing([("Service", name)], inner)), None)

    def _existing(self, named: Sequence[tuple[str, str]], namespace: str) -> list[Reference]:
        addresses = (address_of(kind, name, "" if kind in _CLUSTER_SCOPED else namespace) for kind, name in named)
        return [Reference(address) for address in dict.fromkeys(addresses) if address in self._manifests]

    def _selected(self, manifest: _Manifest, selector: dict[str, Any]) -> list[Value]:
        """Return what runs the pods that a service selects."""
        matching = [
            self._labeled.get((manifest.namespace, str(key), str(value)), {}) for key, value in selector.items()
        ]
        smallest = min(matching, key=len, default={})
        return [Reference(address) for address in smallest if all(address in each for each in matching)]

    def _named(self, content: Any, manifest: _Manifest) -> Iterator[Reference]:
        """Yield references to the objects that others name: by kind and name, or a service by its name."""
        pending = deque([("", content)])
        while pending:
            key, value = pending.popleft()
            if isinstance(value, list):
                pending += [(key, item) for item in value]
            elif isinstance(value, dict):
                yield from self._named_by(key, value, manifest)
                pending += [(str(name), child) for name, child in value.items()]
            elif isinstance(value, str) and key in ("host", "serviceName"):
                service = self._host(value, manifest.namespace)
                yield from [Reference(service)] if service else []
            elif isinstance(value, str) and key in _PARENTS:
                yield from self._existing([("Gateway", value)], manifest.namespace)

    def _named_by(self, key: str, value: dict[str, Any], manifest: _Manifest) -> Iterator[Reference]:
        name = value.get("name")
        if not isinstance(name, str):
            return
        namespace = _text(value.get("namespace")) or manifest.namespace
        kind = value.get("kind") or ("Gateway" if key in _PARENTS else "Service")
        yield from self._existing([(str(kind), name)], namespace)

    # What manifests imply

    def _namespace(self, manifest: _Manifest) -> Iterator[Resource]:
        if manifest.namespace:
            address, kind = address_of("Namespace", manifest.namespace, ""), "Namespace"
            inner = _Manifest(address, f"Kubernetes::{kind}", kind, manifest.namespace, "", {}, manifest.span)
            yield self._resource(inner, {}, "implicit")

    def _own_claims(self, manifest: _Manifest) -> list[Reference]:
        return [Reference(resource.address) for resource in self._claims(manifest)]

    def _claims(self, manifest: _Manifest) -> Iterator[Resource]:
        """Yield the volumes that a stateful set claims for each of its pods."""
        kind = "PersistentVolumeClaim"
        for name in pods.claim_templates(manifest.content):
            address = address_of(kind, f"{name}-{manifest.name}", manifest.namespace)
            inner = _Manifest(address, f"Kubernetes::{kind}", kind, name, manifest.namespace, {}, manifest.span)
            place: dict[str, Value] = {}
            if manifest.namespace:
                place["namespace"] = Reference(address_of("Namespace", manifest.namespace, ""))
            yield self._resource(inner, place, "implicit")


def _mapping(raw: Any) -> dict[str, Any]:
    return raw if isinstance(raw, dict) else {}


def _text(raw: Any) -> str:
    return raw if isinstance(raw, str) else ""


def _replicas(content: dict[str, Any]) -> int:
    count = _mapping(content.get("spec")).get("replicas")
    return count if isinstance(count, int) and not isinstance(count, bool) and count > 1 else 1
