"""Pictures beside the Mermaid in a Markdown file: what the file is to be, and which pictures it shows.

Nothing but the fences and what was put around them before changes, by no byte: line ends, front matter and all
other text stay as they are.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import PurePath
from urllib.parse import quote

from msgspec import Struct, structs

from diagramkit import pipeline
from diagramkit.diagnostics import Diagnostic, DiagramError, Span
from diagramkit.graph import Pattern
from diagramkit.markup import markdown
from diagramkit.pipeline import Options
from diagramkit.publish import cached, marks
from diagramkit.publish.marks import Document, EmbedRegion
from diagramkit.sources.mermaid import read as mermaid
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.sources.slugs import slug

_DARK = "-dark"


class EmbedOptions(Struct, frozen=True):
    """How pictures stand in a file: `format` is `svg` or `png`; `folder` where they go, from the file, with `/`;
    `source_first`: the fence is shown and the picture folded away, not the other way round; `dark`: a second
    picture for readers in dark."""

    format: str = "svg"
    folder: str = "diagrams"
    source_first: bool = False
    dark: bool = False


class Embedded(Struct, frozen=True):
    """A file as it is to be, its pictures by their path from it, and what was wrong with some fences. `stale` are
    the lines (from 1) of fences that are not as they are to be."""

    text: str
    pictures: dict[str, bytes]
    problems: tuple[Diagnostic, ...] = ()
    stale: tuple[int, ...] = ()


def embed(text: str, name: str, wish: EmbedOptions, options: Options) -> Embedded:
    """A Markdown file with a picture beside each of its flowcharts and architecture diagrams.

    A fence that Mermaid refuses is told and left as it stands, with its picture, if it has one; a diagram of
    another kind is left alone; what is left of a fence that was removed goes away.
    """
    document = marks.read(text, name)
    taken = {place.name for place in document.places if place.name}
    writer = _Writer(document, name, wish, options, taken)
    for place in document.places:
        writer.put(place)
    problems = (*document.problems, *writer.problems)
    return Embedded(writer.text(), writer.pictures, problems, tuple(writer.stale))


class _Writer:
    """Puts a file together again, place by place."""

    def __init__(self, document: Document, name: str, wish: EmbedOptions, options: Options, taken: set[str]) -> None:
        self.document, self.name, self.wish, self.options = document, name, wish, options
        self.taken = taken
        self.pictures: dict[str, bytes] = {}
        self.problems: list[Diagnostic] = []
        self.stale: list[int] = []
        self._parts: list[str] = []
        self._at = 0

    def text(self) -> str:
        """The file, all places done."""
        return "".join([self.document.bom, *self._parts, *self.document.lines[self._at :]])

    def put(self, place: EmbedRegion) -> None:
        """Go on to the end of a place."""
        lines = self.document.lines
        self._parts += lines[self._at : place.start]
        self._at = place.end
        own = "".join(lines[place.start : place.end])
        made = self._made(place)
        # A file without a newline at its end stays one.
        made = made if own.endswith("\n") or not made else made.rstrip("\r\n")
        if made != own:
            self.stale.append(place.start + 1)
        self._parts.append(made)

    def _made(self, place: EmbedRegion) -> str:
        if place.gone:
            return ""
        pattern = self._pattern(place)
        if pattern is None:
            return self._alone(place)
        own = "".join(self.document.lines[place.start : place.end])
        if isinstance(pattern, Sequence):
            self.problems += pattern
            self._keep(place)
            return own
        try:
            shown = self._drawn(pattern)
        except DiagramError as error:
            self.problems += error.problems
            self._keep(place)
            return own
        return self._around(place, pattern.name, shown)

    def _pattern(self, place: EmbedRegion) -> Pattern | Sequence[Diagnostic] | None:
        """What a fence says; what is wrong with it; None where it is another kind of diagram."""
        try:
            graph = mermaid.parse(place.text, Origin(self.name, place.first + 2, place.column))
        except DiagramError as error:
            other = error.problems[0].code == "unsupported-diagram"
            return None if other else error.problems
        name = place.name or self._free(graph.title)
        title = graph.title or PurePath(self.name).stem
        return Pattern(graph, name, "", title, place.text, Span(self.name, place.first + 1))

    def _free(self, title: str | None) -> str:
        """A name that no other picture of this file has: a fence keeps it in its marks, wherever it goes."""
        stem = slug(PurePath(self.name).stem)
        wanted = f"{stem}-{slug(title)}" if title else f"{stem}-1"
        number, name = 1, wanted
        while name in self.taken:
            number += 1
            name = f"{wanted}-{number}" if title else f"{stem}-{number}"
        self.taken.add(name)
        return name

    def _drawn(self, pattern: Pattern) -> str:
        """Draw a fence; what shows it."""
        wish = self.wish
        paths = [self._path(pattern.name)]
        rendered = pipeline.render(pattern, (wish.format,), self.options)
        self.problems += rendered.warnings
        self.pictures[paths[0]] = rendered.outputs[wish.format]
        alt = cached.alt_text(pattern, rendered.description)
        if not wish.dark:
            return f"![{markdown(alt)}]({quote(paths[0])})"
        dark = structs.replace(self.options, theme="dark")
        paths.append(self._path(pattern.name + _DARK))
        self.pictures[paths[1]] = pipeline.render(pattern, (wish.format,), dark).outputs[wish.format]
        light, night = (html.escape(quote(path)) for path in paths)
        return (
            f'<picture><source media="(prefers-color-scheme: dark)" srcset="{night}">'
            f'<img alt="{html.escape(alt)}" src="{light}"></picture>'
        )

    def _path(self, name: str) -> str:
        return "/".join(filter(None, (self.wish.folder, f"{name}.{self.wish.format}")))

    def _keep(self, place: EmbedRegion) -> None:
        """Say that the pictures of a place that is left as it stands are still shown."""
        if place.name:
            for name in (place.name, place.name + _DARK):
                self.pictures.setdefault(self._path(name), b"")

    def _around(self, place: EmbedRegion, name: str, shown: str) -> str:
        """The place's text: the picture, and the fence itself, one of the two folded away."""
        end = "\r\n" if self.document.lines[place.first].endswith("\r\n") else "\n"
        picture, fence = [place.prefix + shown + end], self._fence(place, end)
        first, folded = (fence, picture) if self.wish.source_first else (picture, fence)
        summary = "Picture" if self.wish.source_first else "Source"
        blank, pre = place.prefix.rstrip() + end, place.prefix
        return "".join(
            [
                f"{place.before}{marks.BEGIN.format(name)}{end}",
                *first,
                blank,
                f"{pre}<details>{end}{pre}<summary>{summary}</summary>{end}",
                blank,
                *folded,
                blank,
                f"{pre}</details>{end}",
                blank,
                f"{pre}{marks.END}{end}",
            ]
        )

    def _fence(self, place: EmbedRegion, end: str) -> list[str]:
        """The fence's lines as they stand, the first behind the prefix of the others."""
        first, *others = self.document.lines[place.first : place.last]
        if not place.name and first.startswith(place.before):
            first = place.prefix + first[len(place.before) :]
        lines = [first, *others]
        return [*lines[:-1], lines[-1] if lines[-1].endswith("\n") else lines[-1] + end]

    def _alone(self, place: EmbedRegion) -> str:
        """A fence without what was put around it."""
        lines = self.document.lines[place.first : place.last]
        if not place.name:
            return "".join(lines)
        return "".join([place.before + lines[0].removeprefix(place.prefix), *lines[1:]])
