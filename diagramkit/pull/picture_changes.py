"""Compares the shapes of a page with its record: what was renamed, moved, deleted and added."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct, field

from diagramkit.graph import Graph
from diagramkit.picture_files.picture_page import (
    Box,
    PicturePage,
    PictureRecord,
    PictureShape,
    RecordedEdge,
    RecordedNode,
    RecordedShape,
)
from diagramkit.pull import additions, labels, positions
from diagramkit.sources.source_edits import (
    AddEdge,
    AddGroup,
    AddNode,
    DeleteEdge,
    DeleteGroup,
    DeleteNode,
    Edit,
    MoveInto,
    Pin,
    RelabelEdge,
    Rename,
)


class SourceChange(Struct, frozen=True):
    """A change for the source: what it is in words, and the edit, which depends on the graph at that time.

    `make` returns None if the source has the change already. It raises `ConflictError` if the source was changed, too.
    """

    text: str
    make: Callable[[Graph], Edit | None]
    is_pin: bool = False


class ConflictError(ValueError):
    """Something was changed in the picture and, differently, in the source. The message says what."""


class PageChanges(Struct):
    """The changes of a page in the order in which they are applied, and what a source cannot say."""

    changes: list[SourceChange] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def find(page: PicturePage, graph: Graph) -> PageChanges:
    """Return the changes of a page that has a record; `graph` is that of its source as it is now."""
    assert page.record is not None
    return _Comparison(page, page.record, graph).changes()


class _Comparison:
    """Compares one page with its record."""

    def __init__(self, page: PicturePage, record: PictureRecord, graph: Graph) -> None:
        self.page, self.record, self.graph = page, record, graph
        self.result = PageChanges()
        self.items: dict[str, RecordedNode] = {**record.groups, **record.nodes}
        self.present = {name for name, each in self.items.items() if self._has(each)}
        # The ids of what shapes are, by key; an edge may end at the label of a node.
        self.ids = {each.key: name for name, each in self.items.items()}
        self.ids |= {each.text_key: name for name, each in self.items.items() if each.text_key}

    def changes(self) -> PageChanges:
        """Return all changes."""
        added = additions.find(self.page, self.record, self.ids, self.graph)
        self.ids |= added.ids
        self.result.left_out += added.left_out
        self._add([_added_group(each) for each in added.groups])
        self._add([_added_node(each) for each in added.nodes])
        parents = {name: self._parent(name) for name in self.present}
        self._add(self._moves(parents))
        reconnected = [each for each in self.record.edges if self._is_reconnected(each)]
        self._add(self._deletions(reconnected))
        self._add(self._renames())
        self._add(self._relabels(reconnected))
        self._add([self._reconnected(each) for each in reconnected])
        self._add([_added_edge(each) for each in added.edges])
        self._add(self._pins(parents))
        self._note_styles()
        return self.result

    def _add(self, changes: list[SourceChange] | Iterator[SourceChange]) -> None:
        self.result.changes += changes

    def _has(self, item: RecordedNode) -> bool:
        return item.key in self.page.shapes or bool(item.text_key and item.text_key in self.page.shapes)

    def _written(self, key: str) -> RecordedShape:
        return self.record.shapes.get(key, RecordedShape("", (0.0, 0.0, 0.0, 0.0)))

    # Deletions

    def _deletions(self, reconnected: list[RecordedEdge]) -> Iterator[SourceChange]:
        gone = [name for name in self.record.nodes if name not in self.present]
        gone_groups = [name for name in self.record.groups if name not in self.present]
        for edge in self.record.edges:
            is_gone = edge.key not in self.page.shapes and not {edge.source, edge.target} & {*gone, *gone_groups}
            if is_gone or edge in reconnected:
                yield _deleted_edge(edge)
        for name in gone:
            yield SourceChange(f"deleted the node '{name}'", _existing(name, DeleteNode(name)))
        depths = {name: self._depth(name) for name in gone_groups}
        for name in sorted(gone_groups, key=lambda each: -depths[each]):
            yield SourceChange(f"deleted the group '{name}'", _existing(name, DeleteGroup(name)))

    def _depth(self, name: str) -> int:
        depth, parent = 0, self.items[name].group
        while parent is not None and parent in self.items and depth < len(self.items):
            depth, parent = depth + 1, self.items[parent].group
        return depth

    # Labels

    def _renames(self) -> Iterator[SourceChange]:
        for name, item in self.items.items():
            key = item.text_key or item.key
            shape = self.page.shapes.get(key)
            if name not in self.present or shape is None:
                continue
            written = self._written(key).text
            if not shape.text and written:
                self.result.left_out.append(f"the label of '{name}' was removed")
            elif shape.text != written:
                label = labels.label_of(shape.text, written, item.label)
                yield _renamed(name, item.label, label)

    def _relabels(self, reconnected: list[RecordedEdge]) -> Iterator[SourceChange]:
        for edge in self.record.edges:
            key = edge.text_key or edge.key
            if edge.key not in self.page.shapes or edge in reconnected:
                continue
            shape, written = self.page.shapes.get(key), self._written(key).text
            text = shape.text if shape else ""
            if text != written:
                label = labels.label_of(text, written, edge.label) if text else ""
                yield _relabeled(edge, label)

    # Edges

    def _ends(self, edge: RecordedEdge) -> tuple[str, str]:
        shape, written = self.page.shapes[edge.key], self._written(edge.key)
        is_reversed = self.ids.get(written.source or "") == edge.target and edge.source != edge.target
        ends = [
            self.ids.get(end or "") if end is not None and end != old else None
            for end, old in ((shape.source, written.source), (shape.target, written.target))
        ]
        if is_reversed:
            ends.reverse()
        return ends[0] or edge.source, ends[1] or edge.target

    def _is_reconnected(self, edge: RecordedEdge) -> bool:
        """Return whether an edge ends at other nodes. Some programs lose what an edge is connected to."""
        if edge.key not in self.page.shapes:
            return False
        shape, written = self.page.shapes[edge.key], self._written(edge.key)
        if self.page.nests and ((shape.source is None and written.source) or (shape.target is None and written.target)):
            if {edge.source, edge.target} <= self.present:
                self.result.left_out.append(f"an end of the edge '{edge.source}' to '{edge.target}' is not connected")
            return False
        return self._ends(edge) != (edge.source, edge.target)

    def _reconnected(self, edge: RecordedEdge) -> SourceChange:
        """Return the change that connects an edge to other nodes; it keeps its look."""
        source, target = self._ends(edge)
        index = _edge_index(self.graph, edge)
        new = AddEdge(source, target, edge.label)
        if index is not None:
            old = self.graph.edges[index]
            new = AddEdge(source, target, old.label, old.stroke, old.tail, old.head)
        count = sum((each.source, each.target, each.label) == (source, target, new.label) for each in self.record.edges)

        def make(graph: Graph) -> Edit | None:
            _require(graph, source, target)
            same = [
                each for each in graph.edges if (each.source, each.target, each.label) == (source, target, new.label)
            ]
            return None if len(same) > count else new

        return SourceChange(f"connected the edge from '{edge.source}' to '{edge.target}' anew", make)

    # Groups and positions

    def _parent(self, name: str) -> str | None:
        """Return the group around something that is on the page."""
        item = self.items[name]
        shape = self.page.shapes.get(item.key)
        if shape is None:
            return item.group
        if not self.page.nests:
            written = self._written(item.key)
            if not positions.moved({"": written.box, "0": (0, 0, 0, 0)}, {"": shape.box, "0": (0, 0, 0, 0)}):
                return self._surviving(item.group)
            return self._around(name, shape)
        key = shape.parent
        seen: set[str] = set()
        while key is not None and key not in seen:
            seen.add(key)
            if key in self.ids:
                return self.ids[key]
            parent = self.page.shapes.get(key)
            key = parent.parent if parent else None
        return None

    def _surviving(self, group: str | None) -> str | None:
        """Return the innermost group around something that was not deleted."""
        for _ in self.items:
            if group is None or group in self.present or group not in self.items:
                return group
            group = self.items[group].group
        return group

    def _around(self, name: str, shape: PictureShape) -> str | None:
        """Return the innermost group whose box contains the middle of a shape."""
        x, y = shape.box[0] + shape.box[2] / 2, shape.box[1] + shape.box[3] / 2
        boxes = {
            group: self.page.shapes[each.key].box
            for group, each in self.record.groups.items()
            if group != name and each.key in self.page.shapes and not self._contains(name, group)
        }
        around = [
            group for group, box in boxes.items() if box[0] <= x <= box[0] + box[2] and box[1] <= y <= box[1] + box[3]
        ]
        return min(around, key=lambda group: boxes[group][2] * boxes[group][3], default=None)

    def _contains(self, outer: str, inner: str) -> bool:
        group: str | None = inner
        for _ in self.items:
            if group is None or group == outer:
                return group == outer
            group = self.items[group].group if group in self.items else None
        return False

    def _moves(self, parents: Mapping[str, str | None]) -> Iterator[SourceChange]:
        for name, parent in parents.items():
            if parent != self._surviving(self.items[name].group):
                where = f"into the group '{parent}'" if parent else "out of its group"
                yield SourceChange(f"moved '{name}' {where}", _moved_into(name, parent))

    def _pins(self, parents: Mapping[str, str | None]) -> Iterator[SourceChange]:
        for parent in dict.fromkeys(parents.values()):
            members = [name for name in parents if parents[name] == parent]
            stayed = [name for name in members if self._surviving(self.items[name].group) == parent]
            before = {name: self._written(self.items[name].key).box for name in stayed}
            after = {name: box for name in members if (box := self._box(name))}
            moved = positions.moved(before, after) | (after.keys() - before.keys())
            if not moved:
                continue
            direction = self._direction(parent)
            old, new = positions.ranks_and_lines(before, direction), positions.ranks_and_lines(after, direction)
            for name in sorted(moved):
                if old.get(name) == new[name]:
                    self.result.left_out.append(f"'{name}' was moved only within its rank and its line")
                    continue
                rank, line = new[name]
                text = f"pinned '{name}' to rank {rank}, line {line}"
                yield SourceChange(text, _pinned(name, rank, line), is_pin=True)

    def _box(self, name: str) -> Box | None:
        shape = self.page.shapes.get(self.items[name].key)
        return shape.box if shape else None

    def _direction(self, parent: str | None) -> str:
        """Return the direction of the flow in a group: that of its own edges, or that of the picture."""
        members = {name for name, item in self.items.items() if item.group == parent}
        counts: Counter[str] = Counter()
        for edge in self.record.edges:
            if {edge.source, edge.target} <= members:
                first, second = (self._written(self.items[end].key).box for end in (edge.source, edge.target))
                dx, dy = (second[axis] + second[axis + 2] / 2 - first[axis] - first[axis + 2] / 2 for axis in (0, 1))
                if abs(dx) >= abs(dy):
                    counts["LR" if dx >= 0 else "RL"] += 1
                else:
                    counts["TB" if dy >= 0 else "BT"] += 1
        total = sum(counts.values())
        best = max(counts, key=lambda name: counts[name], default=self.record.direction)
        own = counts[self.record.direction]
        return best if total and counts[best] > own else self.record.direction

    # Looks

    def _note_styles(self) -> None:
        for name, item in self.items.items():
            shape = self.page.shapes.get(item.key)
            if shape and shape.style != self._written(item.key).style and self._written(item.key).style:
                self.result.left_out.append(f"the style of '{name}' was changed")
        for edge in self.record.edges:
            shape = self.page.shapes.get(edge.key)
            if shape and shape.style != self._written(edge.key).style and self._written(edge.key).style:
                self.result.left_out.append(f"the style of the edge '{edge.source}' to '{edge.target}' was changed")
        own = self.ids.keys() | {edge.key for edge in self.record.edges} | {edge.text_key for edge in self.record.edges}
        for key, written in self.record.shapes.items():
            shape = self.page.shapes.get(key)
            if key not in own and written.text and (shape is None or shape.text != written.text):
                self.result.left_out.append(f"the text '{written.text}' was changed")


# The edits


def _ids(graph: Graph) -> set[str]:
    return {item.id for item in graph.nodes_and_groups}


def _existing(name: str, edit: Edit) -> Callable[[Graph], Edit | None]:
    return lambda graph: edit if name in _ids(graph) else None


def _added_node(edit: AddNode) -> SourceChange:
    return SourceChange(f"added the node '{edit.id}' ({edit.label})", lambda _: edit)


def _added_group(edit: AddGroup) -> SourceChange:
    return SourceChange(f"added the group '{edit.id}' ({edit.label})", lambda _: edit)


def _added_edge(edit: AddEdge) -> SourceChange:
    def make(graph: Graph) -> Edit | None:
        _require(graph, edit.source, edit.target)
        return edit

    return SourceChange(f"added an edge from '{edit.source}' to '{edit.target}'", make)


def _require(graph: Graph, *names: str) -> None:
    for name in names:
        if name not in _ids(graph):
            raise ConflictError(f"the source does not contain '{name}' any more")


def _edge_index(graph: Graph, edge: RecordedEdge) -> int | None:
    """Return the index of an edge in the graph: with its label, or the only one with its ends."""
    ends = [index for index, each in enumerate(graph.edges) if (each.source, each.target) == (edge.source, edge.target)]
    same = [index for index in ends if graph.edges[index].label == edge.label]
    if same:
        return same[0]
    return ends[0] if len(ends) == 1 else None


def _deleted_edge(edge: RecordedEdge) -> SourceChange:
    def make(graph: Graph) -> Edit | None:
        index = _edge_index(graph, edge)
        return None if index is None else DeleteEdge(index)

    return SourceChange(f"deleted the edge from '{edge.source}' to '{edge.target}'", make)


def _renamed(name: str, old: str, label: str) -> SourceChange:
    def make(graph: Graph) -> Edit | None:
        _require(graph, name)
        now = next(item.label for item in graph.nodes_and_groups if item.id == name)
        if now == label:
            return None
        if now != old:
            raise ConflictError(f"the label of '{name}' is '{label}' in the picture, and the source has '{now}' now")
        return Rename(name, label)

    return SourceChange(f"renamed '{name}' to '{label}'", make)


def _relabeled(edge: RecordedEdge, label: str) -> SourceChange:
    def make(graph: Graph) -> Edit | None:
        same = [each for each in graph.edges if (each.source, each.target) == (edge.source, edge.target)]
        index = _edge_index(graph, edge)
        if index is None or graph.edges[index].label != edge.label:
            if any(each.label == label for each in same):
                return None
            raise ConflictError(f"the edge from '{edge.source}' to '{edge.target}' was changed in the source")
        return RelabelEdge(index, label)

    return SourceChange(f"changed the label of the edge from '{edge.source}' to '{edge.target}' to '{label}'", make)


def _moved_into(name: str, group: str | None) -> Callable[[Graph], Edit | None]:
    def make(graph: Graph) -> Edit | None:
        _require(graph, name, *([group] if group else []))
        parents = {node.id: node.group for node in graph.nodes} | {each.id: each.parent for each in graph.groups}
        return None if parents[name] == group else MoveInto(name, group)

    return make


def _pinned(name: str, rank: int, line: int) -> Callable[[Graph], Edit | None]:
    def make(graph: Graph) -> Edit | None:
        _require(graph, name)
        hints = [hint for hint in graph.hints if hint.kind == "pin" and hint.members == (name,)]
        return None if any(hint.values == (rank, line) for hint in hints) else Pin(name, rank, line)

    return make
