"""Types that describe the structure of YAML files such as specs and themes.

Each type validates a `Tree` and describes itself as JSON Schema (draft 2020-12), so that both always agree.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from diagramkit.diagnostics import Diagnostic, Fix, did_you_mean, most_similar

if TYPE_CHECKING:
    from diagramkit.sources.yamltree import Tree

Schema = dict[str, Any]


class ValueType(Protocol):
    """The type of a value in a YAML file."""

    @property
    def description(self) -> str:
        """The type in words, for messages: 'a text', 'a mapping such as {a: Orders}'."""
        ...

    def fits(self, tree: Tree) -> bool:
        """Return whether the value itself is of this type, without looking at values inside it."""
        ...

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        """Yield every problem in the value and the values inside it. `path` is its name in messages: `nodes.alb`."""
        ...

    def schema(self) -> Schema:
        """Return the type as JSON Schema."""
        ...


class OptionType(ValueType, Protocol):
    """The type of an option, whose value may also be a text on the command line."""

    def parse(self, text: str) -> Any:
        """Return the value that a text stands for. Raises `ValueError`, which says what is expected."""
        ...


_MAX_WORDS = 30
"""How many words a message lists."""


def _plain(text: str) -> str:
    """Return a text in lower case, without spaces, hyphens and underscores."""
    return re.sub(r"[\s_-]", "", text).lower()


def _wrong_type(expected: ValueType, tree: Tree, path: str) -> Diagnostic:
    """Return the problem that a value is not of the expected type."""
    hint = ""
    if isinstance(tree.value, (bool, int, float)) and expected.description.startswith("a text"):
        hint = "; put it in quotes"
    return Diagnostic(
        "wrong-type",
        f"'{path}' must be {expected.description}, not {tree.type_name}{hint}",
        tree.span,
    )


class TextType(Struct, frozen=True):
    """A text that is not empty; numbers and yes/no values must be in quotes."""

    description: str = "a text"

    def fits(self, tree: Tree) -> bool:
        return isinstance(tree.value, str)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        if not self.fits(tree):
            yield _wrong_type(self, tree, path)
        elif not tree.text().strip():
            yield Diagnostic("empty-value", f"'{path}' is empty; write a text or remove it", tree.span)

    def parse(self, text: str) -> str:
        return text

    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1}


class BooleanType(Struct, frozen=True):
    """True or false."""

    description: str = "true or false"

    def fits(self, tree: Tree) -> bool:
        return isinstance(tree.value, bool)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        if not self.fits(tree):
            yield _wrong_type(self, tree, path)

    def parse(self, text: str) -> bool:
        if text not in ("true", "false"):
            raise ValueError(f"expected {self.description}")
        return text == "true"

    def schema(self) -> Schema:
        return {"type": "boolean"}


class NumberType(Struct, frozen=True):
    """A number from `minimum` to `maximum`."""

    minimum: float
    maximum: float

    @property
    def description(self) -> str:
        return f"a number from {self.minimum:g} to {self.maximum:g}"

    def fits(self, tree: Tree) -> bool:
        return isinstance(tree.value, (int, float)) and not isinstance(tree.value, bool)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        value = tree.value
        if not self.fits(tree):
            yield _wrong_type(self, tree, path)
        elif isinstance(value, (int, float)) and not self.minimum <= value <= self.maximum:
            message = f"'{path}' must be {self.description}, not {value:g}"
            yield Diagnostic("wrong-value", message, tree.span)

    def parse(self, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"expected {self.description}")
        return value

    def schema(self) -> Schema:
        return {"type": "number", "minimum": self.minimum, "maximum": self.maximum}


class IntegerType(Struct, frozen=True):
    """A whole number from `minimum` to `maximum`."""

    minimum: int
    maximum: int

    @property
    def description(self) -> str:
        return f"a whole number from {self.minimum} to {self.maximum}"

    def fits(self, tree: Tree) -> bool:
        value = tree.value
        if isinstance(value, float):
            return value.is_integer()  # JSON Schema counts 3.0 as whole, too.
        return isinstance(value, int) and not isinstance(value, bool)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        value = tree.value
        if not self.fits(tree):
            yield _wrong_type(self, tree, path)
        elif isinstance(value, (int, float)) and not self.minimum <= value <= self.maximum:
            message = f"'{path}' must be {self.description}, not {value:g}"
            yield Diagnostic("wrong-value", message, tree.span)

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


class PatternType(Struct, frozen=True):
    """A text that matches a regular expression; `description` says in words what it matches.

    `normalize` returns the usual spelling of a text, which is what must match.
    """

    pattern: str
    description: str
    normalize: Callable[[str], str] = str

    def fits(self, tree: Tree) -> bool:
        return isinstance(tree.value, str)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        if not self.fits(tree):
            yield _wrong_type(self, tree, path)
        elif not re.fullmatch(self.pattern, self.normalize(tree.text())):
            message = f"'{path}' must be {self.description}, not '{tree.text()}'"
            yield Diagnostic("wrong-value", message, tree.span)

    def parse(self, text: str) -> str:
        value = self.normalize(text)
        if not re.fullmatch(self.pattern, value):
            raise ValueError(f"expected {self.description}")
        return value

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^(?:{self.pattern})$"}


class EnumType(Struct, frozen=True):
    """One of a few words.

    `synonyms` has what people and other programs write instead, in lower case and without spaces and hyphens.
    """

    words: tuple[str, ...]
    synonyms: dict[str, str] = {}

    @property
    def description(self) -> str:
        if len(self.words) > _MAX_WORDS:
            return f"one of {len(self.words)} words such as {', '.join(self.words[:3])}"
        return f"one of {', '.join(self.words)}"

    def meant(self, text: str) -> str | None:
        """Return the word that a text means, in upper or lower case or as a synonym, or None."""
        plain = _plain(text)
        return self.synonyms.get(plain) or next((word for word in self.words if _plain(word) == plain), None)

    def fits(self, tree: Tree) -> bool:
        return isinstance(tree.value, str)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        if tree.value in self.words:
            return
        meant = self.meant(tree.value) if isinstance(tree.value, str) else None
        hint = f"; write '{meant}'" if meant else did_you_mean(str(tree.value), self.words) or "; choose one of them"
        fix = Fix(tree.span, tree.text(), meant) if meant else None
        message = f"'{path}' must be {self.description}, not '{tree.value}'{hint}"
        yield Diagnostic("wrong-value", message, tree.span, fix=fix)

    def parse(self, text: str) -> str:
        if text not in self.words:
            raise ValueError(f"expected {self.description}")
        return text

    def schema(self) -> Schema:
        return {"enum": list(self.words)}


class ListType(Struct, frozen=True):
    """A list of values of one type, with at least `minimum` and at most `maximum` items."""

    item_type: ValueType
    minimum: int = 0
    maximum: int | None = None

    @property
    def description(self) -> str:
        return f"a list{self._number} in which each item is {self.item_type.description}"

    @property
    def _number(self) -> str:
        """The number of items in words, if it is limited."""
        if self.minimum == self.maximum:
            return f" of {self.minimum} items"
        return f" of at least {self.minimum} items" if self.minimum else ""

    def fits(self, tree: Tree) -> bool:
        return isinstance(tree.value, list)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        if not self.fits(tree):
            yield _wrong_type(self, tree, path)
            return
        entries = tree.entries()
        if len(entries) < self.minimum or (self.maximum is not None and len(entries) > self.maximum):
            yield Diagnostic("wrong-type", f"'{path}' must be {self.description}, not of {len(entries)}", tree.span)
        for number, entry in enumerate(entries, 1):
            yield from self.item_type.check(entry, f"{path}[{number}]")

    def schema(self) -> Schema:
        limits = {"minItems": self.minimum or None, "maxItems": self.maximum}
        return {
            "type": "array",
            "items": self.item_type.schema(),
            **{name: limit for name, limit in limits.items() if limit is not None},
        }


class MapType(Struct, frozen=True):
    """A mapping from ids that the user chooses to values of one type, with at most `max_entries` entries.

    `example` is such a mapping, for messages.
    """

    value_type: ValueType
    example: str
    max_entries: int | None = None

    @property
    def description(self) -> str:
        return f"a mapping such as {self.example}"

    def fits(self, tree: Tree) -> bool:
        return isinstance(tree.value, dict)

    def is_exceeded(self, tree: Tree) -> bool:
        """Return whether a mapping has too many entries."""
        return self.max_entries is not None and len(tree.items()) > self.max_entries

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        if not self.fits(tree):
            yield _wrong_type(self, tree, path)
        elif self.is_exceeded(tree):
            yield Diagnostic("wrong-type", f"'{path}' must have {self.max_entries} entry; split it", tree.span)
        for name, entry in tree.items().items():
            if not name.strip():
                message = f"an id in '{path}' is empty; write an id"
                yield Diagnostic("empty-value", message, entry.key or entry.span)
            yield from self.value_type.check(entry, f"{path}.{name}")

    def schema(self) -> Schema:
        limit = {"minProperties": 1, "maxProperties": self.max_entries} if self.max_entries else {}
        return {
            "type": "object",
            "additionalProperties": self.value_type.schema(),
            "propertyNames": {"pattern": r"\S"},
            **limit,
        }


class Field(Struct, frozen=True):
    """A key of an object: the type of its value, its documentation, and whether it is required."""

    value_type: ValueType
    doc: str
    required: bool = False


class ObjectType(Struct, frozen=True):
    """A mapping with known keys; `name` is what messages call it, and `elsewhere` says where other keys belong.

    `synonyms` has the keys that other programs have instead.
    """

    name: str
    fields: dict[str, Field]
    elsewhere: dict[str, str] = {}
    synonyms: dict[str, str] = {}

    @property
    def description(self) -> str:
        return f"a mapping with {', '.join(self.fields)}"

    def fits(self, tree: Tree) -> bool:
        return isinstance(tree.value, dict)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        if not self.fits(tree):
            yield _wrong_type(self, tree, path or self.name)
            return
        entries = tree.items()
        misspelled = set[str | None]()
        for name, entry in entries.items():
            entry_path = f"{path}.{name}" if path else name
            if name in self.fields:
                yield from self.fields[name].value_type.check(entry, entry_path)
            else:
                other = self.elsewhere.get(str(name))
                meant = self.synonyms.get(str(name).lower())
                meant = None if meant in entries or meant in misspelled else meant
                span, similar = entry.key or entry.span, None if other else meant or most_similar(name, self.fields)
                if similar and not meant and not self._may_have(similar, entry):
                    similar = None
                misspelled.add(similar)
                advice = f"did you mean '{similar}'?" if similar else f"the keys are {', '.join(self.fields)}"
                advice = other or advice
                yield Diagnostic(
                    "unknown-key",
                    f"there is no key '{name}' in {self.name}; {advice}",
                    span,
                    fix=Fix(span, name, similar) if similar else None,
                )
        for name, field in self.fields.items():
            if field.required and name not in entries and name not in misspelled:
                yield Diagnostic("missing-key", f"'{name}' is missing in {self.name}; add it", tree.span)

    def recognizes(self, tree: Tree) -> bool:
        """Return whether a mapping has any key of this object, or a synonym of one."""
        return any(name in self.fields or name.lower() in self.synonyms for name in tree.items())

    def _may_have(self, name: str, entry: Tree) -> bool:
        """Return whether a value suits a field, apart from mistakes that have a fix."""
        value_type = self.fields[name].value_type
        return not isinstance(value_type, EnumType) or all(problem.fix for problem in value_type.check(entry, name))

    def schema(self) -> Schema:
        required = [name for name, field in self.fields.items() if field.required]
        return {
            "type": "object",
            "properties": {
                name: {**field.value_type.schema(), "description": field.doc} for name, field in self.fields.items()
            },
            "additionalProperties": False,
            **({"required": required} if required else {}),
        }


class ReferenceType(Struct, frozen=True):
    """A reference to a type by its name (`#/$defs/...` in the schema), for types that contain themselves."""

    name: str
    definitions: dict[str, ValueType]

    @property
    def description(self) -> str:
        return self.definitions[self.name].description

    def fits(self, tree: Tree) -> bool:
        return self.definitions[self.name].fits(tree)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        yield from self.definitions[self.name].check(tree, path)

    def schema(self) -> Schema:
        return {"$ref": f"#/$defs/{self.name}"}


class UnionType(Struct, frozen=True):
    """One of several types, which differ in what the value itself is (a text, a list or a mapping)."""

    types: tuple[ValueType, ...]

    @property
    def description(self) -> str:
        return " or ".join(option.description for option in self.types)

    def fits(self, tree: Tree) -> bool:
        return any(option.fits(tree) for option in self.types)

    def check(self, tree: Tree, path: str) -> Iterator[Diagnostic]:
        matching = [option for option in self.types if option.fits(tree)]
        if any(isinstance(option, ObjectType) and option.recognizes(tree) for option in matching):
            matching = [option for option in matching if not (isinstance(option, MapType) and option.is_exceeded(tree))]
        if not matching:
            yield _wrong_type(self, tree, path)
            return
        # Report the problems of the type that comes closest: those with a fix weigh less.
        results = [list(option.check(tree, path)) for option in matching]
        yield from min(results, key=lambda problems: (sum(problem.fix is None for problem in problems), len(problems)))

    def schema(self) -> Schema:
        return {"anyOf": [option.schema() for option in self.types]}
