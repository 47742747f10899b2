"""Incremental batches: a second run draws only what has changed and removes only files that diagramkit wrote."""

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
from diagramkit.sources import readers
from diagramkit.style import installed_fonts
from tests.support.command_line import MERMAID, files
from tests.support.project import ROOT

pytestmark = pytest.mark.slow

THEME = "base: light\nedge: '#444444'\n"
ICON = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'><rect width='8' height='8' fill='#{}'/></svg>"
OTHER = MERMAID.replace("Lambda", "S3")
TWO = f"# One\n```mermaid\n{MERMAID}```\n# Two\n```mermaid\n{OTHER}```\n"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Write two sources, and return a list to which the name of each diagram that is drawn is added."""
    names: list[str] = []
    draw = jobs.draw

    def tracking(job: jobs.Job) -> jobs.Result:
        result = draw(job)
        names.extend(picture.name for picture in result.pictures)
        return result

    monkeypatch.setattr(jobs, "draw", tracking)
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "a.mmd").write_text(MERMAID, "utf-8")
    (tmp_path / "specs" / "b.mmd").write_text(OTHER, "utf-8")
    return names


def render(drawn: list[str], *arguments: str, code: int = 0) -> list[str]:
    """Run `diagramkit render` and return the names of the diagrams that it drew."""
    drawn.clear()
    assert main(["render", *arguments, "-f", "svg"]) == code
    return list(drawn)


def test_a_second_run_draws_nothing_and_lists_what_is_current(
    drawn: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert render(drawn) == ["a", "b"]
    capsys.readouterr()
    before = Path("output/.diagramkit.json").stat().st_mtime_ns
    assert render(drawn) == []
    assert capsys.readouterr().out == f"{Path('output/a')}: current\n{Path('output/b')}: current\n"
    assert Path("output/.diagramkit.json").stat().st_mtime_ns == before
    assert render(drawn, "--force") == ["a", "b"]


def test_verbose_output_names_the_reason_for_redrawing_a_source(
    drawn: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    def reasons(*options: str) -> list[str]:
        capsys.readouterr()
        render(drawn, "-v", *options)
        lines = capsys.readouterr().out.splitlines()
        return [line.partition("to be drawn, ")[2] for line in lines if "to be drawn" in line]

    assert reasons() == ["new source"] * 2
    assert reasons() == []
    Path("specs/a.mmd").write_text(MERMAID + "%% more\n", "utf-8")
    assert reasons() == ["source changed"]
    Path("output/a.svg").write_text("by hand", "utf-8")
    Path("output/b.svg").unlink()
    assert reasons() == [
        f"{Path('output/a.svg')} was modified",
        f"{Path('output/b.svg')} was deleted",
    ]
    assert reasons("--theme", "dark") == ["options, theme, icon packs or version changed"] * 2
    assert reasons("--theme", "dark", "--quiet") == []


def test_only_a_changed_source_is_redrawn(drawn: list[str]) -> None:
    render(drawn)
    Path("specs/b.mmd").write_text(MERMAID, "utf-8")
    assert render(drawn) == ["b"]
    assert b">Lambda<" in Path("output/b.svg").read_bytes()


def test_a_change_within_one_clock_tick_is_detected(drawn: list[str]) -> None:
    render(drawn)
    source = Path("specs/b.mmd")
    stat = source.stat()
    source.write_text(OTHER.replace("S3", "S4"), "utf-8")  # The size stays the same.
    os.utime(source, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert render(drawn) == ["b"]


@pytest.mark.parametrize("option", [("--theme", "dark"), ("--canvas", "4:3"), ("--title",)])
def test_changed_options_redraw_everything(drawn: list[str], option: tuple[str, ...]) -> None:
    render(drawn)
    assert render(drawn, *option) == ["a", "b"]
    assert render(drawn, *option) == []
    assert render(drawn) == ["a", "b"]


def test_a_changed_theme_file_redraws_everything(drawn: list[str]) -> None:
    Path("mine.yaml").write_text(THEME, "utf-8")
    assert render(drawn, "--theme", "mine.yaml") == ["a", "b"]
    assert render(drawn, "--theme", "mine.yaml") == []
    Path("mine.yaml").write_text(THEME.replace("444", "555"), "utf-8")
    assert render(drawn, "--theme", "mine.yaml") == ["a", "b"]


def test_a_changed_project_icon_redraws_the_diagrams_that_use_it(drawn: list[str]) -> None:
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


def test_a_diagram_is_redrawn_if_its_icon_changed_while_it_was_drawn(
    drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    icon = Path("specs/icon.svg")
    icon.write_text(ICON.format("111111"), "utf-8")
    Path("specs/b.mmd").write_text('graph LR\n  A@{ img: "./icon.svg", label: "A" }\n', "utf-8")
    draw = jobs.draw

    def draw_then_change_icon(job: jobs.Job) -> jobs.Result:
        result = draw(job)
        if job.source.path.endswith("b.mmd"):
            icon.write_text(ICON.format("222"), "utf-8")
        return result

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "draw", draw_then_change_icon)
        assert render(drawn) == ["a", "b"]
    assert render(drawn) == ["b"]
    assert b'fill="#222"' in Path("output/b.svg").read_bytes()
    assert render(drawn) == []


def test_another_version_of_a_library_redraws_everything(drawn: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    render(drawn)
    monkeypatch.setattr(manifest, "version", lambda name: "9.9")
    assert render(drawn) == ["a", "b"]


def test_changed_code_redraws_everything(drawn: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    render(drawn)
    monkeypatch.setattr(manifest, "_package_digest", lambda: "another digest")
    assert render(drawn) == ["a", "b"]


def test_the_package_digest_is_cached_while_file_sizes_and_times_are_unchanged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "folder", lambda: tmp_path / "cache")
    root = tmp_path / "code"
    (root / "data").mkdir(parents=True)
    for name, mtime in (("a.py", 10), ("data/b.yaml", 10), ("c.pyc", 10)):
        (root / name).write_text(name, "utf-8")
        os.utime(root / name, (mtime, mtime))
    first = manifest.package_digest(str(root))
    (root / "c.pyc").write_text("compiled again", "utf-8")
    assert manifest.package_digest(str(root)) == first

    (root / "a.py").write_text("A.py", "utf-8")  # It is recent, so it may change again within one clock tick.
    recent = manifest.package_digest(str(root))
    os.utime(root / "a.py", (11, 11))
    assert first != recent == manifest.package_digest(str(root))
    (root / "a.py").write_text("a.py", "utf-8")
    os.utime(root / "a.py", (11, 11))
    assert manifest.package_digest(str(root)) == recent  # Size and time are the same, so the change is not noticed.
    (root / "a.py").rename(root / "d.py")
    assert manifest.package_digest(str(root)) not in (first, recent)


def test_files_edited_or_removed_by_hand_are_written_again(drawn: list[str]) -> None:
    render(drawn)
    expected = files(Path("output"))
    Path("output/a.svg").write_text("<svg/>", "utf-8")
    Path("output/b.svg").unlink()
    assert render(drawn) == ["a", "b"]
    assert files(Path("output")) == expected


def test_fewer_formats_are_current_and_additional_ones_are_drawn(drawn: list[str]) -> None:
    render(drawn, "-f", "mmd")
    assert render(drawn) == []
    assert render(drawn, "-f", "png") == ["a", "b"]
    assert render(drawn, "-f", "mmd,png") == []
    Path("output/a.png").unlink()
    assert render(drawn) == []
    assert render(drawn, "-f", "png") == ["a"]


def test_problems_of_current_sources_are_reported_again(drawn: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    unsupported = "```mermaid\nsequenceDiagram\n  A->>B: hi\n```\n"
    Path("specs/c.md").write_text(f"```mermaid\n{MERMAID}```\n{unsupported}", "utf-8")
    Path("specs/b.mmd").write_text("graph LR\n  A[日本] --> B\n", "utf-8")
    render(drawn, "-f", "png")
    first = capsys.readouterr().err
    assert first.count("warning[") == 2
    assert render(drawn, "-f", "png") == []
    assert sorted(capsys.readouterr().err.splitlines()) == sorted(first.splitlines())


def test_changed_fonts_redraw_only_diagrams_that_depend_on_them(
    drawn: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("specs/b.mmd").write_text("graph LR\n  A[日本] --> B\n", "utf-8")
    render(drawn, "-f", "png")
    assert render(drawn, "-f", "png") == []
    monkeypatch.setattr(installed_fonts, "fingerprint", lambda: "other fonts")
    assert render(drawn, "-f", "png") == ["b"]
    assert render(drawn, "-f", "png") == []


def test_orphaned_pictures_are_listed_and_pruned(drawn: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    render(drawn)
    Path("output/mine.svg").write_text("mine", "utf-8")
    Path("specs/b.mmd").unlink()
    for _ in range(2):  # It is listed in every run until it is removed.
        capsys.readouterr()
        assert render(drawn) == []
        assert "b.svg:1:1: note[orphan-output]" in capsys.readouterr().err
    render(drawn, "--prune")
    assert f"{Path('output/b.svg')}: removed" in capsys.readouterr().out
    assert list(files(Path("output"))) == ["a.svg", "mine.svg"]
    render(drawn)
    assert capsys.readouterr().err == ""
    assert list(json.loads(Path("output/.diagramkit.json").read_text("utf-8"))["sources"]) == ["../specs/a.mmd"]


def test_a_picture_whose_mermaid_block_was_removed_is_pruned_in_a_later_run(drawn: list[str]) -> None:
    Path("specs/c.md").write_text(TWO, "utf-8")
    render(drawn, "-f", "mmd")
    first = set(files(Path("output")))
    Path("specs/c.md").write_text(TWO.partition("# Two")[0], "utf-8")
    render(drawn)
    assert set(files(Path("output"))) >= first
    assert render(drawn, "--prune") == []
    assert first - set(files(Path("output"))) == {"c-2.svg", "c-2.mmd"}


def test_pictures_of_sources_that_fail_or_are_not_in_the_run_are_not_pruned(drawn: list[str]) -> None:
    render(drawn)
    assert render(drawn, "specs/a.mmd", "--prune") == []
    Path("specs/b.mmd").write_text("graph LR\n  A[unclosed\n", "utf-8")
    assert render(drawn, "--prune", code=2) == []
    assert list(files(Path("output"))) == ["a.svg", "b.svg"]


def test_an_edited_orphan_is_not_removed(drawn: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    render(drawn, "-f", "mmd,svg")
    Path("specs/b.mmd").unlink()
    Path("output/b.svg").write_text("edited", "utf-8")
    render(drawn, "--prune")
    assert (
        f"remove by hand what was edited after diagramkit wrote it: {Path('output/b.svg')}" in capsys.readouterr().err
    )
    assert Path("output/b.svg").read_text("utf-8") == "edited"
    assert not Path("output/b.mmd").exists()


def test_a_diagram_with_several_orphaned_files_is_one_finding(
    drawn: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    render(drawn, "-f", "mmd,svg,json")
    Path("specs/b.mmd").unlink()
    capsys.readouterr()
    render(drawn, "--check", "-f", "mmd,svg,json", code=1)
    (problem,) = capsys.readouterr().err.splitlines()
    names = ", ".join(str(Path(f"output/b.{ending}")) for ending in ("json", "mmd", "svg"))
    assert problem == (
        f"{Path('output/b.json')}:1:1: error[orphan-output]: {names} are orphaned: no source draws them anymore; "
        "remove them with 'diagramkit render --prune'"
    )


def test_a_picture_that_another_source_produces_now_is_not_pruned(drawn: list[str]) -> None:
    render(drawn)
    Path("specs/b.mmd").rename("specs/b.mermaid")
    assert render(drawn, "--prune") == ["b"]
    assert list(files(Path("output"))) == ["a.svg", "b.svg"]
    assert render(drawn, "--prune") == []


def test_check_draws_only_stale_sources_and_writes_nothing(
    drawn: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    render(drawn)
    assert render(drawn, "--check") == []
    assert "2 files are current" in capsys.readouterr().out
    Path("specs/c.mmd").write_text(MERMAID, "utf-8")
    Path("specs/a.mmd").write_text(OTHER, "utf-8")
    Path("specs/b.mmd").unlink()
    before = {path: path.read_bytes() for path in Path("output").iterdir()}
    assert render(drawn, "--check", code=1) == ["a", "c"]
    assert {path: path.read_bytes() for path in Path("output").iterdir()} == before
    stderr = capsys.readouterr().err
    for message in (
        f"{Path('specs/a.mmd')}:1:1: error[stale-output]: {Path('output/a.svg')} is not current",
        f"{Path('output/b.svg')}:1:1: error[orphan-output]",
        f"{Path('specs/c.mmd')}:1:1: error[missing-output]: {Path('output/c.svg')}",
    ):
        assert message in stderr


def test_check_without_a_manifest_compares_bytes(drawn: list[str]) -> None:
    render(drawn)
    Path("output/.diagramkit.json").unlink()
    assert render(drawn, "--check") == ["a", "b"]
    assert not Path("output/.diagramkit.json").exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"format": 99, "sources": {}}',
        '{"format": 2}',
        '{"format": 2, "sources": {"../specs/a.mmd": {}}}',
        '{"format": 2, "sources": {"../specs/a.mmd": {"digest": 1, "key": [], "pictures": {"a": 3}}}}',
        '{"format": 2, "sources": {"../specs/a.mmd": {"digest": "", "key": "", "pictures": {}, "problems": [1]}}}',
    ],
)
def test_a_damaged_manifest_only_causes_redrawing(drawn: list[str], text: str) -> None:
    render(drawn)
    expected = Path("output/.diagramkit.json").read_bytes()
    Path("output/.diagramkit.json").write_text(text, "utf-8")
    assert render(drawn) == ["a", "b"]
    assert Path("output/.diagramkit.json").read_bytes() == expected


@pytest.mark.parametrize(
    ("stem", "extension"),
    [
        ("../victim", "svg"),
        ("{folder}/victim", "svg"),
        ("a/../../victim", "svg"),
        ("..\\victim", "svg"),
        ("c:victim", "svg"),
        ("victim", "txt"),
        ("victim", "svg"),
    ],
)
def test_a_hostile_manifest_cannot_make_prune_remove_other_files(
    drawn: list[str], tmp_path: Path, stem: str, extension: str
) -> None:
    render(drawn)
    for path in (tmp_path / f"victim.{extension}", tmp_path / "output" / f"victim.{extension}"):
        path.write_bytes(b"mine")
    path = Path("output/.diagramkit.json")
    document = json.loads(path.read_text("utf-8"))
    document["sources"]["../specs/gone.mmd"] = {
        "digest": "",
        "key": "",
        "pictures": {stem.format(folder=tmp_path): {extension: hashlib.sha256(b"mine").hexdigest()}},
    }
    path.write_text(json.dumps(document), "utf-8")
    render(drawn, "--prune")
    if (stem, extension) == ("victim", "svg"):  # An entry with a valid path is obeyed.
        assert not (tmp_path / "output" / "victim.svg").exists()
        return
    assert (tmp_path / f"victim.{extension}").read_bytes() == b"mine"
    assert (tmp_path / "output" / f"victim.{extension}").read_bytes() == b"mine"


def test_the_manifest_is_the_same_wherever_the_project_is(drawn: list[str], tmp_path: Path) -> None:
    render(drawn)
    first = Path("output/.diagramkit.json").read_bytes()
    assert str(tmp_path).encode() not in first
    destination = tmp_path / "elsewhere"
    destination.mkdir()
    (tmp_path / "specs").rename(destination / "specs")
    assert main(["render", str(destination / "specs"), "-o", str(destination / "output"), "-f", "svg"]) == 0
    assert (destination / "output" / ".diagramkit.json").read_bytes() == first


def test_markdown_without_diagrams_is_not_read_again(drawn: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    Path("specs/c.md").write_text("# Only prose\n", "utf-8")
    render(drawn)

    def must_not_load(file: sources.SourceFile) -> readers.LoadResult:
        raise AssertionError(f"{file.path} was read")

    monkeypatch.setattr(sources, "load", must_not_load)
    assert render(drawn) == []


def test_a_diagram_that_cannot_be_drawn_is_reported_in_every_run(
    drawn: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("specs/b.mmd").write_text("graph LR\n  A[unclosed\n", "utf-8")
    for _ in range(2):
        render(drawn, code=2)
        assert "specs/b.mmd:2" in capsys.readouterr().err.replace(os.sep, "/")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_run_leaves_complete_files_and_the_next_run_finishes(tmp_path: Path) -> None:
    """The run is killed at five different moments, some of them while it writes."""
    specs = tmp_path / "specs"
    specs.mkdir()
    for index in range(30):
        (specs / f"d{index:02}.mmd").write_text(MERMAID.replace("ALB", f"ALB {index}"), "utf-8")
    command = [sys.executable, "-m", "diagramkit", "render", "--jobs", "1", "-f", "svg,png"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([*command, "-o", "expected"], cwd=tmp_path, env=environment, check=True, stdout=subprocess.DEVNULL)
    expected = files(tmp_path / "expected")
    for delay in (0.3, 0.6, 0.8, 1.0, 1.3):
        run = subprocess.Popen([*command, "-o", "output"], cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL)
        time.sleep(delay)
        run.send_signal(signal.SIGKILL)
        run.wait()
        if (tmp_path / "output").exists():
            written = {name: data for name, data in files(tmp_path / "output").items() if not name.startswith(".")}
            assert written.items() <= expected.items()
    subprocess.run([*command, "-o", "output"], cwd=tmp_path, env=environment, check=True, stdout=subprocess.DEVNULL)
    written = files(tmp_path / "output")  # A write that was interrupted may leave a hidden staged file.
    assert {name: written[name] for name in written if not name.startswith(".")} == expected


def test_a_manifest_in_another_format_causes_one_redraw_with_a_message(
    drawn: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    render(drawn)
    path = Path("output/.diagramkit.json")
    path.write_text(path.read_text("utf-8").replace('"format": 2', '"format": 1'), "utf-8")
    drawn.clear()
    capsys.readouterr()
    render(drawn)
    assert "note[outdated-manifest]" in capsys.readouterr().err
    assert drawn
    drawn.clear()
    render(drawn)
    assert drawn == []
    assert "outdated-manifest" not in capsys.readouterr().err
