"""One source that cannot be read costs only itself, in every command, whatever exception it causes."""

from __future__ import annotations

import io
import pickle
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from diagramkit import pipeline, sources
from diagramkit.cli import main
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, exit_code, problems_of
from diagramkit.options import Options
from diagramkit.serve.live_project import LiveProject
from diagramkit.sources import yamltree

GOOD = "graph LR\n  A[Lambda] --> B[S3]\n"
GOOD_SPEC = "title: Good\nnodes: {a: Lambda, b: S3}\nedges: [a --> b]\n"

# Values that PyYAML rejects in one way or another, each with an exception of another type.
BAD_VALUES = (
    "2024-13-45",
    "2024-02-30 10:00:00",
    "!!timestamp x",
    "!!int ''",
    "!!int '-'",
    "!!int x",
    "!!float ''",
    "!!float x",
    "!!bool maybe",
    "!!binary 'é'",
    "!!binary abcde",
    "!!python/object:os.system x",
    "!unknown x",
    "9" * 5000,
    "0x" + "f" * 5000,
    "0b" + "1" * 5000,
)
# Where a value can be in front matter, and in a spec.
FRONT_MATTER = ("title: VALUE\n", "title: T\ndate: VALUE\n", "tags: [a, VALUE]\n", "a:\n  b: {c: VALUE}\n", "- VALUE\n")
SPEC_PLACES = (
    GOOD_SPEC.replace("Good", "VALUE"),
    GOOD_SPEC + "notes: VALUE\n",
    GOOD_SPEC + "components: [x, VALUE]\n",
    GOOD_SPEC.replace("S3", "{label: VALUE}"),
)

COMMANDS: dict[str, tuple[str, ...]] = {
    "render": ("render", "in", "-f", "svg", "-o", "out"),
    "render with workers": ("render", "in", "-f", "svg", "-o", "out", "--jobs", "2"),
    "check": ("check", "in"),
    "check with fixes": ("check", "in", "--fix"),
    "show": ("show", "in"),
    "show as JSON": ("show", "in", "--json"),
    "deck": ("deck", "in", "-o", "out.pptx"),
    "gallery": ("gallery", "in", "-o", "out"),
    "export": ("export", "in", "--to", "drawio", "-o", "out.drawio"),
}


def bad_sources() -> list[tuple[str, str]]:
    """Return the names and texts of sources with a bad value, one for each value and place."""
    result = []
    for value in BAD_VALUES:
        result += [("b.mmd", f"---\n{place.replace('VALUE', value)}---\n{GOOD}") for place in FRONT_MATTER]
        result += [
            ("b.md", f"# T\n\n```mermaid\n---\n{place.replace('VALUE', value)}---\n{GOOD}```\n")
            for place in FRONT_MATTER
        ]
        result += [("b.yaml", place.replace("VALUE", value)) for place in SPEC_PLACES]
        result += [("b.yaml", f"title: T\ndiagram: |\n  ---\n  date: {value}\n  ---\n  graph LR\n    A --> B\n")]
    return result


BAD_SOURCES = bad_sources()


def write_project(name: str, text: str) -> None:
    """Write a bad source and two good ones to the folder `in`, one before it and one behind it."""
    folder = Path("in")
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    (folder / "a.mmd").write_text(GOOD, "utf-8")
    (folder / "c.yaml").write_text(GOOD_SPEC, "utf-8")
    (folder / name).write_text(text, "utf-8")


def check_run(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Run a command on the folder `in`; it must report an error in the file `b`, and process both others."""
    assert main(list(COMMANDS[command])) == 2
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    errors = [line for line in captured.err.split("\n") if ": error[" in line]
    assert errors
    assert all(Path(line.partition(":")[0]).stem == "b" and "error[internal]" not in line for line in errors)
    if command.startswith("render"):
        assert {path.name for path in Path("out").glob("*.svg")} == {"a.svg", "c.svg"}
    if command.startswith("show"):
        assert captured.out.count("Lambda") >= 2
    if command == "export":
        assert Path("out.drawio").read_text("utf-8").count("<diagram ") == 2


@pytest.mark.parametrize(("name", "text"), BAD_SOURCES, ids=range(len(BAD_SOURCES)))
def test_a_value_that_yaml_rejects_is_one_error_with_a_position(name: str, text: str) -> None:
    Path(name).write_text(text, "utf-8")
    (problem,) = sources.load(sources.find([name])[0]).problems
    assert problem.severity == "error"
    assert problem.code in ("front-matter", "yaml-value", "yaml-syntax"), problem
    value = next(value for value in BAD_VALUES if value in text)
    assert value[:30] in text.split("\n")[problem.span.line - 1]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("number", [0, 5, 12, 15, 27, 38, 55, 90])
def test_the_other_sources_are_processed(command: str, number: int, capsys: pytest.CaptureFixture[str]) -> None:
    write_project(*BAD_SOURCES[number])
    check_run(command, capsys)


@pytest.mark.slow
@pytest.mark.parametrize("command", [command for command in COMMANDS if "workers" not in command])
def test_every_bad_value_in_every_place_costs_only_its_source(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in BAD_SOURCES:
        write_project(name, text)
        check_run(command, capsys)


@pytest.mark.parametrize(
    "error", [ValueError("x"), RecursionError(), KeyError(), OSError(5, "bad disk"), MemoryError()]
)
@pytest.mark.parametrize("command", [command for command in COMMANDS if "workers" not in command])
def test_an_unexpected_exception_costs_only_its_source(
    command: str, error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_project("b.mmd", GOOD)
    read_text = sources.read_text

    def failing_read(path: str) -> str:
        if Path(path).stem == "b":
            raise error
        return read_text(path)

    monkeypatch.setattr(sources, "read_text", failing_read)
    assert main(list(COMMANDS[command])) == 2
    captured = capsys.readouterr()
    errors = [line for line in captured.err.split("\n") if ": error[" in line]
    assert [Path(line.partition(":")[0]).name for line in errors] == ["b.mmd"]
    if command.startswith("render"):
        assert {path.name for path in Path("out").glob("*.svg")} == {"a.svg", "c.svg"}


@pytest.mark.parametrize("command", ["render", "check", "show", "deck", "gallery", "export"])
def test_an_index_that_is_not_yaml_costs_only_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_project("catalogue.yaml", "contents: [\n")
    assert main(list(COMMANDS[command])) == 2
    errors = [line for line in capsys.readouterr().err.split("\n") if ": error[" in line]
    assert [line.partition(": error")[2][:13] for line in errors] == ["[yaml-syntax]"]
    if command == "render":
        assert {path.name for path in Path("out").glob("*.svg")} == {"a.svg", "c.svg"}


def test_embed_processes_the_other_files(capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in (("a", GOOD), ("b", f"---\ndate: 2024-13-45\n---\n{GOOD}"), ("c", GOOD)):
        Path(f"{name}.md").write_text(f"```mermaid\n{text}```\n", "utf-8")
    assert main(["embed", "a.md", "b.md", "c.md"]) == 2
    assert "b.md:3:1: error[front-matter]" in capsys.readouterr().err
    assert sorted(path.name for path in Path("diagrams").glob("*.svg")) == ["a-1.svg", "c-1.svg"]


@pytest.mark.parametrize("command", [["wiki", "b.mmd", "--to", "github"], ["export", "b.mmd"], ["export", "-"]])
def test_a_command_with_one_source_reports_it(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"---\ndate: 2024-13-45\n---\n{GOOD}"
    Path("b.mmd").write_text(text, "utf-8")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert main(command) == 2
    assert ":2:1: error[front-matter]" in capsys.readouterr().err


def test_an_unexpected_exception_in_a_command_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> object:
        raise ZeroDivisionError("a\nb")

    Path("a.mmd").write_text(GOOD, "utf-8")
    monkeypatch.setattr(sources, "find", fail)
    assert main(["show", "a.mmd"]) == 2
    (line,) = capsys.readouterr().err.strip().split("\n")
    assert line.startswith("diagramkit:1:1: error[internal]: diagramkit failed here: ZeroDivisionError: a b (test_")


def test_the_live_project_keeps_running(monkeypatch: pytest.MonkeyPatch) -> None:
    write_project("b.mmd", GOOD)
    project = LiveProject(["in"], Path(), Options(), "T")
    project.refresh()
    assert [*project.state.entries] == ["a", "b", "c"]
    for name, text in BAD_SOURCES[::17]:
        write_project(name, text)
        project.refresh()
        assert {"a", "c"} <= set(project.state.entries)
        assert [*project.state.problems] == [str(Path("in", name))]
    monkeypatch.setattr(pipeline, "render", lambda *_: 1 / 0)
    write_project("b.mmd", GOOD.replace("S3", "S4"))
    project.refresh()
    (problem,) = project.state.problems[str(Path("in/b.mmd"))]
    assert problem.code == "internal"
    assert {"a", "c"} <= set(project.state.entries)


def test_exit_codes_tell_findings_from_sources_that_cannot_be_read() -> None:
    span = Span("a.mmd")
    error, finding = Diagnostic("mermaid-syntax", "x", span), Diagnostic("stale-output", "x", span)
    note, warning = replace(error, severity="note"), replace(error, severity="warning")
    assert exit_code([]) == 0
    assert exit_code([note, warning]) == 0
    assert exit_code([note]) == exit_code([warning]) == 0
    assert exit_code([note], strict=True) == exit_code([warning], strict=True) == 1
    assert exit_code([finding, warning]) == 1
    assert exit_code([finding, error]) == exit_code([error], strict=True) == 2


def test_an_error_has_a_line_for_each_problem_and_survives_being_sent_to_another_process() -> None:
    one, two = Diagnostic("a", "x", Span("f", 1, 2)), Diagnostic("b", "y", Span("f", 3, 4), "note")
    assert DiagramError(one).problems == (one,)
    error = DiagramError([one, two])
    assert str(error) == "f:1:2: error[a]: x\nf:3:4: note[b]: y"
    received = pickle.loads(pickle.dumps(error))
    assert (type(received), received.problems, str(received)) == (DiagramError, (one, two), str(error))


def test_an_error_of_the_system_names_its_file() -> None:
    (problem,) = problems_of(PermissionError(13, "Permission denied", "x.png"), Span("a.mmd"))
    assert str(problem) == "x.png:1:1: error[system]: operating system error: permission denied"


@pytest.mark.parametrize("text", ["&a [*a]", "a: &a {b: *a}"])
def test_yaml_that_contains_itself_is_an_error(text: str) -> None:
    for read in (yamltree.load, yamltree.parse_front_matter):
        with pytest.raises(DiagramError, match="yaml-alias"):
            read(text, "s.yaml")
