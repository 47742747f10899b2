"""The worker pool: several processes that carry out tasks, with the results in the order of the tasks.

A worker that dies, takes too long or uses too much memory costs only the task that it was carrying out. The tasks of a
batch are jobs, each of which draws a diagram (`jobs.py`), and those of other commands are calls (`executor.py`).
"""

from __future__ import annotations

import heapq
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, Generic, Protocol, TypeVar

from diagramkit.batch.bounds import Bounds
from diagramkit.batch.memory import trim_heap
from diagramkit.diagnostics import NO_MEMORY, Diagnostic, DiagramError, Span, fail, os_error_reason
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

OUT_OF_MEMORY = 77
"""The exit code of a process that did not have enough memory to send its result."""

R = TypeVar("R")
_Result_co = TypeVar("_Result_co", covariant=True)


class PoolTask(Protocol[_Result_co]):
    """Something that a worker process carries out, with a result. It can be pickled, as its result."""

    @property
    def span(self) -> Span:
        """The span of the diagram or source, for diagnostics."""

    @property
    def size(self) -> int:
        """The size of the source in bytes, as an estimate of the time that the task takes."""

    def failure(self, problems: tuple[Diagnostic, ...]) -> _Result_co:
        """Return the result of the task if its process ended because of these problems."""


Perform = Callable[[Any], R]
"""The function that carries out a task in a worker process, and returns its result."""

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


class _Worker(Generic[R]):
    """A process, and its jobs by number (`assigned`), of which it is carrying out the first.

    `ready` is set once it has reported that it is running. `since` is the time at which it began its current job.
    """

    def __init__(self, perform: Perform[R], memory: int | None) -> None:
        self.assigned: dict[int, PoolTask[R]] = {}
        self.ready = False
        self.since = 0.0
        context = _context()
        self.connection, other_end = context.Pipe()
        _parent_connections.add(self.connection)
        self._process = context.Process(target=_serve, args=(other_end, perform, memory), daemon=True)
        try:
            _start(self._process)
        except OSError:
            self._close()
            raise
        finally:
            other_end.close()  # Otherwise the connection would not end when the process ends.

    def send(self, number: int, job: PoolTask[R]) -> None:
        """Assign a job to the worker."""
        if not self.assigned:
            self.since = time.monotonic()
        self.assigned[number] = job
        with suppress(OSError):  # The worker has died, which is noticed when its result is received.
            self.connection.send(job)

    def pop_current(self) -> tuple[int, PoolTask[R]]:
        """Remove and return the job that the worker is carrying out, or has just carried out."""
        number = next(iter(self.assigned))
        return number, self.assigned.pop(number)

    def receive(self) -> R | None:
        """Return the next result, or None for the report that the worker is ready. Raises `EOFError` if it died."""
        try:
            result: R | None = self.connection.recv()
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

    def exit_code(self) -> int | None:
        """Return the exit code of the process, which ended by itself."""
        self._process.join(5)
        code: int | None = self._process.exitcode
        return code

    def graph_report(self) -> str:
        """Return the end of the message for a failed diagram, which names the file with the graph's DOT; or nothing."""
        return dot_reports.save_dot_of_process(self._process.pid)


class _JobQueue(Generic[R]):
    """The jobs that have not been assigned yet.

    `incoming` yields new jobs, of which up to `lookahead` are fetched while looking for large ones. `waiting` is a heap
    of these, in which large jobs come first; it contains whether a job is small, its number, and the job. `fetched`
    counts the jobs taken from `incoming`.
    """

    def __init__(self, incoming: Iterator[PoolTask[R]], lookahead: int) -> None:
        self.incoming, self.lookahead = incoming, lookahead
        self.waiting: list[tuple[bool, int, PoolTask[R]]] = []
        self.fetched = 0

    def put(self, number: int, job: PoolTask[R]) -> None:
        """Add a job to those that wait."""
        heapq.heappush(self.waiting, (job.size < _LARGE_SOURCE, number, job))

    def next(self, end: int) -> tuple[int, PoolTask[R]] | None:
        """Remove and return the next job and its number, which is less than `end`, or None if there is none."""
        missing = min(self.lookahead - len(self.waiting), end - self.fetched)
        for job in islice(self.incoming, max(0, missing)):
            self.put(self.fetched, job)
            self.fetched += 1
        return heapq.heappop(self.waiting)[1:] if self.waiting else None


class _Pool(Generic[R]):
    """The workers of one batch, which carry out the jobs of `queue` with `perform`, within `bounds`."""

    def __init__(self, queue: _JobQueue[R], bounds: Bounds, perform: Perform[R]) -> None:
        self._queue, self._bounds, self._perform = queue, bounds, perform
        self._workers: list[_Worker[R]] = []

    @property
    def is_busy(self) -> bool:
        """Whether a worker has a job."""
        return any(worker.assigned for worker in self._workers)

    def add_worker(self) -> None:
        """Start another worker. If the system refuses, the existing ones do its work.

        Raises `DiagramError` (no-workers) if there are none.
        """
        try:
            self._workers.append(_Worker(self._perform, self._bounds.memory))
        except OSError as error:
            if not self._workers:
                raise _no_workers(f"cannot start a worker process: {os_error_reason(error)}") from None

    def assign(self, end: int) -> None:
        """Assign the jobs whose numbers are less than `end` to workers that can hold more."""
        for depth in range(_JOBS_PER_WORKER):  # Each worker gets its first job before any gets a second.
            for worker in self._workers:
                if len(worker.assigned) == depth and (item := self._queue.next(end)):
                    worker.send(*item)

    def collect(self) -> Iterator[tuple[int, R]]:
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
                    yield from self._replace(worker, *_reason_of_end(worker.exit_code()))
                else:
                    if result is not None:
                        yield worker.pop_current()[0], result
            elif worker.remaining(timeout) == 0:
                reason = f"this took longer than {timeout:g} s; raise --timeout or split the diagram"
                yield from self._replace(worker, "timeout", reason)

    def _replace(self, worker: _Worker[R], code: str, reason: str) -> Iterator[tuple[int, R]]:
        """Replace a worker by a new one, and yield the failure of its current job, with the number of the job."""
        worker.kill()
        if not worker.ready:
            raise _no_workers(f"a new worker process {exit_reason(worker.exit_code())}")
        if worker.assigned:
            number, job = worker.pop_current()
            yield number, job.failure(fail(code, reason + worker.graph_report(), job.span).problems)
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
    message = f"{reason}; leave out --timeout and --memory, and use '--jobs 1' with 'render', to work without workers"
    return fail("no-workers", message, Span("--jobs"))


def _reason_of_end(code: int | None) -> tuple[str, str]:
    """Return the code and the message of the problem that a process ended with this exit code during a job."""
    if code == OUT_OF_MEMORY:
        return "memory", NO_MEMORY
    return "crashed", f"the process working on it {exit_reason(code)}; the others are still processed"


def run(jobs: Iterable[PoolTask[R]], processes: int, bounds: Bounds, perform: Perform[R]) -> Generator[R, None, None]:
    """Yield the result of each job, in order. `bounds` limits each job.

    Raises `DiagramError` (no-workers) if no process can be started.
    """
    queue = _JobQueue(iter(jobs), _LOOKAHEAD if processes > 1 else 1)
    pool = _Pool(queue, bounds, perform)
    done: dict[int, R] = {}
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


class WorkerProcess(Generic[R]):
    """One worker process, which carries out one job at a time with `perform`, within `bounds`."""

    def __init__(self, bounds: Bounds, perform: Perform[R]) -> None:
        self._queue = _JobQueue[R](iter(()), 0)
        self._pool = _Pool(self._queue, bounds, perform)
        self._pool.add_worker()

    def perform(self, job: PoolTask[R]) -> R:
        """Return the result of a job. Raises `DiagramError` (no-workers) if no process can be started."""
        self._queue.put(0, job)
        self._pool.assign(1)
        while not (results := [result for _, result in self._pool.collect()]):
            pass  # The process has reported that it is ready.
        return results[0]

    def stop(self) -> None:
        """End the process."""
        self._pool.stop()


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
    """Prepare this process to work for another one.

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


def _serve(connection: Connection, perform: Perform[R], memory: int | None) -> None:
    """Carry out jobs until the connection ends. This is the main function of a worker process."""
    prepare(memory)
    # The parent process reports how this one ends. What Python prints when it crashes is no message for users.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    while _parent_connections:
        _parent_connections.pop().close()
    received: SimpleQueue[PoolTask[R] | None] = SimpleQueue()
    Thread(target=_receive_jobs, args=(connection, received), daemon=True).start()
    with _ended_without_memory(), suppress(OSError):  # The parent process no longer waits for results.
        connection.send(None)
        for done, job in enumerate(iter(received.get, None), 1):
            result = perform(job)
            dot_reports.clear_note()
            connection.send(result)
            if job.size >= _LARGE_SOURCE or done % _JOBS_PER_TRIM == 0:
                trim_heap()


def _receive_jobs(connection: Connection, received: SimpleQueue[PoolTask[R] | None]) -> None:
    """Receive jobs as they arrive, so that the parent process never waits until a result has been sent."""
    with _ended_without_memory(), suppress(EOFError, OSError):
        while True:
            received.put(connection.recv())
    received.put(None)


@contextmanager
def _ended_without_memory() -> Iterator[None]:
    """End the process if there is not enough memory to send a result, or to receive a job."""
    try:
        yield
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
