"""Isolation: limits on time and memory, crashes of native code and Ctrl-C affect only the diagram being drawn."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import diagramkit
from diagramkit import cache
from diagramkit.batch import isolated
from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.drawing import Drawing
from diagramkit.icons import resolver
from diagramkit.icons.catalog import catalog_of
from diagramkit.layout import compose, dot_reports, wasm
from diagramkit.layout.engine import Engine, layout
from diagramkit.options import DEFAULTS, Options
from diagramkit.sources import limits, readers, themes
from tests.support.command_line import MERMAID, enable_ctrl_c
from tests.support.project import ROOT

pytestmark = pytest.mark.slow

_RANDOM = random.Random(1)
# Every layout engine would need minutes for this graph.
VAST = "graph LR\n" + "".join(f"  N{_RANDOM.randrange(1200)} --> N{_RANDOM.randrange(1200)}\n" for _ in range(2600))
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")


@pytest.fixture(autouse=True)
def _write_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    Path("vast.mmd").write_text(VAST, "utf-8")
    Path("small.mmd").write_text(MERMAID, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def error_message(**options: float | bool) -> str:
    """Return the error with which `VAST` fails to be drawn."""
    with pytest.raises(DiagramError) as caught:
        diagramkit.load("vast.mmd").render("svg", **options)  # type: ignore[call-overload]  # Any option.
    return str(caught.value)


def draw_text(text: str, engine: Engine) -> Drawing:
    """Return the drawing of a text. The limits of `engine` may be lower than the settings allow."""
    pattern, options = readers.pattern_from_text(text, "x.mmd"), Options()
    catalog = catalog_of(pattern, options)
    used_themes = themes.themes_of(options, pattern.span)
    setting = compose.CompositionSettings(used_themes, DEFAULTS, None, engine, catalog)
    icons = resolver.resolve(pattern, catalog)
    return compose.draw(pattern.graph, icons, setting, pattern.span)[0]


def saved_dot(message: str) -> str:
    """Return the content of the DOT file that a message names."""
    match = re.search(r"; the DOT for a bug report is in (.*\.dot)\Z", message)
    assert match, message
    return Path(match[1]).read_text("utf-8")


# Limits of the layout engines

ENGINES = pytest.mark.parametrize("name", ["layered", "wasm"])
TOO_LONG = "error[layout-too-long]: the layout took longer than 1 s: split the diagram or raise limits.seconds"


@pytest.mark.parametrize(
    ("name", "limit", "message"),
    [
        ("layered", "seconds = 1", TOO_LONG),
        (
            "layered",
            "memory = 8",
            (
                "error[layout-failed]: the layout needs more than 8 MB of memory: "
                "split the diagram or raise limits.memory"
            ),
        ),
        ("wasm", "seconds = 1", TOO_LONG),
        (
            "wasm",
            "memory = 8",
            "error[layout-failed]: Graphviz failed to lay out this diagram (it needs more than 8 MB of memory",
        ),
    ],
)
def test_layout_limits_stop_a_diagram_and_save_its_dot(
    name: str, limit: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("diagramkit.toml").write_text(f"[limits]\n{limit}\n", "utf-8")
    limits._for_folder.cache_clear()
    start = time.monotonic()
    assert main(["render", "vast.mmd", "small.mmd", "-f", "svg", "--engine", name]) == 2
    assert time.monotonic() - start < 20
    stderr = capsys.readouterr().err
    assert f"vast.mmd:1:1: {message}" in stderr
    assert saved_dot(stderr.splitlines()[0]).startswith("digraph ")
    assert Path("output/small.svg").exists()


def test_the_time_limit_also_applies_to_native_graphviz(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name: str(program))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(DiagramError, match="layout-too-long"):
        layout("digraph {a}", Engine("native", 0.2), Span("x"))


@ENGINES
@pytest.mark.parametrize(("limit", "code"), [({"seconds": 0.5}, "too-long"), ({"memory": 8_000_000}, "failed")])
def test_a_stopped_layout_does_not_affect_the_next_one(name: str, limit: dict[str, Any], code: str) -> None:
    before = draw_text(MERMAID, Engine(name))
    with pytest.raises(DiagramError, match=f"layout-{code}"):
        draw_text(VAST, Engine(name, **limit))
    kernel = wasm.kernel("layout", "layout", wasm.DEFAULT_STACK)
    assert kernel.size < 4_000_000  # Its memory has been released.
    assert draw_text(MERMAID, Engine(name)) == before


def test_a_stopped_graphviz_layout_does_not_affect_the_next_one() -> None:
    small = 'digraph {newrank="false" a -> b}'
    before = layout(small, Engine("wasm"), Span("x"))
    with pytest.raises(DiagramError, match="layout-too-long"):
        layout(_dot_of_vast(), Engine("wasm", 0.5), Span("x"))
    assert layout(small, Engine("wasm"), Span("x")) == before


def _dot_of_vast() -> str:
    return "digraph {" + VAST.removeprefix("graph LR").replace("-->", "->") + "}"


# One diagram in a separate process


def test_an_isolated_diagram_is_the_same() -> None:
    diagram = diagramkit.load("small.mmd")
    for extension in ("svg", "png", "mmd"):
        assert diagram.render(extension, isolate=True, theme="dark") == diagram.render(extension, theme="dark")


def test_problems_of_an_isolated_diagram_are_the_same() -> None:
    Path("diagramkit.toml").write_text("[limits]\npixels = 1000\n", "utf-8")
    diagram = diagramkit.load("small.mmd")
    with pytest.raises(DiagramError, match="error\\[too-large\\]: the PNG would have 0 million"):
        diagram.render("png", isolate=True)


def test_an_isolated_diagram_is_stopped_at_its_timeout_and_its_dot_is_saved() -> None:
    start = time.monotonic()
    message = error_message(timeout=5)
    assert time.monotonic() - start < 15
    assert message.startswith("vast.mmd:1:1: error[timeout]: drawing took longer than 5 s")
    assert saved_dot(message).startswith("digraph ")


@LINUX
def test_an_isolated_diagram_that_needs_too_much_memory_is_stopped() -> None:
    message = error_message(memory=8, timeout=60)
    assert message.startswith("vast.mmd:1:1: error[memory]: not enough memory to draw this diagram")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("os.abort()", "was killed by SIGABRT"),
        ("os._exit(3)", "exited with code 3"),
        (
            (
                "from diagramkit.layout import dot_reports as warnings; warnings.enable_notes(); "
                "warnings.note_dot('digraph x {}'); os.abort()"
            ),
            "SIGABRT; the DOT for a bug report",
        ),
    ],
)
def test_a_crash_in_native_code_is_reported(
    code: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Other programs keep notes in the shared cache.
    monkeypatch.setenv("DIAGRAMKIT_CACHE", str(tmp_path))
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    start = "import os, sys; sys.path[:] = sys.argv[1:]; sys.stdin.buffer.read();"
    monkeypatch.setattr(isolated, "_CODE", f"{start} {code}")
    message = error_message(isolate=True)
    assert message.startswith("vast.mmd:1:1: error[crashed]: the process drawing it ")
    assert reason in message
    assert not list(tmp_path.glob("running-*"))


def test_isolation_works_in_any_program(tmp_path: Path) -> None:
    """No `if __name__ == "__main__"` is needed, and no modules in the working folder are imported."""
    module_text = "raise SystemExit('this was imported')"
    for name in ("pickle.py", "struct.py", "PIL.py"):
        Path(name).write_text(module_text, "utf-8")
    script = (
        f"import sys; sys.path[:] = [path for path in sys.path if path not in ('', {str(tmp_path)!r})]\n"
        "import diagramkit\nprint(len(diagramkit.load('small.mmd').render('svg', isolate=True)))\n"
    )
    completed = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert completed.returncode == 0, completed.stderr
    assert int(completed.stdout) > 1000


# Batches


@LINUX
def test_a_batch_continues_after_a_diagram_that_needs_too_much_memory(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["render", "small.mmd", "vast.mmd", "-f", "svg", "--memory", "100", "--timeout", "4"]) == 2
    stderr = capsys.readouterr().err
    assert re.search(r"vast\.mmd:1:1: error\[(memory|timeout)\]", stderr)
    assert Path("output/small.svg").exists()


def test_only_the_newest_reports_are_saved(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cache, "folder", lambda: tmp_path / "cache")
    for number in range(30):
        dot_reports.save_dot(f"digraph {{{number}}}")
    assert len(list((tmp_path / "cache").iterdir())) == 20


# Ctrl-C


def cpu_seconds_of_all(process_id: int) -> float:
    """Return the CPU time of a running process and its children, which does not depend on other programs."""
    running = running_processes()
    processes = [process_id]
    for parent in processes:
        processes += [child for child, (its_parent, _) in running.items() if its_parent == parent]
    return sum(running[each][1] for each in processes)


def running_processes() -> dict[int, tuple[int, float]]:
    """Return the parent and the CPU time of each running process."""
    processes = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):  # Linux, where `ps` may be missing.
        with contextlib.suppress(OSError):
            fields = stat.read_text("utf-8").rpartition(")")[2].split()
            processes[int(stat.parent.name)] = (
                int(fields[1]),
                (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"),
            )
    if not processes:
        command = ["ps", "-A", "-o", "pid=,ppid=,time="]
        for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
            number, parent, time_used = line.split()
            parts = enumerate(reversed(time_used.split(":")))
            processes[int(number)] = (int(parent), sum(float(part) * 60.0**power for power, part in parts))
    return processes


def finished_cpu_seconds() -> float:
    """Return the CPU time of all processes of this one that ended."""
    import resource  # Not on Windows.

    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"])
@pytest.mark.parametrize("options", [[], ["--timeout", "100"]], ids=["this process", "workers"])
@ENGINES
def test_ctrl_c_or_sigterm_ends_a_run_within_a_second_and_saves_finished_pictures(
    name: str, options: list[str], number: int, exit_code: int
) -> None:
    command = [
        sys.executable,
        "-m",
        "diagramkit",
        "render",
        "small.mmd",
        "vast.mmd",
        "-f",
        "svg",
        "--engine",
        name,
        *options,
    ]
    work_finished = finished_cpu_seconds()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=enable_ctrl_c,  # noqa: PLW1509 - a shell may have it ignored
    )
    try:
        assert process.stdout
        assert b"wrote svg" in process.stdout.readline()
        time.sleep(1)
        work_before = cpu_seconds_of_all(process.pid)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=20)
    finally:
        process.kill()
        process.communicate()
    assert finished_cpu_seconds() - work_finished - work_before < 1
    assert process.returncode == exit_code
    assert [*Path().rglob(".diagramkit-*")] == []
    assert stderr == b"interrupted; finished files are kept\n"
    again = subprocess.run([*command[:5], *command[6:10], "--check"], capture_output=True, check=False)
    assert again.returncode == 0, again.stderr


# A program that continues after Ctrl-C, as a notebook does.
CONTINUE_AFTER_CTRL_C = """if True:
    import os, signal, sys, threading, time
    from diagramkit import load
    small, vast = load("small.mmd"), load("vast.mmd")
    before = small.render("svg", engine=sys.argv[1])
    for seconds in (0.7, 1.2):
        timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        try:
            vast.render("svg", engine=sys.argv[1])
        except KeyboardInterrupt:
            print("interrupted")
        time.sleep(0.5)
        assert not [thread for thread in threading.enumerate() if thread.name == "diagramkit-deep"]
        assert small.render("svg", engine=sys.argv[1]) == before
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
@ENGINES
def test_ctrl_c_does_not_affect_the_next_layout(name: str) -> None:
    start = time.monotonic()
    completed = subprocess.run(
        [sys.executable, "-c", CONTINUE_AFTER_CTRL_C, name],
        capture_output=True,
        check=False,
        preexec_fn=enable_ctrl_c,
    )
    assert (completed.returncode, completed.stdout) == (0, b"interrupted\n" * 2), completed.stderr
    assert time.monotonic() - start < 10


@ENGINES
def test_layouts_in_several_threads_do_not_stop_each_other(name: str) -> None:
    expected = draw_text(MERMAID, Engine(name))
    failed: list[str] = []

    def vast() -> None:
        try:
            draw_text(VAST, Engine(name, 1))
        except DiagramError as error:
            failed.append(error.problems[0].code)

    threads = [threading.Thread(target=vast) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert [draw_text(MERMAID, Engine(name, 1)) for _ in range(20)] == [expected] * 20
    for thread in threads:
        thread.join()
    assert failed == ["layout-too-long"] * 2


DRAW_IN_THREADS = """if True:
    import sys, threading
    from diagramkit import load
    names, name = ("small.mmd", "other.mmd"), sys.argv[1]
    ready, results = threading.Barrier(8), {}

    def draw(number):
        ready.wait()
        for _ in range(5):
            results.setdefault(number % 2, set()).add(load(names[number % 2]).render("svg", engine=name))

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {number: {load(path).render("svg", engine=name)} for number, path in enumerate(names)}
"""


@ENGINES
def test_threads_that_start_drawing_together_draw_the_same_as_one_thread(name: str) -> None:
    Path("other.mmd").write_text("graph TB\n  X[S3] --> Y[SQS] & Z[SNS]\n  Y --> Z\n", "utf-8")
    command = [sys.executable, "-c", DRAW_IN_THREADS, name]
    completed = subprocess.run(command, capture_output=True, check=False)
    assert (completed.returncode, completed.stderr) == (0, b"")


def test_there_is_no_temporary_cache_folder_on_systems_without_user_ids(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "getuid", raising=False)
    assert cache._temporary_folder() is None
