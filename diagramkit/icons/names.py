"""The index of all phrases that name an icon: a trie of words, in which the resolver looks labels up.

The phrases are those of `data/names/*.yaml` and `data/services.yaml`, followed by the names of the classes in
`diagrams`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache, lru_cache, partial
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import __version__, data
from diagramkit import cache as disk_cache
from diagramkit.icons import clouds, library
from diagramkit.icons.words import invariant_words, normalize, singular, split_compound, split_number, split_scripts

PROVIDERS = ("aws", "gcp", "azure")
"""The providers that have an index of names; the names of others.yaml are part of each index."""

ANYWHERE, FULL_LABEL, GENERIC, SUFFIX, AMBIGUOUS, VENDOR_ONLY = "", "=", "~", "-", "^", "+"
"""The conditions under which a phrase counts; these signs are explained in data/names/aws.yaml."""

_SIGNS = FULL_LABEL + GENERIC + SUFFIX + AMBIGUOUS + VENDOR_ONLY
# If classes of two modules of `diagrams` have the same name, the class in one of these modules is not used.
_SECONDARY_MODULES = frozenset({"general", "mobile", "migration", "management", "game", "enablement"})
_END = "\0"  # The key of a name in the trie node of its last word.


class Name(Struct, frozen=True):
    """A phrase that names an icon.

    `kind` is the origin of the phrase for messages: name, alias or context. `condition` is one of `ANYWHERE`,
    `FULL_LABEL`, `GENERIC`, `SUFFIX`, `AMBIGUOUS` and `VENDOR_ONLY`. `vendor_icon` is the icon if the vendor precedes
    the phrase, where that differs. The icon `none` means that no icon fits.
    """

    words: tuple[str, ...]
    icon: str
    kind: str
    condition: str = ANYWHERE
    vendor_icon: str | None = None

    @property
    def is_generic(self) -> bool:
        """Return whether the phrase is a word for a kind of things rather than the name of a product."""
        return self.condition in (GENERIC, SUFFIX, AMBIGUOUS)


def is_shared(name: Name) -> bool:
    """Return whether a name in a label may also mean something that is not of AWS: `API gateway`, `Backup`."""
    return name.is_generic or name.condition == FULL_LABEL or clouds.is_shared(name.words)


def is_of_aws(icon: str | None) -> bool:
    """Return whether an icon is that of something of AWS, rather than of people, tools or things in general."""
    return icon is not None and icon.startswith("aws.") and not icon.startswith("aws.general.")


class Service(Struct, frozen=True):
    """An AWS service without an icon in `diagrams`: AWS's name of the icon, and the icon that replaces it."""

    official: str
    substitute: str | None


Trie = dict[str, Any]


class Index(Struct, frozen=True, eq=False):
    """The names that count in diagrams of one provider; `known` are all words that occur in them.

    `normalize_word` returns a word in the form that names use: lower case, singular, compounds split (`OrderQueue`).
    There is one index for each provider, so indexes are compared by identity.
    """

    trie: Trie
    known: frozenset[str]
    normalize_word: Callable[[str], tuple[str, ...]]

    def longest(self, words: Sequence[str], start: int) -> Name | None:
        """Return the longest name that begins at index `start` of the words."""
        node: Any = self.trie
        name: Name | None = None
        for word in words[start:]:
            node = node.get(word)
            if node is None:
                break
            name = node.get(_END, name)
        return name

    def all_names(self) -> Iterator[Name]:
        """Yield every name of the index."""
        nodes = [self.trie]
        while nodes:
            for word, node in nodes.pop().items():
                if word == _END:
                    yield node
                else:
                    nodes.append(node)


def _normalize_word(known: frozenset[str], word: str) -> tuple[str, ...]:
    lower = word.lower()
    without_s = lower[:-1] if lower.endswith("s") and lower not in invariant_words() else lower
    for form in (lower, singular(lower), without_s):
        if form in known:
            return (form,)
    if not word.isascii() and len(pieces := split_scripts(word, known, _particles())) > 1:
        return tuple(part for piece in pieces for part in _normalize_word(known, piece))
    pieces = split_compound(word)
    if len(pieces) > 1 and not (word[0].islower() and _prepositions().intersection(map(str.lower, pieces[1:-1]))):
        return tuple(part for piece in pieces for part in _normalize_word(known, piece))
    split = split_number(lower)
    if split and (split[0] in known or singular(split[0]) in known):
        return (*_normalize_word(known, split[0]), split[1])
    return (singular(lower),)


@cache
def _prepositions() -> frozenset[str]:
    """Return words in the middle of the names of functions: `setAsDelivered` is one word."""
    return frozenset(data.load("icons", "grammar.yaml")["prepositions"])


@cache
def _particles() -> tuple[str, ...]:
    return tuple(data.load("icons", "grammar.yaml")["particles"])


@cache
def index(provider: str) -> Index:
    """Return the names that count in a diagram of `provider`, one of `PROVIDERS`."""
    trie: Trie = {}
    known = set(_grammar_words())
    for name in _cached_names(provider):
        known.update(name.words)
        node = trie
        for word in name.words:
            node = node.setdefault(word, {})
        # The first of several equal phrases counts. It is combined with one that requires the vendor.
        earlier = node.setdefault(_END, name)
        if name.condition == VENDOR_ONLY != earlier.condition and earlier.vendor_icon is None:
            node[_END] = replace(earlier, vendor_icon=name.icon)
        elif earlier.condition == VENDOR_ONLY != name.condition:
            node[_END] = replace(name, vendor_icon=earlier.icon)
    words = frozenset(known)
    return Index(trie, words, lru_cache(maxsize=16384)(partial(_normalize_word, words)))


def parse_phrase(phrase: str, icon: str, kind: str) -> Name:
    """Return the name that a phrase of the data files describes, including the sign before it."""
    condition = phrase[0] if phrase[0] in _SIGNS else ANYWHERE
    return Name(normalize(without_sign(phrase)), icon, kind, condition)


def without_sign(phrase: str) -> str:
    """Return a phrase of the data files without the sign before it."""
    return phrase.lstrip(_SIGNS)


@cache
def services() -> dict[str, Service]:
    """Return the services without an icon in `diagrams`, by reference."""
    return {
        reference: Service(fields["official"], fields.get("instead"))
        for reference, fields in data.load("icons", "services.yaml").items()
    }


def explicit_names(provider: str) -> Iterator[tuple[str, str]]:
    """Yield every phrase of the data files, including its sign, with the reference of its icon."""
    if provider == "aws":
        for reference, fields in data.load("icons", "services.yaml").items():
            yield from ((str(phrase), reference) for phrase in fields["names"])
    for file in dict.fromkeys((provider, "others")):
        for reference, phrases in data.load("icons", f"names/{file}.yaml").items():
            yield from ((str(phrase), reference) for phrase in phrases)


def _cached_names(provider: str) -> list[Name]:
    """Return all names, from the cache if possible, because importing `diagrams` is slow."""
    digest = hashlib.sha256(__version__.encode())
    for file in ("grammar.yaml", "services.yaml", "names/others.yaml", f"names/{provider}.yaml"):
        digest.update(data.text("icons", file))
    file = f"names-{provider}-{digest.hexdigest()[:24]}.json"
    try:
        return [_decode(*row) for row in json.loads(disk_cache.get_or_create(file, lambda: _encode(provider)))]
    except (ValueError, TypeError):  # The cache file is damaged; collect the names again.
        return list(_collect(provider))


def _encode(provider: str) -> bytes:
    rows = [(name.words, name.icon, name.kind, name.condition) for name in _collect(provider)]
    return json.dumps(rows, ensure_ascii=False).encode("utf-8")


def _decode(words: list[str], icon: str, kind: str, condition: str) -> Name:
    return Name(tuple(words), icon, kind, condition)


def _collect(provider: str) -> Iterator[Name]:
    """Yield the names of the data files, then those of the classes of `diagrams`."""
    for phrase, icon in explicit_names(provider):
        yield parse_phrase(phrase, icon, "alias")
    class_names = [*library.aliases(provider), *((ref, ref) for ref in library.references(provider))]
    class_names.sort(key=lambda pair: is_secondary(pair[1]))
    everyday = {normalize(phrase) for phrase in data.load("icons", "grammar.yaml")["everyday"]}
    for text, icon in class_names:
        title = text.rpartition(".")[2]
        kind = "name" if text == icon else "alias"
        pieces = split_compound(title)
        joined = (title.lower() if len(pieces) > 1 else singular(title.lower()),)
        for words in {joined: None, normalize(" ".join(pieces)): None}:
            if len(words[0]) > 1 or len(words) > 1:
                # The product names of other vendors are often everyday words, such as Azure's `Table`.
                single = len(words) == 1 and kind == "name" and provider != "aws"
                common = words in everyday or single
                yield Name(words, icon, kind, VENDOR_ONLY if common else ANYWHERE)


def is_secondary(reference: str) -> bool:
    """Return whether a class of the same name in another module takes precedence."""
    return reference.split(".")[1] in _SECONDARY_MODULES


def _grammar_words() -> Iterator[str]:
    grammar = data.load("icons", "grammar.yaml")
    for section in ("articles", "prepositions", "qualifiers", "doers", "others", "contents", "application_words"):
        yield from map(singular, grammar[section])
    yield from (word for words in grammar["makers"].values() for word in words)
