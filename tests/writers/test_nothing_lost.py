"""Whatever a source says is in its picture, or a note says that it is not: words, edges, styles, links and legends."""

from __future__ import annotations

import random
from pathlib import Path
from xml.etree import ElementTree

import pytest
from msgspec import Struct, field

from diagramkit import pipeline, sources
from diagramkit.graph import Graph
from diagramkit.options import Options, PictureOptions
from diagramkit.sources import SourceFile
from diagramkit.sources.label_text import plain_lines

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}href"
WORDS = ["alpha", "beta__gamma", "**delta**", "eps*lon", "<b>zeta</b>", "x<sup>2</sup>", "a&lt;b", "tab\tbed", "ça_va"]
WORDS += ["漢字", "_it_", "100%", "a.b-c", "<div>block</div>", "<font color='#930'>colored</font>", "<code>mono</code>"]
STYLES = {
    "fill:#123456": 'fill="#123456"',
    "stroke:#654321": 'stroke="#654321"',
    "stroke-width:3px": 'stroke-width="3"',
    "stroke-dasharray:5 5": 'stroke-dasharray="5 5"',
    "color:#00aa11": 'fill="#00AA11"',
    "font-size:21px": 'font-size="21"',
    "font-weight:bold": 'font-weight="bold"',
    "font-style:italic": 'font-style="italic"',
    "text-decoration:underline": 'text-decoration="underline"',
    "opacity:0.4": '-opacity="0.4"',
    "rx:5": "the property rx",
    "font-family:serif": "the property font-family",
    "letter-spacing:2px": "the property letter-spacing",
    "stroke-linecap:round": "the property stroke-linecap",
}
FEATURES = {
    "linkStyle 0 interpolate basis": "curve",
    "e0@{ animate: true }": "animate",
    "click n0 call open()": "click with a callback",
    'maths["$$x^2$$"]': "LaTeX in $$",
}
BEFORE = {
    "": [],
    '%%{init: {"theme": "forest"}}%%\n': ["theme: forest"],
    '%%{init: {"flowchart": {"nodeSpacing": 90}}}%%\n': ["nodeSpacing: 90"],
}


class Flowchart(Struct):
    """A random flowchart: its lines, and what its picture or a note must contain.

    `styled` has the sign of each style with the element that it is for: the id of a node or a group, or "" for an edge.
    """

    dice: random.Random
    lines: list[str] = field(default_factory=list)
    styled: list[tuple[str, str]] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    used: set[tuple[str, str]] = field(default_factory=set)
    legend: list[tuple[str, str]] = field(default_factory=list)
    title: str | None = None

    def label(self) -> str:
        return " ".join(self.dice.choices(WORDS, k=self.dice.randint(1, 4)))

    def style(self, targets: dict[str, str], statement: str) -> None:
        """Add a statement that ends in a style that `targets` do not have yet: elements by their names in Mermaid."""
        free = [
            style
            for style in STYLES
            if not any((name, style.partition(":")[0]) in self.used for name in targets)
            and not (style.startswith("fill") and "" in targets.values())  # The line of an edge encloses no area.
        ]
        style = self.dice.choice(free)
        self.used |= {(name, style.partition(":")[0]) for name in targets}
        self.styled += [(element, STYLES[style]) for element in targets.values()]
        self.lines.append(f"{statement} {style}")

    def text(self, before: str) -> str:
        heading = f"---\ntitle: {self.title}\n---\n" if self.title else ""
        return f"{heading}{before}flowchart {self.dice.choice(['LR', 'TB'])}\n" + "\n".join(self.lines) + "\n"


def random_flowchart(dice: random.Random) -> tuple[str, Flowchart]:
    """Return a flowchart with a title, groups, styles, classes, links and a legend."""
    chart = Flowchart(dice)
    count, is_grouped = dice.randint(3, 7), dice.random() < 0.6
    markdown = ["`" if dice.random() < 0.2 else "" for _ in range(count)]
    chart.lines = [f'n{number}["{tick}{chart.label()}{tick}"]' for number, tick in enumerate(markdown)]
    for number in range(1, count):
        arrow = dice.choice(["-->", "-.->", "==>", "---"])
        chart.lines.append(f'n{dice.randrange(count)} e{number - 1}@{arrow}|"{chart.label()}"| n{number}')
    groups = ["g", "h"] if is_grouped else []
    if is_grouped:
        lines = [f'subgraph g ["{chart.label()}"]', "n0", f'subgraph h ["{chart.label()}"]', "n1", "end", "end"]
        chart.lines += lines
    nodes, edges = [f"n{number}" for number in range(count)], [f"e{number}" for number in range(count - 1)]
    for name, members in (("first", dice.sample(nodes, 2)), ("second", [dice.choice(edges)]), ("third", groups[:1])):
        if members:
            chart.style({member: "" if member in edges else member for member in members}, f"classDef {name}")
            chart.lines.append(f"class {','.join(members)} {name}")
            chart.legend.append((name, f"meaning-of-{name}"))
    for _ in range(dice.randint(1, 3)):
        name = dice.choice([*nodes, *groups])
        chart.style({name: name}, f"style {name}")
    number = dice.randrange(count - 1)
    chart.style({edges[number]: ""}, f"linkStyle {number}")
    for name in dice.sample([*nodes, *groups], 2):
        chart.links[name] = f"https://example.com/{name}"
        chart.lines.append(f'click {name} "{chart.links[name]}" "About {name}"')
        chart.expected.append(f"About {name}")
    feature = dice.choice(list(FEATURES))
    chart.lines.append(feature)
    chart.expected.append(FEATURES[feature])
    chart.title = "Title of everything" if dice.random() < 0.5 else None
    before = dice.choice(list(BEFORE))
    chart.expected += BEFORE[before]
    return chart.text(before), chart


def words_of(graph: Graph, chart: Flowchart) -> set[str]:
    """Return every word of the labels, the title and the legend."""
    lines = [line for item in graph.elements for line in plain_lines(item.label, item.markdown)]
    return {word for line in [*lines, chart.title or "", *(text for _, text in chart.legend)] for word in line.split()}


def markup_by_id(root: ElementTree.Element) -> dict[str, str]:
    """Return the SVG of each node and group by its id, and that of everything by an empty text.

    The titles that edges run through are above the edges, outside of their groups.
    """
    elements = list(root.iter(f"{SVG}g"))
    titles = "".join(ElementTree.tostring(each, "unicode") for each in elements if each.get("class") == "title")
    markup = {"": ElementTree.tostring(root, "unicode")}
    for element in elements:
        if name := element.get("data-id"):
            is_group = (element.get("class") or "").startswith("group")
            markup[name] = ElementTree.tostring(element, "unicode") + titles * is_group
    return markup


@pytest.mark.parametrize("seed", range(60))
def test_every_word_edge_style_and_link_is_in_the_svg_or_in_a_note(seed: int) -> None:
    source, chart = random_flowchart(random.Random(seed))
    Path("r.mmd").write_text(source, "utf-8")
    loaded = sources.load(SourceFile("r.mmd"))
    (pattern,) = loaded.patterns
    options = Options(picture_options=PictureOptions(legend=tuple(chart.legend)))
    rendered = pipeline.render(pattern, ("svg",), options)
    root = ElementTree.fromstring(rendered.outputs["svg"])
    texts = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    drawn, joined = {word for text in texts for word in text.split()}, "".join(texts).replace(" ", "")
    words = words_of(pattern.graph, chart)
    assert {word for word in words - drawn if word not in joined} == set()
    edges = [group for group in root.iter(f"{SVG}g") if group.get("class") == "edge"]
    assert len(edges) == len(pattern.graph.edges)
    assert all(next(edge.iter(f"{SVG}path")).get("d") for edge in edges)
    notes = " ".join(problem.message for problem in (*loaded.problems, *rendered.warnings))
    markup = markup_by_id(root)
    assert [(name, sign) for name, sign in chart.styled if sign not in markup[name] and sign not in notes] == []
    linked = {link.find(f"{SVG}g[@data-id]"): link.get(XLINK) for link in root.iter(f"{SVG}a")}
    found = {group.get("data-id"): address for group, address in linked.items() if group is not None}
    assert found == chart.links
    assert [sign for sign in chart.expected if sign not in markup[""] and sign not in notes] == []
    assert sum(problem.code == "not-drawn" for problem in (*loaded.problems, *rendered.warnings)) == 1
