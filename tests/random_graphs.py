"""Random diagrams from a seed, of the sizes and habits of real ones and beyond them.

Up to 60 nodes, groups to depth 4, labels of 1 to 60 characters in several scripts; edges as
users draw them (mostly onward, some back, some across, some to groups), a third with a label.
"""

from __future__ import annotations

import random

from diagramkit.diagnostics import Span
from diagramkit.graph import Direction, Edge, Graph, Group, Head, Node, Pattern, Stroke

HERE = Span("random")
_WORDS = [
    "Lambda",
    "S3",
    "orders",
    "DynamoDB",
    "queue",
    "Amazon",
    "processing",
    "API",
    "Gateway",
    "CloudWatch",
    "of",
    "the",
    "VPC",
    "customer",
    "events",
    "OrderProcessingService",
    "v2",
    "https://example.com/a",
    "replica",
    "注文",
    "キュー",
    "データベース",
    "заказы",
    "очередь",
    "événements",
    "größe",
    "παραγγελίες",
    "طلبات",
    "🚀",
]
_SHAPES = ["square"] * 12 + ["cylinder", "diamond", "stadium", "circle", "hexagon", "round"]
_TITLES = [
    "VPC",
    "us-east-1",
    "Public subnet",
    "Private subnet",
    "Data layer",
    "AZ a",
    "AWS Cloud",
    "EKS",
    "Auto Scaling group",
    "Account: prod",
    "On-premises",
]

_STROKES: tuple[Stroke, ...] = (*("normal",) * 6, "dotted", "thick")
_OWN: tuple[Direction | None, ...] = (*(None,) * 5, "LR", "TB")
_TAILS: tuple[Head, ...] = (*("none",) * 9, "arrow")


def label(dice: random.Random, most: int = 60) -> str:
    """A label of 1 to `most` characters, sometimes of two lines."""
    length = dice.randint(1, most)
    text = dice.choice(_WORDS)
    while len(text) < length:
        text += dice.choice([" ", " ", " ", "-", "<br/>"]) + dice.choice(_WORDS)
    return text[:length].strip("<br/> -") or "x"


def graph(seed: int) -> Graph:
    """The random diagram of a seed."""
    dice = random.Random(seed)
    count = min(60, max(1, round(dice.lognormvariate(2.5, 0.8))))
    groups: list[Group] = []
    depth: dict[str | None, int] = {None: 0}
    for number in range(dice.choice([0, 0, 1, 2, 3, 4, 6, 8])):
        parent = dice.choice([None, *(g.id for g in groups if depth[g.id] < 4)])
        own: Direction | None = dice.choice(_OWN)
        groups.append(Group(f"g{number}", dice.choice(_TITLES), HERE, parent, None, own))
        depth[f"g{number}"] = depth[parent] + 1
    owners = [None, *(group.id for group in groups)]
    owner = None
    nodes = []
    for number in range(count):
        if dice.random() < 0.5:
            owner = dice.choice(owners)
        most = dice.choice([8, 16, 24, 60])
        nodes.append(Node(f"n{number}", label(dice, most), dice.choice(_SHAPES), HERE, owner))
    way: Direction = dice.choice(["TB", "TB", "TB", "LR", "LR", "BT", "RL"])
    return Graph(tuple(nodes), tuple(_edges(dice, count, groups)), tuple(groups), way)


def pattern(seed: int) -> Pattern:
    """The same as a pattern to draw."""
    return Pattern(graph(seed), f"random-{seed}", "", f"Random {seed}", "", HERE)


def _edges(dice: random.Random, count: int, groups: list[Group]) -> list[Edge]:
    edges = []
    for _ in range(min(80, round(count * dice.uniform(0.6, 1.5)))):
        source = dice.randrange(count)
        step = dice.choice([1, 1, 1, 2, 3, 5, count])
        target = min(source + dice.randint(1, step), count - 1)
        if dice.random() < 0.1:
            source, target = target, source
        end = f"n{target}"
        if groups and dice.random() < 0.04:
            end = dice.choice(groups).id
        text = label(dice, dice.choice([6, 12, 30])) if dice.random() < 0.33 else ""
        stroke, tail = dice.choice(_STROKES), dice.choice(_TAILS)
        edges.append(Edge(f"n{source}", end, HERE, text, stroke, tail))
    return edges
