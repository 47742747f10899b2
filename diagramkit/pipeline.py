"""The pipeline: every step from a source to its pictures. Start here to find your way through diagramkit.

    source     read          resolve    measure, lay out, route   write
    .yaml   -> Pattern   ->  icons   -> Drawing                -> SVG, PNG
    .mmd       (a Graph)                (coordinates in points)
    .md

Each step is a subpackage: `sources`, `icons`, `measure`, `layout` (with `compile`, which goes through the package
`diagrams`) and `writers`. `style` holds the themes, the kinds of groups and the fonts that they draw with; all colors
are in `style/data`. `layout/compose.py` has the order of the steps within a layout, `outputs.py` the table of formats,
and `sources/picture_options.py` that of the options that change a picture. `batch/manifest.py` decides which pictures
must be drawn again. `docs/how-it-works.md` follows one diagram through all steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.diagnostics import Diagnostic, DiagramError, fail
from diagramkit.graph import Node, Pattern
from diagramkit.options import DEFAULTS, Options, PictureOptions
from diagramkit.outputs import OUTPUTS, Rendering

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diagramkit.drawing import Drawing
    from diagramkit.icons.catalog import IconCatalog
    from diagramkit.icons.icon import Icon
    from diagramkit.icons.resolver import IconChoice
    from diagramkit.layout.canvas import Canvas
    from diagramkit.report.report_records import Report
    from diagramkit.style.theme import Theme


class Rendered(Struct, frozen=True):
    """The outputs of a diagram by format, and what was learned while drawing them.

    `dependencies` are the icon files of the diagram's project that the picture contains. `description` is the text
    alternative of the picture, or "" if only Mermaid was requested.
    """

    outputs: dict[str, bytes]
    warnings: tuple[Diagnostic, ...]
    dependencies: tuple[Icon, ...] = ()
    description: str = ""


def draw(pattern: Pattern, options: Options) -> Drawing:
    """Return the drawing of a pattern. For the theme `auto`, return the light variant. Raises `DiagramError`."""
    return _draw_themes(pattern, options, {})[0]


def draw_for_slide(pattern: Pattern, options: Options) -> Drawing:
    """Return the drawing of a pattern as `draw` does, but without the list of numbered edges, which the slide has."""
    return _draw_themes(pattern, options, {}, step_list=False)[0]


def render(pattern: Pattern, formats: tuple[str, ...], options: Options) -> Rendered:
    """Lay out a diagram once and write it in each of `formats` (names of `outputs.OUTPUTS`). Raises `DiagramError`."""
    from diagramkit.icons.icon import FILE_PREFIX

    rendering = prepare(pattern, options)
    written = {name: OUTPUTS[name].write(rendering) for name in sorted(formats, key=[*OUTPUTS].index)}
    if not rendering.is_drawn:
        return Rendered({name: written[name] for name in formats}, ())
    if any(OUTPUTS[name].needs_fonts for name in formats):
        rendering.warn_about_fonts()
    drawing = rendering.drawing
    icons = [node.icon for node in drawing.nodes if node.icon]
    project_icons = {icon.path: icon for icon in icons if icon.reference.startswith(FILE_PREFIX)}
    dependencies = tuple(project_icons[path] for path in sorted(project_icons))
    return Rendered(
        {name: written[name] for name in formats}, tuple(rendering.warnings), dependencies, drawing.description
    )


def prepare(pattern: Pattern, options: Options) -> Rendering:
    """Return what writers need of a diagram. Icons are resolved and the diagram is drawn when a writer asks for it."""
    return Rendering(
        pattern,
        options,
        lambda warnings: _draw_themes(pattern, options, warnings),
        lambda: choices(pattern, options),
        draw_for_slide,
        lambda choices, drawing: _examine(pattern, options, choices, drawing),
    )


def _examine(pattern: Pattern, options: Options, choices: Mapping[str, IconChoice], drawing: Drawing) -> Report:
    """Return the report about a drawing of a pattern."""
    from diagramkit import report

    canvas = _picture_options(pattern, options).canvas or "natural"
    return report.build(pattern, choices, drawing, canvas, options.theme, unresolved(pattern, choices, "note"))


def choices(pattern: Pattern, options: Options) -> Mapping[str, IconChoice]:
    """Return the icon of each node of a pattern, by the node's id. Raises `DiagramError`."""
    from diagramkit.icons import resolver
    from diagramkit.icons.catalog import catalog_of

    return resolver.resolve(pattern, catalog_of(pattern, options))


def _draw_themes(
    pattern: Pattern, options: Options, warnings: dict[Diagnostic, None], step_list: bool = True
) -> tuple[Drawing, ...]:
    """Return the drawing in each theme, and add each distinct warning of the layout to `warnings`."""
    from diagramkit.icons import resolver
    from diagramkit.icons.catalog import catalog_of
    from diagramkit.layout import compose, hops, layered
    from diagramkit.layout.engine import Engine
    from diagramkit.sources import limits, themes

    layered.compile_early()
    limits.check(pattern.graph, pattern.span.file, pattern.span)
    picture_options = _picture_options(pattern, options)
    graph = replace(pattern.graph, title=picture_options.title_text or pattern.title)
    if picture_options.title is None:
        shown = pattern.graph.title is not None or picture_options.title_text is not None
        picture_options = replace(picture_options, title=shown)
    wanted_canvas = _canvas(picture_options, pattern)
    catalog = catalog_of(pattern, options)
    choices = resolver.resolve(pattern, catalog)
    if options.strict and (problems := unresolved(pattern, choices, "error")):
        raise DiagramError(problems)
    used_themes = themes.themes_of(options, pattern.span)
    for warning in (*unknown_icon_names(pattern, choices, catalog), *picture_notes(pattern, choices, used_themes)):
        warnings.setdefault(warning)
    allowed = limits.for_file(pattern.span.file)
    max_bytes = allowed.memory * 1_000_000
    engine = Engine(options.engine, allowed.seconds, max_bytes, warnings.setdefault)
    settings = compose.CompositionSettings(used_themes, picture_options, wanted_canvas, engine, catalog, step_list)
    drawings = compose.draw(graph, choices, settings, pattern.span)
    if picture_options.hops and picture_options.lines == "orthogonal":
        return tuple(hops.with_hops(drawing) for drawing in drawings)
    return drawings


def _picture_options(pattern: Pattern, options: Options) -> PictureOptions:
    """Return the options that apply to a picture: those of the command, of the source, and the defaults."""
    return options.picture_options.with_fallback(pattern.options).with_fallback(DEFAULTS)


def _canvas(picture_options: PictureOptions, pattern: Pattern) -> Canvas | None:
    """Return the canvas that a picture is for, or None for any size. Raises `DiagramError` (wrong-value)."""
    from diagramkit.layout import canvas

    try:
        return canvas.parse(picture_options.canvas or "natural")
    except ValueError as error:
        raise fail("wrong-value", str(error), pattern.span) from None


def unresolved(pattern: Pattern, choices: Mapping[str, IconChoice], severity: str) -> tuple[Diagnostic, ...]:
    """Return a diagnostic for each node that looks like a component and has no icon, with what to write."""
    from diagramkit.icons import missing, search

    problems = []
    for node in missing.find(pattern, choices):
        label = simple_text(node.label, node.markdown) or node.id
        reason = choices[node.id].reason.rpartition("; ")[2]
        if reason.endswith(missing.NOT_INSTALLED):
            advice = f"{reason}: add one with 'diagramkit icons add aws'"
        else:
            similar = search.similar(node.label, pattern.provider)
            advice = _icon_advice(pattern.span.file, node, similar)
        problems.append(Diagnostic("no-icon", f"no icon for '{label[:60]}'; {advice}", node.span, severity))
    return tuple(problems)


def _icon_advice(file: str, node: Node, similar: list[str]) -> str:
    """Return what to write to choose the icon of a node, or to keep its shape."""
    from diagramkit.sources import readers

    line, where = readers.icon_line(file, node, similar[0] if similar else "...")
    start = "write" if similar else "find one with 'diagramkit icons' and write"
    others = f"; also similar: {', '.join(similar[1:])}" if len(similar) > 1 else ""
    return f"{start} '{line}' {where}, or 'none' for the icon to keep the shape{others}"


def unknown_icon_names(
    pattern: Pattern, choices: Mapping[str, IconChoice], catalog: IconCatalog
) -> tuple[Diagnostic, ...]:
    """Return a warning for each icon that Mermaid names in an unknown pack, or by a name that is not known.

    Mermaid draws a question mark for it; diagramkit chooses the icon by the node's label. An icon that several nodes
    name is reported once.
    """
    from diagramkit.icons import external

    overridden = {name for name, _, _ in pattern.icons}
    problems: dict[str, Diagnostic] = {}
    for node in pattern.graph.nodes:
        if not node.icon or node.id in overridden or choices[node.id].reason.startswith("spec:"):
            continue
        is_used = choices[node.id].reason.startswith("icon:")
        problem = external.problem_with(node.icon, is_used, node.span, catalog)
        if problem:
            problems.setdefault(node.icon, problem)
    return tuple(problems.values())


def picture_notes(
    pattern: Pattern, choices: Mapping[str, IconChoice], used_themes: tuple[Theme, ...]
) -> tuple[Diagnostic, ...]:
    """Return what depends on icons and themes: what is not drawn of labels, and what is hard to read."""
    from diagramkit.icons import label_pictures
    from diagramkit.measure import mark_labels, readability

    graph = pattern.graph
    hard_to_read = (problem for theme in used_themes for problem in readability.problems(graph, choices, theme))
    return (*label_pictures.problems(graph, choices), *mark_labels.problems(graph, choices), *hard_to_read)


def simple_text(label: str, markdown: bool = False) -> str:
    """Return a label on one line, as messages show it. `markdown` says that it is a Markdown string."""
    from diagramkit.sources.label_text import plain_lines

    return " / ".join(plain_lines(label, markdown))


def steps(pattern: Pattern) -> tuple[tuple[int, str], ...]:
    """Return the numbered steps of a pattern, each with its text."""
    from diagramkit.layout import steps as step_numbers

    return step_numbers.find_steps(pattern.graph).entries
