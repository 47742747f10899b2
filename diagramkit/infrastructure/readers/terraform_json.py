"""Read the JSON of `terraform show -json`: a plan or a state.

Format: https://developer.hashicorp.com/terraform/internals/json-format. A plan has the references in its configuration.
A state has only values: a value that is another resource's ARN or id is a reference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from diagramkit.diagnostics import Span, fail
from diagramkit.infrastructure.readers import template_text, terraform_names
from diagramkit.infrastructure.readers.intrinsics import section
from diagramkit.infrastructure.readers.terraform_values import ValueReferences
from diagramkit.infrastructure.records import (
    Infrastructure,
    Reference,
    Resource,
    Stack,
    Value,
    account_number,
    region_name,
)

_MAX_DEPTH = 60
_REFERENCES, _CONSTANT = "references", "constant_value"


def read(text: str, file: str) -> Infrastructure:
    """Return what a plan or a state declares. Raises `DiagramError`."""
    from diagramkit.infrastructure import title_of

    raw = template_text.read_json(text, file)
    span = Span(file)
    configuration = section(section(raw, "configuration"), "root_module")
    instances = list(_instances(raw))
    if configuration:
        providers = section(section(raw, "configuration"), "provider_config")
        resources = _Plan(configuration, instances, providers, span).resources()
    elif instances:
        resources = _from_values(instances, span)
    else:
        message = "this JSON of Terraform contains no resources; write it with 'terraform show -json'"
        raise fail("no-resources", message, span)
    stacks = [terraform_names.stack_of(module) for module in dict.fromkeys(each.stack for each in resources)]
    return Infrastructure(tuple(_with_parents(stacks)), tuple(resources), title_of(file), span)


def _with_parents(stacks: list[Stack]) -> Iterator[Stack]:
    """Yield the stacks, and those around them that have no resources of their own."""
    seen: set[str] = set()
    pending = list(stacks)
    while pending:
        stack = pending.pop(0)
        if stack.name not in seen:
            seen.add(stack.name)
            yield stack
            if stack.parent:
                pending.append(terraform_names.stack_of(stack.parent))


class TerraformInstance(Struct, frozen=True):
    """A resource of a plan or a state with its values."""

    address: str
    module: str
    type: str
    name: str
    mode: str
    values: Mapping[str, Any]
    depends_on: tuple[str, ...] = ()


def _instances(raw: Any) -> Iterator[TerraformInstance]:
    """Yield the instances of a plan (its planned values, or else its changes) or of a state."""
    root = section(section(raw, "planned_values"), "root_module") or section(section(raw, "values"), "root_module")
    if root:
        yield from _in_module(root, 0)
        return
    changes = raw.get("resource_changes") if isinstance(raw, dict) else None
    for change in changes if isinstance(changes, list) else ():
        if isinstance(change, dict):
            after = section(section(change, "change"), "after")
            if after or section(change, "change").get("actions") != ["delete"]:
                yield from _instance(change, after)


def _in_module(module: Mapping[str, Any], depth: int) -> Iterator[TerraformInstance]:
    for raw in _list(module, "resources"):
        yield from _instance(raw, section(raw, "values"))
    for child in _list(module, "child_modules") if depth < _MAX_DEPTH else ():
        yield from _in_module(child, depth + 1)


def _instance(raw: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[TerraformInstance]:
    address, type_name, name = raw.get("address"), raw.get("type"), raw.get("name")
    if isinstance(address, str) and isinstance(type_name, str) and isinstance(name, str):
        plain = terraform_names.without_index(address)
        mode = "data" if raw.get("mode") == "data" else "managed"
        own = f"{'data.' if mode == 'data' else ''}{type_name}.{name}"
        module = plain.removesuffix(own).rstrip(".")
        depends = raw.get("depends_on")
        depends_on = tuple(str(each) for each in depends) if isinstance(depends, list) else ()
        yield TerraformInstance(plain, module, type_name, name, mode, values, depends_on)


def _list(mapping: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    value = mapping.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _from_values(instances: list[TerraformInstance], span: Span) -> list[Resource]:
    """Return the resources of a state, with references in place of the values that are those of others."""
    counts = Counter(instance.address for instance in instances)
    references = ValueReferences((instance.address, instance.type, instance.values) for instance in instances)
    resources = {}
    for instance in instances:
        if instance.address not in resources:
            allowed = {terraform_names.without_index(each) for each in instance.depends_on}
            allowed |= {terraform_names.in_module(instance.module, each) for each in allowed}
            properties = references.in_value(dict(instance.values), instance.address, allowed)
            resources[instance.address] = _resource(instance, properties, counts[instance.address], span)
    return list(resources.values())


def _resource(
    instance: TerraformInstance, properties: Value, count: int, span: Span, provider_region: str = ""
) -> Resource:
    region, account = _location(instance.values)
    region = provider_region or region
    return Resource(
        address=instance.address,
        type=instance.type,
        name_hints=terraform_names.name_hints(instance.name, instance.module),
        properties=properties if isinstance(properties, dict) else {},
        stack=instance.module,
        span=span,
        origin="data" if instance.mode == "data" else "declared",
        replicas=count,
        region=region_name(region),
        account=account_number(account),
    )


def _location(values: Mapping[str, Any]) -> tuple[str, str]:
    """Return the region and the account in the values of a resource: those of its ARN, or its own region."""
    parts = str(values.get("arn", "")).split(":")
    region, account = parts[3:5] if len(parts) > 5 and parts[0] == "arn" else ("", "")
    return str(values.get("region") or region), account


class _PlannedModule(Struct):
    """A module of a configuration: its address and content, the arguments of its call and the module around it."""

    address: str
    configuration: Mapping[str, Any]
    arguments: Mapping[str, Any]
    outer: _PlannedModule | None
    children: dict[str, _PlannedModule] = field(default_factory=dict)


class _Plan:
    """Reads the references in the configuration of a plan."""

    def __init__(
        self, root: Mapping[str, Any], instances: list[TerraformInstance], providers: Mapping[str, Any], span: Span
    ) -> None:
        self._root, self._providers, self._span = root, providers, span
        self._counts = Counter(instance.address for instance in instances)
        self._values = {instance.address: instance.values for instance in instances}
        self._depth = 0
        self._resolved: dict[tuple[str, str], tuple[Reference, ...]] = {}  # By the module and the text of a reference.

    def resources(self) -> list[Resource]:
        """Return all resources: those that the plan has instances of, and data."""
        return list(self._of_module(self._module("", self._root, {}, None, 0)))

    def _module(
        self,
        address: str,
        configuration: Mapping[str, Any],
        arguments: Mapping[str, Any],
        outer: _PlannedModule | None,
        depth: int,
    ) -> _PlannedModule:
        module = _PlannedModule(address, configuration, arguments, outer)
        for name, call in section(configuration, "module_calls").items() if depth < _MAX_DEPTH else ():
            inner = terraform_names.in_module(address, f"module.{name}")
            child = self._module(inner, section(call, "module"), section(call, "expressions"), module, depth + 1)
            module.children[name] = child
        return module

    def _of_module(self, module: _PlannedModule) -> Iterator[Resource]:
        for raw in _list(module.configuration, "resources"):
            relative, type_name, name = raw.get("address"), raw.get("type"), raw.get("name")
            if not (isinstance(relative, str) and isinstance(type_name, str) and isinstance(name, str)):
                continue
            address = terraform_names.in_module(module.address, relative)
            is_data = raw.get("mode") == "data"
            if self._counts and not is_data and address not in self._counts:
                continue  # There are no instances of it.
            instance = TerraformInstance(address, module.address, type_name, name, "data" if is_data else "managed", {})
            properties = self._properties(section(raw, "expressions"), address, module)
            provider = section(self._providers, str(raw.get("provider_config_key")))
            region = section(section(provider, "expressions"), "region").get(_CONSTANT, "")
            yield _resource(instance, properties, self._counts[address] or 1, self._span, region_name(region))
        for child in module.children.values():
            yield from self._of_module(child)

    def _properties(self, expressions: Mapping[str, Any], address: str, module: _PlannedModule) -> dict[str, Value]:
        properties: dict[str, Value] = {name: self._value(each, module) for name, each in expressions.items()}
        for name, value in self._values.get(address, {}).items():
            if isinstance(properties.get(name), tuple) and isinstance(value, str):
                properties[name] = (properties[name], value)
        return properties

    def _value(self, raw: Any, module: _PlannedModule) -> Value:
        """Return the value of an expression. Its references are a tuple."""
        if self._depth > _MAX_DEPTH:
            return None
        self._depth += 1
        try:
            if isinstance(raw, list):
                return [self._value(item, module) for item in raw]
            if not isinstance(raw, dict):
                return None
            if _CONSTANT in raw:
                return _constant(raw[_CONSTANT])
            if isinstance(raw.get(_REFERENCES), list):
                resolved = (self._reference(text, module) for text in raw[_REFERENCES] if isinstance(text, str))
                return tuple(dict.fromkeys(each for value in resolved for each in value))
            return {str(key): self._value(child, module) for key, child in raw.items()}
        finally:
            self._depth -= 1

    def _reference(self, text: str, module: _PlannedModule) -> tuple[Reference, ...]:
        """Return the resources that a reference stands for, through variables and outputs of modules."""
        key = (module.address, text)
        if key not in self._resolved:
            self._resolved[key] = ()  # A reference to itself stands for nothing.
            self._resolved[key] = self._resolve(text, module)
        return self._resolved[key]

    def _resolve(self, text: str, module: _PlannedModule) -> tuple[Reference, ...]:
        parts = terraform_names.without_index(text).split(".")
        value: Value = None
        if parts[0] == "var" and len(parts) > 1 and module.outer:
            value = self._value(module.arguments.get(parts[1]), module.outer)
        elif parts[0] == "module" and len(parts) > 2 and parts[1] in module.children:
            child = module.children[parts[1]]
            output = section(section(child.configuration, "outputs"), parts[2])
            value = self._value(output.get("expression"), child)
        elif split := terraform_names.split(text):
            return (Reference(terraform_names.in_module(module.address, split[0])),)
        return tuple(dict.fromkeys(_references(value)))


def _references(value: Value) -> Iterator[Reference]:
    from diagramkit.infrastructure import paths

    yield from paths.references(value)


def _constant(raw: Any) -> Value:
    if isinstance(raw, dict):
        return {str(key): _constant(child) for key, child in raw.items()}
    if isinstance(raw, list):
        return [_constant(item) for item in raw]
    return raw if isinstance(raw, (str, int, float, bool)) else None
