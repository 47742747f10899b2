"""Write a gallery of all patterns: one HTML page that needs no network, and the same in Markdown, for GitHub."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from string import Template
from urllib.parse import quote

from msgspec import Struct

from diagramkit import data
from diagramkit.graph import Pattern
from diagramkit.markup import escape_html, escape_markdown
from diagramkit.sources.label_text import one_line


class GalleryEntry(Struct, frozen=True):
    """A pattern in the gallery.

    `light` and `dark` are its SVG in both themes, `alt` is the alternative text. `files` has pairs of an extension and
    a path to a file to link to, relative to the page and with `/`. These files have the title in the picture if they
    are `titled`.
    """

    pattern: Pattern
    light: bytes
    dark: bytes
    alt: str
    files: tuple[tuple[str, str], ...] = ()
    titled: bool = False


def page(title: str, entries: Sequence[GalleryEntry]) -> str:
    """Return the HTML page, which contains its styles, script and pictures."""
    sections = "\n".join(_section(name, group) for name, group in _by_category(entries))
    return _fill_template(title, sections, len(entries))


def sections(entries: Iterable[GalleryEntry], links: dict[str, tuple[str, str]]) -> str:
    """Return the HTML of all categories, with links to the pictures instead of the pictures.

    `links` has the addresses of the light and the dark picture by the stem of the pattern.
    """
    return "\n".join(_section(name, group, links) for name, group in _by_category(entries))


def live_page(title: str, sections: str, count: int, header: str, scripts: tuple[str, ...], style: str) -> str:
    """Return the page for `diagramkit serve`: a gallery with `header` above it, and with more scripts and styles."""
    script_elements = "".join(f"<script>{script}</script>" for script in scripts)
    policy = "".join(f" 'sha256-{_digest(script)}'" for script in scripts)
    return _fill_template(title, sections, count, header, f"<style>{style}</style>{script_elements}", policy)


def _digest(script: str) -> str:
    """Return the digest of a script as a Content-Security-Policy has it (CSP Level 3, section 2.3.1)."""
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _fill_template(
    title: str, sections: str, count: int, header: str = "", more_elements: str = "", more_policy: str = ""
) -> str:
    script = "".join(data.text("publish", name).decode("utf-8") for name in ("zoom.js", "gallery.js"))
    return Template(data.text("publish", "gallery.html").decode("utf-8")).substitute(
        title=escape_html(title),
        count=count,
        sections=sections,
        script=script,
        extra=header,
        more=more_elements,
        style=data.text("publish", "gallery.css").decode("utf-8"),
        policy=f"'sha256-{_digest(script)}'{more_policy}",
    )


def _by_category(entries: Iterable[GalleryEntry]) -> list[tuple[str, list[GalleryEntry]]]:
    groups: dict[str, list[GalleryEntry]] = {}
    for entry in entries:
        groups.setdefault(entry.pattern.category or "Diagrams", []).append(entry)
    return list(groups.items())


def _section(name: str, entries: Sequence[GalleryEntry], links: dict[str, tuple[str, str]] | None = None) -> str:
    cards = "\n".join(_card(entry, links) for entry in entries)
    return f'<section>\n<h2>{escape_html(name)}</h2>\n<div class="cards">\n{cards}\n</div>\n</section>'


def _card(entry: GalleryEntry, links: dict[str, tuple[str, str]] | None) -> str:
    """Return the HTML of one pattern. The gallery's script copies `data-markdown` and `data-html`."""
    esc, pattern = escape_html, entry.pattern
    name = pattern.stem
    light, dark = links[name] if links else (_data_uri(entry.light), _data_uri(entry.dark))
    picture = dict(entry.files).get("svg") or f"{name}.svg"
    markdown_image = f"![{escape_markdown(pattern.title)}]({quote(picture)})"
    html_image = f'<img src="{esc(quote(picture))}" alt="{esc(entry.alt)}">'
    file_links = "".join(f'<a href="{esc(quote(path))}">{ending.upper()}</a>' for ending, path in entry.files)
    open_links = f"<span>Open</span>{file_links}" if file_links else ""
    buttons = "".join(
        f'<button type="button" data-copy="{kind}" aria-label="Copy {label} of {esc(pattern.title)}">{label}</button>'
        for kind, label in (
            ("svg", "SVG"),
            ("png", "PNG"),
            ("markdown", "Markdown"),
            ("html", "HTML"),
        )
    )
    return (
        f'<article id="{esc(name)}" data-words="{esc(_search_words(pattern))}" data-markdown="{esc(markdown_image)}" '
        f'data-html="{esc(html_image)}">\n<h3>{esc(pattern.title)}</h3>\n'
        f'<button type="button" class="picture" aria-label="Enlarge {esc(pattern.title)}">'
        f'<img class="light" alt="{esc(entry.alt)}" src="{light}">'
        f'<img class="dark" alt="{esc(entry.alt)}" src="{dark}"></button>\n'
        f"{_lists(pattern)}"
        f'<div class="tools" role="group" aria-label="Copy or open {esc(pattern.title)}">'
        f"<span>Copy</span>{buttons}{open_links}</div>\n"
        "</article>"
    )


def _data_uri(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode('ascii')}"


def _lists(pattern: Pattern) -> str:
    inner = "".join(
        f"<h4>{heading}</h4><ul>{''.join(f'<li>{escape_html(item)}</li>' for item in items)}</ul>"
        for heading, items in pattern.lists
    )
    return f"<details><summary>Components and best practices</summary>{inner}</details>\n" if inner else ""


def _search_words(pattern: Pattern) -> str:
    """Return the text that the gallery's search looks in."""
    texts = [pattern.title, pattern.category or "", *pattern.components, *pattern.best_practices]
    texts += [one_line(node) for node in pattern.graph.nodes]
    texts += [group.label for group in pattern.graph.groups]
    return " ".join(" ".join(texts).split())


def readme(title: str, entries: Sequence[GalleryEntry]) -> str:
    """Return the gallery as a README in Markdown, which GitHub shows with a folder."""
    lines = [f"# {escape_markdown(title)}", ""]
    for name, group in _by_category(entries):
        lines += [f"## {escape_markdown(name)}", ""]
        for entry in group:
            files = dict(entry.files)
            picture = files.get("svg") or files.get("png")
            if not (picture and entry.titled):
                lines += [f"### {escape_markdown(entry.pattern.title)}", ""]
            if picture:
                lines += [f"![{escape_markdown(entry.alt)}]({quote(picture)})", ""]
            links = " · ".join(f"[{ending.upper()}]({quote(path)})" for ending, path in entry.files)
            lines += [links, ""] if links else []
            for heading, items in entry.pattern.lists:
                lines += [f"**{heading}**", "", *(f"- {escape_markdown(item)}" for item in items), ""]
    return "\n".join(lines).rstrip("\n") + "\n"
