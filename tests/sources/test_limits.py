"""Limits of sources, standard input, listed packs, project folders and the cache: boundary values, exact messages."""

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
from tests.support.project import ROOT

ADVICE = "the limit is {}: split the diagram or raise limits.{}"


def set_limits(**values: int) -> None:
    lines = "".join(f"{name} = {value}\n" for name, value in values.items())
    Path("diagramkit.toml").write_text(f"[limits]\n{lines}", "utf-8")
    limits._for_folder.cache_clear()


def problems_of(graph: Graph) -> list[str]:
    try:
        limits.check(graph, "a.mmd", Span("a.mmd", 1, 1))
    except DiagramError as error:
        return [str(problem) for problem in error.problems]
    return []


TEXT = "graph LR\n  A[xxxxx] --> B\n  subgraph g\n    subgraph h\n      C\n    end\n  end\n  A --> C\n"


@pytest.mark.parametrize(
    ("name", "limit", "position", "code", "message"),
    [
        ("nodes", 3, "1:1", "too-large", "has 3 nodes"),
        ("edges", 2, "1:1", "too-large", "has 2 edges"),
        ("groups", 2, "1:1", "too-large", "has 2 groups"),
        ("depth", 2, "4:5", "too-deep", "is nested in too many groups"),
        ("label", 5, "2:3", "label-too-long", "has a label of 5 characters"),
    ],
)
def test_a_graph_at_a_limit_is_accepted_and_one_above_it_is_reported(
    name: str, limit: int, position: str, code: str, message: str
) -> None:
    graph = parse(TEXT, Origin("a.mmd"))
    set_limits(**{name: limit})
    assert problems_of(graph) == []
    set_limits(**{name: limit - 1})
    advice = ADVICE.format(limit - 1, name)
    assert problems_of(graph) == [f"a.mmd:{position}: error[{code}]: {message}; {advice}"]


def test_all_exceeded_limits_are_reported_at_once() -> None:
    set_limits(nodes=1, edges=1, groups=1, depth=1, label=1)
    assert [line.split("error[")[1].split("]")[0] for line in problems_of(parse(TEXT, Origin("a.mmd")))] == [
        "too-large",
        "too-large",
        "too-large",
        "too-deep",
        "label-too-long",
    ]


def test_the_labels_of_edges_and_groups_are_limited_and_one_of_several_is_reported() -> None:
    set_limits(label=5, depth=1)
    for text in (
        "graph LR\n  A -->|xxxxxx| B\n  A -->|yyyyyyy| B\n",
        "graph LR\n  subgraph g [xxxxxx]\n    A\n  end\n  subgraph h [yyyyyyy]\n    B\n  end\n",
    ):
        (problem,) = problems_of(parse(text, Origin("a.mmd")))
        assert "error[label-too-long]: has a label of 6 characters" in problem
    nested = "graph LR\n" + "".join(f"  subgraph g{n}\n" for n in range(4)) + "  A\n" + "  end\n" * 4
    (problem,) = problems_of(parse(nested, Origin("a.mmd")))
    assert problem.startswith("a.mmd:3:3: error[too-deep]")


@pytest.mark.parametrize("value", ["0", "-1", "true", "1.5", "'9'", "10000000001"])
def test_a_limit_is_a_whole_number_in_its_range(value: str) -> None:
    Path("diagramkit.toml").write_text(f"[limits]\nnodes = {value}\n", "utf-8")
    with pytest.raises(DiagramError) as caught:
        limits.for_file("a.mmd")
    message = "the limit 'nodes' must be a whole number from 1 to 10,000,000,000"
    assert str(caught.value) == f"diagramkit.toml:1:1: error[bad-config]: {message}"


def test_the_smallest_and_the_largest_limit_are_accepted() -> None:
    for value in (1, 10_000_000_000):
        set_limits(nodes=value)
        assert limits.for_file("a.mmd").nodes == limits.for_file("-").nodes == limits.current().nodes == value


def test_the_default_limits_are_those_that_the_documents_promise() -> None:
    text = (ROOT / "docs/security.md").read_text("utf-8")
    default = limits.Limits()
    for promise in (
        f"{default.bytes // 1_000_000} MB (`bytes`), {default.nodes:,} nodes (`nodes`), {default.edges:,} edges",
        f"{default.groups:,} groups (`groups`), {default.depth} levels of groups (`depth`)",
        f"{default.label:,} characters in a label (`label`)",
        f"{default.pixels // 1_000_000} million pixels (`pixels`)",
        f"{default.icon:,} pixels per side (`icon`)",
        f"at most {default.seconds} s (`seconds`) and {default.memory:,} MB (`memory`)",
    ):
        assert promise in text
    assert (default.bytes % 1_000_000, default.pixels % 1_000_000) == (0, 0)


def test_a_source_above_the_size_limit_is_reported() -> None:
    set_limits(bytes=9)
    Path("a.mmd").write_bytes(b"graph LR\n")
    assert sources.read_text("a.mmd") == "graph LR\n"
    Path("a.mmd").write_bytes(b"graph LR\n\n")
    with pytest.raises(DiagramError) as caught:
        sources.read_text("a.mmd")
    assert str(caught.value) == f"a.mmd:1:1: error[too-large]: has 10 bytes; {ADVICE.format(9, 'bytes')}"


def test_a_source_that_cannot_be_read_is_reported() -> None:
    Path("a.mmd").mkdir()
    for path, reason in (
        ("a.mmd", "is a directory; check the path"),
        ("none.mmd", "no such file or directory; check the path"),
    ):
        with pytest.raises(DiagramError) as caught:
            sources.read_text(path)
        if sys.platform != "win32":
            assert str(caught.value) == f"{path}:1:1: error[unreadable]: cannot be read: {reason}"


class FakeStdin:
    """A stand-in for `sys.stdin` that contains `data`."""

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
def test_standard_input_may_be_mermaid_a_spec_or_markdown(
    text: str, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", FakeStdin(text.encode()))
    loaded = sources.load(SourceFile("-"))
    assert [pattern.name for pattern in loaded.patterns] == names
    assert {pattern.span.file for pattern in loaded.patterns} == {"<stdin>"}


PACK = '[[packs]]\nname = "acme"\nversion = "1"\nsource = "acme.zip"\ndigest = "d"\n'


def test_listed_packs_are_read() -> None:
    Path("diagramkit.toml").write_text(PACK + PACK.replace("acme", "b") + 'integrity = "i"\n', "utf-8")
    assert project.find().packs == (
        ListedPack("acme", "1", "acme.zip", "d"),
        ListedPack("b", "1", "b.zip", "d", "i"),
    )


@pytest.mark.parametrize(
    ("settings", "number", "key"),
    [
        (PACK + PACK.replace('digest = "d"', "digest = 3"), 2, "digest"),
        (PACK.replace('version = "1"\n', ""), 1, "version"),
        (PACK + 'colour = "red"\n', 1, "colour"),
        (PACK + "integrity = 3\n", 1, "integrity"),
        ("packs = 3", 1, "name"),
        ('packs = ["x"]', 1, "name"),
    ],
)
def test_an_invalid_pack_entry_is_reported(settings: str, number: int, key: str) -> None:
    Path("diagramkit.toml").write_text(settings, "utf-8")
    with pytest.raises(DiagramError) as caught:
        project.find()
    assert str(caught.value) == (
        f"diagramkit.toml:1:1: error[bad-config]: invalid entry {number} under 'packs': check '{key}' (expected name, "
        "version, source and digest, as text), or remove the entry and run 'diagramkit icons add'"
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff", "cannot be read: it is not UTF-8"),
        (b"qqqqq = 1", "there is no setting 'qqqqq'; known settings: packs, limits, exclude, sources, output,"),
        (b"them = 1", "there is no setting 'them'; did you mean 'theme'?"),
    ],
)
def test_settings_that_cannot_be_read_are_reported(data: bytes, message: str) -> None:
    Path("diagramkit.toml").write_bytes(data)
    with pytest.raises(DiagramError) as caught:
        project.find()
    assert str(caught.value).startswith(f"diagramkit.toml:1:1: error[bad-config]: {message}")


def test_git_init_does_not_change_which_settings_apply_because_nothing_in_the_users_folder_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIAGRAMKIT_DATA", str(tmp_path / "user"))
    assert project.user_folder() == tmp_path / "user"
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "diagramkit.toml").write_text("theme = 'dark'\n" + PACK)
    folder = tmp_path / "a"
    folder.mkdir()
    outside = project.find(folder)
    assert outside == project.Project(folder, folder / "diagramkit.toml")
    (folder / ".git").mkdir()
    (folder / "b").mkdir()
    assert project.find(folder / "b") == outside
    monkeypatch.delenv("DIAGRAMKIT_DATA")
    assert project.user_folder().name == "diagramkit"


def test_settings_that_are_ignored_are_those_above_the_repository_or_in_the_users_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIAGRAMKIT_DATA", str(tmp_path / "user"))
    repository = tmp_path / "outer" / "repository"
    (repository / ".git").mkdir(parents=True)
    assert project.ignored_settings(project.find(repository)) is None
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "diagramkit.toml").write_text(PACK)
    (tmp_path / "outer" / "diagramkit.toml").write_text("not TOML")
    ignored = project.ignored_settings(project.find(repository))
    assert ignored is not None
    assert ignored.root == tmp_path / "user"
    (tmp_path / "outer" / "diagramkit.toml").write_text(PACK)
    ignored = project.ignored_settings(project.find(repository))
    assert ignored is not None
    assert ignored.root == tmp_path / "outer"
    (repository / "diagramkit.toml").write_text("")
    assert project.ignored_settings(project.find(repository)) is None


def test_the_root_of_a_folder_is_its_project_or_itself(tmp_path: Path) -> None:
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


def test_sweep_removes_only_files_of_this_run_and_old_leftovers(
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
    recent, of_other_run, of_this_run = (
        tmp_path / f".diagramkit-{run}zzzz_999" for run in ("", "0123abcd", "dcba3210")
    )
    for path in (recent, of_other_run, of_this_run):
        path.write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    files.sweep({"", str(tmp_path / "sub"), str(tmp_path / "none")}, "dcba3210")
    assert recent.exists()
    assert of_other_run.exists()
    assert not of_this_run.exists()
    for folder in (tmp_path, tmp_path / "sub"):
        assert not (folder / names[0]).exists()
        assert all((folder / name).exists() for name in names[1:])


# The cache


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX file owners and modes")
def test_if_the_home_is_read_only_the_cache_is_a_private_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIAGRAMKIT_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    (tmp_path / "file").write_text("not a folder")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(temporary))
    find = cache.folder.__wrapped__
    private = temporary / f"diagramkit-{os.getuid()}"
    assert find() == private
    assert private.stat().st_mode & 0o777 == 0o700
    assert find() == private
    # A folder that somebody else may have created is not used.
    private.chmod(0o755)
    assert find() == tmp_path / "file" / "diagramkit"
    private.rmdir()
    private.symlink_to(tmp_path)
    assert find() == tmp_path / "file" / "diagramkit"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "fine"))
    assert find() == tmp_path / "fine" / "diagramkit"
    monkeypatch.setenv("DIAGRAMKIT_CACHE", str(tmp_path / "chosen"))
    assert find() == tmp_path / "chosen"
