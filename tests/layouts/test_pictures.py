"""The rules of good pictures, checked for the geometry of every pattern and sample."""

from __future__ import annotations

import itertools
from collections import defaultdict

import pytest

from diagramkit.drawing import Drawing
from diagramkit.style import theme
from tests.support import faults
from tests.support.project import PATTERN_NAMES, SAMPLE_NAMES, drawing, patterns, samples

ALL_NAMES = [*PATTERN_NAMES, *SAMPLE_NAMES]
SLIDE = (1920, 1080)


def scale_on_slide(picture: Drawing) -> float:
    return min(SLIDE[0] / picture.width, SLIDE[1] / picture.height)


@pytest.mark.parametrize("colors", ["light", "dark"])
@pytest.mark.parametrize("name", ALL_NAMES)
def test_nothing_overlaps_nothing_is_cut_off_and_edges_touch(name: str, colors: str) -> None:
    assert faults.find_faults(drawing(name, colors)) == []


@pytest.mark.parametrize("name", PATTERN_NAMES)
def test_no_text_is_smaller_than_16_pixels_on_a_slide(name: str) -> None:
    picture = drawing(name)
    smallest = min(text.size for text in picture.texts())
    assert smallest * scale_on_slide(picture) >= 16


@pytest.mark.parametrize("name", PATTERN_NAMES)
def test_pictures_fill_the_slide(name: str) -> None:
    picture = drawing(name)
    scale = scale_on_slide(picture)
    shares = sorted((picture.width * scale / SLIDE[0], picture.height * scale / SLIDE[1]))
    assert shares[0] >= 0.55
    assert shares[1] >= 0.8


@pytest.mark.parametrize("name", PATTERN_NAMES)
def test_icons_of_a_rank_are_aligned(name: str) -> None:
    """No two icons are slightly out of line: they are either on one line or clearly apart."""
    centers = [node.box.center for node in drawing(name).nodes]
    for axis in (0, 1):
        positions = sorted({round(center[axis], 2) for center in centers})
        gaps = [b - a for a, b in itertools.pairwise(positions)]
        assert all(gap > 12 for gap in gaps), gaps


@pytest.mark.parametrize("name", PATTERN_NAMES)
def test_all_icons_have_the_same_size(name: str) -> None:
    assert {(node.box.w, node.box.h) for node in drawing(name).nodes if node.icon} == {(60, 60)}


@pytest.mark.parametrize("name", ALL_NAMES)
def test_groups_contain_their_members_with_padding_and_nothing_else(name: str) -> None:
    picture = drawing(name)
    graph = {**patterns(), **samples()}[name].graph
    boxes = {group.id: group.box for group in picture.groups}
    parent = {group.id: group.parent for group in graph.groups}
    owner = {node.id: node.group for node in graph.nodes}
    for node in picture.nodes:
        enclosing = groups_around(owner[node.id], parent)
        for group, box in boxes.items():
            if group in enclosing:
                assert box.grown(-16).contains(node.box), (group, node.id)
            else:
                assert not box.overlaps(node.box), (group, node.id)
    for group, box in boxes.items():
        for other in groups_around(parent[group], parent):
            assert boxes[other].grown(-16).contains(box), (other, group)


@pytest.mark.parametrize("name", ALL_NAMES)
def test_sibling_groups_keep_a_distance(name: str) -> None:
    picture = drawing(name)
    graph = {**patterns(), **samples()}[name].graph
    siblings = defaultdict(list)
    boxes = {group.id: group.box for group in picture.groups}
    for group in graph.groups:
        siblings[group.parent].append(boxes[group.id])
    for boxes_of_parent in siblings.values():
        for index, box in enumerate(boxes_of_parent):
            assert not any(box.grown(7).overlaps(other.grown(7)) for other in boxes_of_parent[index + 1 :])


@pytest.mark.parametrize("name", PATTERN_NAMES)
def test_every_element_of_the_graph_is_in_the_picture(name: str) -> None:
    graph, picture = patterns()[name].graph, drawing(name)
    assert [node.id for node in picture.nodes] == [node.id for node in graph.nodes]
    assert sorted((e.source, e.target) for e in picture.edges) == sorted((e.source, e.target) for e in graph.edges)
    assert {group.id for group in picture.groups} == {group.id for group in graph.groups}
    for node, drawn in zip(graph.nodes, picture.nodes, strict=True):
        assert " ".join(text.text for text in drawn.texts) == node.label


def test_a_chain_of_six_is_not_too_wide() -> None:
    picture = drawing("sagemaker-mlops-pipeline")
    assert picture.width / picture.height < 2.5


def test_a_suitable_direction_is_preserved() -> None:
    xs = [node.box.x for node in drawing("event-driven-architecture").nodes]
    assert xs[0] < xs[1] < xs[2] == xs[3] < xs[4] == xs[5]


def test_siblings_are_in_source_order() -> None:
    nodes = {node.id: node.box for node in drawing("ecs-microservices").nodes}
    assert nodes["B"].y < nodes["C"].y
    assert nodes["D"].y < nodes["E"].y


def luminance(color: str) -> float:
    """Return the relative luminance of a color (WCAG 2.2)."""
    parts = [int(color[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", theme.BASES)
def test_text_is_readable_on_all_backgrounds(name: str) -> None:
    colors = theme.load(name)
    backgrounds = {colors.background, colors.shape_fill, colors.label_background}
    backgrounds |= {style.fill for style in colors.groups.values() if style.fill}
    for background in backgrounds:
        assert contrast(colors.text, background) >= 4.5
        assert contrast(colors.muted, background) >= 4.5


def groups_around(group: str | None, parent: dict[str, str | None]) -> list[str]:
    groups = []
    while group is not None:
        groups.append(group)
        group = parent[group]
    return groups
