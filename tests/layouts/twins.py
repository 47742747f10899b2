"""Sibling groups with matching members: zones with the same tiers, in any order of the source.

`twins` writes such a diagram as Mermaid text from a seed, `faults` checks that its zones are laid out alike.
"""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Literal

from msgspec import Struct

from diagramkit.drawing import Box, Drawing, Point
from tests.layouts import measures

SLACK = 2.0
"""How far, in points, matching positions and sizes may differ."""

_TIERS = (
    ("ALB", "EC2 web", "Lambda orders", "RDS ledger"),
    ("Parcel gate", "Sorting desk", "Weighing room", "Depot shelf"),
    ("NAT Gateway", "ECS tariffs", "Customs check", "DynamoDB claims"),
    ("Nightly intake", "SQS letters", "Lambda stamps", "S3 archive"),
)
_OUTER = ((), ("VPC depot",), ("us-east-1",), ("us-east-1", "VPC depot"))
_LABELS = ("", "HTTPS", "parcels", "reads and writes")


class Twins(Struct, frozen=True):
    """A diagram with sibling zones: its Mermaid text, and each zone's group with its members, tier by tier.

    Members are nodes, and groups if every tier has a frame of its own.
    """

    text: str
    zones: dict[str, tuple[str, ...]]
    tiers: int


class Plan(Struct, frozen=True):
    """What a seed has chosen beside the order of the source."""

    direction: Literal["TB", "LR"]
    outer: tuple[str, ...]
    tiers: tuple[str, ...]
    numbered: bool
    subnets: bool
    replicated: bool
    label: str
    inside: bool


def twins(zones: int, tiers: int, seed: int) -> Twins:
    """The diagram of a seed with so many zones of so many tiers."""
    dice = random.Random(f"{zones} {tiers} {seed}")
    plan = Plan(
        direction=dice.choice(("TB", "LR")),
        outer=dice.choice(_OUTER),
        tiers=dice.choice(_TIERS)[:tiers],
        numbered=dice.random() < 0.5,
        subnets=dice.random() < 0.25,
        replicated=dice.random() < 0.5,
        label=dice.choice(_LABELS),
        inside=dice.random() < 0.5,
    )
    frames = [_zone(dice, plan, zone) for zone in range(zones)]
    dice.shuffle(frames)
    body = [line for frame in frames for line in frame]
    entry = '  entry["Users"]'
    if plan.inside:
        body.insert(0, entry)
    for number, title in enumerate(plan.outer):
        body = [f'  subgraph outer{len(plan.outer) - number} ["{title}"]', *body, "  end"]
    if not plan.inside:
        body.insert(dice.choice((0, len(body))), entry)
    edges = _edges(plan, zones)
    dice.shuffle(edges)
    lines = [*edges, *body] if dice.random() < 0.2 and not plan.outer else [*body, *edges]
    members = {f"zone{zone}": _members(plan, zone) for zone in range(zones)}
    return Twins("\n".join([f"flowchart {plan.direction}", *lines, ""]), members, tiers)


def _members(plan: Plan, zone: int) -> tuple[str, ...]:
    nodes = tuple(f"n{zone}t{tier}" for tier in range(len(plan.tiers)))
    frames = tuple(f"s{zone}t{tier}" for tier in range(len(plan.tiers)))
    return nodes + frames if plan.subnets else nodes


def _zone(dice: random.Random, plan: Plan, zone: int) -> list[str]:
    """The lines of a zone, its members in any order."""
    members = []
    for tier, label in enumerate(plan.tiers):
        shown = f"{label} {zone + 1}" if plan.numbered else label
        node = [f'    n{zone}t{tier}["{shown}"]']
        if plan.subnets:
            node = [f'    subgraph s{zone}t{tier} ["Subnet {tier + 1}"]', *node, "    end"]
        members.append(node)
    dice.shuffle(members)
    inner = [line for member in members for line in member]
    return [f'  subgraph zone{zone} ["Zone {zone + 1}"]', *inner, "  end"]


def _edges(plan: Plan, zones: int) -> list[str]:
    """From the entry to each zone's first tier, along the tiers, and across zones between the last tiers."""
    last = len(plan.tiers) - 1
    link = f'-->|"{plan.label}"|' if plan.label else "-->"
    found = [f"  entry --> n{zone}t0" for zone in range(zones)]
    for zone in range(zones):
        found += [f"  n{zone}t{tier} {link} n{zone}t{tier + 1}" for tier in range(last)]
    if plan.replicated:
        found += [f'  n0t{last} -.->|"copies"| n{zone}t{last}' for zone in range(1, zones)]
    return found


def faults(drawing: Drawing, made: Twins) -> list[str]:
    """In which ways the zones are not laid out alike; empty if they are."""
    boxes = measures.boxes(drawing)
    first, *others = made.zones
    found = [fault for zone in others for fault in _unlike(boxes, made, first, zone)]
    tiers = [[boxes[members[tier]].center for members in made.zones.values()] for tier in range(made.tiers)]
    if not any(all(_on_line(tier, axis) for tier in tiers) for axis in (0, 1)):
        found.append("the tiers do not line up along one axis")
    zones = [boxes[zone] for zone in made.zones]
    if not _is_row(zones) and not _is_column(zones):
        found.append("the zones are neither in one row nor in one column")
    return found


def _unlike(boxes: dict[str, Box], made: Twins, one: str, other: str) -> list[str]:
    """In which ways a zone differs from another."""
    a, b = boxes[one], boxes[other]
    found = []
    if max(abs(a.w - b.w), abs(a.h - b.h)) > SLACK:
        found.append(f"{one} is {a.w:.0f} x {a.h:.0f}, {other} {b.w:.0f} x {b.h:.0f}")
    orders = [_order(boxes, made.zones[zone][: made.tiers]) for zone in (one, other)]
    if orders[0] != orders[1]:
        found.append(f"{one} and {other} have their members in different orders")
    for mine, twin in zip(made.zones[one], made.zones[other], strict=True):
        (ax, ay), (bx, by) = _within(boxes[mine], a), _within(boxes[twin], b)
        if max(abs(ax - bx), abs(ay - by)) > SLACK:
            found.append(f"{mine} is at {ax:.0f}, {ay:.0f} in {one}, {twin} at {bx:.0f}, {by:.0f} in {other}")
    return found


def _within(box: Box, frame: Box) -> Point:
    """Where the center of a box is, from the frame's top left corner."""
    return box.center[0] - frame.x, box.center[1] - frame.y


def _order(boxes: dict[str, Box], members: tuple[str, ...]) -> list[tuple[int, int]]:
    """How each member is related to the next: to the left or right, above or below."""
    centers = [boxes[member].center for member in members]
    return [(measures.relation(a[0], b[0], SLACK), measures.relation(a[1], b[1], SLACK)) for a, b in pairwise(centers)]


def _on_line(points: list[Point], axis: int) -> bool:
    values = [point[axis] for point in points]
    return max(values) - min(values) <= SLACK


def _is_row(found: list[Box]) -> bool:
    """Whether boxes have the same top and bottom, and lie beside one another without overlap."""
    order = sorted(found, key=lambda box: box.x)
    beside = all(measures.left_of(a, b) for a, b in pairwise(order))
    tops, bottoms = [(box.y, 0.0) for box in found], [(box.bottom, 0.0) for box in found]
    return beside and _on_line(tops, 0) and _on_line(bottoms, 0)


def _is_column(found: list[Box]) -> bool:
    """Whether boxes have the same left and right side, and lie below one another without overlap."""
    return _is_row([Box(box.y, box.x, box.h, box.w) for box in found])
