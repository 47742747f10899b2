"""The worker pool: results in the order of the jobs, and what a worker that dies or is slow costs."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from diagramkit import pipeline
from diagramkit.batch import jobs, workers
from diagramkit.batch.bounds import UNLIMITED, Bounds
from diagramkit.batch.jobs import Job, Result
from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError, Span, problems_of
from diagramkit.graph import Pattern
from diagramkit.options import Options
from diagramkit.sources import SourceFile
from tests.batch import misbehaving
from tests.support.command_line import MERMAID, files, run

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _spawn_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spawn workers, because this process runs WebAssembly and must not be forked.

    Tests that run the command line start a new process, which may fork its workers.
    """
    monkeypatch.setattr(workers, "_context", lambda: multiprocessing.get_context("spawn"))


@pytest.mark.parametrize(
    ("setup", "method"),
    [
        ("", "fork" if sys.platform == "linux" else "spawn"),
        ("import wasmtime", "spawn"),
        ("import threading, time; threading.Thread(target=time.sleep, args=[1], daemon=True).start()", "spawn"),
    ],
)
def test_workers_are_forked_only_without_threads_and_webassembly(setup: str, method: str) -> None:
    code = f"from diagramkit.batch import workers\n{setup}\nprint(workers._context().get_start_method())"
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert completed.stdout.decode().strip() == method


def plan_jobs(*names: str) -> list[Job]:
    Path("in").mkdir(exist_ok=True)
    for name in names:
        Path(f"{name}.mmd").write_text(MERMAID.replace("ALB", name), "utf-8")
    source_files = [SourceFile(f"{name}.mmd") for name in names]
    return list(jobs.plan(source_files, ("svg",), Options()))


def draw_all(job_list: list[Job], processes: int, timeout: float | None = None) -> list[Result]:
    return list(workers.run(job_list, processes, Bounds(timeout), misbehaving.draw))


def test_results_are_the_same_and_in_order_for_any_number_of_workers() -> None:
    job_list = plan_jobs(*(f"d{number}" for number in range(13)))
    expected = [jobs.draw(job) for job in job_list]
    assert draw_all(job_list, 1) == expected
    assert draw_all(job_list, 3) == expected


@pytest.mark.parametrize(
    ("name", "reason"),
    [("abort", "SIGABRT"), ("kill", "SIGKILL (out of memory?)"), ("exit", "code 3")],
)
def test_a_worker_that_dies_is_reported_and_the_other_diagrams_are_drawn(name: str, reason: str) -> None:
    job_list = plan_jobs("a", name, "b", f"{name}-2", "c", "d")
    for processes in (1, 2):
        results = draw_all(job_list, processes)
        assert [result.source for result in results] == [job.source for job in job_list]
        assert [result.failed for result in results] == [False, True, False, True, False, False]
        problem = results[1].problems[0]
        assert problem.code == "crashed"
        assert problem.span.file == f"{name}.mmd"
        assert reason in problem.message


def test_a_timeout_is_reported_and_the_other_diagrams_are_drawn() -> None:
    job_list = plan_jobs("a", "hang", "b", "c", "hang-2")
    start = time.monotonic()
    results = draw_all(job_list, 2, 4.0)
    assert time.monotonic() - start < 30
    assert [result.failed for result in results] == [False, True, False, False, True]
    assert str(results[1].problems[0]).startswith("hang.mmd:1:1: error[timeout]: ")


def test_large_results_and_jobs_do_not_block_each_other() -> None:
    job_list = plan_jobs(*(f"large-{number}" for number in range(8)))
    job_list = [replace(job, formats=("svg",) * 100_000) for job in job_list]
    assert [result.source for result in draw_all(job_list, 2)] == [job.source for job in job_list]


def test_workers_that_cannot_start_are_reported_as_one_error() -> None:
    with pytest.raises(DiagramError, match="--jobs 1") as error:
        list(workers.run(plan_jobs("a", "b"), 2, UNLIMITED, misbehaving.Broken()))
    assert error.value.problems[0].code == "no-workers"


def test_closing_the_results_ends_all_workers() -> None:
    job_list = plan_jobs("a", "hang", "b")
    results = workers.run(job_list, 2, UNLIMITED, misbehaving.draw)
    assert next(results).source.path == "a.mmd"
    assert multiprocessing.active_children()
    results.close()
    assert multiprocessing.active_children() == []


def test_an_internal_error_affects_one_diagram_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan_jobs("a", "b")
    render = pipeline.render

    def failing(pattern: Pattern, formats: tuple[str, ...], options: Options) -> pipeline.Rendered:
        if pattern.name == "a":
            raise ZeroDivisionError("no")
        return render(pattern, formats, options)

    monkeypatch.setattr(pipeline, "render", failing)
    assert main(["render", "a.mmd", "b.mmd", "-f", "svg"]) == 2
    stderr = capsys.readouterr().err
    assert "a.mmd:1:1: error[internal]: diagramkit failed here: ZeroDivisionError: no (" in stderr
    assert list(files(Path("output"))) == ["b.svg"]


def test_the_timeout_option_stops_a_diagram() -> None:
    edges = "".join(f"  N{number} --> N{number * number % 1499}\n" for number in range(1, 3000))
    Path("large.mmd").write_text("graph LR\n" + edges, "utf-8")
    Path("small.mmd").write_text(MERMAID, "utf-8")
    completed = run("render", "large.mmd", "small.mmd", "-f", "svg", "--timeout", "0.5")
    assert completed.returncode == 2
    assert b"large.mmd:1:1: error[timeout]: this took longer than 0.5 s" in completed.stderr
    assert list(files(Path("output"))) == ["small.svg"]


def test_jobs_are_fetched_only_as_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch of any size therefore needs the same memory."""
    fetched = 0

    def incoming() -> Iterator[Job]:
        nonlocal fetched
        for job in plan_jobs(*(f"d{number}" for number in range(40))):
            fetched += 1
            yield job

    monkeypatch.setattr(workers, "_WINDOW", 5)
    results = workers.run(incoming(), 2, UNLIMITED, misbehaving.draw)
    for number, result in enumerate(results):
        assert result.source.path == f"d{number}.mmd"
        assert fetched <= number + 7
    assert fetched == 40


@pytest.mark.parametrize(("processes", "first"), [(1, 0), (2, 30)])
def test_several_workers_start_large_diagrams_first(processes: int, first: int) -> None:
    """The results still come in the order of the sources."""
    jobs = list(plan_jobs(*(f"d{number:02}" for number in range(40))))
    source = Path(jobs[30].source.path)
    source.write_text(source.read_text("utf-8") + "%% long\n" * 1000, "utf-8")
    queue = workers._JobQueue(iter(jobs), workers._LOOKAHEAD if processes > 1 else 1)
    numbers = [number for number, _ in iter(lambda: queue.next(100), None)]
    assert numbers[0] == first
    assert sorted(numbers) == list(range(40))
    results = list(workers.run(iter(jobs), processes, UNLIMITED, misbehaving.draw))
    assert [result.source.path for result in results] == [job.source.path for job in jobs]


def test_one_and_several_processes_write_the_same_files_for_all_kinds_of_sources() -> None:
    plan_jobs(*(f"in/d{number}" for number in range(20)))
    fence = f"```mermaid\n{MERMAID}```\n"
    Path("in/several.md").write_text(fence * 4 + "```mermaid\npie\n```\n", "utf-8")
    Path("in/wrong.md").write_text(fence + "```mermaid\ngraph TB\nA --\n```\n", "utf-8")
    Path("in/wrong.mmd").write_text("graph TB\nA --\n", "utf-8")
    outputs = []
    for processes in ("1", "3"):
        completed = run("render", "in", "-o", processes, "-f", "svg,png", "--jobs", processes)
        assert completed.returncode == 2
        outputs.append((completed.stdout.replace(processes.encode(), b"N"), completed.stderr))
    assert len(files(Path("1"))) == 2 * 25  # A mistake costs one diagram: the other one of its file is drawn.
    assert files(Path("1")) == files(Path("3"))
    assert outputs[0][1] == outputs[1][1]
    assert outputs[0][1].count(b": error[") == 2
    assert outputs[0][1].count(b": warning[") == 1


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (3, "exited with code 3"),
        (None, "exited with code None"),
        (-11, "was killed by SIGSEGV"),
        (-9, "(out of memory?)"),
        (-250, "was killed by signal 250"),
    ],
)
def test_exit_reason_describes_how_a_process_ended(code: int | None, reason: str) -> None:
    assert reason in workers.exit_reason(code)


def test_a_lack_of_memory_is_not_reported_as_an_internal_error() -> None:
    span = Span("a.mmd")
    for error in (MemoryError(), ImportError("x.so: failed to map segment from shared object")):
        (problem,) = problems_of(error, span)
        assert problem.code == "memory"
