"""A batch: each diagram drawn in this process or in several, results always in one order."""

from __future__ import annotations

import os
import traceback
from collections.abc import Generator, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import files, pipeline, sources
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail
from diagramkit.files import StagedFile
from diagramkit.graph import Pattern
from diagramkit.icons.icon import Icon
from diagramkit.pipeline import Options
from diagramkit.sources import SourceFile

_WORTH_A_PROCESS = 24


NO_MEMORY = "there was not enough memory for it; split it, or allow it more"
"""The message of a diagram that wanted more memory than it may use."""


class Job(Struct, frozen=True):
    """A source to read and to draw; or, of a source that was read already, one of its diagrams (`pattern`),
    what is to be told of it, and whether that is all of it."""

    source: SourceFile
    formats: tuple[str, ...]
    options: Options
    pattern: Pattern | None = None
    told: tuple[Diagnostic, ...] = ()
    last: bool = True

    @property
    def span(self) -> Span:
        """The place of what is drawn."""
        return self.pattern.span if self.pattern else Span(self.source.path)

    @property
    def size(self) -> int:
        """How large its source is, in bytes: about as long it takes."""
        if self.pattern is not None:
            return len(self.pattern.source_text)
        try:
            return os.path.getsize(self.source.path)  # noqa: PTH202 - of thousands
        except OSError:
            return 0


class Bounds(Struct, frozen=True):
    """What one diagram may take where it is drawn in a process of its own: seconds, and bytes of memory (on
    Linux)."""

    timeout: float | None = None
    memory: int | None = None


UNLIMITED = Bounds()
"""As much as it takes."""


class StagedOutput(Struct, frozen=True):
    """A folder in which files wait to be moved to their places, and what tells those of one run from another's."""

    path: str
    run: str


class Picture(Struct, frozen=True):
    """What became of a diagram: its files by their ending, or the problems that kept it from them. `name` is
    their path in the output folder without ending, with `/`; `needs`: the icons of the project that it was
    drawn with; `waiting`: files that are on the disk already, which are not among `files`."""

    name: str
    span: Span
    files: dict[str, bytes]
    problems: tuple[Diagnostic, ...]
    needs: tuple[Icon, ...] = ()
    waiting: dict[str, StagedFile] = {}

    @property
    def endings(self) -> tuple[str, ...]:
        """Of which kinds its files are."""
        return (*self.files, *self.waiting)

    @property
    def failed(self) -> bool:
        """Whether there is nothing to write."""
        return _errors(self.problems)


class Result(Struct, frozen=True):
    """What became of a job: its pictures, and what was noticed in the source besides."""

    source: SourceFile
    pictures: tuple[Picture, ...]
    problems: tuple[Diagnostic, ...] = ()
    last: bool = True

    @property
    def failed(self) -> bool:
        """Whether something could not be drawn."""
        return _errors(self.problems) or any(picture.failed for picture in self.pictures)


def plan(files: Iterable[SourceFile], formats: tuple[str, ...], options: Options) -> Iterator[Job]:
    """The jobs in `files`, one after another as they are asked for.

    A source of one diagram is read by whoever draws it; one that may hold several is read here, so that they
    may be drawn side by side.
    """
    for file in files:
        if not file.may_hold_several:
            yield Job(file, formats, options)
            continue
        try:
            loaded = sources.load(file)
        except DiagramError as error:
            yield Job(file, formats, options, None, error.problems)
            continue
        except Exception as error:  # A mistake of ours: it costs this source, and no other.
            yield Job(file, formats, options, None, _ours(Span(file.path), error))
            continue
        for number, pattern in enumerate(loaded.patterns):
            told = () if number else loaded.warnings
            last = number == len(loaded.patterns) - 1
            yield Job(file, formats, options, pattern, told, last)
        if not loaded.patterns:
            yield Job(file, formats, options, None, loaded.warnings)


def run(
    jobs: Iterable[Job],
    processes: int | None = None,
    bounds: Bounds = UNLIMITED,
    folder: StagedOutput | None = None,
) -> Generator[Result, None, None]:
    """Draw each job; results come in the jobs' order, whatever the number of processes.

    `processes` None: as many as the batch is worth. `bounds`: what one diagram may take; for them they are drawn
    in processes of their own, which can be ended. `folder`: where whoever draws puts the files, to be moved to their
    places from there. Raises `DiagramError` (no-workers).
    """
    do = draw if folder is None else partial(draw_into, folder)
    coming = iter(jobs)
    first = list(islice(coming, _WORTH_A_PROCESS))
    if processes is None:
        processes = (os.cpu_count() or 1) if len(first) == _WORTH_A_PROCESS else 1
    if not first or (min(processes, len(first)) == 1 and bounds == UNLIMITED):
        yield from map(do, chain(first, coming))
        return
    from diagramkit.batch import workers

    yield from workers.run(chain(first, coming), min(processes, len(first)), bounds, do)


def draw(job: Job) -> Result:
    """Do a job; what is wrong with it becomes part of the result."""
    if job.pattern is not None:
        picture = _picture(job.pattern, job.formats, job.options)
        return Result(job.source, (picture,), job.told, job.last)
    if job.told:
        return Result(job.source, (), job.told)
    try:
        loaded = sources.load(job.source)
    except DiagramError as error:
        return Result(job.source, (), error.problems)
    except Exception as error:  # A mistake of ours: it costs this source, and no other.
        return Result(job.source, (), _ours(job.span, error))
    pictures = tuple(_picture(one, job.formats, job.options) for one in loaded.patterns)
    return Result(job.source, pictures, loaded.warnings)


def draw_into(folder: StagedOutput, job: Job) -> Result:
    """Do a job, and leave its files in a folder: so they need not be carried from process to process, nor wait in
    memory until it is their turn."""
    made = draw(job)
    return replace(made, pictures=tuple(_put(folder, picture) for picture in made.pictures))


def _put(folder: StagedOutput, picture: Picture) -> Picture:
    waiting = dict[str, StagedFile]()
    for ending, data in picture.files.items():
        one = files.stage(folder.path, folder.run, data)
        if one is None:
            return picture  # Whoever writes it tells why that cannot be.
        waiting[ending] = one
    return replace(picture, files={}, waiting=waiting)


def _picture(pattern: Pattern, formats: tuple[str, ...], options: Options) -> Picture:
    name = pattern.stem
    try:
        rendered = pipeline.render(pattern, formats, options)
    except DiagramError as error:
        return Picture(name, pattern.span, {}, error.problems)
    except Exception as error:  # As above.
        return Picture(name, pattern.span, {}, _ours(pattern.span, error))
    return Picture(name, pattern.span, rendered.outputs, rendered.warnings, rendered.dependencies)


def _errors(problems: tuple[Diagnostic, ...]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def _ours(where: Span, error: Exception) -> tuple[Diagnostic, ...]:
    """An error that is no reader's fault, with the place in the code."""
    # The second is what the loader of libraries says of it.
    if isinstance(error, MemoryError) or "failed to map segment" in str(error):
        message = NO_MEMORY
        return fail("memory", message, where).problems
    steps = traceback.extract_tb(error.__traceback__)
    place = f"{Path(steps[-1].filename).name}:{steps[-1].lineno}"
    message = (
        f"diagramkit failed on this diagram: {type(error).__name__}: {error} ({place}); please report it "
        "with the diagram"
    )
    return fail("internal", message, where).problems
