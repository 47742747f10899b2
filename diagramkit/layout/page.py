"""Add everything around a picture: title, caption, numbered list, legend and footer, and the background of a canvas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.drawing import Badge, Box, Drawing, PageNotes, Swatch, TextSpan, moved
from diagramkit.graph import Edge, Graph, Group, Node
from diagramkit.layout.canvas import Canvas
from diagramkit.layout.drawing_builder import text_spans
from diagramkit.measure import text_layout
from diagramkit.options import PictureOptions
from diagramkit.sources.label_text import literal_line, styled_lines
from diagramkit.sources.picture_options import LEGEND_STROKES
from diagramkit.style import colors, css
from diagramkit.style.text_style import StyledLine, StyledText
from diagramkit.style.theme import Theme

_GAP = 12.0
_LIST_WIDTH = 240.0
_SWATCH = Box(0, 0, 26, 16)
_BORDER_WIDTH = 1.25


class PageComposer(Struct, frozen=True):
    """What to put around a picture of `graph`; `steps` is the numbered list."""

    graph: Graph
    options: PictureOptions
    steps: tuple[tuple[int, str], ...]
    theme: Theme
    canvas: Canvas | None

    def compose(self, drawing: Drawing) -> Drawing:
        """Return the drawing with everything around it.

        The numbered list is to the right of the picture or below it, whichever makes it larger on the canvas.
        """
        best = self._compose(drawing, list_at_right=False)
        if self.steps:
            at_right = self._compose(drawing, list_at_right=True)
            if self._display_scale(at_right) > self._display_scale(best):
                best = at_right
        return self._fill_canvas(best)

    def _display_scale(self, drawing: Drawing) -> float:
        """Return how large a drawing is shown; without a canvas, small drawings are preferred."""
        if self.canvas:
            return self.canvas.scale(drawing.width, drawing.height)
        return -max(drawing.width, 1.6 * drawing.height)

    def _compose(self, drawing: Drawing, list_at_right: bool) -> Drawing:
        margin = self.theme.sizes.margin
        composer = _ColumnComposer(self.theme, drawing)
        if self.options.title and self.graph.title:
            composer.heading(self.graph.title)
        composer.picture()
        if self.steps:
            if list_at_right:
                composer.list_at_right(self.steps)
            else:
                composer.list_below(self.steps)
        if self.options.caption:
            composer.line(self.options.caption, self.theme.sizes.label)
        entries = _legend(self.graph, self.options, self.theme, drawing)
        if entries:
            composer.legend(entries)
        if self.options.footer:
            composer.line(self.options.footer, self.theme.sizes.detail)
        return composer.drawing(margin)

    def _fill_canvas(self, drawing: Drawing) -> Drawing:
        """Return the drawing in the middle of a canvas, if its size is specified in pixels."""
        canvas = self.canvas
        if canvas is None or not canvas.exact:
            return drawing
        ratio = canvas.width / canvas.height
        width = max(drawing.width, drawing.height * ratio)
        height = width / ratio
        centered = moved(drawing, (width - drawing.width) / 2, (height - drawing.height) / 2)
        return replace(centered, width=width, height=height, pixels=canvas.width)


class _ColumnComposer:
    """Stacks elements below each other, one of which is the picture."""

    def __init__(self, theme: Theme, drawing: Drawing) -> None:
        self.theme, self.original = theme, drawing
        self.margin = theme.sizes.margin
        self.width = max(drawing.width, 16 * theme.sizes.label)  # Up to which texts may extend.
        self.right = drawing.width
        self.y = self.margin
        self.shift = 0.0
        self.texts: list[TextSpan] = []
        self.badges: list[Badge] = []
        self.swatches: list[Swatch] = []

    def heading(self, text: str) -> None:
        """Add the title, left-aligned with the picture."""
        self._write((literal_line(text),), self.theme.sizes.title, self.theme.text)
        self.y += _GAP

    def picture(self) -> None:
        """Add the picture. Its margin is shared with that of the page."""
        self.shift = self.y - self.margin
        self.y = self.shift + self.original.height - self.margin + _GAP

    def line(self, text: str, size: float) -> None:
        """Add a line of text."""
        self._write(styled_lines(text), size, self.theme.muted)
        self.y += _GAP / 2

    def list_below(self, steps: Sequence[tuple[int, str]]) -> None:
        """Add the numbered list in as many columns as fit, filled from top to bottom."""
        inner = self.width - 2 * self.margin
        columns = max(1, min(len(steps), int((inner + _GAP) // (_LIST_WIDTH + _GAP))))
        rows = -(-len(steps) // columns)
        column_width = (inner + _GAP) / columns
        top, bottom = self.y, self.y
        for column in range(columns):
            x = self.margin + column * column_width
            column_steps = steps[column * rows : (column + 1) * rows]
            bottom = max(bottom, self._list(column_steps, x, top, column_width - _GAP))
        self.y = bottom + _GAP / 2

    def list_at_right(self, steps: Sequence[tuple[int, str]]) -> None:
        """Add the numbered list to the right of the picture."""
        top, bottom = self.shift + self.margin, self.y
        list_bottom = self._list(steps, self.original.width, top, _LIST_WIDTH)
        self.right = self.original.width + _LIST_WIDTH + self.margin
        self.width = max(self.width, self.right)
        self.y = max(bottom, list_bottom)

    def legend(self, entries: Sequence[tuple[Swatch, str]]) -> None:
        """Add samples with their meanings, in rows."""
        sizes = self.theme.sizes
        x = self.margin
        for swatch, meaning in entries:
            block = text_layout.text_block(
                self.theme.face, [((StyledText(meaning),), sizes.detail, True)], _LIST_WIDTH, sizes.line_height
            )
            width = _SWATCH.w + 8 + block.width
            if x > self.margin and x + width > self.width - self.margin:
                x, self.y = self.margin, self.y + _SWATCH.h + 8
            middle = self.y + _SWATCH.h / 2
            self.swatches.append(replace(swatch, box=swatch.box.moved(x, self.y)))
            self.texts += text_spans(block, x + _SWATCH.w + 8, middle - block.height / 2, self.theme, centered=False)
            x += width + 2 * _GAP
        self.y += _SWATCH.h + _GAP

    def drawing(self, margin: float) -> Drawing:
        """Return the drawing with everything that was added."""
        if not (self.texts or self.badges or self.swatches):
            return self.original
        right = max([self.right, *(line.box.right + margin for line in self.texts)])
        height = max(self.y - _GAP / 2 + margin, self.shift + self.original.height)
        shifted = moved(self.original, 0.0, self.shift)
        notes = PageNotes(tuple(self.texts), tuple(self.badges), tuple(self.swatches))
        return replace(shifted, width=float(-(-right // 1)), height=float(-(-height // 1)), notes=notes)

    def _write(self, lines: Iterable[StyledLine], size: float, color: str) -> None:
        sizes = self.theme.sizes
        sized = [(line, size, False) for line in lines]
        block = text_layout.text_block(self.theme.face, sized, self.width - 2 * self.margin, sizes.line_height)
        self.texts += text_spans(block, self.margin, self.y, self.theme, (color, color), centered=False)
        self.y += block.height

    def _list(self, steps: Sequence[tuple[int, str]], x: float, top: float, width: float) -> float:
        """Add a column of numbered lines, and return the y where it ends."""
        sizes, y = self.theme.sizes, top
        for number, text in steps:
            block = text_layout.text_block(
                self.theme.face,
                [((StyledText(text),), sizes.detail, False)],
                width - sizes.badge - 8,
                sizes.line_height,
            )
            row_height = max(block.height, sizes.badge)
            line_height = sizes.detail * sizes.line_height
            box = Box(x, y + max(0.0, (min(line_height, row_height) - sizes.badge) / 2), sizes.badge, sizes.badge)
            self.badges.append(step_badge(number, box, self.theme))
            offset = max(0.0, (sizes.badge - line_height) / 2)
            self.texts += text_spans(block, x + sizes.badge + 8, y + offset, self.theme, centered=False)
            y += max(row_height, block.height + offset) + 6
        return y


def step_badge(number: int, box: Box, theme: Theme) -> Badge:
    """Return a step's number in its circle."""
    size = theme.sizes.detail
    block = text_layout.text_block(
        theme.face, [((StyledText(str(number)),), size, False)], box.w, theme.sizes.line_height
    )
    top = box.center[1] - block.height / 2
    (line,) = text_spans(block, box.center[0], top, theme, (theme.badge_text, theme.badge_text))
    return Badge(box, line, theme.badge)


def _legend(graph: Graph, options: PictureOptions, theme: Theme, drawing: Drawing) -> list[tuple[Swatch, str]]:
    """Return the samples of the legend with their meanings."""
    if options.legend is None:
        return []
    styles = {group.id: theme.group(group) for group in graph.groups}
    kinds = dict.fromkeys(style.kind for style in styles.values() if style.kind != "generic")
    entries = options.legend or tuple((kind, theme.groups[kind].name) for kind in kinds)
    samples = _Samples(graph, theme, drawing)
    return [(swatch, meaning) for symbol, meaning in entries if (swatch := samples.of(symbol))]


class _Samples(Struct, frozen=True):
    """The samples of a legend."""

    graph: Graph
    theme: Theme
    drawing: Drawing

    def of(self, symbol: str) -> Swatch | None:
        """Return the sample of a stroke, a class or a kind of group; None if nothing looks like that."""
        if symbol in LEGEND_STROKES:
            return self._line(self.theme.edge, *self.drawing.pen(symbol))
        item = next((item for item in self.graph.elements if symbol in item.classes), None)
        if item is not None:
            return self._of_class(item)
        if symbol in self.theme.groups:
            style = self.theme.groups[symbol]
            return Swatch(_SWATCH, style.border, style.fill, style.dash, _BORDER_WIDTH)
        return None

    def _of_class(self, item: Node | Group | Edge) -> Swatch:
        """Return a sample of the first element of a class: an area, or a line for an edge."""
        style, theme = css.css_style(item.style), self.theme
        if isinstance(item, Edge):
            width = self.drawing.edge_width if style.width is None else style.width
            return self._line(style.visible(style.stroke or theme.edge), width, style.dash or ())
        if isinstance(item, Group):
            kind = theme.group(item)
            border, fill, dash = kind.border, kind.fill or colors.NONE, kind.dash
        else:
            border, fill, dash = theme.shape_border, theme.shape_fill, ()
        return Swatch(
            _SWATCH,
            style.visible(style.stroke or border),
            style.visible(style.fill or fill),
            dash if style.dash is None else style.dash,
            _BORDER_WIDTH if style.width is None else style.width,
        )

    def _line(self, color: str, width: float, dash: tuple[float, ...]) -> Swatch:
        return Swatch(Box(0, _SWATCH.h / 2, _SWATCH.w, 0), color, None, dash, width)
