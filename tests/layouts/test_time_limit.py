"""Code outside of Python stops in time and at Ctrl-C, and nothing else stops it."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from diagramkit.layout import time_limit
from diagramkit.layout.time_limit import Watch

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="there is no such descriptor there")


class Task:
    """Code that runs until somebody stops it; `stops` are the times."""

    def __init__(self) -> None:
        self.stops: list[float] = []
        self._stopped = threading.Event()

    def stop(self) -> None:
        self.stops.append(time.monotonic())
        self._stopped.set()

    def run(self, seconds: float) -> bool:
        """Return whether the task was stopped within some seconds."""
        return self._stopped.wait(seconds)


@pytest.fixture
def task() -> Task:
    return Task()


@pytest.fixture
def watch(task: Task) -> Iterator[Watch]:
    """A watch in the main thread, which listens to signals."""
    previous = signal.set_wakeup_fd(-1)
    yield Watch(task.stop)
    signal.set_wakeup_fd(previous)


def test_a_task_is_stopped_soon_after_its_time_is_up(watch: Watch, task: Task) -> None:
    time.sleep(0.5)  # The watch has looked at the time, and there was no task.
    started = time.monotonic()
    with watch.limited(0.3):
        assert task.run(10)
    assert 0.3 <= task.stops[0] - started < 1.2
    assert time_limit._POLL_INTERVAL < 0.5, "also on a busy machine, it takes less than a second"


def test_nothing_is_stopped_before_its_time_or_after_its_end(watch: Watch, task: Task) -> None:
    with watch.limited(0.4):
        time.sleep(0.1)
    with watch.limited(30):
        assert not task.run(0.8)
    assert not task.run(0.5)


def test_a_task_that_fails_is_not_stopped_later(watch: Watch, task: Task) -> None:
    with pytest.raises(ValueError, match="x"), watch.limited(0.2):
        raise ValueError("x")
    assert not task.run(0.6)


def test_only_one_task_runs_at_a_time(watch: Watch, task: Task) -> None:
    """Otherwise the time of one would stop the other."""
    running = threading.Event()

    def run_another() -> None:
        with watch.limited(30):
            running.set()

    other = threading.Thread(target=run_another)
    with watch.limited(30):
        other.start()
        assert not running.wait(0.3)
    assert running.wait(10)
    other.join(10)


@POSIX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_stop_a_task_within_a_second(number: signal.Signals, watch: Watch, task: Task) -> None:
    """The signal's own handler only runs when the code outside of Python has ended."""
    handled: list[int] = []
    previous = signal.signal(number, lambda received, _: handled.append(received))
    try:
        with watch.limited(30):
            started = time.monotonic()
            os.kill(os.getpid(), number)
            assert task.run(10)
        assert task.stops[0] - started < 1
        assert handled == [number]
    finally:
        signal.signal(number, previous)


@POSIX
def test_other_signals_and_those_between_tasks_stop_nothing(watch: Watch, task: Task) -> None:
    previous = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGUSR1, signal.SIGINT)}
    try:
        os.kill(os.getpid(), signal.SIGINT)
        assert not task.run(0.5)
        with watch.limited(30):
            os.kill(os.getpid(), signal.SIGUSR1)
            assert not task.run(0.5)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@POSIX
def test_a_watch_leaves_the_socket_of_an_event_loop_alone(task: Task) -> None:
    receiver, sender = socket.socketpair()
    with receiver, sender:
        sender.setblocking(False)
        previous = signal.set_wakeup_fd(sender.fileno())
        try:
            watch = Watch(task.stop)
            assert signal.set_wakeup_fd(sender.fileno()) == sender.fileno()
        finally:
            signal.set_wakeup_fd(previous)
    with watch.limited(0.2):
        assert task.run(10)


def test_a_watch_of_another_thread_still_limits_the_time(task: Task) -> None:
    """Python tells only the main thread about signals."""
    watches: list[Watch] = []
    thread = threading.Thread(target=lambda: watches.append(Watch(task.stop)))
    thread.start()
    thread.join(10)
    with watches[0].limited(0.2):
        assert task.run(10)


def test_no_watch_keeps_a_process_from_ending(watch: Watch) -> None:
    threads = [thread for thread in threading.enumerate() if thread.name == "diagramkit-watch"]
    assert threads
    assert all(thread.daemon for thread in threads)


def test_too_little_memory_for_a_watch_is_reported_as_such(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signals are then written to nothing: the descriptor may soon be that of another file."""

    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    previous = signal.set_wakeup_fd(-1)
    try:
        with pytest.raises(MemoryError, match="can't start new thread"):
            Watch(task.stop)
        assert signal.set_wakeup_fd(-1) == -1
    finally:
        signal.set_wakeup_fd(previous)
