"""`architecture-beta`: what is read, which icons are meant, and what is written."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from diagramkit import pipeline
from diagramkit.diagnostics import DiagramError
from diagramkit.graph import Graph, Node, Pattern
from diagramkit.icons import resolver
from diagramkit.layout import faults
from diagramkit.pipeline import Options
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.sources.mermaid.write import to_mermaid
from diagramkit.sources.mermaid.write_architecture import to_architecture
from tests.conftest import DATA, PATTERN_NAMES, patterns
from tests.mermaid import corpus

ORDERS = """architecture-beta
    title Order service
    group cloud(logos:aws)[AWS Cloud]
    group vpc(cloud)[VPC] in cloud
    service gw(logos:aws-api-gateway)[API Gateway] in cloud
    service fn(logos:aws-lambda)["Orders (v2)"] in vpc
    service db(database)[Orders] in vpc %% a comment
    junction j in cloud
    gw:R --> L:fn
    db:T <-[reads]- B:fn
    j:R -- L:gw
    gw:R --> L:db{group}
"""


def read(text: str) -> Graph:
    return parse(text, Origin("d.mmd"))


def test_groups_services_junctions_and_edges() -> None:
    graph = read(ORDERS)
    assert (graph.title, graph.direction) == ("Order service", "LR")
    assert [(g.id, g.label, g.parent) for g in graph.groups] == [
        ("cloud", "AWS Cloud", None),
        ("vpc", "VPC", "cloud"),
    ]
    assert [(n.id, n.label, n.group, n.shape) for n in graph.nodes] == [
        ("gw", "API Gateway", "cloud", "square"),
        ("fn", "Orders (v2)", "vpc", "square"),
        ("db", "Orders", "vpc", "square"),
        ("j", "", "cloud", "junction"),
    ]
    assert [(e.source, e.target, e.tail, e.head, e.label) for e in graph.edges] == [
        ("gw", "fn", "none", "arrow", ""),
        # From the top of one to the bottom of the other: drawn from the upper one down.
        ("fn", "db", "none", "arrow", "reads"),
        ("j", "gw", "none", "none", ""),
        ("gw", "vpc", "none", "arrow", ""),
    ]


@pytest.mark.parametrize(
    ("icon", "meant"),
    [
        ("logos:aws-lambda", "aws.compute.Lambda"),
        ("logos:aws-s3", "aws.storage.SimpleStorageServiceS3"),
        ("logos:aws-sqs", "aws.integration.SimpleQueueServiceSqs"),
        ("aws:arch-amazon-dynamodb", "aws.database.Dynamodb"),
        ("aws:arch-aws-step-functions", "aws.integration.StepFunctions"),
    ],
)
def test_icons_of_mermaids_packs_are_aws_icons(icon: str, meant: str) -> None:
    node = Node("a", "Something", "square", read(ORDERS).nodes[0].span, icon=icon)
    assert resolver.choose(node, (), ()).icon == meant


def test_an_icon_that_nobody_knows_leaves_the_choice_to_the_label() -> None:
    node = Node("a", "Lambda", "square", read(ORDERS).nodes[0].span, icon="mdi:cog")
    assert resolver.choose(node, (), ()).icon == "aws.compute.Lambda"


@pytest.mark.parametrize(
    ("line", "place", "advice"),
    [
        ("a --> b", "2:1", "a:R --> L:b"),
        ("service Lambda[x]", "2:9", "myLambda"),
        ("a:r --> L:b", "2:3", "write R"),
        ("a:R --> L:nowhere", "2:11", "there is no 'nowhere'"),
        ("g:R --> L:b", "2:1", "service{group}"),
        ("service c in nowhere", "2:14", "there is no 'nowhere'"),
        ("service a", "5:9", "already"),
        ("service c[x (y]]", "2:1", "quotes"),
    ],
)
def test_mistakes(line: str, place: str, advice: str) -> None:
    with pytest.raises(DiagramError) as caught:
        read(f"architecture-beta\n{line}\ngroup g\nservice b\nservice a\n")
    problem = caught.value.problems[0]
    assert (str(problem.span), problem.code) == (f"d.mmd:{place}", "mermaid-architecture")
    assert advice in problem.message


@pytest.mark.parametrize("name", PATTERN_NAMES)
def test_a_pattern_written_as_architecture_has_its_nodes_and_edges(name: str) -> None:
    graph = patterns()[name].graph
    again = read(to_architecture(graph, {}))
    assert len(again.nodes) == len(graph.nodes)
    assert len(again.groups) == len(graph.groups)
    assert len(again.edges) == sum(edge.stroke != "invisible" for edge in graph.edges)


def test_what_an_architecture_diagram_cannot_say_is_left_out_and_the_rest_is_said() -> None:
    source = """graph LR
    subgraph g[Group]
        a[A] --> b[B]
    end
    subgraph empty[Nothing]
        subgraph inner[In]
            title1[T]
        end
    end
    a ~~~ b
    a --> a
    a --> g
    b --> empty
    L1[L] --> a.b
    a_b[A] --> L1
    """
    graph = parse(source, Origin("f.mmd"))
    text = to_architecture(graph, {})
    again = read(text)
    assert "title" not in text.splitlines()[1]
    assert len(again.nodes) == len(graph.nodes)
    assert sorted(node.label for node in again.nodes) == sorted(node.label for node in graph.nodes)
    assert len(again.edges) == 3


def test_junctions_stay_junctions_and_are_drawn() -> None:
    source = "architecture-beta\nservice a(server)[A]\njunction j\nservice b(server)[B]\nservice c(server)[C]\na:R -- L:j\nj:R --> L:b\nj:B --> T:c\n"
    graph = read(source)
    assert "junction j" in to_architecture(graph, {})
    picture = pipeline.draw(Pattern(graph, "j", "", "J", "", graph.nodes[0].span), Options())
    dot = next(node for node in picture.nodes if node.id == "j")
    assert dot.box.w < 20
    assert faults.find_faults(picture) == []


def test_any_damage_is_a_graph_or_a_problem() -> None:
    for _, text in corpus.architectures():
        for at in range(len(text)):
            for damaged in (text[:at] + text[at + 1 :], text[:at] + text[at] + text[at:]):
                try:
                    read(damaged)
                except DiagramError as error:
                    assert error.problems


def test_a_graph_without_a_direction_runs_down() -> None:
    graph = Graph(
        (Node("a", "A", "square", read(ORDERS).nodes[0].span), Node("b", "B", "square", read(ORDERS).nodes[0].span)),
        (replace(read(ORDERS).edges[0], source="a", target="b", head="none", label=""),),
        (),
        None,
    )
    assert "a:B -- T:b" in to_architecture(graph, {})
    assert parse(to_mermaid(graph), Origin("m.mmd")).direction == "TB"


def test_an_architecture_diagram_is_written_to_the_letter() -> None:
    given = (DATA / "tidy/everything.mmd").read_text("utf-8")
    icons = {"a": "logos:aws-lambda", "b": "database"}
    made = to_architecture(parse(given, Origin("e.mmd")), icons)
    assert made == (DATA / "tidy/architecture.mmd").read_text("utf-8")
