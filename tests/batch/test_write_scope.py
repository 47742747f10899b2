"""Where commands write: nothing outside of the project is written or removed, unless the command line names it."""

from __future__ import annotations

import ast
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from diagramkit import files, write_scope
from diagramkit.batch.incremental import Batch
from diagramkit.batch.jobs import StagedOutput
from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError
from tests.support.command_line import MERMAID
from tests.support.project import ROOT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="creating links needs special rights on Windows")

CATALOG = f"# Patterns\n\n## Shop\n\n```mermaid\n{MERMAID}```\n"
TEMPLATE = "Resources:\n  Orders: {Type: AWS::Lambda::Function}\n"
ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8H0z"/></svg>'


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the current folder a project, next to a folder outside of it. Return that folder, which has some files."""
    project, folder = tmp_path / "project", tmp_path / "outside"
    (project / "specs" / "sub").mkdir(parents=True)
    (project / ".git").mkdir()
    (project / "pack").mkdir()
    folder.mkdir()
    for path, text in {
        project / "specs/a.mmd": MERMAID,
        project / "specs/sub/b.mmd": MERMAID,
        project / "catalog.md": CATALOG,
        project / "doc.md": CATALOG,
        project / "t.yaml": TEMPLATE,
        project / "pack/a.svg": ICON,
        project / "fix.mmd": "graph LR\n  A[a (b)] --> B\n",
        folder / "mine.txt": "mine",
        folder / "index.html": "mine",
        folder / "a.svg": "mine",
        folder / "fix.mmd": "graph LR\n  A[a (b)] --> B\n",
    }.items():
        path.write_text(text, "utf-8")
    monkeypatch.chdir(project)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Return all files in a folder, with those that begin with a dot."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def link(path: str, target: Path) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).symlink_to(os.path.relpath(target, Path(path).parent))


COMMANDS = {
    "render": (["render", "-f", "svg"], "output"),
    "render in workers": (["render", "-f", "svg", "--jobs", "2"], "output"),
    "render in a subfolder": (["render", "-f", "svg"], "output/sub"),
    "render --gallery": (["render", "-f", "svg", "--gallery"], "output"),
    "render below a link": (["render", "-f", "svg", "--gallery"], "output/sub"),
    "gallery": (["gallery"], "output"),
    "wiki": (["wiki", "specs/a.mmd", "--to", "github"], "output"),
    "embed": (["embed", "doc.md"], "diagrams"),
    "embed in a subfolder": (["embed", "doc.md", "--pictures", "pictures/deep"], "pictures"),
    "import": (["import", "catalog.md"], "specs/shop"),
    "import to a link": (["import", "catalog.md", "--force"], "specs"),
    "import of a template": (["import", "t.yaml"], "specs"),
    "import of its stacks": (["import", "t.yaml", "--split", "stack"], "specs/t"),
    "record of an import": (["import", "t.yaml"], ".diagramkit"),
    "folder of records": (["import", "t.yaml"], ".diagramkit/import/specs"),
    "reports": (["render", "-f", "report"], "output"),
    "icons add": (["icons", "add", "pack", "--in-project"], "icons"),
    "skill": (["skill"], ".claude/skills"),
    "new": (["new", "sub/first"], "sub"),
}


@pytest.mark.parametrize(("command", "path"), COMMANDS.values(), ids=COMMANDS)
def test_a_folder_that_is_a_link_out_of_the_project_is_not_written(
    outside: Path, command: list[str], path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(outside)
    if path == "specs":
        os.rename("specs", "others")
    link(path, outside)
    assert main(command) == 2
    assert f"{path}:1:1: error[outside]: is a link that leads out of the" in capsys.readouterr().err
    assert contents(outside) == before


FILES = {
    "index.html": (["gallery"], "output/index.html"),
    "README.md": (["gallery"], "output/README.md"),
    "picture": (["render", "-f", "svg"], "output/a.svg"),
    "manifest": (["render", "-f", "svg"], "output/.diagramkit.json"),
    "picture of a wiki": (["wiki", "specs/a.mmd", "--to", "github"], "output/a.svg"),
    "deck": (["deck"], "patterns.pptx"),
    "record": (["embed", "doc.md"], "diagrams/.diagramkit-embed.json"),
    "picture of a document": (["embed", "doc.md"], "diagrams/doc-1.svg"),
    "index": (["import", "catalog.md"], "specs/catalogue.yaml"),
    "settings": (["icons", "add", "pack", "--in-project"], "diagramkit.toml"),
    "spec of a template": (["import", "t.yaml"], "specs/t.yaml"),
    "record of a template": (["import", "t.yaml"], ".diagramkit/import/specs/t.yaml"),
    "report": (["render", "-f", "report"], "output/a.report.json"),
    "skill": (["skill", "--force"], ".claude/skills/diagramkit/SKILL.md"),
}


@pytest.mark.parametrize(("command", "path"), FILES.values(), ids=FILES)
@pytest.mark.parametrize("exists", [True, False], ids=["existing", "dangling"])
def test_a_file_that_is_a_link_out_of_the_project_is_not_written(
    outside: Path, command: list[str], path: str, exists: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    target = outside / "target"
    if exists:
        target.write_text("contents: []\n" if path.endswith(".yaml") else "", "utf-8")
    before = contents(outside)
    link(path, target)
    assert main(command) == 2
    assert f"{path}:1:1: error[outside]: is a link that leads out of the project; remove it" in capsys.readouterr().err
    assert contents(outside) == before
    assert Path(path).is_symlink()


@pytest.mark.parametrize(
    ("command", "written"),
    [
        (["render", "-f", "svg", "-o", "link"], "a.svg"),
        (["render", "specs/a.mmd", "-o", "link/one.svg"], "one.svg"),
        (["render", "-f", "svg", "--gallery", "-o", "link"], "README.md"),
        (["gallery", "-o", "link"], "README.md"),
        (["wiki", "specs/a.mmd", "--to", "github", "-o", "link"], "a.svg"),
        (["deck", "-o", "link/a.pptx"], "a.pptx"),
        (["export", "specs/a.mmd", "-o", "link/a.drawio"], "a.drawio"),
        (["import", "catalog.md", "-o", "link"], "catalogue.yaml"),
        (["import", "t.yaml", "-o", "link"], "t.yaml"),
        (["render", "specs/a.mmd", "-o", "x.svg", "--report", "link/report.json"], "report.json"),
        (["skill", "-o", "link"], "diagramkit/SKILL.md"),
        (["icons", "lambda", "--sheet", "link/sheet.html"], "sheet.html"),
        (["render", "-f", "svg", "--summary", "link/summary.md"], "summary.md"),
        (["render", "-f", "svg", "--check", "--diff", "link"], "a.after.png"),
        (["check", "--fix", "link/fix.mmd"], "fix.mmd"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_a_location_that_the_command_line_names_is_written_even_through_a_link(
    outside: Path, command: list[str], written: str
) -> None:
    before = contents(outside)
    link("link", outside)
    assert main(command) in (0, 1)
    after = contents(outside)
    assert after.get(written) != before.get(written)
    assert after["mine.txt"] == b"mine"


def test_the_default_folder_counts_as_named_if_the_command_line_repeats_it(outside: Path) -> None:
    link("output", outside)
    assert main(["render", "-f", "svg"]) == 2
    assert main(["render", "-f", "svg", "-o", "output"]) == 0
    assert (outside / "sub/b.svg").exists()


def test_documents_at_a_named_location_get_their_pictures_there(outside: Path) -> None:
    (outside / "doc.md").write_text(CATALOG, "utf-8")
    link("link", outside)
    assert main(["embed", "link"]) == 0
    assert (outside / "diagrams/doc-1.svg").exists()


def test_a_link_within_a_named_location_does_not_lead_out_of_it(outside: Path, tmp_path: Path) -> None:
    (tmp_path / "third").mkdir()
    (outside / "sub").symlink_to(tmp_path / "third")
    assert main(["render", "-f", "svg", "-o", str(outside)]) == 2
    assert contents(tmp_path / "third") == {}


def test_a_named_link_keeps_its_place_and_its_target_is_written(outside: Path) -> None:
    link("deck.svg", outside / "a.svg")
    assert main(["render", "specs/a.mmd", "-o", "deck.svg"]) == 0
    assert Path("deck.svg").is_symlink()
    assert (outside / "a.svg").read_bytes().startswith(b"<svg")


def test_a_link_within_the_project_is_followed(outside: Path) -> None:
    Path("pictures").mkdir()
    link("output", Path("pictures"))
    assert main(["render", "-f", "svg", "--gallery"]) == 0
    assert {"a.svg", "index.html"} <= set(contents(Path("pictures")))


def test_prune_removes_nothing_behind_a_link(outside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A manifest can be forged: it names a file by the path of a link, with the right digest."""
    for target in (outside, Path("specs")):
        (target / "gone.svg").write_text("mine", "utf-8")
        Path("output/sub").unlink(missing_ok=True)
        link("output/sub", target)
        assert main(["render", "specs/a.mmd", "-f", "svg"]) == 0
        manifest = json.loads(Path("output/.diagramkit.json").read_text("utf-8"))
        digest = hashlib.sha256(b"mine").hexdigest()
        manifest["sources"]["gone.mmd"] = {"digest": "", "key": "", "pictures": {"sub/gone": {"svg": digest}}}
        Path("output/.diagramkit.json").write_text(json.dumps(manifest), "utf-8")
        capsys.readouterr()
        assert main(["render", "specs/a.mmd", "-f", "svg", "--prune"]) == 2
        assert "output/sub:1:1: error[outside]" in capsys.readouterr().err
        assert (target / "gone.svg").read_text("utf-8") == "mine"


def test_embed_removes_nothing_behind_a_link(outside: Path) -> None:
    record = {"format": 1, "shown": {"../doc.md": {"a.svg": hashlib.sha256(b"mine").hexdigest()}}}
    (outside / ".diagramkit-embed.json").write_text(json.dumps(record), "utf-8")
    link("diagrams", outside)
    Path("doc.md").write_text("No diagram.\n", "utf-8")
    before = contents(outside)
    main(["embed", "doc.md"])
    assert contents(outside) == before


def test_leftover_files_behind_a_link_are_not_removed(outside: Path) -> None:
    leftover = outside / ".diagramkit-01234567"
    leftover.write_text("mine", "utf-8")
    os.utime(leftover, (0, 0))
    with write_scope.limited(os.getcwd):
        link("output/sub", outside)
        files.sweep(["output/sub"], "0123abcd")
    assert leftover.exists()
    files.sweep(["output/sub"], "0123abcd")  # A program that uses the Python API chooses its paths itself.
    assert not leftover.exists()


def test_diff_copies_no_picture_from_outside_of_the_project(outside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """CI publishes the pictures of differences."""
    link("output/a.svg", outside / "a.svg")
    assert main(["render", "specs/a.mmd", "-f", "svg", "--check", "--diff", "differences"]) == 2
    assert "output/a.svg:1:1: error[outside]: is a link that leads out of the project" in capsys.readouterr().err
    assert not Path("differences").exists()


def test_no_manifest_of_a_shard_is_removed_behind_a_link(outside: Path) -> None:
    shard = outside / ".diagramkit.1-of-2.json"
    shard.write_text('{"format": 2, "sources": {}}', "utf-8")
    link("output", outside)
    assert main(["render", "-f", "svg"]) == 2
    assert shard.exists()


def test_workers_get_the_real_folder(outside: Path) -> None:
    """A worker that is started from scratch does not know the scope of the command."""
    from diagramkit.options import Options

    link("output", Path("specs"))
    with write_scope.limited(os.getcwd):
        staging = Batch([], "output", ("svg",), Options()).staging()
    assert isinstance(staging, StagedOutput)
    assert staging.path == os.path.realpath("specs")


@pytest.mark.parametrize("write", [lambda path: files.write(path, b"x"), lambda path: files.write_folder(path, {})])
def test_links_in_a_circle_are_reported(outside: Path, write: Callable[[str], object]) -> None:
    Path("loop").symlink_to("loop")
    with write_scope.limited(os.getcwd), pytest.raises(DiagramError, match="unwritable"):
        write("loop/x")


def test_the_project_of_the_settings_and_not_a_folder_above_it_is_the_limit(outside: Path) -> None:
    """A project within a repository: its settings end it."""
    Path("part/specs").mkdir(parents=True)
    Path("part/specs/a.mmd").write_text(MERMAID, "utf-8")
    Path("part/diagramkit.toml").write_text('output = "pictures"\n', "utf-8")
    link("part/pictures", Path("pack"))
    os.chdir("part")
    assert main(["render", "-f", "svg"]) == 2
    Path("pictures").unlink()
    Path("specs/deep").mkdir()
    os.chdir("specs/deep")
    assert main(["render", "..", "-f", "svg"]) == 0
    assert Path("../../pictures/a.svg").exists()


def test_a_device_or_pipe_is_not_replaced_with_a_file(outside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo("pipe.svg")
    assert main(["render", "specs/a.mmd", "-o", "pipe.svg"]) == 2
    assert "pipe.svg:1:1: error[unwritable]: is not a regular file; choose another path" in capsys.readouterr().err
    assert Path("pipe.svg").is_fifo()


def test_the_root_of_the_project_is_resolved_once(outside: Path) -> None:
    """A link that replaces the root while a command runs does not move the limit."""
    Path("alias").symlink_to("specs")
    roots = iter(["alias"])
    with write_scope.limited(lambda: next(roots)):
        assert write_scope.resolve("alias/a.svg") == os.path.realpath("specs/a.svg")
        assert write_scope.resolve("specs/b.svg") == os.path.realpath("specs/b.svg")
        with pytest.raises(DiagramError, match="outside"):
            write_scope.resolve("a.svg")


@pytest.mark.parametrize("path", ["../outside/x", "../outside", "..", "../project-2/x", "/x"])
def test_a_path_out_of_the_project_is_rejected_without_any_link(outside: Path, path: str) -> None:
    with write_scope.limited(os.getcwd), pytest.raises(DiagramError) as error:
        write_scope.resolve(path)
    assert str(error.value) == (
        f"{path}:1:1: error[outside]: is outside of the project; name the location on the command line to write there"
    )


def test_only_what_is_named_is_allowed_and_only_as_long_as_the_command_runs(outside: Path) -> None:
    write_scope.allow(str(outside))  # Without a limit, there is nothing to allow.
    with write_scope.limited(os.getcwd, [str(outside / "mine.txt")]):
        assert write_scope.resolve(str(outside / "mine.txt")) == str(outside / "mine.txt")
        with pytest.raises(DiagramError, match="outside"):
            write_scope.resolve(str(outside / "mine.txt2"))
        with pytest.raises(DiagramError, match="outside"):
            write_scope.resolve(str(outside))
    with write_scope.limited(os.getcwd), pytest.raises(DiagramError, match="outside"):
        write_scope.resolve(str(outside / "mine.txt"))


def test_the_message_names_the_link_that_leads_out(outside: Path) -> None:
    Path("inner").symlink_to("specs")
    link("inner/out", outside)
    with (
        write_scope.limited(os.getcwd),
        pytest.raises(DiagramError, match=r"^inner/out:1:1: error\[outside\]: is a link"),
    ):
        write_scope.resolve("inner/out/x.svg")


def test_of_a_link_the_link_is_removed(outside: Path) -> None:
    link("specs/a.svg", outside / "a.svg")
    link("sub", outside)
    with write_scope.limited(os.getcwd):
        files.remove("specs/a.svg")
        for path in ("sub/a.svg", "../outside/a.svg"):
            with pytest.raises(DiagramError, match="outside"):
                files.remove(path)
    assert not Path("specs/a.svg").is_symlink()
    assert (outside / "a.svg").exists()


def test_case_does_not_matter_where_the_system_ignores_it(outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "normcase", str.lower)
    with write_scope.limited(lambda: os.path.realpath("specs").upper()):
        assert write_scope.resolve("Specs/A.svg") == os.path.realpath("Specs/A.svg")


# No other module writes

WRITING = {
    *("mkdir", "makedirs", "mkfifo", "mknod", "touch", "write_text", "write_bytes", "FileIO"),
    *("symlink", "symlink_to", "hardlink_to", "truncate", "ftruncate"),
    *("rename", "renames", "unlink", "rmdir", "removedirs", "rmtree", "copytree", "copyfile", "copy2"),
    *("mkstemp", "mkdtemp", "TemporaryDirectory", "NamedTemporaryFile"),
}
"""Names of functions that write or remove, whatever they are called on."""
WRITING_IN_MODULE = {"os.replace", "os.remove", "os.link", "os.write", "os.open", "shutil.copy", "shutil.move"}
"""Functions whose names harmless functions have too."""
WRITING_MODULES = {
    "files.py": {"makedirs", "os.replace", "unlink"},
    "atomic_write.py": {
        *("mkdir", "write_bytes", "os.replace", "unlink", "mkstemp", "TemporaryDirectory", "os.open", "os.fdopen"),
    },
    # The cache of the user.
    "cache.py": {"mkdir", "unlink"},
    "layout/dot_reports.py": {"unlink", "FileIO", "truncate"},
    # Temporary folders of the system.
    "batch/cluster.py": {"mkdir", "write_bytes", "TemporaryDirectory"},
    "icons/packs/fetch.py": {"TemporaryDirectory"},
    # The null device, standard streams that were closed, and a pipe.
    "cli/__init__.py": {"os.open", "open"},
    "cli/console.py": {"os.open"},
    "batch/isolated.py": {"os.fdopen"},
    "batch/workers.py": {"os.open"},
}
"""The only modules that write, and the functions with which they do it. Only `files` writes the files of users."""


def writing_calls(path: Path) -> set[str]:
    """Return the functions that a module calls to write or remove files."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            text = ast.unparse(node.func)
            name = text.rpartition(".")[2]
            if text in WRITING_IN_MODULE or (name in ("open", "fdopen") and _opens_to_write(node)):
                found.add(text)
            elif name in WRITING:
                found.add(name)
    return found


def _opens_to_write(call: ast.Call) -> bool:
    arguments = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
    modes = [node.value for node in arguments if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return any(set("wax+") & set(mode) and set(mode) <= set("rwaxbt+") for mode in modes)


def test_no_module_but_files_writes_or_removes_files_of_users() -> None:
    package = ROOT / "diagramkit"
    found = {path.relative_to(package).as_posix(): writing_calls(path) for path in sorted(package.rglob("*.py"))}
    assert {name: calls for name, calls in found.items() if calls} == WRITING_MODULES


@pytest.mark.parametrize(
    "code",
    [
        "Path(x).write_text('')",
        "open(x, 'w')",
        "open(x, mode='ab')",
        "os.remove(x)",
        "shutil.rmtree(x)",
        "Path(x).open('x')",
        "os.replace(a, b)",
        "shutil.move(a, b)",
        "p.rename(q)",
        "tempfile.mkdtemp()",
    ],
)
def test_the_search_finds_calls_that_write(tmp_path: Path, code: str) -> None:
    (tmp_path / "a.py").write_text(code, "utf-8")
    assert writing_calls(tmp_path / "a.py")


def test_the_outermost_link_that_leads_out_is_named(outside: Path) -> None:
    """It is the one in the project, which the user can remove."""
    (outside / "inner").symlink_to(outside / "target")
    (outside / "target").mkdir()
    Path("link").symlink_to(outside)
    with write_scope.limited(lambda: "."), pytest.raises(DiagramError) as error:
        write_scope.resolve("link/inner/a.svg")
    (problem,) = error.value.problems
    assert problem.span.file == "link"
    assert isinstance(problem.span.file, str)
