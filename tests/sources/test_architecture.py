"""Architecture diagrams (`architecture-beta`): reading them, resolving their icons and writing them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from diagramkit import pipeline
from diagramkit.diagnostics import DiagramError
from diagramkit.graph import Graph, Node, Pattern
from diagramkit.options import Options
from diagramkit.sources.label_text import plain_lines
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.sources.mermaid.write import to_mermaid
from diagramkit.sources.mermaid.write_architecture import to_architecture
from tests.support import choices, corpus, faults
from tests.support.project import DATA, PATTERN_NAMES, patterns

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


def test_groups_services_junctions_and_edges_are_read() -> None:
    graph = read(ORDERS)
    assert (graph.title, graph.direction) == ("Order service", "LR")
    assert [(group.id, group.label, group.parent) for group in graph.groups] == [
        ("cloud", "AWS Cloud", None),
        ("vpc", "VPC", "cloud"),
    ]
    assert [(node.id, node.label, node.group, node.shape) for node in graph.nodes] == [
        ("gw", "API Gateway", "cloud", "square"),
        ("fn", "Orders (v2)", "vpc", "square"),
        ("db", "Orders", "vpc", "square"),
        ("j", "", "cloud", "junction"),
    ]
    assert [(edge.source, edge.target, edge.tail, edge.head, edge.label) for edge in graph.edges] == [
        ("gw", "fn", "none", "arrow", ""),
        # The edge joins the top of `db` and the bottom of `fn`, so that it runs down from `fn`, which is above.
        ("fn", "db", "none", "arrow", "reads"),
        ("j", "gw", "none", "none", ""),
        ("gw", "vpc", "none", "arrow", ""),
    ]


@pytest.mark.parametrize(
    ("icon", "resolved"),
    [
        ("logos:aws-lambda", "aws.compute.Lambda"),
        ("logos:aws-s3", "aws.storage.SimpleStorageServiceS3"),
        ("logos:aws-sqs", "aws.integration.SimpleQueueServiceSqs"),
        ("aws:arch-amazon-dynamodb", "aws.database.Dynamodb"),
        ("aws:arch-aws-step-functions", "aws.integration.StepFunctions"),
    ],
)
def test_icons_of_mermaid_packs_are_resolved_to_aws_icons(icon: str, resolved: str) -> None:
    node = Node("a", "Something", "square", read(ORDERS).nodes[0].span, icon=icon)
    assert choices.choose(node).icon == resolved


def test_a_node_with_an_unknown_icon_gets_the_icon_for_its_label() -> None:
    node = Node("a", "Lambda", "square", read(ORDERS).nodes[0].span, icon="mdi:cog")
    assert choices.choose(node).icon == "aws.compute.Lambda"


@pytest.mark.parametrize(
    ("line", "position", "advice"),
    [
        ("a --> b", "2:1", "a:R --> L:b"),
        ("service Lambda[x]", "2:9", "myLambda"),
        ("a:r --> L:b", "2:3", "write R"),
        ("a:R --> L:nowhere", "2:11", "'nowhere' is not defined"),
        ("g:R --> L:b", "2:1", "service{group}"),
        ("service c in nowhere", "2:14", "'nowhere' is not defined"),
        ("service a", "5:9", "already"),
        ("service c[x (y]]", "2:1", "quotes"),
    ],
)
def test_mistakes_are_reported_with_their_position_and_advice(line: str, position: str, advice: str) -> None:
    with pytest.raises(DiagramError) as caught:
        read(f"architecture-beta\n{line}\ngroup g\nservice b\nservice a\n")
    problem = caught.value.problems[0]
    assert (str(problem.span), problem.code) == (f"d.mmd:{position}", "mermaid-architecture")
    assert advice in problem.message


@pytest.mark.parametrize("name", PATTERN_NAMES)
def test_a_pattern_written_as_architecture_diagram_keeps_its_nodes_groups_and_edges(name: str) -> None:
    graph = patterns()[name].graph
    again = read(to_architecture(graph, {}))
    assert len(again.nodes) == len(graph.nodes)
    assert len(again.groups) == len(graph.groups)
    assert len(again.edges) == sum(edge.stroke != "invisible" for edge in graph.edges)


def test_an_architecture_diagram_omits_only_edges_that_it_cannot_represent() -> None:
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
    source = (
        "architecture-beta\nservice a(server)[A]\njunction j\nservice b(server)[B]\nservice c(server)[C]\n"
        "a:R -- L:j\nj:R --> L:b\nj:B --> T:c\n"
    )
    graph = read(source)
    assert "junction j" in to_architecture(graph, {})
    picture = pipeline.draw(Pattern(graph, "j", "", "J", "", graph.nodes[0].span), Options())
    dot = next(node for node in picture.nodes if node.id == "j")
    assert dot.box.w < 20
    assert faults.find_faults(picture) == []


def test_a_damaged_diagram_is_a_graph_or_has_problems() -> None:
    for _, text in corpus.architectures():
        for index in range(len(text)):
            for damaged in (text[:index] + text[index + 1 :], text[:index] + text[index] + text[index:]):
                try:
                    read(damaged)
                except DiagramError as error:
                    assert error.problems


def test_a_graph_without_a_direction_is_written_top_down() -> None:
    graph = Graph(
        (Node("a", "A", "square", read(ORDERS).nodes[0].span), Node("b", "B", "square", read(ORDERS).nodes[0].span)),
        (replace(read(ORDERS).edges[0], source="a", target="b", head="none", label=""),),
        (),
        None,
    )
    assert "a:B -- T:b" in to_architecture(graph, {})
    assert parse(to_mermaid(graph), Origin("m.mmd")).direction == "TB"


def test_a_written_architecture_diagram_is_exactly_as_stored() -> None:
    source = (DATA / "tidy/everything.mmd").read_text("utf-8")
    icons = {"a": "logos:aws-lambda", "b": "database"}
    text = to_architecture(parse(source, Origin("e.mmd")), icons)
    assert text == (DATA / "tidy/architecture.mmd").read_text("utf-8")


def test_the_text_in_place_of_an_icon_is_exported() -> None:
    graph = parse('architecture-beta\n service a "Ours 2.0"[Orders]\n', Origin("a.mmd"))
    (node,) = parse(to_architecture(graph, {}), Origin("b.mmd")).nodes
    assert (node.label, node.icon_text) == ("Orders", "Ours 2.0")
    assert plain_lines(parse(to_mermaid(graph), Origin("c.mmd")).nodes[0].label) == ("Orders", "Ours 2.0")
