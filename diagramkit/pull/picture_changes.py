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
    RecordedNode,
    RecordedShape,
)
from diagramkit.pull import additions, edge_changes, new_labels, positions
from diagramkit.pull.source_change import ConflictError, SourceChange, require
from diagramkit.sources.source_edits import (
    AddGroup,
    AddNode,
    DeleteGroup,
    DeleteNode,
    Edit,
    MoveInto,
    Pin,
    Rename,
)


class PageChanges(Struct):
    """The changes of a page in the order in which they are applied, and what a source cannot express."""

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
        edges = edge_changes.EdgeComparison(self.page, self.graph, self.ids, self.present, added.edges)
        self.result.left_out += edges.left_out
        self._add(edges.deletions())
        self._add(self._deletions())
        self._add(self._renames())
        self._add(edges.others())
        self._add(self._pins(parents))
        self._add(self._deleted_groups())
        self._note_styles()
        return self.result

    def _add(self, changes: list[SourceChange] | Iterator[SourceChange]) -> None:
        self.result.changes += changes

    def _has(self, item: RecordedNode) -> bool:
        return item.key in self.page.shapes or bool(item.text_key and item.text_key in self.page.shapes)

    def _written(self, key: str) -> RecordedShape:
        return self.record.shapes.get(key, RecordedShape("", (0.0, 0.0, 0.0, 0.0)))

    # Deletions

    def _deletions(self) -> Iterator[SourceChange]:
        for name in self.record.nodes:
            if name not in self.present:
                edit = DeleteNode(name)
                yield SourceChange(f"deleted the node '{name}'", _deleted(name, self.items[name].label, edit))

    def _deleted_groups(self) -> Iterator[SourceChange]:
        """Yield the deletions of groups, inner ones first. Groups without ids may have others afterwards."""
        gone = [name for name in self.record.groups if name not in self.present]
        for name in sorted(gone, key=lambda each: -self._depth(each)):
            yield SourceChange(f"deleted the group '{name}'", _deleted(name, self.items[name].label, DeleteGroup(name)))

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
                label = new_labels.label_of(shape.text, written, item.label)
                yield _renamed(name, item.label, label)

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
            moved = positions.moved(before, after, self._shift(parent)) | (after.keys() - before.keys())
            if not moved:
                continue
            if not self._shows_all(parent):
                names = ", ".join(f"'{name}'" for name in sorted(moved))
                self.result.left_out.append(f"{names} moved, on a page that shows only a part of the group around it")
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

    def _shift(self, group: str | None) -> tuple[float, float]:
        """Return how far a group was moved on the page."""
        box = self._box(group) if group in self.items and group else None
        if group is None or box is None:
            return 0.0, 0.0
        return positions.corner_shift(self._written(self.items[group].key).box, box)

    def _shows_all(self, group: str | None) -> bool:
        """Return whether the page shows all members of a group."""
        nodes = {node.id for node in self.graph.child_nodes(group)}
        groups = {each.id for each in self.graph.child_groups(group)}
        return self.page.nests or nodes | groups <= self.items.keys()

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


def _deleted(name: str, label: str, edit: Edit) -> Callable[[Graph], Edit | None]:
    def make(graph: Graph) -> Edit | None:
        now = next((item.label for item in graph.nodes_and_groups if item.id == name), None)
        if now is None or (now != label and isinstance(edit, DeleteGroup)):
            return None  # A group without an id has that of another one, which was deleted.
        if now != label:
            raise ConflictError(f"'{name}' was deleted in the picture, and the source has another label, '{now}', now")
        return edit

    return make


def _added_node(edit: AddNode) -> SourceChange:
    return SourceChange(f"added the node '{edit.id}' ({edit.label})", lambda _: edit)


def _added_group(edit: AddGroup) -> SourceChange:
    return SourceChange(f"added the group '{edit.id}' ({edit.label})", lambda _: edit)


def _renamed(name: str, old: str, label: str) -> SourceChange:
    def make(graph: Graph) -> Edit | None:
        require(graph, name)
        now = next(item.label for item in graph.nodes_and_groups if item.id == name)
        if now == label:
            return None
        if now != old:
            raise ConflictError(f"the label of '{name}' is '{label}' in the picture, and the source has '{now}' now")
        return Rename(name, label)

    return SourceChange(f"renamed '{name}' to '{label}'", make)


def _moved_into(name: str, group: str | None) -> Callable[[Graph], Edit | None]:
    def make(graph: Graph) -> Edit | None:
        require(graph, name, *([group] if group else []))
        parents = {node.id: node.group for node in graph.nodes} | {each.id: each.parent for each in graph.groups}
        return None if parents[name] == group else MoveInto(name, group)

    return make


def _pinned(name: str, rank: int, line: int) -> Callable[[Graph], Edit | None]:
    def make(graph: Graph) -> Edit | None:
        require(graph, name)
        hints = [hint for hint in graph.hints if hint.kind == "pin" and hint.members == (name,)]
        return None if any(hint.values == (rank, line) for hint in hints) else Pin(name, rank, line)

    return make
