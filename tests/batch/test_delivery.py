"""Options of batches: shards, pictures of differences, summaries, watching, profiles."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from diagramkit import timing
from diagramkit.batch import compare, shard
from diagramkit.batch.shard import Shard
from diagramkit.cli import main
from diagramkit.sources import SourceFile, limits
from diagramkit.writers import png
from tests.support import icon_packs
from tests.support.command_line import MERMAID, enable_ctrl_c, files, mermaid_files
from tests.support.project import ROOT


@given(st.lists(st.integers(1, 10**6), max_size=60), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_shards_partition_the_sources_into_about_equal_loads(sizes: list[int], count: int) -> None:
    source_files = [SourceFile(f"d{number}") for number in range(len(sizes))]
    bytes_of = dict(zip(source_files, sizes, strict=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shard, "_size", bytes_of.__getitem__)
        parts = [shard.select(source_files, Shard(number, count)) for number in range(1, count + 1)]
        reversed_parts = [shard.select(source_files[::-1], Shard(number, count)) for number in range(1, count + 1)]
    assert sorted((file for part in parts for file in part), key=source_files.index) == source_files
    assert [set(part) for part in parts] == [set(part) for part in reversed_parts]
    loads = [sum(map(bytes_of.__getitem__, part)) for part in parts]
    assert max(loads) - min(loads) <= max(sizes, default=0)


def test_shards_together_write_the_same_files_as_one_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    mermaid_files(7)
    assert main(["render", "in", "-o", "complete", "-f", "svg"]) == 0
    for number in (1, 2, 3):
        assert main(["render", "in", "-o", "parts", "-f", "svg", "--shard", f"{number}/3"]) == 0
    parts = {name: data for name, data in files(Path("parts")).items() if name[0] != "."}
    assert parts == files(Path("complete"))
    assert not Path("parts/.diagramkit.json").exists()
    capsys.readouterr()
    assert main(["render", "in", "-o", "parts", "-f", "svg"]) == 0
    assert [line.partition(": ")[2] for line in capsys.readouterr().out.splitlines()] == ["current"] * 7
    assert Path("parts/.diagramkit.json").read_bytes() == Path("complete/.diagramkit.json").read_bytes()
    assert [path.name for path in Path("parts").glob(".diagramkit.*")] == [".diagramkit.json"]


def test_a_shard_without_sources_is_not_an_error() -> None:
    mermaid_files(1)
    assert main(["render", "in", "--shard", "1/2"]) == 0
    assert main(["render", "in", "--shard", "2/2"]) == 0
    assert main(["render", "in", "--check"]) == 0


@pytest.mark.parametrize("extension", ["png", "svg"])
def test_diff_writes_the_pictures_before_and_after_and_their_differences(
    extension: str, capsys: pytest.CaptureFixture[str]
) -> None:
    mermaid_files(2)
    assert main(["render", "in", "-f", extension]) == 0
    source = Path("in/d0.mmd")
    source.write_text(source.read_text("utf-8") + "  NEW[SQS] --> OTHER[SNS]\n", "utf-8")
    Path("in/new.mmd").write_text(MERMAID, "utf-8")
    before = files(Path("output"))
    capsys.readouterr()
    assert main(["render", "in", "-f", extension, "--check", "--diff", "seen"]) == 1
    assert files(Path("output")) == before
    stdout = capsys.readouterr().out
    assert "seen/d0: " in stdout
    assert "of the pixels differ" in stdout
    assert "seen/new: new picture" in stdout
    written = files(Path("seen"))
    assert sorted(written) == ["d0.after.png", "d0.before.png", "d0.diff.png", "new.after.png"]
    image = Image.open(io.BytesIO(written["d0.diff.png"])).convert("RGB")
    reds = sum(count for count, color in image.getcolors(1 << 20) or [] if color == (214, 0, 0))
    assert 0.001 < reds / (image.width * image.height) < 0.9


def test_a_picture_equals_itself_and_differs_completely_from_one_that_cannot_be_read() -> None:
    data = next((ROOT / "output").rglob("*.png")).read_bytes()
    assert compare.compare_pictures(data, data).share == 0
    for broken in (b"", b"\x89PNG\r\n\x1a\n", data[:2000], b"<svg", b"\xff\xfe"):
        comparison = compare.compare_pictures(broken, data)
        assert (set(comparison.pictures), comparison.share) == ({"after"}, 1.0)


def test_a_picture_with_too_many_pixels_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PNG of a few kilobytes may take gigabytes of memory."""
    allowed = limits.Limits(pixels=100)
    monkeypatch.setattr(limits, "Limits", lambda: allowed)
    small = icon_packs.png(10, 10)
    assert compare.compare_pictures(small, small).share == 0
    assert compare.compare_pictures(icon_packs.png(10, 11), small).share == 1


def test_a_summary_lists_what_was_drawn_and_escapes_names_and_messages() -> None:
    mermaid_files(2)
    Path("in/d|<b>`x.mmd").write_text("graph TB\nA --\n", "utf-8")
    assert main(["render", "in", "-f", "svg", "--summary", "reports/s.md"]) == 2
    text = Path("reports/s.md").read_text("utf-8")
    assert "2 drawn, 1 failed." in text
    assert '<a href="../output/d0.svg"><img src="../output/d0.svg" alt="d0" width="240"></a>' in text
    assert "<b>" not in text
    assert "d&#124;&lt;b&gt;&#96;x.mmd:2:" in text
    assert (
        main(
            [
                "render",
                "in/d0.mmd",
                "in/d1.mmd",
                "-f",
                "svg",
                "--force",
                "--summary",
                "s.md",
                "--summary-images",
                "https://example.com/raw/",
            ]
        )
        == 0
    )
    assert "2 current." in Path("s.md").read_text("utf-8")
    assert (
        main(
            [
                "render",
                "in/d0.mmd",
                "-f",
                "svg",
                "-o",
                "other",
                "--summary",
                "s.md",
                "--summary-images",
                "https://example.com/raw/",
            ]
        )
        == 0
    )
    assert 'src="https://example.com/raw/other/d0.svg"' in Path("s.md").read_text("utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--diff", "d"],
        ["--watch", "--check"],
        ["--watch", "--shard", "1/2"],
        ["-o", "-", "--watch"],
        ["-o", "-", "--shard", "1/2"],
        ["--shard", "3/2"],
        ["--shard", "0/2"],
        ["--shard", "x"],
    ],
)
def test_contradictory_options_are_rejected(arguments: list[str]) -> None:
    mermaid_files(1)
    with pytest.raises(SystemExit) as error:
        main(["render", "in", *arguments])
    assert error.value.code == 2
    assert not Path("output").exists()


def test_watching_redraws_saved_files_and_keeps_running_while_a_file_has_errors() -> None:
    mermaid_files(2)
    command = [
        sys.executable,
        "-m",
        "diagramkit",
        "render",
        "in",
        "-o",
        "in",
        "-f",
        "svg",
        "--watch",
    ]
    watching = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=enable_ctrl_c,  # noqa: PLW1509 - a shell may have it ignored
    )
    assert watching.stdout is not None
    assert watching.stderr is not None
    try:
        while b"watching in" not in (line := watching.stdout.readline()):
            assert line
        source, picture = Path("in/d0.mmd"), Path("in/d0.svg")
        before = picture.read_bytes()
        source.write_text("graph TB\nA --\n", "utf-8")
        assert b"in/d0.mmd:2:" in watching.stderr.readline()
        assert picture.read_bytes() == before
        temporary = Path("in/.d0.tmp")  # Many editors save by moving a new file into place.
        temporary.write_text("graph TB\nA[SQS] --> B[SNS]\n", "utf-8")
        os.replace(temporary, source)
        assert b"in/d0: wrote svg" in watching.stdout.readline()
        assert picture.read_bytes() != before
        Path("in/later.mmd").write_text(MERMAID, "utf-8")
        assert b"in/later: wrote svg" in watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
        assert watching.wait(10) == 0
        assert watching.stdout.read() == b"stopped\n"
    finally:
        watching.kill()
        watching.communicate()


def test_old_staged_files_are_swept_and_recent_ones_are_kept() -> None:
    mermaid_files(1)
    Path("output").mkdir()
    old, recent, unrelated = (
        Path("output", name) for name in (".diagramkit-abcd1234", ".diagramkit-efgh5678", ".diagramkit-notes")
    )
    for path in (old, recent, unrelated):
        path.write_bytes(b"half")
    for path in (old, unrelated):
        os.utime(path, (time.time() - 3600,) * 2)
    assert main(["render", "in", "-f", "svg"]) == 0
    assert [path.exists() for path in (old, recent, unrelated)] == [False, True, True]


def test_a_profile_lists_each_step_and_does_not_change_the_files(capsys: pytest.CaptureFixture[str]) -> None:
    mermaid_files(3)
    assert main(["render", "in", "-o", "plain"]) == 0
    capsys.readouterr()
    assert main(["render", "in", "-o", "timed", "--profile"]) == 0
    stderr = capsys.readouterr().err
    rows = {line[:18].strip(): line.split() for line in stderr.splitlines()[:-1]}
    assert list(rows) == [*timing.STEPS, "rest"]
    assert all(float(row[-3]) > 0 for row in rows.values())  # Milliseconds: a share may be rounded to zero.
    assert 99 < sum(float(row[-1][:-1]) for row in rows.values()) < 101
    assert files(Path("timed")) == files(Path("plain"))
    assert main(["render", "in", "-o", "timed"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(os.name == "nt", reason="creating links needs special rights on Windows")
def test_links_that_lead_out_of_the_project_are_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("password: x\n", "utf-8")
    project = tmp_path / "project"
    (project / "specs").mkdir(parents=True)
    (project / ".git").mkdir()
    (project / "real.mmd").write_text("graph LR\n  A[Lambda] --> B[S3]\n", "utf-8")
    (project / "specs" / "inside.mmd").symlink_to("../real.mmd")
    monkeypatch.chdir(project)
    assert main(["render", "-f", "svg"]) == 0
    (project / "specs" / "outside.mmd").symlink_to(secret)
    assert main(["render", "-f", "svg"]) == 2
    captured = capsys.readouterr()
    assert f"{Path('specs/outside.mmd')}:1:1: error[outside]" in captured.err
    assert "password" not in captured.err + captured.out
    (project / "specs" / "outside.mmd").unlink()
    (project / "specs" / "sub").mkdir()
    (project / "specs" / "sub" / "a.mmd").write_text("graph LR\n  A --> B\n", "utf-8")
    (tmp_path / "elsewhere").mkdir()
    (project / "output" / "sub").symlink_to(tmp_path / "elsewhere")
    assert main(["render", "-f", "svg"]) == 2
    assert f"{Path('output/sub')}:1:1: error[outside]" in capsys.readouterr().err
    assert not list((tmp_path / "elsewhere").iterdir())


def test_ctrl_c_in_the_rasterizer_raises_keyboard_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(png, "_options", interrupted)
    with pytest.raises(KeyboardInterrupt):
        png.from_svg('<svg xmlns="http://www.w3.org/2000/svg"/>')
