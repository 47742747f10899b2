"""Compares pictures with those that AWS publishes for the same templates: `python -m checks.aws_pictures FOLDER`.

FOLDER contains clones of the repositories in `aws_pictures.yaml`, each under the last part of its name. The program
prints how many components of AWS's pictures are drawn at the default level and at `detail`, and how well the edges
agree. It fails if they agree less than they should.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from diagramkit import infrastructure, sources
from diagramkit.graph import Graph
from diagramkit.infrastructure.levels import View
from diagramkit.infrastructure.rules import pattern_of

PICTURES = Path(__file__).with_suffix(".yaml")
COMPONENTS = 54
MIN_COMPONENTS = {"default": 50, "detail": 53}
MIN_DIRECTION, MIN_PRECISION, MIN_RECALL = 0.95, 0.9, 0.8
_USERS = "users"
_UNDECLARED = "not declared"


class Agreement(Struct, frozen=True):
    """How a graph agrees with a picture: its missing components, and the edges as pairs of names.

    `reversed` are those of `wrong` that are in the picture in the other direction.
    """

    missing: tuple[str, ...]
    right: tuple[tuple[str, str], ...]
    wrong: tuple[tuple[str, str], ...]
    absent: tuple[tuple[str, str], ...]
    reversed: tuple[tuple[str, str], ...]


def compare(picture: Mapping[str, Any], graph: Graph, with_detail: bool) -> Agreement:
    """Return how a graph agrees with a picture."""
    names = dict(_names(picture, graph))
    expected = set(_pairs(picture["edges"]))
    if with_detail:
        expected |= set(_pairs(picture.get("detail", ())))
    groups = {group.id for group in graph.groups}
    edges = [edge for edge in graph.edges if not {edge.source, edge.target} & (groups - names.keys())]
    drawn = {(names.get(edge.source, edge.source), names.get(edge.target, edge.target)) for edge in edges}
    if not with_detail:
        drawn -= set(_pairs(picture.get("detail", ())))
    wrong = drawn - expected
    return Agreement(
        missing=tuple(name for name in picture["components"] if name not in names.values()),
        right=tuple(sorted(drawn & expected)),
        wrong=tuple(sorted(wrong)),
        absent=tuple(sorted(expected - drawn)),
        reversed=tuple(sorted(edge for edge in wrong if edge[::-1] in expected)),
    )


def _names(picture: Mapping[str, Any], graph: Graph) -> Iterator[tuple[str, str]]:
    """Yield the names in a picture of nodes and groups, by their ids."""
    patterns = {**picture["components"], **picture.get("others", {})}
    yield _USERS, _USERS
    for name, glob in patterns.items():
        if glob == _UNDECLARED:
            continue
        by_address, by_id = pattern_of(glob), pattern_of(_as_id(glob))
        for node in graph.nodes:
            if by_address.fullmatch(node.resource) if node.resource else by_id.fullmatch(_as_id(node.id)):
                yield node.id, name
        for group in graph.groups:
            if by_id.fullmatch(_as_id(group.id)):
                yield group.id, name


def _as_id(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign not in "/_-.")


def _pairs(edges: Iterable[str]) -> Iterator[tuple[str, str]]:
    for edge in edges:
        source, target = edge.split(" -> ")
        yield source, target


def main(folder: str) -> int:
    """Compare all pictures and return the exit code: 1 if they agree less than they should, 2 without a template."""
    pictures: dict[str, dict[str, Any]] = yaml.safe_load(PICTURES.read_text("utf-8"))
    files = {name: _file(picture, Path(folder)) for name, picture in pictures.items()}
    for name, picture in pictures.items():
        if not files[name].is_file():
            print(f"missing: git clone https://github.com/{picture['repository']} (commit {picture['commit']})")
    if not all(file.is_file() for file in files.values()):
        return 2
    return max(_compare_all(pictures, files, level) for level in MIN_COMPONENTS)


def _file(picture: Mapping[str, Any], folder: Path) -> Path:
    return folder / str(picture["repository"]).rpartition("/")[2] / str(picture["file"])


def _compare_all(pictures: Mapping[str, Any], files: Mapping[str, Path], level: str) -> int:
    agreements = {}
    for name, picture in pictures.items():
        text = sources.read_text(str(files[name]))
        drawn = infrastructure.load(text, str(files[name]), sources.read_text, View(level))
        agreements[name] = compare(picture, drawn.graph, level == "detail")
        _print(name, agreements[name])
    missing = sum(len(each.missing) for each in agreements.values())
    right, wrong, absent, backwards = (
        sum(len(getattr(each, kind)) for each in agreements.values())
        for kind in ("right", "wrong", "absent", "reversed")
    )
    direction = right / (right + backwards)
    precision, recall = right / (right + wrong), right / (right + absent)
    print(
        f"{level}: {COMPONENTS - missing} of {COMPONENTS} components; "
        f"{right} edges right, {wrong} wrong, {absent} absent; "
        f"direction {direction:.3f}, precision {precision:.3f}, recall {recall:.3f}\n"
    )
    is_good = COMPONENTS - missing >= MIN_COMPONENTS[level]
    if level == "default":
        is_good &= direction >= MIN_DIRECTION and precision >= MIN_PRECISION and recall >= MIN_RECALL
    return int(not is_good)


def _print(name: str, agreement: Agreement) -> None:
    print(f"{name}: missing {', '.join(agreement.missing) or 'nothing'}")
    for kind in ("wrong", "absent"):
        for source, target in getattr(agreement, kind):
            print(f"    {kind}: {source} -> {target}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "."))
