"""Searches for icons by the names that people use: for `diagramkit icons`, and for nodes without an icon."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Struct

from diagramkit.icons import library, names
from diagramkit.icons.catalog import DEFAULT_CATALOG, IconCatalog, pack_keys
from diagramkit.icons.packs import store
from diagramkit.icons.words import normalize, parse, split_compound

OTHER_PROVIDERS = ("k8s", "onprem", "generic", "programming", "saas", "elastic", "firebase")
"""The modules of `diagrams` with icons that are not those of a cloud provider; every diagram may use them."""


_MIN_LETTERS = 5  # Shorter words are too similar to each other to recognize a misspelled one.
_MAX_LETTERS = 30  # No word of a name is longer, and a word costs the square of its length.


class IconEntry(Struct, frozen=True):
    """An icon that can be referenced.

    `names` are the phrases and aliases that name it. `available` is false if only packs that are not installed have it.
    """

    reference: str
    title: str
    names: tuple[str, ...]
    available: bool


def search(query: str, catalog: IconCatalog = DEFAULT_CATALOG) -> list[IconEntry]:
    """Return the icons that match a query, best first.

    An icon matches if all words of the query are in one of its names. If none matches, the result is the icons with
    a similarly spelled name; an empty query matches all icons.
    """
    return matching(query, catalog) or closest(query, catalog)


def matching(query: str, catalog: IconCatalog = DEFAULT_CATALOG) -> list[IconEntry]:
    """Return the icons that match a query, best first, as `search` does; an empty list if none matches."""
    query_words = normalize(query)
    if not query_words:
        return entries(catalog)
    ranked = []
    for entry in entries(catalog):
        rank = _rank(query_words, query, entry)
        if rank is not None:
            ranked.append((rank, entry.reference, entry))
    return [entry for _, _, entry in sorted(ranked, key=lambda row: row[:2])]


def similar(label: str, provider: str = "aws", limit: int = 3) -> list[str]:
    """Return the references of up to `limit` icons with a name that a label without an icon contains, best first.

    A word of the label may be misspelled by one letter. The list is empty if nothing is close.
    """
    index = names.index(provider)
    parts = parse(label, index.normalize_word).parts[:2]
    if not parts:
        return []
    words = [
        corrected(written.lower(), provider) or corrected(word, provider) or word
        for part in parts
        for word, written in zip(part.words, part.raw, strict=True)
    ]
    head, contained = words[len(parts[0].words) - 1], frozenset(words)
    scores: dict[str, tuple[int, bool, bool, str]] = {}
    for word in dict.fromkeys(words):
        for name in _names_by_first_word(provider).get(word, ()):
            if not contained.issuperset(name.words):
                continue
            is_product = name.condition == names.ANYWHERE
            if is_product or (head in name.words and not name.icon.startswith("aws.general.")):
                score = (-sum(map(len, name.words)), not is_product, names.is_secondary(name.icon), name.icon)
                scores[name.icon] = min(scores.get(name.icon, score), score)
    by_class: dict[str, str] = {}  # One for each class name: API Gateway is in two modules.
    for reference in sorted(scores, key=lambda icon: scores[icon]):
        is_close = 2 * scores[reference][0] <= min(scores.values())[0]
        if is_close and DEFAULT_CATALOG.has(reference):
            by_class.setdefault(reference.rpartition(".")[2], reference)
    return list(by_class.values())[:limit]


_ORDINARY = frozenset({"basket", "bracket"})
"""Words that differ from the word of a product's name by one letter, and are spelled correctly: no Braket is meant."""


@lru_cache(maxsize=4096)
def corrected(word: str, provider: str = "aws") -> str | None:
    """Return the word of a product's name that `word` differs from by one letter; None if there is none.

    The letter may be missing, added or another one, or two neighbors are swapped.
    """
    if not _MIN_LETTERS <= len(word) <= _MAX_LETTERS or word in _ORDINARY or word in names.index(provider).known:
        return None
    spellings = _words_by_spelling(provider)
    close = {known for variant in _without_one_letter(word) for known in spellings.get(variant, ())}
    return min((known for known in close if known[0] == word[0] and len(known) >= len(word) - 1), default=None)


def _without_one_letter(word: str) -> tuple[str, ...]:
    """Return a word and what remains of it without one of its letters. Similar words have one of these in common."""
    return word, *(word[:position] + word[position + 1 :] for position in range(len(word)))


@lru_cache(maxsize=8)
def _names_by_first_word(provider: str) -> dict[str, tuple[names.Name, ...]]:
    """Return the names of a provider's icons by their first word."""
    by_word: dict[str, list[names.Name]] = {}
    for name in names.index(provider).all_names():
        if name.icon != library.NO_ICON and name.condition != names.VENDOR_ONLY:
            by_word.setdefault(name.words[0], []).append(name)
    return {word: tuple(entries) for word, entries in by_word.items()}


@lru_cache(maxsize=8)
def _words_by_spelling(provider: str) -> dict[str, tuple[str, ...]]:
    """Return the words of products' names, by these words without one letter."""
    words = {
        word for name in names.index(provider).all_names() if name.condition == names.ANYWHERE for word in name.words
    }
    by_spelling: dict[str, list[str]] = {}
    for word in sorted(words):
        if len(word) > _MIN_LETTERS:
            for variant in _without_one_letter(word):
                by_spelling.setdefault(variant, []).append(word)
    return {variant: tuple(dict.fromkeys(entries)) for variant, entries in by_spelling.items()}


@lru_cache(maxsize=8)
def _entries(catalog: IconCatalog) -> tuple[IconEntry, ...]:
    names_by_reference: dict[str, list[str]] = {}
    for provider in names.PROVIDERS:
        for phrase, reference in names.explicit_names(provider):
            canonical = library.canonical(reference)
            names_by_reference.setdefault(canonical, []).append(names.without_sign(phrase))
        for alias, reference in library.aliases(provider):
            names_by_reference.setdefault(reference, []).append(alias)
    references = [
        ref
        for provider in (*names.PROVIDERS[:1], *OTHER_PROVIDERS, *names.PROVIDERS[1:])
        for ref in library.references(provider)
    ]
    references += [ref for ref in (*library.LOGOS, *names.services()) if ref not in references]
    listed = [_entry(ref, names_by_reference.get(ref, ()), catalog) for ref in references]
    return (*listed, *_pack_entries(catalog, references))


def entries(catalog: IconCatalog = DEFAULT_CATALOG) -> list[IconEntry]:
    """Return every icon that can be referenced, AWS's first, those that only installed packs have last."""
    return list(_entries(catalog))


def _entry(reference: str, icon_names: Iterable[str], catalog: IconCatalog) -> IconEntry:
    title = _title(reference.rpartition(".")[2])
    return IconEntry(reference, title, tuple(dict.fromkeys(icon_names)), catalog.has(reference))


def _pack_entries(catalog: IconCatalog, references: Iterable[str]) -> Iterator[IconEntry]:
    """Yield the icons of packs that none of the references stands for."""
    known = {key for reference in references for key in pack_keys(reference)}
    for folder in catalog.packs:
        pack = store.read(folder)
        for name in pack.icons:
            if store.key_of(name) not in known or not pack.official:
                yield IconEntry(f"{pack.name}:{name}", _title(name), (), True)


def _title(name: str) -> str:
    """Return the name of an icon as separate words."""
    words = " ".join(part for word in re.split(r"[-_ ]+", name) for part in split_compound(word))
    return words.replace("Io T", "IoT").replace("AP Is", "APIs")


def _rank(query_words: tuple[str, ...], query: str, entry: IconEntry) -> tuple[int, int] | None:
    """Return how well an entry matches, where the lowest rank is best; None if it does not match."""
    phrases = [normalize(entry.title), *map(normalize, entry.names)]
    joined = "".join(query_words)
    # One list for each grade of match, the best grade first; its values order the entries of that grade.
    grades = (
        [0] if query == entry.reference else [],
        [number for number, phrase in enumerate(phrases) if phrase == query_words],
        [number for number, phrase in enumerate(phrases) if "".join(phrase) == joined],
        [len(phrase) for phrase in phrases if phrase[: len(query_words)] == query_words],
        [len(phrase) for phrase in phrases if set(query_words) <= set(phrase)],
        [len(entry.reference)] if len(joined) > 2 and joined in entry.reference.lower() else [],
    )
    return next(((grade, min(values)) for grade, values in enumerate(grades) if values), None)


def closest(query: str, catalog: IconCatalog = DEFAULT_CATALOG) -> list[IconEntry]:
    """Return up to five icons with a name that is spelled similarly to the query."""
    query_words = normalize(query)
    by_name = {
        " ".join(normalize(text)): entry for entry in reversed(entries(catalog)) for text in (*entry.names, entry.title)
    }
    close = difflib.get_close_matches(" ".join(query_words), sorted(by_name), n=5, cutoff=0.7)
    return list({by_name[name].reference: by_name[name] for name in close}.values())
