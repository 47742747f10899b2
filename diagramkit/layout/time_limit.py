"""Watches over what cannot watch over itself: code that runs outside of Python is stopped in time.

While WebAssembly runs, Python's own handlers of signals wait; a thread that does nothing else sees that time is up,
or that somebody pressed Ctrl-C, and stops it.
"""

from __future__ import annotations

import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, Thread

_TICK = 0.2  # Seconds.


class Watch:
    """Calls `stop` when what runs has had its time, or at Ctrl-C, from a thread of its own. One thing runs at a
    time: what stops one would stop all."""

    def __init__(self, stop: Callable[[], object]) -> None:
        self._stop = stop
        self._end: float | None = None
        self._one = Lock()
        # Pairs of sockets, not pipes: Windows can wait for nothing else.
        self._heard, self._told = socket.socketpair()
        self._told.setblocking(False)
        _listen(self._told)
        try:
            Thread(target=self._run, daemon=True, name="diagramkit-watch").start()
        except RuntimeError as error:  # There is no memory for its stack.
            raise MemoryError(str(error)) from None

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """While it lasts, at most so many seconds may pass."""
        with self._one:
            self._end = time.monotonic() + seconds
            try:
                yield
            finally:
                self._end = None

    def _run(self) -> None:
        while True:
            heard, _, _ = select.select([self._heard], [], [], _TICK)
            interrupted = heard and signal.SIGINT in self._heard.recv(64)
            end = self._end
            if end is not None and (interrupted or time.monotonic() > end):
                self._stop()


def _listen(told: socket.socket) -> None:
    """Have signals told to a socket, in a program's main thread; not where an event loop has them told to it."""
    try:
        other = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    except ValueError:
        return
    if other != -1:
        signal.set_wakeup_fd(other)
