"""Graphviz's DOT."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from diagramkit.sources.foreign_texts.writing import NotUnderstoodError, Writer, unquoted

_HEAD = re.compile(r"(?:strict\s+)?(?:di)?graph(?:\s+(?!(?:TB|TD|BT|LR|RL)\b)(?:\w+|\"[^\"]*\"))?\s*\{")
_CLUSTER = re.compile(r"subgraph\s+\"?(?P<name>cluster\w*)\"?\s*\{")
_ID = r"(?:\"(?:[^\"\\]|\\.)*\"|[\w.]+)(?::\w+)?"
_ENDS = rf"(?:{_ID}|\{{\s*{_ID}(?:\s*[,;\s]\s*{_ID})*\s*;?\s*\}})"
_EDGES = re.compile(rf"(?P<ends>{_ENDS}(?:\s*-[->]\s*{_ENDS})+)\s*(?:\[(?P<fields>[^\[\]]*)\])?")
_NODE = re.compile(rf"(?P<id>{_ID})\s*(?:\[(?P<fields>[^\[\]]*)\])?")
_SETTING = re.compile(r"(?P<key>\w+)\s*=\s*(?P<value>\"[^\"]*\"|[^\s;\"]+)")
_FIELD = re.compile(r"(?P<key>\w+)\s*=\s*(?P<value>\"(?:[^\"\\]|\\.)*\"|[^\s,;\"]+)\s*[,;]?\s*")
_ONE_LINE = re.compile(r"(?P<head>subgraph\s+\"?cluster\w*\"?\s*\{)(?P<block>[^{}]*)\}[\s;]*")
_STATEMENT = re.compile(r"(?:\"(?:[^\"\\]|\\.)*\"|\[[^\[\]]*\]|\{[^{}\n]*\}|[^;\"\[{])+(?:\{\s*$)?|\{")
_MAX_LINE = 400


def detects(text: str) -> bool:
    """Return whether a text begins as DOT."""
    return bool(re.match(rf"\s*(?://[^\n]*\n\s*)*{_HEAD.pattern}", text))


def convert(writer: Writer) -> None:
    """Write a text of DOT as Mermaid."""
    depth = 0
    labels = _cluster_labels(writer.lines)
    for number, line in enumerate(writer.lines):
        if len(line) > _MAX_LINE:
            raise NotUnderstoodError
        for statement in _statements(line):
            if depth == 0 and _HEAD.fullmatch(statement):
                depth = 1
                writer.comment(number, statement.rstrip("{ "))
            elif match := _CLUSTER.fullmatch(statement):
                writer.open_group(number, match["name"], labels.get(number) or match["name"].removeprefix("cluster_"))
                depth += 1
            elif statement == "}":
                depth -= 1
                if depth:
                    writer.close_group(number)
            elif depth == 0 and statement.startswith(("//", "#", "/*")):
                writer.comment(number, statement.strip("/#* "))
            elif depth:
                _statement(writer, number, statement, depth)
            else:
                raise NotUnderstoodError
    if depth:
        raise NotUnderstoodError


def _statements(line: str) -> Iterator[str]:
    """Yield the statements of a line, and each bracket that closes a block."""
    text = line.strip()
    if text.startswith(("//", "#", "/*")):
        yield text
        return
    while text.startswith("}"):
        yield "}"
        text = text[1:].strip(" ;")
    if one_line := _ONE_LINE.fullmatch(text):
        yield one_line["head"]
        yield from _statements(one_line["block"])
        yield "}"
        return
    closing = 0
    while text.endswith("}") and text.count("}") > text.count("{"):
        closing, text = closing + 1, text[:-1].strip()
    for match in _STATEMENT.finditer(text):
        if match.group().strip():
            yield match.group().strip()
    yield from "}" * closing


def _cluster_labels(lines: Sequence[str]) -> dict[int, str]:
    """Return the labels of clusters, by the line of each."""
    labels: dict[int, str] = {}
    open_lines: list[int] = []
    for number, line in enumerate(lines):
        for statement in _statements(line):
            match = _SETTING.fullmatch(statement)
            if statement.endswith("{"):
                open_lines.append(number)
            elif statement == "}" and open_lines:
                open_lines.pop()
            elif match and match["key"] == "label" and open_lines:
                labels[open_lines[-1]] = unquoted(match["value"])
    return labels


def _statement(writer: Writer, number: int, statement: str, depth: int) -> None:
    """Write a setting, links or a node."""
    if statement.startswith(("//", "#", "/*")):
        writer.comment(number, statement.strip("/#* "))
    elif match := _SETTING.fullmatch(statement):
        if match["key"] == "rankdir":
            writer.direction = unquoted(match["value"])
            if writer.direction not in ("LR", "RL", "TB", "BT"):
                raise NotUnderstoodError
        elif match["key"] == "label" and depth == 1:
            writer.title = unquoted(match["value"])
        elif match["key"] != "label":
            writer.comment(number, statement)
    elif re.match(r"(?:node|edge|graph)\s*\[|\{\s*rank\s*=", statement):
        if depth == 1 and (match := re.search(r"\brankdir\s*=\s*\"?(TB|BT|LR|RL)\b", statement)):
            writer.direction = match[1]
        writer.comment(number, statement if statement[0] != "{" else statement[1:-1])
    elif match := _EDGES.fullmatch(statement):
        _edges(writer, number, match)
    elif match := _NODE.fullmatch(statement):
        fields = _fields(match["fields"])
        brackets = ("[(", ")]") if fields.get("shape") == "cylinder" else ("[", "]")
        name = _name(match["id"])
        rest = {key: value for key, value in fields.items() if key != "label"}
        writer.comment(number, ", ".join(f"{key}={value}" for key, value in rest.items()))
        writer.node(number, name, fields.get("label", name), brackets)
    else:
        raise NotUnderstoodError


def _edges(writer: Writer, number: int, match: re.Match[str]) -> None:
    fields = _fields(match["fields"])
    parts = re.findall(rf"{_ENDS}|-[->]", match["ends"])
    ends = [[_name(name) for name in re.findall(_ID, part)] for part in parts[::2]]
    label = fields.pop("label", "")
    is_dotted = fields.get("style") in ("dashed", "dotted")
    both = fields.get("dir") == "both"
    rest = [f"{key}={value}" for key, value in fields.items() if not (key == "style" and is_dotted)]
    writer.comment(number, ", ".join(rest))
    for sources, sign, targets in zip(ends, parts[1::2], ends[1:], strict=False):
        arrow = ("-.->" if is_dotted else "-->") if sign == "->" else ("-.-" if is_dotted else "---")
        writer.link(number, sources, f"<{arrow}" if both and sign == "->" else arrow, targets, label)


def _name(text: str) -> str:
    """Return the name of a node without its port."""
    return unquoted(text) if text.endswith('"') else unquoted(re.sub(r":\w+$", "", text))


def _fields(text: str | None) -> dict[str, str]:
    """Return the attributes in brackets. Raises `NotUnderstoodError`."""
    rest = (text or "").strip()
    fields: dict[str, str] = {}
    while rest:
        match = _FIELD.match(rest)
        if match is None:
            raise NotUnderstoodError
        fields[match["key"]] = unquoted(match["value"])
        rest = rest[match.end() :]
    return fields
