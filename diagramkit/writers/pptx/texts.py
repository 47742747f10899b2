"""Text in shapes: lines whose places are known, in the font of the house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diagramkit.drawing import Box, TextSpan
from diagramkit.markup import escape_text, quote_attribute
from diagramkit.writers.pptx.geometry import emu

_LEAST = 100
_MOST = 400_000  # What PowerPoint takes, in hundredths of a point.


def colour(value: str, house: Mapping[str, str], alpha: float = 1.0) -> str:
    """A colour as DrawingML: one of the house's where it stands for one; none for `none`."""
    if value == "none":
        return "<a:noFill/>"
    inside = f'<a:alpha val="{round(alpha * 100_000)}"/>' if alpha < 1 else ""
    if name := house.get(value):
        return f'<a:solidFill><a:schemeClr val="{name}">{inside}</a:schemeClr></a:solidFill>'
    return f'<a:solidFill><a:srgbClr val="{value[1:]}">{inside}</a:srgbClr></a:solidFill>'


def body(lines: Sequence[TextSpan], box: Box, scale: float, house: Mapping[str, str], align: str) -> str:
    """The text of a shape in `box`: its lines where they are in the drawing, never wrapped. `align`: `l` or
    `ctr`."""
    if not lines:
        return ""
    top, low = min(line.box.y for line in lines), max(line.box.bottom for line in lines)
    down = (top + low) / 2 - box.center[1]  # The text is in the middle of what insets leave.
    insets = f'lIns="0" rIns="0" tIns="{emu(max(2 * down, 0) * scale)}" bIns="{emu(max(-2 * down, 0) * scale)}"'
    paragraphs = "".join(
        f"<a:p>{_paragraph(lines, number, scale, align)}{_run(line, scale, house)}</a:p>"
        for number, line in enumerate(lines)
    )
    return (
        f'<p:txBody><a:bodyPr wrap="none" {insets} anchor="ctr" rtlCol="0"><a:noAutofit/></a:bodyPr>'
        f"<a:lstStyle/>{paragraphs}</p:txBody>"
    )


def _paragraph(lines: Sequence[TextSpan], number: int, scale: float, align: str) -> str:
    """The distance of a line from the one before it is said outright: fonts differ in what they take."""
    after = lines[number].baseline - lines[number - 1].baseline if number else 0.0
    if not number and len(lines) > 1:
        after = lines[1].baseline - lines[0].baseline
    after = after or lines[number].size * 1.2
    spacing = f'<a:spcPts val="{round(after * scale * 100)}"/>'
    return (
        f'<a:pPr algn="{align}" marL="0" indent="0"><a:lnSpc>{spacing}</a:lnSpc><a:spcBef><a:spcPts val="0"/></a:spcBef>'
        '<a:spcAft><a:spcPts val="0"/></a:spcAft><a:buNone/></a:pPr>'
    )


def _run(line: TextSpan, scale: float, house: Mapping[str, str]) -> str:
    size = min(max(round(line.size * scale * 100), _LEAST), _MOST)
    return (
        f'<a:r><a:rPr lang="en-US" sz="{size}" dirty="0">{colour(line.color, house)}'
        f'<a:latin typeface="+mn-lt"/></a:rPr><a:t>{escape_text(line.text)}</a:t></a:r>'
    )


def named(number: int, name: str, told: str = "", inside: str = "") -> str:
    """The id and name of a shape, and what it shows for those who cannot see it."""
    alt = f" descr={quote_attribute(told)}" if told else ""
    end = f">{inside}</p:cNvPr>" if inside else "/>"
    return f'<p:cNvPr id="{number}" name={quote_attribute(" ".join(name.split())[:120])}{alt}{end}'
