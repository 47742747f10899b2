"""AWS services by the names that people write where an icon is meant, such as `dynamodb` or `api-gateway`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from diagramkit import data

_REFERENCE = re.compile(r"aws\.[a-z]+\.[A-Za-z0-9]+")
_VENDOR = re.compile(r"(?:amazon|aws)(?=.)")
_AMBIGUOUS = ("~", "-", "^", "+")
"""The signs before phrases that name a service only in a context; `names/aws.yaml` explains them."""
_GENERAL = "aws.general."
"""The icons of people and things, which are no services."""


def icon_of(name: str) -> str | None:
    """Return the reference of the icon of the AWS service with a name, or None if no service, or several, have it.

    Case, hyphens, underscores, spaces and the vendor before the name do not count.
    """
    if _REFERENCE.fullmatch(name) and name in _by_reference():
        return name
    normal = re.sub(r"[\W_]", "", name.rpartition(".")[2] if name.startswith("aws.") else name).lower()
    icons = _by_name().get(normal) or _by_name().get(_VENDOR.sub("", normal)) or frozenset()
    return min(icons) if len(icons) == 1 else None


@cache
def _by_reference() -> frozenset[str]:
    return frozenset(reference for reference, _ in _names() if not reference.startswith(_GENERAL))


@cache
def _by_name() -> dict[str, frozenset[str]]:
    """Return the references of icons by the names of their services, in lower case and without spaces."""
    by_name: dict[str, set[str]] = {}
    for reference, phrases in _names():
        if not reference.startswith(_GENERAL):
            for phrase in phrases:
                by_name.setdefault(phrase, set()).add(reference)
    return {name: frozenset(references) for name, references in by_name.items()}


def _names() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the reference of each icon of AWS's services with the names of the service."""
    for reference, phrases in data.load("icons", "names/aws.yaml").items():
        certain = (phrase.lstrip("=") for phrase in phrases if not phrase.startswith(_AMBIGUOUS))
        names = (re.sub(r"[\W_]", "", phrase).lower() for phrase in certain)
        yield reference, (reference.rpartition(".")[2].lower(), *names)
