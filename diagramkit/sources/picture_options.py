"""What a spec says of how its picture looks: the canvas, the frame, what stands around it."""

from __future__ import annotations

from typing import cast

from diagramkit.graph import Lines, PictureOptions
from diagramkit.sources import value_types
from diagramkit.sources.yamltree import Tree

LINES = ("orthogonal", "curved", "straight")
FRAMES = ("aws-cloud",)
CANVAS = r"16:9|4:3|a4|square|natural|\d{2,5}x\d{2,5}"
_CANVAS_WORDS = "16:9, 4:3, a4, square, natural, or pixels as '1920x1080'"

FIELDS: dict[str, value_types.Field] = {
    "canvas": value_types.Field(
        value_types.PatternType(CANVAS, _CANVAS_WORDS), f"What the picture is to fit: {_CANVAS_WORDS}."
    ),
    "frame": value_types.Field(value_types.EnumType(FRAMES), "A frame around all that AWS runs."),
    "lines": value_types.Field(value_types.EnumType(LINES), "How edges run; orthogonal where it is not said."),
    "hops": value_types.Field(
        value_types.BooleanType(),
        "Whether an edge hops over another in a half circle where they cross; true where it is not said.",
    ),
    "show_title": value_types.Field(value_types.BooleanType(), "Whether the title stands above the picture."),
    "caption": value_types.Field(value_types.TextType(), "A sentence below the picture."),
    "footer": value_types.Field(value_types.TextType(), "Small print at the very bottom."),
    "steps": value_types.Field(
        value_types.BooleanType(), "Number the edges, and list what their labels say beside the picture."
    ),
    "legend": value_types.Field(
        value_types.UnionType((value_types.BooleanType(), value_types.MapType(value_types.TextType()))),
        "true: the kinds of groups. Or meanings by sign: a kind of group, a stroke, a class.",
    ),
}


def read(entries: dict[str, Tree]) -> PictureOptions:
    """The look of a validated spec."""

    def text(name: str) -> str | None:
        return entries[name].text().strip() if name in entries else None

    def flag(name: str) -> bool | None:
        return bool(entries[name].value) if name in entries else None

    legend: tuple[tuple[str, str], ...] | None = None
    if "legend" in entries and entries["legend"].value is not False:
        pairs = entries["legend"].items().items()
        legend = tuple((sign, meaning.text().strip()) for sign, meaning in pairs)
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
