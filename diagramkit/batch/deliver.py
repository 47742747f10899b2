"""A batch delivered: only what changed is drawn, files are written whole, the manifest kept true."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from diagramkit import files
from diagramkit.batch import jobs, manifest
from diagramkit.batch.jobs import Job, Planned, Result
from diagramkit.batch.manifest import Entry
from diagramkit.icons.icon import Icon
from diagramkit.pipeline import Options
from diagramkit.problems import Problem, fail, reason
from diagramkit.problems import Span as Place
from diagramkit.sources import SourceFile

_SAVED_EVERY = 500
"""Sources drawn, after which the manifest is written: what is done stays done if all is stopped."""


class Batch:
    """The diagrams of some sources, on their way into a folder.

    `current` are the paths (without ending) of those that need not be drawn, `files` counts their
    files; `jobs` are to be drawn, their results handed to `write`, then `save` called.
    """

    def __init__(
        self,
        given: list[SourceFile],
        folder: str,
        formats: tuple[str, ...],
        options: Options,
        *,
        anew: bool = False,
    ) -> None:
        self._given = given
        self._manifest = manifest.load(folder, formats, options)
        self._entries: list[Entry] = []
        todo: list[SourceFile] = []
        taken: dict[str, str] = {}
        for file in given:
            entry = None if anew else self._manifest.current(file)
            names = {name.casefold(): file.path for name in entry.pictures} if entry else {}
            if entry is None or names.keys() & taken.keys():
                todo.append(file)
            else:
                self._entries.append(entry)
                taken |= names
        self._before = {file: self._manifest.digest_of(file.path) for file in todo}
        self._planned = jobs.plan(todo, folder, formats, options, taken)
        self._left = {part.source: len(part.jobs) for part in self._planned}
        self._owner = {job.name: part for part in self._planned for job in part.jobs}
        self._made: dict[SourceFile, Entry] = {}
        self._since = 0
        self.current = [
            os.path.join(folder, *name.split("/"))
            for entry in self._entries
            for name in entry.pictures
        ]
        self.files = sum(len(entry.pictures) for entry in self._entries) * len(formats)
        self.jobs: list[Job] = [job for part in self._planned for job in part.jobs]
        self.failed = any(part.failed for part in self._planned)

    def told(self) -> Iterator[Problem]:
        """What is to be said of the sources, of those that are not drawn again too."""
        for entry in self._entries:
            yield from entry.told
        for part in self._planned:
            yield from part.problems

    def write(self, result: Result) -> list[str]:
        """Write a result's files; which of them were not there as they are. Raises `DiagramError`."""
        part = self._owner[result.name]
        if result.failed:
            self._left[part.source] = -1
            return []
        changed = [path for path, data in result.files.items() if files.write(path, data)]
        self._note(part, result)
        return changed

    def _note(self, part: Planned, result: Result) -> None:
        source, noted = part.source, self._manifest
        entry = self._made.get(source) or Entry(self._before[source], "", {}, part.problems)
        digests = {
            path.rpartition(".")[2]: noted.written(path, data)
            for path, data in result.files.items()
        }
        needs = {noted.named(icon.path): noted.digest_of(icon.path) for icon in result.needs}
        self._made[source] = replace(
            entry,
            needs={**entry.needs, **needs},
            told=(*entry.told, *result.problems),
            pictures={**entry.pictures, result.name: digests},
        )
        self._left[source] -= 1
        # What changed while it was drawn is drawn again next time.
        if noted.digest_of(source.path) != self._before[source] or any(map(_changed, result.needs)):
            self._left[source] = -1
        if self._left[source] == 0 and not part.failed:
            noted.note(source, self._made.pop(source))
            self._since += 1
            if self._since >= _SAVED_EVERY:
                noted.save()
                self._since = 0

    def orphans(self, remove: bool) -> Iterator[tuple[str, str]]:
        """Files that no source makes any more, and of each whether it is `left`, was `removed`, or was
        `changed` since it was written, and so is not removed. Raises `DiagramError` (unwritable)."""
        noted = self._manifest
        made = {
            noted.named(part.source.path): {job.name for job in part.jobs}
            for part in self._planned
            if not part.failed
        }
        for path, digest in noted.orphans(self._given, made):
            if not os.path.exists(path):
                continue
            if noted.digest_of(path) != digest:
                yield path, "changed"
            elif not remove:
                yield path, "left"
            else:
                try:
                    Path(path).unlink()
                except OSError as error:
                    said = f"cannot be removed: {reason(error)}"
                    raise fail("unwritable", said, Place(path)) from None
                yield path, "removed"

    def save(self) -> None:
        """Write the manifest."""
        for part in self._planned:
            if not part.jobs and not part.failed:  # A text without a diagram: not to be read again.
                said = Entry(self._before[part.source], "", {}, part.problems)
                self._manifest.note(part.source, said)
        self._manifest.save()


def _changed(icon: Icon) -> bool:
    """Whether an icon's file is not as it was when it was drawn."""
    try:
        stat = os.stat(icon.path)
    except OSError:
        return True
    return (stat.st_mtime_ns, stat.st_size) != icon.state
