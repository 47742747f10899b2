"""The manifest: a second run draws what changed and nothing else, notices what was done by hand, and removes
only what diagramkit wrote."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from diagramkit import cache, sources
from diagramkit.batch import jobs, manifest
from diagramkit.cli import main
from diagramkit.style import system
from tests.conftest import ROOT
from tests.test_cli import MERMAID, files

THEME = "base: light\nedge: '#444444'\n"
ICON = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><rect width='8' height='8' fill='#{}'/></svg>"
OTHER = MERMAID.replace("Lambda", "S3")
TWO = f"# One\n```mermaid\n{MERMAID}```\n# Two\n```mermaid\n{OTHER}```\n"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The names of the diagrams that were drawn, in a folder with two sources."""
    names: list[str] = []
    draw = jobs.draw

    def noting(job: jobs.Job) -> jobs.Result:
        result = draw(job)
        names.extend(picture.name for picture in result.pictures)
        return result

    monkeypatch.setattr(jobs, "draw", noting)
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "a.mmd").write_text(MERMAID, "utf-8")
    (tmp_path / "specs" / "b.mmd").write_text(OTHER, "utf-8")
    return names


def render(drawn: list[str], *arguments: str, code: int = 0) -> list[str]:
    """What a run draws."""
    drawn.clear()
    assert main(["render", *arguments, "-f", "svg"]) == code
    return list(drawn)


def test_a_second_run_draws_nothing_and_says_what_is_current(
    drawn: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert render(drawn) == ["a", "b"]
    capsys.readouterr()
    before = Path("output/.diagramkit.json").stat().st_mtime_ns
    assert render(drawn) == []
    assert capsys.readouterr().out == f"{Path('output/a')}: current\n{Path('output/b')}: current\n"
    assert Path("output/.diagramkit.json").stat().st_mtime_ns == before
    assert render(drawn, "--force") == ["a", "b"]


def test_verbose_says_why_a_source_is_drawn(drawn: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    def said(*options: str) -> list[str]:
        capsys.readouterr()
        render(drawn, "-v", *options)
        lines = capsys.readouterr().out.splitlines()
        return [line.partition("to be drawn, ")[2] for line in lines if "to be drawn" in line]

    assert said() == ["it is new here"] * 2
    assert said() == []
    Path("specs/a.mmd").write_text(MERMAID + "%% more\n", "utf-8")
    assert said() == ["it changed"]
    Path("output/a.svg").write_text("by hand", "utf-8")
    Path("output/b.svg").unlink()
    assert said() == [
        f"{Path('output/a.svg')} is not as it was written",
        f"{Path('output/b.svg')} is gone",
    ]
    assert said("--theme", "dark") == ["options, theme, packs or diagramkit are others"] * 2
    assert said("--theme", "dark", "--quiet") == []


def test_a_changed_source_is_drawn_again_and_no_other(drawn: list[str]) -> None:
    render(drawn)
    Path("specs/b.mmd").write_text(MERMAID, "utf-8")
    assert render(drawn) == ["b"]
    assert b">Lambda<" in Path("output/b.svg").read_bytes()


def test_a_change_within_the_clocks_tick_is_noticed(drawn: list[str]) -> None:
    render(drawn)
    source = Path("specs/b.mmd")
    stat = source.stat()
    source.write_text(OTHER.replace("S3", "S4"), "utf-8")  # As long as it was.
    os.utime(source, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert render(drawn) == ["b"]


@pytest.mark.parametrize("option", [("--theme", "dark"), ("--canvas", "4:3"), ("--title",)])
def test_other_options_draw_all_again(drawn: list[str], option: tuple[str, ...]) -> None:
    render(drawn)
    assert render(drawn, *option) == ["a", "b"]
    assert render(drawn, *option) == []
    assert render(drawn) == ["a", "b"]


def test_a_changed_theme_file_draws_all_again(drawn: list[str]) -> None:
    Path("mine.yaml").write_text(THEME, "utf-8")
    assert render(drawn, "--theme", "mine.yaml") == ["a", "b"]
    assert render(drawn, "--theme", "mine.yaml") == []
    Path("mine.yaml").write_text(THEME.replace("444", "555"), "utf-8")
    assert render(drawn, "--theme", "mine.yaml") == ["a", "b"]


def test_a_changed_icon_of_the_project_draws_what_shows_it(drawn: list[str]) -> None:
    Path("specs/icon.svg").write_text(ICON.format("111111"), "utf-8")
    spec = f"title: B\nicons: {{A: ./icon.svg}}\ndiagram: |\n  {MERMAID.replace(chr(10), chr(10) + '  ')}\n"
    Path("specs/b.mmd").unlink()
    Path("specs/b.yaml").write_text(spec, "utf-8")
    assert render(drawn) == ["a", "b"]
    assert render(drawn) == []
    before = Path("output/b.svg").read_bytes()
    Path("specs/icon.svg").write_text(ICON.format("222222"), "utf-8")
    assert render(drawn) == ["b"]
    assert Path("output/b.svg").read_bytes() != before


def test_an_icon_that_changes_while_it_is_drawn_is_drawn_again(
    drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    icon = Path("specs/icon.svg")
    icon.write_text(ICON.format("111111"), "utf-8")
    Path("specs/b.mmd").write_text('graph LR\n  A@{ img: "./icon.svg", label: "A" }\n', "utf-8")
    draw = jobs.draw

    def late(job: jobs.Job) -> jobs.Result:
        result = draw(job)
        if job.source.path.endswith("b.mmd"):
            icon.write_text(ICON.format("222"), "utf-8")
        return result

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "draw", late)
        assert render(drawn) == ["a", "b"]
    assert render(drawn) == ["b"]
    assert b'fill="#222"' in Path("output/b.svg").read_bytes()
    assert render(drawn) == []


def test_another_version_of_what_draws_draws_all_again(drawn: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    render(drawn)
    monkeypatch.setattr(manifest, "version", lambda name: "9.9")
    assert render(drawn) == ["a", "b"]


def test_other_code_draws_all_again(drawn: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    render(drawn)
    monkeypatch.setattr(manifest, "_own_files", lambda: "another digest")
    assert render(drawn) == ["a", "b"]


def test_the_digest_of_the_code_is_kept_for_as_long_as_no_file_has_another_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "folder", lambda: tmp_path / "cache")
    root = tmp_path / "code"
    (root / "data").mkdir(parents=True)
    for name, at in (("a.py", 10), ("data/b.yaml", 10), ("c.pyc", 10)):
        (root / name).write_text(name, "utf-8")
        os.utime(root / name, (at, at))
    first = manifest.package(str(root))
    (root / "c.pyc").write_text("made anew", "utf-8")
    assert manifest.package(str(root)) == first

    (root / "a.py").write_text("A.py", "utf-8")  # Just now: it may change again within the clock's tick.
    young = manifest.package(str(root))
    os.utime(root / "a.py", (11, 11))
    assert first != young == manifest.package(str(root))
    (root / "a.py").write_text("a.py", "utf-8")
    os.utime(root / "a.py", (11, 11))
    assert manifest.package(str(root)) == young  # As all that goes by sizes and times.
    (root / "a.py").rename(root / "d.py")
    assert manifest.package(str(root)) not in (first, young)


def test_files_edited_or_removed_by_hand_are_made_again(drawn: list[str]) -> None:
    render(drawn)
    good = files(Path("output"))
    Path("output/a.svg").write_text("<svg/>", "utf-8")
    Path("output/b.svg").unlink()
    assert render(drawn) == ["a", "b"]
    assert files(Path("output")) == good


def test_fewer_formats_are_current_and_more_are_drawn(drawn: list[str]) -> None:
    render(drawn, "-f", "mmd")
    assert render(drawn) == []
    assert render(drawn, "-f", "png") == ["a", "b"]
    assert render(drawn, "-f", "mmd,png") == []
    Path("output/a.png").unlink()
    assert render(drawn) == []
    assert render(drawn, "-f", "png") == ["a"]


def test_what_was_noticed_is_said_again_of_what_is_current(
    drawn: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    other = "```mermaid\nsequenceDiagram\n  A->>B: hi\n```\n"
    Path("specs/c.md").write_text(f"```mermaid\n{MERMAID}```\n{other}", "utf-8")
    Path("specs/b.mmd").write_text("graph LR\n  A[日本] --> B\n", "utf-8")
    render(drawn, "-f", "png")
    first = capsys.readouterr().err
    assert first.count("warning[") == 2
    assert render(drawn, "-f", "png") == []
    assert sorted(capsys.readouterr().err.splitlines()) == sorted(first.splitlines())


def test_other_fonts_of_the_machine_draw_again_what_needs_them(
    drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("specs/b.mmd").write_text("graph LR\n  A[日本] --> B\n", "utf-8")
    render(drawn, "-f", "png")
    assert render(drawn, "-f", "png") == []
    monkeypatch.setattr(system, "state", lambda: "other fonts")
    assert render(drawn, "-f", "png") == ["b"]
    assert render(drawn, "-f", "png") == []


def test_pictures_of_a_removed_source_are_listed_and_pruned(
    drawn: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    render(drawn)
    Path("output/mine.svg").write_text("mine", "utf-8")
    Path("specs/b.mmd").unlink()
    for _ in range(2):  # It is listed until it is removed.
        capsys.readouterr()
        assert render(drawn) == []
        assert "b.svg:1:1: note[orphan-output]" in capsys.readouterr().err
    render(drawn, "--prune")
    assert f"{Path('output/b.svg')}: removed" in capsys.readouterr().out
    assert list(files(Path("output"))) == ["a.svg", "mine.svg"]
    render(drawn)
    assert capsys.readouterr().err == ""
    assert list(json.loads(Path("output/.diagramkit.json").read_text("utf-8"))["sources"]) == ["../specs/a.mmd"]


def test_a_picture_whose_fence_is_gone_is_pruned_in_a_later_run(drawn: list[str]) -> None:
    Path("specs/c.md").write_text(TWO, "utf-8")
    render(drawn, "-f", "mmd")
    made = set(files(Path("output")))
    Path("specs/c.md").write_text(TWO.partition("# Two")[0], "utf-8")
    render(drawn)
    assert set(files(Path("output"))) >= made
    assert render(drawn, "--prune") == []
    assert made - set(files(Path("output"))) == {"c-2.svg", "c-2.mmd"}


def test_a_source_that_was_not_given_or_fails_loses_no_picture(drawn: list[str]) -> None:
    render(drawn)
    assert render(drawn, "specs/a.mmd", "--prune") == []
    Path("specs/b.mmd").write_text("graph LR\n  A[unclosed\n", "utf-8")
    assert render(drawn, "--prune", code=2) == []
    assert list(files(Path("output"))) == ["a.svg", "b.svg"]


def test_an_orphan_that_was_edited_is_not_removed(drawn: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    render(drawn)
    Path("specs/b.mmd").unlink()
    Path("output/b.svg").write_text("edited", "utf-8")
    render(drawn, "--prune")
    assert "remove it by hand" in capsys.readouterr().err
    assert Path("output/b.svg").read_text("utf-8") == "edited"


def test_a_picture_that_another_source_makes_now_is_not_removed(drawn: list[str]) -> None:
    render(drawn)
    Path("specs/b.mmd").rename("specs/b.mermaid")
    assert render(drawn, "--prune") == ["b"]
    assert list(files(Path("output"))) == ["a.svg", "b.svg"]
    assert render(drawn, "--prune") == []


def test_check_draws_only_what_it_must_and_writes_nothing(drawn: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    render(drawn)
    assert render(drawn, "--check") == []
    assert "2 files are current" in capsys.readouterr().out
    Path("specs/c.mmd").write_text(MERMAID, "utf-8")
    Path("specs/a.mmd").write_text(OTHER, "utf-8")
    Path("specs/b.mmd").unlink()
    before = {path: path.read_bytes() for path in Path("output").iterdir()}
    assert render(drawn, "--check", code=1) == ["a", "c"]
    assert {path: path.read_bytes() for path in Path("output").iterdir()} == before
    said = capsys.readouterr().err
    for name, code in (("a", "stale"), ("b", "orphan"), ("c", "missing")):
        assert f"{Path('output', name)}.svg:1:1: error[{code}-output]" in said


def test_check_without_a_manifest_compares_bytes(drawn: list[str]) -> None:
    render(drawn)
    Path("output/.diagramkit.json").unlink()
    assert render(drawn, "--check") == ["a", "b"]
    assert not Path("output/.diagramkit.json").exists()


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{",
        "[]",
        "null",
        '{"format": 99, "sources": {}}',
        '{"format": 1}',
        '{"format": 1, "sources": {"../specs/a.mmd": {}}}',
        '{"format": 1, "sources": {"../specs/a.mmd": {"digest": 1, "key": [], "pictures": {"a": 3}}}}',
        '{"format": 1, "sources": {"../specs/a.mmd": {"digest": "", "key": "", "pictures": {}, "told": [1]}}}',
    ],
)
def test_a_damaged_manifest_costs_time_only(drawn: list[str], said: str) -> None:
    render(drawn)
    good = Path("output/.diagramkit.json").read_bytes()
    Path("output/.diagramkit.json").write_text(said, "utf-8")
    assert render(drawn) == ["a", "b"]
    assert Path("output/.diagramkit.json").read_bytes() == good


@pytest.mark.parametrize(
    ("stem", "ending"),
    [
        ("../victim", "svg"),
        ("{here}/victim", "svg"),
        ("a/../../victim", "svg"),
        ("..\\victim", "svg"),
        ("c:victim", "svg"),
        ("victim", "txt"),
        ("victim", "svg"),
    ],
)
def test_a_hostile_manifest_removes_nothing(drawn: list[str], tmp_path: Path, stem: str, ending: str) -> None:
    render(drawn)
    for path in (tmp_path / f"victim.{ending}", tmp_path / "output" / f"victim.{ending}"):
        path.write_bytes(b"mine")
    where = Path("output/.diagramkit.json")
    noted = json.loads(where.read_text("utf-8"))
    noted["sources"]["../specs/gone.mmd"] = {
        "digest": "",
        "key": "",
        "pictures": {stem.format(here=tmp_path): {ending: hashlib.sha256(b"mine").hexdigest()}},
    }
    where.write_text(json.dumps(noted), "utf-8")
    render(drawn, "--prune")
    if (stem, ending) == ("victim", "svg"):  # The same entry, harmless, is obeyed.
        assert not (tmp_path / "output" / "victim.svg").exists()
        return
    assert (tmp_path / f"victim.{ending}").read_bytes() == b"mine"
    assert (tmp_path / "output" / f"victim.{ending}").read_bytes() == b"mine"


def test_the_manifest_names_no_machine_and_is_the_same_anywhere(drawn: list[str], tmp_path: Path) -> None:
    render(drawn)
    first = Path("output/.diagramkit.json").read_bytes()
    assert str(tmp_path).encode() not in first
    other = tmp_path / "elsewhere"
    other.mkdir()
    (tmp_path / "specs").rename(other / "specs")
    assert main(["render", str(other / "specs"), "-o", str(other / "output"), "-f", "svg"]) == 0
    assert (other / "output" / ".diagramkit.json").read_bytes() == first


def test_texts_without_a_diagram_are_not_read_again(drawn: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    Path("specs/c.md").write_text("# Only prose\n", "utf-8")
    render(drawn)

    def refusing(file: sources.SourceFile) -> sources.LoadResult:
        raise AssertionError(f"{file.path} was read")

    monkeypatch.setattr(sources, "load", refusing)
    assert render(drawn) == []


def test_a_diagram_that_cannot_be_drawn_is_told_each_time(drawn: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Path("specs/b.mmd").write_text("graph LR\n  A[unclosed\n", "utf-8")
    for _ in range(2):
        render(drawn, code=2)
        assert "specs/b.mmd:2" in capsys.readouterr().err.replace(os.sep, "/")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_run_leaves_whole_files_and_the_next_completes(tmp_path: Path) -> None:
    """Killed without warning at five moments, some of them in the midst of writing."""
    specs = tmp_path / "specs"
    specs.mkdir()
    for index in range(30):
        (specs / f"d{index:02}.mmd").write_text(MERMAID.replace("ALB", f"ALB {index}"), "utf-8")
    command = [sys.executable, "-m", "diagramkit", "render", "--jobs", "1", "-f", "svg,png"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([*command, "-o", "whole"], cwd=tmp_path, env=environment, check=True, stdout=subprocess.DEVNULL)
    whole = files(tmp_path / "whole")
    for after in (0.3, 0.6, 0.8, 1.0, 1.3):
        run = subprocess.Popen([*command, "-o", "output"], cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL)
        time.sleep(after)
        run.send_signal(signal.SIGKILL)
        run.wait()
        if (tmp_path / "output").exists():
            made = {name: data for name, data in files(tmp_path / "output").items() if not name.startswith(".")}
            assert made.items() <= whole.items()
    subprocess.run([*command, "-o", "output"], cwd=tmp_path, env=environment, check=True, stdout=subprocess.DEVNULL)
    made = files(tmp_path / "output")  # A write that was cut off may leave its hidden beginning.
    assert {name: made[name] for name in made if not name.startswith(".")} == whole
