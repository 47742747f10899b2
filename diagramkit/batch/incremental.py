"""A batch delivered: only what changed is drawn, files are written whole, the manifest kept true."""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from diagramkit import files
from diagramkit.batch import jobs, manifest
from diagramkit.batch.entries import ManifestEntry
from diagramkit.batch.jobs import Job, Picture, Result, StagedOutput
from diagramkit.batch.memory import trim_heap
from diagramkit.batch.shard import Shard, select
from diagramkit.diagnostics import Diagnostic, fail, os_error_reason
from diagramkit.diagnostics import Span as Place
from diagramkit.icons.icon import Icon
from diagramkit.pipeline import Options
from diagramkit.sources import SourceFile
from diagramkit.sources.slugs import claim_name

_SAVED_EVERY = 500
"""Sources drawn, after which the manifest is written: what is done stays done if all is stopped."""


class Batch:
    """The diagrams of some sources, on their way into a folder.

    `current` are the paths (without ending) of those that need not be drawn, `files` counts their files; `given` are
    all sources, `todo` those to be drawn, with the reason, of a `shard` its own (`idle`: it has none); in `waiting`
    files may be put that `write` moves to their places. Each result of `jobs()` is handed to `accept`, its pictures to
    `write`, and it to `close`; at the end `save` is called.
    """

    def __init__(
        self,
        given: Sequence[SourceFile],
        folder: str,
        formats: tuple[str, ...],
        options: Options,
        *,
        anew: bool = False,
        shard: Shard | None = None,
    ) -> None:
        self.given, self._folder = given, folder
        self._formats, self._options = formats, options
        self._manifest = manifest.load(folder, formats, options, shard.name if shard else "")
        self._owners: dict[str, str] = {}
        self.todo: dict[SourceFile, str] = {}
        self.current: list[str] = []
        self.files = 0
        self._told: list[Diagnostic] = []
        self._folders, self._inside = {folder}, set[str]()
        ours = select(given, shard) if shard else given
        self.idle = not ours
        for file in ours:
            entry = None if anew else self._manifest.current(file)
            names = {name.casefold(): file.path for name in entry.pictures} if entry else {}
            if entry is None or names.keys() & self._owners.keys():
                self.todo[file] = "all is to be drawn" if anew else self._manifest.why(file)
            else:
                self._owners |= names
                self._told += entry.told
                stems = [self.stem(name) for name in entry.pictures]
                self.current += stems
                self._folders.update(map(os.path.dirname, stems))
                self.files += len(entry.pictures) * len(formats)
        self._before: dict[SourceFile, str] = {}
        self.waiting = StagedOutput(folder, secrets.token_hex(4))
        self._made: dict[SourceFile, ManifestEntry | None] = {}
        # Of the pictures of sources that are not noted yet.
        self._names: dict[str, tuple[str, ...]] = {}
        self._failed: set[str] = set()
        self._since = 0

    def on_cluster(self, address: str) -> Generator[Result, None, None]:
        """What there is to draw, drawn by the workers of a Dask scheduler. Raises `DiagramError`."""
        from diagramkit.batch import cluster

        return cluster.run(self._begun(), self._formats, self._options, address)

    def jobs(self) -> Iterator[Job]:
        """What there is to draw."""
        return jobs.plan(self._begun(), self._formats, self._options)

    def _begun(self) -> Iterator[SourceFile]:
        """What there is to draw, each noted as it is just before whoever draws it reads it."""
        for file in self.todo:
            self._before[file] = self._manifest.digest_of(file.path)
            yield file

    def told(self) -> Iterator[Diagnostic]:
        """What is to be said of the sources that are not drawn again."""
        yield from self._told

    def stem(self, name: str) -> str:
        """The path of a picture's files, without ending."""
        return os.path.join(self._folder, *name.split("/"))

    def accept(self, result: Result) -> Result:
        """A result as it is to be told. Two diagrams that would have the same file are a problem that names
        both."""
        pictures = []
        for picture in result.pictures:
            problem = claim_name(self._owners, picture.name, picture.span)
            if problem:
                picture = replace(picture, files={}, waiting={}, problems=(problem,), needs=())  # noqa: PLW2901 - the same picture, refused
            else:
                name = self._manifest.named(result.source.path)
                self._names[name] = (*self._names.get(name, ()), picture.name)
                self._folders.add(os.path.dirname(self.stem(picture.name)))  # noqa: PTH120 - of thousands
            pictures.append(picture)
        return replace(result, pictures=tuple(pictures))

    def write(self, source: SourceFile, picture: Picture) -> list[str]:
        """Write a picture's files; the endings of those that were not there as they are. Raises
        `DiagramError`."""
        stem, noted = self.stem(picture.name), self._manifest
        self._check_inside(os.path.dirname(stem))  # noqa: PTH120 - of thousands
        paths = {ending: f"{stem}.{ending}" for ending in picture.endings}
        changed = [end for end, data in picture.files.items() if files.write(paths[end], data)]
        changed += [end for end, one in picture.waiting.items() if files.move(paths[end], one)]
        digests = {end: noted.written(paths[end], data) for end, data in picture.files.items()}
        for end, one in picture.waiting.items():
            digests[end] = noted.remember(paths[end], one.digest)
        needs = {noted.named(icon.path): noted.digest_of(icon.path) for icon in picture.needs}
        entry = self._made.get(source, ManifestEntry(self._before[source], ""))
        if entry is not None:
            self._made[source] = replace(
                entry,
                needs={**entry.needs, **needs},
                told=(*entry.told, *picture.problems),
                pictures={**entry.pictures, picture.name: digests},
            )
            if any(map(_changed, picture.needs)):  # Since then: it is drawn again next time.
                self._made[source] = None
        return changed

    def close(self, result: Result) -> None:
        """Note in the manifest what was written of a result's source, once all of it is."""
        source, noted = result.source, self._manifest
        entry = self._made.get(source, ManifestEntry(self._before[source], ""))
        if entry is not None:
            entry = replace(entry, told=(*result.problems, *entry.told))
        if result.failed:
            self._failed.add(noted.named(source.path))
            entry = None
        self._made[source] = entry
        if not result.last:
            return
        del self._made[source]
        before, name = self._before.pop(source), noted.named(source.path)
        # What changed while it was drawn is drawn again next time.
        if entry is None or noted.digest_of(source.path) != before:
            return
        noted.note(source, entry)
        if self._names.get(name, ()) == tuple(entry.pictures):
            self._names.pop(name, None)
        self._since += 1
        if self._since >= _SAVED_EVERY:
            noted.write()
            trim_heap()
            self._since = 0

    def orphans(self, remove: bool) -> Iterator[tuple[str, str]]:
        """Files that no source makes any more, and of each whether it is `left`, was `removed`, or was
        `changed` since it was written, and so is not removed. Raises `DiagramError` (unwritable)."""
        noted = self._manifest
        made = {name: had for name, had in self._names.items() if name not in self._failed}
        for path, digest in noted.orphans(self.given, made):
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
                    said = f"cannot be removed: {os_error_reason(error)}"
                    raise fail("unwritable", said, Place(path)) from None
                yield path, "removed"

    def save(self) -> None:
        """Write the manifest."""
        self._manifest.save()

    def sweep(self) -> None:
        """Leave no file that was written and not moved to its place, of this run or of one that was killed."""
        files.sweep(self._folders, self.waiting.run)

    def _check_inside(self, folder: str) -> None:
        """Raises `DiagramError` (outside) where files in `folder` would not be in the output folder."""
        if folder not in self._inside:
            if not Path(folder).resolve().is_relative_to(Path(self._folder).resolve()):
                message = "is a link that leads out of the output folder; remove it"
                raise fail("outside", message, Place(folder))
            self._inside.add(folder)


def _changed(icon: Icon) -> bool:
    """Whether an icon's file is not as it was when it was drawn."""
    try:
        stat = os.stat(icon.path)
    except OSError:
        return True
    return (stat.st_mtime_ns, stat.st_size) != icon.state
