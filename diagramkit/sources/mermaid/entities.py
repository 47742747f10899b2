"""Mermaid's entity codes in labels, ids and other texts.

The codes are those of Mermaid's documentation ("Entity codes to escape characters"): `#35;` is a character by its
number, `#quot;` by its HTML name. `preamble` replaces the `#` and the `;` of each code by `HASH` and `SEMICOLON`, so
that the lexer does not take them for syntax. Both are noncharacters, which no text contains (Unicode, section 23.7).
"""

from __future__ import annotations

import html
import re

HASH, SEMICOLON = "\ufdd0", "\ufdd1"

_ENTITY = re.compile(f"{HASH}(?P<name>[^{HASH}{SEMICOLON}]*){SEMICOLON}")


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


def restore_codes(text: str) -> str:
    """Return the text with its entity codes as the source has them, such as `#35;`."""
    return text.replace(HASH, "#").replace(SEMICOLON, ";")
