"""What messages say about the mistakes in answers of language models, and what only looks like such a mistake."""

from __future__ import annotations

import json

import pytest

from diagramkit.agents import tools
from diagramkit.agents.arguments import SourceArguments
from diagramkit.diagnostics import Diagnostic, Span
from diagramkit.sources import SourceFile, fixes, load, readers, service_icons

NODES = "title: T\nnodes:\n  a: A\n  b: B\n"


def check(text: str) -> fixes.FixedText:
    file = SourceFile(f"d{readers.detect_reader(text).extensions[0]}")
    return fixes.fix(text, lambda new_text: load(file, new_text).problems)


def places(text: str) -> list[tuple[int, int, str]]:
    """Return the errors and warnings of a text: their lines, columns and messages."""
    file = SourceFile(f"d{readers.detect_reader(text).extensions[0]}")
    found = load(file, text).problems
    return [(each.span.line, each.span.column, each.message) for each in found if each.severity != "note"]


LABEL_END = "the text ends within this label, and may be cut off; write "
SPEC_END = "the text ends within quotation marks or brackets, and may be cut off; write "


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("graph LR\n  a --> b[Aurora Post", (2, 10, f"{LABEL_END}'b[Aurora Post]'")),
        ('graph LR\n  a --> b[("Aurora Post', (2, 11, f"{LABEL_END}'b[(\"Aurora Post\")]'")),
        ("architecture-beta\n  service a(server)[Serv", (2, 20, f"{LABEL_END}'a(server)[Serv]'")),
        ('title: T\nnodes: {a: A, b: "Auro', (2, 22, f"{SPEC_END}'\"}}' behind it")),
        ('title: T\nnodes:\n  a: "Auro', (3, 10, f"{SPEC_END}'\"' behind it")),
    ],
)
def test_a_fix_of_a_text_that_is_cut_off_says_so(text: str, place: tuple[int, int, str]) -> None:
    assert places(text)[0] == place
    assert not [problem for problem in check(text).remaining if problem.severity != "note"]


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("graph LR\n  a -->|wri", 2, 8, "no closing '|'; add it, and what follows: the text may be cut off here"),
        ("graph LR\n  a -->|x y b\n  b -->|z| a\n", 2, 3, "the text of this link has no second '|'; write 'y|'"),
        (
            'graph LR\n  a --> b\n  click a -> "https://x.y"\n',
            3,
            11,
            "a link of a node is its id, an address in quotes",
        ),
        ("graph LR\n  a@{ shape: sqs }\n", 2, 3, "'sqs' is no shape but an AWS service, which has an icon"),
        ("graph LR\n  d3  aa4[X] --> e\n", 2, 7, "unexpected 'aa4[X]'; add a link between the two, as in d3 --> aa4"),
        ('graph LR\n  a["x] --> b[c"] --> d\n', 2, 6, "Mermaid reads the link and the brackets in this text as a part"),
        ("C4Context\n", 1, 1, "write 'flowchart TB' instead of 'C4Context'"),
        (
            f"{NODES}edges: [a -> b]\ngroups:\n  v:\n    members: a, b\n",
            8,
            5,
            "the nodes of a group are the list 'nodes'",
        ),
        (
            "title: T\nnodes:\n  a: {shape: blob}\n",
            3,
            14,
            "'nodes.a.shape' must be one of 162 words such as anchor, bang, bolt, not 'blob'",
        ),
        (f"{NODES}edges:\n  - {{from: a, to: b, kind: x}}\n", 6, 22, "there is no key 'kind' in an edge; the keys are"),
    ],
)
def test_the_cause_and_the_place_of_a_mistake_are_named(text: str, line: int, column: int, message: str) -> None:
    (first, *_) = places(text)
    assert first[:2] == (line, column)
    assert message in first[2]


@pytest.mark.parametrize(
    "text",
    [
        'graph LR\n  a["x] --> b[c"] --> d\n',  # Mermaid reads it as one label.
        "graph LR\n  a --> b\n  click a myCallback\n  click b call f(x)\n",
        'graph LR\n  a --> b\n  click a "https://x.y" "T" _self\n',
        "graph LR\n  a -->|x\n  y| b\n",
        "graph LR\n  a[x\n  y] --> b\n",
        "graph LR\n  subgraph class [C]\n    a\n  end\n",
        "title: T\nnodes:\n  a-b: A\n  a_b: B\nedges: [a.b -> a-b]\n",
        f"{NODES}edges:\n  - {{from: a, to: b, type: async}}\n",
        "# D\n\n````md\n```flowchart LR\na --> b\n```\n````\n\n```mermaid\ngraph LR\n a --> b\n```\n",
    ],
)
def test_what_has_no_certain_fix_or_needs_none_stays(text: str) -> None:
    assert check(text).text == text


@pytest.mark.parametrize(
    ("name", "icon"),
    [
        ("dynamodb", "aws.database.Dynamodb"),
        ("Amazon-SQS", "aws.integration.SimpleQueueServiceSqs"),
        ("aws_lambda", "aws.compute.Lambda"),
        ("aws.integration.SQS", "aws.integration.SimpleQueueServiceSqs"),
        ("user", None),
        ("queue", None),
        ("aws", None),
        ("blob", None),
    ],
)
def test_services_are_known_by_their_names(name: str, icon: str | None) -> None:
    assert service_icons.icon_of(name) == icon


def test_a_spec_with_several_mistakes_is_fixed_at_once() -> None:
    text = "title: T: x\nnodes:\n  - id: a\n    label: A\n  - id: b\n    label: B\n"
    fixed = 'title: "T: x"\nnodes:\n  a:\n    label: A\n  b:\n    label: B\n'
    edges, right_edges = "edges:\n  - a => b:x\ngroups:\n  v: a, b\n", "edges:\n  - a => b: x\ngroups:\n  v: [a, b]\n"
    assert check(text + edges).text == fixed + right_edges


def test_an_error_of_syntax_counts_more_than_those_that_it_hides() -> None:
    text = f"{NODES}edges:\n\t- a -> b\n\t- a -> c\n\t- b -> d\n"
    result = check(text)
    assert "\t" not in result.text
    assert [problem.code for problem in result.remaining] == ["unknown-node", "unknown-node"]
    syntax, other = (Diagnostic(code, "", Span("")) for code in ("yaml-syntax", "unknown-node"))
    assert fixes.badness([other, other]) < fixes.badness([syntax])


def test_check_names_what_it_fixes_behind_another_mistake() -> None:
    text = "title: T: x\nnodes:\n  a: A\n  b: B\nedges:\n  - a -> b:x\n"
    answer = json.loads(tools.call("check", SourceArguments(source=text), ()).texts[0])
    assert answer["fixed"] == 'title: "T: x"\nnodes:\n  a: A\n  b: B\nedges:\n  - a -> b: x\n'
    assert [problem["line"] for problem in answer["problems"] if problem["severity"] == "error"] == [1, 6]


@pytest.mark.parametrize(
    ("text", "extension"),
    [
        ('{"title": "T", "nodes": {"a": "A"}, "edges": []}', ".yaml"),
        ("# Orders\nprovider: aws\ntitle: T\nnodes:\n  a: A\n", ".yaml"),
        ("spec:\n  title: T\n  nodes:\n    a: A\n", ".yaml"),
        ('{"nodes": [{"id": "a"}], "edges": [{"source": "a", "target": "a"}]}', ".mmd"),
        ("direction: right\nnodes: {\n  a: A\n}\n", ".mmd"),
        ("Text\n\n```flowchart LR\na --> b\n```\n", ".md"),
        ("```flowchart LR\na --> b\n```\n", ".mmd"),
    ],
)
def test_the_kind_of_a_text_without_a_name_is_detected(text: str, extension: str) -> None:
    assert extension in readers.detect_reader(text).extensions
