"""Words whose meaning depends on what surrounds a node: its groups, its neighbors, and the components of the diagram.

A table is one of DynamoDB next to a Lambda function, but not in a group `Aurora`. The rules are in `data/context.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from msgspec import Struct

from diagramkit import data
from diagramkit.icons import label_grammar, names
from diagramkit.icons.names import ANYWHERE, FULL_LABEL, SUFFIX, Name
from diagramkit.icons.words import normalize

_INSTANCE_TYPE = re.compile(
    r"\b(?:(db|cache|ml)\.)?[a-z]{1,3}\d[a-z]{0,3}\.(?:nano|micro|small|medium|\d*x?large|metal)\b"
)
_SERVICES_OF_INSTANCE_TYPES = {"db": ("rds",), "cache": ("elasticache",), "ml": ("sagemaker",), None: ("ec2",)}

Phrase = tuple[str, ...]


class Surroundings(Struct, frozen=True):
    """What may tell the meaning of a node's label, as texts.

    `titles` are the titles of the groups around the node, innermost first, `neighbors` the labels of the nodes and
    groups that are connected to it, and `shared` the components and the title of the diagram. `name` is the id of the
    node, if it may name something.
    """

    titles: tuple[str, ...] = ()
    neighbors: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    name: str = ""


class _Rule(Struct, frozen=True):
    """A phrase that names an icon if one of the phrases in `near` or `beside` occurs in the surroundings.

    Those in `near` count in titles and components, those in `within` only in titles, and those in `beside` in the
    labels of neighbors. If several rules match, the one with the lowest `order` applies.
    """

    order: int
    name: Name
    near: tuple[Phrase, ...]
    within: tuple[Phrase, ...]
    beside: tuple[Phrase, ...]


def is_ambiguous(words: Sequence[str]) -> bool:
    """Return whether any of the words may mean something because of its surroundings."""
    by_word = _rules()
    return not by_word.keys().isdisjoint(words) and bool(_matching(words))


def name_by_context(words: Sequence[str], label: str, surroundings: Surroundings) -> Name | None:
    """Return the name that the words of a label have because of the surroundings of the node, or None.

    The label itself is consulted first, then the groups from the inside out, the neighbors, and what is shared.
    """
    rules = _matching(words)
    for services in _instance_types(label):
        if name := _first(rules, services, "near"):
            return name
    node_id = surroundings.name
    texts = {
        "within": (node_id, *surroundings.titles) if node_id and node_id != label else surroundings.titles,
        "beside": surroundings.neighbors,
        "near": surroundings.shared,
    }
    for field, around in texts.items():
        for text in around:
            if name := _first(rules, normalize(text), field):
                return name
    return None


def _matching(words: Sequence[str]) -> list[_Rule]:
    """Return the rules whose phrases occur in the words, in their order."""
    by_word = _rules()
    rules = [rule for start, word in enumerate(words) for rule in by_word.get(word, ()) if _matches(rule, words, start)]
    rules.sort(key=lambda rule: rule.order)
    return rules


def _first(rules: list[_Rule], text: Phrase, field: str) -> Name | None:
    """Return the name of the first rule one of whose phrases occurs in a text."""
    return next((rule.name for rule in rules if any(_contains(text, phrase) for phrase in getattr(rule, field))), None)


def _instance_types(label: str) -> list[Phrase]:
    """Return the services whose instance types a label contains: `db.r6g.large` is one of RDS."""
    if "." not in label:
        return []
    return [_SERVICES_OF_INSTANCE_TYPES[match[1]] for match in _INSTANCE_TYPE.finditer(label)]


def _matches(rule: _Rule, words: Sequence[str], start: int) -> bool:
    """Return whether the phrase of a rule occurs at index `start` in the words of a label, under its condition."""
    end = start + len(rule.name.words)
    if tuple(words[start:end]) != rule.name.words:
        return False
    if (rule.name.condition == FULL_LABEL and start) or (rule.name.condition == SUFFIX and not start):
        return False
    return rule.name.condition == ANYWHERE or all(map(label_grammar.qualifies, words[end:]))


def _contains(text: Phrase, phrase: Phrase) -> bool:
    """Return whether the words of a phrase occur in a text, in a row."""
    length = len(phrase)
    return any(text[start : start + length] == phrase for start in range(len(text) - length + 1))


@cache
def _rules() -> dict[str, list[_Rule]]:
    """Return the rules of `data/context.yaml` by the first word of their phrase."""
    rules: dict[str, list[_Rule]] = {}
    for order, entry in enumerate(data.load("icons", "context.yaml")):
        texts = next(entry[field] for field in ("near", "within", "beside") if field in entry)
        kind = f"context {'/'.join(texts[:3])}"  # Messages show the first few.
        near, within, beside = (tuple(map(normalize, entry.get(field, ()))) for field in ("near", "within", "beside"))
        for phrase in entry["words"]:
            name = names.parse_phrase(phrase, entry["icon"], kind)
            rules.setdefault(name.words[0], []).append(_Rule(order, name, near, (*near, *within), beside))
    return rules
