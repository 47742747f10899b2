"""Read YAML into a tree in which every value knows its line and column, for messages."""

from __future__ import annotations

from typing import Any, TypeAlias

import yaml
from msgspec import Struct, field

from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail
from diagramkit.excerpts import with_excerpts

# The C implementation of SafeLoader, if PyYAML was built with it.
LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Value: TypeAlias = "str | int | float | bool | list[Tree] | dict[str, Tree] | None"

_MAX_DEPTH = 40
# YAML 1.1 treats these characters as line ends; editors and YAML 1.2 (section 5.4) do not. Noncharacters replace them
# while PyYAML reads the text, so that its line numbers are those of editors.
_HIDE_LINE_SEPARATORS = str.maketrans("\x85\u2028\u2029", "\ufdd2\ufdd3\ufdd4")
_RESTORE_LINE_SEPARATORS = str.maketrans("\ufdd2\ufdd3\ufdd4", "\x85\u2028\u2029")


class Tree(Struct, frozen=True):
    """A YAML value and its span. `key` is the span of its key, if it is in a mapping.

    `block` is true for a literal block scalar (`|`). The text of one begins in the line below `span`, indented by
    `indent` columns.
    """

    value: Value
    span: Span
    key: Span | None = None
    block: bool = False
    indent: int = 0

    @property
    def type_name(self) -> str:
        """The type of the value in words, for messages."""
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
        """Return the value as text. Validate first that it is a text."""
        return str(self.value)

    def items(self) -> dict[str, Tree]:
        """Return the entries of a mapping; empty if the value is not a mapping."""
        return self.value if isinstance(self.value, dict) else {}

    def entries(self) -> list[Tree]:
        """Return the items of a list; empty if the value is not a list."""
        return self.value if isinstance(self.value, list) else []


def load(text: str, file: str) -> Tree:
    """Read YAML. Raises `DiagramError` (yaml-syntax, yaml-alias, yaml-depth, yaml-key, duplicate-key, empty-file)."""
    tree, problems = parse(text, file)
    if problems:
        raise DiagramError(problems)
    return tree


def parse(text: str, file: str) -> tuple[Tree, list[Diagnostic]]:
    """Read YAML; return it and the problems with its keys (yaml-key, duplicate-key), which are not in the result.

    Raises `DiagramError` (yaml-syntax, yaml-alias, yaml-depth, empty-file).
    """
    try:
        tree, problems = _parse(text, file)
    except DiagramError as error:
        raise DiagramError(with_excerpts(error.problems, text)) from None
    return tree, with_excerpts(problems, text)


def _parse(text: str, file: str) -> tuple[Tree, list[Diagnostic]]:
    try:
        loader = LOADER(text.translate(_HIDE_LINE_SEPARATORS))
        try:
            node = loader.get_single_node()
            if node is None:
                raise fail("empty-file", "the file is empty; write a spec in it", Span(file))
            reader = _YamlReader(loader, file, text.split("\n"))
            return _tree(node, reader, None, 0), reader.problems
        finally:
            loader.dispose()
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        span = Span(file, before.count("\n") + 1, error.position - before.rfind("\n"))
        raise fail("yaml-syntax", "there is a control character here; remove it", span) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        span = Span(file, mark.line + 1, mark.column + 1) if mark else Span(file)
        problem = error.problem or "this is not YAML"
        raise fail("yaml-syntax", f"{problem}; {_advice(problem)}", span) from None


class _YamlReader(Struct, frozen=True):
    """The state of reading one file.

    `visited` has the ids of the lists and mappings read so far. One that appears again comes from an alias; aliases
    are rejected because a few lines of them can stand for more values than fit in memory ("billion laughs").
    `problems` are those with keys.
    """

    loader: Any
    file: str
    lines: list[str]
    visited: set[int] = field(default_factory=set)
    problems: list[Diagnostic] = field(default_factory=list)


def _tree(node: yaml.Node, reader: _YamlReader, key: Span | None, depth: int) -> Tree:
    file, lines = reader.file, reader.lines
    span = _span(node, file)
    if not isinstance(node, yaml.ScalarNode):
        if id(node) in reader.visited:
            message = "this list or mapping is used again through an alias; write it out instead"
            raise fail("yaml-alias", message, span)
        reader.visited.add(id(node))
    if depth > _MAX_DEPTH:
        raise fail("yaml-depth", f"nested more than {_MAX_DEPTH} levels deep; use fewer levels", span)
    if isinstance(node, yaml.ScalarNode):
        node.value = node.value.translate(_RESTORE_LINE_SEPARATORS)
        value = _scalar(node, reader.loader)
        if not isinstance(value, (str, int, float, bool, type(None))) or ":" in node.value:
            value = node.value  # A date; or `16:9`, which YAML 1.1 reads as a number in base 60.
        block = node.style == "|"
        return Tree(value, span, key, block, _indent(node, lines) if block else 0)
    if isinstance(node, yaml.SequenceNode):
        return Tree([_tree(item, reader, None, depth + 1) for item in node.value], span, key)
    return Tree(_mapping(node, reader, depth), span, key)


def _scalar(node: yaml.ScalarNode, loader: Any) -> Any:
    """Return the value of a scalar, or its text if PyYAML cannot convert it.

    Examples of the latter are 2024-13-45, a number of 5,000 digits, `!!bool maybe` and `!!int ''`.
    """
    try:
        return loader.construct_object(node)
    except (ValueError, LookupError, AttributeError, TypeError, ArithmeticError):
        return node.value


def _mapping(node: yaml.Node, reader: _YamlReader, depth: int) -> dict[str, Tree]:
    file = reader.file
    entries: dict[str, Tree] = {}
    for name_node, value_node in node.value:
        key_span = _span(name_node, file)
        if not isinstance(name_node, yaml.ScalarNode):
            reader.problems.append(Diagnostic("yaml-key", "a key must be a text; put it in quotes", key_span))
            continue
        name = str(name_node.value).translate(_RESTORE_LINE_SEPARATORS)
        if name in entries:
            message = f"'{name}' is already defined in line {_line(entries[name])}; remove one of them"
            reader.problems.append(Diagnostic("duplicate-key", message, key_span))
            continue
        entries[name] = _tree(value_node, reader, key_span, depth + 1)
    return entries


def _line(tree: Tree) -> int:
    return (tree.key or tree.span).line


def _span(node: yaml.Node, file: str) -> Span:
    return Span(file, node.start_mark.line + 1, node.start_mark.column + 1)


def _indent(node: yaml.Node, lines: list[str]) -> int:
    """Return the columns by which a block scalar's text is indented, judging by its first line that is not blank."""
    first, last = node.start_mark.line + 1, node.end_mark.line
    contents = node.value.split("\n")
    for line, content in zip(lines[first : last + 1], contents, strict=False):
        if content.strip():
            return len(line.rstrip("\r")) - len(content)
    return 0


def _advice(problem: str) -> str:
    """Return what to do about a syntax error, judging by PyYAML's message."""
    if "\\t" in problem or "tab" in problem:
        return "indent with spaces, not tabs"
    if "mapping values are not allowed" in problem:
        return "put a text that contains ': ' in quotes"
    if "undefined alias" in problem or "alias" in problem:
        return "put a text that starts with '*' in quotes"
    return "check the indentation and quotes of this line and the one above"
