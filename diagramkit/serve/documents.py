"""The files that the editor shows and saves: the sources of a project, and new ones.

A file is saved only over the content that the editor knows, which its digest identifies. So nothing that another
program wrote meanwhile is lost.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from msgspec import Struct

from diagramkit import files, sources
from diagramkit.diagnostics import Span, fail
from diagramkit.serve.live_project import LiveProject
from diagramkit.sources import readers

_NAME = re.compile(r"\w[\w .()+-]*(?:/\w[\w .()+-]*)*")
_MAX_NAME = 200


class SourceDocument(Struct, frozen=True):
    """A text in the editor.

    `file` is its path, or "" if it is not in a file, and `digest` identifies the file's content. `language` is the name
    of its reader. `line` is where the diagram begins that was asked for. A text that is not `editable` is the Mermaid
    of a picture that was made from something else.
    """

    text: str
    language: str
    file: str
    digest: str
    line: int = 1
    title: str = ""
    editable: bool = True


class ChangedError(Exception):
    """The file that should be saved has another content than the editor knows. `current` is the file now, if any."""

    def __init__(self, current: SourceDocument) -> None:
        super().__init__(current.file)
        self.current = current


def open_diagram(project: LiveProject, name: str) -> SourceDocument | None:
    """Return the source of a diagram, or None if there is no such diagram. Raises `DiagramError`."""
    path = project.state.files.get(name)
    if path is None:
        return None
    pattern = project.state.entries[name].pattern
    if pattern.resources:
        return SourceDocument(pattern.source_text, "mermaid", "", "", title=pattern.title, editable=False)
    return _read(path, pattern.span.line, pattern.title)


def open_file(project: LiveProject, path: str) -> SourceDocument | None:
    """Return a source of the project, or None if there is no such file. Raises `DiagramError`."""
    if path not in project.state.stamps:
        return None
    return _read(path)


def _read(path: str, line: int = 1, title: str = "") -> SourceDocument:
    text = sources.read_text(path)
    return SourceDocument(text, readers.reader_of(path).name, path, _digest(text.encode("utf-8")), line, title)


def save(project: LiveProject, path: str, text: str, digest: str) -> SourceDocument:
    """Write a source of the project whose content `digest` identifies; "" stands for a file that was removed.

    Raises `ChangedError`, and `DiagramError` (outside, unwritable).
    """
    if path not in project.known:
        raise fail("outside", "this is not a source of this project", Span(path))
    target = str(project.resolve(path))
    current = files.read(target)
    if ("" if current is None else _digest(current)) != digest:
        raise ChangedError(SourceDocument("", "", path, "") if current is None else _read(path))
    files.write(target, text.encode("utf-8"))
    return _read(path)


def create(project: LiveProject, name: str, text: str) -> SourceDocument:
    """Write a new source into the project. The extension of `name` tells its kind.

    Raises `DiagramError` (bad-name, file-exists, outside, unwritable).
    """
    if not _NAME.fullmatch(name) or len(name) > _MAX_NAME:
        message = "choose a name of letters, digits, spaces, '-', '_' and '/'"
        raise fail("bad-name", message, Span(name or "(no name)"))
    if not name.lower().endswith(readers.EXTENSIONS):
        raise fail("bad-name", f"end the name with one of {', '.join(readers.EXTENSIONS)}", Span(name))
    path = os.path.normpath(os.path.join(_folder(project), name))
    if os.path.lexists(path):
        raise fail("file-exists", "this file exists already; choose another name", Span(path))
    files.write(str(project.resolve(path)), text.encode("utf-8"))
    project.add_source(path)
    return _read(path)


def _folder(project: LiveProject) -> str:
    """Return the folder for new sources: the first one that is shown, or that of the first file."""
    folders = [name for name in project.source_names if Path(name).is_dir()]
    return folders[0] if folders else str(Path(project.source_names[0]).parent)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
