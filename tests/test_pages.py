"""Real sites are built with MkDocs and Sphinx; wikis and notebooks get what they understand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from diagramkit.cli import main
from diagramkit.integrations import notebook
from diagramkit.publish import wiki
from tests.conftest import ROOT

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


def build(*command: str) -> str:
    """Build a site; what was said."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def pictures(page: str) -> list[str]:
    """The addresses of a page's pictures."""
    found = re.findall(r"<img [^>]*diagramkit[^>]*>", Path(page).read_text("utf-8"))
    return [re.findall(r'src="([^"]*)"', image)[0] for image in found]


def mkdocs(theme: str, *more: str) -> str:
    Path("docs/sub").mkdir(parents=True)
    Path("mkdocs.yml").write_text(MKDOCS.replace("THEME", theme), "utf-8")
    note = "!!! note\n" + "".join(f"    {line}\n" for line in SHOP.replace("S3", "SQS").splitlines())
    Path("docs/index.md").write_text(f"# Shop\n\n{SHOP}\n{note}\n{SEQUENCE}", "utf-8")
    Path("docs/sub/page.md").write_text(f"# Page\n\n{SHOP}", "utf-8")
    return build("mkdocs", "build", *more)


def test_material_shows_each_diagram_in_its_light_and_its_dark_palette() -> None:
    said = mkdocs("material", "--strict")
    assert "WARNING" not in said
    found = pictures("site/index.html")
    assert [address.rpartition("#")[2] for address in found] == ["only-light", "only-dark"] * 2
    below = pictures("site/sub/page/index.html")
    assert [address.removeprefix("../../") for address in below] == found[:2]
    for address in found:
        text = (Path("site") / address.partition("#")[0]).read_text("utf-8")
        assert "CloudFront" in "".join(ElementTree.fromstring(text).itertext())
    assert '<pre class="mermaid">' in Path("site/index.html").read_text("utf-8")


def test_other_themes_of_mkdocs_get_one_picture_that_follows_the_reader() -> None:
    mkdocs("mkdocs")
    found = pictures("site/index.html")
    assert len(found) == 2
    assert "prefers-color-scheme" in (Path("site") / found[0]).read_text("utf-8")


def test_a_mistake_is_a_warning_of_mkdocs_at_its_line() -> None:
    Path("docs").mkdir()
    Path("mkdocs.yml").write_text(MKDOCS.replace("THEME", "mkdocs"), "utf-8")
    Path("docs/index.md").write_text(f"{SHOP}\n{SHOP.replace('-->', '->', 1)}", "utf-8")
    said = build("mkdocs", "build")
    assert "docs/index.md:8:12: error[mermaid-arrow]" in said
    assert len(pictures("site/index.html")) == 1


def sphinx(theme: str) -> str:
    Path("conf.py").write_text(SPHINX.replace("THEME", theme), "utf-8")
    Path("order.mmd").write_text("graph LR\n  A[SQS] --> B[SNS]\n", "utf-8")
    Path("index.rst").write_text(
        "Shop\n====\n\n.. diagramkit::\n   :caption: How it *is*\n   :name: shop\n\n   graph LR\n"
        "     A[API Gateway] --> B[Lambda]\n\n.. diagramkit:: order.mmd\n   :width: 300px\n\n.. toctree::\n\n   page\n",
        "utf-8",
    )
    Path("page.md").write_text(f"# Page\n\n{SHOP}\n{SEQUENCE}\n{SHOP.replace('-->', '->', 1)}", "utf-8")
    return build("sphinx", "-q", "-b", "html", ".", "out")


def test_furo_shows_each_diagram_on_its_light_and_its_dark_side_and_paper_on_one() -> None:
    said = sphinx("furo")
    assert "page.md:15:12: error[mermaid-arrow]" in said.replace(os.sep, "/")
    assert len(pictures("out/index.html")) == 4
    assert len(pictures("out/page.html")) == 2
    text = Path("out/index.html").read_text("utf-8")
    for side in ("light", "dark"):
        assert len(re.findall(f'<img [^>]*class="diagramkit only-{side}"', text)) == 2
    assert "How it <em>is</em>" in text
    for address in pictures("out/index.html"):
        assert (Path("out") / address).read_text("utf-8").startswith("<svg")
    build("sphinx", "-q", "-b", "latex", ".", "paper")
    paper = next(Path("paper").glob("*.tex")).read_text("utf-8")
    assert paper.count("includegraphics{{diagram-") + paper.count("]{{diagram-") == 3


def test_other_themes_of_sphinx_get_one_picture_that_follows_the_reader() -> None:
    sphinx("alabaster")
    (one, _) = pictures("out/index.html")
    assert "prefers-color-scheme" in (Path("out") / one).read_text("utf-8")


# Wikis

HOSTILE = (
    "title: 'x ]]> <b>y</b> [[z]] {{t}}'\ncomponents: ['[[a|b]] ''''c'''' <i>']\ndiagram: |\n  graph LR\n"
    '    A["]]> </pre> ``` {{x}}"] --> B[Lambda]\n'
)


def page(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    Path("s.yaml").write_text(HOSTILE, "utf-8")
    assert main(["wiki", "s.yaml", "--to", name]) == 0
    said = capsys.readouterr()
    assert said.err == f"attach to the page: {Path('output') / 's'}.{'png' if name == 'notion' else 'svg'}\n"
    return said.out


def test_confluence_gets_well_formed_storage_format(capsys: pytest.CaptureFixture[str]) -> None:
    said = page("confluence", capsys)
    tree = ElementTree.fromstring(f'<page xmlns:ac="urn:ac" xmlns:ri="urn:ri">{said}</page>')
    (code,) = tree.iter("{urn:ac}plain-text-body")
    assert "]]> </pre>" in str(code.text)
    (picture,) = tree.iter("{urn:ri}attachment")
    assert picture.get("{urn:ri}filename") == "s.svg"
    assert "<b>y</b>" in "".join(tree.itertext())


def test_markdown_wikis_get_text_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("github", "notion"):
        made = MarkdownIt("commonmark").render(page(name, capsys))
        assert "&lt;b&gt;y&lt;/b&gt;" in made
        assert made.count("<img ") == 1
        assert "<b>" not in made
        assert made.count('<code class="language-mermaid">') == 1


def test_mediawiki_sees_no_markup_of_a_source(capsys: pytest.CaptureFixture[str]) -> None:
    said = page("mediawiki", capsys)
    assert said.count("[[") == 1
    assert "{{" not in said.split("<pre")[0]
    assert "''" not in said
    assert said.count("</pre>") == 1


def test_every_wiki_has_lists_and_the_source(capsys: pytest.CaptureFixture[str]) -> None:
    for name in wiki.WIKIS:
        assert (
            main(
                [
                    "wiki",
                    str(ROOT / "specs/network-patterns/hub-and-spoke-with-tgw.yaml"),
                    "--to",
                    name,
                ]
            )
            == 0
        )
        said = capsys.readouterr().out
        for words in ("Hub-and-Spoke", "Components", "Route tables", "Best practices", "subgraph"):
            assert words in said.replace("\\", "")


# Notebooks


def test_a_cell_is_a_diagram_that_shows_itself() -> None:
    made = notebook.cell("--theme dark", "graph LR\n  A[Lambda] --> B[S3]\n")
    assert made is not None
    assert made._repr_svg_().startswith("<svg")
    assert made.options.theme == "dark"
    assert repr(made) == "<Diagram 'Diagram': 2 nodes, 1 edges>"
    spec = notebook.cell("", "title: Shop\nnodes: {a: Lambda, b: S3}\nedges: [a -> b]\n")
    assert spec is not None
    assert spec.title == "Shop"


@pytest.mark.parametrize(
    ("line", "text", "told"),
    [
        ("", "graph LR\n  A -> B\n", "<cell>:2:5: error[mermaid-arrow]"),
        ("--theme pink", "graph LR\n  A --> B\n", "invalid theme 'pink'"),
        ("--no-such", "graph LR\n  A --> B\n", "unrecognized arguments"),
    ],
)
def test_a_cells_mistake_is_told_without_a_traceback(
    line: str, text: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert notebook.cell(line, text) is None
    assert told in capsys.readouterr().err


def test_ipython_finds_the_magic() -> None:
    import diagramkit

    registered: dict[str, object] = {}

    class Shell:
        def register_magic_function(self, function: object, kind: str, name: str) -> None:
            registered[f"{kind} {name}"] = function

    diagramkit.load_ipython_extension(Shell())
    assert registered == {"cell diagramkit": notebook.cell}


def test_who_had_the_fences_of_mermaid_before_draws_what_is_no_flowchart() -> None:
    from mkdocs.structure.files import Files

    from diagramkit.integrations.mkdocs import DiagramkitPlugin

    plugin = DiagramkitPlugin()
    plugin.load_config({})
    own = {"name": "mermaid", "class": "m", "format": lambda *_, **__: "<before/>"}
    other = {"name": "math", "class": "m", "format": str}
    site: Any = SimpleNamespace(
        markdown_extensions=[],
        docs_dir="docs",
        theme=SimpleNamespace(name="mkdocs"),
        mdx_configs={"pymdownx.superfences": {"custom_fences": [own, other]}},
    )
    plugin.on_config(site)
    assert site.markdown_extensions == ["pymdownx.superfences"]
    (kept, fence) = site.mdx_configs["pymdownx.superfences"]["custom_fences"]
    assert kept is other
    page: Any = SimpleNamespace(file=SimpleNamespace(src_uri="a.md"), markdown="", url="a/")
    plugin.on_page_markdown("", page=page, config=site, files=Files([]))
    assert fence["format"]("sequenceDiagram\n  A->>B: x", "mermaid", "m", {}, None) == "<before/>"
    assert fence["format"]("graph LR\n  A -> B", "mermaid", "m", {}, None) == "<before/>"
