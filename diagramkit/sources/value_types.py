"""A small language for the shape of YAML: the same model validates and prints JSON Schema.

Each kind checks a `Tree` and describes itself as JSON Schema (draft 2020-12).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Protocol

from msgspec import Struct

from diagramkit.diagnostics import Diagnostic, did_you_mean
from diagramkit.sources.yamltree import Tree

Schema = dict[str, Any]


class ValueType(Protocol):
    """What a value may be."""

    @property
    def what(self) -> str:
        """What a person calls it: 'a text', 'a list of texts'."""
        ...

    def fits(self, tree: Tree) -> bool:
        """Whether the value is of this kind, looking no deeper than itself."""
        ...

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        """Every problem in the value and below. `path` names it: `nodes.alb`."""
        ...

    def schema(self) -> Schema:
        """The kind as JSON Schema."""
        ...


def _wrong(kind: ValueType, tree: Tree, path: str) -> Diagnostic:
    hint = ""
    if isinstance(tree.value, (bool, int, float)) and kind.what.startswith("a text"):
        hint = "; put it in quotes"
    return Diagnostic(
        "wrong-type",
        f"'{path}' must be {kind.what}, not {tree.kind}{hint or '; change it'}",
        tree.span,
    )


class TextType(Struct, frozen=True):
    """A text; numbers and yes/no values must be quoted."""

    what: str = "a text"

    def fits(self, tree: Tree) -> bool:
        return isinstance(tree.value, str)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        if not self.fits(tree):
            yield _wrong(self, tree, path)
        elif not tree.text().strip():
            yield Diagnostic("empty-value", f"'{path}' is empty; write a text or remove it", tree.span)

    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1}


class BooleanType(Struct, frozen=True):
    """Yes or no."""

    what: str = "true or false"

    def fits(self, tree: Tree) -> bool:
        return isinstance(tree.value, bool)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        if not self.fits(tree):
            yield _wrong(self, tree, path)

    def schema(self) -> Schema:
        return {"type": "boolean"}


class NumberType(Struct, frozen=True):
    """A number within bounds."""

    least: float
    most: float

    @property
    def what(self) -> str:
        return f"a number from {self.least:g} to {self.most:g}"

    def fits(self, tree: Tree) -> bool:
        return isinstance(tree.value, (int, float)) and not isinstance(tree.value, bool)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        value = tree.value
        if not self.fits(tree):
            yield _wrong(self, tree, path)
        elif isinstance(value, (int, float)) and not self.least <= value <= self.most:
            message = f"'{path}' must be {self.what}, not {value:g}; change it"
            yield Diagnostic("wrong-value", message, tree.span)

    def schema(self) -> Schema:
        return {"type": "number", "minimum": self.least, "maximum": self.most}


class PatternType(Struct, frozen=True):
    """A text of a form: `pattern` is a regular expression, `what` says it in words."""

    pattern: str
    what: str

    def fits(self, tree: Tree) -> bool:
        return isinstance(tree.value, str)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        if not self.fits(tree):
            yield _wrong(self, tree, path)
        elif not re.fullmatch(self.pattern, tree.text()):
            message = f"'{path}' must be {self.what}, not '{tree.text()}'; change it"
            yield Diagnostic("wrong-value", message, tree.span)

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^(?:{self.pattern})$"}


class EnumType(Struct, frozen=True):
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def what(self) -> str:
        return f"one of {', '.join(self.words)}"

    def fits(self, tree: Tree) -> bool:
        return isinstance(tree.value, str)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        if tree.value not in self.words:
            hint = did_you_mean(str(tree.value), self.words) or "; choose one of them"
            yield Diagnostic("wrong-value", f"'{path}' must be {self.what}, not '{tree.value}'{hint}", tree.span)

    def schema(self) -> Schema:
        return {"enum": list(self.words)}


class ListType(Struct, frozen=True):
    """A list of values of one kind."""

    kind: ValueType

    @property
    def what(self) -> str:
        return f"a list, of which each is {self.kind.what}"

    def fits(self, tree: Tree) -> bool:
        return isinstance(tree.value, list)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        if not self.fits(tree):
            yield _wrong(self, tree, path)
        for number, entry in enumerate(tree.entries(), 1):
            yield from self.kind.check(entry, f"{path}[{number}]")

    def schema(self) -> Schema:
        return {"type": "array", "items": self.kind.schema()}


class MapType(Struct, frozen=True):
    """A mapping from ids that the user chooses to values of one kind."""

    kind: ValueType
    most: int | None = None

    @property
    def what(self) -> str:
        return f"a mapping from ids to {self.kind.what}"

    def fits(self, tree: Tree) -> bool:
        return isinstance(tree.value, dict)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        if not self.fits(tree):
            yield _wrong(self, tree, path)
        elif self.most is not None and len(tree.items()) > self.most:
            yield Diagnostic("wrong-type", f"'{path}' must hold {self.most} entry; split it", tree.span)
        for name, entry in tree.items().items():
            if not name.strip():
                message = f"an id in '{path}' is empty; give it a name"
                yield Diagnostic("empty-value", message, entry.key or entry.span)
            yield from self.kind.check(entry, f"{path}.{name}")

    def schema(self) -> Schema:
        limit = {"minProperties": 1, "maxProperties": self.most} if self.most else {}
        return {
            "type": "object",
            "additionalProperties": self.kind.schema(),
            "propertyNames": {"pattern": r"\S"},
            **limit,
        }


class Field(Struct, frozen=True):
    """A key of an object: its kind, what it is for, and whether it must be there."""

    kind: ValueType
    doc: str
    required: bool = False


class ObjectType(Struct, frozen=True):
    """A mapping with known keys."""

    name: str
    fields: dict[str, Field]

    @property
    def what(self) -> str:
        return f"a mapping with {', '.join(self.fields)}"

    def fits(self, tree: Tree) -> bool:
        return isinstance(tree.value, dict)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        if not self.fits(tree):
            yield _wrong(self, tree, path or self.name)
            return
        entries = tree.items()
        for name, entry in entries.items():
            at = f"{path}.{name}" if path else name
            if name in self.fields:
                yield from self.fields[name].kind.check(entry, at)
            else:
                hint = did_you_mean(name, self.fields)
                yield Diagnostic(
                    "unknown-key",
                    f"there is no key '{name}' in {self.name}{hint or '; the keys are ' + ', '.join(self.fields)}",
                    entry.key or entry.span,
                )
        for name, field in self.fields.items():
            if field.required and name not in entries:
                yield Diagnostic("missing-key", f"'{name}' is missing in {self.name}; add it", tree.span)

    def schema(self) -> Schema:
        required = [name for name, field in self.fields.items() if field.required]
        return {
            "type": "object",
            "properties": {
                name: {**field.kind.schema(), "description": field.doc} for name, field in self.fields.items()
            },
            "additionalProperties": False,
            **({"required": required} if required else {}),
        }


class ReferenceType(Struct, frozen=True):
    """A named kind that may stand inside itself (`#/$defs/…` in the schema)."""

    name: str
    kinds: dict[str, ValueType]

    @property
    def what(self) -> str:
        return self.kinds[self.name].what

    def fits(self, tree: Tree) -> bool:
        return self.kinds[self.name].fits(tree)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        yield from self.kinds[self.name].check(tree, path)

    def schema(self) -> Schema:
        return {"$ref": f"#/$defs/{self.name}"}


class UnionType(Struct, frozen=True):
    """One of several kinds, told apart by what the value is (text, list or mapping)."""

    kinds: tuple[ValueType, ...]

    @property
    def what(self) -> str:
        return " or ".join(kind.what for kind in self.kinds)

    def fits(self, tree: Tree) -> bool:
        return any(kind.fits(tree) for kind in self.kinds)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        fitting = [kind for kind in self.kinds if kind.fits(tree)]
        if not fitting:
            yield _wrong(self, tree, path)
            return
        results = [list(kind.check(tree, path)) for kind in fitting]
        yield from min(results, key=len)

    def schema(self) -> Schema:
        return {"anyOf": [kind.schema() for kind in self.kinds]}
