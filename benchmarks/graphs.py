"""Diagrams to measure with, from a seed: of the sizes and habits measured in real use.

Median 11 nodes, a tenth over 28, some to 84, a few of 200; two thirds with groups, a fifth with groups in
groups; half of the diagrams with labels on edges. Written as Mermaid, which every tool but `diagrams`
reads, and as a plain `Plan` from which a script for `diagrams` is made.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

_LABELS = (
    "API Gateway",
    "DynamoDB",
    "CloudFront",
    "CloudWatch",
    "CloudTrail",
    "GuardDuty",
    "S3",
    "Route 53",
    "Secrets Manager",
    "NAT Gateway",
    "Orders Lambda",
    "CloudWatch Logs",
    "AWS WAF",
    "Application Load Balancer",
    "EventBridge",
    "Internet Gateway",
    "S3 bucket",
    "KMS",
    "ElastiCache",
    "Security Hub",
    "Cognito",
    "ECR repository",
    "Step Functions",
    "Lambda function",
    "Bedrock",
    "RDS PostgreSQL",
    "Transit Gateway",
    "Athena",
    "SNS topic",
    "X-Ray",
    "SQS queue",
    "Glue ETL",
    "Kinesis Firehose",
    "ECS Fargate",
    "SageMaker",
    "Users",
    "Browser",
    "Payment service",
    "Validate order",
    "Auth",
    "Aurora<br/>(writer)",
    "Redis",
    "Grafana",
)
_TITLES = (
    "VPC",
    "Public subnet",
    "Private subnet",
    "Data layer",
    "AWS Cloud",
    "us-east-1",
    "On-premises",
)
_MORE = ("orders", "nightly billing", "audit", "inbound fleet", "primary", "tickets edge archive")
_WORDS = ("HTTPS", "events", "reads", "writes", "invoke", "on failure", "replicates", "logs")


@dataclass(frozen=True, slots=True)
class Plan:
    """A diagram: labels by id, edges as pairs with a label ('' for none), groups with their members."""

    name: str
    direction: str
    nodes: tuple[tuple[str, str], ...]
    edges: tuple[tuple[str, str, str], ...]
    groups: tuple[tuple[str, tuple[str, ...], int | None], ...]

    def mermaid(self) -> str:
        """The plan as a Mermaid flowchart."""
        lines = [f"flowchart {self.direction}"]
        labels = dict(self.nodes)
        inside = {name for _, members, _ in self.groups for name in members}

        def node(name: str) -> str:
            return f'{name}["{labels[name]}"]'

        def group(number: int, depth: int) -> None:
            title, members, _ = self.groups[number]
            pad = "  " * depth
            lines.append(f'{pad}subgraph g{number} ["{title}"]')
            lines.extend(f"{pad}  {node(name)}" for name in members)
            for inner, (_, _, parent) in enumerate(self.groups):
                if parent == number:
                    group(inner, depth + 1)
            lines.append(f"{pad}end")

        for number, (_, _, parent) in enumerate(self.groups):
            if parent is None:
                group(number, 1)
        lines += [f"  {node(name)}" for name in labels if name not in inside]
        lines += [f"  {a} -->{f'|{text}|' if text else ''} {b}" for a, b, text in self.edges]
        return "\n".join(lines) + "\n"


def plans(count: int, seed: int = 1) -> list[Plan]:
    """So many diagrams of realistic sizes, the same for the same seed."""
    dice = random.Random(seed)
    return [plan(f"d{number:05}", _size(dice), dice) for number in range(count)]


def plan(name: str, size: int, dice: random.Random, edges: int | None = None) -> Plan:
    """A diagram of `size` nodes; of so many edges, or as many as people draw."""
    ids = [f"n{number}" for number in range(size)]
    nodes = tuple((one, dice.choice(_LABELS)) for one in ids)
    groups = _groups(ids, dice)
    labelled = dice.random() < 0.5
    wanted = edges if edges is not None else round(size * dice.uniform(0.9, 1.35))
    found: dict[tuple[str, str], str] = {}
    for at in range(1, size):
        back = max(0, at - dice.randint(1, 5))
        found[ids[back], ids[at]] = dice.choice(_WORDS) if labelled and dice.random() < 0.5 else ""
    for _ in range(20 * wanted):
        if len(found) >= wanted:
            break
        a, b = sorted(dice.sample(range(size), 2)) if size > 1 else (0, 0)
        if a != b and (edges is not None or b - a < 9):
            found.setdefault((ids[a], ids[b]), "")
    way = "LR" if dice.random() < 0.2 else "TB"
    return Plan(name, way, nodes, tuple((a, b, text) for (a, b), text in found.items()), groups)


def _size(dice: random.Random) -> int:
    if dice.random() < 0.01:
        return 200
    return min(84, max(2, round(dice.lognormvariate(2.4, 0.73))))


def _groups(ids: list[str], dice: random.Random) -> tuple[tuple[str, tuple[str, ...], int | None], ...]:
    if dice.random() > 0.66 or len(ids) < 4:
        return ()
    count = max(1, min(8, len(ids) // 5))
    nested = dice.random() < 0.3
    cuts = sorted(dice.sample(range(1, len(ids)), min(count * 2, len(ids) - 1)))
    found: list[tuple[str, tuple[str, ...], int | None]] = []
    for number in range(count):
        start, end = cuts[min(2 * number, len(cuts) - 1)], cuts[min(2 * number + 1, len(cuts) - 1)]
        parent = 0 if nested and number and number < 4 else None
        if end > start:
            found.append((dice.choice(_TITLES), tuple(ids[start:end]), parent if found else None))
    return tuple(found)


def like_published(size: int, count: int, edges: int | None = None) -> list[Plan]:
    """So many flowcharts of a size, like those that people publish; the same ones each time.

    1.2 edges a node or so many as said, a tenth of them backward, a third with labels; three graphs
    in five have groups, of four nodes each, a fifth of these in another.
    """
    return [_like_published(f"g{size}-{number}", size, number % 5 < 3, edges) for number in range(count)]


def _like_published(name: str, size: int, grouped: bool, edges: int | None = None) -> Plan:
    dice = random.Random(name)
    base = plan(name, size, dice)
    nodes = tuple((one, f"{label} {dice.choice(_MORE)}") for one, label in base.nodes)
    near = 1 / min(6.0, 1 + size / 12)
    pairs = {(max(0, at - 1 - int(dice.expovariate(near))), at) for at in range(1, size)}
    while len(pairs) < (edges or round(1.2 * size)):
        at = dice.randrange(1, size)
        before = max(0, at - 1 - int(dice.expovariate(near / 2)))
        pairs.add((at, before) if dice.random() < 0.5 else (before, at))
    links = tuple(
        (f"n{a}", f"n{b}", dice.choice(_MORE) if dice.random() < 1 / 3 else "")
        for a, b in sorted(pairs, key=lambda pair: (min(pair), pair))
    )
    groups: list[tuple[str, tuple[str, ...], int | None]] = []
    at = 0
    while grouped and at < size:
        members = tuple(f"n{one}" for one in range(at, min(size, at + dice.randint(1, 7))))
        outer = len(groups) - 1 if groups and dice.random() < 0.2 else None
        groups.append((f"{dice.choice(_MORE).capitalize()} layer", members, outer))
        at += len(members)
    return replace(base, nodes=nodes, edges=links, groups=tuple(groups))
