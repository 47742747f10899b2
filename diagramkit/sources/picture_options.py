"""The fields of a spec that control how its picture looks: canvas, frame, lines, title, legend and so on."""

from __future__ import annotations

from typing import cast

from diagramkit.graph import Lines, PictureOptions
from diagramkit.sources import value_types
from diagramkit.sources.yamltree import Tree

LINES = ("orthogonal", "curved", "straight")
FRAMES = ("aws-cloud",)
CANVAS = r"16:9|4:3|a4|square|natural|\d{2,5}x\d{2,5}"
_CANVAS_DESCRIPTION = "16:9, 4:3, a4, square, natural or WIDTHxHEIGHT in pixels"

FIELDS: dict[str, value_types.Field] = {
    "canvas": value_types.Field(
        value_types.PatternType(CANVAS, _CANVAS_DESCRIPTION),
        f"The area that the picture should suit: {_CANVAS_DESCRIPTION}.",
    ),
    "frame": value_types.Field(value_types.EnumType(FRAMES), "A frame around everything that runs in AWS."),
    "lines": value_types.Field(value_types.EnumType(LINES), "How edges are drawn (default: orthogonal)."),
    "hops": value_types.Field(
        value_types.BooleanType(),
        "Whether one of two crossing edges hops over the other in a small arc (default: true).",
    ),
    "show_title": value_types.Field(value_types.BooleanType(), "Whether the title is shown above the picture."),
    "caption": value_types.Field(value_types.TextType(), "A sentence below the picture."),
    "footer": value_types.Field(value_types.TextType(), "Small print at the very bottom."),
    "steps": value_types.Field(
        value_types.BooleanType(), "Whether to number the edges and list their labels next to the picture."
    ),
    "legend": value_types.Field(
        value_types.UnionType((value_types.BooleanType(), value_types.MapType(value_types.TextType()))),
        "true: explain the kinds of groups; or meanings by symbol (a kind of group, a stroke, a class).",
    ),
}


def read(entries: dict[str, Tree]) -> PictureOptions:
    """Return the picture options of a validated spec, whose fields are `entries`."""

    def text(name: str) -> str | None:
        return entries[name].text().strip() if name in entries else None

    def flag(name: str) -> bool | None:
        return bool(entries[name].value) if name in entries else None

    legend: tuple[tuple[str, str], ...] | None = None
    if "legend" in entries and entries["legend"].value is not False:
        pairs = entries["legend"].items().items()
        legend = tuple((symbol, meaning.text().strip()) for symbol, meaning in pairs)
    return PictureOptions(
        canvas=text("canvas"),
        lines=cast("Lines | None", text("lines")),
        hops=flag("hops"),
        frame=text("frame"),
        title=flag("show_title"),
        caption=text("caption"),
        legend=legend,
        footer=text("footer"),
        steps=flag("steps"),
    )
