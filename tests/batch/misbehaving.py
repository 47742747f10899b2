"""Drawing functions for worker processes that crash, hang or cannot start, depending on the diagram's name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from diagramkit.batch import jobs
from diagramkit.batch.jobs import Job, Picture, Result


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
