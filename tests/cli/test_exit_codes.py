"""How commands end: the exit code, one line about it, and nothing left behind in the process."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from diagramkit import cli, write_scope
from diagramkit.cli import console, main
from diagramkit.diagnostics import BAD_INPUT, INTERRUPTED, OK, PROBLEMS, TERMINATED, Diagnostic, Span, exit_code, fail

CODES = (OK, PROBLEMS, BAD_INPUT, INTERRUPTED, TERMINATED)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], int]], int]:
    """Return a function that runs a command which does what a function does, and returns the exit code."""

    def run(action: Callable[[], int]) -> int:
        monkeypatch.setattr("diagramkit.cli.schema.run", lambda _: action())
        return main(["schema"])

    return run


Run = Callable[[Callable[[], int]], int]


def raising(error: BaseException) -> Callable[[], NoReturn]:
    def action() -> NoReturn:
        raise error

    return action


def test_the_exit_codes_are_those_that_the_help_explains(capsys: pytest.CaptureFixture[str]) -> None:
    assert CODES == (0, 1, 2, 130, 143)
    assert (cli._OK, cli._BAD_INPUT, cli._INTERRUPTED, cli._TERMINATED) == (OK, BAD_INPUT, INTERRUPTED, TERMINATED)
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for promise in ("0 success;", "1 findings", "2 a source that cannot be read", "130 interrupted;", "143 terminated"):
        assert promise in text


def test_the_exit_code_of_a_command_is_that_of_the_process(run: Run) -> None:
    for code in (0, 1, 2):
        assert run(lambda code=code: code) == code  # type: ignore[misc]


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (fail("bad-config", "x", Span("a.toml")), "a.toml:1:1: error[bad-config]: x"),
        (MemoryError(), "diagramkit:1:1: error[memory]: not enough memory to draw this diagram;"),
        (
            OSError(28, "No space left on device"),
            "standard output:1:1: error[system]: operating system error: no space",
        ),
        (OSError("failed to map segment from shared object"), "standard output:1:1: error[memory]: not enough memory"),
        (OSError("x"), "standard output:1:1: error[internal]: diagramkit failed here: OSError: x (test_exit_codes.py:"),
        (RecursionError("x"), "diagramkit:1:1: error[internal]: diagramkit failed here: RecursionError: x (test_exit"),
        (ValueError("y" * 201), f"diagramkit:1:1: error[internal]: diagramkit failed here: ValueError: {'y' * 200} ("),
    ],
)
def test_an_error_is_one_line(run: Run, error: Exception, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(raising(error)) == 2
    (printed,) = capsys.readouterr().err.splitlines()
    assert printed.startswith(line)


def test_an_internal_error_names_the_place_where_it_occurred(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(lambda: int(json.loads("{"))) == 2
    assert re.search(r"JSONDecodeError: .* \(decoder\.py:\d+\); please report it", capsys.readouterr().err)


def test_ctrl_c_ends_a_command(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(raising(KeyboardInterrupt())) == 130
    assert capsys.readouterr().err == "interrupted; finished files are kept\n"


def test_sigterm_ends_a_command_like_ctrl_c_and_a_second_one_does_not_stop_the_cleanup(run: Run) -> None:
    cleaned = []

    def action() -> int:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)
            cleaned.append(0)
            return 0
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.01)
            cleaned.append(1)

    before = signal.getsignal(signal.SIGTERM)
    assert run(action) == 143
    assert cleaned == [1]
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_command_runs_in_any_thread(run: Run) -> None:
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(run(lambda: 1)))
    thread.start()
    thread.join()
    assert codes == [1]


def test_a_reader_that_has_ended_is_no_error_and_a_full_disk_is(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    discarded: list[int] = []
    monkeypatch.setattr(os, "dup2", lambda _, descriptor: discarded.append(descriptor))

    class Stdout:
        def __init__(self, error: OSError) -> None:
            self.error = error

        def flush(self) -> None:
            raise self.error

        def fileno(self) -> int:
            return 1

    full = OSError(28, "No space left on device")
    line = "standard output:1:1: error[system]: operating system error: no space left on device\n"
    for error, code, message in ((BrokenPipeError(), 0, ""), (full, 2, line)):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", Stdout(error))
            assert run(lambda: 0) == code
        assert capsys.readouterr().err == message
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", Stdout(full))
        assert run(raising(BrokenPipeError())) == 0
    assert discarded == [1, 1, 1]


def test_without_a_command_the_help_is_printed_and_it_is_invalid_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("usage: diagramkit")


@pytest.mark.parametrize("error", [None, KeyboardInterrupt(), ValueError()])
def test_the_settings_of_a_command_end_with_it(run: Run, error: BaseException | None) -> None:
    state, during = console._state, []

    def action() -> int:
        during.append((write_scope._scope is not None, console._state is not state))
        if error:
            raise error
        return 0

    run(action)
    assert during == [(True, True)]
    assert write_scope._scope is None
    assert console._state is state


def test_settings_that_cannot_be_read_end_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    Path("diagramkit.toml").write_text("x = = 1", "utf-8")
    assert main(["check"]) == 2
    assert capsys.readouterr().err.startswith("diagramkit.toml:1:5: error[bad-config]: invalid TOML: ")


@pytest.mark.parametrize("code", ["missing-output", "no-icon", "orphan-output", "stale-embed", "stale-output"])
def test_what_is_a_finding(code: str) -> None:
    assert exit_code([Diagnostic(code, "x", Span("a"))]) == 1
    assert exit_code([Diagnostic("no-" + code, "x", Span("a"))]) == 2
