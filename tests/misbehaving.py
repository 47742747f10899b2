"""A drawing function for processes that misbehave, by the diagram's name."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from diagramkit.batch import jobs
from diagramkit.batch.jobs import Job, Picture, Result


def draw(job: Job) -> Result:
    """Draw a job, or do what its name says."""
    name = Path(job.source.path).stem
    if name.startswith("abort"):
        os.abort()
    if name.startswith("kill"):
        os.kill(os.getpid(), signal.SIGKILL)
    if name.startswith("leave"):
        os._exit(3)
    if name.startswith("hang"):
        time.sleep(3600)
    if name.startswith("large"):
        return Result(job.source, (Picture(name, job.span, {"svg": bytes(8_000_000)}, ()),))
    return jobs.draw(job)


def never(job: Job) -> Result:
    """Not reached: processes of this module's `Broken` end before."""
    raise AssertionError(job.source)


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
