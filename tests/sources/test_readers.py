"""The table of readers: every kind of source is complete, and is offered wherever sources are."""

from __future__ import annotations

import pytest

from diagramkit.serve import edits
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
