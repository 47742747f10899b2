"""Finds the components of a diagram that have no icon, so that they are not lost among steps and decisions.

A node is a component if its label names a product or ends with a noun such as `service`, if its shape says so, or if it
is a thing among nodes with icons. The word lists are in `data/missing.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal

from msgspec import Struct

from diagramkit import data
from diagramkit.graph import Graph, Node, Pattern
from diagramkit.icons import label_grammar, names, search
from diagramkit.icons.names import Index
from diagramkit.icons.resolver import IconChoice
from diagramkit.icons.words import Label, Part, label_lines, parse
from diagramkit.style import shapes
from diagramkit.style.shapes import family

NOT_INSTALLED = "is in no installed pack"
"""The end of the reason of a choice whose icon only a pack has."""

_NO_ICON = "which has no icon"  # The end of the reason of a choice for what has no icon: `aws_key_pair`.

_Kind = Literal["product", "component", "thing", "other"]

_MAX_WORDS = 6  # A longer line is a sentence.
_MAX_THING = 3  # Words in the name of a thing.
_MOST, _SOME = 0.5, 0.4  # Shares of components among the nodes of a diagram.
_CODE = re.compile(r"[{}=$\\@]|\w\(\w|://|^\W*/|\d\.\d+\.\d")
_NUMBERED = re.compile(r"^\W*(?:\d+\w?[.):]|(?:option|pattern|phase|stage|step|tier)\b[ :]*(?:\w\b|$))", re.IGNORECASE)


class _Words(Struct, frozen=True):
    """The word lists of `data/missing.yaml`, explained there."""

    components: frozenset[str]
    verbs: frozenset[str]
    verbs_or_nouns: frozenset[str]
    commands: frozenset[str]
    happens: frozenset[str]
    activities: tuple[str, ...]
    markers: frozenset[str]
    shapes: frozenset[str]


def find(pattern: Pattern, choices: Mapping[str, IconChoice]) -> tuple[Node, ...]:
    """Return the nodes that look like components but have no icon, in source order.

    A node whose source asks for no icon (`icon: none`), or whose label names what has no icon, is none of them.
    `choices` are those of `resolver.resolve`.
    """
    graph = pattern.graph
    has_decisions = any(family(node.shape) == "diamond" for node in graph.nodes)
    kinds: dict[str, _Kind] = {}
    for node in graph.nodes:
        choice = choices[node.id]
        is_deliberate = choice.confidence == "explicit" or choice.reason.endswith(_NO_ICON)
        if choice.icon is None and not is_deliberate and shapes.get(node.shape).has_label:
            is_known = choice.reason.endswith(NOT_INSTALLED)
            kinds[node.id] = "product" if is_known else _kind(node, pattern.provider, has_decisions)
    # A part of a service, inside the frame of the service, needs no icon of its own.
    parts = {node.id for node in graph.nodes if any(group.id in choices for group in graph.ancestors(node.group))}
    named = {name for name, kind in kinds.items() if kind == "product" or (kind == "component" and name not in parts)}
    things = {name for name, kind in kinds.items() if kind == "thing" and name not in parts}
    if things:
        things &= _among_components(graph, named | _with_icon(graph, choices))
    return tuple(node for node in graph.nodes if node.id in named | things)


def _with_icon(graph: Graph, choices: Mapping[str, IconChoice]) -> set[str]:
    """Return the nodes with an icon of a component; people are none."""
    icons = ((node.id, choices[node.id].icon) for node in graph.nodes)
    return {name for name, icon in icons if icon and not icon.startswith("aws.general.")}


def _among_components(graph: Graph, components: set[str]) -> set[str]:
    """Return the nodes among components: all if most nodes are components, else those connected with one.

    In a diagram with few components, which is about a process, no node is among them.
    """
    share = len(components) / len(graph.nodes)
    if share >= _MOST:
        return {node.id for node in graph.nodes}
    if share < _SOME:
        return set()
    near = {edge.target for edge in graph.edges if edge.source in components}
    return near | {edge.source for edge in graph.edges if edge.target in components}


def _kind(node: Node, provider: str, has_decisions: bool) -> _Kind:
    """Return what a node without an icon is by its label and shape.

    A product or a component needs an icon; a thing does if it is among components.
    """
    words, index = _words(), names.index(provider)
    label = parse(node.label, index.normalize_word)
    line = " ".join("".join(label_lines(node.label)[:1]).split())
    if family(node.shape) == "diamond" or not _is_phrase(label, line):
        return "other"
    part = label.parts[0]
    noun = _last_noun(label.parts)
    is_component_noun = noun in words.components or search.corrected(noun, provider) in words.components
    names_product = any(_names_product(part, index, provider) for part in label.parts[:2])
    is_identifier = " " not in line and len(part.words) > 1 and (is_component_noun or names_product)
    is_function = not has_decisions and _is_function(part.words, index)
    if not is_identifier and not is_function and _is_step(part, noun, is_component_noun, index):
        return "other"
    if names_product:
        return "product"
    if family(node.shape) == "cylinder" or (is_component_noun and family(node.shape) not in words.shapes):
        return "component"
    return "thing" if _is_thing(node, part, noun) else "other"


def _is_thing(node: Node, part: Part, noun: str) -> bool:
    """Return whether a label may name a thing: it is short, and no activity, state or data (`Data preparation`)."""
    words = _words()
    if family(node.shape) in words.shapes or noun in label_grammar.grammar().contents:
        return False
    return not noun.endswith(words.activities) and len(part.words) <= _MAX_THING


def _is_phrase(label: Label, line: str) -> bool:
    """Return whether a label, whose first line is `line`, is neither a sentence nor code nor a mark such as `Start`."""
    if not label.parts or label.is_statement or label_grammar.compares(label):
        return False
    if _CODE.search(line) or _NUMBERED.search(line):
        return False
    words = label.parts[0].words
    return len(words) <= _MAX_WORDS and not set(words) <= _words().markers


def _names_product(part: Part, index: Index, provider: str) -> bool:
    """Return whether a part of a label contains the name of a product, perhaps misspelled."""
    if label_grammar.names_any(part.words, index):
        return True
    corrections = (search.corrected(word.lower(), provider) for word in part.raw)
    return any(word and label_grammar.names_any([word], index) for word in corrections)


def _last_noun(parts: Sequence[Part]) -> str:
    """Return the noun that a label is about: the last one before a preposition, without qualifiers.

    A single word on the second line belongs to the first: `Monitoring<br/>dashboard`.
    """
    words = parts[0].words
    if len(parts) > 1 and parts[1].starts_line and len(parts[1].words) == 1:
        is_list = len(parts) > 2 and parts[2].separator == ","
        if parts[1].words[0] in _words().components and not is_list:
            return parts[1].words[0]
    rules, end = label_grammar.grammar(), len(words)
    for number, word in enumerate(words):
        if number and word in rules.prepositions:
            end = number
            break
    while end > 1 and label_grammar.qualifies(words[end - 1]):
        end -= 1
    return words[end - 1]


def _is_step(part: Part, noun: str, is_component_noun: bool, index: Index) -> bool:
    """Return whether a label says what is done (`Validate order`) or what happens (`Region fails`)."""
    words, written = _words(), [word.lower() for word in part.raw]
    name = index.longest(part.words, 0)
    has_object = part.words[1:2] and part.words[1] in (rules := label_grammar.grammar()).articles | set(rules.makers)
    is_noun = is_component_noun and not has_object  # `Scan service`, but `Scan AWS account` and `Scan the service`.
    is_verb = written[0] in words.verbs or (written[0] in words.verbs_or_nouns and not is_noun)
    if is_verb and not (name and name.condition == names.ANYWHERE):  # Not a name: `Access Analyzer findings`.
        return True
    is_clause = any(word.endswith("s") and _stem(word) in words.verbs for word in written[:-1])
    return is_clause or written[-1] in words.happens or (written[-1].endswith("ed") and noun == part.words[-1])


def _stem(word: str) -> str:
    """Return the infinitive of a verb in the third person: validate for `validates`, push for `pushes`."""
    if word[:-1] in _words().verbs:
        return word[:-1]
    return word.removesuffix("ies") + "y" if word.endswith("ies") else word.removesuffix("es")


def _is_function(words: list[str], index: Index) -> bool:
    """Return whether a verb is the name of the function after it: `Create Lambda`, but not `Use Lambda`."""
    if words[0] in _words().commands or any(word in label_grammar.grammar().prepositions for word in words):
        return False
    phrase = label_grammar.noun_phrase(words[1:], index, False)
    return bool(phrase and phrase.match.name.icon.startswith("aws.compute.") and len(words) <= 3)


@cache
def _words() -> _Words:
    raw = data.load("icons", "missing.yaml")
    sets = ("components", "verbs", "verbs_or_nouns", "commands", "happens", "markers", "shapes")
    return _Words(activities=tuple(raw["activities"]), **{name: frozenset(raw[name]) for name in sets})
