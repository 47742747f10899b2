"""Find values in the properties of a resource by paths such as `LoadBalancers.*.TargetGroupArn`.

`*` is any key or index, `**` any number of them, and `{A,B}` one of several names; `*Config` is a name that ends so.
Case, underscores and a plural s are ignored, so that a path fits Terraform's names, too. Lists and alternatives on the
path are searched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TypeAlias

from diagramkit.infrastructure.records import Reference, Value

ANY_DEPTH = "**"
ANY_NAME = ".*"
UNNAMED = ""
"""The key of references whose properties are not known. Its value has them by a word of their types: `subnet`."""
_Segments: TypeAlias = "tuple[re.Pattern[str] | None, ...]"


def find(value: Value, paths: Iterable[str]) -> Iterator[Value]:
    """Yield the values at the paths, each once."""
    for path in paths:
        if isinstance(value, dict) and UNNAMED in value:
            yield from _unnamed(value[UNNAMED], path)
            continue
        yield from _find(value, _segments(path), set())


def _unnamed(by_word: Value, path: str) -> Iterator[Value]:
    """Yield the references that the last name in a path is about: a role for `TaskRoleArn`."""
    names = [part for part in path.split(".") if part.strip("*")]
    name = normalize(names[-1]) if names else ""
    for word, named in by_word.items() if isinstance(by_word, dict) else ():
        if word in name:
            yield named


def references(value: Value) -> Iterator[Reference]:
    """Yield all references in a value, in order."""
    return (leaf for leaf in _leaves(value) if isinstance(leaf, Reference))


def texts(value: Value) -> Iterator[str]:
    """Yield all texts in a value, in order."""
    return (leaf for leaf in _leaves(value) if isinstance(leaf, str))


def _leaves(value: Value) -> Iterator[Value]:
    """Yield what a value consists of. What several values share is visited once: it may be shared very often."""
    pending, visited = [value], set[int]()
    while pending:
        current = pending.pop()
        if not isinstance(current, (dict, list, tuple)):
            yield current
        elif id(current) not in visited:
            visited.add(id(current))
            pending.extend(reversed(list(_children(current))))


def references_at(value: Value, paths: Iterable[str]) -> list[Reference]:
    """Return the references in the values at the paths, each once."""
    return list(dict.fromkeys(reference for value_at in find(value, paths) for reference in references(value_at)))


@lru_cache(maxsize=4096)
def _segments(path: str) -> _Segments:
    """Return a path as a pattern for each step; None stands for any number of steps."""
    return tuple(None if part == ANY_DEPTH else _segment(part) for part in path.split("."))


def _segment(text: str) -> re.Pattern[str]:
    names = text[1:-1].split(",") if text.startswith("{") else [text]
    return re.compile("|".join(map(_name_pattern, names)))


def _name_pattern(name: str) -> str:
    """Return a pattern for a name, in the singular or the plural: Terraform's blocks are `load_balancer`."""
    if name == "*":
        return ANY_NAME
    return re.escape(normalize(name).removesuffix("s")).replace(r"\*", ANY_NAME) + "s?"


@lru_cache(maxsize=8192)
def normalize(name: str) -> str:
    """Return a name without case and underscores."""
    return name.lower().replace("_", "")


def _find(value: Value, segments: _Segments, visited: set[tuple[int, int]]) -> Iterator[Value]:
    """Yield the values at a path below a value, except below those that were visited with the same rest of the path."""
    if not segments:
        yield value
        return
    if not isinstance(value, (dict, list, tuple)) or (id(value), len(segments)) in visited:
        if segments[0] is None:
            yield from _find(value, segments[1:], visited)
        return
    visited.add((id(value), len(segments)))
    segment, rest = segments[0], segments[1:]
    if segment is None:
        yield from _find(value, rest, visited)
        for child in _children(value):
            yield from _find(child, segments, visited)
    elif isinstance(value, dict):
        for key, child in value.items():
            if segment.fullmatch(normalize(key)):
                yield from _find(child, rest, visited)
    else:
        is_index = isinstance(value, list) and segment.pattern == ANY_NAME
        for child in value:
            yield from _find(child, rest if is_index else segments, visited)


def _children(value: dict[str, Value] | list[Value] | tuple[Value, ...]) -> Iterable[Value]:
    return value.values() if isinstance(value, dict) else value
