"""Ways of running a batch: in parts, with pictures of what differs, with a summary, on each save."""

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
from diagramkit.sources import SourceFile
from diagramkit.writers import png
from tests.conftest import ROOT, hearing_ctrl_c
from tests.test_cli import MERMAID, files


def specs(count: int) -> None:
    Path("in").mkdir()
    for number in range(count):
        text = MERMAID + "".join(f"  N{number}x{at}[Lambda {at}] --> M{at}[S3]\n" for at in range(number % 4))
        Path(f"in/d{number}.mmd").write_text(text, "utf-8")


@given(st.lists(st.integers(1, 10**6), max_size=60), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_parts_have_each_source_once_and_about_the_same_work(sizes: list[int], of: int) -> None:
    given_ = [SourceFile(f"d{number}") for number in range(len(sizes))]
    bytes_of = dict(zip(given_, sizes, strict=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shard, "_size", bytes_of.__getitem__)
        parts = [shard.select(given_, Shard(number, of)) for number in range(1, of + 1)]
        turned = [shard.select(given_[::-1], Shard(number, of)) for number in range(1, of + 1)]
    assert sorted((file for part in parts for file in part), key=given_.index) == given_
    assert [set(part) for part in parts] == [set(part) for part in turned]
    loads = [sum(map(bytes_of.__getitem__, part)) for part in parts]
    assert max(loads) - min(loads) <= max(sizes, default=0)


def test_parts_put_together_are_the_whole_and_are_known_as_drawn(
    capsys: pytest.CaptureFixture[str],
) -> None:
    specs(7)
    assert main(["render", "in", "-o", "whole", "-f", "svg"]) == 0
    for number in (1, 2, 3):
        assert main(["render", "in", "-o", "parts", "-f", "svg", "--shard", f"{number}/3"]) == 0
    parts = {name: data for name, data in files(Path("parts")).items() if name[0] != "."}
    assert parts == files(Path("whole"))
    assert not Path("parts/.diagramkit.json").exists()
    capsys.readouterr()
    assert main(["render", "in", "-o", "parts", "-f", "svg"]) == 0
    assert [line.partition(": ")[2] for line in capsys.readouterr().out.splitlines()] == ["current"] * 7
    assert Path("parts/.diagramkit.json").read_bytes() == Path("whole/.diagramkit.json").read_bytes()
    assert [path.name for path in Path("parts").glob(".diagramkit.*")] == [".diagramkit.json"]


def test_a_part_without_sources_is_no_error() -> None:
    specs(1)
    assert main(["render", "in", "--shard", "1/2"]) == 0
    assert main(["render", "in", "--shard", "2/2"]) == 0
    assert main(["render", "in", "--check"]) == 0


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_what_differs_is_shown_before_after_and_both(ending: str, capsys: pytest.CaptureFixture[str]) -> None:
    specs(2)
    assert main(["render", "in", "-f", ending]) == 0
    source = Path("in/d0.mmd")
    source.write_text(source.read_text("utf-8") + "  NEW[SQS] --> OTHER[SNS]\n", "utf-8")
    Path("in/new.mmd").write_text(MERMAID, "utf-8")
    before = files(Path("output"))
    capsys.readouterr()
    assert main(["render", "in", "-f", ending, "--check", "--diff", "seen"]) == 1
    assert files(Path("output")) == before
    said = capsys.readouterr().out
    assert "seen/d0: " in said
    assert "of its pixels differ" in said
    assert "seen/new: it is new" in said
    made = files(Path("seen"))
    assert sorted(made) == ["d0.after.png", "d0.before.png", "d0.diff.png", "new.after.png"]
    image = Image.open(io.BytesIO(made["d0.diff.png"])).convert("RGB")
    reds = sum(count for count, colour in image.getcolors(1 << 20) or [] if colour == (214, 0, 0))
    assert 0.001 < reds / (image.width * image.height) < 0.9


def test_a_picture_beside_itself_differs_nowhere_and_what_cannot_be_read_everywhere() -> None:
    data = next((ROOT / "output").rglob("*.png")).read_bytes()
    assert compare.compared(data, data).share == 0
    for broken in (b"", b"\x89PNG\r\n\x1a\n", data[:2000], b"<svg", b"\xff\xfe"):
        made = compare.compared(broken, data)
        assert (set(made.pictures), made.share) == ({"after"}, 1.0)


def test_a_summary_tells_what_was_drawn_in_markdown_that_cannot_be_broken_out_of() -> None:
    specs(2)
    Path("in/d|<b>`x.mmd").write_text("graph TB\nA --\n", "utf-8")
    assert main(["render", "in", "-f", "svg", "--summary", "told/s.md"]) == 2
    text = Path("told/s.md").read_text("utf-8")
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
def test_options_that_contradict_each_other_are_refused(arguments: list[str]) -> None:
    specs(1)
    with pytest.raises(SystemExit) as error:
        main(["render", "in", *arguments])
    assert error.value.code == 2
    assert not Path("output").exists()


def test_watching_draws_what_is_saved_and_survives_mistakes() -> None:
    specs(2)
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
        preexec_fn=hearing_ctrl_c,  # noqa: PLW1509 - a shell may have it ignored
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
        beside = Path("in/.d0.tmp")  # As an editor saves it: a new file put in its place.
        beside.write_text("graph TB\nA[SQS] --> B[SNS]\n", "utf-8")
        os.replace(beside, source)
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


def test_what_a_killed_run_left_is_swept_and_what_is_being_written_is_not() -> None:
    specs(1)
    Path("output").mkdir()
    old, young, other = (
        Path("output", name) for name in (".diagramkit-abcd1234", ".diagramkit-efgh5678", ".diagramkit-notes")
    )
    for path in (old, young, other):
        path.write_bytes(b"half")
    for path in (old, other):
        os.utime(path, (time.time() - 3600,) * 2)
    assert main(["render", "in", "-f", "svg"]) == 0
    assert [path.exists() for path in (old, young, other)] == [False, True, True]


def test_a_profile_tells_each_step_and_draws_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    specs(3)
    assert main(["render", "in", "-o", "plain"]) == 0
    capsys.readouterr()
    assert main(["render", "in", "-o", "timed", "--profile"]) == 0
    said = capsys.readouterr().err
    shares = {line[:18].strip(): float(line.split()[-1][:-1]) for line in said.splitlines()[:-1]}
    assert list(shares) == [*timing.STEPS, "rest"]
    assert all(share > 0 for share in shares.values())
    assert 99 < sum(shares.values()) < 101
    assert files(Path("timed")) == files(Path("plain"))
    assert main(["render", "in", "-o", "timed"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_that_lead_out_of_the_project_are_neither_read_nor_written_through(
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
    said = capsys.readouterr()
    assert f"{Path('specs/outside.mmd')}:1:1: error[outside]" in said.err
    assert "password" not in said.err + said.out
    (project / "specs" / "outside.mmd").unlink()
    (project / "specs" / "sub").mkdir()
    (project / "specs" / "sub" / "a.mmd").write_text("graph LR\n  A --> B\n", "utf-8")
    (tmp_path / "elsewhere").mkdir()
    (project / "output" / "sub").symlink_to(tmp_path / "elsewhere")
    assert main(["render", "-f", "svg"]) == 2
    assert f"{Path('output/sub')}:1:1: error[outside]" in capsys.readouterr().err
    assert not list((tmp_path / "elsewhere").iterdir())


def test_ctrl_c_in_the_rasteriser_is_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(png, "_options", interrupted)
    with pytest.raises(KeyboardInterrupt):
        png.from_svg('<svg xmlns="http://www.w3.org/2000/svg"/>')
