"""Find the edges: for each pair of nodes only what the strongest evidence says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from msgspec import Struct

from diagramkit.diagnostics import fail
from diagramkit.infrastructure import grants as iam
from diagramkit.infrastructure import paths
from diagramkit.infrastructure.fates import Model
from diagramkit.infrastructure.records import EXTERNAL, Resource
from diagramkit.infrastructure.rules import ResourceRule, cloudformation_type, is_service, word_list

TYPED, GRANT, ENVIRONMENT, FIREWALL, WEAK, GENERIC = 6, 5, 4, 3, 2, 1
"""How strong evidence is: a property made for it, IAM, an environment variable, a firewall, a permission, others."""

SERVICE = "service:"
"""The beginning of the addresses of services that have no resource."""

MAX_CANDIDATES = 200_000
_MAX_PATH = 5
_MAX_RULE_EDGES = 16


class Connection(Struct, frozen=True):
    """An edge between two nodes: its evidence, its label, and the address of the resource that says so."""

    source: str
    target: str
    strength: int
    label: str
    address: str

    @property
    def ends(self) -> tuple[str, str]:
        """The source and the target."""
        return self.source, self.target

    @property
    def is_dotted(self) -> bool:
        """Whether nothing but a reference says that the two are connected."""
        return self.strength == GENERIC


def find(model: Model) -> list[Connection]:
    """Return the edges between the nodes, in the order of their evidence in the template."""
    chosen = _strongest(_limited(model, _candidates(model)))
    chosen += _callers(model, chosen)
    return [*chosen, *for_isolated(model, chosen, model.resources)]


def _candidates(model: Model) -> Iterator[Connection]:
    """Yield the edges for which there is any evidence."""
    yield from _typed(model)
    grants = iam.find(model)
    for grant in grants.grants:
        source, target = (grant.target, grant.actor) if grant.incoming else (grant.actor, grant.target)
        yield Connection(source, target, GRANT, "", grant.policy)
    yield from (Connection(actor, SERVICE + name, GRANT, "", policy) for actor, name, policy in grants.uses)
    yield from _environment(model, grants)
    yield from _firewall(model)
    yield from _weak(model)


def _limited(model: Model, candidates: Iterator[Connection]) -> list[Connection]:
    """Return the edges. Raises `DiagramError` (too-large) if there are so many that no picture can show them."""
    limited = list(islice(candidates, MAX_CANDIDATES + 1))
    if len(limited) > MAX_CANDIDATES:
        message = f"more than {MAX_CANDIDATES:,} edges are possible; split the template"
        raise fail("too-large", message, model.infrastructure.span)
    return limited


def _typed(model: Model) -> Iterator[Connection]:
    """Yield the edges from properties that are made for them, through what only passes them on."""
    raw = _limited(model, _property_edges(model, is_weak=False))
    by_source: dict[str, list[Connection]] = {}
    for edge in raw:
        by_source.setdefault(edge.source, []).append(edge)
    for edge in raw:
        if not _passes_on(model, edge.source):
            yield from _followed(model, edge, by_source)


def _followed(model: Model, first: Connection, by_source: dict[str, list[Connection]]) -> Iterator[Connection]:
    """Yield the edges from the source of an edge to the nodes that it leads to."""
    pending, seen = [(first, 0)], {first.target}
    while pending:
        edge, depth = pending.pop(0)
        if not _passes_on(model, edge.target):
            if edge.target != first.source:
                yield Connection(first.source, edge.target, TYPED, first.label or edge.label, first.address)
            continue
        for following in by_source.get(edge.target, ()) if depth < _MAX_PATH else ():
            if following.target not in seen:
                seen.add(following.target)
                pending.append((following, depth + 1))


def _passes_on(model: Model, address: str) -> bool:
    """Return whether a resource is an edge without ends of its own, such as a target group."""
    decision = model.decisions[address]
    return decision.kind == "edge" and not decision.rule.sources and not decision.rule.targets


def _ends(model: Model, addresses: Iterable[str]) -> list[str]:
    """Return the nodes, and what passes edges on, that addresses stand for."""
    ends: dict[str, None] = {}
    for address in addresses:
        if address in model.decisions and _passes_on(model, address):
            ends[address] = None
        ends |= {owner: None for owner in model.owners(address) if model.decisions[owner].kind == "node"}
    return list(ends)


def _property_edges(model: Model, is_weak: bool) -> Iterator[Connection]:
    strength = WEAK if is_weak else TYPED
    for address, resource in model.resources.items():
        rule = model.decisions[address].rule
        if model.decisions[address].kind in ("drop", "carrier") or rule.weak != is_weak:
            continue
        own = _ends(model, [address])
        for path, label in rule.out.items():
            yield from _product(own, _ends(model, _at(resource, [path])), strength, label, address)
        for path, label in rule.incoming.items():
            yield from _product(_ends(model, _at(resource, [path])), own, strength, label, address)
        if rule.sources and rule.targets:
            sources, targets = _both_ends(model, resource, rule)
            yield from _product(sources, targets, strength, "", address)


def _both_ends(model: Model, resource: Resource, rule: ResourceRule) -> tuple[list[str], list[str]]:
    """Return the sources and the targets of an edge. If properties are not known, the rest is at the unknown end."""
    sources, targets = _ends(model, _at(resource, rule.sources)), _ends(model, _at(resource, rule.targets))
    if paths.UNNAMED in resource.properties:
        ends = _ends(model, [each.address for each in model.references_of(resource.address)])
        sources = sources or [end for end in ends if end not in targets]
        targets = targets or [end for end in ends if end not in sources]
    return sources, targets


def _at(resource: Resource, where: Iterable[str]) -> list[str]:
    return [reference.address for reference in paths.references_at(resource.properties, where)]


def _product(sources: list[str], targets: list[str], strength: int, label: str, address: str) -> Iterator[Connection]:
    for source in sources:
        for target in targets:
            if source != target:
                yield Connection(source, target, strength, label, address)


def _environment(model: Model, grants: iam.Grants) -> Iterator[Connection]:
    """Yield the edges from environment variables, if the node may use the service or needs no permission for it."""
    for address, resource in model.resources.items():
        rule = model.decisions[address].rule
        if not rule.environment or model.decisions[address].kind == "drop":
            continue
        is_known = paths.UNNAMED not in resource.properties
        targets = _ends(model, _at(resource, rule.environment) if is_known else _dependencies(model, address))
        for source in _ends(model, [address]):
            for target in targets:
                if source != target and (not is_known or _may_use(model, source, target, grants)):
                    yield Connection(source, target, ENVIRONMENT, "", address)


def _dependencies(model: Model, address: str) -> list[str]:
    """Return what a resource depends on, also through its roles and policies, if its properties are not known."""
    dependencies: dict[str, None] = {}
    pending = [address]
    while pending:
        for reference in model.references_of(pending.pop()):
            if reference.address not in dependencies and reference.address in model.decisions:
                dependencies[reference.address] = None
                if model.decisions[reference.address].kind == "carrier":
                    pending += [reference.address, *_policies_of(model, reference.address)]
    return list(dependencies)


def _policies_of(model: Model, role: str) -> Iterator[str]:
    """Yield the policies that depend on a role: what it may do."""
    return (other for other in model.referring_to(role) if model.decisions[other].kind == "carrier")


def _may_use(model: Model, source: str, target: str, grants: iam.Grants) -> bool:
    resource = model.resources[target]
    allowed = grants.services.get(source, frozenset())
    if source in grants.unknown or iam.EVERYTHING in allowed:
        return True
    if resource.type == EXTERNAL:
        return model.decisions[target].rule.name == "API Gateway" or bool(allowed)
    provider, *service = cloudformation_type(resource.type).split("::")[:2]
    if provider != "AWS":
        return True
    if service and service[0] in word_list("without_permission"):
        return True
    return any(is_service(resource.type, namespace) for namespace in allowed if namespace in word_list("data_actions"))


def _firewall(model: Model) -> Iterator[Connection]:
    """Yield the edges that security groups allow, from the members of one group to those of another."""
    members: dict[str, list[str]] = {}
    groups = {address for address, decision in model.decisions.items() if decision.rule.security_group}
    for group in groups:
        users = [address for address in model.referring_to(group) if address not in groups]
        members[group] = _ends(model, [address for address in users if _is_member(model.resources[address], group)])
    for address in model.resources:
        if address in groups:
            for source, target in dict.fromkeys(_allowed(model.resources[address], groups)):
                sources, targets = members.get(source, []), members.get(target, [])
                # Members of a group may reach each other; that says nothing about any two of them.
                if source != target and len(sources) * len(targets) <= _MAX_RULE_EDGES:
                    both = set(sources) & set(targets)
                    pairs = _product(sources, targets, FIREWALL, "", address)
                    yield from (edge for edge in pairs if not {edge.source, edge.target} <= both)


def _is_member(resource: Resource, group: str) -> bool:
    """Return whether a resource is in a security group, and does not only let its members in."""
    own = {
        key: value
        for key, value in resource.properties.items()
        if key == paths.UNNAMED or not any(word in paths.normalize(key) for word in word_list("lets_in"))
    }
    return any(reference.address == group for reference in paths.references(own))


def _allowed(resource: Resource, groups: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of security groups, from source to target, that the rules in a resource allow."""
    properties = resource.properties
    own = [address for address in _at(resource, ["GroupId", "SecurityGroupId"]) if address in groups]
    target = own[0] if own else resource.address
    if own:
        sources = ["SourceSecurityGroupId", "ReferencedSecurityGroupId"]
        rules = [] if properties.get("type") == "egress" else [(source, target) for source in _at(resource, sources)]
        yield from rules
        yield from ((target, other) for other in _at(resource, ["DestinationSecurityGroupId"]))
        return
    ingress = ["{SecurityGroupIngress,ingress}.**.{SourceSecurityGroupId,security_groups}"]
    yield from ((source, target) for source in _at(resource, ingress))
    egress = ["{SecurityGroupEgress,egress}.**.{DestinationSecurityGroupId,security_groups}"]
    yield from ((target, other) for other in _at(resource, egress))


def _weak(model: Model) -> Iterator[Connection]:
    yield from (edge for edge in _property_edges(model, is_weak=True) if not _is_passing(model, edge))
    for address in list(model.nodes()):
        if not model.decisions[address].rule.known:
            targets = _ends(model, (reference.address for reference in model.references_of(address)))
            yield from (
                edge for edge in _product([address], targets, GENERIC, "", address) if not _is_passing(model, edge)
            )


def _is_passing(model: Model, edge: Connection) -> bool:
    return _passes_on(model, edge.source) or _passes_on(model, edge.target)


def _strongest(candidates: list[Connection]) -> list[Connection]:
    """Return the strongest edge of each pair; an edge in the other direction is kept only if both are typed."""
    by_ends: dict[tuple[str, str], Connection] = {}
    for edge in candidates:
        current = by_ends.get((edge.source, edge.target))
        if (
            current is None
            or edge.strength > current.strength
            or (edge.strength == current.strength and not current.label and edge.label)
        ):
            by_ends[edge.source, edge.target] = edge
    return [edge for ends, edge in by_ends.items() if _wins(edge, by_ends.get(ends[::-1]))]


def _wins(edge: Connection, opposite: Connection | None) -> bool:
    """Return whether to keep an edge beside one in the other direction."""
    if opposite is None or edge.strength == TYPED or edge.strength > opposite.strength:
        return True
    return edge.strength == opposite.strength and edge.source < edge.target


def _callers(model: Model, chosen: list[Connection]) -> list[Connection]:
    """Return edges from the services that may call functions which nothing in the template leads to."""
    called = {edge.target for edge in chosen}
    edges: dict[tuple[str, str], Connection] = {}
    for address, resource in model.resources.items():
        if model.decisions[address].kind != "edge" or not model.decisions[address].rule.weak:
            continue
        for principal in paths.find(resource.properties, ["Principal"]):
            service = iam.caller(principal) if isinstance(principal, str) else None
            for target in _ends(model, _at(resource, model.decisions[address].rule.targets)) if service else ():
                if target not in called:
                    edge = Connection(f"{SERVICE}{service}", target, WEAK, "", address)
                    edges.setdefault((edge.source, target), edge)
    return list(edges.values())


def for_isolated(model: Model, chosen: list[Connection], candidates: Collection[str]) -> list[Connection]:
    """Return edges for those candidates that have none, from other candidates that refer to them in any way."""
    connected = {end for edge in chosen for end in (edge.source, edge.target)}
    added: list[Connection] = []
    for address in model.nodes():
        if address in connected or address not in candidates or model.resources[address].origin != "declared":
            continue
        referring = [other for other in model.referring_to(address) if model.decisions[other].kind in ("node", "fold")]
        sources = [source for source in _ends(model, referring) if source != address and source in candidates]
        edges = [Connection(source, address, GENERIC, "", address) for source in sources]
        added += [edge for edge in edges if not _is_passing(model, edge)]
    return added
