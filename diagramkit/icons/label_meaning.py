"""What a label names: which of its parts determines the icon, with the reason and the confidence.

`label_grammar.py` decides about the words of one part. This module decides among the parts: the lines, and what is in
brackets or after a colon or a slash.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import data
from diagramkit.icons import clouds, evidence, label_grammar, remarks
from diagramkit.icons.evidence import Surroundings
from diagramkit.icons.label_grammar import NounPhrase
from diagramkit.icons.names import ANYWHERE, FULL_LABEL, Index, Name, is_of_aws, is_shared
from diagramkit.icons.words import Label, Part, parse

_JOINING = ("&", "+", "/", ",")  # Signs between things that are alike.


class Meaning(Struct, frozen=True):
    """The name that determines the icon of a label, the reason for messages, and the confidence.

    `span` are the indexes of the first word of the name and of the word after it, if the name is in the first part.
    """

    name: Name
    reason: str
    confidence: Literal["exact", "likely", "guess"]
    span: tuple[int, int] | None = None


class Reading(Struct, frozen=True):
    """A label and what it means regardless of its surroundings.

    `is_remark` is true if the label is not about one thing: it is a question or a list, compares things, or is a remark
    or a call. `is_ambiguous` is true if its surroundings may tell what it means.
    """

    label: Label
    is_remark: bool
    meaning: Meaning | None
    is_ambiguous: bool


@lru_cache(maxsize=4096)
def read(text: str, index: Index) -> Reading:
    """Return how a label reads as it is written; labels such as `Lambda` recur in many diagrams."""
    label = parse(text, index.normalize_word)
    for number in range(len(label.parts)):
        _join_broken_name(label.parts, number, index)
    if label.is_statement or _is_remark(label, index):
        return Reading(label, True, None, False)
    is_ambiguous = bool(label.parts) and evidence.is_ambiguous(label.parts[0].words)
    return Reading(label, False, None if is_ambiguous else _find(label, text, index, None), is_ambiguous)


def meaning(text: str, index: Index, surroundings: Surroundings) -> Meaning | None:
    """Return what a label means in its surroundings; None if it names nothing. `text` is the label as it is written."""
    reading = read(text, index)
    return _find(reading.label, text, index, surroundings) if reading.is_ambiguous else reading.meaning


def _is_remark(label: Label, index: Index) -> bool:
    if label_grammar.compares(label) or remarks.is_remark(label.first_line):
        return True
    if _is_done(label.parts) or _lists_services(label.parts, index) or _is_list_of_options(label.parts, index):
        return True
    if _says_what_somebody_does(label.parts, index):
        return True
    return remarks.is_call(label.first_line) and not label_grammar.names_any(label.parts[0].words, index)


def _is_done(parts: list[Part]) -> bool:
    """Return whether the second line says what is done with the first: `RDS PostgreSQL<br/>erstellen`."""
    if len(parts) < 2 or not parts[1].starts_line or len(parts[1].words) > 1:
        return False
    return parts[1].words[0] in label_grammar.grammar().final_verbs


def _lists_services(parts: list[Part], index: Index) -> bool:
    """Return whether the first line lists three services or more: `ECS + RDS + ALB`, `S3/RDS/DynamoDB`."""
    line = [part for part in parts if part.line == 0]
    if len(line) < 3 or line[1].separator == ":" or any(part.continues for part in line):
        return False
    phrases = [label_grammar.noun_phrase(part.words, index, False) for part in line]
    return len({phrase.match.name.icon for phrase in phrases if phrase and phrase.is_exact}) > 2


def _is_list_of_options(parts: list[Part], index: Index) -> bool:
    """Return whether the first line lists three things or more that do the same: `Git / Local / URL`.

    What runs on a service of AWS is no option: `Lambda / Python / arm64`.
    """
    line = [part for part in parts if part.line == 0]
    if len(line) < 3 or not all(part.separator == "/" for part in line[1:]):
        return False
    phrase = label_grammar.noun_phrase(line[0].words, index, True)
    if phrase is None:
        return True
    icon = phrase.match.name.icon
    is_person = icon.startswith("aws.general.User")
    return not is_person and (not is_of_aws(icon) or phrase.match.name.is_generic)


def _says_what_somebody_does(parts: list[Part], index: Index) -> bool:
    """Return whether a label says what a person does, or says: `Dev: mark as ready for review`."""
    if len(parts) < 2 or parts[1].line or parts[1].continues:
        return False
    if len(parts[1].words) < 3 and not parts[1].words[0].endswith("ing"):
        return False
    phrase = label_grammar.noun_phrase(parts[0].words, index, True)
    return phrase is not None and phrase.match.name.icon.startswith("aws.general.User")


def _find(label: Label, text: str, index: Index, surroundings: Surroundings | None) -> Meaning | None:
    """Return what the first part that names a product means; if none does, what a generic word means.

    The `surroundings` are None if they cannot matter.
    """
    fallback: Meaning | None = None
    alternatives = clouds.alternatives(text)
    if surroundings and _shares_noun(label.parts, 0, index):
        surroundings = None
    for number, part in enumerate(label.parts):
        phrase = label_grammar.noun_phrase(part.words, index, part.first, label.is_identifier)
        if surroundings and number == 0 and (candidate := _by_context(part, phrase, text, surroundings)):
            if not candidate.name.is_generic:
                return candidate
            fallback = candidate
            continue
        if phrase is None or (number and (_is_in_list(part, label.parts) or _is_aside(part, phrase))):
            continue
        if (
            _is_half(phrase, label.parts, number)
            or _is_class(part, phrase)
            or _is_summand(phrase, label.parts, number)
            or _shares_noun(label.parts, number, index)
        ):
            continue
        if part.line and not _may_decide(phrase, label.parts, number, index):
            continue
        if (fallback and _is_software_on(fallback.name, part)) or _is_agent(phrase, label.parts, number):
            continue
        candidate = _service_instead(phrase, label.parts, number, index) or _meaning(phrase, label.parts, number, index)
        if alternatives and not alternatives.isdisjoint((_display_name(candidate.name), " ".join(part.words))):
            return fallback  # One of two possibilities: 'S3/GCS'.
        if not phrase.match.name.is_generic:
            return candidate
        fallback = candidate
    return fallback


def _join_broken_name(parts: list[Part], number: int, index: Index) -> None:
    """Move the second half of a name that is broken over two lines into the part where it begins."""
    part, following = parts[number], parts[number + 1 :][:1]
    if following and following[0].continues:
        if _is_dependent(part, following[0], index):
            part.words += following[0].words
            part.raw += following[0].raw
            return
        count = label_grammar.continuation_length(part.words, following[0].words, index)
        if any(later.line == following[0].line and not later.continues for later in parts[number + 2 :]):
            count = 0  # A list: 'RDS<br/>MySQL, PostgreSQL'.
        elif number == 0 and _is_broken_phrase(part, following[0], index):
            count = len(following[0].words)
        part.words += following[0].words[:count]
        part.raw += following[0].raw[:count]


def _is_dependent(part: Part, following: Part, index: Index) -> bool:
    """Return whether the next line makes another thing of the product before it: `Elasticsearch<br/>Exporter`."""
    is_head = len(following.words) == 1 and following.words[0] in label_grammar.grammar().dependents
    return is_head and following.starts_line and label_grammar.names_any(part.words, index)


def _is_broken_phrase(part: Part, following: Part, index: Index) -> bool:
    """Return whether the next line ends the noun phrase of the first: `Business<br/>Users`, `Error rate<br/>Alarm`."""
    words = following.words
    if not following.starts_line or len(words) > 2 or label_grammar.is_clause(part):
        return False
    is_phrase = len(part.words) == 1 == len(words) and not evidence.is_ambiguous(part.words)
    if is_phrase and evidence.is_ambiguous([*part.words, *words]):
        return True  # 'Controller<br/>Manager'.
    if evidence.is_ambiguous(words) and not label_grammar.names_any(part.words, index):
        return len(words) > 1 or not evidence.is_ambiguous(part.words)
    name = index.longest(words, len(words) - 1)
    if name is None or not name.is_generic or label_grammar.noun_phrase(part.words, index, True):
        return False
    return words[-1] in label_grammar.grammar().second_line or len(part.words) == 1 == len(words)


def _by_context(part: Part, phrase: NounPhrase | None, text: str, surroundings: Surroundings) -> Meaning | None:
    """Return what the first part means in its surroundings, unless it contains a longer name or that of a product."""
    name = evidence.name_by_context(part.words, text, surroundings)
    if name is None:
        return None
    if phrase and not phrase.match.name.is_generic and name.is_generic:
        return None
    start = next(at for at in range(len(part.words)) if tuple(part.words[at : at + len(name.words)]) == name.words)
    if start and (part.words[0] in label_grammar.grammar().verbs or label_grammar.has_preposition(part.words[:start])):
        return None  # 'Terminate instance', 'Hardware per instance'.
    if phrase and phrase.match.end > start and len(name.words) < len(phrase.match.name.words):
        return None
    return Meaning(name, f"{name.kind}: {_display_name(name)}", "likely", (start, start + len(name.words)))


def _may_decide(phrase: NounPhrase, parts: list[Part], number: int, index: Index) -> bool:
    """Return whether a part below the first line may determine the icon.

    Only the second line may, if it consists mainly of one name and is not a list.
    """
    part, following = parts[number], parts[number + 1 :][:1]
    if part.first:
        return True
    if (
        (part.is_item and not _is_list_of_two(parts, index))
        or _is_collection(parts)
        or _is_about_another_thing(parts[0], index)
        or _is_command(part, phrase)
    ):
        return False
    is_list = any(_continues_list(later, phrase, index) for later in following) or _is_listed(
        phrase, parts[number + 1 :], index
    )
    if phrase.match.name.icon.startswith(label_grammar.grammar().properties) or _is_everyday_phrase(phrase, part):
        return False
    is_main = part.line == 1 and part.starts_line and not is_list
    if label_grammar.is_clause(parts[0]) and not is_of_aws(phrase.match.name.icon):
        return False  # 'Ready for BI<br/>Power BI', but 'Notify users<br/>AWS Lambda'.
    return is_main and label_grammar.is_mainly_name(phrase, part.words, index)


def _is_list_of_two(parts: list[Part], index: Index) -> bool:
    """Return whether a label ends with a list of two products: `Process<br/>- SQS<br/>- SNS`."""
    items = [part for part in parts if part.is_item]
    return len(items) == 2 and all(label_grammar.names_any(part.words, index) for part in items)


def _is_everyday_phrase(phrase: NounPhrase, part: Part) -> bool:
    """Return whether a part has several plain words that others use, too: `Guests<br/>private link`."""
    written = part.raw[phrase.match.start : phrase.match.end]
    return len(written) > 1 and is_shared(phrase.match.name) and all(map(str.islower, written))


def _continues_list(part: Part, phrase: NounPhrase, index: Index) -> bool:
    """Return whether a part is the second item of a list: `PostgreSQL, Redis`, `postgres · redis`.

    What runs on a service of AWS is none: `ECS Fargate · Spring Boot`.
    """
    if part.separator != "·":
        return part.separator == ","
    product = label_grammar.noun_phrase(part.words, index, False)
    runs_on_it = product is not None and label_grammar.replaces(phrase.match.name.icon, product.match.name.icon)
    return label_grammar.names_any(part.words, index) and not runs_on_it


def _is_collection(parts: list[Part]) -> bool:
    """Return whether the first line names a kind of which the others are examples: `Tools<br/>Git<br/>Docker`."""
    kinds = label_grammar.grammar().collections
    is_plural = parts[0].words[-1] in kinds and parts[0].raw[-1].lower().endswith("s")
    return is_plural and sum(part.starts_line for part in parts) > 2


def _is_command(part: Part, phrase: NounPhrase) -> bool:
    """Return whether a part is a command that the thing in the first line runs: `Server<br/>docker pull`."""
    is_tool = not phrase.match.name.icon.startswith("aws.")
    return is_tool and not label_grammar.grammar().commands.isdisjoint(part.words[1:2])


def _is_listed(phrase: NounPhrase, following: list[Part], index: Index) -> bool:
    """Return whether further lines name other services: `Audit<br/>GuardDuty<br/>Security Hub<br/>Config admin`."""
    lines = [part for part in following if part.starts_line]
    if len(lines) < 2:
        return False
    phrases = (label_grammar.noun_phrase(part.words, index, False) for part in lines)
    icons = {other.match.name.icon for other in phrases if other and other.match.start == 0}
    return any(icon.startswith("aws.") and icon != phrase.match.name.icon for icon in icons)


def _is_about_another_thing(part: Part, index: Index) -> bool:
    """Return whether a part names a product but is about something else: `S3 full access`."""
    is_named = label_grammar.names_any(part.words, index)
    return is_named and label_grammar.noun_phrase(part.words, index, True) is None


def _is_in_list(part: Part, parts: list[Part]) -> bool:
    """Return whether a part is one of three or more behind the first one: `Tools: Athena, Lambda, S3`.

    What is in brackets or follows a dash or a dot is not in a list: `Relay - ECS/Fargate (Node)`, `Next.js · SSR · v2`.
    """
    others = [other for other in parts[1:] if other.line == part.line]
    return len(others) > 2 and sum(not other.continues and other.separator != "·" for other in others) > 1


def _is_half(phrase: NounPhrase, parts: list[Part], number: int) -> bool:
    """Return whether a name that must be the whole line shares it with others: `Backup & Restore`, `DNS/Routing`."""
    if phrase.match.name.condition != FULL_LABEL or not is_of_aws(phrase.match.name.icon):
        return False
    return any(other.separator in _JOINING for other in parts[1:] if other.line == parts[number].line)


def _is_class(part: Part, phrase: NounPhrase) -> bool:
    """Return whether a part is the name of a class in code, which begins with that of a service: `NeptuneSession`."""
    tail = part.words[phrase.match.end :]
    is_compound = len(part.words) > 1 and len(set(part.raw)) == 1 and part.raw[0].isascii()
    has_vendor = part.words[0] in label_grammar.grammar().makers
    return is_compound and not has_vendor and not all(map(label_grammar.qualifies, tail))


def _is_summand(phrase: NounPhrase, parts: list[Part], number: int) -> bool:
    """Return whether a part is only one of the things that a label adds up: `User + assistant turn`.

    The name of a product in the first part still counts: `API Gateway + Lambda`.
    """
    part = parts[number]
    is_generic = phrase.match.name.condition != ANYWHERE
    return part.separator == "+" or (
        is_generic and any(other.line == part.line and other.separator == "+" for other in parts)
    )


def _shares_noun(parts: list[Part], number: int, index: Index) -> bool:
    """Return whether the noun after a slash also belongs to the name before it: `Terraform/GitHub artifacts`."""
    following = parts[number + 1 :][:1]
    return any(part.separator == "/" and _is_about_another_thing(part, index) for part in following)


def _is_aside(part: Part, phrase: NounPhrase) -> bool:
    """Return whether a label only mentions a thing: `Lifecycle rules (terraform_state)`, `Copy job (to S3)`."""
    is_tool = phrase.match.name.icon.startswith("onprem.iac.")
    return is_tool or part.separator == "→" or part.words[0] in label_grammar.grammar().asides


def _is_agent(phrase: NounPhrase, parts: list[Part], number: int) -> bool:
    """Return whether a role is that of a software agent, whose task is on the next line."""
    is_role = phrase.match.name.words[-1] in label_grammar.grammar().roles
    return is_role and any(later.line > parts[number].line for later in parts[number + 1 :])


def _is_software_on(host: Name, part: Part) -> bool:
    """Return whether a part names software on a host: `Bastion host / SSM agent`."""
    rules = label_grammar.grammar()
    return host.icon.startswith(rules.compute) and part.words[-1] in rules.software


def _service_instead(phrase: NounPhrase, parts: list[Part], number: int, index: Index) -> Meaning | None:
    """Return the service of AWS to which a later part assigns a product: `Kafka/MSK`, `PostgreSQL<br/>RDS`.

    On the same line, that may be any service; on the next one, only a service that runs this product. In the same way,
    this returns what an API gateway consists of that is no service of AWS: `API Gateway (Kong)`.
    """
    rules, icon = label_grammar.grammar(), phrase.match.name.icon
    if not icon.startswith(rules.replaceable):
        return None
    managers = next((prefixes for guest, prefixes in rules.managed.items() if icon.startswith(guest)), ())
    is_guest = icon.startswith(rules.guests)
    for later, part in enumerate(parts[number + 1 :], number + 1):
        if part.separator == "," or part.line > parts[number].line + 1 or not (is_guest or part.continues):
            break
        candidate = label_grammar.noun_phrase(part.words, index, False)
        service = "aws." if is_guest and part.line == parts[number].line else managers
        if candidate and candidate.match.name.icon.startswith(service):
            return _meaning(candidate, parts, later, index)
    return None


def _meaning(phrase: NounPhrase, parts: list[Part], number: int, index: Index) -> Meaning:
    """Return what one part of a label means, with a reason that also lists other names."""
    match, part = phrase.match, parts[number]
    raw = " ".join(dict.fromkeys(part.raw[match.start : match.end]))
    location = f", line {part.line + 1}" if part.line else ""
    others = [_display_name(other.name) for other in phrase.other_matches]
    for later in parts[number + 1 :]:
        if later.line == part.line and (another := label_grammar.noun_phrase(later.words, index, False)):
            others.append(_display_name(another.match.name))
    also = f"; also names {', '.join(dict.fromkeys(others))}" if others else ""
    is_complete = phrase.is_exact and part.first and len(parts) == 1 and match.name.condition == ANYWHERE
    confidence: Literal["exact", "likely", "guess"] = "exact" if is_complete else "likely"
    if match.name.is_generic:
        confidence = "guess"
    span = None if number else (match.start, match.end)
    name = _in_plural(match.name, part.raw[match.end - 1])
    return Meaning(name, f"{name.kind}: {raw}{location}{also}", confidence, span)


def _in_plural(name: Name, written: str) -> Name:
    """Return the name for several people if a name for one person is written in the plural: `Nurses`."""
    is_plural = name.icon == "aws.general.User" and written.lower().endswith("s") and not name.words[-1].endswith("s")
    return replace(name, icon="aws.general.Users") if is_plural else name


def _display_name(name: Name) -> str:
    """Return a name as messages show it."""
    return " ".join(name.words)


def names_stored_data(label: Label) -> bool:
    """Return whether a label names data or a place for it: `Orders`, `Session store`."""
    if not label.parts or label.is_statement:
        return False
    part = label.parts[0]
    if part.words[-1] == "table":
        return False  # Part of a database that the label does not name.
    last = part.raw[-1].lower()
    storage_words = data.load("icons", "grammar.yaml")["holds"]
    return part.words[-1] in storage_words or (len(last) > 3 and last.endswith("s") and last.isascii())
