"""The resolver: chooses the icon of each node, with a reason and a confidence.

The knowledge is in `data/`. `words.py` splits a label into words, `names.py` looks names up, and `label_grammar.py`
determines which of them the label is about. This module decides in which order the label, the id, the class and the
groups of a node are consulted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Literal

from msgspec import Struct

from diagramkit import data, timing
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, most_similar
from diagramkit.graph import Group, Node, Pattern
from diagramkit.icons import external, group_titles, label_grammar, library, names, resource_types
from diagramkit.icons.catalog import DEFAULT_CATALOG, IconCatalog
from diagramkit.icons.label_grammar import NounPhrase
from diagramkit.icons.names import ANYWHERE, FULL_LABEL, GENERIC, Index, Name
from diagramkit.icons.resource_types import ResourceType
from diagramkit.icons.words import Label, Part, normalize, parse
from diagramkit.style import theme

Confidence = Literal["explicit", "exact", "likely", "guess", "none"]

# Outputs use these names of two confidences, and programs may read them, so they must not change.
_PUBLIC_NAMES = {"explicit": "said", "exact": "certain"}

_PEOPLE = ("aws.general.User", "aws.general.Users", "aws.general.Client")
_DATABASE = "aws.general.GenericDatabase"
_DATABASE_SHAPES = ("cylinder",)


class IconChoice(Struct, frozen=True):
    """The icon of a node (None for the neutral shape), the reason, such as `alias: TGW`, and the confidence.

    `explicit`: the source names the icon. `exact`: the label consists of the name. `likely`: the name occurs among
    other words. `guess`: a generic word, the shape, or an icon that replaces a missing one. `none`: no icon.
    """

    icon: str | None
    reason: str
    confidence: Confidence = "likely"

    @property
    def public_confidence(self) -> str:
        """The confidence as outputs name it: said, certain, likely, guess or none."""
        return _PUBLIC_NAMES.get(self.confidence, self.confidence)


class _Rule(Struct, frozen=True):
    """A phrase that names an icon if one of the phrases in `near` occurs in the context.

    If several rules match, the one with the lowest `order` applies.
    """

    order: int
    name: Name
    near: tuple[tuple[str, ...], ...]


Context = Sequence[tuple[str, ...]]


@timing.step("resolve")
def resolve(pattern: Pattern, catalog: IconCatalog = DEFAULT_CATALOG) -> dict[str, IconChoice]:
    """Return the icon of each node, and of each group whose title names a service, by their ids.

    Raises `DiagramError` (unknown-icon, icon-without-pack, no-such-icon, icon-outside) if the source names icons
    that do not exist.
    """
    overrides = {name: (icon, span) for name, icon, span in pattern.icons}
    problems: list[Diagnostic] = []
    choices: dict[str, IconChoice] = {}
    shared = (*pattern.components, pattern.title)
    for node in pattern.graph.nodes:
        own = node.icon if node.icon and not external.is_external(node.icon, catalog) else None
        named = overrides.get(node.id) or ((own, node.span) if own else None)
        if named is None and node.image and catalog.is_file(node.image):
            named = (node.image, node.span)
        if named is None and (image := _image_in_label(node, catalog)):
            named = (image, node.span)
        if named:
            choice, problem = _explicit(*named, catalog)
            problems += [problem] if problem else []
            choices[node.id] = choice
            continue
        titles = [group.label for group in pattern.graph.ancestors(node.group)]
        choices[node.id] = choose(node, titles, shared, pattern.provider, catalog)
    for group in pattern.graph.groups:
        if group_choice := choose_for_group(group, pattern.provider, catalog):
            choices.setdefault(group.id, group_choice)
    if problems:
        raise DiagramError(problems)
    return choices


def choose(
    node: Node,
    titles_around: Iterable[str],
    shared: Iterable[str],
    provider: str = "aws",
    catalog: IconCatalog = DEFAULT_CATALOG,
) -> IconChoice:
    """Return the icon of one node.

    `titles_around` are the titles of the groups around the node, innermost first. `shared` are the components and the
    title of the diagram, which are context for all of its nodes.
    """
    if node.shape == "junction":
        return IconChoice(None, "none; a junction", "none")
    index = names.index(provider)
    surrounding = list(titles_around)
    titles = [normalize(text) for text in surrounding]
    if node.icon and (choice := _by_icon(node.icon, index, catalog)):
        return choice
    if node.icon_text and (choice := _by_icon_text(node.icon_text, index, catalog)):
        return choice
    if resource := resource_types.find(node.label):
        return _with_substitute(_by_type(resource), catalog)
    label = parse(node.label, index.normalize_word)
    if label_grammar.compares(label):
        label.is_statement = True
    choice = None if label.is_statement else _by_label(label, index, [*titles, *map(normalize, shared)])
    choice = choice or _by_pack(label, index, catalog)
    is_open = not label.is_statement and (choice is None or choice.confidence == "guess")
    if is_open and (resource := resource_types.find(node.id)):
        choice = _by_type(resource)
    choice = choice or _by_id(node, label, index) or _by_class(node, index)
    choice = choice or _by_label_icon(node, label) or _by_group(node, label, surrounding)
    if node.shape in _DATABASE_SHAPES and _names_stored_data(label) and (choice is None or choice.icon in _PEOPLE):
        choice = IconChoice(_DATABASE, f"shape: {node.source_shape or node.shape}", "guess")
    if choice is None:
        return IconChoice(None, f"none; drawn as the shape {node.shape}", "none")
    return _with_substitute(choice, catalog)


def _image_in_label(node: Node, catalog: IconCatalog) -> str | None:
    """Return the first file of the project that the label shows as an image; None if there is no such file."""
    for source in external.images_in(node.label):
        if catalog.is_file(source) and isinstance(catalog.file_reference(source, node.span), str):
            return source
    return None


def _names_stored_data(label: Label) -> bool:
    """Return whether a label names data or a place for it: `Orders`, `Session store`."""
    if not label.parts or label.is_statement:
        return False
    part = label.parts[0]
    last = part.raw[-1].lower()
    storage_words = data.load("icons", "grammar.yaml")["holds"]
    return part.words[-1] in storage_words or (len(last) > 3 and last.endswith("s") and last.isascii())


def _explicit(icon: str, span: Span, catalog: IconCatalog) -> tuple[IconChoice, Diagnostic | None]:
    """Return the choice for an icon that the source names, and what is wrong with that name."""
    if icon == library.NO_ICON:
        return IconChoice(None, "spec: icon", "explicit"), None
    if catalog.is_file(icon):
        reference = catalog.file_reference(icon, span)
        if isinstance(reference, Diagnostic):
            return IconChoice(None, "spec: icon", "none"), reference
        return IconChoice(reference, f"spec: {icon}", "explicit"), None
    problem = None if catalog.has(icon) else _unknown(icon, span)
    return IconChoice(icon, "spec: icon", "explicit"), problem


def _unknown(icon: str, span: Span) -> Diagnostic:
    if icon in names.services():
        message = (
            f"no installed pack has '{icon}', and diagrams has no icon for it; add a pack with "
            "'diagramkit icons add aws'"
        )
        return Diagnostic("icon-without-pack", message, span)
    similar = _similar_reference(icon)
    hint = f"; did you mean '{similar}'?" if similar else ""
    advice = "; name a class of diagrams, such as aws.compute.Lambda, or search with 'diagramkit icons'"
    return Diagnostic("unknown-icon", f"there is no icon '{icon}'{hint or advice}", span)


def _similar_reference(icon: str) -> str | None:
    """Return the reference that an unknown one stands for: by what its last part names, or by the spelling."""
    from diagramkit.icons import search

    if (resource := resource_types.find(icon)) and resource.icon != library.NO_ICON:
        return resource.icon
    module, _, name = icon.rpartition(".")
    index = names.index("aws")
    phrase = _first_noun_phrase(parse(name, index.normalize_word), index)
    if phrase and phrase.is_exact and phrase.match.name.icon != library.NO_ICON:
        return phrase.match.name.icon
    siblings = [reference for reference in library.references("aws") if module and module in reference]
    return most_similar(icon, siblings) or next((entry.reference for entry in search.search(name)), None)


def _with_substitute(choice: IconChoice, catalog: IconCatalog) -> IconChoice:
    """Return the choice, or its substitute if the icon is in no installed pack."""
    icon = choice.icon
    if icon is None or catalog.has(icon):
        return choice
    if icon == library.NO_ICON:
        return IconChoice(None, f"{choice.reason}, which has no icon", "none")
    service = names.services().get(icon)
    if service and service.substitute:
        return IconChoice(service.substitute, f"{choice.reason}, in place of {icon}", "guess")
    return IconChoice(None, f"{choice.reason}; {icon} is in no installed pack", "none")


def _by_type(resource: ResourceType) -> IconChoice:
    """Return the choice for a resource type of Terraform, CloudFormation or the CDK, or for an ARN."""
    if resource.is_known:
        return IconChoice(resource.icon, f"type: {resource.text}", "exact")
    return IconChoice(resource.icon, f"type: {resource.text}, not known exactly", "likely")


def _by_icon(icon: str, index: Index, catalog: IconCatalog) -> IconChoice | None:
    """Return the choice for an icon of Mermaid's packs: that icon if its pack is installed, else by its name."""
    if catalog.has(icon):
        return IconChoice(icon, f"icon: {icon}", "explicit")
    reference = external.reference_of(icon)
    if reference is None and (text := external.phrase_of(icon)):
        phrase = _first_noun_phrase(parse(text, index.normalize_word), index)
        reference = phrase.match.name.icon if phrase else None
    if reference is None or reference == library.NO_ICON:
        return None
    return _with_substitute(IconChoice(reference, f"icon: {icon}", "likely"), catalog)


def _by_icon_text(text: str, index: Index, catalog: IconCatalog) -> IconChoice | None:
    """Return the choice for a text in place of an icon, if it names a service or is a reference."""
    if catalog.has(text):
        return IconChoice(text, f"icon: {text}", "explicit")
    phrase = _first_noun_phrase(parse(text, index.normalize_word), index)
    if phrase is None or not phrase.is_exact or phrase.match.name.icon == library.NO_ICON:
        return None
    choice = _with_substitute(IconChoice(phrase.match.name.icon, f"icon: {text}", "likely"), catalog)
    return choice if choice.icon else None


def _first_noun_phrase(label: Label, index: Index) -> NounPhrase | None:
    """Return what the first part of a label names."""
    return label_grammar.noun_phrase(label.parts[0].words, index, True) if label.parts else None


def _by_label(label: Label, index: Index, context: Context) -> IconChoice | None:
    """Return the choice for the first part that names a product; if none does, for a generic word."""
    fallback: IconChoice | None = None
    for number, part in enumerate(label.parts):
        following = label.parts[number + 1 :][:1]
        if following and following[0].continues:
            # A name may be broken over two lines: move its second half into this part.
            count = label_grammar.continuation_length(part.words, following[0].words, index)
            part.words += following[0].words[:count]
            part.raw += following[0].raw[:count]
        rule_name = _rule_name(part.words, context) if number == 0 else None
        phrase = label_grammar.noun_phrase(part.words, index, part.first)
        if rule_name and (phrase is None or len(rule_name.words) >= len(phrase.match.name.words)):
            return IconChoice(rule_name.icon, f"{rule_name.kind}: {_display_name(rule_name)}", "likely")
        if phrase is None or (part.line and not _may_decide(phrase, label.parts, number, index)):
            continue
        choice = _choice(phrase, label.parts, number, index)
        if phrase.match.name.condition != GENERIC:
            return choice
        fallback = choice
    return fallback


def _may_decide(phrase: NounPhrase, parts: list[Part], number: int, index: Index) -> bool:
    """Return whether a part below the first line may determine the icon.

    Only the second line may, if it consists mainly of one name and is not a list.
    """
    part, following = parts[number], parts[number + 1 :][:1]
    if part.first:
        return True
    is_list = any(later.after_comma and later.line == part.line for later in following)
    is_main = part.line == 1 and part.starts_line and not is_list
    return is_main and label_grammar.is_mainly_name(phrase, part.words, index)


def _choice(phrase: NounPhrase, parts: list[Part], number: int, index: Index) -> IconChoice:
    """Return the choice for what one part of a label names, with a reason that also lists other names."""
    match, part = phrase.match, parts[number]
    raw = " ".join(dict.fromkeys(part.raw[match.start : match.end]))
    location = f", line {part.line + 1}" if part.line else ""
    others = [_display_name(other.name) for other in phrase.other_matches]
    for later in parts[number + 1 :]:
        if later.line == part.line and (another := label_grammar.noun_phrase(later.words, index, False)):
            others.append(_display_name(another.match.name))
    also = f"; also names {', '.join(dict.fromkeys(others))}" if others else ""
    confidence: Confidence = "exact" if phrase.is_exact and part.first and len(parts) == 1 else "likely"
    if match.name.condition == GENERIC:
        confidence = "guess"
    return IconChoice(match.name.icon, f"{match.name.kind}: {raw}{location}{also}", confidence)


def _display_name(name: Name) -> str:
    """Return a name as messages show it."""
    return " ".join(name.words)


def _rule_name(words: Sequence[str], context: Context) -> Name | None:
    """Return the name of the first context rule that matches."""
    matching = [
        rule
        for start, word in enumerate(words)
        for rule in _rules().get(word, ())
        if _matches_rule(rule.name, words, start)
        and any(_contains(text, near) for text in context for near in rule.near)
    ]
    return min(matching, key=lambda rule: rule.order).name if matching else None


def _matches_rule(name: Name, words: Sequence[str], start: int) -> bool:
    end = start + len(name.words)
    if tuple(words[start:end]) != name.words or (name.condition == FULL_LABEL and start):
        return False
    return name.condition == ANYWHERE or all(map(label_grammar.qualifies, words[end:]))


def _contains(text: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    """Return whether the words of a phrase occur in a text, in a row."""
    length = len(phrase)
    return any(text[start : start + length] == phrase for start in range(len(text) - length + 1))


@cache
def _rules() -> dict[str, list[_Rule]]:
    """Return the rules of `data/context.yaml` by the first word of their phrase."""
    rules: dict[str, list[_Rule]] = {}
    for order, entry in enumerate(data.load("icons", "context.yaml")):
        near = "/".join(entry["near"])
        near_phrases = tuple(normalize(text) for text in entry["near"])
        for phrase in entry["words"]:
            name = names.parse_phrase(phrase, entry["icon"], f"context {near}")
            rules.setdefault(name.words[0], []).append(_Rule(order, name, near_phrases))
    return rules


def _by_pack(label: Label, index: Index, catalog: IconCatalog) -> IconChoice | None:
    """Return the choice for a pack icon whose name is the whole first line of the label."""
    if not catalog.packs or not label.parts or label.is_statement:
        return None
    words = [word for word in label.parts[0].words if not word.isdigit()]
    reference = catalog.by_words(words, index.known) if words else None
    if reference is None or (label.parts[1:2] and label.parts[1].line == 0):
        return None
    return IconChoice(reference, f"pack: {reference.partition(':')[0]}", "likely")


def _by_id(node: Node, label: Label, index: Index) -> IconChoice | None:
    """Return the choice for what the id names, unless the id is only an abbreviation of the label."""
    if label.is_statement or node.id == node.label or len(node.id) < 2 or _abbreviates(node.id, label):
        return None
    if any(label_grammar.names_any(part.words, index) for part in label.parts):
        return None  # The label names a product but is about something else, which the id would obscure.
    words = parse(node.id, index.normalize_word)
    phrase = label_grammar.noun_phrase(words.parts[0].words, index, False) if words.parts else None
    if phrase is None or phrase.match.name.condition != ANYWHERE:
        return None
    if not phrase.is_exact and phrase.match.end < len(words.parts[0].words):
        return None
    return IconChoice(phrase.match.name.icon, f"id: {node.id}", "likely")


def _abbreviates(name: str, label: Label) -> bool:
    """Return whether an id consists of the label's letters: `SES[Session store]`, `CUR[Current run]`."""
    words = [word.lower() for part in label.parts for word in part.raw]
    if not words:
        return False
    short = name.lower().rstrip("0123456789_")
    initials = "".join(word[0] for word in words)
    return words[0].startswith(short) or initials.startswith(short)


def _by_class(node: Node, index: Index) -> IconChoice | None:
    """Return the choice for a class (classDef) that is named after a product."""
    color_classes = data.load("icons", "grammar.yaml")["classes"]
    for name in node.classes:
        words = parse(name, index.normalize_word)
        if name.lower() in color_classes or not words.parts:
            continue
        phrase = label_grammar.noun_phrase(words.parts[0].words, index, False)
        if phrase and phrase.is_exact and phrase.match.name.condition == ANYWHERE:
            return IconChoice(phrase.match.name.icon, f"class: {name}", "guess")
    return None


def _by_label_icon(node: Node, label: Label) -> IconChoice | None:
    """Return the choice for a Font Awesome icon in the label: `fa:fa-users`."""
    for icon in () if label.is_statement else external.icons_in(node.label):
        reference = external.reference_of(icon)
        if reference and reference != library.NO_ICON:
            return IconChoice(reference, f"icon: {icon}", "guess")
    return None


def _by_group(node: Node, label: Label, titles: Sequence[str]) -> IconChoice | None:
    """Return the choice for a member of a group such as `Lambda functions`; decisions are none of them."""
    if label.is_statement or node.shape == "diamond" or not titles:
        return None
    icon = group_titles.member_icon(titles[0])
    return IconChoice(icon, f"group: {' '.join(normalize(titles[0]))}", "guess") if icon else None


def choose_for_group(group: Group, provider: str = "aws", catalog: IconCatalog = DEFAULT_CATALOG) -> IconChoice | None:
    """Return the icon of a group whose title names a service; None if its source declares another kind of group."""
    if group.kind not in (None, theme.SERVICE):
        return None
    phrase = group_titles.service(group.label, names.index(provider))
    if phrase is None:
        return None
    name = phrase.match.name
    confidence: Confidence = "exact" if phrase.is_exact else "likely"
    choice = _with_substitute(IconChoice(name.icon, f"{name.kind}: {_display_name(name)}", confidence), catalog)
    return choice if choice.confidence == confidence else None
