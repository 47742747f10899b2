"""A short run of the harness that throws hostile diagrams at every form: nothing but a told refusal may happen."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagramkit.cli import main
from diagramkit.integrations import notebook
from diagramkit.pipeline import Options
from diagramkit.serve import drafts
from diagramkit.sources import limits
from diagramkit.sources.names import slug
from tests.conftest import ROOT
from tests.fuzz import hostile

# Nine lists of nine of the one before, nine times: a few lines that stand for 380 million values.
BOMB = "x0: &x0 [a, a, a, a, a, a, a, a, a]\n" + "".join(
    f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]\n" for n in range(1, 9)
)


@pytest.mark.parametrize("first", range(0, 240, 40))
def test_hostile_diagrams_are_drawn_safely_or_refused(first: int) -> None:
    drawn = [hostile.one(seed) for seed in range(first, first + 40)]
    assert any(drawn)


def test_the_harness_would_notice() -> None:
    for bad in ("<svg><script/></svg>", '<svg><a href="javascript:x"/></svg>', '<svg><g onclick="x"/></svg>',
                "<svg><style>@import 'x'</style></svg>", "<svg><foreignObject/></svg>"):  # fmt: skip
        with pytest.raises(AssertionError):
            hostile.check_svg(bad.encode())


@pytest.mark.parametrize("seed", [4, 3644, 21747])
def test_what_was_found_once_stays_mended(seed: int) -> None:
    """4: a control character in a title stopped a deck. 3644, 21747: a label of 9,000 letters took 12 s."""
    assert hostile.one(seed)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "s.yaml",
            f"title: T\n{BOMB}nodes: {{a: b}}\ncomponents: *x8\n",
            "s.yaml:2:5: error[yaml-alias]",
        ),
        ("theme.yaml", f"base: light\n{BOMB}", "theme.yaml:2:5: error[yaml-alias]"),
        ("f.mmd", f"---\n{BOMB}title: *x8\n---\ngraph LR\n  A[Lambda] --> B[S3]\n", ""),
        ("d.yaml", "title: " + "[" * 100_000, "d.yaml:1:1007: error[yaml-syntax]"),
        (
            "d.mmd",
            "---\ntitle: " + "[" * 100_000 + "\n---\ngraph LR\n  A --> B\n",
            "error[front-matter]",
        ),
    ],
)
def test_yaml_that_grows_or_never_ends_is_refused_at_once(
    name: str, text: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(name).write_text(text, "utf-8")
    Path("a.mmd").write_text("graph LR\n  A[Lambda] --> B[S3]\n", "utf-8")
    given = ["a.mmd", "--theme", name] if name == "theme.yaml" else [name]
    assert main(["render", *given, "-f", "svg"]) == (2 if told else 0)
    assert told in capsys.readouterr().err


@given(st.text())
def test_names_of_files_are_safe_on_every_system(title: str) -> None:
    """No separator, no drive, no dots, no reserved name, nothing endless: a title decides no path."""
    name = slug(title)
    assert re.fullmatch(r"[\w-]{1,82}", name)
    assert not re.fullmatch(r"con|prn|aux|nul|com\d|lpt\d", name)
    assert name == name.lower()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("graph LR\n" + "".join(f"  n{n}[x]\n" for n in range(5001)), "a.mmd:1:1: error[too-large]: has 5,001 nodes"),
        ("graph LR\n" + "  A --> B\n" * 10_001, "a.mmd:1:1: error[too-large]: has 10,001 edges"),
        ("graph LR\n" + "".join(f"subgraph g{n}\n" for n in range(40)) + "A\n" + "end\n" * 40,
         "error[too-deep]"),
        ("graph LR\n  A[" + "x" * 6000 + "]\n", "a.mmd:2:3: error[label-too-long]: has a label of 6,000 characters"),
        ("%% " + "x" * 5_000_001 + "\ngraph LR\n  A\n", "a.mmd:1:1: error[too-large]: has 5,0"),
    ],
    ids=["nodes", "edges", "depth", "label", "bytes"],
)  # fmt: skip
def test_what_is_too_large_is_refused_and_the_settings_may_allow_it(
    text: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.mmd").write_text(text, "utf-8")
    assert main(["check", "a.mmd"]) == 1
    assert told in capsys.readouterr().err
    Path("diagramkit.toml").write_text(
        "[limits]\nnodes = 9999\nedges = 99999\ndepth = 50\nlabel = 9999\nbytes = 9999999\n",
        "utf-8",
    )
    limits._of.cache_clear()
    assert main(["check", "a.mmd"]) == 0


def test_limits_hold_however_a_diagram_comes(capsys: pytest.CaptureFixture[str]) -> None:
    large = "graph LR\n" + "".join(f"  n{n}[x]\n" for n in range(5001))
    Path("a.md").write_text(f"```mermaid\n{large}```\n", "utf-8")
    assert main(["embed", "a.md"]) == 2
    assert "error[too-large]: has 5,001 nodes" in capsys.readouterr().err
    assert notebook.cell("", large) is None
    assert "error[too-large]: has 5,001 nodes" in capsys.readouterr().err
    assert "has 5,001 nodes" in drafts.drawn(large, Options())["problems"][0]["message"]


@pytest.mark.parametrize(
    ("said", "told"),
    [("nods = 1", "there is no limit 'nods'; did you mean 'nodes'?"), ("nodes = 0", "must be a number from 1"),
     ("nodes = true", "must be a number from 1")],
)  # fmt: skip
def test_wrong_limits_are_told(said: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("diagramkit.toml").write_text(f"[limits]\n{said}\n", "utf-8")
    Path("a.mmd").write_text("graph LR\n  A --> B\n", "utf-8")
    limits._of.cache_clear()
    assert main(["render", "a.mmd", "-f", "svg"]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
def test_names_that_are_no_text_are_names(tmp_path: Path) -> None:
    """A file's name may be any bytes; a locale that knows ASCII alone takes every other name for such."""
    (tmp_path / "ü").mkdir()
    folder = os.fsencode(tmp_path / "ü")
    for name in (b"\xff.mmd", "é.mmd".encode()):
        Path(os.fsdecode(folder + b"/" + name)).write_text("graph LR\n  A --> B\n", "utf-8")
    poor = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "POSIX",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
    }
    said = []
    for environment in (poor, {**os.environ, "PYTHONUTF8": "1"}, poor):
        done = subprocess.run(
            [sys.executable, "-m", "diagramkit", "render", b"\xc3\xbc", "-o", "out", "-f", "svg", "--gallery"],
            cwd=tmp_path, capture_output=True, check=False, env={**environment, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        said.append(done.stdout.count(b": current"))
    assert said == [0, 4, 4]  # Two pictures and the gallery's two files.
