"""A batch: each diagram drawn in this process or in several, results always in one order."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from diagramkit import pipeline, sources
from diagramkit.graph import Pattern
from diagramkit.icons.icon import Icon
from diagramkit.pipeline import Options
from diagramkit.problems import DiagramError, Problem, fail
from diagramkit.sources import SourceFile

_WORTH_A_PROCESS = 24


@dataclass(frozen=True, slots=True)
class Job:
    """A diagram to draw, the path of its files without their ending, and that path in its folder
    (`name`, with `/`)."""

    pattern: Pattern
    stem: str
    name: str
    formats: tuple[str, ...]
    options: Options


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a job: its files by path, or the problems that kept it from them; `needs`: the
    icons of the project that it was drawn with."""

    stem: str
    name: str
    files: dict[str, bytes]
    problems: tuple[Problem, ...]
    needs: tuple[Icon, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether there is nothing to write."""
        return any(problem.severity == "error" for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Planned:
    """What there is to draw in a source, and what was noticed of it."""

    source: SourceFile
    jobs: tuple[Job, ...]
    problems: tuple[Problem, ...]

    @property
    def failed(self) -> bool:
        """Whether something in it cannot be drawn."""
        return any(problem.severity == "error" for problem in self.problems)


def plan(
    files: list[SourceFile],
    output: str,
    formats: tuple[str, ...],
    options: Options,
    taken: Mapping[str, str] = MappingProxyType({}),
) -> list[Planned]:
    """The jobs in each of `files`, or what is wrong with it.

    Two diagrams that would have the same file are a problem that names both. `taken`: names that are
    taken already (in lower case), and by which source.
    """
    found: list[Planned] = []
    owners = dict(taken)
    for file in files:
        try:
            loaded = sources.load(file)
        except DiagramError as error:
            found.append(Planned(file, (), error.problems))
            continue
        jobs, problems = list[Job](), list(loaded.warnings)
        for pattern in loaded.patterns:
            name = "/".join(filter(None, (pattern.folder, pattern.name)))
            other = owners.setdefault(name.casefold(), str(pattern.span))
            if other == str(pattern.span):
                path = os.path.join(output, *name.split("/"))
                jobs.append(Job(pattern, path, name, formats, options))
                continue
            message = (
                f"its pictures would have the name '{name}', as those of {other} do; "
                "rename one of the two files, or give it another category"
            )
            problems += fail("same-output", message, pattern.span).problems
        found.append(Planned(file, tuple(jobs), tuple(problems)))
    return found


def run(
    jobs: list[Job], processes: int | None = None, timeout: float | None = None
) -> Iterator[Result]:
    """Draw each job; results come in the jobs' order, whatever the number of processes.

    `processes` None: as many as the batch is worth. `timeout`: seconds that one diagram may take; for it
    they are drawn in processes of their own, which can be ended. Raises `DiagramError` (no-workers).
    """
    if processes is None:
        processes = (os.cpu_count() or 1) if len(jobs) >= _WORTH_A_PROCESS else 1
    if not jobs or (min(processes, len(jobs)) == 1 and timeout is None):
        yield from map(draw, jobs)
        return
    from diagramkit.batch import workers

    yield from workers.run(jobs, processes, timeout, draw)


def draw(job: Job) -> Result:
    """Draw one job; what is wrong with it becomes part of the result."""
    try:
        rendered = pipeline.render(job.pattern, job.formats, job.options)
    except DiagramError as error:
        return Result(job.stem, job.name, {}, error.problems)
    except Exception as error:  # A mistake of ours: it costs this diagram, and no other.
        return Result(job.stem, job.name, {}, _ours(job, error).problems)
    files = {f"{job.stem}.{name}": data for name, data in rendered.outputs.items()}
    return Result(job.stem, job.name, files, rendered.warnings, rendered.needs)


def _ours(job: Job, error: Exception) -> DiagramError:
    """An error that is no reader's fault, with the place in the code."""
    steps = traceback.extract_tb(error.__traceback__)
    place = f"{Path(steps[-1].filename).name}:{steps[-1].lineno}"
    message = (
        f"diagramkit failed on this diagram: {type(error).__name__}: {error} ({place}); please report it "
        "with the diagram"
    )
    return fail("internal", message, job.pattern.span)
