"""Finds what was added to a page: nodes, groups and edges, with new ids."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import cast

from msgspec import Struct, field

from diagramkit.graph import Graph, Head, Stroke
from diagramkit.picture_files.picture_page import PicturePage, PictureRecord, PictureShape
from diagramkit.pull import new_labels
from diagramkit.sources.mermaid import write_ids
from diagramkit.sources.source_edits import AddEdge, AddGroup, AddNode

_SHAPES = {
    "ellipse": "ellipse",
    "rhombus": "diamond",
    "diamond": "diamond",
    "cylinder": "cylinder",
    "cylinder3": "cylinder",
    "can": "cylinder",
    "flowChartMagneticDisk": "cylinder",
    "hexagon": "hexagon",
    "flowChartDecision": "diamond",
    "roundRect": "round",
    "cloud": "cloud",
    "document": "doc",
    "flowChartDocument": "doc",
}
"""The shapes that other programs have, with their names in Mermaid."""
_MERMAID_NAMES = {"ellipse": "circle", "round": "rounded", "diamond": "diam", "hexagon": "hex", "cylinder": "cyl"}
_CONTAINER_SHARE = 3.0  # A shape on a slide that is a group has so many times the area of what is in it.


class Additions(Struct):
    """What was added, outer groups first, the ids of the new shapes, and what a source cannot express."""

    groups: list[AddGroup] = field(default_factory=list)
    nodes: list[AddNode] = field(default_factory=list)
    edges: list[AddEdge] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def find(page: PicturePage, record: PictureRecord, ids: Mapping[str, str], graph: Graph) -> Additions:
    """Return what was added to a page; `ids` are those of what is not new, by key.

    What the source contains already, because it was written before, is not added again.
    """
    result = Additions()
    new = {key: shape for key, shape in page.shapes.items() if key not in record.shapes}
    taken = {item.id for item in graph.nodes_and_groups} | {*record.nodes, *record.groups}
    parents = {key: _parent(page, shape, ids, new) for key, shape in new.items() if shape.kind != "edge"}
    containers = {key for key, shape in new.items() if shape.kind == "container" or key in parents.values()}
    known = {**ids}
    for key in sorted(containers, key=lambda each: _depth(each, parents)):
        _add_group(result, new[key], known.get(parents[key] or ""), graph, record, taken)
        known |= result.ids
    for key, shape in new.items():
        if shape.kind == "edge" or key in containers:
            continue
        _add_node(result, shape, known.get(parents[key] or ""), graph, record, taken)
    known |= result.ids
    _add_edges(result, new, known)
    return result


def _parent(
    page: PicturePage, shape: PictureShape, ids: Mapping[str, str], new: Mapping[str, PictureShape]
) -> str | None:
    """Return the key of the container around a new shape: as the file says, or by its position."""
    if page.nests:
        key = shape.parent
        for _ in page.shapes:
            if key is None or key in ids or key in new:
                return key
            parent = page.shapes.get(key)
            key = parent.parent if parent else None
        return None
    assert page.record is not None
    groups = {each.key for each in page.record.groups.values()}
    x, y = shape.box[0] + shape.box[2] / 2, shape.box[1] + shape.box[3] / 2
    around = [
        (other.box[2] * other.box[3], key)
        for key, other in page.shapes.items()
        if key != shape.key
        and (key in groups or (key in new and _may_contain(other, shape)))
        and other.box[0] <= x <= other.box[0] + other.box[2]
        and other.box[1] <= y <= other.box[1] + other.box[3]
    ]
    return min(around)[1] if around else None


def _may_contain(outer: PictureShape, inner: PictureShape) -> bool:
    """Return whether a new shape on a slide is a group around another one."""
    area, inner_area = outer.box[2] * outer.box[3], inner.box[2] * inner.box[3]
    return outer.kind == "shape" and area > _CONTAINER_SHARE * inner_area


def _depth(key: str, parents: Mapping[str, str | None]) -> int:
    depth, parent = 0, parents.get(key)
    while parent is not None and depth <= len(parents):
        depth, parent = depth + 1, parents.get(parent)
    return depth


def _add_group(
    result: Additions, shape: PictureShape, parent: str | None, graph: Graph, record: PictureRecord, taken: set[str]
) -> None:
    label = _label(shape)
    existing = [each.id for each in graph.groups if each.label == label and each.id not in record.groups]
    free = [name for name in existing if name not in result.ids.values()]
    if free:
        result.ids[shape.key] = free[0]
        return
    name = new_id(label or "group", taken)
    result.ids[shape.key] = name
    result.groups.append(AddGroup(name, label or name, parent))


def _add_node(
    result: Additions, shape: PictureShape, group: str | None, graph: Graph, record: PictureRecord, taken: set[str]
) -> None:
    label = _label(shape)
    if shape.kind == "text" and label:
        result.left_out.append(f"the text '{label}' stands on its own")
        return
    if not label:
        what = "an image" if shape.kind == "image" else "a shape"
        result.left_out.append(f"{what} without a label was added ('{shape.key.partition(chr(10))[0]}')")
        return
    existing = [each.id for each in graph.nodes if each.label == label and each.id not in record.nodes]
    free = [name for name in existing if name not in result.ids.values()]
    if free:
        result.ids[shape.key] = free[0]
        return
    name = new_id(label, taken)
    result.ids[shape.key] = name
    result.nodes.append(AddNode(name, label, group, _shape(shape)))


def _shape(shape: PictureShape) -> str:
    """Return the name in Mermaid of a shape."""
    name = _SHAPES.get(shape.look.get("shape", ""), "square")
    return _MERMAID_NAMES.get(name, name)


def _label(shape: PictureShape) -> str:
    return new_labels.label_of(shape.text, shape.text, shape.text.replace("\n", "<br/>")) if shape.text else ""


def _add_edges(result: Additions, new: Mapping[str, PictureShape], ids: Mapping[str, str]) -> None:
    for shape in new.values():
        if shape.kind != "edge":
            continue
        source, target = ids.get(shape.source or ""), ids.get(shape.target or "")
        if source is None or target is None:
            label = f" '{shape.text}'" if shape.text else ""
            result.left_out.append(f"a line{label} was added that does not connect two nodes or groups")
            continue
        result.edges.append(AddEdge(source, target, _label(shape), *_look(shape)))


def _look(shape: PictureShape) -> tuple[Stroke, Head, Head]:
    """Return the stroke and the arrowheads of a connector."""
    look = shape.look
    return cast(Stroke, look["stroke"]), cast(Head, look["tail"]), cast(Head, look["head"])


def new_id(label: str, taken: set[str]) -> str:
    """Return a new id that is similar to a label, and add it to `taken`."""
    words = re.findall(r"[a-z0-9]+", html.unescape(re.sub(r"<[^<>]*>", " ", label)).lower())
    base = "_".join(words)[:40].strip("_")
    if not base or base[0].isdigit() or base.startswith("title") or not _is_plain(base):
        base = f"node_{base}".rstrip("_")
    return write_ids.unique_name(base, taken)


def _is_plain(name: str) -> bool:
    return write_ids.is_plain_id(name) and write_ids.is_plain_subgraph_id(name)
