"""Put pictures next to the Mermaid in a Markdown file: compute the new text of the file and the pictures it shows.

Only the fences and what earlier runs put around them change. Line ends, front matter and all other text stay the same,
byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from pathlib import PurePath
from urllib.parse import quote

from msgspec import Struct, structs

from diagramkit import pipeline
from diagramkit.batch.executor import IN_PROCESS, Executor
from diagramkit.diagnostics import Diagnostic, Span, problems_of
from diagramkit.graph import Pattern
from diagramkit.markup import escape_html, escape_markdown
from diagramkit.options import Options
from diagramkit.publish import cached, marks
from diagramkit.publish.marks import Document, EmbedRegion
from diagramkit.sources import control_characters, notes, readers
from diagramkit.sources.markdown import Fence
from diagramkit.sources.mermaid.preamble import OtherTypeError
from diagramkit.sources.slugs import slug


class EmbedOptions(Struct, frozen=True):
    """How to put pictures into a file.

    `format` is `svg` or `png`. `folder` is the folder for the pictures, relative to the file and with `/`. With
    `source_first`, the fence is shown and the picture is collapsed, instead of the other way around. `dark` adds a
    second picture for dark mode.
    """

    format: str = "svg"
    folder: str = "diagrams"
    source_first: bool = False
    dark: bool = False


class Embedded(Struct, frozen=True):
    """The new text of a file and its pictures.

    `pictures` has their bytes by path, relative to the file; a picture that stays unchanged has no bytes. `problems`
    are those of fences and marks. `stale` has the lines (from 1) of the fences whose text changed. `skipped` says for
    which other fences there is no picture. `lines` has the line of each drawn picture's fence. A file is `refused` if
    it has text of somebody else between marks, or damaged marks; it stays as it is, and so do its pictures.
    """

    text: str
    pictures: dict[str, bytes]
    problems: tuple[Diagnostic, ...] = ()
    stale: tuple[int, ...] = ()
    skipped: tuple[Diagnostic, ...] = ()
    refused: bool = False
    lines: dict[str, int] = {}


def embed(
    text: str, name: str, embed_options: EmbedOptions, options: Options, executor: Executor = IN_PROCESS
) -> Embedded:
    """Put a picture next to each flowchart and architecture diagram of a Markdown file called `name`.

    A fence with an error is reported and stays unchanged, with its picture if it has one. Other types of diagrams are
    left alone. What earlier runs put around a fence that no longer exists is removed. `executor` reads and draws.
    Raises `DiagramError` if the file exceeds its limits; a diagram that does is reported like one with an error.
    """
    document = executor.call(Span(name), marks.read, text, name)
    if document.damage:
        return Embedded(text, {}, tuple(document.damage), refused=True)
    used_names = {region.name for region in document.regions if region.name}
    builder = _TextBuilder(document, name, embed_options, options, used_names, executor)
    for region in document.regions:
        builder.add(region)
    new_text = builder.text()
    if builder.stale and (line := _damaged_line(document, executor.call(Span(name), marks.read, new_text, name))):
        message = (
            "the marks of this picture and its fence are not in the same list or quote; indent the lines between the "
            "marks like the begin mark"
        )
        return Embedded(text, {}, (Diagnostic("damaged-mark", message, Span(name, line)),), refused=True)
    problems = [*document.problems, *builder.problems]
    if note := notes.not_drawn(builder.patterns):
        problems.append(note)
    stale, skipped = tuple(builder.stale), tuple(builder.skipped)
    return Embedded(new_text, builder.pictures, tuple(problems), stale, skipped, lines=builder.lines)


def _damaged_line(old: Document, new: Document) -> int:
    """Return the line (from 1) of the first region whose fence the new text of a file no longer has, or 0."""
    before, after = ([region for region in each.regions if region.fence] for each in (old, new))
    last = old.regions[-1]
    for region, new_region in zip_longest(before, after):
        if not region or not new_region or _mermaid(region) != _mermaid(new_region):
            return (region or last).start + 1
    return last.start + 1 if new.damage else 0


def _mermaid(region: EmbedRegion) -> str:
    return region.fence.mermaid if region.fence else ""


class _TextBuilder:
    """Builds the new text of a file, region by region."""

    def __init__(
        self,
        document: Document,
        name: str,
        embed_options: EmbedOptions,
        options: Options,
        used_names: set[str],
        executor: Executor,
    ) -> None:
        self.document, self.name, self.embed_options, self.options = document, name, embed_options, options
        self.used_names, self.executor = used_names, executor
        self.pictures: dict[str, bytes] = {}
        self.lines: dict[str, int] = {}  # Of the pictures.
        self.patterns: list[Pattern] = []
        self.problems: list[Diagnostic] = []
        self.stale: list[int] = []
        self.skipped: list[Diagnostic] = []
        self._parts: list[str] = []
        self._next_line = 0

    def text(self) -> str:
        """Return the text of the file, with what follows the last region."""
        return "".join([self.document.bom, *self._parts, *self.document.lines[self._next_line :]])

    def add(self, region: EmbedRegion) -> None:
        """Add the text up to a region, and the new text of the region."""
        lines = self.document.lines
        self._parts += lines[self._next_line : region.start]
        self._next_line = region.end
        old = "".join(lines[region.start : region.end])
        new = self._new_text(region)
        # A file without a newline at its end keeps it that way.
        new = new if old.endswith("\n") or not new else new.rstrip("\r\n")
        if new != old:
            self.stale.append(region.start + 1)
        self._parts.append(new)

    def _new_text(self, region: EmbedRegion) -> str:
        if region.fence is None:
            return ""
        old = "".join(self.document.lines[region.start : region.end])
        span = Span(self.name, region.fence.start + 1)
        try:
            pattern = self.executor.call(span, readers.fence_pattern, region.fence, region.number, self.name)
        except OtherTypeError as error:
            self.skipped += readers.without_other_types(error)
            return self._unwrapped_fence(region, region.fence)
        except Exception as error:
            return self._unchanged_text(region, old, problems_of(error, span))
        self.problems += (*pattern.graph.warnings, *control_characters.notes((pattern,), "", self.name))
        if note := notes.empty_diagram(pattern, readers.MARKDOWN):
            self.skipped.append(note)
            return self._unwrapped_fence(region, region.fence)
        name, title = region.name or self._unused_name(pattern), pattern.graph.title or PurePath(self.name).stem
        pattern = structs.replace(pattern, name=name, title=title)
        try:
            image = self._draw(pattern)
        except Exception as error:
            return self._unchanged_text(region, old, problems_of(error, span))
        self.patterns.append(pattern)
        for stem in (name, name + marks.DARK_SUFFIX):
            self.lines[self._path(stem)] = region.start + 1
        return self._wrapped_fence(region, region.fence, pattern.name, image)

    def _unchanged_text(self, region: EmbedRegion, text: str, problems: Iterable[Diagnostic]) -> str:
        """Return the text of a region with problems, and record that its pictures are still shown."""
        self.problems += problems
        if region.name:
            for name in (region.name, region.name + marks.DARK_SUFFIX):
                self.pictures.setdefault(self._path(name), b"")
        return text

    def _unused_name(self, pattern: Pattern) -> str:
        """Return a name that no other picture of the file has: the pattern's, or one with the title of the diagram.

        The fence keeps this name in its marks, even if it moves within the file.
        """
        stem, _, number = pattern.name.rpartition("-")
        title = pattern.graph.title
        name = base = f"{stem}-{slug(title)}" if title else pattern.name
        next_number = 2 if title else int(number)
        while name in self.used_names:
            name = f"{base}-{next_number}" if title else f"{stem}-{next_number}"
            next_number += 1
        self.used_names.add(name)
        return name

    def _draw(self, pattern: Pattern) -> str:
        """Draw the pictures of a fence; return the Markdown or HTML that shows them."""
        embed_options = self.embed_options
        paths = [self._path(pattern.name)]
        rendered = self._render(pattern, self.options)
        self.problems += rendered.warnings
        self.pictures[paths[0]] = rendered.outputs[embed_options.format]
        alt = cached.alt_text(pattern, rendered.description)
        if not embed_options.dark:
            return f"![{escape_markdown(alt)}]({quote(paths[0])})"
        dark_options = structs.replace(self.options, theme="dark")
        paths.append(self._path(pattern.name + marks.DARK_SUFFIX))
        dark_rendered = self._render(pattern, dark_options)
        self.pictures[paths[1]] = dark_rendered.outputs[embed_options.format]
        light_url, dark_url = (escape_html(quote(path)) for path in paths)
        return (
            f'<picture><source media="(prefers-color-scheme: dark)" srcset="{dark_url}">'
            f'<img alt="{escape_html(alt)}" src="{light_url}"></picture>'
        )

    def _render(self, pattern: Pattern, options: Options) -> pipeline.Rendered:
        return self.executor.call(pattern.span, pipeline.render, pattern, (self.embed_options.format,), options)

    def _path(self, name: str) -> str:
        return "/".join(filter(None, (self.embed_options.folder, f"{name}.{self.embed_options.format}")))

    def _wrapped_fence(self, region: EmbedRegion, fence: Fence, name: str, image: str) -> str:
        """Return the text of a region between its marks: the picture and the fence, one of them collapsed."""
        line_end = "\r\n" if self.document.lines[fence.start].endswith("\r\n") else "\n"
        picture, source = [region.prefix + image + line_end], self._source(region, fence, line_end)
        visible, collapsed = (source, picture) if self.embed_options.source_first else (picture, source)
        summary = marks.PICTURE_SUMMARY if self.embed_options.source_first else marks.SOURCE_SUMMARY
        # Without blank lines around it, Markdown inside <details> would be read as HTML.
        blank, prefix = region.prefix.rstrip() + line_end, region.prefix
        return "".join(
            [
                f"{region.first_prefix}{marks.BEGIN.format(name)}{line_end}",
                *visible,
                blank,
                f"{prefix}{marks.DETAILS_BEGIN}{line_end}{prefix}{summary}{line_end}",
                blank,
                *collapsed,
                blank,
                f"{prefix}{marks.DETAILS_END}{line_end}",
                blank,
                f"{prefix}{marks.END}{line_end}",
            ]
        )

    def _source(self, region: EmbedRegion, fence: Fence, line_end: str) -> list[str]:
        """Return the lines of a fence, the first with the prefix of the others."""
        first, *others = self.document.lines[fence.start : fence.end]
        if not region.name and first.startswith(region.first_prefix):
            first = region.prefix + first[len(region.first_prefix) :]
        lines = [first, *others]
        return [*lines[:-1], lines[-1] if lines[-1].endswith("\n") else lines[-1] + line_end]

    def _unwrapped_fence(self, region: EmbedRegion, fence: Fence) -> str:
        """Return the text of a fence without what earlier runs put around it."""
        lines = self.document.lines[fence.start : fence.end]
        if not region.name:
            return "".join(lines)
        return "".join([region.first_prefix + lines[0].removeprefix(region.prefix), *lines[1:]])
