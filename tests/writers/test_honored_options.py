"""Every output shows what an option of the picture draws.

`test_output_formats` finds an option that changes nothing in a file. But most options also move everything else: a file
without the legend would still differ, because the picture with a legend is larger. So one drawing is written twice
here, as it is and without one thing that the option draws, and the files must differ.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from functools import cache

import pytest
from msgspec.structs import replace

from diagramkit import pipeline
from diagramkit.drawing import Drawing, EdgeDrawing, PageNotes
from diagramkit.options import Options, PictureOptions
from diagramkit.outputs import OUTPUTS, Output, Rendering
from diagramkit.sources import readers
from tests.support.project import ROOT

PICTURES = [output for output in OUTPUTS.values() if "background" in output.options]
"""The outputs that are pictures: a file without colors has only the positions of what it describes."""

SOURCE = f"---\ntitle: Zones\n---\n{(ROOT / 'tests/data/layouts/two-zones.mmd').read_text('utf-8')}"

Change = Callable[[Drawing], Drawing]


def without_text(text: str) -> Change:
    """Return a change that removes a text around the picture."""

    def change(drawing: Drawing) -> Drawing:
        texts = tuple(line for line in drawing.notes.texts if text not in line.text)
        assert texts != drawing.notes.texts
        return replace(drawing, notes=replace(drawing.notes, texts=texts))

    return change


def with_notes(change_notes: Callable[[PageNotes], PageNotes]) -> Change:
    return lambda drawing: replace(drawing, notes=change_notes(drawing.notes))


def with_edges(change_edge: Callable[[EdgeDrawing], EdgeDrawing]) -> Change:
    return lambda drawing: replace(drawing, edges=tuple(map(change_edge, drawing.edges)))


def with_corner(edge: EdgeDrawing) -> EdgeDrawing:
    """Return a straight edge as one with a corner."""
    (x, _), (_, y) = edge.points[0], edge.points[-1]
    return replace(edge, points=(edge.points[0], (x, y), edge.points[-1]))


def curved(edge: EdgeDrawing) -> EdgeDrawing:
    """Return an edge with two ends as a curve. One that has corners would also change where its label is."""
    if len(edge.points) > 2:
        return edge
    (x, y), end = edge.points
    return replace(edge, curve=(edge.points[0], (x + 40, y), (x + 40, y + 20), end))


def without_frame(drawing: Drawing) -> Drawing:
    return replace(drawing, groups=tuple(group for group in drawing.groups if group.title != "AWS Cloud"))


def picture(**values: object) -> Options:
    return Options(scale=1.0, picture_options=PictureOptions(**values))  # type: ignore[arg-type]


EFFECTS: Mapping[str, tuple[Options, Mapping[str, Change]]] = {
    "theme": (
        Options("dark", scale=1.0),
        {"color of edges": with_edges(lambda edge: replace(edge, color="#123456"))},
    ),
    "background": (
        Options(background="#eeeeee", scale=1.0),
        {"background": lambda drawing: replace(drawing, background="#FFFFFF")},
    ),
    "canvas": (
        picture(canvas="a4"),
        {"size": lambda drawing: replace(drawing, width=drawing.width + 40, height=drawing.height + 40)},
    ),
    "lines": (picture(lines="curved", hops=False), {"curves": with_edges(curved)}),
    "lines ": (picture(lines="straight"), {"straight edges": with_edges(with_corner)}),
    "hops": (
        picture(hops=True),
        {"hops": lambda drawing: with_edges(lambda edge: replace(edge, hops=()))(replace(drawing, hops=False))},
    ),
    "frame": (picture(frame="aws-cloud"), {"frame": without_frame}),
    "title": (picture(title=True), {"title": without_text("Zones")}),
    "title_text": (picture(title_text="Heading"), {"title": without_text("Heading")}),
    "caption": (picture(caption="Sentence"), {"caption": without_text("Sentence")}),
    "footer": (picture(footer="Small print"), {"footer": without_text("Small print")}),
    "steps": (
        picture(steps=True),
        {
            "numbers on edges": with_edges(lambda edge: replace(edge, badge=None)),
            "numbers of the list": with_notes(lambda notes: replace(notes, badges=())),
            "list": with_notes(lambda notes: replace(notes, texts=())),
        },
    ),
    "legend": (
        picture(legend=(("solid", "Meaning"),)),
        {
            "samples": with_notes(lambda notes: replace(notes, swatches=())),
            "meanings": without_text("Meaning"),
        },
    ),
}
"""Options of the command line with what each draws: changes that remove it from a drawing."""


@cache
def prepared(options: Options) -> Rendering:
    return pipeline.prepare(readers.pattern_from_text(SOURCE, "z.mmd"), options)


def written(output: Output, options: Options, change: Change) -> bytes:
    """Return the file of a drawing that was changed after its layout."""
    original = prepared(options)
    rendering = Rendering(
        original.pattern,
        options,
        lambda _: tuple(map(change, original.drawings)),
        lambda: original.choices,
        lambda pattern, slide_options: change(original.draw_for_slide(pattern, slide_options)),
        lambda _, __: original.report,
    )
    return output.write(rendering)


ON_SLIDES = {
    ("background", "background"): "EEEEEE",
    ("title_text", "title"): "Heading",
    ("steps", "numbers of the list"): "1.\t",
    ("steps", "list"): "replication",
}
"""What slides do not take from a drawing, because they have it in other places: texts of their files."""


@pytest.mark.parametrize("output", PICTURES, ids=lambda output: output.name)
@pytest.mark.parametrize(
    ("name", "effect"), [(name, effect) for name, (_, effects) in EFFECTS.items() for effect in effects]
)
def test_a_picture_shows_what_an_option_draws(output: Output, name: str, effect: str) -> None:
    if name.strip() not in output.options:
        return  # Then the option is rejected for this output.
    options, effects = EFFECTS[name]
    complete = written(output, options, lambda drawing: drawing)
    if output.name == "pptx" and (name, effect) in ON_SLIDES:
        with zipfile.ZipFile(io.BytesIO(complete)) as archive:
            slides = [archive.read(part).decode() for part in archive.namelist() if part.startswith("ppt/slides/slide")]
        assert ON_SLIDES[name, effect] in "".join(slides)
    else:
        assert written(output, options, effects[effect]) != complete


def test_every_option_that_a_picture_honors_has_its_effects() -> None:
    others = {"text", "scale", "width", "palette"}  # They change how a file is written, and not what it shows.
    assert {name for output in PICTURES for name in output.options} - others == {name.strip() for name in EFFECTS}
