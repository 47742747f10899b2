"""The Python API: load diagrams from sources, inspect them and render them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from msgspec import Struct, field
from msgspec.structs import asdict, replace

from diagramkit import outputs, pipeline, project, sources
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail, problems_of
from diagramkit.graph import Graph, Pattern
from diagramkit.icons.packs import installed
from diagramkit.options import Options, PictureOptions
from diagramkit.sources import readers

if TYPE_CHECKING:
    import diagrams

    from diagramkit.batch.bounds import Bounds
    from diagramkit.report.report_records import Report


class Diagram(Struct, frozen=True):
    """A diagram that was loaded from a source. A notebook displays it as a picture.

    - `pattern`: the diagram as its source describes it.
    - `options`: how to draw it.
    """

    pattern: Pattern
    options: Options = field(default_factory=Options)

    @property
    def title(self) -> str:
        """The title of the diagram, from its source or from the name of its file."""
        return self.pattern.title

    @property
    def graph(self) -> Graph:
        """The nodes, edges and groups, each with its position in the source."""
        return self.pattern.graph

    @overload
    def render(
        self,
        format: str,
        path: None = None,
        *,
        isolate: bool = False,
        timeout: float | None = None,
        memory: float | None = None,
        **changes: Any,
    ) -> bytes: ...

    @overload
    def render(
        self,
        format: str,
        path: str | os.PathLike[str],
        *,
        isolate: bool = False,
        timeout: float | None = None,
        memory: float | None = None,
        **changes: Any,
    ) -> None: ...

    def render(
        self,
        format: str,
        path: str | os.PathLike[str] | None = None,
        *,
        isolate: bool = False,
        timeout: float | None = None,
        memory: float | None = None,
        **changes: Any,
    ) -> bytes | None:
        """Draw the diagram, and return the picture as bytes or write it to a file.

        - `format`: one of the formats that `diagramkit render` writes, such as `svg`, `png` or `pptx`.
        - `path`: the file to write, which is replaced atomically. Then nothing is returned.
        - `isolate`: whether to draw in a separate process, so that a crash or hang of native code only raises an error.
          Starting the process takes a fraction of a second.
        - `timeout`: the maximum time in seconds. It implies `isolate`.
        - `memory`: the maximum memory in megabytes, on Linux only. It implies `isolate`.
        - `changes`: options that differ from those of the diagram: fields of `Options` (`theme`, `scale` ...) and of
          `PictureOptions` (`canvas`, `steps` ...).

        Raises `ValueError` for an invalid value, `TypeError` for an unknown name in `changes`, and `DiagramError` if
        the diagram cannot be drawn or the file cannot be written.
        """
        from diagramkit import files
        from diagramkit.batch.bounds import Bounds

        options = self._changed_options(changes)
        if format not in outputs.OUTPUTS:
            raise ValueError(f"format must be one of {', '.join(outputs.OUTPUTS)}, not {format!r}")
        if isolate or timeout is not None or memory is not None:
            bounds = Bounds(timeout, None if memory is None else int(memory * 1_000_000))
            data = self._render_isolated(format, options, bounds)
        else:
            try:
                data = pipeline.render(self.pattern, (format,), options).outputs[format]
            except Exception as error:
                raise DiagramError(problems_of(error, self.pattern.span)) from error
        if path is None:
            return data
        files.write(os.fspath(path), data)
        return None

    def save(self, path: str | os.PathLike[str], **changes: Any) -> None:
        """Write the diagram to a file in the format of its extension.

        - `path`: the file, which is replaced atomically. The extension is that of a picture (`.svg`, `.png`, `.pdf`,
          `.webp`), of slides (`.pptx`, which needs python-pptx), of Mermaid (`.mmd`), or of another format
          (`.drawio`, `.py`, `.dot`, `.json`).
        - `changes`: as for `render`.

        Raises `ValueError` for another extension or an invalid value, `TypeError` for an unknown name in `changes`, and
        `DiagramError` if the diagram cannot be drawn or the file cannot be written.
        """
        from diagramkit import files

        name, options = os.fspath(path), self._changed_options(changes)
        output = outputs.output_of(name)
        if output is None:
            known = ", ".join(dict.fromkeys(f".{one.extension}" for one in outputs.OUTPUTS.values()))
            raise ValueError(f"path must end with one of {known}, not {name!r}")
        try:
            data = output.write(pipeline.prepare(self.pattern, options))
        except Exception as error:
            raise DiagramError(problems_of(error, self.pattern.span)) from error
        files.write(name, data)

    def report(self, **changes: Any) -> Report:
        """Return what the picture shows: the reason for each icon, what is hard to read, and what to change.

        - `changes`: as for `render`.

        `diagramkit render -o shop.svg --report FILE` writes the same as JSON, and so does `render("report")`. Raises
        `ValueError` for an invalid value, `TypeError` for an unknown name in `changes`, and `DiagramError` if the
        diagram cannot be drawn.
        """
        options = self._changed_options(changes)
        try:
            return pipeline.prepare(self.pattern, options).report
        except Exception as error:
            raise DiagramError(problems_of(error, self.pattern.span)) from error

    def to_diagrams(self) -> diagrams.Diagram:
        """Return this diagram as a `diagrams.Diagram`, an object of the Python package `diagrams`.

        It has that package's node classes, icons, labels, clusters and edges, like the script that the command
        `diagramkit export --to python` writes. `to_diagrams().dot.source` is its DOT text, and `to_diagrams().dot` is
        an object of the package `graphviz`, which you can change or draw. This method draws nothing;
        `to_diagrams().render()` needs Graphviz on the machine.

        An icon that `diagrams` lacks is replaced by the service it belongs to, or by a box. An edge that ends at a
        group ends at one of its nodes instead and is clipped at the group's border (`ltail`, `lhead`). If its other
        end is inside that group, it has the attribute `tailgroup` or `headgroup`.

        Raises `DiagramError` if an icon that the source names is not available.
        """
        from diagramkit.compile import to_diagrams
        from diagramkit.icons import catalog, resolver

        choices = resolver.resolve(self.pattern, catalog.catalog_of(self.pattern, self.options))
        return to_diagrams(self.pattern, choices)

    def _render_isolated(self, format: str, options: Options, bounds: Bounds) -> bytes:
        """Return the picture, drawn in a separate process. Raises `DiagramError`."""
        from diagramkit.batch import isolated
        from diagramkit.batch.jobs import Job

        source = sources.SourceFile(self.pattern.span.file)
        (picture,) = isolated.run(Job(source, (format,), options, self.pattern), bounds).pictures
        if picture.failed:
            raise DiagramError(picture.problems)
        return picture.files[outputs.OUTPUTS[format].ending]

    def _changed_options(self, changes: dict[str, Any]) -> Options:
        """Return the options with changes to them or to their picture options. Raises `ValueError`, `TypeError`."""
        from diagramkit.layout import canvas
        from diagramkit.sources.picture_options import validated

        values = {name: changes.pop(name, old) for name, old in asdict(self.options.picture_options).items()}
        picture_options = PictureOptions(**{name: validated(name, value) for name, value in values.items()})
        options = replace(self.options, picture_options=picture_options, **changes)
        for name in ("theme", "background"):
            validated(name, getattr(options, name))
        if options.scale is not None and not 0.1 <= options.scale <= 20:
            raise ValueError(f"scale must be between 0.1 and 20, not {options.scale}")
        canvas.parse(picture_options.canvas or "natural")
        return options

    def __repr__(self) -> str:
        counts = f"{len(self.graph.nodes)} nodes, {len(self.graph.edges)} edges"
        return f"<Diagram {self.title!r}: {counts}>"

    def _repr_svg_(self) -> str:
        return self.render("svg").decode("utf-8")


def parse(text: str) -> Diagram:
    """Return the diagram in a text, with the icon packs of the project in the current folder.

    - `text`: Mermaid, or a spec in YAML.

    Raises `DiagramError` with every problem in the text.
    """
    pattern = readers.pattern_from_text(text, "<text>")
    return Diagram(pattern, Options(packs=installed.folders(project.find())))


def load(path: str | os.PathLike[str]) -> Diagram:
    """Return the only diagram in a file, with the icon packs of the file's project.

    - `path`: a file that `diagramkit render` reads.

    Raises `DiagramError` with every problem in the file, or if it contains no diagram or several; `load_all` reads
    those.
    """
    diagrams = load_all(path)
    if len(diagrams) != 1:
        message = f"expected one diagram but there are {len(diagrams)}; use load_all"
        raise fail("not-one-diagram", message, Span(os.fspath(path)))
    return diagrams[0]


def load_all(path: str | os.PathLike[str]) -> list[Diagram]:
    """Return every diagram in a file or folder, with the icon packs of its project.

    - `path`: a file, or a folder whose files are read, also those in its subfolders, in the order of the folder's index
      or of their names.

    Raises `DiagramError` with the problems of all files.
    """
    diagrams: list[Diagram] = []
    problems: list[Diagnostic] = []
    location = Path(path)
    packs = installed.folders(project.find(location if location.is_dir() else location.parent))
    for file in sources.find([os.fspath(path)]):
        loaded = sources.load(file)
        diagrams += [Diagram(pattern, Options(packs=packs)) for pattern in loaded.patterns]
        problems += loaded.errors
    if problems:
        raise DiagramError(problems)
    return diagrams
