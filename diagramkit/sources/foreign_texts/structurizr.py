"""Structurizr's DSL: the model of a workspace."""

from __future__ import annotations

import re

from diagramkit.sources.foreign_texts.writing import NotUnderstoodError, Writer, unquoted

_TEXTS = r"(?P<texts>(?:\s*\"[^\"]*\")*)"
_ELEMENT = re.compile(
    r"(?:(?P<id>[\w.]+)\s*=\s*)?(?P<kind>person|softwareSystem|container|component|deploymentEnvironment|deploymentNode|infrastructureNode|group|enterprise)"
    rf"\s+(?P<name>\"[^\"]+\"|\w+){_TEXTS}\s*(?P<block>\{{?)",
    re.I,
)
_RELATION = re.compile(rf"(?P<left>[\w.]+)\s*->\s*(?P<right>[\w.]+){_TEXTS}\s*(?P<block>\{{?)")
_ATTRIBUTE = re.compile(r"(?:tags?|description|technology|url|!\w+|name)\b.*", re.I)


def detects(text: str) -> bool:
    """Return whether a text begins as a workspace."""
    return bool(re.match(r"\s*(?:(?://|#)[^\n]*\n\s*)*workspace\b[^{\n]*\{", text))


def convert(writer: Writer) -> None:
    """Write the model of a workspace as Mermaid. Its views become comments."""
    blocks: list[str] = []
    for number, line in enumerate(writer.lines):
        _line(writer, number, line.strip(), blocks)
    if blocks:
        raise NotUnderstoodError


def _line(writer: Writer, number: int, line: str, blocks: list[str]) -> None:
    if "views" in blocks:
        writer.comment(number, line if line != "}" else "")
        if line == "}":
            blocks.pop()
        elif line.endswith("{"):
            blocks.append("block")
    elif line.startswith(("//", "#", "/*", "*")):
        writer.comment(number, line.strip("/#* "))
    elif line == "}" and blocks:
        if blocks.pop() == "group":
            writer.close_group(number)
    elif line:
        _statement(writer, number, line, blocks)


def _statement(writer: Writer, number: int, line: str, blocks: list[str]) -> None:
    if match := re.fullmatch(r"(?P<word>workspace|model|views)\b(?P<texts>[^{]*)\{", line):
        blocks.append(match["word"])
        texts = re.findall(r"\"([^\"]+)\"", match["texts"])
        if match["word"] == "workspace" and texts:
            writer.title = texts[0]
            writer.comment(number, " ".join(texts[1:]))
    elif match := _ELEMENT.fullmatch(line):
        _element(writer, number, match, blocks)
    elif match := _RELATION.fullmatch(line):
        label, *others = [*re.findall(r"\"([^\"]*)\"", match["texts"]), ""]
        technology = f" [{', '.join(filter(None, others))}]" if any(others) else ""
        ends = [match[name].rpartition(".")[2] for name in ("left", "right")]
        writer.link(number, ends[:1], "-->", ends[1:], label + technology)
        if match["block"]:
            blocks.append("attributes")
    elif _ATTRIBUTE.fullmatch(line) and not line.endswith("{"):
        writer.comment(number, line)
    else:
        raise NotUnderstoodError


def _element(writer: Writer, number: int, match: re.Match[str], blocks: list[str]) -> None:
    title = unquoted(match["name"])
    name = match["id"] or title
    writer.comment(number, ", ".join(text for text in re.findall(r"\"([^\"]*)\"", match["texts"]) if text))
    if match["block"] and _is_group(writer, number):
        writer.open_group(number, name, title)
        blocks.append("group")
        return
    writer.node(number, name, title)
    if match["block"]:
        blocks.append("attributes")


def _is_group(writer: Writer, start: int) -> bool:
    """Return whether the block that begins in a line has elements in it."""
    depth = 1
    for line in writer.lines[start + 1 :]:
        text = line.strip()
        if depth == 1 and _ELEMENT.fullmatch(text):
            return True
        depth += text.endswith("{") - (text == "}")
        if depth == 0:
            return False
    return False
