"""The worker pool: several processes that draw diagrams, with the results in the order of the jobs.

A worker that dies, takes too long or uses too much memory costs only the diagram that it was drawing.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from msgspec import Struct, field

from diagramkit.batch.jobs import Bounds, Job, Result
from diagramkit.batch.memory import trim_heap
from diagramkit.diagnostics import Span, fail, os_error_reason
from diagramkit.layout import dot_reports

_JOBS_PER_WORKER = 2
"""How many jobs a worker holds: while it draws one, the next has already arrived."""
_PIPE_BYTES = 1 << 20
"""The buffer size of a worker's result pipe: the largest that Linux allows every user."""
_WINDOW = 128
"""How many jobs may be started beyond the first missing result. Results wait in memory until it is their turn."""

_LOOKAHEAD = 64
"""How many upcoming jobs are searched for large ones, which are started first if there are several workers, so that
none of them works alone at the end."""
_LARGE_SOURCE = 4000
"""The size in bytes from which a source is large; it then has about sixty nodes."""

_JOBS_PER_TRIM = 16
"""After how many jobs a worker returns free memory. If that is rare, it keeps what its largest diagram needed."""

Draw = Callable[[Job], Result]

_parent_connections: set[Connection] = set()
"""The ends of all pipes that this process uses.

A forked worker inherits copies of them and must close these, because a pipe only ends once all copies of its other
end are closed.
"""


def _context() -> Any:
    """Return the multiprocessing context for new workers.

    Forking takes no time, but is safe only while this process has no other threads and no WebAssembly engine, which
    has its own threads. Otherwise, workers are started from scratch.
    """
    can_fork = sys.platform == "linux" and threading.active_count() == 1 and "wasmtime" not in sys.modules
    return get_context("fork" if can_fork else "spawn")


def _start(process: Any) -> None:
    process.start()


def _enlarge_pipe(pipe: Connection) -> None:
    """Make a pipe large enough for a whole result, if the system can.

    A worker can then continue with its next job without waiting until the result is received (fcntl(2), F_SETPIPE_SZ).
    """
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):  # The user's limit may be reached.
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


class _Worker:
    """A process that draws, and its jobs by number (`assigned`), of which it is drawing the first.

    `ready` is set once it has reported that it is running. `since` is the time at which it began its current job.
    """

    def __init__(self, draw: Draw, memory: int | None) -> None:
        self.assigned: dict[int, Job] = {}
        self.ready = False
        self.since = 0.0
        context = _context()
        job_receiver, self._job_sender = context.Pipe(duplex=False)
        self.results, result_sender = context.Pipe(duplex=False)
        _enlarge_pipe(result_sender)
        _parent_connections.update((self._job_sender, self.results))
        self._process = context.Process(target=_serve, args=(job_receiver, result_sender, draw, memory), daemon=True)
        try:
            _start(self._process)
        except OSError:
            self._close()
            raise
        finally:
            job_receiver.close()  # Otherwise the pipe would not end when the process ends.
            result_sender.close()

    def send(self, number: int, job: Job) -> None:
        """Assign a job to the worker."""
        if not self.assigned:
            self.since = time.monotonic()
        self.assigned[number] = job
        with suppress(OSError):  # The worker has died, which is noticed when its result is received.
            self._job_sender.send(job)

    def pop_current(self) -> tuple[int, Job]:
        """Remove and return the job that the worker is drawing, or has just drawn."""
        number = next(iter(self.assigned))
        return number, self.assigned.pop(number)

    def receive(self) -> Result | None:
        """Return the next result, or None for the report that the worker is ready. Raises `EOFError` if it died."""
        try:
            result: Result | None = self.results.recv()
        except OSError:
            raise EOFError from None
        self.ready, self.since = True, time.monotonic()
        return result

    def kill(self) -> None:
        """Kill the process. The graph that it was laying out can still be reported."""
        self._process.kill()
        self._process.join()

    def stop(self) -> None:
        """Kill the process and release everything that belongs to it."""
        self.kill()
        dot_reports.delete_note(self._process.pid)
        self._close()

    def _close(self) -> None:
        for connection in (self._job_sender, self.results):
            _parent_connections.discard(connection)
            connection.close()

    def exit_reason(self) -> str:
        """Return how the process ended, if it did so by itself."""
        self._process.join(5)
        return exit_reason(self._process.exitcode)

    def graph_report(self) -> str:
        """Return the end of the message for a failed diagram, which names the file with the graph's DOT; or nothing."""
        return dot_reports.save_dot_of_process(self._process.pid)


class _JobQueue(Struct):
    """The jobs that have not been assigned yet, with their numbers.

    `incoming` yields new jobs, which are sorted into `large` and `small`; up to `lookahead` small jobs are fetched
    while looking for large ones. `returned` are jobs of workers that died. `fetched` counts the jobs taken from
    `incoming`, and `exhausted` is set at its end.
    """

    incoming: Iterator[Job]
    lookahead: int
    returned: deque[tuple[int, Job]] = field(default_factory=deque)
    large: deque[tuple[int, Job]] = field(default_factory=deque)
    small: deque[tuple[int, Job]] = field(default_factory=deque)
    fetched: int = 0
    exhausted: bool = False

    def next(self, end: int) -> tuple[int, Job] | None:
        """Remove and return the next job whose number is less than `end`, or None if there is none."""
        if self.returned:
            return self.returned.popleft() if self.returned[0][0] < end else None
        while not self.exhausted and self.fetched < end and len(self.small) < self.lookahead:
            job = next(self.incoming, None)
            if job is None:
                self.exhausted = True
            else:
                (self.large if job.size >= _LARGE_SOURCE else self.small).append((self.fetched, job))
                self.fetched += 1
        queue = self.large or self.small
        return queue.popleft() if queue else None


def run(jobs: Iterable[Job], processes: int, bounds: Bounds, draw: Draw) -> Generator[Result, None, None]:
    """Yield the result of each job, in order. `bounds` limits each diagram.

    Raises `DiagramError` (no-workers) if no process can be started.
    """
    queue = _JobQueue(iter(jobs), _LOOKAHEAD if processes > 1 else 1)
    done: dict[int, Result] = {}
    workers: list[_Worker] = []
    number = 0
    try:
        for _ in range(processes):
            _add_worker(workers, draw, bounds)
        while True:
            _assign(workers, queue, number + _WINDOW)
            if number in done:
                yield done.pop(number)
                number += 1
            elif any(worker.assigned for worker in workers):
                _collect(workers, queue, done, bounds, draw)
            else:
                return
    finally:
        for worker in workers:
            worker.stop()


def _add_worker(workers: list[_Worker], draw: Draw, bounds: Bounds) -> None:
    """Start another worker. If the system refuses, the existing ones do its work."""
    try:
        workers.append(_Worker(draw, bounds.memory))
    except OSError as error:
        if not workers:
            message = f"cannot start a worker process: {os_error_reason(error)}; use '--jobs 1' to draw without workers"
            raise fail("no-workers", message, Span("--jobs")) from None


def _assign(workers: list[_Worker], queue: _JobQueue, end: int) -> None:
    """Assign the jobs whose numbers are less than `end` to workers that can hold more."""
    for depth in range(_JOBS_PER_WORKER):  # Each worker gets its first job before any gets a second.
        for worker in workers:
            if len(worker.assigned) == depth and (job := queue.next(end)):
                worker.send(*job)


def _collect(
    workers: list[_Worker],
    queue: _JobQueue,
    done: dict[int, Result],
    bounds: Bounds,
    draw: Draw,
) -> None:
    """Wait until a worker sends something, dies or exceeds the timeout, and process all such events.

    Results are added to `done`; a worker that died or was killed is replaced, and its other jobs are returned to the
    queue. Raises `DiagramError` (no-workers) if a worker ends before it is ready.
    """
    remaining, timeout = None, bounds.timeout
    busy = [worker for worker in workers if worker.ready and worker.assigned]
    if timeout is not None and busy:
        remaining = max(0.0, min(worker.since for worker in busy) + timeout - time.monotonic())
    readable = wait([worker.results for worker in workers], remaining)
    for worker in tuple(workers):
        timed_out = timeout is not None and worker in busy and time.monotonic() - worker.since >= timeout
        if worker.results in readable:
            try:
                result = worker.receive()
            except EOFError:
                code = "crashed"
                message = f"the process drawing it {worker.exit_reason()}; the other diagrams are still drawn"
            else:
                if result is not None:
                    done[worker.pop_current()[0]] = result
                continue
        elif timed_out:
            code, message = "timeout", f"drawing took longer than {timeout:g} s; raise --timeout or split the diagram"
        else:
            continue
        worker.kill()
        if not worker.ready:
            message = f"a new worker process {worker.exit_reason()}; use '--jobs 1' to draw without workers"
            raise fail("no-workers", message, next(iter(worker.assigned.values())).span)
        if worker.assigned:
            number, job = worker.pop_current()
            problems = fail(code, message + worker.graph_report(), job.span).problems
            done[number] = Result(job.source, (), problems, job.last)
            queue.returned.extendleft(reversed(worker.assigned.items()))
        worker.stop()
        workers.remove(worker)
        _add_worker(workers, draw, bounds)


def exit_reason(code: int | None) -> str:
    """Return how a process ended, as a predicate such as `was killed by SIGSEGV`, from its exit code."""
    if code is None or code >= 0:
        return f"exited with code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was killed by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")


def prepare(memory: int | None) -> None:
    """Prepare this process to draw for another one.

    It ignores Ctrl-C, records the graphs that it lays out for reports of crashes, and may use at most `memory` bytes in
    addition to what it has already.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The parent process ends this one.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # A forked process has inherited the command line's handler.
    dot_reports.enable_notes()
    if memory is not None and sys.platform == "linux":
        import resource

        # The limit is on data (setrlimit(2), RLIMIT_DATA), because WebAssembly reserves far more addresses than it
        # uses. A process forked from a large one already has its data (proc_pid_statm(5), the sixth number, in pages).
        initial = int(Path("/proc/self/statm").read_text("ascii").split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (initial + memory, initial + memory))


def _serve(jobs: Connection, results: Connection, draw: Draw, memory: int | None) -> None:
    """Draw jobs until the pipe ends. This is the main function of a worker process."""
    prepare(memory)
    while _parent_connections:
        _parent_connections.pop().close()
    received: SimpleQueue[Job | None] = SimpleQueue()
    Thread(target=_receive_jobs, args=(jobs, received), daemon=True).start()
    try:
        results.send(None)
        done = 0
        while (job := received.get()) is not None:
            results.send(draw(job))
            done += 1
            if job.size >= _LARGE_SOURCE or done % _JOBS_PER_TRIM == 0:
                trim_heap()
    except OSError:
        return  # The parent process no longer waits for results.


def _receive_jobs(jobs: Connection, received: SimpleQueue[Job | None]) -> None:
    """Receive jobs as they arrive, so that the parent process never waits until a result has been sent."""
    try:
        while True:
            received.put(jobs.recv())
    except (EOFError, OSError):
        received.put(None)
