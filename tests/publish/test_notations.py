"""Every notation of Mermaid in Markdown is read wherever Markdown is, and keeps its form when pictures are embedded."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from checks.fuzz.holds import without_pictures
from diagramkit.cli import main
from diagramkit.integrations import mkdocs, pages, sphinx_mermaid
from diagramkit.options import Options
from diagramkit.publish import embed as embedding
from diagramkit.publish.embed import EmbedOptions
from diagramkit.serve import edits
from diagramkit.sources import SourceFile, load, markdown, readers
from tests.publish.notations import BODY, NOTATIONS, OTHERS
from tests.support.command_line import build, run

LABELS = ["Lambda", "S3 & <b>SQS</b>"]
EMBED_OPTIONS = [EmbedOptions(), EmbedOptions(source_first=True), EmbedOptions(dark=True)]


def place(text: str, prefix: str, first: str) -> str:
    """Return a text in a list item or a quote: `first` precedes its first line, `prefix` the others."""
    lines = text.splitlines(keepends=True)
    return (
        first + lines[0] + "".join(f"{prefix}{line}" if line.strip() else prefix.rstrip() + line for line in lines[1:])
    )


PLACES: dict[str, Callable[[str], str]] = {
    "at the top": lambda text: text,
    "in a document": lambda text: f"---\ntitle: x\n---\n\n# Title\n\n{text}\nafter\n",
    "in a list": lambda text: f"- before\n\n{place(text, '  ', '  ')}\n- after\n",
    "first in a numbered list": lambda text: place(text, "   ", "1. ") + "2. after\n",
    "in a quote": lambda text: place(text, "> ", "> "),
}


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("notation", NOTATIONS)
def test_each_notation_is_read_as_the_same_diagram(notation: str, where: str) -> None:
    text = PLACES[where](NOTATIONS[notation])
    loaded = readers.MARKDOWN.read(text, "d.md", "")
    assert loaded.problems == ()
    (pattern,) = loaded.patterns
    assert [node.label for node in pattern.graph.nodes] == LABELS
    assert pattern.source_text.strip() == BODY.strip()


@pytest.mark.parametrize("other", OTHERS)
def test_what_only_looks_like_a_notation_is_left_alone(other: str) -> None:
    assert markdown.fences(OTHERS[other]) == []


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_position_is_that_in_the_file(notation: str, where: str) -> None:
    text = PLACES[where](NOTATIONS[notation])
    (pattern,) = readers.MARKDOWN.read(text, "d.md", "").patterns
    lines = text.split("\n")
    for node, name in zip(pattern.graph.nodes, "AB", strict=True):
        assert lines[node.span.line - 1][node.span.column - 1] == name


@pytest.mark.parametrize("embed_options", EMBED_OPTIONS, ids=["picture", "source", "dark"])
@pytest.mark.parametrize("where", ["at the top", "in a document", "first in a numbered list", "in a quote"])
@pytest.mark.parametrize("notation", NOTATIONS)
def test_an_embedded_notation_keeps_its_form_and_a_second_run_changes_nothing(
    notation: str, where: str, embed_options: EmbedOptions
) -> None:
    text = PLACES[where](NOTATIONS[notation])
    first = embedding.embed(text, "doc.md", embed_options, Options())
    assert first.problems == first.skipped == ()
    assert next(iter(first.pictures)) == "diagrams/doc-1.svg"
    assert without_pictures(first.text) == text
    again = embedding.embed(first.text, "doc.md", embed_options, Options())
    assert (again.text, again.pictures, again.stale) == (first.text, first.pictures, ())
    assert [fence.mermaid.strip() for fence in markdown.fences(first.text)] == [BODY.strip()]


@pytest.mark.parametrize("notation", NOTATIONS)
def test_each_notation_is_a_pattern_of_a_catalog(notation: str) -> None:
    Path("c.md").write_text(f"# Catalog\n\n## Shop\n\n{NOTATIONS[notation]}\n**Components:**\n\n- One\n", "utf-8")
    assert main(["import", "c.md", "-o", "specs"]) == 0
    spec = yaml.safe_load(Path("specs/shop/shop.yaml").read_text("utf-8"))
    assert spec["diagram"].strip() == BODY.strip()
    assert spec["components"] == ["One"]


@pytest.mark.parametrize("notation", NOTATIONS)
def test_standard_input_with_a_notation_is_markdown(notation: str) -> None:
    assert readers.detect_reader(f"# Title\n\n{NOTATIONS[notation]}").name == "markdown"


def test_mermaid_with_a_class_of_that_name_is_not_markdown() -> None:
    for text in (f"{BODY}  A:::mermaid\n", f'{BODY}  C["<pre>x</pre>"]\n'):
        assert readers.detect_reader(text).name == "mermaid"


@pytest.mark.parametrize(
    "notation", ["MyST with options", "Azure DevOps", "Pandoc", "HTML", "HTML with text beside the tags"]
)
def test_an_icon_is_written_into_a_notation(notation: str) -> None:
    text = NOTATIONS[notation]
    (pattern,) = readers.MARKDOWN.read(text, "d.md", "").patterns
    changed = edits.with_icon(text, "d.md", pattern, "A", "aws.compute.Lambda")
    (again,) = readers.MARKDOWN.read(changed, "d.md", "").patterns
    assert again.graph.nodes[0].icon == "aws.compute.Lambda"


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("::: mermaid\ngraph LR\n  A -> B\n:::\n", "d.md:3:5"),
        ("- x\n\n  ```{.mermaid}\n  graph LR\n    A -> B\n  ```\n", "d.md:5:7"),
        ("```{mermaid}\n:align: left\ngraph LR\n  A -> B\n```\n", "d.md:4:5"),
        ('<pre class="mermaid">\ngraph LR\n  C["&lt;b&gt;"] --&gt; A -> B\n</pre>\n', "d.md:3:27"),
        ('<pre class="mermaid">graph LR\n  A -> B</pre>\n', "d.md:2:5"),
        ("> ::: mermaid\n> graph LR\n> A -> B\n> :::\n", "d.md:3:5"),
    ],
)
def test_a_mistake_in_a_notation_has_its_position_in_the_file_and_can_be_fixed(text: str, span: str) -> None:
    Path("d.md").write_text(text, "utf-8")
    (problem,) = load(SourceFile("d.md")).problems
    assert (str(problem.span), problem.code) == (span, "mermaid-arrow")
    assert main(["check", "d.md", "--fix"]) == 0
    assert Path("d.md").read_text("utf-8") == text.replace("->", "-->").replace("--&gt; A --&gt;", "--&gt; A -->")


def test_a_fix_that_does_not_fit_the_escaped_text_is_not_offered() -> None:
    text = '<pre class="mermaid">\ngraph LR\n  A -&gt; B\n</pre>\n'
    Path("d.md").write_text(text, "utf-8")
    (problem,) = load(SourceFile("d.md")).problems
    assert (str(problem.span), problem.fix) == ("d.md:3:5", None)
    assert main(["check", "d.md", "--fix"]) == 2
    assert Path("d.md").read_text("utf-8") == text


@pytest.mark.parametrize("text", ["::: mermaid\ngraph LR\n  A --> B\n", '<pre class="mermaid">\ngraph LR\n  A --> B\n'])
def test_a_notation_without_its_end_is_reported_by_embed(text: str) -> None:
    (problem,) = embedding.embed(text, "doc.md", EmbedOptions(), Options()).problems
    assert (str(problem.span), problem.code) == ("doc.md:1:1", "open-fence")


def test_html_with_a_diagram_between_other_elements_is_drawn_but_not_changed() -> None:
    text = f"<div>\n<p>before</p>\n{NOTATIONS['HTML']}</div>\n"
    assert len(readers.MARKDOWN.read(text, "d.md", "").patterns) == 1
    embedded = embedding.embed(text, "d.md", EmbedOptions(), Options())
    assert (embedded.text, embedded.pictures) == (text, {})
    assert [(problem.code, problem.severity) for problem in embedded.problems] == [("shared-lines", "warning")]


@pytest.mark.parametrize("command", ["render", "check", "show", "gallery", "wiki", "deck", "export", "embed"])
def test_every_command_reads_the_notations(command: str, tmp_path: Path) -> None:
    documents = [tmp_path / f"{number}.md" for number in range(3)]
    for document, notation in zip(documents, ("Azure DevOps", "Pandoc with attributes", "HTML"), strict=True):
        document.write_text(NOTATIONS[notation], "utf-8")
        options = {"wiki": ("--to", "github"), "deck": ("-o", "d.pptx"), "export": ("--to", "dot")}.get(command, ())
        process = run(command, document.name, *options, cwd=tmp_path)
        assert process.returncode == 0, process.stderr


# Sites


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_page_of_a_site_has_only_fences_that_the_site_reads(notation: str) -> None:
    text = PLACES["in a document"](NOTATIONS[notation])
    for native, info in ((mkdocs._NATIVE_FENCE, "mermaid"), (sphinx_mermaid._NATIVE_FENCE, "{mermaid}")):
        page = pages.with_fences(text, info, native)
        (fence,) = markdown.fences(page)
        first_line = page.split("\n")[fence.start]
        assert native.search(first_line) or "mmd" in notation or "Mermaid" in first_line
        assert fence.mermaid.strip() == BODY.strip()
        assert page.endswith("after\n")
        assert page.count("\n") >= text.count("\n")


def test_other_types_in_html_stay_html_on_a_site() -> None:
    text = '<pre class="mermaid">\nsequenceDiagram\n  A->>B: x\n</pre>\n'
    assert pages.with_fences(text, "mermaid", mkdocs._NATIVE_FENCE) == text


SITE_NOTATIONS = ["backticks", "Azure DevOps", "Pandoc", "Pandoc with a space", "MyST", "HTML"]


@pytest.mark.slow
def test_mkdocs_draws_every_notation() -> None:
    Path("docs").mkdir()
    Path("mkdocs.yml").write_text("site_name: Shop\nplugins: [diagramkit]\n", "utf-8")
    Path("docs/index.md").write_text("\n".join(f"# {name}\n\n{NOTATIONS[name]}" for name in SITE_NOTATIONS), "utf-8")
    build("mkdocs", "build")
    html = Path("site/index.html").read_text("utf-8")
    assert len(re.findall(r'<img class="diagramkit"', html)) == len(SITE_NOTATIONS)
    assert "graph LR" not in html


@pytest.mark.slow
def test_sphinx_draws_every_notation() -> None:
    Path("conf.py").write_text(
        'project = "Shop"\nextensions = ["myst_parser", "diagramkit.integrations.sphinx"]\n'
        'myst_fence_as_directive = ["mermaid"]\ndiagramkit_mermaid = True\n',
        "utf-8",
    )
    Path("index.md").write_text(
        "# Shop\n\n" + "\n".join(f"## {name}\n\n{NOTATIONS[name]}" for name in SITE_NOTATIONS), "utf-8"
    )
    build("sphinx", "-q", "-b", "html", ".", "site")
    html = Path("site/index.html").read_text("utf-8")
    for variant in ("light", "dark"):
        assert len(re.findall(rf'<span class="diagramkit-frame diagramkit-{variant}"><img ', html)) == len(
            SITE_NOTATIONS
        )
    assert "graph LR" not in html
