"""The cloud that a diagram or a group is about: the names of AWS mean nothing of AWS in `Alibaba Cloud`.

The words are in `data/clouds.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from diagramkit import data
from diagramkit.icons.words import normalize

AWS, OTHER = "aws", "other"

_CLOUDS = (AWS, "azure", "gcp", OTHER)

_AWS_NAME = re.compile(r"\b(?:aws|amazon)\b", re.I)


def of_diagram(texts: Iterable[str]) -> str | None:
    """Return the cloud that labels and titles name, if that is one cloud and nothing is one of AWS."""
    named = _named("\n".join(map(_without_alternatives, texts)))
    return next(iter(named)) if len(named) == 1 else None


@lru_cache(maxsize=4096)
def of_title(title: str) -> str | None:
    """Return the cloud that the title of a group names, if it names one; `OTHER` for a vendor that is no cloud."""
    text = _without_alternatives(title)
    named = _named(text)
    if not named and _vendor().search(text):
        return OTHER
    return next(iter(named)) if len(named) == 1 else None


def names_aws(text: str) -> bool:
    """Return whether a label says that it is about AWS."""
    return _AWS_NAME.search(text) is not None


def is_about_aws(text: str) -> bool:
    """Return whether a text names AWS, or a service that only AWS has."""
    return AWS in _named(_without_alternatives(text))


def alternatives(text: str) -> frozenset[str]:
    """Return the words of a label that name a service of AWS as one of two possibilities: `s3` in `S3/GCS`."""
    if "3" not in text and " or " not in text and not any(sign in text for sign in "/,|"):
        return frozenset()
    names = (re.split(r"[^a-z0-9 ]| or ", match[0]) for match in _alternatives().finditer(text.lower()))
    return frozenset(word.strip() for words in names for word in words)


@cache
def needing_company() -> tuple[str, ...]:
    """Return prefixes of references of what applications have as well, such as an API gateway."""
    return tuple(data.load("icons", "clouds.yaml")["alone"])


def is_shared(words: tuple[str, ...]) -> bool:
    """Return whether a name of something of AWS is also that of something else."""
    return words in _shared()


@cache
def _shared() -> frozenset[tuple[str, ...]]:
    return frozenset(map(normalize, data.load("icons", "clouds.yaml")["shared"]))


@cache
def _vendor() -> re.Pattern[str]:
    vendors = "|".join(map(re.escape, data.load("icons", "clouds.yaml")["vendors"]))
    return re.compile(rf"(?<![a-z0-9])(?:{vendors})(?![a-z0-9])")


@cache
def _alternatives() -> re.Pattern[str]:
    """Return a pattern for a service of AWS next to what others offer: `S3/GCS`, `Blob or S3`, `MinIO S3`."""
    joint = r"(?:\s?[/|,]\s?|\sor\s)"
    choices = [r"(?<=minio )s3|(?<=minio-)s3|(?<=ceph )s3|s3(?=[\s-]compatible)"]
    for service, others in data.load("icons", "clouds.yaml")["elsewhere"].items():
        other = "|".join(map(re.escape, sorted(others, key=len, reverse=True)))
        choices += [rf"{service}(?={joint}(?:{other})(?![a-z0-9]))", rf"(?:{other}){joint}{service}"]
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(choices)})(?![a-z0-9])")


@lru_cache(maxsize=4096)
def _without_alternatives(text: str) -> str:
    """Return a text in lower case, without services that are only one of two possibilities."""
    return _alternatives().sub(" ", text.lower())


def _named(text: str) -> set[str]:
    """Return the clouds that a text in lower case names."""
    named: set[str] = set()
    doubtful: dict[str, set[str]] = {}
    for match in _pattern().finditer(text):
        cloud, word = match.lastgroup or "", match[0]
        if word in _doubtful():
            doubtful.setdefault(cloud, set()).add(word)
        else:
            named.add(cloud)
    return named | {cloud for cloud, words in doubtful.items() if len(words) > 1}


@cache
def _doubtful() -> frozenset[str]:
    """Return the words that name a cloud only together with others."""
    words = (word for cloud in _CLOUDS for word in data.load("icons", "clouds.yaml")[cloud])
    return frozenset(word[1:] for word in words if word.startswith("~"))


@cache
def _pattern() -> re.Pattern[str]:
    """Return a pattern with one group for each cloud."""
    clouds = {cloud: data.load("icons", "clouds.yaml")[cloud] for cloud in _CLOUDS}
    groups = (
        f"(?P<{cloud}>{'|'.join(re.escape(word.lstrip('~')) for word in words)})" for cloud, words in clouds.items()
    )
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(groups)})(?![a-z0-9])")
