"""What to paste into a wiki for a pattern: its picture, its lists, and its source folded away."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from msgspec import Struct

from diagramkit.graph import Pattern
from diagramkit.markup import escape_markdown


class WikiPage(Struct, frozen=True):
    """What a page says: the pattern, the picture's file name, and what it shows in words."""

    pattern: Pattern
    picture: str
    alt: str

    @property
    def source(self) -> str:
        """The Mermaid."""
        return self.pattern.source_text.strip("\n")


def confluence(page: WikiPage) -> str:
    """Confluence's storage format: the picture is an attachment of the page."""
    esc = html.escape
    code = page.source.replace("]]>", "]]]]><![CDATA[>")
    lists = "".join(
        f"<h3>{heading}</h3>\n<ul>{''.join(f'<li>{esc(item)}</li>' for item in items)}</ul>\n"
        for heading, items in page.pattern.lists
    )
    return (
        f"<h2>{esc(page.pattern.title)}</h2>\n"
        f'<p><ac:image ac:alt="{esc(page.alt)}"><ri:attachment ri:filename="{esc(page.picture)}"/></ac:image></p>\n'
        f"{lists}"
        '<ac:structured-macro ac:name="expand"><ac:parameter ac:name="title">Source</ac:parameter>'
        '<ac:rich-text-body><ac:structured-macro ac:name="code"><ac:plain-text-body>'
        f"<![CDATA[{code}]]></ac:plain-text-body></ac:structured-macro></ac:rich-text-body></ac:structured-macro>\n"
    )


def mediawiki(page: WikiPage) -> str:
    """MediaWiki: the picture is an uploaded file."""
    lists = "".join(
        f"=== {heading} ===\n" + "".join(f"* {_plain(item)}\n" for item in items)
        for heading, items in page.pattern.lists
    )
    alt = _plain(page.alt).replace("|", "&#124;")
    return (
        f"== {_plain(page.pattern.title)} ==\n[[File:{page.picture}|frameless|upright=3|alt={alt}]]\n{lists}"
        '<div class="mw-collapsible mw-collapsed">Source\n'
        f'<pre class="mw-collapsible-content">{html.escape(page.source)}</pre></div>\n'
    )


def github(page: WikiPage) -> str:
    """A GitHub wiki: Markdown, the picture a file of the wiki's repository."""
    return _markdown(page, f"<details>\n<summary>Source</summary>\n\n{_fence(page.source)}\n\n</details>\n")


def notion(page: WikiPage) -> str:
    """Notion: Markdown to import or paste; the picture is uploaded in the image's place."""
    return _markdown(page, f"{_fence(page.source)}\n")


WIKIS: dict[str, tuple[Callable[[WikiPage], str], str]] = {
    "confluence": (confluence, "svg"),
    "mediawiki": (mediawiki, "svg"),
    "github": (github, "svg"),
    "notion": (notion, "png"),
}
"""Who writes a page for which wiki, and the format of picture that it shows."""


def _markdown(page: WikiPage, source: str) -> str:
    lists = "".join(
        f"### {heading}\n\n" + "".join(f"- {escape_markdown(item)}\n" for item in items) + "\n"
        for heading, items in page.pattern.lists
    )
    picture = f"![{escape_markdown(page.alt)}]({page.picture})"
    return f"## {escape_markdown(page.pattern.title)}\n\n{picture}\n\n{lists}{source}"


def _fence(text: str) -> str:
    """A fence longer than any in the text."""
    longest = max((len(run) for run in re.findall("`{3,}", text)), default=2)
    marks = "`" * (longest + 1)
    return f"{marks}mermaid\n{text}\n{marks}"


def _plain(text: str) -> str:
    """Text in which MediaWiki sees no markup."""
    said = html.escape(" ".join(text.split()), quote=False)
    return re.sub(r"[\[\]{}|'=]", lambda found: f"&#{ord(found.group())};", said)
