"""Finds what was changed about the edges of a page: deleted, attached elsewhere, with another label, added.

Edges have no ids, so a source is compared by how many edges with the same ends and label it should have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set

from diagramkit.graph import Graph
from diagramkit.picture_files.picture_page import PicturePage, RecordedEdge, RecordedShape
from diagramkit.pull import new_labels
from diagramkit.pull.source_change import ConflictError, SourceChange, require
from diagramkit.sources.source_edits import AddEdge, DeleteEdge, Edit, RelabelEdge

_Key = tuple[str, str, str]
"""The ends and the label of an edge."""


class EdgeComparison:
    """Compares the edges of a page with its record.

    `ids` are the ids of nodes and groups by the keys of their shapes, and `present` those that were not deleted.
    `left_out` is what a source cannot express.
    """

    def __init__(
        self, page: PicturePage, graph: Graph, ids: Mapping[str, str], present: Set[str], added: Sequence[AddEdge]
    ) -> None:
        assert page.record is not None
        self._page, self._record, self._graph, self._ids = page, page.record, graph, ids
        self.left_out: list[str] = []
        edges = [edge for edge in self._record.edges if {edge.source, edge.target} <= present]
        self._gone = [edge for edge in edges if edge.key not in page.shapes]
        left = [edge for edge in edges if edge.key in page.shapes]
        self._moved = [edge for edge in left if self._ends(edge) != (edge.source, edge.target)]
        self._renamed = [edge for edge in left if edge not in self._moved and self._label(edge) != edge.label]
        self._added = added
        self._desired = self._counts(edges)

    def deletions(self) -> Iterator[SourceChange]:
        """Yield the deletions of edges, also of those that are attached elsewhere."""
        for edge in (*self._gone, *self._moved):
            yield SourceChange(f"deleted the edge from '{edge.source}' to '{edge.target}'", self._delete(edge))

    def others(self) -> Iterator[SourceChange]:
        """Yield the new labels and the new edges."""
        for edge in self._renamed:
            yield self._relabel(edge, self._label(edge))
        for edge in self._moved:
            source, target = self._ends(edge)
            index = _index_of(self._graph, _key(edge))
            new = AddEdge(source, target, self._label(edge))
            if index is not None:
                old = self._graph.edges[index]
                new = AddEdge(source, target, new.label, old.stroke, old.tail, old.head)
            yield self._add(new)
        for new in self._added:
            yield self._add(new)

    # What a page shows

    def _written(self, key: str) -> RecordedShape:
        return self._record.shapes.get(key, RecordedShape("", (0.0, 0.0, 0.0, 0.0)))

    def _label(self, edge: RecordedEdge) -> str:
        """Return the label of an edge for the source: that of the record if its text is as it was written."""
        key = edge.text_key or edge.key
        shape, written = self._page.shapes.get(key), self._written(key).text
        text = shape.text if shape else ""
        if text == written:
            return edge.label
        return new_labels.label_of(text, written, edge.label) if text else ""

    def _ends(self, edge: RecordedEdge) -> tuple[str, str]:
        """Return the ids at the ends of an edge. Some programs lose what an edge is attached to."""
        shape, written = self._page.shapes[edge.key], self._written(edge.key)
        pairs = ((shape.source, written.source), (shape.target, written.target))
        if self._page.nests and any(end is None and old for end, old in pairs):
            self.left_out.append(f"an end of the edge from '{edge.source}' to '{edge.target}' is not attached")
            return edge.source, edge.target
        ends = [self._ids.get(end or "") if end is not None and end != old else None for end, old in pairs]
        if self._ids.get(written.source or "") == edge.target and edge.source != edge.target:
            ends.reverse()
        return ends[0] or edge.source, ends[1] or edge.target

    def _counts(self, edges: Sequence[RecordedEdge]) -> Counter[_Key]:
        """Return how many edges with the same ends and label the source should have."""
        counts = Counter(map(_key, edges))
        counts.subtract(map(_key, (*self._gone, *self._moved, *self._renamed)))
        counts.update((*self._ends(edge), self._label(edge)) for edge in self._moved)
        counts.update((edge.source, edge.target, self._label(edge)) for edge in self._renamed)
        counts.update((edge.source, edge.target, edge.label) for edge in self._added)
        return counts

    # Changes

    def _delete(self, edge: RecordedEdge) -> Callable[[Graph], Edit | None]:
        key = _key(edge)

        def make(graph: Graph) -> Edit | None:
            index = _index_of(graph, key)
            if index is not None:
                return DeleteEdge(index) if _count(graph, key) > self._desired[key] else None
            if self._was_relabeled(graph, edge):
                raise ConflictError(f"the edge from '{edge.source}' to '{edge.target}' was changed in the source")
            return None

        return make

    def _was_relabeled(self, graph: Graph, edge: RecordedEdge) -> bool:
        """Return whether an edge has a label in the source that no page ever had."""
        ends = edge.source, edge.target
        now = [each for each in graph.edges if (each.source, each.target) == ends]
        expected = sum(count for (source, target, _), count in self._desired.items() if (source, target) == ends)
        return len(now) > expected

    def _relabel(self, edge: RecordedEdge, label: str) -> SourceChange:
        key, new_key = _key(edge), (edge.source, edge.target, label)

        def make(graph: Graph) -> Edit | None:
            index = _index_of(graph, key)
            if _count(graph, new_key) >= self._desired[new_key]:
                return None
            if index is None:
                raise ConflictError(f"the edge from '{edge.source}' to '{edge.target}' was changed in the source")
            return RelabelEdge(index, label)

        text = f"changed the label of the edge from '{edge.source}' to '{edge.target}' to '{label}'"
        return SourceChange(text, make)

    def _add(self, edge: AddEdge) -> SourceChange:
        key = edge.source, edge.target, edge.label

        def make(graph: Graph) -> Edit | None:
            require(graph, edge.source, edge.target)
            return edge if _count(graph, key) < self._desired[key] else None

        return SourceChange(f"added an edge from '{edge.source}' to '{edge.target}'", make)


def _key(edge: RecordedEdge) -> _Key:
    return edge.source, edge.target, edge.label


def _index_of(graph: Graph, key: _Key) -> int | None:
    """Return the index of the first edge with these ends and this label."""
    edges = enumerate(graph.edges)
    return next((index for index, each in edges if (each.source, each.target, each.label) == key), None)


def _count(graph: Graph, key: _Key) -> int:
    return sum((each.source, each.target, each.label) == key for each in graph.edges)
