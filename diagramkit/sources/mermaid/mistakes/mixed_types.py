"""Lines of flowcharts in architecture diagrams, and diagrams with the type of the other kind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diagramkit.sources.mermaid.mistakes.misread_line import MisreadLine
from diagramkit.sources.mermaid.preamble import ARCHITECTURE

_ID = r"\w++(?:-\w++)*+"
_SUBGRAPH = re.compile(
    rf"(?P<indent>\s*+)subgraph\s++(?:(?P<id>{_ID})\s*+\[\s*+(?P<title>[^\[\]]++)\]|(?P<name>{_ID}))[\s;{{]*+"
)
_DECLARED = re.compile(
    rf"\s*+(?:group|service|junction)\s++(?P<id>{_ID})(?:\s*+\([^()\n]*+\))?(?:\s*+\[[^\[\]\n]*+\])?"
    rf"(?P<parent>\s++in\s++{_ID})?[\s;]*+"
)
_BLOCK = re.compile(
    rf"(?P<declaration>\s*+group\s++(?P<id>{_ID})(?:\s*+\([^()\n]*+\))?(?:\s*+\[[^\[\]\n]*+\])?(?P<parent>\s++in\s++{_ID})?)\s*+\{{\s*+"
)
_NAMED = re.compile(
    r"\s*+(?P<kind>group|service|junction)\s++"
    r"(?P<name>(?!in\b)[\w-]++(?:[ \t]++(?!in\b)[\w-]++)++)(?=\s*+(?:[(\[]|in\b|;|$))"
)
_ICON_PART = re.compile(r"\s*+\([^()]*+\)")
_EDGE = re.compile(rf"\s*+(?P<left>{_ID})\s*+(?:--+>|---)\s*+(?:\|[^|\n]*+\|)?\s*+(?P<right>{_ID})[\s;]*+")
_LEFT_TO_RIGHT = re.compile(r"\s*+(?:flowchart|graph)\s++LR[\s;]*+")


def find(lines: Sequence[str], header: int) -> Iterator[MisreadLine]:
    """Yield the lines to change so that a text is a diagram of one type."""
    if lines[header].split()[:1] == [ARCHITECTURE]:
        yield from _groups(lines)
        yield from _ids_of_words(lines)
    elif _LEFT_TO_RIGHT.fullmatch(lines[header]) and _is_architecture(lines[header + 1 :]):
        message = f"these are statements of another type of diagram; write '{ARCHITECTURE}'"
        yield MisreadLine(header, ARCHITECTURE, message)


def _is_architecture(lines: Sequence[str]) -> bool:
    """Return whether lines declare services and groups, and have nothing else but edges between them."""
    filled = [line for line in lines if line.strip() and not line.lstrip().startswith("%%")]
    declared = {match["id"] for line in filled if (match := _DECLARED.fullmatch(line))}
    edges = [match for line in filled if not _DECLARED.fullmatch(line) for match in [_EDGE.fullmatch(line)]]
    return bool(declared) and all(edge and {edge["left"], edge["right"]} <= declared for edge in edges)


def _groups(lines: Sequence[str]) -> Iterator[MisreadLine]:
    """Yield the lines of the blocks `subgraph x [X]` … `end` as groups, if all of them begin and end."""
    open_groups: list[str] = []
    misread: list[MisreadLine] = []
    for number, line in enumerate(lines):
        inside = f" in {open_groups[-1]}" if open_groups else ""
        if match := _SUBGRAPH.fullmatch(line):
            name = match["id"] or match["name"]
            title = (match["title"] or name).strip().strip('"')
            shown = title if re.fullmatch(r"[\w ]+", title) else f'"{title}"'
            message = "an architecture diagram has groups; write 'group id[Title]', and 'in id' behind its services"
            misread.append(MisreadLine(number, f"{match['indent']}group {name}[{shown}]{inside}", message))
            open_groups.append(name)
        elif match := _BLOCK.fullmatch(line):
            parent = "" if match["parent"] else inside
            message = "a group has no block; write 'in id' behind the services in it"
            misread.append(MisreadLine(number, match["declaration"] + parent, message))
            open_groups.append(match["id"])
        elif line.strip(" \t;") in ("end", "}") and open_groups:
            open_groups.pop()
            misread.append(MisreadLine(number, "", "groups have no 'end' in an architecture diagram; remove it"))
        elif inside and (match := _DECLARED.fullmatch(line)) and not match["parent"]:
            message = f"this is in the group '{open_groups[-1]}'; write '{inside.strip()}' behind it"
            misread.append(MisreadLine(number, line.rstrip(" \t;") + inside, message))
    if not open_groups:
        yield from misread


def _ids_of_words(lines: Sequence[str]) -> Iterator[MisreadLine]:
    """Yield the lines with an id of several words, such as `group private subnet[Private]`, if it is used elsewhere."""
    names = [match["name"] for line in lines if (match := _NAMED.match(line))]
    uses = {
        name: re.compile(
            rf"(?<=\bin ){re.escape(name)}(?=\s*;?\s*$)"
            rf"|(?<![\w-]){re.escape(name)}(?=\s*:\s*[LRTB]\b)|(?<=:){re.escape(name)}(?![\w-])"
        )
        for name in names
    }
    text = "\n".join(lines)
    used = [name for name in names if any(uses[name].search(line) for line in lines)]
    ids = {name: re.sub(r"\s+", "_", name) for name in used}
    if any(new in text for new in ids.values()):
        return
    for number, line in enumerate(lines):
        new = line
        for name in sorted(ids, key=len, reverse=True):
            new = uses[name].sub(ids[name], new)
            if (match := _NAMED.match(new)) and match["name"] == name:
                icon, rest = _split_icon(new[match.end("name") :])
                title = "" if "[" in rest or match["kind"] == "junction" else f"[{name}]"
                new = new[: match.start("name")] + ids[name] + icon + title + rest
        if new != line:
            yield MisreadLine(number, new, "an id is a single word; write it with underscores")


def _split_icon(text: str) -> tuple[str, str]:
    """Return the icon in brackets at the start of a text, and the rest."""
    match = _ICON_PART.match(text)
    return (match.group(), text[match.end() :]) if match else ("", text)
