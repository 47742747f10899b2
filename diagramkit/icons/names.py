"""Every phrase that names an icon, in a trie of words: what the resolver looks labels up in.

The phrases are those of `data/names/*.yaml` and `data/services.yaml`, then the names that the
classes of `diagrams` have themselves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import __version__, data
from diagramkit import cache as kept
from diagramkit.icons import library
from diagramkit.icons.words import numbered, simple, singular, split_compound, unfolded

PROVIDERS = ("aws", "gcp", "azure")
"""Whose names there are; those of others.yaml count with each."""

ANYWHERE, WHOLE, WEAK, MADE = "", "=", "~", "+"
"""When a phrase counts: see data/names/aws.yaml."""

# Modules of `diagrams` whose classes stand back where another module has the same name.
_STAND_BACK = frozenset({"general", "mobile", "migration", "management", "game", "enablement"})
_END = "\0"


class Name(Struct, frozen=True):
    """A phrase that names an icon. `kind` says where it is from: name, alias, context.

    `made` is the icon where its maker's name stands in front, if that is another. The icon
    `none` says that none fits.
    """

    words: tuple[str, ...]
    icon: str
    kind: str
    when: str = ANYWHERE
    made: str | None = None


class Service(Struct, frozen=True):
    """Something that `diagrams` has no icon of: AWS's name of its icon, and what stands in."""

    official: str
    instead: str | None


Trie = dict[str, Any]


class Index(Struct, frozen=True):
    """The names of one provider and of everybody."""

    trie: Trie
    known: frozenset[str]

    def longest(self, words: Sequence[str], at: int) -> Name | None:
        """The longest name that begins at `at`."""
        node: Any = self.trie
        found: Name | None = None
        for word in words[at:]:
            node = node.get(word)
            if node is None:
                break
            found = node.get(_END, found)
        return found

    def fold(self, word: str) -> tuple[str, ...]:
        """A word as names have it: lower case, singular, parted where it was run together."""
        return _fold(self, word)

    def __hash__(self) -> int:
        return id(self)


@lru_cache(maxsize=16384)
def _fold(index: Index, word: str) -> tuple[str, ...]:
    low = word.lower()
    one = low[:-1] if low.endswith("s") and low not in unfolded() else low
    for form in (low, singular(low), one):
        if form in index.known:
            return (form,)
    pieces = split_compound(word)
    if len(pieces) > 1:
        return tuple(part for piece in pieces for part in _fold(index, piece))
    split = numbered(low)
    if split and (split[0] in index.known or singular(split[0]) in index.known):
        return (*_fold(index, split[0]), split[1])
    return (singular(low),)


@cache
def index(provider: str) -> Index:
    """The names that count in a diagram of `provider`, one of `PROVIDERS`."""
    trie: Trie = {}
    known = set(_grammar_words())
    for name in _kept(provider):
        known.update(name.words)
        node = trie
        for word in name.words:
            node = node.setdefault(word, {})
        before = node.setdefault(_END, name)
        if name.when == MADE != before.when and before.made is None:
            node[_END] = replace(before, made=name.icon)
        elif before.when == MADE != name.when:
            node[_END] = replace(name, made=before.icon)
    return Index(trie, frozenset(known))


def longest_name(phrase: str, icon: str, kind: str) -> Name:
    """A phrase as the data has it, with its sign."""
    when = phrase[0] if phrase[0] in (WHOLE, WEAK, MADE) else ANYWHERE
    return Name(simple(phrase.lstrip("=~+")), icon, kind, when)


@cache
def services() -> dict[str, Service]:
    """What `diagrams` lacks, by reference."""
    return {
        reference: Service(fields["official"], fields.get("instead"))
        for reference, fields in data.load("icons", "services.yaml").items()
    }


def explicit_names(provider: str) -> Iterator[tuple[str, str]]:
    """Every phrase of the data with its icon's reference, signs and all."""
    if provider == "aws":
        for reference, fields in data.load("icons", "services.yaml").items():
            yield from ((str(phrase), reference) for phrase in fields["names"])
    for file in dict.fromkeys((provider, "others")):
        for reference, phrases in data.load("icons", f"names/{file}.yaml").items():
            yield from ((str(phrase), reference) for phrase in phrases)


def _kept(provider: str) -> list[Name]:
    """All names, from the cache where they were gathered before: `diagrams` is slow to import."""
    digest = hashlib.sha256(__version__.encode())
    for file in ("grammar.yaml", "services.yaml", "names/others.yaml", f"names/{provider}.yaml"):
        digest.update(data.text("icons", file))
    file = f"names-{provider}-{digest.hexdigest()[:24]}.json"
    try:
        return [_row(*row) for row in json.loads(kept.get_or_create(file, lambda: _rows(provider)))]
    except (ValueError, TypeError):  # The cache was damaged: it only saves time.
        return list(_all(provider))


def _rows(provider: str) -> bytes:
    rows = [(name.words, name.icon, name.kind, name.when) for name in _all(provider)]
    return json.dumps(rows, ensure_ascii=False).encode("utf-8")


def _row(words: list[str], icon: str, kind: str, when: str) -> Name:
    return Name(tuple(words), icon, kind, when)


def _all(provider: str) -> Iterator[Name]:
    for phrase, icon in explicit_names(provider):
        yield longest_name(phrase, icon, "alias")
    own = [*library.aliases(provider), *((ref, ref) for ref in library.references(provider))]
    own.sort(key=lambda pair: gives_way(pair[1]))
    everyday = {simple(phrase) for phrase in data.load("icons", "grammar.yaml")["everyday"]}
    for text, icon in own:
        title = text.rpartition(".")[2]
        kind = "name" if text == icon else "alias"
        pieces = split_compound(title)
        exact = (title.lower() if len(pieces) > 1 else singular(title.lower()),)
        for words in {exact: None, simple(" ".join(pieces)): None}:
            if len(words[0]) > 1 or len(words) > 1:
                single = len(words) == 1 and kind == "name" and provider != "aws"
                common = words in everyday or single
                yield Name(words, icon, kind, MADE if common else ANYWHERE)


def gives_way(reference: str) -> bool:
    """Whether another module's class of the same name comes first."""
    return reference.split(".")[1] in _STAND_BACK


def _grammar_words() -> Iterator[str]:
    grammar = data.load("icons", "grammar.yaml")
    for section in ("articles", "prepositions", "qualifiers", "doers", "others", "contents"):
        yield from map(singular, grammar[section])
    yield from (word for words in grammar["makers"].values() for word in words)
