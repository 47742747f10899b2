"""Compares what can be seen in pictures by diagramkit and by Mermaid in a browser, with Debian's `chromium`.

For each node, edge and group: whether it can be seen; for each label: its visible words, and which of them are bold or
italic; for each edge: its arrowheads, and whether it is dashed. `checks.mermaid.compare` runs it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct

from checks.mermaid import mermaid_page
from checks.mermaid.judge import FOLDER
from diagramkit.diagnostics import DiagramError
from diagramkit.drawing import Drawing, EdgeDrawing, NodeDrawing, TextSpan
from diagramkit.style import colors, shapes
from tests.support.mermaid_pictures import Example, examples

_HEADS = {"none": "none", "arrow": "point", "circle": "circle", "cross": "cross"}

Character = tuple[str, bool, bool]
"""A character, and whether it is bold and italic."""


class Word(Struct, frozen=True):
    """A word in Mermaid's picture, or a part of one at the end of a line: its characters."""

    characters: tuple[Character, ...]
    begins_line: bool = False

    def __str__(self) -> str:
        """Return the word with bold and italic parts marked as in HTML."""
        parts = []
        for (bold, italic), run in groupby(self.characters, lambda character: character[1:]):
            text = "".join(character[0] for character in run)
            text = f"<i>{text}</i>" if italic else text
            parts.append(f"<b>{text}</b>" if bold else text)
        return "".join(parts)


class Facts(Struct, frozen=True):
    """What can be seen of a picture: lines of text by what they are about, and the words of each label."""

    visible: dict[str, str]
    words: dict[str, tuple[Word, ...]]
    icons: frozenset[str] = frozenset()


def missing_requirement() -> str | None:
    """Return what is missing to draw with Mermaid, or None."""
    if shutil.which("chromium") is None:
        return "chromium is not installed"
    if not (FOLDER / "node_modules" / "mermaid").is_dir():
        return "Mermaid is not installed: run 'npm install' in checks/mermaid"
    return None


def compare(version: str) -> int:
    """Print the differences from one version of Mermaid, and return the number of those that are not intended."""
    count = intended = 0
    for example, answer in zip(examples(), _ask(version), strict=True):
        found = differences(example, answer)
        unexpected = [text for text in found if text not in example.differences]
        intended += len(found) - len(unexpected)
        count += len(unexpected)
        if unexpected:
            print(f"{version}: {example.name}:\n  " + "\n  ".join(unexpected))
    print(f"{version}: {len(examples())} pictures: {count} unintended differences, {intended} intended ones")
    return count


def _ask(version: str) -> list[dict[str, Any]]:
    """Return what Mermaid's pictures of all examples show, in the form of `page.js`."""
    script = (FOLDER / "page.js").read_text("utf-8")
    answers: list[dict[str, Any]] = mermaid_page.results([example.mermaid for example in examples()], script, version)
    return answers


def differences(example: Example, answer: dict[str, Any]) -> list[str]:
    """Return what differs between the picture by diagramkit and `answer`, which is about the one by Mermaid."""
    if "error" in answer:
        return [f"Mermaid refuses it: {answer['error']}"]
    try:
        actual = diagramkit_facts(example)
    except DiagramError as error:
        return [f"diagramkit refuses it: {error}"]
    expected = mermaid_facts(answer)
    found = []
    for key, value in expected.visible.items():
        if key not in actual.visible:
            if value == "visible False":
                continue
            found.append(f"{key}: missing")
        elif actual.visible[key] != value and not (key in actual.icons and value == "visible False"):
            found.append(f"{key}: {actual.visible[key]}, not {value}")
    found += [f"{key}: only in diagramkit" for key in actual.visible if key not in expected.visible]
    for key, words in expected.words.items():
        written = _joined(actual.words.get(key, ()), words)
        if written != [str(word) for word in words]:
            found.append(f"{key}: {' '.join(written)!r}, not {' '.join(map(str, words))!r}")
    return found


def mermaid_facts(answer: dict[str, Any]) -> Facts:
    """Return what Mermaid's picture shows."""
    visible, words = {}, {}
    for item in answer["items"]:
        visible[item["id"]] = "missing" if item.get("missing") else f"visible {item['visible']}"
        words[f"words of {item['id']}"] = _words(item.get("characters", ()))
    for key, edge in _numbered((f"edge {edge['start']} to {edge['end']}", edge) for edge in answer["edges"]):
        visible[key] = _edge_text(edge)
        words[f"words of {key}"] = _words(edge.get("characters", ()))
    return Facts(visible, words)


def _edge_text(edge: dict[str, Any]) -> str:
    if edge.get("missing") or not edge["visible"]:
        return "visible False"
    return f"dashed {edge['dashed']}, {edge['tail']} to {edge['head']}"


def diagramkit_facts(example: Example) -> Facts:
    """Return what diagramkit's picture shows. Raises `DiagramError`."""
    drawing, _ = example.draw()
    visible, words = {}, {}
    for node in drawing.nodes:
        visible[node.id] = f"visible {_is_node_visible(node)}"
        words[f"words of {node.id}"] = tuple(_lines(node.texts))
    for group in drawing.groups:
        visible[group.id] = f"visible {_is_color(group.fill) or (_is_color(group.border) and group.width > 0)}"
        words[f"words of {group.id}"] = tuple(_lines(group.texts))
    for key, edge in _numbered((f"edge {edge.source} to {edge.target}", edge) for edge in drawing.edges):
        visible[key] = _diagramkit_edge(drawing, edge)
        words[f"words of {key}"] = tuple(_lines(edge.texts))
    icons = frozenset(node.id for node in drawing.nodes if node.icon)
    return Facts(visible, words, icons)


def _diagramkit_edge(drawing: Drawing, edge: EdgeDrawing) -> str:
    width, dash = drawing.pen_of(edge)
    if not _is_color(edge.color) or edge.stroke == "invisible" or not width:
        return "visible False"
    return f"dashed {bool(dash)}, {_HEADS[edge.tail]} to {_HEADS[edge.head]}"


def _is_node_visible(node: NodeDrawing) -> bool:
    if node.icon:
        return node.opacity > 0
    shape = shapes.get(node.shape)
    return _is_color(node.fill) or (
        _is_color(node.border) and node.width > 0 and (shape.has_border or bool(shape.lines))
    )


def _is_color(color: str | None) -> bool:
    """Return whether a color can be seen."""
    return color is not None and colors.split(color)[1] > 0 and color != colors.NONE


def _numbered(items: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, Any]]:
    """Yield items with different keys: the second of several equal ones ends with 2, and so on."""
    counts: dict[str, int] = {}
    for key, item in items:
        counts[key] = counts.get(key, 0) + 1
        yield (key if counts[key] == 1 else f"{key} {counts[key]}"), item


def _words(characters: Sequence[Sequence[Any]]) -> tuple[Word, ...]:
    """Return the words of a text."""
    words: list[list[Character]] = [[]]
    for text, bold, italic in characters:
        if text.isspace():
            words.append([])
        elif text.isprintable() or text in "\u200d\ufe0f":
            words[-1].append((text, bold, italic))
    return tuple(Word(tuple(word)) for word in words if word)


def _lines(texts: Iterable[TextSpan]) -> Iterable[Word]:
    """Yield the visible words of a label; a line may begin within a word."""
    for line in texts:
        characters = [
            (character, part.style.bold, part.style.italic)
            for part in line.styled_parts
            if _is_color(part.style.color or line.color)
            for character in part.text
        ]
        for number, word in enumerate(_words(characters)):
            yield Word(word.characters, begins_line=number == 0)


def _joined(actual: Sequence[Word], expected: Sequence[Word]) -> list[str]:
    """Return words as texts; those that a line break divides are joined if that gives the expected word."""
    result: list[str] = []
    position = 0
    while position < len(actual):
        characters = actual[position].characters
        position += 1
        wanted = expected[len(result)].characters if len(result) < len(expected) else ()
        while (
            characters != wanted
            and position < len(actual)
            and actual[position].begins_line
            and wanted[: len(characters)] == characters
        ):
            characters += actual[position].characters
            position += 1
        result.append(str(Word(characters)))
    return result
