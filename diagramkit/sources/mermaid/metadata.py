"""What stands in `A@{ … }`: YAML, read as Mermaid reads it.

Source: Mermaid, `flowDb`, addVertex: js-yaml with its JSON schema; a text without a line
break is a flow mapping. What JavaScript takes for false (null, 0, an empty text) is not there.
"""

from __future__ import annotations

import math
import re

import yaml
from msgspec import Struct

from diagramkit.sources.yamltree import LOADER

_NULLS = ("", "~", "null", "Null", "NULL")
_FALSE = ("false", "False", "FALSE")
_TRUE = ("true", "True", "TRUE")
_NUMBER = re.compile(r"[-+]?(?:0|[1-9][\d_]*)|[-+]?(?:\d[\d_]*)?\.?\d+(?:[eE][-+]?\d+)?|0x[\da-fA-F]+")
_DEEP = 50
_WIDEST = 250  # Hexadecimal digits that are surely within what a number can be.
_LINE_IN_STRING = re.compile(r"\n\s*")
_STRING = re.compile(r'"[^"]*"')


class Value(Struct, frozen=True):
    """A scalar as text, empty where JavaScript takes it for false; `typed`: it is no text there."""

    text: str
    typed: bool = False


def read(body: str) -> dict[str, Value] | None:
    """The fields of `body`, what stands between `@{` and `}`; None where it says nothing.

    Raises `ValueError` where it is not YAML.
    """
    body = _STRING.sub(lambda match: _LINE_IN_STRING.sub("<br/>", match.group()), body)
    if body.count("[") + body.count("{") + body.count("- ") > _DEEP:
        raise ValueError("too deep")
    text = body + "\n" if "\n" in body else "{\n" + body + "\n}"
    try:
        node = yaml.compose(text, Loader=LOADER)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(getattr(error, "problem", "not YAML"))) from None
    if node is None:
        return None
    if not isinstance(node, yaml.MappingNode):
        return {}
    fields: dict[str, Value] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise ValueError("a key that is no text")
        if key.value in fields:
            raise ValueError(f"'{key.value}' is there twice")
        fields[key.value] = _value(value)
    return fields


def _float(text: str) -> float:
    if text[:2] != "0x":
        return float(text.replace("_", ""))
    return float(int(text, 16)) if len(text) < _WIDEST else math.inf


def _value(node: yaml.Node) -> Value:
    if not isinstance(node, yaml.ScalarNode):
        return Value("")
    text = node.value
    if text in _NULLS + _FALSE and not node.style:
        return Value("")
    if text in _TRUE and not node.style:
        return Value("true", typed=True)
    if _NUMBER.fullmatch(text) and not node.style:
        return _number(_float(text))
    return Value(text)


def _number(number: float) -> Value:
    """A number as JavaScript writes it; 0 is false there."""
    if number == 0:
        return Value("")
    if math.isinf(number):
        return Value("-Infinity" if number < 0 else "Infinity", typed=True)
    whole = number.is_integer() and abs(number) < 1e21
    return Value(str(int(number) if whole else number), typed=True)
