"""What Mermaid draws and diagramkit does not is named: other types of diagrams, configuration, and features."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagramkit import data, sources
from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError
from diagramkit.graph import Graph
from diagramkit.sources import SourceFile
from diagramkit.sources.mermaid.preamble import OtherTypeError
from tests.support.mermaid import read

OTHER_TYPES: dict[str, str] = data.load("sources.mermaid", "diagram_types.yaml")
NEW_IN_MERMAID_12 = (
    "agentflow-beta",
    "cynefin-beta",
    "eventmodeling",
    "ishikawa-beta",
    "railroad-beta",
    "treeView-beta",
    "treemap-beta",
    "usecase-beta",
    "venn-beta",
    "wardley-beta",
)
FENCE = "```mermaid\n{}\n```\n"
GOOD = "graph LR\n  A[Lambda] --> B[S3]"


def unsupported(text: str) -> list[str]:
    """Return the names of the unsupported features of a Mermaid text."""
    return [feature.name for feature in read(text).unsupported]


@pytest.mark.parametrize(
    ("file", "text", "names"),
    [
        ("a.mmd", "graph LR\n A[One] --> B\n A[Two] --> C", "the label 'One' of 'A', which 'Two' replaces"),
        ("a.mmd", "graph LR\n A[One]\n A@{ label: Two }", "the label 'One' of 'A', which 'Two' replaces"),
        ("a.mmd", 'graph LR\n A["`x\n y`"]\n A(z)', "the label 'x y' of 'A', which 'z' replaces"),
        ("a.mmd", "graph LR\n A[Node]\n subgraph A[Group]\n B\n end", "the label 'Node' of 'A', which is a subgraph"),
        (
            "a.mmd",
            "---\ntitle: X\n---\narchitecture-beta\n title Y\n service a(server)[S]",
            "the title 'X', which 'Y' ",
        ),
        ("a.mmd", "architecture-beta\n title X\n title Y\n service a(server)[S]", "the title 'X', which 'Y' replaces"),
        (
            "a.yaml",
            "title: Y\ndiagram: |\n  ---\n  title: X\n  ---\n  graph LR\n  A\n",
            "the title 'X', which 'Y' repl",
        ),
        (
            "a.mmd",
            "graph LR\n A --> B\n click C 'x'".replace("'", '"'),
            "the link of 'C', which does not exist above this",
        ),
        ("a.mmd", 'graph LR\n click A "x"\n A --> B', "the link of 'A', which does not exist above this line"),
        (
            "a.mmd",
            "graph LR\n class A hot\n A --> B\n classDef hot fill:red",
            "the class 'hot' of 'A', which does not ",
        ),
        ("a.mmd", "graph LR\n A e1@--> B\n e1@{ label: x }", "'label' of 'e1', which is no node"),
        ("a.mmd", "graph LR\n subgraph g\n A\n end\n g@{ shape: cyl }", "'shape' of 'g', which is no node"),
        ("a.mmd", "graph LR\n direction TB\n A", "'direction TB' outside of subgraphs"),
        (
            "a.mmd",
            "graph LR\n A --> B\n linkStyle 0 stroke:red,color:#00f\n linkStyle 0 stroke:blue",
            "the style color:#00f of edge 0, which 'linkStyle' sets again",
        ),
        ("a.mmd", 'graph LR\n subgraph g\n click g "x"\n A\n end\n click A "y"\n class A,g hot', ""),
        ("a.mmd", "graph LR\n A[One] --> B\n A[One] --> C\n A --> D\n A[ One ]", ""),
        ("a.mmd", "graph LR\n A --> B\n A[One]\n subgraph g[T]\n A\n end\n g --> B", ""),
        ("a.mmd", "---\ntitle: X\n---\narchitecture-beta\n title X\n service a(server)[S]", ""),
    ],
)
@pytest.mark.parametrize("command", ["check", "render", "show"])
def test_what_mermaid_drops_is_in_the_note(
    command: str, file: str, text: str, names: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Mermaid draws only the last label of an id, which is mostly a mistake: two nodes should have two ids."""
    Path(file).write_text(text, "utf-8")
    assert main([command, file]) == 0
    notes = [line.partition("diagramkit does not draw this: ")[2] for line in capsys.readouterr().err.splitlines()]
    (note,) = [note for note in notes if note] or [""]
    assert note.startswith(names)
    assert bool(note) == bool(names)
    assert "options such as" not in note


@pytest.mark.parametrize("keyword", sorted({*OTHER_TYPES, *NEW_IN_MERMAID_12}))
def test_every_other_type_of_mermaid_is_known_by_name(keyword: str) -> None:
    for text in (f"{keyword}\n  x\n", f"%% comment\n{keyword} y\n", f"---\ntitle: T\n---\n{keyword}\n"):
        with pytest.raises(OtherTypeError, match=rf"this is an? .*\('{keyword}'\), which diagramkit does not draw"):
            read(text)


@pytest.mark.parametrize("keyword", [*NEW_IN_MERMAID_12, "sequenceDiagram"])
def test_other_types_are_left_alone_in_markdown_and_folders(keyword: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("docs").mkdir()
    page = f"# Page\n\n{FENCE.format(keyword)}\n{FENCE.format(GOOD)}"
    Path("docs/page.md").write_text(page, "utf-8")
    Path("docs/other.mmd").write_text(f"{keyword}\n  x\n", "utf-8")
    assert main(["check", "docs"]) == 0
    assert main(["render", "docs", "-f", "svg"]) == 0
    assert [path.name for path in Path("output").glob("*.svg")] == ["page-2.svg"]
    assert main(["embed", "docs"]) == 0
    errors = capsys.readouterr().err.replace("\\", "/")
    assert "docs/other.mmd:1:1: warning[unsupported-diagram]" in errors
    assert errors.count("docs/page.md:4:1: warning[unsupported-diagram]") == 3
    assert "error[" not in errors
    assert Path("docs/page.md").read_text("utf-8").startswith(page.partition(FENCE.format(GOOD))[0])
    assert [path.name for path in Path("docs/diagrams").glob("*.svg")] == ["page-2.svg"]


@pytest.mark.parametrize("keyword", NEW_IN_MERMAID_12)
def test_a_named_file_with_another_type_is_an_error_that_names_the_type(
    keyword: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("x.mmd").write_text(f"{keyword}\n  x\n", "utf-8")
    for command, code in (("check", 2), ("render", 2), ("show", 2)):
        assert main([command, "x.mmd"]) == code
        assert f"x.mmd:1:1: error[unsupported-diagram]: this is {OTHER_TYPES[keyword]}" in capsys.readouterr().err


def test_a_page_with_other_types_only_is_left_alone() -> None:
    Path("page.md").write_text(FENCE.format("venn-beta"), "utf-8")
    assert [main([command, "page.md"]) for command in ("check", "render", "embed")] == [0, 0, 0]
    assert Path("page.md").read_text("utf-8") == FENCE.format("venn-beta")


@pytest.mark.parametrize(
    ("config", "names"),
    [
        ("theme: forest", ["theme: forest"]),
        ("theme: base\n  themeVariables: {primaryColor: red, darkMode: true}", ["themeVariables"]),
        ("look: handDrawn\n  handDrawnSeed: 3", ["handDrawnSeed: 3", "look: handDrawn"]),
        ("flowchart: {nodeSpacing: 80, rankSpacing: 9}", ["flowchart.nodeSpacing: 80", "flowchart.rankSpacing: 9"]),
        ("flowchart: {curve: stepAfter, htmlLabels: true}", ["flowchart.curve: stepAfter"]),
        ("layout: elk\n  elk: {mergeEdges: true}", ["elk", "layout: elk"]),
        ("fontFamily: Courier\n  fontSize: 20", ["fontFamily: Courier", "fontSize: 20"]),
        ("themeCSS: '.node rect { fill: cornflowerblue; stroke: none }'", ["themeCSS"]),
        ("theme: default\n  look: classic\n  layout: dagre\n  securityLevel: loose\n  wrap: false", []),
        ("sequence: {mirrorActors: true}\n  gantt: {barHeight: 3}", []),
        ("flowchart: none", []),
        ("[1, 2]", []),
    ],
)
def test_configuration_that_no_picture_shows_is_listed(config: str, names: list[str]) -> None:
    assert sorted(unsupported(f"---\nconfig:\n  {config}\n---\n{GOOD}\n")) == names


@pytest.mark.parametrize(
    ("directive", "names"),
    [
        ("%%{init: {'theme': 'forest'}}%%", ["theme: forest"]),
        ('%%{initialize: {"flowchart": {"curve": "linear", "nodeSpacing": 5}}}%%', ["curve: linear", "nodeSpacing: 5"]),
        ("%%{ init : { 'themeVariables': { 'primaryColor': '#f00' } } }%%", ["themeVariables"]),
        ("%%{wrap}%%", ["wrap"]),
        ("%%{init: {\n  'look': 'neo'\n}}%%", ["look: neo"]),
        ("%%{init: {'theme': 'default'}}%%", []),
        ("%%{init: {'theme': }}%%", []),
        ("%%{init: {'sequence': {'mirrorActors': false}}}%%", []),
        (f"%%{{init: {'{' * 90}{'}' * 90}}}%%", []),
    ],
)
def test_directives_that_no_picture_shows_are_listed(directive: str, names: list[str]) -> None:
    assert [name.removeprefix("flowchart.") for name in unsupported(f"{directive}\n{GOOD}\n")] == names


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("A e1@--> C\n  e1@{ animate: true }", ["animate"]),
        ("A e1@--> C\n  e1@{ animation: fast, curve: linear }", ["animation", "curve"]),
        ("linkStyle 0 interpolate basis stroke:red", ["curve"]),
        ("linkStyle default interpolate cardinal", ["curve"]),
        ("click A call open()", ["click with a callback"]),
        ('click A open "a hint"', ["click with a callback"]),
        ('click A "https://example.com" "a hint"', []),
        ('click A href "https://example.com"', []),
        ('C["$$x^2$$"]', ["LaTeX in $$"]),
        ('A -->|"$$\\\\frac{1}{2}$$"| C', ["LaTeX in $$"]),
        ('subgraph S ["$$s$$"]\n  C\n  end', ["LaTeX in $$"]),
        ('C["$5 and $$ each"]', []),
        ('C@{ icon: "fa:user", form: square, pos: t, h: 60 }', ["form", "pos", "h"]),
        ('C@{ shape: cyl, label: "x" }', []),
    ],
)
def test_statements_that_no_picture_shows_are_listed(statement: str, names: list[str]) -> None:
    assert unsupported(f"{GOOD}\n  {statement}\n") == names


@pytest.mark.parametrize(
    "text", [f"architecture-beta\n  service a(server)[{title}]\n" for title in ('"$$x$$"', "'$$y$$'")]
)
def test_features_in_architecture_diagrams_are_listed(text: str) -> None:
    assert unsupported(f"---\nconfig:\n  architecture: {{iconSize: 9}}\n---\n{text}") == [
        "architecture.iconSize: 9",
        "LaTeX in $$",
    ]


@pytest.mark.parametrize("command", ["check", "render", "show", "embed"])
def test_one_note_per_file_lists_what_is_not_drawn(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    first = f"%%{{init: {{'theme': 'forest'}}}}%%\n{GOOD}"
    second = f"{GOOD}\n  A e1@--> C\n  e1@{{ animate: true }}\n  click A call f()"
    Path("page.md").write_text(f"{FENCE.format(first)}\n{FENCE.format(second)}\n{FENCE.format(first)}", "utf-8")
    assert main([command, "page.md"]) == 0
    notes = [line for line in capsys.readouterr().err.splitlines() if "not-drawn" in line]
    assert len(notes) == 1
    assert notes[0].startswith(
        "page.md:2:1: note[not-drawn]: diagramkit does not draw this: theme: forest, animate, click with a callback;"
    )


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ('a["<mark>x</mark> <q>y</q> <code>z</code>"]', "<mark>, <q>"),
        ("a[\"<a href='https://example.com'>x</a>\"]", "the link of <a>, for which there is 'click'"),
        ("a[x]\n  style a rx:5,filter:blur", "the property rx, the property filter"),
        ("a -->|x| b\n  linkStyle 0 font-family:serif", "the property font-family"),
        ("a[x]\n  style a fill:nonsense", "the color nonsense"),
        ("a[x]\n  style a stroke-width:30px,font-size:3px", "stroke-width:30px, font-size:3px"),
        ("a[x]\n  style a stroke-width:0.3em,opacity:half", "stroke-width:0.3em, opacity:half"),
        ("a[x]\n  style a font-weight:heavy,font-style:odd", "font-weight:heavy, font-style:odd"),
        ("a[x]\n  style a text-decoration:overline,visibility:gone", "text-decoration:overline, visibility:gone"),
        ("a --> b\n  linkStyle 0 stroke-dasharray:1 2 3 4 5 6 7 8 9", "stroke-dasharray:1 2 3 4 5 6 7 8 9"),
        ("a --> b\n  linkStyle 0 stroke-dasharray:x", "stroke-dasharray:x"),
        (
            "a -.-> b\n  linkStyle 0 stroke-dasharray:none,stroke-width:.5,opacity:50%\n  style a font-size:1.5em",
            "",
        ),
        (
            "a\n  style a font-weight:600,font-style:oblique 10deg,text-decoration:underline solid,visibility:visible",
            "",
        ),
        ("subgraph g\n  a\n  end\n  style g rx:5", "the property rx"),
        ("a[\"<span style='letter-spacing:3px'>x</span>\"]", "the property letter-spacing"),
        ("a:::x\n  b:::x\n  classDef x rx:5\n  classDef default stroke:odd", "the color odd, the property rx"),
        ("a[x]\n  style a fill:#fff,width:3px,padding:0", ""),
        (
            'a[x]\n  click a "javascript:f()"',
            "the link 'javascript:f()' of 'a', which is no web, mail or relative address",
        ),
        (
            'subgraph g\n  a\n  end\n  click g "//x.example"',
            "the link '//x.example' of 'g', which is no web, mail or relative address",
        ),
        ('a[x]\n  click a "mailto:a@b.example"\n  b\n  click b "../c.md#d"', ""),
    ],
)
@pytest.mark.parametrize("command", ["check", "render", "show"])
def test_the_note_lists_elements_of_labels_and_properties_of_styles(
    command: str, body: str, names: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.mmd").write_text(f"flowchart LR\n  {body}\n", "utf-8")
    assert main([command, "a.mmd"]) == 0
    notes = [
        line.partition("note[not-drawn]: ")[2] for line in capsys.readouterr().err.splitlines() if "not-dr" in line
    ]
    assert notes == ([f"diagramkit does not draw this: {names}"] if names else [])


@pytest.mark.parametrize("command", ["check", "render", "show", "embed"])
def test_configuration_and_styles_of_all_diagrams_of_a_file_are_in_one_note(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    styled = f"{GOOD}\n  style A rx:5,rx:6"
    configured = f"%%{{init: {{'theme': 'forest'}}}}%%\n{GOOD}\n  C[\"<mark>x</mark>\"]"
    Path("page.md").write_text(f"{FENCE.format(styled)}\n{FENCE.format(configured)}\n{FENCE.format(styled)}", "utf-8")
    assert main([command, "page.md"]) == 0
    (note,) = [line for line in capsys.readouterr().err.splitlines() if "not-drawn" in line]
    assert "diagramkit does not draw this: theme: forest, the property rx, <mark>; it has its own layout" in note


def test_a_long_list_of_what_is_not_drawn_is_shortened(capsys: pytest.CaptureFixture[str]) -> None:
    styles = ",".join(f"x{number}:1" for number in range(20)) + "," + "y" * 200 + ":1"
    Path("a.mmd").write_text(f"flowchart LR\n  a\n  style a {styles}\n", "utf-8")
    assert main(["check", "a.mmd"]) == 0
    (note,) = [line for line in capsys.readouterr().err.splitlines() if "not-drawn" in line]
    assert note.endswith("the property x11 and 9 more")


@pytest.mark.parametrize(
    "text", ["graph LR\n", "flowchart TD;\n%% nothing\n", "graph\n  classDef a fill:red\n", "architecture-beta\n"]
)
@pytest.mark.parametrize("command", ["check", "render"])
def test_an_empty_diagram_is_noted_and_no_picture_is_written(
    text: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("empty.mmd").write_text(text, "utf-8")
    assert main([command, "empty.mmd"]) == 0
    assert "empty.mmd:1:1: note[empty-diagram]: this diagram contains no nodes" in capsys.readouterr().err
    assert not list(Path().rglob("*.svg"))


@pytest.mark.parametrize("command", ["render", "export"])
def test_a_picture_that_is_asked_for_and_empty_is_an_error(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("empty.mmd").write_text("graph LR\n", "utf-8")
    assert main([command, "empty.mmd", "-o", "empty.svg"]) == 2
    errors = capsys.readouterr().err
    assert "empty.mmd:1:1: note[empty-diagram]: this diagram contains no nodes" in errors
    assert "empty.mmd:1:1: error[no-diagram]: there is no diagram here that can be drawn" in errors
    assert not list(Path().rglob("*.svg"))


def test_empty_diagrams_in_other_sources_are_noted(capsys: pytest.CaptureFixture[str]) -> None:
    Path("page.md").write_text(f"{FENCE.format('graph LR')}\n{FENCE.format(GOOD)}", "utf-8")
    Path("spec.yaml").write_text("title: T\nnodes: {}\n", "utf-8")
    assert main(["render", "page.md", "spec.yaml", "-f", "svg"]) == 0
    assert main(["embed", "page.md"]) == 0
    errors = capsys.readouterr().err
    assert errors.count("page.md:2:1: note[empty-diagram]") == 2
    assert "spec.yaml:1:1: note[empty-diagram]" in errors
    assert [path.name for path in Path("output").rglob("*.svg")] == ["page-2.svg"]
    assert [path.name for path in Path("diagrams").rglob("*.svg")] == ["page-2.svg"]


def test_a_group_without_nodes_is_not_an_empty_diagram() -> None:
    Path("a.mmd").write_text("graph LR\n  subgraph VPC\n  end\n", "utf-8")
    assert len(sources.load(SourceFile("a.mmd")).patterns) == 1


# Subgraphs


def merged(graph: Graph) -> list[tuple[int, str]]:
    """Return the lines and codes of the notes about a graph."""
    return [(warning.span.line, f"{warning.severity}[{warning.code}]") for warning in graph.warnings]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("subgraph a\nA\nend\nsubgraph a\nB\nend", [5]),
        ("subgraph web [Web]\nA\nend\nsubgraph web [Other]\nB\nend", [5]),
        ("subgraph Web\nA\nend\nsubgraph Web [x y]\nB\nend", [5]),
        ('subgraph "Web"\nA\nend\nsubgraph Web\nB\nend', [5]),
        ("subgraph a\nsubgraph a\nA\nend\nend", [3]),
        ("subgraph a\nA\nend\nsubgraph a\nB\nend\nsubgraph a\nC\nend", [5, 8]),
        ("subgraph x y\nA\nend\nsubgraph x y\nB\nend", []),
        ("subgraph a [Same]\nA\nend\nsubgraph b [Same]\nB\nend", []),
    ],
)
def test_subgraphs_that_mermaid_merges_are_noted(text: str, lines: list[int]) -> None:
    assert merged(read(f"graph LR\n{text}\n")) == [(line, "note[merged-subgraphs]") for line in lines]


@pytest.mark.parametrize(
    ("text", "line", "outer", "inner"),
    [
        ("subgraph a\nb\nx\nend\nsubgraph b\na\ny\nend", 6, "b", "a"),
        ("subgraph a\nb\nend\nsubgraph b\na\nend", 5, "b", "a"),
        ("subgraph a\nb --> c\nend\nsubgraph b\nc\nend\nsubgraph c\na\nz\nend", 8, "c", "a"),
        ("subgraph a\nsubgraph b\na --> x\nend\nend", 2, "a", "b"),
    ],
)
def test_subgraphs_that_contain_each_other_are_noted(text: str, line: int, outer: str, inner: str) -> None:
    """Mermaid 11 draws nothing of such a diagram, and Mermaid 12 no frames."""
    graph = read(f"graph LR\n{text}\n")
    (note,) = graph.warnings
    assert (note.code, note.severity) == ("circular-subgraphs", "note")
    parents = {group.id: group.parent for group in graph.groups}
    assert parents[outer] is None
    assert f"the subgraphs '{outer}' and '{inner}' contain each other" in note.message
    assert {node.id for node in graph.nodes} == set("xyz") & set(text)


def test_a_subgraph_with_an_edge_to_a_node_in_itself_is_no_circle() -> None:
    assert read("graph LR\nsubgraph a\na --> x\nsubgraph b\ny\nend\nend\ny --> a\n").warnings == ()


@pytest.mark.parametrize("command", ["check", "render", "show"])
def test_the_note_about_merged_subgraphs_is_printed(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.mmd").write_text("graph LR\n  subgraph Web\n    A\n  end\n  subgraph Web\n    B\n  end\n", "utf-8")
    assert main([command, "a.mmd"]) == 0
    assert "a.mmd:5:3: note[merged-subgraphs]: this subgraph has the same id 'Web' as the one in line 2" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize(
    "heading",
    ["t3:::blue", "t3:::blue [Title]", "t3 :::blue", "t3 [Title]:::blue", '"a b":::blue', "a b:::blue"],
)
def test_a_class_after_a_subgraph_is_refused_as_in_mermaid(heading: str) -> None:
    with pytest.raises(DiagramError) as caught:
        read(f"graph LR\nsubgraph {heading}\nA\nend\nB --> A\n")
    (problem,) = caught.value.problems
    assert (problem.span.line, problem.code) == (2, "mermaid-syntax")
    name = "id" if "a b" in heading or heading == "t3 :::blue" else "t3"  # The id that the subgraph would have.
    assert f"'class {name} blue'" in problem.message


def test_a_class_reaches_a_subgraph_as_in_mermaid() -> None:
    for statement in ("class t3 blue", "t3:::blue --> B", "t3:::blue"):
        graph = read(f"graph LR\nsubgraph t3\nA\nend\n{statement}\nclassDef blue fill:#00f\n")
        assert graph.groups[0].style == (("fill", "#00f"),)
