"""What CI, Docker, the action, the hooks and the release install and run: pinned, and no more than is needed."""

from __future__ import annotations

import hashlib
import re
import runpy
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

import diagramkit
from checks import release
from diagramkit.diagnostics import DiagramError
from diagramkit.sources import readers, yamltree
from tests.support.command_line import MERMAID
from tests.support.project import ROOT

PINNED = sorted((ROOT / "requirements").glob("*.txt"))
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
UNNEEDED = {"pre-commit", "virtualenv", "nodeenv", "cfgv", "identify", "distlib", "filelock", "jinja2", "markupsafe"}
"""What `diagrams` depends on for its own development, with the dependencies of that."""


def requirements(text: str) -> list[str]:
    """Return the requirements in a text, each with its hashes on one line."""
    lines = text.replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


def names(path: Path) -> list[str]:
    return [line.partition("==")[0] for line in requirements(path.read_text("utf-8"))]


@pytest.mark.parametrize("path", PINNED, ids=lambda path: path.name)
def test_every_dependency_is_pinned_with_hashes(path: Path) -> None:
    found = requirements(path.read_text("utf-8"))
    assert found
    assert [line for line in found if not re.match(r"[\w.\[\]-]+==\S+.*--hash=sha256:[0-9a-f]{64}", line)] == []


@pytest.mark.parametrize("path", PINNED, ids=lambda path: path.name)
def test_a_pinned_file_names_no_index(path: Path) -> None:
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted", path.read_text("utf-8"))


def test_files_that_are_installed_together_agree_on_versions() -> None:
    versions: dict[str, set[str]] = {}
    for name in ("run", "npm", "build"):
        for line in requirements((ROOT / f"requirements/{name}.txt").read_text("utf-8")):
            package, _, rest = line.partition("==")
            versions.setdefault(package, set()).add(rest.split()[0])
    assert {package: found for package, found in versions.items() if len(found) > 1} == {}


def test_only_what_runs_is_installed_where_diagramkit_runs() -> None:
    assert not UNNEEDED & {*names(ROOT / "requirements/run.txt")}
    (patched,) = [line for line in (ROOT / "pyproject.toml").read_text("utf-8").splitlines() if "requires-dist" in line]
    declared = {re.split(r"[<>=;\s]", text)[0] for text in metadata.requires("diagrams") or []}
    kept = {re.split(r"[<>=]", text)[0] for text in re.findall(r'"([^"]+)"', patched)}
    assert declared - kept == {"jinja2", "pre-commit", "typed-ast"}  # A new one has to be looked at.
    assert kept <= declared


def site_with(packages: list[str], folder: Path) -> Path:
    """Return a folder with links to the files of installed packages, and to nothing else."""
    folder.mkdir()
    for package in packages:
        try:
            distribution = metadata.distribution(package)
        except metadata.PackageNotFoundError:
            assert package == "colorama"  # It is for Windows.
            continue
        for entry in {Path(file).parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}:
            if not (folder / entry).exists():
                (folder / entry).symlink_to(Path(str(distribution.locate_file(entry))))
    return folder


@pytest.mark.slow
def test_the_pinned_packages_are_enough_to_read_draw_and_export(tmp_path: Path) -> None:
    """The process sees only Python, diagramkit and the packages in the file, as in a new virtual environment."""
    site = site_with(names(ROOT / "requirements/run.txt"), tmp_path / "site")
    (site / "diagramkit").symlink_to(ROOT / "diagramkit")
    Path("a.mmd").write_text(MERMAID, "utf-8")
    code = (
        "import sys; sys.path = [path for path in sys.path if 'site-packages' not in path]\n"
        f"sys.path.insert(0, {str(site)!r})\n"
        "from diagramkit.cli import main\n"
        "for words in (['render', 'a.mmd', '-f', 'mmd,svg,png,pdf,webp'], ['check', 'a.mmd'], ['show', 'a.mmd'],\n"
        "    *(['export', 'a.mmd', '--to', name, '-o', 'a.' + name.replace('python', 'py')] for name in\n"
        "      ('python', 'drawio', 'dot', 'json')), ['gallery', 'a.mmd']):\n"
        "    assert main(words) == 0, words\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    process = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False, encoding="utf-8"
    )
    assert process.returncode == 0, process.stdout + process.stderr
    loaded = set(process.stdout.splitlines()[-1].split())
    assert {"diagrams", "fpdf", "wasmtime"} <= loaded
    assert not loaded & {"jinja2", "pre_commit", "virtualenv", "pytest"}
    assert sorted(path.suffix for path in Path("output").glob("a.*")) == [".mmd", ".pdf", ".png", ".svg", ".webp"]


@pytest.mark.parametrize(
    "name", ["Dockerfile", "docs/ci/action.sh", "docs/ci/gitlab-ci.yml", ".github/workflows/release.yml"]
)
def test_what_is_installed_is_verified_by_hashes(name: str) -> None:
    """What is without hashes is this checkout, without its dependencies, or the version that a user asks for."""
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    commands = re.findall(r"pip\"? install ([^\n#&]*)", text)
    assert commands
    for command in commands:
        own = re.search(r"(?:/wheel/\*\.whl|GITHUB_ACTION_PATH\")\s*$", command)
        if not own and not command.strip().endswith('"$VERSION"'):
            assert "--require-hashes" in command, command
        assert "--no-deps" in command or '"$VERSION"' in command, command


def test_hooks_pin_the_versions_that_are_tested() -> None:
    """pre-commit cannot check hashes; `docs/ci.md` says so."""
    written = runpy.run_path(str(ROOT / "requirements/pin_hooks.py"))["hooks"]()
    assert written == (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    for hook in yaml.safe_load(written):
        pinned = [text.partition("==")[0] for text in hook["additional_dependencies"]]
        assert pinned == names(ROOT / "requirements/run.txt")
    assert "it cannot check hashes" in (ROOT / "docs/ci.md").read_text("utf-8")


USES = [
    (path.relative_to(ROOT).as_posix(), line.strip())
    for path in [ROOT / "action.yml", *WORKFLOWS, *sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
    for line in path.read_text("utf-8").splitlines()
    if re.match(r"\s*-?\s*uses:", line)
]


@pytest.mark.parametrize(("file", "line"), USES)
def test_every_action_is_pinned_by_its_commit_with_the_version_behind_it(file: str, line: str) -> None:
    assert re.fullmatch(r"(- )?uses: ([\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|OWNER/diagramkit@COMMIT\b.*)", line)


def test_an_action_has_the_same_commit_everywhere() -> None:
    commits: dict[tuple[str, str], set[str]] = {}
    for _, line in USES:
        if match := re.search(r"([\w./-]+)@([0-9a-f]{40}) # (\S+)", line):
            commits.setdefault((match[1], match[3]), set()).add(match[2])
    assert len(USES) > 10
    assert [action for action, found in commits.items() if len(found) > 1] == []


def test_images_are_named_once_and_a_known_digest_is_used_everywhere() -> None:
    """The digest is up to the user (`docs/ci.md`); once it is known in one place, it counts in all."""
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    (image,) = re.findall(r"(?m)^ARG PYTHON=(\S+)$", dockerfile)
    assert re.findall(r"(?m)^FROM (\S+)", dockerfile) == ["${PYTHON}", "${PYTHON}"]
    job = yaml.safe_load((ROOT / "docs/ci/gitlab-ci.yml").read_text("utf-8"))["diagrams"]
    assert job["image"] == image
    assert re.fullmatch(r"python:3\.\d+-slim(@sha256:[0-9a-f]{64})?", image)


# The release


def release_jobs() -> dict[str, Any]:
    jobs: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text("utf-8"))["jobs"]
    return jobs


def test_a_release_is_checked_built_attested_and_then_published() -> None:
    jobs = release_jobs()
    assert [job.get("needs") for job in jobs.values()] == [None, "build", "attest", "publish"]
    assert [*jobs] == ["build", "attest", "publish", "announce"]
    steps = [step for job in jobs.values() for step in job["steps"]]
    scripts = "\n".join(step.get("run", "") for step in steps)
    assert scripts.index(".ci/run") < scripts.index(".ci/build")
    build = (ROOT / ".ci/build").read_text("utf-8")
    for word in ("zizmor", "checks.build dist", "twine check --strict", "cyclonedx-py", "checks.release dist"):
        assert word in build
    (attested,) = [step["with"]["subject-path"] for step in steps if "attest-build" in step.get("uses", "")]
    assert attested.split() == ["dist/*", "descriptions/*"]
    assert "password" not in (ROOT / ".github/workflows/release.yml").read_text("utf-8").replace(
        "without a password", ""
    )


def test_each_job_of_a_release_has_only_the_rights_that_it_needs() -> None:
    text = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text("utf-8"))
    assert text["permissions"] == {}
    assert {name: job["permissions"] for name, job in text["jobs"].items()} == {
        "build": {"contents": "read"},
        "attest": {"id-token": "write", "attestations": "write"},
        "publish": {"id-token": "write"},
        "announce": {"contents": "write"},
    }
    assert text["jobs"]["publish"]["environment"] == "pypi"


def test_a_release_pins_itself_and_all_that_it_needs(tmp_path: Path) -> None:
    for name in ("a.whl", "a.tar.gz"):
        (tmp_path / name).write_bytes(name.encode())
    lines = requirements(release.requirements(tmp_path))
    assert lines[0].startswith(f"diagramkit=={diagramkit.__version__} ")
    assert set(re.findall(r"sha256:(\w+)", lines[0])) == {
        hashlib.sha256(name.encode()).hexdigest() for name in ("a.whl", "a.tar.gz")
    }
    assert all("--hash=sha256:" in line for line in lines)
    packages = [line.partition("==")[0] for line in lines[1:]]
    assert packages == names(ROOT / "requirements/run.txt") + names(ROOT / "requirements/npm.txt")


# YAML


def merge_keys(levels: int) -> str:
    """Return YAML in which each level merges the one before nine times."""
    lines = ["a0: &a0 {x: 1, y: 2}"]
    lines += [f"a{level}: &a{level}\n  <<: [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, levels)]
    return "\n".join(lines) + "\n"


def test_merge_keys_that_expand_without_limit_cost_nothing() -> None:
    """9^30 mappings would take forever. The reader does not depend on how PyYAML merges."""
    with pytest.raises(DiagramError, match="yaml-alias"):
        yamltree.load("title: T\n" + merge_keys(30), "a.yaml")
    front_matter = "---\ntitle: T\nconfig:\n  " + merge_keys(30).strip().replace("\n", "\n  ") + "\n---\n"
    assert readers.pattern_from_text(front_matter + MERMAID, "a.mmd").title == "T"


def test_the_oldest_version_of_pyyaml_limits_merge_keys() -> None:
    """6.0.4 is the first version that does."""
    (requirement,) = re.findall(r'"(pyyaml>=[^"]+)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert requirement == "pyyaml>=6.0.4,<7"
