"""Drawing on a real Dask cluster: a scheduler and two workers, which share nothing with the client."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from diagramkit import project, sources
from diagramkit.batch import cluster, jobs, manifest
from diagramkit.batch.cluster import Task, WorkerContext
from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError
from diagramkit.icons.packs import add, fetch
from diagramkit.options import Options
from diagramkit.sources import SourceFile
from diagramkit.style import font
from tests.support.command_line import MERMAID, files
from tests.support.icon_packs import GOOD, pack
from tests.support.project import ROOT

pytestmark = pytest.mark.slow

ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8" fill="#123456"/></svg>'
THEME = 'base: dark\nbackground: "#101820"\n'


class Cluster:
    """A Dask scheduler and its workers, all processes of this machine. `address` is that of the scheduler."""

    def __init__(self, folder: Path, workers: int = 2) -> None:
        self._folder, self._code = folder, ROOT
        self._scheduler_file = folder / "scheduler.json"
        self.scheduler = self._start("dask_scheduler", "--port", "0", "--host", "127.0.0.1")
        self.workers: list[subprocess.Popen[bytes]] = []
        for _ in range(workers):
            self.add(ROOT)
        text = ""
        for _ in range(300):
            text = self._scheduler_file.read_text("utf-8") if self._scheduler_file.exists() else ""
            if text.strip().endswith("}"):
                break
            time.sleep(0.1)
        self.address = str(json.loads(text)["address"])

    def _start(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            f"distributed.cli.{program}",
            "--no-dashboard",
            "--scheduler-file",
            str(self._scheduler_file),
            *arguments,
        ]
        environment = {**os.environ, "PYTHONPATH": str(self._code)}
        return subprocess.Popen(
            command,
            cwd=self._folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def add(self, code: Path) -> None:
        """Start a worker that imports diagramkit from the folder `code`."""
        self._code = code
        self.workers.append(self._start("dask_worker", "--nthreads", "1", "--no-nanny", "--memory-limit", "0"))

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    started = Cluster(tmp_path_factory.mktemp("cluster"))
    yield started
    started.stop()


def write_project() -> None:
    """Write a project with everything a picture may depend on in addition to its source."""
    Path("in/icons").mkdir(parents=True)
    Path("diagramkit.toml").write_text("", "utf-8")
    Path("in/icons/own.svg").write_text(ICON, "utf-8")
    Path("company.yaml").write_text(THEME, "utf-8")
    for number in range(12):
        text = MERMAID + f"  N{number}[Lambda {number}] --> M[S3]\n"
        Path(f"in/d{number}.mmd").write_text(text, "utf-8")
    fence = f"```mermaid\n{MERMAID}```\n"
    Path("in/several.md").write_text(fence * 3 + "```mermaid\npie\n```\n", "utf-8")
    Path("in/wrong.mmd").write_text("graph TB\nA --\n", "utf-8")
    Path("in/own.yaml").write_text(
        "title: Own\nicons: {A: icons/own.svg}\ndiagram: |\n  graph TB\n    A[Mine] --> B[SQS]\n", "utf-8"
    )
    Path("in/lost.yaml").write_text(
        "title: Lost\nicons: {A: icons/none.svg}\ndiagram: |\n  graph TB\n    A[Mine] --> B[SQS]\n", "utf-8"
    )


def test_a_cluster_writes_the_same_files_as_one_machine(dask: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    write_project()
    command = ["render", "in", "--theme", "company.yaml", "-f", "svg,png"]
    assert main([*command, "-o", "local"]) == 2
    local = capsys.readouterr()
    assert main([*command, "-o", "remote", "--cluster", dask.address]) == 2
    remote = capsys.readouterr()
    assert remote.err == local.err
    assert remote.out.replace("remote/", "local/") == local.out
    assert files(Path("remote")) == files(Path("local"))
    assert b"#123456" in files(Path("remote"))["own.svg"]
    assert Path("remote/.diagramkit.json").read_bytes() == Path("local/.diagramkit.json").read_bytes()
    assert main([*command, "-o", "remote", "--cluster", dask.address]) == 2
    assert "wrote" not in capsys.readouterr().out


def test_no_picture_is_lost_when_a_worker_is_killed(tmp_path: Path) -> None:
    Path("in").mkdir()
    for number in range(40):
        shutil.copy(ROOT / "specs/ai-ml-patterns/rag-architecture.yaml", f"in/d{number}.yaml")
    started = Cluster(tmp_path)
    try:

        def kill() -> None:
            while not list(Path("out").rglob("*.png")):
                time.sleep(0.02)
            os.kill(started.workers[0].pid, signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        code = main(["render", "in", "-o", "out", "-f", "png", "--cluster", started.address])
        killer.join()
        assert started.workers[0].wait(5) == -signal.SIGKILL
    finally:
        started.stop()
    assert code == 0
    pictures = list(Path("out").rglob("*.png"))
    assert len(pictures) == 40
    assert len({path.read_bytes() for path in pictures}) == 1


def test_a_worker_with_another_version_is_rejected() -> None:
    task = Task(SourceFile("a.mmd"), "a.mmd", (("a.mmd", MERMAID.encode()),), ("svg",), Options())
    with pytest.raises(DiagramError, match="different version of diagramkit"):
        cluster.draw(WorkerContext("other", (), None, ()), task)
    assert not cluster.draw(WorkerContext(manifest.tool_digest(), (), None, ()), task).failed


def test_a_cluster_without_working_workers_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "else" / "diagramkit").mkdir(parents=True)
    (tmp_path / "else" / "diagramkit" / "__init__.py").write_text("raise ImportError('none here')", "utf-8")
    Path("a.mmd").write_text(MERMAID, "utf-8")
    monkeypatch.setattr(cluster, "_CONNECT_TIMEOUT", 3)
    started = Cluster(tmp_path, 0)
    try:
        assert main(["render", "a.mmd", "--cluster", started.address]) == 2
        assert "the scheduler has no workers; start some" in capsys.readouterr().err
        started.add(tmp_path / "else")
        monkeypatch.setattr(cluster, "_CONNECT_TIMEOUT", 20)
        assert main(["render", "a.mmd", "--cluster", started.address]) == 2
        assert "error[no-cluster]: a worker cannot draw" in capsys.readouterr().err
    finally:
        started.stop()
    assert not list(Path("output").rglob("*.svg"))


def test_a_scheduler_that_cannot_be_reached_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    assert main(["render", "a.mmd", "--cluster", "nonsense://x:1"]) == 2
    assert "error[no-cluster]: cannot reach the scheduler" in capsys.readouterr().err
    assert not list(Path("output").rglob("*.svg"))


def test_a_worker_gets_theme_font_packs_and_icons_and_draws_the_same_picture(tmp_path: Path) -> None:
    Path("diagramkit.toml").write_text("", "utf-8")
    shutil.copy(Path(font.bundled().file).with_name("SourceSansPro-Bold.ttf"), "own.ttf")
    Path("company.yaml").write_text('base: dark\nbackground: "#101820"\nfont: own.ttf\n', "utf-8")
    pack(Path("acme"), **{"big-bill": GOOD})
    add.add(fetch.fetch("acme"), project.find(), tmp_path / "packs")
    Path("specs").mkdir()
    Path("specs/own.svg").write_text(ICON, "utf-8")
    Path("specs/s.yaml").write_text(
        "title: S\nnodes: {a: A, b: Big bill}\nedges: [a -> b]\nicons: {a: own.svg}\n", "utf-8"
    )
    options = Options("company.yaml", packs=(str(tmp_path / "packs/acme-0"),))
    (job,) = jobs.plan(sources.find(["specs/s.yaml"]), ("svg",), options)
    icons = cluster._project_icons(job)
    assert icons is not None
    task = cluster._task(job, icons)
    assert task is not None
    context = cluster._worker_context(options)
    local, remote = jobs.draw(job), cluster.draw(context, task)
    assert not local.problems
    assert [picture.files for picture in local.pictures] == [picture.files for picture in remote.pictures]
    (picture,) = remote.pictures
    assert b"#101820" in picture.files["svg"]
    assert len(icons) == 1


def test_a_source_that_cannot_be_read_is_not_sent_to_a_worker() -> None:
    (job,) = jobs.plan([SourceFile("gone.mmd")], ("svg",), Options())
    assert cluster._task(job, ()) is None
