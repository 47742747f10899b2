"""Untrusted input: hostile diagrams, icons, YAML and file names are drawn safely or rejected with a message.

This includes a short run of the fuzzing harness in `checks/fuzz/hostile.py`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.fuzz import hostile, svg
from diagramkit import markup
from diagramkit.cli import main
from diagramkit.integrations import notebook
from diagramkit.options import Options
from diagramkit.serve import drafts
from diagramkit.sources import limits, readers
from diagramkit.sources.slugs import slug
from tests.support.project import ROOT

# A "billion laughs" attack: nine levels of lists, each with nine references to the level below.
YAML_BOMB = "x0: &x0 [a, a, a, a, a, a, a, a, a]\n" + "".join(
    f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]\n" for n in range(1, 9)
)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 240, 40))
def test_hostile_sources_are_drawn_safely_or_refused(first: int) -> None:
    assert sum(hostile.render_seed(seed) for seed in range(first, first + 40))
    assert sum(hostile.clean_seed(seed) for seed in range(first, first + 40))


NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


@pytest.mark.parametrize(
    "unsafe_element",
    [
        "<script/>",
        '<a xlink:href="javascript:x"/>',
        '<a xlink:href="//x"/>',
        '<g onclick="x"/>',
        "<style>@import 'x'</style>",
        "<foreignObject/>",
        '<use xlink:href="x.svg#a"/>',
        '<image xlink:href="http://x"/>',
        '<rect fill="url(http://x)"/>',
        "<style>a{fill:url(//x)}</style>",
        "<!-- x -->",
        "<?x y?>",
        '<x xmlns="urn:x"/>',
    ],
)
def test_the_harness_detects_unsafe_svg(unsafe_element: str) -> None:
    with pytest.raises(AssertionError):
        svg.check(f"<svg {NAMESPACES}>{unsafe_element}</svg>".encode())


@pytest.mark.parametrize(
    "unsafe_element",
    [
        "<script/>",
        '<path fill="\\75rl(//x)"/>',
        "<path mask=\"image-set('//x' 1x)\"/>",
        '<use xlink:href="#a"/>',
        '<g onclick="x"/>',
    ],
)
def test_the_harness_detects_unsafe_icons(unsafe_element: str) -> None:
    with pytest.raises(AssertionError):
        svg.check_icon(f"<svg {NAMESPACES}>{unsafe_element}</svg>".encode())


def test_a_control_character_in_a_title_stops_no_deck() -> None:
    pattern = readers.pattern_from_text('---\ntitle: "a\\u0007b"\n---\ngraph LR\n  A --> B\n', "a.mmd")
    hostile._check_deck(pattern)


@pytest.mark.parametrize(
    ("link", "is_safe"),
    [
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("java\tscript:x", False),
        ("data:text/html,x", False),
        ("//x.org/a", False),
        ("/\\x.org", False),
        ("\\\\x\\y", False),
        ("vbscript:x", False),
        ("file:///etc", False),
        ("/\t/x", False),
        ("https://x.org/a", True),
        ("HTTP://x.org", True),
        ("mailto:a@b", True),
        ("./a.html", True),
        ("a/b#c", True),
        ("#x", True),
        ("?x", True),
    ],
)
def test_only_web_mail_and_relative_links_are_kept(link: str, is_safe: bool) -> None:
    assert (markup.safe_link(link) is not None) == is_safe


def test_printed_text_has_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    """Otherwise a source or its name could control a terminal, or write workflow commands into the log of a CI."""
    name = "a\n::set-output name=x::y\x1b[2J.mmd"
    Path(name).write_text('graph LR\n  A["x\x1b]0;evil\x07 \u202e\x9b"] --> \x1b[31m!\n', "utf-8")
    for command in (
        ["render", name],
        ["check", name],
        ["check", name, "--output-format", "github"],
    ):
        assert main(command) in (1, 2)
    Path(name).write_text('graph LR\n  A["x\x1b]0;evil\x07 \u202e\x9b"] --> B\n', "utf-8")
    assert main(["render", name, "-f", "svg", "-v"]) == 0
    assert main(["show", name]) == 0
    captured = capsys.readouterr()
    for line in (captured.out + captured.err).split("\n"):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", line), line
        assert not line.startswith("::set-output")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "s.yaml",
            f"title: T\n{YAML_BOMB}nodes: {{a: b}}\ncomponents: *x8\n",
            "s.yaml:2:5: error[yaml-alias]",
        ),
        ("theme.yaml", f"base: light\n{YAML_BOMB}", "theme.yaml:2:5: error[yaml-alias]"),
        ("f.mmd", f"---\n{YAML_BOMB}title: *x8\n---\ngraph LR\n  A[Lambda] --> B[S3]\n", ""),
        ("d.yaml", "title: " + "[" * 100_000, "d.yaml:1:1007: error[yaml-syntax]"),
        (
            "d.mmd",
            "---\ntitle: " + "[" * 100_000 + "\n---\ngraph LR\n  A --> B\n",
            "error[front-matter]",
        ),
    ],
)
def test_yaml_with_aliases_or_deep_nesting_is_rejected_quickly(
    name: str, text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(name).write_text(text, "utf-8")
    Path("a.mmd").write_text("graph LR\n  A[Lambda] --> B[S3]\n", "utf-8")
    arguments = ["a.mmd", "--theme", name] if name == "theme.yaml" else [name]
    assert main(["render", *arguments, "-f", "svg"]) == (2 if message else 0)
    assert message in capsys.readouterr().err


@pytest.mark.slow
@given(st.text())
def test_file_names_made_from_titles_are_safe_on_every_system(title: str) -> None:
    """They have no separators, drives, dots or reserved names, and their length is limited."""
    name = slug(title)
    assert re.fullmatch(r"[\w-]{1,82}", name)
    assert not re.fullmatch(r"con|prn|aux|nul|com\d|lpt\d", name)
    assert name == name.lower()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("graph LR\n" + "".join(f"  n{n}[x]\n" for n in range(5001)), "a.mmd:1:1: error[too-large]: has 5,001 nodes"),
        ("graph LR\n" + "  A --> B\n" * 10_001, "a.mmd:1:1: error[too-large]: has 10,001 edges"),
        ("graph LR\n" + "".join(f"subgraph g{n}\n" for n in range(40)) + "A\n" + "end\n" * 40, "error[too-deep]"),
        ("graph LR\n  A[" + "x" * 6000 + "]\n", "a.mmd:2:3: error[label-too-long]: has a label of 6,000 characters"),
        ("%% " + "x" * 5_000_001 + "\ngraph LR\n  A\n", "a.mmd:1:1: error[too-large]: has 5,0"),
    ],
    ids=["nodes", "edges", "depth", "label", "bytes"],
)
def test_sources_over_a_limit_are_rejected_and_the_limit_can_be_raised(
    text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.mmd").write_text(text, "utf-8")
    assert main(["check", "a.mmd"]) == 2
    assert message in capsys.readouterr().err
    Path("diagramkit.toml").write_text(
        "[limits]\nnodes = 9999\nedges = 99999\ndepth = 50\nlabel = 9999\nbytes = 9999999\n",
        "utf-8",
    )
    limits._for_folder.cache_clear()
    assert main(["check", "a.mmd"]) == 0


@pytest.mark.slow
def test_limits_apply_in_markdown_notebooks_and_drafts(capsys: pytest.CaptureFixture[str]) -> None:
    large = "graph LR\n" + "".join(f"  n{n}[x]\n" for n in range(5001))
    Path("a.md").write_text(f"```mermaid\n{large}```\n", "utf-8")
    assert main(["embed", "a.md"]) == 2
    assert "error[too-large]: has 5,001 nodes" in capsys.readouterr().err
    assert notebook.cell("", large) is None
    assert "error[too-large]: has 5,001 nodes" in capsys.readouterr().err
    assert "has 5,001 nodes" in drafts.render_draft(drafts.Draft(large), Options())["problems"][0]["message"]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("nods = 1", "there is no limit 'nods'; did you mean 'nodes'?"),
        ("nodes = 0", "must be a whole number from 1"),
        ("nodes = true", "must be a whole number from 1"),
    ],
)
def test_invalid_limits_are_reported(setting: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("diagramkit.toml").write_text(f"[limits]\n{setting}\n", "utf-8")
    Path("a.mmd").write_text("graph LR\n  A --> B\n", "utf-8")
    limits._for_folder.cache_clear()
    assert main(["render", "a.mmd", "-f", "svg"]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have Unicode file names")
def test_file_names_that_are_not_valid_text_can_be_used(tmp_path: Path) -> None:
    """A file name may consist of any bytes. In an ASCII-only locale, this concerns every non-ASCII name."""
    (tmp_path / "ü").mkdir()
    folder = os.fsencode(tmp_path / "ü")
    for name in (b"\xff.mmd", "é.mmd".encode()):
        Path(os.fsdecode(folder + b"/" + name)).write_text("graph LR\n  A --> B\n", "utf-8")
    ascii_locale = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "POSIX",
        "PYTHONCOERCECLOCALE": "0",
        "PYTHONUTF8": "0",
    }
    current_counts = []
    for environment in (ascii_locale, {**os.environ, "PYTHONUTF8": "1"}, ascii_locale):
        process = subprocess.run(
            [sys.executable, "-m", "diagramkit", "render", b"\xc3\xbc", "-o", "out", "-f", "svg", "--gallery"],
            cwd=tmp_path,
            capture_output=True,
            check=False,
            env={**environment, "PYTHONPATH": str(ROOT)},
        )
        assert process.returncode == 0, process.stderr
        current_counts.append(process.stdout.count(b": current"))
    assert current_counts == [0, 4, 4]  # Two pictures and the two files of the gallery.
