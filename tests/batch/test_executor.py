"""The executor: what a call within limits returns, raises and costs."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator

import pytest

from diagramkit.batch import workers
from diagramkit.batch.bounds import Bounds
from diagramkit.batch.executor import IN_PROCESS, Executor
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.sources import readers
from diagramkit.sources.markdown import fences
from diagramkit.sources.mermaid.preamble import OtherTypeError
from tests.batch import misbehaving

SPAN = Span("a.mmd", 3)
pytestmark = pytest.mark.slow


@pytest.fixture(name="executor")
def _executor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Executor]:
    """Return an executor whose worker is spawned, because this process runs WebAssembly and must not be forked."""
    monkeypatch.setattr(workers, "_context", lambda: multiprocessing.get_context("spawn"))
    with Executor(Bounds(20)) as executor:
        yield executor
    assert multiprocessing.active_children() == []


def test_a_call_returns_the_result_from_another_process(executor: Executor) -> None:
    first, second = executor.call(SPAN, os.getpid), executor.call(SPAN, os.getpid)
    assert first == second != os.getpid()
    assert executor.call(SPAN, sorted, [2, 1], reverse=True) == [2, 1]
    assert IN_PROCESS.call(SPAN, os.getpid) == os.getpid()


def test_an_exception_of_diagramkit_is_raised_as_it_is(executor: Executor) -> None:
    (fence,) = fences("```mermaid\npie\n```\n")
    with pytest.raises(OtherTypeError) as error:
        executor.call(SPAN, readers.fence_pattern, fence, 1, "d.md")
    assert error.value.problems[0].code == "unsupported-diagram"


def test_another_exception_is_an_error_with_its_place_in_the_code(executor: Executor) -> None:
    with pytest.raises(DiagramError) as error:
        executor.call(SPAN, misbehaving.divide, 0)
    (problem,) = error.value.problems
    assert str(problem).startswith("a.mmd:3:1: error[internal]: diagramkit failed here: ZeroDivisionError")
    assert "(misbehaving.py:" in problem.message
    with pytest.raises(ZeroDivisionError):
        IN_PROCESS.call(SPAN, misbehaving.divide, 0)


@pytest.mark.parametrize(
    ("function", "code", "reason"),
    [
        (os.abort, "crashed", "the process working on it was killed by SIGABRT"),
        (misbehaving.exit_without_memory, "memory", "not enough memory to draw this diagram"),
        (misbehaving.unpicklable, "crashed", "the process working on it exited with code 1"),
    ],
)
def test_a_crash_is_an_error_without_noise_and_the_next_call_works(
    executor: Executor, capfd: pytest.CaptureFixture[str], function: Callable[[], object], code: str, reason: str
) -> None:
    with pytest.raises(DiagramError) as error:
        executor.call(SPAN, function)
    (problem,) = error.value.problems
    assert (problem.code, problem.span) == (code, SPAN)
    assert problem.message.startswith(reason)
    assert executor.call(SPAN, misbehaving.divide, 2) == 0.5
    assert capfd.readouterr().err == ""


def test_a_call_that_takes_too_long_is_an_error_and_the_next_call_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_context", lambda: multiprocessing.get_context("spawn"))
    with Executor(Bounds(2)) as executor:
        for _ in range(2):
            with pytest.raises(DiagramError, match=r"a.mmd:3:1: error\[timeout\]: this took longer than 2 s"):
                executor.call(SPAN, misbehaving.sleep)
        assert executor.call(SPAN, misbehaving.divide, 2) == 0.5


def test_a_report_contains_the_graph_of_the_call_that_crashed_and_no_earlier_one(executor: Executor) -> None:
    executor.call(SPAN, misbehaving.note_graph)
    with pytest.raises(DiagramError) as error:
        executor.call(SPAN, os.abort)
    assert "DOT" not in str(error.value)
    with pytest.raises(DiagramError, match="the DOT for a bug report is in "):
        executor.call(SPAN, misbehaving.abort_with_graph)
