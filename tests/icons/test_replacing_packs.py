"""Replacing an installed icon pack: it succeeds as a whole, or the former pack remains."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from diagramkit import project
from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError
from diagramkit.icons.packs import add, fetch, store
from tests.support.icon_packs import GOOD, contents, pack


def test_a_pack_that_cannot_be_written_leaves_the_installed_one_unchanged(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack(home / "acme", one=GOOD)
    main(["icons", "add", "acme"])
    before = contents(project.user_folder())
    pack(home / "acme", two=GOOD)

    def disk_full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", disk_full)
    with pytest.raises(DiagramError, match="no space left"):
        add.add(fetch.fetch("acme"), project.find(), project.user_folder() / "icons")
    assert contents(project.user_folder()) == before


def test_the_installed_pack_is_restored_if_the_new_one_cannot_be_moved_into_place(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack(home / "acme", one=GOOD)
    main(["icons", "add", "acme"])
    before = contents(project.user_folder())
    pack(home / "acme", two=GOOD)
    move = os.replace

    def fail_for_the_new_pack(source: Any, target: Any) -> None:
        if Path(source).name == "new":
            raise OSError(5, "Input/output error")
        move(source, target)

    monkeypatch.setattr("os.replace", fail_for_the_new_pack)
    with pytest.raises(DiagramError, match="input/output error"):
        add.add(fetch.fetch("acme"), project.find(), project.user_folder() / "icons")
    assert contents(project.user_folder()) == before
    assert [path.name for path in (project.user_folder() / "icons").iterdir()] == ["acme-0"]


def test_a_pack_that_another_process_installs_in_the_meantime_is_no_error(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack(home / "acme", one=GOOD)
    folder = project.user_folder() / "icons" / "acme-0"
    move = os.replace

    def overtaken(source: Any, target: Any) -> None:
        if Path(source).name == "new":
            shutil.copytree(source, target)
        move(source, target)

    monkeypatch.setattr("os.replace", overtaken)
    installed_pack = add.add(fetch.fetch("acme"), project.find(), project.user_folder() / "icons")
    assert store.read(str(folder)).digest == installed_pack.listed.digest
    assert [path.name for path in (project.user_folder() / "icons").iterdir()] == ["acme-0"]
