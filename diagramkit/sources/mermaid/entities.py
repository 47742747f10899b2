"""Label text: quotes and Mermaid's entity codes.

Entity codes are those of Mermaid's documentation ("Entity codes to escape characters"):
`#35;` by number, `#quot;` by HTML's name. Before a text is read, the signs around a code are
put out of the lexer's way: `HASH` and `SEMICOLON` stand for them. Both are noncharacters, which no text holds
(Unicode, section 23.7).
"""

from __future__ import annotations

import html
import re

HASH, SEMICOLON = "\ufdd0", "\ufdd1"

_ENTITY = re.compile(f"{HASH}(?P<name>[^{SEMICOLON}]*){SEMICOLON}")


def decode(text: str) -> str:
    """Replace Mermaid's entity codes by their characters; an unknown code stays as it is."""

    if HASH not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        name = match["name"]
        code = f"&#{name.lstrip('+')};" if re.fullmatch(r"\+?\d+", name) else f"&{name};"
        decoded = html.unescape(code)
        return f"#{name};" if decoded == code else decoded

    return _ENTITY.sub(replace, text)


def written(text: str) -> str:
    """The codes of a text as they were written."""
    return text.replace(HASH, "#").replace(SEMICOLON, ";")
