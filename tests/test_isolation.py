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

import pytest

import diagramkit
from diagramkit import cache
from diagramkit.batch import alone
from diagramkit.cli import main
from diagramkit.layout import report
from diagramkit.layout.engine import Engine, layout
from diagramkit.problems import DiagramError, Span
from diagramkit.sources import limits
from tests.conftest import ROOT, hearing_ctrl_c
from tests.test_cli import MERMAID

_DICE = random.Random(1)
# Graphviz is at it for minutes.
VAST = "graph LR\n" + "".join(
    f"  N{_DICE.randrange(1200)} --> N{_DICE.randrange(1200)}\n" for _ in range(2600)
)
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


def kept(message: str) -> str:
    """The DOT that a message says is kept."""
    found = re.search(r"; for a report, its DOT is in (.*\.dot)\Z", message)
    assert found, message
    return Path(found[1]).read_text("utf-8")


# Graphviz in its sandbox


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ("seconds = 1", "error[layout-too-long]: Graphviz had not laid this diagram out after 1 s; part it, or set"),
        ("memory = 20", "error[layout-failed]: Graphviz could not lay this diagram out (it needs more memory than 20 MB"),
    ],
)  # fmt: skip
def test_a_layout_has_so_much_time_and_memory_and_its_dot_is_kept(
    limit: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("diagramkit.toml").write_text(f"[limits]\n{limit}\n", "utf-8")
    limits._of.cache_clear()
    start = time.monotonic()
    assert main(["render", "vast.mmd", "small.mmd", "-f", "svg"]) == 2
    assert time.monotonic() - start < 20
    said = capsys.readouterr().err
    assert f"vast.mmd:1:1: {told}" in said
    assert kept(said.splitlines()[0]).startswith("digraph ")
    assert Path("output/small.svg").exists()


def test_graphviz_of_the_machine_has_so_much_time_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda name: str(program))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(DiagramError, match="layout-too-long"):
        layout("digraph {a}", Engine("native", 0.2), Span("x"))


def test_a_layout_after_one_that_was_stopped_is_as_ever() -> None:
    small = 'digraph {newrank="false" a -> b}'
    before = layout(small, Engine(), Span("x"))
    with pytest.raises(DiagramError, match="layout-too-long"):
        layout(_dot_of_vast(), Engine(seconds=0.5), Span("x"))
    assert layout(small, Engine(), Span("x")) == before


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
    [("os.abort()", "was ended by SIGABRT"), ("os._exit(3)", "ended with code 3"),
     ("from diagramkit.layout import report; report.note_in_this_process(); report.begin('digraph x {}'); os.abort()",
      "SIGABRT; for a report")],
)  # fmt: skip
def test_a_crash_of_what_is_native_is_an_error(
    code: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(cache.folder().glob("running-*"))
    start = "import os, sys; sys.path[:] = sys.argv[1:]; sys.stdin.buffer.read();"
    monkeypatch.setattr(alone, "_CODE", f"{start} {code}")
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
    assert main(["render", "small.mmd", "vast.mmd", "-f", "svg", "--memory", "100", "--timeout", "4"]) == 2  # fmt: skip
    said = capsys.readouterr().err
    assert re.search(r"vast\.mmd:1:1: error\[(memory|timeout)\]", said)
    assert Path("output/small.svg").exists()


def test_reports_do_not_pile_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cache, "folder", lambda: tmp_path / "cache")
    for number in range(30):
        report.keep(f"digraph {{{number}}}")
    assert len(list((tmp_path / "cache").iterdir())) == 20


# Ctrl-C


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
@pytest.mark.parametrize("more", [[], ["--timeout", "100"]], ids=["here", "processes"])
def test_ctrl_c_ends_in_a_second_and_keeps_what_was_finished(more: list[str]) -> None:
    command = [sys.executable, "-m", "diagramkit", "render", "small.mmd", "vast.mmd", "-f", "svg", *more]  # fmt: skip
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=hearing_ctrl_c,  # noqa: PLW1509 - a shell may have it ignored
    )  # fmt: skip
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
    again = subprocess.run([*command[:5], "-f", "svg", "--check"], capture_output=True, check=False)
    assert again.returncode == 0, again.stderr


def test_layouts_in_several_threads_do_not_stop_each_other() -> None:
    small = 'digraph {newrank="false" a -> b}'
    expected = layout(small, Engine(), Span("x"))
    failed: list[str] = []

    def vast() -> None:
        try:
            layout(_dot_of_vast(), Engine(seconds=1), Span("x"))
        except DiagramError as error:
            failed.append(error.problems[0].code)

    threads = [threading.Thread(target=vast) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert [layout(small, Engine(seconds=1), Span("x")) for _ in range(20)] == [expected] * 20
    for thread in threads:
        thread.join()
    assert failed == ["layout-too-long"] * 2


def test_without_a_user_there_is_no_folder_of_ones_own_among_the_temporary_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "getuid", raising=False)
    assert cache._temporary() is None
