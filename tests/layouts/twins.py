"""Sibling groups with matching members: zones with the same tiers, in any order of the source.

`twin_diagram` writes such a diagram as Mermaid text from a seed, and `differences` checks that its zones are laid out
alike.
"""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Literal

from msgspec import Struct

from diagramkit.drawing import Box, Drawing, Point
from tests.support import measures

TOLERANCE = 2.0
"""How much matching positions and sizes may differ, in points."""

_TIERS = (
    ("ALB", "EC2 web", "Lambda orders", "RDS ledger"),
    ("Parcel gate", "Sorting desk", "Weighing room", "Depot shelf"),
    ("NAT Gateway", "ECS tariffs", "Customs check", "DynamoDB claims"),
    ("Nightly intake", "SQS letters", "Lambda stamps", "S3 archive"),
)
_OUTER = ((), ("VPC depot",), ("us-east-1",), ("us-east-1", "VPC depot"))
_LABELS = ("", "HTTPS", "parcels", "reads and writes")


class TwinDiagram(Struct, frozen=True):
    """A diagram with sibling zones: its Mermaid text, and each zone's group with its members, tier by tier.

    Members are nodes, and also groups if every tier has a separate frame.
    """

    text: str
    zones: dict[str, tuple[str, ...]]
    tiers: int


class Plan(Struct, frozen=True):
    """The random choices of a seed, except for the order of the source."""

    direction: Literal["TB", "LR"]
    outer: tuple[str, ...]
    tiers: tuple[str, ...]
    numbered: bool
    subnets: bool
    replicated: bool
    label: str
    inside: bool


def twin_diagram(zones: int, tiers: int, seed: int) -> TwinDiagram:
    """Return the diagram of a seed with the given numbers of zones and tiers."""
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
    return TwinDiagram("\n".join([f"flowchart {plan.direction}", *lines, ""]), members, tiers)


def _members(plan: Plan, zone: int) -> tuple[str, ...]:
    nodes = tuple(f"n{zone}t{tier}" for tier in range(len(plan.tiers)))
    frames = tuple(f"s{zone}t{tier}" for tier in range(len(plan.tiers)))
    return nodes + frames if plan.subnets else nodes


def _zone(dice: random.Random, plan: Plan, zone: int) -> list[str]:
    """Return the lines of a zone, its members in any order."""
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
    """Return the edges from the entry to the first tiers, along the tiers, and between the last tiers of zones."""
    last = len(plan.tiers) - 1
    link = f'-->|"{plan.label}"|' if plan.label else "-->"
    edges = [f"  entry --> n{zone}t0" for zone in range(zones)]
    for zone in range(zones):
        edges += [f"  n{zone}t{tier} {link} n{zone}t{tier + 1}" for tier in range(last)]
    if plan.replicated:
        edges += [f'  n0t{last} -.->|"copies"| n{zone}t{last}' for zone in range(1, zones)]
    return edges


def differences(drawing: Drawing, diagram: TwinDiagram) -> list[str]:
    """Return how the zones differ in their layout; nothing if they do not."""
    boxes = measures.boxes(drawing)
    first, *others = diagram.zones
    messages = [message for zone in others for message in _zone_differences(boxes, diagram, first, zone)]
    tiers = [[boxes[members[tier]].center for members in diagram.zones.values()] for tier in range(diagram.tiers)]
    if not any(all(_are_aligned(tier, axis) for tier in tiers) for axis in (0, 1)):
        messages.append("the tiers do not line up along one axis")
    zones = [boxes[zone] for zone in diagram.zones]
    if not _is_row(zones) and not _is_column(zones):
        messages.append("the zones are neither in one row nor in one column")
    return messages


def _zone_differences(boxes: dict[str, Box], diagram: TwinDiagram, first: str, second: str) -> list[str]:
    """Return how a zone differs from another."""
    a, b = boxes[first], boxes[second]
    messages = []
    if max(abs(a.w - b.w), abs(a.h - b.h)) > TOLERANCE:
        messages.append(f"{first} is {a.w:.0f} x {a.h:.0f}, {second} {b.w:.0f} x {b.h:.0f}")
    orders = [_order(boxes, diagram.zones[zone][: diagram.tiers]) for zone in (first, second)]
    if orders[0] != orders[1]:
        messages.append(f"{first} and {second} have their members in different orders")
    for member, twin in zip(diagram.zones[first], diagram.zones[second], strict=True):
        (ax, ay), (bx, by) = _offset_in(boxes[member], a), _offset_in(boxes[twin], b)
        if max(abs(ax - bx), abs(ay - by)) > TOLERANCE:
            messages.append(f"{member} is at {ax:.0f}, {ay:.0f} in {first}, {twin} at {bx:.0f}, {by:.0f} in {second}")
    return messages


def _offset_in(box: Box, frame: Box) -> Point:
    """Return the center of a box, relative to the frame's top left corner."""
    return box.center[0] - frame.x, box.center[1] - frame.y


def _order(boxes: dict[str, Box], members: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return how each member is related to the next: to the left or right, above or below."""
    centers = [boxes[member].center for member in members]
    return [
        (measures.relation(a[0], b[0], TOLERANCE), measures.relation(a[1], b[1], TOLERANCE))
        for a, b in pairwise(centers)
    ]


def _are_aligned(points: list[Point], axis: int) -> bool:
    values = [point[axis] for point in points]
    return max(values) - min(values) <= TOLERANCE


def _is_row(boxes: list[Box]) -> bool:
    """Return whether boxes have the same top and bottom, and are next to each other without overlap."""
    ordered = sorted(boxes, key=lambda box: box.x)
    are_separate = all(measures.left_of(a, b) for a, b in pairwise(ordered))
    tops, bottoms = [(box.y, 0.0) for box in boxes], [(box.bottom, 0.0) for box in boxes]
    return are_separate and _are_aligned(tops, 0) and _are_aligned(bottoms, 0)


def _is_column(boxes: list[Box]) -> bool:
    """Return whether boxes have the same left and right side, and are below each other without overlap."""
    return _is_row([Box(box.y, box.x, box.h, box.w) for box in boxes])
