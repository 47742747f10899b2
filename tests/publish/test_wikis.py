"""Wikis: the markup of pages for diagrams, and whole pages of Markdown."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from diagramkit.cli import main
from diagramkit.publish import wiki
from tests.support.project import ROOT

SHOP = "```mermaid\ngraph LR\n  A[Users] --> B[CloudFront] --> C[S3]\n```\n"
SEQUENCE = "```mermaid\nsequenceDiagram\n  A->>B: x\n```\n"

HOSTILE = (
    "title: 'x ]]> <b>y</b> [[z]] {{t}}'\ncomponents: ['[[a|b]] ''''c'''' <i>']\ndiagram: |\n  graph LR\n"
    '    A["]]> </pre> ``` {{x}}"] --> B[Lambda]\n'
)


def page(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the page of a hostile source for a wiki."""
    Path("s.yaml").write_text(HOSTILE, "utf-8")
    assert main(["wiki", "s.yaml", "--to", name]) == 0
    captured = capsys.readouterr()
    assert captured.err == f"attach to the page: {Path('output') / 's'}.{'png' if name == 'notion' else 'svg'}\n"
    return captured.out


def test_confluence_gets_well_formed_storage_format(capsys: pytest.CaptureFixture[str]) -> None:
    text = page("confluence", capsys)
    tree = ElementTree.fromstring(f'<page xmlns:ac="urn:ac" xmlns:ri="urn:ri">{text}</page>')
    (code,) = tree.iter("{urn:ac}plain-text-body")
    assert "]]> </pre>" in str(code.text)
    (picture,) = tree.iter("{urn:ri}attachment")
    assert picture.get("{urn:ri}filename") == "s.svg"
    assert "<b>y</b>" in "".join(tree.itertext())


def test_text_from_a_source_is_escaped_in_markdown_wikis(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("github", "notion"):
        rendered = MarkdownIt("commonmark").render(page(name, capsys))
        assert "&lt;b&gt;y&lt;/b&gt;" in rendered
        assert rendered.count("<img ") == 1
        assert "<b>" not in rendered
        assert rendered.count('<code class="language-mermaid">') == 1


def test_text_from_a_source_is_escaped_in_mediawiki(capsys: pytest.CaptureFixture[str]) -> None:
    text = page("mediawiki", capsys)
    assert text.count("[[") == 1
    assert "{{" not in text.split("<pre")[0]
    assert "''" not in text
    assert text.count("</pre>") == 1


def test_every_wiki_page_has_the_lists_and_the_source(capsys: pytest.CaptureFixture[str]) -> None:
    for name in wiki.WIKIS:
        spec = ROOT / "specs/network-patterns/hub-and-spoke-with-tgw.yaml"
        assert main(["wiki", str(spec), "--to", name]) == 0
        output = capsys.readouterr().out
        for words in ("Hub-and-Spoke", "Components", "Route tables", "Best practices", "subgraph"):
            assert words in output.replace("\\", "")


def test_a_wiki_page_has_all_diagrams_of_a_file_that_can_be_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    broken = SHOP.replace("-->", "->", 1)
    named = SHOP.replace("graph LR", "---\ntitle: Second\n---\ngraph TB")
    Path("page.md").write_text(f"# Page\n\n{SHOP}\n{broken}\n{named}\n{SEQUENCE}", "utf-8")
    assert main(["wiki", "page.md", "--to", "github"]) == 2
    output = capsys.readouterr()
    assert re.findall(r"^## (.*)$", output.out, re.M) == ["page 1", "Second"]
    assert re.findall(r"^!\[.*\]\((.*)\)$", output.out, re.M) == ["page-1.svg", "page-3.svg"]
    assert sorted(path.name for path in Path("output").iterdir()) == ["page-1.svg", "page-3.svg"]
    assert "page.md:10:12: error[mermaid-arrow]" in output.err
    assert output.err.count("attach to the page") == 2
