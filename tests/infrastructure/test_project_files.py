"""The files that a template names are read from its project only, and not without end."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagramkit.diagnostics import Span, fail
from diagramkit.infrastructure.readers.project_files import ProjectFiles

SPAN = Span("infra/main.yaml", 3, 5)
BASE = "infra/main.yaml"


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test in a project with a template, next to which there is another project."""
    for path in ("project/infra/main.yaml", "project/shared/x.yaml", "other/x.yaml", "project/infra/mods/b.tf"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    (tmp_path / "project/.git").mkdir()
    monkeypatch.chdir(tmp_path / "project")


def read(path: str) -> str:
    return Path(path).read_text()


def outside(opened: ProjectFiles) -> list[tuple[str, str, Span]]:
    return [(problem.code, problem.severity, problem.span) for problem in opened.problems]


def test_a_file_of_the_project_is_opened_by_its_path_from_the_template() -> None:
    opened = ProjectFiles(read)
    for location in ("../shared/x.yaml", "./../shared/../shared/x.yaml"):
        assert opened.open(location, BASE, SPAN) == ("shared/x.yaml", "project/shared/x.yaml")
    assert (opened.paths, opened.problems) == (["shared/x.yaml"], [])


@pytest.mark.parametrize("location", ["https://host/t.yaml", "s3://host/t.yaml", "/t.yaml", "\\t.yaml"])
def test_an_address_or_an_absolute_path_is_not_opened(location: str) -> None:
    for path in (f"infra/{location}", location.lstrip("/")):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text("secret")
    opened = ProjectFiles(read)
    assert opened.open(location, BASE, SPAN) is None
    assert (opened.paths, opened.problems) == ([], [])


@pytest.mark.parametrize("location", ["missing.yaml", "mods", "a\0b.yaml", "x" * 5000])
def test_what_is_no_file_is_not_opened(location: str) -> None:
    opened = ProjectFiles(read)
    assert opened.open(location, BASE, SPAN) is None
    assert (opened.paths, opened.problems) == ([], [])


@pytest.mark.parametrize("location", ["../../other/x.yaml", "link.yaml", "linked/x.yaml"])
def test_a_file_outside_of_the_project_is_reported_and_not_opened(location: str) -> None:
    Path("infra/link.yaml").symlink_to("../../other/x.yaml")
    Path("infra/linked").symlink_to("../../other")
    opened = ProjectFiles(read)
    assert opened.open(location, BASE, SPAN) is None
    assert (opened.paths, outside(opened)) == ([], [("outside", "warning", SPAN)])


def test_the_problems_of_a_file_that_cannot_be_read_are_kept() -> None:
    def cannot_read(path: str) -> str:
        raise fail("not-utf8", "this is not UTF-8", Span(path))

    opened = ProjectFiles(cannot_read)
    assert opened.open("../shared/x.yaml", BASE, SPAN) is None
    assert [problem.code for problem in opened.problems] == ["not-utf8"]
    assert opened.paths == []


def test_a_template_opens_300_files_and_no_more() -> None:
    opened = ProjectFiles(lambda _: "")
    for number in range(301):
        Path(f"infra/{number}.yaml").touch()
    results = [opened.open(f"{number}.yaml", BASE, SPAN) for number in range(301)]
    assert [result is None for result in results] == [False] * 300 + [True]
    assert len(opened.paths) == 300


def test_the_files_of_a_folder_are_opened_by_name() -> None:
    for name in ("a.tf", ".hidden.tf", "c.txt"):
        Path("infra/mods", name).write_text(name)
    Path("infra/mods/d.tf").mkdir()
    opened = ProjectFiles(read)
    expected = [("infra/mods/a.tf", "a.tf"), ("infra/mods/b.tf", "project/infra/mods/b.tf")]
    for location in ("mods", "mods/", "./mods"):
        assert opened.open_folder(location, BASE, ".tf", SPAN) == expected
    assert opened.problems == []


@pytest.mark.parametrize("location", ["missing", "main.yaml", "a\0b", "x" * 5000])
def test_what_is_no_folder_has_no_files(location: str) -> None:
    opened = ProjectFiles(read)
    assert opened.open_folder(location, BASE, ".tf", SPAN) == []
    assert opened.problems == []


@pytest.mark.parametrize("location", ["../../other", "linked"])
def test_a_folder_outside_of_the_project_is_reported_and_not_listed(location: str) -> None:
    """Nor do the messages tell how many files it has."""
    Path("infra/linked").symlink_to("../../other")
    Path("../other/y.yaml").touch()
    opened = ProjectFiles(read)
    assert opened.open_folder(location, BASE, ".yaml", SPAN) == []
    assert outside(opened) == [("outside", "warning", SPAN)]


def test_a_step_up_after_a_link_means_the_folder_of_the_link() -> None:
    """As in the paths of single files, which must be those that were listed."""
    Path("shared/deep").mkdir()
    Path("shared/mods").mkdir()
    Path("shared/mods/other.tf").touch()
    Path("infra/link").symlink_to("../shared/deep")
    opened = ProjectFiles(read)
    assert [path for path, _ in opened.open_folder("link/../mods", BASE, ".tf", SPAN)] == ["infra/mods/b.tf"]
