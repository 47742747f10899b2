"""Drawing functions for worker processes that crash, hang or cannot start, depending on the diagram's name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from diagramkit.batch import jobs
from diagramkit.batch.jobs import Job, Picture, Result
from diagramkit.layout import dot_reports


def draw(job: Job) -> Result:
    """Draw a job, unless the name of its source asks for something else."""
    name = Path(job.source.path).stem
    if name.startswith("abort"):
        os.abort()
    if name.startswith("kill"):
        os.kill(os.getpid(), signal.SIGKILL)
    if name.startswith("exit"):
        os._exit(3)
    if name.startswith("hang"):
        time.sleep(3600)
    if name.startswith("large"):
        return Result(job.source, (Picture(name, job.span, {"svg": bytes(8_000_000)}, ()),))
    return jobs.draw(job)


def never(job: Job) -> Result:
    """Fail. This is never reached, because workers that receive a `Broken` exit first."""
    raise AssertionError(job.source)


class Broken:
    """A drawing function that cannot be sent to another process."""

    def __call__(self, job: Job) -> Result:
        """Draw a job."""
        return never(job)

    def __setstate__(self, state: object) -> None:
        """End the process that unpickles this."""
        os._exit(7)

    def __getstate__(self) -> object:
        """Return a state that is not empty, so that `__setstate__` is called."""
        return {"a": 1}


def divide(number: int) -> float:
    """Return the reciprocal of a number."""
    return 1 / number


def sleep() -> None:
    """Take an hour."""
    time.sleep(3600)


def exit_without_memory() -> None:
    """Raise the exception that is raised if there is not even enough memory to report that."""
    from diagramkit.batch import workers

    with workers._ended_without_memory():
        raise MemoryError


def unpicklable() -> object:
    """Return something that cannot be sent to another process."""
    return lambda: None


def note_graph() -> None:
    """Do what a layout does before it starts."""
    dot_reports.note_dot("digraph x {}")


def abort_with_graph() -> None:
    """Crash during a layout."""
    note_graph()
    os.abort()
