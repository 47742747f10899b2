"""Labels as words: lower case, without signs, plurals singular; cut into the parts a reader sees.

A label is read in one pass. `parse` keeps which words stand on which line, in brackets, or behind
a colon or a slash, since that tells which of them is the thing.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable
from functools import cache

from msgspec import Struct, field

from diagramkit import data

_BREAK = re.compile(r"<br\s*/?>|\\n", re.I)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NUMBERED = re.compile(r"(\D+)(\d+)")
_JOINED = re.compile(r"\b(pub|import|ci)/(sub|export|cd)\b", re.I)  # One thing each.
_PART = re.compile(
    r"([^\W_]+)"  # a word
    r"|(\n)"
    r"|([(\[{])"
    r"|([)\]}])"
    r"|( [-–]+ |[—–:|/+&,;→•·⇒=]|->)"
    r"|(\?)"
)
_POINTS = frozenset("✅❌✔✘✗☑☒•‣▪📝⚠")
_WORD, _LINE, _OPEN, _CLOSE, _APART, _ASKED = range(1, 7)


class Part(Struct):
    """Words that stand together. `first`: nothing stood before them; `raw`: as they are written.

    `opens`: it begins its line; `goes_on`: only a line break, a dash or a bracket parts them from the words
    before; `listed`: a comma does.
    """

    line: int
    first: bool
    goes_on: bool = False
    opens: bool = True
    listed: bool = False
    words: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)


class Label(Struct):
    """A label's parts in their order; whether it asks something, as a decision does, or lists points
    (`✅ Multi-AZ`): such a label is no thing."""

    parts: list[Part]
    asks: bool


def parse(text: str, fold: Callable[[str], tuple[str, ...]]) -> Label:
    """A label's words, each folded by `fold` (one word may be several: `OrderQueue`)."""
    line, asks = 0, text[:1] in _POINTS
    part = Part(0, True)
    parts = [part]
    for match in _PART.finditer(_plain(text)):
        kind = match.lastindex
        if kind == _WORD:
            word = match[1]
            for piece in fold(word):
                part.words.append(piece)
                part.raw.append(word)
        elif kind == _ASKED:
            asks = True
        else:
            opens = kind == _LINE
            if part.words:
                line += opens
                part = Part(line, False, opens or kind == _OPEN or match[0][0] == " ", opens)
                part.listed = match[0] == ","
                parts.append(part)
            else:
                part.goes_on = part.goes_on and kind in (_LINE, _OPEN)
                if opens and not part.opens:
                    line += 1
                    part.line, part.opens = line, True
    if not part.words:
        parts.pop()
    return Label(parts, asks)


def _plain(text: str) -> str:
    """A label without markup, file names and icon names, its breaks as line ends."""
    if "<" in text or "\\" in text:
        text = _TAG.sub(" ", _BREAK.sub("\n", text))
    if "&" in text:
        text = html.unescape(text)
    if ":fa-" in text:
        text = re.sub(r"\bfa[bklrs]?:fa-[\w-]+", " ", text)
    if "." in text:
        text = _files().sub(" ", text)
    if "/" in text:
        text = _JOINED.sub(r"\1 \2", text)
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


@cache
def _files() -> re.Pattern[str]:
    """Names of files: `bedrock.py` is no product."""
    endings = "|".join(data.load("icons", "grammar.yaml")["files"])
    return re.compile(rf"[\w./-]+\.(?:{endings})\b", re.I)


@cache
def unfolded() -> frozenset[str]:
    """Words that stay as they are: they end in s by nature, or their plural has its own icon."""
    return frozenset(data.load("icons", "grammar.yaml")["keep"])


def singular(word: str) -> str:
    """An English noun's singular: `policies`, `boxes`, `queues`."""
    if len(word) < 3 or word[-1] != "s" or word in unfolded():
        return word
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches")):
        return word[:-2]
    if len(word) > 3 and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def simple(text: str) -> tuple[str, ...]:
    """`DynamoDB Streams #2` as ('dynamodb', 'stream', '2'): a phrase of the data, or a title."""
    plain = _plain(text).lower()
    return tuple(singular(match[1]) for match in _PART.finditer(plain) if match[1])


def split_compound(word: str) -> list[str]:
    """A word that was run together, parted at its capitals: `OrderQueue`, `KMSKey`."""
    return _CAMEL.split(word)


def numbered(word: str) -> tuple[str, str] | None:
    """A word and the number at its end, if it has one: `lambda2`."""
    match = _NUMBERED.fullmatch(word)
    return (match[1], match[2]) if match else None
