"""The worker pool: several processes that draw diagrams, with the results in the order of the jobs.

A worker that dies, takes too long or uses too much memory costs only the diagram that it was drawing.
"""

from __future__ import annotations

import heapq
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from msgspec import Struct, field

from diagramkit.batch.jobs import Bounds, Job, Result
from diagramkit.batch.memory import trim_heap
from diagramkit.diagnostics import DiagramError, Span, fail, os_error_reason
from diagramkit.layout import dot_reports

_JOBS_PER_WORKER = 2
"""How many jobs a worker holds: while it draws one, the next has already arrived."""
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
"""This process's ends of the connections to its workers.

A forked worker inherits copies of them and must close these, because a connection only ends once all copies of its
other end are closed.
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


class _Worker:
    """A process that draws, and its jobs by number (`assigned`), of which it is drawing the first.

    `ready` is set once it has reported that it is running. `since` is the time at which it began its current job.
    """

    def __init__(self, draw: Draw, memory: int | None) -> None:
        self.assigned: dict[int, Job] = {}
        self.ready = False
        self.since = 0.0
        context = _context()
        self.connection, other_end = context.Pipe()
        _parent_connections.add(self.connection)
        self._process = context.Process(target=_serve, args=(other_end, draw, memory), daemon=True)
        try:
            _start(self._process)
        except OSError:
            self._close()
            raise
        finally:
            other_end.close()  # Otherwise the connection would not end when the process ends.

    def send(self, number: int, job: Job) -> None:
        """Assign a job to the worker."""
        if not self.assigned:
            self.since = time.monotonic()
        self.assigned[number] = job
        with suppress(OSError):  # The worker has died, which is noticed when its result is received.
            self.connection.send(job)

    def pop_current(self) -> tuple[int, Job]:
        """Remove and return the job that the worker is drawing, or has just drawn."""
        number = next(iter(self.assigned))
        return number, self.assigned.pop(number)

    def receive(self) -> Result | None:
        """Return the next result, or None for the report that the worker is ready. Raises `EOFError` if it died."""
        try:
            result: Result | None = self.connection.recv()
        except OSError:
            raise EOFError from None
        self.ready, self.since = True, time.monotonic()
        return result

    def remaining(self, timeout: float | None) -> float | None:
        """Return how many seconds of `timeout` are left for the current job; None if it may take any time."""
        if timeout is None or not self.ready or not self.assigned:
            return None
        return max(0.0, self.since + timeout - time.monotonic())

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
        _parent_connections.discard(self.connection)
        self.connection.close()

    def exit_reason(self) -> str:
        """Return how the process ended, if it did so by itself."""
        self._process.join(5)
        return exit_reason(self._process.exitcode)

    def graph_report(self) -> str:
        """Return the end of the message for a failed diagram, which names the file with the graph's DOT; or nothing."""
        return dot_reports.save_dot_of_process(self._process.pid)


class _JobQueue(Struct):
    """The jobs that have not been assigned yet.

    `incoming` yields new jobs, of which up to `lookahead` are fetched while looking for large ones. `waiting` is a heap
    of these, in which large jobs come first; it contains whether a job is small, its number, and the job. `fetched`
    counts the jobs taken from `incoming`.
    """

    incoming: Iterator[Job]
    lookahead: int
    waiting: list[tuple[bool, int, Job]] = field(default_factory=list)
    fetched: int = 0

    def put(self, number: int, job: Job) -> None:
        """Add a job to those that wait."""
        heapq.heappush(self.waiting, (job.size < _LARGE_SOURCE, number, job))

    def next(self, end: int) -> tuple[int, Job] | None:
        """Remove and return the next job and its number, which is less than `end`, or None if there is none."""
        missing = min(self.lookahead - len(self.waiting), end - self.fetched)
        for job in islice(self.incoming, max(0, missing)):
            self.put(self.fetched, job)
            self.fetched += 1
        return heapq.heappop(self.waiting)[1:] if self.waiting else None


class _Pool:
    """The workers of one batch, which draw the jobs of `queue` with `draw`, within `bounds`."""

    def __init__(self, queue: _JobQueue, bounds: Bounds, draw: Draw) -> None:
        self._queue, self._bounds, self._draw = queue, bounds, draw
        self._workers: list[_Worker] = []

    @property
    def is_busy(self) -> bool:
        """Whether a worker has a job."""
        return any(worker.assigned for worker in self._workers)

    def add_worker(self) -> None:
        """Start another worker. If the system refuses, the existing ones do its work.

        Raises `DiagramError` (no-workers) if there are none.
        """
        try:
            self._workers.append(_Worker(self._draw, self._bounds.memory))
        except OSError as error:
            if not self._workers:
                raise _no_workers(f"cannot start a worker process: {os_error_reason(error)}") from None

    def assign(self, end: int) -> None:
        """Assign the jobs whose numbers are less than `end` to workers that can hold more."""
        for depth in range(_JOBS_PER_WORKER):  # Each worker gets its first job before any gets a second.
            for worker in self._workers:
                if len(worker.assigned) == depth and (item := self._queue.next(end)):
                    worker.send(*item)

    def collect(self) -> Iterator[tuple[int, Result]]:
        """Wait until a worker sends something, dies or exceeds the timeout; yield the jobs that ended, by number.

        A worker that died or was killed is replaced. Raises `DiagramError` (no-workers) if a worker ends before it is
        ready.
        """
        timeout = self._bounds.timeout
        limits = [worker.remaining(timeout) for worker in self._workers]
        shortest = min((limit for limit in limits if limit is not None), default=None)
        readable = wait([worker.connection for worker in self._workers], shortest)
        for worker in tuple(self._workers):
            if worker.connection in readable:
                try:
                    result = worker.receive()
                except EOFError:
                    reason = f"the process drawing it {worker.exit_reason()}; the other diagrams are still drawn"
                    yield from self._replace(worker, "crashed", reason)
                else:
                    if result is not None:
                        yield worker.pop_current()[0], result
            elif worker.remaining(timeout) == 0:
                reason = f"drawing took longer than {timeout:g} s; raise --timeout or split the diagram"
                yield from self._replace(worker, "timeout", reason)

    def _replace(self, worker: _Worker, code: str, reason: str) -> Iterator[tuple[int, Result]]:
        """Replace a worker by a new one, and yield the failure of the job that it was drawing, with its number."""
        worker.kill()
        if not worker.ready:
            raise _no_workers(f"a new worker process {worker.exit_reason()}")
        if worker.assigned:
            number, job = worker.pop_current()
            problems = fail(code, reason + worker.graph_report(), job.span).problems
            yield number, Result(job.source, (), problems, job.last)
        for number, job in worker.assigned.items():
            self._queue.put(number, job)
        self._workers.remove(worker)
        worker.stop()
        self.add_worker()

    def stop(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.stop()


def _no_workers(reason: str) -> DiagramError:
    return fail("no-workers", f"{reason}; use '--jobs 1' to draw without workers", Span("--jobs"))


def run(jobs: Iterable[Job], processes: int, bounds: Bounds, draw: Draw) -> Generator[Result, None, None]:
    """Yield the result of each job, in order. `bounds` limits each diagram.

    Raises `DiagramError` (no-workers) if no process can be started.
    """
    queue = _JobQueue(iter(jobs), _LOOKAHEAD if processes > 1 else 1)
    pool = _Pool(queue, bounds, draw)
    done: dict[int, Result] = {}
    number = 0
    try:
        for _ in range(processes):
            pool.add_worker()
        while True:
            pool.assign(number + _WINDOW)
            if number in done:
                yield done.pop(number)
                number += 1
            elif pool.is_busy:
                done.update(pool.collect())
            else:
                return
    finally:
        pool.stop()


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


def _serve(connection: Connection, draw: Draw, memory: int | None) -> None:
    """Draw jobs until the connection ends. This is the main function of a worker process."""
    prepare(memory)
    while _parent_connections:
        _parent_connections.pop().close()
    received: SimpleQueue[Job | None] = SimpleQueue()
    Thread(target=_receive_jobs, args=(connection, received), daemon=True).start()
    with suppress(OSError):  # The parent process no longer waits for results.
        connection.send(None)
        for done, job in enumerate(iter(received.get, None), 1):
            connection.send(draw(job))
            if job.size >= _LARGE_SOURCE or done % _JOBS_PER_TRIM == 0:
                trim_heap()


def _receive_jobs(connection: Connection, received: SimpleQueue[Job | None]) -> None:
    """Receive jobs as they arrive, so that the parent process never waits until a result has been sent."""
    with suppress(EOFError, OSError):
        while True:
            received.put(connection.recv())
    received.put(None)
