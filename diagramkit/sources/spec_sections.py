"""Sections of specs in another form: nodes as a list, edges as a mapping, Mermaid that is not indented, missing spaces.

Each function returns the lines to change, by their number from 0, or nothing. `spec_problems` verifies the result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from diagramkit.sources import service_icons, spec_groups
from diagramkit.style import shapes

Rewrite = dict[int, str]

_TOP_KEY = re.compile(r"(?P<key>[\w-]+)\s*:\s*(?:#.*)?")
_ITEM = re.compile(r"(?P<indent>\s*)-\s+(?P<rest>\S.*?)\s*")
_FLOW = re.compile(r"\{(?P<fields>[^{}]*+)\}")
_FIELD = re.compile(r"(?P<key>[\w-]+)\s*:(?:\s+(?P<value>\S.*))?")
_ID_KEYS = ("id", "key", "name")
_NODE_KEYS = ("label", "title", "text", "shape", "icon", "link", "class", "resource", "type", "nodes", "groups", "kind")
_EDGE = re.compile(r"\s*(?P<from>[\w-]+)\s*:\s+(?P<to>[\w-]+|\[\s*[\w-]+(?:\s*,\s*[\w-]+)*\s*\])\s*")
_ARROWS = re.compile(r"\s+(?P<edge>[\w-]+(?:\s*&\s*[\w-]+)*\s+<?[-=.]+>\s+\S.*)")
_NUMBERED = re.compile(r"\s+\d{1,3}\s*+:\s++(?P<edge>[\w-]++(?:\s*+&\s*+[\w-]++)*+\s++<?[-=.]++>\s++\S.*+)")
_MERMAID = re.compile(r"\s*(?:flowchart|graph|architecture-beta)\b")
_BODY = re.compile(r"(?P<indent>\s*)diagram\s*:\s*(?:[|>][-+]?)?\s*")


def rewrites(lines: Sequence[str]) -> Iterator[tuple[Rewrite, str]]:
    """Yield the ways to write a section in the right form, each with the message."""
    for rewrite, message in _REWRITES:
        if changes := rewrite(lines):
            yield {number: new for number, new in changes.items() if new != lines[number]}, message


def _section(lines: Sequence[str], names: Sequence[str]) -> tuple[int, int] | None:
    """Return the line with a key at the top level, and the end of what is below it."""
    for number, line in enumerate(lines):
        match = _TOP_KEY.fullmatch(line.rstrip())
        if match and match["key"] in names:
            rest = range(number + 1, len(lines))
            ends = (other for other in rest if lines[other].strip() and re.match(r"[^\s#-]", lines[other]))
            return number, next(ends, len(lines))
    return None


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _items(lines: Sequence[str], start: int, end: int) -> list[list[int]] | None:
    """Return the lines of each item of a list, or None if there is something else."""
    items: list[list[int]] = []
    indent = None
    for number in range(start, end):
        line = lines[number]
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        width = len(_indent(line))
        if _ITEM.fullmatch(line) and indent in (None, width):
            indent = width
            items.append([number])
        elif items and indent is not None and width > indent:
            items[-1].append(number)
        else:
            return None
    return items or None


def _list_of_nodes(lines: Sequence[str]) -> Rewrite | None:
    """`- id: web` and `- web: Web app` below `nodes:` or `groups:`, which is a mapping."""
    changes: Rewrite = {}
    for name in ("nodes", "groups"):
        section = _section(lines, [name])
        for item in (section and _items(lines, section[0] + 1, section[1])) or ():
            new = _entry(lines, item)
            if new is None:
                return None
            changes |= new
    return changes or None


def _entry(lines: Sequence[str], item: Sequence[int]) -> Rewrite | None:
    """Return the lines of an item of a list as an entry of a mapping: `web:` and its fields."""
    match = _ITEM.fullmatch(lines[item[0]])
    if match is None:
        return None
    # A mapping at the margin would end the section.
    indent, rest = match["indent"] or "  ", match["rest"]
    field = _FIELD.fullmatch(rest)
    if field and field["key"] in _ID_KEYS and field["value"] and len(item) > 1:
        widened = {number: " " * (len(indent) - len(match["indent"])) + lines[number] for number in item[1:]}
        return {item[0]: f"{indent}{field['value']}:"} | widened
    entry = _entry_of_line(rest, field) if len(item) == 1 else None
    return {item[0]: indent + entry} if entry else None


def _entry_of_line(text: str, field: re.Match[str] | None) -> str | None:
    """Return an item in one line as an entry: `{id: web, label: Web}`, `web: Web`, `id: web` and `web`."""
    if flow := _FLOW.fullmatch(text):
        match = re.search(r"(?:^|,)\s*(?:id|key)\s*:\s*(?P<id>[^,]+?)\s*(?:,|$)", flow["fields"])
        if match is None:
            return None
        parts = (flow["fields"][: match.start()], flow["fields"][match.end() :])
        others = ", ".join(part.strip() for part in parts if part.strip(" ,"))
        return f"{match['id']}: {{{others}}}" if others else f"{match['id']}: {match['id']}"
    if field is None:
        return None if re.search(r"[:#{}\[\],&*!|>@`]", text) else f"{text}: {text}"
    if not field["value"]:
        return None
    if field["key"] in _ID_KEYS:
        return f"{field['value']}: {field['value']}"
    return None if field["key"] in _NODE_KEYS else text


def _mapping_of_edges(lines: Sequence[str]) -> Rewrite | None:
    """`web: db`, `web -> db` and `1: web -> db` below `edges:`, which is a list."""
    section = _section(lines, ["edges"])
    changes: Rewrite = {}
    numbers = range(section[0] + 1, section[1]) if section else range(0)
    items = {_indent(lines[number]) for number in numbers if lines[number].lstrip().startswith("- ")}
    for number in numbers:
        line = lines[number]
        indent = _indent(line)
        if not line.strip() or line.lstrip().startswith(("#", "- ")):
            continue
        if items and items != {indent}:
            return None  # A field of an item.
        if edge := _EDGE.fullmatch(line):
            targets = " & ".join(re.findall(r"[\w-]+", edge["to"]))
            changes[number] = f"{indent}- {edge['from']} -> {targets}"
        elif arrow := _ARROWS.fullmatch(line) or _NUMBERED.fullmatch(line):
            changes[number] = f"{indent}- {arrow['edge']}"
        else:
            return None
    return changes or None


_EDGE_KEY = re.compile(r"(?P<indent>\s*)-\s+(?:edge|link|connection|path|flow)\s*:\s+(?P<edge>\S.*?)\s*")
_LABEL_KEY = re.compile(r"\s+(?:label|name|text)\s*:\s+(?P<label>\S.*?)\s*")


def _edges_below_keys(lines: Sequence[str]) -> Rewrite | None:
    """`- edge: web -> db`, also with `label: SQL` below it."""
    section = _section(lines, ["edges"])
    changes: Rewrite = {}
    for item in (section and _items(lines, section[0] + 1, section[1])) or ():
        match = _EDGE_KEY.fullmatch(lines[item[0]])
        label = _LABEL_KEY.fullmatch(lines[item[1]]) if len(item) == 2 else None
        if match and (label or len(item) == 1):
            changes[item[0]] = f"{match['indent']}- {match['edge']}" + (f": {label['label']}" if label else "")
            changes |= dict.fromkeys(item[1:], "")
    return changes or None


_LIST_EDGE = re.compile(
    r"(?P<indent>\s*)-\s+\[\s*(?P<from>[\w-]+|\"[\w-]+\")\s*,\s*(?P<to>[\w-]+|\"[\w-]+\")"
    r"(?:\s*,\s*(?P<label>[^\s\[\],'\"][^\[\],'\"]*|\"[^\"]+\"))?\s*\]\s*"
)


def _edges_as_lists(lines: Sequence[str]) -> Rewrite | None:
    """`- [web, db]` and `- [web, db, SQL]` below `edges:`."""
    section = _section(lines, ["edges"])
    changes: Rewrite = {}
    for number in range(section[0] + 1, section[1]) if section else ():
        if match := _LIST_EDGE.fullmatch(lines[number]):
            ends = f"{match['from']} -> {match['to']}".replace('"', "")
            label = f": {match['label']}" if match["label"] else ""
            changes[number] = f"{match['indent']}- {ends}{label}"
    return changes or None


_FENCE_START = re.compile(r"\s*(?P<marks>`{3,}|~{3,})\s*(?:ya?ml|json)?\s*", re.I)


def _text_around_fence(lines: Sequence[str]) -> Rewrite | None:
    """A spec in a Markdown fence, with text around it, which becomes comments."""
    fences = [number for number, line in enumerate(lines) if _FENCE_START.fullmatch(line)]
    if len(fences) != 2 or not any(line.strip() for line in (*lines[: fences[0]], *lines[fences[1] + 1 :])):
        return None
    around = [number for number in range(len(lines)) if not fences[0] <= number <= fences[1] and lines[number].strip()]
    return {**dict.fromkeys(fences, ""), **{number: f"# {lines[number]}" for number in around}}


def _links_as_edges(lines: Sequence[str]) -> Rewrite | None:
    """A list of edges below `links:`, which has the links of nodes to open with a click."""
    section = _section(lines, ["links"])
    if section is None or _section(lines, ["edges"]):
        return None
    items = _items(lines, section[0] + 1, section[1])
    is_edge = re.compile(r"\s*-\s+(?:\{?\s*(?:from|source|src)\s*:|\S.*[-=.]>\s)")
    if not items or not all(is_edge.match(lines[item[0]]) for item in items):
        return None
    return {section[0]: lines[section[0]].replace("links", "edges", 1)}


def _groups_as_texts(lines: Sequence[str]) -> Rewrite | None:
    """`vpc: web, db` below `groups:`."""
    section = _section(lines, ["groups"])
    if section is None:
        return None
    pattern = re.compile(r"(?P<key>\s+(?:[\w-]+|\"[^\"]+\"):\s+)(?P<names>[\w-]+(?:\s*,\s*[\w-]+)+)\s*")
    matches = [(number, pattern.fullmatch(lines[number])) for number in range(section[0] + 1, section[1])]
    return {number: f"{match['key']}[{match['names']}]" for number, match in matches if match} or None


_LISTED = re.compile(
    r"(?<![\w-])(?P<key>[\"']?(?:nodes|members|contains|children|contents|items|services)[\"']?\s*+:\s++)"
    r"(?P<quote>[\"']?)(?P<names>[\w-]++(?:\s*+,\s*+[\w-]++(?!\s*+:))*+)(?P=quote)(?=\s*+(?:[,}#]|$))"
)
_WORD = re.compile(r"[a-z]++")


def _members_as_texts(lines: Sequence[str]) -> Rewrite | None:
    """`nodes: web, db` and `members: web, db` of a group."""
    section = _section(lines, ["groups"])
    changes: Rewrite = {}
    for number in range(section[0] + 1, section[1]) if section else ():
        line = lines[number]
        if match := _LISTED.search(line):
            key = _WORD.sub("nodes", match["key"], count=1)
            changes[number] = f"{line[: match.start()]}{key}[{match['names']}]{line[match.end() :]}"
    return changes or None


_SHAPE = re.compile(
    r"(?<![\w-])(?P<key>[\"']?)shape(?P=key)(?P<colon>\s*+:\s++)"
    r"(?P<quote>[\"']?)(?P<name>[\w.-]++)(?P=quote)(?=\s*+(?:[,}#]|$))"
)


def _services_as_shapes(lines: Sequence[str]) -> Rewrite | None:
    """`shape: dynamodb`: an AWS service as a shape, which has an icon."""
    section = _section(lines, ["nodes"])
    changes: Rewrite = {}
    for number in range(section[0] + 1, section[1]) if section else ():
        line = lines[number]
        match = _SHAPE.search(line)
        name = match["name"] if match else ""
        icon = service_icons.icon_of(name) if name and name not in shapes.by_mermaid_name() else None
        if match and icon:
            key, quote = match["key"], match["quote"]
            new = f"{key}icon{key}{match['colon']}{quote}{icon}{quote}"
            changes[number] = line[: match.start()] + new + line[match.end() :]
    return changes or None


_WRAPPER = re.compile(r"[\w-]++\s*:\s*")


def _wrapped(lines: Sequence[str]) -> Rewrite | None:
    """`diagram:` or another key above the indented sections of a spec. Another key becomes a comment."""
    from diagramkit.sources.spec import SPEC

    changes: Rewrite = {}
    for number, line in enumerate(lines):
        is_other = line.partition(":")[0].strip() not in SPEC.fields or line.startswith("diagram")
        section = _section(lines[number:], [line.partition(":")[0].strip()]) if _WRAPPER.fullmatch(line) else None
        if not is_other or section is None:
            continue
        body = [other for other in range(number + 1, number + section[1]) if lines[other].strip()]
        margin = min((len(_indent(lines[other])) for other in body), default=0)
        keys = [lines[other].strip().partition(":")[0] for other in body if len(_indent(lines[other])) == margin]
        if margin and "nodes" in keys and all(key in SPEC.fields for key in keys):
            heading = "" if line.startswith("diagram") else f"# {line}"
            changes |= {number: heading, **{other: lines[other][margin:] for other in body}}
    return changes or None


def _groups_of_nodes(lines: Sequence[str]) -> Rewrite | None:
    """`web: {label: Web, group: vpc}` below `nodes:`: the group lists its nodes."""
    nodes = _section(lines, ["nodes"])
    return spec_groups.moved_to_groups(lines, nodes, _section(lines, ["groups"])) if nodes else None


def _nodes_in_groups(lines: Sequence[str]) -> Rewrite | None:
    """`nodes:` of a group with ids and labels."""
    groups = _section(lines, ["groups"])
    return spec_groups.moved_to_nodes(lines, groups, _section(lines, ["nodes"])) if groups else None


_SLASHES = re.compile(r"(?P<before>(?:[^\"/\n]|\"[^\"\n]*+\"|/(?![/*]))*+)(?P<mark>//|/\*)(?P<note>.*)")


def _comments_of_json(lines: Sequence[str]) -> Rewrite | None:
    """`// note` and `/* note */` in JSON."""
    if not next((line for line in lines if line.strip()), "").lstrip().startswith("{"):
        return None
    changes: Rewrite = {}
    for number, line in enumerate(lines):
        match = _SLASHES.fullmatch(line)
        if match and (match["mark"] == "//" or match["note"].rstrip().endswith("*/")):
            note = match["note"].strip().removesuffix("*/").strip()
            gap = " " if match["before"].strip() and not match["before"].endswith((" ", "\t")) else ""
            changes[number] = f"{match['before']}{gap}# {note}"
    return changes or None


def _missing_spaces(lines: Sequence[str]) -> Rewrite | None:
    """`web:Web app` and `-web -> db`."""
    changes: Rewrite = {}
    for names, pattern, new in (
        (("nodes", "groups"), r"(\s+[\w-]+):(?=[^\s/:])", r"\1: "),
        (("edges",), r"(\s*)-(?=[\w\"'{])", r"\1- "),
    ):
        section = _section(lines, names)
        for number in range(section[0] + 1, section[1]) if section else ():
            if re.match(pattern, lines[number]):
                changes[number] = re.sub(f"^{pattern}", new, lines[number])
    return changes or None


def _missing_colons(lines: Sequence[str]) -> Rewrite | None:
    """`vpc {label: VPC}` and `vpc [web, db]` below `nodes:` or `groups:`."""
    changes: Rewrite = {}
    for name in ("nodes", "groups"):
        section = _section(lines, [name])
        for number in range(section[0] + 1, section[1]) if section else ():
            if match := re.fullmatch(r"(?P<key>\s+[\w-]+)\s+(?P<value>\{.*\}|\[.*\])\s*", lines[number]):
                changes[number] = f"{match['key']}: {match['value']}"
    return changes or None


_BARE_KEY = re.compile(r"(?P<indent>[ ]*+)(?P<key>[\w-]++)[ \t]*+(?:#.*+)?")
_KEYS_OF_GROUPS = ("nodes", "groups")


def _keys_without_colons(lines: Sequence[str]) -> Rewrite | None:
    """`nodes` above indented lines or a list: a key of the spec, or one of a group."""
    from diagramkit.sources.spec import SPEC

    changes: Rewrite = {}
    section = ""
    for number, line in enumerate(lines):
        if top_key := re.match(r"[\w-]++", line):
            section = top_key.group()
        match = _BARE_KEY.fullmatch(line)
        if match is None:
            continue
        inner_keys = _KEYS_OF_GROUPS if section == "groups" else ()
        if match["key"] not in (inner_keys if match["indent"] else SPEC.fields):
            continue
        below = next((other for other in lines[number + 1 :] if other.strip()), "")
        width = len(match["indent"])
        if len(_indent(below)) > width or (len(_indent(below)) == width and _ITEM.fullmatch(below)):
            sign = ": |" if match["key"] == "diagram" and _MERMAID.match(below) else ":"
            changes[number] = f"{line[: match.end('key')]}{sign}{line[match.end('key') :]}"
    return changes or None


def _mermaid(lines: Sequence[str]) -> Rewrite | None:
    """Mermaid below `diagram:` that is not indented, or without `|`."""
    number = next((number for number, line in enumerate(lines) if _BODY.fullmatch(line)), None)
    if number is None:
        return None
    body = [other for other in range(number + 1, len(lines)) if lines[other].strip()]
    if not body or not _MERMAID.match(lines[body[0]]):
        return None
    margin = len(lines[number]) - len(lines[number].lstrip())
    keys = (other for other in body if re.match(rf"\s{{{margin}}}(?:{'|'.join(_KEYS_BEHIND)})\s*:", lines[other]))
    end = next(keys, len(lines))
    contents = [other for other in body if other < end]
    smallest = min(len(lines[other]) - len(lines[other].lstrip()) for other in contents)
    changes = {number: lines[number].rstrip().rstrip("|>-+").rstrip() + " |"}
    if smallest <= margin:
        changes |= {other: " " * (margin + 2) + lines[other] for other in contents}
    return changes


_KEYS_BEHIND = (
    "title",
    "category",
    "description",
    "icons",
    "links",
    "components",
    "best_practices",
    "direction",
    "notes",
)
_REWRITES: tuple[tuple[Callable[[Sequence[str]], Rewrite | None], str], ...] = (
    (_mermaid, "the text of a diagram is below 'diagram: |', and indented; write it so"),
    (_keys_without_colons, "a colon is missing behind this key; add it"),
    (_comments_of_json, "a comment begins with '#' in YAML; write it so"),
    (_groups_of_nodes, "a node does not name its group; write the node into the list 'nodes' of the group"),
    (_list_of_nodes, "nodes and groups are a mapping of ids; write the id and a colon"),
    (_nodes_in_groups, "a group lists the ids of its nodes; write the nodes below 'nodes' at the margin"),
    (_groups_as_texts, "the nodes of a group are a list; write them in brackets"),
    (_members_as_texts, "the nodes of a group are the list 'nodes'; write them in brackets"),
    (_services_as_shapes, "this is no shape but an AWS service, which has an icon; write 'icon'"),
    (_wrapped, "the keys of a spec are not below another key; remove it, and the spaces before them"),
    (_edges_below_keys, "an edge has no key; write 'a -> b' or 'a -> b: label'"),
    (_edges_as_lists, "an edge is a text; write 'a -> b' or 'a -> b: label'"),
    (_text_around_fence, "this is not a part of the spec; write the text as a comment, without the fence"),
    (_links_as_edges, "these are edges; write 'edges'"),
    (_mapping_of_edges, "edges are a list; write '- a -> b'"),
    (_missing_colons, "a colon is missing behind the id; add it"),
    (_missing_spaces, "a space is missing; add it"),
)
