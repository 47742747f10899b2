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


@pytest.mark.parametrize("failing", ["new", "diagramkit.toml"])
@pytest.mark.parametrize("listed", [True, False])
def test_the_settings_and_the_installed_pack_change_together_or_not_at_all(
    home: Path, failing: str, listed: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pack(home / "acme", one=GOOD)
    settings = home / "diagramkit.toml"
    settings.unlink(missing_ok=True)
    if listed:
        assert main(["icons", "add", "acme"]) == 0
    before = contents(project.user_folder()) if listed else {}
    text = settings.read_bytes() if listed else None
    pack(home / "acme", two=GOOD)
    move, failed = os.replace, list[Any]()

    def fail_once(source: Any, target: Any) -> None:
        if failing in (Path(source).name, Path(target).name) and not failed:
            failed.append(target)
            raise OSError(5, "Input/output error")
        move(source, target)

    monkeypatch.setattr("os.replace", fail_once)
    assert main(["icons", "add", "acme"]) == 2
    assert failed
    assert "error[unwritable]" in capsys.readouterr().err
    assert (settings.read_bytes() if settings.exists() else None) == text
    assert (contents(project.user_folder()) if listed else {}) == before
    assert listed or not list(project.user_folder().glob("icons/*"))
    assert main(["icons", "add", "acme"]) == 0  # The next attempt succeeds.
    assert store.read(str(project.user_folder() / "icons" / "acme-0")).icons.keys() == {"one", "two"}
