"""Merge a new import with a spec that was edited since the last one.

What was edited stays, what changed in the template is updated, and what the template no longer contains is removed.
Whatever was edited here and changed there stays as it was edited, and is reported, as is everything that cannot stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.diagnostics import Span
from diagramkit.sources.imports.changes import ImportChange, shown
from diagramkit.sources.imports.edge_merging import EdgeMerging
from diagramkit.sources.imports.field_merging import FieldMerging
from diagramkit.sources.imports.last_import import LastImport
from diagramkit.sources.imports.matching import ElementMatch, Elements, elements_of, match
from diagramkit.sources.imports.placing import Placing
from diagramkit.sources.imports.spec_content import Fields, GroupContent, LayoutHint, SpecContent
from diagramkit.sources.picture_options import LEGEND_STROKES
from diagramkit.style import group_kinds


class MergedSpec(Struct, frozen=True):
    """The result of a merge.

    - `content`: what the spec says now.
    - `visible`: the ids in the new import of what the spec contains. What is between them was added, if it is new.
    - `ids`: the ids in the spec that differ from those in the new import.
    - `hidden`: the ids in the new import of what somebody deleted from the spec.
    - `changes`: what to report.
    """

    content: SpecContent
    visible: set[str]
    ids: dict[str, str]
    hidden: tuple[str, ...]
    changes: tuple[ImportChange, ...]


def merge(last: LastImport, edited: SpecContent, new: SpecContent, file: str) -> MergedSpec:
    """Merge three versions of a spec: as it was last generated, as it was edited since, and as it is generated now.

    `file` is the spec, for messages.
    """
    return _Merging(last, edited, new, file).merge()


class _Merging:
    """The state of a merge.

    `_removed` are the ids of what the template no longer contains, and `_restored` of what was hidden before.
    """

    def __init__(self, last: LastImport, edited: SpecContent, new: SpecContent, file: str) -> None:
        self._base, self._edited, self._new = last.content, edited, new
        self._file = file
        self._changes: list[ImportChange] = []
        self._matches = match(last.content, last.ids, edited, new)
        self._old, self._current, self._generated = elements_of(last.content), elements_of(edited), elements_of(new)
        self._fields = FieldMerging(self._changes)
        self._removed = {each.edited: each for each in self._matches if each.edited and self._is_removed(each)}
        self._restored = {each.edited for each in self._matches if each.edited and each.base in last.hidden}

    def merge(self) -> MergedSpec:
        merged = self._merged_elements()
        placing = Placing(
            self._matches, self._base, self._edited, self._new, set(self._removed), self._restored, self._report
        )
        nodes = {name: each.fields for name, each in merged.items() if not each.is_group}
        groups = self._groups(merged, placing)
        edges = EdgeMerging(self._matches, self._removed, self._fields, self._changes, self._file)
        entries = edges.merge(self._base, self._edited, self._new)
        content = SpecContent(
            fields=self._fields.merge(
                "the spec", Span(self._file), self._base.fields, self._edited.fields, self._new.fields
            ),
            nodes=nodes,
            edges=entries,
            groups=groups,
            referring=self._referring(),
            legend=(),
            layout=self._layout(),
        )
        content = replace(content, legend=self._legend(content))
        return MergedSpec(
            content,
            {each.new for each in self._matches if each.new and not self._is_hidden(each)},
            {each.new: each.id for each in self._matches if each.new and each.new != each.id},
            tuple(each.new for each in self._matches if each.new and self._is_hidden(each)),
            tuple(self._changes),
        )

    # Nodes and groups

    def _is_removed(self, one: ElementMatch) -> bool:
        """Return whether to remove something. It stays if somebody removed its `resource`, which makes it their own."""
        if one.base is None or one.edited is None or one.new is not None:
            return False
        return not (self._old[one.base].resource and not self._current[one.edited].resource)

    def _is_hidden(self, one: ElementMatch) -> bool:
        """Return whether somebody deleted something from the spec."""
        return one.base is not None and one.edited is None

    def _merged_elements(self) -> Elements:
        """Return the nodes and groups: those in the spec in their order, then the new ones."""
        by_id = {each.edited: each for each in self._matches if each.edited}
        merged: Elements = {}
        for name, element in self._current.items():
            one = by_id.get(name)
            if name in self._removed:
                self._report_removed(name, self._removed[name])
            elif one and one.base and one.new:
                merged[name] = replace(element, fields=self._merged_fields(name, one.base, one.new))
            else:
                merged[name] = element
                if one and one.new is None:
                    self._report("detached", name)
        for one in self._matches:
            if one.new and one.edited is None:
                if one.base is None:
                    merged[one.id] = self._generated[one.new]
                    self._changes.append(ImportChange("added", self._what_new(one), "", Span(self._file)))
                elif self._old[one.base].fields != self._generated[one.new].fields:
                    detail = "it was deleted from the spec"
                    self._changes.append(ImportChange("conflict", self._what_new(one), detail, Span(self._file)))
        return merged

    def _merged_fields(self, name: str, base: str, new: str) -> Fields:
        """Return what is written about something that the template still contains."""
        old, current, generated = self._old[base].fields, self._current[name].fields, self._generated[new].fields
        if name in self._restored:
            return {**current, **{key: value for key, value in generated.items() if key not in current}}
        before, after = old.get("resource"), generated.get("resource")
        if before != after:
            self._report("replaced", name, shown(after))
            if current.get("resource") == before:
                old, current = {**old, "resource": after}, {**current, "resource": after}
        return self._fields.merge(self._what(name), self._span(name), old, current, generated)

    def _report_removed(self, name: str, one: ElementMatch) -> None:
        assert one.base
        old, current = self._old[one.base].fields, self._current[name].fields
        edits = [f"its {key} was {shown(value)}" for key, value in current.items() if value != old.get(key)]
        if edits:
            self._report("removed-edit", name, f"it was edited: {', '.join(edits)}")
        else:
            self._report("removed", name)

    def _groups(self, merged: Elements, placing: Placing) -> dict[str, GroupContent]:
        names = [name for name, each in merged.items() if each.is_group]
        nodes = [name for name, each in merged.items() if not each.is_group]
        parents = placing.groups(names)
        members = placing.members(nodes, names)
        return {
            name: GroupContent(
                fields=merged[name].fields,
                parent=parents[name],
                nodes=members[name],
                is_list=name in self._edited.groups and self._edited.groups[name].is_list,
            )
            for name in names
        }

    # Other keys

    def _referring(self) -> dict[str, tuple[str, ...]]:
        """Return the ids under the keys whose entries belong to nodes and groups, and report those that go."""
        result: dict[str, tuple[str, ...]] = {}
        for key, names in self._edited.referring.items():
            result[key] = tuple(name for name in names if name not in self._removed)
            for name in names:
                if name in self._removed:
                    detail = f"the template no longer contains '{name}'"
                    what = f"the entry '{name}' under '{key}'"
                    self._changes.append(ImportChange("lost", what, detail, self._span(name)))
        return result

    def _layout(self) -> tuple[LayoutHint, ...]:
        """Return the layout hints without what goes, and report those that change."""
        result = []
        for kind, members, values in self._edited.layout:
            left = tuple(name for name in members if name not in self._removed)
            if len(left) >= min(len(members), 2):
                result.append((kind, left, values))
            for name in members:
                if name in self._removed:
                    detail = f"the template no longer contains '{name}'"
                    what = f"'{name}' in the layout hint '{kind}'"
                    self._changes.append(ImportChange("lost", what, detail, self._span(name)))
        return tuple(result)

    def _legend(self, content: SpecContent) -> tuple[str, ...]:
        """Return the names that the legend explains, without those of classes that nothing has any more."""
        gone = _classes(self._edited) - _classes(content) - set(LEGEND_STROKES) - set(group_kinds.load())
        for name in self._edited.legend:
            if name in gone:
                detail = f"nothing has the class '{name}' any more"
                what = f"the entry '{name}' under 'legend'"
                self._changes.append(ImportChange("lost", what, detail, Span(self._file)))
        return tuple(name for name in self._edited.legend if name not in gone)

    # Messages

    def _report(self, kind: str, name: str, detail: str = "") -> None:
        self._changes.append(ImportChange(kind, self._what(name), detail, self._span(name)))

    def _span(self, name: str) -> Span:
        return self._edited.spans.get(name, Span(self._file))

    def _what(self, name: str) -> str:
        """Return what messages call a node or a group: `the node 'orders' (OrdersQueue)`."""
        element = self._current.get(name)
        if element is None:
            one = next(each for each in self._matches if each.id == name and each.new)
            return self._what_new(one)
        return f"the {element.noun} '{name}'" + (f" ({element.resource})" if element.resource else "")

    def _what_new(self, one: ElementMatch) -> str:
        assert one.new
        element = self._generated[one.new]
        return f"the {element.noun} '{one.id}'" + (f" ({element.resource})" if element.resource else "")


def _classes(content: SpecContent) -> set[str]:
    """Return the names of the classes that something in a spec has."""
    fields: list[Mapping[str, Any]] = [
        *content.nodes.values(),
        *(group.fields for group in content.groups.values()),
        *(edge.fields for edge in content.all_edges()),
    ]
    return {name for each in fields for name in str(each.get("class", "")).split()}
