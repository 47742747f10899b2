"""Reads the labels of sources: HTML, entities and Markdown become lines of styled text.

White space of every kind separates words, as in HTML. Plain labels contain no Markdown: their `*` and `_` are text.
"""

from __future__ import annotations

import html
import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from diagramkit import data
from diagramkit.graph import Edge, Graph, Group, Node
from diagramkit.style import colors, css
from diagramkit.style.text_style import PLAIN, StyledLine, StyledText, TextStyle, text_of

if TYPE_CHECKING:
    from markdown_it.token import Token

_BREAK, _TAG = "break", "tag"
_MARKUP = re.compile(
    r"(?P<break>\\n|\n)|(?P<ignored><!--[^<>]*-->|\bfa[bklrs]?:fa-[\w-]+\s*)"
    r"|(?P<tag><(?P<close>/?)(?P<name>[a-zA-Z][\w-]*)(?P<attributes>[^<>]*)>)"
)
_MARKUP_START = re.compile(r"[<\\\n]|:fa-")
_ATTRIBUTE = re.compile(r"(?<![\w-])([\w-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
_SPACES = re.compile(" +")
_REMOVED_HTML = re.compile(r"<!--[^<>]*-->|\A(?:\s*</[a-zA-Z][^<>]*>)+")
"""What Mermaid's sanitizer removes before Markdown is read: comments, and tags that close nothing."""
_INDENTED_HTML = re.compile(r"(\S[^\S\n]*\n)[ \t]+(?=<)")
"""Lines that Mermaid takes for the paragraph above them; in CommonMark, that takes four spaces."""
_MIN_SCALE, _MAX_SCALE = 0.25, 6.0
_MAX_DEPTH = 512  # Of elements in each other, as in Chromium.
_FORMATTING = frozenset(["a", "b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"])
"""The elements that only their own end tags close, even if elements around them end earlier."""
_JOINERS = "\u200c\u200d"  # Unprintable, but they change the shapes of their neighbors.


class Tag(Struct, frozen=True):
    """An HTML tag in a label: the name of its element, whether it is a closing tag, and its attributes."""

    name: str
    closes: bool
    attributes: dict[str, str]


@lru_cache(maxsize=4096)
def styled_lines(label: str, markdown: bool = False, base: TextStyle = PLAIN) -> tuple[StyledLine, ...]:
    """Return the lines of a label without those that are empty; `base` is the style of its text.

    `markdown` says that the label is a Markdown string.
    """
    source = _with_emphasis_as_tags(label) if markdown else label
    if not _MARKUP_START.search(source):
        line = _collapsed([StyledText(_text(source), base)])
        return (line,) if line else ()
    return _LabelReader(base, base).read(source)


def literal_line(text: str) -> StyledLine:
    """Return a text that contains neither HTML nor Markdown, such as a title, as one line."""
    return _collapsed([StyledText(_printable(text))])


@lru_cache(maxsize=4096)
def plain_lines(label: str, markdown: bool = False) -> tuple[str, ...]:
    """Return the lines of a label without their styles."""
    return tuple(map(text_of, styled_lines(label, markdown)))


def plain_text(label: str, markdown: bool = False) -> str:
    """Return a label as plain text with newlines between its lines."""
    return "\n".join(plain_lines(label, markdown))


def one_line(item: Node | Edge | Group) -> str:
    """Return an item's label as plain text on one line."""
    return " ".join(plain_lines(item.label, item.markdown))


def names(graph: Graph) -> dict[str, str]:
    """Return what to call each node and group, by its id: its label on one line, or its id if it has none."""
    items: list[Node | Group] = [*graph.nodes, *graph.groups]
    return {item.id: one_line(item) or item.id for item in items}


def tags(label: str) -> list[Tag]:
    """Return the HTML tags of a label."""
    return [_tag(match) for match in _MARKUP.finditer(label) if match.lastgroup == _TAG] if "<" in label else []


class _LabelReader(Struct):
    """Collects lines. `open_tags` are the tags of the open elements, outer ones first; `base` is the style around them.

    `style` is that of the text at this point. Mermaid puts a label into a paragraph, which the first block ends;
    `in_paragraph` is whether it still goes on, and `around_table` are the tags that go on after a table that ended it.
    """

    base: TextStyle
    style: TextStyle
    lines: list[list[StyledText]] = field(default_factory=lambda: [[]])
    open_tags: list[Tag] = field(default_factory=list)
    in_paragraph: bool = True
    around_table: list[Tag] = field(default_factory=list)

    def read(self, source: str) -> tuple[StyledLine, ...]:
        """Return the lines of a source."""
        end = 0
        for match in _MARKUP.finditer(source):
            self._add_text(source[end : match.start()])
            end = match.end()
            if match.lastgroup == _BREAK:
                self.lines.append([])
            elif match.lastgroup == _TAG:
                self._add_tag(_tag(match))
        self._add_text(source[end:])
        return tuple(line for parts in self.lines if (line := _collapsed(parts)))

    def _add_text(self, text: str) -> None:
        if text and not any(tag.name in html_elements().hidden for tag in self.open_tags):
            self.lines[-1].append(StyledText(_text(text), self.style))

    def _add_tag(self, tag: Tag) -> None:
        elements = html_elements()
        if tag.name in elements.table_parts and not any(open_tag.name == "table" for open_tag in self.open_tags):
            return  # Outside of a table, browsers ignore them.
        if tag.name in elements.blocks:
            self.lines.append([])
            if self.in_paragraph and not tag.closes and tag.name != "br":
                self._end_paragraph(tag.name)
        elif tag.name in elements.cells:
            self._add_text(" ")
        if tag.closes:
            self.in_paragraph = self.in_paragraph and tag.name != "p"
            self._close(tag.name)
        elif tag.name not in ("br", "hr", "img", "wbr") and len(self.open_tags) < _MAX_DEPTH:
            self.open_tags.append(tag)
            self.style = _style_of(tag, self.style)

    def _end_paragraph(self, block: str) -> None:
        """End the paragraph and the elements in it; formatting begins again, but in a table only after it."""
        self.in_paragraph = block == "p"
        formatting = [tag for tag in self.open_tags if tag.name in _FORMATTING]
        if block == "table":
            self.around_table, formatting = formatting, []
        self._set_open_tags(formatting)

    def _set_open_tags(self, open_tags: list[Tag]) -> None:
        self.open_tags = open_tags
        self.style = self.base
        for tag in open_tags:
            self.style = _style_of(tag, self.style)

    def _close(self, name: str) -> None:
        """Close the innermost element with this name.

        Formatting that began inside it goes on unless it is closed too, as in browsers (HTML Standard, 13.2.6.4.7), but
        not beyond a cell of a table.
        """
        elements, opened = html_elements(), [tag.name for tag in self.open_tags]
        if name not in opened:
            return
        index = len(opened) - 1 - opened[::-1].index(name)
        inner = [] if name in elements.cells else self.open_tags[index + 1 :]
        going_on = _FORMATTING | elements.blocks if name in _FORMATTING else _FORMATTING
        going_on_tags = [*self.open_tags[:index], *(tag for tag in inner if tag.name in going_on)]
        if name == "table" and index == 0:
            going_on_tags, self.around_table = [*self.around_table, *going_on_tags], []
        self._set_open_tags(going_on_tags)


class HtmlElements(Struct, frozen=True):
    """The HTML elements that are drawn; `html.yaml` describes the fields."""

    styles: dict[str, TextStyle]
    blocks: frozenset[str]
    cells: frozenset[str]
    table_parts: frozenset[str]
    ignored: frozenset[str]
    hidden: frozenset[str]
    font_sizes: tuple[float, ...]

    def draws(self, name: str) -> bool:
        """Return whether an element is drawn as browsers draw it."""
        return name in self.styles or name in self.blocks or name in self.cells or name in self.ignored


@cache
def html_elements() -> HtmlElements:
    """Return the HTML elements that are drawn."""
    table = data.load("style", "html.yaml")
    return HtmlElements(
        {name: TextStyle(**fields) for name, fields in table["styles"].items()},
        frozenset(table["blocks"]),
        frozenset(table["cells"]),
        frozenset(table["table_parts"]),
        frozenset(table["ignored"]),
        frozenset(table["hidden"]),
        tuple(map(float, table["font_sizes"])),
    )


def _tag(match: re.Match[str]) -> Tag:
    attributes = {
        name.lower(): html.unescape(double or single or bare)
        for name, double, single, bare in _ATTRIBUTE.findall(match["attributes"])
    }
    return Tag(match["name"].lower(), match["close"] == "/", attributes)


def _style_of(tag: Tag, inherited: TextStyle) -> TextStyle:
    """Return the style of an element's text."""
    elements = html_elements()
    own = elements.styles.get(tag.name, PLAIN)
    style = TextStyle(
        own.bold or inherited.bold,
        own.italic or inherited.italic,
        own.underline or inherited.underline,
        own.strikethrough or inherited.strikethrough,
        own.monospace or inherited.monospace,
        inherited.size,
        _limited(inherited.scale * own.scale),
        inherited.rise + own.rise * inherited.scale,
        inherited.color,
    )
    if not tag.attributes:
        return style
    values = css.declarations(tag.attributes.get("style", ""))
    if tag.name == "font":
        values = {"color": colors.parse_legacy(tag.attributes.get("color", "")) or ""} | values
        size = tag.attributes.get("size", "")
        if size in map(str, range(1, len(elements.font_sizes) + 1)):
            style = replace(style, scale=elements.font_sizes[int(size) - 1])
    style = css.text_style(values, style)
    if own_size := css.parse_text_size(values.get("font-size")):
        if own_size.is_factor:
            style = replace(style, scale=_limited(style.scale * own_size.value))
        else:
            style = replace(style, size=own_size.points(0.0), scale=1.0)
    color = colors.parse(values.get("color", ""))
    if "hidden" in tag.attributes or css.hides_text(values):
        color = colors.NONE
    return style if color is None else replace(style, color=color)


def _limited(scale: float) -> float:
    """Return a factor of the text size that is neither 0 nor immense."""
    return min(max(scale, _MIN_SCALE), _MAX_SCALE)


def _text(markup: str) -> str:
    """Return the text of markup without tags: with entities decoded, as `_printable` does the rest."""
    return _printable(html.unescape(markup) if "&" in markup else markup)


def _printable(text: str) -> str:
    """Return a text with white space as spaces, and without other unprintable characters."""
    if text.isprintable():
        return text
    spaced = (" " if char.isspace() else char for char in text)
    return "".join(char for char in spaced if char.isprintable() or char in _JOINERS)


def _collapsed(parts: list[StyledText]) -> StyledLine:
    """Return parts as a line: without spaces at its ends or next to each other, and without empty parts."""
    line: list[StyledText] = []
    after_space = True
    for part in parts:
        text = _SPACES.sub(" ", part.text) if "  " in part.text else part.text
        text = text[1:] if after_space and text.startswith(" ") else text
        if not text:
            continue
        after_space = text.endswith(" ")
        if line and line[-1].style == part.style:
            line[-1] = StyledText(line[-1].text + text, part.style)
        else:
            line.append(StyledText(text, part.style))
    while line and after_space:
        last = line.pop()
        if text := last.text.rstrip(" "):
            line.append(StyledText(text, last.style))
            break
    return tuple(line)


def _with_emphasis_as_tags(label: str) -> str:
    """Return a Markdown string whose emphasis (CommonMark, section 6.2) is written as HTML tags.

    Code between backticks (section 6.1) contains none; it stays as it is written, as in Mermaid. Neither does a line
    that begins with a block of HTML, nor the lines after it up to an empty one (section 4.6).
    """
    if "*" not in label and "_" not in label:
        return label
    source = _INDENTED_HTML.sub(r"\1    ", _REMOVED_HTML.sub("", label))
    blocks = _markdown_parser().parse(source)
    return "\n".join(_emphasis_as_tags(block) for block in blocks if block.type in ("inline", "html_block"))


def _emphasis_as_tags(block: Token) -> str:
    if block.type == "html_block":
        return block.content
    written = {"strong_open": "<strong>", "strong_close": "</strong>", "em_open": "<em>", "em_close": "</em>"}
    return "".join(
        f"{token.markup}{token.content}{token.markup}"
        if token.type == "code_inline"
        else written.get(token.type, token.content)
        for token in block.children or ()
    )


@cache
def _markdown_parser():  # type: ignore[no-untyped-def]  # Its import is slow, and few labels need it.
    from markdown_it import MarkdownIt

    return MarkdownIt("zero", {"html": True}).enable(["html_block", "emphasis", "escape", "backticks"])
