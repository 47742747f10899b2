"""Read YAML into a tree in which every value knows its line and column, for messages.

All YAML from outside is read here: specs, indexes, themes, and the front matter and node metadata of Mermaid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

import yaml
from msgspec import Struct, field
from msgspec.structs import replace
from yaml.constructor import SafeConstructor

from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail
from diagramkit.excerpts import with_excerpts

# The C implementation of SafeLoader, if PyYAML was built with it.
_SAFE_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Value: TypeAlias = "str | int | float | bool | list[Tree] | dict[str, Tree] | None"

_MAX_DEPTH = 40
_TOO_DEEP = "nested too deeply"
_MAX_NUMBER_LENGTH = 300
"""The length of the longest number that is converted; Python rejects and slows down with longer ones."""
_MAX_SHOWN = 40
_MAX_DIRECTIVES = 100
"""How many lines may look like directives (`%TAG`); reading them takes quadratic time."""
_TAG_PREFIX = "tag:yaml.org,2002:"
_NUMBER_TAGS = (f"{_TAG_PREFIX}int", f"{_TAG_PREFIX}float")
# YAML 1.1 treats these characters as line ends; editors and YAML 1.2 (section 5.4) do not. Noncharacters replace them
# while PyYAML reads the text, so that its line numbers are those of editors.
_HIDE_LINE_SEPARATORS = str.maketrans("\x85\u2028\u2029", "\ufdd2\ufdd3\ufdd4")
_RESTORE_LINE_SEPARATORS = str.maketrans("\ufdd2\ufdd3\ufdd4", "\x85\u2028\u2029")
_LINE_END = re.compile("\r\n?|\n")
_VALID = re.compile("[\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
"""The characters that YAML may contain (YAML 1.1, section 4.1)."""


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


def from_value(value: Any) -> Tree:
    """Return a value of Python code as a tree, without spans."""
    if isinstance(value, dict):
        value = {str(key): from_value(entry) for key, entry in value.items()}
    elif isinstance(value, list):
        value = [from_value(entry) for entry in value]
    return Tree(value, Span(""))


class YamlError(ValueError):
    """A text is not YAML. `line` and `column` (from 1) are the place in the text; `str()` is what is wrong."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(reason)
        self.line, self.column = line, column


class _DepthLimit:
    """A part of a loader that stops at texts that are nested too deeply."""

    depth = 0

    def descend_resolver(self, current_node: Any, _: Any) -> None:
        """Enter a value in `current_node`. PyYAML calls this before it reads the value."""
        self.depth += 1
        if self.depth > _MAX_DEPTH + 1:
            raise yaml.composer.ComposerError(None, None, _TOO_DEEP, current_node.start_mark)

    def ascend_resolver(self) -> None:
        """Leave a value."""
        self.depth -= 1


class _Loader(_DepthLimit, _SAFE_LOADER):  # type: ignore[misc, valid-type]  # It depends on how PyYAML was built.
    """The safe loader with a limit of depth."""


class _AliasLoader(_DepthLimit, yaml.SafeLoader):
    """A loader that knows where aliases of texts are; the one in C does not."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Compose a node. An alias of a text is a node of its own, at the place of the alias."""
        alias: Any = self.peek_event() if self.check_event(yaml.AliasEvent) else None  # type: ignore[no-untyped-call]
        node: yaml.Node | None = super().compose_node(parent, index)
        if alias is not None and isinstance(node, yaml.ScalarNode):
            return yaml.ScalarNode(node.tag, node.value, alias.start_mark, alias.end_mark, style="*")
        return node


def compose(text: str) -> yaml.Node | None:
    """Return the nodes of a YAML text, or None if it is empty. Raises `YamlError`."""
    with _yaml_errors(text):
        node: yaml.Node | None = _Loader(text.translate(_HIDE_LINE_SEPARATORS)).get_single_node()
        _restore_line_separators(text, [node])
        return node


def compose_with_aliases(text: str) -> yaml.Node | None:
    """Return the nodes as `compose` does. An alias of a text is a node of its own with the style `*`."""
    if "*" not in text:
        return compose(text)
    with _yaml_errors(text):
        node: yaml.Node | None = _AliasLoader(text.translate(_HIDE_LINE_SEPARATORS)).get_single_node()
        _restore_line_separators(text, [node])
        return node


def compose_documents(text: str) -> list[yaml.Node]:
    """Return the nodes of all documents in a YAML text. Raises `YamlError`."""
    with _yaml_errors(text):
        loader = _Loader(text.translate(_HIDE_LINE_SEPARATORS))
        documents: list[yaml.Node] = []
        while loader.check_node():
            documents.append(loader.get_node())
        _restore_line_separators(text, documents)
        return documents


def _restore_line_separators(text: str, documents: Sequence[yaml.Node | None]) -> None:
    """Put the characters that were hidden from PyYAML back into the nodes of a text."""
    if text == text.translate(_HIDE_LINE_SEPARATORS):
        return
    nodes, visited = list(documents), set[int]()
    while nodes:
        node = nodes.pop()
        if isinstance(node, yaml.ScalarNode):
            node.value = node.value.translate(_RESTORE_LINE_SEPARATORS)
        elif isinstance(node, yaml.CollectionNode) and id(node) not in visited:
            visited.add(id(node))
            for child in node.value:
                nodes += child if isinstance(child, tuple) else (child,)


@contextmanager
def _yaml_errors(text: str) -> Iterator[None]:
    """Turn the errors of PyYAML into `YamlError`, and reject what it takes too long for."""
    if text.count("\n%") > _MAX_DIRECTIVES:
        raise YamlError(f"there are more than {_MAX_DIRECTIVES} lines that start with '%'; indent them")
    try:
        yield
    except (yaml.reader.ReaderError, UnicodeEncodeError):  # Their position may be in bytes or in characters.
        match = _VALID.match(text)
        assert match is not None
        before = match.group()
        reason = "there is a control character here; remove it"
        raise YamlError(reason, before.count("\n") + 1, len(before) - before.rfind("\n")) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        assert mark is not None
        raise YamlError(str(error.problem), mark.line + 1, mark.column + 1) from None


def load(text: str, file: str) -> Tree:
    """Read YAML. Raises `DiagramError`, as `parse` does and for the problems that it returns."""
    tree, problems = parse(text, file)
    if problems:
        raise DiagramError(problems)
    return tree


def parse(text: str, file: str) -> tuple[Tree, list[Diagnostic]]:
    """Read YAML in which every value has one place; return it and the problems with its keys and values.

    A key with a problem (yaml-key, duplicate-key) is not in the result, and a value with one (yaml-value) is its text.
    Raises `DiagramError` (yaml-syntax, yaml-alias, yaml-depth, empty-file).
    """
    try:
        node = _compose(text, file)
        if node is None:
            raise fail("empty-file", "the file is empty; write a spec in it", Span(file))
        _reject_aliases(node, file, set())
        tree, problems = _read(node, text, file)
    except DiagramError as error:
        raise DiagramError(with_excerpts(error.problems, text)) from None
    return tree, with_excerpts(problems, text)


def parse_front_matter(text: str, file: str) -> tuple[Tree | None, list[Diagnostic]]:
    """Read YAML that may repeat values through aliases; return it, or None if it is empty, and problems as `parse`.

    Do not visit all values of the result: with aliases, a few lines can stand for more than fit in memory.
    Raises `DiagramError` (yaml-syntax, yaml-alias, yaml-depth).
    """
    node = _compose(text, file)
    return (None, []) if node is None else _read(node, text, file)


def _read(node: yaml.Node, text: str, file: str) -> tuple[Tree, list[Diagnostic]]:
    reader = _YamlReader(SafeConstructor(), file, _LINE_END.split(text))
    return _tree(node, reader, None), reader.problems


def _compose(text: str, file: str) -> yaml.Node | None:
    """Return the nodes of a file. Raises `DiagramError` (yaml-syntax, yaml-depth)."""
    try:
        return compose(text)
    except YamlError as error:
        span, reason = Span(file, error.line, error.column), str(error)
        if reason == _TOO_DEEP:
            message = f"nested more than {_MAX_DEPTH} levels deep; use fewer levels"
            raise fail("yaml-depth", message, span) from None
        line = text.split("\n")[error.line - 1 : error.line]
        message = reason if "; " in reason else f"{reason}; {_advice(reason, ''.join(line))}"
        raise fail("yaml-syntax", message, span) from None


def _reject_aliases(node: yaml.Node, file: str, visited: set[int]) -> None:
    """Raise `DiagramError` (yaml-alias) if a list or mapping appears again: it can stand for any number of values."""
    if isinstance(node, yaml.ScalarNode):
        return
    if id(node) in visited:
        message = "this list or mapping is used again through an alias; write it out instead"
        raise fail("yaml-alias", message, _span(node, file))
    visited.add(id(node))
    for child in node.value:
        for value in child if isinstance(child, tuple) else (child,):
            _reject_aliases(value, file, visited)


class _YamlReader(Struct, frozen=True):
    """The state of reading one file.

    `visited` has the tree of each list and mapping read so far by the id of its node, or None while it is being read.
    `problems` are those with keys and values.
    """

    constructor: Any
    file: str
    lines: list[str]
    visited: dict[int, Tree | None] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)


def _tree(node: yaml.Node, reader: _YamlReader, key: Span | None) -> Tree:
    span = _span(node, reader.file)
    if isinstance(node, yaml.ScalarNode):
        block = node.style == "|"
        return Tree(_scalar(node, reader), span, key, block, _indent(node, reader.lines) if block else 0)
    if id(node) in reader.visited:
        tree = reader.visited[id(node)]
        if tree is None:
            raise fail("yaml-alias", "this list or mapping contains itself through an alias; write it out", span)
        return replace(tree, key=key)
    reader.visited[id(node)] = None
    if isinstance(node, yaml.SequenceNode):
        tree = Tree([_tree(item, reader, None) for item in node.value], span, key)
    else:
        tree = Tree(_mapping(node, reader), span, key)
    reader.visited[id(node)] = tree
    return tree


def _scalar(node: yaml.ScalarNode, reader: _YamlReader) -> str | int | float | bool | None:
    """Return the value of a scalar. Dates stay texts, as does `16:9`, which YAML 1.1 reads as a number in base 60.

    A text that does not fit its type, such as 2024-13-45 or `!!bool maybe`, is a problem (yaml-value) and stays a text.
    """
    is_number = node.tag in _NUMBER_TAGS
    if is_number and ":" in node.value:
        return str(node.value)
    try:
        if is_number and len(node.value) > _MAX_NUMBER_LENGTH:
            raise ValueError
        value = reader.constructor.construct_object(node)
    except (ValueError, LookupError, AttributeError, yaml.YAMLError):
        type_name = node.tag.removeprefix(_TAG_PREFIX)
        shown = node.value if len(node.value) <= _MAX_SHOWN else f"{node.value[:_MAX_SHOWN]}…"
        message = f"'{shown}' is not a valid {type_name}; put a text in quotes, without a tag"
        reader.problems.append(Diagnostic("yaml-value", message, _span(node, reader.file)))
        return str(node.value)
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(node.value)


def _mapping(node: yaml.Node, reader: _YamlReader) -> dict[str, Tree]:
    file = reader.file
    entries: dict[str, Tree] = {}
    lines: dict[str, int] = {}
    for name_node, value_node in node.value:
        key_span = _span(name_node, file)
        if not isinstance(name_node, yaml.ScalarNode):
            reader.problems.append(Diagnostic("yaml-key", "a key must be a text; put it in quotes", key_span))
            continue
        name = str(name_node.value)
        if name in entries:
            message = f"'{name}' is already defined in line {lines[name]}; remove one of them"
            reader.problems.append(Diagnostic("duplicate-key", message, key_span))
            continue
        entries[name] = _tree(value_node, reader, key_span)
        lines[name] = key_span.line
    return entries


def _span(node: yaml.Node, file: str) -> Span:
    return Span(file, node.start_mark.line + 1, node.start_mark.column + 1)


def _indent(node: yaml.Node, lines: list[str]) -> int:
    """Return the columns by which a block scalar's text is indented, judging by its first line that is not empty."""
    for number, content in enumerate(node.value.split("\n"), node.start_mark.line + 1):
        if content:
            return len(lines[number]) - len(content)
    return 0


def _advice(problem: str, line: str) -> str:
    """Return what to do about a syntax error, judging by PyYAML's message and the line of the error."""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "indent with spaces, not tabs"
    if "mapping values are not allowed" in problem:
        return "put a text that contains ': ' in quotes"
    if "unexpected end of stream" in problem:
        return "add the quotation mark at the end of the text that starts with one"
    if "alias" in problem:
        return "put a text that starts with '*' in quotes"
    return "check the indentation and quotes of this line and the one above"
