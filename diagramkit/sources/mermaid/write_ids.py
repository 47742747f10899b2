"""Ids that can be written: where Mermaid's own words and signs are in one, another takes its place."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import count

from msgspec.structs import replace

from diagramkit.graph import Graph, Group
from diagramkit.sources.mermaid.cursor import Cursor
from diagramkit.sources.mermaid.flowchart import TITLE
from diagramkit.sources.mermaid.letters import BLANKS
from diagramkit.sources.mermaid.styling import ID
from diagramkit.sources.mermaid.write_text import quoted

# An id that makes one of every line that it stands in; one with a quote.
_NO_ID = re.compile('(?:style|classDef).*:.*#|"')
_BLANK = re.compile(f"[{BLANKS}]")
_NOT_BARE = re.compile(rf"\A\Z|[#:\s{BLANKS}]")


def writable(graph: Graph) -> Graph:
    """The graph with ids that can be written: one that cannot is replaced by another."""
    ids = [node.id for node in graph.nodes]
    taken = {*ids, *(group.id for group in graph.groups)}
    nodes = {name: _another(name, taken) if not plain(name) else name for name in ids}
    spoken_of = {end for edge in graph.edges for end in (edge.source, edge.target)}
    spoken_of |= {group.id for group in graph.groups if group.style}
    groups = {
        group.id: _another(group.id, taken)
        for group in graph.groups
        if group.id in nodes
        or not (bare(group.id) or is_title(group))
        or (group.id in spoken_of and not plain(group.id))
    }
    ends = {**groups, **nodes}
    return replace(
        graph,
        nodes=tuple(replace(n, id=nodes[n.id], group=n.group and groups.get(n.group, n.group)) for n in graph.nodes),
        groups=tuple(
            replace(g, id=groups.get(g.id, g.id), parent=g.parent and groups.get(g.parent, g.parent))
            for g in graph.groups
        ),
        edges=tuple(
            replace(e, source=ends.get(e.source, e.source), target=ends.get(e.target, e.target)) for e in graph.edges
        ),
    )


def _another(id: str, taken: set[str]) -> str:
    """An id like this one that Mermaid takes anywhere."""
    words = "_".join(re.findall(r"[A-Za-z0-9_]+", id))
    like = words if words and plain(words) and bare(words) else f"g_{words}"
    return free(like, taken)


def free(like: str, taken: set[str]) -> str:
    """A name, with a number where it is taken already; now it is."""
    name = next(name for n in count(1) if (name := like + f"_{n}" * (n > 1)) not in taken)
    taken.add(name)
    return name


@lru_cache(maxsize=4096)
def plain(name: str) -> bool:
    """Whether a node's id can be written everywhere: where a blank follows, too."""
    return not _NO_ID.search(name) and reads(name, ID, " [")


def is_title(group: Group) -> bool:
    """Whether a subgraph's id is what its title makes it, where that is all there is."""
    return quoted(group.label) == f'"{group.id}"' and not _BLANK.search(group.id)


def bare(name: str) -> bool:
    """Whether Mermaid takes a subgraph's id without quotes: not each of its own words."""
    return not _NOT_BARE.search(name) and reads(f"{name} ", TITLE, "[")


def reads(text: str, kinds: frozenset[str], behind: str) -> bool:
    """Whether a text is words of such kinds to Mermaid, in front of a blank, a bracket or the end of a line."""
    cursor = Cursor(f"graph TB;{text}{behind}")
    for _ in "graph", "TB", ";":
        cursor.next()
    return cursor.run(kinds) == text and cursor.now.kind in ("SPACE", "[", "NEWLINE")
