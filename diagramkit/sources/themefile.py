"""A user's own theme: YAML with colours, sizes, spacing, groups and a font, over a built-in one."""

from __future__ import annotations

from pathlib import Path

from diagramkit import data
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail
from diagramkit.sources import value_types, yamltree
from diagramkit.sources.yamltree import Tree
from diagramkit.style import font, theme
from diagramkit.style.css import MIN_CONTRAST, contrast
from diagramkit.style.theme import Theme

_COLOUR = value_types.PatternType(r"#[0-9A-Fa-f]{6}", "a colour as '#1A2B3C'")
_COLOUR_OR_NONE = value_types.PatternType(r"#[0-9A-Fa-f]{6}|none", "a colour as '#1A2B3C', or none")
_LONGEST = 400.0

_GROUP = value_types.ObjectType(
    "a group's style",
    {
        "border": value_types.Field(_COLOUR, "The border's colour, and its tile's."),
        "fill": value_types.Field(_COLOUR_OR_NONE, "The colour inside."),
        "tile": value_types.Field(_COLOUR, "The colour behind its glyph."),
        "dash": value_types.Field(value_types.ListType(value_types.NumberType(0.1, 100)), "Dash and gap, in points."),
    },
)

MODEL = value_types.ObjectType(
    "the theme",
    {
        "base": value_types.Field(value_types.EnumType(theme.BASES), "The theme to start from; light."),
        "font": value_types.Field(value_types.TextType(), "A TrueType or OpenType file beside the theme."),
        **{
            name: value_types.Field(_COLOUR_OR_NONE if name == "plate" else _COLOUR, "A colour.")
            for name in theme.COLOR_KEYS
        },
        "sizes": value_types.Field(
            value_types.ObjectType(
                "the sizes",
                {
                    name: value_types.Field(value_types.NumberType(0.1, _LONGEST), "In points.")
                    for name in data.load("style", "sizes.yaml")
                },
            ),
            "Sizes and spacing, in points.",
        ),
        "groups": value_types.Field(
            value_types.ObjectType(
                "the groups", {kind: value_types.Field(_GROUP, "Its style.") for kind in theme.group_kinds()}
            ),
            "How kinds of groups look.",
        ),
    },
)


def load(path: str) -> tuple[Theme, tuple[Diagnostic, ...]]:
    """The theme of a file, and warnings on text that can hardly be read in it.

    Raises `DiagramError` (unreadable-file, wrong-value, bad-font, …).
    """
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise fail("unreadable-file", f"the theme cannot be read ({reason})", Span(path)) from None
    tree = yamltree.load(text, path)
    problems = list(MODEL.check(tree, ""))
    if problems:
        raise DiagramError(problems)
    entries = tree.items()
    colours = {name: entries[name].text() for name in theme.COLOR_KEYS if name in entries}
    made = theme.build(
        entries["base"].text() if "base" in entries else "light",
        colours,
        {name: _number(size) for name, size in _items(entries, "sizes").items()},
        {kind: _group(style) for kind, style in _items(entries, "groups").items()},
        _face(path, entries),
        Path(path).stem,
    )
    return made, tuple(_unreadable(made, tree))


def _items(entries: dict[str, Tree], name: str) -> dict[str, Tree]:
    return entries[name].items() if name in entries else {}


def _number(tree: Tree) -> float:
    assert isinstance(tree.value, (int, float))
    return float(tree.value)


def _group(tree: Tree) -> dict[str, object]:
    return {
        name: [_number(part) for part in field.entries()] if name == "dash" else field.text()
        for name, field in tree.items().items()
    }


def _face(path: str, entries: dict[str, Tree]) -> font.Face:
    if "font" not in entries:
        return font.bundled()
    tree = entries["font"]
    folder = Path(path).resolve().parent
    file = (folder / tree.text()).resolve()
    if not file.is_relative_to(folder):
        message = f"'{tree.text()}' is not beside the theme; put the font into its folder"
        raise fail("bad-font", message, tree.span)
    try:
        return font.from_file(str(file))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise fail("bad-font", f"'{tree.text()}' cannot be used: {reason}", tree.span) from None


def _unreadable(made: Theme, tree: Tree) -> list[Diagnostic]:
    """A warning for each colour of text without contrast to what it stands on."""
    fills = {style.fill for style in made.groups.values() if style.fill}
    grounds = sorted({made.background, made.shape_fill, made.label_background, *fills})
    found = []
    for name in ("text", "muted"):
        for ground in grounds:
            share = contrast(getattr(made, name), ground)
            if share < MIN_CONTRAST:
                where = tree.items().get(name, tree).span
                message = (
                    f"'{name}' has a contrast of {share:.1f} on {ground}, less than {MIN_CONTRAST}: "
                    "hard to read; make one of the two darker or lighter"
                )
                found.append(Diagnostic("low-contrast", message, where, "warning"))
    return found
