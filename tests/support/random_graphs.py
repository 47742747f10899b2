"""Random diagrams from a seed, with sizes and habits of real ones and beyond.

They have up to 60 nodes, groups with up to 4 levels, and labels of 1 to 60 characters in several scripts. Edges are as
users draw them: mostly forward, some backward, some across, some to groups; a third have a label.
"""

from __future__ import annotations

import random

from diagramkit.diagnostics import Span
from diagramkit.graph import Direction, Edge, Graph, Group, Head, Node, Pattern, Stroke

SPAN = Span("random")
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
_GROUP_DIRECTIONS: tuple[Direction | None, ...] = (*(None,) * 5, "LR", "TB")
_TAILS: tuple[Head, ...] = (*("none",) * 9, "arrow")


def label(dice: random.Random, max_length: int = 60) -> str:
    """Return a label of 1 to `max_length` characters, sometimes of two lines."""
    length = dice.randint(1, max_length)
    text = dice.choice(_WORDS)
    while len(text) < length:
        text += dice.choice([" ", " ", " ", "-", "<br/>"]) + dice.choice(_WORDS)
    return text[:length].strip("<br/> -") or "x"


def graph(seed: int) -> Graph:
    """Return the random diagram of a seed."""
    dice = random.Random(seed)
    count = min(60, max(1, round(dice.lognormvariate(2.5, 0.8))))
    groups: list[Group] = []
    depth: dict[str | None, int] = {None: 0}
    for number in range(dice.choice([0, 0, 1, 2, 3, 4, 6, 8])):
        parent = dice.choice([None, *(g.id for g in groups if depth[g.id] < 4)])
        group_direction: Direction | None = dice.choice(_GROUP_DIRECTIONS)
        groups.append(Group(f"g{number}", dice.choice(_TITLES), SPAN, parent, None, group_direction))
        depth[f"g{number}"] = depth[parent] + 1
    owners = [None, *(group.id for group in groups)]
    owner = None
    nodes = []
    for number in range(count):
        if dice.random() < 0.5:
            owner = dice.choice(owners)
        max_length = dice.choice([8, 16, 24, 60])
        nodes.append(Node(f"n{number}", label(dice, max_length), dice.choice(_SHAPES), SPAN, owner))
    direction: Direction = dice.choice(["TB", "TB", "TB", "LR", "LR", "BT", "RL"])
    return Graph(tuple(nodes), tuple(_edges(dice, count, groups)), tuple(groups), direction)


def pattern(seed: int) -> Pattern:
    """Return the same diagram as a pattern to draw."""
    return Pattern(graph(seed), f"random-{seed}", "", f"Random {seed}", "", SPAN)


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
        edges.append(Edge(f"n{source}", end, SPAN, text, stroke, tail))
    return edges
