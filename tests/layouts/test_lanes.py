"""Lanes of swimlane-beta: they reach across the whole picture, keep the source's order, and contain their members."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from diagramkit.drawing import Drawing
from diagramkit.sources.mermaid.write import to_mermaid
from tests.support import faults, measures

LOAN = """swimlane-beta LR
  subgraph Customer
    start([Start]) --> ask[Ask for loan]
  end
  subgraph Bank
    check[Lambda check] --> ok{OK?}
  end
  ask --> check
  ok -->|yes| pay[SQS]
  ok -->|no| start
"""


def random_lanes(seed: int) -> str:
    """Return a process that goes back and forth between two to five lanes."""
    generator = random.Random(seed)
    lanes = generator.randint(2, 5)
    count = generator.randint(lanes, 14)
    lane_of = [*range(lanes), *(generator.randrange(lanes) for _ in range(count - lanes))]
    lines = [f"swimlane-beta {generator.choice(('LR', 'TB'))}"]
    for lane in range(lanes):
        lines += [f"  subgraph lane{lane}[Lane {lane}]"]
        lines += [f"    n{node}[Step {node}]" for node in range(count) if lane_of[node] == lane]
        lines += ["  end"]
    lines += [f"  n{node} --> n{node + 1}" for node in range(count - 1)]
    for _ in range(generator.randint(0, 4)):
        source, target = generator.sample(range(count), 2)
        lines += [f"  n{source} -->|label| n{target}"]
    return "\n".join(lines) + "\n"


def check_lanes(drawing: Drawing, names: list[str]) -> None:
    """Assert that the lanes have the same extent along one axis, and follow one another along the other."""
    boxes = [next(group.box for group in drawing.groups if group.id == name) for name in names]
    rows = len({(box.x, box.right) for box in boxes}) == 1
    columns = len({(box.y, box.bottom) for box in boxes}) == 1
    assert rows or columns
    if rows:
        assert all(a.bottom < b.y for a, b in pairwise(boxes))
    else:
        assert all(a.right < b.x for a, b in pairwise(boxes))


def test_lanes_reach_across_the_picture() -> None:
    check_lanes(measures.picture(LOAN), ["Customer", "Bank"])


@pytest.mark.parametrize("seed", range(60))
def test_random_lanes_are_parallel_and_in_order(seed: int) -> None:
    text = random_lanes(seed)
    drawing = measures.picture(text)
    check_lanes(drawing, [f"lane{number}" for number in range(text.count("subgraph"))])
    assert faults.find_faults(drawing) == []


@pytest.mark.parametrize("direction", ["LR", "TB"])
@pytest.mark.parametrize(
    "edge", ["", "empty --> a", "b --> empty", "empty --> other", "empty --> c", "empty -->|x| empty", "a --> loose"]
)
@pytest.mark.parametrize(
    "content", ["", "subgraph inner[Inner]\n  end", "subgraph inner\n  subgraph deep\n  end\n  end"]
)
def test_a_lane_without_nodes_has_room_for_its_title(direction: str, edge: str, content: str) -> None:
    text = f"""swimlane-beta {direction}
      subgraph first[First]
        a[S3] --> b[SQS]
      end
      subgraph empty[An empty lane]
        {content}
      end
      subgraph other[Another one]
      end
      subgraph last[Last]
        c[EC2]
      end
      {edge}
    """
    drawing = measures.picture(text)
    check_lanes(drawing, ["first", "empty", "other", "last"])
    assert {node.id for node in drawing.nodes} <= {"a", "b", "c", "loose"}
    assert faults.find_faults(drawing) == []
    for group in drawing.groups:
        assert all(group.box.contains(line.box, 0.3) for line in group.texts), group.id


def test_lanes_may_all_be_empty() -> None:
    drawing = measures.picture("swimlane-beta LR\n  subgraph A\n  end\n  subgraph B\n  end\n  A --> B\n")
    check_lanes(drawing, ["A", "B"])
    assert len(drawing.edges) == 1


def test_lanes_survive_export_to_mermaid() -> None:
    graph = measures.graph_of(LOAN)
    assert graph.lanes
    assert to_mermaid(graph).startswith("swimlane-beta LR\n")
    assert measures.graph_of(to_mermaid(graph)).lanes
