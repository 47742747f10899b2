"""PlantUML's component and deployment diagrams."""

from __future__ import annotations

import re

from diagramkit.sources.foreign_texts.writing import NotUnderstoodError, Writer, unquoted

_KEYWORD = re.compile(
    "actor|agent|artifact|boundary|card|cloud|collections|component|control|database|entity|file|folder|frame|"
    "hexagon|interface|node|package|participant|person|queue|rectangle|stack|storage|usecase"
)
_NAME = r"(?:\"[^\"]+\"|\[[^\[\]]+\]|\([^()]+\)|:[^:]+:|[\w.]+)"
_ELEMENT = re.compile(
    rf"(?:(?P<keyword>[a-z]+)\s+)?(?P<first>{_NAME})(?:\s+as\s+(?P<last>{_NAME}))?"
    r"(?:\s*(?P<stereotype><<[^<>]+>>))?(?:\s*(?P<color>#\w+))?\s*(?P<block>\{?)"
)
_LINK = re.compile(
    rf"(?P<left>{_NAME})\s*(?P<link>(?:<\|?|\*|o)?[-.=]+(?:\[[^\[\]]*\])?(?:up|down|left|right|[udlr])?[-.=]*(?:\|?>{{1,2}})?)\s*"
    rf"(?P<right>{_NAME})\s*(?::\s*(?P<label>.+?))?"
)
_MACRO = re.compile(
    r"(?P<macro>[A-Z]\w*)\(\s*(?P<id>\w+)\s*,\s*\"(?P<label>[^\"]+)\"(?P<rest>[^()]*)\)\s*(?P<block>\{?)"
)
_RELATION = re.compile(
    r"Rel(?:_\w+)?\(\s*(?P<left>\w+)\s*,\s*(?P<right>\w+)\s*,\s*\"(?P<label>[^\"]*)\"(?P<rest>[^()]*)\)"
)
_IGNORED = re.compile(r"(?:'|!|skinparam\b|hide\b|show\b|scale\b|note\b.*:|caption\b|header\b|footer\b|legend\b).*")
_STRUCTURAL = re.compile(
    r"\s*(?:(?:agent|artifact|card|cloud|component|file|folder|frame|hexagon|interface|node|package|person|rectangle|stack|storage|usecase)\b"
    r"|\[[^\[\]]+\]|[A-Z]\w*\(\s*\w+\s*,|\w+ to \w+ direction)"
)
_SHAPES = {"database": ("[(", ")]"), "actor": ("(", ")"), "queue": ("([", "])"), "person": ("(", ")")}


def detects(text: str) -> bool:
    """Return whether a text begins as PlantUML, and not with Mermaid in it."""
    return bool(re.match(r"\s*@start(?:uml|c4)?\b(?!\s*(?:flowchart|graph|architecture-beta)\b)", text))


def convert(writer: Writer) -> None:
    """Write a text of PlantUML as Mermaid."""
    if not any(_STRUCTURAL.match(line) for line in writer.lines):
        raise NotUnderstoodError  # It may be a sequence diagram, which has participants and arrows only.
    for number, line in enumerate(writer.lines):
        _line(writer, number, line.strip())


def _line(writer: Writer, number: int, line: str) -> None:
    if not line or line.startswith(("@start", "@end")):
        writer.comment(number, re.sub(r"@(?:start|end)\w+", "", line))
        return
    if line in ("left to right direction", "top to bottom direction"):
        writer.direction = "LR" if line.startswith("left") else "TB"
    elif match := re.fullmatch(r"title\s+(.+)", line):
        writer.title = unquoted(match[1])
    elif _IGNORED.fullmatch(line):
        writer.comment(number, line.removeprefix("'"))
    elif line == "}":
        writer.close_group(number)
    elif match := _RELATION.fullmatch(line):
        writer.link(number, [match["left"]], "-->", [match["right"]], match["label"] + _note(match["rest"]))
    elif match := _MACRO.fullmatch(line):
        if match["block"]:
            writer.open_group(number, match["id"], match["label"])
        else:
            writer.node(number, match["id"], match["label"])
        writer.comment(number, line)
    elif match := _LINK.fullmatch(line):
        _link(writer, number, match)
    elif match := _ELEMENT.fullmatch(line):
        _element(writer, number, match)
    else:
        raise NotUnderstoodError


def _note(rest: str) -> str:
    """Return the further texts of a relation of C4 in brackets."""
    texts = re.findall(r"\"([^\"]+)\"", rest)
    return f" [{', '.join(texts)}]" if texts else ""


def _name(text: str) -> str:
    return text[1:-1].strip() if text[0] in '"[(:' else text


def _element(writer: Writer, number: int, match: re.Match[str]) -> None:
    """Write a node or the beginning of a group: `component "API" as api`, `[API]`, `package "VPC" {`."""
    first, last = match["first"], match["last"]
    keyword = match["keyword"]
    if not (_KEYWORD.fullmatch(keyword) if keyword else first[0] in "[(:"):
        raise NotUnderstoodError
    is_label_last = last is not None and last[0] in '"[(' and first[0] not in '"[('
    name, label = (first, last) if is_label_last else (last or first, first)
    for part in (match["stereotype"], match["color"]):
        writer.comment(number, part or "")
    if match["block"]:
        writer.open_group(number, _name(name), _name(label))
    else:
        writer.node(number, _name(name), _name(label), _SHAPES.get(keyword or "", ("[", "]")))


def _link(writer: Writer, number: int, match: re.Match[str]) -> None:
    link, ends = match["link"], [_name(match["left"]), _name(match["right"])]
    bare = re.sub(r"\[[^\[\]]*\]|[a-z]", "", link)
    line = "-.-" if "." in bare else "===" if "=" in bare else "---"
    has_tail, has_head = bare[0] == "<", bare[-1] == ">"
    if bare[0] in "*o" or "|" in bare:
        writer.comment(number, f"link: {link}")
    arrow = {"-.-": "-.->", "===": "==>", "---": "-->"}[line]
    if has_tail and has_head:
        writer.link(number, ends[:1], f"<{arrow}", ends[1:], match["label"] or "")
    elif has_tail:
        writer.link(number, ends[1:], arrow, ends[:1], match["label"] or "")
    else:
        writer.link(number, ends[:1], arrow if has_head else line, ends[1:], match["label"] or "")
