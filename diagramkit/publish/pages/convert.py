"""Converts a whole page of Markdown to the markup of a wiki, with its diagrams drawn and all files to attach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from diagramkit import pipeline
from diagramkit.batch.executor import IN_PROCESS, Executor
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, problems_of
from diagramkit.graph import Pattern
from diagramkit.markup import escape_html, forbidden_in, strip_forbidden
from diagramkit.options import Options
from diagramkit.publish import cached, marks
from diagramkit.publish.marks import Document, EmbedRegion
from diagramkit.publish.pages import confluence, markdown_page, mediawiki
from diagramkit.publish.pages.confluence import ConfluenceWriter
from diagramkit.publish.pages.link_resolver import LinkResolver
from diagramkit.publish.pages.mediawiki import MediaWikiWriter
from diagramkit.publish.pages.tree import PageElement
from diagramkit.sources import markdown, notes, readers
from diagramkit.sources.markdown import fence_text


class DrawnDiagram(Struct, frozen=True):
    """A diagram of the page: its Mermaid, the name of its attached picture, and the alternative text."""

    source: str
    picture: str
    alt: str


class ConvertedPage(Struct, frozen=True):
    """The markup of a page, the files to attach by name, and the problems in it."""

    text: str
    attachments: Mapping[str, bytes]
    problems: tuple[Diagnostic, ...]


class PageFormat(Struct, frozen=True):
    """The markup of a wiki: the function that writes a page, and the extension of the file with it."""

    write: Callable[[PageElement, Mapping[str, DrawnDiagram]], str]
    extension: str


def _confluence(tree: PageElement, diagrams: Mapping[str, DrawnDiagram]) -> str:
    return ConfluenceWriter(
        {
            number: f"{confluence.picture(drawn.picture, drawn.alt)}\n{confluence.source(drawn.source)}"
            for number, drawn in diagrams.items()
        }
    ).write(tree)


def _mediawiki(tree: PageElement, diagrams: Mapping[str, DrawnDiagram]) -> str:
    texts = {
        number: f"[[File:{drawn.picture}|frameless|upright=3|alt={mediawiki.escape(drawn.alt)}]]\n\n"
        '<div class="mw-collapsible mw-collapsed">Source\n'
        f'<pre class="mw-collapsible-content">{escape_html(drawn.source)}</pre></div>'
        for number, drawn in diagrams.items()
    }
    footnotes = {element.attributes["number"]: element for element in tree.elements if element.tag == "note"}
    return MediaWikiWriter(texts, footnotes).write(tree)


FORMATS = {"confluence": PageFormat(_confluence, ".confluence.xml"), "mediawiki": PageFormat(_mediawiki, ".mediawiki")}
"""The wikis for which whole pages are converted; the others read Markdown."""


def convert(
    text: str, name: str, wiki: str, options: Options, root: Path, executor: Executor = IN_PROCESS
) -> ConvertedPage:
    """Convert the text of the file `name`. `root` is the folder of its project. `executor` reads and draws.

    A diagram that cannot be drawn is reported, and the page shows its text. What a wiki has nothing for is reported.
    Raises `DiagramError` if marks of `diagramkit embed` are damaged.
    """
    span = Span(name)
    document = executor.call(span, marks.read, text, name)
    if document.damage:
        raise DiagramError(document.damage)
    resolver = LinkResolver(name, root)
    drawer = _Drawer(name, options, resolver, executor)
    for region in document.regions:
        drawer.draw(region)
    body = _without_front_matter(_with_numbered_fences(document, drawer.diagrams))
    fences = {number: drawn.source for number, drawn in drawer.diagrams.items()}
    page = executor.call(span, markdown_page.read, body, fences)
    resolver.resolve(page.root)
    problems = [*document.problems, *drawer.problems, *resolver.problems]
    if note := notes.not_drawn(drawer.patterns):
        problems.append(note)
    lost = dict(page.lost)
    if document.lines and markdown.front_matter("".join(document.lines).replace("\r\n", "\n"))[1]:
        lost["the front matter"] = 1
    if forbidden_in(text):
        lost["control characters"] = 1
    if lost:
        problems.append(_loss(lost, name))
    written = FORMATS[wiki].write(page.root, {str(number): drawn for number, drawn in drawer.diagrams.items()})
    return ConvertedPage(written, resolver.attachments, tuple(problems))


class _Drawer:
    """Draws the diagrams of a page, and collects their problems."""

    def __init__(self, name: str, options: Options, resolver: LinkResolver, executor: Executor) -> None:
        self._name, self._options, self._resolver, self._executor = name, options, resolver, executor
        self.diagrams: dict[int, DrawnDiagram] = {}
        self.patterns: list[Pattern] = []
        self.problems: list[Diagnostic] = []

    def draw(self, region: EmbedRegion) -> None:
        """Draw the diagram of a fence, if it is one that diagramkit draws."""
        if region.fence is None:
            return
        try:
            span = Span(self._name, region.fence.start + 1)
            pattern = self._executor.call(span, readers.fence_pattern, region.fence, region.number, self._name)
            self.problems += pattern.graph.warnings
            if note := notes.empty_diagram(pattern, readers.MARKDOWN):
                self.problems.append(note)
                return
            rendered = self._executor.call(pattern.span, pipeline.render, pattern, ("svg",), self._options)
        except DiagramError as error:
            self.problems += readers.without_other_types(error)
            return
        except Exception as error:
            self.problems += problems_of(error, Span(self._name, region.fence.start + 1))
            return
        self.problems += rendered.warnings
        self.patterns.append(pattern)
        picture = self._resolver.attach(f"{region.name or pattern.name}.svg", rendered.outputs["svg"])
        source = strip_forbidden(region.fence.mermaid).strip("\n")
        alt = cached.alt_text(pattern, rendered.description)
        self.diagrams[region.number] = DrawnDiagram(source, picture, alt)


def _with_numbered_fences(document: Document, diagrams: Mapping[int, DrawnDiagram]) -> str:
    """Return the text in which each Mermaid is a fence, without the pictures and marks of `diagramkit embed`.

    The fence of a diagram that was drawn has its number.
    """
    lines = list(document.lines)
    for region in reversed(document.regions):
        new_lines: list[str] = []
        if region.fence is not None:
            drawn = diagrams.get(region.number)
            info = markdown_page.FENCE_INFO.format(region.number) if drawn else "mermaid"
            mermaid = drawn.source if drawn else region.fence.mermaid.strip("\n")
            new_lines = fence_text(mermaid, info).split("\n")
        new_lines += [""] * (region.end - region.start - len(new_lines))  # The text below keeps its line numbers.
        prefixes = [region.first_prefix, *[region.prefix] * (len(new_lines) - 1)]
        lines[region.start : region.end] = [
            f"{prefix}{line}".rstrip() + "\n" for prefix, line in zip(prefixes, new_lines, strict=True)
        ]
    return "".join(lines).replace("\r\n", "\n")


def _without_front_matter(text: str) -> str:
    """Return a text with blank lines in place of its front matter."""
    _, end = markdown.front_matter(text)
    return "\n" * text.count("\n", 0, end) + text[end:]


def _loss(lost: Mapping[str, int], name: str) -> Diagnostic:
    """Return a note about what a page of a wiki does not contain."""
    items = [
        what if count == 1 or what.startswith("the ") else f"{what} ({count} times)" for what, count in lost.items()
    ]
    message = f"the page of the wiki does not contain: {notes.shortened(items)}"
    return Diagnostic("not-converted", message, Span(name), "note")
