"""An SVG as a part of an HTML page, where its links can be clicked: a picture in `<img>` is never interactive.

On a page, ids must be unique, and style sheets apply to everything. So every id gets a prefix, and every rule a class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from diagramkit.graph import Pattern
from diagramkit.markup import escape_html, safe_link

_TAG = re.compile(r"<([a-zA-Z][\w:-]*)(?![\w:-])((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>")
_ATTRIBUTE = re.compile(r"(?<![\w:-])([\w:-]+)=(?:\"([^\"]*)\"|'([^']*)')")
_REFERENCE = re.compile(r"(?<=url\(#)")
_FONT_FACE = re.compile(r"@font-face\{(?:[^{}']|'[^']*')*\}")
_FAMILY = re.compile(r"font-family:'([^']+)'")
_DARK = "@media(prefers-color-scheme:dark){"
_RULE = re.compile(r"\.[\w-]+\{[^}]*\}")
# Properties of a page that its text elements would inherit, and that would move letters.
_RESET = (
    "direction:ltr;letter-spacing:normal;word-spacing:normal;text-transform:none;font-weight:normal;font-style:normal;"
    "font-feature-settings:normal"
)


class InlineSvg(Struct, frozen=True):
    """The `<svg>` element of a picture without its style sheet, and the style sheet, which applies to nothing else."""

    element: str
    css: str

    @property
    def with_style(self) -> str:
        """The element with its style sheet in it."""
        return self.element.replace("<defs>", f"<defs><style>{self.css}</style>", 1)


def has_links(pattern: Pattern) -> bool:
    """Return whether a reader can follow links in the picture of a pattern."""
    return any(safe_link(item.link) for item in pattern.graph.nodes_and_groups)


def inline(svg: bytes, name: str, prefix: str, label: str | None = None) -> InlineSvg:
    """Return an SVG of diagramkit's for a page.

    `name` is the class in its style sheet; pictures with one name must be the same. `prefix` makes its ids unique.
    `label` replaces its accessible name.
    """
    text = svg.decode("utf-8").strip()
    before, _, rest = text.partition("<style>")
    css, _, after = rest.partition("</style>")
    families = {f"'{family}'": f"'{family} {name}'" for family in _FAMILY.findall("".join(_FONT_FACE.findall(css)))}
    element = _TAG.sub(lambda match: f"<{match[1]}{_attributes(match[1], match[2], prefix, families)}>", before + after)
    start = f'<svg class="{name}" style="max-width:100%;height:auto"'
    if label is not None:
        element = re.sub(r' aria-labelledby="[^"]*"', f' aria-label="{escape_html(label)}"', element, count=1)
    return InlineSvg(element.replace("<svg", start, 1), "".join(_scoped(css, name)))


def _attributes(tag: str, attributes: str, prefix: str, families: Mapping[str, str]) -> str:
    """Return the attributes of a tag with the prefix before each id and each reference to an id of the picture.

    `families` are the names on the page of the picture's fonts, by their names in the picture.
    """

    def prefixed(match: re.Match[str]) -> str:
        key, value = match[1], match[2] if match[2] is not None else match[3]
        quote = '"' if match[2] is not None else "'"
        if key == "xlink:href":
            key = "href"  # As in SVG 2, which pages have: some programs for accessibility know no other links.
        if key == "id":
            value = f"{prefix}-{value}"
        elif key == "aria-labelledby":
            value = " ".join(f"{prefix}-{each}" for each in value.split())
        elif key == "href" and tag != "a" and value.startswith("#"):
            value = f"#{prefix}-{value[1:]}"
        elif key == "font-family":
            value = ",".join(families.get(family, family) for family in value.split(","))
        elif not key.startswith(("aria-", "data-", "href")):
            value = _REFERENCE.sub(f"{prefix}-", value)
        return f"{key}={quote}{value}{quote}"

    return _ATTRIBUTE.sub(prefixed, attributes)


def _scoped(css: str, name: str) -> Iterator[str]:
    """Yield the rules of a picture's style sheet, which apply to the class `name` only.

    Its fonts contain only some characters, so they must not replace a font of the page that has the same name.
    """
    css = _FAMILY.sub(rf"font-family:'\1 {name}'", css)
    rules, _, dark = css.partition(_DARK)
    yield from _FONT_FACE.findall(rules)
    text_rule = rules[rules.rindex("text{") :].rstrip("}")
    yield f".{name} {text_rule};{_RESET}}}"
    if dark:
        yield f"{_DARK}{''.join(f'.{name} {rule}' for rule in _RULE.findall(dark.removesuffix('}')))}}}"
