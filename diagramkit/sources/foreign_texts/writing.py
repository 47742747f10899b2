"""Writes Mermaid line by line: ids that are new, nodes, subgraphs, links and comments."""

from __future__ import annotations

import re
from collections.abc import Sequence

from diagramkit.sources.mermaid.mistakes.first_line import titled
from diagramkit.sources.mermaid.mistakes.line_text import RESERVED

_PLAIN = re.compile(r"[A-Za-z_]\w*")


class NotUnderstoodError(Exception):
    """A line is not part of what can be converted."""


class Writer:
    """The Mermaid that replaces the lines of a text. `direction` and `title` are those of the diagram."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.direction = "TB"
        self.title = ""
        self._new: list[list[str]] = [[] for _ in lines]
        self._ids: dict[str, str] = {}  # By name.
        self._shown: set[str] = set()  # The names whose labels are written.
        self._depth = 0
        self.nodes = 0
        self.text = ""
        """The whole diagram, if it is contained in another text."""

    def result(self) -> list[str]:
        """Return what replaces each line, below the first line of the diagram. Raises `NotUnderstoodError`."""
        if self.text:
            comments = [line.strip() for lines in self._new for line in lines]
            return ["\n".join([*comments, self.text.strip("\n")]), *("" for _ in self.lines[1:])]
        if not self.nodes or self._depth:
            raise NotUnderstoodError
        header = f"flowchart {self.direction}"
        first = titled(header, self.title) if self.title else header
        new = ["\n".join(lines) for lines in self._new]
        new[0] = f"{first}\n{new[0]}" if new[0] else first
        return new

    def write(self, number: int, text: str) -> None:
        """Write a line of Mermaid in place of the source's line `number`."""
        self._new[number].append("    " * (self._depth + 1) + text)

    def comment(self, number: int, text: str) -> None:
        """Write a comment."""
        if text := text.strip():
            self.write(number, f"%% {text}")

    def open_group(self, number: int, name: str, title: str) -> None:
        """Write the first line of a subgraph."""
        self.write(number, f'subgraph {self.id_of(name, title)} ["{quoted(title)}"]')
        self._shown.add(name)
        self._depth += 1

    def close_group(self, number: int) -> None:
        """Write the end of a subgraph. Raises `NotUnderstoodError` if none is open."""
        if not self._depth:
            raise NotUnderstoodError
        self._depth -= 1
        self.write(number, "end")

    def id_of(self, name: str, like: str = "") -> str:
        """Return the id of a node or group by its name, which may have any characters; a new one is `like` a text."""
        if name not in self._ids:
            start = re.sub(r"\W+", "_", name if is_plain(name) else like or name).strip("_") or "node"
            start = f"n{start}" if start[0].isdigit() else start
            number, candidate = 0, start
            while candidate.lower() in RESERVED or candidate in self._ids.values():
                number += 1
                candidate = f"{start}_{number}"
            self._ids[name] = candidate
        return self._ids[name]

    def has_label(self, name: str) -> bool:
        """Return whether a node or group has been written with its label."""
        return name in self._shown

    def node(self, number: int, name: str, label: str, brackets: tuple[str, str] = ("[", "]")) -> None:
        """Write a node with a label."""
        self.nodes += 1
        self._shown.add(name)
        self.write(number, f'{self.id_of(name)}{brackets[0]}"{quoted(label)}"{brackets[1]}')

    def mention(self, name: str) -> str:
        """Return a node as an end of a link: its id, with its name as the label if that is nowhere else."""
        self.nodes += 1
        identifier = self.id_of(name)
        if identifier == name or name in self._shown:
            return identifier
        self._shown.add(name)
        return f'{identifier}["{quoted(name)}"]'

    def link(self, number: int, sources: Sequence[str], arrow: str, targets: Sequence[str], label: str = "") -> None:
        """Write links from all of some nodes to all of others."""
        text = f'|"{quoted(label)}"|' if label.strip() else ""
        left, right = (" & ".join(map(self.mention, names)) for names in (sources, targets))
        self.write(number, f"{left} {arrow}{text} {right}")


def quoted(text: str) -> str:
    """Return a text as Mermaid has it between quotation marks."""
    return text.strip().replace("\\n", "<br>").replace('\\"', '"').replace('"', "#quot;")


def unquoted(text: str) -> str:
    """Return a text without the quotation marks around it."""
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def is_plain(text: str) -> bool:
    """Return whether a text is an id in every language."""
    return bool(_PLAIN.fullmatch(text))
