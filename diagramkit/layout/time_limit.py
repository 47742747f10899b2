"""Stop code that runs outside of Python after a time limit or at Ctrl-C.

While WebAssembly runs, Python's signal handlers do not run. A separate thread watches the time and the signals, and
stops the code.
"""

from __future__ import annotations

import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, Thread

_POLL_INTERVAL = 0.2  # Seconds.
_INTERRUPTS = frozenset((signal.SIGINT, signal.SIGTERM))


class Watch:
    """Calls `stop` from its own thread when the time is up, at Ctrl-C or at SIGTERM.

    Only one task can run at a time, because `stop` would stop all of them.
    """

    def __init__(self, stop: Callable[[], object]) -> None:
        self._stop = stop
        self._end: float | None = None
        self._lock = Lock()
        # Sockets instead of pipes: on Windows, `select` supports nothing else.
        self._receiver, self._sender = socket.socketpair()
        self._sender.setblocking(False)
        try:
            Thread(target=self._run, daemon=True, name="diagramkit-watch").start()
        except RuntimeError as error:  # Not enough memory for the thread's stack.
            self._receiver.close()
            self._sender.close()
            raise MemoryError(str(error)) from None
        _listen(self._sender)  # Only now: Python must not write to a descriptor that is closed.

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """Allow at most `seconds` for the code in the `with` block."""
        with self._lock:
            self._end = time.monotonic() + seconds
            try:
                yield
            finally:
                self._end = None

    def _run(self) -> None:
        while True:
            readable, _, _ = select.select([self._receiver], [], [], _POLL_INTERVAL)
            interrupted = readable and not _INTERRUPTS.isdisjoint(self._receiver.recv(64))
            end = self._end
            if end is not None and (interrupted or time.monotonic() > end):
                self._stop()


def _listen(sender: socket.socket) -> None:
    """Send the numbers of signals to a socket.

    This works only in the main thread. If an event loop already receives the signals, nothing changes.
    """
    try:
        previous = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    except ValueError:
        return
    if previous != -1:
        signal.set_wakeup_fd(previous)
