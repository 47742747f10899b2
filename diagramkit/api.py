"""diagramkit from Python: load a source, look at it, render it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from diagramkit import pipeline, project, sources
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail
from diagramkit.graph import Graph, Pattern, PictureOptions
from diagramkit.icons.packs import installed
from diagramkit.pipeline import Options

if TYPE_CHECKING:
    from diagrams import Diagram as DiagramOfDiagrams

    from diagramkit.batch.jobs import Bounds


class Diagram(Struct, frozen=True):
    """A diagram that was read. In a notebook it shows itself.

    `pattern` is what its source says; `options` how to draw it.
    """

    pattern: Pattern
    options: Options = field(default_factory=Options)

    @property
    def title(self) -> str:
        """What the picture is called."""
        return self.pattern.title

    @property
    def graph(self) -> Graph:
        """Nodes, edges and groups, each with its place in the source."""
        return self.pattern.graph

    def render(
        self,
        format: str,
        path: str | os.PathLike[str] | None = None,
        *,
        isolate: bool = False,
        timeout: float | None = None,
        memory: float | None = None,
        **changes: Any,
    ) -> bytes:
        """The picture as bytes: `format` is `svg`, `png`, `pdf`, `webp` or `mmd`.

        With `path`, the file is written too, beside and then moved into place. `changes` are
        fields of `Options` (`theme`, `scale` in pixels a point, `width` in pixels, …) and of
        `Look` (`canvas`, `frame`, `steps`, …). With `isolate` it is drawn in a process of its own,
        which takes a fifth of a second longer: a crash or a hang of what is native costs an error. There
        it may take `timeout` seconds and, on Linux, `memory` megabytes; either asks for `isolate`.

        Raises `ValueError` for a value that there is not, `TypeError` for a name, `DiagramError`
        where the diagram cannot be drawn or the file not be written.
        """
        from diagramkit import files
        from diagramkit.batch import jobs

        options = self._with(changes)
        if format not in pipeline.FORMATS:
            raise ValueError(f"format must be one of {', '.join(pipeline.FORMATS)}, not {format!r}")
        if isolate or timeout is not None or memory is not None:
            bounds = jobs.Bounds(timeout, None if memory is None else int(memory * 1_000_000))
            data = self._alone(format, options, bounds)
        else:
            data = pipeline.render(self.pattern, (format,), options).outputs[format]
        if path is not None:
            files.write(os.fspath(path), data)
        return data

    def to_diagrams(self) -> DiagramOfDiagrams:
        """This diagram as a `diagrams.Diagram`: the Python package's own object, with its node classes and icons,
        labels, clusters and edges, as the script of `diagramkit export --to python` makes it.

        `to_diagrams().dot.source` is the whole of it as DOT, and `.dot` an object of the package `graphviz`, to be
        changed or drawn. Nothing is drawn here; `to_diagrams().render()` needs Graphviz on the machine. An icon
        that `diagrams` has not becomes the service that it is a part of, or a box; an edge that ends at a group
        ends at one of its nodes, cut off at the group's border (`ltail`, `lhead`), or, where its other end is in that
        group, has the attribute `tailgroup` or `headgroup`.

        Raises `DiagramError` where an icon that the source names cannot be had.
        """
        from diagramkit.compile import to_diagrams
        from diagramkit.icons import resolver

        chosen = resolver.resolve(self.pattern, pipeline.catalog_of(self.pattern, self.options))
        return to_diagrams(self.pattern, chosen)

    def _alone(self, format: str, options: Options, bounds: Bounds) -> bytes:
        from diagramkit.batch import isolated
        from diagramkit.batch.jobs import Job

        source = sources.SourceFile(self.pattern.span.file)
        (picture,) = isolated.run(Job(source, (format,), options, self.pattern), bounds).pictures
        if picture.failed:
            raise DiagramError(picture.problems)
        return picture.files[format]

    def _with(self, changes: dict[str, Any]) -> Options:
        """The options with changes to them or to their look. Raises `ValueError`, `TypeError`."""
        from diagramkit.layout import canvas
        from diagramkit.style.theme import THEMES

        looks = {*PictureOptions.__struct_fields__}
        look = replace(self.options.look, **{k: v for k, v in changes.items() if k in looks})
        plain = {key: value for key, value in changes.items() if key not in looks}
        options = replace(self.options, look=look, **plain)
        if options.theme not in THEMES and not options.theme.endswith((".yaml", ".yml")):
            raise ValueError(f"theme must be one of {', '.join(THEMES)} or a .yaml file, not {options.theme!r}")
        if options.scale is not None and not 0.1 <= options.scale <= 20:
            raise ValueError(f"scale must lie between 0.1 and 20, not {options.scale}")
        canvas.parse(look.canvas or "natural")
        return options

    def __repr__(self) -> str:
        counts = f"{len(self.graph.nodes)} nodes, {len(self.graph.edges)} edges"
        return f"<Diagram {self.title!r}: {counts}>"

    def _repr_svg_(self) -> str:
        return self.render("svg").decode("utf-8")


def load(path: str | os.PathLike[str]) -> Diagram:
    """The one diagram in a spec, Mermaid or Markdown file.

    Raises `DiagramError` with every problem in the file, also where it holds no diagram or
    several (for those, `load_all`).
    """
    found = load_all(path)
    if len(found) != 1:
        problem = f"there are {len(found)} diagrams here, not one; use load_all"
        raise fail("not-one-diagram", problem, Span(os.fspath(path)))
    return found[0]


def load_all(path: str | os.PathLike[str]) -> list[Diagram]:
    """Every diagram in a file, or in all files below a folder. Raises `DiagramError`."""
    diagrams: list[Diagram] = []
    problems: list[Diagnostic] = []
    place = Path(path)
    packs = installed.folders(project.find(place if place.is_dir() else place.parent))
    for file in sources.find([os.fspath(path)]):
        try:
            diagrams += [Diagram(pattern, Options(packs=packs)) for pattern in sources.load(file).patterns]
        except DiagramError as error:
            problems += error.problems
    if problems:
        raise DiagramError(problems)
    return diagrams
