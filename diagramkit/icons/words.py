"""Labels as words: lower case, without punctuation, plurals as singulars, grouped into parts.

`parse` records which words are on which line, in brackets, or after a colon or a slash, because this determines
which of them is the thing that the label is about.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Set
from functools import cache, lru_cache

from msgspec import Struct, field

from diagramkit import data

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SCRIPTS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+|[^\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_NUMBERED = re.compile(r"(\D+)(\d+)")
# Each of these is one thing despite its slash, ampersand or colon.
_JOINED = re.compile(
    r"\b(pub|import|ci|web|cost|interface|gateway|devops)\s?[/&]\s?"
    r"(sub|export|cd|mobile|usage|gateway|interface|sre)\b",
    re.I,
)
_ITEM = re.compile(r"\n[ \t]*[-*][ \t]+(?=\w)")  # A list in Markdown.
# The name of a host: 'management.azure.com', 'login.shop.example.org'.
_HOST = re.compile(r"\b[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\.(?:com|org|net|io|dev|cloud|local|internal|br|de|uk)\b", re.I)
_PLACEHOLDER = re.compile(r"<[\w -]{1,40}>")  # logs-<account>
_QUALIFIED = re.compile(r"(?<=[a-z]):(?=[a-z])")  # kinesis:firehose
_TOKEN = re.compile(
    r"([^\W_]+)"  # a word
    r"|(\n)"
    r"|([(\[{])"
    r"|([)\]}])"
    r"|( [-–—]+ |[—–:|/+&,;→•·⇒=✅❌✔✘✗☑☒]|->)"
    r"|(\?)"
)
_MARKS = frozenset("✅❌✔✘✗☑☒📝")
_ARROW = "→"
_ARROWS = frozenset({_ARROW, "⇒", "->"})
_BULLETS = _MARKS | {"•"}
_NUMBERING = re.compile(
    r"[^\w\n]*(?:\d{1,2}[.)](?=\s|[^\W\d])|\(\d{1,2}\)|#\d{1,2}\b|\d\ufe0f?\u20e3|step\s*\d{1,2}\s*[:.)–-])", re.I
)
_DECORATION = re.compile(r"[^\w\n$€£/~<>≤≥±{(\[.\"'+]+")
_INSTANCE_TYPE = r"\b(?:[a-z]+\.)?[a-z]{1,3}\d[a-z]{0,4}\.(?:nano|micro|small|medium|\d*x?large|metal)\b"
_WORD, _LINE, _OPEN, _CLOSE, _SEPARATOR, _QUESTION = range(1, 7)  # The groups of `_TOKEN`.


class Part(Struct):
    """Words of a label that belong together.

    `line` is the number of its line, from 0. `first` is true for the part that no words precede. `continues` is true
    if only a line break, a dash or a bracket separates the part from the words before it; `starts_line` is true if
    it begins its line. `separator` is the sign before it, such as a comma; an arrow is `→`. `is_item` is true if it
    follows a bullet. `raw` has the words as they are written.
    """

    line: int
    first: bool
    continues: bool = False
    starts_line: bool = True
    separator: str = ""
    is_item: bool = False
    words: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)


class Label(Struct):
    """The parts of a label in their order.

    `is_statement` is true for labels that are not about one thing: they ask a question, as a decision does, they are
    lists of bullet points, or they begin with the name of a file with code. `is_marked` is true if they begin with a
    mark that judges something or makes it a remark (`✅ Multi-AZ`). `first_line` is plain text, without emoji, bullets
    and numbers at its start.
    """

    parts: list[Part]
    is_statement: bool
    is_marked: bool
    first_line: str

    @property
    def is_identifier(self) -> bool:
        """Return whether the first line is one word, apart from hyphens and the like: `update-stock-queue`."""
        return " " not in self.first_line and self.first_line.isascii()


def parse(text: str, normalize_word: Callable[[str], tuple[str, ...]]) -> Label:
    """Return the words of a label; `normalize_word` may return several for one, as for `OrderQueue`."""
    line, is_statement = 0, "." in text and _code_file().match(text) is not None
    part = Part(0, True)
    parts = [part]
    plain = _plain(text)
    for match in _TOKEN.finditer(_QUALIFIED.sub(" ", plain) if ":" in plain else plain):
        kind = match.lastindex
        if kind == _WORD:
            word = match[1]
            for piece in normalize_word(word):
                part.words.append(piece)
                part.raw.append(word)
        elif kind == _QUESTION:
            is_statement = True
        else:
            starts_line = kind == _LINE
            if part.words:
                line += starts_line
                part = Part(line, False, starts_line or kind == _OPEN or match[0][0] == " ", starts_line)
                part.separator = _separator(match[0])
                parts.append(part)
            else:
                part.continues = part.continues and kind in (_LINE, _OPEN)
                part.is_item = part.is_item or match[0] in _BULLETS
                if match[0] in _ARROWS:
                    part.separator = _ARROW
                if starts_line and not part.starts_line:
                    line += 1
                    part.line, part.starts_line = line, True
    if not part.words:
        parts.pop()
    is_statement |= "•" in plain and plain.lstrip()[0] == "•" and plain.count("\n•") > 0
    return Label(parts, is_statement, text.lstrip()[:1] in _MARKS, _first_line(plain))


def _separator(sign: str) -> str:
    """Return what a part needs to know about the sign before it."""
    return _ARROW if sign in _ARROWS else sign.strip()


def _first_line(plain: str) -> str:
    line = plain.strip().partition("\n")[0].rstrip()
    if line[:1].isascii() and line[:1].isalnum():
        return line
    decoration = _DECORATION.match(line)
    return line[decoration.end() :] if decoration else line


def label_lines(label: str) -> list[str]:
    """Return the lines of a label without HTML tags and without empty lines; entities stay as they are."""
    lines = _line_break().split(label) if "<" in label or "\\" in label else label.split("\n")
    return [text for line in lines if (text := _TAG.sub(" ", line).strip())]


@cache
def _line_break() -> re.Pattern[str]:
    """Return the pattern of what begins a line of a label: a break, or a tag of a block."""
    blocks = "|".join(data.load("style", "html.yaml")["blocks"])
    return re.compile(rf"</?(?:{blocks})\b[^<>]*>|\\n|\n", re.I)


def _plain(text: str) -> str:
    """Return a label without markup, numbering, file names and Font Awesome icons; its line breaks become newlines."""
    if "<" in text or "\\" in text:
        text = "\n".join(label_lines(text))
    if "&" in text:
        text = _PLACEHOLDER.sub(" ", html.unescape(text))
    if ":fa-" in text:
        text = re.sub(r"\bfa[bklrs]?:fa-[\w-]+", " ", text)
    if "." in text:
        text = _file_names().sub(" ", text)
        text = _HOST.sub(lambda host: host[0] if "amazonaws" in host[0] else " ", text)
    if "\n" in text and len(_ITEM.findall(text)) > 1:
        text = _ITEM.sub("\n• ", text)
    if "/" in text or "&" in text:
        text = _JOINED.sub(r"\1 \2", text)
    if not text[:1].isalpha() or text[:1] in "sS":
        text = _NUMBERING.sub("", text, count=1) if _NUMBERING.match(text) else text
    return text if text.isascii() else unicodedata.normalize("NFKC", text).replace("λ", "lambda ")


@cache
def _file_names() -> re.Pattern[str]:
    """Return a pattern that matches file names and types of instances: `bedrock.py`, `ecs.g6.large`."""
    extensions = "|".join(data.load("icons", "grammar.yaml")["files"])
    return re.compile(rf"{_no_framework()}[\w./-]+\.(?:{extensions})\b|{_INSTANCE_TYPE}", re.I)


@cache
def _code_file() -> re.Pattern[str]:
    """Return a pattern that matches the name of a file with code at the beginning of a label."""
    extensions = "|".join(data.load("icons", "grammar.yaml")["code_files"])
    return re.compile(rf"[^\w.<]*{_no_framework()}[\w./-]+\.(?:{extensions})\b", re.I)


def _no_framework() -> str:
    """Return a pattern for a place at which no framework is named: `Node.js` is no file."""
    frameworks = "|".join(data.load("icons", "grammar.yaml")["frameworks"])
    return rf"(?<![\w./-])(?!(?:{frameworks})\.js\b)"


@cache
def invariant_words() -> frozenset[str]:
    """Return words that are not made singular: they end in s by nature, or their plural has its own icon."""
    return frozenset(data.load("icons", "grammar.yaml")["keep"])


def singular(word: str) -> str:
    """Return the singular of an English noun, as for `policies`, `boxes` and `queues`."""
    if len(word) < 3 or word[-1] != "s" or word in invariant_words():
        return word
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches")):
        return word[:-2]
    if len(word) > 3 and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@lru_cache(maxsize=4096)
def normalize(text: str) -> tuple[str, ...]:
    """Return the normalized words of a phrase or title: `DynamoDB Streams #2` is ('dynamodb', 'stream', '2')."""
    plain = _plain(text).lower()
    return tuple(singular(match[1]) for match in _TOKEN.finditer(plain) if match[1])


def split_compound(word: str) -> list[str]:
    """Split a compound word at its capitals: `OrderQueue`, `KMSKey`."""
    return _CAMEL.split(word)


def split_scripts(word: str, known: Set[str], particles: tuple[str, ...]) -> list[str]:
    """Split a word of Chinese, Japanese or Korean at other letters, and where one of the `known` words ends it.

    One of the `particles` after other letters is a word: `S3にアップロード`.
    """
    pieces = _SCRIPTS.findall(word)
    if len(pieces) == 1:
        end = next((word[start:] for start in range(1, len(word) - 1) if word[start:] in known), None)
        return [word[: -len(end)], end] if end else [word]
    result: list[str] = []
    for piece in pieces:
        particle = next((text for text in particles if result and piece != text and piece.startswith(text)), None)
        result += [particle, piece[len(particle) :]] if particle else [piece]
    return result


def split_number(word: str) -> tuple[str, str] | None:
    """Split a word such as `lambda2` into the word and the number at its end; None if it has no such number."""
    match = _NUMBERED.fullmatch(word)
    return (match[1], match[2]) if match else None
