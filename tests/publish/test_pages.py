"""Integrations: real sites built with MkDocs and Sphinx, and cells of notebooks."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from mkdocs.theme import Theme

from diagramkit.diagnostics import DiagramError, Span
from diagramkit.integrations import mkdocs_schemes, pages
from diagramkit.integrations.mkdocs_schemes import Schemes
from diagramkit.options import Options
from diagramkit.publish import cached
from tests.support.command_line import build

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
    """Return the addresses of the pictures in a page, each of which has its size, so that the page does not jump."""
    images = re.findall(r"diagramkit-frame[^>]*>(<img [^>]*>)", Path(page).read_text("utf-8"))
    for image in images:
        (source,), (size,) = re.findall(r'src="([^"]*)"', image), re.findall(r'width="(\d+)" height="(\d+)"', image)
        svg = (Path(page).parent / source).read_text("utf-8")
        assert [round(float(each)) for each in re.findall(r' (?:width|height)="([^"]*)"', svg)[:2]] == list(
            map(int, size)
        )
    return [re.findall(r'src="([^"]*)"', image)[0] for image in images]


BOTH_SCHEMES = "material, palette: [{scheme: default}, {scheme: slate}]"


def mkdocs(theme: str, *arguments: str) -> str:
    """Build a site of two pages with MkDocs; return the output of the build."""
    Path("docs/sub").mkdir(parents=True, exist_ok=True)
    Path("mkdocs.yml").write_text(MKDOCS.replace("THEME", theme), "utf-8")
    note = "!!! note\n" + "".join(f"    {line}\n" for line in SHOP.replace("S3", "SQS").splitlines())
    Path("docs/index.md").write_text(f"# Shop\n\n{SHOP}\n{note}\n{SEQUENCE}", "utf-8")
    Path("docs/sub/page.md").write_text(f"# Page\n\n{SHOP}", "utf-8")
    return build("mkdocs", "build", *arguments)


def test_material_for_mkdocs_gets_a_light_and_a_dark_picture() -> None:
    output = mkdocs(BOTH_SCHEMES, "--strict")
    assert "WARNING" not in output
    addresses = pictures("site/index.html")
    assert [address.rpartition("-")[2] for address in addresses] == ["light.svg", "dark.svg"] * 2
    subpage_addresses = pictures("site/sub/page/index.html")
    assert [address.removeprefix("../../") for address in subpage_addresses] == addresses[:2]
    for address in addresses:
        text = (Path("site") / address).read_text("utf-8")
        assert "CloudFront" in "".join(ElementTree.fromstring(text).itertext())
    assert '<pre class="mermaid">' in Path("site/index.html").read_text("utf-8")
    for file in (pages.SCRIPT, pages.STYLE):
        assert f'"assets/diagramkit/{file}"' in Path("site/index.html").read_text("utf-8")
        assert (Path("site/assets/diagramkit") / file).stat().st_size > 1000


@pytest.mark.parametrize(
    ("palette", "themes", "dark"),
    [
        (None, ("light",), ()),
        ([], ("light",), ()),
        ({"scheme": "slate"}, ("dark",), ("slate",)),
        ({"primary": "indigo"}, ("light",), ()),
        ([{"scheme": "default"}, {"scheme": "slate"}], ("light", "dark"), ("slate",)),
        ([{"scheme": "paper"}, {"scheme": "ink blue"}], ("light", "dark"), ()),
        (
            [
                {"scheme": "paper", "media": "(prefers-color-scheme: light)"},
                {"scheme": "ink blue", "media": "(prefers-color-scheme: dark)"},
            ],
            ("light", "dark"),
            ("ink-blue",),
        ),
        ({"scheme": "ink", "media": "(prefers-color-scheme: dark)"}, ("dark",), ("ink",)),
        ({"scheme": "ink", "media": "(prefers-color-scheme)"}, ("light", "dark"), ()),
    ],
)
def test_a_palette_of_material_tells_which_pictures_a_site_needs(
    palette: Any, themes: tuple[str, ...], dark: tuple[str, ...]
) -> None:
    assert mkdocs_schemes.read(Theme("material", palette=palette)) == Schemes(themes, dark)


def test_material_without_a_palette_shows_each_diagram_once() -> None:
    mkdocs("material", "--strict")
    assert [address.rpartition("-")[2] for address in pictures("site/index.html")] == ["light.svg"] * 2
    assert "diagramkit-dark" not in Path("site/index.html").read_text("utf-8")


def test_a_style_sheet_hides_one_of_two_pictures_before_the_script_runs() -> None:
    style = pages.assets(("ink-blue",))[pages.STYLE].decode()
    body = "html:not([data-diagramkit]) body"
    assert f'{body}:not([data-md-color-scheme="ink-blue"]) .diagramkit-dark' in style
    assert f'{body}:is([data-md-color-scheme="ink-blue"]) .diagramkit-light' in style
    assert f"{body} .diagramkit-dark{{display:none}}" in pages.assets()[pages.STYLE].decode()


@pytest.mark.parametrize(
    ("theme", "themes"),
    [
        (Theme("mkdocs"), ("light",)),
        (Theme("mkdocs", color_mode="dark"), ("dark",)),
        (Theme("mkdocs", color_mode="auto"), ("light", "dark")),
        (Theme("mkdocs", user_color_mode_toggle=True), ("light", "dark")),
        (Theme("readthedocs"), ("light",)),
        (SimpleNamespace(name="somebody's", get=None), ("light", "dark")),
    ],
)
def test_other_mkdocs_themes_get_pictures_for_the_colors_of_their_pages(theme: Any, themes: tuple[str, ...]) -> None:
    """A page need not have the colors that the reader's system prefers."""
    assert mkdocs_schemes.read(theme) == Schemes(themes)


def test_the_theme_of_mkdocs_shows_light_pictures_on_its_light_pages() -> None:
    mkdocs("mkdocs")
    addresses = pictures("site/index.html")
    assert [address.rpartition("-")[2] for address in addresses] == ["light.svg"] * 2
    assert "prefers-color-scheme" not in (Path("site") / addresses[0]).read_text("utf-8")


TITLED = "```mermaid\n---\ntitle: The shop\n---\nflowchart LR\n  a[Users] --> b[S3]\n```\n"


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        ("# The shop\n", False),
        ("# Index\n\n## the  Shop ##\n", False),
        ("# Index\n\nThe shop\n--------\n\nText\n\n", False),
        ("---\ntitle: The shop\n---\n\n", False),
        ("# Index\n\nThe shop\n\n", True),
        ("# The shops\n", True),
    ],
)
def test_mkdocs_does_not_repeat_a_heading_as_a_title(before: str, shown: bool) -> None:
    Path("docs").mkdir()
    Path("mkdocs.yml").write_text(MKDOCS.replace("THEME", "mkdocs"), "utf-8")
    Path("docs/index.md").write_text(f"{before}\n{TITLED}\n# After\n", "utf-8")
    build("mkdocs", "build", "--strict")
    (address,) = pictures("site/index.html")
    text = (Path("site") / address).read_text("utf-8")
    assert '<title id="title">The shop</title>' in text
    assert (text.count(">The shop<") == 2) == shown


@pytest.mark.parametrize("name", ["index.md", "index.rst"])
def test_sphinx_does_not_repeat_a_heading_as_a_title(name: str) -> None:
    Path("conf.py").write_text(SPHINX.replace("THEME", "alabaster"), "utf-8")
    mermaid = TITLED.partition("\n")[2].rpartition("```")[0]
    directive = ".. diagramkit::\n\n" + "".join(f"   {line}\n" for line in mermaid.splitlines())
    blocks = {"index.md": TITLED, "index.rst": directive}
    underlines = {"index.md": ("# The shop", "## Another"), "index.rst": ("The shop\n========", "Another\n-------")}
    first, second = underlines[name]
    Path(name).write_text(f"{first}\n\n{second}\n\n{blocks[name]}\n", "utf-8")
    build("sphinx", "-q", "-b", "html", ".", "out")
    for address in pictures("out/index.html"):
        assert (Path("out") / address).read_text("utf-8").count(">The shop<") == 1  # The picture's accessible name.


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
        assert text.count(f'<span class="diagramkit-frame only-{mode}"') == 2
    assert "How it <em>is</em>" in text
    for address in pictures("out/index.html"):
        assert (Path("out") / address).read_text("utf-8").startswith("<svg")
    build("sphinx", "-q", "-b", "latex", ".", "latex")
    latex = next(Path("latex").glob("*.tex")).read_text("utf-8")
    assert latex.count("includegraphics{{diagram-") + latex.count("]{{diagram-") == 3


def test_other_sphinx_themes_get_pictures_for_the_color_of_the_page() -> None:
    """A page need not have the colors that the reader's system prefers."""
    sphinx("alabaster")
    text = Path("out/index.html").read_text("utf-8")
    assert len(pictures("out/index.html")) == 4
    for mode in ("light", "dark"):
        assert text.count(f'<span class="diagramkit-frame diagramkit-{mode}"') == 2


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
        theme=Theme("mkdocs"),
        extra_javascript=[],
        extra_css=[],
        mdx_configs={"pymdownx.superfences": {"custom_fences": [previous, other]}},
    )
    plugin.on_config(site)
    assert site.markdown_extensions == ["pymdownx.superfences"]
    (first, fence) = site.mdx_configs["pymdownx.superfences"]["custom_fences"]
    assert first is other
    page: Any = SimpleNamespace(file=SimpleNamespace(src_uri="a.md"), markdown="", url="a/", title="A")
    plugin.on_page_markdown("", page=page, config=site, files=Files([]))
    assert fence["format"]("sequenceDiagram\n  A->>B: x", "mermaid", "m", {}, None) == "<before/>"
    assert fence["format"]("graph LR\n  A -> B", "mermaid", "m", {}, None) == "<before/>"


# Links

LINKED = """\
```mermaid
---
title: Order service
---
flowchart LR
  subgraph vpc [VPC]
    A[EC2] --> B[RDS]
  end
  B --> C["id='x' url(#y) &lt;b> #lt;#quot;"]
  click A "sub/page.html" "Open it"
  click vpc "#target"
  click C "https://example.com/?a=1&b=2" _blank
```
"""


class PageParser(HTMLParser):
    """Collects the ids of a page, what refers to them, and its links."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.references: set[str] = set()
        self.links: list[tuple[str, str]] = []
        self.roles: list[str] = []
        self._in_picture = False
        self.feed(Path(path).read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.ids += [values["id"]] if "id" in values else []
        self.references |= {values["href"][1:]} if tag == "use" else set()
        self.references |= set(values.get("aria-labelledby", "").split()) if tag == "svg" else set()
        if tag == "a" and self._in_picture:
            self.links.append((values["aria-label"], values["href"]))
        if tag == "svg" and values.get("class", "").startswith("diagram-"):
            self._in_picture = True
            self.roles.append(values["role"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "svg":
            self._in_picture = False


def check_linked_pages(page: PageParser, count: int) -> None:
    assert len(page.ids) == len(set(page.ids))
    assert page.references <= set(page.ids)
    assert page.roles == ["group"] * count
    links = [
        ("VPC", "#target"),
        ("EC2", "sub/page.html"),
        ("id='x' url(#y) <b> <\"", "https://example.com/?a=1&b=2"),
    ]
    assert page.links == links * count


def test_links_of_diagrams_work_in_mkdocs() -> None:
    Path("docs").mkdir()
    Path("mkdocs.yml").write_text(MKDOCS.replace("THEME", BOTH_SCHEMES).replace("[diag", "[search, diag"), "utf-8")
    Path("docs/index.md").write_text(f"# Shop\n\n{LINKED}\n{LINKED}\n{SHOP}", "utf-8")
    Path("docs/other.md").write_text(LINKED, "utf-8")
    assert "WARNING" not in build("mkdocs", "build", "--strict")
    check_linked_pages(PageParser("site/index.html"), 4)
    check_linked_pages(PageParser("site/other/index.html"), 2)
    assert len(pictures("site/index.html")) == 2  # The diagram without links is an image, light and dark.
    text = Path("site/index.html").read_text("utf-8")
    for mode in ("light", "dark"):
        (address,) = set(re.findall(rf'href="([^"]*-{mode}\.css)"', text))
        css = (Path("site") / address).read_text("utf-8")
        (name,) = set(re.findall(rf'<svg class="(diagram-\w+-{mode})"', text))
        assert css.count(f".{name}") == css.count("text{") == 1
        assert text.count(f'<span class="diagramkit-frame diagramkit-{mode}">') == 3
    index = Path("site/search/search_index.json").read_text("utf-8")
    assert "Order service" in index
    assert "font-face" not in index


@pytest.mark.parametrize(("theme", "prefix"), [("furo", "only"), ("alabaster", "diagramkit")])
def test_links_of_diagrams_work_in_sphinx(theme: str, prefix: str) -> None:
    Path("conf.py").write_text(SPHINX.replace("THEME", theme), "utf-8")
    Path("index.md").write_text(f"# Shop\n\n{LINKED}\n{LINKED}\n{SHOP}", "utf-8")
    build("sphinx", "-q", "-b", "html", ".", "out")
    check_linked_pages(PageParser("out/index.html"), 4)
    text = Path("out/index.html").read_text("utf-8")
    assert len(pictures("out/index.html")) == 2
    assert text.count(f'frame {prefix}-dark"') == 3
    build("sphinx", "-q", "-b", "latex", ".", "latex")
    assert next(Path("latex").glob("*.tex")).read_text("utf-8").count("diagram-") == 3


SPHINX_FILES = """\
Shop
====

.. diagramkit:: spec.yaml

.. diagramkit:: page.markdown
   :title: false

.. diagramkit:: bad.yaml

.. diagramkit:: missing.mmd

.. diagramkit::
   :caption: Order service

   ---
   title: Order service
   ---
   graph LR
     A[SQS]
"""


def test_the_sphinx_directive_reads_files_of_every_kind_and_reports_bad_ones() -> None:
    Path("conf.py").write_text(SPHINX.replace("THEME", "alabaster").replace('"myst_parser", ', ""), "utf-8")
    Path("spec.yaml").write_text("title: T\nsteps: true\nnodes: {a: EC2, b: RDS}\nedges: [a -> b: asks]\n", "utf-8")
    Path("page.markdown").write_text(f"# P\n\n{LINKED}", "utf-8")
    Path("bad.yaml").write_text("title: T\nnodes: {a: EC2}\nedgs: []\n", "utf-8")
    Path("index.rst").write_text(SPHINX_FILES, "utf-8")
    output = build("sphinx", "-q", "-b", "html", ".", "out")
    assert "bad.yaml:3:1: error[unknown-key]" in output
    assert "missing.mmd:1:1: error[no-such-file]" in output
    assert "Traceback" not in output
    light = pictures("out/index.html")[::2]  # Each is followed by a dark one.
    spec, last = ((Path("out") / address).read_text("utf-8") for address in light)
    assert ">asks</text>" in spec  # The list of steps, which the spec asks for.
    assert ">Order service</text>" not in last
    assert ">Order service</text>" not in Path("out/index.html").read_text("utf-8")


MERMAID_DIRECTIVES = """\
Shop
====

.. mermaid::
   :title: Order service
   :zoom:
   :align: center
   :caption: How an order is *processed*
   :alt: An order
   :name: order
   :config: {"flowchart": {"curve": "linear"}}

   graph LR
     A[SQS] --> B[Lambda]

.. mermaid:: file.txt
   :width: 50%

.. mermaid::
   :zoom:
   :align: right
   :caption: Who calls *whom*
   :title: Calls
   :config: {"theme": "forest"}
   :width: 50%

   sequenceDiagram
     A->>B: hello

.. mermaid:: calls.mmd

.. mermaid::

   graph LR
     A -> B

.. mermaid::
   :config: {"theme

   graph LR
     A --> B
"""


@pytest.mark.parametrize("other", [True, False])
def test_the_mermaid_directive_leaves_other_diagrams_to_the_extension_that_drew_them(other: bool) -> None:
    extensions = (
        "'diagramkit.integrations.sphinx', 'sphinxcontrib.mermaid'" if other else "'diagramkit.integrations.sphinx'"
    )
    Path("conf.py").write_text(
        f"extensions = [{extensions}]\ndiagramkit_mermaid = True\nhtml_theme = 'alabaster'\n", "utf-8"
    )
    Path("file.txt").write_text("graph LR\n  C[SNS] --> D[S3]\n", "utf-8")
    Path("calls.mmd").write_text("sequenceDiagram\n  C->>D: again\n", "utf-8")
    Path("index.rst").write_text(MERMAID_DIRECTIVES, "utf-8")
    output = build("sphinx", "-q", "-b", "html", ".", "out").replace(os.sep, "/")
    assert "index.rst:35:5: error[mermaid-arrow]" in output
    assert "index.rst:37: WARNING: invalid option 'config': expected JSON" in output
    text = Path("out/index.html").read_text("utf-8")
    light = pictures("out/index.html")[::2]  # Each is followed by a dark one.
    order, *others = ((Path("out") / address).read_text("utf-8") for address in light)
    assert ">Order service</text>" in order
    assert len(others) == (2 if other else 1)  # Of the last one, whose configuration cannot be read, and of `file.txt`.
    assert re.search(r'<figure class="align-center" id="order">\s*<div class="diagramkit align-center', text)
    assert "How an order is <em>processed</em>" in text
    assert 'alt="An order"' in text
    if not other:
        assert '<span class="w">  </span>A-&gt;&gt;B: hello' in text or "A-&gt;&gt;B: hello" in text
        assert "calls.mmd:1:1: error[unsupported-diagram]" in output
        return
    assert '<span class="diagramkit-frame diagramkit-light" style="width:50%">' in text
    figure = r'<figure class="align-right"[^>]*>\s*<pre data-zoom-id="[^"]*" class="mermaid[^>]*>\s*'
    assert re.search(figure + r"---\s*config:\s*theme: forest\s*title: Calls\s*---\s*sequenceDiagram", text)
    assert "Who calls <em>whom</em>" in text
    assert "option 'width' is for diagrams that diagramkit draws" in output
    assert re.search(r'<pre\s+class="mermaid">\s*sequenceDiagram\s+C-', text)
    assert text.count("A -&gt; B") == 1


@pytest.mark.parametrize("error", [RecursionError("deep"), ValueError("odd"), MemoryError()])
def test_an_unexpected_error_costs_only_its_diagram(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: object) -> None:
        raise error

    monkeypatch.setattr(cached, "picture", give_up)
    pattern = pages.fence_pattern("graph LR\n  A\n", Span("docs/a.md", 3))
    assert pattern
    with pytest.raises(DiagramError, match=r"docs/a.md:3:1: error\[(internal|memory)\]"):
        pages.draw(pattern, Options(), ("light",))
