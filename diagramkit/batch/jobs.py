"""A batch: each diagram drawn in this process or in several, results always in one order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import active_children, get_context

from diagramkit import pipeline, sources
from diagramkit.graph import Pattern
from diagramkit.pipeline import Options
from diagramkit.problems import DiagramError, Problem, fail
from diagramkit.sources import SourceFile

_WORTH_A_PROCESS = 24


@dataclass(frozen=True, slots=True)
class Job:
    """A diagram to draw, and the path of its files without their ending."""

    pattern: Pattern
    stem: str
    formats: tuple[str, ...]
    options: Options


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a job: its files by path, or the problems that kept it from them."""

    stem: str
    files: dict[str, bytes]
    problems: tuple[Problem, ...]

    @property
    def failed(self) -> bool:
        """Whether there is nothing to write."""
        return any(problem.severity == "error" for problem in self.problems)


def plan(
    files: list[SourceFile], output: str, formats: tuple[str, ...], options: Options
) -> tuple[list[Job], list[Problem]]:
    """The jobs in `files`, and what is wrong with those that cannot be read.

    Two diagrams that would have the same file are a problem that names both.
    """
    jobs: list[Job] = []
    problems: list[Problem] = []
    taken: dict[str, Pattern] = {}
    for file in files:
        try:
            loaded = sources.load(file)
        except DiagramError as error:
            problems += error.problems
            continue
        problems += loaded.warnings
        for pattern in loaded.patterns:
            stem = "/".join(filter(None, (pattern.folder, pattern.name)))
            other = taken.setdefault(stem.casefold(), pattern)
            if other is pattern:
                path = os.path.join(output, *stem.split("/"))
                jobs.append(Job(pattern, path, formats, options))
                continue
            message = (
                f"its pictures would have the name '{stem}', as those of {other.span} do; "
                "rename one of the two files, or give it another category"
            )
            problems += fail("same-output", message, pattern.span).problems
    return jobs, problems


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
        return Result(job.stem, {}, error.problems)
    files = {f"{job.stem}.{name}": data for name, data in rendered.outputs.items()}
    return Result(job.stem, files, rendered.warnings)
