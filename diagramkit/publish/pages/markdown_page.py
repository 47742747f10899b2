"""Reads a page of Markdown (GitHub's, with footnotes) as a tree.

Source: GitHub Flavored Markdown 0.29 and GitHub Docs, "Basic writing and formatting syntax", for task lists, footnotes
and alerts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from markdown_it.rules_block.table import escapedSplit
from msgspec import Struct

from diagramkit.publish.pages.tree import PageElement, normalize
from diagramkit.publish.pages.tree_builder import TreeBuilder

FENCE_INFO = "diagramkit-{}"
"""The info string of a fence whose diagram is drawn, with its number."""

_TASK = re.compile(r"\[([ xX])\](?:\s|\Z)")
_ALERT = re.compile(r"\s*\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*(?:\n|\Z)", re.I)
_URL = re.compile(r"\bhttps?://[^\s<>\"'`]*[^\s<>\"'`.,;:!?)\]}*_~]")
_FENCE = re.compile(r"diagramkit-(\d+)\Z")
_TAGS = {"del": "s"}


class ReadPage(Struct, frozen=True):
    """The tree of a page, and what it does not contain, with how often that was there."""

    root: PageElement
    lost: Mapping[str, int]


def read(text: str, diagrams: Mapping[int, str]) -> ReadPage:
    """Return the tree of a page without front matter. `diagrams` has the text of each diagram that is drawn."""
    environment: dict[str, Any] = {}
    reader = _TokenReader(text, {number: _lines(mermaid) for number, mermaid in diagrams.items()})
    for token in _parser().parse(text, environment):
        reader.read(token)
    for label, number in environment.get("footnotes", {}).get("refs", {}).items():
        if number < 0:
            reader.builder.lose(f"the unused footnote '{label.removeprefix(':')}'")
    root = reader.builder.root
    for element in root.elements:
        _mark_tasks(element)
        _mark_alert(element)
    normalize(root)
    return ReadPage(root, reader.builder.lost)


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin

    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(footnote_plugin, inline=False)


class _TokenReader:
    """Passes the tokens of markdown-it to a builder."""

    def __init__(self, text: str, diagrams: Mapping[int, list[str]]) -> None:
        self.builder = TreeBuilder()
        self._diagrams = diagrams
        self._lines = text.split("\n")
        self._line = 1
        self._links = self._columns = 0  # Links around the token, and columns of the table.

    def read(self, token: Any) -> None:
        """Add a block, or the beginning or the end of one, to the tree."""
        if token.map:
            self._line = token.map[0] + 1
        builder = self.builder
        if token.type == "inline":
            for child in token.children:
                self._read_inline(child)
        elif token.type == "html_block":
            builder.add_html(token.content, self._line)
        elif token.type in ("fence", "code_block"):
            builder.add(self._code(token))
        elif token.type == "hr":
            builder.add(PageElement("hr", line=self._line))
        elif token.hidden or token.tag in ("thead", "tbody"):
            return
        elif token.type.startswith("footnote_"):
            self._read_footnote(token)
        elif token.nesting > 0:
            self._begin(token)
        elif token.nesting < 0:
            builder.end()

    def _begin(self, token: Any) -> None:
        if token.type == "table_open":
            self._columns = 0
        elif token.type == "tr_open":
            self._check_cells(token.map[0])
        self._columns += token.type == "th_open"
        self.builder.begin(PageElement(_TAGS.get(token.tag, token.tag), self._attributes(token), line=self._line))

    def _check_cells(self, line: int) -> None:
        """Count cells of a row beyond the columns of its table, which the parser ignores as GitHub does."""
        cells = escapedSplit(self._lines[line].strip(" \t>"))
        count = len(cells) - (not cells[0].strip()) - (len(cells) > 1 and not cells[-1].strip())
        if self._columns and count > self._columns:
            self.builder.lose("table cells without a column")

    def _read_footnote(self, token: Any) -> None:
        tags = {"footnote_block_open": "notes", "footnote_open": "note"}
        if token.type in tags:
            numbers = {"number": str(token.meta["id"] + 1), "label": token.meta["label"]} if token.meta else {}
            self.builder.begin(PageElement(tags[token.type], numbers, line=self._line))
        elif token.type.endswith("_close"):
            self.builder.end()

    def _read_inline(self, token: Any) -> None:
        builder = self.builder
        if token.type == "text":
            self._add_text(token.content)
        elif token.type == "softbreak":
            builder.add("\n")
        elif token.type == "hardbreak":
            builder.add(PageElement("br", line=self._line))
        elif token.type == "code_inline":
            builder.add(PageElement("code", {}, [token.content], self._line))
        elif token.type == "html_inline":
            builder.add_html(token.content, self._line)
        elif token.type == "image":
            builder.add(PageElement("img", self._image(token), line=self._line))
        elif token.type == "footnote_ref":
            numbers = {"number": str(token.meta["id"] + 1), "label": token.meta["label"]}
            builder.add(PageElement("footnote", numbers, line=self._line))
        elif token.nesting > 0:
            self._links += token.tag == "a"
            builder.begin(PageElement(token.tag, self._attributes(token), line=self._line))
        elif token.nesting < 0:
            self._links -= token.tag == "a"
            builder.end()

    def _add_text(self, text: str) -> None:
        """Add text with its bare addresses as links."""
        end = 0
        for match in _URL.finditer(text) if not self._links else ():
            self.builder.add(text[end : match.start()])
            self.builder.add(PageElement("a", {"href": match.group()}, [match.group()], self._line))
            end = match.end()
        self.builder.add(text[end:])

    def _code(self, token: Any) -> PageElement:
        words = token.info.split(maxsplit=1)
        language = words[0].strip("{}").lstrip(".") if words else ""
        match = _FENCE.match(language)
        if match and self._diagrams.get(int(match[1])) == _lines(token.content):
            return PageElement("diagram", {"number": match[1]}, line=self._line)
        return PageElement("pre", {"language": language} if language else {}, [token.content.rstrip("\n")], self._line)

    @staticmethod
    def _image(token: Any) -> dict[str, str]:
        values = {"src": str(token.attrs["src"]), "alt": _plain(token), "title": str(token.attrs.get("title", ""))}
        return {name: value for name, value in values.items() if value}

    @staticmethod
    def _attributes(token: Any) -> dict[str, str]:
        attributes = {name: str(value) for name, value in token.attrs.items()}
        align = attributes.pop("style", "").removeprefix("text-align:")
        return {**attributes, **({"align": align} if align in ("center", "right") else {})}


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").split("\n")]


def _plain(token: Any) -> str:
    """Return the text of an image's description."""
    breaks = ("softbreak", "hardbreak")
    return "".join(" " if child.type in breaks else child.content or _plain(child) for child in token.children or [])


def _first_text(element: PageElement) -> PageElement | None:
    """Return the element that contains the text with which an element begins, or None if it begins otherwise."""
    if not element.children:
        return None
    first = element.children[0]
    if isinstance(first, str):
        return element
    return first if first.tag == "p" and first.children and isinstance(first.children[0], str) else None


def _mark_tasks(element: PageElement) -> None:
    """Make items that begin with a box to tick tasks."""
    holder = _first_text(element) if element.tag == "li" else None
    match = _TASK.match(str(holder.children[0])) if holder else None
    if holder and match:
        holder.children[0] = str(holder.children[0])[match.end() :]
        element.attributes["task"] = "open" if match[1] == " " else "done"


def _mark_alert(element: PageElement) -> None:
    """Make a quote that begins with the name of an alert one."""
    holder = _first_text(element) if element.tag == "blockquote" else None
    if not holder:
        return
    first, *others = holder.children
    is_first_line = not others or others[0] == "\n"
    if (match := _ALERT.fullmatch(str(first))) and is_first_line:
        holder.children = others[1:]
        element.tag, element.attributes = "alert", {"kind": match[1].lower()}
        if not holder.children:
            element.children.remove(holder)
