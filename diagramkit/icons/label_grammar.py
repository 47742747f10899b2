"""Which word of a label is the thing that it speaks of.

English puts the thing last in a row of nouns and before a preposition: `SQS consumer Lambda`,
`CloudWatch alarm for SQS`. What stands last may make another thing of a service's name (`API
Gateway cache`), or only tell it from its siblings (`Lambda 2`, `RDS primary`). The words that
decide are in `data/grammar.yaml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import data
from diagramkit.icons import names
from diagramkit.icons.names import ANYWHERE, MADE, WEAK, WHOLE, Index, Name
from diagramkit.icons.words import Label, singular


class Grammar(Struct, frozen=True):
    """The words that decide; `compute` and `stores` are beginnings of references."""

    makers: dict[str, str]
    articles: frozenset[str]
    prepositions: frozenset[str]
    qualifiers: frozenset[str]
    doers: frozenset[str]
    others: frozenset[str]
    contents: frozenset[str]
    carried: frozenset[str]
    verbs: frozenset[str]
    compares: frozenset[str]
    compute: tuple[str, ...]
    stores: tuple[str, ...]
    kinds: dict[str, tuple[str, ...]]


class NameMatch(Struct, frozen=True):
    """A name in a row of words: from `start` to `end`."""

    name: Name
    start: int
    end: int


class NounPhrase(Struct, frozen=True):
    """What a row of words speaks of, whether it says nothing else, and what else it names."""

    found: NameMatch
    alone: bool
    also: tuple[NameMatch, ...] = ()


@cache
def grammar() -> Grammar:
    """`data/grammar.yaml`."""
    raw = data.load("icons", "grammar.yaml")
    sets = (
        "articles",
        "prepositions",
        "qualifiers",
        "doers",
        "others",
        "contents",
        "carried",
        "verbs",
        "compares",
    )
    return Grammar(
        makers={word: maker for maker, words in raw["makers"].items() for word in words},
        compute=tuple(raw["compute"]),
        stores=tuple(raw["stores"]),
        kinds={word: tuple(starts) for word, starts in raw["kinds"].items()},
        **{name: frozenset(singular(word) for word in raw[name]) for name in sets},
    )


def noun_phrase(words: Sequence[str], index: Index, first: bool) -> NounPhrase | None:
    """What `words` speak of. Only in the `first` part of a label do words count that name no
    product (`queue`) or must stand alone (`users`)."""
    rules, start, maker = grammar(), 0, False
    while start < len(words) - 1 and words[start] in rules.articles:
        start += 1
    if start < len(words) - 1 and words[start] in rules.makers:
        other = rules.makers[words[start]]
        theirs = names.index(other)
        ours = index.longest(words, start)
        if (
            theirs is not index
            and not (ours and len(ours.words) > 1)
            and (said := noun_phrase(words[start:], theirs, first))
        ):
            return said
        maker = True
    found, cut = _names(words, start, maker, index)
    if _is_step(words, start, found):
        return None
    if maker and found and found[0].start == start:
        maker = False  # The maker is part of a name: Amazon Q.
    return _decide(words, found, start + maker, cut, maker, first)


def _names(words: Sequence[str], start: int, maker: bool, index: Index) -> tuple[list[NameMatch], int]:
    """The names before the first preposition, and where that stands."""
    rules, found, at = grammar(), list[NameMatch](), start
    if maker:
        made, bare = index.longest(words, start), index.longest(words, start + 1)
        if not made or (bare and len(bare.words) >= len(made.words)):
            at += 1  # The maker is no part of the name: Amazon RDS PostgreSQL.
    while at < len(words):
        name = index.longest(words, at)
        if name:
            found.append(NameMatch(name, at, at + len(name.words)))
            at += len(name.words)
        elif words[at] in rules.prepositions and at > start:
            if found or words[start] not in rules.carried:
                break
            at += 1
        else:
            at += 1
    return found, at


def _decide(
    words: Sequence[str], found: list[NameMatch], head: int, cut: int, maker: bool, first: bool
) -> NounPhrase | None:
    if maker and found and found[0].start == head:
        found = [_made(found[0]), *found[1:]]
    strong = [one for one in found if one.name.when == ANYWHERE]
    if strong:
        return _strongest(words, found, strong, head, cut)
    if not first or not found:
        return None
    last = found[-1]
    if last.name.when == WHOLE and cut == len(words):
        alone = last.start == head and _only_qualifies(words[last.end : cut])
        return NounPhrase(last, True) if alone else None
    if last.name.when == WEAK and _only_qualifies(words[last.end : cut]):
        follows = words[cut] if cut < len(words) else ""
        return None if follows == "of" else NounPhrase(last, False)
    return None


def _made(found: NameMatch) -> NameMatch:
    """A name behind its maker's: what must have it counts, and what must stand alone need not."""
    name = found.name
    if name.made:
        name = replace(name, icon=name.made, when=ANYWHERE)
    elif name.when in (MADE, WHOLE):
        name = replace(name, when=ANYWHERE)
    return replace(found, name=name)


def _strongest(
    words: Sequence[str], found: list[NameMatch], strong: list[NameMatch], head: int, cut: int
) -> NounPhrase | None:
    """The last name, unless what follows makes another thing of it."""
    rules, chosen = grammar(), strong[-1]
    last = found[-1]
    if last.name.when == WEAK and _only_qualifies(words[last.end : cut]):
        own = rules.kinds.get(last.name.words[-1])
        if last.name.icon.startswith(chosen.name.icon) or (own and not chosen.name.icon.startswith(own)):
            return NounPhrase(last, False)
    tail = [word for word in words[chosen.end : cut] if not qualifies(word)]
    if tail and tail[-1] in rules.doers:
        runs = [one for one in strong if one.name.icon.startswith(rules.compute)]
        if not runs:
            return None
        chosen = runs[-1]
    elif tail and (
        tail[-1] in rules.others or (tail[-1] in rules.contents and not chosen.name.icon.startswith(rules.stores))
    ):
        return None
    also = tuple(one for one in strong if one.name.icon != chosen.name.icon)
    alone = chosen.start == head and cut == len(words) and not tail
    return NounPhrase(chosen, alone, also)


def _is_step(words: Sequence[str], start: int, found: list[NameMatch]) -> bool:
    """Whether the words tell somebody to do something, and name nothing that does it."""
    if len(words) - start < 2 or words[start] not in grammar().verbs:
        return False
    if found and found[0].start == start:
        return False  # A name that begins with a verb: Run Command.
    last = found[-1] if found else None
    runs = last and last.end == len(words) and last.name.icon.startswith(grammar().compute)
    return not (runs and last and last.start > start + 1)


def _only_qualifies(words: Sequence[str]) -> bool:
    return all(qualifies(word) for word in words)


def qualifies(word: str) -> bool:
    """Whether a word only tells a thing from its siblings: `1`, `b`, `prod`."""
    return len(word) == 1 or word.isdigit() or word in grammar().qualifiers or word[0].isdigit()


def following_name(words: Sequence[str], after: Sequence[str], index: Index) -> int:
    """How many of the words `after` a line break belong to a name that begins before it.

    None, where the words before it name something themselves and those after say more than that:
    'EventBridge / event routing' is no EventBridge event.
    """
    together = [*words, *after[:4]]
    for at in range(len(words)):
        name = index.longest(together, at)
        taken = at + len(name.words) - len(words) if name else 0
        if taken > 0 and (_only_qualifies(after[taken:]) or noun_phrase(words, index, True) is None):
            return taken
    return 0


def matches_at(found: NounPhrase, words: Sequence[str], index: Index) -> bool:
    """Whether a line below the first says little but what it names: 'Nginx:3000', 'Lambda function',
    not 'Publish GitHub release'."""
    start = 1 if words[0] in grammar().makers else 0
    rest = words[found.found.end :]
    return found.found.start <= start and all(
        word in index.known or word[0].isdigit() or len(word) == 1 for word in rest
    )


def compares(label: Label) -> bool:
    """Whether a label sets things side by side: `DynamoDB vs RDS`."""
    return any(word in grammar().compares for part in label.parts for word in part.words)


def names_any(words: Sequence[str], index: Index) -> bool:
    """Whether a product is named at all, be it the thing or not."""
    found = (index.longest(words, at) for at in range(len(words)))
    return any(name and name.when == ANYWHERE for name in found)
