"""Reads an edited picture and applies its changes to the texts of its sources. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path, PurePath, PurePosixPath

from msgspec import Struct, field

from diagramkit import files, project
from diagramkit.diagnostics import Diagnostic, Span, fail, unreadable
from diagramkit.graph import Pattern
from diagramkit.picture_files import drawio_pages, pptx_pages
from diagramkit.picture_files.picture_page import PicturePage, PictureRecord
from diagramkit.picture_files.untrusted import MAX_BYTES, BadPictureError
from diagramkit.pull import picture_changes
from diagramkit.pull.group_ids import GroupIds
from diagramkit.pull.source_change import ConflictError, SourceChange
from diagramkit.sources import folders, read_text, readers
from diagramkit.sources.source_edits import Edit, Pin, SourceEditError, Unpin, apply


class PulledSource(Struct):
    """A source with the changes of a picture: its text before and after, and what the changes are in words."""

    path: str
    before: str
    text: str
    done: list[str] = field(default_factory=list)


class PullResult(Struct):
    """The sources of a picture, and what could not be written into them."""

    sources: list[PulledSource] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)


def pull(picture: str, source: str | None = None) -> PullResult:
    """Return what the changes of a picture make of its sources, or of `source`.

    Raises `DiagramError` (bad-picture, no-origin and those of reading the source).
    """
    pages = read_pages(picture)
    result = PullResult()
    by_path: dict[str, PulledSource] = {}
    recorded = [page for page in pages if page.record is not None]
    if not recorded:
        message = (
            "this picture does not say which source it was drawn from; draw it again with 'diagramkit render' or "
            "'diagramkit export', from a file"
        )
        raise fail("no-origin", message, Span(picture))
    for page in recorded:
        assert page.record is not None
        path = source or _source_path(picture, page.record)
        if path not in by_path:
            text = read_text(path)
            by_path[path] = PulledSource(path, text, text)
        _PagePull(page, page.record, by_path[path], picture, result).run()
    result.sources = list(by_path.values())
    return result


def read_pages(picture: str) -> list[PicturePage]:
    """Return the pages of a picture. Raises `DiagramError` (unreadable, bad-picture)."""
    extension = PurePath(picture).suffix.lower()
    try:
        path = Path(picture)
        if not path.is_file() and path.exists():
            raise fail("unreadable", "this is not a file; name a .drawio or .pptx file", Span(picture))
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise unreadable(picture, error) from None
    try:
        if len(data) > MAX_BYTES:
            raise BadPictureError("it is too large")
        if extension == ".pptx":
            return pptx_pages.read(data)
        return drawio_pages.read(data.decode("utf-8-sig"))
    except (BadPictureError, UnicodeDecodeError) as error:
        reason = str(error) if isinstance(error, BadPictureError) else "it is not UTF-8"
        message = f"this file cannot be read as a picture: {reason}; save it again as .drawio or .pptx"
        raise fail("bad-picture", message, Span(picture)) from None


def _source_path(picture: str, record: PictureRecord) -> str:
    """Return the path of the source that a record names, in the project of the picture or of the current folder.

    Raises `DiagramError` (no-origin) if there is no such file.
    """
    parts = PurePosixPath(record.source).parts
    outside = fail("no-origin", "this picture names a source outside of its project", Span(picture))
    if not parts or PurePosixPath(record.source).is_absolute() or ".." in parts or "\\" in record.source:
        raise outside
    roots = (project.root_of(project.folder_of(picture)), project.find().root, project.folder_of(picture), Path.cwd())
    for root in roots:
        path = root.joinpath(*parts)
        if files.can_exist(path) and path.is_file():
            if not folders.is_within_project(path, root):  # Messages would show what is in the target of a link.
                raise outside
            return project.display_path(path)
    message = (
        f"the source of this picture, '{record.source}', does not exist here; name it with --source, or run the "
        "command in its project"
    )
    raise fail("no-origin", message, Span(picture))


class _PagePull:
    """Applies the changes of one page to its source."""

    def __init__(
        self, page: PicturePage, record: PictureRecord, source: PulledSource, picture: str, result: PullResult
    ) -> None:
        self.source, self.picture, self.result = source, picture, result
        self.page, self.record = page, record
        self.pattern = _pattern(source, record, picture)
        self.ids = GroupIds(self.pattern.graph)

    def run(self) -> None:
        """Apply all changes. Pins are tried again after the others, which may be in their way."""
        differences = picture_changes.find(self.page, self.pattern.graph)
        for text in differences.left_out:
            self._report("not-pulled", f"{text}, which a source cannot express; change it there by hand if it matters")
        waiting: list[SourceChange] = []
        for change in differences.changes:
            if (problem := self._apply(change)) is None:
                continue
            if change.is_pin:
                waiting.append(change)
            else:
                self._report(*problem)
        self._apply_pins(waiting)

    def _apply_pins(self, waiting: Sequence[SourceChange]) -> None:
        """Apply pins that other pins were in the way of: at last without the old pins of what they are about."""
        for _ in range(len(waiting)):
            left = [change for change in waiting if self._apply(change) is not None]
            if len(left) in (0, len(waiting)):
                waiting = left
                break
            waiting = left
        before = self.source.text, self.pattern
        for change in waiting:
            with suppress(ConflictError, SourceEditError):
                pin = change.make(self.ids.original(self.pattern.graph))
                if isinstance(pin, Pin):
                    self._edit(self.ids.current(Unpin(pin.id)))
        problems = [problem for change in waiting if (problem := self._apply(change)) is not None]
        if problems:
            self.source.text, self.pattern = before
            for problem in problems:
                self._report(*problem)

    def _apply(self, change: SourceChange) -> tuple[str, str] | None:
        """Apply a change. Return the code and the message of a problem if it cannot be applied."""
        try:
            edit = change.make(self.ids.original(self.pattern.graph))
            if edit is not None:
                self._edit(self.ids.current(edit))
                self.source.done.append(change.text)
        except ConflictError as error:
            return "pull-conflict", f"{error}; decide which one is right, and change the source"
        except SourceEditError as error:
            return "not-pulled", f"{change.text}: {error}"
        return None

    def _edit(self, edit: Edit) -> None:
        before = self.pattern.graph
        self.source.text, self.pattern = apply(self.source.text, self.source.path, self.pattern, edit)
        self.ids.follow(before, self.pattern.graph, edit)

    def _report(self, code: str, message: str) -> None:
        self.result.problems.append(Diagnostic(code, message, Span(self.picture), "warning"))


def _pattern(source: PulledSource, record: PictureRecord, picture: str) -> Pattern:
    """Return the diagram of a source that a record is about. Raises `DiagramError`."""
    try:
        patterns: Iterable[Pattern] = (
            readers.reader_for(source.path, source.text).read(source.text, source.path, "").patterns
        )
    except KeyError:
        raise fail("no-origin", f"'{source.path}' is not a file that contains diagrams", Span(picture)) from None
    for pattern in patterns:
        if pattern.fence == record.fence:
            return pattern
    where = f"fence {record.fence} of '{source.path}'" if record.fence else f"'{source.path}'"
    raise fail("no-origin", f"{where} contains no diagram that can be read; correct it first", Span(picture))
