"""The lines of standard input for a server, which a signal can stop while it waits for the next one.

The files of `anyio` are read by threads that the program waits for at its end, until the client sends something or
leaves. Python's own buffered stream must not be in use at that time, so the descriptor is read.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from itertools import chain
from threading import Semaphore, Thread

_CHUNK = 1 << 16


async def lines(before_end: Callable[[], Awaitable[None]], descriptor: int = 0) -> AsyncIterator[str]:
    """Yield the lines of a file until its end, read by a thread that the end of the program does not wait for.

    `before_end` is awaited after the last line, because the server stops answering when there are no more lines.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str | None] = asyncio.Queue()
    is_wanted = Semaphore()  # One line is read ahead.

    def read() -> None:
        with suppress(RuntimeError):  # The loop has ended.
            for line in chain(_read(descriptor), (None,)):
                is_wanted.acquire()
                loop.call_soon_threadsafe(queue.put_nowait, line)

    Thread(target=read, name="standard input", daemon=True).start()
    while (line := await queue.get()) is not None:
        is_wanted.release()
        yield line
    await before_end()


def _read(descriptor: int) -> Iterator[str]:
    """Yield the lines of a file, with whatever is not UTF-8 replaced."""
    parts: list[bytes] = []
    while chunk := _chunk(descriptor):
        first, *others = chunk.split(b"\n")
        parts.append(first)
        for other in others:
            yield b"".join(parts).decode("utf-8", "replace")
            parts = [other]
    if any(parts):
        yield b"".join(parts).decode("utf-8", "replace")


def _chunk(descriptor: int) -> bytes:
    """Return what can be read next, or nothing at the end or if the file is closed."""
    try:
        return os.read(descriptor, _CHUNK)
    except OSError:
        return b""
