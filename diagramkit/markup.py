"""Escaping: text from sources made safe for XML, HTML, Markdown and JSON."""

from __future__ import annotations

import json
import re
from typing import Any

# Characters that XML 1.0 forbids or discourages, and characters that change the text direction.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_TEXT_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_HTML_ESCAPES = _TEXT_ESCAPES | str.maketrans({'"': "&quot;", "'": "&#x27;"})
_ATTRIBUTE_ESCAPES = _TEXT_ESCAPES | str.maketrans({"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
_MARKDOWN = re.compile(r"([\\\[\]`*_<>&#|])")
# A link that begins with two slashes leads to another host; browsers treat backslashes as slashes.
_SAFE_LINK = re.compile(r"(?![\\/]{2})(?:https?:|mailto:|[./#?]|[^:]*\Z)", re.I)


def strip_forbidden(text: str) -> str:
    """Return the text without forbidden and direction-changing characters, for callers that escape it themselves."""
    # Every forbidden character is unprintable, and this check is much faster than a search.
    return text if text.isprintable() else _FORBIDDEN.sub("", text)


def escape_text(text: str) -> str:
    """Return the text escaped for XML content, without forbidden and direction-changing characters."""
    return strip_forbidden(text).translate(_TEXT_ESCAPES)


def quote_attribute(text: str) -> str:
    """Return the text as an XML attribute value, including its quotes.

    The result is that of `xml.sax.saxutils.quoteattr`, whose import takes longer than drawing a picture.
    """
    value = strip_forbidden(text).translate(_ATTRIBUTE_ESCAPES)
    if '"' not in value:
        return f'"{value}"'
    return f"'{value}'" if "'" not in value else '"' + value.replace('"', "&quot;") + '"'


def escape_html(text: str) -> str:
    """Return the text escaped for HTML content and quoted attributes, without forbidden characters."""
    return _FORBIDDEN.sub("", text).translate(_HTML_ESCAPES)


def forbidden_in(text: str) -> str:
    """Return the forbidden and direction-changing characters in a text, each once, in order."""
    return "".join(sorted(set(_FORBIDDEN.findall(text))))


def json_text(value: Any, indent: int | None = None) -> str:
    """Return a value as JSON that is safe to print: forbidden and direction-changing characters are escaped."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    return _FORBIDDEN.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def escape_markdown(text: str) -> str:
    """Return the text as one line of Markdown in which no character acts as markup."""
    return _MARKDOWN.sub(r"\\\1", " ".join(strip_forbidden(text).split()))


def safe_link(link: str | None) -> str | None:
    """Return a link that is safe in a picture (web, mail or relative), or None for any other link."""
    link = re.sub(r"[\x00-\x1f]", "", link or "").strip()  # Browsers ignore these characters.
    return link if link and _SAFE_LINK.match(link) else None
