"""The codes of diagnostics: what each means, why it usually occurs, and how to fix it."""

from __future__ import annotations

from functools import cache

from msgspec import Struct, convert

from diagramkit import data


class Explanation(Struct, frozen=True):
    """What a code means, its usual cause, how to fix it, and a source that gets it if a short one does."""

    means: str
    cause: str
    fix: str
    example: str = ""


@cache
def explanations() -> dict[str, Explanation]:
    """Return the explanation of each code, in alphabetical order."""
    return convert(data.load("cli", "codes.yaml"), dict[str, Explanation])


def meaning(code: str) -> str:
    """Return what a code means, in one sentence."""
    known = explanations().get(code)
    return known.means if known else code
