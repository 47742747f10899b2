"""Checks that an SVG contains only allowed elements, attributes and URLs, however hostile its source is."""

from __future__ import annotations

import re

from lxml import etree

from diagramkit import data

_ICONS = data.load("icons", "svg.yaml")
ELEMENTS = frozenset(
    [
        "svg",
        "title",
        "desc",
        "metadata",
        "defs",
        "style",
        "symbol",
        "rect",
        "path",
        "g",
        "text",
        "tspan",
        "circle",
        "use",
        "image",
        "a",
        "ellipse",
        "line",
        "polygon",
        "polyline",
        "linearGradient",
        "radialGradient",
        "stop",
        "clipPath",
        "mask",
    ]
)
ATTRIBUTES = frozenset(
    [
        "viewBox",
        "width",
        "height",
        "role",
        "aria-label",
        "aria-labelledby",
        "id",
        "class",
        "data-from",
        "data-to",
        "data-id",
        "x",
        "y",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "d",
        "fill",
        "fill-opacity",
        "stroke",
        "stroke-width",
        "stroke-linejoin",
        "stroke-linecap",
        "stroke-dasharray",
        "transform",
        "target",
        "font-size",
        "font-family",
        "font-weight",
        "font-style",
        "text-decoration",
        "stroke-opacity",
        "opacity",
        "text-anchor",
        "{http://www.w3.org/1999/xlink}href",
    ]
)
# Text of the source, which is not executed.
_SOURCE_TEXT = frozenset(["aria-label", "data-from", "data-to", "data-id"])
_SAFE_LINK = re.compile(r"(?:https?:|mailto:)|(?![\w+.-]*:)(?!//)", re.I)
_EXECUTABLE = re.compile(r"javascript:|vbscript:|expression\s*\(|file:|@import|\\", re.I)


def check(svg: bytes) -> None:
    """Raise `AssertionError` if the SVG of a diagram contains something that is not allowed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    for element in etree.fromstring(svg, parser).iter():
        assert isinstance(element.tag, str), "a comment, instruction or entity"
        namespace, _, name = element.tag.rpartition("}")
        assert namespace == "{http://www.w3.org/2000/svg", element.tag
        assert name in ELEMENTS, name
        for key, value in element.attrib.items():
            _attribute(name, str(key), str(value))
        if name == "style":
            _style(element.text or "")


def _attribute(element: str, key: str, value: str) -> None:
    is_icon_attribute = key in _ICONS["attributes"]
    assert key in ATTRIBUTES or is_icon_attribute, key
    if key.endswith("}href"):
        if element == "a":
            assert _SAFE_LINK.match(value), value
        elif element == "image":
            assert value.startswith("data:image/png;base64,"), value[:60]
        else:
            assert re.match(r"#[\w.-]+\Z", value), value
    elif key not in _SOURCE_TEXT:
        assert not _EXECUTABLE.search(value), value
        assert all(re.match(r"#", url) for url in re.findall(r"url\((.*?)\)", value, re.I)), value


def _style(text: str) -> None:
    assert not _EXECUTABLE.search(text), text[:200]
    for url in re.findall(r"url\(\s*['\"]?(.*?)['\"]?\s*\)", text, re.I | re.S):
        assert url.startswith("data:font/"), url[:60]


def check_icon(svg: bytes) -> None:
    """Raise `AssertionError` if a cleaned icon contains something that is not allowed in icons."""
    for element in etree.fromstring(svg).iter():
        assert element.tag.rpartition("}")[2] in _ICONS["elements"], element.tag
        for key, value in element.attrib.items():
            assert key == "id" or key.endswith("}href") or key in _ICONS["attributes"], key
            assert not _EXECUTABLE.search(value), value
            assert not re.search(r"image-set|cross-fade|src\s*\(|var\s*\(|//", value), value
            assert not key.endswith("}href") or value.startswith("#p-"), value
            assert all(url.startswith("#p-") for url in re.findall(r"url\((.*?)\)", value)), value
