"""Searches for icons by the names that people use: for `diagramkit icons`, and for nodes without an icon."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Struct

from diagramkit.icons import label_grammar, library, names
from diagramkit.icons.catalog import DEFAULT_CATALOG, IconCatalog, pack_keys
from diagramkit.icons.packs import store
from diagramkit.icons.words import normalize, parse, split_compound

OTHER_PROVIDERS = ("k8s", "onprem", "generic", "programming", "saas", "elastic", "firebase")
"""The modules of `diagrams` with icons that are not those of a cloud provider; every diagram may use them."""


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
    query_words = normalize(query)
    if not query_words:
        return entries(catalog)
    ranked = []
    for entry in entries(catalog):
        rank = _rank(query_words, query, entry)
        if rank is not None:
            ranked.append((rank, entry.reference, entry))
    matches = [entry for _, _, entry in sorted(ranked, key=lambda row: row[:2])]
    return matches or _similar(query_words, catalog)


def nearest(label: str, provider: str = "aws", limit: int = 3) -> list[str]:
    """Return the references of up to `limit` icons whose names are nearest to a label that has no icon."""
    index = names.index(provider if provider in names.PROVIDERS else "aws")
    words = [word for part in parse(label, index.normalize_word).parts[:2] for word in part.words if len(word) > 1]
    if not words:
        return []
    scores: dict[str, tuple[float, int]] = {}
    for phrase, reference in _phrases(provider):
        shared = set(phrase) & set(words) - label_grammar.grammar().prepositions
        if shared and reference != library.NO_ICON:
            score = sum(len(word) for word in shared) / max(sum(map(len, phrase)), 1)
            scores[reference] = max(scores.get(reference, (0.0, 0)), (score, -len(phrase)))
    ranked = sorted(scores, key=lambda ref: (-scores[ref][0], -scores[ref][1], names.is_secondary(ref), ref))
    by_title = {" ".join(phrase): ref for phrase, ref in reversed(_phrases(provider))}
    similar_titles = difflib.get_close_matches(" ".join(words), sorted(by_title), n=2 * limit, cutoff=0.4)
    by_class: dict[str, str] = {}  # One for each class name: API Gateway is in two modules.
    for reference in (*ranked, *(by_title[title] for title in similar_titles)):
        if DEFAULT_CATALOG.has(reference):
            by_class.setdefault(reference.rpartition(".")[2], reference)
    return list(by_class.values())[:limit]


@lru_cache(maxsize=8)
def _phrases(provider: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Return the words of each phrase that names an icon of a provider, with the reference."""
    provider = provider if provider in names.PROVIDERS else "aws"
    class_names = ((" ".join(split_compound(ref.rpartition(".")[2])), ref) for ref in library.references(provider))
    explicit = ((names.without_sign(phrase), ref) for phrase, ref in names.explicit_names(provider))
    return tuple((normalize(phrase), ref) for phrase, ref in (*explicit, *class_names))


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


def _similar(query_words: tuple[str, ...], catalog: IconCatalog) -> list[IconEntry]:
    """Return up to five icons with a name that is spelled similarly to the query."""
    by_name = {
        " ".join(normalize(text)): entry for entry in reversed(entries(catalog)) for text in (*entry.names, entry.title)
    }
    close = difflib.get_close_matches(" ".join(query_words), sorted(by_name), n=5, cutoff=0.7)
    return list({by_name[name].reference: by_name[name] for name in close}.values())
