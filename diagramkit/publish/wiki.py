"""Write the page of a pattern for a wiki: its picture, its lists, its notes, and its source, collapsed."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

from diagramkit.graph import Pattern
from diagramkit.markup import escape_html, escape_markdown, escape_text, strip_forbidden
from diagramkit.sources.markdown import fence_text


class WikiPage(Struct, frozen=True):
    """The content of a page: the pattern, the file name of its picture, and the alternative text."""

    pattern: Pattern
    picture: str
    alt: str

    @property
    def source(self) -> str:
        """The Mermaid text, without characters that XML cannot contain."""
        return strip_forbidden(self.pattern.source_text).strip("\n")


def confluence(page: WikiPage) -> str:
    """Return the page in Confluence's storage format. The picture is an attachment of the page."""
    esc = escape_html
    # A CDATA section cannot contain "]]>": split it in two there.
    code = page.source.replace("]]>", "]]]]><![CDATA[>")
    lists = "".join(
        f"<h3>{heading}</h3>\n<ul>{''.join(f'<li>{esc(item)}</li>' for item in items)}</ul>\n"
        for heading, items in page.pattern.lists
    )
    return (
        f"<h2>{esc(page.pattern.title)}</h2>\n"
        f'<p><ac:image ac:alt="{esc(page.alt)}"><ri:attachment ri:filename="{esc(page.picture)}"/></ac:image></p>\n'
        f"{lists}{_html(page.pattern.notes)}"
        '<ac:structured-macro ac:name="expand"><ac:parameter ac:name="title">Source</ac:parameter>'
        '<ac:rich-text-body><ac:structured-macro ac:name="code"><ac:plain-text-body>'
        f"<![CDATA[{code}]]></ac:plain-text-body></ac:structured-macro></ac:rich-text-body></ac:structured-macro>\n"
    )


def mediawiki(page: WikiPage) -> str:
    """Return the page in MediaWiki's markup. The picture is an uploaded file."""
    lists = "".join(
        f"=== {heading} ===\n" + "".join(f"* {_escape_mediawiki(item)}\n" for item in items)
        for heading, items in page.pattern.lists
    )
    alt = _escape_mediawiki(page.alt).replace("|", "&#124;")
    return (
        f"== {_escape_mediawiki(page.pattern.title)} ==\n[[File:{page.picture}|frameless|upright=3|alt={alt}]]\n{lists}"
        f"{_mediawiki_text(page.pattern.notes)}"
        '<div class="mw-collapsible mw-collapsed">Source\n'
        f'<pre class="mw-collapsible-content">{escape_html(page.source)}</pre></div>\n'
    )


def github(page: WikiPage) -> str:
    """Return the page for a GitHub wiki, as Markdown. The picture is a file in the wiki's repository."""
    return _markdown(page, f"<details>\n<summary>Source</summary>\n\n{fence_text(page.source)}\n\n</details>\n")


def notion(page: WikiPage) -> str:
    """Return the page for Notion, as Markdown to import or paste. Upload the picture in place of the image."""
    return _markdown(page, f"{fence_text(page.source)}\n")


WIKIS: dict[str, tuple[Callable[[WikiPage], str], str]] = {
    "confluence": (confluence, "svg"),
    "mediawiki": (mediawiki, "svg"),
    "github": (github, "svg"),
    "notion": (notion, "png"),
}
"""By wiki: the function that writes its page, and the picture format that it shows."""


def _markdown(page: WikiPage, source: str) -> str:
    lists = "".join(
        f"### {heading}\n\n" + "".join(f"- {escape_markdown(item)}\n" for item in items) + "\n"
        for heading, items in page.pattern.lists
    )
    picture = f"![{escape_markdown(page.alt)}]({page.picture})"
    notes = f"{strip_forbidden(page.pattern.notes)}\n\n" if page.pattern.notes else ""
    return f"## {escape_markdown(page.pattern.title)}\n\n{picture}\n\n{lists}{notes}{source}"


def _html(markdown: str) -> str:
    """Return Markdown as XHTML without images, which would have to be attached. HTML in it becomes text."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True}).enable("table").disable("image")
    return parser.render(strip_forbidden(markdown)) if markdown else ""


def _mediawiki_text(markdown: str) -> str:
    """Return Markdown in MediaWiki's markup: the HTML that MediaWiki accepts, with its own notation for links."""
    html = re.sub("[\\[\\]{}|']", lambda match: f"&#{ord(match.group())};", _html(markdown))
    return re.sub(r'<a href="([^"<]*)"[^<>]*>((?:(?!</?a\b).)*)</a>', _mediawiki_link, html, flags=re.S)


def _mediawiki_link(match: re.Match[str]) -> str:
    """Return a link in MediaWiki's notation, or its text if the address is not one that MediaWiki links to."""
    address, text = match.groups()
    return f"[{address} {text}]" if re.match("https?://|mailto:", address) else str(text)


def _escape_mediawiki(text: str) -> str:
    """Return a text in one line with everything escaped that MediaWiki would treat as markup."""
    escaped = escape_text(" ".join(text.split()))
    return re.sub(r"[\[\]{}|'=]", lambda match: f"&#{ord(match.group())};", escaped)
