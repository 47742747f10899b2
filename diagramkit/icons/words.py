"""Labels as words, for matching: lower case, without signs, numbers apart, plurals singular."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_BREAK = re.compile(r"<br\s*/?>|\\n|\n", re.I)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_WORD = re.compile(r"[a-z0-9]+")
# Words that stay as they are: they end in s by nature, or their plural has its own icon.
_WHOLE = frozenset(
    ["aws", "dns", "ses", "kms", "users", "customers", "developers", "operators", "clients"]
)


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """`DynamoDB Streams #2` as ('dynamodb', 'stream', '2'). Only Latin letters and digits count."""
    text = _TAG.sub(" ", text)
    text = unicodedata.normalize("NFKC", text)
    return tuple(_singular(word) for word in _WORD.findall(text.lower()))


@lru_cache(maxsize=8192)
def split_words(text: str) -> tuple[str, ...]:
    """As `words`, with words that were run together parted: `OrderQueue`, `APIGateway`."""
    return words(_CAMEL.sub(" ", text))


def lines(label: str) -> list[str]:
    """A label's lines, as `<br/>` and line ends part them."""
    return [line for line in (part.strip() for part in _BREAK.split(label)) if line]


def _singular(word: str) -> str:
    if word in _WHOLE:
        return word
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "ws", "ns")):
        return word[:-1]
    return word
