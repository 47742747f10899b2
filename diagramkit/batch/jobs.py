"""Jobs and their results: what to draw, and how one job is carried out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import files, pipeline, sources
from diagramkit.diagnostics import Diagnostic, Span, problems_of
from diagramkit.files import StagedFile
from diagramkit.graph import Pattern
from diagramkit.icons.icon import Icon
from diagramkit.options import Options
from diagramkit.outputs import OUTPUTS
from diagramkit.sources import SourceFile
from diagramkit.sources.readers import LoadResult


class Job(Struct, frozen=True):
    """A source to read and draw, or one diagram of a source that has already been read.

    In the second case, `pattern` is the diagram, `problems` are the diagnostics to report with it, and `last` is
    False if more jobs of the same source follow. Without a pattern, `problems` mean that the source cannot be read or
    contains no diagram.
    """

    source: SourceFile
    formats: tuple[str, ...]
    options: Options
    pattern: Pattern | None = None
    problems: tuple[Diagnostic, ...] = ()
    last: bool = True

    @property
    def span(self) -> Span:
        """The span of the diagram or source, for diagnostics."""
        return self.pattern.span if self.pattern else Span(self.source.path)

    @property
    def size(self) -> int:
        """The size of the source in bytes (of a pattern, in characters), as an estimate of the time to draw it."""
        if self.pattern is not None:
            return len(self.pattern.source_text)
        try:
            return os.path.getsize(self.source.path)  # noqa: PTH202 - of thousands
        except OSError:
            return 0

    def failure(self, problems: tuple[Diagnostic, ...]) -> Result:
        """Return the result of this job if the process that carried it out ended because of these problems."""
        return Result(self.source, (), problems, self.last)


class StagedOutput(Struct, frozen=True):
    """The folder for the staged files of a run, and an identifier of the run that is part of their names."""

    path: str
    run: str


class Picture(Struct, frozen=True):
    """The outcome of one diagram: its files, or the problems that prevented them.

    `name` is the path in the output folder without extension, with `/` as separator. `files` maps extensions to
    contents, `staged` to files that have already been written under temporary names. `dependencies` are the project's
    own icons that the diagram uses, and `sources` the paths of the other files that it was read from.
    """

    name: str
    span: Span
    files: dict[str, bytes]
    problems: tuple[Diagnostic, ...]
    dependencies: tuple[Icon, ...] = ()
    sources: tuple[str, ...] = ()
    staged: dict[str, StagedFile] = {}

    @property
    def extensions(self) -> tuple[str, ...]:
        """The extensions of all files, in memory and staged."""
        return (*self.files, *self.staged)

    @property
    def failed(self) -> bool:
        """Whether an error prevented the picture, so that there is nothing to write."""
        return _has_errors(self.problems)


class Result(Struct, frozen=True):
    """The outcome of one job: its pictures, and the problems of the source that concern no single picture.

    `last` is False if more results of the same source follow.
    """

    source: SourceFile
    pictures: tuple[Picture, ...]
    problems: tuple[Diagnostic, ...] = ()
    last: bool = True

    @property
    def all_problems(self) -> tuple[Diagnostic, ...]:
        """The problems of the source and of its pictures."""
        return (*self.problems, *(problem for picture in self.pictures for problem in picture.problems))

    @property
    def failed(self) -> bool:
        """Whether anything could not be drawn."""
        return _has_errors(self.problems) or any(picture.failed for picture in self.pictures)


def plan(
    files: Iterable[SourceFile],
    formats: tuple[str, ...],
    options: Options,
    load: Callable[[SourceFile], LoadResult] = sources.load,
) -> Iterator[Job]:
    """Yield the jobs for some sources.

    A source with one diagram becomes one job and is read by the process that draws it. A source that may contain
    several diagrams is read first, with `load`, so that they can be drawn in parallel.
    """
    for file in files:
        if not file.may_hold_several:
            yield Job(file, formats, options)
            continue
        loaded = load(file)
        for number, pattern in enumerate(loaded.patterns):
            problems = () if number else loaded.problems
            last = number == len(loaded.patterns) - 1
            yield Job(file, formats, options, pattern, problems, last)
        if not loaded.patterns:
            yield Job(file, formats, options, None, loaded.problems)


def draw(job: Job) -> Result:
    """Run a job. Errors become part of the result."""
    if job.pattern is not None:
        picture = _render_picture(job.pattern, job.formats, job.options)
        return Result(job.source, (picture,), job.problems, job.last)
    if job.problems:
        return Result(job.source, (), job.problems)
    loaded = sources.load(job.source)
    pictures = tuple(_render_picture(pattern, job.formats, job.options) for pattern in loaded.patterns)
    return Result(job.source, pictures, loaded.problems)


def draw_and_stage(staging: StagedOutput, job: Job) -> Result:
    """Run a job and write its files to the staging folder.

    The files then need not be sent from process to process, nor be held in memory until it is their turn.
    """
    result = draw(job)
    return replace(result, pictures=tuple(_stage(staging, picture) for picture in result.pictures))


def _stage(staging: StagedOutput, picture: Picture) -> Picture:
    staged = dict[str, StagedFile]()
    for extension, data in picture.files.items():
        file = files.stage(staging.path, staging.run, data)
        if file is None:
            return picture  # The process that writes the picture then reports the cause.
        staged[extension] = file
    return replace(picture, files={}, staged=staged)


def _render_picture(pattern: Pattern, formats: tuple[str, ...], options: Options) -> Picture:
    stem = pattern.stem
    try:
        rendered = pipeline.render(pattern, formats, options)
    except Exception as error:
        return Picture(stem, pattern.span, {}, problems_of(error, pattern.span))
    files_by_ending = {OUTPUTS[name].ending: data for name, data in rendered.outputs.items()}
    return Picture(stem, pattern.span, files_by_ending, rendered.warnings, rendered.dependencies, pattern.files)


def _has_errors(problems: tuple[Diagnostic, ...]) -> bool:
    return any(problem.severity == "error" for problem in problems)
