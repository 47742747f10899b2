"""The record of what an import last generated for a spec, which the next import compares with.

It is a YAML file in the folder `.diagramkit/import/` of the project, with the path that the spec has in the project, to
be committed together with the spec. For a spec outside of the current project, the folder is next to the spec.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from diagramkit import project, write_scope
from diagramkit.diagnostics import DiagramError, Span, fail
from diagramkit.sources import spec, yamltree
from diagramkit.sources.imports import spec_content
from diagramkit.sources.imports.spec_content import SpecContent
from diagramkit.sources.value_types import ListType, MapType, TextType
from diagramkit.sources.yaml_text import dump

_FOLDER = Path(".diagramkit", "import")
_HEAD = (
    "# What 'diagramkit import' last generated for {name}, to compare with at the next import.\n"
    "# Commit this file together with the spec, and do not edit it.\n"
)


class LastImport(Struct, frozen=True):
    """A record: the content that was generated, and the ids in the spec that differ from those in it.

    `hidden` are the ids of what somebody had deleted from the spec.
    """

    content: SpecContent
    ids: dict[str, str] = {}
    hidden: frozenset[str] = frozenset()


def path_of(spec_path: str) -> str:
    """Return the path of the record for a spec."""
    root = project.find().root
    real = Path(os.path.realpath(spec_path))
    if real.is_relative_to(root):
        return project.display_path(root / _FOLDER / real.relative_to(root))
    return os.path.join(os.path.dirname(spec_path), str(_FOLDER), real.name)  # noqa: PTH120 - as it was named


def existing(path: str) -> str | None:
    """Return the text of a record, or None if there is none.

    Raises `DiagramError`: outside, or if it cannot be read.
    """
    from diagramkit import sources

    write_scope.resolve(path)  # Before it is read: a link may lead to a file whose content messages would show.
    return sources.read_text(path) if os.path.lexists(path) else None


def text(data: Mapping[str, Any], name: str, ids: Mapping[str, str] | None = None, hidden: Iterable[str] = ()) -> str:
    """Return the text of a record of the spec `data` as it was generated. `name` is the spec's file name.

    The ids are sorted: the order in which they were matched depends on earlier imports.
    """
    record = {"ids": dict(sorted((ids or {}).items())), "hidden": sorted(hidden), "spec": dict(data)}
    return _HEAD.format(name=name) + dump({key: value for key, value in record.items() if value})


def read(record: str, path: str) -> LastImport:
    """Return what a record says. Raises `DiagramError` (damaged-import)."""
    try:
        tree = yamltree.load(record, path)
        entries = tree.items()
        if "spec" not in entries:
            raise fail("missing-key", "there is no key 'spec'", Span(path))
        spec.load(entries["spec"], path)
        ids, hidden = (entries.get(key, yamltree.from_value(empty)) for key, empty in (("ids", {}), ("hidden", [])))
        problems = [*MapType(TextType(), "{a: b}").check(ids, "ids"), *ListType(TextType()).check(hidden, "hidden")]
        if problems:
            raise DiagramError(problems)
        return LastImport(
            spec_content.read(entries["spec"]),
            {name: each.text() for name, each in ids.items().items()},
            frozenset(each.text() for each in hidden.entries()),
        )
    except DiagramError as error:
        problem = error.problems[0]
        message = (
            f"this record of the last import cannot be read ({problem.message}); restore it from version control, or "
            "import with --force, which replaces the spec and what was edited in it"
        )
        raise fail("damaged-import", message, problem.span) from None
