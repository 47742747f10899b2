"""What a whole diagram says about its labels: its cloud, whether it is about AWS, and which ids only count nodes.

An API gateway, a load balancer, or a queue exists in every cloud and outside of them. A diagram in which nothing is of
AWS alone, but something is of others, says nothing about AWS with such words either. The words that others may mean are
in `data/clouds.yaml` and `data/rivals.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from msgspec import Struct

from diagramkit import data
from diagramkit.graph import Graph, Pattern
from diagramkit.icons import clouds, names
from diagramkit.icons.names import ANYWHERE
from diagramkit.icons.words import parse, split_number

_FEW = 5  # Nodes. A larger diagram would name what belongs to a service.
_PORT = re.compile(r":\d{4,5}\b|\bport:?\s*\d{2,5}\b|\blocalhost\b", re.IGNORECASE)
# Icons that say nothing against AWS: those of tools that are used with every cloud.
_OF_ANY_CLOUD = ("none", "aws.", "onprem.iac.", "onprem.vcs.", "onprem.ci.")


class DiagramEvidence(Struct, frozen=True):
    """What a diagram names: something that only AWS has, or products of others; its text; and whether it is large.

    `may_be_of_aws` is true if it names something that applications do not have as well, such as a subnet.
    """

    names_aws: bool
    names_others: bool
    may_be_of_aws: bool
    text: str
    is_large: bool

    def leaves_open(self, icon: str) -> bool:
        """Return whether a word for a service such as a queue may mean something else in this diagram."""
        rivals = next((rivals for prefix, rivals in _rivals().items() if icon.startswith(prefix)), None)
        if rivals is None or rivals.itself.search(self.text):
            return False
        return self.is_large if rivals.others is None else rivals.others.search(self.text) is not None


class _Rivals(Struct, frozen=True):
    """Patterns for what goes with a service, and for products that do the same; None if anything may be meant."""

    itself: re.Pattern[str]
    others: re.Pattern[str] | None


def of_diagram(pattern: Pattern, icons: Iterable[tuple[str | None, bool]]) -> DiagramEvidence:
    """Return what a diagram says about its words that are not of AWS alone.

    `icons` are those of its nodes and groups, with whether others than AWS have what the label names.
    """
    texts = _texts(pattern)
    icons = list(icons)
    names_aws = any(names.is_of_aws(icon) and not is_shared for icon, is_shared in icons)
    names_aws = names_aws or any(map(clouds.is_about_aws, texts))
    return DiagramEvidence(
        names_aws=names_aws,
        names_others=not names_aws and any(map(_names_others, texts)),
        may_be_of_aws=any(
            icon and names.is_of_aws(icon) and not icon.startswith(clouds.needing_company()) for icon, _ in icons
        ),
        text="\n".join(texts).lower(),
        is_large=len(pattern.graph.nodes) > _FEW,
    )


def _names_others(text: str) -> bool:
    """Return whether a text names a product that is not of AWS, or a port on which an application listens."""
    index = names.index(clouds.AWS)
    words = [word for part in parse(text, index.normalize_word).parts for word in part.words]
    matches = (index.longest(words, start) for start in range(len(words)))
    is_named = any(name and name.condition == ANYWHERE and not name.icon.startswith(_OF_ANY_CLOUD) for name in matches)
    return is_named or _PORT.search(text) is not None


@cache
def _rivals() -> dict[str, _Rivals]:
    """Return the rows of `data/rivals.yaml`, by prefix of the reference of a service."""

    def pattern(phrases: Iterable[str]) -> re.Pattern[str]:
        return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, phrases))})s?(?![a-z0-9])")

    return {
        prefix: _Rivals(pattern(row["itself"]), None if row["others"] == "any" else pattern(row["others"]))
        for prefix, row in data.load("icons", "rivals.yaml").items()
    }


def cloud(pattern: Pattern) -> str | None:
    """Return the only cloud that the labels of a diagram name, if it specifies no provider."""
    return clouds.of_diagram(_texts(pattern)) if pattern.provider == clouds.AWS else None


def numbered_ids(graph: Graph) -> frozenset[str]:
    """Return ids that are numbers of nodes rather than names, although one may read as a name: S1, S2, S3.

    An id with the number of its label counts, too: S3 for `Shard 3`.
    """
    series: dict[str, list[str]] = {}
    counted = set()
    for node in graph.nodes:
        if len(node.id) < 4 and (parts := split_number(node.id)):
            series.setdefault(parts[0], []).append(node.id)
            if f" {parts[1]}" in node.label and re.search(rf"[a-z] {parts[1]}\b", node.label, re.IGNORECASE):
                counted.add(node.id)
    return frozenset(counted.union(name for ids in series.values() if len(ids) > 1 for name in ids))


def neighbor_labels(graph: Graph) -> dict[str, list[str]]:
    """Return, by node id, the labels of the nodes and groups that are connected to a node."""
    labels = {node.id: node.label for node in graph.nodes} | {group.id: group.label for group in graph.groups}
    neighbors: dict[str, list[str]] = {}
    for edge in graph.edges:
        for one, other in ((edge.source, edge.target), (edge.target, edge.source)):
            neighbors.setdefault(one, []).append(labels.get(other, ""))
    return neighbors


def _texts(pattern: Pattern) -> tuple[str, ...]:
    """Return the title, the components and all labels of a diagram."""
    return (pattern.title, *pattern.components, *_labels(pattern.graph))


def _labels(graph: Graph) -> Iterator[str]:
    yield from (group.label for group in graph.groups)
    yield from (node.label for node in graph.nodes)
