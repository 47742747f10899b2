"""Wikis: the markup of pages for diagrams, and whole pages of Markdown."""

from __future__ import annotations

import html
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from diagramkit.cli import main
from diagramkit.publish import wiki
from tests.publish import wiki_pages
from tests.support import confluence
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


# Whole pages


def converted(source: str, name: str, capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """Convert a page; return its markup, and what was reported. The folder has the page and what is to be attached."""
    shutil.rmtree("out", ignore_errors=True)
    assert main(["wiki", source, "--to", name, "-o", "out"]) == 0
    output = capsys.readouterr()
    attached = re.findall(r"^attach to the page: out[/\\](.*)$", output.err, re.M)
    (page,) = re.findall(r"^the page: out[/\\](.*)$", output.err, re.M)
    assert sorted([*attached, page]) == sorted(path.name for path in Path("out").iterdir())
    assert Path("out", page).read_text("utf-8") == output.out
    return output.out, output.err


class WordParser(HTMLParser):
    """Collects the words of a page as a browser shows them, with the descriptions of its pictures."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts.append(f" {dict(attrs).get('alt') or ''} " if tag == "img" else " ")

    def handle_endtag(self, tag: str) -> None:
        self.texts.append(" ")


def words(text: str) -> set[str]:
    """Return the words in a text."""
    return set(re.findall(r"\w+", text))


def shown_words(source: str) -> set[str]:
    """Return the words that GitHub would show of a page."""
    body = re.sub(r"\A---\n.*?\n---\n", "", Path(source).read_text("utf-8"), flags=re.S)
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(footnote_plugin, inline=False)
    return words("".join(WordParser(parser.render(body)).texts))


@pytest.mark.parametrize("name", wiki_pages.NAMES)
def test_whole_pages_become_valid_storage_format_and_lose_no_word(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = wiki_pages.write(name)
    text, messages = converted(source, "confluence", capsys)
    tree = confluence.parse(text)
    assert confluence.faults(tree) == []
    files = [value for element in tree.iter() for key, value in element.attrib.items() if key.endswith("filename")]
    assert set(files) == {path.name for path in Path("out").iterdir()} - {f"{name}.confluence.xml"}
    attributes = [value for element in tree.iter() for value in element.attrib.values()]
    # Diagrams are shown as pictures; what is in their source is in the folded code. Marks are no text.
    known = {"x", "NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION", "mermaid", "X"}
    assert shown_words(source) - words(" ".join([*tree.itertext(), *attributes])) - known == set()
    assert ("does not exist" in messages) == ("gone.pdf" in Path(source).read_text("utf-8"))
    diagrams = len(re.findall(r"^ *(?:graph|flowchart) [LT]", Path(source).read_text("utf-8"), re.M))
    assert len(re.findall(r'ac:name="title">Source<', text)) == diagrams


@pytest.mark.parametrize("name", wiki_pages.NAMES)
def test_whole_pages_become_mediawiki_markup_and_lose_no_word(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    source = wiki_pages.write(name)
    text, _ = converted(source, "mediawiki", capsys)
    known = {"x", "NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION", "mermaid", "X"}
    spaced = re.sub(r"<[^>]*>|'{2,}", lambda tag: f" {tag[0]} ", text)
    # In code, MediaWiki does not read character references.
    assert shown_words(source) - words(spaced) - words(html.unescape(spaced)) - known == set()
    outside = re.sub(r"<(syntaxhighlight|pre)\b.*?</\1>", "", text, flags=re.S)
    assert "{{" not in outside
    assert "~~~" not in outside
    assert set(re.findall(r"\[\[([^\]|#]*)", outside)) <= {
        *(f"{kind}:{path.name}" for path in Path("out").iterdir() for kind in ("File", "Media")),
        "The other page",
        "",
    }
    for tag in ("blockquote", "div", "ul", "ol", "li", "ref", "syntaxhighlight", "code"):
        assert len(re.findall(rf"<{tag}\b[^>]*(?<!/)>", text)) == text.count(f"</{tag}>")


ELEMENTS = """\
- [x] done
- [ ] open

> [!TIP]
> Two

```py
a
```

```hcl
b
```

<details><summary>S <b>t</b></summary>

c

</details>

Note[^n] ![l](logo.svg) [d](#top)

# Top

[^n]: foot
"""


def test_a_page_becomes_the_elements_of_confluence(capsys: pytest.CaptureFixture[str]) -> None:
    Path("logo.svg").write_text("<svg/>", "utf-8")
    Path("page.md").write_text(ELEMENTS, "utf-8")
    text, _ = converted("page.md", "confluence", capsys)
    macro = '<ac:structured-macro ac:name="{}">'.format
    parameter = '<ac:parameter ac:name="{}">{}</ac:parameter>'.format
    task = (
        "<ac:task><ac:task-id>{}</ac:task-id><ac:task-status>{}</ac:task-status>"
        "<ac:task-body>{}</ac:task-body></ac:task>"
    )
    for part in (
        f"<ac:task-list>{task.format(1, 'complete', 'done')}{task.format(2, 'incomplete', 'open')}</ac:task-list>",
        f"{macro('tip')}<ac:rich-text-body><p>Two</p></ac:rich-text-body>",
        f"{macro('code')}{parameter('language', 'py')}<ac:plain-text-body><![CDATA[a]]></ac:plain-text-body>",
        f"{macro('code')}{parameter('title', 'hcl')}<ac:plain-text-body><![CDATA[b]]></ac:plain-text-body>",
        f"{macro('expand')}{parameter('title', 'S t')}<ac:rich-text-body><p>c</p></ac:rich-text-body>",
        '<ac:image ac:alt="l"><ri:attachment ri:filename="logo.svg" /></ac:image>',
        '<ac:link ac:anchor="top"><ac:link-body>d</ac:link-body></ac:link>',
        f"<h1>{macro('anchor')}{parameter('', 'top')}</ac:structured-macro>Top</h1>",
        '<sup><ac:link ac:anchor="footnote-1"><ac:link-body>1</ac:link-body></ac:link></sup>',
    ):
        assert part in text


UNFIT = """\
---
a: b
---

[l](javascript:x) <a href='javascript:y'>m</a>

<img src="file:///etc/hostname"> ![o](../../../etc/hostname)

<!-- c -->
<script>s</script>

<blink>w</blink> <i style="color:red">r</i>

|a|
|-|
|1|2|

[^u]: unused
"""


def test_what_a_wiki_page_cannot_contain_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    Path("page.md").write_text(UNFIT, "utf-8")
    text, messages = converted("page.md", "confluence", capsys)
    assert confluence.faults(confluence.parse(text)) == []
    assert "javascript" not in text.replace("[l](javascript:x)", "")
    assert sorted(path.name for path in Path("out").iterdir()) == ["page.confluence.xml"]
    for message in (
        "page.md:5:1: warning[unsafe-link]: a wiki must not link to 'javascript:y'",
        "page.md:7:1: warning[unsafe-link]: a wiki cannot show 'file:///etc/hostname'",
        "page.md:7:1: warning[outside]: '../../../etc/hostname' is outside of the project",
        "does not contain: comments, <script>, <blink>, styles in HTML, table cells without a column, the unused",
    ):
        assert message in messages


def test_a_diagram_with_a_mistake_is_reported_and_shown_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    Path("page.md").write_text(f"# P\n\n{SHOP.replace('-->', '->', 1)}\n{SHOP}\nText.\n", "utf-8")
    assert main(["wiki", "page.md", "--to", "confluence", "-o", "out"]) == 2
    output = capsys.readouterr()
    assert "page.md:5:12: error[mermaid-arrow]" in output.err
    assert output.out.count("ri:filename") == 1
    assert "A[Users] -> B" in output.out
    assert "<p>Text.</p>" in output.out
