"""Find the names of services in texts, such as environment variables: `postgres://db:5432/shop` names `db`.

Nothing else of a text is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from diagramkit.infrastructure.records import Reference
from diagramkit.infrastructure.rules import word_list

_SEPARATORS = re.compile(r"""[\s,;|"'=(){}<>\[\]]|:-""")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_MAX_TEXT = 20_000


class HostNames:
    """Knows the hosts of a system. `find` returns the address of what a host name stands for, or None."""

    def __init__(self, find: Callable[[str], str | None]) -> None:
        self._find = find

    def in_value(self, key: str, value: Any) -> Iterator[Reference]:
        """Yield what a value refers to: hosts of URLs and `host:port`, and plain names if the key says so."""
        if not isinstance(value, str):
            return
        is_host = any(word.lower() in word_list("host_keys") for word in _WORD.findall(key))
        for token in _SEPARATORS.split(value[:_MAX_TEXT]):
            _, scheme, rest = token.rpartition("://")
            authority = rest.partition("/")[0].partition("?")[0].rpartition("@")[2]
            host, _, port = authority.partition(":")
            is_named = scheme or port.isdigit() or (is_host and not port)
            if is_named and host and (address := self._find(host)):
                yield Reference(address)


def environment(raw: Any) -> Iterator[tuple[str, Any]]:
    """Yield the names and values of environment variables, from a mapping or a list of `NAME=value`."""
    if isinstance(raw, dict):
        yield from ((str(name), value) for name, value in raw.items())
    elif isinstance(raw, list):
        for item in raw:
            if isinstance(item, str):
                name, _, value = item.partition("=")
                yield name, value
