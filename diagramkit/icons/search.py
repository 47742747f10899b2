"""Icons by what one would call them: for `diagramkit icons`, and for nodes that have none."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Struct

from diagramkit.icons import label_grammar, library, names
from diagramkit.icons.catalog import BARE, IconCatalog, keys_of
from diagramkit.icons.packs import store
from diagramkit.icons.words import parse, simple, split_compound

OTHERS = ("k8s", "onprem", "generic", "programming", "saas", "elastic", "firebase")
"""The providers of `diagrams` whose icons stand beside every cloud's."""


class IconEntry(Struct, frozen=True):
    """An icon that can be named: its reference, what people call it, and whether there is a picture."""

    reference: str
    title: str
    names: tuple[str, ...]
    drawn: bool


def search(query: str, shelf: IconCatalog = BARE) -> list[IconEntry]:
    """The icons that a query means, best first: all of its words in a name, or nearly so."""
    wanted = simple(query)
    if not wanted:
        return entries(shelf)
    ranked = []
    for entry in entries(shelf):
        rank = _rank(wanted, query, entry)
        if rank is not None:
            ranked.append((rank, entry.reference, entry))
    return [entry for _, _, entry in sorted(ranked, key=lambda one: one[:2])] or _similar(wanted, shelf)


def nearest(label: str, provider: str = "aws", most: int = 3) -> list[str]:
    """The references of the icons nearest to a label that no rule gives one."""
    index = names.index(provider if provider in names.PROVIDERS else "aws")
    words = [word for part in parse(label, index.fold).parts[:2] for word in part.words if len(word) > 1]
    if not words:
        return []
    scores: dict[str, tuple[float, int]] = {}
    for phrase, reference in _phrases(provider):
        shared = set(phrase) & set(words) - label_grammar.grammar().prepositions
        if shared and reference != library.NONE:
            score = sum(len(word) for word in shared) / max(sum(map(len, phrase)), 1)
            scores[reference] = max(scores.get(reference, (0.0, 0)), (score, -len(phrase)))
    ranked = sorted(scores, key=lambda ref: (-scores[ref][0], -scores[ref][1], names.gives_way(ref), ref))
    by_title = {" ".join(phrase): ref for phrase, ref in reversed(_phrases(provider))}
    alike = difflib.get_close_matches(" ".join(words), sorted(by_title), n=2 * most, cutoff=0.4)
    found: dict[str, str] = {}  # One for each class: API Gateway stands in two modules.
    for reference in (*ranked, *(by_title[title] for title in alike)):
        if BARE.has(reference):
            found.setdefault(reference.rpartition(".")[2], reference)
    return list(found.values())[:most]


@lru_cache(maxsize=8)
def _phrases(provider: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    provider = provider if provider in names.PROVIDERS else "aws"
    own = ((" ".join(split_compound(ref.rpartition(".")[2])), ref) for ref in library.references(provider))
    said = ((phrase.lstrip("=~+"), ref) for phrase, ref in names.explicit_names(provider))
    return tuple((simple(phrase), ref) for phrase, ref in (*said, *own))


@lru_cache(maxsize=8)
def _entries(shelf: IconCatalog) -> tuple[IconEntry, ...]:
    called: dict[str, list[str]] = {}
    for provider in names.PROVIDERS:
        for phrase, reference in names.explicit_names(provider):
            own = library.canonical(reference)
            called.setdefault(own, []).append(phrase.lstrip("=~+"))
        for alias, reference in library.aliases(provider):
            called.setdefault(reference, []).append(alias)
    references = [
        ref
        for provider in (*names.PROVIDERS[:1], *OTHERS, *names.PROVIDERS[1:])
        for ref in library.references(provider)
    ]
    references += [ref for ref in names.services() if ref not in references]
    made = [_entry(ref, called.get(ref, ()), shelf) for ref in references]
    return (*made, *_of_packs(shelf, references))


def entries(shelf: IconCatalog = BARE) -> list[IconEntry]:
    """Every icon that can be named, AWS's first; with packs also what only they have."""
    return list(_entries(shelf))


def _entry(reference: str, called: Iterable[str], shelf: IconCatalog) -> IconEntry:
    title = _title(reference.rpartition(".")[2])
    return IconEntry(reference, title, tuple(dict.fromkeys(called)), shelf.has(reference))


def _of_packs(shelf: IconCatalog, references: Iterable[str]) -> Iterator[IconEntry]:
    """The icons of packs that no reference stands for."""
    known = {key for reference in references for key in keys_of(reference)}
    for folder in shelf.packs:
        pack = store.read(folder)
        for name in pack.icons:
            if store.key_of(name) not in known or not pack.official:
                yield IconEntry(f"{pack.name}:{name}", _title(name), (), True)


def _title(name: str) -> str:
    """An icon's name as words."""
    words = " ".join(part for word in re.split(r"[-_ ]+", name) for part in split_compound(word))
    return words.replace("Io T", "IoT").replace("AP Is", "APIs")


def _rank(wanted: tuple[str, ...], query: str, entry: IconEntry) -> tuple[int, int] | None:
    """How well an entry is what is wanted, lowest best; None where it is not."""
    phrases = [simple(entry.title), *map(simple, entry.names)]
    joined = "".join(wanted)
    fits = (
        [0] if query == entry.reference else [],
        [at for at, phrase in enumerate(phrases) if phrase == wanted],
        [at for at, phrase in enumerate(phrases) if "".join(phrase) == joined],
        [len(phrase) for phrase in phrases if phrase[: len(wanted)] == wanted],
        [len(phrase) for phrase in phrases if set(wanted) <= set(phrase)],
        [len(entry.reference)] if len(joined) > 2 and joined in entry.reference.lower() else [],
    )
    return next(((grade, min(found)) for grade, found in enumerate(fits) if found), None)


def _similar(wanted: tuple[str, ...], shelf: IconCatalog) -> list[IconEntry]:
    """Where nothing fits: what is written nearly so."""
    by_name = {
        " ".join(simple(text)): entry for entry in reversed(entries(shelf)) for text in (*entry.names, entry.title)
    }
    near = difflib.get_close_matches(" ".join(wanted), sorted(by_name), n=5, cutoff=0.7)
    return list({by_name[name].reference: by_name[name] for name in near}.values())
