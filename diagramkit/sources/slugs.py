"""File names from titles: safe on every file system, readable in any script."""

from __future__ import annotations

import re
import unicodedata

from diagramkit.diagnostics import Diagnostic, Span

INDEX = "catalogue.yaml"
"""The name of a folder's index: which specs it holds, in which order."""
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)\Z")
_LONGEST = 80


def slug(title: str) -> str:
    """`AI/ML Patterns` as `ai-ml-patterns`: letters, digits and single hyphens, never empty.

    Accents on Latin letters are dropped; other scripts stay. Windows' reserved names get
    a trailing hyphen's worth of distance (`con` becomes `con-1`).
    """
    text = unicodedata.normalize("NFKD", decode_surrogates(title))
    text = "".join(char for char in text if not unicodedata.combining(char))
    text = unicodedata.normalize("NFC", text).lower()
    text = re.sub(r"[\W_]+", "-", text).strip("-")[:_LONGEST].rstrip("-")
    if _RESERVED.match(text):
        text += "-1"
    return text or "untitled"


def decode_surrogates(name: str) -> str:
    """A name whose bytes this process could not read (PEP 383), read as UTF-8."""
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return name


def claim_name(owners: dict[str, str], name: str, span: Span) -> Diagnostic | None:
    """Note in `owners` whose the pictures of a name are; where they are another's already (names that differ by
    case alone are one file on some systems), a problem that names both."""
    other = owners.setdefault(name.casefold(), str(span))
    if other == str(span):
        return None
    message = (
        f"its pictures would have the name '{name}', as those of {other} do; "
        "rename one of the two files, or give it another category"
    )
    return Diagnostic("same-output", message, span)
