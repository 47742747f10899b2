"""Drawing one diagram in a separate process, for programs that must survive crashes, hangs and excessive memory use.

Unlike the worker pool of a batch, this works in any program: its main module need not be importable a second time.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from multiprocessing import spawn

from diagramkit.batch import jobs, workers
from diagramkit.batch.bounds import Bounds
from diagramkit.batch.jobs import Job, Result
from diagramkit.diagnostics import NO_MEMORY, DiagramError, fail
from diagramkit.layout import dot_reports

# Python's isolated mode (-I) keeps modules in the program's working folder from being imported.
_CODE = "import sys; sys.path[:] = sys.argv[1:]; from diagramkit.batch import isolated; isolated.serve()"


def run(job: Job, bounds: Bounds) -> Result:
    """Run a job in a new process within `bounds` and return its result.

    Raises `DiagramError` (crashed, memory, timeout).
    """
    python = os.fsdecode(spawn.get_executable() or sys.executable)
    command = [python, "-I", "-c", _CODE, *(os.path.abspath(path) for path in sys.path if path)]
    with subprocess.Popen(  # noqa: S603 - this Python, with paths of its own
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            output, _ = process.communicate(pickle.dumps((job, bounds.memory)), bounds.timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            message = f"drawing took longer than {bounds.timeout:g} s; raise the timeout or split the diagram"
            raise _failure(process, job, "timeout", message) from None
        except BaseException:  # For example KeyboardInterrupt.
            process.kill()
            raise
    if process.returncode == workers.OUT_OF_MEMORY:
        raise _failure(process, job, "memory", NO_MEMORY)
    if process.returncode:
        message = f"the process drawing it {workers.exit_reason(process.returncode)}"
        raise _failure(process, job, "crashed", message)
    dot_reports.delete_note(process.pid)
    result: Result = pickle.loads(output)  # noqa: S301 - from the process that was just started
    return result


def serve() -> None:
    """Run the job that is read from standard input. This is the main function of the new process."""
    job, memory = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
    # Native code may print to standard output, which must not become part of the result.
    result_pipe = os.dup(1)
    os.dup2(2, 1)
    workers.prepare(memory)
    try:
        with os.fdopen(result_pipe, "wb") as file:
            pickle.dump(jobs.draw(job), file)
    except MemoryError:
        os._exit(workers.OUT_OF_MEMORY)  # There is not even enough memory to send the result.


def _failure(process: subprocess.Popen[bytes], job: Job, code: str, message: str) -> DiagramError:
    return fail(code, message + dot_reports.save_dot_of_process(process.pid), job.span)
