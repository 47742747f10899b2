"""Limits of sources, standard input, listed packs, the user's folder: to the word, and to the last that is allowed."""

from __future__ import annotations

import io
import os
import sys
import time
from pathlib import Path

import pytest

from diagramkit import cache, files, project, sources
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.graph import Graph
from diagramkit.project import ListedPack
from diagramkit.sources import SourceFile, limits
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin

ADVICE = "the limit is {}: split the diagram or raise limits.{}"


def limited(**most: int) -> None:
    said = "".join(f"{name} = {value}\n" for name, value in most.items())
    Path("diagramkit.toml").write_text(f"[limits]\n{said}", "utf-8")
    limits._for_folder.cache_clear()


def told(graph: Graph) -> list[str]:
    try:
        limits.check(graph, "a.mmd", Span("a.mmd", 1, 1))
    except DiagramError as error:
        return [str(problem) for problem in error.problems]
    return []


TEXT = "graph LR\n  A[xxxxx] --> B\n  subgraph g\n    subgraph h\n      C\n    end\n  end\n  A --> C\n"


@pytest.mark.parametrize(
    ("name", "least", "place", "code", "said"),
    [
        ("nodes", 3, "1:1", "too-large", "has 3 nodes"),
        ("edges", 2, "1:1", "too-large", "has 2 edges"),
        ("groups", 2, "1:1", "too-large", "has 2 groups"),
        ("depth", 2, "4:5", "too-deep", "is nested in too many groups"),
        ("label", 5, "2:3", "label-too-long", "has a label of 5 characters"),
    ],
)
def test_the_last_that_is_allowed_is_drawn_and_the_next_is_told(
    name: str, least: int, place: str, code: str, said: str
) -> None:
    graph = parse(TEXT, Origin("a.mmd"))
    limited(**{name: least})
    assert told(graph) == []
    limited(**{name: least - 1})
    advice = ADVICE.format(least - 1, name)
    assert told(graph) == [f"a.mmd:{place}: error[{code}]: {said}; {advice}"]


def test_several_limits_are_told_at_once() -> None:
    limited(nodes=1, edges=1, groups=1, depth=1, label=1)
    assert [line.split("error[")[1].split("]")[0] for line in told(parse(TEXT, Origin("a.mmd")))] == [
        "too-large",
        "too-large",
        "too-large",
        "too-deep",
        "label-too-long",
    ]


def test_a_source_has_at_most_so_many_bytes() -> None:
    limited(bytes=9)
    Path("a.mmd").write_bytes(b"graph LR\n")
    assert sources.read_text("a.mmd") == "graph LR\n"
    Path("a.mmd").write_bytes(b"graph LR\n\n")
    with pytest.raises(DiagramError) as caught:
        sources.read_text("a.mmd")
    assert str(caught.value) == f"a.mmd:1:1: error[too-large]: has 10 bytes; {ADVICE.format(9, 'bytes')}"


def test_a_source_that_cannot_be_read_is_told() -> None:
    Path("a.mmd").mkdir()
    for path, why in (("a.mmd", "is a directory"), ("none.mmd", "no such file or directory")):
        with pytest.raises(DiagramError) as caught:
            sources.read_text(path)
        if sys.platform != "win32":
            assert str(caught.value) == f"{path}:1:1: error[unreadable]: cannot be read: {why}"


class Input:
    """Standard input with these bytes."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("graph LR\n  A\n", ["diagram"]),
        ("title: T\nnodes: {a: x}\n", ["stdin"]),
        ("x\n\n```mermaid\ngraph LR\n  A\n```\n", ["diagram-1"]),
        ("~~~mermaid\ngraph LR\n  A\n~~~\n\n~~~mermaid\ngraph LR\n  B\n~~~\n", ["diagram-1", "diagram-2"]),
    ],
)
def test_standard_input_is_mermaid_a_spec_or_markdown(
    text: str, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Input(text.encode()))
    loaded = sources.load(SourceFile("-"))
    assert [one.name for one in loaded.patterns] == names
    assert {one.span.file for one in loaded.patterns} == {"<stdin>"}


PACK = '[[packs]]\nname = "acme"\nversion = "1"\nsource = "acme.zip"\ndigest = "d"\n'


def test_listed_packs_are_read() -> None:
    Path("diagramkit.toml").write_text(PACK + PACK.replace("acme", "b") + 'integrity = "i"\n', "utf-8")
    assert project.find().packs == (
        ListedPack("acme", "1", "acme.zip", "d"),
        ListedPack("b", "1", "b.zip", "d", "i"),
    )


@pytest.mark.parametrize(
    ("said", "number", "word"),
    [
        (PACK + PACK.replace('digest = "d"', "digest = 3"), 2, "digest"),
        (PACK.replace('version = "1"\n', ""), 1, "version"),
        (PACK + 'colour = "red"\n', 1, "colour"),
        (PACK + "integrity = 3\n", 1, "integrity"),
        ("packs = 3", 1, "name"),
        ('packs = ["x"]', 1, "name"),
    ],
)
def test_a_pack_that_is_listed_wrongly_is_told(said: str, number: int, word: str) -> None:
    Path("diagramkit.toml").write_text(said, "utf-8")
    with pytest.raises(DiagramError) as caught:
        project.find()
    assert str(caught.value) == (
        f"diagramkit.toml:1:1: error[bad-config]: pack {number} is not listed as 'diagramkit icons add' lists it (name, "
        f"version, source, digest): see '{word}'; add it again"
    )


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"\xff", "cannot be read: it is not UTF-8"),
        (b"qqqqq = 1", "there is no setting 'qqqqq'; known: packs, limits, sources, output,"),
        (b"them = 1", "there is no setting 'them'; did you mean 'theme'?"),
    ],
)
def test_settings_that_cannot_be_read_are_told(raw: bytes, told: str) -> None:
    Path("diagramkit.toml").write_bytes(raw)
    with pytest.raises(DiagramError) as caught:
        project.find()
    assert str(caught.value).startswith(f"diagramkit.toml:1:1: error[bad-config]: {told}")


def test_a_repository_is_a_project_and_else_the_settings_are_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIAGRAMKIT_DATA", str(tmp_path / "mine"))
    assert project.users_folder() == tmp_path / "mine"
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diagramkit.toml").write_text("theme = 'dark'\n")
    (tmp_path / "a").mkdir()
    outside = project.find(tmp_path / "a")
    assert (outside.root, outside.is_users, outside.settings) == (
        tmp_path / "a",
        True,
        {"theme": "dark"},
    )
    (tmp_path / "a" / ".git").mkdir()
    (tmp_path / "a" / "b").mkdir()
    inside = project.find(tmp_path / "a" / "b")
    assert (inside.root, inside.is_users, inside.settings) == (tmp_path / "a", False, {})
    monkeypatch.delenv("DIAGRAMKIT_DATA")
    assert project.users_folder().name == "diagramkit"


def test_the_root_of_a_folder_is_its_projects(tmp_path: Path) -> None:
    for name in ("plain", "config", "git", "tool", "other"):
        (tmp_path / name / "in").mkdir(parents=True)
    (tmp_path / "config" / "diagramkit.toml").write_text("")
    (tmp_path / "git" / ".git").mkdir()
    (tmp_path / "tool" / "pyproject.toml").write_text("[tool.diagramkit]\n")
    (tmp_path / "other" / "pyproject.toml").write_text("[tool.black]\n")
    roots = {name: project.root_of(tmp_path / name / "in") for name in ("plain", "config", "git", "tool", "other")}
    assert roots == {
        "plain": tmp_path / "plain" / "in",
        "config": tmp_path / "config",
        "git": tmp_path / "git",
        "tool": tmp_path / "tool",
        "other": tmp_path / "other" / "in",
    }


def test_only_what_is_this_runs_or_what_killed_ones_left_long_ago_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = (
        ".diagramkit-abcd1234",
        ".diagramkit-ABCD1234",
        ".diagramkit-abc",
        "diagramkit-abcd1234",
        ".diagramkit-abcd12345",
    )
    for folder in (tmp_path, tmp_path / "sub"):
        folder.mkdir(exist_ok=True)
        for name in names:
            (folder / name).write_bytes(b"x")
            os.utime(folder / name, (time.time() - 100,) * 2)
    young, others, ours = (tmp_path / f".diagramkit-{run}zzzz_999" for run in ("", "0123abcd", "dcba3210"))
    for path in (young, others, ours):
        path.write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    files.sweep({"", str(tmp_path / "sub"), str(tmp_path / "none")}, "dcba3210")
    assert young.exists()
    assert others.exists()
    assert not ours.exists()
    for folder in (tmp_path, tmp_path / "sub"):
        assert not (folder / names[0]).exists()
        assert all((folder / name).exists() for name in names[1:])


# The cache


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX's owners and modes")
def test_where_the_home_takes_nothing_the_cache_is_a_folder_of_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIAGRAMKIT_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    (tmp_path / "file").write_text("no folder")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(temporary))
    find = cache.folder.__wrapped__
    own = temporary / f"diagramkit-{os.getuid()}"
    assert find() == own
    assert own.stat().st_mode & 0o777 == 0o700
    assert find() == own
    # What somebody else may have made is not used.
    own.chmod(0o755)
    assert find() == tmp_path / "file" / "diagramkit"
    own.rmdir()
    own.symlink_to(tmp_path)
    assert find() == tmp_path / "file" / "diagramkit"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "fine"))
    assert find() == tmp_path / "fine" / "diagramkit"
    monkeypatch.setenv("DIAGRAMKIT_CACHE", str(tmp_path / "chosen"))
    assert find() == tmp_path / "chosen"
