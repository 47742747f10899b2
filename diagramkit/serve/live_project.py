"""What is served: the diagrams of a project's sources as they are now, or as they were when they could last be
drawn, with what is wrong."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from diagramkit import sources
from diagramkit.diagnostics import Diagnostic, DiagramError
from diagramkit.excerpts import excerpt
from diagramkit.pipeline import Options
from diagramkit.publish import cached, gallery
from diagramkit.publish.gallery import GalleryEntry
from diagramkit.sources.slugs import claim_name


class State(Struct, frozen=True):
    """All diagrams by their name, in order; the file of each; what is wrong, by file; size and time of each file as
    it was read; and a number for it all."""

    shown: dict[str, GalleryEntry] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    problems: dict[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    stamps: dict[str, tuple[int, int]] = field(default_factory=dict)
    version: str = ""

    def names(self, path: str) -> list[str]:
        """The diagrams of a file."""
        return [name for name, file in self.files.items() if file == path]


class LiveProject:
    """The diagrams of `given`, drawn as `how` says."""

    def __init__(self, given: Sequence[str], root: Path, how: Options, title: str) -> None:
        self.given, self.root, self.how, self.title = list(given), root.resolve(), how, title
        self.state = State()
        self._lock = threading.Lock()

    def refresh(self, whole: bool = False) -> bool:
        """Read and draw the sources that changed, or all (`whole`): where an icon did. Whether anything is another
        now."""
        with self._lock:
            before, self.state = self.state, self._now(State() if whole else self.state)
            return before.version != self.state.version

    def _now(self, known: State) -> State:
        before, made = self.state, State()
        owners: dict[str, str] = {}
        try:
            found = sources.find(self.given)
        except DiagramError as error:
            return self._numbered(replace(before, problems={self.given[0]: error.problems}))
        for file in found:
            stamp = _stamp(file.path)
            made.stamps[file.path] = stamp
            if known.stamps.get(file.path) == stamp and not known.problems.get(file.path):
                self._keep(known, made, file.path, owners)
                continue
            try:
                loaded = sources.load(file)
                drawn = [self._shown(pattern) for pattern in loaded.patterns]
            except DiagramError as error:
                made.problems[file.path] = error.problems
                # The last good pictures stay, with what is wrong beside them.
                drawn = [before.shown[name] for name in before.names(file.path)]
            else:
                if loaded.warnings:
                    made.problems[file.path] = loaded.warnings
            for one in drawn:
                name = name_of(one)
                if problem := claim_name(owners, name, one.pattern.span):
                    made.problems[file.path] = (*made.problems.get(file.path, ()), problem)
                    continue
                made.shown[name], made.files[name] = one, file.path
        return self._numbered(made)

    def _keep(self, known: State, made: State, path: str, owners: dict[str, str]) -> None:
        """Take over what is known of a file that did not change."""
        for name in known.names(path):
            claim_name(owners, name, known.shown[name].pattern.span)
            made.shown[name], made.files[name] = known.shown[name], path
        if path in known.problems:
            made.problems[path] = known.problems[path]

    def _shown(self, pattern: Any) -> GalleryEntry:
        light, dark = replace(self.how, theme="light"), replace(self.how, theme="dark")
        if self.how.theme not in ("light", "dark", "auto"):
            light = dark = self.how
        svg = cached.picture(pattern, light, "svg")
        return GalleryEntry(pattern, svg, cached.picture(pattern, dark, "svg"), cached.alt_text_of_svg(pattern, svg))

    def _numbered(self, state: State) -> State:
        digest = hashlib.sha256()
        for name, one in state.shown.items():
            digest.update(f"{name}\0{one.pattern!r}".encode("utf-8", "replace"))
            digest.update(one.light)
        for path, problems in state.problems.items():
            digest.update(f"{path}\0{problems!r}".encode("utf-8", "replace"))
        return replace(state, version=digest.hexdigest()[:16])

    def as_data(self) -> dict[str, Any]:
        """The state for the page: its sections as HTML, and what is wrong."""
        state = self.state
        links = {
            name: (f"picture/{name}?light={state.version}", f"picture/{name}?dark={state.version}")
            for name in state.shown
        }
        return {
            "version": state.version,
            "sections": gallery.sections(list(state.shown.values()), links),
            "problems": [diagnostic_data(problem) for some in state.problems.values() for problem in some],
        }

    def inside(self, path: str) -> Path:
        """A file of the project. Raises `ValueError` for any other."""
        found = Path(path).resolve()
        if not found.is_relative_to(self.root):
            raise ValueError("this file is outside the project")
        return found


def _stamp(path: str) -> tuple[int, int]:
    try:
        stat = Path(path).stat()
    except OSError:  # It is told where it is read.
        return 0, 0
    return stat.st_size, stat.st_mtime_ns


def name_of(shown: GalleryEntry) -> str:
    """The name by which a diagram is asked for."""
    return shown.pattern.stem


def diagnostic_data(problem: Diagnostic) -> dict[str, Any]:
    """A problem for the page: its place, its text, and its line with a caret."""
    return {
        "where": str(problem.span),
        "file": problem.span.file,
        "line": problem.span.line,
        "column": problem.span.column,
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "excerpt": "\n".join(excerpt(problem)),
    }
