"""Pictures have the same bytes in every environment: folder, home, locale, hash seed, date, number of processes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.command_line import files, run
from tests.support.project import ROOT

pytestmark = pytest.mark.slow

ENVIRONMENTS: dict[str, dict[str, str]] = {
    "hash seed": {"PYTHONHASHSEED": "1"},
    "other hash seed": {"PYTHONHASHSEED": "4242"},
    "locale": {"LC_ALL": "C", "LANG": "tr_TR.UTF-8", "PYTHONUTF8": "0"},
    "time zone and day": {"TZ": "Pacific/Kiritimati", "SOURCE_DATE_EPOCH": "1"},
}


def committed() -> dict[str, bytes]:
    return files(ROOT / "output")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_environment_does_not_change_pictures(tmp_path: Path, environment: str) -> None:
    process = run("render", str(ROOT / "specs"), "-o", "drawn", cwd=tmp_path, environment=ENVIRONMENTS[environment])
    assert process.returncode == 0, process.stderr
    assert files(tmp_path / "drawn") == committed()


def test_folders_and_an_empty_cache_do_not_change_pictures(tmp_path: Path) -> None:
    folder = tmp_path / "päth with blanks"
    folder.mkdir()
    environment = {"HOME": str(tmp_path / "home"), "DIAGRAMKIT_CACHE": str(tmp_path / "cache")}
    shutil.copytree(ROOT / "specs", folder / "specs")
    process = run("render", cwd=folder, environment=environment)
    assert process.returncode == 0, process.stderr
    assert files(folder / "output") == committed()
    assert any((tmp_path / "cache").iterdir())


def test_a_cache_that_cannot_be_written_does_not_change_pictures(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    process = run(
        "render",
        str(ROOT / "specs"),
        "-o",
        "drawn",
        cwd=tmp_path,
        environment={"DIAGRAMKIT_CACHE": str(tmp_path / "file/cache")},
    )
    assert process.returncode == 0, process.stderr
    assert files(tmp_path / "drawn") == committed()


@pytest.mark.parametrize("jobs", ["1", "4"])
def test_the_number_of_processes_does_not_change_pictures(tmp_path: Path, jobs: str) -> None:
    process = run("render", str(ROOT / "specs"), "-o", "drawn", "--jobs", jobs, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert files(tmp_path / "drawn") == committed()
    names = [line.partition(":")[0] for line in process.stdout.decode().splitlines()]
    assert names[0].endswith("event-driven-architecture")  # In the order of the catalog.
    assert names[-1].endswith("serverless-data-processing")
