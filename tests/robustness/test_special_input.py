"""Input that is not what its name says: pipes, links in a circle, JSON and TOML without end, lone surrogates."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from diagramkit import files, project
from diagramkit.batch import entries, stamps
from diagramkit.cli import main
from diagramkit.diagnostics import Diagnostic
from diagramkit.icons.packs import iconify, installed, store
from diagramkit.publish import record
from diagramkit.serve import live_project
from tests.support.command_line import MERMAID

POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes and devices in folders")
DEEP = b"[" * 100_000


def make_special(kind: str, path: Path) -> None:
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
    elif kind == "device":
        try:
            os.mknod(path, 0o20600, os.makedev(1, 5))  # /dev/zero, which has no end.
        except OSError:
            pytest.skip("this user cannot make devices")
    else:
        path.symlink_to(path.name)


@POSIX
@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "loop"])
@pytest.mark.parametrize(
    "command",
    [
        ["render", "-f", "svg"],
        ["check", "specs"],
        ["check", "specs", "--fix"],
        ["gallery"],
        ["deck"],
        ["show", "specs"],
        ["embed", "specs"],
    ],
    ids=" ".join,
)
def test_what_is_no_file_is_skipped_in_a_folder_with_a_note(
    kind: str, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("specs").mkdir()
    Path("specs/a.mmd").write_text(MERMAID, "utf-8")
    Path("specs/a.md").write_text("# A\n", "utf-8")
    for extension in ("mmd", "yaml", "md"):
        make_special(kind, Path(f"specs/x.{extension}"))
    assert main(command) in (0, 1)
    problems = capsys.readouterr().err
    assert " error[" not in problems
    if command[0] == "embed" and kind == "loop":  # Links among documents are left alone.
        assert "not-a-source" not in problems
    elif command[0] not in ("gallery",):
        reason = "this is a link that leads to itself" if kind == "loop" else "this is not a regular file"
        assert f"specs/x.md:1:1: note[not-a-source]: {reason} and is skipped" in problems


@POSIX
@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "loop"])
@pytest.mark.parametrize(
    "command",
    [["render"], ["check"], ["embed"], ["show"], ["export"], ["wiki", "--to", "github"], ["import"], ["deck"]],
    ids=lambda command: command[0],
)
def test_what_is_no_file_is_an_error_if_it_is_named(
    kind: str, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    make_special(kind, Path("x.md"))
    assert main([*command, "x.md"]) == 2
    assert capsys.readouterr().err.startswith("x.md:1:1: error[")


@POSIX
@pytest.mark.parametrize("kind", ["pipe", "device"])
@pytest.mark.parametrize(
    ("name", "command", "code"),
    [
        ("diagramkit.toml", "render a.mmd", "bad-config"),
        ("pyproject.toml", "render a.mmd", "bad-config"),
        ("theme.yaml", "render a.mmd --theme theme.yaml", "unreadable-file"),
        ("font.ttf", "render a.mmd --theme own.yaml", "bad-font"),
        ("icon.svg", "render icons.yaml", "no-such-icon"),
        ("pack.zip", "icons add pack.zip", "no-such-pack"),
        ("slides.pptx", "deck a.mmd --template slides.pptx", "unreadable"),
        ("output/a.svg", "render a.mmd -f svg", "unwritable"),
    ],
)
def test_what_is_no_file_is_not_opened_in_place_of_any_other_file(
    kind: str, name: str, command: str, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Opening a pipe would wait for somebody who writes to it."""
    Path("a.mmd").write_text(MERMAID, "utf-8")
    Path("own.yaml").write_text("font: font.ttf\n", "utf-8")
    Path("icons.yaml").write_text("title: A\nnodes: {a: {label: A, icon: icon.svg}}\n", "utf-8")
    Path(name).parent.mkdir(exist_ok=True)
    make_special(kind, Path(name))
    assert main(command.split()) == 2
    problems = capsys.readouterr().err
    assert f"error[{code}]" in problems
    assert "not a regular file" in problems or code == "no-such-icon"


@POSIX
def test_a_picture_that_became_a_pipe_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    """Pictures that are listed in a manifest are compared with it."""
    Path("a.mmd").write_text(MERMAID, "utf-8")
    assert main(["render", "a.mmd", "-f", "svg"]) == 0
    Path("output/a.svg").unlink()
    os.mkfifo("output/a.svg")
    assert main(["render", "a.mmd", "-f", "svg"]) == 2
    assert "output/a.svg:1:1: error[unwritable]: is not a regular file" in capsys.readouterr().err


@POSIX
def test_the_folder_of_a_pack_may_contain_pipes_and_links_in_a_circle(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pack").mkdir()
    os.mkfifo("pack/pipe.svg")
    Path("pack/loop.svg").symlink_to("loop.svg")
    assert main(["icons", "add", "pack"]) == 2
    assert "this pack contains no icons" in capsys.readouterr().err


@POSIX
def test_an_icon_that_is_a_link_to_itself_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    Path("loop.svg").symlink_to("loop.svg")
    Path("a.yaml").write_text("title: A\ndiagram: |\n  graph LR\n    A --> B\nicons:\n  A: loop.svg\n", "utf-8")
    assert main(["render", "a.yaml", "-f", "svg"]) == 2
    assert "error[no-such-icon]: there is no file 'loop.svg'" in capsys.readouterr().err


@pytest.mark.parametrize("deep", [DEEP, b'{"sources": ' + DEEP, b'{"format": 2, "sources": {}, "x": ' + DEEP])
def test_json_that_is_nested_without_end_counts_as_damaged(deep: bytes) -> None:
    """Python's parser raises `RecursionError`, which is not a `ValueError`."""
    with pytest.raises(ValueError, match="nested too deeply"):
        files.parse_json(deep)
    Path("deep.json").write_bytes(deep)
    assert entries.read("deep.json") == {}
    assert entries.is_outdated("deep.json") is False
    Path(record.FILE_NAME).write_bytes(deep)
    assert record.load(".").pictures_by_document == {}
    Path(store.INDEX).write_bytes(deep)
    with pytest.raises(ValueError, match="is not a valid pack index"):
        store.read(".")
    assert iconify.prefix((("a.json", deep),)) is None


def test_a_deep_manifest_next_to_pictures_is_replaced() -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    Path("output").mkdir()
    Path("output/.diagramkit.json").write_bytes(DEEP)
    assert main(["render", "a.mmd", "-f", "svg"]) == 0
    assert json.loads(Path("output/.diagramkit.json").read_text("utf-8"))["format"] == 2


def test_a_deep_cache_file_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("diagramkit.cache.folder", lambda: tmp_path)
    (tmp_path / stamps._cache_name("x")).write_bytes(DEEP)
    assert stamps.load("x").digest_if_unchanged("a", Path().stat()) == ""


def test_deep_packages_are_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pack").mkdir()
    Path("pack/package.json").write_bytes(DEEP)
    Path("set.json").write_bytes(DEEP)
    for source in ("pack", "set.json"):
        assert main(["icons", "add", source]) == 2
        assert "error[bad-pack]" in capsys.readouterr().err


def test_deep_settings_are_reported(capsys: pytest.CaptureFixture[str]) -> None:
    Path("diagramkit.toml").write_text("sources = " + "[" * 100_000, "utf-8")
    assert main(["render"]) == 2
    assert capsys.readouterr().err == "diagramkit.toml:1:1: error[bad-config]: the values are nested too deeply\n"


def test_lone_surrogates_in_a_request_become_replacement_characters() -> None:
    """JavaScript's strings may contain them; UTF-8 may not."""
    assert live_project.encodable("a\ud800b \ud83d\ude00 \udc80") == "a\ufffdb \U0001f600 \ufffd"
    assert live_project.encodable(json.loads('"\\ud83d\\ude00"')) == "\U0001f600"


@pytest.mark.parametrize("name", ["output", "sources", "theme"])
def test_a_tilde_in_a_setting_is_reported(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A shell replaces it with the home folder; otherwise it would become a folder that is called `~`."""
    Path("diagramkit.toml").write_text(f'{name} = "~/x.yaml"\n', "utf-8")
    assert main(["render"]) == 2
    message = "'~' does not stand for the home folder in '~/x.yaml'; use a path inside the project"
    assert capsys.readouterr().err == f"diagramkit.toml:1:1: error[bad-config]: '{name}': {message}\n"
    assert not Path("~").exists()


@pytest.mark.parametrize(("field", "value"), [("version", "1/../../x"), ("version", "/../x"), ("name", "../x")])
def test_a_listed_pack_cannot_lead_to_another_folder(field: str, value: str) -> None:
    icons = {"a": {"file": "a.svg", "sha256": "0", "dark": False, "inset": [0, 0, 0]}}
    values = {"name": "p", "version": "1", "source": "s", "digest": store.digest_of(icons), field: value}
    lines = "".join(f'{key} = "{text}"\n' for key, text in values.items())
    Path("diagramkit.toml").write_text(f"[[packs]]\n{lines}", "utf-8")
    Path("icons/p-1").mkdir(parents=True)  # So that the folder `..` of it exists.
    Path("icons/p-").mkdir()
    folder = Path("icons", f"{values['name']}-{values['version']}")
    folder.mkdir(parents=True, exist_ok=True)
    index = {"name": "p", "version": "1", "licence": "x", "official": False, "icons": icons}
    (folder / store.INDEX).write_text(json.dumps(index), "utf-8")
    assert store.read(str(folder)).digest == values["digest"]
    (listed,) = project.find().packs
    assert isinstance(installed.folder_of(project.find(), listed), Diagnostic)


def test_a_pack_whose_version_is_a_path_is_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    import tarfile

    Path("package").mkdir()
    Path("package/package.json").write_text('{"name": "p", "version": "1/../../x"}', "utf-8")
    icon = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8H0z"/></svg>'
    Path("package/a.svg").write_text(icon, "utf-8")
    with tarfile.open("p.tgz", "w:gz") as archive:
        archive.add("package")
    assert main(["icons", "add", "p.tgz"]) == 2
    assert "error[bad-pack]: this pack has the version '1/../../x'; expected letters" in capsys.readouterr().err


@POSIX
def test_a_pipe_among_sources_does_not_stop_a_run_in_workers() -> None:
    Path("specs").mkdir()
    os.mkfifo("specs/x.mmd")
    Path("specs/a.mmd").write_text(MERMAID, "utf-8")
    command = [sys.executable, "-m", "diagramkit", "render", "--jobs", "2", "-f", "svg"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run(command, check=False, timeout=60, env=environment).returncode == 0
