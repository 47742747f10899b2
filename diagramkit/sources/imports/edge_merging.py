"""Merge the edges of a new import with those of an edited spec."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from msgspec.structs import replace

from diagramkit.diagnostics import Span
from diagramkit.sources.imports.changes import ImportChange, shown
from diagramkit.sources.imports.field_merging import FieldMerging
from diagramkit.sources.imports.matching import ElementMatch
from diagramkit.sources.imports.spec_content import EdgeContent, EdgeEntry, Fields, SpecContent

_Ends = tuple[str, str]


class EdgeMerging:
    """Merges edges, which are the same if their ends are. What happens to them is added to `changes`."""

    def __init__(
        self,
        matches: Iterable[ElementMatch],
        removed: Collection[str],
        fields: FieldMerging,
        changes: list[ImportChange],
        file: str,
    ) -> None:
        matches = list(matches)
        self._base_ids = {each.base: each.edited for each in matches if each.base and each.edited}
        self._new_ids = {each.new: each.id for each in matches if each.new and (each.edited or each.base is None)}
        self._removed, self._fields, self._changes, self._file = removed, fields, changes, file

    def merge(self, base: SpecContent, edited: SpecContent, new: SpecContent) -> tuple[EdgeEntry, ...]:
        """Return the entries of the edited spec in their order, then new ones."""
        old, generated = _by_ends(base, self._base_ids), _by_ends(new, self._new_ids)
        generated_here = _generated_edges(edited, old)
        entries: list[EdgeEntry] = []
        added: list[EdgeEntry] = []
        for entry in edited.edges:
            staying = []
            for edge in entry.edges:
                base_fields = old[edge.ends] if id(edge) in generated_here else None
                merged = self._merged(edge, base_fields, generated.get(edge.ends), entry.span or Span(self._file))
                staying += [merged] if merged else []
            if not entry.is_line or tuple(staying) == entry.edges:
                entries += [replace(entry, edges=tuple(staying))] if staying else []
            else:
                added += [EdgeEntry((edge,), is_line=True) for edge in staying]
        present = {edge.ends for edge in edited.all_edges()}
        added += self._new_entries(old, generated, present)
        return (*entries, *added)

    def _merged(self, edge: EdgeContent, base: Fields | None, new: Fields | None, span: Span) -> EdgeContent | None:
        """Return an edge of the edited spec after the merge, or None if it goes."""
        what = f"the edge {_edge_text(edge)}"
        gone = next((end for end in edge.ends if end in self._removed), None)
        is_detached = base is not None and "resource" in base and "resource" not in edge.fields
        if gone and (base is None or is_detached or base != edge.fields):
            detail = f"the template no longer contains '{gone}'"
            self._changes.append(ImportChange("lost", what, detail, span))
        elif base is not None and new is not None:
            return replace(edge, fields=self._fields.merge(what, span, base, edge.fields, new))
        elif base is not None and is_detached:
            self._changes.append(ImportChange("detached", what, "", span))
        elif base is not None and not gone:
            edits = [f"its {key} was {shown(value)}" for key, value in edge.fields.items() if value != base.get(key)]
            kind = "removed-edit" if edits else "removed"
            detail = f"it was edited: {', '.join(edits)}" if edits else ""
            self._changes.append(ImportChange(kind, what, detail, span))
            return None
        return None if gone else edge

    def _new_entries(
        self, old: dict[_Ends, Fields], generated: dict[_Ends, Fields], present: set[_Ends]
    ) -> Iterator[EdgeEntry]:
        """Yield the new edges, and report those that were deleted here and changed there."""
        for ends, fields in generated.items():
            if ends in present:
                continue
            edge = EdgeContent(*ends, fields)
            what = f"the edge {_edge_text(edge)}"
            if ends not in old:
                self._changes.append(ImportChange("added", what, "", Span(self._file)))
                yield EdgeEntry((edge,))
            elif {**old[ends], "resource": None} != {**fields, "resource": None}:
                detail = "it was deleted from the spec"
                self._changes.append(ImportChange("conflict", what, detail, Span(self._file)))


def _by_ends(content: SpecContent, ids: dict[str, str]) -> dict[_Ends, Fields]:
    """Return the fields of the edges of an import between what the spec contains, by the ids in the spec."""
    edges: dict[_Ends, Fields] = {}
    for edge in content.all_edges():
        if edge.source in ids and edge.target in ids:
            edges.setdefault((ids[edge.source], ids[edge.target]), edge.fields)
    return edges


def _generated_edges(edited: SpecContent, old: dict[_Ends, Fields]) -> set[int]:
    """Return the identities of the edges that were generated: of several with the same ends, one at most.

    The one with the same resource is preferred.
    """
    chosen: dict[_Ends, EdgeContent] = {}
    for edge in edited.all_edges():
        if edge.ends not in old:
            continue
        resource = old[edge.ends].get("resource")
        current = chosen.get(edge.ends)
        if current is None or (current.fields.get("resource") != resource and edge.fields.get("resource") == resource):
            chosen[edge.ends] = edge
    return {id(edge) for edge in chosen.values()}


def _edge_text(edge: EdgeContent) -> str:
    label = edge.fields.get("label")
    return f"'{edge.source} -> {edge.target}'" + (f" with the label {shown(label)}" if label else "")
