"""Cleans the SVG of an icon: the result only draws; it runs nothing and loads nothing from elsewhere.

Elements and attributes are kept if they are in `data/svg.yaml`. A file that runs, loads or refers to something outside
(scripts, event handlers, links to files and URLs, entities) is rejected as a whole, because nobody puts these into an
icon by accident. What only describes the icon (titles, metadata, the attributes of an editor) is removed. The
classes of style sheets become attributes, and ids get a prefix, so that two icons never share an id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from xml.etree.ElementTree import Element, ParseError

from msgspec import Struct

from diagramkit import data
from diagramkit.markup import forbidden_in, quote_attribute

MAX_BYTES = 1_000_000
"""The size of the largest SVG that is read, in bytes."""

_MAX_ELEMENTS = 5000
_MAX_DEPTH = 64
_DRAWN_BY_URL = frozenset(
    f"{{http://www.w3.org/2000/svg}}{name}"
    for name in ("clipPath", "filter", "linearGradient", "mask", "pattern", "radialGradient")
)
"""The elements that are drawn where a value refers to them with `url(…)`."""
_MAX_DRAWN = 20_000
"""How many elements may be drawn, including those that are drawn several times."""
_MAX_LENGTH = 1e5
_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "http://www.w3.org/1999/xlink"
_HREF = f"{{{_XLINK}}}href"
_LOCAL = re.compile(r"#([\w.:-]+)")
_URL = re.compile(r"url\(([^()]*)\)", re.I)
_SELECTOR = re.compile(r"(?:[a-zA-Z]+|[.#][\w-]+)")
_FORBIDDEN = re.compile(r"javascript:|@import|@font-face|data:|https?:|file:", re.I)
_WORD = re.compile(r"[\w-]*")
_NUMBER = re.compile(r"([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*(?:px|pt)?")


class UnsafeIconError(ValueError):
    """An icon is rejected because it runs or loads something, or is broken.

    The message is a predicate, such as "draws nothing", for the caller to put after the name of the icon.
    """


class UnsupportedIconError(UnsafeIconError):
    """An icon is harmless, but contains something that is not supported, such as text or raster images."""


class Vector(Struct, frozen=True):
    """A cleaned icon: its viewBox (left, top, width, height) and the markup inside its root element."""

    box: tuple[float, float, float, float]
    body: str

    def text(self) -> str:
        """Return the icon as a complete SVG."""
        sides = " ".join(f"{side:g}" for side in self.box)
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{sides}">{self.body}</svg>'


def clean(svg: bytes, prefix: str) -> Vector:
    """Return the cleaned icon of an SVG; its ids begin with `prefix`.

    Raises `UnsafeIconError`, or its subclass `UnsupportedIconError` if the icon is harmless.
    """
    if len(svg) > MAX_BYTES:
        raise UnsafeIconError(f"is larger than {MAX_BYTES // 1_000_000} MB")
    root = _parsed(svg)
    if root.tag != f"{_SVG}svg":
        raise UnsafeIconError("is not an SVG: its root element is not <svg>")
    if sum(1 for _ in root.iter()) > _MAX_ELEMENTS:
        raise UnsafeIconError(f"has more than {_MAX_ELEMENTS} elements")
    cleaner = _Cleaner(prefix, _style_rules(root))
    attributes = "".join(cleaner.attributes(root))
    content = "".join(cleaner.elements(root, 1))
    if not content:
        raise UnsupportedIconError("draws nothing")
    vector = Vector(_view_box(root), f"<g{attributes}>{content}</g>" if attributes else content)
    _check_references(_parsed_body(vector.body))
    return vector


def _check_references(root: Element) -> None:
    """Check what drawing a cleaned icon takes. Raises `UnsafeIconError`."""
    if _References(root).drawn() > _MAX_DRAWN:
        raise UnsafeIconError(f"draws more than {_MAX_DRAWN} elements, because it uses some of them again and again")


def _parsed_body(body: str) -> Element:
    """Return the root element of an SVG with this markup inside."""
    return _parsed(f'<svg xmlns="{_SVG[1:-1]}" xmlns:xlink="{_XLINK}">{body}</svg>')


def read(text: str) -> Vector:
    """Return an icon that was cleaned before, from the text of its SVG.

    It is checked again, because a pack in a repository may have been made by hand. Raises `UnsafeIconError` if the text
    is not one that `clean` and `Vector.text` produce.
    """
    match = re.fullmatch(rf'<svg xmlns="{_SVG[1:-1]}" viewBox="([^"]*)">(.+)</svg>\s*', text, re.S)
    if not match:
        raise UnsafeIconError("was changed after its pack was added")
    root = _parsed_body(match[2])
    root.set("viewBox", match[1])
    # The element that `clean` may put around the icon is not one of its levels.
    vector = Vector(_view_box(root), "".join(_Cleaner(None, {}).elements(root, 0)))
    if vector.body != match[2]:
        raise UnsafeIconError("is not what diagramkit writes; add its pack again with 'diagramkit icons add'")
    _check_references(root)
    return vector


def _parsed(svg: bytes | str) -> Element:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(svg)
    except DefusedXmlException:
        raise UnsafeIconError("declares entities, which can expand without limit or read files") from None
    except (ParseError, ValueError, LookupError) as error:
        raise UnsafeIconError(f"is not well-formed XML: {error}") from None
    return root


def _view_box(root: Element) -> tuple[float, float, float, float]:
    """Return the viewBox of an SVG, or a box of its width and height if it has no viewBox."""
    parts = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    if len(parts) != 4:
        parts = ["0", "0", root.get("width", ""), root.get("height", "")]
    matches = [_NUMBER.fullmatch(part.strip()) for part in parts]
    # Round to the six digits with which `Vector.text` writes them.
    numbers = [float(f"{float(match[1]):g}") for match in matches if match]
    if len(numbers) != 4 or not all(0 < side <= _MAX_LENGTH for side in numbers[2:]):
        raise UnsafeIconError("has no valid viewBox or size")
    if max(map(abs, numbers)) > _MAX_LENGTH:
        raise UnsafeIconError("has a viewBox too far away from 0,0")
    return numbers[0], numbers[1], numbers[2], numbers[3]


@cache
def _lists() -> dict[str, frozenset[str]]:
    """Return the lists of `data/svg.yaml`."""
    raw = data.load("icons", "svg.yaml")
    return {name: frozenset(words) for name, words in raw.items()}


def _style_rules(root: Element) -> dict[str, dict[str, str]]:
    """Return the declarations of the style sheets in an SVG, by selector: `.cls-1`, `#a`, `path`."""
    rules: dict[str, dict[str, str]] = {}
    for style in root.iter(f"{_SVG}style"):
        text = _without_comments(style.text or "")
        if _FORBIDDEN.search(text):
            raise UnsafeIconError("has a style sheet that loads something")
        *sheet, rest = text.split("}")
        for selectors, brace, body in (rule.partition("{") for rule in sheet):
            if not brace or not selectors or "{" in body:
                raise _complex_style_sheet()
            for selector in selectors.split(","):
                if not _SELECTOR.fullmatch(selector.strip()):
                    message = (
                        f"has a style sheet with the selector '{selector.strip()[:40]}'; export it with attributes"
                    )
                    raise UnsupportedIconError(message)
                rules.setdefault(selector.strip(), {}).update(_declarations(body))
        if rest.strip():
            raise _complex_style_sheet()
    return rules


def _complex_style_sheet() -> UnsupportedIconError:
    return UnsupportedIconError("has a style sheet with more than simple rules; export it with attributes")


def _without_comments(css: str) -> str:
    parts, start = list[str](), 0
    while (begin := css.find("/*", start)) >= 0 and (end := css.find("*/", begin + 2)) >= 0:
        parts.append(css[start:begin])
        start = end + 2
    return "".join([*parts, css[start:]])


def _declarations(text: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in text.split(";"))
    return {name.strip(): value.replace("!important", "") for name, _, value in pairs if value}


class _Cleaner:
    """Writes the allowed elements and attributes of one icon. Ids get a prefix, or with None stay as they are."""

    def __init__(self, prefix: str | None, rules: Mapping[str, dict[str, str]]) -> None:
        self.prefix, self.rules = prefix, rules
        self._used_rules: dict[str, dict[str, str]] = {}

    def elements(self, parent: Element, depth: int) -> Iterator[str]:
        """Yield the markup of what is drawn inside an element."""
        if depth > _MAX_DEPTH:
            raise UnsafeIconError(f"is nested more than {_MAX_DEPTH} levels deep")
        for element in parent:
            yield from self._element(element, depth)

    def _element(self, element: Element, depth: int) -> Iterator[str]:
        namespace, _, name = element.tag.rpartition("}")
        lists = _lists()
        if name == "image" and _is_embedded_image(element):
            raise UnsupportedIconError("contains a raster image; use that image as the icon instead")
        if name in lists["runs"]:
            raise UnsafeIconError(f"has <{name}>, which can run or load something")
        if f"{namespace}}}" != _SVG or name in lists["describes"]:
            _reject_active_content(element)
            return
        if name not in lists["elements"]:
            raise UnsupportedIconError(f"has <{name}>, which is not supported in icons; convert it to paths")
        content = "".join(self.elements(element, depth + 1))
        attributes = "".join(self.attributes(element))
        if not (name == "g" and not content):
            yield f"<{name}{attributes}>{content}</{name}>" if content else f"<{name}{attributes}/>"

    def attributes(self, element: Element) -> Iterator[str]:
        """Yield the attributes of an element, including those of its styles, sorted by name."""
        cleaned: dict[str, str] = {}
        for name, value in element.attrib.items():
            _reject_handler(name)
            if name in ("href", _HREF):
                cleaned["xlink:href"] = self._reference(value)
            elif name == "id":
                if _LOCAL.fullmatch(f"#{value}"):  # No reference can contain any other id.
                    cleaned["id"] = self._prefixed_id(value)
            elif name in _lists()["attributes"]:
                cleaned[name] = value
        inline = self._allowed(_declarations(element.get("style", "")))
        tag = element.tag.rpartition("}")[2]
        classes = [f".{word}" for word in element.get("class", "").split()]
        for name in (tag, *classes, f"#{element.get('id')}"):
            cleaned |= self._rule(name)
        cleaned |= inline
        is_root = element.tag == f"{_SVG}svg"
        dropped = ("x", "y", "width", "height", "id", "transform") if is_root else ()
        for name in sorted(cleaned):
            if name not in dropped:
                yield f" {name}={quote_attribute(self._value(cleaned[name]))}"

    def _rule(self, selector: str) -> dict[str, str]:
        """Return the allowed declarations for a selector, which are checked once, however many elements use them."""
        if selector not in self._used_rules:
            self._used_rules[selector] = self._allowed(self.rules.get(selector, {}))
        return self._used_rules[selector]

    def _allowed(self, declarations: Mapping[str, str]) -> dict[str, str]:
        """Return the declarations of known properties. Others are dropped, but none may load something."""
        for value in declarations.values():
            self._value(value)
        return {name: value for name, value in declarations.items() if name in _lists()["attributes"]}

    def _reference(self, value: str) -> str:
        local = _LOCAL.fullmatch(value.strip())
        if not local:
            raise UnsafeIconError(f"refers to '{value[:60]}', which is outside the file")
        return f"#{self._prefixed_id(local[1])}"

    def _prefixed_id(self, name: str) -> str:
        """Return an id that no other icon has and that cannot be mistaken for a URL."""
        return name if self.prefix is None else f"{self.prefix}-{name.replace(':', '_')}"

    def _value(self, value: str) -> str:
        """Return the value of an attribute with prefixed references. Raises `UnsafeIconError` if it loads something."""
        if forbidden_in(value):  # `quote_attribute` would remove them, and join what they separate.
            raise UnsafeIconError("has control characters")

        def local(match: re.Match[str]) -> str:
            return f"url({self._reference(_unquoted(match[1].strip()))})"

        value = _URL.sub(local, value)
        if _FORBIDDEN.search(value):
            raise UnsafeIconError(f"has the value '{value[:60]}', which loads something")
        rest = _URL.sub("", value)
        if "url(" in rest.lower():
            raise UnsupportedIconError(f"has the broken value '{value[:60]}'")
        # A browser reads these values as CSS, where `\75rl(…)` is a URL and `image-set(…)` also loads something.
        called = {_last_word(text).lower() for text in rest.split("(")[:-1]}
        if "\\" in value or called - _lists()["functions"]:
            raise UnsafeIconError(f"has the value '{value[:60]}', which may load something")
        return " ".join(value.split())


def _unquoted(text: str) -> str:
    is_quoted = len(text) > 1 and text[0] in "'\"" and text[-1] == text[0]
    return text[1:-1] if is_quoted else text


def _last_word(text: str) -> str:
    """Return the word at the end of a text, before any space."""
    match = _WORD.match(text.rstrip()[::-1])
    assert match  # At least the empty text.
    return match.group()[::-1]


class _References:
    """Follows the references in a cleaned icon, to determine what drawing it takes.

    Elements that use others, which use others in turn, can stand for billions of elements. Renderers then fail or take
    forever.
    """

    def __init__(self, root: Element) -> None:
        self._root = root
        self._targets: dict[str, list[Element]] = {}
        for element in self._root.iter():
            self._targets.setdefault(f"#{element.get('id')}", []).append(element)
        self._known: dict[Element, tuple[int, int]] = {}

    def drawn(self) -> int:
        """Return how many elements are drawn. Raises `UnsafeIconError` if references lead too deep, or in a circle."""
        return self._measure(self._root, 0)[0]

    def _measure(self, element: Element, depth: int) -> tuple[int, int]:
        """Return how many elements an element draws, and in how many levels. `depth` is the number of levels above."""
        count, levels = self._known.get(element, (0, 0))
        if depth + levels > 2 * _MAX_DEPTH:
            raise UnsafeIconError("has references that lead too deep, or in a circle")
        if not count:
            parts = [self._measure(part, depth + 1) for part in (*element, *self._referred(element))]
            count = 1 + sum(part[0] for part in parts)
            levels = 1 + max((part[1] for part in parts), default=0)
            self._known[element] = count, levels
        return count, levels

    def _referred(self, element: Element) -> Iterator[Element]:
        """Yield the elements that an element refers to, if that draws them."""
        for name, value in element.attrib.items():
            if name == _HREF:
                yield from self._targets.get(value, ())
            for match in _URL.finditer(value):
                yield from (
                    target
                    for target in self._targets.get(_unquoted(match[1].strip()), ())
                    if target.tag in _DRAWN_BY_URL
                )


def _is_embedded_image(element: Element) -> bool:
    """Return whether the data of an image is inside the file."""
    source = element.get(_HREF, element.get("href", ""))
    return re.match(r"data:image/(?:png|jpe?g|gif|webp);base64,", source) is not None


def _reject_handler(name: str) -> None:
    """Raise `UnsafeIconError` if an attribute is an event handler."""
    local = name.rpartition("}")[2].lower()
    if local.startswith("on"):
        raise UnsafeIconError(f"has the event handler '{local[:30]}'")


def _reject_active_content(element: Element) -> None:
    """Raise `UnsafeIconError` if an element that is removed contains something that runs or loads."""
    for inner in element.iter():
        if (tag := inner.tag.rpartition("}")[2]) in _lists()["runs"]:
            raise UnsafeIconError(f"has <{tag}>, which can run or load something")
        for name in inner.attrib:
            _reject_handler(name)
