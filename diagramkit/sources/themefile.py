"""Read a user's theme: YAML with colors, sizes, group styles and a font, based on a built-in theme."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from diagramkit import data, files
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail, os_error_reason
from diagramkit.excerpts import with_excerpts
from diagramkit.sources import spec_problems, yamltree
from diagramkit.sources.value_types import EnumType, Field, ListType, NumberType, ObjectType, PatternType, TextType
from diagramkit.sources.yamltree import Tree
from diagramkit.style import font, group_kinds, theme
from diagramkit.style.colors import MIN_CONTRAST, contrast
from diagramkit.style.theme import Theme

_COLOR = PatternType(r"#[0-9A-Fa-f]{6}", "a color such as '#1A2B3C'")
_COLOR_OR_NONE = PatternType(r"#[0-9A-Fa-f]{6}|none", "a color such as '#1A2B3C', or none")
_MAX_SIZE = 400.0  # In points.

_GROUP = ObjectType(
    "a group's style",
    {
        "border": Field(_COLOR, "The color of the border and of the tile."),
        "fill": Field(_COLOR_OR_NONE, "The color inside."),
        "tile": Field(_COLOR, "The color behind the group's icon."),
        "dash": Field(ListType(NumberType(0.1, 100)), "Dash and gap, in points."),
    },
)

MODEL = ObjectType(
    "the theme",
    {
        "base": Field(EnumType(theme.BASES), "The theme to start from (default: light)."),
        "font": Field(TextType(), "A TrueType or OpenType file in the theme's folder or below it."),
        **{name: Field(_COLOR_OR_NONE if name == "plate" else _COLOR, "A color.") for name in theme.COLOR_KEYS},
        "sizes": Field(
            ObjectType(
                "the sizes",
                {name: Field(NumberType(0.1, _MAX_SIZE), "In points.") for name in data.load("style", "sizes.yaml")},
            ),
            "Sizes and spacing, in points.",
        ),
        "groups": Field(
            ObjectType("the groups", {kind: Field(_GROUP, "Its style.") for kind in group_kinds.load()}),
            "Styles of groups by kind.",
        ),
    },
)


def load(path: str) -> tuple[Theme, tuple[Diagnostic, ...]]:
    """Return the theme in a file, and warnings about text colors with low contrast.

    Raises `DiagramError` (unreadable-file, wrong-value, bad-font and others).
    """
    try:
        text = files.content(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = os_error_reason(error) if isinstance(error, OSError) else "it is not UTF-8"
        message = f"the theme cannot be read: {reason}; name another file, or use light, dark, auto or mono"
        raise fail("unreadable-file", message, Span(path)) from None
    if problems := _problems(text, path):
        raise DiagramError(spec_problems.with_fixes(text, problems, lambda new_text: _problems(new_text, path)))
    tree = yamltree.load(text, path)
    entries = tree.items()
    colors = {name: entries[name].text() for name in theme.COLOR_KEYS if name in entries}
    result = theme.build(
        entries["base"].text() if "base" in entries else "light",
        colors,
        {name: float(size.text()) for name, size in _items(entries, "sizes").items()},
        {kind: _group(style) for kind, style in _items(entries, "groups").items()},
        _face(path, entries),
        Path(path).stem,
    )
    return result, tuple(_contrast_warnings(result, tree))


def _problems(text: str, path: str) -> Sequence[Diagnostic]:
    try:
        return with_excerpts(MODEL.check(yamltree.load(text, path), ""), text)
    except DiagramError as error:
        return error.problems


def _items(entries: dict[str, Tree], name: str) -> dict[str, Tree]:
    return entries[name].items() if name in entries else {}


def _group(tree: Tree) -> dict[str, object]:
    """Return the style of a group as `theme.build` expects it."""
    return {
        name: [float(part.text()) for part in field.entries()] if name == "dash" else field.text()
        for name, field in tree.items().items()
    }


def _face(path: str, entries: dict[str, Tree]) -> font.Face:
    """Return the theme's font, or the bundled one. Raises `DiagramError` (bad-font)."""
    if "font" not in entries:
        return font.bundled()
    tree = entries["font"]
    folder = Path(os.path.realpath(path)).parent
    file = os.path.join(folder, tree.text())
    if not files.can_exist(file):
        raise fail("bad-font", f"'{tree.text()}' is not the path of a file", tree.span)
    if not Path(os.path.realpath(file)).is_relative_to(folder):
        message = f"'{tree.text()}' is not in the theme's folder; copy the font into it"
        raise fail("bad-font", message, tree.span)
    try:
        return font.from_file(os.path.realpath(file))
    except (OSError, ValueError) as error:
        reason = os_error_reason(error) if isinstance(error, OSError) else error
        raise fail("bad-font", f"'{tree.text()}' cannot be used: {reason}", tree.span) from None


def _contrast_warnings(loaded_theme: Theme, tree: Tree) -> list[Diagnostic]:
    """Return a warning for each text color with low contrast to a background that text may have."""
    fills = {style.fill for style in loaded_theme.groups.values() if style.fill}
    backgrounds = sorted({loaded_theme.background, loaded_theme.shape_fill, loaded_theme.label_background, *fills})
    warnings = []
    for name in ("text", "muted"):
        for background in backgrounds:
            ratio = contrast(getattr(loaded_theme, name), background)
            if ratio < MIN_CONTRAST:
                span = tree.items().get(name, tree).span
                message = (
                    f"'{name}' has a contrast of {ratio:.1f} on {background}, less than {MIN_CONTRAST}: "
                    "it is hard to read; make one of the two darker or lighter"
                )
                warnings.append(Diagnostic("low-contrast", message, span, "warning"))
    return warnings
