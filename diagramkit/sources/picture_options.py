"""The options that control how a picture looks, in one table.

The table feeds the keys of a spec and their JSON Schema, the command line and with it the settings file and the
notebook magic, and the settings of MkDocs and Sphinx. A new option needs a field in `options.PictureOptions`, an entry
here, and the code that honors it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from diagramkit.options import CANVAS_SIDES, PictureOptions, canvas_name
from diagramkit.sources.value_types import (
    BooleanType,
    EnumType,
    Field,
    MapType,
    OptionType,
    PatternType,
    TextType,
    UnionType,
)

if TYPE_CHECKING:
    from diagramkit.sources.yamltree import Tree

LEGEND_STROKES = ("solid", "normal", "dotted", "thick")
"""The strokes that a legend can explain."""

_CANVAS = "16:9, 4:3, a4, square, natural or WIDTHxHEIGHT in pixels, {} to {} each".format(*CANVAS_SIDES)


def _text(tree: Tree) -> str:
    return tree.text().strip()


def _canvas(tree: Tree) -> str:
    return canvas_name(tree.text())


def _flag(tree: Tree) -> bool:
    return bool(tree.value)


def _legend(tree: Tree) -> tuple[tuple[str, str], ...] | None:
    if tree.value is False:
        return None
    return tuple((symbol, meaning.text().strip()) for symbol, meaning in tree.items().items())


class PictureOption(Struct, frozen=True):
    """One option of a picture.

    `name` is its field in `PictureOptions`, and its name in settings; `key` is its key in a spec. `description` is a
    sentence for the JSON Schema, `help` a phrase for the command line. `read` returns the value of a key in a spec.
    An option is a setting of MkDocs and Sphinx, unless only one picture can have its value (`on_sites`). There, it has
    another default if `site_default` is not None.
    """

    name: str
    key: str
    type: OptionType | UnionType
    description: str
    help: str
    read: Callable[[Tree], Any] = _text
    on_sites: bool = True
    site_default: str | bool | float | None = None

    @property
    def flag(self) -> str:
        """The option on the command line: `--corner-radius` for `corner_radius`."""
        return f"--{self.name.replace('_', '-')}"


PICTURE_OPTIONS = (
    PictureOption(
        "canvas",
        "canvas",
        PatternType(r"16:9|4:3|a4|square|natural|\d{2,5}x\d{2,5}", _CANVAS, canvas_name),
        f"The area that the picture should suit: {_CANVAS}.",
        "the area to fit: 16:9, 4:3, a4, square, natural, or pixels such as 1920x1080 (default: 16:9)",
        _canvas,
        site_default="natural",
    ),
    PictureOption(
        "frame",
        "frame",
        EnumType(("aws-cloud",)),
        "A frame around everything that runs in AWS.",
        "draw a frame around everything that runs in AWS",
    ),
    PictureOption(
        "lines",
        "lines",
        EnumType(("orthogonal", "curved", "straight")),
        "How edges are drawn (default: orthogonal).",
        "how edges are drawn (default: orthogonal)",
    ),
    PictureOption(
        "hops",
        "hops",
        BooleanType(),
        "Whether one of two crossing edges hops over the other in a small arc (default: true).",
        "draw a small arc where one edge crosses another at a right angle (default: on)",
        _flag,
    ),
    PictureOption(
        "title",
        "show_title",
        BooleanType(),
        "Whether the title is shown above the picture (default: only a title in the Mermaid is).",
        "show the title above the picture (default: only a title in the Mermaid is shown)",
        _flag,
    ),
    PictureOption(
        "title_text",
        "title_text",
        TextType(),
        "The title above the picture, instead of `title`.",
        "show this title above the picture",
        on_sites=False,
    ),
    PictureOption(
        "caption",
        "caption",
        TextType(),
        "A sentence below the picture.",
        "a sentence below the picture",
        on_sites=False,
    ),
    PictureOption(
        "footer",
        "footer",
        TextType(),
        "Small print at the very bottom.",
        "small print at the bottom",
        on_sites=False,
    ),
    PictureOption(
        "steps",
        "steps",
        BooleanType(),
        "Whether to number the edges and list their labels next to the picture.",
        "number the edges, and list the texts of their labels",
        _flag,
    ),
    PictureOption(
        "legend",
        "legend",
        UnionType((BooleanType(), MapType(TextType(), "{dotted: asynchronous}"))),
        "true: explain the kinds of groups; or meanings by symbol (a kind of group, a stroke, a class).",
        "explain the kinds of groups",
        _legend,
        on_sites=False,
    ),
)

FIELDS: dict[str, Field] = {option.key: Field(option.type, option.description) for option in PICTURE_OPTIONS}
"""The keys of a spec."""

SITE_OPTIONS = tuple(option for option in PICTURE_OPTIONS if option.on_sites)
"""The options that are settings of MkDocs and Sphinx."""


def _color(text: str) -> str:
    """Return a color in any notation of CSS as #RRGGBB, or `transparent`; another text unchanged."""
    from diagramkit.style import colors

    color = colors.parse(text)
    return "transparent" if color == colors.NONE else color or text


BACKGROUND = PatternType(r"transparent|#[0-9A-Fa-f]{6}", "#RRGGBB, a color name such as white, or transparent", _color)
"""The type of the option `background`."""


def parse_theme(text: str) -> str:
    """Return the value of the option `theme`: a name, or the path of a theme file. Raises `ValueError`."""
    from diagramkit.diagnostics import did_you_mean
    from diagramkit.style.theme import THEMES

    if text in THEMES or text.lower().endswith((".yaml", ".yml")):
        return text
    hint = did_you_mean(text, THEMES) or f": expected {', '.join(THEMES)} or a .yaml file"
    raise ValueError(f"invalid theme '{text}'{hint}")


def validated(name: str, value: Any) -> Any:
    """Return a value that Python code gave to `theme`, `background` or a picture option, as `Options` has it.

    A value is what a spec may contain; a legend may also consist of pairs. None is unset. Raises `ValueError`.
    """
    from diagramkit.sources import yamltree

    if name == "theme":
        return parse_theme(str(value))
    if value is None:
        return None
    option = next((option for option in PICTURE_OPTIONS if option.name == name), None)
    is_pairs = isinstance(value, tuple)
    tree = yamltree.from_value(dict(value) if is_pairs else value)
    for problem in (option.type if option else BACKGROUND).check(tree, name):
        raise ValueError(problem.message)
    if option is None:
        return BACKGROUND.parse(value)
    return value if is_pairs else option.read(tree)


def read(entries: dict[str, Tree]) -> PictureOptions:
    """Return the picture options of a validated spec, whose fields are `entries`."""
    present = (option for option in PICTURE_OPTIONS if option.key in entries)
    return PictureOptions(**{option.name: option.read(entries[option.key]) for option in present})
