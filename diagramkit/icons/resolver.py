"""From what a diagram says of a node to its icon, and why.

The knowledge is in `data/names.yaml` and `data/context.yaml`; this module only matches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from diagramkit import data
from diagramkit.graph import Node, Pattern
from diagramkit.icons import library, packs
from diagramkit.icons.words import lines, split_words, words
from diagramkit.problems import DiagramError, Problem, Span, did_you_mean

# Modules of `diagrams` whose classes stand back where another module has the same name.
_STAND_BACK = frozenset({"general", "mobile", "migration", "management", "game", "enablement"})
# Names that are words of everyday language: they need a line in names.yaml to count.
_TOO_COMMON = frozenset(
    ["analytics", "artifact", "backup", "batch", "business", "compute", "connect", "cost", "database", "db", "disk", "endpoint", "es", "events", "general", "iot", "iq", "mobile", "multimedia", "q", "satellite", "support", "toolkit", "transform", "translate", "user", "users", "client", "forums", "shield", "storage", "config", "ar", "vr", "s", "cf", "ds", "eb", "sf", "ram", "cdr", "cem", "ads", "mat", "sms", "dlc", "dms", "proton", "forecast", "robotics", "blockchain", "transcribe", "personalize", "comprehend", "inspector", "detective", "budgets"]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """A node's icon (None for the neutral shape) and the reason, as `alias: TGW`."""

    icon: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Name:
    """A phrase that names an icon. `whole`: only where it is all that the label says."""

    words: tuple[str, ...]
    icon: str
    kind: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class _Rule:
    """A phrase that names an icon where one of `near` stands around it."""

    name: _Name
    near: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class _Match:
    """A phrase found in a label: where, and how long."""

    name: _Name
    start: int

    @property
    def rank(self) -> tuple[int, int]:
        return (-len(self.name.words), self.start)


def resolve(diagram: Pattern) -> dict[str, Choice]:
    """The icon of each node, by id. Raises `DiagramError` (unknown-icon) for a bad override."""
    overrides = {name: (icon, span) for name, icon, span in diagram.icons}
    problems: list[Problem] = []
    choices: dict[str, Choice] = {}
    titles = {group.id: group for group in diagram.graph.groups}
    shared = (*diagram.components, diagram.title)
    for node in diagram.graph.nodes:
        own = node.icon if node.icon and not packs.is_packs(node.icon) else None
        said = overrides.get(node.id) or ((own, node.span) if own else None)
        if said:
            problem = _check(*said)
            problems += [problem] if problem else []
            choices[node.id] = Choice(None if said[0] == library.NONE else said[0], "spec: icon")
            continue
        around: list[str] = []
        group = titles.get(node.group or "")
        while group:
            around.append(group.label)
            group = titles.get(group.parent or "")
        choices[node.id] = choose(node, around, shared, diagram.provider)
    if problems:
        raise DiagramError(problems)
    return choices


@cache
def pack_icons() -> dict[str, str]:
    """For an icon of ours, the one of Mermaid's pack `logos` that stands for the same thing."""
    found: dict[str, str] = {}
    for phrase, name in packs.logos().items():
        match = _best(phrase, [], "aws")
        if match:
            found.setdefault(match.icon, name)
    return found


def choose(
    node: Node, around: Iterable[str], shared: Iterable[str], provider: str = "aws"
) -> Choice:
    """The icon for one node. `around`: titles of its groups, inner first; `shared`: what the
    diagram says of itself (components, title)."""
    if node.shape == "junction":
        return Choice(None, "none; a junction")
    context = [words(text) for text in (*around, *shared)]
    phrase = packs.phrase(node.icon) if node.icon and packs.is_packs(node.icon) else ""
    if phrase and (meant := _best(phrase, context, provider)):
        return Choice(meant.icon, f"icon: {node.icon}")
    for number, line in enumerate(lines(node.label)):
        found = _best(line, context, provider)
        if found:
            where = "" if number == 0 else f", line {number + 1}"
            return Choice(found.icon, f"{found.kind}{where}")
    if node.id != node.label:
        by_id = _best(node.id.replace("_", " "), context, provider)
        if by_id and len(node.id) > 2 and not by_id.whole:
            return Choice(by_id.icon, f"id: {node.id}")
    return Choice(None, f"none; drawn as the shape {node.shape}")


def _best(line: str, context: list[tuple[str, ...]], provider: str) -> _Name | None:
    """The phrase that decides a line, if any."""
    index = _names(provider)
    tokens = _dropped(words(line))
    found = _matches(tokens, index)
    parted = _dropped(split_words(line))
    if not found and parted != tokens:
        tokens = parted
        found = _matches(tokens, index)
    found = [*_ruled(tokens, context), *found]
    return min(found, key=lambda match: match.rank).name if found else None


def _ruled(tokens: tuple[str, ...], context: list[tuple[str, ...]]) -> Iterator[_Match]:
    """The rules of context that fit, in their order."""
    for rule in _rules():
        matches = (_match(tokens, at, rule.name) for at in range(len(tokens)))
        match = next((found for found in matches if found), None)
        if match and any(_within(near, text) for text in context for near in rule.near):
            yield match


def _dropped(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """The words without a maker's name in front."""
    return tokens[1:] if len(tokens) > 1 and tokens[0] in ("aws", "amazon") else tokens


def _matches(tokens: tuple[str, ...], index: dict[str, tuple[_Name, ...]]) -> list[_Match]:
    return [
        match
        for start, token in enumerate(tokens)
        for name in index.get(token, ())
        if (match := _match(tokens, start, name))
    ]


def _match(tokens: tuple[str, ...], start: int, name: _Name) -> _Match | None:
    end = start + len(name.words)
    if tokens[start:end] != name.words:
        return None
    if name.whole and (start or any(not _is_number(token) for token in tokens[end:])):
        return None
    return _Match(name, start)


def _is_number(token: str) -> bool:
    """Whether a word only tells one thing from its siblings: `1`, `b`, `az2`."""
    return token.isdigit() or len(token) == 1


def _within(phrase: tuple[str, ...], text: tuple[str, ...]) -> bool:
    width = len(phrase)
    return any(text[at : at + width] == phrase for at in range(len(text) - width + 1))


@cache
def _names(provider: str) -> dict[str, tuple[_Name, ...]]:
    """Every phrase by its first word: the data's first, then `diagrams`' own names."""
    names: dict[tuple[tuple[str, ...], bool], _Name] = {}
    for icon, phrases in data.load("icons", "names.yaml").items():
        for phrase in phrases:
            name = _name(str(phrase), icon, "alias")
            names.setdefault((name.words, name.whole), name)
    own = [*library.aliases(provider), *((ref, ref) for ref in library.references(provider))]
    own.sort(key=lambda pair: pair[1].split(".")[1] in _STAND_BACK)
    for written, icon in own:
        title = written.rpartition(".")[2]
        for parts in {words(title): None, split_words(title): None}:
            if not parts or " ".join(parts) in _TOO_COMMON or len(parts[0]) < 2:
                continue
            kind = "name" if written == icon else "alias"
            names.setdefault((parts, False), _Name(parts, icon, f"{kind}: {title}"))
    index: dict[str, list[_Name]] = {}
    for name in names.values():
        index.setdefault(name.words[0], []).append(name)
    return {first: tuple(found) for first, found in index.items()}


@cache
def _rules() -> tuple[_Rule, ...]:
    return tuple(
        _Rule(
            _name(phrase, rule["icon"], f"context {near_words}:"),
            tuple(words(near) for near in rule["near"]),
        )
        for rule in data.load("icons", "context.yaml")
        for near_words in ["/".join(rule["near"])]
        for phrase in rule["words"]
    )


def _name(phrase: str, icon: str, kind: str) -> _Name:
    text = phrase.lstrip("=")
    return _Name(words(text), icon, f"{kind}: {text}".replace("::", ":"), phrase.startswith("="))


def _check(icon: str, span: Span) -> Problem | None:
    if icon == library.NONE or library.icon_file(icon):
        return None
    module, _, name = icon.rpartition(".")
    siblings = [ref for ref in library.references("aws") if not module or module in ref]
    hint = did_you_mean(icon, siblings) or did_you_mean(
        name, [ref.rpartition(".")[2] for ref in library.references("aws")]
    )
    return Problem(
        "unknown-icon",
        f"there is no icon '{icon}'{hint or '; write a class of diagrams, as aws.compute.Lambda'}",
        span,
    )
