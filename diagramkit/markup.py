"""Text that a source wrote, made safe for XML and for Markdown."""

from __future__ import annotations

import re

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_BETWEEN_TAGS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_IN_QUOTES = _BETWEEN_TAGS | str.maketrans({"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
_MARKDOWN = re.compile(r"([\\\[\]`*_<>&#|])")
# A link that begins with two slashes leads from a file to another machine, as a backslash does in a browser.
_SAFE_LINK = re.compile(r"(?![\\/]{2})(?:https?:|mailto:|[./#?]|[^:]*\Z)", re.I)


def plain(text: str) -> str:
    """The text without what XML forbids or what turns its direction, for those who escape it themselves."""
    return _FORBIDDEN.sub("", text)


def text_of(text: str) -> str:
    """The text between two tags, without what XML forbids or what turns its direction."""
    return _FORBIDDEN.sub("", text).translate(_BETWEEN_TAGS)


def attribute(text: str) -> str:
    """The text as an attribute's value, with its quotes.

    As `xml.sax.saxutils.quoteattr` has it, which takes longer to import than a picture to draw.
    """
    value = _FORBIDDEN.sub("", text).translate(_IN_QUOTES)
    if '"' not in value:
        return f'"{value}"'
    return f"'{value}'" if "'" not in value else '"' + value.replace('"', "&quot;") + '"'


def markdown(text: str) -> str:
    """The text in one line of Markdown, in which nothing of it is markup."""
    return _MARKDOWN.sub(r"\\\1", " ".join(_FORBIDDEN.sub("", text).split()))


def safe_link(link: str | None) -> str | None:
    """A link that may stand in a picture (web, mail, relative); None for any other."""
    link = re.sub(r"[\x00-\x1f]", "", link or "").strip()  # Browsers read over these.
    return link if link and _SAFE_LINK.match(link) else None
