"""English grammar of labels: which word of a label is the thing that the label is about.

In English, this is the last of several nouns in a row, and the one before a preposition: `SQS consumer Lambda`,
`CloudWatch alarm for SQS`. A word after the name of a service may turn it into another thing (`API Gateway cache`),
or only distinguish it from its siblings (`Lambda 2`, `RDS primary`). A service of AWS takes precedence over a product
that runs on it (`ECS FastAPI service`). The word lists are in `data/grammar.yaml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import data
from diagramkit.icons import names
from diagramkit.icons.names import AMBIGUOUS, ANYWHERE, FULL_LABEL, GENERIC, SUFFIX, VENDOR_ONLY, Index, Name
from diagramkit.icons.words import Label, Part, singular

_API_GATEWAY = "aws.network.APIGateway"


class Grammar(Struct, frozen=True):
    """The word lists of `data/grammar.yaml`, explained there.

    The values of `compute`, `stores`, `guests`, `kinds`, `parts` and `managed` are prefixes of references; `makers`
    maps a word to a provider. `replaceable` are the prefixes of `guests` and `managed`.
    """

    makers: dict[str, str]
    other_makers: frozenset[str]
    articles: frozenset[str]
    prepositions: frozenset[str]
    linking: frozenset[str]
    places: frozenset[str]
    head_nouns: frozenset[str]
    owned: frozenset[str]
    layers: frozenset[str]
    commands: frozenset[str]
    particles: frozenset[str]
    final_verbs: frozenset[str]
    qualifiers: frozenset[str]
    doers: frozenset[str]
    others: frozenset[str]
    contents: frozenset[str]
    carried: frozenset[str]
    contained: frozenset[str]
    asides: frozenset[str]
    verbs: frozenset[str]
    named_after_verbs: frozenset[str]
    setup: frozenset[str]
    compares: frozenset[str]
    compute: tuple[str, ...]
    stores: tuple[str, ...]
    guests: tuple[str, ...]
    software: frozenset[str]
    roles: frozenset[str]
    second_line: frozenset[str]
    running: frozenset[str]
    collections: frozenset[str]
    dependents: frozenset[str]
    application_words: frozenset[str]
    offered: tuple[str, ...]
    kinds: dict[str, tuple[str, ...]]
    parts: dict[str, tuple[str, ...]]
    managed: dict[str, tuple[str, ...]]
    replaceable: tuple[str, ...]
    properties: tuple[str, ...]
    heads: dict[str, tuple[str, ...]]


class NameMatch(Struct, frozen=True):
    """A name in a sequence of words, from index `start` up to but not including `end`."""

    name: Name
    start: int
    end: int


class NounPhrase(Struct, frozen=True):
    """What a sequence of words is about.

    `match` is the name of that thing. `is_exact` is true if the words contain nothing else that matters.
    `other_matches` are names of other things in the same words.
    """

    match: NameMatch
    is_exact: bool
    other_matches: tuple[NameMatch, ...] = ()


@cache
def grammar() -> Grammar:
    """Return the contents of `data/grammar.yaml`."""
    raw = data.load("icons", "grammar.yaml")
    sets = (
        "other_makers",
        "articles",
        "prepositions",
        "linking",
        "places",
        "head_nouns",
        "owned",
        "layers",
        "commands",
        "particles",
        "final_verbs",
        "qualifiers",
        "doers",
        "others",
        "contents",
        "carried",
        "contained",
        "asides",
        "verbs",
        "named_after_verbs",
        "setup",
        "compares",
        "software",
        "roles",
        "second_line",
        "running",
        "collections",
        "dependents",
        "application_words",
    )
    lists = {name: raw[name] for name in sets}
    for name in ("verbs", "setup"):
        lists[name] = [*raw[name], *raw["foreign_verbs"]]
    lists["verbs"] += data.load("icons", "missing.yaml")["verbs"]
    lists["others"] = [*raw["others"], *raw["final_verbs"]]
    return Grammar(
        makers={word: maker for maker, words in raw["makers"].items() for word in words},
        compute=tuple(raw["compute"]),
        stores=tuple(raw["stores"]),
        guests=tuple(raw["guests"]),
        offered=tuple(raw["offered"]),
        kinds=_prefixes(raw["kinds"]),
        parts=_prefixes(raw["parts"]),
        managed=_prefixes(raw["managed"]),
        replaceable=(*raw["guests"], *raw["managed"]),
        properties=tuple(raw["properties"]),
        heads=_prefixes(raw["heads"]),
        **{name: frozenset(singular(word) for word in words) for name, words in lists.items()},
    )


def _prefixes(section: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {word: tuple(prefixes) for word, prefixes in section.items()}


def noun_phrase(words: Sequence[str], index: Index, first: bool, is_identifier: bool = False) -> NounPhrase | None:
    """Return what `words` are about, or None if they name nothing that has an icon.

    Names that are generic (`queue`) or must be the whole label (`users`) count only in the `first` part of a label.
    `is_identifier` tells that the label is one word, such as `create-order-queue`.
    """
    rules, start = grammar(), _after_articles(words, index)
    maker = words[start] if start < len(words) else None
    if maker in rules.other_makers or not rules.particles.isdisjoint(words):
        return None
    vendor_index = names.index(rules.makers[maker]) if maker in rules.makers and start < len(words) - 1 else None
    if vendor_index not in (None, index):
        own_name = index.longest(words, start)
        # A label such as `Azure Functions` in an AWS diagram is looked up among the names of that vendor.
        if not (own_name and len(own_name.words) > 1) and (
            phrase := noun_phrase(words[start:], vendor_index, first, is_identifier)
        ):
            return phrase
        own = noun_phrase(words[start + 1 :], index, first, is_identifier) if not own_name else None
        if own and names.is_of_aws(own.match.name.icon):
            return None  # What another vendor offers is nothing of AWS: 'Google SSO'.
    return _own_phrase(words, start, vendor_index is not None and vendor_index is index, index, first, is_identifier)


def _after_articles(words: Sequence[str], index: Index) -> int:
    """Return the index of the first word that is neither an article nor a number, unless a name begins with it."""
    start = 0
    while start < len(words) - 1 and (words[start] in grammar().articles or words[start].isdigit()):
        if (name := index.longest(words, start)) and len(name.words) > 1:
            break  # The article is part of the name: New Relic.
        start += 1
    return start


def _own_phrase(
    words: Sequence[str], start: int, has_vendor: bool, index: Index, first: bool, is_identifier: bool
) -> NounPhrase | None:
    """Return what words are about among the names of one provider, whose own name may be the first word."""
    matches, end = _matches(words, start, has_vendor, index)
    if not is_identifier and _is_step(words, start, matches):
        return None
    if has_vendor and matches and matches[0].start == start:
        has_vendor = False  # The vendor is part of the name: Amazon Q.
    phrase = _decide(words, matches, start + has_vendor, end, has_vendor, first)
    phrase = phrase and _hosted_by(phrase, words, end, index)
    if phrase and ((is_identifier and _is_named_after(phrase, words)) or _is_alternative(phrase, words[end:], index)):
        return None
    return phrase


def _hosted_by(phrase: NounPhrase, words: Sequence[str], end: int, index: Index) -> NounPhrase:
    """Return the service that runs a product, if a preposition at index `end` precedes it: EMR for `Spark on EMR`."""
    guest = phrase.match.name.icon
    if list(words[end : end + 1]) not in (["on"], ["in"]) or not guest.startswith(grammar().guests):
        return phrase
    name = index.longest(words, end + 1)
    if name is None or not name.icon.startswith(_managers(guest)):
        return phrase
    return NounPhrase(NameMatch(name, end + 1, end + 1 + len(name.words)), False, (phrase.match,))


def _is_alternative(phrase: NounPhrase, following: Sequence[str], index: Index) -> bool:
    """Return whether a label only names one of several possibilities: `RabbitMQ or Kafka`."""
    is_service = phrase.match.name.icon.startswith("aws.")
    return following[:1] == ["or"] and (not is_service or names_any(following, index))


def _is_named_after(phrase: NounPhrase, words: Sequence[str]) -> bool:
    """Return whether an identifier only contains the name of a product: `github-actions-terraform`, `redis_up`."""
    if phrase.match.name.icon.startswith("aws."):
        return False
    running, following = grammar().running, words[phrase.match.end :]
    return bool(phrase.other_matches) or not all(qualifies(word) or word in running for word in following)


def _matches(words: Sequence[str], start: int, has_vendor: bool, index: Index) -> tuple[list[NameMatch], int]:
    """Return the names before the first preposition, and the index of that preposition."""
    rules, matches, position = grammar(), list[NameMatch](), start
    if has_vendor:
        with_vendor, without_vendor = index.longest(words, start), index.longest(words, start + 1)
        if not with_vendor or (without_vendor and len(without_vendor.words) >= len(with_vendor.words)):
            position += 1  # The vendor is not part of the name: Amazon RDS PostgreSQL.
    first = position
    while position < len(words):
        name = index.longest(words, position)
        if name and (name.condition != FULL_LABEL or position == first):
            matches.append(_adjusted(NameMatch(name, position, position + len(name.words)), words, index))
            position = matches[-1].end
        elif name and len(name.words) > 1:
            position += len(
                name.words
            )  # 'API client' counts only as the whole label, so 'Axios API client' is no client.
        elif words[position] in rules.prepositions and position > start:
            if matches or words[start] not in rules.carried:
                break
            position += 1
        else:
            position += 1
    return matches, position


def _adjusted(match: NameMatch, words: Sequence[str], index: Index) -> NameMatch:
    """Return a match without a last word that belongs to the next noun, or with what overlaps it.

    In `DynamoDB item catalog`, the catalog is one of items, so the name is only `DynamoDB`. `EC2 Auto Scaling group`
    consists of two overlapping names of the same icon.
    """
    if match.end == len(words):
        return match
    if len(match.name.words) > 1 and match.name.words[-1] in grammar().contained and not qualifies(words[match.end]):
        shorter = index.longest(words[: match.end - 1], match.start)
        if shorter and words[match.end] not in grammar().prepositions:
            return NameMatch(shorter, match.start, match.start + len(shorter.words))
    for start in range(match.start + 1, match.end):
        name = index.longest(words, start)
        if name and name.icon == match.name.icon and start + len(name.words) > match.end:
            return NameMatch(match.name, match.start, start + len(name.words))
    return match


def _decide(
    words: Sequence[str], matches: list[NameMatch], start: int, end: int, has_vendor: bool, first: bool
) -> NounPhrase | None:
    """Return which of the names between `start` and `end` the words are about."""
    if has_vendor and matches and matches[0].start == start:
        # An everyday word counts only if nothing else follows: 'Azure Resource Graph' is no resource.
        is_aws = matches[0].name.icon.startswith("aws.")
        is_everyday = matches[0].name.condition == VENDOR_ONLY and not is_aws
        is_complete = not is_everyday or _only_qualifies(words[matches[0].end : end])
        matches = [*([_with_vendor(matches[0])] if is_complete else []), *matches[1:]]
    products = [match for match in matches if match.name.condition == ANYWHERE]
    if products:
        return _main_product(words, matches, products, start, end)
    if not first:
        return None
    matches, end = _before_linking_word(words, matches, start, end)
    if matches and end == start + 1 < len(words) and words[start] in grammar().owned:
        return NounPhrase(matches[0], False)  # 'Navegador del usuario'.
    return _generic(words, matches, start, end) if matches else None


def _generic(words: Sequence[str], matches: list[NameMatch], start: int, end: int) -> NounPhrase | None:
    """Return the last generic name, if the words are about it."""
    last = matches[-1]
    if end > last.end and words[end - 1] in grammar().layers:
        return None
    if last.name.condition == FULL_LABEL and end == len(words):
        following = words[last.end : end]
        is_full_label = last.start == start and _only_qualifies(following)
        if not is_full_label and len(matches) == 1 and last.name.words[0] in grammar().head_nouns:
            return NounPhrase(last, False) if last.start == start and len(following) < 3 else None
        return NounPhrase(last, True) if is_full_label else None
    counts = last.name.condition == GENERIC or (last.name.condition == SUFFIX and last.start > start)
    if counts and _only_qualifies(words[last.end : end]):
        preposition = words[end] if end < len(words) else ""
        return None if preposition == "of" else NounPhrase(last, False)
    return None


def _before_linking_word(
    words: Sequence[str], matches: list[NameMatch], start: int, end: int
) -> tuple[list[NameMatch], int]:
    """Return the generic names before a word such as `de`, and the index of that word: `Bucket de logs`."""
    linking = grammar().linking
    if linking.isdisjoint(words[start + 1 : end]):
        return matches, end
    names_with_link = {at for match in matches for at in range(match.start, match.end)}
    index = next((at for at in range(start + 1, end) if words[at] in linking and at not in names_with_link), end)
    return [match for match in matches if match.end <= index], index


def _with_vendor(match: NameMatch) -> NameMatch:
    """Return a match that follows its vendor: names that require the vendor or more words count there."""
    name = match.name
    if name.vendor_icon:
        name = replace(name, icon=name.vendor_icon, condition=ANYWHERE)
    elif name.condition in (VENDOR_ONLY, FULL_LABEL, SUFFIX, AMBIGUOUS):
        name = replace(name, condition=ANYWHERE)
    return replace(match, name=name)


def _main_product(
    words: Sequence[str], matches: list[NameMatch], products: list[NameMatch], start: int, end: int
) -> NounPhrase | None:
    """Return the last product, unless the words after it turn it into another thing."""
    rules, chosen = grammar(), _last_service(products)
    if thing := _thing_of(chosen, matches[-1], words[matches[-1].end : end]):
        return thing
    tail = [word for word in words[chosen.end : end] if not qualifies(word)]
    if tail and chosen.name.icon.startswith(rules.parts.get(tail[-1], ())):
        pass  # The last word names a part of the service.
    elif tail and tail[-1] in rules.doers:
        hosts = [match for match in products if _runs_code(match.name.icon)]
        if not hosts:
            return None
        chosen = hosts[-1]
    elif tail and (
        tail[-1] in rules.others or (tail[-1] in rules.contents and not chosen.name.icon.startswith(rules.stores))
    ):
        return None
    if chosen.name.icon == _API_GATEWAY and not rules.application_words.isdisjoint(words[start : chosen.start]):
        return None  # An application: 'NestJS API gateway'.
    owner = next((match for match in products if match.end == chosen.start), None)
    if owner and not owner.name.icon.startswith("aws.") and chosen.name.icon.startswith(rules.offered):
        return NounPhrase(owner, False, (chosen,))  # 'Cloudflare WAF'.
    other_matches = tuple(match for match in products if match.name.icon != chosen.name.icon)
    is_exact = chosen.start == start and end == len(words) and not tail
    return NounPhrase(chosen, is_exact, other_matches)


def _thing_of(product: NameMatch, last: NameMatch, following: Sequence[str]) -> NounPhrase | None:
    """Return the thing that a generic word after a product means, or None: `S3 upload bucket`."""
    if not (last.name.is_generic and last.start > product.start and _only_qualifies(following)):
        return None
    own_kinds = grammar().kinds.get(last.name.words[-1])
    if own_kinds is not None and not product.name.icon.startswith(own_kinds):
        return NounPhrase(last, False)
    if last.name.icon.startswith(product.name.icon):
        return NounPhrase(replace(last, name=replace(last.name, condition=ANYWHERE)), False)
    return None


def _runs_code(icon: str) -> bool:
    rules = grammar()
    return icon.startswith(rules.compute) and not icon.startswith(rules.stores)


def _last_service(products: list[NameMatch]) -> NameMatch:
    """Return the last product, or the last service of AWS if the last product runs on it."""
    if products[-1].name.icon.startswith(grammar().guests):
        return next((match for match in reversed(products) if match.name.icon.startswith("aws.")), products[-1])
    return products[-1]


def _is_step(words: Sequence[str], start: int, matches: list[NameMatch]) -> bool:
    """Return whether the words are an instruction (`Create S3 bucket`) rather than a name (`Create order Lambda`)."""
    rules = grammar()
    if len(words) - start < 2 or words[start] not in rules.verbs:
        return False
    if not matches:
        return True
    last = matches[-1]
    if matches[0].start == start:
        return False  # A name that begins with a verb: Run Command.
    if last.end < len(words) or words[-1] not in rules.named_after_verbs:
        is_place = not rules.linking.union(rules.places).isdisjoint(words[start + 1 : last.start])
        is_host = last.end == len(words) and last.name.icon.startswith(rules.compute) and not is_place
        return not (is_host and any(word not in rules.articles for word in words[start + 1 : last.start]))
    is_function = last.name.icon.startswith("aws.compute.Lambda")
    is_named = last.name.is_generic and words[start] not in rules.setup
    return not (is_function or is_named)


def has_preposition(words: Sequence[str]) -> bool:
    """Return whether one of the words is a preposition, as in `Hardware per instance`; `Rate-based` has none."""
    return any(word in grammar().prepositions and word != "based" for word in words)


def is_clause(part: Part) -> bool:
    """Return whether a part begins with a verb or contains a preposition after its first word: `Route to`."""
    rules = grammar()
    return len(part.words) > 1 and (part.words[0] in rules.verbs or not rules.prepositions.isdisjoint(part.words[1:]))


def _only_qualifies(words: Sequence[str]) -> bool:
    return all(qualifies(word) for word in words)


def qualifies(word: str) -> bool:
    """Return whether a word only distinguishes a thing from its siblings: `1`, `b`, `prod`."""
    return len(word) == 1 or word.isdigit() or word in grammar().qualifiers or word[0].isdigit()


def continuation_length(words: Sequence[str], next_words: Sequence[str], index: Index) -> int:
    """Return how many words after a line break belong to a name that begins before the break.

    The result is 0 if the words before the break name something themselves and the words after it say more than the
    name: 'EventBridge / event routing' is not an EventBridge event.
    """
    combined = [*words, *next_words[:4]]
    for start in range(len(words)):
        name = index.longest(combined, start)
        count = start + len(name.words) - len(words) if name else 0
        if count > 0 and (_only_qualifies(next_words[count:]) or noun_phrase(words, index, True) is None):
            return count
    return 0


def is_mainly_name(phrase: NounPhrase, words: Sequence[str], index: Index) -> bool:
    """Return whether a line below the first consists of little but the name in it.

    This is true for 'Nginx:3000', 'Lambda function' and 'Projection Lambda', but not for 'Publish GitHub release'.
    """
    rules = grammar()
    start = 1 if words[0] in rules.makers else 0
    rest = words[phrase.match.end :]
    if not rest and len(words) <= 3 and phrase.match.name.icon.startswith(rules.compute):
        return words[0] not in rules.verbs and rules.prepositions.isdisjoint(words)
    return phrase.match.start <= start and all(
        word in index.known or word[0].isdigit() or len(word) == 1 for word in rest
    )


def replaces(icon: str, product: str) -> bool:
    """Return whether a label with both names is about `icon` rather than `product`: RDS in `PostgreSQL / RDS`."""
    rules = grammar()
    if product.startswith(rules.guests):
        return icon.startswith("aws.")
    return icon.startswith(_managers(product))


def _managers(product: str) -> tuple[str, ...]:
    """Return what runs a product, or what an API gateway consists of: prefixes of references."""
    return next((prefixes for guest, prefixes in grammar().managed.items() if product.startswith(guest)), ())


def compares(label: Label) -> bool:
    """Return whether a label compares things: `DynamoDB vs RDS`."""
    words = grammar().compares
    return any(not words.isdisjoint(part.words) for part in label.parts)


def names_any(words: Sequence[str], index: Index) -> bool:
    """Return whether the words contain the name of any product, whether or not they are about it."""
    matches = (index.longest(words, start) for start in range(len(words)))
    return any(name and name.condition == ANYWHERE for name in matches)
