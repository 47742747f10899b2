"""Decide what becomes of each resource: exactly one fate, with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.infrastructure import images, paths
from diagramkit.infrastructure.naming import words_of
from diagramkit.infrastructure.records import EXTERNAL, Infrastructure, Reference, Resource
from diagramkit.infrastructure.rules import Kind, ResourceRule, Rules, Variant, cloudformation_type

_HANDLER = "ServiceToken"
_FUNCTIONS = ("AWS::Lambda::Function", "AWS::Serverless::Function")
_DEFAULT_LEVEL = 2
_LOGS_LEVEL = 3
_BACKGROUND_LEVEL = 4
_MAX_HOST_CHAIN = 10


class Decision(Struct, frozen=True):
    """What becomes of a resource before the level of detail counts: the kind of its fate, and why.

    `hosts` are the addresses of the resources that it is a part of. What `is_for_deployment` is only used by custom
    resources.
    """

    kind: Kind
    rule: ResourceRule
    reason: str
    level: int = 2
    hosts: tuple[str, ...] = ()
    is_for_deployment: bool = False


class Model:
    """The resources with their decisions, and what refers to what."""

    def __init__(self, infrastructure: Infrastructure, rules: Rules) -> None:
        self.infrastructure, self.rules = infrastructure, rules
        self.resources: dict[str, Resource] = {}
        for resource in infrastructure.resources:
            self.resources.setdefault(resource.address, resource)
        self._references = {
            address: tuple(dict.fromkeys(paths.references(resource.properties)))
            for address, resource in self.resources.items()
        }
        self._referring: dict[str, list[str]] = {}
        for address, references in self._references.items():
            for target in dict.fromkeys(reference.address for reference in references):
                if target != address:
                    self._referring.setdefault(target, []).append(address)
        self._owners: dict[str, tuple[str, ...]] = {}
        self.decisions = dict(_decisions(self))

    def references_of(self, address: str) -> tuple[Reference, ...]:
        """Return all references in the properties of a resource."""
        return self._references.get(address, ())

    def referring_to(self, address: str) -> list[str]:
        """Return the addresses of the resources that refer to a resource."""
        return self._referring.get(address, [])

    def nodes(self) -> Iterator[str]:
        """Yield the addresses of the resources that are nodes."""
        return (address for address, decision in self.decisions.items() if decision.kind == "node")

    def owners(self, address: str) -> tuple[str, ...]:
        """Return the addresses of the nodes and groups that a resource is, or is a part of."""
        if address not in self._owners:
            self._owners[address] = tuple(dict.fromkeys(self._find_owners(address, 0)))
        return self._owners[address]

    def _find_owners(self, address: str, depth: int) -> Iterator[str]:
        decision = self.decisions.get(address)
        if decision is None or depth > _MAX_HOST_CHAIN:
            return
        if decision.kind in ("node", "group"):
            yield address
        elif decision.kind == "fold":
            for host in decision.hosts:
                yield from self._find_owners(host, depth + 1)

    def existing(self, references: Iterable[Reference]) -> list[str]:
        """Return the addresses in references for which there is a resource, each once."""
        return [address for address in dict.fromkeys(each.address for each in references) if address in self.resources]


def _decisions(model: Model) -> Iterator[tuple[str, Decision]]:
    handlers = _custom_resource_handlers(model)
    log_buckets = _log_buckets(model)
    for address, resource in model.resources.items():
        rule = external_rule(resource, model.rules) if resource.type == EXTERNAL else model.rules.of(resource.type)
        rule = with_variant(rule, resource)
        if reason := model.rules.own_resource(address.rpartition("/")[2]):
            yield address, Decision("drop" if rule.kind != "carrier" else "carrier", rule, reason)
        elif address in handlers:
            yield address, Decision("drop", rule, "it handles a custom resource")
        elif address in log_buckets and rule.kind == "node":
            yield address, Decision("node", rule, f"it stores the logs of {log_buckets[address]}", _LOGS_LEVEL)
        elif rule.kind == "node" and _is_for_deployment(model, address, handlers):
            reason = "only custom resources use it"
            yield address, Decision("node", rule, reason, _BACKGROUND_LEVEL, is_for_deployment=True)
        elif _is_in_background(model, address, rule):
            yield address, Decision("node", rule, "only alarms use it", _BACKGROUND_LEVEL)
        elif _is_in_flow(model, address, rule):
            yield address, Decision("node", rule, _REASONS["node"])
        else:
            yield address, _decide(model, resource, rule)


def _decide(model: Model, resource: Resource, rule: ResourceRule) -> Decision:
    if rule.nested and any(stack.name == resource.address for stack in model.infrastructure.stacks):
        return Decision("drop", rule, "its resources are shown in its place")
    if (rule.host or rule.hosted_by) and resource.origin != "data":
        return _as_part(model, resource, rule)
    if rule.kind == "fold" and rule.transparent:
        return Decision("fold", rule, rule.reason or "it says where other resources are placed")
    if resource.origin == "data" and (rule.kind in ("fold", "edge") or not rule.known or rule.security_group):
        return Decision("drop", rule, "it only reads a value")
    outside = "it exists outside of the template" if resource.type == EXTERNAL else ""
    reason = outside or rule.reason or ("its type is unknown" if not rule.known else _REASONS[rule.kind])
    return Decision(rule.kind, rule, reason, rule.level)


def _as_part(model: Model, resource: Resource, rule: ResourceRule) -> Decision:
    """Decide about a resource that is a part of another one, or what its rule says otherwise."""
    if hosts := _hosts(model, resource, rule):
        return Decision("fold", rule, f"it is a part of {hosts[0]}", hosts=tuple(hosts))
    kind = rule.otherwise or ("drop" if rule.kind == "fold" else rule.kind)
    if kind == "drop":
        return Decision("drop", rule, "what it belongs to is not in the template")
    return Decision(kind, rule, _REASONS[kind], rule.level)


_REASONS: Mapping[str, str] = {
    "node": "it is a component",
    "group": "it contains other resources",
    "edge": "it connects resources",
    "carrier": "it says who may do what",
    "fold": "it is a part of another resource",
    "drop": "it is not a part of the architecture",
}


def _hosts(model: Model, resource: Resource, rule: ResourceRule) -> list[str]:
    """Return the addresses of what a resource is a part of."""
    hosts = model.existing(paths.references_at(resource.properties, rule.host))
    hosts += [
        address
        for address in (model.referring_to(resource.address) if rule.hosted_by else ())
        if cloudformation_type(model.resources[address].type) in rule.hosted_by
    ]
    if not hosts and rule.host and paths.UNNAMED in resource.properties:
        hosts = _of_same_service(model, resource)
    return [host for host in dict.fromkeys(hosts) if host != resource.address]


def _of_same_service(model: Model, resource: Resource) -> list[str]:
    """Return the first resource of the same service that one depends on, if its properties are not known."""
    service = cloudformation_type(resource.type).split("::")[1:2]
    for reference in model.references_of(resource.address):
        other = model.resources.get(reference.address)
        if other and service and cloudformation_type(other.type).split("::")[1:2] == service:
            return [other.address]
    return []


def external_rule(resource: Resource, rules: Rules) -> ResourceRule:
    """Return the rule for something outside, from the words of its name."""
    words = f" {' '.join(words_of(resource.name_hints[0])).lower()} "
    for external in rules.external:
        if any(f" {word} " in words for word in external.words):
            if external.type is None:
                break
            icon = external.icon or rules.of(external.type).icon
            return ResourceRule("node", level=2, icon=icon, name=external.name)
    return ResourceRule("drop", reason="it is a value from outside of the template")


def with_variant(rule: ResourceRule, resource: Resource) -> ResourceRule:
    """Return the rule with the icon and the name that a property of the resource, or its container image, selects."""
    for path, variants in rule.variants.items():
        for value in paths.find(resource.properties, [path]):
            variant: Variant | None = variants.get(value) if isinstance(value, str) else None
            if variant:
                return replace(rule, icon=variant.icon or rule.icon, name=variant.name or rule.name)
    named = [*paths.find(resource.properties, rule.image), *(resource.name_hints[:1] if rule.image else ())]
    for name in named:  # What is called exactly like a product is one, whatever its image is.
        product = images.product(name) if isinstance(name, str) else None
        if product:
            public = False if product.is_internal else rule.public
            return replace(rule, icon=product.icon, name=product.name, public=public)
    return rule


def _custom_resource_handlers(model: Model) -> set[str]:
    """Return the addresses of functions that only exist for custom resources."""
    called: set[str] = set()
    for resource in model.resources.values():
        called |= {reference.address for reference in paths.references_at(resource.properties, [_HANDLER])}
    return {
        address
        for address in called
        if address in model.resources
        and model.resources[address].type in _FUNCTIONS
        and not any(_uses(model.resources[other]) for other in model.referring_to(address))
    }


def _uses(resource: Resource) -> bool:
    """Return whether what refers to a function is something else than a custom resource and its permissions."""
    return not resource.type.startswith(
        ("Custom::", "AWS::CloudFormation::", "AWS::IAM::", "AWS::Lambda::", "AWS::Logs::")
    )


def _is_for_deployment(model: Model, address: str, handlers: set[str]) -> bool:
    """Return whether nothing but custom resources, their handlers and permissions refer to a resource.

    What leads to other components is more than that.
    """
    if any(_is_component(model, reference.address) for reference in model.references_of(address)):
        return False
    referring = model.referring_to(address)
    custom = [each for each in referring if each in handlers or model.resources[each].type.startswith("Custom::")]
    rest = (model.rules.of(model.resources[each].type) for each in referring if each not in custom)
    return bool(custom) and all(rule.kind in ("carrier", "drop") for rule in rest)


def _is_component(model: Model, address: str) -> bool:
    """Return whether a resource is a node that is shown by default."""
    rule = model.rules.of(model.resources[address].type) if address in model.resources else None
    return rule is not None and rule.kind == "node" and rule.level <= _DEFAULT_LEVEL


def _is_in_background(model: Model, address: str, rule: ResourceRule) -> bool:
    """Return whether only resources that are not shown by default refer to one."""
    if not rule.background:
        return False
    named = [model.resources[other].type for other in model.referring_to(address)]
    types = {cloudformation_type(name): model.rules.of(name).kind for name in named}
    others = [kind for name, kind in types.items() if name not in rule.background]
    return rule.background[0] in types and all(kind in ("carrier", "drop") for kind in others)


def _is_in_flow(model: Model, address: str, rule: ResourceRule) -> bool:
    """Return whether a resource that is only shown with details passes something on to others."""
    types = {model.resources[each].type for each in model.referring_to(address)}
    return any(name in rule.used_by or cloudformation_type(name) in rule.used_by for name in types)


def _log_buckets(model: Model) -> dict[str, str]:
    """Return the addresses of buckets that only store access logs, or copies of them, with what writes them."""
    buckets: dict[str, str] = {}
    for address, resource in model.resources.items():
        rule = model.rules.of(resource.type)
        for reference in paths.references_at(resource.properties, rule.log_of):
            buckets.setdefault(reference.address, address)
    for address in [each for each in buckets if each in model.resources]:
        resource = model.resources[address]
        for reference in paths.references_at(resource.properties, model.rules.of(resource.type).copies):
            others = [other for other in model.referring_to(reference.address) if other != address]
            if all(model.rules.of(model.resources[other].type).kind in ("carrier", "drop") for other in others):
                buckets.setdefault(reference.address, address)
    return buckets
