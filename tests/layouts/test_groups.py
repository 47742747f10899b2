"""Groups: compact where edges lead out and back, wide enough for their content, without holes."""

from __future__ import annotations

import random
from itertools import combinations, pairwise

import pytest

from diagramkit.drawing import Box, Drawing
from tests.support import faults, measures
from tests.support.project import ROOT

OUT_AND_BACK = """flowchart LR
  subgraph g[Orders]
    a[Receive order]
    b[Confirm order]
  end
  a --> c[Check stock] --> d[Charge card] --> b
"""

DIFFERENT_LABELS = """flowchart TB
  t[Transit Gateway] --> a
  t --> b
  t --> c
  subgraph one["Account: prod"]
    a[VPC]
  end
  subgraph two["Account: shared"]
    b["VPC for the inbound harbour readings"]
  end
  subgraph three["Account: dev"]
    c[VPC dev]
  end
"""

UNCONNECTED = """flowchart {direction}
  subgraph g[Shared]
    a[Organizations send]
    b[Identity and access management]
    c[Endpoint]
  end
  subgraph h[Approve daily]
    d[GuardDuty]
    e[Security Hub]
    f[CloudTrail]
  end
  g --> h
"""

FREE_SPACE = """flowchart LR
  u[User] --> a[Museum] --> b[API Gateway] --> c[Lambda] --> d
  subgraph g[Staging]
    d[DynamoDB]
    e[S3 orders]
    f[S3 claims]
  end
  d --> h[KMS]
  e --> h
  f --> h
  subgraph l[Claims]
    s[Score]
    t[Garden]
  end
"""


def box_of(drawing: Drawing, name: str) -> Box:
    """Return the box of a node without its label, or the frame of a group."""
    nodes = [node.solid for node in drawing.nodes if node.id == name]
    return (nodes or [group.box for group in drawing.groups if group.id == name])[0]


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_a_group_that_edges_leave_and_reenter_stays_compact(direction: str) -> None:
    """Its two nodes are next to each other, not at the two ends of what is between them."""
    drawing = measures.picture(OUT_AND_BACK.replace("LR", direction))
    first, second = box_of(drawing, "a"), box_of(drawing, "b")
    distance = max(
        second.x - first.right,
        first.x - second.right,
        second.y - first.bottom,
        first.y - second.bottom,
    )
    assert distance < 110


def test_twins_have_the_size_that_the_longest_label_needs() -> None:
    drawing = measures.picture(DIFFERENT_LABELS)
    sizes = {(round(g.box.w, 1), round(g.box.h, 1)) for g in drawing.groups}
    assert len(sizes) == 1
    assert faults.find_faults(drawing) == []


def test_a_long_group_in_an_inner_rank_stays_in_its_parent() -> None:
    """The security unit of this organization is longer than the ranks before its own."""
    drawing = measures.picture((ROOT / "tests/data/samples/landing-zone.mmd").read_text("utf-8"))
    boxes = {group.title: group.box for group in drawing.groups}
    assert boxes["AWS Organization"].contains(boxes["Security OU"])


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_three_unconnected_nodes_leave_no_hole(direction: str) -> None:
    """They are in one row or one column, not in a grid of two by two."""
    drawing = measures.picture(UNCONNECTED.format(direction=direction))
    for names in ("abc", "def"):
        centers = [box_of(drawing, name).center for name in names]
        assert len({round(x) for x, _ in centers}) == 1 or len({round(y) for _, y in centers}) == 1


def test_a_small_component_fills_the_space_next_to_a_large_one() -> None:
    """The picture is no larger than its connected part, and nothing overlaps."""
    large_part = measures.picture(FREE_SPACE.partition("  subgraph l")[0])
    drawing = measures.picture(FREE_SPACE)
    assert drawing.width <= large_part.width + 1
    assert drawing.height <= large_part.height + 1
    assert faults.find_faults(drawing) == []


def test_nodes_of_a_rank_are_level_whatever_the_titles_of_their_frames() -> None:
    """The two accounts are alike and are placed as blocks, with a title of two lines; the other frame is not."""
    text = measures.topologies()["a068-8n"]
    drawing = measures.picture(text)
    middles = {
        node.box.center[1]
        for node in drawing.nodes
        if node.title in ("VPC score", "VPC archive", "VPC harbour readings")
    }
    assert len(middles) == 1


def nested_with_long_titles(seed: int) -> str:
    """Return a diagram of groups in groups, many of whose titles are longer than their content."""
    dice = random.Random(seed)
    lines = [f"graph {dice.choice(('LR', 'TB', 'RL', 'BT'))}"]
    nodes: list[str] = []

    def add_group(depth: int) -> None:
        name = f"g{len(lines)}"
        title = "Group " + "of many long words " * dice.randrange(4)
        lines.append(f'subgraph {name}["{title}"]')
        for _ in range(dice.randrange(1, 3)):
            nodes.append(f"n{len(nodes)}")
            lines.append(f"{nodes[-1]}[Lambda]")
        if depth < 3 and dice.random() < 0.7:
            add_group(depth + 1)
        lines.append("end")

    for _ in range(dice.randrange(1, 4)):
        add_group(0)
    lines.extend(f"{a} --> {b}" for a, b in pairwise(nodes) if dice.random() < 0.8)
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(60))
def test_frames_with_long_titles_are_in_the_frames_around_them(seed: int) -> None:
    text = nested_with_long_titles(seed)
    drawing = measures.picture(text)
    boxes = {group.id: group.box for group in drawing.groups}
    parents = {group.id: group.parent for group in measures.graph_of(text).groups}
    for group, box in boxes.items():
        parent = parents[group]
        assert parent is None or boxes[parent].grown(-12).contains(box), text
    for first, second in combinations(boxes, 2):
        related = boxes[first].contains(boxes[second]) or boxes[second].contains(boxes[first])
        assert related or not boxes[first].overlaps(boxes[second]), text
