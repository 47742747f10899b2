"""The resolver: chooses the icon of each node, with a reason and a confidence.

The knowledge is in `data/`. `words.py` splits a label into words, `names.py` looks names up, `label_grammar.py` and
`label_meaning.py` determine which of them the label is about, with `evidence.py` for words that mean something only in
their surroundings. `remarks.py` recognizes labels that name nothing, and `siblings.py` lets similar labels agree. This
module decides in which order the label, the id, the class and the groups of a node are consulted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import data, timing
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, most_similar
from diagramkit.graph import Group, Node, Pattern
from diagramkit.icons import (
    clouds,
    diagram_evidence,
    external,
    group_titles,
    label_grammar,
    label_meaning,
    library,
    names,
    remarks,
    resource_types,
    siblings,
)
from diagramkit.icons.catalog import DEFAULT_CATALOG, IconCatalog
from diagramkit.icons.diagram_evidence import DiagramEvidence
from diagramkit.icons.evidence import Surroundings
from diagramkit.icons.label_grammar import NounPhrase
from diagramkit.icons.label_meaning import Meaning
from diagramkit.icons.names import ANYWHERE, FULL_LABEL, Index, Name
from diagramkit.icons.resource_types import ResourceType
from diagramkit.icons.siblings import Sibling
from diagramkit.icons.words import Label, normalize, parse
from diagramkit.style import group_kinds
from diagramkit.style.shapes import family

Confidence = Literal["explicit", "exact", "likely", "guess", "none"]

# Outputs use these names of two confidences, and programs may read them, so they must not change.
_PUBLIC_NAMES = {"explicit": "said", "exact": "certain"}

_PEOPLE = ("aws.general.User", "aws.general.Users", "aws.general.Client")
# An application, a table, an account of a database, a role of a cloud: 'admin :3000', 'dim_customer', 'DB user',
# 'Azure AI User'.
_NOT_PEOPLE = re.compile(
    r"(?:^|\s|\w):\d{2,5}\b|^\w*_\w*(?:[^\w]|$)|^(?i:(?:db|database|sql|service|system|linux|unix|posix|app|entra|ad|ldap|okta|keycloak)[\s_-]users?\b)"
    r"|^(?i:azure|microsoft|aws|google|gcp)\s+\w+\s+\w|^\w+\.\w|^(?i:users?|customers?|clients?)-[a-z]|^\w+ with\b"
)
_PORT = re.compile(r":\d{4,5}\b|\bport:?\s*\d{2,5}\b", re.IGNORECASE)
_DATABASE = "aws.general.GenericDatabase"
_DATABASE_SHAPES = ("cylinder",)
_DECISION_SHAPES = ("diamond",)  # In these, only the name of a product names a thing.


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


class _Finding(Struct, frozen=True):
    """The choice for a node or group, what its siblings need to know, and whether what it names is not of AWS alone."""

    choice: IconChoice
    sibling: Sibling | None = None
    is_shared: bool = False


@timing.step("resolve")
def resolve(pattern: Pattern, catalog: IconCatalog = DEFAULT_CATALOG) -> dict[str, IconChoice]:
    """Return the icon of each node, and of each group whose title names a service, by their ids.

    Raises `DiagramError` (unknown-icon, icon-without-pack, no-such-icon, icon-outside) if the source names icons
    that do not exist.
    """
    overrides = {name: (icon, span) for name, icon, span in pattern.icons}
    problems: list[Diagnostic] = []
    findings: dict[str, _Finding] = {}
    neighbors = diagram_evidence.neighbor_labels(pattern.graph)
    shared = (*pattern.components, pattern.title)
    cloud, numbered = diagram_evidence.cloud(pattern), diagram_evidence.numbered_ids(pattern.graph)
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
            findings[node.id] = _Finding(choice)
            continue
        titles = tuple(group.label for group in pattern.graph.ancestors(node.group))
        name = "" if node.id in numbered else node.id
        surroundings = Surroundings(titles, tuple(neighbors.get(node.id, ())), shared, name)
        findings[node.id] = _find(node, surroundings, pattern.provider, catalog, cloud)
    if problems:
        raise DiagramError(problems)
    group_cloud = cloud or pattern.provider
    groups = {group.id: _find_for_group(group, group_cloud, catalog) for group in pattern.graph.groups}
    return _settled(findings, {name: finding for name, finding in groups.items() if finding}, pattern)


def _settled(
    findings: Mapping[str, _Finding], groups: Mapping[str, _Finding], pattern: Pattern
) -> dict[str, IconChoice]:
    """Return the choices of nodes and groups, as far as the whole diagram supports them."""
    agreed = _agreed(findings)
    agreed |= {name: finding for name, finding in groups.items() if name not in agreed}
    evidence = diagram_evidence.of_diagram(pattern, ((f.choice.icon, f.is_shared) for f in agreed.values()))
    return {name: _supported(finding, evidence) for name, finding in agreed.items()}


def _supported(finding: _Finding, evidence: DiagramEvidence) -> IconChoice:
    """Return the choice for a label unless the diagram does not support it.

    In a diagram that names nothing of AWS alone, what a generic word means in AWS (SQS for `Job queue`) does not count,
    and the name of something that others have, too (`API Gateway`), does not count among products of others. In any
    diagram, such a word does not count if it may mean another product that is named: `Job queue` next to RabbitMQ.
    """
    choice = finding.choice
    if not finding.is_shared or choice.icon is None or not names.is_of_aws(choice.icon):
        return choice
    if evidence.leaves_open(choice.icon):
        return IconChoice(None, f"none; may be another product ({choice.reason})", "none")
    if evidence.names_aws:
        return choice
    lacks_company = evidence.is_large and not evidence.may_be_of_aws
    if choice.confidence == "guess" or evidence.names_others or lacks_company:
        return IconChoice(None, f"none; nothing else names AWS ({choice.reason})", "none")
    return IconChoice(choice.icon, f"{choice.reason}; nothing else names AWS", "guess")


def _agreed(findings: Mapping[str, _Finding]) -> dict[str, _Finding]:
    """Return the findings after similar labels have agreed on having an icon or none."""
    agreed = dict(findings)
    members = [finding.sibling for finding in findings.values() if finding.sibling]
    for name, model in siblings.agree(members).items():
        if model is None:
            agreed[name] = _Finding(IconChoice(None, "none; similar labels have none", "none"))
        else:
            choice = findings[model].choice
            confidence: Confidence = "likely" if choice.confidence == "exact" else choice.confidence
            like = replace(choice, reason=f"{choice.reason}; like {model}", confidence=confidence)
            agreed[name] = replace(findings[model], choice=like)
    return agreed


def _find(
    node: Node, surroundings: Surroundings, provider: str, catalog: IconCatalog, diagram_cloud: str | None = None
) -> _Finding:
    """Return the icon of one node by its own properties and its surroundings, among them the cloud that these name."""
    cloud = next(filter(None, map(clouds.of_title, surroundings.titles)), None) or diagram_cloud or provider
    finding = None if cloud == clouds.OTHER else _find_in_cloud(node, surroundings, cloud, catalog)
    if finding and (cloud == provider or finding.choice.icon):
        return finding
    # What belongs to no cloud has an icon in each: users, the internet, tools.
    general = _find_in_cloud(node, surroundings, provider, catalog)
    return (finding or _Finding(_no_choice(node))) if _is_of_another_cloud(general.choice, node.label) else general


def _is_of_another_cloud(choice: IconChoice, text: str) -> bool:
    """Return whether an icon is wrong in a cloud other than AWS, unless the text names AWS."""
    return names.is_of_aws(choice.icon) and choice.confidence != "explicit" and not clouds.names_aws(text)


def _find_in_cloud(node: Node, surroundings: Surroundings, provider: str, catalog: IconCatalog) -> _Finding:
    """Return the icon of one node with the names of one provider."""
    if node.shape == "junction":
        return _Finding(IconChoice(None, "none; a junction", "none"))
    index = names.index(provider)
    if node.icon and (choice := _by_icon(node.icon, index, catalog)):
        return _Finding(choice)
    if node.icon_text and (choice := _by_icon_text(node.icon_text, index, catalog)):
        return _Finding(choice)
    if resource := resource_types.find(node.label):
        return _Finding(_with_substitute(_by_type(resource), catalog))
    return _find_by_label(node, index, surroundings, catalog)


def _find_by_label(node: Node, index: Index, surroundings: Surroundings, catalog: IconCatalog) -> _Finding:
    """Return the icon of a node by what its label means; if it means nothing, by its other properties."""
    reading = label_meaning.read(node.label, index)
    if reading.is_remark:
        return _Finding(_no_choice(node))
    label = reading.label
    meaning = label_meaning.meaning(node.label, index, surroundings)
    if meaning and meaning.confidence != "exact" and remarks.is_legend(surroundings.titles[:1]):
        return _Finding(_no_choice(node))
    if (label.is_marked or family(node.shape) in _DECISION_SHAPES) and not _names_product(meaning, label):
        return _Finding(_no_choice(node))
    finding = _by_other_properties(
        node, surroundings, label, index, _by_name(meaning) or _by_pack(label, index, catalog)
    )
    choice = finding.choice if finding else None
    if _is_database(node, label, surroundings) and (choice is None or choice.icon in _PEOPLE):
        choice = IconChoice(_DATABASE, f"shape: {node.source_shape or node.shape}", "guess")
    if choice and choice.icon in _PEOPLE and (_NOT_PEOPLE.search(label.first_line) or _PORT.search(node.label)):
        choice = None
    if finding and finding.is_shared and _is_on_a_port(node.label, choice):
        choice = None
    result = _with_substitute(choice, catalog) if choice else _no_choice(node)
    is_ordinary = meaning is None or meaning.span is not None
    sibling = _sibling(node, label, meaning, result.icon, choice is None, index) if is_ordinary else None
    return _Finding(result, sibling, finding is not None and finding.is_shared)


def _is_on_a_port(text: str, choice: IconChoice | None) -> bool:
    """Return whether a label gives the port of an application that has the name of a service: `API gateway :8080`."""
    without_port = tuple(data.load("icons", "grammar.yaml")["without_port"])
    icon = (choice and choice.icon) or ""
    return icon.startswith(without_port) and _PORT.search(text) is not None


def _by_name(meaning: Meaning | None) -> _Finding | None:
    """Return what the name in a label says about a node."""
    if meaning is None:
        return None
    choice = IconChoice(meaning.name.icon, meaning.reason, meaning.confidence)
    return _Finding(choice, is_shared=names.is_shared(meaning.name))


def _image_in_label(node: Node, catalog: IconCatalog) -> str | None:
    """Return the first file of the project that the label shows as an image; None if there is no such file."""
    for source in external.images_in(node.label):
        if catalog.is_file(source) and isinstance(catalog.file_reference(source, node.span), str):
            return source
    return None


def _by_other_properties(
    node: Node, surroundings: Surroundings, label: Label, index: Index, finding: _Finding | None
) -> _Finding | None:
    """Return what the id, the class, a symbol or the group says about a node, unless the `finding` so far is better."""
    name = surroundings.name
    if (finding is None or finding.choice.confidence == "guess") and (resource := resource_types.find(name)):
        return _Finding(_by_type(resource))
    if finding:
        return finding
    if name and (named := _name_in_id(node, label, index)):
        return _Finding(IconChoice(named.icon, f"id: {node.id}", "likely"), is_shared=names.is_shared(named))
    choice = _by_class(node, index) or _by_label_icon(node) or _by_group(node, surroundings.titles)
    return _Finding(choice) if choice else None


def _sibling(
    node: Node, label: Label, meaning: Meaning | None, icon: str | None, is_open: bool, index: Index
) -> Sibling:
    """Return what siblings need to know about a node; `is_open` is true if it has neither an icon nor a reason."""
    words = tuple(label.parts[0].words) if label.parts else ()
    if meaning is None:
        names_product = label_grammar.names_any(words, index)
        return Sibling(node.id, family(node.shape), words, icon, None, False, is_open, names_product)
    is_service = meaning.name.icon.startswith("aws.") and not meaning.name.is_generic
    return Sibling(node.id, family(node.shape), words, icon, meaning.span, is_service, _is_weak(meaning.name), True)


def _names_product(meaning: Meaning | None, label: Label) -> bool:
    """Return whether a label is the name of a product; if no mark precedes it, its first line suffices."""
    if meaning is None or meaning.confidence == "exact":
        return meaning is not None
    if label.is_marked or meaning.name.is_generic or meaning.name.icon.startswith("aws.general."):
        return False
    return meaning.span == (0, len(label.parts[0].words))


def _is_database(node: Node, label: Label, surroundings: Surroundings) -> bool:
    """Return whether a node has the shape of a database and a label for data, and its group is about no stream."""
    if family(node.shape) not in _DATABASE_SHAPES or not label_meaning.names_stored_data(label):
        return False
    streams = data.load("icons", "grammar.yaml")["streams"]
    return not any(word in streams for title in surroundings.titles[:1] for word in normalize(title))


def _is_weak(name: Name) -> bool:
    """Return whether a name means that no icon fits, unless similar labels have one: `User account`."""
    return name.icon == library.NO_ICON and name.condition == FULL_LABEL


def _no_choice(node: Node) -> IconChoice:
    return IconChoice(None, f"none; drawn as the shape {node.shape}", "none")


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
    candidates = [reference for reference in library.references("aws") if module and module in reference]
    return most_similar(icon, candidates) or next((entry.reference for entry in search.search(name)), None)


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
    """Return the choice for an icon of a pack of Mermaid that is not installed, by its name."""
    reference = external.reference_of(icon)
    if reference is None and (text := external.phrase_of(icon)):
        # 'aws:batch' is the service, although 'batch' is an everyday word.
        phrases = (_first_noun_phrase(parse(reading, index.normalize_word), index) for reading in (text, f"AWS {text}"))
        phrase = next(filter(None, phrases), None)
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


def _by_pack(label: Label, index: Index, catalog: IconCatalog) -> _Finding | None:
    """Return the choice for a pack icon whose name is the whole first line of the label."""
    if not catalog.packs or not label.parts or label.is_statement:
        return None
    words = [word for word in label.parts[0].words if not word.isdigit()]
    reference = catalog.by_words(words, index.known) if words else None
    if reference is None or (label.parts[1:2] and label.parts[1].line == 0):
        return None
    return _Finding(IconChoice(reference, f"pack: {reference.partition(':')[0]}", "likely"))


def _name_in_id(node: Node, label: Label, index: Index) -> Name | None:
    """Return what the id names, unless the id is only an abbreviation of the label."""
    if node.id == node.label or len(node.id) < 2 or _abbreviates(node.id, label):
        return None
    if not remarks.may_be_named_by_id(label.first_line, node.id) or any(map(label_grammar.is_clause, label.parts[:1])):
        return None
    if any(label_grammar.names_any(part.words, index) for part in label.parts):
        return None  # The label names a product but is about something else, which the id would obscure.
    words = next((part.words for part in parse(node.id, index.normalize_word).parts), [])
    if label.parts and set(label.parts[0].words) <= set(words):
        return None  # The id repeats the label, with what it is about before it: 'internal' of ecs_internal.
    phrase = label_grammar.noun_phrase(words, index, False) if words else None
    line = [word for part in label.parts if part.line == 0 for word in part.words]
    heads = label_grammar.grammar().heads.get(line[-1]) if line else None
    if phrase and heads is not None and not phrase.match.name.icon.startswith(heads):
        return None
    is_name = phrase and phrase.match.name.condition == ANYWHERE and (phrase.is_exact or phrase.match.end == len(words))
    return phrase.match.name if phrase and is_name else None


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
            # The classes of other products are often color schemes for all that has to do with them.
            return (
                IconChoice(phrase.match.name.icon, f"class: {name}", "guess")
                if names.is_of_aws(phrase.match.name.icon)
                else None
            )
    return None


def _by_label_icon(node: Node) -> IconChoice | None:
    """Return the choice for a Font Awesome icon in the label: `fa:fa-users`."""
    for icon in external.icons_in(node.label):
        reference = external.reference_of(icon)
        if reference and reference != library.NO_ICON:
            return IconChoice(reference, f"icon: {icon}", "guess")
    return None


def _by_group(node: Node, titles: Sequence[str]) -> IconChoice | None:
    """Return the choice for a member of a group such as `Lambda functions`; decisions are none of them."""
    if family(node.shape) in _DECISION_SHAPES or not titles:
        return None
    icon = group_titles.member_icon(titles[0])
    return IconChoice(icon, f"group: {' '.join(normalize(titles[0]))}", "guess") if icon else None


def _find_for_group(group: Group, provider: str, catalog: IconCatalog) -> _Finding | None:
    """Return the icon of a group whose title names a service; None if its source declares another kind of group."""
    if group.kind not in (None, group_kinds.SERVICE):
        return None
    cloud = clouds.of_title(group.label) or provider
    phrase = group_titles.service(group.label, clouds.AWS if cloud == clouds.OTHER else cloud)
    if phrase is None:
        return None
    name = phrase.match.name
    confidence: Confidence = "exact" if phrase.is_exact else "likely"
    choice = _with_substitute(IconChoice(name.icon, f"{name.kind}: {' '.join(name.words)}", confidence), catalog)
    if cloud == clouds.OTHER and _is_of_another_cloud(choice, group.label):
        return None
    return _Finding(choice, is_shared=names.is_shared(name)) if choice.confidence == confidence else None
