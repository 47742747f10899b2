"""Nodes of specs that name their group, as in `web: {label: Web, group: vpc}`, or are described in it.

In a spec, groups list the ids of their nodes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_KEYS = "group|parent|subgraph|cluster|boundary|container|zone"
_ID = r"[\w][\w-]*+"
_FLOW_FIELD = re.compile(
    rf"(?:(?P<before>,)[ \t]*+)?(?<![\w-])(?:{_KEYS})[ \t]*+:[ \t]*+(?P<group>{_ID})[ \t]*+(?P<after>,[ \t]*+)?"
)
_FLOW_NODE = re.compile(rf"\s++(?P<id>{_ID})\s*+:\s*+\{{.*\}}\s*+")
_BLOCK_NODE = re.compile(rf"(?P<indent>\s++)(?P<id>{_ID})\s*+:\s*+")
_BLOCK_FIELD = re.compile(rf"(?P<indent>\s++)(?:{_KEYS})\s*+:\s*+(?P<quote>[\"']?)(?P<group>{_ID})(?P=quote)\s*+")
_GROUP = re.compile(rf"(?P<head>\s++(?P<id>{_ID})\s*+:)\s*+(?P<value>.*?)\s*+")
_LISTED = re.compile(r"(?<![\w-])nodes\s*+:\s*+\[(?P<ids>[^\[\]]*+)\]")
_QUOTED = re.compile(r"\"[^\"]*+\"|'[^']*+'")


def moved_to_groups(
    lines: Sequence[str], nodes: tuple[int, int], groups: tuple[int, int] | None
) -> dict[int, str] | None:
    """Return the lines to change so that groups list the nodes that name them, or None if none does, or not surely.

    `nodes` and `groups` are the line of each section and the end of it.
    """
    changes, members = _without_groups(lines, *nodes)
    if not members:
        return None
    if groups is None:
        last = max(number for number in range(len(lines)) if lines[number].strip())
        text = changes.get(last, lines[last])
        new = "".join(f"\n  {name}: [{', '.join(ids)}]" for name, ids in members.items())
        return changes | {last: f"{text}\ngroups:{new}"}
    for name, ids in members.items():
        numbers = [number for number in range(groups[0] + 1, groups[1]) if _is_group(lines[number], name)]
        new_line = _with_members(lines[numbers[0]], ids) if len(numbers) == 1 else None
        if new_line is None:
            return None
        changes[numbers[0]] = new_line
    return changes


def _without_groups(lines: Sequence[str], start: int, end: int) -> tuple[dict[int, str], dict[str, list[str]]]:
    """Return the lines of the section of nodes without the names of groups, and the nodes of each group."""
    changes: dict[int, str] = {}
    members: dict[str, list[str]] = {}
    node, margin = "", None
    for number in (number for number in range(start + 1, end) if lines[number].strip()):
        line = lines[number]
        width = len(line) - len(line.lstrip())
        margin = width if margin is None else margin
        if width == margin and (match := _BLOCK_NODE.fullmatch(line)):
            node = match["id"]
        elif node and (field := _BLOCK_FIELD.fullmatch(line)):
            changes[number] = ""
            members.setdefault(field["group"], []).append(node)
        elif width == margin and (match := _FLOW_NODE.fullmatch(line)):
            node = ""
            fields = [*_FLOW_FIELD.finditer(_QUOTED.sub(lambda text: "\0" * len(text.group()), line))]
            if len(fields) == 1:
                field = fields[0]
                separator = ", " if field["before"] and field["after"] else ""
                changes[number] = line[: field.start()] + separator + line[field.end() :]
                members.setdefault(field["group"], []).append(match["id"])
    return changes, members


def _is_group(line: str, name: str) -> bool:
    match = _GROUP.fullmatch(line)
    return bool(match and match["id"] == name)


def _with_members(line: str, ids: Sequence[str]) -> str | None:
    """Return the line of a group with nodes added to it, or None if it is over several lines."""
    match = _GROUP.fullmatch(line)
    if match is None:
        return None
    head, value, names = match["head"], match["value"], ", ".join(ids)
    if value[:1] + value[-1:] == "{}":
        return f"{head} {_with_nodes(value, names)}"
    if value[:1] + value[-1:] == "[]":
        return f"{head} [{_joined(value[1:-1], names)}]"
    return f"{head} {{label: {value}, nodes: [{names}]}}" if value and value[0] not in "{[|>&*!#" else None


def _with_nodes(group: str, names: str) -> str:
    """Return a group in braces with nodes added to its list of nodes."""
    if listed := _LISTED.search(group):
        start, end = listed.span("ids")
        return group[:start] + _joined(group[start:end], names) + group[end:]
    return f"{{{_joined(group[1:-1], f'nodes: [{names}]')}}}"


def _joined(text: str, more: str) -> str:
    return f"{text.strip()}, {more}" if text.strip() else more


_NODES_KEY = re.compile(r"(?P<indent>\s++)nodes\s*+:\s*+")
_ENTRY = re.compile(r"\s++(?P<mark>-\s++)?(?P<id>[\w-]++)\s*+:(?P<value>\s.*)?")


def moved_to_nodes(
    lines: Sequence[str], groups: tuple[int, int], nodes: tuple[int, int] | None
) -> dict[int, str] | None:
    """Return the lines to change so that nodes that groups describe are in the section of nodes, or None if none is.

    `groups` and `nodes` are the line of each section and the end of it.
    """
    changes: dict[int, str] = {}
    moved: list[str] = []
    for number in range(groups[0] + 1, groups[1]):
        match = _NODES_KEY.fullmatch(lines[number])
        body = _below(lines, number, groups[1]) if match else []
        margin = min((_width(lines[other]) for other in body), default=0)
        entries = [_ENTRY.fullmatch(lines[other]) for other in body if _width(lines[other]) == margin]
        ids = [entry["id"] for entry in entries if entry]
        is_list = any(entry["mark"] for entry in entries if entry)
        has_details = len(body) > len(ids) or any(entry["id"] in ("id", "name") for entry in entries if entry)
        if match is None or not ids or len(ids) < len(entries) or (is_list and has_details):
            continue
        changes[number] = f"{match['indent']}nodes: [{', '.join(ids)}]"
        changes |= dict.fromkeys(body, "")
        moved += [
            f"  {lines[other][margin:].removeprefix('-').lstrip() if is_list else lines[other][margin:]}"
            for other in body
        ]
    if not moved:
        return None
    last = nodes[1] - 1 if nodes else max(number for number in range(len(lines)) if lines[number].strip())
    while not lines[last].strip():
        last -= 1
    heading = [] if nodes else ["nodes:"]
    before = changes.get(last, lines[last])
    return changes | {last: "\n".join([*([before] if before else []), *heading, *moved])}


def _below(lines: Sequence[str], number: int, end: int) -> list[int]:
    """Return the lines below a key, up to one that is not indented further."""
    body: list[int] = []
    for other in range(number + 1, end):
        if lines[other].strip():
            if _width(lines[other]) <= _width(lines[number]):
                break
            body.append(other)
    return body


def _width(line: str) -> int:
    return len(line) - len(line.lstrip())
