"""Merge what is written about one node, edge or group, key by key."""

from __future__ import annotations

from diagramkit.diagnostics import Span
from diagramkit.sources.imports.changes import ImportChange, shown
from diagramkit.sources.imports.spec_content import Fields


class FieldMerging:
    """Merges fields and adds what happened to `changes`."""

    def __init__(self, changes: list[ImportChange]) -> None:
        self._changes = changes

    def merge(self, what: str, span: Span, base: Fields, edited: Fields, new: Fields) -> Fields:
        """Return the fields of `what`: those that were edited, and otherwise the new ones."""
        merged: Fields = {}
        for key in [*edited, *(key for key in new if key not in edited)]:
            old, current, generated = base.get(key), edited.get(key), new.get(key)
            value = generated if current == old else current
            if value is not None:
                merged[key] = value
            if value != current:
                self._report("changed", what, span, f"{key} {shown(current)} is now {shown(generated)}")
            elif generated not in (old, current):
                self._report("conflict", what, span, _conflict(key, current, generated))
        return merged

    def _report(self, kind: str, what: str, span: Span, detail: str) -> None:
        self._changes.append(ImportChange(kind, what, detail.replace("'None'", "nothing"), span))


def _conflict(key: str, current: object, generated: object) -> str:
    return f"{key} {shown(current)} here, {shown(generated)} there"
