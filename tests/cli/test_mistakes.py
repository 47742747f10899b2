"""Typical mistakes, from `tests/data/mistakes.yaml`: each gives one line with the place, the cause and the remedy."""

from __future__ import annotations

import builtins
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from diagramkit.cli import main
from tests.support.project import ROOT

MISTAKES: list[dict[str, Any]] = yaml.safe_load((ROOT / "tests/data/mistakes.yaml").read_text("utf-8"))
_PLACE = re.compile(r"(?:\S.*?:\d+:\d+: error\[[\w-]+\]|diagramkit(?: [a-z]+)?: error|no icon for '.*'; try)")
_MAX_LENGTH = 400


def write_files(mistake: dict[str, Any]) -> None:
    Path("shop.mmd").write_text("graph LR\n  A[ALB] --> B[RDS]\n", "utf-8")
    Path("shop.yaml").write_text("title: Shop\nnodes: {a: ALB, b: RDS}\n", "utf-8")
    for encoding, files in (("utf-8", mistake.get("files", {})), ("latin-1", mistake.get("binary", {}))):
        for name, text in files.items():
            Path(name).parent.mkdir(exist_ok=True)
            Path(name).write_bytes(text.encode(encoding))


def forbid(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let opening a file fail as for a user without permission, whoever runs the tests."""
    real_open = builtins.open

    def opened(file: Any, *arguments: Any, **options: Any) -> Any:
        if str(file) == name:
            raise PermissionError(13, "Permission denied", name)
        return real_open(file, *arguments, **options)

    monkeypatch.setattr(builtins, "open", opened)


def run(mistake: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> int:
    for package in mistake.get("without", ()):
        monkeypatch.setitem(sys.modules, package, None)
    if "denied" in mistake:
        forbid(mistake["denied"], monkeypatch)
    try:
        run = mistake["run"]
        return main(run if isinstance(run, list) else run.split())
    except SystemExit as error:
        return int(error.code or 0)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: str(mistake["run"]))
def test_a_mistake_gives_one_line_and_changes_no_file(
    mistake: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_files(mistake)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    code = run(mistake, monkeypatch)
    monkeypatch.undo()
    captured = capsys.readouterr()
    lines = [line for line in (captured.out + captured.err).splitlines() if not re.match(r" +\d* \|", line)]
    assert lines == [mistake["says"]]
    assert code == mistake.get("code", 2)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_every_message_says_where_what_and_what_to_do() -> None:
    assert len(MISTAKES) >= 60
    for mistake in MISTAKES:
        says = mistake["says"]
        assert _PLACE.match(says), says
        assert len(says) <= _MAX_LENGTH, says
        assert re.search(r"; |: expected |: name a |did you mean|must be", says), says
