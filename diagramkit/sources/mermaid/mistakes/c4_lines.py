"""Macros of C4 in flowcharts, such as `Person(user, "Customer")` and `Rel(user, web, "Uses")`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diagramkit.sources.mermaid.mistakes.first_line import MISSING
from diagramkit.sources.mermaid.mistakes.line_edit import indent
from diagramkit.sources.mermaid.mistakes.line_text import RESERVED, quoted
from diagramkit.sources.mermaid.mistakes.misread_line import MisreadLine

_MACRO = re.compile(r"\s*+(?P<name>[A-Za-z]\w*+)[ \t]*+\((?P<arguments>.*)\)[ \t]*+(?P<block>\{?)[\s;]*+")
_ARGUMENT = re.compile(r"\s*+(?:(?P<key>\$\w++)\s*+=\s*+)?(?:\"(?P<text>[^\"]*+)\"|(?P<plain>[^\",()]*+))\s*+(?:,|$)")
_ELEMENT = re.compile(r"(?:Person|System|Container|Component)(?P<kind>Db|Queue)?(?:_Ext)?")
_BOUNDARY = re.compile(r"(?:(?:Enterprise_|System_|Container_)?Boundary|Deployment_Node(?:_[LR])?|Node(?:_[LR])?)")
_RELATION = re.compile(r"(?P<both>Bi)?Rel(?:_(?P<side>Up|Down|Left|Right|Back|Neighbor|Back_Neighbor|[UDLRB]))?")
_SETTING = re.compile(r"Update\w+|Add\w+Tag|LAYOUT_\w+|SHOW_\w+|HIDE_\w+|SetPropertyHeader|AddProperty")
_BRACKETS = {"Db": ("[(", ")]"), "Queue": ("([", "])")}
_BACKWARD = ("Back", "Back_Neighbor", "B")
_INCLUDE = re.compile(r"\s*+!include\w*+\s.*")


def find(lines: Sequence[str], header: int) -> Iterator[MisreadLine]:
    """Yield the lines with macros of C4 as statements of Mermaid, if any of them has a text in quotes.

    Without quotation marks, Mermaid reads such a macro as a node.
    """
    macros = {number: match for number, line in enumerate(lines) if (match := _macro(line))}
    if not any('"' in match["arguments"] for match in macros.values()):
        return
    depth = 0
    for number, line in enumerate(lines):
        margin = line[: indent(line)]
        new: str | None = None
        if match := macros.get(number):
            depth += bool(match["block"])
            new = _statement(match)
        elif line.strip() == "}" and depth:
            depth -= 1
            new = "end"
        elif _INCLUDE.fullmatch(line):
            new = f"%% {line.strip()}"
        if new is not None:
            first = MISSING if number == header else ""
            text = "\n".join(margin + part for part in new.split("\n"))
            yield MisreadLine(number, first + text, f"this is C4, not a flowchart; write {_shown(new)}")


def is_macro(line: str) -> bool:
    """Return whether a line is a macro of C4 with a text in quotes."""
    match = _macro(line)
    return bool(match and '"' in match["arguments"])


def _macro(line: str) -> re.Match[str] | None:
    """Return the parts of a line that is a macro of C4."""
    match = _MACRO.fullmatch(line)
    kinds = (_ELEMENT, _BOUNDARY, _RELATION, _SETTING)
    return match if match and any(kind.fullmatch(match["name"]) for kind in kinds) else None


def _shown(new: str) -> str:
    return " above ".join(f"'{line}'" for line in new.split("\n"))


def _statement(macro: re.Match[str]) -> str | None:
    """Return a macro as a statement of Mermaid, below a comment with what Mermaid does not have; None if unknown."""
    name = macro["name"]
    if _SETTING.fullmatch(name):
        return f"%% {macro.group().strip()}"
    arguments = _arguments(macro["arguments"])
    if arguments is None or not arguments or not _is_id(arguments[0]):
        return None
    if relation := _RELATION.fullmatch(name):
        return _link(relation, arguments)
    identifier, label, *others = [*arguments, ""] if len(arguments) == 1 else arguments
    note = ", ".join(filter(None, others))
    comment = f"%% {identifier}: {note}\n" if note else ""
    if macro["block"]:
        return f"{comment}subgraph {identifier} [{quoted(label or identifier)}]"
    kind = _ELEMENT.fullmatch(name)
    opening, closing = _BRACKETS.get((kind and kind["kind"]) or "", ("[", "]"))
    return f"{comment}{identifier}{opening}{quoted(label or identifier)}{closing}"


def _link(relation: re.Match[str], arguments: Sequence[str]) -> str | None:
    """Return a relation as a link, with its technology in brackets, as C4 shows it."""
    if len(arguments) < 2 or not _is_id(arguments[1]):
        return None
    source, target = arguments[:2]
    if relation["side"] in _BACKWARD:
        source, target = target, source
    label, *others = [*arguments[2:], ""]
    label += f" [{', '.join(filter(None, others))}]" if any(others) else ""
    text = f"|{quoted(label)}|" if label.strip() else ""
    return f"{source} {'<-->' if relation['both'] else '-->'}{text} {target}"


def _arguments(text: str) -> list[str] | None:
    """Return the arguments of a macro without quotation marks, or None if there is anything else between them."""
    arguments: list[str] = []
    position = 0
    while position < len(text):
        match = _ARGUMENT.match(text, position)
        if match is None or match.end() == position:
            return None
        value = match["text"] if match["text"] is not None else match["plain"].strip()
        arguments.append(f"{match['key']}={value}" if match["key"] else value)
        position = match.end()
    return arguments


def _is_id(name: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z_][\w.-]*", name)) and name not in RESERVED
