"""What a spec says of how its picture looks: the canvas, the frame, what stands around it."""

from __future__ import annotations

from typing import cast

from diagramkit.graph import Lines, Look
from diagramkit.sources import model
from diagramkit.sources.yamltree import Tree

LINES = ("orthogonal", "curved", "straight")
FRAMES = ("aws-cloud",)
CANVAS = r"16:9|4:3|a4|square|natural|\d{2,5}x\d{2,5}"
_CANVAS_WORDS = "16:9, 4:3, a4, square, natural, or pixels as '1920x1080'"

FIELDS: dict[str, model.Field] = {
    "canvas": model.Field(model.Matching(CANVAS, _CANVAS_WORDS), f"What the picture is to fit: {_CANVAS_WORDS}."),
    "frame": model.Field(model.Choice(FRAMES), "A frame around all that AWS runs."),
    "lines": model.Field(model.Choice(LINES), "How edges run; orthogonal where it is not said."),
    "hops": model.Field(
        model.Flag(),
        "Whether an edge hops over another in a half circle where they cross; true where it is not said.",
    ),
    "show_title": model.Field(model.Flag(), "Whether the title stands above the picture."),
    "caption": model.Field(model.Text(), "A sentence below the picture."),
    "footer": model.Field(model.Text(), "Small print at the very bottom."),
    "steps": model.Field(model.Flag(), "Number the edges, and list what their labels say beside the picture."),
    "legend": model.Field(
        model.AnyOf((model.Flag(), model.MapOf(model.Text()))),
        "true: the kinds of groups. Or meanings by sign: a kind of group, a stroke, a class.",
    ),
}


def read(entries: dict[str, Tree]) -> Look:
    """The look of a validated spec."""

    def text(name: str) -> str | None:
        return entries[name].text().strip() if name in entries else None

    def flag(name: str) -> bool | None:
        return bool(entries[name].value) if name in entries else None

    legend: tuple[tuple[str, str], ...] | None = None
    if "legend" in entries and entries["legend"].value is not False:
        pairs = entries["legend"].items().items()
        legend = tuple((sign, meaning.text().strip()) for sign, meaning in pairs)
    return Look(
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
