"""Integrations: real sites built with MkDocs and Sphinx, pages for wikis, and cells of notebooks."""

from __future__ import annotations

import os
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from diagramkit.cli import main
from diagramkit.integrations import notebook
from diagramkit.publish import wiki
from tests.support.command_line import build
from tests.support.project import ROOT

pytestmark = pytest.mark.slow

SHOP = "```mermaid\ngraph LR\n  A[Users] --> B[CloudFront] --> C[S3]\n```\n"
SEQUENCE = "```mermaid\nsequenceDiagram\n  A->>B: x\n```\n"
MKDOCS = """\
site_name: Shop
theme: {name: THEME}
markdown_extensions: [admonition]
plugins: [diagramkit]
"""
SPHINX = """\
project = "Shop"
extensions = ["myst_parser", "diagramkit.integrations.sphinx"]
myst_fence_as_directive = ["mermaid"]
diagramkit_mermaid = True
html_theme = "THEME"
"""


def pictures(page: str) -> list[str]:
    """Return the addresses of the pictures in a page."""
    images = re.findall(r"<img [^>]*diagramkit[^>]*>", Path(page).read_text("utf-8"))
    return [re.findall(r'src="([^"]*)"', image)[0] for image in images]


def mkdocs(theme: str, *arguments: str) -> str:
    """Build a site of two pages with MkDocs; return the output of the build."""
    Path("docs/sub").mkdir(parents=True)
    Path("mkdocs.yml").write_text(MKDOCS.replace("THEME", theme), "utf-8")
    note = "!!! note\n" + "".join(f"    {line}\n" for line in SHOP.replace("S3", "SQS").splitlines())
    Path("docs/index.md").write_text(f"# Shop\n\n{SHOP}\n{note}\n{SEQUENCE}", "utf-8")
    Path("docs/sub/page.md").write_text(f"# Page\n\n{SHOP}", "utf-8")
    return build("mkdocs", "build", *arguments)


def test_material_for_mkdocs_gets_a_light_and_a_dark_picture() -> None:
    output = mkdocs("material", "--strict")
    assert "WARNING" not in output
    addresses = pictures("site/index.html")
    assert [address.rpartition("#")[2] for address in addresses] == ["only-light", "only-dark"] * 2
    subpage_addresses = pictures("site/sub/page/index.html")
    assert [address.removeprefix("../../") for address in subpage_addresses] == addresses[:2]
    for address in addresses:
        text = (Path("site") / address.partition("#")[0]).read_text("utf-8")
        assert "CloudFront" in "".join(ElementTree.fromstring(text).itertext())
    assert '<pre class="mermaid">' in Path("site/index.html").read_text("utf-8")


def test_other_mkdocs_themes_get_one_picture_that_follows_the_system() -> None:
    mkdocs("mkdocs")
    addresses = pictures("site/index.html")
    assert len(addresses) == 2
    assert "prefers-color-scheme" in (Path("site") / addresses[0]).read_text("utf-8")


def test_mkdocs_warns_about_an_error_with_its_line() -> None:
    Path("docs").mkdir()
    Path("mkdocs.yml").write_text(MKDOCS.replace("THEME", "mkdocs"), "utf-8")
    Path("docs/index.md").write_text(f"{SHOP}\n{SHOP.replace('-->', '->', 1)}", "utf-8")
    output = build("mkdocs", "build")
    assert "docs/index.md:8:12: error[mermaid-arrow]" in output
    assert len(pictures("site/index.html")) == 1


def sphinx(theme: str) -> str:
    """Build a site with Sphinx, from reStructuredText and MyST; return the output of the build."""
    Path("conf.py").write_text(SPHINX.replace("THEME", theme), "utf-8")
    Path("order.mmd").write_text("graph LR\n  A[SQS] --> B[SNS]\n", "utf-8")
    Path("index.rst").write_text(
        "Shop\n====\n\n.. diagramkit::\n   :caption: How it *is*\n   :name: shop\n\n   graph LR\n"
        "     A[API Gateway] --> B[Lambda]\n\n.. diagramkit:: order.mmd\n   :width: 300px\n\n.. toctree::\n\n   page\n",
        "utf-8",
    )
    Path("page.md").write_text(f"# Page\n\n{SHOP}\n{SEQUENCE}\n{SHOP.replace('-->', '->', 1)}", "utf-8")
    return build("sphinx", "-q", "-b", "html", ".", "out")


def test_furo_gets_a_light_and_a_dark_picture_and_latex_gets_one() -> None:
    output = sphinx("furo")
    assert "page.md:15:12: error[mermaid-arrow]" in output.replace(os.sep, "/")
    assert len(pictures("out/index.html")) == 4
    assert len(pictures("out/page.html")) == 2
    text = Path("out/index.html").read_text("utf-8")
    for mode in ("light", "dark"):
        assert len(re.findall(f'<img [^>]*class="diagramkit only-{mode}"', text)) == 2
    assert "How it <em>is</em>" in text
    for address in pictures("out/index.html"):
        assert (Path("out") / address).read_text("utf-8").startswith("<svg")
    build("sphinx", "-q", "-b", "latex", ".", "latex")
    latex = next(Path("latex").glob("*.tex")).read_text("utf-8")
    assert latex.count("includegraphics{{diagram-") + latex.count("]{{diagram-") == 3


def test_other_sphinx_themes_get_one_picture_that_follows_the_system() -> None:
    sphinx("alabaster")
    (address, _) = pictures("out/index.html")
    assert "prefers-color-scheme" in (Path("out") / address).read_text("utf-8")


# Wikis

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


# Notebooks


def test_a_cell_returns_a_diagram_that_notebooks_can_display() -> None:
    diagram = notebook.cell("--theme dark", "graph LR\n  A[Lambda] --> B[S3]\n")
    assert diagram is not None
    assert diagram._repr_svg_().startswith("<svg")
    assert diagram.options.theme == "dark"
    assert repr(diagram) == "<Diagram 'Diagram': 2 nodes, 1 edges>"
    spec_diagram = notebook.cell("", "title: Shop\nnodes: {a: Lambda, b: S3}\nedges: [a -> b]\n")
    assert spec_diagram is not None
    assert spec_diagram.title == "Shop"


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        ("", "graph LR\n  A -> B\n", "<cell>:2:5: error[mermaid-arrow]"),
        ("--theme pink", "graph LR\n  A --> B\n", "invalid theme 'pink'"),
        ("--no-such", "graph LR\n  A --> B\n", "unrecognized arguments"),
    ],
)
def test_an_error_in_a_cell_is_printed_without_a_traceback(
    line: str, text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert notebook.cell(line, text) is None
    assert message in capsys.readouterr().err


def test_the_magic_is_registered_with_ipython() -> None:
    import diagramkit

    registered: dict[str, object] = {}

    class Shell:
        def register_magic_function(self, function: object, kind: str, name: str) -> None:
            registered[f"{kind} {name}"] = function

    diagramkit.load_ipython_extension(Shell())
    assert registered == {"cell diagramkit": notebook.cell}


def test_fences_that_cannot_be_drawn_are_left_to_the_previous_renderer() -> None:
    from mkdocs.structure.files import Files

    from diagramkit.integrations.mkdocs import DiagramkitPlugin

    plugin = DiagramkitPlugin()
    plugin.load_config({})
    previous = {"name": "mermaid", "class": "m", "format": lambda *_, **__: "<before/>"}
    other = {"name": "math", "class": "m", "format": str}
    site: Any = SimpleNamespace(
        markdown_extensions=[],
        docs_dir="docs",
        config_file_path=None,
        theme=SimpleNamespace(name="mkdocs"),
        mdx_configs={"pymdownx.superfences": {"custom_fences": [previous, other]}},
    )
    plugin.on_config(site)
    assert site.markdown_extensions == ["pymdownx.superfences"]
    (first, fence) = site.mdx_configs["pymdownx.superfences"]["custom_fences"]
    assert first is other
    page: Any = SimpleNamespace(file=SimpleNamespace(src_uri="a.md"), markdown="", url="a/")
    plugin.on_page_markdown("", page=page, config=site, files=Files([]))
    assert fence["format"]("sequenceDiagram\n  A->>B: x", "mermaid", "m", {}, None) == "<before/>"
    assert fence["format"]("graph LR\n  A -> B", "mermaid", "m", {}, None) == "<before/>"
