"""A drawing as SVG 1.1: one file, icons and font inside, nothing fetched, no script.

One point of the drawing is one unit of the viewBox.
"""

from __future__ import annotations

import base64
import re
from xml.sax.saxutils import escape, quoteattr

from diagramkit.drawing import Box, Drawing, EdgeDrawing, GroupDrawing, NodeDrawing, Point, Text
from diagramkit.graph import Head
from diagramkit.icons import art
from diagramkit.style import font, theme
from diagramkit.writers.shapes import number, outline, polygon, rounded

_FALLBACK = "'Helvetica Neue',Arial,sans-serif"
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff\u202a-\u202e\u2066-\u2069]"
)
_SAFE_LINK = re.compile(r"(?:https?:|mailto:|[./#?]|[^:]*\Z)", re.I)
_THICK = 2.0  # The broadest line, in points, that the usual arrow head suits.
_PLATE_ROUND = 6.0


def write(drawing: Drawing) -> str:
    """The drawing as a whole SVG document, its font embedded as WOFF2."""
    text = "".join(line.text for line in drawing.texts())
    data = base64.b64encode(font.subset(text).woff2).decode("ascii")
    face = (
        f"@font-face{{font-family:'{font.FAMILY}';"
        f"src:url(data:font/woff2;base64,{data}) format('woff2')}}"
    )
    return _document(drawing, drawing.width, drawing.height, face)


def write_for_raster(drawing: Drawing, scale: float) -> str:
    """The same picture for the rasteriser: `scale` pixels a point, the font given to it apart."""
    return _document(drawing, drawing.width * scale, drawing.height * scale, "")


def _document(drawing: Drawing, width: float, height: float, face: str) -> str:
    style = f"{face}text{{font-family:'{font.FAMILY}',{_FALLBACK};font-variant-ligatures:none}}"
    parts = [
        (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="0 0 {number(drawing.width)} {number(drawing.height)}" '
            f'width="{number(width)}" height="{number(height)}" role="img" '
            'aria-labelledby="title desc">'
        ),
        f'<title id="title">{_text(drawing.title)}</title>',
        f'<desc id="desc">{_text(drawing.description)}</desc>',
        f"<defs><style>{style}</style>{''.join(_symbols(drawing))}</defs>",
        (
            f'<rect width="{number(drawing.width)}" height="{number(drawing.height)}" '
            f'fill="{drawing.background}"/>'
        ),
        *(_group(group) for group in drawing.groups),
        *(_edge(edge, drawing) for edge in drawing.edges),
        *(_node(node) for node in drawing.nodes),
        *(_edge_label(edge, drawing) for edge in drawing.edges if edge.texts),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _symbols(drawing: Drawing) -> list[str]:
    """Each icon once, whatever the number of nodes that show it."""
    used = [group.icon for group in drawing.groups if group.icon]
    used += [node.icon for node in drawing.nodes if node.icon]
    made = []
    for reference in dict.fromkeys(used):
        icon = art.load(reference)
        data = base64.b64encode(icon.png).decode("ascii")
        made.append(
            f'<symbol id="{_icon_id(reference)}" viewBox="0 0 {icon.w} {icon.h}">'
            f'<image width="{icon.w}" height="{icon.h}" '
            f'xlink:href="data:image/png;base64,{data}"/></symbol>'
        )
    return made


def _icon_id(reference: str) -> str:
    return "icon-" + reference.replace(".", "-").lower()


def _use(reference: str, box: Box) -> str:
    return f'<use xlink:href="#{_icon_id(reference)}" {_place(box)}/>'


def _place(box: Box) -> str:
    return (
        f'x="{number(box.x)}" y="{number(box.y)}" width="{number(box.w)}" height="{number(box.h)}"'
    )


def _group(group: GroupDrawing) -> str:
    dash = f' stroke-dasharray="{" ".join(number(d) for d in group.dash)}"' if group.dash else ""
    parts = [
        f'<g class="group {group.kind}" data-id={_attribute(group.id)}>',
        f"<title>{_text(group.title)}</title>",
        (
            f'<rect {_place(group.box)} fill="{group.fill or "none"}" stroke="{group.border}" '
            f'stroke-width="{number(group.width)}"{dash}/>'
        ),
    ]
    if group.tile and group.glyph:
        side = number(group.tile.w / 24)
        parts.append(f'<rect {_place(group.tile)} fill="{group.tile_fill}"/>')
        parts.append(
            f'<path d="{theme.glyph(group.glyph)}" fill="none" stroke="#FFFFFF" '
            'stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" '
            f'transform="translate({number(group.tile.x)} {number(group.tile.y)}) scale({side})"/>'
        )
    elif group.tile and group.icon:
        parts.append(_use(group.icon, group.tile))
    return "".join([*parts, *(_line(text) for text in group.texts), "</g>"])


def _node(node: NodeDrawing) -> str:
    parts = [
        f'<g class="node" data-id={_attribute(node.id)}>',
        f"<title>{_text(node.tooltip or node.title)}</title>",
    ]
    if node.plate:
        pen = f' stroke="{node.border}" {_pen(node)}' if node.border else ""
        parts.append(f'<path d="{rounded(node.solid, _PLATE_ROUND)}" fill="{node.plate}"{pen}/>')
    if node.icon:
        parts.append(_use(node.icon, node.box))
    else:
        parts.append(
            f'<path d="{outline(node.shape, node.box)}" fill="{node.fill}" '
            f'stroke="{node.border}" {_pen(node)}/>'
        )
    parts += [_line(text) for text in node.texts]
    parts.append("</g>")
    drawn = "".join(parts)
    if node.link and _SAFE_LINK.match(node.link.strip()):
        target = f" target={_attribute(node.target)}" if node.target else ""
        return f"<a xlink:href={_attribute(node.link.strip())}{target}>{drawn}</a>"
    return drawn


def _pen(node: NodeDrawing) -> str:
    """The border's width and dashes."""
    dash = f' stroke-dasharray="{" ".join(map(number, node.dash))}"' if node.dash else ""
    return f'stroke-width="{number(node.width)}"{dash}'


def _line(text: Text) -> str:
    return (
        f'<text x="{number(text.box.x)}" y="{number(text.baseline)}" '
        f'font-size="{number(text.size)}" fill="{text.color}">{_text(text.text)}</text>'
    )


def _edge(edge: EdgeDrawing, drawing: Drawing) -> str:
    width = drawing.edge_width * (2.2 if edge.stroke == "thick" else 1)
    width = width if edge.width is None else edge.width
    dashes = (3.0, 4.0) if edge.stroke == "dotted" and edge.dash is None else edge.dash or ()
    dash = f' stroke-dasharray="{" ".join(map(number, dashes))}"' if dashes else ""
    pen = f'fill="none" stroke="{edge.color}" stroke-width="{number(width)}"'
    parts = [
        f'<g class="edge" data-from={_attribute(edge.source)} data-to={_attribute(edge.target)}>',
        f'<path d="{_way(_short(edge), drawing.corner)}" {pen}{dash}/>',
        _head(edge.tail, edge.points[1], edge.points[0], edge, drawing, pen),
        _head(edge.head, edge.points[-2], edge.points[-1], edge, drawing, pen),
        "</g>",
    ]
    return "".join(parts)


def _short(edge: EdgeDrawing) -> tuple[Point, ...]:
    """The path, drawn back from an arrow's tip where the line is broader than the tip."""
    back = max((edge.width or 0.0) - _THICK, 0.0)
    points = list(edge.points)
    if back and edge.head == "arrow":
        points[-1] = _towards(points[-1], points[-2], min(back, _distance(*points[-2:]) / 2))
    if back and edge.tail == "arrow":
        points[0] = _towards(points[0], points[1], min(back, _distance(*points[:2]) / 2))
    return tuple(points)


def _way(points: tuple[Point, ...], corner: float) -> str:
    """The path through `points`, its corners rounded as far as their stretches allow."""
    parts = [f"M{number(points[0][0])} {number(points[0][1])}"]
    for before, at, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(corner, _distance(before, at) / 2, _distance(at, after) / 2)
        start, end = _towards(at, before, radius), _towards(at, after, radius)
        parts.append(
            f"L{number(start[0])} {number(start[1])}Q{number(at[0])} {number(at[1])} "
            f"{number(end[0])} {number(end[1])}"
        )
    parts.append(f"L{number(points[-1][0])} {number(points[-1][1])}")
    return "".join(parts)


def _head(
    head: Head, before: Point, tip: Point, edge: EdgeDrawing, drawing: Drawing, pen: str
) -> str:
    """The sign at an edge's end, its tip where the edge touches."""
    length = drawing.head_length + 2 * max((edge.width or 0.0) - _THICK, 0.0)
    half = length * 0.5
    ux, uy = _unit(before, tip)

    def at(back: float, aside: float) -> tuple[float, float]:
        return tip[0] - ux * back - uy * aside, tip[1] - uy * back + ux * aside

    if head == "arrow":
        wings = polygon(at(length * 0.85, half), tip, at(length * 0.85, -half)).rstrip("Z")
        return f'<path d="{wings}" {pen} stroke-linejoin="miter"/>'
    if head == "circle":
        cx, cy = at(half, 0)
        return (
            f'<circle cx="{number(cx)}" cy="{number(cy)}" r="{number(half)}" '
            f'fill="{drawing.background}" stroke="{edge.color}" '
            f'stroke-width="{number(drawing.edge_width)}"/>'
        )
    if head == "cross":
        a, b, c, d = at(2, half), at(2 + length, -half), at(2, -half), at(2 + length, half)
        return f'<path d="{polygon(a, b).rstrip("Z")}{polygon(c, d).rstrip("Z")}" {pen}/>'
    return ""


def _edge_label(edge: EdgeDrawing, drawing: Drawing) -> str:
    boxes = "".join(
        f"<rect {_place(Box(t.box.x - 2, t.box.y, t.box.w + 4, t.box.h))} "
        f'fill="{drawing.label_background}" fill-opacity="0.85"/>'
        for t in edge.texts
    )
    return boxes + "".join(_line(text) for text in edge.texts)


def _distance(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _unit(a: Point, b: Point) -> Point:
    """The direction from `a` to `b`, which differ on one axis."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = max((dx * dx + dy * dy) ** 0.5, 1e-9)
    return dx / length, dy / length


def _towards(a: Point, b: Point, by: float) -> Point:
    ux, uy = _unit(a, b)
    return a[0] + ux * by, a[1] + uy * by


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("", text))


def _attribute(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub("", text))
