"""Open the files that a template refers to, as long as they are in the project."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path, PurePath

from diagramkit import files, project
from diagramkit.diagnostics import Diagnostic, DiagramError, Span

ReadText = Callable[[str], str]
"""Returns the text of a file, or raises `DiagramError`."""

_MAX_FILES = 300


class ProjectFiles:
    """The files that are read for one template. `problems` are those with files that it names."""

    def __init__(self, read_text: ReadText) -> None:
        self._read_text = read_text
        self.paths: list[str] = []
        self.problems: list[Diagnostic] = []

    def open(self, location: str, base: str, span: Span) -> tuple[str, str] | None:
        """Return the path and the text of a file that `base` names by a relative path, or None if it is not readable.

        An address on the web is not opened; a path out of the project is reported.
        """
        if "://" in location or location.startswith(("/", "\\")):
            return None
        folder = str(PurePath(base).parent)
        path = os.path.normpath(os.path.join(folder, location))
        if not files.can_exist(path):
            return None
        if not self._is_inside(path, folder, span):
            return None
        if not Path(path).is_file() or len(self.paths) >= _MAX_FILES:
            return None
        try:
            text = self._read_text(path)
        except DiagramError as error:
            self.problems += error.problems
            return None
        if path not in self.paths:
            self.paths.append(path)
        return path, text

    def _is_inside(self, path: str, folder: str, span: Span) -> bool:
        """Return whether a path, with links resolved, is in the project that a folder belongs to; report if not."""
        root = project.root_of(Path(os.path.realpath(folder)))
        if Path(os.path.realpath(path)).is_relative_to(root):
            return True
        message = "the template names a file outside the project, which is not read; copy the file into the project"
        self.problems.append(Diagnostic("outside", message, span, "warning"))
        return False

    def open_folder(self, location: str, base: str, extension: str, span: Span) -> list[tuple[str, str]]:
        """Return the paths and texts of the files of a folder that have an extension, by name, as `open` does."""
        parent = str(PurePath(base).parent)
        folder = os.path.normpath(os.path.join(parent, location))
        if not files.can_exist(folder) or not Path(folder).is_dir() or not self._is_inside(folder, parent, span):
            return []
        names = sorted(name for name in os.listdir(folder) if name.endswith(extension) and not name.startswith("."))
        opened = (self.open(f"{location}/{name}", base, span) for name in names)
        return [file for file in opened if file]
