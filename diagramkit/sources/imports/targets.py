"""Find the spec that a template is imported to: one that it was imported to before, or a new one."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePath

from msgspec import Struct

from diagramkit import files, sources, write_scope
from diagramkit.diagnostics import Span, fail
from diagramkit.graph import Pattern
from diagramkit.infrastructure.readers.cdk import MANIFEST
from diagramkit.sources import folders, manifest_folders, templates
from diagramkit.sources.imports import generated, import_key, last_import
from diagramkit.sources.imports.import_key import ImportKey


class ImportTarget(Struct, frozen=True):
    """A spec to import to: its path, its text if it exists, and what it remembers."""

    path: str
    text: str | None = None
    key: ImportKey | None = None


KeyReader = Callable[[str, str], ImportKey | None]
"""Returns what the text of a spec at a path remembers, as `import_key.read` does. It may raise `DiagramError`."""


def target(path: str, read_key: KeyReader = import_key.read) -> ImportTarget:
    """Return the target at a path that a user named. Raises `DiagramError` if it cannot be read."""
    if not os.path.lexists(path):
        return ImportTarget(path)
    text = sources.read_text(path)
    return ImportTarget(path, text, read_key(text, path))


def _destination(path: str, read_key: KeyReader) -> ImportTarget:
    """Return the target at a path in a folder of specs. Raises `DiagramError`: outside, or if it cannot be read."""
    write_scope.resolve(path)  # Before it is read: a link may lead to a file whose content messages would show.
    return target(path, read_key)


def was_imported(spec: str) -> bool:
    """Return whether there is a record of an import to a spec."""
    return os.path.exists(last_import.path_of(spec))


def for_template(
    template: str, output: str, name: str, taken: set[str], read_key: KeyReader = import_key.read
) -> ImportTarget:
    """Return the target of a template in the folder `output`: `NAME.yaml`, or another one if that belongs to another
    template or is `taken`. Raises `DiagramError` (not-imported) if the file there is something else.
    """
    candidates = _candidates(output, name, read_key)
    return next(each for each in candidates if each.path not in taken and _belongs(each, template, None))


def is_of(spec: str, template: str, read_key: KeyReader = import_key.read) -> bool:
    """Return whether a spec was imported from a template."""
    return _is_from(_destination(spec, read_key), template)


def for_stack(
    template: str, folder: str, name: str, stack: str, taken: set[str], read_key: KeyReader = import_key.read
) -> ImportTarget:
    """Return the target of one stack of a template in a folder: `STACK.yaml`, or `NAME.yaml` for the outermost one."""
    for existing in of_split(template, folder, read_key):
        if _stack_of(existing) == stack:
            return existing
    candidates = _candidates(folder, templates.stack_file(stack) if stack else name, read_key)
    return next(each for each in candidates if each.path not in taken and _belongs(each, template, stack))


def of_split(template: str, folder: str, read_key: KeyReader = import_key.read) -> list[ImportTarget]:
    """Return the specs in a folder to which the stacks of a template were imported, by name."""
    paths = sorted(str(path) for path in Path(folder).glob("*.yaml") if path.is_file())
    existing = [_destination(path, read_key) for path in paths]
    return [each for each in existing if _stack_of(each) is not None and _is_from(each, template)]


def _stack_of(existing: ImportTarget) -> str | None:
    """Return the stack that a spec shows, "" for the outermost one, or None if it does not show a stack."""
    key = existing.key
    return (key.stack or "") if key and key.split else None


def _candidates(folder: str, name: str, read_key: KeyReader) -> Iterator[ImportTarget]:
    names = itertools.chain((name,), (f"{name}-{number}" for number in itertools.count(2)))
    return (_destination(os.path.join(folder, f"{each}.yaml"), read_key) for each in names)


def _belongs(candidate: ImportTarget, template: str, stack: str | None) -> bool:
    """Return whether to import a template to a spec. Raises `DiagramError` (not-imported)."""
    if candidate.text is None:
        return True
    if candidate.key is not None:
        return stack is None and _is_from(candidate, template)  # A spec of the same stack was found before.
    if was_imported(candidate.path) or generated.was_generated(candidate.text) or not candidate.text.strip():
        return True
    message = "this file exists and was not imported; choose another folder with -o, or give the file another name"
    raise fail("not-imported", message, Span(candidate.path))


def _is_from(existing: ImportTarget, template: str) -> bool:
    """Return whether a spec was imported from a template, or from one that no longer exists: it may have been moved."""
    if existing.key is None:
        return False
    source = import_key.resolved(existing.key.source, existing.path)
    return not os.path.exists(source) or os.path.realpath(source) == os.path.realpath(source_of(template))


def source_of(template: str) -> str:
    """Return what to remember for the file of a template: the folder, if that is what is imported."""
    path = PurePath(template)
    is_folder = path.name == MANIFEST or path.suffix.lower() == ".tf" or manifest_folders.is_listed(template)
    return str(path.parent) if is_folder else template


def template_of(key: ImportKey, spec: str) -> str:
    """Return the file of the template that a spec was imported from. Raises `DiagramError` (no-such-file, outside)."""
    source = _in_project(key.source, spec, "source")
    path = Path(source)
    file = templates.of_folder(path) if path.is_dir() else source
    if file is None:
        message = f"'{key.source}', which this spec was imported from, contains no template; correct 'source'"
        raise fail("no-such-file", message, Span(spec))
    return file


def others_of(key: ImportKey, spec: str) -> list[str]:
    """Return the other templates that a spec was imported with. Raises `DiagramError` (no-such-file, outside)."""
    return [_in_project(location, spec, "with") for location in key.others]


def _in_project(location: str, spec: str, field: str) -> str:
    """Return the path of something that a spec remembers. Raises `DiagramError` (no-such-file, outside)."""
    path = import_key.resolved(location, spec)
    if not files.can_exist(path) or not Path(path).exists():
        message = (
            f"there is no '{location}', which this spec was imported from; correct '{field}' under 'import', or name "
            "the template on the command line"
        )
        raise fail("no-such-file", message, Span(spec))
    if not folders.is_within_project(path, Path(spec).parent):
        message = (
            f"'{location}', which this spec was imported from, is outside of the project; name the template on the "
            "command line"
        )
        raise fail("outside", message, Span(spec))
    return path


def used_others(drawn: Pattern, paths: Iterable[str], spec: str) -> tuple[str, ...]:
    """Return what to remember of other templates: those from which something is drawn, relative to the spec."""
    files_of_nodes = {node.span.file for node in drawn.graph.nodes}
    used = [path for path in paths if path in files_of_nodes and path != drawn.span.file]
    return tuple(import_key.relative(path, spec) for path in sorted(used))
