"""Incremental batches: only what has changed is drawn, files are written atomically, and the manifest is updated."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from diagramkit import files, write_scope
from diagramkit.batch import jobs, manifest
from diagramkit.batch.entries import ManifestEntry, is_outdated
from diagramkit.batch.jobs import Job, Picture, Result, StagedOutput
from diagramkit.batch.memory import trim_heap
from diagramkit.batch.shard import Shard, select
from diagramkit.diagnostics import Diagnostic, Span, fail
from diagramkit.icons.icon import Icon
from diagramkit.options import Options
from diagramkit.outputs import OUTPUTS
from diagramkit.sources import SourceFile, load
from diagramkit.sources.folders import MANIFEST_NAME
from diagramkit.sources.readers import LoadResult
from diagramkit.sources.slugs import claim_name

_SAVE_INTERVAL = 500
"""The manifest is written after this many sources, so that a run that is stopped does not lose its progress."""


class Batch:
    """The diagrams of some sources and the output folder they are drawn into.

    Draw with `runner.run(batch.jobs())` or `run_on_cluster`. Pass each result through `accept`, its pictures to
    `write`, and then the result to `finish`. Call `save` at the end, and `sweep` in any case. `sources` are all
    sources. `pending` maps those that must be drawn to the reason. `current` are the paths (without extension) of
    the pictures that need not be drawn; `files` is the number of their files. For a shard, only its own sources
    count; `idle` means that it has none. Workers may write files to the folder of `staging`, from which `write` moves
    them into place.
    """

    def __init__(
        self,
        sources: Sequence[SourceFile],
        folder: str,
        formats: tuple[str, ...],
        options: Options,
        *,
        force: bool = False,
        shard: Shard | None = None,
    ) -> None:
        self.sources, self._folder = sources, folder
        self._formats, self._options = formats, options
        endings = tuple(OUTPUTS[name].ending for name in formats)
        self._manifest = manifest.load(folder, endings, options, shard.name if shard else "")
        self._owners: dict[str, str] = {}  # Sources by the case-folded names of their pictures.
        self.pending: dict[SourceFile, str] = {}
        self.current: list[str] = []
        self.files = 0
        self._current_problems: list[Diagnostic] = []
        manifest_path = os.path.join(folder, MANIFEST_NAME)
        if not self._manifest.entries and is_outdated(manifest_path):
            message = "this manifest was written by another version of diagramkit: everything is redrawn once"
            self._current_problems.append(Diagnostic("outdated-manifest", message, Span(manifest_path), "note"))
        # The folders with pictures of this run, and those of them that `_check_inside` has checked.
        self._folders, self._checked_folders = {folder}, set[str]()
        self._selected = select(sources, shard) if shard else sources
        self._spans: dict[str, Span] = {}  # Of the pictures of this run, by their names.
        for file in self._selected:
            entry = None if force else self._manifest.current_entry(file)
            owners = {name.casefold(): file.path for name in entry.pictures} if entry else {}
            if entry is None or owners.keys() & self._owners.keys():
                self.pending[file] = "everything is redrawn" if force else self._manifest.stale_reason(file)
            else:
                self._owners |= owners
                self._current_problems += entry.problems
                stems = [self.stem(name) for name in entry.pictures]
                self.current += stems
                self._folders.update(map(os.path.dirname, stems))
                self.files += len(entry.pictures) * len(formats)
        self._run = secrets.token_hex(4)  # Identifies this run in the names of staged files.
        self._initial_digests: dict[SourceFile, str] = {}  # Of the sources that are being drawn.
        self._new_entries: dict[SourceFile, ManifestEntry | None] = {}  # Likewise; None if it must not be recorded.
        # The names of the pictures of each source that has not been recorded yet, or was recorded with others.
        self._picture_names: dict[str, tuple[str, ...]] = {}
        self._failed: set[str] = set()
        self._unsaved = 0

    def run_on_cluster(self, address: str) -> Generator[Result, None, None]:
        """Yield the results of the pending sources, drawn by the workers of a Dask scheduler.

        Raises `DiagramError` (no-cluster, other-version).
        """
        from diagramkit.batch import cluster

        return cluster.run(self._pending_sources(), self._formats, self._options, address)

    def staging(self) -> StagedOutput:
        """Return where workers may write files. Raises `DiagramError` (outside) if the command may not write there."""
        # A worker may be started from scratch, and then it does not know the scope of the command.
        return StagedOutput(write_scope.resolve(self._folder), self._run)

    def jobs(self, load: Callable[[SourceFile], LoadResult] = load) -> Iterator[Job]:
        """Yield the jobs for the pending sources. `load` reads those that may contain several diagrams."""
        return jobs.plan(self._pending_sources(), self._formats, self._options, load)

    def _pending_sources(self) -> Iterator[SourceFile]:
        """Yield the pending sources, and take the digest of each one just before it is read to be drawn."""
        for file in self.pending:
            self._initial_digests[file] = self._manifest.digest_of(file.path)
            yield file

    @property
    def strict(self) -> bool:
        """Whether warnings and notes about sources are findings."""
        return self._options.strict

    def current_problems(self) -> Iterator[Diagnostic]:
        """Yield the problems recorded for the sources that are not drawn again."""
        yield from self._current_problems

    def stem(self, name: str) -> str:
        """Return the path of a picture's files without extension."""
        return self._manifest.path_of(name)

    def accept(self, result: Result) -> Result:
        """Return a result in which a picture has an error instead of files if another source owns its name."""
        pictures = []
        for picture in result.pictures:
            problem = claim_name(self._owners, picture.name, picture.span)
            if problem:
                accepted = replace(picture, files={}, staged={}, problems=(problem,), dependencies=())
            else:
                accepted = picture
                self._spans[picture.name] = picture.span
                name = self._manifest.name_of(result.source.path)
                self._picture_names[name] = (*self._picture_names.get(name, ()), picture.name)
                self._folders.add(os.path.dirname(self.stem(picture.name)))  # noqa: PTH120 - of thousands
            pictures.append(accepted)
        return replace(result, pictures=tuple(pictures))

    def write(self, source: SourceFile, picture: Picture) -> list[str]:
        """Write a picture's files and return the extensions of those that were not already up to date.

        Raises `DiagramError` (outside, unwritable).
        """
        stem = self.stem(picture.name)
        self._check_inside(os.path.dirname(stem))  # noqa: PTH120 - of thousands
        paths = {extension: f"{stem}.{extension}" for extension in picture.extensions}
        changed = [extension for extension, data in picture.files.items() if files.write(paths[extension], data)]
        changed += [extension for extension, file in picture.staged.items() if files.move(paths[extension], file)]
        digests = {
            extension: self._manifest.record_file(paths[extension], data) for extension, data in picture.files.items()
        }
        for extension, file in picture.staged.items():
            digests[extension] = self._manifest.record_digest(paths[extension], file.digest)
        icons = picture.dependencies
        inputs = [*(icon.path for icon in icons), *picture.sources]
        dependencies = {self._manifest.name_of(path): self._manifest.digest_of(path) for path in inputs}
        entry = self._new_entries.get(source, ManifestEntry(self._initial_digests[source], ""))
        if entry is not None:
            self._new_entries[source] = replace(
                entry,
                dependencies={**entry.dependencies, **dependencies},
                problems=(*entry.problems, *picture.problems),
                pictures={**entry.pictures, picture.name: digests},
            )
            if any(map(_has_changed, icons)):  # An icon changed since it was read, so the next run draws again.
                self._new_entries[source] = None
        return changed

    def finish(self, result: Result) -> None:
        """Record the source of a result in the manifest, once all of its pictures are written."""
        source = result.source
        entry = self._new_entries.get(source, ManifestEntry(self._initial_digests[source], ""))
        if entry is not None:
            entry = replace(entry, problems=(*result.problems, *entry.problems))
        if result.failed:
            self._failed.add(self._manifest.name_of(source.path))
            entry = None
        self._new_entries[source] = entry
        if not result.last:
            return
        del self._new_entries[source]
        initial_digest, name = self._initial_digests.pop(source), self._manifest.name_of(source.path)
        # A source that changed while it was drawn is drawn again by the next run.
        if entry is None or self._manifest.digest_of(source.path) != initial_digest:
            return
        self._manifest.record(source, entry)
        if self._picture_names.get(name, ()) == tuple(entry.pictures):
            self._picture_names.pop(name, None)
        self._unsaved += 1
        if self._unsaved >= _SAVE_INTERVAL:
            self._manifest.write()
            trim_heap()
            self._unsaved = 0

    def orphans(self, remove: bool) -> Iterator[dict[str, str]]:
        """Yield the orphaned files of each diagram by their paths, each with `left`, `removed` or `changed`.

        `changed` means that someone modified the file after it was written; such a file is never removed.
        Raises `DiagramError` (outside, unwritable).
        """
        drawn = {name: pictures for name, pictures in self._picture_names.items() if name not in self._failed}
        for digests in self._manifest.orphans(self.sources, drawn).values():
            existing = {path: digest for path, digest in digests.items() if os.path.exists(path)}
            if existing:
                yield {path: self._handle_orphan(path, digest, remove) for path, digest in existing.items()}

    def _handle_orphan(self, path: str, digest: str, remove: bool) -> str:
        """Remove an orphaned file if it may be, and return its status. Raises `DiagramError` (outside, unwritable)."""
        if self._manifest.digest_of(path) != digest:
            return "changed"
        if not remove:
            return "left"
        self._check_inside(str(Path(path).parent))
        files.remove(path)
        return "removed"

    def outputs(self) -> Iterator[tuple[Span, list[str]]]:
        """Yield the position of each diagram, or of its file if it was current, and the files of its pictures."""
        for file in self._selected:
            entry = self._manifest.entries.get(self._manifest.name_of(file.path))
            for name, digests in entry.pictures.items() if entry else ():
                paths = [f"{self.stem(name)}.{extension}" for extension in digests]
                yield self._spans.get(name, Span(file.path)), paths

    def save(self) -> None:
        """Write the manifest and the stamps."""
        self._manifest.save()

    def sweep(self) -> None:
        """Remove the staged files that this run, or an earlier run that was killed, did not move into place."""
        files.sweep(self._folders, self._run)

    def _check_inside(self, folder: str) -> None:
        """Raise `DiagramError` (outside) if a link makes `folder` lead out of the output folder."""
        if folder not in self._checked_folders:
            if not Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(self._folder)):
                message = "is a link that leads out of the output folder; remove it"
                raise fail("outside", message, Span(folder))
            self._checked_folders.add(folder)


def _has_changed(icon: Icon) -> bool:
    """Return whether an icon's file has changed since it was read."""
    try:
        stat = os.stat(icon.path)
    except OSError:
        return True
    return (stat.st_mtime_ns, stat.st_size) != icon.state
