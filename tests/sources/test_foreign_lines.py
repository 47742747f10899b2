"""Lines of other languages and programs in flowcharts and specs: what one check makes of them, and what it says."""

from __future__ import annotations

import pytest

from diagramkit.sources import SourceFile, fixes, load

HEADER = "flowchart LR\n"


def check(text: str, name: str = "d.mmd") -> fixes.FixedText:
    return fixes.fix(text, lambda new_text: load(SourceFile(name), new_text).problems)


def errors(text: str, name: str = "d.mmd") -> list[tuple[int, int, str]]:
    """Return the errors and warnings of a text: their lines, columns and messages."""
    found = load(SourceFile(name), text).problems
    return [(each.span.line, each.span.column, each.message) for each in found if each.severity != "note"]


@pytest.mark.parametrize(
    ("body", "fixed"),
    [
        # HTML's entities
        ("a[A] &amp; b[B] --&gt; c", "a[A] & b[B] --> c"),
        ("a --> b &#38; c[C &amp; D]", "a --> b & c[C &amp; D]"),
        ("a &amp;amp; b --> c", "a & b --> c"),
        ("a &amp b --> c", "a & b --> c"),
        ("a&nbsp;--&gt; b", "a --> b"),
        ("a -->&#124;x&#124; b", "a -->|x| b"),
        ("a&amp;b -&gt; c", "a & b --> c"),
        # Classes before labels
        (
            "u:::ext[Users] --> api:::aws[API]\n  api --> t:::db[(Table)]",
            "u[Users]:::ext --> api[API]:::aws\n  api --> t[(Table)]:::db",
        ),
        # Links with a space in them
        ("u[U] -- > r[R]\n  r - -> a[A]\n  a -.- > c[C x]", "u[U] --> r[R]\n  r --> a[A]\n  a -.-> c[C x]"),
        ("a -- > b[B]\n  b --> c", "a --> b[B]\n  b --> c"),
        ("a -- > b --> c\n  b --> d", "a --> b --> c\n  b --> d"),
        ("a == > b[B]\n  b ==> c", "a ==> b[B]\n  b ==> c"),
        ("a -. -> b\n  b --> c", "a -.-> b\n  b --> c"),
        # Arrows that point backward
        ("fn[F] <-- ev[E x]\n  fn --> s\n  at <-- fn", "ev[E x] --> fn[F]\n  fn --> s\n  fn --> at"),
        ("a <-- b\n  b --> c", "b --> a\n  b --> c"),
        ("a <-- b <-- c", "c --> b --> a"),
        ("a --> b <-- c[C]", "a --> b\n  c[C] --> b"),
        ("a <--|x y| b & c[C]", "b & c[C] -->|x y| a"),
        # Participants: the id is what other lines have
        ("actor Customer as cust\n  cust --> a", "cust[Customer]\n  cust --> a"),
        ("participant c as Customer\n  c --> a", "c[Customer]\n  c --> a"),
        # Graphviz
        ('f -> d [label="Put", style=dashed];', 'f -.->|"Put"| d'),
        ("a -> b -> c [label=x]", 'a -->|"x"| b -->|"x"| c'),
        ('db [shape=cylinder label="DB (x)"];\n  a --> db', 'db[("DB (x)")]\n  a --> db'),
        ('a --> b [label="SQL; 1" color=red]', '%% color=red\n  a -->|"SQL; 1"| b'),
        ("node [shape=box]\n  a --> b", "%% node [shape=box]\n  a --> b"),
        # JSON
        ('{"from": "a", "to": "b", "label": "x"},\n  {"id": "a", "label": "A (x)"}', 'a -->|"x"| b\n  a["A (x)"]'),
        ("- {source: a, target: b, weight: 3}", "%% weight: 3\n  a --> b"),
        # Other brackets
        ("p[P] --> t<<SNS topic>>\n  t --> q", 'p[P] --> t["SNS topic"]\n  t --> q'),
        ("t«SNS topic» --> q", 't["SNS topic"] --> q'),
        ("t<SNS topic> --> q", 't["SNS topic"] --> q'),
        ('g -->|"event" {v2}| f[F]', 'g -->|"#quot;event#quot; {v2}"| f[F]'),
        # Subgraphs
        ("u[U] --> subgraph v [V]\n    a\n  end", "u[U] --> v\n  subgraph v [V]\n    a\n  end"),
        ('u -->|x| subgraph "My VPC"\n    a\n  end', 'u -->|x| My_VPC\n  subgraph My_VPC["My VPC"]\n    a\n  end'),
        ("subgraph x [X]\n    a\n  end --> b[B]", "subgraph x [X]\n    a\n  end\n  x --> b[B]"),
        # Style sheets
        (
            "a --> b\n  style a {\n    fill: #ED7100;\n    stroke: #333;\n  }",
            "a --> b\n  style a fill:#ED7100,stroke:#333",
        ),
        ("classDef hot {\n    fill: red }\n  a:::hot", "classDef hot fill:red\n  a:::hot"),
        # Language models
        ("a --> b<|im_end|>", "a --> b"),
        (
            "a --> b\n\n  Let me know what you think about it!<|im_end|>",
            "a --> b\n\n  %% Let me know what you think about it!",
        ),
        # C4
        ('Person(u, "Customer")\n  Rel(u, w, "Uses", "HTTPS")', 'u["Customer"]\n  u -->|"Uses [HTTPS]"| w'),
        ('ContainerDb(d, "Orders", "DynamoDB")\n  BiRel(d, w)', '%% d: DynamoDB\n  d[("Orders")]\n  d <--> w'),
        (
            'System_Boundary(s, "Shop") {\n    System(w, "Web")\n  }\n  Rel_Back(w, u, "x")',
            'subgraph s ["Shop"]\n    w["Web"]\n  end\n  u -->|"x"| w',
        ),
    ],
)
def test_lines_of_other_languages_are_fixed(body: str, fixed: str) -> None:
    result = check(f"{HEADER}  {body}\n")
    assert result.text == f"{HEADER}  {fixed}\n"
    assert not [problem for problem in result.remaining if problem.severity != "note"]


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("1 | flowchart LR\n2 |   a --> b\n3 |   b -> c\n", "flowchart LR\n  a --> b\n  b --> c\n"),
        ("  7→flowchart LR\n  8→ a --> b\n  9→ b --> c\n", "flowchart LR\na --> b\nb --> c\n"),
        ("1. graph TD\n2. a --> b\n3. b --> c\n", "graph TD\na --> b\nb --> c\n"),
        (
            " flowchart LR\n     x --> y\n-    a --> b\n+    a --> c\n",
            " flowchart LR\n     x --> y\n    %% removed: a --> b\n    a --> c\n",
        ),
        ("@@ -1,2 +1,2 @@\n graph LR\n+ a --> b\n", "%% @@ -1,2 +1,2 @@\n graph LR\n a --> b\n"),
        ("graph TD\nflowchart TD\n  a --> b\n", "graph TD\n  a --> b\n"),
        ("flowchart\nflowchart TD\n  a -> b\n", "flowchart TD\n  a --> b\n"),
        ("graph LR {\n  a -> b;\n}\n", "graph LR\n  a --> b;\n"),
    ],
)
def test_what_surrounds_a_diagram_is_removed(text: str, fixed: str) -> None:
    assert check(text).text == fixed


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("graph LR\n  1. a --> b\n  2. b --> c\n", 2, 3, "the mark of a list is not a part of Mermaid; remove '1.'"),
        ("graph LR\n  a >> b\n", 2, 4, "'>>' is not a link in Mermaid; write '-->'"),
        (
            "graph LR\n  subgraph x\n  a\n  end subgraph\n",
            4,
            3,
            "a subgraph ends with 'end' on a line of its own; write 'end'",
        ),
        ("graph TD\nflowchart LR\n  a --> b\n", 2, 1, "and differs from 'graph TD' above; remove one of the lines"),
        ("graph LR\n  a --> b\n  b c[C c]\n", 3, 5, "unexpected 'c'; add a link between the two, as in b --> c"),
        ("graph LR\n  x --> y\n-   a --> b\n", 3, 1, "'-' marks an item of a list, or a line that a diff removes"),
        ('x = """\ngraph LR\n  a --> b\n"""\n', 1, 1, "this line belongs to a program, not to the diagram; remove it"),
        ("<pre>\ngraph LR\n  a --> b\n</pre>\n", 1, 1, "this line belongs to HTML, not to the diagram; remove it"),
        (
            "graph LR\n  subgraph a [A]\n  a[Other] --> b\n  end\n",
            3,
            3,
            "its label 'Other' is lost, and its links lead to",
        ),
        ("graph LR\n  style a {\n    fill: rgb(1,2,3);\n  }\n  a\n", 2, 11, "invalid 'style' statement"),
    ],
)
def test_the_cause_and_the_place_of_a_mistake_are_named(text: str, line: int, column: int, message: str) -> None:
    (first, *_) = errors(text)
    assert first[:2] == (line, column)
    assert message in first[2]


@pytest.mark.parametrize(
    "body",
    ["a -- > 5 GB --> b", "a <-- some\n text --> b", "a[A] <-- b --> c", "a[x &amp; y] --> b", "Rel(a, b)"],
)
def test_what_mermaid_reads_as_it_is_meant_stays(body: str) -> None:
    text = f"{HEADER}  {body}\n"
    assert not errors(text)
    assert check(text).text == text


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("# D\n\n```\nmermaid\nflowchart LR\n  a --> b\n```\n", "# D\n\n```mermaid\nflowchart LR\n  a --> b\n```\n"),
        (
            "```mermaid\ngraph LR\n  a --> b\n```The text goes on.\n\nMore text.\n",
            "```mermaid\ngraph LR\n  a --> b\n```\nThe text goes on.\n\nMore text.\n",
        ),
        (
            "```mermaid\ngraph LR\n  a --> b[B]```\n\nMore text.\n",
            "```mermaid\ngraph LR\n  a --> b[B]\n```\n\nMore text.\n",
        ),
        ("```\n%% x\ngraph LR\n  a --> b\n```\n", "```mermaid\n%% x\ngraph LR\n  a --> b\n```\n"),
    ],
)
def test_fences_whose_parts_are_on_other_lines_are_fixed(text: str, fixed: str) -> None:
    assert check(text, "d.md").text == fixed


SPEC = "title: T\nnodes:\n  a: {label: A, group: v}\n  b: B\nedges: [a -> b]\n"


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        (SPEC, "title: T\nnodes:\n  a: {label: A}\n  b: B\nedges: [a -> b]\ngroups:\n  v: [a]\n"),
        (
            f"{SPEC}groups:\n  v: {{label: V}}\n",
            "title: T\nnodes:\n  a: {label: A}\n  b: B\nedges: [a -> b]\ngroups:\n  v: {label: V, nodes: [a]}\n",
        ),
        (
            f"{SPEC}groups:\n  v: [b]\n".replace("{label: A, group: v}", "{parent: v, label: A}"),
            "title: T\nnodes:\n  a: {label: A}\n  b: B\nedges: [a -> b]\ngroups:\n  v: [b, a]\n",
        ),
        (
            "title: T\nnodes:\n  a:\n    label: A\n    group: v\nedges: []\ngroups:\n  v: V\n",
            "title: T\nnodes:\n  a:\n    label: A\nedges: []\ngroups:\n  v: {label: V, nodes: [a]}\n",
        ),
        (
            "title: T\nnodes: {a: A, b: B}\ngroups:\n  v: {label: V, nodes: [a, b}\n",
            "title: T\nnodes: {a: A, b: B}\ngroups:\n  v: {label: V, nodes: [a, b]}\n",
        ),
        (
            '{"title": "T",\n  // the nodes\n  "nodes": {"a": "A", "b": "http://x"}}\n',
            '{"title": "T",\n  # the nodes\n  "nodes": {"a": "A", "b": "http://x"}}\n',
        ),
    ],
)
def test_specs_in_another_form_are_fixed(text: str, fixed: str) -> None:
    result = check(text, "d.yaml")
    assert result.text == fixed
    assert not result.remaining


def test_a_key_that_a_node_does_not_have_does_not_become_a_node() -> None:
    result = check("title: T\nnodes:\n  - id: a\n    label: A\n    type: x\n  - id: b\n    label: B\n", "d.yaml")
    assert result.text == "title: T\nnodes:\n  a:\n    label: A\n    type: x\n  b:\n    label: B\n"
    assert [problem.message.partition(";")[0] for problem in result.remaining] == ["there is no key 'type' in a node"]


def test_a_group_that_is_not_declared_is_named_with_its_node() -> None:
    text = f"{SPEC}groups:\n  w: [b]\n"
    assert check(text, "d.yaml").text == text
    assert errors(text, "d.yaml")[0][2].startswith("there is no key 'group' in a node")
