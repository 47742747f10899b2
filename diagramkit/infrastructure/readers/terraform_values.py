"""Find references in the values of a state: a value that is another resource's ARN or id."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from diagramkit.infrastructure.records import Reference, Value
from diagramkit.infrastructure.rules import word_list

_UNAMBIGUOUS = re.compile(r"(?:[a-z]+-[0-9a-f]{8,17})|https?://\S+|\S+\.amazonaws\.com\S*")
_MIN_LENGTH, _MAX_LENGTH = 3, 2000
_MAX_DEPTH = 60


class ValueReferences:
    """Knows which values identify which resources."""

    def __init__(self, resources: Iterable[tuple[str, str, Mapping[str, Any]]]) -> None:
        self._by_value: dict[str, list[str]] = {}
        self._types: dict[str, str] = {}
        for address, type_name, values in resources:
            self._types[address] = type_name
            for key, value in values.items():
                if key in word_list("identifying_attributes") and isinstance(value, str) and len(value) >= _MIN_LENGTH:
                    owners = self._by_value.setdefault(value, [])
                    if address not in owners:
                        owners.append(address)

    def in_value(self, value: Any, own: str, depends_on: set[str], key: str = "", depth: int = 0) -> Value:
        """Return a value with references. `own` is the address of its resource, which may depend on some others."""
        if depth > _MAX_DEPTH:
            return None
        if isinstance(value, dict):
            return {name: self.in_value(child, own, depends_on, name, depth + 1) for name, child in value.items()}
        if isinstance(value, list):
            return [self.in_value(item, own, depends_on, key, depth + 1) for item in value]
        if not isinstance(value, str):
            return value if isinstance(value, (int, float, bool)) else None
        if value.lstrip().startswith(("{", "[")):
            return self._in_json(value, own, depends_on, key, depth)
        return self._in_text(value, own, depends_on, key)

    def _in_json(self, text: str, own: str, depends_on: set[str], key: str, depth: int) -> Value:
        documents = [each for each in self._by_value.get(text, []) if each != own and each in depends_on]
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError):
            return text
        value = self.in_value(parsed, own, depends_on, key, depth + 1)
        return (*(Reference(each) for each in documents), value) if documents else value

    def _in_text(self, text: str, own: str, depends_on: set[str], key: str) -> Value:
        if len(text) > _MAX_LENGTH:
            return text
        candidates = [address for address in self._by_value.get(text, []) if address != own]
        chosen = [address for address in candidates if address in depends_on]
        if not chosen and (text.startswith("arn:") or _UNAMBIGUOUS.fullmatch(text)):
            chosen = candidates
        if chosen:
            return Reference(max(chosen, key=lambda address: self._similarity(address, key)))
        if text.startswith("arn:"):
            return self._beginning(text, own)
        return text

    def _beginning(self, text: str, own: str) -> Value:
        """Return a reference to the resource whose ARN a longer one begins with: a bucket for its objects."""
        rest = text
        for _ in range(text.count("/") + text.count(":")):
            cut = max(rest.rfind("/"), rest.rfind(":"))
            if cut < 0:
                break
            rest = rest[:cut]
            owners = [address for address in self._by_value.get(rest, []) if address != own]
            if owners:
                return (Reference(owners[0]), text[cut:])
        return text

    def _similarity(self, address: str, key: str) -> int:
        return sum(word in key for word in self._types[address].split("_")[1:])
