"""Writes a page in MediaWiki's markup.

Source: mediawiki.org, "Help:Formatting", "Help:Links", "Help:Images", "Help:Tables" and "Extension:Cite". Code and
footnotes need the extensions SyntaxHighlight and Cite, which come with MediaWiki.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from diagramkit.markup import escape_html, escape_text, strip_forbidden
from diagramkit.publish.pages.tree import BLOCKS, PageElement

_MARKUP = re.compile(r"[\[\]{}|]|'{2,}|~{3,}|_{2,}|-\{|\b(?=RFC |PMID |ISBN )")
_LINE_START = re.compile(r"\A[ \t]*([*#:;=\-!])")
_HTML = frozenset(("u", "s", "sub", "sup", "small"))
_ALERTS = {"note": "Note", "tip": "Tip", "important": "Important", "warning": "Warning", "caution": "Caution"}


class MediaWikiWriter:
    """Writes the tree of a page. `diagrams` has the markup of each diagram by its number."""

    def __init__(self, diagrams: Mapping[str, str], notes: Mapping[str, PageElement]) -> None:
        self._diagrams = diagrams
        self._note_texts = notes
        self._cited: set[str] = set()
        self._quotes: list[str] = []  # Around the text that is being written.

    def write(self, tree: PageElement) -> str:
        """Return the markup of a page."""
        return self._blocks(tree) + "\n"

    # Blocks

    def _blocks(self, element: PageElement) -> str:
        """Return the blocks in an element, with a blank line between them."""
        return "\n\n".join(self._block(child) for child in element.children if isinstance(child, PageElement))

    def _block(self, element: PageElement) -> str:
        if re.fullmatch("h[1-6]", element.tag):
            sign = "=" * int(element.tag[1])
            heading = f"{sign} {self._line(element)} {sign}"
            align = element.attributes.get("align")
            return f'<div style="text-align: {align};">\n{heading}\n</div>' if align else heading
        if element.tag in ("ul", "ol"):
            return self._list(element)
        return str(getattr(self, f"_{element.tag}")(element))

    def _p(self, element: PageElement) -> str:
        text = _LINE_START.sub(lambda match: f"&#{ord(match[1])};", self._line(element))
        align = element.attributes.get("align")
        return f'<div style="text-align: {align};">{text}</div>' if align else text

    def _hr(self, _: PageElement) -> str:
        return "----"

    def _pre(self, element: PageElement) -> str:
        text, language = strip_forbidden(element.text), element.attributes.get("language", "")
        if "</syntaxhighlight" in text.lower():  # There is no escape for it.
            return f"<pre>{escape_text(text)}</pre>"
        return f'<syntaxhighlight lang="{escape_html(language.lower() or "text")}">\n{text}\n</syntaxhighlight>'

    def _blockquote(self, element: PageElement) -> str:
        return f"<blockquote>\n{self._blocks(element)}\n</blockquote>"

    def _alert(self, element: PageElement) -> str:
        return f"<blockquote>\n'''{_ALERTS[element.attributes['kind']]}'''\n\n{self._blocks(element)}\n</blockquote>"

    def _details(self, element: PageElement) -> str:
        title = escape(element.attributes.get("summary", "Details"))
        return (
            f'<div class="mw-collapsible mw-collapsed">{title}\n<div class="mw-collapsible-content">\n'
            f"{self._blocks(element)}\n</div></div>"
        )

    def _diagram(self, element: PageElement) -> str:
        return self._diagrams[element.attributes["number"]]

    def _notes(self, _: PageElement) -> str:
        return "<references />"

    def _list(self, element: PageElement) -> str:
        lines = self._list_lines(element, "")
        return "\n".join(lines) if lines else self._html_list(element)

    def _list_lines(self, element: PageElement, prefix: str) -> list[str]:
        """Return a list as lines that begin with `*` and `#`, or nothing if it contains more than lines and lists."""
        if element.attributes.get("start", "1") != "1":
            return []
        prefix, lines = prefix + ("*" if element.tag == "ul" else "#"), []
        for item in element.children:
            assert isinstance(item, PageElement)
            blocks = [child for child in item.children if isinstance(child, PageElement) and child.tag in BLOCKS]
            lists = [block for block in blocks if block.tag in ("ul", "ol")]
            texts = [block for block in blocks if block.tag == "p" and "align" not in block.attributes]
            if len(lists) + len(texts) != len(blocks) or len(texts) > 1 or (texts and blocks[0] is not texts[0]):
                return []
            first = texts[0] if texts else PageElement("p", {}, [] if blocks else item.children)
            lines.append(f"{prefix} {_box(item)}{self._line(first)}")
            for each in lists:
                inner = self._list_lines(each, prefix)
                if not inner:
                    return []
                lines += inner
        return lines

    def _html_list(self, element: PageElement) -> str:
        """Return a list whose items contain blocks, as HTML."""
        start = element.attributes.get("start")
        items = []
        for item in element.children:
            assert isinstance(item, PageElement)
            has_blocks = any(isinstance(child, PageElement) and child.tag in BLOCKS for child in item.children)
            content = f"\n{self._blocks(item)}\n" if has_blocks else self._line(item)
            items.append(f"<li>{_box(item)}{content}</li>")
        start_attribute = f' start="{escape_html(start)}"' if start else ""
        return "\n".join([f"<{element.tag}{start_attribute}>", *items, f"</{element.tag}>"])

    def _table(self, element: PageElement) -> str:
        lines = ['{| class="wikitable"']
        for row in element.children:
            assert isinstance(row, PageElement)
            lines.append("|-")
            lines += [self._cell(cell) for cell in row.children if isinstance(cell, PageElement)]
        return "\n".join([*lines, "|}"])

    def _cell(self, cell: PageElement) -> str:
        attributes = {name: cell.attributes.get(name) for name in ("colspan", "rowspan")}
        attributes["style"] = f"text-align: {align};" if (align := cell.attributes.get("align")) else None
        written = " ".join(f'{name}="{escape_html(value)}"' for name, value in attributes.items() if value)
        has_blocks = any(isinstance(child, PageElement) and child.tag in BLOCKS for child in cell.children)
        content = f"\n{self._blocks(cell)}" if has_blocks else f" {self._line(cell)}".rstrip()
        return f"{'!' if cell.tag == 'th' else '|'}{f' {written} |' if written else ''}{content}"

    # Text

    def _line(self, element: PageElement) -> str:
        """Return the text in an element on one line."""
        return " ".join("".join(map(self._inline, element.children)).split())

    def _inline(self, node: PageElement | str) -> str:
        if isinstance(node, str):
            return escape(node)
        if node.tag in _HTML:
            return f"<{node.tag}>{self._line(node)}</{node.tag}>"
        return str(getattr(self, f"_{node.tag}")(node))

    def _strong(self, element: PageElement) -> str:
        return self._marked(element, "'''")

    def _em(self, element: PageElement) -> str:
        return self._marked(element, "''")

    def _marked(self, element: PageElement, quotes: str) -> str:
        """Return text between quotes that are markup, unless they would end those around it."""
        if quotes in self._quotes:
            return self._line(element)
        self._quotes.append(quotes)
        text = f"{quotes}{_quoted(self._line(element))}{quotes}"
        self._quotes.pop()
        return text

    def _code(self, element: PageElement) -> str:
        return f"<code>{escape(element.text)}</code>"

    def _br(self, _: PageElement) -> str:
        return "<br />"

    def _text(self, element: PageElement) -> str:
        return self._line(element)

    def _anchor(self, element: PageElement) -> str:
        return f'<span id="{escape_html(element.attributes["name"])}"></span>'

    def _img(self, element: PageElement) -> str:
        alt = escape(" ".join(element.attributes.get("alt", "").split()))
        if attachment := element.attributes.get("attachment"):
            width = element.attributes.get("width", "").removesuffix("px")
            size = f"|{width}px" if width.isdigit() else ""
            return f"[[File:{attachment}{size}{f'|alt={alt}' if alt else ''}]]"
        url = element.attributes.get("url", "")
        return f"[{_url(url)} {alt or escape(url)}]"  # MediaWiki does not show pictures of other sites.

    def _a(self, element: PageElement) -> str:
        values, text = element.attributes, self._line(element)
        if any(each.tag == "img" for each in element.elements):
            return f"{text} [{_url(values.get('url', ''))}]" if values.get("url") else text
        if "url" in values:
            return f"[{_url(values['url'])} {text}]" if text != escape(values["url"]) else _url(values["url"])
        if attachment := values.get("attachment"):
            return f"[[Media:{attachment}|{text}]]"
        fragment = f"#{escape(values['fragment'])}" if values.get("fragment") else ""
        return f"[[{escape(values.get('page', ''))}{fragment}|{text}]]"

    def _footnote(self, element: PageElement) -> str:
        number = element.attributes["number"]
        note = self._note_texts.get(number)
        if number in self._cited or note is None:
            return f'<ref name="note-{number}" />'
        self._cited.add(number)
        children = (child for child in note.children if isinstance(child, PageElement))
        texts = [self._line(child) if child.tag == "p" else self._block(child) for child in children]
        return f'<ref name="note-{number}">{"<br />".join(texts)}</ref>'


def escape(text: str) -> str:
    """Return text in which nothing acts as markup."""
    return _MARKUP.sub(lambda match: "".join(f"&#{ord(char)};" for char in match.group()), escape_text(text))


def _quoted(text: str) -> str:
    """Return text to stand between quotes that are markup."""
    return re.sub(r"\A'|'\Z", "&#39;", text)


def _url(url: str) -> str:
    """Return an address that may stand in an external link, which a blank or a bracket would end."""
    return re.sub(r"[\s\[\]<>\"'{}|]", lambda match: f"%{ord(match.group()):02X}", strip_forbidden(url))


def _box(item: PageElement) -> str:
    return {"done": "☑ ", "open": "☐ "}.get(item.attributes.get("task", ""), "")
