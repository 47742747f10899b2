"""The diagrams of a project's sources, kept up to date.

A diagram whose source has an error keeps its last good picture, and the error is reported with it.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from diagramkit import files, sources
from diagramkit.batch.executor import IN_PROCESS, Executor
from diagramkit.diagnostics import Diagnostic, Fix, Span, fail, printable, problems_of
from diagramkit.excerpts import excerpt
from diagramkit.options import Options
from diagramkit.publish import cached, gallery
from diagramkit.publish.gallery import GalleryEntry
from diagramkit.sources.slugs import claim_name


class State(Struct, frozen=True):
    """The diagrams at one time.

    `entries` has all diagrams in order by name, and `files` the source file of each. `problems`, `stamps` (size and
    modification time in nanoseconds when it was read) and `digests` (of the content) are by source file. `version` is a
    digest of all this except the stamps.
    """

    entries: dict[str, GalleryEntry] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    problems: dict[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    stamps: dict[str, tuple[int, int]] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    version: str = ""

    def names(self, path: str) -> list[str]:
        """Return the names of a file's diagrams."""
        return [name for name, file in self.files.items() if file == path]


class LiveProject:
    """The diagrams of `source_names` (files and folders), drawn with `options`; `root` is the project's folder.

    `known` are the files that are or were sources.

    `executor` reads the sources and draws the diagrams, also those that are edited on the page.
    """

    def __init__(
        self, source_names: Sequence[str], root: Path, options: Options, title: str, executor: Executor = IN_PROCESS
    ) -> None:
        self.source_names, self.executor = list(source_names), executor
        self.root, self.options, self.title = root.resolve(), options, title
        self.state, self.known = State(), set[str]()
        self._lock = threading.Lock()

    def add_source(self, path: str) -> None:
        """Show a new source, also if no folder that is shown contains it."""
        self.refresh()
        if path not in self.state.stamps:
            self.source_names.append(path)
            self.refresh()

    def refresh(self, redraw_all: bool = False) -> bool:
        """Read and draw the sources that changed, and return whether the state changed.

        `redraw_all` draws all of them again, for example because an icon file changed.
        """
        with self._lock:
            old_state, self.state = self.state, self._next_state(State() if redraw_all else self.state)
            self.known.update(self.state.stamps)
            return old_state.version != self.state.version

    def _next_state(self, reusable: State) -> State:
        """Return the state of the sources now. Files that did not change are taken from `reusable`."""
        old, new = self.state, State()
        owners: dict[str, str] = {}
        try:
            project_files = sources.find(self.source_names, self.executor.read_index)
        except Exception as error:
            problems = problems_of(error, Span(self.source_names[0]))
            return self._with_version(replace(old, problems={self.source_names[0]: problems}))
        for file in project_files:
            stamp = _stamp(file.path)
            new.stamps[file.path] = stamp
            if reusable.stamps.get(file.path) == stamp and not reusable.problems.get(file.path):
                self._copy_file(reusable, new, file.path, owners)
                continue
            new.digests[file.path] = files.digest_of(file.path)
            entries, problems = self._draw_file(file)
            if problems:
                new.problems[file.path] = problems
            if any(problem.severity == "error" for problem in problems):
                last_good = {name: old.entries[name] for name in old.names(file.path)}
                entries = list((last_good | {name_of(entry): entry for entry in entries}).values())
            for entry in entries:
                name = name_of(entry)
                if problem := claim_name(owners, name, entry.pattern.span):
                    new.problems[file.path] = (*new.problems.get(file.path, ()), problem)
                    continue
                new.entries[name], new.files[name] = entry, file.path
        return self._with_version(new)

    def _copy_file(self, reusable: State, new: State, path: str, owners: dict[str, str]) -> None:
        """Copy what is known about a file that did not change."""
        new.digests[path] = reusable.digests[path]
        for name in reusable.names(path):
            claim_name(owners, name, reusable.entries[name].pattern.span)
            new.entries[name], new.files[name] = reusable.entries[name], path
        if path in reusable.problems:
            new.problems[path] = reusable.problems[path]

    def _draw_file(self, file: sources.SourceFile) -> tuple[list[GalleryEntry], tuple[Diagnostic, ...]]:
        """Return the diagrams of a file that can be drawn, and all problems in the file."""
        loaded = self.executor.load(file)
        entries, problems = [], loaded.problems
        for pattern in loaded.patterns:
            try:
                entries.append(self.executor.call(pattern.span, cached.gallery_entry, pattern, self.options))
            except Exception as error:
                problems += problems_of(error, pattern.span)
        return entries, problems

    def _with_version(self, state: State) -> State:
        digest = hashlib.sha256()
        for name, entry in state.entries.items():
            digest.update(f"{name}\0{entry.pattern!r}".encode("utf-8", "replace"))
            digest.update(entry.light)
        for path, problems in state.problems.items():
            digest.update(f"{path}\0{problems!r}".encode("utf-8", "replace"))
        for path, content in state.digests.items():
            digest.update(f"{path}\0{content}".encode("utf-8", "replace"))
        return replace(state, version=digest.hexdigest()[:16])

    def state_data(self) -> dict[str, Any]:
        """Return the state as JSON data for the page: the version, the sections as HTML, and the problems."""
        state = self.state
        # The version in the address makes browsers load a changed picture again.
        links = {
            name: (f"picture/{name}?light={state.version}", f"picture/{name}?dark={state.version}")
            for name in state.entries
        }
        return {
            "version": state.version,
            "sections": gallery.sections(list(state.entries.values()), links),
            "problems": [diagnostic_data(problem) for problems in state.problems.values() for problem in problems],
        }

    def resolve(self, path: str) -> Path:
        """Return the absolute path of a file of the project. Raises `DiagramError` (outside)."""
        resolved = Path(os.path.realpath(path))
        if not resolved.is_relative_to(self.root):
            raise fail("outside", "this file is outside the project", Span(path))
        return resolved


def _stamp(path: str) -> tuple[int, int]:
    try:
        stat = Path(path).stat()
    except OSError:  # Reading the file reports the error.
        return 0, 0
    return stat.st_size, stat.st_mtime_ns


def name_of(entry: GalleryEntry) -> str:
    """Return the name of a diagram in the addresses of the server."""
    return entry.pattern.stem


def encodable(text: str) -> str:
    """Return a text with U+FFFD in place of each lone surrogate, which no answer and no file can contain."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def diagnostic_data(problem: Diagnostic) -> dict[str, Any]:
    """Return a problem as JSON data for the page. `excerpt` is the line of the source with the place underlined."""
    return {
        "where": encodable(str(problem.span)),
        "file": encodable(problem.span.file),
        "line": problem.span.line,
        "column": problem.span.column,
        "severity": problem.severity,
        "code": problem.code,
        "message": encodable(problem.message),
        "excerpt": "\n".join(excerpt(problem)),
        "width": problem.excerpt.width if problem.excerpt else 0,
        "fix": None if problem.fix is None else _fix_data(problem.fix),
    }


def _fix_data(fix: Fix) -> dict[str, Any]:
    """Return a fix as JSON data: the text `old` at a place becomes `new`, and what to call that."""
    action = f"Replace with {_quoted(fix.new)}" if fix.new.strip() and fix.old else f"Insert {_quoted(fix.new)}"
    return {
        "line": fix.span.line,
        "column": fix.span.column,
        "old": encodable(fix.old),
        "new": encodable(fix.new),
        "margin": fix.margin,
        "title": encodable(action if fix.new.strip() else f"Remove {_quoted(fix.old)}"),
    }


def _quoted(text: str) -> str:
    shown = printable(" ".join(text.split()))
    return f"'{shown[:40]}…'" if len(shown) > 41 else f"'{shown}'"
