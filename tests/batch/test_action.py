"""The GitHub action: its script, run in a repository with a remote as a runner does."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from diagramkit.cli import main
from tests.support import action

pytestmark = pytest.mark.slow

MERMAID = "graph LR\n  A[ALB] --> B[Lambda]\n"
BROKEN = "graph LR\n  A -> B\n"
IMAGES = "https://github.example/o/r/raw/0123"


def git(*arguments: str, cwd: str = ".") -> str:
    """Run git; return its output."""
    names = {f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    process = subprocess.run(
        ["git", *arguments], capture_output=True, text=True, check=True, cwd=cwd, env={**os.environ, **names}
    )
    return process.stdout


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the current folder a clone of a repository with one diagram and its pictures."""
    git("init", "-q", "--bare", str(tmp_path / "remote.git"))
    git("clone", "-q", str(tmp_path / "remote.git"), str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    Path("specs").mkdir()
    Path("specs/a.mmd").write_text(MERMAID, "utf-8")
    assert main(["render"]) == 0
    git("add", ".")
    git("commit", "-q", "-m", "Begin")
    git("push", "-q", "origin", "HEAD")


def outputs(runner: Path) -> dict[str, str]:
    """Return the outputs of the step."""
    lines = (runner / "output").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


@pytest.mark.parametrize("command", ["render", "commit"])
def test_the_rest_is_drawn_if_one_file_is_broken(tmp_path: Path, command: str) -> None:
    Path("specs/b.mmd").write_text(BROKEN, "utf-8")
    Path("specs/c.mmd").write_text(MERMAID, "utf-8")
    process, runner = action.run(tmp_path / "runner", COMMAND=command, MESSAGE="Draw")
    assert process.returncode == 2
    assert outputs(runner) == {"part": "", "changed": "true", "failed": "true"}
    assert Path("output/c.svg").exists()
    assert "::error file=specs/b.mmd,line=2" in process.stdout
    assert "1 failed" in (runner / "summary").read_text("utf-8")
    committed = git("ls-tree", "-r", "--name-only", "HEAD", cwd=str(tmp_path / "remote.git"))
    assert ("output/c.svg" in committed) == (command == "commit")


def test_a_stale_picture_is_compared_in_the_summary(tmp_path: Path) -> None:
    Path("specs/a.mmd").write_text(MERMAID.replace("ALB", "SQS"), "utf-8")
    process, runner = action.run(tmp_path / "runner", COMMAND="check", IMAGES=IMAGES, UPLOAD="commit")
    assert process.returncode == 1
    assert outputs(runner) == {"part": "", "changed": "true", "failed": "false"}
    assert process.stdout.count("::error file=specs/a.mmd,line=1,") == 1  # One for the diagram, at its source.
    commit = git("rev-parse", "refs/diagramkit/7", cwd=str(tmp_path / "remote.git")).strip()
    shown = re.findall(r'<img src="([^"]*)"', (runner / "summary").read_text("utf-8"))
    assert shown == [f"https://github.example/o/r/raw/{commit}/a.{name}.png" for name in ("before", "after", "diff")]
    uploaded = git("ls-tree", "-r", "--name-only", commit, cwd=str(tmp_path / "remote.git")).split()
    assert uploaded == ["a.after.png", "a.before.png", "a.diff.png"]
    assert git("status", "--porcelain") == " M specs/a.mmd\n"  # Nothing else in the checkout has changed.
    assert "diagramkit" not in git("branch", "--all")


@pytest.mark.parametrize("upload", ["artifact", "commit"])
def test_the_summary_has_no_broken_pictures_if_nothing_is_uploaded(tmp_path: Path, upload: str) -> None:
    Path("specs/a.mmd").write_text(MERMAID.replace("ALB", "SQS"), "utf-8")
    git("remote", "set-url", "--push", "origin", str(tmp_path / "nowhere"))
    process, runner = action.run(tmp_path / "runner", COMMAND="check", IMAGES=IMAGES, UPLOAD=upload)
    assert process.returncode == 1
    assert ("::warning::the pictures of differences could not be pushed" in process.stdout) == (upload == "commit")
    summary = (runner / "summary").read_text("utf-8")
    assert "<img" not in summary
    assert summary.count("in the artifact") == 3
    assert len(list((runner / "diagramkit-differences").iterdir())) == 3


def test_what_is_current_needs_nothing(tmp_path: Path) -> None:
    process, runner = action.run(tmp_path / "runner", COMMAND="check", UPLOAD="commit")
    assert process.returncode == 0, process.stdout + process.stderr
    assert outputs(runner) == {"part": "", "changed": "false", "failed": "false"}
    assert git("for-each-ref", "refs/diagramkit", cwd=str(tmp_path / "remote.git")) == ""
