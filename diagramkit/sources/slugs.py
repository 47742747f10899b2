"""File names made from titles: safe on every file system, readable in any script."""

from __future__ import annotations

import re
import unicodedata

from diagramkit.diagnostics import Diagnostic, Span

INDEX = "catalogue.yaml"
"""The file name of a folder's index, which lists the folder's specs in order."""
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)\Z")  # By Windows.
_MAX_LENGTH = 80


def slug(title: str) -> str:
    """Return a file name for a title: `AI/ML Patterns` becomes `ai-ml-patterns`.

    The result is never empty and consists of letters, digits and single hyphens. Accents on Latin letters are
    removed; other scripts are kept. Names that Windows reserves get a suffix: `con` becomes `con-1`.
    """
    text = unicodedata.normalize("NFKD", decode_surrogates(title))
    text = "".join(char for char in text if not unicodedata.combining(char))
    text = unicodedata.normalize("NFC", text).lower()
    text = re.sub(r"[\W_]+", "-", text).strip("-")[:_MAX_LENGTH].rstrip("-")
    if _RESERVED.match(text):
        text += "-1"
    return text or "untitled"


def decode_surrogates(name: str) -> str:
    """Decode as UTF-8 the bytes of a file name that the locale's encoding could not decode (PEP 383)."""
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return name


def claim_name(owners: dict[str, str], name: str, span: Span) -> Diagnostic | None:
    """Record in `owners` that the pictures called `name` belong to the diagram at `span`.

    Returns a problem if they already belong to another diagram. Names that differ only by case count as equal,
    because some file systems treat them as one file.
    """
    owner = owners.setdefault(name.casefold(), str(span))
    if owner == str(span):
        return None
    message = (
        f"its pictures would have the same name '{name}' as those of {owner}; "
        "rename one of the two files, or give it another category"
    )
    return Diagnostic("same-output", message, span)
