"""Find values in the properties of a resource by paths such as `LoadBalancers.*.TargetGroupArn`.

`*` is any key or index, `**` any number of them, and `{A,B}` one of several names; `*Config` is a name that ends so.
Case and underscores are ignored, so that a path fits Terraform's names, too. Lists and alternatives on the path are
searched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from diagramkit.infrastructure.records import Reference, Value

ANY_DEPTH = "**"


def find(value: Value, paths: Iterable[str]) -> Iterator[Value]:
    """Yield the values at the paths."""
    for path in paths:
        yield from _find(value, _segments(path))


def references(value: Value) -> Iterator[Reference]:
    """Yield all references in a value, in order."""
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, Reference):
            yield current
        elif isinstance(current, dict):
            pending.extend(reversed(list(current.values())))
        elif isinstance(current, (list, tuple)):
            pending.extend(reversed(current))


def references_at(value: Value, paths: Iterable[str]) -> list[Reference]:
    """Return the references in the values at the paths, each once."""
    return list(dict.fromkeys(reference for value_at in find(value, paths) for reference in references(value_at)))


def texts(value: Value) -> Iterator[str]:
    """Yield all texts in a value."""
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, str):
            yield current
        elif isinstance(current, dict):
            pending.extend(current.values())
        elif isinstance(current, (list, tuple)):
            pending.extend(current)


@lru_cache(maxsize=4096)
def _segments(path: str) -> tuple[re.Pattern[str] | None, ...]:
    """Return a path as a pattern for each step; None stands for any number of steps."""
    return tuple(None if part == ANY_DEPTH else _segment(part) for part in path.split("."))


def _segment(text: str) -> re.Pattern[str]:
    pattern = (
        re.escape(normalize(text)).replace(r"\*", ".*").replace(r"\{", "(?:").replace(r"\}", ")").replace(",", "|")
    )
    return re.compile(pattern)


@lru_cache(maxsize=8192)
def normalize(name: str) -> str:
    """Return a name without case and underscores."""
    return name.lower().replace("_", "")


def _find(value: Value, segments: tuple[re.Pattern[str] | None, ...]) -> Iterator[Value]:
    if not segments:
        yield value
        return
    segment, rest = segments[0], segments[1:]
    if segment is None:
        yield from _find(value, rest)
        for child in _children(value):
            yield from _find(child, segments)
    elif isinstance(value, dict):
        for key, child in value.items():
            if segment.fullmatch(normalize(key)):
                yield from _find(child, rest)
    elif isinstance(value, list) and segment.pattern == ".*":
        for child in value:
            yield from _find(child, rest)
    elif isinstance(value, (list, tuple)):
        for child in value:
            yield from _find(child, segments)


def _children(value: Value) -> Iterable[Value]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, (list, tuple)) else ()
