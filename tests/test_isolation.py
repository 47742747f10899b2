"""What is native or foreign costs one diagram: limits on time and memory, processes of their own, Ctrl-C at any time."""

from __future__ import annotations

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
from diagramkit import cache, pipeline, sources
from diagramkit.batch import isolated
from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.drawing import Drawing
from diagramkit.icons import resolver
from diagramkit.layout import compose, graphviz_warnings, wasm
from diagramkit.layout.engine import Engine, layout
from diagramkit.pipeline import DEFAULTS, Options
from diagramkit.sources import limits
from tests.conftest import ROOT, hearing_ctrl_c
from tests.test_cli import MERMAID

_DICE = random.Random(1)
# Every engine is at it for minutes.
VAST = "graph LR\n" + "".join(f"  N{_DICE.randrange(1200)} --> N{_DICE.randrange(1200)}\n" for _ in range(2600))
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux alone")


@pytest.fixture(autouse=True)
def _written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    Path("vast.mmd").write_text(VAST, "utf-8")
    Path("small.mmd").write_text(MERMAID, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def problem(**how: float | bool) -> str:
    with pytest.raises(DiagramError) as caught:
        diagramkit.load("vast.mmd").render("svg", **how)  # type: ignore[arg-type]  # Any option.
    return str(caught.value)


def drawn(text: str, engine: Engine) -> Drawing:
    """A diagram with an engine whose limits may be less than the settings can say."""
    pattern, options = sources.of_text(text, "x.mmd"), Options()
    shelf = pipeline.catalog_of(pattern, options)
    themes = pipeline.themes(options, pattern.span)
    setting = compose.CompositionSettings(themes, DEFAULTS, None, engine, shelf)
    icons = resolver.resolve(pattern, shelf)
    return compose.draw(pattern.graph, icons, setting, pattern.span)[0]


def kept(message: str) -> str:
    """The DOT that a message says is kept."""
    found = re.search(r"; the DOT for a bug report is in (.*\.dot)\Z", message)
    assert found, message
    return Path(found[1]).read_text("utf-8")


# Layout engines in their sandboxes

ENGINES = pytest.mark.parametrize("name", ["layered", "wasm"])
TOO_LONG = "error[layout-too-long]: the layout took longer than 1 s: split the diagram or raise limits.seconds"


@pytest.mark.parametrize(
    ("name", "limit", "told"),
    [
        ("layered", "seconds = 1", TOO_LONG),
        (
            "layered",
            "memory = 20",
            (
                "error[layout-failed]: the layout needs more than 20 MB of memory: "
                "split the diagram or raise limits.memory"
            ),
        ),
        ("wasm", "seconds = 1", TOO_LONG),
        (
            "wasm",
            "memory = 20",
            "error[layout-failed]: Graphviz failed to lay out this diagram (it needs more than 20 MB of memory",
        ),
    ],
)
def test_a_layout_has_so_much_time_and_memory_and_its_dot_is_kept(
    name: str, limit: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("diagramkit.toml").write_text(f"[limits]\n{limit}\n", "utf-8")
    limits._of.cache_clear()
    start = time.monotonic()
    assert main(["render", "vast.mmd", "small.mmd", "-f", "svg", "--engine", name]) == 2
    assert time.monotonic() - start < 20
    said = capsys.readouterr().err
    assert f"vast.mmd:1:1: {told}" in said
    assert kept(said.splitlines()[0]).startswith("digraph ")
    assert Path("output/small.svg").exists()


def test_graphviz_of_the_machine_has_so_much_time_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name: str(program))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(DiagramError, match="layout-too-long"):
        layout("digraph {a}", Engine("native", 0.2), Span("x"))


@ENGINES
@pytest.mark.parametrize(("limit", "code"), [({"seconds": 0.5}, "too-long"), ({"memory": 20_000_000}, "failed")])
def test_a_layout_after_one_that_was_stopped_is_as_ever(name: str, limit: dict[str, Any], code: str) -> None:
    before = drawn(MERMAID, Engine(name))
    with pytest.raises(DiagramError, match=f"layout-{code}"):
        drawn(VAST, Engine(name, **limit))
    kernel = wasm.kernel("layout", "layout", wasm.DEFAULT_STACK)
    assert kernel.size < 4_000_000  # Nothing is left of what it took.
    assert drawn(MERMAID, Engine(name)) == before


def test_a_layout_with_graphviz_after_one_that_was_stopped_is_as_ever() -> None:
    small = 'digraph {newrank="false" a -> b}'
    before = layout(small, Engine("wasm"), Span("x"))
    with pytest.raises(DiagramError, match="layout-too-long"):
        layout(_dot_of_vast(), Engine("wasm", 0.5), Span("x"))
    assert layout(small, Engine("wasm"), Span("x")) == before


def _dot_of_vast() -> str:
    return "digraph {" + VAST.removeprefix("graph LR").replace("-->", "->") + "}"


# One diagram in a process of its own


def test_a_diagram_drawn_alone_is_the_same() -> None:
    found = diagramkit.load("small.mmd")
    for form in ("svg", "png", "mmd"):
        assert found.render(form, isolate=True, theme="dark") == found.render(form, theme="dark")


def test_what_is_wrong_with_a_diagram_drawn_alone_is_told_as_ever() -> None:
    Path("diagramkit.toml").write_text("[limits]\npixels = 1000\n", "utf-8")
    found = diagramkit.load("small.mmd")
    with pytest.raises(DiagramError, match="error\\[too-large\\]: the PNG would have 0 million"):
        found.render("png", isolate=True)


def test_a_diagram_that_takes_too_long_alone_is_stopped_and_its_dot_kept() -> None:
    start = time.monotonic()
    said = problem(timeout=5)
    assert time.monotonic() - start < 15
    assert said.startswith("vast.mmd:1:1: error[timeout]: it took longer than 5 s")
    assert kept(said).startswith("digraph ")


@LINUX
def test_a_diagram_that_takes_too_much_memory_alone_is_refused() -> None:
    said = problem(memory=8, timeout=60)
    assert said.startswith("vast.mmd:1:1: error[memory]: there was not enough memory for it")


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("os.abort()", "was ended by SIGABRT"),
        ("os._exit(3)", "ended with code 3"),
        (
            (
                "from diagramkit.layout import graphviz_warnings as w; "
                "w.enable_notes(); w.note_dot('digraph x {}'); os.abort()"
            ),
            "SIGABRT; the DOT for a bug report",
        ),
    ],
)
def test_a_crash_of_what_is_native_is_an_error(code: str, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(cache.folder().glob("running-*"))
    start = "import os, sys; sys.path[:] = sys.argv[1:]; sys.stdin.buffer.read();"
    monkeypatch.setattr(isolated, "_CODE", f"{start} {code}")
    said = problem(isolate=True)
    assert said.startswith("vast.mmd:1:1: error[crashed]: the process that drew it ")
    assert how in said
    assert set(cache.folder().glob("running-*")) <= before


def test_a_program_of_any_kind_may_ask_for_it(tmp_path: Path) -> None:
    """No `if __name__ == "__main__"` is needed, and nothing of the folder that it works in is imported."""
    evil = "raise SystemExit('this was imported')"
    for name in ("pickle.py", "struct.py", "PIL.py"):
        Path(name).write_text(evil, "utf-8")
    script = (
        f"import sys; sys.path[:] = [one for one in sys.path if one not in ('', {str(tmp_path)!r})]\n"
        "import diagramkit\nprint(len(diagramkit.load('small.mmd').render('svg', isolate=True)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 1000


# Batches


@LINUX
def test_a_batch_goes_on_without_what_takes_too_much_memory(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["render", "small.mmd", "vast.mmd", "-f", "svg", "--memory", "100", "--timeout", "4"]) == 2
    said = capsys.readouterr().err
    assert re.search(r"vast\.mmd:1:1: error\[(memory|timeout)\]", said)
    assert Path("output/small.svg").exists()


def test_reports_do_not_pile_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cache, "folder", lambda: tmp_path / "cache")
    for number in range(30):
        graphviz_warnings.save_dot(f"digraph {{{number}}}")
    assert len(list((tmp_path / "cache").iterdir())) == 20


# Ctrl-C


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
@pytest.mark.parametrize("more", [[], ["--timeout", "100"]], ids=["here", "processes"])
@ENGINES
def test_ctrl_c_ends_in_a_second_and_keeps_what_was_finished(name: str, more: list[str]) -> None:
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
        *more,
    ]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=hearing_ctrl_c,  # noqa: PLW1509 - a shell may have it ignored
    )
    try:
        assert process.stdout
        assert b"wrote svg" in process.stdout.readline()
        time.sleep(1)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    finally:
        process.kill()
        process.communicate()
    assert time.monotonic() - start < 1
    assert process.returncode == 130
    assert said == b"interrupted; what was finished is kept\n"
    again = subprocess.run([*command[:5], *command[6:10], "--check"], capture_output=True, check=False)
    assert again.returncode == 0, again.stderr


# A program that goes on after Ctrl-C, as a notebook does.
GOES_ON = """if True:
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
        assert not [one for one in threading.enumerate() if one.name == "diagramkit-deep"]
        assert small.render("svg", engine=sys.argv[1]) == before
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
@ENGINES
def test_a_layout_after_ctrl_c_is_as_ever(name: str) -> None:
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", GOES_ON, name],
        capture_output=True,
        check=False,
        preexec_fn=hearing_ctrl_c,
    )
    assert (done.returncode, done.stdout) == (0, b"interrupted\n" * 2), done.stderr
    assert time.monotonic() - start < 10


@ENGINES
def test_layouts_in_several_threads_do_not_stop_each_other(name: str) -> None:
    expected = drawn(MERMAID, Engine(name))
    failed: list[str] = []

    def vast() -> None:
        try:
            drawn(VAST, Engine(name, 1))
        except DiagramError as error:
            failed.append(error.problems[0].code)

    threads = [threading.Thread(target=vast) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert [drawn(MERMAID, Engine(name, 1)) for _ in range(20)] == [expected] * 20
    for thread in threads:
        thread.join()
    assert failed == ["layout-too-long"] * 2


AT_ONCE = """if True:
    import sys, threading
    from diagramkit import load
    names, name = ("small.mmd", "other.mmd"), sys.argv[1]
    ready, made = threading.Barrier(8), {}

    def draw(at):
        ready.wait()
        for _ in range(5):
            made.setdefault(at % 2, set()).add(load(names[at % 2]).render("svg", engine=name))

    threads = [threading.Thread(target=draw, args=(at,)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == {at: {load(one).render("svg", engine=name)} for at, one in enumerate(names)}
"""


@ENGINES
def test_threads_that_begin_at_once_draw_as_one_does(name: str) -> None:
    Path("other.mmd").write_text("graph TB\n  X[S3] --> Y[SQS] & Z[SNS]\n  Y --> Z\n", "utf-8")
    command = [sys.executable, "-c", AT_ONCE, name]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_without_a_user_there_is_no_folder_of_ones_own_among_the_temporary_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "getuid", raising=False)
    assert cache._temporary() is None
