"""Runs jobs in this process or, if they are many or have limits, in a worker pool, with results in their order."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from functools import partial
from itertools import chain, islice

from diagramkit.batch import jobs
from diagramkit.batch.bounds import UNLIMITED, Bounds
from diagramkit.batch.jobs import Job, Result, StagedOutput

_MIN_PARALLEL_JOBS = 24
"""With fewer jobs than this, starting worker processes takes longer than it saves."""


def run(
    planned: Iterable[Job],
    processes: int | None = None,
    bounds: Bounds = UNLIMITED,
    staging: StagedOutput | None = None,
) -> Generator[Result, None, None]:
    """Yield the result of each job, in the order of the jobs regardless of the number of processes.

    `processes` is the number of worker processes; None chooses it by the number of jobs. `bounds` limits each
    diagram; limits require worker processes, which can be killed. With `staging`, the process that draws a picture
    also writes its files to that folder under temporary names, from which they are moved into place later.

    Raises `DiagramError` (no-workers).
    """
    perform = jobs.draw if staging is None else partial(jobs.draw_and_stage, staging)
    remaining = iter(planned)
    first = list(islice(remaining, _MIN_PARALLEL_JOBS))
    if processes is None:
        processes = (os.cpu_count() or 1) if len(first) == _MIN_PARALLEL_JOBS else 1
    if not first or (min(processes, len(first)) == 1 and bounds == UNLIMITED):
        yield from map(perform, chain(first, remaining))
        return
    from diagramkit.batch import workers

    yield from workers.run(chain(first, remaining), min(processes, len(first)), bounds, perform)
