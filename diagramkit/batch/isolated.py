"""One diagram drawn in a process of its own, for a program that must go on whatever happens: a crash, a hang, too
much memory cost the diagram. Unlike the processes of a batch it needs nothing of the program that starts it, not
even that its main module can be imported twice."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from multiprocessing import spawn

from diagramkit.batch import jobs, workers
from diagramkit.batch.jobs import Bounds, Job, Result
from diagramkit.diagnostics import DiagramError, fail
from diagramkit.layout import graphviz_warnings

# Isolated (-I): what lies in the folder that the program works in is not imported.
_CODE = "import sys; sys.path[:] = sys.argv[1:]; from diagramkit.batch import isolated; isolated.serve()"


_NO_MEMORY = 77
"""The exit code of a process that had no memory for its answer."""


def run(job: Job, bounds: Bounds) -> Result:
    """Do a job within `bounds`. Raises `DiagramError` (crashed, memory, timeout)."""
    python = os.fsdecode(spawn.get_executable() or sys.executable)
    command = [python, "-I", "-c", _CODE, *(os.path.abspath(path) for path in sys.path if path)]
    with subprocess.Popen(  # noqa: S603 - this Python, with paths of its own
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            said, _ = process.communicate(pickle.dumps((job, bounds.memory)), bounds.timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            message = f"it took longer than {bounds.timeout:g} s; give it more, or part it"
            raise _left(process, job, "timeout", message) from None
        except BaseException:  # Ctrl-C, say.
            process.kill()
            raise
    if process.returncode == _NO_MEMORY:
        raise _left(process, job, "memory", jobs.NO_MEMORY)
    if process.returncode:
        message = f"the process that drew it {workers.exit_reason(process.returncode)}"
        raise _left(process, job, "crashed", message)
    graphviz_warnings.delete_note(process.pid)
    result: Result = pickle.loads(said)  # noqa: S301 - from the process that was just started
    return result


def serve() -> None:
    """In the process: do the job that comes by standard input."""
    job, memory = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    # What native code may print is no part of the answer.
    answer = os.dup(1)
    os.dup2(2, 1)
    workers.prepare(memory)
    try:
        with os.fdopen(answer, "wb") as file:
            pickle.dump(jobs.draw(job), file)
    except MemoryError:
        os._exit(_NO_MEMORY)  # Not even the answer found space.


def _left(process: subprocess.Popen[bytes], job: Job, code: str, message: str) -> DiagramError:
    return fail(code, message + graphviz_warnings.save_dot_of_process(process.pid), job.span)
