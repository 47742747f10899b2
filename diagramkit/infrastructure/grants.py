"""Edges from IAM: from who may act to what it may act on, in the direction in which the actions move data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from diagramkit import data
from diagramkit.diagnostics import fail
from diagramkit.infrastructure import paths
from diagramkit.infrastructure.fates import Model
from diagramkit.infrastructure.records import EXTERNAL, Value
from diagramkit.infrastructure.rules import is_service, pattern_of

_ACTION = re.compile(r"\b([a-z][a-z0-9-]{1,40}):([A-Za-z*?]{1,60})")
_TRUST = ("AssumeRolePolicyDocument", "AssumeRolePolicy")
_PRINCIPAL = re.compile(r"\b([a-z-]{2,40})\.amazonaws\.com")
_MAX_CARRIERS = 100
_MAX_GRANTS = 200_000
EVERYTHING = "*"


class Statement(Struct, frozen=True):
    """What a policy allows: the actions, the resources that it names, and the address of the policy.

    `is_open` is true if it applies to more than the resources that it names.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    is_open: bool
    policy: str


class Grant(Struct, frozen=True):
    """Who may act (`actor`) on what (`target`), which address says so, and whether the data flows to the actor."""

    actor: str
    target: str
    policy: str
    incoming: bool


class Grants(Struct, frozen=True):
    """All grants. `services` has the services that each actor may use without naming a resource.

    `uses` has who uses which service that has no resource: actor, service and policy. `unknown` are the actors whose
    permissions the template does not contain.
    """

    grants: tuple[Grant, ...]
    services: Mapping[str, frozenset[str]]
    uses: tuple[tuple[str, str, str], ...]
    unknown: frozenset[str]


def find(model: Model) -> Grants:
    """Return the grants of all nodes."""
    grants: list[Grant] = []
    services: dict[str, set[str]] = {}
    uses: list[tuple[str, str, str]] = []
    unknown: set[str] = set()
    subjects = _policies_by_subject(model)
    trusted = _roles_by_trust(model)
    for address, resource in model.resources.items():
        rule = model.decisions[address].rule
        actors = [owner for owner in model.owners(address) if model.decisions[owner].kind == "node"]
        if not actors or not (rule.role or rule.policies or address in trusted):
            continue
        roles = [*model.existing(paths.references_at(resource.properties, rule.role)), *trusted.get(address, ())]
        carriers = _carriers(model, roles, subjects)
        statements = [each for carrier in carriers for each in _statements(model, carrier)]
        statements += _own_statements(model, address)
        has_foreign_role = not carriers and next(paths.find(resource.properties, rule.role), None) is not None
        for actor in actors:
            if has_foreign_role:
                unknown.add(actor)
            for statement in statements:
                grants += _grants(model, actor, statement)
                if len(grants) > _MAX_GRANTS:
                    message = f"the policies allow more than {_MAX_GRANTS:,} pairs; split the template"
                    raise fail("too-large", message, resource.span)
                uses += [(actor, service, statement.policy) for service in _used_services(statement)]
                if statement.is_open:
                    services.setdefault(actor, set()).update(action.partition(":")[0] for action in statement.actions)
    frozen = {actor: frozenset(names) for actor, names in services.items()}
    return Grants(tuple(dict.fromkeys(grants)), frozen, tuple(dict.fromkeys(uses)), frozenset(unknown))


def _policies_by_subject(model: Model) -> dict[str, list[str]]:
    """Return the addresses of the policies that name each role as a subject."""
    policies: dict[str, list[str]] = {}
    for address, decision in model.decisions.items():
        if decision.kind == "carrier" and decision.rule.subjects:
            for reference in paths.references_at(model.resources[address].properties, decision.rule.subjects):
                policies.setdefault(reference.address, []).append(address)
    return policies


def _roles_by_trust(model: Model) -> dict[str, list[str]]:
    """Return the roles that nothing in the template uses, by the only resource of the service that may take them on.

    An API that is described in another file uses such a role, for example.
    """
    roles: dict[str, list[str]] = {}
    for address, decision in model.decisions.items():
        trusts = list(paths.find(model.resources[address].properties, _TRUST)) if decision.kind == "carrier" else []
        if not trusts or any(model.decisions[other].kind != "carrier" for other in model.referring_to(address)):
            continue
        namespaces = {
            match[1] for trust in trusts for text in paths.texts(trust) for match in _PRINCIPAL.finditer(text)
        }
        for namespace in sorted(namespaces):
            candidates = [node for node in model.nodes() if is_service(model.resources[node].type, namespace)]
            if len(candidates) == 1:
                roles.setdefault(candidates[0], []).append(address)
    return roles


def _carriers(model: Model, roles: list[str], subjects: Mapping[str, list[str]]) -> list[str]:
    """Return the roles and all policies that apply to them."""
    carriers: dict[str, None] = {}
    pending = list(reversed(roles))
    while pending and len(carriers) < _MAX_CARRIERS:
        address = pending.pop()
        decision = model.decisions.get(address)
        if address in carriers or decision is None or decision.kind != "carrier":
            continue
        carriers[address] = None
        rule = decision.rule
        properties = model.resources[address].properties
        pending += model.existing(paths.references_at(properties, (*rule.roles, *rule.policies)))
        pending += subjects.get(address, [])
    return list(carriers)


def _statements(model: Model, carrier: str) -> Iterator[Statement]:
    """Yield what a role or a policy allows."""
    rule = model.decisions[carrier].rule
    properties = model.resources[carrier].properties
    for value in paths.find(properties, rule.policies):
        yield from _in_policies(value, carrier)
    if model.resources[carrier].origin == "data":
        yield from _in_policies(properties, carrier)


def _own_statements(model: Model, address: str) -> Iterator[Statement]:
    """Yield what the policies allow that are among the properties of a function itself."""
    for value in paths.find(model.resources[address].properties, model.decisions[address].rule.policies):
        yield from _in_policies(value, address)


def _in_policies(value: Value, policy: str) -> Iterator[Statement]:
    """Yield the statements in a policy document, a list of them, a text that contains one, or the name of a policy."""
    if isinstance(value, dict):
        statements = [child for key, child in value.items() if key.lower() == "statement"]
        for statement in statements:
            for item in statement if isinstance(statement, list) else [statement]:
                yield from _statement(item, policy)
        if not statements:
            for child in value.values():
                yield from _in_policies(child, policy)
    elif isinstance(value, list):
        for child in value:
            yield from _in_policies(child, policy)
    elif isinstance(value, (str, tuple)):
        yield from _in_text(value, policy)


def _statement(item: Value, policy: str) -> Iterator[Statement]:
    if isinstance(item, (tuple, list)):
        for alternative in item:
            yield from _statement(alternative, policy)
    if not isinstance(item, dict):
        return
    fields = {key.lower().removesuffix("s"): value for key, value in item.items()}
    if fields.get("effect", "Allow") != "Allow":
        return
    actions = tuple(dict.fromkeys(paths.texts(fields.get("action"))))
    resources = fields.get("resource", EVERYTHING)
    addresses = tuple(dict.fromkeys(reference.address for reference in paths.references(resources)))
    if actions:
        yield Statement(actions, addresses, _is_open(resources), policy)


def _is_open(resources: Value) -> bool:
    """Return whether one of the resources of a statement is a text without a reference."""
    items = resources if isinstance(resources, list) else [resources]
    return any(next(paths.references(item), None) is None for item in items)


def _in_text(value: Value, policy: str) -> Iterator[Statement]:
    """Yield the statement in a text: a policy in JSON or an expression, or the name of one of AWS's policies."""
    text = " ".join(paths.texts(value))
    addresses = tuple(dict.fromkeys(reference.address for reference in paths.references(value)))
    name = text.rpartition("/")[2] if text.startswith(("arn:", ":")) or "policy/" in text else text
    for prefix, service in _data()["managed_policies"].items():
        if name.strip().startswith(prefix):
            yield Statement((f"{service}:*" if service != EVERYTHING else EVERYTHING,), (), True, policy)
            return
    actions = tuple(
        dict.fromkeys(match[0] for match in _ACTION.finditer(text) if match[1] not in ("arn", "aws", "http"))
    )
    if actions:
        yield Statement(actions, addresses, not addresses or '"*"' in text, policy)


def _grants(model: Model, actor: str, statement: Statement) -> Iterator[Grant]:
    for address in statement.resources:
        for target in model.owners(address):
            resource = model.resources[target]
            if target == actor or model.decisions[target].kind != "node":
                continue
            types = [model.resources[address].type, resource.type]
            if resource.type == EXTERNAL:
                actions = list(statement.actions)
            else:
                actions = [action for action in statement.actions if _acts_on(action, types)]
            direction = _direction(actions)
            if direction:
                yield Grant(actor, target, statement.policy, direction == "incoming")


def _acts_on(action: str, types: list[str]) -> bool:
    namespace = action.partition(":")[0]
    return action == EVERYTHING or any(is_service(type_name, namespace.lower()) for type_name in types)


def _direction(actions: list[str]) -> str | None:
    """Return `outgoing`, `incoming` or None for actions that are no edge."""
    kinds = {_kind(action) for action in actions}
    return next((kind for kind in ("outgoing", "incoming") if kind in kinds), None)


@cache
def _kind(action: str) -> str:
    for kind in ("incoming", "neutral"):
        if any(pattern.fullmatch(action.lower()) for pattern in _patterns(kind)):
            return kind
    return "outgoing"


@cache
def _patterns(kind: str) -> list[re.Pattern[str]]:
    return [pattern_of(glob.lower()) for glob in _data()[kind]]


def _used_services(statement: Statement) -> Iterator[str]:
    """Yield the services that a statement uses without naming a resource of the template."""
    if statement.resources:
        return
    for name, service in _data()["services"].items():
        patterns = [pattern_of(glob.lower()) for glob in service["actions"]]
        for action in statement.actions:
            is_all = action.lower() == f"{name}:*"
            if is_all or any(pattern.fullmatch(action.lower()) for pattern in patterns):
                yield name
                break


def caller(principal: str) -> str | None:
    """Return the service that a principal such as `lex.amazonaws.com` stands for, if it calls functions by itself."""
    name = principal.partition(".amazonaws.com")[0].rpartition(".")[0] or principal.partition(".")[0]
    return name if name in _data()["callers"] else None


def service_node(name: str) -> tuple[str, str]:
    """Return the name and the icon of a service that is a node."""
    service = _data()["services"].get(name) or _data()["callers"][name]
    return service["name"], service["icon"]


def _data() -> dict[str, Any]:
    result: dict[str, Any] = data.load("infrastructure", "iam_actions.yaml")
    return result
