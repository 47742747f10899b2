"""Similar labels of one diagram are treated alike: of `Sales account` and `Legal account`, both or none have the icon.

Labels are similar if they end with the same name (`X account`, `cancel-x-queue`). If the rules found an icon for one of
them, it is the icon of all. Labels that begin with the same name (`Lambda X`) are similar if most of them have its
icon, because the last word of the others may turn it into another thing. Labels in which the name itself differs
(`ECS service`, `Order service`) are not similar.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct

from diagramkit.icons import label_grammar

Phrase = tuple[str, ...]


class Sibling(Struct, frozen=True):
    """What the rules found for one node.

    `words` are those of the first part of the label. `span` are the indexes of the first word of the name that
    determined the icon and of the word after it, or None if it is not in these words; `is_service` is true if that is
    the name of a service rather than a generic word or a tool. `is_open` is true if the rules
    found nothing, neither an icon nor a reason against one. `names_product` is true if a product occurs in the words.
    """

    id: str
    shape: str
    words: Phrase
    icon: str | None
    span: tuple[int, int] | None
    is_service: bool
    is_open: bool
    names_product: bool


def agree(members: Sequence[Sibling]) -> dict[str, str | None]:
    """Return the nodes whose icon must change: by node id, the id of the node whose icon it takes, or None for none."""
    changes: dict[str, str | None] = {**_by_beginning(members), **_by_ending(members)}
    changes.update(_by_majority([member for member in members if member.span is None and member.id not in changes]))
    changes.update(_by_shape([member for member in members if member.span is None and member.id not in changes]))
    return changes


def _by_shape(members: Iterable[Sibling]) -> dict[str, str]:
    """Return, for labels in the shape of a database that are no plural, one that is: `[(role)]` beside `[(users)]`."""
    databases = [member for member in members if member.shape == "cylinder" and member.words]
    with_icon = [member for member in databases if member.icon]
    without = [member for member in databases if member.is_open and not member.names_product]
    without = [member for member in without if member.icon is None and member.words[-1] != "table"]
    return {member.id: with_icon[0].id for member in without} if len(with_icon) > len(without) else {}


def _by_ending(members: Iterable[Sibling]) -> dict[str, str]:
    """Return, for labels without an icon, a node whose label ends with the same name, preferably a long one."""
    models: dict[tuple[str, Phrase], Sibling] = {}
    for member in members:
        if member.icon and member.span and member.span[0] > 0 and member.span[1] == len(member.words):
            models.setdefault((member.shape, member.words[member.span[0] :]), member)
    changes, prepositions = {}, label_grammar.grammar().prepositions
    for member in members:
        if member.is_open:
            # What follows a preposition is not the thing: 'Retry with SQS'.
            is_clause = not prepositions.isdisjoint(member.words)
            starts = range(1, 1 if is_clause else len(member.words))
            endings = ((member.shape, member.words[start:]) for start in starts)
            model = next((models[ending] for ending in endings if ending in models), None)
            if model and not (model.is_service and _is_setup_step(member.words)):
                changes[member.id] = model.id
    return changes


def _is_setup_step(words: Phrase) -> bool:
    """Return whether a label is a step in setting up a service: `Enable GuardDuty`, but not `Create Lambda`."""
    rules = label_grammar.grammar()
    return words[0] in rules.setup and words[-1] not in rules.named_after_verbs


def _by_beginning(members: Iterable[Sibling]) -> dict[str, str]:
    """Return, for labels without an icon, a node whose label begins with the same name, if most have its icon."""
    named: dict[tuple[str, Phrase], list[str]] = defaultdict(list)
    unnamed: dict[tuple[str, Phrase], list[str]] = defaultdict(list)
    for member in members:
        if member.icon and member.span and member.span[0] == 0 and member.span[1] < len(member.words):
            named[member.shape, member.words[: member.span[1]]].append(member.id)
        elif member.is_open and member.words and member.words[-1] not in label_grammar.grammar().doers:
            for end in range(1, len(member.words)):
                unnamed[member.shape, member.words[:end]].append(member.id)
    return {
        name: named[key][0] for key, names in unnamed.items() if len(named.get(key, ())) > len(names) for name in names
    }


def _by_majority(members: Iterable[Sibling]) -> dict[str, str | None]:
    """Return what changes among labels with the same last word whose icons come from their ids, classes or shapes.

    Such an icon counts only if at least half of these labels have it.
    """
    families: dict[tuple[str, str], list[Sibling]] = defaultdict(list)
    for member in members:
        if len(member.words) > 1:
            families[member.shape, member.words[-1]].append(member)
    changes: dict[str, str | None] = {}
    for family in families.values():
        with_icon = [member for member in family if member.icon]
        if not with_icon or len(with_icon) == len(family):
            continue
        is_majority = 2 * len(with_icon) >= len(family) and len({member.icon for member in with_icon}) == 1
        for member in family:
            if is_majority and member.icon is None and not member.names_product:
                changes[member.id] = with_icon[0].id
            elif not is_majority and member.icon:
                changes[member.id] = None
    return changes
