"""Change a YAML text in place: everything that a change does not concern keeps its formatting and its comments.

A `YamlDocument` collects changes to one text, which refer to it as it was, and `text` applies them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import yaml
from msgspec import Struct

from diagramkit.sources import yamltree
from diagramkit.sources.yaml_text import dump, flow

Path: TypeAlias = tuple[str | int, ...]
"""Where a value is: the keys of mappings and the indexes of lists from the root to it."""

_PROPERTIES = re.compile(r"(?:[&!]\S*[ \t]+)*")
_ANCHOR = re.compile(r"&(\S+)")
_STEP = 2
"""The indentation of new levels."""


class YamlEditError(ValueError):
    """A text is written in a form in which it cannot be changed here."""


class _Replacement(Struct, frozen=True):
    """The text from `start` to `end` becomes `new`.

    Of new lines at the same place, those with the largest `depth` come first, because they belong to what is above.
    """

    start: int
    end: int
    new: str
    depth: int = 0


class YamlDocument:
    """A YAML text and the changes to it. Raises `yamltree.YamlError` if the text is not YAML.

    `removed_comments` are the comments in the lines of what was removed.
    """

    def __init__(self, text: str) -> None:
        self._bom = "\ufeff" if text.startswith("\ufeff") else ""
        self._text = text.removeprefix("\ufeff")
        root = yamltree.compose_with_aliases(self._text)
        if not isinstance(root, yaml.MappingNode):
            raise YamlEditError("the file is not a mapping")
        self._root = root
        self._line_end = "\r\n" if "\r\n" in self._text else "\n"
        self._missing_end = "" if self._text.endswith("\n") else self._line_end
        self._text += self._missing_end
        self._replacements: list[_Replacement] = []
        self.removed_comments: list[str] = []

    @property
    def text(self) -> str:
        """The text with all changes. It ends without a line end if it did so before.

        Raises `YamlEditError` if two changes overlap.
        """
        parts: list[str] = []
        position = 0
        for change in sorted(self._replacements, key=lambda one: (one.start, one.end, -one.depth)):
            if change.start < position:
                raise YamlEditError("two changes concern the same text")
            parts += (self._text[position : change.start], change.new)
            position = change.end
        return self._bom + ("".join(parts) + self._text[position:]).removesuffix(self._missing_end)

    def has(self, path: Path) -> bool:
        """Return whether there is a value at a path."""
        return self._find(path) is not None

    def is_empty(self, path: Path) -> bool:
        """Return whether there is a collection without entries at a path."""
        node = self._find(path)
        return isinstance(node, yaml.CollectionNode) and not node.value

    def is_list(self, path: Path) -> bool:
        """Return whether there is a list at a path."""
        return isinstance(self._find(path), yaml.SequenceNode)

    def names(self, path: Path) -> list[str]:
        """Return the keys of the mapping at a path; none if there is no mapping."""
        node = self._find(path)
        return [str(key.value) for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []

    def plain(self, path: Path) -> Any:
        """Return the value at a path, or None."""
        node = self._find(path)
        return None if node is None else yaml.SafeLoader("").construct_object(node, deep=True)

    def put(self, path: Path, value: Any) -> None:
        """Replace the value at a path, or add it at the end of the mapping around it."""
        node = self._find(path)
        if node is None:
            self.insert(path[:-1], {str(path[-1]): value})
            return
        parent, index = self._entry(path)
        if isinstance(node, yaml.ScalarNode) and not isinstance(value, (dict, list)):
            start, end = self._behind_properties(node), _end(node, self._text)
            before = "" if start < end else " "
            self._replace(start, end, before + flow(value))
            return
        self.removed_comments += self._comments(parent, index)
        if _is_flow(parent):
            self._replace(node.start_mark.index, _end(node, self._text), flow(value))
        else:
            start, end = self._lines_of(parent, index)
            entry = {path[-1]: value} if isinstance(parent, yaml.MappingNode) else [value]
            self._replace(start, end, self._block_at(start, entry, self._column(parent)))

    def insert(self, path: Path, entries: Mapping[str, Any] | Sequence[Any], index: int | None = None) -> None:
        """Insert entries into the mapping or list at a path, before the entry `index` or at the end.

        What is missing on the path is added.
        """
        if not entries:
            return
        plain = dict(entries) if isinstance(entries, Mapping) else list(entries)
        node = self._find(path)
        if node is None:
            self.insert(path[:-1], {str(path[-1]): plain})
        elif isinstance(node, yaml.ScalarNode):
            raise YamlEditError("there is a text where a mapping or a list is expected")
        elif not node.value:
            self._fill(path, node, plain)
        elif _is_flow(node):
            inner = flow(plain)[1:-1]
            if index is not None and index < len(node.value):
                self._insert(_start(node.value[index]), f"{inner}, ")
            else:
                self._insert(_end(node.value[-1], self._text), f", {inner}")
        elif index is not None and index < len(node.value):
            start, column = self._lines_of(node, index)[0], self._column(node)
            shared = "" if self._begins_line(start) else " " * column
            self._insert(start, self._block_at(start, plain, column) + shared, self._depth(node))
        else:
            self._insert_lines(node, self._block(plain, self._column(node)))

    def append_value(self, path: Path, value: Any) -> None:
        """Make a text in a list the only key of a mapping, with a value: `- a` becomes `- a: value`."""
        node = self._find(path)
        if not isinstance(node, yaml.ScalarNode) or node.style in ("|", ">", "*"):
            raise YamlEditError("there is no text in one line")
        self._insert(_end(node, self._text), f": {flow(value)}")

    def split(self, path: Path, values: Sequence[Any]) -> None:
        """Replace an entry of a list, a text or a mapping with one key, by several ones of this kind."""
        parent, index = self._entry(path)
        node = parent.value[index]
        if isinstance(node, yaml.MappingNode):
            start, end = _start(node.value[0]), _end(node.value[0], self._text)
            if _is_flow(node):
                start, end = node.start_mark.index, _end(node, self._text)
        else:
            start, end = self._behind_properties(node), _end(node, self._text)
        first, *others = values
        self._replace(start, end, flow(first)[1:-1] if isinstance(first, dict) else flow(first))
        self.insert(path[:-1], others, index + 1)

    def unwrap(self, path: Path) -> None:
        """Make the only key of a mapping in a list a text: `- a: value` becomes `- a`."""
        parent, index = self._entry(path)
        key, value = parent.value[index]
        if len(parent.value) != 1 or (_is_flow(parent) and self._text[parent.start_mark.index] == "{"):
            raise YamlEditError("there is no key of its own")
        self._replace(key.end_mark.index, _end(value, self._text), "")

    def wrap(self, path: Path, entries: Mapping[str, str], key: str) -> None:
        """Make the list at a path the value of `key` in a mapping, below other entries."""
        node = self._find(path)
        parent, _ = self._entry(path)
        if not isinstance(node, yaml.SequenceNode):
            raise YamlEditError("there is no list")
        if _is_flow(node):
            before = "".join(f"{name}: {flow(value)}, " for name, value in entries.items())
            self._insert(node.start_mark.index, f"{{{before}{key}: ")
            self._insert(_end(node, self._text), "}")
            return
        start, column = self._lines_of(node, 0)[0], self._column(node)
        if column <= self._column(parent) or not self._begins_line(start):
            items = yaml.SafeLoader("").construct_object(node, deep=True)
            self.put(path, {**entries, key: items})
            return
        self._insert(start, self._block(dict(entries), column) + f"{' ' * column}{key}:{self._line_end}")

    def remove(self, path: Path, entries: Iterable[str | int]) -> None:
        """Remove entries of the mapping or list at a path: keys, or indexes."""
        node = self._find(path)
        if node is None or isinstance(node, yaml.ScalarNode):
            return
        removed = {self._index(node, name) for name in entries}
        if not removed:
            return
        for index in sorted(removed):
            self.removed_comments += self._comments(node, index)
        self._remove(node, path, removed)

    def _remove(self, node: yaml.Node, path: Path, removed: set[int]) -> None:
        """Remove entries by their indexes."""
        if len(removed) == len(node.value):
            self._empty(path, node)
        elif _is_flow(node):
            self._remove_from_flow(node, removed)
        else:
            self._remove_lines(node, removed)

    def move(self, path: Path, target: Path) -> None:
        """Move an entry of a mapping into the mapping at `target`, which need not exist.

        Its comments move with it, or, if they cannot be in the text at the target, are removed.
        """
        parent, index = self._entry(path)
        outer, mapping = self._find(target[:-1]), self._find(target)
        if not _is_flow(parent) and mapping is not None and _has_lines(mapping):
            self._insert_lines(mapping, self._shifted(parent, index, self._column(mapping)))
        elif not _is_flow(parent) and mapping is None and outer is not None and _has_lines(outer):
            column = self._column(outer)
            title = f"{' ' * column}{target[-1]}:{self._line_end}"
            self._insert_lines(outer, title + self._shifted(parent, index, column + _STEP))
        else:
            self.removed_comments += self._comments(parent, index)
            self.insert(target, {str(path[-1]): self.plain(path)})
        self._remove(parent, path[:-1], {index})

    def _shifted(self, parent: yaml.Node, index: int, column: int) -> str:
        """Return the lines of an entry with another indentation."""
        start, end = self._lines_of(parent, index)
        if not self._begins_line(start):
            raise YamlEditError("an entry does not begin a line")
        shift = column - self._column(parent)
        lines = self._text[start:end].splitlines(keepends=True)
        return "".join(_indented(line, shift) for line in lines)

    def _insert_lines(self, node: yaml.Node, lines: str) -> None:
        """Insert lines behind a collection in block style."""
        end = self._line_after(_end(node, self._text))
        self._insert(end, lines, self._depth(node))

    def _behind_properties(self, node: yaml.Node) -> int:
        """Return where a text begins behind its anchor and its tag.

        Raises `YamlEditError` if an alias repeats the text, which would change with it.
        """
        start = int(node.start_mark.index)
        match = _PROPERTIES.match(self._text, start, int(node.end_mark.index))
        if match is None or _is_alias(node):
            return start
        anchor = _ANCHOR.search(match.group())
        if anchor and re.search(rf"\*{re.escape(anchor[1])}(?![\w-])", self._text):
            raise YamlEditError("an alias repeats this text")
        return match.end()

    # Where things are

    def _find(self, path: Path) -> yaml.Node | None:
        node: yaml.Node | None = self._root
        for name in path:
            if isinstance(node, yaml.SequenceNode) and isinstance(name, int) and name < len(node.value):
                node = node.value[name]
            elif isinstance(node, yaml.MappingNode):
                node = next((value for key, value in node.value if key.value == name), None)
            else:
                return None
        return node

    def _entry(self, path: Path) -> tuple[yaml.CollectionNode, int]:
        """Return the collection that contains an entry, and the index of the entry."""
        parent = self._find(path[:-1])
        assert isinstance(parent, yaml.CollectionNode)
        return parent, self._index(parent, path[-1])

    def _index(self, node: yaml.Node, name: str | int) -> int:
        if isinstance(node, yaml.SequenceNode):
            assert isinstance(name, int)
            return name
        return next(number for number, (key, _) in enumerate(node.value) if key.value == name)

    def _column(self, node: yaml.Node) -> int:
        """Return the column of the entries of a collection in block style."""
        if isinstance(node, yaml.MappingNode):
            return int(node.value[0][0].start_mark.column)
        return int(node.start_mark.column)

    def _depth(self, node: yaml.Node) -> int:
        """Return how deep the entries of a collection are; the items of a list may have the column of its key."""
        return 2 * self._column(node) + isinstance(node, yaml.SequenceNode)

    def _line_after(self, position: int) -> int:
        end = self._text.find("\n", position)
        return len(self._text) if end < 0 else end + 1

    def _lines_of(self, node: yaml.Node, index: int) -> tuple[int, int]:
        """Return the lines of an entry in block style.

        The first key in a list (`- label: X`) shares its line with the dash and begins after it. Raises
        `YamlEditError` for a list in a list.
        """
        entry = node.value[index]
        start, end = _start(entry), self._line_after(_end(entry, self._text))
        if isinstance(node, yaml.SequenceNode):
            start = self._text.rfind("-", 0, start)
        line_start = self._text.rfind("\n", 0, start) + 1
        if not self._text[line_start:start].strip():
            return line_start, end
        if isinstance(node, yaml.SequenceNode):
            raise YamlEditError("an entry does not begin a line")
        return start, end

    def _begins_line(self, position: int) -> bool:
        return position == 0 or self._text[position - 1] == "\n"

    def _comments(self, node: yaml.Node, index: int) -> list[str]:
        """Return the comments in the lines of an entry."""
        entry = node.value[index]
        start, end = (_start(entry), _end(entry, self._text)) if _is_flow(node) else self._lines_of(node, index)
        comments: list[str] = []
        for text_start, text_end in [*sorted(_scalar_ranges(entry)), (end, end)]:
            comments += re.findall(r"(?:^|\s)#[ \t]*([^\r\n]*\S)", self._text[start:text_start])
            start = max(start, text_end)
        return comments

    # Changes

    def _replace(self, start: int, end: int, new: str) -> None:
        self._replacements.append(_Replacement(start, end, new))

    def _insert(self, position: int, new: str, depth: int = 0) -> None:
        self._replacements.append(_Replacement(position, position, new, depth))

    def _block(self, value: Any, column: int) -> str:
        if not value:
            return ""
        lines = dump(value).splitlines()
        return "".join((f"{' ' * column}{line}" if line else "") + self._line_end for line in lines)

    def _block_at(self, position: int, value: Any, column: int) -> str:
        """Return a value in lines that begin at a position, which may be after a dash."""
        block = self._block(value, column)
        return block if self._begins_line(position) else block[column:]

    def _fill(self, path: Path, node: yaml.Node, entries: Any) -> None:
        """Put entries into an empty collection: in one line if the collection around it is."""
        parent, index = self._entry(path)
        start, end = node.start_mark.index, _end(node, self._text)
        if _is_flow(parent) or not isinstance(parent, yaml.MappingNode):
            self._replace(start, end, flow(entries))
            return
        first, last = self._lines_of(parent, index)
        comment = self._text[end : self._line_after(end)].strip()
        lines = self._block_at(first, {path[-1]: entries}, self._column(parent))
        if comment:
            head, line_end, rest = lines.partition(self._line_end)
            lines = f"{head}  {comment}{line_end}{rest}"
        self._replace(first, last, lines)

    def _empty(self, path: Path, node: yaml.Node) -> None:
        """Remove all entries of a collection, which stays as an empty one."""
        empty = "{}" if isinstance(node, yaml.MappingNode) else "[]"
        if _is_flow(node):
            self._replace(node.start_mark.index, _end(node, self._text), empty)
            return
        parent, index = self._entry(path) if path else (None, 0)
        if isinstance(parent, yaml.SequenceNode):
            self._replace(node.start_mark.index, _end(node, self._text), empty)
            return
        for number in range(len(node.value)):
            self._replace(*self._lines_of(node, number), "")
        if parent is not None:
            colon = self._text.index(":", parent.value[index][0].end_mark.index)
            self._insert(colon + 1, f" {empty}")

    def _remove_lines(self, node: yaml.Node, removed: set[int]) -> None:
        """Remove entries in block style, of which some stay."""
        first = next(index for index in range(len(node.value)) if index not in removed)
        start = self._lines_of(node, 0)[0]
        is_shared = not self._begins_line(start)
        if first and is_shared:  # The line with the dash stays, with the first key that stays.
            self._replace(start, _start(node.value[first]), "")
        for index in sorted(removed):
            if index > first or not is_shared:
                self._replace(*self._lines_of(node, index), "")

    def _remove_from_flow(self, node: yaml.Node, removed: set[int]) -> None:
        entries, index = node.value, 0
        while index < len(entries):
            if index not in removed:
                index += 1
                continue
            first = index
            while index < len(entries) and index in removed:
                index += 1
            if index < len(entries):
                self._replace(_start(entries[first]), _start(entries[index]), "")
            else:
                self._replace(_end(entries[first - 1], self._text), _end(entries[-1], self._text), "")


def _start(entry: Any) -> int:
    """Return where an entry begins: a pair of a mapping, or a value of a list."""
    return int((entry[0] if isinstance(entry, tuple) else entry).start_mark.index)


def _has_lines(node: yaml.Node) -> bool:
    """Return whether a value is a mapping whose entries have lines of their own."""
    return isinstance(node, yaml.MappingNode) and bool(node.value) and not _is_flow(node)


def _is_alias(node: yaml.Node) -> bool:
    """Return whether a text is written as an alias."""
    return getattr(node, "style", None) == "*"


def _is_flow(node: yaml.Node) -> bool:
    """Return whether a collection is written in brackets or braces."""
    return bool(getattr(node, "flow_style", False))


def _end(entry: Any, text: str) -> int:
    """Return where an entry or a value ends, without what follows it."""
    node = entry[1] if isinstance(entry, tuple) else entry
    if isinstance(node, yaml.ScalarNode):
        start, end = node.start_mark.index, node.end_mark.index
        return start + len(text[start:end].rstrip()) if node.style in ("|", ">") else int(end)
    if _is_flow(node) or not node.value:
        return int(node.end_mark.index)
    return _end(node.value[-1], text)


def _scalar_ranges(entry: Any) -> Iterable[tuple[int, int]]:
    """Yield where the texts of an entry are."""
    if isinstance(entry, tuple):
        for part in entry:
            yield from _scalar_ranges(part)
    elif isinstance(entry, yaml.ScalarNode):
        yield entry.start_mark.index, entry.end_mark.index
    else:
        for part in entry.value:
            yield from _scalar_ranges(part)


def _indented(line: str, shift: int) -> str:
    if not line.strip():
        return line
    return " " * shift + line if shift >= 0 else line.removeprefix(" " * -shift)
