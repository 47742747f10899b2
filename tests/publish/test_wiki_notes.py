"""The notes of a spec are on its wiki pages, as markup that the wiki shows and never runs."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from diagramkit.publish import wiki
from diagramkit.sources import spec

SPEC = """title: Notes
diagram: graph LR; A --> B
notes: |
  Some **bold** text and a [link](https://example.com/?a=1&b=2).

  - [[item]] with <script>alert(1)</script>
  - [no](javascript:alert(1))
"""


def page(notes_to: str, text: str = SPEC) -> str:
    pattern = spec.read(text, "n.yaml")
    write, _ = wiki.WIKIS[notes_to]
    return write(wiki.WikiPage(pattern, "n.svg", "picture"))


def test_confluence_gets_notes_as_valid_storage_format() -> None:
    text = page("confluence")
    root = ET.fromstring(f'<r xmlns:ac="ac" xmlns:ri="ri">{text}</r>')
    assert [part.text for part in root.iter("strong")] == ["bold"]
    assert [part.get("href") for part in root.iter("a")] == ["https://example.com/?a=1&b=2"]
    assert [len(items) for items in root.iter("ul")] == [2]
    assert not list(root.iter("script"))


def test_mediawiki_gets_notes_with_its_own_links_and_no_templates_or_transclusions() -> None:
    text = page("mediawiki")
    assert "[https://example.com/?a=1&amp;b=2 link]" in text
    assert "<strong>bold</strong>" in text
    assert "[[item" not in text
    assert "<script" not in text


@pytest.mark.parametrize("name", ["github", "notion"])
def test_markdown_wikis_get_notes_as_they_are(name: str) -> None:
    assert "Some **bold** text and a [link](https://example.com/?a=1&b=2).\n" in page(name)


@pytest.mark.parametrize("name", wiki.WIKIS)
def test_a_page_without_notes_has_none(name: str) -> None:
    assert "bold" not in page(name, "title: Notes\ndiagram: graph LR; A --> B\n")
