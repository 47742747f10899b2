"""What is read in a folder: never the output of earlier runs, files of other programs, or what is excluded."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from diagramkit import cli, sources
from diagramkit.diagnostics import DiagramError
from diagramkit.sources import folders

MERMAID = "graph LR\n  A[ALB] --> B[RDS]\n"


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(*paths: str) -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(MERMAID)


def found(source: str = ".") -> list[str]:
    return [file.path.removeprefix("./") for file in sources.find([source])]


def tree() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in Path().rglob("*") if path.is_file()}


def test_a_second_run_over_the_same_folder_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    write("shop.mmd", "docs/a.mmd")
    for output in ("output", "docs/pictures", "."):
        assert cli.main(["render", ".", "-o", output]) == 0
        before = tree()
        capsys.readouterr()
        assert cli.main(["render", ".", "-o", output]) == 0
        assert tree() == before
        assert "wrote" not in capsys.readouterr().out
    assert found() == ["docs/a.mmd", "shop.mmd"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["-o", "docs/pictures"],
        ["--theme", "light,dark"],
        *(["-f", f"mermaid,{picture}"] for picture in ("png", "svg", "pdf", "webp")),
    ],
)
def test_output_that_was_committed_without_its_manifest_is_not_a_source(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Otherwise the pictures of a clone would be drawn again, one folder deeper."""
    write("shop.mmd", "docs/a.mmd", "output/hand-written.mmd", "docs/pictures/hand-written.mmd")
    assert cli.main(["render", ".", *arguments]) == 0
    assert capsys.readouterr().out.count("hand-written: wrote") == 2 * (1 + ("--theme" in arguments))
    before = tree().keys()
    for _ in range(2):
        for manifest in Path().rglob(".diagramkit.json"):
            manifest.unlink()
        assert cli.main(["render", ".", *arguments]) == 0
        assert tree().keys() == before


@pytest.mark.parametrize(("settings", "output"), [("", "output"), ('output = "docs/pictures"', "docs/pictures")])
def test_no_command_reads_mermaid_beside_its_picture_in_the_output_folder(settings: str, output: str) -> None:
    Path("diagramkit.toml").write_text(settings)
    write("a.mmd", "docs/a.mmd", "docs/a.svg", f"{output}/a.svg", f"{output}/a.formatted.mmd", f"{output}/a.mmd")
    assert found() == ["a.mmd", "docs/a.mmd"]


def test_only_mermaid_counts_as_output_because_of_the_picture_beside_it() -> None:
    """What people wrote into the output folder is still drawn."""
    write("output/a.svg", "output/b.mmd")
    Path("output/a.yaml").write_text("title: A\nnodes: {a: ALB}\n")
    Path("output/a.md").write_text(f"```mermaid\n{MERMAID}```\n")
    assert found() == ["output/a.md", "output/a.yaml", "output/b.mmd"]


def test_sources_are_found_although_the_setting_for_the_output_folder_is_invalid() -> None:
    """`render` reports it; nothing else depends on it."""
    write("a.mmd", "output/a.mmd")
    Path("diagramkit.toml").write_text("output = 3\n")
    assert found() == ["a.mmd", "output/a.mmd"]


def test_an_output_folder_that_is_named_is_searched() -> None:
    write("a.mmd", "team/b.mmd")
    assert cli.main(["render", "."]) == 0
    for manifest in Path("output").rglob(".diagramkit.json"):
        manifest.unlink()
    assert found() == ["a.mmd", "team/b.mmd"]
    assert found("output") == ["output/a.mmd", "output/team/b.mmd"]
    assert found("output/team") == ["output/team/b.mmd"]


def test_output_of_shards_is_not_a_source() -> None:
    write("a.mmd", "b.mmd")
    for shard in ("1/2", "2/2"):
        assert cli.main(["render", ".", "--shard", shard, "-f", "mermaid,svg", "-o", "."]) == 0
    assert len([*Path().glob("*.formatted.mmd")]) == 2
    assert found() == ["a.mmd", "b.mmd"]


def test_output_in_a_format_that_is_no_longer_written_is_not_a_source() -> None:
    write("a.mmd")
    for formats, label in (("mermaid,svg", "EC2"), ("svg", "S3"), ("svg", "SQS")):
        assert cli.main(["render", ".", "-f", formats, "-o", "."]) == 0
        assert Path("a.formatted.mmd").exists()
        assert found() == ["a.mmd"]
        Path("a.mmd").write_text(MERMAID.replace("RDS", label))  # What is drawn next is of another state of the source.


def test_a_source_that_is_drawn_beside_itself_stays_a_source() -> None:
    write("docs/a.mmd")
    assert cli.main(["render", "docs", "-o", "docs"]) == 0
    assert found("docs") == ["docs/a.mmd"]


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", '{"sources": 1}', '{"sources": {"a": {"pictures": [1]}}}'),
        *("[" * 5000, '{"other": ' + "[" * 5000 + "]" * 5000 + "}"),
    ],
)
def test_a_damaged_manifest_excludes_nothing(text: str) -> None:
    write("a.mmd")
    Path(".diagramkit.json").write_text(text)
    assert found() == ["a.mmd"]


@pytest.mark.parametrize("name", ["data.json", ".diagramkit.txt", "a.diagramkit.json", ".diagramkit-x.json"])
def test_a_file_that_is_no_manifest_excludes_nothing(name: str) -> None:
    write("a.mmd")
    listed = '{"sources": {"x": {"pictures": {"a": {"mmd": "0"}}}}}'
    Path(name).write_text(listed)
    assert found() == ["a.mmd"]
    write("b.mmd")
    Path(".diagramkit.json").write_text(listed)
    assert found() == ["b.mmd"]


def test_a_manifest_that_cannot_be_read_excludes_nothing() -> None:
    write("a.mmd")
    Path(".diagramkit.json").symlink_to("missing.json")
    assert found() == ["a.mmd"]


@pytest.mark.parametrize(
    "text",
    [
        "site_name: Docs\nnav: []\n",
        "services:\n  web: nginx\n",
        "title: Blog\ndescription: A blog\n",
        "{{- if .Values.enabled }}\nkind: Service\n{{- end }}\n",
        "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n- role: worker\n",
        "openapi: 3.0.0\ninfo:\n  title: API\n  diagram: no\n",
        "- hosts: all\n",
    ],
)
def test_yaml_of_other_programs_is_left_alone(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    write("shop.mmd")
    Path("other.yaml").write_text(text)
    assert cli.main(["render", "."]) == 0
    assert "other.yaml:1:1: note[not-a-source]" in capsys.readouterr().err
    assert cli.main(["check", "other.yaml"]) == 2, "a file that is named must be a source"


@pytest.mark.parametrize(
    "text",
    ["services:\n  web: {image: nginx}\n", "kind: Pod\napiVersion: v1\nspec: {containers: [{image: nginx}]}\n"],
)
def test_infrastructure_in_folders_is_left_alone_but_drawn_if_it_is_named(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write("shop.mmd")
    Path("other.yaml").write_text(text)
    assert cli.main(["render", "."]) == 0
    assert "other.yaml:1:1: note[not-a-source]" in capsys.readouterr().err
    assert cli.main(["check", "other.yaml"]) == 0


@pytest.mark.parametrize(
    "text", ["title: T\ndiagrm: |\n  graph LR\n", "title: T\nnode: {a: ALB}\n", "nodes: {a: ALB}\n"]
)
def test_a_spec_with_a_mistake_in_its_keys_is_reported(text: str) -> None:
    write("shop.mmd")
    Path("spec.yaml").write_text(text)
    assert cli.main(["check", "."]) == 2


def test_gitignore_means_what_git_says() -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    write("a.mmd", "drafts/a.mmd", "build/a.mmd", "docs/a.mmd", "docs/b.mmd", "docs/deep/c.mmd", "x/y/keep.mmd")
    lines = ("# \xe9", "!", "/build/", "drafts/", "!drafts/a.mmd", "**/deep", "x/y/*", "!x/y/keep.mmd")
    Path(".gitignore").write_text("\n".join(lines), "latin-1")
    Path("docs/.gitignore").write_text("b.mmd\n")
    command = ["git", "ls-files", "--others", "--exclude-standard", "*.mmd"]
    expected = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert found() == sorted(expected) == ["a.mmd", "docs/a.mmd", "x/y/keep.mmd"]
    assert found("docs") == ["docs/a.mmd"]
    assert found("build") == ["build/a.mmd"], "a folder that is named is read although git ignores it"


def test_files_of_git_above_the_repository_exclude_nothing() -> None:
    """Otherwise a file in the user's folder would change what a project draws."""
    write("repository/.git/x", "repository/docs/a.mmd", "repository/docs/b.mmd", "folder/docs/a.mmd")
    Path(".gitignore").write_text("*.mmd\n")
    Path("repository/.gitignore").write_text("b.mmd\n")
    assert found("repository/docs") == ["repository/docs/a.mmd"]
    Path("folder/.gitignore").write_text("*.mmd\n")
    assert found("folder/docs") == ["folder/docs/a.mmd"], "in no repository, only the files in a folder and below count"


def test_the_setting_exclude_leaves_out_files_and_folders(capsys: pytest.CaptureFixture[str]) -> None:
    write("a.mmd", "drafts/a.mmd", "docs/old-1.mmd", "docs/new.mmd")
    Path("diagramkit.toml").write_text('exclude = ["drafts/", "old-*"]\n')
    assert found() == ["a.mmd", "docs/new.mmd"]
    assert found("docs") == ["docs/new.mmd"]
    assert cli.main(["config"]) == 0
    assert 'exclude = ["drafts/", "old-*"]  # diagramkit.toml' in capsys.readouterr().out
    Path("diagramkit.toml").write_text('exclude = ["*", "!a.mmd"]\n')
    assert found() == ["a.mmd"], "patterns are about what is in the folder, not about itself"
    for value in ("3", '["drafts/", 3]'):
        Path("diagramkit.toml").write_text(f"exclude = {value}\n")
        with pytest.raises(DiagramError) as error:
            found()
        assert str(error.value).startswith(
            "diagramkit.toml:1:1: error[bad-config]: 'exclude': expected a string or a list of strings, such as"
        )


def test_without_sources_the_message_says_how_to_start(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("render", "check", "gallery"):
        assert cli.main([command]) == 2
        expected = "error[no-sources]: nothing to render here: name a file or folder, or run 'diagramkit new'"
        assert expected in capsys.readouterr().err


def test_many_files_of_other_programs_are_summed_up(capsys: pytest.CaptureFixture[str]) -> None:
    write("shop.mmd")
    for number in range(20):
        Path(f"deploy{number:02}.yaml").write_text("services: {}\n", "utf-8")
    assert cli.main(["render", "."]) == 0
    notes = capsys.readouterr().err.splitlines()
    assert len(notes) == 4
    assert notes[-1] == "17 more files without a diagram are skipped (see the setting 'exclude')"
    assert cli.main(["render", ".", "--verbose"]) == 0
    assert capsys.readouterr().err.count("[not-a-source]") == 20
    assert cli.main(["render", ".", "--output-format", "json"]) == 0
    assert capsys.readouterr().out.count("not-a-source") == 20


def test_a_file_without_a_diagram_is_a_mistake_if_it_is_named_after_its_folder(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write("specs/shop.mmd")
    Path("specs/other.yaml").write_text("services: {}\n", "utf-8")
    assert cli.main(["render", "specs"]) == 0
    assert "note[not-a-source]" in capsys.readouterr().err
    assert cli.main(["render", "specs/other.yaml"]) == 2
    assert "error[" in capsys.readouterr().err


def test_a_link_out_of_the_project_among_the_sources_is_an_error_and_one_within_it_is_followed(tmp_path: Path) -> None:
    write("project/.git/x", "project/specs/a.mmd", "project/shared/b.mmd", "other/c.mmd")
    Path("project/specs/b.mmd").symlink_to("../shared/b.mmd")
    assert found("project/specs") == ["project/specs/a.mmd", "project/specs/b.mmd"]
    Path("project/specs/c.mmd").symlink_to(tmp_path / "other/c.mmd")
    with pytest.raises(DiagramError) as error:
        sources.find(["project/specs"])
    (problem,) = error.value.problems
    assert (problem.code, problem.span.file) == ("outside", "project/specs/c.mmd")


def test_the_case_of_an_extension_does_not_matter_and_hidden_files_are_left_alone() -> None:
    write("A.MMD", "b.mmd", ".hidden.mmd", "c.txt")
    assert found() == ["A.MMD", "b.mmd"]


def test_only_a_path_below_the_root_of_the_project_is_within_it() -> None:
    write("project/.git/x", "project/specs/a.mmd", "project-twin/a.mmd")
    folder = Path("project/specs")
    for path, is_within in (
        ("project/specs/a.mmd", True),
        ("project/new.mmd", True),
        ("project", True),
        ("project-twin/a.mmd", False),
        ("project/../a.mmd", False),
        (".", False),
    ):
        assert folders.is_within_project(Path(path), folder) is is_within
    Path("project/up").symlink_to("..")
    assert not folders.is_within_project(Path("project/up/a.mmd"), folder)
    Path("way-in").symlink_to("project/specs")
    assert folders.is_within_project(Path("way-in/a.mmd"), folder)
    assert folders.is_within_project(Path("project/new.mmd"), Path("way-in"))
