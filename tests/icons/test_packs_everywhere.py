"""A fresh clone of a project that lists an icon pack: everything that draws has the pack's icons, on any machine."""

from __future__ import annotations

import base64
import http.client
import os
import re
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

import diagramkit
from diagramkit import cache, project
from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError
from diagramkit.icons.packs import installed
from diagramkit.integrations import notebook
from tests.support.command_line import build, enable_ctrl_c, run
from tests.support.icon_packs import GOOD, pack, tarball
from tests.support.project import ROOT

MERMAID = "graph LR\n  A[Big bill] --> B[Something]\n"
FENCE = f"# Page\n\n```mermaid\n{MERMAID}```\n"
PACK_ICON = 'id="icon-acme-big-bill-'
ACME = {
    "package/package.json": b'{"name": "acme", "version": "1.2.0", "license": "MIT"}',
    "package/icons/big-bill.svg": GOOD.encode(),
}


def use_empty_user_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Continue as on a machine that has never installed a pack. Compiled modules stay in the cache."""
    monkeypatch.setenv("DIAGRAMKIT_CACHE", str(cache.folder()))
    monkeypatch.delenv("DIAGRAMKIT_DATA", raising=False)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))


@pytest.fixture
def clone(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a pack in an archive, its settings, and sources; the current folder. The pack is not installed."""
    Path("acme.tgz").write_bytes(tarball(ACME))
    assert main(["icons", "add", "acme.tgz"]) == 0
    Path("specs").mkdir()
    Path("specs/a.mmd").write_text(MERMAID, "utf-8")
    Path("docs").mkdir()
    Path("docs/index.md").write_text(FENCE, "utf-8")
    use_empty_user_folder(tmp_path_factory.mktemp("home"), monkeypatch)
    return tmp_path


def written_by(*arguments: str) -> Callable[[], str]:
    """Return a function that runs a command and returns all SVGs that it wrote."""

    def pictures() -> str:
        assert main([*arguments]) == 0
        texts = [path.read_text("utf-8") for path in sorted(Path().rglob("*.svg")) if "icons" not in path.parts]
        pages = "\n".join(path.read_text("utf-8") for path in Path("output").rglob("*.html"))
        embedded = re.findall("data:image/svg[+]xml;base64,([A-Za-z0-9+/=]+)", pages)
        return "\n".join([*texts, *(base64.b64decode(data).decode() for data in embedded)])

    return pictures


def cell() -> str:
    diagram = notebook.cell("", MERMAID)
    assert diagram is not None
    return diagram._repr_svg_()


def deck() -> str:
    """Return the vector icons of a deck; they have no ids there."""
    assert main(["deck", "specs", "-o", "a.pptx"]) == 0
    with zipfile.ZipFile("a.pptx") as archive:
        media = [archive.read(name).decode() for name in archive.namelist() if name.endswith(".svg")]
    return "".join(f"{PACK_ICON} {text}" for text in media if "#ED7100" in text)


DRAWN_BY = {
    "render": written_by("render"),
    "render to a file": written_by("render", "specs/a.mmd", "-o", "one.svg"),
    "gallery": written_by("gallery", "specs"),
    "embed": written_by("embed", "docs"),
    "wiki": written_by("wiki", "specs/a.mmd", "--to", "confluence"),
    "deck": deck,
    "API": lambda: diagramkit.load("specs/a.mmd").render("svg").decode(),
    "API, isolated": lambda: diagramkit.load("specs/a.mmd").render("svg", isolate=True).decode(),
    "notebook": cell,
}


@pytest.mark.parametrize("way", DRAWN_BY)
def test_a_fresh_clone_is_drawn_with_the_listed_pack(clone: Path, way: str) -> None:
    assert not project.user_folder().exists()
    assert PACK_ICON in DRAWN_BY[way]()
    assert (project.user_folder() / "icons" / "acme-1.2.0" / "pack.json").is_file()


def test_an_export_and_the_explanation_of_icons_use_the_listed_pack(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "specs/a.mmd", "--to", "json", "-o", "a.json"]) == 0
    assert "acme:big-bill" in Path("a.json").read_text("utf-8")
    assert main(["show", "specs/a.mmd"]) == 0
    assert "acme:big-bill" in capsys.readouterr().out


def svgs(folder: str) -> str:
    return "\n".join(path.read_text("utf-8") for path in Path(folder).rglob("diagram-*.svg"))


@pytest.mark.slow
def test_mkdocs_draws_with_the_pack_of_the_site_not_of_the_current_folder(
    clone: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("mkdocs.yml").write_text("site_name: Shop\nplugins: [diagramkit]\n", "utf-8")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    build("mkdocs", "build", "--strict", "-f", str(clone / "mkdocs.yml"))
    assert PACK_ICON in svgs(str(clone / "site"))


@pytest.mark.slow
def test_sphinx_draws_with_the_listed_pack_and_reads_pages_again_if_it_changes(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("docs/conf.py").write_text('extensions = ["diagramkit.integrations.sphinx"]\n', "utf-8")
    Path("docs/index.rst").write_text(f"A\n=\n\n.. diagramkit::\n\n   {MERMAID.replace(chr(10), chr(10) + '   ')}\n")
    settings = Path("diagramkit.toml").read_text("utf-8")
    Path("diagramkit.toml").write_text("", "utf-8")
    build("sphinx", "-q", "-b", "html", "docs", "out")
    assert PACK_ICON not in svgs("out")
    Path("diagramkit.toml").write_text(settings, "utf-8")
    build("sphinx", "-q", "-b", "html", "docs", "out")
    assert PACK_ICON in svgs("out")


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["mkdocs", "sphinx"])
def test_a_site_is_not_built_if_a_listed_pack_is_not_available(clone: Path, tool: str) -> None:
    Path("acme.tgz").unlink()
    Path("mkdocs.yml").write_text("site_name: Shop\nplugins: [diagramkit]\n", "utf-8")
    Path("docs/conf.py").write_text('extensions = ["diagramkit.integrations.sphinx"]\n', "utf-8")
    command = ["mkdocs", "build"] if tool == "mkdocs" else ["sphinx", "-b", "html", "docs", "out"]
    process = subprocess.run(
        [sys.executable, "-m", *command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.returncode != 0
    assert "error[pack-missing]: the pack 'acme' 1.2.0 is listed but cannot be installed" in process.stderr


@pytest.mark.slow
def test_serve_draws_with_the_listed_pack(clone: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "diagramkit", "serve", "specs", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=enable_ctrl_c,  # noqa: PLW1509 - a shell may have it ignored
    )
    assert process.stdout
    try:
        port = re.search(r"http://localhost:(\d+)/", process.stdout.readline())
        assert port
        connection = http.client.HTTPConnection("127.0.0.1", int(port[1]), timeout=20)
        connection.request("GET", "/picture/a")
        assert PACK_ICON in connection.getresponse().read().decode()
        connection.close()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


# Continuous integration: what the files of the project run, in a fresh clone with pictures that have the pack's icons


@pytest.fixture
def published(clone: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone whose committed pictures have the pack's icons, without a manifest, so that each picture is redrawn."""
    assert main(["render"]) == 0
    assert PACK_ICON in Path("output/a.svg").read_text("utf-8")
    Path("output/.diagramkit.json").unlink()
    use_empty_user_folder(tmp_path_factory.mktemp("runner"), monkeypatch)
    return clone


def commands_in_ci() -> dict[str, list[str]]:
    """Return the arguments with which the image, the hooks and the GitLab example call `diagramkit`."""
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    (default,) = re.findall(r"^CMD (\[.*\])$", dockerfile, re.M)
    commands = {"Dockerfile": [str(word) for word in yaml.safe_load(default)]}
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")):
        if hook["id"] in ("diagramkit-render", "diagramkit-current"):
            commands[hook["id"]] = shlex.split(hook["entry"])[1:]
    job = yaml.safe_load((ROOT / "docs/ci/gitlab-ci.yml").read_text("utf-8"))["diagrams"]
    (command,) = [line for line in job["script"] if line.startswith("diagramkit ")]
    variables = {"$CI_NODE_INDEX": "1", "$CI_NODE_TOTAL": "1"}
    commands["GitLab"] = [re.sub(r"\$\w+", lambda name: variables[name[0]], word) for word in shlex.split(command)][1:]
    return commands


@pytest.mark.parametrize("name", ["Dockerfile", "diagramkit-render", "diagramkit-current", "GitLab"])
def test_what_ci_runs_installs_the_listed_pack(published: Path, name: str) -> None:
    before = Path("output/a.svg").read_bytes()
    assert main(commands_in_ci()[name]) == 0
    assert Path("output/a.svg").read_bytes() == before
    assert (project.user_folder() / "icons" / "acme-1.2.0").is_dir()


def test_ci_keeps_installed_packs_in_its_cache() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["runs"]["steps"]
    (cached,) = [step["with"]["path"] for step in action if "actions/cache" in step.get("uses", "")]
    (environment,) = [step["env"] for step in action if "env" in step]
    assert environment["DIAGRAMKIT_DATA"].startswith(f"{cached}/")
    job = yaml.safe_load((ROOT / "docs/ci/gitlab-ci.yml").read_text("utf-8"))["diagrams"]
    assert job["cache"]["paths"] == [".cache"]
    assert job["variables"]["DIAGRAMKIT_DATA"].startswith("$CI_PROJECT_DIR/.cache/")
    assert re.search(r"DIAGRAMKIT_CACHE=/cache DIAGRAMKIT_DATA=/cache/", (ROOT / "Dockerfile").read_text("utf-8"))


FAKE_PYTHON = """#!/bin/sh
# Stands for `python -m venv FOLDER`: a virtual environment whose pip installs nothing.
mkdir -p "$3/bin"
printf '#!/bin/sh\\nexit 0\\n' > "$3/bin/python"
printf '#!/bin/sh\\nexec "%s" -m diagramkit "$@"\\n' "$REAL_PYTHON" > "$3/bin/diagramkit"
chmod +x "$3/bin/python" "$3/bin/diagramkit"
"""


@pytest.mark.parametrize("command", ["check", "render"])
def test_the_script_of_the_github_action_installs_the_listed_pack(
    published: Path, tmp_path: Path, command: str
) -> None:
    runner = tmp_path / "runner"
    runner.mkdir()
    (runner / "python").write_text(FAKE_PYTHON, "utf-8")
    (runner / "python").chmod(0o755)
    inputs = dict.fromkeys(("SOURCES", "OUTPUT", "ARGUMENTS", "SHARD", "VERSION", "MESSAGE", "IMAGES"), "")
    data = runner / "cache" / "data"
    process = subprocess.run(
        ["bash", str(ROOT / "docs/ci/action.sh")],
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            **inputs,
            "COMMAND": command,
            "PATH": f"{runner}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "REAL_PYTHON": sys.executable,
            "RUNNER_TEMP": str(runner),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(runner / "output"),
            "GITHUB_STEP_SUMMARY": str(runner / "summary"),
            "DIAGRAMKIT_DATA": str(data),
        },
    )
    assert process.returncode == 0, process.stdout + process.stderr
    assert "changed=false" in (runner / "output").read_text("utf-8")
    assert (data / "icons" / "acme-1.2.0").is_dir()


# What a pack may not do, and what is said about it


def test_nothing_is_fetched_or_drawn_if_fetching_is_turned_off(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(installed.OFFLINE, "1")
    assert main(["render"]) == 2
    assert "error[pack-missing]: the pack 'acme' 1.2.0 is listed but not installed" in capsys.readouterr().err
    assert not Path("output").exists()
    assert not project.user_folder().exists()
    assert main(["icons", "add"]) == 0  # This is a request, not a side effect.
    assert main(["render"]) == 0


def test_a_pack_whose_content_is_not_what_is_listed_is_not_installed(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Path("diagramkit.toml").read_text("utf-8")
    other = {**ACME, "package/icons/big-bill.svg": GOOD.replace("ED7100", "000000").encode()}
    Path("acme.tgz").write_bytes(tarball(other))
    for text in (settings, re.sub("(?m)^integrity = .*\n", "", settings)):
        Path("diagramkit.toml").write_text(text, "utf-8")
        assert main(["render"]) == 2
        assert "error[pack-differs]" in capsys.readouterr().err
        assert not project.user_folder().exists()


def test_a_new_version_replaces_an_installed_pack_with_other_content(clone: Path) -> None:
    """As in CI, whose cache still has the old pack, or if another project has a pack of the same name."""
    old_settings, old_archive = Path("diagramkit.toml").read_text("utf-8"), Path("acme.tgz").read_bytes()
    other = {**ACME, "package/icons/big-bill.svg": GOOD.replace("ED7100", "112233").encode()}
    Path("acme.tgz").write_bytes(tarball(other))
    assert main(["icons", "add", "acme.tgz"]) == 0
    Path("diagramkit.toml").write_text(old_settings, "utf-8")
    Path("acme.tgz").write_bytes(old_archive)
    assert main(["render", "specs/a.mmd", "-o", "a.svg"]) == 0
    assert "#ED7100" in Path("a.svg").read_text("utf-8")


@pytest.mark.parametrize("source", ["../outside", "/outside", "icons/../../outside"])
def test_a_pack_from_outside_of_the_project_is_not_read(
    clone: Path, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pack(clone.parent / "outside", **{"big-bill": GOOD})
    settings = Path("diagramkit.toml").read_text("utf-8")
    Path("diagramkit.toml").write_text(settings.replace('"acme.tgz"', f'"{source}"'), "utf-8")
    assert main(["render"]) == 2
    assert "its source is outside of the project" in capsys.readouterr().err


def test_the_name_of_a_listed_pack_cannot_lead_out_of_the_folder_of_packs(clone: Path) -> None:
    settings = Path("diagramkit.toml").read_text("utf-8")
    Path("diagramkit.toml").write_text(settings.replace('"acme"', '"../../acme"'), "utf-8")
    pack(clone.parent / "acme-1.2.0", **{"big-bill": GOOD})
    (clone.parent / "acme-1.2.0" / "pack.json").write_text("{}")
    (listed,) = project.find().packs
    folder = installed.folder_of(project.find(), listed)
    assert not isinstance(folder, Path)
    assert folder.code == "pack-missing"


def test_the_source_of_a_pack_is_relative_to_the_project(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pack(Path("art/own"), logo=GOOD)
    monkeypatch.chdir("specs")
    assert main(["icons", "add", "../art/own"]) == 0
    assert [listed.source for listed in project.find().packs] == ["acme.tgz", "art/own"]
    assert "other machines" not in capsys.readouterr().err
    pack(clone.parent / f"{clone.name}-outside", logo=GOOD)
    assert main(["icons", "add", str(clone.parent / f"{clone.name}-outside")]) == 0
    assert "note[pack-source]: other machines cannot install this pack" in capsys.readouterr().err
    assert project.find().packs[2].source == f"{clone.name}-outside"


def test_git_init_does_not_change_the_picture_of_a_folder(clone: Path) -> None:
    assert main(["render", "specs/a.mmd", "-o", "before.svg"]) == 0
    Path(".git").mkdir()
    assert main(["render", "specs/a.mmd", "-o", "after.svg"]) == 0
    assert Path("before.svg").read_bytes() == Path("after.svg").read_bytes()


def test_settings_in_the_users_folder_no_longer_apply_and_a_note_names_the_fix(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project.user_folder().mkdir(parents=True)
    Path("diagramkit.toml").rename(project.user_folder() / "diagramkit.toml")
    assert main(["render", "specs/a.mmd", "-o", "a.svg"]) == 0
    assert PACK_ICON not in Path("a.svg").read_text("utf-8")
    note = capsys.readouterr().err
    assert "diagramkit.toml:1:1: note[settings-unused]: these settings no longer apply" in note
    (command,) = re.findall("'diagramkit (icons add [^']*)'", note)
    assert main(shlex.split(command)) == 0
    assert main(["render", "specs/a.mmd", "-o", "a.svg"]) == 0
    assert PACK_ICON in Path("a.svg").read_text("utf-8")
    assert "note" not in capsys.readouterr().err


def test_a_repository_inside_a_project_gets_a_note_that_the_packs_around_it_do_not_apply(
    clone: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("inner/.git").mkdir(parents=True)
    Path("inner/a.mmd").write_text(MERMAID, "utf-8")
    monkeypatch.chdir("inner")
    assert main(["render", "a.mmd", "-o", "a.svg"]) == 0
    assert (
        f"note[settings-unused]: the packs of this file do not apply to {Path.cwd()}, because"
        in capsys.readouterr().err
    )
    Path("diagramkit.toml").write_text("", "utf-8")
    assert main(["render", "a.mmd", "-o", "a.svg"]) == 0
    assert capsys.readouterr().err == ""


def test_the_api_raises_an_error_for_a_pack_that_is_not_available(clone: Path) -> None:
    Path("acme.tgz").unlink()
    with pytest.raises(DiagramError, match=r"cannot be installed from acme\.tgz: there is no such pack"):
        diagramkit.load("specs/a.mmd")


# The hint


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch, is_terminal: bool = True) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(sys.stderr, "isatty", lambda: is_terminal, raising=False)
        patch.delenv("CI", raising=False)
        yield


@pytest.fixture
def newcomer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a diagram, and a terminal."""
    Path("a.mmd").write_text(MERMAID, "utf-8")


RENDER = ["render", "a.mmd", "-o", "a.svg"]


def test_newcomers_are_told_once_how_to_get_current_icons(
    newcomer: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with terminal(monkeypatch):
        assert main(RENDER) == 0
        captured = capsys.readouterr()
        assert "'diagramkit icons add aws'" in captured.err
        assert captured.out == "a.svg: written\n"
        Path("other").mkdir()
        assert main(["render", "a.mmd", "-o", "other/a.svg"]) == 0
        assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "environment", "is_terminal"),
    [
        (RENDER, {}, False),
        (RENDER, {"CI": "true"}, True),
        ([*RENDER, "-q"], {}, True),
        ([*RENDER, "--output-format", "json"], {}, True),
        (["render", "a.mmd", "-f", "mmd"], {}, True),
    ],
)
def test_the_hint_is_only_for_a_person_who_has_drawn_a_picture(
    newcomer: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    environment: dict[str, str],
    is_terminal: bool,
) -> None:
    with terminal(monkeypatch, is_terminal):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        assert main(arguments) == 0
        assert "hint" not in capsys.readouterr().err
    assert not project.user_folder().exists()


def test_a_project_with_a_pack_gets_no_hint(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with terminal(monkeypatch):
        assert main(["render", "-q"]) == 0
        capsys.readouterr()
        assert main(["render", "--force"]) == 0
        assert "hint" not in capsys.readouterr().err


def test_no_hint_is_shown_if_it_cannot_be_recorded(
    newcomer: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("file").write_text("")
    monkeypatch.setenv("DIAGRAMKIT_DATA", str(Path("file").resolve()))
    with terminal(monkeypatch):
        assert main(RENDER) == 0
    assert capsys.readouterr().err == ""


def test_progress_goes_to_standard_error_and_never_into_a_picture(clone: Path) -> None:
    process = run("render", "specs/a.mmd", "-o", "-")
    assert process.stdout.startswith(b"<svg")
    assert b"installing the icon pack acme 1.2.0 from acme.tgz" in process.stderr
    assert run("render", "specs/a.mmd", "-o", "-").stderr == b""
