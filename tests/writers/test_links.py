"""Links: those of nodes and groups work in every output that has links, and on pages without an effect on the rest."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from diagramkit import pipeline
from diagramkit.cli import main
from diagramkit.graph import Graph
from diagramkit.options import Options
from diagramkit.publish import inline_svg
from diagramkit.sources import readers
from diagramkit.sources.mermaid.write import to_mermaid
from tests.support.mermaid import read

SOURCE = """\
flowchart LR
  click early "https://example.com/early"
  subgraph vpc [VPC]
    A[EC2] --> B[RDS]
    click vpc "https://example.com/vpc" "About it" _blank
  end
  subgraph tier [Other tier]
    C[Step]
  end
  vpc --> tier
  B --> early
  click A "https://example.com/a" "Open it"
  click tier,C "https://example.com/tier"
"""
SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}href"
ADDRESSES = {"vpc": "https://example.com/vpc", "tier": "https://example.com/tier", "A": "https://example.com/a"}
ADDRESSES["C"] = ADDRESSES["tier"]


def rendered(format: str, source: str = SOURCE, **options: object) -> bytes:
    pattern = readers.pattern_from_text(source, "<text>")
    return pipeline.render(pattern, (format,), Options(**options)).outputs[format]  # type: ignore[arg-type]  # Any option.


def links_of(graph: Graph) -> dict[str, tuple[str | None, str | None, str | None]]:
    return {item.id: (item.link, item.tooltip, item.target) for item in graph.nodes_and_groups if item.link}


def test_click_links_nodes_and_groups_and_survives_writing() -> None:
    """As in Mermaid, a node must exist before; a subgraph may be open or still to come."""
    graph = read(SOURCE)
    assert links_of(graph) == {
        "vpc": (ADDRESSES["vpc"], "About it", "_blank"),
        "A": (ADDRESSES["A"], "Open it", None),
        "tier": (ADDRESSES["tier"], None, None),
        "C": (ADDRESSES["tier"], None, None),
    }
    assert links_of(read(to_mermaid(graph))) == links_of(graph)


@pytest.mark.parametrize("outlines", [False, True])
def test_an_svg_links_nodes_and_groups_by_their_names(outlines: bool) -> None:
    root = ElementTree.fromstring(rendered("svg", outlines=outlines))
    assert root.get("role") == "group"
    links = {link.get("aria-label"): link for link in root.iter(f"{SVG}a")}
    assert {name: link.get(XLINK) for name, link in links.items()} == {
        "VPC": ADDRESSES["vpc"],
        "EC2": ADDRESSES["A"],
        "Other tier": ADDRESSES["tier"],
        "Step": ADDRESSES["C"],
    }
    assert links["VPC"].get("target") == "_blank"
    assert [title.text for title in links["VPC"].iter(f"{SVG}title")] == ["About it"]
    assert ElementTree.fromstring(rendered("svg", "graph LR\n  A --> B\n")).get("role") == "img"


def test_the_title_that_an_edge_crosses_is_linked_too() -> None:
    source = "flowchart TB\n" + "".join(
        f"  subgraph g{n} [A long title of a group {n}]\n    n{n}\n  end\n" for n in range(4)
    )
    source += "".join(f"  x --> n{n}\n  y --> n{n}\n  click g{n} './g{n}'\n".replace("'", '"') for n in range(4))
    root = ElementTree.fromstring(rendered("svg", source))
    groups = [link for link in root.iter(f"{SVG}a") if (link.get(XLINK) or "").startswith("./g")]
    texts = {link.get(XLINK) for link in groups if any(True for _ in link.iter(f"{SVG}text"))}
    assert texts == {f"./g{n}" for n in range(4)}


def test_pdf_powerpoint_and_drawio_link_groups() -> None:
    pdf = rendered("pdf")
    assert {address.decode() for address in re.findall(rb"/URI \((.*?)\)", pdf)} == set(ADDRESSES.values())
    Path("a.mmd").write_text(SOURCE, "utf-8")
    assert main(["export", "a.mmd", "-o", "a.drawio"]) == 0
    objects = ElementTree.parse("a.drawio").iter("UserObject")
    assert {(each.get("label") or "").split("<")[0]: each.get("link") for each in objects} == {
        "VPC": ADDRESSES["vpc"],
        "Other tier": ADDRESSES["tier"],
        "EC2": ADDRESSES["A"],
        "Step": ADDRESSES["C"],
    }
    assert main(["deck", "a.mmd", "-o", "a.pptx"]) == 0
    with zipfile.ZipFile(io.BytesIO(Path("a.pptx").read_bytes())) as deck:
        slide = deck.read("ppt/slides/slide2.xml").decode()
        relations = deck.read("ppt/slides/_rels/slide2.xml.rels").decode()
    assert set(re.findall(r'Target="(https://example[^"]*)"', relations)) == set(ADDRESSES.values())
    linked = re.findall(r'<p:cNvPr id="\d+" name="([^"]*)"[^>]*><a:hlinkClick', slide)
    assert {"Group: VPC", "Title: VPC", "Group: Other tier", "EC2"} <= set(linked)


@pytest.mark.parametrize("link", ["#x", "#"])
def test_a_pdf_is_written_without_links_to_places_of_a_page(link: str) -> None:
    source = f'graph LR\n  A --> B\n  click A "{link}"\n  click B "https://example.com/b"\n'
    pattern = readers.pattern_from_text(source, "a.mmd")
    result = pipeline.render(pattern, ("pdf",), Options())
    assert re.findall(rb"/URI \((.*?)\)", result.outputs["pdf"]) == [b"https://example.com/b"]
    (note,) = result.warnings
    assert (note.code, note.severity) == ("page-link", "note")
    assert f"'{link}'" in note.message


@pytest.mark.parametrize("link", ["javascript:alert(1)", "//evil.example", "data:text/html,x"])
def test_an_unsafe_link_of_a_group_is_written_nowhere(link: str) -> None:
    source = f'graph LR\n  subgraph g\n  A\n  end\n  click g "{link}"\n'
    assert not any(link.encode() in rendered(name, source) for name in ("svg", "pdf", "drawio"))
    assert "<a " not in rendered("svg", source).decode()
    assert not inline_svg.has_links(readers.pattern_from_text(source, "<text>"))


def test_an_inline_svg_has_its_own_ids_rules_and_fonts_but_the_same_content() -> None:
    source = SOURCE + "  C --> D[\"id='a' url(#b) 日本 <b>bold</b> <code>code</code>\"]\n  style D fill:#fee\n"
    svg = rendered("svg", source, theme="auto")
    inline = inline_svg.inline(svg, "name", "prefix")
    before, after = ElementTree.fromstring(svg), ElementTree.fromstring(inline.with_style)
    assert [element.tag for element in before.iter()] == [element.tag for element in after.iter()]
    texts = [["".join(text.itertext()) for text in root.iter(f"{SVG}text")] for root in (before, after)]
    assert texts[0] == texts[1]
    ids = {element.get("id") for element in before.iter()} - {None}
    assert {element.get("id") for element in after.iter()} - {None} == {f"prefix-{each}" for each in ids}
    uses = {use.get("href") for use in after.iter(f"{SVG}use")}
    assert uses
    assert {f"{each}"[1:] for each in uses} <= {f"prefix-{each}" for each in ids}
    assert after.get("aria-labelledby") == "prefix-title prefix-desc"
    assert {link.get("href") for link in after.iter(f"{SVG}a")} == set(ADDRESSES.values())
    outside = re.sub(r"@font-face\{.*?\}|@media\([^)]*\)\{", "", inline.css).replace("}}", "}")
    assert all(rule.startswith(".name ") for rule in re.findall(r"[^{}]+(?=\{)", outside))
    assert not re.search(r"font-family:'[^']*(?<! name)'", inline.css)
    embedded = re.findall(r"@font-face\{font-family:('[^']*')", inline.css)
    used = {family.partition(",")[0] for part in after.iter() if (family := part.get("font-family"))}
    assert "'Source Code Pro name'" in used.intersection(embedded)


def test_an_inline_svg_can_be_given_another_accessible_name() -> None:
    inline = inline_svg.inline(rendered("svg"), "n", "p", 'Said "aloud" & <more>')
    assert ElementTree.fromstring(inline.with_style).get("aria-label") == 'Said "aloud" & <more>'
    assert "aria-labelledby" not in inline.element
