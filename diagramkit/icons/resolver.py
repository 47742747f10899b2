"""From what a diagram says of a node to its icon, how sure that is, and why.

The knowledge is in `data/`; `words.py` parts a label, `names.py` looks names up, `reading.py`
tells which of them is the thing. Here stands in which order what is said of a node is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Literal

from msgspec import Struct

from diagramkit import data, timing
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, did_you_mean
from diagramkit.graph import Node, Pattern
from diagramkit.icons import external, label_grammar, library, names
from diagramkit.icons.catalog import BARE, IconCatalog
from diagramkit.icons.label_grammar import NounPhrase
from diagramkit.icons.names import ANYWHERE, WEAK, WHOLE, Index, Name
from diagramkit.icons.words import Label, Part, parse, simple

Confidence = Literal["said", "certain", "likely", "guess", "none"]

_PEOPLE = ("aws.general.User", "aws.general.Users", "aws.general.Client")
_DATABASE = "aws.general.GenericDatabase"
_BUCKETS = ("cylinder",)


class IconChoice(Struct, frozen=True):
    """A node's icon (None for the neutral shape), the reason, as `alias: TGW`, and how sure it is.

    `said`: the source says it; `certain`: its name is all that the label says; `likely`: a name
    among other words; `guess`: a word of the trade, a shape, or something that stands in.
    """

    icon: str | None
    reason: str
    sure: Confidence = "likely"


class _Rule(Struct, frozen=True):
    """A phrase that names an icon where one of `near` stands around it; the lowest `order` counts."""

    order: int
    name: Name
    near: tuple[tuple[str, ...], ...]


Context = Sequence[tuple[str, ...]]


@timing.step("resolve")
def resolve(diagram: Pattern, shelf: IconCatalog = BARE) -> dict[str, IconChoice]:
    """The icon of each node, by id. Raises `DiagramError` (unknown-icon, …) for what a source
    names and is not there."""
    overrides = {name: (icon, span) for name, icon, span in diagram.icons}
    problems: list[Diagnostic] = []
    choices: dict[str, IconChoice] = {}
    groups = {group.id: group for group in diagram.graph.groups}
    shared = (*diagram.components, diagram.title)
    for node in diagram.graph.nodes:
        own = node.icon if node.icon and not external.is_external(node.icon, shelf) else None
        said = overrides.get(node.id) or ((own, node.span) if own else None)
        if said is None and node.image and shelf.is_file(node.image):
            said = (node.image, node.span)
        if said:
            choice, problem = _said(*said, shelf)
            problems += [problem] if problem else []
            choices[node.id] = choice
            continue
        around: list[str] = []
        inside = node.group
        while inside:
            around.append(groups[inside].label)
            inside = groups[inside].parent
        choices[node.id] = choose(node, around, shared, diagram.provider, shelf)
    if problems:
        raise DiagramError(problems)
    return choices


def choose(
    node: Node,
    around: Iterable[str],
    shared: Iterable[str],
    provider: str = "aws",
    shelf: IconCatalog = BARE,
) -> IconChoice:
    """The icon for one node. `around`: titles of its groups, inner first; `shared`: what the
    diagram says of itself (components, title)."""
    if node.shape == "junction":
        return IconChoice(None, "none; a junction", "none")
    index = names.index(provider)
    titles = [simple(text) for text in around]
    if node.icon and (choice := _by_icon(node.icon, index, shelf)):
        return choice
    label = parse(node.label, index.fold)
    if label_grammar.compares(label):
        label.asks = True
    choice = None if label.asks else _by_label(label, index, [*titles, *map(simple, shared)])
    choice = choice or _by_pack(label, index, shelf)
    choice = choice or _by_id(node, label, index) or _by_class(node, index)
    choice = choice or _by_group(titles)
    if node.shape in _BUCKETS and _holds(label) and (choice is None or choice.icon in _PEOPLE):
        choice = IconChoice(_DATABASE, f"shape: {node.source_shape or node.shape}", "guess")
    if choice is None:
        return IconChoice(None, f"none; drawn as the shape {node.shape}", "none")
    return _held(choice, shelf)


def _holds(label: Label) -> bool:
    """Whether a label names what is kept somewhere: `Orders`, `Session store`."""
    if not label.parts or label.asks:
        return False
    part = label.parts[0]
    last = part.raw[-1].lower()
    holds = data.load("icons", "grammar.yaml")["holds"]
    return part.words[-1] in holds or (len(last) > 3 and last.endswith("s") and last.isascii())


def _said(icon: str, span: Span, shelf: IconCatalog) -> tuple[IconChoice, Diagnostic | None]:
    """What a source asks for, and what is wrong with that."""
    if icon == library.NONE:
        return IconChoice(None, "spec: icon", "said"), None
    if shelf.is_file(icon):
        own = shelf.own(icon, span)
        if isinstance(own, Diagnostic):
            return IconChoice(None, "spec: icon", "none"), own
        return IconChoice(own, f"spec: {icon}", "said"), None
    problem = None if shelf.has(icon) else _unknown(icon, span)
    return IconChoice(icon, "spec: icon", "said"), problem


def _unknown(icon: str, span: Span) -> Diagnostic:
    if icon in names.services():
        message = (
            f"no pack here has '{icon}', and diagrams has no icon of it; add one with "
            "'diagramkit icons add npm:aws-icons'"
        )
        return Diagnostic("icon-without-pack", message, span)
    module, _, name = icon.rpartition(".")
    siblings = [ref for ref in library.references("aws") if not module or module in ref]
    hint = did_you_mean(icon, siblings) or did_you_mean(
        name, [ref.rpartition(".")[2] for ref in library.references("aws")]
    )
    other = "; write a class of diagrams, as aws.compute.Lambda, or find one with 'diagramkit icons'"
    return Diagnostic("unknown-icon", f"there is no icon '{icon}'{hint or other}", span)


def _held(choice: IconChoice, shelf: IconCatalog) -> IconChoice:
    """The choice, or what stands in where nobody has its icon."""
    icon = choice.icon
    if icon is None or shelf.has(icon):
        return choice
    if icon == library.NONE:
        return IconChoice(None, f"{choice.reason}, which has no icon", "none")
    service = names.services().get(icon)
    if service and service.instead:
        return IconChoice(service.instead, f"{choice.reason}, in place of {icon}", "guess")
    return IconChoice(None, f"{choice.reason}; {icon} is in no pack here", "none")


def _by_icon(icon: str, index: Index, shelf: IconCatalog) -> IconChoice | None:
    """What an icon of Mermaid's packs means: itself where that pack is here, else its words."""
    if shelf.has(icon):
        return IconChoice(icon, f"icon: {icon}", "said")
    phrase = external.phrase(icon)
    found = _thing(parse(phrase, index.fold), index) if phrase else None
    return IconChoice(found.found.name.icon, f"icon: {icon}", "likely") if found else None


def _thing(label: Label, index: Index) -> NounPhrase | None:
    """What the first part of a label names."""
    return label_grammar.noun_phrase(label.parts[0].words, index, True) if label.parts else None


def _by_label(label: Label, index: Index, context: Context) -> IconChoice | None:
    """The first part that names a product; a word of the trade in the first, where none does."""
    spare: IconChoice | None = None
    for number, part in enumerate(label.parts):
        after = label.parts[number + 1 :][:1]
        if after and after[0].goes_on:
            taken = label_grammar.following_name(part.words, after[0].words, index)
            part.words += after[0].words[:taken]
            part.raw += after[0].raw[:taken]
        ruled = _ruled(part.words, context) if number == 0 else None
        thing = label_grammar.noun_phrase(part.words, index, part.first)
        if ruled and (thing is None or len(ruled.words) >= len(thing.found.name.words)):
            return IconChoice(ruled.icon, f"{ruled.kind}: {_told(ruled)}", "likely")
        if thing is None or (part.line and not _below(thing, label.parts, number, index)):
            continue
        choice = _choice(thing, label.parts, number, index)
        if thing.found.name.when != WEAK:
            return choice
        spare = choice
    return spare


def _below(thing: NounPhrase, parts: list[Part], number: int, index: Index) -> bool:
    """Whether a line under the first may decide: the second, where it is about one thing."""
    part, after = parts[number], parts[number + 1 :][:1]
    if part.first:
        return True
    lists = any(later.listed and later.line == part.line for later in after)
    return part.line == 1 and part.opens and not lists and label_grammar.matches_at(thing, part.words, index)


def _choice(thing: NounPhrase, parts: list[Part], number: int, index: Index) -> IconChoice:
    found, part = thing.found, parts[number]
    raw = " ".join(dict.fromkeys(part.raw[found.start : found.end]))
    where = f", line {part.line + 1}" if part.line else ""
    others = [_told(one.name) for one in thing.also]
    for later in parts[number + 1 :]:
        if later.line == part.line and (more := label_grammar.noun_phrase(later.words, index, False)):
            others.append(_told(more.found.name))
    also = f"; also names {', '.join(dict.fromkeys(others))}" if others else ""
    sure: Confidence = "certain" if thing.alone and part.first and len(parts) == 1 else "likely"
    if found.name.when == WEAK:
        sure = "guess"
    return IconChoice(found.name.icon, f"{found.name.kind}: {raw}{where}{also}", sure)


def _told(name: Name) -> str:
    """A name as it is told to people."""
    return " ".join(name.words)


def _ruled(words: Sequence[str], context: Context) -> Name | None:
    """The first rule of context that fits."""
    fitting = [
        rule
        for at, word in enumerate(words)
        for rule in _rules().get(word, ())
        if _fits(rule.name, words, at) and any(_within(near, text) for text in context for near in rule.near)
    ]
    return min(fitting, key=lambda rule: rule.order).name if fitting else None


def _fits(name: Name, words: Sequence[str], at: int) -> bool:
    end = at + len(name.words)
    if tuple(words[at:end]) != name.words or (name.when == WHOLE and at):
        return False
    return name.when == ANYWHERE or all(map(label_grammar.qualifies, words[end:]))


def _within(phrase: tuple[str, ...], text: tuple[str, ...]) -> bool:
    width = len(phrase)
    return any(text[at : at + width] == phrase for at in range(len(text) - width + 1))


@cache
def _rules() -> dict[str, list[_Rule]]:
    """The rules of context by the first word of their phrase."""
    found: dict[str, list[_Rule]] = {}
    for order, rule in enumerate(data.load("icons", "context.yaml")):
        near = "/".join(rule["near"])
        around = tuple(simple(text) for text in rule["near"])
        for phrase in rule["words"]:
            name = names.longest_name(phrase, rule["icon"], f"context {near}")
            found.setdefault(name.words[0], []).append(_Rule(order, name, around))
    return found


def _by_pack(label: Label, index: Index, shelf: IconCatalog) -> IconChoice | None:
    """The icon of a pack whose name is all that the first line says."""
    if not shelf.packs or not label.parts or label.asks:
        return None
    words = [word for word in label.parts[0].words if not word.isdigit()]
    reference = shelf.by_words(words, index.known) if words else None
    if reference is None or (label.parts[1:2] and label.parts[1].line == 0):
        return None
    return IconChoice(reference, f"pack: {reference.partition(':')[0]}", "likely")


def _by_id(node: Node, label: Label, index: Index) -> IconChoice | None:
    """What the id names, where it is no mere short form of the label."""
    if label.asks or node.id == node.label or len(node.id) < 2 or _shortens(node.id, label):
        return None
    if any(label_grammar.names_any(part.words, index) for part in label.parts):
        return None  # The label names a product and speaks of something else: let it be.
    said = parse(node.id, index.fold)
    thing = label_grammar.noun_phrase(said.parts[0].words, index, False) if said.parts else None
    if thing is None or thing.found.name.when != ANYWHERE:
        return None
    if not thing.alone and thing.found.end < len(said.parts[0].words):
        return None
    return IconChoice(thing.found.name.icon, f"id: {node.id}", "likely")


def _shortens(name: str, label: Label) -> bool:
    """Whether an id is made of the label's letters: `SES[Session store]`, `CUR[Current run]`."""
    words = [word.lower() for part in label.parts for word in part.raw]
    if not words:
        return False
    short = name.lower().rstrip("0123456789_")
    initials = "".join(word[0] for word in words)
    return words[0].startswith(short) or initials.startswith(short)


def _by_class(node: Node, index: Index) -> IconChoice | None:
    schemes = data.load("icons", "grammar.yaml")["classes"]
    for name in node.classes:
        words = parse(name, index.fold)
        if name.lower() in schemes or not words.parts:
            continue
        thing = label_grammar.noun_phrase(words.parts[0].words, index, False)
        if thing and thing.alone and thing.found.name.when == ANYWHERE:
            return IconChoice(thing.found.name.icon, f"class: {name}", "guess")
    return None


def _by_group(titles: Sequence[tuple[str, ...]]) -> IconChoice | None:
    """What a group of things is a group of: `Lambda functions`."""
    if titles and (icon := _members().get(titles[0])):
        return IconChoice(icon, f"group: {' '.join(titles[0])}", "guess")
    return None


@cache
def _members() -> dict[tuple[str, ...], str]:
    members = data.load("icons", "grammar.yaml")["members"]
    return {simple(title): icon for icon, titles in members.items() for title in titles}
