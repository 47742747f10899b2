"""A drawing function for processes that misbehave, by the diagram's name."""

from __future__ import annotations

import os
import signal
import time

from diagramkit.batch import jobs
from diagramkit.batch.jobs import Job, Result


def draw(job: Job) -> Result:
    """Draw a job, or do what its name says."""
    if job.name.startswith("abort"):
        os.abort()
    if job.name.startswith("kill"):
        os.kill(os.getpid(), signal.SIGKILL)
    if job.name.startswith("leave"):
        os._exit(3)
    if job.name.startswith("hang"):
        time.sleep(3600)
    if job.name.startswith("large"):
        return Result(job.stem, job.name, {job.stem: bytes(8_000_000)}, ())
    return jobs.draw(job)


def never(job: Job) -> Result:
    """Not reached: processes of this module's `Broken` end before."""
    raise AssertionError(job.name)


class Broken:
    """A drawing function that cannot be brought to another process."""

    def __call__(self, job: Job) -> Result:
        """Draw a job."""
        return never(job)

    def __setstate__(self, state: object) -> None:
        """Fail where it arrives."""
        os._exit(7)

    def __getstate__(self) -> object:
        """Something, so that it is set."""
        return {"a": 1}
