"""Replaces ids that cannot be written in Mermaid, because they contain its keywords or special characters."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import count

from msgspec.structs import replace

from diagramkit.graph import Graph, Group
from diagramkit.sources.mermaid.cursor import Cursor
from diagramkit.sources.mermaid.flowchart import TITLE_TOKENS
from diagramkit.sources.mermaid.letters import WHITESPACE
from diagramkit.sources.mermaid.styling import ID_TOKENS
from diagramkit.sources.mermaid.write_text import STYLE_KEYWORD, quoted

_SPACE = re.compile(f"[{WHITESPACE}]")
_NEVER_A_SUBGRAPH_ID = re.compile(rf"\A\Z|[#:\s{WHITESPACE}]")


def with_writable_ids(graph: Graph) -> Graph:
    """Return the graph with ids that can be written; others are replaced by similar unique ones."""
    ids = [node.id for node in graph.nodes]
    taken = {*ids, *(group.id for group in graph.groups)}
    node_ids = {node_id: _substitute(node_id, taken) if not is_plain_id(node_id) else node_id for node_id in ids}
    referenced = {end for edge in graph.edges for end in (edge.source, edge.target)}
    referenced |= {group.id for group in graph.groups if group.style}
    group_ids = {
        group.id: _substitute(group.id, taken)
        for group in graph.groups
        if group.id in node_ids
        or not (is_plain_subgraph_id(group.id) or title_gives_id(group))
        or (group.id in referenced and not is_plain_id(group.id))
    }
    end_ids = {**group_ids, **node_ids}
    return replace(
        graph,
        nodes=tuple(
            replace(node, id=node_ids[node.id], group=node.group and group_ids.get(node.group, node.group))
            for node in graph.nodes
        ),
        groups=tuple(
            replace(
                group,
                id=group_ids.get(group.id, group.id),
                parent=group.parent and group_ids.get(group.parent, group.parent),
            )
            for group in graph.groups
        ),
        edges=tuple(
            replace(
                edge,
                source=end_ids.get(edge.source, edge.source),
                target=end_ids.get(edge.target, edge.target),
            )
            for edge in graph.edges
        ),
        hints=tuple(
            replace(hint, members=tuple(end_ids.get(name, name) for name in hint.members)) for hint in graph.hints
        ),
    )


def _substitute(old_id: str, taken: set[str]) -> str:
    """Return a new id similar to `old_id` that can be written everywhere."""
    words = "_".join(re.findall(r"[A-Za-z0-9_]+", old_id))
    base = words if words and is_plain_id(words) and is_plain_subgraph_id(words) else f"g_{words}"
    return unique_name(base, taken)


def unique_name(base: str, taken: set[str]) -> str:
    """Return `base`, with a number if it is taken already, and add it to `taken`."""
    name = next(name for n in count(1) if (name := base + f"_{n}" * (n > 1)) not in taken)
    taken.add(name)
    return name


@lru_cache(maxsize=4096)
def is_plain_id(name: str) -> bool:
    """Return whether a node's id can be written everywhere, also where white space follows."""
    return '"' not in name and not _looks_like_style(name) and lexes_as(name, ID_TOKENS, " [")


def _looks_like_style(name: str) -> bool:
    """Return whether an id makes every line that contains it look like a style statement with a color."""
    keyword = STYLE_KEYWORD.search(name)
    return keyword is not None and ":" in name[keyword.end() : max(name.rfind("#"), keyword.end())]


def title_gives_id(group: Group) -> bool:
    """Return whether a subgraph that is written with its title only gets the same id when it is read again."""
    return quoted(group.label, group.markdown) == f'"{group.id}"' and not _SPACE.search(group.id)


def is_plain_subgraph_id(name: str) -> bool:
    """Return whether Mermaid accepts a subgraph's id without quotes, which excludes some of its keywords."""
    return not _NEVER_A_SUBGRAPH_ID.search(name) and lexes_as(f"{name} ", TITLE_TOKENS, "[")


def lexes_as(text: str, kinds: frozenset[str], suffix: str) -> bool:
    """Return whether Mermaid's lexer splits `text` before `suffix` into tokens of `kinds` only, up to its end."""
    cursor = Cursor(f"graph TB;{text}{suffix}")
    for _ in "graph", "TB", ";":
        cursor.next()
    return cursor.take_while(kinds) == text and cursor.token.kind in ("SPACE", "[", "NEWLINE")
