"""Titles of groups: the service whose icon a group shows, and the icon that a group gives to its members.

The word lists are in `data/group_titles.yaml`. Kinds of groups such as VPCs are in `style/group_kinds.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

from diagramkit import data
from diagramkit.icons import label_grammar, names
from diagramkit.icons.label_grammar import NounPhrase
from diagramkit.icons.names import Index
from diagramkit.icons.words import normalize, parse, singular
from diagramkit.style import group_kinds

_CLUSTERS = ("eks-cluster",)  # Kinds whose titles mean a service of each provider.
_MAX_WORDS_BEFORE = 3  # A name after more words than this is part of a sentence.


@lru_cache(maxsize=4096)
def service(title: str, provider: str) -> NounPhrase | None:
    """Return the name of the one service that a group's title is about: Lambda for `Order Lambda`.

    The first part of a title that has a kind or names a service determines it, so `VPC (us-east-1)` is about no
    service. What follows the first part counts only if it is just a name: `Order service (Lambda)`. With a provider
    other than AWS, a `Kubernetes cluster` is about that provider's service.
    """
    index, service = names.index(provider), None
    for number, part in enumerate(group_kinds.title_parts(title)):
        if service:
            service = _service_instead(service, _only_service(part, index))
            continue
        kind = group_kinds.of_title(part)
        if kind != group_kinds.GENERIC and (provider == "aws" or kind not in _CLUSTERS):
            return None
        phrase = _only_service(part, index)
        if phrase and (number == 0 or (number == 1 and phrase.is_exact and not _is_tool(phrase))):
            service = phrase
    return service


def _service_instead(service: NounPhrase, other: NounPhrase | None) -> NounPhrase:
    """Return the service that runs the product of a title, or the software of an API gateway: `PostgreSQL / RDS`."""
    if other is None or not other.is_exact:
        return service
    return other if label_grammar.replaces(other.match.name.icon, service.match.name.icon) else service


def _is_tool(phrase: NounPhrase) -> bool:
    """Return whether a name is that of the tool with which something is made: `Baseline (Terraform)`."""
    return phrase.match.name.icon.startswith("onprem.iac.")


def member_icon(title: str) -> str | None:
    """Return the icon of the members of a group whose title names several things of a kind: `SQS queues`."""
    for part in group_kinds.title_parts(title)[:2]:
        words = list(normalize(part))
        linking = next((at for at, word in enumerate(words) if at and word in label_grammar.grammar().linking), None)
        words = words[:linking]
        while len(words) > 1 and label_grammar.qualifies(words[-1]):
            words.pop()
        # A plural is recognized by its spelling, because normalized words are singular.
        plurals = {singular(word) for word in part.lower().split() if word.endswith("s")}
        if not words or words[-1] not in plurals:
            continue
        for start in range(len(words)):
            if icon := _member_icons().get(tuple(words[start:])):
                return icon
    return None


def _only_service(text: str, index: Index) -> NounPhrase | None:
    """Return what a part of a title is about, if it names one product and nothing else."""
    label = parse(text, index.normalize_word)
    if label.is_statement or not label.parts or label_grammar.compares(label):
        return None
    words = label.parts[0].words
    if words[0] in label_grammar.grammar().prepositions or words[0] in label_grammar.grammar().carried:
        return None
    phrases = [label_grammar.noun_phrase(part.words, index, False) for part in label.parts]
    phrase = phrases[0]
    if phrase is None or phrase.other_matches or phrase.match.start > _MAX_WORDS_BEFORE:
        return None
    icons = {other.match.name.icon for other in phrases if other}
    return phrase if len(icons) == 1 and _names_the_service(words[phrase.match.end :]) else None


def _names_the_service(following: Sequence[str]) -> bool:
    """Return whether a title is still about a service if these words follow its name."""
    rules = label_grammar.grammar()
    if following and following[-1] in data.load("icons", "group_titles.yaml")["layers"]:
        return False
    for word in following:
        if word in rules.prepositions or word in rules.linking:
            return True
        if not label_grammar.qualifies(word) and word not in _nouns():
            return False
    return True


@cache
def _nouns() -> frozenset[str]:
    return frozenset(word for noun in data.load("icons", "group_titles.yaml")["nouns"] for word in normalize(noun))


@cache
def _member_icons() -> dict[tuple[str, ...], str]:
    members = data.load("icons", "group_titles.yaml")["members"]
    return {normalize(phrase): icon for icon, phrases in members.items() for phrase in phrases}
