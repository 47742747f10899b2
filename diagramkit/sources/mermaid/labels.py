"""Label text: quotes, Markdown strings and Mermaid's entity codes.

Entity codes are those of Mermaid's documentation ("Entity codes to escape characters"):
`#35;` by number, `#quot;` by HTML's name.
"""

from __future__ import annotations

import html
import re

_ENTITY = re.compile(r"#(?P<name>\d+|[A-Za-z]\w*);")


def decode(text: str) -> str:
    """Replace Mermaid's entity codes by their characters; an unknown code stays as it is."""

    def replace(match: re.Match[str]) -> str:
        name = match["name"]
        code = f"&#{name};" if name.isdigit() else f"&{name};"
        decoded = html.unescape(code)
        return match.group() if decoded == code else decoded

    return _ENTITY.sub(replace, text)


def plain_label(text: str) -> str:
    """A label without the quotes around it (and a Markdown string's backticks), decoded."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
        if len(text) > 1 and text[0] == text[-1] == "`":
            text = text[1:-1]
    return decode(text.strip())
