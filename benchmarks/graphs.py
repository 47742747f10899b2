"""Random diagrams for benchmarks, reproducible by their seed, with sizes and features as measured in real use.

The median has 11 nodes, a tenth have over 28, some up to 84, a few 200. Two thirds have groups, a fifth nested groups,
half have labels on edges. They can be written as Mermaid, which every tool except `diagrams` reads; a script for
`diagrams` is generated from the `Plan` itself.
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
_SUFFIXES = ("orders", "nightly billing", "audit", "inbound fleet", "primary", "tickets edge archive")
_WORDS = ("HTTPS", "events", "reads", "writes", "invoke", "on failure", "replicates", "logs")


@dataclass(frozen=True, slots=True)
class Plan:
    """A diagram: nodes (ID, label), edges (tail, head, label or '') and groups (title, members, parent's number)."""

    name: str
    direction: str
    nodes: tuple[tuple[str, str], ...]
    edges: tuple[tuple[str, str, str], ...]
    groups: tuple[tuple[str, tuple[str, ...], int | None], ...]

    def mermaid(self) -> str:
        """Return the plan as a Mermaid flowchart."""
        lines = [f"flowchart {self.direction}"]
        labels = dict(self.nodes)
        grouped = {name for _, members, _ in self.groups for name in members}

        def node(name: str) -> str:
            return f'{name}["{labels[name]}"]'

        def group(number: int, depth: int) -> None:
            title, members, _ = self.groups[number]
            indent = "  " * depth
            lines.append(f'{indent}subgraph g{number} ["{title}"]')
            lines.extend(f"{indent}  {node(name)}" for name in members)
            for inner, (_, _, parent) in enumerate(self.groups):
                if parent == number:
                    group(inner, depth + 1)
            lines.append(f"{indent}end")

        for number, (_, _, parent) in enumerate(self.groups):
            if parent is None:
                group(number, 1)
        lines += [f"  {node(name)}" for name in labels if name not in grouped]
        lines += [f"  {a} -->{f'|{text}|' if text else ''} {b}" for a, b, text in self.edges]
        return "\n".join(lines) + "\n"


def plans(count: int, seed: int = 1) -> list[Plan]:
    """Return `count` diagrams of realistic sizes, always the same for the same seed."""
    rng = random.Random(seed)
    return [plan(f"d{number:05}", _size(rng), rng) for number in range(count)]


def plan(name: str, size: int, rng: random.Random, edges: int | None = None) -> Plan:
    """Return a diagram with `size` nodes and `edges` edges; None is as many as people draw."""
    ids = [f"n{number}" for number in range(size)]
    nodes = tuple((node, rng.choice(_LABELS)) for node in ids)
    groups = _groups(ids, rng)
    labeled = rng.random() < 0.5
    edge_count = edges if edges is not None else round(size * rng.uniform(0.9, 1.35))
    labels: dict[tuple[str, str], str] = {}
    for head in range(1, size):
        tail = max(0, head - rng.randint(1, 5))
        labels[ids[tail], ids[head]] = rng.choice(_WORDS) if labeled and rng.random() < 0.5 else ""
    for _ in range(20 * edge_count):
        if len(labels) >= edge_count:
            break
        a, b = sorted(rng.sample(range(size), 2)) if size > 1 else (0, 0)
        if a != b and (edges is not None or b - a < 9):
            labels.setdefault((ids[a], ids[b]), "")
    direction = "LR" if rng.random() < 0.2 else "TB"
    return Plan(name, direction, nodes, tuple((a, b, text) for (a, b), text in labels.items()), groups)


def _size(rng: random.Random) -> int:
    if rng.random() < 0.01:
        return 200
    return min(84, max(2, round(rng.lognormvariate(2.4, 0.73))))


def _groups(ids: list[str], rng: random.Random) -> tuple[tuple[str, tuple[str, ...], int | None], ...]:
    if rng.random() > 0.66 or len(ids) < 4:
        return ()
    count = max(1, min(8, len(ids) // 5))
    nested = rng.random() < 0.3
    cuts = sorted(rng.sample(range(1, len(ids)), min(count * 2, len(ids) - 1)))
    groups: list[tuple[str, tuple[str, ...], int | None]] = []
    for number in range(count):
        start, end = cuts[min(2 * number, len(cuts) - 1)], cuts[min(2 * number + 1, len(cuts) - 1)]
        parent = 0 if nested and number and number < 4 else None
        if end > start:
            groups.append((rng.choice(_TITLES), tuple(ids[start:end]), parent if groups else None))
    return tuple(groups)


def like_published(size: int, count: int, edges: int | None = None) -> list[Plan]:
    """Return `count` flowcharts with `size` nodes, similar to published ones and always the same.

    They have `edges` edges (None: 1.2 per node), of which a tenth point backward and a third have labels. Three graphs
    in five have groups of about four nodes, a fifth of which are nested in another group.
    """
    return [_like_published(f"g{size}-{number}", size, number % 5 < 3, edges) for number in range(count)]


def _like_published(name: str, size: int, grouped: bool, edges: int | None = None) -> Plan:
    rng = random.Random(name)
    base = plan(name, size, rng)
    nodes = tuple((node, f"{label} {rng.choice(_SUFFIXES)}") for node, label in base.nodes)
    rate = 1 / min(6.0, 1 + size / 12)
    pairs = {(max(0, head - 1 - int(rng.expovariate(rate))), head) for head in range(1, size)}
    while len(pairs) < (edges or round(1.2 * size)):
        later = rng.randrange(1, size)
        earlier = max(0, later - 1 - int(rng.expovariate(rate / 2)))
        pairs.add((later, earlier) if rng.random() < 0.5 else (earlier, later))
    links = tuple(
        (f"n{a}", f"n{b}", rng.choice(_SUFFIXES) if rng.random() < 1 / 3 else "")
        for a, b in sorted(pairs, key=lambda pair: (min(pair), pair))
    )
    groups: list[tuple[str, tuple[str, ...], int | None]] = []
    start = 0
    while grouped and start < size:
        members = tuple(f"n{number}" for number in range(start, min(size, start + rng.randint(1, 7))))
        outer = len(groups) - 1 if groups and rng.random() < 0.2 else None
        groups.append((f"{rng.choice(_SUFFIXES).capitalize()} layer", members, outer))
        start += len(members)
    return replace(base, nodes=nodes, edges=links, groups=tuple(groups))
