"""YAML with its places: every value knows the line and column where it stands."""

from __future__ import annotations

from typing import Any, TypeAlias

import yaml
from msgspec import Struct, field

from diagramkit.diagnostics import Span, fail

# The same as SafeLoader, written in C, where PyYAML was built with it.
LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Value: TypeAlias = "str | int | float | bool | list[Tree] | dict[str, Tree] | None"

_MAX_DEPTH = 40
# Ends of lines to YAML 1.1, but to no editor, nor to YAML 1.2 (section 5.4): noncharacters stand for them meanwhile.
_LIKE_ENDS = str.maketrans("\x85\u2028\u2029", "\ufdd2\ufdd3\ufdd4")
_AS_WRITTEN = str.maketrans("\ufdd2\ufdd3\ufdd4", "\x85\u2028\u2029")


class Tree(Struct, frozen=True):
    """A YAML value and its place. `key` is the place of the key that names it, if any.

    `block` is true for a literal block scalar (`|`): its text then begins in the line
    below `span`, indented by `indent` columns.
    """

    value: Value
    span: Span
    key: Span | None = None
    block: bool = False
    indent: int = 0

    @property
    def kind(self) -> str:
        """What a person calls this value."""
        match self.value:
            case None:
                return "nothing"
            case bool():
                return "a yes/no value"
            case int() | float():
                return "a number"
            case str():
                return "a text"
            case list():
                return "a list"
            case _:
                return "a mapping"

    def text(self) -> str:
        """The value as text, where a schema has found that it is one."""
        return str(self.value)

    def items(self) -> dict[str, Tree]:
        """The mapping's entries; empty for anything that is no mapping."""
        return self.value if isinstance(self.value, dict) else {}

    def entries(self) -> list[Tree]:
        """The list's entries; empty for anything that is no list."""
        return self.value if isinstance(self.value, list) else []


def load(text: str, file: str) -> Tree:
    """Read YAML. Raises `DiagramError` (yaml-syntax, yaml-duplicate, yaml-alias, empty-file)."""
    try:
        loader = LOADER(text.translate(_LIKE_ENDS))
        try:
            node = loader.get_single_node()
            if node is None:
                raise fail("empty-file", "the file is empty; write a spec in it", Span(file))
            return _tree(node, _YamlReader(loader, file, text.split("\n")), None, 0)
        finally:
            loader.dispose()
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        span = Span(file, before.count("\n") + 1, error.position - before.rfind("\n"))
        raise fail("yaml-syntax", "a control character stands here; remove it", span) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        span = Span(file, mark.line + 1, mark.column + 1) if mark else Span(file)
        what = error.problem or "this is not YAML"
        raise fail("yaml-syntax", f"{what}; {_advice(what)}", span) from None


class _YamlReader(Struct, frozen=True):
    """A file being read, and the lists and maps of it that were met: one that comes again is an alias, and a few
    lines of those stand for more values than there is memory."""

    loader: Any
    file: str
    lines: list[str]
    met: set[int] = field(default_factory=set)


def _tree(node: yaml.Node, reading: _YamlReader, key: Span | None, depth: int) -> Tree:
    file, lines = reading.file, reading.lines
    span = _span(node, file)
    if not isinstance(node, yaml.ScalarNode):
        if id(node) in reading.met:
            message = "this list or map comes again by an alias; write it out where it does"
            raise fail("yaml-alias", message, span)
        reading.met.add(id(node))
    if depth > _MAX_DEPTH:
        raise fail("yaml-depth", f"more than {_MAX_DEPTH} levels deep; flatten it", span)
    if isinstance(node, yaml.ScalarNode):
        node.value = node.value.translate(_AS_WRITTEN)
        value = _scalar(node, reading.loader)
        if not isinstance(value, (str, int, float, bool, type(None))) or ":" in node.value:
            value = node.value  # A date; or `16:9`, which YAML 1.1 takes for minutes and seconds.
        block = node.style == "|"
        return Tree(value, span, key, block, _indent(node, lines) if block else 0)
    if isinstance(node, yaml.SequenceNode):
        return Tree([_tree(item, reading, None, depth + 1) for item in node.value], span, key)
    return Tree(_mapping(node, reading, depth), span, key)


def _scalar(node: yaml.ScalarNode, loader: Any) -> Any:
    """What a scalar stands for; its text where PyYAML fails on it: 2024-13-45, 5,000 digits, `!!bool maybe`,
    `!!int ''`."""
    try:
        return loader.construct_object(node)
    except (ValueError, LookupError, AttributeError, TypeError, ArithmeticError):
        return node.value


def _mapping(node: yaml.Node, reading: _YamlReader, depth: int) -> dict[str, Tree]:
    file = reading.file
    entries: dict[str, Tree] = {}
    for name_node, value_node in node.value:
        place = _span(name_node, file)
        if not isinstance(name_node, yaml.ScalarNode):
            raise fail("yaml-key", "a key must be a text; put it in quotes", place)
        name = str(name_node.value).translate(_AS_WRITTEN)
        if name in entries:
            raise fail(
                "duplicate-key",
                f"'{name}' is already given in line {_line(entries[name])}; keep one of the two",
                place,
            )
        entries[name] = _tree(value_node, reading, place, depth + 1)
    return entries


def _line(tree: Tree) -> int:
    return (tree.key or tree.span).line


def _span(node: yaml.Node, file: str) -> Span:
    return Span(file, node.start_mark.line + 1, node.start_mark.column + 1)


def _indent(node: yaml.Node, lines: list[str]) -> int:
    """The columns by which a block scalar's text is indented: those of its first full line."""
    first, last = node.start_mark.line + 1, node.end_mark.line
    written = node.value.split("\n")
    for line, content in zip(lines[first : last + 1], written, strict=False):
        if content.strip():
            return len(line.rstrip("\r")) - len(content)
    return 0


def _advice(problem: str) -> str:
    if "\\t" in problem or "tab" in problem:
        return "indent with blanks, not tabs"
    if "mapping values are not allowed" in problem:
        return "put a text that holds ': ' in quotes"
    if "undefined alias" in problem or "alias" in problem:
        return "put a text that starts with '*' in quotes"
    return "check the indentation and quotes of this line and the one above"
