"""Diagrams drawn by several processes: results in one order, and a process that dies, takes too long or too much
memory costs the one diagram that it was at."""

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
from diagramkit.layout import graphviz_warnings

_AHEAD = 2
"""Jobs that a process holds: while it works on the one, the next is there already."""
_PIPE = 1 << 20
"""Bytes that the pipe of a process holds: as many as Linux allows everyone."""
_WINDOW = 128
"""How far the work may run ahead of the first result that is still missing: results wait in memory."""

_LOOK, _LARGE = 64, 4000
"""How many jobs are looked at for one whose source has so many bytes, some sixty nodes: it is begun before the
others, where there are several processes, so that none works alone at the end."""

_TIDY = 16
"""After how many jobs a process gives memory back: less often it keeps what the largest of them took."""

Draw = Callable[[Job], Result]

_ours: set[Connection] = set()
"""This side's ends of all pipes. A forked process has copies of them, and lets go of them: else the end of
this process would not be the end of the others' pipes."""


def _context() -> Any:
    """How processes are started: as copies of this one, which takes no time, where nothing in it could be
    copied in mid-flight (a thread, WebAssembly's engine with its own); else from nothing."""
    copied = sys.platform == "linux" and threading.active_count() == 1 and "wasmtime" not in sys.modules
    return get_context("fork" if copied else "spawn")


def _start(process: Any) -> None:
    process.start()


def _widen(pipe: Connection) -> None:
    """Let a pipe hold a whole result, where the system can: who sends it goes on to draw the next, instead of
    waiting until it is taken (fcntl(2), F_SETPIPE_SZ)."""
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):  # As much as a user may have.
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


class _Worker:
    """A process that draws, and the jobs that it holds by number, the one it is at first."""

    def __init__(self, draw: Draw, memory: int | None) -> None:
        self.held: dict[int, Job] = {}
        self.ready = False
        self.since = 0.0
        context = _context()
        theirs, self._jobs = context.Pipe(duplex=False)
        self.results, ours = context.Pipe(duplex=False)
        _widen(ours)
        _ours.update((self._jobs, self.results))
        self._process = context.Process(target=_serve, args=(theirs, ours, draw, memory), daemon=True)
        try:
            _start(self._process)
        except OSError:
            self._close()
            raise
        finally:
            theirs.close()  # Else the end of the process would not be the end of the pipe.
            ours.close()

    def give(self, number: int, job: Job) -> None:
        """Hand it a job."""
        if not self.held:
            self.since = time.monotonic()
        self.held[number] = job
        with suppress(OSError):  # It has died: that shows where its result is awaited.
            self._jobs.send(job)

    def first(self) -> tuple[int, Job]:
        """The job that it is at, which it holds no more."""
        number = next(iter(self.held))
        return number, self.held.pop(number)

    def take(self) -> Result | None:
        """What it has to say: a result, or nothing, where it is ready. Raises `EOFError` where it died."""
        try:
            result: Result | None = self.results.recv()
        except OSError:
            raise EOFError from None
        self.ready, self.since = True, time.monotonic()
        return result

    def end(self) -> None:
        """End it; what it was at can still be told."""
        self._process.kill()
        self._process.join()

    def stop(self) -> None:
        """End it, and let nothing be left of it."""
        self.end()
        graphviz_warnings.delete_note(self._process.pid)
        self._close()

    def _close(self) -> None:
        for end in (self._jobs, self.results):
            _ours.discard(end)
            end.close()

    def ended(self) -> str:
        """How it ended, where it did so by itself."""
        self._process.join(5)
        return exit_reason(self._process.exitcode)

    def report(self) -> str:
        """What to tell of the graph that it was at."""
        return graphviz_warnings.save_dot_of_process(self._process.pid)


class _Todo(Struct):
    """The jobs that are still to be given out: those that come, of `look` of them large ones before others, and those
    that were given back."""

    coming: Iterator[Job]
    look: int
    back: deque[tuple[int, Job]] = field(default_factory=deque)
    large: deque[tuple[int, Job]] = field(default_factory=deque)
    others: deque[tuple[int, Job]] = field(default_factory=deque)
    come: int = 0
    ended: bool = False

    def next(self, end: int) -> tuple[int, Job] | None:
        """The next job, where there is one whose number is below `end`."""
        if self.back:
            return self.back.popleft() if self.back[0][0] < end else None
        while not self.ended and self.come < end and len(self.others) < self.look:
            job = next(self.coming, None)
            if job is None:
                self.ended = True
            else:
                (self.large if job.size >= _LARGE else self.others).append((self.come, job))
                self.come += 1
        queue = self.large or self.others
        return queue.popleft() if queue else None


def run(jobs: Iterable[Job], processes: int, bounds: Bounds, draw: Draw) -> Generator[Result, None, None]:
    """The result of each job, in order. `bounds`: what one diagram may take.

    Raises `DiagramError` (no-workers) where processes cannot be started.
    """
    todo = _Todo(iter(jobs), _LOOK if processes > 1 else 1)
    done: dict[int, Result] = {}
    workers: list[_Worker] = []
    number = 0
    try:
        for _ in range(processes):
            _add(workers, draw, bounds)
        while True:
            _feed(workers, todo, number + _WINDOW)
            if number in done:
                yield done.pop(number)
                number += 1
            elif any(worker.held for worker in workers):
                _collect(workers, todo, done, bounds, draw)
            else:
                return
    finally:
        for worker in workers:
            worker.stop()


def _add(workers: list[_Worker], draw: Draw, bounds: Bounds) -> None:
    """Start another process; where the system has no more to give, those that there are do its work."""
    try:
        workers.append(_Worker(draw, bounds.memory))
    except OSError as error:
        if not workers:
            message = f"no process can be started: {os_error_reason(error)}; draw in this one, with '--jobs 1'"
            raise fail("no-workers", message, Span("--jobs")) from None


def _feed(workers: list[_Worker], todo: _Todo, end: int) -> None:
    for depth in range(_AHEAD):  # Each gets its first before any gets a second.
        for worker in workers:
            if len(worker.held) == depth and (job := todo.next(end)):
                worker.give(*job)


def _collect(
    workers: list[_Worker],
    todo: _Todo,
    done: dict[int, Result],
    bounds: Bounds,
    draw: Draw,
) -> None:
    """Wait until one of the processes says something, dies, or is out of time."""
    soonest, timeout = None, bounds.timeout
    busy = [worker for worker in workers if worker.ready and worker.held]
    if timeout is not None and busy:
        soonest = max(0.0, min(worker.since for worker in busy) + timeout - time.monotonic())
    heard = wait([worker.results for worker in workers], soonest)
    for worker in tuple(workers):
        late = timeout is not None and worker in busy and time.monotonic() - worker.since >= timeout
        if worker.results in heard:
            try:
                result = worker.take()
            except EOFError:
                code = "crashed"
                said = f"the process that drew it {worker.ended()}; the others are drawn"
            else:
                if result is not None:
                    done[worker.first()[0]] = result
                continue
        elif late:
            code, said = (
                "timeout",
                f"it took longer than {timeout:g} s; raise --timeout, or divide it",
            )
        else:
            continue
        worker.end()
        if not worker.ready:
            message = f"a process to draw in {worker.ended()}; draw in this one, with '--jobs 1'"
            raise fail("no-workers", message, next(iter(worker.held.values())).span)
        if worker.held:
            number, job = worker.first()
            told = fail(code, said + worker.report(), job.span).problems
            done[number] = Result(job.source, (), told, job.last)
            todo.back.extendleft(reversed(worker.held.items()))
        worker.stop()
        workers.remove(worker)
        _add(workers, draw, bounds)


def exit_reason(code: int | None) -> str:
    """How a process ended, by its exit code."""
    if code is None or code >= 0:
        return f"ended with code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was ended by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")


def prepare(memory: int | None) -> None:
    """Make this process one that draws for another: it may use so many bytes of memory more than it was born with,
    and notes what it is at."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Who started it ends it.
    graphviz_warnings.enable_notes()
    if memory is not None and sys.platform == "linux":
        import resource

        # What it writes to: WebAssembly reserves far more addresses than it uses (setrlimit(2), RLIMIT_DATA). A copy
        # of a large process has what that had already (proc_pid_statm(5), the sixth number, in pages).
        had = int(Path("/proc/self/statm").read_text("ascii").split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (had + memory, had + memory))


def _serve(todo: Connection, results: Connection, draw: Draw, memory: int | None) -> None:
    """In the process: draw what comes, until no more can come."""
    prepare(memory)
    while _ours:
        _ours.pop().close()
    coming: SimpleQueue[Job | None] = SimpleQueue()
    Thread(target=_listen, args=(todo, coming), daemon=True).start()
    try:
        results.send(None)
        done = 0
        while (job := coming.get()) is not None:
            results.send(draw(job))
            done += 1
            if job.size >= _LARGE or done % _TIDY == 0:
                trim_heap()
    except OSError:
        return  # Nobody waits for it any more.


def _listen(todo: Connection, coming: SimpleQueue[Job | None]) -> None:
    """Take jobs as they come, so that whoever sends them never waits for a result to be taken."""
    try:
        while True:
            coming.put(todo.recv())
    except (EOFError, OSError):
        coming.put(None)
