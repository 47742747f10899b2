"""Mermaid's entity codes in labels, ids and other texts.

The codes are those of Mermaid's documentation ("Entity codes to escape characters"): `#35;` is a character by its
number, `#quot;` by its HTML name. `preamble` replaces the `#` and the `;` of each code by `HASH` and `SEMICOLON`, so
that the lexer does not take them for syntax. Both are noncharacters, which no text contains (Unicode, section 23.7).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

HASH, SEMICOLON = "\ufdd0", "\ufdd1"

_ENTITY = re.compile(f"{HASH}(?P<name>[^{HASH}{SEMICOLON}]*){SEMICOLON}")


# What would be a tag or comment if it began with a decoded `<`, for which `HASH` stands.
_DECODED_TAG = re.compile(f"{HASH}(?=/?[A-Za-z][^<>{HASH}]*>|!--)")
_ENTITY_START = re.compile(r"#?\w+;?")


def decode(text: str) -> str:
    """Replace Mermaid's entity codes by their characters; an unknown code stays as it is."""
    return _ENTITY.sub(lambda match: _character(match) or f"#{match['name']};", text) if HASH in text else text


def decode_label(text: str) -> str:
    """Replace the entity codes in a label, which may contain HTML: a decoded `<` or `&` is text and no part of it.

    Where it would be taken for the start of a tag or of an entity, it becomes an HTML entity. Mermaid makes an HTML
    entity of every code, so that an unknown one such as `#heart;` is `&heart;` in its pictures.
    """

    def replace(match: re.Match[str]) -> str:
        character = _character(match)
        if character is None:
            return f"&{match['name']};"
        if character == "&" and (rest := _ENTITY_START.match(text, match.end())):
            entity = f"&{rest[0]}"
            return "&amp;" if html.unescape(entity) != entity else character
        return HASH if character == "<" else character

    if HASH not in text:
        return text
    return _DECODED_TAG.sub("&lt;", _ENTITY.sub(replace, text)).replace(HASH, "<")


def unknown_codes(text: str) -> Iterator[str]:
    """Yield the names of the entity codes in a label that Mermaid does not know: `heart`, `x2192`."""
    if HASH in text:
        yield from (match["name"] for match in _ENTITY.finditer(text) if _character(match) is None)


def _character(match: re.Match[str]) -> str | None:
    """Return the character of an entity code, or None if it is unknown."""
    name = match["name"]
    code = f"&#{name.lstrip('+')};" if re.fullmatch(r"\+?\d+", name) else f"&{name};"
    decoded = html.unescape(code)
    return None if decoded == code else decoded


def restore_codes(text: str) -> str:
    """Return the text with its entity codes as the source has them, such as `#35;`."""
    return text.replace(HASH, "#").replace(SEMICOLON, ";")


def decoded_ids(names: Sequence[str]) -> dict[str, str]:
    """Return the final id of each name: with entity codes decoded, unless that is another name or only white space."""
    ids = {name: name for name in names if HASH not in name}
    taken = set(ids)
    for name in names:
        if HASH in name:
            decoded = decode(name)
            ids[name] = restore_codes(name) if decoded in taken or not decoded.strip() else decoded
            taken.add(ids[name])
    return ids
