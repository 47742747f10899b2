"""Read everything that a user may pass in: specs, Mermaid, Markdown and folders of them.

`find` returns the files that a source stands for, and `load` reads one of them into `Pattern`s.
Messages name a file as the user named it.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import timing
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail, problems_of, unreadable
from diagramkit.files import can_exist
from diagramkit.sources import control_characters, folders, foreign, limits, manifest_folders
from diagramkit.sources.readers import (
    EXTENSIONS,
    MARKDOWN,
    NAMED_EXTENSIONS,
    TEMPLATE,
    LoadResult,
    Reader,
    detect_reader,
    reader_for,
    reader_of,
    without_other_types,
)
from diagramkit.sources.slugs import INDEX, slug

if TYPE_CHECKING:
    from diagramkit.sources.index import SpecIndex

    IndexReader = Callable[[str], SpecIndex]

STDIN = "-"
"""The source that means standard input."""


class SourceFile(Struct, frozen=True):
    """A file to read.

    `path` is the path as the user would write it, `folder` the folder for its pictures, below the output folder. A file
    `in_folder` was found in a folder that the user named, so it may be something else than a source. `problems` are
    the reasons for which a source that the user named cannot be read.
    """

    path: str
    folder: str = ""
    in_folder: bool = False
    problems: tuple[Diagnostic, ...] = ()

    @property
    def may_hold_several(self) -> bool:
        """Whether the file may contain more than one diagram."""
        return self.path == STDIN or (not self.problems and reader_of(self.path).may_hold_several)


def read_index(path: str) -> SpecIndex:
    """Return what the index of a folder says. Raises `DiagramError`."""
    from diagramkit.sources import index

    return index.parse(read_text(path), path)


def find(sources: Iterable[str], read_index: IndexReader = read_index, output: str | None = None) -> list[SourceFile]:
    """Return the files that `sources` (files, folders or `-`) stand for, each of them once.

    The files of a folder are in the order of its index, or sorted by name if it has no index. A source that cannot be
    read is a file with problems if there are others. `read_index` reads the index of a folder,
    and `output` is the output folder of the command, if it has one: what it wrote there is not a source.
    Raises `DiagramError` (no-such-file, no-sources, unknown-format, outside) if none can be read.
    """
    files: dict[str, SourceFile] = {}
    for source in sources:
        try:
            expanded = list(_expand(source, read_index, output))
        except DiagramError as error:
            expanded = [SourceFile(source, problems=error.problems)]
        for file in expanded:
            files.setdefault(file.path, file)
    if files and all(file.problems for file in files.values()):
        raise DiagramError([problem for file in files.values() for problem in file.problems])
    return list(files.values())


@timing.step("read")
def load(file: SourceFile, text: str | None = None) -> LoadResult:
    """Return the diagrams in one file, and every problem in it; `text` is its text if that is known."""
    try:
        return _load(file, text)
    except DiagramError as error:
        return LoadResult((), without_other_types(error) if file.in_folder else error.problems)
    except Exception as error:  # A bug in diagramkit costs only this source.
        return LoadResult((), problems_of(error, Span(file.path)))


def _load(file: SourceFile, text: str | None) -> LoadResult:
    if file.problems:
        return LoadResult((), file.problems)
    if file.in_folder and (kind := _special_kind(file.path)):
        return LoadResult((), (_skipped(file, f"this is {kind} and is skipped"),))
    name = "<stdin>" if file.path == STDIN else file.path
    if text is None:
        text = read_text(file.path)
    if file.path == STDIN:
        reader = detect_reader(text)
    else:
        reader = reader_of(file.path) if file.in_folder else reader_for(file.path, text)
    if file.in_folder and not reader.is_source(text):
        reason = f"it is not a {reader.name}; name the file itself to see what is wrong"
        return LoadResult((), (_skipped(file, f"this file is skipped, because {reason}"),))
    result = reader.read(text, name, file.folder)
    if not result.patterns and not result.problems:
        return LoadResult((), _without_diagram(file, text, reader))
    checked = _checked(result, file, reader)
    if reader is TEMPLATE:  # Its text is not what is drawn, and may contain secrets.
        return checked
    return replace(checked, problems=(*checked.problems, *control_characters.notes(checked.patterns, text, name)))


def _skipped(file: SourceFile, message: str) -> Diagnostic:
    return Diagnostic("not-a-source", message, Span(file.path), "note")


def _without_diagram(file: SourceFile, text: str, reader: Reader) -> tuple[Diagnostic, ...]:
    """Return the problems of a text without a diagram. A fence of a document that was named may lack its language."""
    if reader is MARKDOWN and not file.in_folder:
        from diagramkit.sources import fence_mistakes

        if problems := tuple(fence_mistakes.unmarked(text.split("\n"), file.path)):
            return problems
    return (no_diagram(file),)


def no_diagram(file: SourceFile) -> Diagnostic:
    """Return the problem that a file contains no diagram: an error, or a note if it was found in a folder."""
    severity = "note" if file.in_folder else "error"
    return Diagnostic("no-diagram", "there is no diagram here; add a Mermaid fence", Span(file.path), severity)


def _checked(result: LoadResult, file: SourceFile, reader: Reader) -> LoadResult:
    """Return the result without the diagrams that are too large or empty, and with the notes about the others."""
    from diagramkit.sources import notes  # Its imports take a while, and an unchanged source is not read.

    patterns, problems = [], list(result.problems)
    for pattern in result.patterns:
        problems += pattern.graph.warnings
        try:
            limits.check(pattern.graph, file.path, pattern.span)
        except DiagramError as error:
            problems += error.problems
            continue
        if note := notes.empty_diagram(pattern, reader):
            problems.append(note)
        else:
            patterns.append(pattern)
    problems.extend(filter(None, (notes.not_drawn(patterns), notes.ignored_styles(patterns))))
    return LoadResult(tuple(patterns), tuple(sorted(problems, key=lambda problem: problem.span.line)))


def _expand(source: str, read_index: IndexReader, output: str | None) -> Iterator[SourceFile]:
    """Yield the files that one source stands for."""
    if source == STDIN:
        yield SourceFile(STDIN)
        return
    path = Path(source)
    if not source:
        raise _missing(source)
    if not can_exist(source):
        raise fail("no-such-file", "no file can have this path; check it", Span(source))
    if path.is_dir():
        from diagramkit.sources import templates

        if template := templates.of_folder(path):
            yield SourceFile(template)
            return
        files = list(_files_in_folder(path, read_index, output))
        if not files:
            raise fail(
                "no-sources",
                f"there is no source in this folder (expected {', '.join(EXTENSIONS)}; neither output nor excluded "
                "files count); name another folder, or run 'diagramkit new'",
                Span(source),
            )
        yield from files
        return
    if not path.exists() and not path.is_symlink():
        raise _missing(source)
    if path.suffix.lower() not in NAMED_EXTENSIONS:
        raise fail(
            "unknown-format",
            _unknown_format(path),
            Span(source),
        )
    if path.name == INDEX and (index := _readable_index(path, read_index)) and index.is_list:
        for name in _specs_in_index(path, index):
            yield SourceFile(os.path.join(str(path.parent), name), _picture_folder(name))
        return
    yield SourceFile(source)


def _missing(source: str) -> DiagramError:
    from diagramkit.sources import missing_files  # Not needed as long as all is well.

    return fail("no-such-file", missing_files.message(source), Span(source or "''"))


def _unknown_format(path: Path) -> str:
    """Return the message about a file whose extension is not that of a source."""
    kind, extensions = foreign.by_extension(path.suffix.lower()), ", ".join(NAMED_EXTENSIONS)
    if kind:
        return f"this is {kind}, which diagramkit does not read; use one of {extensions}, or run 'diagramkit new'"
    return f"diagramkit cannot read '{path.suffix or path.name}' files; use one of {extensions}"


def _files_in_folder(folder: Path, read_index: IndexReader, output: str | None) -> Iterator[SourceFile]:
    """Yield the files of a folder: those that its index lists, in that order, then the others by name."""
    path = folder / INDEX
    indexed_names: list[str] = []
    if path.is_file():
        if index := _readable_index(path, read_index):
            indexed_names = _specs_in_index(path, index)
        else:
            yield SourceFile(str(path))
    skipped = {INDEX, *indexed_names}
    other_names = (name for name in sorted(folders.walk(folder, output)) if name not in skipped)
    for name in indexed_names:
        yield SourceFile(os.path.join(str(folder), name), _picture_folder(name))
    for name in other_names:
        yield SourceFile(os.path.join(str(folder), name), _picture_folder(name), in_folder=True)


def _picture_folder(name: str) -> str:
    """Return the folder for the pictures of a file, from the file's path relative to its source folder."""
    return _slug_path(name.rpartition("/")[0])


@lru_cache(maxsize=256)  # Many sources share a folder.
def _slug_path(folder: str) -> str:
    return "/".join(slug(part) for part in PurePath(folder).parts)


def _readable_index(path: Path, read_index: IndexReader) -> SpecIndex | None:
    """Return an index, or None if it cannot be read; reading it as a source then reports why."""
    try:
        return read_index(str(path))
    except DiagramError:
        return None


def _specs_in_index(path: Path, index: SpecIndex) -> list[str]:
    """Return the specs that an index lists, in its order, as paths relative to the index.

    Raises `DiagramError` (outside, no-such-file) for a spec that is missing or not below the folder of the index.
    """
    names: list[str] = []
    for text, span in index.specs:
        name = PurePath(text)
        if name.is_absolute() or ".." in name.parts:
            message = "the index lists a file outside its folder; move the file into the folder"
            raise fail("outside", message, span)
        if not can_exist(str(path.parent / name)) or not (path.parent / name).is_file():
            raise fail("no-such-file", f"there is no '{text}'; remove it from the index or add the file", span)
        if not folders.is_within_project(path.parent / name, path.parent):
            message = f"'{text}' is a link that leads out of the project; replace it with a copy of the file"
            raise fail("outside", message, span)
        names.append(name.as_posix())
    return names


def imported_digests(index: str, read_index: IndexReader = read_index) -> dict[str, str]:
    """Return the digest that each spec of an index had when it was imported, by the spec's path.

    The result is empty if there is no index yet. Raises `DiagramError` if the index is not YAML.
    """
    return read_index(index).digests if Path(index).is_file() else {}


def catalog_title(sources: Iterable[str], read_index: IndexReader = read_index) -> str | None:
    """Return the title of the first folder among `sources` that has an index, or None."""
    for source in sources:
        path = Path(source) / INDEX
        index = _readable_index(path, read_index) if path.is_file() else None
        if index and index.title is not None:
            return index.title
    return None


def _special_kind(path: str) -> str | None:
    """Return what a path stands for that cannot be a source, such as a pipe; None for a file, a folder or nothing."""
    try:
        mode = os.stat(path).st_mode
    except OSError as error:
        return "a link that leads to itself" if error.errno == errno.ELOOP else None
    return None if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else "not a regular file"


def read_text(path: str) -> str:
    """Return a file's text with its line ends unchanged.

    Raises `DiagramError` (unreadable, not-utf8, too-large).
    """
    if (listing := manifest_folders.listing(path)) is not None:
        return listing
    # Opening a pipe waits until something is written to it, and a device may have no end.
    if path != STDIN and (kind := _special_kind(path)):
        raise fail("unreadable", f"this is {kind}; name a file instead", Span(path))
    try:
        if path == STDIN:
            data = sys.stdin.buffer.read()
        else:
            with open(path, "rb") as file:  # noqa: PTH123 - thousands of files may be read
                data = file.read()
    except OSError as error:
        raise unreadable(path, error) from None
    limits.check_size(len(data), path)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        span = Span(path, before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        kind = foreign.by_bytes(data)
        message = f"this is {kind}, not UTF-8" if kind else "this is not UTF-8"
        raise fail("not-utf8", f"{message}; {_advice(kind)}", span) from None


def _advice(kind: str | None) -> str:
    return "save the file as UTF-8" if kind in (None, "UTF-16") else "name a file with Mermaid or a spec"
