"""The table of readers: every kind of source is complete, and is offered wherever sources are."""

from __future__ import annotations

import pytest

from diagramkit.icons import resolver
from diagramkit.options import Options
from diagramkit.serve import drafts, edits
from diagramkit.sources import readers
from diagramkit.sources.readers import EXTENSIONS, READERS, Reader
from tests.support.project import ROOT


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_a_reader_is_complete(reader: Reader) -> None:
    assert reader.extensions
    assert all(extension.startswith(".") and extension.islower() for extension in reader.extensions)
    assert all(readers.reader_of(f"x{extension.upper()}") is reader for extension in reader.extensions)
    assert reader.name in edits.ICON_WRITERS
    assert reader.editor is not None or reader.may_hold_several
    documents = (ROOT / "docs/rendering.md").read_text("utf-8")
    assert any(f"`{extension}`" in documents for extension in reader.extensions)


def test_extensions_belong_to_one_reader_each() -> None:
    assert len(EXTENSIONS) == sum(len(reader.extensions) for reader in READERS)


@pytest.mark.parametrize(
    ("text", "name"),
    [("graph LR\n  A", "mermaid"), ("title: T\ndiagram: x", "spec"), ("# Page\n```mermaid\ngraph LR\n```", "markdown")],
)
def test_text_without_a_file_name_is_read_by_its_content(text: str, name: str) -> None:
    assert readers.detect_reader(text).name == name


TEXTS = {"mermaid": "graph LR\n  A[Widget] --> B\n", "spec": "title: T\ndiagram: |\n  graph LR\n    A[Widget] --> B\n"}


@pytest.mark.parametrize(
    "reader", [reader for reader in READERS if not reader.may_hold_several], ids=lambda one: one.name
)
def test_a_draft_of_every_kind_can_be_drawn_and_edited(reader: Reader) -> None:
    """A text on the live page has no file name: the page must know its kind, and write icons into it."""
    text = TEXTS[reader.name]
    assert readers.detect_single(text) is reader
    assert readers.pattern_from_text(text, "<draft>").name
    drawn = drafts.render_draft(text, Options())
    assert drawn["svg"].startswith("<svg")
    edited = drafts.with_icon(text, "A", "aws.compute.Lambda")
    icons = {node["id"]: node["icon"] for node in drafts.render_draft(edited, Options())["nodes"]}
    assert icons["A"] == "aws.compute.Lambda"


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_the_advice_of_check_can_be_written_into_the_source(reader: Reader) -> None:
    node = readers.pattern_from_text(TEXTS["mermaid"], "<draft>").graph.nodes[1]
    line, where = readers.icon_line(f"x{reader.extensions[0]}", node, "aws.compute.Lambda")
    text = TEXTS["spec" if reader is readers.SPEC else "mermaid"]
    written = f"{text}icons:\n  {line}\n" if "icons:" in where else f"{text}  {line}\n"
    choices = resolver.resolve(readers.pattern_from_text(written, "<draft>"))
    assert choices[node.id].icon == "aws.compute.Lambda"


def test_help_texts_name_every_kind_of_source() -> None:
    assert all(reader.kind in readers.KINDS for reader in READERS)
