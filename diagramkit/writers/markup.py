"""Text that a source wrote, made safe for XML."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff\u202a-\u202e\u2066-\u2069]"
)
_SAFE_LINK = re.compile(r"(?:https?:|mailto:|[./#?]|[^:]*\Z)", re.I)


def text_of(text: str) -> str:
    """The text between two tags, without what XML forbids or what turns its direction."""
    return escape(_FORBIDDEN.sub("", text))


def attribute(text: str) -> str:
    """The text as an attribute's value, with its quotes."""
    return quoteattr(_FORBIDDEN.sub("", text))


def safe_link(link: str | None) -> str | None:
    """A link that may stand in a picture (web, mail, relative); None for any other."""
    link = (link or "").strip()
    return link if link and _SAFE_LINK.match(link) else None
