"""Drawing in several processes: the same results in the same order, and what one that dies costs."""

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
from diagramkit.batch.jobs import UNLIMITED, Bounds, Job, Result
from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.graph import Pattern
from diagramkit.pipeline import Options
from diagramkit.sources import SourceFile
from tests import misbehaving
from tests.test_cli import MERMAID, files, run


@pytest.fixture(autouse=True)
def _from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests have WebAssembly in this process; the command of its own below starts its processes as copies."""
    monkeypatch.setattr(workers, "_context", lambda: multiprocessing.get_context("spawn"))


@pytest.mark.parametrize(
    ("before", "how"),
    [
        ("", "fork" if sys.platform == "linux" else "spawn"),
        ("import wasmtime", "spawn"),
        ("import threading, time; threading.Thread(target=time.sleep, args=[1], daemon=True).start()", "spawn"),
    ],
)
def test_processes_are_copies_only_where_nothing_is_in_mid_flight(before: str, how: str) -> None:
    code = f"from diagramkit.batch import workers\n{before}\nprint(workers._context().get_start_method())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.decode().strip() == how


def planned(*names: str) -> list[Job]:
    Path("in").mkdir(exist_ok=True)
    for name in names:
        Path(f"{name}.mmd").write_text(MERMAID.replace("ALB", name), "utf-8")
    given = [SourceFile(f"{name}.mmd") for name in names]
    return list(jobs.plan(given, ("svg",), Options()))


def drawn(todo: list[Job], processes: int, timeout: float | None = None) -> list[Result]:
    return list(workers.run(todo, processes, Bounds(timeout), misbehaving.draw))


def test_results_are_those_of_one_process_in_the_same_order() -> None:
    todo = planned(*(f"d{number}" for number in range(13)))
    expected = [jobs.draw(job) for job in todo]
    assert drawn(todo, 1) == expected
    assert drawn(todo, 3) == expected


@pytest.mark.parametrize(
    ("name", "how"),
    [("abort", "SIGABRT"), ("kill", "SIGKILL (out of memory?)"), ("leave", "code 3")],
)
def test_a_process_that_dies_names_its_diagram_and_the_rest_goes_on(name: str, how: str) -> None:
    todo = planned("a", name, "b", f"{name}-2", "c", "d")
    for processes in (1, 2):
        results = drawn(todo, processes)
        assert [result.source for result in results] == [job.source for job in todo]
        assert [result.failed for result in results] == [False, True, False, True, False, False]
        problem = results[1].problems[0]
        assert problem.code == "crashed"
        assert problem.span.file == f"{name}.mmd"
        assert how in problem.message


def test_a_diagram_that_takes_too_long_is_named_and_the_rest_goes_on() -> None:
    todo = planned("a", "hang", "b", "c", "hang-2")
    start = time.monotonic()
    results = drawn(todo, 2, 4.0)
    assert time.monotonic() - start < 30
    assert [result.failed for result in results] == [False, True, False, False, True]
    assert str(results[1].problems[0]).startswith("hang.mmd:1:1: error[timeout]: ")


def test_large_results_and_jobs_do_not_block_each_other() -> None:
    todo = planned(*(f"large-{number}" for number in range(8)))
    todo = [replace(job, formats=("svg",) * 100_000) for job in todo]
    assert [result.source for result in drawn(todo, 2)] == [job.source for job in todo]


def test_processes_that_cannot_start_are_one_error() -> None:
    with pytest.raises(DiagramError, match="--jobs 1") as error:
        list(workers.run(planned("a", "b"), 2, UNLIMITED, misbehaving.Broken()))
    assert error.value.problems[0].code == "no-workers"


def test_no_process_is_left_when_results_are_no_longer_wanted() -> None:
    todo = planned("a", "hang", "b")
    results = workers.run(todo, 2, UNLIMITED, misbehaving.draw)
    assert next(results).source.path == "a.mmd"
    assert multiprocessing.active_children()
    results.close()
    assert multiprocessing.active_children() == []


def test_a_mistake_of_ours_costs_one_diagram(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planned("a", "b")
    render = pipeline.render

    def failing(pattern: Pattern, formats: tuple[str, ...], options: Options) -> pipeline.Rendered:
        if pattern.name == "a":
            raise ZeroDivisionError("no")
        return render(pattern, formats, options)

    monkeypatch.setattr(pipeline, "render", failing)
    assert main(["render", "a.mmd", "b.mmd", "-f", "svg"]) == 2
    said = capsys.readouterr().err
    assert "a.mmd:1:1: error[internal]: diagramkit failed on this diagram: ZeroDivisionError: no (" in said
    assert list(files(Path("output"))) == ["b.svg"]


def test_the_command_stops_a_diagram_at_its_time() -> None:
    edges = "".join(f"  N{at} --> N{at * at % 1499}\n" for at in range(1, 3000))
    Path("large.mmd").write_text("graph LR\n" + edges, "utf-8")
    Path("small.mmd").write_text(MERMAID, "utf-8")
    done = run("render", "large.mmd", "small.mmd", "-f", "svg", "--timeout", "0.5")
    assert done.returncode == 2
    assert b"large.mmd:1:1: error[timeout]: it took longer than 0.5 s" in done.stderr
    assert list(files(Path("output"))) == ["small.svg"]


def test_jobs_are_made_as_they_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a batch of any size takes the same memory."""
    asked = 0

    def coming() -> Iterator[Job]:
        nonlocal asked
        for job in planned(*(f"d{number}" for number in range(40))):
            asked += 1
            yield job

    monkeypatch.setattr(workers, "_WINDOW", 5)
    results = workers.run(coming(), 2, UNLIMITED, misbehaving.draw)
    for number, result in enumerate(results):
        assert result.source.path == f"d{number}.mmd"
        assert asked <= number + 7
    assert asked == 40


@pytest.mark.parametrize(("processes", "first"), [(1, 0), (2, 30)])
def test_what_takes_long_is_begun_first_where_others_work_meanwhile(processes: int, first: int) -> None:
    """Results come in the order of the sources all the same."""
    jobs = list(planned(*(f"d{number:02}" for number in range(40))))
    source = Path(jobs[30].source.path)
    source.write_text(source.read_text("utf-8") + "%% long\n" * 1000, "utf-8")
    todo = workers._Todo(iter(jobs), workers._LOOK if processes > 1 else 1)
    given = [one[0] for one in iter(lambda: todo.next(100), None)]
    assert given[0] == first
    assert sorted(given) == list(range(40))
    results = list(workers.run(iter(jobs), processes, UNLIMITED, misbehaving.draw))
    assert [result.source.path for result in results] == [job.source.path for job in jobs]


def test_many_sources_of_every_kind_give_the_same_files_by_one_process_and_by_several() -> None:
    planned(*(f"in/d{number}" for number in range(20)))
    fence = f"```mermaid\n{MERMAID}```\n"
    Path("in/several.md").write_text(fence * 4 + "```mermaid\npie\n```\n", "utf-8")
    Path("in/wrong.md").write_text(fence + "```mermaid\ngraph TB\nA --\n```\n", "utf-8")
    Path("in/wrong.mmd").write_text("graph TB\nA --\n", "utf-8")
    told = []
    for processes in ("1", "3"):
        done = run("render", "in", "-o", processes, "-f", "svg,png", "--jobs", processes)
        assert done.returncode == 2
        told.append((done.stdout.replace(processes.encode(), b"N"), done.stderr))
    assert len(files(Path("1"))) == 2 * 24
    assert files(Path("1")) == files(Path("3"))
    assert told[0][1] == told[1][1]
    assert told[0][1].count(b": error[") == 2
    assert told[0][1].count(b": warning[") == 1


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (3, "ended with code 3"),
        (None, "ended with code None"),
        (-11, "was ended by SIGSEGV"),
        (-9, "(out of memory?)"),
        (-250, "was ended by signal 250"),
    ],
)
def test_how_a_process_ended_is_said_in_words(code: int | None, said: str) -> None:
    assert said in workers.exit_reason(code)


def test_too_little_memory_is_no_mistake_of_ours() -> None:
    where = Span("a.mmd")
    for error in (MemoryError(), ImportError("x.so: failed to map segment from shared object")):
        (told,) = jobs._ours(where, error)
        assert told.code == "memory"
