"""What stands around a picture: its title, caption, numbered list, legend and footer; and the
background that fills a canvas of so many pixels."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.drawing import Badge, Box, Drawing, PageNotes, Swatch, TextSpan, moved
from diagramkit.graph import Graph, PictureOptions
from diagramkit.layout.canvas import Canvas
from diagramkit.layout.drawing_builder import text_spans
from diagramkit.measure import text_layout
from diagramkit.style import css
from diagramkit.style.theme import Theme

_GAP = 12.0
_LIST_WIDTH = 240.0
_SWATCH = Box(0, 0, 26, 16)
_STROKES = {"solid": (), "normal": (), "dotted": (3.0, 4.0), "thick": ()}
_KIND_NAMES = {
    "aws-cloud": "AWS Cloud",
    "region": "Region",
    "availability-zone": "Availability Zone",
    "vpc": "VPC",
    "public-subnet": "Public subnet",
    "private-subnet": "Private subnet",
    "security-group": "Security group",
    "auto-scaling-group": "Auto Scaling group",
    "eks-cluster": "EKS cluster",
    "ecs-cluster": "ECS cluster",
    "account": "AWS account",
    "ec2-contents": "EC2 instance",
    "corporate-data-center": "Corporate data center",
}


class PageComposer(Struct, frozen=True):
    """What to put around a picture of `graph`; `steps` is the numbered list."""

    graph: Graph
    look: PictureOptions
    steps: tuple[tuple[int, str], ...]
    theme: Theme
    canvas: Canvas | None

    def around(self, drawing: Drawing) -> Drawing:
        """The drawing with all that stands around it; the list beside it or below, whichever
        shows larger on the canvas."""
        below = self._composed(drawing, beside=False)
        if self.steps:
            beside = self._composed(drawing, beside=True)
            if self._shown(beside) > self._shown(below):
                below = beside
        return self._filled(below)

    def _shown(self, drawing: Drawing) -> float:
        if self.canvas:
            return self.canvas.scale(drawing.width, drawing.height)
        return -max(drawing.width, 1.6 * drawing.height)

    def _composed(self, drawing: Drawing, beside: bool) -> Drawing:
        margin = self.theme.sizes.margin
        made = _ColumnComposer(self.theme, drawing)
        if self.look.title and self.graph.title:
            made.heading(self.graph.title)
        made.picture()
        if self.steps:
            if beside:
                made.list_beside(self.steps)
            else:
                made.list_below(self.steps)
        if self.look.caption:
            made.line(self.look.caption, self.theme.sizes.label)
        entries = _legend(self.graph, self.look, self.theme, drawing)
        if entries:
            made.legend(entries)
        if self.look.footer:
            made.line(self.look.footer, self.theme.sizes.detail)
        return made.drawing(margin)

    def _filled(self, drawing: Drawing) -> Drawing:
        """The drawing in the middle of a canvas whose size is said in pixels."""
        canvas = self.canvas
        if canvas is None or not canvas.exact:
            return drawing
        ratio = canvas.width / canvas.height
        width = max(drawing.width, drawing.height * ratio)
        height = width / ratio
        placed = moved(drawing, (width - drawing.width) / 2, (height - drawing.height) / 2)
        return replace(placed, width=width, height=height, pixels=canvas.width)


class _ColumnComposer:
    """Stacks things below each other, the picture among them."""

    def __init__(self, theme: Theme, drawing: Drawing) -> None:
        self.theme, self.given = theme, drawing
        self.margin = theme.sizes.margin
        self.width = max(drawing.width, 16 * theme.sizes.label)
        self.y = self.margin
        self.shift = 0.0
        self.texts: list[TextSpan] = []
        self.badges: list[Badge] = []
        self.swatches: list[Swatch] = []
        self.picked = False

    def heading(self, words: str) -> None:
        """The title, left-aligned with the picture."""
        self._write(words, self.theme.sizes.title, self.theme.text)
        self.y += _GAP

    def picture(self) -> None:
        """The picture itself, whose own margin joins ours."""
        self.shift = self.y - self.margin
        self.y = self.shift + self.given.height - self.margin + _GAP
        self.picked = True

    def line(self, words: str, size: float) -> None:
        """A line of text below what there is."""
        self._write(words, size, self.theme.muted)
        self.y += _GAP / 2

    def list_below(self, steps: Sequence[tuple[int, str]]) -> None:
        """The numbered list in as many columns as fit, read downwards."""
        inner = self.width - 2 * self.margin
        columns = max(1, min(len(steps), int((inner + _GAP) // (_LIST_WIDTH + _GAP))))
        rows = -(-len(steps) // columns)
        step = (inner + _GAP) / columns
        top, low = self.y, self.y
        for column in range(columns):
            x = self.margin + column * step
            part = steps[column * rows : (column + 1) * rows]
            low = max(low, self._list(part, x, top, step - _GAP))
        self.y = low + _GAP / 2

    def list_beside(self, steps: Sequence[tuple[int, str]]) -> None:
        """The numbered list at the right of the picture."""
        top, bottom = self.shift + self.margin, self.y
        low = self._list(steps, self.given.width, top, _LIST_WIDTH)
        self.width = max(self.width, self.given.width + _LIST_WIDTH + self.margin)
        self.y = max(bottom, low)

    def legend(self, entries: Sequence[tuple[Swatch, str]]) -> None:
        """Samples with their meanings, in rows."""
        sizes = self.theme.sizes
        x = self.margin
        for swatch, meaning in entries:
            block = text_layout.text_block(
                self.theme.face, [(meaning, sizes.detail, True)], _LIST_WIDTH, sizes.line_height
            )
            wide = _SWATCH.w + 8 + block.width
            if x > self.margin and x + wide > self.width - self.margin:
                x, self.y = self.margin, self.y + _SWATCH.h + 8
            middle = self.y + _SWATCH.h / 2
            self.swatches.append(replace(swatch, box=swatch.box.moved(x, self.y)))
            self.texts += text_spans(block, x + _SWATCH.w + 8, middle - block.height / 2, self.theme, centered=False)
            x += wide + 2 * _GAP
        self.y += _SWATCH.h + _GAP

    def drawing(self, margin: float) -> Drawing:
        """The whole."""
        if not (self.texts or self.badges or self.swatches):
            return self.given
        right = max([self.width, *(line.box.right + margin for line in self.texts)])
        height = max(self.y - _GAP / 2 + margin, self.shift + self.given.height)
        placed = moved(self.given, 0.0, self.shift)
        notes = PageNotes(tuple(self.texts), tuple(self.badges), tuple(self.swatches))
        return replace(placed, width=float(-(-right // 1)), height=float(-(-height // 1)), notes=notes)

    def _write(self, words: str, size: float, color: str) -> None:
        sizes = self.theme.sizes
        lines = [(part, size, False) for part in text_layout.plain_lines(words)]
        block = text_layout.text_block(self.theme.face, lines, self.width - 2 * self.margin, sizes.line_height)
        self.texts += text_spans(block, self.margin, self.y, self.theme, centered=False, color=color)
        self.y += block.height

    def _list(self, steps: Sequence[tuple[int, str]], x: float, top: float, width: float) -> float:
        """A column of numbered lines; where it ends."""
        sizes, y = self.theme.sizes, top
        for number, words in steps:
            block = text_layout.text_block(
                self.theme.face,
                [(words, sizes.detail, False)],
                width - sizes.badge - 8,
                sizes.line_height,
            )
            row = max(block.height, sizes.badge)
            first = sizes.detail * sizes.line_height
            box = Box(x, y + max(0.0, (min(first, row) - sizes.badge) / 2), sizes.badge, sizes.badge)
            self.badges.append(step_badge(number, box, self.theme))
            drop = max(0.0, (sizes.badge - first) / 2)
            self.texts += text_spans(block, x + sizes.badge + 8, y + drop, self.theme, centered=False)
            y += max(row, block.height + drop) + 6
        return y


def step_badge(number: int, box: Box, theme: Theme) -> Badge:
    """A step's number in its circle."""
    size = theme.sizes.detail
    block = text_layout.text_block(theme.face, [(str(number), size, False)], box.w, theme.sizes.line_height)
    top = box.center[1] - block.height / 2
    (line,) = text_spans(block, box.center[0], top, theme, color=theme.badge_text)
    return Badge(box, line, theme.badge)


def _legend(graph: Graph, look: PictureOptions, theme: Theme, drawing: Drawing) -> list[tuple[Swatch, str]]:
    """The samples that the legend explains."""
    if look.legend is None:
        return []
    styles = {group.id: theme.group(group) for group in graph.groups}
    kinds = dict.fromkeys(style.kind for style in styles.values() if style.kind != "generic")
    wanted = look.legend or tuple((kind, _KIND_NAMES.get(kind, kind)) for kind in kinds)
    classes = {name: node.style for node in reversed(graph.nodes) for name in node.classes}
    found = []
    for sign, meaning in wanted:
        if sign in _STROKES:
            width = drawing.edge_width * (2.2 if sign == "thick" else 1)
            line = Box(0, _SWATCH.h / 2, _SWATCH.w, 0)
            found.append((Swatch(line, theme.edge, None, _STROKES[sign], width), meaning))
        elif sign in classes:
            own = css.css_style(classes[sign], theme.ground)
            border, fill = own.stroke or theme.shape_border, own.fill or theme.shape_fill
            found.append((Swatch(_SWATCH, border, fill, own.dash or (), 1.25), meaning))
        elif sign in theme.groups:
            style = theme.groups[sign]
            found.append((Swatch(_SWATCH, style.border, style.fill, style.dash, 1.25), meaning))
    return found
