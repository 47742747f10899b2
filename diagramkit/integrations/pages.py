"""Find and draw the Mermaid of a page: what the integrations with MkDocs and Sphinx share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import data, project, sources
from diagramkit.diagnostics import DiagramError, Span, fail, problems_of
from diagramkit.graph import Pattern
from diagramkit.icons.packs import installed
from diagramkit.markup import escape_html, json_text
from diagramkit.options import UNSET, Options, PictureOptions
from diagramkit.publish import cached, inline_svg, marks
from diagramkit.publish.inline_svg import InlineSvg
from diagramkit.sources import notes, picture_options
from diagramkit.sources.markdown import Fence, fence_text
from diagramkit.sources.mermaid import read as mermaid
from diagramkit.sources.mermaid.preamble import OtherTypeError
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.sources.picture_options import SITE_OPTIONS

SETTINGS: Mapping[str, Any] = {
    "theme": "auto",
    "background": "transparent",
    **{option.name: option.site_default for option in SITE_OPTIONS},
}
"""The settings of a site with their defaults; None leaves the choice to the theme and to `options.DEFAULTS`."""


class EmbeddedPicture(Struct, frozen=True):
    """A picture for a page: its bytes by theme, and its alternative text. `name` contains a digest of the bytes.

    A picture that `has_links` must be a part of the page, because the links of a picture in `<img>` cannot be followed.
    """

    name: str
    alt: str
    pictures: Mapping[str, bytes]
    has_links: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """The width and height of an SVG in CSS pixels, so that a page can leave the space before it is loaded."""
        match = _SIZE.search(next(iter(self.pictures.values())))
        assert match
        return round(float(match[1])), round(float(match[2]))


_HEADING = re.compile(r"#{1,6}[ \t]+(.*)")
_ATTRIBUTES = re.compile(r"\{[^{}]*\}\Z")
_SIZE = re.compile(rb'<svg [^>]*? width="([\d.]+)" height="([\d.]+)"')
SCRIPT, STYLE = "diagramkit.js", "diagramkit.css"
"""The names of the files that each page of a site loads: they open pictures large, and show one of two variants."""


def assets(dark_schemes: tuple[str, ...] = ()) -> dict[str, bytes]:
    """Return the content of `SCRIPT` and `STYLE`.

    `dark_schemes` are the color schemes of Material for MkDocs in which the dark variants are shown, until the script
    knows the color of the page.
    """
    script = data.text("publish", "zoom.js") + data.text("integrations", "pictures.js")
    return {SCRIPT: script, STYLE: data.text("integrations", "pictures.css") + _variant_rules(dark_schemes).encode()}


def _variant_rules(dark_schemes: tuple[str, ...]) -> str:
    """Return the rules that hide one of the variants `diagramkit-light` and `diagramkit-dark`."""
    body = "html:not([data-diagramkit]) body"
    dark = ",".join(f"[data-md-color-scheme={json_text(scheme)}]" for scheme in dark_schemes)
    hidden = [
        "html[data-diagramkit=dark] .diagramkit-light",
        "html[data-diagramkit=light] .diagramkit-dark",
        f"{body}:not({dark}) .diagramkit-dark" if dark else f"{body} .diagramkit-dark",
    ]
    hidden += [f"{body}:is({dark}) .diagramkit-light"] if dark else []
    return f"{','.join(hidden)}{{display:none}}\n"


def frame(picture: str, variant: str = "", style: str = "") -> str:
    """Return the HTML of a picture in the frame that the script of `assets` knows; `variant` is a class."""
    classes = " ".join(filter(None, ("diagramkit-frame", variant)))
    style_attribute = f' style="{escape_html(style)}"' if style else ""
    return f'<span class="{escape_html(classes)}"{style_attribute}>{picture}</span>'


def packs_of_site(folder: Path, announce: installed.Announce) -> tuple[str, ...]:
    """Return the folders of the icon packs of the project that a site's folder belongs to.

    Packs that are not installed yet are installed; `announce` shows which. Raises `DiagramError`.
    """
    return installed.folders(project.find(folder), announce)


def options_from_settings(settings: Mapping[str, Any], packs: tuple[str, ...]) -> Options:
    """Return the options for drawing from validated values of `SETTINGS`. `packs` are the folders of the icon packs."""
    values = {**SETTINGS, **settings}
    look = page_options(values)
    if look.title:
        # Titles are not turned off: a picture shows the one that its source asks for.
        look = replace(look, title=None)
    return Options(values["theme"], background=values["background"], picture_options=look, packs=packs)


def validated(name: str, value: Any) -> Any:
    """Return the value of a setting of a site, which is the default for None and an empty text. Raises `ValueError`."""
    return SETTINGS[name] if value in ("", None) else picture_options.validated(name, value)


def page_options(settings: Mapping[str, Any]) -> PictureOptions:
    """Return the picture options in the validated settings of a site or picture."""
    return PictureOptions(**{option.name: settings.get(option.name) for option in SITE_OPTIONS})


def with_fences(text: str, info: str, native: re.Pattern[str]) -> str:
    """Return a Markdown text in which the Mermaid that the site does not recognize is in fences with `info`.

    `native` matches the first line of the Mermaid that it does recognize. Other types of diagrams in HTML stay as they
    are, for Mermaid's own script.
    """
    document = marks.read(text, "")
    lines = document.lines
    for region in reversed(document.regions):
        fence = region.fence
        if fence is None or native.search(lines[fence.start]) or (fence.is_html and _is_other_type(fence)):
            continue
        new_lines = fence_text(fence.mermaid.strip("\n"), info).split("\n")
        new_lines += [""] * (fence.end - fence.start - len(new_lines))  # The text below keeps its line numbers.
        first_prefix = region.prefix if region.name else region.first_prefix
        prefixes = [first_prefix, *[region.prefix] * (len(new_lines) - 1)]
        lines[fence.start : fence.end] = [
            f"{prefix}{line}".rstrip() + "\n" for prefix, line in zip(prefixes, new_lines, strict=True)
        ]
    return document.bom + "".join(lines)


def _is_other_type(fence: Fence) -> bool:
    try:
        mermaid.parse(fence.mermaid, Origin(""))
    except OtherTypeError:
        return True
    except DiagramError:
        return False  # Drawing it reports the error.
    return False


def fence_pattern(text: str, span: Span) -> Pattern | None:
    """Return the diagram in Mermaid, or None if it is of another type.

    `span` is the position of the first line of `text`. Raises `DiagramError`.
    """
    text = text.replace("\r\n", "\n").strip("\n") + "\n"
    try:
        graph = mermaid.parse(text, Origin(span.file, span.line, span.column))
    except OtherTypeError:
        return None
    return Pattern(graph, "diagram", "", graph.title or "", text, span)


def file_pattern(path: str) -> Pattern:
    """Return the only diagram in a file of any kind that diagramkit reads. Raises `DiagramError`."""
    (file,) = sources.find([path])
    loaded = sources.load(file)
    if loaded.errors:
        raise DiagramError(loaded.errors)
    if len(loaded.patterns) != 1:
        message = f"expected one diagram but there are {len(loaded.patterns)}; put each into a file of its own"
        raise fail("not-one-diagram", message, Span(path))
    return loaded.patterns[0]


def report_unsupported(pattern: Pattern, announce: installed.Announce) -> None:
    """Announce what a diagram asks for and its picture does not show, if anything."""
    if note := notes.not_drawn([pattern]):
        announce(str(note))


def draw(
    pattern: Pattern, options: Options, themes: tuple[str, ...], overrides: PictureOptions = UNSET, format: str = "svg"
) -> EmbeddedPicture:
    """Draw a diagram in each theme. Raises `DiagramError`, whatever goes wrong.

    `options` are those of the site. The picture options of the diagram take precedence over them, and `overrides` over
    both.
    """
    look = overrides.with_fallback(pattern.options).with_fallback(options.picture_options)
    options = replace(options, picture_options=look)
    try:
        pictures = {theme: cached.picture(pattern, replace(options, theme=theme), format) for theme in themes}
    except Exception as error:
        raise DiagramError(problems_of(error, pattern.span)) from error
    alt = cached.alt_text_of_svg(pattern, next(iter(pictures.values())))
    digest = hashlib.sha256(b"\0".join(pictures.values())).hexdigest()[:16]
    return EmbeddedPicture(f"diagram-{digest}", alt, pictures, inline_svg.has_links(pattern))


def is_heading(title: str, lines: Sequence[str]) -> bool:
    """Return whether some lines of Markdown contain a title as a heading."""
    following = (*lines[1:], "")
    headings = [match[1] for line in lines if (match := _HEADING.fullmatch(line.strip()))]
    return any(is_same_text(title, _ATTRIBUTES.sub("", heading).rstrip(" \t#")) for heading in headings) or any(
        is_same_text(title, line) and re.fullmatch(r"=+|-+", after.strip())
        for line, after in zip(lines, following, strict=True)
    )


def is_same_text(title: str, other: Any) -> bool:
    """Return whether a title, if there is one, is the same as another text, whatever the case of letters."""
    return bool(title) and title.casefold().split() == str(other or "").casefold().split()


def inline(picture: EmbeddedPicture, theme: str, place: str, label: str | None = None) -> InlineSvg:
    """Return a picture as a part of a page. `place` is different for each picture of a site.

    `label` replaces its accessible name.
    """
    name = f"{picture.name}-{theme}"
    prefix = f"d{hashlib.sha256(f'{place} {theme}'.encode()).hexdigest()[:10]}"
    return inline_svg.inline(picture.pictures[theme], name, prefix, label)
