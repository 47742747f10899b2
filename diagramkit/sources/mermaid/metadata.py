"""Parses the contents of `A@{ … }`: YAML, with the values that Mermaid gets from it.

Source: Mermaid, `flowDb`, addVertex, which uses js-yaml with its JSON schema. A text without a line break is a flow
mapping. Values that are false in JavaScript (null, 0, an empty string) count as absent.
"""

from __future__ import annotations

import math
import re

import yaml
from msgspec import Struct

from diagramkit.sources import yamltree

_NULLS = ("", "~", "null", "Null", "NULL")
_FALSE = ("false", "False", "FALSE")
_TRUE = ("true", "True", "TRUE")
_NUMBER = re.compile(
    r"[-+]?(?:0|[1-9][\d_]*)|[-+]?(?:\d(?:[\d_]*\d)?|(?:\d[\d_]*)?\.\d+)(?:[eE][-+]?\d+)?|0x[\da-fA-F]+"
)
_MAX_HEX_LENGTH = 250  # A hexadecimal number of this length still fits into a float.
_LINE_BREAK_IN_STRING = re.compile(r"\n\s*")
_STRING = re.compile(r'"[^"]*"')


class Value(Struct, frozen=True):
    """A scalar as text, empty if JavaScript treats it as false. `is_typed`: it is a number or a boolean."""

    text: str
    is_typed: bool = False


def read(body: str) -> dict[str, Value] | None:
    """Return the fields of `body`, the text between `@{` and `}`, or None if it is empty.

    Raises `ValueError` with a reason if the text is not valid YAML.
    """
    body = _STRING.sub(lambda match: _LINE_BREAK_IN_STRING.sub("<br/>", match.group()), body)
    text = body + "\n" if "\n" in body else "{\n" + body + "\n}"
    node = yamltree.compose(text)
    if node is None:
        return None
    if not isinstance(node, yaml.MappingNode):
        return {}
    fields: dict[str, Value] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise ValueError("a key is not a string")
        if key.value in fields:
            raise ValueError(f"duplicate key '{key.value}'")
        fields[key.value] = _value(value)
    return fields


def _float(text: str) -> float:
    if text[:2] != "0x":
        return float(text.replace("_", ""))
    return float(int(text, 16)) if len(text) < _MAX_HEX_LENGTH else math.inf


def _value(node: yaml.Node) -> Value:
    if not isinstance(node, yaml.ScalarNode):
        return Value("")
    text = node.value
    if text in _NULLS + _FALSE and not node.style:
        return Value("")
    if text in _TRUE and not node.style:
        return Value("true", is_typed=True)
    if _NUMBER.fullmatch(text) and not node.style:
        return _number(_float(text))
    return Value(text)


def _number(number: float) -> Value:
    """Return a number as JavaScript writes it; 0 is false in JavaScript."""
    if number == 0:
        return Value("")
    if math.isinf(number):
        return Value("-Infinity" if number < 0 else "Infinity", is_typed=True)
    is_plain_integer = number.is_integer() and abs(number) < 1e21
    return Value(str(int(number) if is_plain_integer else number), is_typed=True)
