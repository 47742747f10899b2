"""Writes the properties of shapes, their colors, and their text with the line positions of the drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diagramkit.drawing import Box, TextSpan, bounds
from diagramkit.markup import escape_text, quote_attribute
from diagramkit.style import colors
from diagramkit.writers.pptx.geometry import emu

_MIN_SIZE, _MAX_SIZE = 100, 400_000  # The text sizes that PowerPoint accepts, in hundredths of a point.
_MONOSPACE = "Courier New"  # Its letters are as wide as those of the font of the pictures.
MAX_NAME = 120
"""The length of the longest name of a shape."""
_LINE_HEIGHT = 1.2  # Of a single line, as a factor of its size.


def solid_fill(value: str, theme_colors: Mapping[str, str]) -> str:
    """Return the DrawingML fill for a color; `theme_colors` as in `Deck`."""
    if value == "none":
        return "<a:noFill/>"
    value, alpha = colors.split(value)
    opacity = f'<a:alpha val="{round(alpha * 100_000)}"/>' if alpha < 1 else ""
    if name := theme_colors.get(value):
        return f'<a:solidFill><a:schemeClr val="{name}">{opacity}</a:schemeClr></a:solidFill>'
    return f'<a:solidFill><a:srgbClr val="{value[1:]}">{opacity}</a:srgbClr></a:solidFill>'


def text_body(
    lines: Sequence[TextSpan], box: Box, scale: float, theme_colors: Mapping[str, str], alignment: str
) -> str:
    """Return the text of a shape in `box`, with its lines at their positions in the drawing and never wrapped.

    `alignment` is `l` or `ctr`.
    """
    if not lines:
        return ""
    area = bounds([line.box for line in lines])
    # PowerPoint centers the text between the insets: a text below the center needs a top inset.
    top, bottom = _insets(area.center[1] - box.center[1], scale)
    left, right = _insets(area.center[0] - box.center[0], scale) if alignment == "ctr" else (0, 0)
    insets = f'lIns="{left}" rIns="{right}" tIns="{top}" bIns="{bottom}"'
    paragraphs = "".join(
        f"<a:p>{_paragraph_properties(lines, number, scale, alignment)}{_runs(line, scale, theme_colors)}</a:p>"
        for number, line in enumerate(lines)
    )
    return (
        f'<p:txBody><a:bodyPr wrap="none" {insets} anchor="ctr" rtlCol="0"><a:noAutofit/></a:bodyPr>'
        f"<a:lstStyle/>{paragraphs}</p:txBody>"
    )


def _insets(offset: float, scale: float) -> tuple[int, int]:
    """Return the insets before and after a text whose middle is `offset` points behind that of its shape."""
    return emu(max(2 * offset, 0) * scale), emu(max(-2 * offset, 0) * scale)


def _paragraph_properties(lines: Sequence[TextSpan], number: int, scale: float, alignment: str) -> str:
    """Return the properties of a line, with an exact line spacing: the default depends on the font."""
    spacing = lines[number].baseline - lines[number - 1].baseline if number else 0.0
    if not number and len(lines) > 1:
        spacing = lines[1].baseline - lines[0].baseline
    spacing = spacing or lines[number].size * _LINE_HEIGHT
    return (
        f'<a:pPr algn="{alignment}" marL="0" indent="0">'
        f'<a:lnSpc><a:spcPts val="{round(spacing * scale * 100)}"/></a:lnSpc>'
        '<a:spcBef><a:spcPts val="0"/></a:spcBef><a:spcAft><a:spcPts val="0"/></a:spcAft><a:buNone/></a:pPr>'
    )


def _runs(line: TextSpan, scale: float, theme_colors: Mapping[str, str]) -> str:
    """Return the parts of a line. Raised and lowered text has its own size in PowerPoint."""
    runs = []
    for part in line.styled_parts:
        style = part.style
        points = line.size if style.rise else style.points(line.size)
        size = min(max(round(points * scale * 100), _MIN_SIZE), _MAX_SIZE)
        attributes = ' b="1"' * style.bold + ' i="1"' * style.italic + ' u="sng"' * style.underline
        attributes += ' strike="sngStrike"' * style.strikethrough
        attributes += f' baseline="{round(style.rise * 100_000)}"' if style.rise else ""
        color = style.color if style.color and line.color != "none" else line.color
        font = _MONOSPACE if style.monospace else "+mn-lt"
        runs.append(
            f'<a:r><a:rPr lang="en-US" sz="{size}"{attributes} dirty="0">{solid_fill(color, theme_colors)}'
            f'<a:latin typeface="{font}"/></a:rPr><a:t>{escape_text(part.text)}</a:t></a:r>'
        )
    return "".join(runs)


def shape_properties(number: int, name: str, description: str = "", link: str = "") -> str:
    """Return the id and name of a shape, with its alternative text and the element of its hyperlink."""
    alternative = f" descr={quote_attribute(description)}" if description else ""
    end = f">{link}</p:cNvPr>" if link else "/>"
    return f'<p:cNvPr id="{number}" name={quote_attribute(" ".join(name.split()))}{alternative}{end}'
