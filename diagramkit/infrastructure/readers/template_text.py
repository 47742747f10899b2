"""Read the text of a template, YAML or JSON, as plain values with the places of its keys.

Nothing is constructed from tags. A short form such as `!GetAtt A.B` becomes the long form `{"Fn::GetAtt": "A.B"}`.
"""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from diagramkit.diagnostics import DiagramError, Span, fail
from diagramkit.sources.yamltree import YamlError, compose, compose_documents

MAX_VALUES = 1_000_000
MAX_DEPTH = 100
_TOO_LARGE = f"has more than {MAX_VALUES:,} values; split the template"
_WITHOUT_PREFIX = ("Ref", "Condition")
_TWO_FUNCTIONS = re.compile(r"![A-Za-z]\w*[ \t]+![A-Za-z]")
_BOOLEANS = {"true": True, "false": False, "yes": True, "no": False, "on": True, "off": False}
_NUMBER = re.compile(r"[-+]?\d{1,15}(?:\.\d{1,15})?")

_NOT_JSON = "this is not valid JSON; check the commas, quotes and brackets before this place"


class Spans:
    """The places of the keys of the first three levels of a template, by path: `("Resources", "Table")`."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[tuple[str, ...], tuple[int, int]] = {}

    def at(self, *path: str) -> Span:
        """Return the place of a key, or the beginning of the file if it is not known."""
        return Span(self.file, *self.lines.get(path, (1, 1)))


def read(text: str, file: str) -> tuple[Any, Spans]:
    """Return the values of a YAML or JSON text, and the places of its keys. Raises `DiagramError`.

    Messages show nothing of the text, because it may contain secrets.
    """
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith("{"):
        return _read_json(text, file)
    try:
        node = compose(text.replace("\r\n", "\n").replace("\r", "\n"))
    except YamlError as error:
        raise fail("yaml-syntax", _invalid(text, error.line), Span(file, error.line, error.column)) from None
    spans = Spans(file)
    converter = _Converter(spans)
    return (converter.value(node, (), 0) if node else None), spans


def _invalid(text: str, line: int | None) -> str:
    """Return what is wrong with the YAML of a template, without showing anything of it."""
    lines = text.splitlines()
    if line and line <= len(lines) and _TWO_FUNCTIONS.search(lines[line - 1]):
        return "a short form cannot follow another one; write the first one as 'Fn::NAME:'"
    if "{%" in text:
        return "this template is written for another program, such as Jinja; read what that program makes of it"
    return "the YAML of this template is invalid; check the indentation and quotes of this line"


def read_documents(text: str, file: str) -> list[tuple[Any, Span]]:
    """Return the values of the documents in a YAML or JSON text, and their places. Raises `DiagramError`."""
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith("{"):
        try:
            return [(read_json(text, file), Span(file))]
        except DiagramError:  # Documents of YAML may begin with a brace, too.
            pass
    try:
        nodes = compose_documents(text.replace("\r\n", "\n").replace("\r", "\n"))
    except YamlError as error:
        message = "the YAML of this manifest is invalid; check the indentation and quotes of this line"
        if "{{" in text:
            message = "this manifest is a template, as those of Helm; read the output of 'helm template' instead"
        raise fail("yaml-syntax", message, Span(file, error.line, error.column)) from None
    converter = _Converter(Spans(file))
    return [
        (converter.value(node, (), 0), Span(file, node.start_mark.line + 1, node.start_mark.column + 1))
        for node in nodes
    ]


def read_json(text: str, file: str) -> Any:
    """Return the values of a JSON text. Raises `DiagramError` (json-syntax)."""
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except RecursionError:
        raise fail("json-syntax", "nested too deeply", Span(file)) from None
    except ValueError as error:
        line, column = (error.lineno, error.colno) if isinstance(error, json.JSONDecodeError) else (1, 1)
        raise fail("json-syntax", _NOT_JSON, Span(file, line, column)) from None


def _read_json(text: str, file: str) -> tuple[Any, Spans]:
    try:
        value = read_json(text, file)
    except DiagramError:
        if "\n" in text and not text.rstrip().endswith("}"):
            raise
        return _read_flow(text, file)
    spans = Spans(file)
    resources = value.get("Resources") if isinstance(value, dict) else None
    if isinstance(resources, dict):
        line, start = 1, 0
        for match in re.finditer(r'"([^"\\\n]{1,255})"\s*:\s*\{', text):
            if match[1] in resources and ("Resources", match[1]) not in spans.lines:
                line += text.count("\n", start, match.start())
                start = match.start()
                spans.lines["Resources", match[1]] = (line, start - text.rfind("\n", 0, start))
    return value, spans


def _read_flow(text: str, file: str) -> tuple[Any, Spans]:
    """Read a YAML text that begins with a brace."""
    try:
        node = compose(text)
    except YamlError as error:
        raise fail("json-syntax", _NOT_JSON, Span(file, error.line, error.column)) from None
    spans = Spans(file)
    return _Converter(spans).value(node, (), 0) if node else None, spans


class _Converter:
    """Turns the nodes of a YAML text into values. Aliases repeat their value, up to a limit."""

    def __init__(self, spans: Spans) -> None:
        self._spans = spans
        self._count = 0

    def value(self, node: yaml.Node, path: tuple[str, ...], depth: int) -> Any:
        """Return the value of a node. Raises `DiagramError` (too-large, yaml-depth)."""
        self._count += 1
        mark = node.start_mark
        if self._count > MAX_VALUES:
            raise fail("too-large", _TOO_LARGE, Span(self._spans.file, mark.line + 1, mark.column + 1))
        if depth > MAX_DEPTH:
            raise fail("yaml-depth", "nested too deeply", Span(self._spans.file, mark.line + 1, mark.column + 1))
        if isinstance(node, yaml.ScalarNode):
            value: Any = _scalar(node)
        elif isinstance(node, yaml.SequenceNode):
            value = [self.value(child, (), depth + 1) for child in node.value]
        else:
            value = self._mapping(node, path, depth)
        return _long_form(node.tag, value) if node.tag.startswith("!") and node.tag != "!" else value

    def _mapping(self, node: yaml.Node, path: tuple[str, ...], depth: int) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else ""
            if key == "<<":
                merged = self.value(value_node, (), depth + 1)
                entries = {**merged, **entries} if isinstance(merged, dict) else entries
                continue
            inner = (*path, key) if len(path) < 2 else ()
            if inner:
                mark = key_node.start_mark
                self._spans.lines.setdefault(inner, (mark.line + 1, mark.column + 1))
            entries[key] = self.value(value_node, inner, depth + 1)
        return entries


def _scalar(node: yaml.ScalarNode) -> Any:
    text: str = node.value
    if node.style or node.tag.startswith("!"):  # The style of a plain scalar is None or empty.
        return text
    if text in ("", "~", "null"):
        return None
    if text.lower() in _BOOLEANS:
        return _BOOLEANS[text.lower()]
    if _NUMBER.fullmatch(text) and not text.lstrip("+-").startswith("0"):
        return float(text) if "." in text else int(text)
    return text


def _long_form(tag: str, value: Any) -> Any:
    name = tag.removeprefix("!")
    return {name if name in _WITHOUT_PREFIX else f"Fn::{name}": value}
