"""Hooks for pre-commit: in a scratch repository, the first commit of a diagram fails, the second has its pictures."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from diagramkit.cli import main
from tests.support.project import ROOT

MERMAID = "graph LR\n  A[ALB] --> B[Lambda]\n"


def git(*arguments: str, code: int = 0) -> str:
    """Run git in the current folder; return its output."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PRE_COMMIT_HOME": str(Path("..", "pre-commit").resolve())}
    for name in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{name}_NAME": "Test", f"GIT_{name}_EMAIL": "test@example.org"}
    process = subprocess.run(
        ["git", *arguments], capture_output=True, text=True, check=False, env={**environment, "GIT_CONFIG_GLOBAL": ""}
    )
    assert process.returncode == code, process.stdout + process.stderr
    return process.stdout + process.stderr


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the current folder an empty repository."""
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "-q")


def install_hooks(*names: str) -> None:
    """Install the hooks of this project, which run the code of this checkout."""
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    chosen = []
    for name in names:
        program, *arguments = shlex.split(hooks[name]["entry"])
        assert program == "diagramkit"
        entry = shlex.join([sys.executable, "-m", "diagramkit", *arguments])
        hook = {key: value for key, value in hooks[name].items() if key != "additional_dependencies"}
        chosen.append({**hook, "entry": entry, "language": "system"})
    Path(".pre-commit-config.yaml").write_text(json.dumps({"repos": [{"repo": "local", "hooks": chosen}]}), "utf-8")
    subprocess.run([sys.executable, "-m", "pre_commit", "install"], check=True, capture_output=True)
    git("add", ".pre-commit-config.yaml")


@pytest.mark.slow
def test_the_first_commit_of_a_diagram_fails_and_the_second_has_its_pictures() -> None:
    install_hooks("diagramkit-render", "diagramkit-current")
    Path("specs").mkdir()
    Path("specs/shop.mmd").write_text(MERMAID, "utf-8")
    git("add", "specs")
    first = git("commit", "-m", "Add a diagram", code=1).replace(os.sep, "/")
    assert (
        "specs/shop.mmd:1:1: error[not-added]: not added to git: output/shop.mmd, output/shop.svg, output/shop" in first
    )
    assert "Failed" in first
    git("commit", "-m", "Add a diagram, without its pictures", code=1)  # Although they are current now.
    git("add", "output")
    assert "Failed" not in git("commit", "-m", "Add a diagram")
    assert "output/shop.svg" in git("ls-files")
    Path("specs/shop.mmd").write_text(MERMAID.replace("ALB", "SQS"), "utf-8")
    git("add", "specs")
    git("commit", "-m", "Change it", code=1)
    git("add", "output")
    git("commit", "-m", "Change it")
    assert git("status", "--porcelain", "--untracked-files=no") == ""


@pytest.mark.slow
def test_the_pictures_of_markdown_are_not_forgotten() -> None:
    install_hooks("diagramkit-embed")
    Path("page.md").write_text(f"# Page\n\n```mermaid\n{MERMAID}```\n", "utf-8")
    git("add", "page.md")
    git("commit", "-m", "Add a page", code=1)
    git("add", "page.md")
    assert "not added to git: diagrams/page-1.svg" in git("commit", "-m", "Add it", code=1).replace(os.sep, "/")
    git("add", "diagrams")
    git("commit", "-m", "Add it")


def test_pictures_that_git_ignores_need_not_be_added(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    assert main(["render", "a.mmd", "-f", "svg", "--require-added"]) == 1
    assert f"a.mmd:1:1: error[not-added]: not added to git: {Path('output/a.svg')};" in capsys.readouterr().err
    assert main(["render", "a.mmd", "-f", "svg"]) == 0
    Path(".gitignore").write_text("output/\n", "utf-8")
    assert main(["render", "a.mmd", "-f", "svg", "--require-added"]) == 0


def test_without_a_repository_the_option_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.mmd").write_text(MERMAID, "utf-8")
    assert main(["render", "a.mmd", "-f", "svg", "--require-added"]) == 2
    assert "error[no-git]: '--require-added' needs a git repository" in capsys.readouterr().err
    monkeypatch.setenv("PATH", "")
    assert main(["render", "a.mmd", "-f", "svg", "--require-added"]) == 2
    assert "error[no-git]: '--require-added' needs git, which is not installed" in capsys.readouterr().err
