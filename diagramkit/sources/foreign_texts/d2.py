"""D2."""

from __future__ import annotations

import re
from collections.abc import Sequence

from diagramkit.sources.foreign_texts.writing import NotUnderstoodError, Writer, unquoted

_DIRECTIONS = {"right": "LR", "left": "RL", "down": "TB", "up": "BT"}
_NAME = r"(?:\"[^\"\n]+\"|'[^'\n]+'|[A-Za-z][\w-]*(?:\.[A-Za-z][\w-]*)*(?: [A-Za-z0-9][\w-]*)*)"
_ATTRIBUTE = re.compile(
    r"(?:[\w-]+\.)*(?:shape|icon|style(?:\.[\w-]+)?|width|height|near|class|link|tooltip|label\.near|fill|stroke|opacity|grid-\w+"
    r"|source-arrowhead.*|target-arrowhead.*)\s*:\s*(?P<value>[^{}]+)(?P<inline>\{.*\})?"
)
_LABEL = re.compile(r"label\s*:\s*(?P<label>.+)")
_LABELS = re.compile(r":\s.*|#.*|\"[^\"\n]*\"")
_ARROW = re.compile(r"\s*(<-+>|-+>|<-+|--+)\s*")
_PATH = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_DIRECTION = re.compile(r"direction\s*:\s*(?P<word>right|left|down|up)")
_BLOCK = re.compile(rf"(?P<name>{_NAME})\s*(?::\s*(?P<label>[^{{}}\n]*?))?\s*\{{")
_ELEMENT = re.compile(rf"(?P<name>{_NAME})\s*(?::\s*(?P<label>[^{{}}\n<>|]+?)\s*(?P<inline>\{{[^{{}}]*\}})?)?")
_LINKS = re.compile(
    rf"(?P<ends>{_NAME}(?:\s*(?:<-+>|-+>|<-+|--+)\s*{_NAME})+)\s*(?::\s*(?P<label>[^{{}}\n]+?))?\s*(?P<inline>\{{[^{{}}]*\}})?"
)
_FIRST = re.compile(
    r"direction\s*:\s*(?:right|left|down|up)"
    r"|[A-Za-z\"'][\w\"'. -]*(?::[^{}<>|]*\{|:[^{}<>|;]*[^{}<>|;\s]|<?->[\w\"'. -]+:.*)"
)


def detects(text: str) -> bool:
    """Return whether a text begins as D2: with a direction, an element with a label, or a link with one."""
    is_other = re.match(
        r"\s*(?:title|accTitle|accDescr|config|nodes|edges)\s*:|\s*(?:flowchart|graph|architecture)\b", text, re.I
    )
    lines = (line.strip() for line in text.splitlines())
    first_line = next((line for line in lines if line and not line.startswith("#")), "")
    return not is_other and bool(_FIRST.fullmatch(first_line)) and "-->" not in text and ("->" in text or "{" in text)


def convert(writer: Writer) -> None:
    """Write a text of D2 as Mermaid."""
    blocks: list[str] = []  # The names of the open blocks; that of a node is empty.
    for number, line in enumerate(writer.lines):
        _line(writer, number, line.strip(), blocks)
    lines = [line for line in writer.lines if not _ATTRIBUTE.fullmatch(line.strip())]
    ends = {path.rpartition(".") for path in _PATH.findall(_LABELS.sub("", "\n".join(lines)))}
    if blocks or not all(writer.has_label(name) for _, _, name in ends):
        raise NotUnderstoodError  # An element in another one that is not declared there.


def _line(writer: Writer, number: int, line: str, blocks: list[str]) -> None:
    if line.startswith("#"):
        writer.comment(number, line.lstrip("# "))
    elif line == "}" and blocks:
        if blocks.pop():
            writer.close_group(number)
    elif match := _DIRECTION.fullmatch(line):
        if blocks:
            writer.write(number, f"direction {_DIRECTIONS[match['word']]}")
        else:
            writer.direction = _DIRECTIONS[match["word"]]
    elif _ATTRIBUTE.fullmatch(line):
        writer.comment(number, line)
    elif match := _BLOCK.fullmatch(line):
        _block(writer, number, match, blocks)
    elif match := _LINKS.fullmatch(line):
        _links(writer, number, match)
    elif match := _ELEMENT.fullmatch(line):
        if "" in blocks:
            raise NotUnderstoodError
        name = _new_name(writer, unquoted(match["name"]))
        writer.comment(number, (match["inline"] or "").strip("{} "))
        writer.node(number, name, unquoted(match["label"] or "") or name)
    elif line:
        raise NotUnderstoodError


def _new_name(writer: Writer, path: str) -> str:
    """Return the name of an element that is written now. Another one of this name may be in another block."""
    name = path.rpartition(".")[2]
    if writer.has_label(name):
        raise NotUnderstoodError
    return name


def _block(writer: Writer, number: int, match: re.Match[str], blocks: list[str]) -> None:
    """Write the beginning of a group, or a node with attributes."""
    name = _new_name(writer, unquoted(match["name"]))
    label = unquoted(match["label"] or "") or name
    if _is_group(writer.lines, number):
        writer.open_group(number, name, label)
        blocks.append(name)
    else:
        writer.node(number, name, label)
        blocks.append("")


def _is_group(lines: Sequence[str], start: int) -> bool:
    """Return whether the block that begins in a line has anything but attributes in it."""
    for line in lines[start + 1 :]:
        text = line.strip()
        if text == "}":
            return False
        if text and not text.startswith("#") and not _ATTRIBUTE.fullmatch(text) and not _LABEL.fullmatch(text):
            return True
    return False


def _links(writer: Writer, number: int, match: re.Match[str]) -> None:
    writer.comment(number, (match["inline"] or "").strip("{} "))
    parts = _ARROW.split(match["ends"])
    names = [unquoted(part).rpartition(".")[2] for part in parts[::2]]
    for left, sign, right in zip(names, parts[1::2], names[1:], strict=False):
        ends = (left, right) if not (sign[0] == "<" and sign[-1] != ">") else (right, left)
        arrow = "<-->" if sign[0] == "<" and sign[-1] == ">" else "---" if set(sign) == {"-"} else "-->"
        writer.link(number, ends[:1], arrow, ends[1:], unquoted(match["label"] or ""))
