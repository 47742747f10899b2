"""The same bytes whatever the machine's mood: folder, home, locale, hash seed, day, processes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.test_cli import files, run

MOODS: dict[str, dict[str, str]] = {
    "hash seed": {"PYTHONHASHSEED": "1"},
    "other hash seed": {"PYTHONHASHSEED": "4242"},
    "locale": {"LC_ALL": "C", "LANG": "tr_TR.UTF-8", "PYTHONUTF8": "0"},
    "time zone and day": {"TZ": "Pacific/Kiritimati", "SOURCE_DATE_EPOCH": "1"},
}


def current() -> dict[str, bytes]:
    return files(ROOT / "output")


@pytest.mark.parametrize("mood", MOODS)
def test_the_environment_does_not_matter(tmp_path: Path, mood: str) -> None:
    done = run("render", str(ROOT / "specs"), "-o", "here", cwd=tmp_path, environment=MOODS[mood])
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "here") == current()


def test_home_cache_folder_and_a_cold_cache_do_not_matter(tmp_path: Path) -> None:
    work = tmp_path / "päth with blanks"
    work.mkdir()
    home = {"HOME": str(tmp_path / "home"), "DIAGRAMKIT_CACHE": str(tmp_path / "cache")}
    shutil.copytree(ROOT / "specs", work / "specs")
    done = run("render", cwd=work, environment=home)
    assert done.returncode == 0, done.stderr
    assert files(work / "output") == current()
    assert any((tmp_path / "cache").iterdir())


def test_a_cache_that_cannot_be_written_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = run(
        "render",
        str(ROOT / "specs"),
        "-o",
        "here",
        cwd=tmp_path,
        environment={"DIAGRAMKIT_CACHE": str(tmp_path / "file/cache")},
    )
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "here") == current()


@pytest.mark.parametrize("jobs", ["1", "4"])
def test_the_number_of_processes_does_not_matter(tmp_path: Path, jobs: str) -> None:
    done = run("render", str(ROOT / "specs"), "-o", "here", "--jobs", jobs, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "here") == current()
    named = [line.partition(":")[0] for line in done.stdout.decode().splitlines()]
    assert named[0].endswith("event-driven-architecture")  # In the catalogue's order.
    assert named[-1].endswith("serverless-data-processing")
