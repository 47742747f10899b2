"""Decide what an import does with one spec: write it, merge it with what was edited, or leave it as it is."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from msgspec import Struct

from diagramkit.diagnostics import DiagramError, Span, fail
from diagramkit.graph import Pattern
from diagramkit.sources import spec, yamltree
from diagramkit.sources.imports import generated, last_import, rewriting, spec_content, three_way
from diagramkit.sources.imports.changes import ImportChange, shown
from diagramkit.sources.imports.import_key import ImportKey
from diagramkit.sources.imports.last_import import LastImport
from diagramkit.sources.imports.spec_content import SpecContent


class SpecUpdate(Struct, frozen=True):
    """What to write for a spec: its text, and the record of the import. `changes` are what that changes in the spec."""

    text: str
    record: str
    changes: tuple[ImportChange, ...] = ()


def update(drawn: Pattern, key: ImportKey, path: str, current: str | None, record: str | None) -> SpecUpdate:
    """Return what to write for the diagram of a template.

    `current` is the text of the spec at `path`, and `record` that of the last import, if there are any. An edited spec
    is merged. Raises `DiagramError` if the spec or the record cannot be read (missing-import, damaged-import,
    unchangeable and others).
    """
    data = generated.spec_data(drawn, key.plain)
    new_text = generated.spec_text(drawn, key.plain)
    name = PurePath(path).name
    if current is None or current == new_text:
        return SpecUpdate(new_text, last_import.text(data, name))
    edited, edited_key = _read(current, path)
    last = _last_import(current, edited, record, path)
    merged = three_way.merge(last, edited, spec_content.read(yamltree.from_value(data)), path)
    is_same = merged.content.comparable == edited.comparable and key.plain == edited_key
    if generated.is_unchanged(current) and not is_same:
        return SpecUpdate(new_text, last_import.text(data, name), merged.changes)
    text, changes = current, merged.changes
    if not is_same:
        text, comments = rewriting.rewrite(current, edited, merged.content, key.plain, path)
        _check(text, path)
        changes += tuple(
            ImportChange("lost", f"the comment {shown('# ' + comment)}", "its line is no longer there", Span(path))
            for comment in comments
        )
    if "edges" in data:
        data["edges"] = [edge for edge in data["edges"] if {edge["from"], edge["to"]} <= merged.visible]
    return SpecUpdate(text, last_import.text(data, name, merged.ids, merged.hidden), changes)


def _read(text: str, path: str) -> tuple[SpecContent, Any]:
    """Return the content of a spec and its key `import`. Raises `DiagramError`."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    spec.read(text, path)
    tree = yamltree.load(text, path)
    entries = tree.items()
    if "nodes" not in entries:
        message = (
            "this spec has no 'nodes' any more, which an import could update; give the file another name, or replace "
            "it with --force"
        )
        raise fail("unchangeable", message, Span(path))
    return spec_content.read(tree), rewriting.as_plain(entries["import"]) if "import" in entries else None


def _last_import(current: str, edited: SpecContent, record: str | None, path: str) -> LastImport:
    """Return what was last generated: what its record says or, if nobody edited the spec, the spec."""
    record_path = last_import.path_of(path)
    if record is not None:
        return last_import.read(record, record_path)
    if generated.is_unchanged(current):
        return LastImport(edited)
    message = (
        f"this spec was edited, and '{record_path}', the record of its last import, is missing, so that edits and "
        "changes of the template look the same; restore the record from version control (if the spec was moved, move "
        "its record, too), or import with --force, which replaces the spec and what was edited in it"
    )
    raise fail("missing-import", message, Span(path))


def _check(text: str, path: str) -> None:
    """Check that a spec is still valid. Raises `DiagramError` (unchangeable) if it is not."""
    try:
        spec.read(text.removeprefix("\ufeff").replace("\r\n", "\n"), path)
    except DiagramError as error:
        message = f"this spec would not be valid after the import ({error.problems[0].message}); change that first"
        raise fail("unchangeable", message, Span(path)) from None
