"""The commands about packs of icons, npm's answers among them, whatever those are; what is owed for icons."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

from diagramkit import project
from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError
from diagramkit.icons.packs import fetch, store
from tests.test_packs import GOOD, pack, png


def tarred(entries: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        for name, raw in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return whole.getvalue()


PACKAGE = tarred(
    {
        "package/package.json": b'{"name": "acme", "version": "1.2.0"}',
        "package/icons/widget.svg": GOOD.encode(),
    }
)
INTEGRITY = "sha512-" + base64.b64encode(hashlib.sha512(PACKAGE).digest()).decode()


class Npm:
    """An npm that answers what it is told to, and notes what it was asked."""

    def __init__(self, view: object, pack: bytes = PACKAGE, code: int = 0) -> None:
        self.view, self.pack, self.code = view, pack, code
        self.asked: list[list[str]] = []

    def __call__(self, command: list[str], **how: Any) -> subprocess.CompletedProcess[str]:
        self.asked.append(command[1:])
        if command[1] == "pack":
            Path(command[command.index("--pack-destination") + 1], "acme-1.2.0.tgz").write_bytes(self.pack)
            return subprocess.CompletedProcess(command, 0, "[{}]", "")
        if isinstance(self.view, Exception):
            raise self.view
        said = self.view if isinstance(self.view, str) else json.dumps(self.view)
        return subprocess.CompletedProcess(command, self.code, said, "")


VIEW = {"name": "acme", "version": "1.2.0", "dist.integrity": INTEGRITY}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "diagramkit.toml").write_text("")
    return tmp_path


def with_npm(monkeypatch: pytest.MonkeyPatch, npm: Npm) -> Npm:
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/npm")
    monkeypatch.setattr(subprocess, "run", npm)
    return npm


@pytest.mark.parametrize("view", [VIEW, [{"name": "acme", "version": "1.1.0", "dist.integrity": "x"}, VIEW]])
def test_a_package_of_npm_is_brought_by_its_hash_and_runs_no_script(
    home: Path, monkeypatch: pytest.MonkeyPatch, view: object
) -> None:
    npm = with_npm(monkeypatch, Npm(view))
    assert main(["icons", "add", "npm:acme"]) == 0
    look, fetch = npm.asked
    assert look == ["view", "acme@latest", "name", "version", "dist.integrity", "--json"]
    assert fetch[:3] == ["pack", "acme@1.2.0", "--ignore-scripts"]
    (listed,) = project.find().packs
    assert (listed.name, listed.version, listed.source) == ("acme", "1.2.0", "npm:acme@1.2.0")
    assert listed.integrity == INTEGRITY


@pytest.mark.parametrize(
    ("npm", "told"),
    [
        (
            Npm({"error": {"code": "E404", "summary": "Not  found\nhere"}}, code=1),
            "npm cannot fetch it: Not found here",
        ),
        (Npm({"error": {"code": "E404"}}, code=1), "npm cannot fetch it: E404"),
        (Npm("not JSON", code=1), "npm cannot fetch it: it answered nothing"),
        (Npm("", code=0), "npm cannot fetch it: it answered nothing"),
        (Npm({"version": "1.2.0"}), "npm tells no integrity hash of it"),
        (Npm(["1.2.0"]), "npm tells no integrity hash of it"),
        (Npm(subprocess.TimeoutExpired("npm", 1)), "npm did not answer in"),
        (Npm(VIEW, PACKAGE + b"x"), "is not what"),
    ],
)
def test_what_npm_cannot_give_is_told(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    npm: Npm,
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with_npm(monkeypatch, npm)
    assert main(["icons", "add", "npm:acme"]) == 2
    said = capsys.readouterr().err
    assert told in said or "differs" in said
    assert not project.user_folder().exists()


def test_a_package_that_npm_has_another_hash_for_than_is_listed_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_npm(monkeypatch, Npm(VIEW))
    with pytest.raises(DiagramError, match="npm has another hash for it"):
        fetch.fetch("npm:acme@1.2.0", "sha512-other")


def test_without_npm_it_is_told_how_else(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert main(["icons", "add", "npm:acme"]) == 2
    assert (
        "error[no-npm]: npm is not installed; install Node.js, or fetch the package's .tgz" in capsys.readouterr().err
    )


# Archives and folders


@pytest.mark.parametrize(
    ("most", "value", "told"),
    [
        ("_LARGEST", 10, "which is larger than"),
        ("_MOST_FILES", 1, "holds more than"),
        ("_MOST_BYTES", 100, "holds more than"),
    ],
)
@pytest.mark.parametrize("form", ["folder", "a.tgz", "a.zip"])
def test_packs_of_too_much_are_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, form: str, most: str, value: int, told: str
) -> None:
    monkeypatch.setattr(fetch, most, value)
    icons = {"one.svg": GOOD.encode(), "two.svg": GOOD.encode()}
    if form == "folder":
        pack(home / form, one=GOOD, two=GOOD)
    elif form == "a.tgz":
        (home / form).write_bytes(tarred(icons))
    else:
        import zipfile

        with zipfile.ZipFile(home / form, "w") as archive:
            for name, raw in icons.items():
                archive.writestr(name, raw)
    with pytest.raises(DiagramError, match=told):
        fetch.fetch(form)


@pytest.mark.parametrize("said", [b"{", b"[]", b'{"version": "1"}'])
def test_a_package_that_says_its_name_wrongly_has_that_of_its_file(home: Path, said: bytes) -> None:
    (home / "wid-get.tgz").write_bytes(tarred({"package/package.json": said, "package/a.svg": GOOD.encode()}))
    assert fetch.fetch("wid-get.tgz").name == "wid-get"


# The commands


def test_packs_are_listed_missing_ones_told_and_removed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["icons", "packs"]) == 0
    assert "no pack is listed" in capsys.readouterr().out
    pack(home / "acme", widget=GOOD, photo=png(9, 9))
    assert main(["icons", "add", "acme", "--in-project"]) == 0
    assert main(["icons", "add"]) == 0
    assert main(["icons", "packs"]) == 0
    said = capsys.readouterr().out
    assert "packs listed: 1; all are installed" in said
    assert "2 icons" in said
    (home / "icons" / "acme-0" / store.INDEX).write_text("{}")
    assert main(["icons", "packs"]) == 2
    assert "error[pack-differs]" in capsys.readouterr().err
    assert main(["icons", "remove", "nothing"]) == 2
    assert "there is no pack 'nothing' in the list; listed packs: acme" in capsys.readouterr().err
    assert main(["icons", "remove", "acme"]) == 0
    assert project.find().packs == ()
    with pytest.raises(SystemExit):
        main(["icons", "remove"])


def test_a_pack_that_changed_at_its_source_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack(home / "acme", widget=GOOD)
    assert main(["icons", "add", "acme"]) == 0
    pack(home / "acme", another=GOOD)
    import shutil

    shutil.rmtree(project.user_folder())
    assert main(["icons", "add"]) == 2
    assert "the pack 'acme' from acme differs from the one that is listed" in capsys.readouterr().err


def test_a_project_is_needed_to_keep_a_pack_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack(tmp_path / "acme", widget=GOOD)
    assert main(["icons", "add", "acme", "--in-project"]) == 2
    assert "error[no-project]: this folder is not in a project" in capsys.readouterr().err


def test_what_is_owed_names_every_maker(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack(home / "acme", widget=GOOD)
    (home / "acme" / "LICENSE").write_text("Acme's own terms")
    pack(home / "own", vendor=GOOD)
    assert main(["icons", "add", "acme"]) == 0
    Path("s.yaml").write_text(
        "title: T\nnodes:\n  a: Lambda\n  b: {label: B, icon: 'acme:widget'}\n  c: {label: C, icon: ./own/vendor.svg}\n"
        "  d: Redis\n  e: {label: Pod, icon: k8s.compute.Pod}\n",
        "utf-8",
    )
    capsys.readouterr()
    assert main(["icons", "licence", "s.yaml"]) == 0
    said = capsys.readouterr().out
    for owner in (
        "Amazon Web Services: CC-BY-ND 2.0",
        "pack acme 0: ",
        "you: yours",
        "The Kubernetes Authors",
        "each product's maker",
    ):
        assert owner in said
    assert "AWS Architecture Icons, © Amazon Web Services" in said


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_a_pack_whose_list_names_other_files_is_no_pack(home: Path) -> None:
    folder = home / "icons" / "acme-0"
    folder.mkdir(parents=True)
    good = {
        "name": "acme",
        "version": "0",
        "official": False,
        "icons": {"a": {"file": "a.svg", "sha256": "x"}},
    }
    for bad in (
        {"file": "../a.svg"},
        {"file": "a.txt"},
        {"file": "a.svg", "sha256": ""},
        {"file": "/a.svg"},
        {},
    ):
        (folder / store.INDEX).write_text(json.dumps({**good, "icons": {"a": {"sha256": "x", **bad}}}))
        with pytest.raises(ValueError, match="is no list of a pack"):
            store.read(str(folder))
    (folder / store.INDEX).write_text(json.dumps(good))
    found = store.read(str(folder))
    assert found.icon("a") is not None
    assert found.icon("b") is None
    assert "icons" not in store.details(str(folder))
