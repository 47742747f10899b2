"""Find references by name: an ARN with the name that a template gives to another resource, or this name itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from msgspec.structs import replace

from diagramkit.infrastructure import paths
from diagramkit.infrastructure.records import Infrastructure, Reference, Resource, Value
from diagramkit.infrastructure.rules import cloudformation_type, is_service, type_words, word_list

_SEPARATORS = re.compile(r"[:/]|(?<=[a-z])\.(?=[a-z])")
_MARKS = ("arn:", "amazonaws.com", "s3://")
_MIN_LENGTH = 4
_MAX_LENGTH = 2_000


def resolve(infrastructure: Infrastructure) -> Infrastructure:
    """Return an infrastructure with references in place of the names of its resources."""
    named = [(name, resource) for resource in infrastructure.resources for name in _own_names(resource)]
    counts = Counter(name for name, _ in named)
    unique = {name: resource for name, resource in named if counts[name] == 1}
    if not unique:
        return infrastructure
    resources = tuple(_Resolving(resource, unique).resolved() for resource in infrastructure.resources)
    return replace(infrastructure, resources=resources)


def _own_names(resource: Resource) -> Iterator[str]:
    """Yield the name that a resource gets, if its properties say it: `TableName` of a table, `bucket` of a bucket."""
    last = type_words(cloudformation_type(resource.type))[-1:]
    noun = paths.normalize(last[0]) if last else ""
    for key, value in resource.properties.items() if noun and resource.origin == "declared" else ():
        is_name = paths.normalize(key) in ("name", f"{noun}name", noun)
        if is_name and isinstance(value, str) and len(value) >= _MIN_LENGTH and not value.startswith("${"):
            yield value


class _Resolving:
    """The state of resolving the names in one resource."""

    def __init__(self, resource: Resource, named: dict[str, Resource]) -> None:
        self._resource, self._named = resource, named
        self._done: dict[int, Value] = {}

    def resolved(self) -> Resource:
        ignored = word_list("descriptive")
        properties = {
            key: value if key == paths.UNNAMED or paths.normalize(key) in ignored else self._value(value)
            for key, value in self._resource.properties.items()
        }
        return replace(self._resource, properties=properties)

    def _value(self, value: Value) -> Value:
        """Return a value with references. What several values share stays shared."""
        if isinstance(value, str):
            return self._text(value)
        if not isinstance(value, (dict, list, tuple)):
            return value
        if id(value) not in self._done:
            self._done[id(value)] = self._container(value)
        return self._done[id(value)]

    def _container(self, value: dict[str, Value] | list[Value] | tuple[Value, ...]) -> Value:
        if isinstance(value, dict):
            return {key: self._value(child) for key, child in value.items()}
        children = [self._value(child) for child in value]
        return children if isinstance(value, list) else tuple(children)

    def _text(self, text: str) -> Value:
        if (resource := self._named.get(text)) is not None:
            return self._reference(resource, text)
        if len(text) > _MAX_LENGTH or not any(mark in text for mark in _MARKS):
            return text
        parts = _SEPARATORS.split(text)
        for part in parts:
            named = self._named.get(part)
            if named and any(is_service(named.type, namespace) for namespace in parts):
                return self._reference(named, text)
        return text

    def _reference(self, resource: Resource, text: str) -> Value:
        return text if resource.address == self._resource.address else (Reference(resource.address), text)
