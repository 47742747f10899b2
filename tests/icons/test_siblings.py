"""Similar labels of one diagram have the same icon or none, whatever the rules say about each of them."""

from __future__ import annotations

import random
from collections.abc import Sequence

import yaml

from diagramkit.diagnostics import Span
from diagramkit.graph import Edge, Graph, Group, Node, Pattern
from diagramkit.icons import resolver
from diagramkit.icons.resolver import IconChoice
from tests.support.project import DATA

SPAN = Span("x")
FAMILIES: dict[str, list[str]] = yaml.safe_load((DATA / "families.yaml").read_text("utf-8"))


def resolve(labels: list[str], edges: Sequence[tuple[int, str]] = (), group: str | None = None) -> list[IconChoice]:
    """Return the choices for labels, some of them connected to a node with another label."""
    nodes = [Node(f"n{number}", label, "square", SPAN, group) for number, label in enumerate(labels)]
    others = {label: Node(f"o{number}", label, "square", SPAN) for number, label in enumerate(dict(edges).values())}
    pattern = Pattern(
        graph=Graph(
            nodes=(*nodes, *others.values()),
            edges=tuple(Edge(others[label].id, f"n{number}", SPAN) for number, label in edges if label in others),
            groups=(Group(group, group, SPAN),) if group else (),
        ),
        name="x",
        folder="",
        title="x",
        source_text="",
        span=SPAN,
    )
    choices = resolver.resolve(pattern)
    return [choices[node.id] for node in nodes]


def test_no_family_of_similar_labels_is_split() -> None:
    for seed in range(300):
        chance = random.Random(seed)
        families = []
        for form in chance.sample(FAMILIES["forms"], 3):
            fills = chance.sample(FAMILIES["fills"], chance.randint(2, 6))
            separator = "-" if "-" in form else " "
            families.append([form.format(fill.replace(" ", separator)) for fill in fills])
        labels = [label for family in families for label in family]
        edges = [(number, chance.choice(FAMILIES["others"])) for number in range(len(labels)) if chance.random() < 0.3]
        choices = dict(zip(labels, resolve(labels, edges, chance.choice((None, *FAMILIES["groups"]))), strict=True))
        for family in families:
            icons = {choices[label].icon for label in family}
            assert len(icons) == 1, (seed, {label: choices[label] for label in family})


def test_the_stronger_evidence_decides_for_all() -> None:
    tables = resolve(["Orders table", "Invoices table", "Users table"], [(1, "Lambda")])
    assert {choice.icon for choice in tables} == {"aws.database.DynamodbTable"}
    assert tables[0].reason.endswith("; like n1")
    assert {choice.icon for choice in resolve(["Orders table", "Invoices table"])} == {None}


def test_a_reason_against_an_icon_is_not_overridden() -> None:
    """A label that is a question or another name is not of the same form."""
    choices = resolve(["Order Lambda", "Is it a Lambda?", "Browser cache", "Session cache"])
    assert [choice.icon for choice in choices] == ["aws.compute.Lambda", None, None, "aws.database.Elasticache"]


def test_a_name_that_includes_the_varying_word_says_nothing_about_the_others() -> None:
    assert [choice.icon for choice in resolve(["ECS service", "Order service"])] == [
        "aws.compute.ElasticContainerServiceService",
        None,
    ]
    assert [choice.icon for choice in resolve(["Mobile app", "Admin app"])] == ["aws.general.MobileClient", None]


def test_a_step_does_not_take_the_icon_of_what_it_sets_up() -> None:
    assert [choice.icon for choice in resolve(["Central GuardDuty", "Enable GuardDuty"])] == [
        "aws.security.Guardduty",
        None,
    ]


def test_labels_that_begin_with_the_same_name_follow_the_majority() -> None:
    choices = resolve(["Lambda orders", "Lambda checkout", "Lambda billing"])
    assert {choice.icon for choice in choices} == {"aws.compute.Lambda"}
    choices = resolve(["SQS orders", "SQS users", "SQS poller"])
    assert choices[2].icon is None


def test_a_step_with_a_service_after_a_preposition_is_no_sibling_of_the_service() -> None:
    assert [choice.icon for choice in resolve(["Work SQS", "Repeat via SQS"])] == [
        "aws.integration.SimpleQueueServiceSqs",
        None,
    ]
