"""What somebody changes in draw.io or PowerPoint comes back into the source, and nothing else."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from diagramkit.cli import main
from diagramkit.graph import Graph
from diagramkit.sources import readers
from tests.support.edited_pictures import DrawioPicture, SlidePicture, opened
from tests.support.project import DATA, ROOT

SPECS = sorted((ROOT / "specs").rglob("*/*.yaml"))
TOPOLOGIES = sorted((DATA / "layouts" / "topologies").glob("*.mmd"))[:30]
SOURCES = [*SPECS, *TOPOLOGIES]
QUICK = [SPECS[0], SPECS[4], TOPOLOGIES[4], TOPOLOGIES[14]]

pytestmark = pytest.mark.usefixtures("_in_project")


@pytest.fixture
def _in_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("diagramkit.toml").touch()


def drawn(source: Path, extension: str) -> tuple[Path, Path]:
    """Copy a source into the project and draw it; return both files."""
    copied = Path(source.name)
    shutil.copy(source, copied)
    picture = Path(f"{source.stem}.{extension}")
    assert main(["export", str(copied), "-o", str(picture)]) == 0
    return copied, picture


def graph_of(source: Path) -> Graph:
    text = source.read_text("utf-8")
    (pattern,) = readers.reader_of(str(source)).read(text, str(source), "").patterns
    return pattern.graph


def expect(graph: Graph) -> tuple[dict[str, tuple[str, str | None]], dict[str, str], Counter[tuple[str, str, str]]]:
    """Return what a test changes: the nodes with their labels and groups, the titles of groups, and the edges.

    Groups without ids have their numbers in the order of the source, which new groups do not change.
    """
    automatic = [group.id for group in graph.groups if group.id.startswith("subGraph")]
    ids = {name: f"subGraph{number}" for number, name in enumerate(automatic)}
    nodes = {node.id: (node.label, ids.get(node.group or "", node.group)) for node in graph.nodes}
    groups = {ids.get(group.id, group.id): group.label for group in graph.groups}
    edges = ((ids.get(edge.source, edge.source), ids.get(edge.target, edge.target), edge.label) for edge in graph.edges)
    return nodes, groups, Counter(edges)


def random_edits(picture: DrawioPicture | SlidePicture, graph: Graph, seed: int) -> tuple[object, set[str]]:
    """Edit a picture at random. Return what the source should contain then, and what was moved."""
    dice = random.Random(seed)
    nodes, groups, edges = expect(graph)
    free = [node.id for node in graph.nodes if node.id in picture.record.nodes]
    dice.shuffle(free)
    gone = free.pop()
    picture.delete(gone)
    nodes.pop(gone)
    edges = Counter({edge: count for edge, count in edges.items() if gone not in edge[:2]})
    recorded = [each for each in picture.record.edges if gone not in (each.source, each.target)]
    indexes = [picture.record.edges.index(each) for each in recorded]
    dice.shuffle(indexes)
    alone = [i for i in indexes if sum(each.key == picture.record.edges[i].key for each in picture.record.edges) == 1]
    if alone:
        edge = picture.record.edges[alone.pop()]
        picture.delete_edge(picture.record.edges.index(edge))
        edges -= Counter([(edge.source, edge.target, edge.label)])
    labeled = [index for index in alone if picture.record.edges[index].label]
    if labeled and edges[(edge := picture.record.edges[labeled[0]]).source, edge.target, edge.label] == 1:
        picture.relabel(labeled[0], "New text")
        edges -= Counter([(edge.source, edge.target, edge.label)])
        edges[edge.source, edge.target, "New text"] += 1
    for number in range(min(2, len(free) - 2)):
        name = free.pop()
        picture.rename(name, f"Renamed: {number} <x> & y")
        nodes[name] = (f"Renamed: {number} &lt;x&gt; &amp; y", nodes[name][1])
    if picture.record.groups:
        name = dice.choice(sorted(picture.record.groups))
        picture.rename(name, "Another title")
        groups[name] = "Another title"
    if isinstance(picture, DrawioPicture):
        _edit_structure(picture, dice, nodes, groups, edges, free[2:], alone[1:])
    # Two nodes of one group that move by the same distance do not move among its members.
    one_per_group = {node.group: node.id for node in graph.nodes if node.id in free[:2]}
    moved = {name for name in one_per_group.values() if _move_away(picture, graph, name, gone)}
    group = dice.choice([*sorted(picture.record.groups), None]) if isinstance(picture, DrawioPicture) else None
    key = picture.add_node("Audit log", group)
    nodes["audit_log"] = ("Audit log", group)
    end = free[-1] if free else "audit_log"
    picture.add_edge(picture.key(end) if free else key, key)
    edges[end, "audit_log", ""] += 1
    return (nodes, groups, edges), moved


def _edit_structure(
    picture: DrawioPicture,
    dice: random.Random,
    nodes: dict[str, tuple[str, str | None]],
    groups: dict[str, str],
    edges: Counter[tuple[str, str, str]],
    free: list[str],
    indexes: list[int],
) -> None:
    """Attach an edge to other nodes, move a node into another group, and add a container with a node."""
    if indexes and len(free) > 1:
        edge = picture.record.edges[indexes[0]]
        first, second = dice.sample(free, 2)
        if edges[edge.source, edge.target, edge.label] == 1 and (first, second) != (edge.source, edge.target):
            picture.reconnect(indexes[0], first, second)
            edges -= Counter([(edge.source, edge.target, edge.label)])
            edges[first, second, edge.label] += 1
    if groups and free:
        group = dice.choice([*sorted(groups), None])
        picture.move_into(free[0], group)
        nodes[free[0]] = (nodes[free[0]][0], group)
    outer = picture.add_node("New frame", dice.choice([*sorted(groups), None]), "swimlane;html=1;startSize=20;")
    inner = picture.add_node("In the frame", None)
    picture.cell(inner).set("parent", outer)
    groups["new_frame"] = "New frame"
    nodes["in_the_frame"] = ("In the frame", "new_frame")


def _move_away(picture: DrawioPicture | SlidePicture, graph: Graph, name: str, gone: str) -> bool:
    """Move a node across the flow to the end of its group, if that changes its place among others."""
    group = next(node.group for node in graph.nodes if node.id == name)
    others = [
        *(node.id for node in graph.child_nodes(group) if node.id not in (name, gone)),
        *(each.id for each in graph.child_groups(group)),
    ]
    if not others or any(name not in picture.record.nodes | picture.record.groups for name in others):
        return False
    horizontal = picture.record.direction in ("LR", "RL")
    box, boxes = picture.box(name), [picture.box(each) for each in others]
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    if horizontal:
        y = max(each[1] + each[3] for each in boxes) + box[3]
    else:
        x = max(each[0] + each[2] for each in boxes) + box[2]
    if isinstance(picture, SlidePicture):
        frames = [picture.box(each) for each in picture.record.groups]
        if any(frame[0] <= x <= frame[0] + frame[2] and frame[1] <= y <= frame[1] + frame[3] for frame in frames):
            return False
        if group is not None:
            return False
    picture.move(name, x, y)
    return True


@pytest.mark.parametrize("extension", ["drawio", "pptx"])
@pytest.mark.parametrize("source", QUICK, ids=lambda path: path.stem)
def test_random_edits_come_back(source: Path, extension: str, capsys: pytest.CaptureFixture[str]) -> None:
    check_random_edits(source, extension, capsys)


@pytest.mark.slow
@pytest.mark.parametrize("extension", ["drawio", "pptx"])
@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_random_edits_of_all_patterns_and_topologies_come_back(
    source: Path, extension: str, capsys: pytest.CaptureFixture[str]
) -> None:
    check_random_edits(source, extension, capsys, rounds=3)


def check_random_edits(source: Path, extension: str, capsys: pytest.CaptureFixture[str], rounds: int = 1) -> None:
    copied, path = drawn(source, extension)
    before, original = copied.read_bytes(), path.read_bytes()
    assert main(["pull", str(path)]) == 0
    assert copied.read_bytes() == before
    for number in range(rounds):
        copied.write_bytes(before)
        path.write_bytes(original)
        _check_round(copied, path, number, capsys)


def _check_round(copied: Path, path: Path, number: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Edit a picture at random and pull it."""
    before, graph, picture = copied.read_bytes(), graph_of(copied), opened(path)
    expected, moved = random_edits(picture, graph, seed=len(copied.stem) + len(graph.edges) + 1000 * number)
    picture.save(compressed=len(graph.nodes) % 2 == 0)
    capsys.readouterr()
    assert main(["pull", "--check", str(path)]) == 1
    assert copied.read_bytes() == before
    capsys.readouterr()
    main(["pull", str(path)])
    printed = capsys.readouterr()
    after = graph_of(copied)
    assert expect(after) == expected, printed
    pinned = {hint.members[0] for hint in after.hints if hint.kind == "pin"} & moved
    within = {name for name in moved if f"'{name}' was moved only within" in printed.err}
    assert pinned == moved - within, printed
    text = copied.read_text("utf-8")
    main(["pull", str(path)])
    assert copied.read_text("utf-8") == text
    assert main(["check", str(copied)]) == 0
