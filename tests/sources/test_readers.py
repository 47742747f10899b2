"""The table of readers: every kind of source is complete, reads what editors save, and is offered wherever sources are.

A new reader needs an entry in `EXAMPLES`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from diagramkit import sources
from diagramkit.diagnostics import Diagnostic, DiagramError, Span
from diagramkit.graph import Graph, Pattern
from diagramkit.icons import resolver
from diagramkit.options import Options
from diagramkit.outputs import OUTPUTS
from diagramkit.serve import draft_changes, drafts, edits
from diagramkit.sources import readers
from diagramkit.sources.mermaid import read as mermaid
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.sources.readers import EXTENSIONS, READERS, Reader
from tests.support.project import ROOT


class Example(NamedTuple):
    """Sources of one kind, for the tests.

    `text` is a diagram in which an edge leads from the node `A`, labeled "Widget", to `B`; `indent` is that of a line
    that can be added at its end. `title` is the title of the diagram in a file called `My page`. In `broken`, `«` is
    before a mistake. `empty` is a diagram without nodes to which an advised line can be added, with `indent`.
    """

    text: str
    indent: str
    title: str
    broken: str
    empty: str


EXAMPLES = {
    "mermaid": Example("graph LR; A[Widget]\n  A --> B\n", "  ", "My page", "graph LR\n  A «-> B\n", "graph LR\n"),
    "spec": Example(
        "title: T\ndiagram: |\n  graph LR\n    A[Widget] --> B\n",
        "    ",
        "T",
        "title: T\ndiagram: |\n  graph LR\n    A «-> B\n",
        "title: T\ndiagram: |\n  graph LR\n",
    ),
    "markdown": Example(
        "# Page\n\n```mermaid\ngraph LR\n  A[Widget] --> B\n```\n",
        "",
        "My page 1",
        "```mermaid\ngraph LR\n  A «-> B\n```\n",
        "```mermaid\ngraph LR\n",
    ),
}

by_reader = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)


def read(reader: Reader, text: str, folder: str = "") -> Pattern:
    """Return the only diagram in a text, which a reader must be able to read."""
    (pattern,) = reader.read(text, f"notes/My page{reader.extensions[0]}", folder).patterns
    return pattern


def problems_in(path: str) -> tuple[Diagnostic, ...]:
    return sources.load(sources.SourceFile(path)).problems


def shape(graph: Graph) -> tuple[object, ...]:
    """Return what a graph consists of, without where it stands in its source."""
    nodes = [(node.id, node.label, node.group) for node in graph.nodes]
    return graph.direction, nodes, [(edge.source, edge.target) for edge in graph.edges]


@by_reader
def test_a_reader_is_complete(reader: Reader) -> None:
    assert reader.extensions
    assert all(extension.startswith(".") and extension.islower() for extension in reader.extensions)
    assert all(readers.reader_of(f"x{extension.upper()}") is reader for extension in reader.extensions)
    assert reader.name in edits.ICON_WRITERS
    assert reader.editor is not None or reader.may_hold_several
    documents = (ROOT / "docs/rendering.md").read_text("utf-8")
    assert all(f"`{extension}`" in documents for extension in reader.extensions)


def test_every_reader_has_its_example() -> None:
    assert EXAMPLES.keys() == {reader.name for reader in READERS}


def test_extensions_belong_to_one_reader_each() -> None:
    assert len(EXTENSIONS) == sum(len(reader.extensions) for reader in READERS)


@by_reader
def test_a_text_is_recognized_by_its_content(reader: Reader) -> None:
    for text in (EXAMPLES[reader.name].text, "\ufeff" + EXAMPLES[reader.name].text):
        assert readers.detect_reader(text) is reader
        assert reader.is_source(text)


@by_reader
def test_line_ends_and_a_byte_order_mark_change_nothing(reader: Reader) -> None:
    """Editors of Windows write both; every character must keep its line and column."""
    example = EXAMPLES[reader.name]
    expected = read(reader, example.text).graph
    assert [node.label for node in expected.nodes] == ["Widget", "B"]
    assert [(edge.source, edge.target) for edge in expected.edges] == [("A", "B")]
    for line_end in ("\r\n", "\r"):
        for mark in ("", "\ufeff"):
            assert read(reader, mark + example.text.replace("\n", line_end)).graph == expected


@by_reader
def test_a_diagram_has_the_folder_the_name_and_the_title_of_its_file(reader: Reader) -> None:
    pattern = read(reader, EXAMPLES[reader.name].text, "some/folder")
    assert pattern.folder == "some/folder"
    assert pattern.name == ("my-page-1" if reader.may_hold_several else "my-page")
    assert pattern.title == EXAMPLES[reader.name].title
    assert pattern.span.file == f"notes/My page{reader.extensions[0]}"
    assert {node.span.file for node in pattern.graph.nodes} == {pattern.span.file}


@by_reader
def test_the_source_text_of_a_diagram_is_mermaid_for_the_same_diagram(reader: Reader) -> None:
    """The format `mmd`, wiki pages and the gallery show it as Mermaid."""
    pattern = read(reader, EXAMPLES[reader.name].text)
    assert shape(mermaid.parse(pattern.source_text, Origin("x"))) == shape(pattern.graph)


@by_reader
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_an_icon_can_be_written_and_replaced(reader: Reader, line_end: str, mark: str) -> None:
    original = mark + EXAMPLES[reader.name].text.replace("\n", line_end)
    path = f"notes/My page{reader.extensions[0]}"
    texts = [original]
    for icon in ("aws.compute.Lambda", "aws.compute.EC2", "aws.compute.EC2"):
        texts.append(edits.with_icon(texts[-1], path, read(reader, texts[-1]), "A", icon))
        assert resolver.resolve(read(reader, texts[-1]))["A"].icon == icon
    _, first, second, third = texts
    assert second == third == first.replace("aws.compute.Lambda", "aws.compute.EC2")
    written = iter(first.splitlines(keepends=True))
    assert all(line in written for line in original.splitlines(keepends=True))  # In this order, with new lines between.
    assert first.count("\n") == first.count(line_end)


@by_reader
@pytest.mark.parametrize("text", ["", "\n\n", "\0\x01", "]]{{ ((", "words and words", "- a\n- b\n", "{", "\ud7ff: ["])
def test_what_is_no_source_is_an_error(
    reader: Reader, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = f"x{reader.extensions[0]}"
    try:
        result = reader.read(text, name, "")
        assert not result.patterns
    except DiagramError as error:
        assert {problem.span.file for problem in error.problems} == {name}
    Path(name).write_text(text, "utf-8")
    problems = problems_in(name)
    assert {problem.severity for problem in problems} == {"error"}
    assert "internal" not in {problem.code for problem in problems}
    assert {problem.span.file for problem in problems} == {name}


@by_reader
@pytest.mark.parametrize("other", READERS, ids=lambda other: other.name)
def test_a_text_in_another_notation_is_no_diagram(reader: Reader, other: Reader) -> None:
    """A reader that takes what it knows from any text would draw a part of it."""
    if other is reader:
        return
    name = f"x{reader.extensions[0]}"
    result = sources.load(sources.SourceFile(name), EXAMPLES[other.name].text)
    # Only a document may contain other notations, which are then text.
    assert not result.patterns
    assert {problem.severity for problem in result.problems} == {"error"}
    assert {problem.span.file for problem in result.problems} == {name}


@pytest.mark.parametrize(
    "reader", [reader for reader in READERS if not reader.may_hold_several], ids=lambda one: one.name
)
def test_a_line_that_is_not_of_the_notation_is_reported(reader: Reader) -> None:
    """A line that is skipped would be missing in the picture without a word."""
    example = EXAMPLES[reader.name]
    for line in ("]]{{ ((", "words and words", "=> =>"):
        result = sources.load(sources.SourceFile(f"x{reader.extensions[0]}"), f"{example.text}{example.indent}{line}\n")
        assert result.patterns == ()
        assert [problem.span.line for problem in result.errors] == [example.text.count("\n") + 1]


@by_reader
@pytest.mark.parametrize("character", ["\x85", "\u2028", "\u2029"])
def test_only_a_line_end_begins_a_line(reader: Reader, character: str) -> None:
    """Python's `splitlines` knows other ones, with which editors count no lines."""
    example = EXAMPLES[reader.name].text
    graph = read(reader, example.replace("Widget", f"Wid{character}get")).graph
    expected = read(reader, example).graph
    assert [node.span.line for node in graph.nodes] == [node.span.line for node in expected.nodes]
    assert [edge.span.line for edge in graph.edges] == [edge.span.line for edge in expected.edges]
    texts = "".join(text for item in graph.nodes_and_groups for text in (item.id, item.label))
    assert not re.search("[\ufdd0-\ufdef]", texts)  # What stands for them while YAML is read.


@by_reader
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_mistake_is_reported_where_it_is(
    reader: Reader, line_end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = f"x{reader.extensions[0]}"
    before, _, after = EXAMPLES[reader.name].broken.partition("«")
    Path(name).write_bytes((before + after).replace("\n", line_end).encode())
    (problem,) = problems_in(name)
    column = len(before) - before.rindex("\n")
    assert (problem.span, problem.severity) == (Span(name, before.count("\n") + 1, column), "error")


@by_reader
def test_the_advice_for_an_empty_diagram_gives_a_diagram(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    example, path = EXAMPLES[reader.name], Path(f"x{reader.extensions[0]}")
    path.write_text(example.empty, "utf-8")
    (note,) = problems_in(str(path))
    assert note.code == "empty-diagram"
    assert note.message.endswith(reader.empty_advice)
    (line, *_) = re.findall("'(.*?)'", reader.empty_advice)
    path.write_text(f"{example.empty}{example.indent}{line}\n", "utf-8")
    assert problems_in(str(path)) == ()


def test_the_second_advice_for_an_empty_spec_gives_a_diagram() -> None:
    line = re.findall("'(.*?)'", readers.SPEC.empty_advice)[2]
    assert resolver.resolve(readers.SPEC.read(f"title: T\nnodes:\n  {line}\n", "x.yaml", "").patterns[0])["web"].icon


@pytest.mark.parametrize(
    "reader", [reader for reader in READERS if not reader.may_hold_several], ids=lambda one: one.name
)
def test_a_draft_of_every_kind_can_be_drawn_and_edited(reader: Reader) -> None:
    """A text on the live page has no file name: the page must know its kind, and write icons into it."""
    text = EXAMPLES[reader.name].text
    assert readers.detect_single(text) is reader
    assert readers.pattern_from_text(text, "<draft>").name
    drawn = drafts.render_draft(drafts.Draft(text), Options())
    assert drawn["svg"].startswith("<svg")
    change = {"kind": "icon", "node": "A", "icon": "aws.compute.Lambda"}
    edited = draft_changes.apply(drafts.Draft(text), change, Path())
    icons = {node["id"]: node["icon"] for node in drafts.render_draft(drafts.Draft(edited), Options())["nodes"]}
    assert icons["A"] == "aws.compute.Lambda"


@by_reader
def test_the_advice_of_check_can_be_written_into_the_source(reader: Reader) -> None:
    node = read(reader, EXAMPLES[reader.name].text).graph.nodes[1]
    line, where = readers.icon_line(f"x{reader.extensions[0]}", node, "aws.compute.Lambda")
    example = EXAMPLES[readers.MERMAID.name if reader.may_hold_several else reader.name]
    is_key = "icons:" in where
    written = f"{example.text}icons:\n  {line}\n" if is_key else f"{example.text}{example.indent}{line}\n"
    choices = resolver.resolve(readers.pattern_from_text(written, "<draft>"))
    assert choices[node.id].icon == "aws.compute.Lambda"


def test_help_texts_name_every_kind_of_source() -> None:
    assert all(reader.kind in readers.KINDS for reader in READERS)


def test_hooks_run_for_every_kind_of_source_and_picture() -> None:
    """A hook for pre-commit that does not name an extension would not run if only such a file changed.

    Python and JSON are left out: such files are nearly always others than pictures, and commits would become slow.
    """
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    named = {hook["id"]: hook["files"] for hook in hooks}
    pictures = {f".{output.extension}" for output in OUTPUTS.values()} - {".py", ".json"}
    known = {*EXTENSIONS, *pictures, ".toml"}
    # A file that a hook names to `check` must be a source; other programs may have YAML and Markdown without diagrams.
    always_sources = {
        end for one in READERS if one.is_source("") and not one.may_hold_several for end in one.extensions
    }
    expected = {
        "diagramkit-render": known,
        "diagramkit-current": known,
        "diagramkit-check": always_sources,
        "diagramkit-embed": {*readers.MARKDOWN.extensions},
    }
    assert {hook: {end for end in known if re.search(files, f"x{end}")} for hook, files in named.items()} == expected
