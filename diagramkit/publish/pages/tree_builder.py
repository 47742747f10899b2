"""Builds the tree of a page from the events of a parser: elements that begin and end, and text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from msgspec import Struct

from diagramkit.publish.pages.tree import BLOCKS, PageElement

_SAME = (
    "h1", "h2", "h3", "h4", "h5", "h6", "p", "a", "br", "hr", "ul", "ol", "li", "table", "tr", "th", "td",
    "blockquote", "pre", "strong", "em", "code", "sub", "sup", "u", "small", "s", "details",
)  # fmt: skip
_OTHER_NAMES = {
    "b": "strong", "i": "em", "cite": "em", "var": "em", "dfn": "em", "mark": "strong", "kbd": "code", "tt": "code",
    "samp": "code", "del": "s", "strike": "s", "ins": "u", "dt": "p", "dd": "blockquote",
}  # fmt: skip
_ELEMENTS = {**{name: name for name in _SAME}, **_OTHER_NAMES}
"""The elements of HTML that a tree has, by name."""

_TRANSPARENT = frozenset((
    "div", "span", "center", "section", "article", "header", "footer", "main", "nav", "aside", "figure",
    "figcaption", "picture", "source", "thead", "tbody", "tfoot", "dl", "colgroup", "col", "caption", "font",
    "big", "abbr", "label", "html", "body",
))  # fmt: skip
"""Elements of which only the content matters."""

_WITHOUT_CONTENT = frozenset((
    "br", "hr", "img", "input", "source", "col", "wbr", "meta", "link",
))  # fmt: skip
_UNSEEN = frozenset(("script", "style", "template", "noscript", "head", "title"))
_COPIED_ATTRIBUTES = {"a": ("href",), "td": ("colspan", "rowspan"), "th": ("colspan", "rowspan"), "ol": ("start",)}
_ALIGNED = frozenset(("p", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6"))
_ALIGN = re.compile(r"text-align\s*:\s*(left|center|right)")


class _Open(Struct):
    """An element that has begun: its name in HTML or Markdown, what receives its content, and its origin."""

    name: str
    element: PageElement
    is_html: bool


class TreeBuilder(HTMLParser):
    """Builds a tree. Elements of Markdown end what HTML left open in them; HTML never ends elements of Markdown.

    `lost` collects what the tree does not contain, as words for a message.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = PageElement("page")
        self.lost: dict[str, int] = {}
        self.line = 1
        self._open = [_Open("page", self.root, is_html=False)]
        self._unseen: list[str] = []

    def begin(self, element: PageElement) -> None:
        """Begin an element of Markdown."""
        self._end_lines_before(element)
        self._append(element)
        self._open.append(_Open(element.tag, element, is_html=False))

    def end(self) -> None:
        """End the element of Markdown that began last, and what HTML left open in it."""
        while self._open.pop().is_html:
            pass

    def add(self, child: PageElement | str) -> None:
        """Add text or an element without content to the open element."""
        if not self._unseen:
            self._end_lines_before(child)
            self._append(child)

    def add_html(self, html: str, line: int) -> None:
        """Add a fragment of HTML: whole blocks, or one tag in a line of text."""
        self.line = line
        self.feed(html)
        self.close()
        self.reset()

    def lose(self, what: str) -> None:
        """Count something that the tree does not contain."""
        self.lost[what] = self.lost.get(what, 0) + 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element of HTML."""
        values = {name: value or "" for name, value in attrs}
        if tag in _UNSEEN:
            self.lose(f"<{tag}>")
            self._unseen.append(tag)
        elif self._unseen:
            return
        elif tag == "img":
            copied = {name: values[name] for name in ("src", "alt", "title", "width", "height") if values.get(name)}
            self._append(PageElement("img", copied, line=self.line))
        elif tag == "input" and values.get("type") == "checkbox":
            self._append("☑ " if "checked" in values else "☐ ")
        elif tag in ("br", "hr"):
            self._append(PageElement(tag, line=self.line) if tag == "br" or not self._in_line() else " ")
        elif tag not in _WITHOUT_CONTENT:
            self._begin_html(tag, values)
        elif tag not in _TRANSPARENT:
            self.lose(f"<{tag}>")

    def _begin_html(self, tag: str, values: dict[str, str]) -> None:
        name = _ELEMENTS.get(tag)
        if name in ("li", "td", "th", "tr"):
            self._end_implied(tag)
        if name in BLOCKS and self._in_line():
            self._end_paragraph()
            name = None if self._in_line() else name
        place = values.get("id") or (values.get("name") if tag == "a" else None)
        if place:
            self._append(PageElement("anchor", {"name": place}, line=self.line))
        if tag == "a" and not values.get("href"):
            name = None
        if name is None:
            if values.get("style") or (values.get("align") and tag in _TRANSPARENT):
                self.lose("styles in HTML")
            if tag not in _TRANSPARENT and tag not in _ELEMENTS and tag != "summary":
                self.lose(f"<{tag}>")
            element = self._summary() if tag == "summary" else self._open[-1].element
            self._open.append(_Open(tag, element, is_html=True))
            return
        copied = {key: values[key] for key in _COPIED_ATTRIBUTES.get(name, ()) if values.get(key)}
        align = values.get("align", "").lower() or "".join(_ALIGN.findall(values.get("style", ""))[:1])
        if align in ("center", "right") and name in _ALIGNED:
            copied["align"] = align
        if values.get("style") and not _ALIGN.fullmatch(values["style"].strip(" ;")):
            self.lose("styles in HTML")
        element = PageElement(name, copied, line=self.line)
        self._append(element)
        self._open.append(_Open(tag, element, is_html=True))

    def _summary(self) -> PageElement:
        """Return an element for the summary of the open `details`, which is not a child of it."""
        return PageElement("summary")

    def handle_endtag(self, tag: str) -> None:
        """End an element of HTML, and those in it. An end without a beginning has no effect."""
        if self._unseen:
            if tag == self._unseen[-1]:
                self._unseen.pop()
            return
        for index in range(len(self._open) - 1, 0, -1):
            if not self._open[index].is_html:
                return
            if self._open[index].name == tag:
                closed = self._open[index]
                del self._open[index:]
                if tag == "summary" and self._open[-1].element.tag == "details":
                    self._open[-1].element.attributes["summary"] = " ".join(closed.element.text.split())
                return

    def handle_data(self, data: str) -> None:
        """Add text of HTML, in which line ends are blanks except in code."""
        if any(each.element.tag == "pre" for each in self._open):
            self.add(data)
        elif data.strip() or self._in_line():
            self.add(re.sub(r"\s+", " ", data))

    def handle_comment(self, data: str) -> None:
        """Count a comment, unless it is a mark of `diagramkit embed`."""
        if not data.strip().startswith("diagramkit:"):
            self.lose("comments")

    def _append(self, child: PageElement | str) -> None:
        self._open[-1].element.children.append(child)

    def _in_line(self) -> bool:
        """Return whether only text may be added: in a paragraph, a heading or an element of text."""
        tag = self._open[-1].element.tag
        return tag in ("p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "summary") or tag not in BLOCKS

    def _end_lines_before(self, child: PageElement | str) -> None:
        """End the lines of HTML that are open if a block of Markdown follows, which cannot be in them."""
        while isinstance(child, PageElement) and child.tag in BLOCKS and self._open[-1].is_html and self._in_line():
            self._open.pop()

    def _end_paragraph(self) -> None:
        """End the paragraph of HTML that is open, as a browser does before a block."""
        if self._open[-1].is_html and self._open[-1].element.tag == "p":
            self._open.pop()

    def _end_implied(self, tag: str) -> None:
        """End an open item or cell whose end is not written, as a browser does before the next one."""
        ended = {"li": ("li",), "td": ("td", "th"), "th": ("td", "th"), "tr": ("td", "th", "tr")}[tag]
        while self._open[-1].is_html and self._open[-1].name in ended:
            self._open.pop()
