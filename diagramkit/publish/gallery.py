"""A gallery: one page with all patterns, that needs no network; and the same as Markdown, for GitHub."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterable, Sequence
from string import Template
from urllib.parse import quote

from msgspec import Struct

from diagramkit import data
from diagramkit.graph import Pattern
from diagramkit.markup import markdown
from diagramkit.measure.text_layout import plain_lines

_FILES = ("svg", "png", "mmd")


class GalleryEntry(Struct, frozen=True):
    """A pattern in the gallery: its pictures in light and dark (SVG), what they show in words, and the files
    beside the page by their ending, as paths from it with `/`."""

    pattern: Pattern
    light: bytes
    dark: bytes
    alt: str
    files: tuple[tuple[str, str], ...] = ()


def page(title: str, shown: Sequence[GalleryEntry]) -> str:
    """The page as HTML, styles, script and pictures inside it."""
    sections = "\n".join(_section(name, group) for name, group in _by_category(shown))
    return _filled(title, sections, len(shown))


def sections(shown: Iterable[GalleryEntry], links: dict[str, tuple[str, str]]) -> str:
    """The categories as HTML whose pictures are linked, light and dark by the pattern's name, not inside it."""
    return "\n".join(_section(name, group, links) for name, group in _by_category(shown))


def live(title: str, sections: str, count: int, extra: str, more: tuple[str, ...], style: str) -> str:
    """A page with more in it than a gallery: `extra` above it, scripts and a style of its own."""
    scripts = "".join(f"<script>{script}</script>" for script in more)
    policy = "".join(f" 'sha256-{_digest(script)}'" for script in more)
    return _filled(title, sections, count, extra, f"<style>{style}</style>{scripts}", policy)


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _filled(title: str, sections: str, count: int, extra: str = "", more: str = "", policy: str = "") -> str:
    script = data.text("publish", "gallery.js").decode("utf-8")
    return Template(data.text("publish", "gallery.html").decode("utf-8")).substitute(
        title=html.escape(title),
        count=count,
        sections=sections,
        script=script,
        extra=extra,
        more=more,
        style=data.text("publish", "gallery.css").decode("utf-8"),
        policy=f"'sha256-{_digest(script)}'{policy}",
    )


def _by_category(shown: Iterable[GalleryEntry]) -> list[tuple[str, list[GalleryEntry]]]:
    found: dict[str, list[GalleryEntry]] = {}
    for one in shown:
        found.setdefault(one.pattern.category or "Diagrams", []).append(one)
    return list(found.items())


def _section(name: str, shown: Sequence[GalleryEntry], links: dict[str, tuple[str, str]] | None = None) -> str:
    cards = "\n".join(_card(one, links) for one in shown)
    return f'<section>\n<h2>{html.escape(name)}</h2>\n<div class="cards">\n{cards}\n</div>\n</section>'


def _card(shown: GalleryEntry, links: dict[str, tuple[str, str]] | None) -> str:
    esc, pattern = html.escape, shown.pattern
    name = pattern.stem
    light, dark = links[name] if links else (_inside(shown.light), _inside(shown.dark))
    picture = dict(shown.files).get("svg") or f"{name}.svg"
    linked = f"![{markdown(pattern.title)}]({quote(picture)})"
    markup = f'<img src="{esc(quote(picture))}" alt="{esc(shown.alt)}">'
    links_to = "".join(f'<a href="{esc(quote(path))}">{ending.upper()}</a>' for ending, path in shown.files)
    open_them = f"<span>Open</span>{links_to}" if links_to else ""
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
        f'<article id="{esc(name)}" data-words="{esc(_words(pattern))}" data-markdown="{esc(linked)}" '
        f'data-html="{esc(markup)}">\n<h3>{esc(pattern.title)}</h3>\n'
        f'<button type="button" class="picture" aria-label="Enlarge {esc(pattern.title)}">'
        f'<img class="light" alt="{esc(shown.alt)}" src="{light}">'
        f'<img class="dark" alt="{esc(shown.alt)}" src="{dark}"></button>\n'
        f"{_lists(pattern)}"
        f'<div class="tools" role="group" aria-label="Copy or open {esc(pattern.title)}"><span>Copy</span>{buttons}{open_them}</div>\n'
        "</article>"
    )


def _inside(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode('ascii')}"


def _lists(pattern: Pattern) -> str:
    inner = "".join(
        f"<h4>{heading}</h4><ul>{''.join(f'<li>{html.escape(item)}</li>' for item in items)}</ul>"
        for heading, items in pattern.lists
    )
    return f"<details><summary>Components and best practices</summary>{inner}</details>\n" if inner else ""


def _words(pattern: Pattern) -> str:
    """All that a search finds a pattern by."""
    said = [pattern.title, pattern.category or "", *pattern.components, *pattern.best_practices]
    said += [" ".join(plain_lines(node.label)) for node in pattern.graph.nodes]
    said += [group.label for group in pattern.graph.groups]
    return " ".join(" ".join(said).split())


def readme(title: str, shown: Sequence[GalleryEntry]) -> str:
    """The gallery as Markdown: what GitHub shows of a folder."""
    lines = [f"# {markdown(title)}", ""]
    for name, group in _by_category(shown):
        lines += [f"## {markdown(name)}", ""]
        for one in group:
            files = dict(one.files)
            lines += [f"### {markdown(one.pattern.title)}", ""]
            picture = files.get("svg") or files.get("png")
            if picture:
                lines += [f"![{markdown(one.alt)}]({quote(picture)})", ""]
            links = " · ".join(f"[{ending.upper()}]({quote(path)})" for ending, path in one.files)
            lines += [links, ""] if links else []
            for heading, items in one.pattern.lists:
                lines += [f"**{heading}**", "", *(f"- {markdown(item)}" for item in items), ""]
    return "\n".join(lines).rstrip("\n") + "\n"
