"""An icon's SVG, cleaned: only what draws, nothing that runs, nothing from elsewhere.

Elements and attributes are those on a list; what runs, loads or refers outside (scripts, event
handlers, links to files and URLs, entities) makes the whole file refused, since nobody who draws an
icon writes such a thing by accident. What only describes (titles, metadata, an editor's own
attributes) is left out. Classes of a style sheet become attributes; ids get a prefix, so that no
two icons share one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from xml.etree.ElementTree import Element, ParseError

from msgspec import Struct

from diagramkit import data
from diagramkit.markup import quote_attribute

MAX_BYTES = 1_000_000
"""The largest SVG that is read."""

_MOST_ELEMENTS = 5000
_DEEPEST = 64
_LONGEST = 1e5
_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"
_LOCAL = re.compile(r"#([\w.:-]+)")
_URL = re.compile(r"""url\(\s*(['"]?)(.*?)\1\s*\)""", re.I)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SELECTOR = re.compile(r"(?:[a-zA-Z]+|[.#][\w-]+)")
_FORBIDDEN = re.compile(r"javascript:|expression\s*\(|@import|@font-face|data:|https?:|file:", re.I)
_CALL = re.compile(r"([\w-]*)\s*\(")
_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(?:px|pt)?\s*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class UnsafeIconError(ValueError):
    """An icon that is not taken, and why: it runs or loads something, or is broken."""


class UnsupportedIconError(UnsafeIconError):
    """An icon that does no harm, but holds what icons here cannot: text, pictures of pixels."""


class Vector(Struct, frozen=True):
    """A cleaned icon: the box it is drawn in (left, top, width, height) and its elements."""

    box: tuple[float, float, float, float]
    body: str

    def text(self) -> str:
        """The icon as an SVG of its own."""
        sides = " ".join(f"{side:g}" for side in self.box)
        return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{sides}">{self.body}</svg>'


def clean(svg: bytes, prefix: str) -> Vector:
    """The icon in `svg`, its ids beginning with `prefix`. Raises `Refused`."""
    if len(svg) > MAX_BYTES:
        raise UnsafeIconError(f"is larger than {MAX_BYTES // 1_000_000} MB")
    root = _parsed(svg)
    if root.tag != f"{_SVG}svg":
        raise UnsafeIconError("is no SVG: its first element is not <svg>")
    if sum(1 for _ in root.iter()) > _MOST_ELEMENTS:
        raise UnsafeIconError(f"has more than {_MOST_ELEMENTS} elements")
    cleaner = _Cleaner(prefix, _sheet(root))
    attributes = "".join(cleaner.attributes(root))
    inside = "".join(cleaner.elements(root, 1))
    if not inside:
        raise UnsupportedIconError("draws nothing")
    return Vector(_box(root), f"<g{attributes}>{inside}</g>" if attributes else inside)


def read(text: str) -> Vector:
    """An icon that was cleaned before, from its own text. Raises `Refused`."""
    match = re.fullmatch(r'<svg xmlns="[^"]*" viewBox="([^"]*)">(.*)</svg>\s*', text, re.S)
    if not match:
        raise UnsafeIconError("was changed after it was brought in")
    left, top, w, h = (float(part) for part in match[1].split())
    return Vector((left, top, w, h), match[2])


def _parsed(svg: bytes) -> Element:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(svg)
    except DefusedXmlException:
        raise UnsafeIconError("declares entities, which may grow without end or read files") from None
    except (ParseError, ValueError, LookupError) as error:
        raise UnsafeIconError(f"is no whole XML: {error}") from None
    return root


def _box(root: Element) -> tuple[float, float, float, float]:
    parts = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    if len(parts) != 4:
        parts = ["0", "0", root.get("width", ""), root.get("height", "")]
    matches = [_NUMBER.fullmatch(part) for part in parts]
    # As they are written again: six digits.
    numbers = [float(f"{float(match[1]):g}") for match in matches if match]
    if len(numbers) != 4 or not all(0 < side <= _LONGEST for side in numbers[2:]):
        raise UnsafeIconError("says neither its viewBox nor its size")
    if max(map(abs, numbers)) > _LONGEST:
        raise UnsafeIconError("has a viewBox far away from 0,0")
    return numbers[0], numbers[1], numbers[2], numbers[3]


@cache
def _lists() -> dict[str, frozenset[str]]:
    raw = data.load("icons", "svg.yaml")
    return {name: frozenset(words) for name, words in raw.items()}


def _sheet(root: Element) -> dict[str, dict[str, str]]:
    """The declarations of style sheets inside, by selector: `.cls-1`, `#a`, `path`."""
    rules: dict[str, dict[str, str]] = {}
    for style in root.iter(f"{_SVG}style"):
        text = re.sub(r"/\*.*?\*/", "", style.text or "", flags=re.S)
        if _FORBIDDEN.search(text):
            raise UnsafeIconError("has a style sheet that loads something")
        if _RULE.sub("", text).strip():
            raise UnsupportedIconError("has a style sheet with more than plain rules; save it with attributes")
        for selectors, body in _RULE.findall(text):
            for selector in selectors.split(","):
                if not _SELECTOR.fullmatch(selector.strip()):
                    message = f"has a style sheet with the selector '{selector.strip()[:40]}'; save it with attributes"
                    raise UnsupportedIconError(message)
                rules.setdefault(selector.strip(), {}).update(_declarations(body))
    return rules


def _declarations(text: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in text.split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs if value}


class _Cleaner:
    """Writes elements anew, as far as they are on the lists."""

    def __init__(self, prefix: str, rules: Mapping[str, dict[str, str]]) -> None:
        self.prefix, self.rules = prefix, rules

    def elements(self, parent: Element, depth: int) -> Iterator[str]:
        """What is drawn inside an element."""
        if depth > _DEEPEST:
            raise UnsafeIconError(f"is nested more than {_DEEPEST} deep")
        for element in parent:
            yield from self._element(element, depth)

    def _element(self, element: Element, depth: int) -> Iterator[str]:
        if not isinstance(element.tag, str):
            return  # A comment or processing instruction.
        space, _, name = element.tag.rpartition("}")
        lists = _lists()
        if name == "image" and _is_pixels(element):
            raise UnsupportedIconError("has a picture of pixels in it; use that picture itself")
        if name in lists["runs"]:
            raise UnsafeIconError(f"has <{name}>, which can run or load something")
        if f"{space}}}" != _SVG or name in lists["describes"]:
            _watch(element)
            return
        if name not in lists["elements"]:
            raise UnsupportedIconError(f"has <{name}>, which icons cannot have; turn it into paths")
        inside = "".join(self.elements(element, depth + 1))
        attributes = "".join(self.attributes(element))
        if not (name == "g" and not inside):
            yield f"<{name}{attributes}>{inside}</{name}>" if inside else f"<{name}{attributes}/>"

    def attributes(self, element: Element) -> Iterator[str]:
        """An element's attributes, those of its styles among them, in the order of their names."""
        found: dict[str, str] = {}
        for name, value in element.attrib.items():
            _handler(name)
            if name in ("href", _HREF):
                found["xlink:href"] = self._reference(value)
            elif name == "id":
                if _LOCAL.fullmatch(f"#{value}"):  # Nothing can refer to any other.
                    found["id"] = self._named(value)
            elif name in _lists()["attributes"]:
                found[name] = value
        own = _declarations(element.get("style", ""))
        tag = element.tag.rpartition("}")[2]
        classes = [f".{word}" for word in element.get("class", "").split()]
        for declarations in (
            *(self.rules.get(name, {}) for name in (tag, *classes, f"#{element.get('id')}")),
            own,
        ):
            found |= {k: v for k, v in declarations.items() if k in _lists()["attributes"]}
            for value in declarations.values():
                self._value(value)
        is_root = element.tag == f"{_SVG}svg"
        dropped = ("x", "y", "width", "height", "id", "transform") if is_root else ()
        for name in sorted(found):
            if name not in dropped:
                value = found[name] if name in ("id", "xlink:href") else self._value(found[name])
                yield f" {name}={quote_attribute(value)}"

    def _reference(self, value: str) -> str:
        local = _LOCAL.fullmatch(value.strip())
        if not local:
            raise UnsafeIconError(f"refers to '{value[:60]}', which is outside of it")
        return f"#{self._named(local[1])}"

    def _named(self, name: str) -> str:
        """An id that no other icon has, and that looks like no address."""
        return f"{self.prefix}-{name.replace(':', '_')}"

    def _value(self, value: str) -> str:
        if _CONTROL.search(value):
            raise UnsafeIconError("has control characters")

        def local(match: re.Match[str]) -> str:
            return f"url({self._reference(match[2])})"

        value = _URL.sub(local, value)
        if _FORBIDDEN.search(value):
            raise UnsafeIconError(f"has the value '{value[:60]}', which loads something")
        rest = _URL.sub("", value)
        if "url(" in rest.lower():
            raise UnsupportedIconError(f"has the broken value '{value[:60]}'")
        # A browser reads these as CSS, where `\75rl(…)` is a url and `image-set(…)` loads as well.
        called = {name.lower() for name in _CALL.findall(rest)}
        if "\\" in value or called - _lists()["functions"]:
            raise UnsafeIconError(f"has the value '{value[:60]}', which may load something")
        return " ".join(value.split())


def _is_pixels(element: Element) -> bool:
    """Whether an image is inside the file, as data."""
    source = element.get(_HREF, element.get("href", ""))
    return re.match(r"data:image/(?:png|jpe?g|gif|webp);base64,", source) is not None


def _handler(name: str) -> None:
    local = name.rpartition("}")[2].lower()
    if local.startswith("on"):
        raise UnsafeIconError(f"has the event handler '{local[:30]}'")


def _watch(element: Element) -> None:
    """What is left out may hide nothing that runs either."""
    for inner in element.iter():
        if isinstance(inner.tag, str) and inner.tag.rpartition("}")[2] in _lists()["runs"]:
            raise UnsafeIconError(f"has <{inner.tag.rpartition('}')[2]}>, which can run or load something")
        for name in inner.attrib:
            _handler(name)
