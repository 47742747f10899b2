"""One bad fence or file costs one diagram: everything else is processed, the failure is reported, the code is 2."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import diagramkit
from diagramkit import sources
from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError
from diagramkit.options import Options
from diagramkit.serve.live_project import LiveProject
from diagramkit.sources import SourceFile
from tests.support.command_line import MERMAID


def fence(text: str) -> str:
    return f"```mermaid\n{text}```\n"


BAD_FENCES = {
    "syntax": "graph LR\n  A[S3 (x)] --> B[Lambda]\n",
    "keyword": "grph LR\n  A --> B\n",
    "front matter": "---\ntitle: [\n---\ngraph LR\n  A --> B\n",
    "invalid date": "---\ndate: 2024-13-45\n---\ngraph LR\n  A --> B\n",
    "nothing": "\n",
    "label that is too long": f"graph LR\n  A[{'x' * 6000}] --> B\n",
    "architecture": "architecture-beta\n  service a(server)[A] in none\n",
}
BAD_FILES: dict[str, tuple[str, bytes | None]] = {
    "Mermaid": ("bad.mmd", b"graph LR\n  A -> B\n"),
    "spec": ("bad.yaml", b"titel: T\nnodes: {a: b}\n"),
    "no UTF-8": ("bad.mmd", b"graph LR\n  A[\xe9]\n"),
    "Markdown": ("bad.md", fence(BAD_FENCES["syntax"]).encode()),
    "invalid date": ("bad.mmd", BAD_FENCES["invalid date"].encode()),
    "missing": ("missing.mmd", None),
    "format": ("bad.txt", b"x"),
}
PAGE = "# Page\n\n{good}\n{bad}\n{good}"


def page(bad: str) -> str:
    return PAGE.format(good=fence(MERMAID), bad=fence(bad))


@pytest.mark.parametrize("kind", BAD_FENCES)
def test_render_draws_the_other_fences(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("d.md").write_text(page(BAD_FENCES[kind]), "utf-8")
    for arguments in ((), ("--jobs", "2")):
        assert main(["render", "d.md", "-f", "svg", *arguments]) == 2
        assert sorted(path.name for path in Path("output").glob("*.svg")) == ["d-1.svg", "d-3.svg"]
        assert "error[" in capsys.readouterr().err
    Path("d.md").write_text(page(MERMAID), "utf-8")
    assert main(["render", "d.md", "-f", "svg"]) == 0
    assert sorted(path.name for path in Path("output").glob("*.svg")) == ["d-1.svg", "d-2.svg", "d-3.svg"]


@pytest.mark.parametrize("kind", BAD_FENCES)
def test_embed_counts_as_render_does_and_draws_the_other_fences(kind: str) -> None:
    Path("d.md").write_text(page(BAD_FENCES[kind]), "utf-8")
    assert main(["embed", "d.md"]) == 2
    assert sorted(path.name for path in Path("diagrams").glob("*.svg")) == ["d-1.svg", "d-3.svg"]
    assert fence(BAD_FENCES[kind]) in Path("d.md").read_text("utf-8")


@pytest.mark.parametrize("kind", BAD_FENCES)
def test_show_prints_the_other_fences(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("in").mkdir()
    Path("in/d.md").write_text(page(BAD_FENCES[kind]), "utf-8")
    assert main(["show", "in", "--json"]) == 2
    assert len(json.loads(capsys.readouterr().out)) == 2
    assert main(["show", "in"]) == 2
    output = capsys.readouterr()
    assert [line for line in output.out.splitlines() if line.startswith("d ")] == [
        "d 1  (LR; 2 nodes, 1 edge, 0 groups)",
        "d 3  (LR; 2 nodes, 1 edge, 0 groups)",
    ]
    assert output.err.count("error[") >= 1


def test_json_of_the_only_diagram_that_can_be_read_is_still_an_array(capsys: pytest.CaptureFixture[str]) -> None:
    Path("d.md").write_text(fence(MERMAID) + "\n" + fence(BAD_FENCES["syntax"]), "utf-8")
    assert main(["show", "d.md", "--json"]) == 2
    assert len(json.loads(capsys.readouterr().out)) == 1


def _show_output(capsys: pytest.CaptureFixture[str]) -> bool:
    return "ALB" in capsys.readouterr().out


def _exists(path: str) -> Callable[[pytest.CaptureFixture[str]], bool]:
    return lambda _: Path(path).exists()


COMMANDS: dict[str, tuple[list[str], Callable[[pytest.CaptureFixture[str]], bool]]] = {
    "render": (["-f", "svg"], _exists("output/good.svg")),
    "show": ([], _show_output),
    "deck": (["-o", "d.pptx"], _exists("d.pptx")),
    "gallery": (["-o", "g"], _exists("g/index.html")),
    "export": (["--to", "drawio", "-o", "d.drawio"], _exists("d.drawio")),
}


@pytest.mark.parametrize("first", ["bad", "good"])
@pytest.mark.parametrize("kind", BAD_FILES)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_bad_file_among_several_sources_costs_only_its_own_diagrams(
    command: str, kind: str, first: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name, content = BAD_FILES[kind]
    Path("good.mmd").write_text(MERMAID, "utf-8")
    if content is not None:
        Path(name).write_bytes(content)
    options, succeeded = COMMANDS[command]
    names = [name, "good.mmd"] if first == "bad" else ["good.mmd", name]
    assert main([command, *names, *options]) == 2
    output = capsys.readouterr()
    assert f"{name}:" in output.err
    assert output.err.count("error[") == 1
    assert succeeded(capsys) or (command == "show" and "ALB" in output.out)


@pytest.mark.parametrize("kind", ["no UTF-8", "missing", "format"])
def test_embed_processes_the_other_files(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    name, content = BAD_FILES[kind]
    name = name.replace(".mmd", ".md")
    Path("good.md").write_text(fence(MERMAID), "utf-8")
    if content is not None:
        Path(name).write_bytes(content)
    assert main(["embed", name, "good.md"]) == 2
    assert f"{name}:" in capsys.readouterr().err
    assert Path("diagrams/good-1.svg").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["wiki", "d.md", "--to", "github"],
        ["export", "d.md", "--to", "dot"],
        ["export", "d.md", "-o", "d.drawio"],
        ["render", "d.md", "-o", "d.svg"],
        ["render", "d.md", "-o", "-"],
    ],
)
@pytest.mark.parametrize("kind", BAD_FENCES)
def test_commands_for_one_diagram_process_the_only_one_that_can_be_read(
    kind: str, arguments: list[str], capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    Path("d.md").write_text(fence(BAD_FENCES[kind]) + "\n" + fence(MERMAID), "utf-8")
    assert main(arguments) == 2
    output = capfdbinary.readouterr()
    written = [path.read_bytes() for path in Path().iterdir() if path.is_file() and path.name != "d.md"]
    assert b"ALB" in output.out + b"".join(written)
    assert b"error[" in output.err


def test_a_diagram_that_cannot_be_drawn_costs_only_itself(capsys: pytest.CaptureFixture[str]) -> None:
    Path("in").mkdir()
    Path("in/a.yaml").write_text("title: A\nnodes: {a: {label: A, icon: none.svg}}\n", "utf-8")
    Path("in/b.mmd").write_text(MERMAID, "utf-8")
    for command, (options, succeeded) in COMMANDS.items():
        if command != "render":
            assert main([command, "in", *options]) == 2, command
            assert succeeded(capsys), command


def test_the_python_interface_reports_the_problems_of_all_fences() -> None:
    Path("d.md").write_text(page(BAD_FENCES["syntax"]) + fence(BAD_FENCES["keyword"]), "utf-8")
    with pytest.raises(DiagramError) as caught:
        diagramkit.load_all("d.md")
    assert [problem.code for problem in caught.value.problems] == ["mermaid-unquoted", "mermaid-syntax"]


def test_the_live_page_shows_the_other_fences_and_keeps_the_last_good_picture() -> None:
    Path("d.md").write_text(page(MERMAID), "utf-8")
    project = LiveProject(["d.md"], Path.cwd(), Options(), "T")
    project.refresh()
    before = project.state.entries
    edited = PAGE.format(good=fence(MERMAID.replace("ALB", "SQS")), bad=fence(BAD_FENCES["syntax"]))
    Path("d.md").write_text(edited, "utf-8")
    assert project.refresh()
    assert sorted(project.state.entries) == ["d-1", "d-2", "d-3"]
    assert project.state.entries["d-2"] == before["d-2"]
    assert project.state.entries["d-1"] != before["d-1"]
    assert [problem.code for problem in project.state.problems["d.md"]] == ["mermaid-unquoted"]


# Files without diagrams

WITHOUT_DIAGRAMS = {
    "text": "# Title\n\ntext\n",
    "nothing": "",
    "another language": "```python\nx = 1\n```\n",
    "only an example": f"````md\n{fence(MERMAID)}````\n",
    "in a comment": f"<!--\n{fence(MERMAID)}-->\n",
}


@pytest.mark.parametrize("text", WITHOUT_DIAGRAMS.values(), ids=[*WITHOUT_DIAGRAMS])
@pytest.mark.parametrize("command", ["render", "check", "embed"])
def test_a_file_without_diagrams_is_an_error_if_named_and_a_note_in_a_folder(
    command: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("docs").mkdir()
    Path("docs/none.md").write_text(text, "utf-8")
    Path("docs/good.md").write_text(fence(MERMAID), "utf-8")
    message = "[no-diagram]: there is no diagram here; add a Mermaid fence\n"
    assert main([command, "docs/none.md"]) == 2
    assert capsys.readouterr().err == f"docs/none.md:1:1: error{message}"
    assert main([command, "docs"]) == 0
    assert f"docs/none.md:1:1: note{message}" in capsys.readouterr().err.replace("\\", "/")
    assert Path("docs/none.md").read_text("utf-8") == text


def test_a_file_whose_last_diagram_was_removed_is_cleaned_up_before_it_is_an_error() -> None:
    Path("d.md").write_text(fence(MERMAID), "utf-8")
    assert main(["embed", "d.md"]) == 0
    Path("d.md").write_text("# Nothing\n", "utf-8")
    assert main(["embed", "d.md"]) == 0
    assert not Path("diagrams/d-1.svg").exists()
    assert main(["embed", "d.md"]) == 2


# Numbers


@pytest.mark.parametrize(
    "kinds",
    [
        ["good", "other", "good"],
        ["other", "good"],
        ["bad", "good", "good"],
        ["empty", "good"],
        ["other", "bad", "empty", "good"],
        ["good", "good"],
    ],
)
def test_embed_and_render_give_diagrams_the_same_numbers(kinds: list[str]) -> None:
    texts = {"good": MERMAID, "other": "pie\n", "bad": BAD_FENCES["syntax"], "empty": "graph LR\n"}
    Path("My Page.md").write_text("\n".join(fence(texts[kind]) for kind in kinds), "utf-8")
    main(["render", "My Page.md", "-f", "svg"])
    main(["embed", "My Page.md"])
    names = sorted(path.name for path in Path("diagrams").glob("*.svg"))
    assert names == sorted(path.name for path in Path("output").glob("*.svg"))
    assert names == [f"my-page-{number}.svg" for number, kind in enumerate(kinds, 1) if kind == "good"]
    main(["embed", "My Page.md"])
    assert sorted(path.name for path in Path("diagrams").glob("*.svg")) == names


def test_embed_says_which_diagrams_it_skips(capsys: pytest.CaptureFixture[str]) -> None:
    html = '<div>\n<pre class="mermaid">\ngraph LR\n  A\n</pre>\n</div>\n'
    text = "\n".join([fence("pie\n"), fence("graph LR\n"), html])
    Path("d.md").write_text(text, "utf-8")
    assert main(["embed", "d.md"]) == 0
    assert [line.partition("]")[0] for line in capsys.readouterr().err.splitlines() if "[" in line] == [
        "d.md:2:1: warning[unsupported-diagram",
        "d.md:6:1: note[empty-diagram",
        "d.md:9:1: warning[shared-lines",
    ]
    assert Path("d.md").read_text("utf-8") == text


# The arrows of `show`


@pytest.mark.parametrize(
    ("link", "arrow"),
    [
        ("-->", "->"),
        ("<-->", "<->"),
        ("---", "--"),
        ("==>", "=>"),
        ("<==>", "<=>"),
        ("-.->", "-.>"),
        ("<-.->", "<-.>"),
        ("-.-", "-.-"),
        ("~~~", "~~"),
        ("o--o", "o-o"),
        ("--x", "-x"),
        ("x==x", "x=x"),
    ],
)
def test_show_prints_both_arrowheads_of_an_edge(link: str, arrow: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.mmd").write_text(f"graph LR\n  A {link}|text| B\n", "utf-8")
    assert main(["show", "a.mmd"]) == 0
    assert f"  A {arrow} B  text" in capsys.readouterr().out.splitlines()


def test_a_source_that_cannot_be_read_is_a_file_with_problems_if_there_are_others() -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    good, bad = sources.find(["a.mmd", "b.mmd"])
    assert good == SourceFile("a.mmd")
    (problem,) = bad.problems
    assert (bad.path, problem.code, sources.load(bad).problems) == ("b.mmd", "no-such-file", bad.problems)
