"""Diagrams drawn by several processes: results in one order, and a process that dies or takes too long costs
the one diagram that it was at."""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from queue import SimpleQueue
from threading import Thread

from diagramkit.batch.jobs import Job, Result
from diagramkit.problems import fail

_SPAWN = get_context("spawn")
_AHEAD = 2
"""Jobs that a process holds: while it works on the one, the next is there already."""
_WINDOW = 128
"""How far the work may run ahead of the first result that is still missing: results wait in memory."""

Draw = Callable[[Job], Result]


class _Worker:
    """A process that draws, and the numbers of the jobs that it holds, the one it is at first."""

    def __init__(self, draw: Draw) -> None:
        self.held: deque[int] = deque()
        self.ready = False
        self.since = 0.0
        theirs, self._jobs = _SPAWN.Pipe(duplex=False)
        self.results, ours = _SPAWN.Pipe(duplex=False)
        self._process = _SPAWN.Process(target=_serve, args=(theirs, ours, draw), daemon=True)
        self._process.start()
        theirs.close()  # Else the end of the process would not be the end of the pipe.
        ours.close()

    def give(self, number: int, job: Job) -> None:
        """Hand it a job."""
        if not self.held:
            self.since = time.monotonic()
        self.held.append(number)
        with suppress(OSError):  # It has died: that shows where its result is awaited.
            self._jobs.send(job)

    def take(self) -> Result | None:
        """What it has to say: a result, or nothing, where it is ready. Raises `EOFError` where it died."""
        try:
            result: Result | None = self.results.recv()
        except OSError:
            raise EOFError from None
        self.ready, self.since = True, time.monotonic()
        return result

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.join()
        self._jobs.close()
        self.results.close()

    def ended(self) -> str:
        """How it ended, where it did so by itself."""
        self._process.join(5)
        return _how(self._process.exitcode)


def run(
    todo: Sequence[Job], processes: int, timeout: float | None, draw: Draw
) -> Generator[Result, None, None]:
    """The result of each job, in order. `timeout`: seconds that one diagram may take.

    Raises `DiagramError` (no-workers) where processes cannot be started.
    """
    waiting = deque(range(len(todo)))
    done: dict[int, Result] = {}
    workers = [_Worker(draw) for _ in range(min(processes, len(todo)))]
    try:
        for number in range(len(todo)):
            while number not in done:
                _feed(workers, waiting, todo, number + _WINDOW)
                _collect(workers, waiting, todo, done, timeout, draw)
            yield done.pop(number)
    finally:
        for worker in workers:
            worker.stop()


def _feed(workers: list[_Worker], waiting: deque[int], todo: Sequence[Job], end: int) -> None:
    for depth in range(_AHEAD):  # Each gets its first before any gets a second.
        for worker in workers:
            if len(worker.held) == depth and waiting and waiting[0] < end:
                number = waiting.popleft()
                worker.give(number, todo[number])


def _collect(
    workers: list[_Worker],
    waiting: deque[int],
    todo: Sequence[Job],
    done: dict[int, Result],
    timeout: float | None,
    draw: Draw,
) -> None:
    """Wait until one of the processes says something, dies, or is out of time."""
    soonest = None
    busy = [worker for worker in workers if worker.ready and worker.held]
    if timeout is not None and busy:
        soonest = max(0.0, min(worker.since for worker in busy) + timeout - time.monotonic())
    heard = wait([worker.results for worker in workers], soonest)
    for at, worker in enumerate(workers):
        late = timeout is not None and worker in busy and time.monotonic() - worker.since >= timeout
        if worker.results in heard:
            try:
                result = worker.take()
            except EOFError:
                code, said = (
                    "crashed",
                    f"the process that drew it {worker.ended()}; the others are drawn",
                )
            else:
                if result is not None:
                    done[worker.held.popleft()] = result
                continue
        elif late:
            code, said = (
                "timeout",
                f"it took longer than {timeout:g} s; raise --timeout, or divide it",
            )
        else:
            continue
        worker.stop()
        if not worker.ready:
            message = f"a process to draw in {worker.ended()}; draw in this one, with '--jobs 1'"
            raise fail("no-workers", message, todo[0].pattern.span)
        if worker.held:
            number = worker.held.popleft()
            done[number] = _lost(todo[number], code, said)
            waiting.extendleft(reversed(worker.held))
        workers[at] = _Worker(draw)


def _lost(job: Job, code: str, said: str) -> Result:
    return Result(job.stem, job.name, {}, fail(code, said, job.pattern.span).problems)


def _how(code: int | None) -> str:
    if code is None or code >= 0:
        return f"ended with code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was ended by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")


def _serve(todo: Connection, results: Connection, draw: Draw) -> None:
    """In the process: draw what comes, until no more can come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Who started it ends it.
    coming: SimpleQueue[Job | None] = SimpleQueue()
    Thread(target=_listen, args=(todo, coming), daemon=True).start()
    try:
        results.send(None)
        while (job := coming.get()) is not None:
            results.send(draw(job))
    except OSError:
        return  # Nobody waits for it any more.


def _listen(todo: Connection, coming: SimpleQueue[Job | None]) -> None:
    """Take jobs as they come, so that whoever sends them never waits for a result to be taken."""
    try:
        while True:
            coming.put(todo.recv())
    except (EOFError, OSError):
        coming.put(None)
