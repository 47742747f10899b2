"""Names for people: `Place order` for a function `PlaceOrderFunctionD1F2A3B4`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from diagramkit.infrastructure.rules import ResourceRule, type_words, word_list

_WORD = re.compile(r"(?i:EC2|S3|K8s|IPv[46]|OAuth2)(?![a-z])|[A-Z]+s?(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")
_HASH = re.compile(r"(?<=[A-Za-z0-9])[0-9A-F]{8}\Z")
_NUMBER = re.compile(r"[0-9]+|[a-fA-F]|az|zone|one|two|three", re.I)
_NUMERALS = ("one", "two", "three", "four")
_ATTRIBUTES = frozenset(("name", "arn", "id"))
_MAX_LENGTH = 40
_MANY, _MIN_PREFIX = 4, 3


def words_of(text: str) -> list[str]:
    """Return the words of an identifier, without a hash at its end."""
    return _WORD.findall(_HASH.sub("", text))


def sentence(words: Iterable[str]) -> str:
    """Return words as a name: the first one capitalized, the others in lower case unless they are abbreviations."""
    shown = [_shown(word, is_first=number == 0) for number, word in enumerate(words)]
    text = " ".join(shown)
    return text[:1].upper() + text[1:]


def _without_end(words: list[str], redundant: set[str]) -> list[str]:
    """Return words without the redundant ones at their end."""
    while words and words[-1].lower() in redundant:
        words = words[:-1]
    return words


def _shown(word: str, is_first: bool) -> str:
    if word.lower() in word_list("abbreviations") and not is_first:
        return word.upper()
    return word if len(word) > 1 and word[:-1].isupper() else word.lower()


def name_of(hints: Iterable[str], type_name: str, rule: ResourceRule) -> str:
    """Return a name from the first hint that says more than the type; an empty text if none does."""
    redundant = {word.lower() for word in (*type_words(type_name), *words_of(rule.name), *rule.words)}
    redundant |= word_list("empty")
    for hint in hints:
        words = words_of(hint)
        words = _without_end(words, redundant)
        while len(words) > 1 and words[-1].lower() in _ATTRIBUTES and words[-2].lower() in redundant:
            words = _without_end(words[:-1], redundant)
        while len(words) > 1 and words[0].lower() in redundant:
            words.pop(0)
        if words and not all(word.isdigit() or word.lower() in redundant for word in words):
            name = sentence(words)
            return name if len(name) <= _MAX_LENGTH else f"{name[: _MAX_LENGTH - 1].rstrip()}…"
    return ""


def common_prefix(hints: Sequence[str]) -> str:
    """Return the beginning that many names have in common, such as that of their application: `StateMachine`."""
    if len(hints) < _MANY:
        return ""
    first, last = min(hints), max(hints)
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    prefix = first[: sum(1 for _ in same)]
    while prefix and not any(_is_end(prefix, hint[len(prefix) :]) for hint in hints):
        prefix = prefix[:-1]
    return prefix if len(prefix.strip("-_/. ")) >= _MIN_PREFIX else ""


def _is_end(prefix: str, rest: str) -> bool:
    """Return whether a word ends at the end of a prefix of a name, before its rest."""
    return bool(rest) and (prefix[-1] in "-_/. " or rest[0].isupper() or prefix[-1].isdigit() != rest[0].isdigit())


def replica_stem(address: str) -> str | None:
    """Return what an address shares with those of its replicas: all but a number or a letter of a zone.

    Returns None for an address that contains neither.
    """
    words = words_of(re.split(r"[/.]", address)[-1])
    rest = [word for number, word in enumerate(words) if not _is_number(word, number == len(words) - 1)]
    return " ".join(rest).lower() if len(rest) < len(words) else None


def _is_number(word: str, is_last: bool) -> bool:
    return word.isdigit() or (is_last and (len(word) == 1 or word.lower() in _NUMERALS))


def stem(text: str, redundant: Iterable[str] = ()) -> str:
    """Return what the names of replicas share: without numbers, letters of zones and the redundant words."""
    ignored = set(redundant)
    rest = [word.lower() for word in words_of(text) if not _NUMBER.fullmatch(word) and word.lower() not in ignored]
    return " ".join(rest)


def identifier(address: str) -> str:
    """Return an id for an address: without a hash, in lower case, with underscores."""
    parts = [_HASH.sub("", part) for part in re.split(r"[/.]", address)]
    text = re.sub(r"[^0-9a-z]+", "_", "_".join(parts).lower()).strip("_")
    return text or "resource"
