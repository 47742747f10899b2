"""A batch: each diagram drawn in this process or in several, results always in one order."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from types import MappingProxyType

from diagramkit import pipeline, sources
from diagramkit.graph import Pattern
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
    files of the project that it was drawn with."""

    stem: str
    name: str
    files: dict[str, bytes]
    problems: tuple[Problem, ...]
    needs: tuple[str, ...] = ()

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


def run(jobs: list[Job], processes: int | None) -> Iterator[Result]:
    """Draw each job; results come in the jobs' order, whatever the number of processes.

    `processes` None: as many as the batch is worth.
    """
    if processes is None:
        processes = (os.cpu_count() or 1) if len(jobs) >= _WORTH_A_PROCESS else 1
    processes = min(processes, len(jobs))
    if processes <= 1:
        yield from map(draw, jobs)
        return
    size = max(1, min(16, len(jobs) // (processes * 4)))
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        try:
            yield from pool.map(draw, jobs, chunksize=size)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in active_children():  # Else each would end the diagram it is at.
                worker.terminate()
            raise


def draw(job: Job) -> Result:
    """Draw one job; what is wrong with it becomes part of the result."""
    try:
        rendered = pipeline.render(job.pattern, job.formats, job.options)
    except DiagramError as error:
        return Result(job.stem, job.name, {}, error.problems)
    files = {f"{job.stem}.{name}": data for name, data in rendered.outputs.items()}
    return Result(job.stem, job.name, files, rendered.warnings, rendered.needs)
