"""Evaluate the functions of CloudFormation, as far as that shows what refers to what.

No function is executed: a text becomes the parts that refer to something, and `Fn::If` keeps both branches.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from diagramkit.diagnostics import Span, fail
from diagramkit.infrastructure.records import Reference, Value

_MAX_DEPTH = 150
_MAX_TEXT = 100_000
"""Characters of a text that is put together; parameters could repeat a text without end."""
_VARIABLE = re.compile(r"\$\{([^!${}][^${}]*)\}")
_GENERATED = ("Role", "Stage", "ProdStage", "Version", "Deployment", "CodeDeployRole", "AdminRole")
"""What SAM appends to the name of a resource in the names of those that it generates."""
_SSM = "AWS::SSM::Parameter::Value<"
_IMAGE = "AWS::EC2::Image"
_ZONES = 6
"""The most availability zones that a region has."""
_EXTERNAL_ENDINGS = ("arn", "repository", "repositoryurl")
"""The ends of the names of parameters without a default that stand for something outside."""


class Scope:
    """The names that a template can refer to, and what they stand for.

    `arguments` has the values of parameters that the parent stack gives, in the parent's scope. `nested` maps the
    logical ids of nested stacks to their scopes, and `exports` the names of exports to their scope and output.
    `external` has the parameters that stand for something outside, by the address that they get.
    """

    def __init__(
        self, name: str, template: Mapping[str, Any], exports: dict[str, tuple[Scope, str]], span: Span
    ) -> None:
        self.name, self.template, self.exports, self.span = name, template, exports, span
        self.parent: Scope | None = None
        self.arguments: Mapping[str, Any] = {}
        self.nested: dict[str, Scope] = {}
        self.external: dict[str, str] = {}
        self.implicit: set[str] = set()
        self.resources: Mapping[str, Any] = section(template, "Resources")
        self._parameters: dict[str, Value] = {}
        self._outputs: dict[str, Value] = {}
        self._depth = 0

    def address(self, logical_id: str) -> str:
        """Return the address of a resource of this stack."""
        return f"{self.name}/{logical_id}" if self.name else logical_id

    def value(self, raw: Any) -> Value:
        """Return a value with a `Reference` for each reference. Raises `DiagramError` (yaml-depth)."""
        if not isinstance(raw, (dict, list)):
            return raw if isinstance(raw, (str, int, float, bool)) else None
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise fail("yaml-depth", "the values are nested too deeply", self.span)
        try:
            if isinstance(raw, list):
                return [self.value(item) for item in raw]
            if len(raw) == 1:
                ((key, argument),) = raw.items()
                if function := _FUNCTIONS.get(key):
                    return function(self, argument)
                if key.startswith("Fn::"):
                    return self.value(argument)
            return {str(key): self.value(child) for key, child in raw.items()}
        finally:
            self._depth -= 1

    def named(self, name: str) -> Value:
        """Return what `Ref` of a name stands for."""
        if name in self.resources or name in self.implicit:
            return Reference(self.address(name))
        if name in section(self.template, "Parameters"):
            return self._parameter(name)
        return self._generated(name)

    def attribute(self, name: str, attribute: str) -> Value:
        """Return what `Fn::GetAtt` stands for: a reference, or the output of a nested stack."""
        if attribute.startswith("Outputs.") and name in self.nested:
            return self.nested[name].output(attribute.removeprefix("Outputs."))
        if name in self.resources or name in self.implicit:
            return Reference(self.address(name), attribute)
        return self._generated(name)

    def output(self, name: str) -> Value:
        """Return the value of an output of this stack."""
        if name not in self._outputs:
            self._outputs[name] = None  # An output that refers to itself has no value.
            outputs = section(self.template, "Outputs")
            self._outputs[name] = self.value(section(outputs, name).get("Value"))
        return self._outputs[name]

    def _generated(self, name: str) -> Value:
        for ending in _GENERATED:
            owner = name.removesuffix(ending)
            if owner != name and owner in self.resources:
                return Reference(self.address(owner))
        owner = name.partition("Alias")[0]
        return Reference(self.address(owner)) if owner in self.resources else ""

    def _parameter(self, name: str) -> Value:
        if name not in self._parameters:
            self._parameters[name] = None
            parameter = section(section(self.template, "Parameters"), name)
            if self.parent and name in self.arguments:
                self._parameters[name] = self.parent.value(self.arguments[name])
            elif _is_external(name, parameter):
                address = self.address(_without_attribute(name))
                self.external.setdefault(address, name)
                self._parameters[name] = Reference(address)
            else:
                default = parameter.get("Default")
                self._parameters[name] = default if isinstance(default, (str, int, float, bool)) else None
        return self._parameters[name]


def section(mapping: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an entry of a mapping that is a mapping; empty if it is something else."""
    value = mapping.get(name) if isinstance(mapping, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _is_external(name: str, parameter: Mapping[str, Any]) -> bool:
    kind = str(parameter.get("Type", ""))
    if kind.startswith(_SSM):
        return _IMAGE not in kind
    return kind == "String" and "Default" not in parameter and name.lower().endswith(_EXTERNAL_ENDINGS)


def _without_attribute(name: str) -> str:
    """Return the name of a parameter without what it says about the thing it names: `EventBusArn`, `EventBusName`."""
    short = re.sub(r"[-_.]?(?:Arn|ARN|Name|Url|URL|Uri|Id|ID|Endpoint|Parameter|Param|Path)$", "", name)
    return short or name


def _ref(scope: Scope, argument: Any) -> Value:
    return scope.named(argument) if isinstance(argument, str) else None


def _get_att(scope: Scope, argument: Any) -> Value:
    if isinstance(argument, str):
        name, _, attribute = argument.partition(".")
        return scope.attribute(name, attribute)
    if isinstance(argument, list) and argument and isinstance(argument[0], str):
        attribute = ".".join(part for part in argument[1:] if isinstance(part, str))
        return scope.attribute(argument[0], attribute)
    return None


def _sub(scope: Scope, argument: Any) -> Value:
    text, variables = argument, {}
    if isinstance(argument, list) and argument:
        text = argument[0]
        variables = argument[1] if len(argument) > 1 and isinstance(argument[1], dict) else {}
    if not isinstance(text, str):
        return scope.value(text)
    parts: list[Value] = []
    end = 0
    for match in _VARIABLE.finditer(text):
        parts.append(text[end : match.start()])
        name, _, attribute = match[1].strip().partition(".")
        if name in variables:
            parts.append(scope.value(variables[name]))
        else:
            parts.append(scope.attribute(name, attribute) if attribute else scope.named(name))
        end = match.end()
    return joined([*parts, text[end:]])


def joined(parts: list[Value]) -> Value:
    """Return the parts of a text: as one text if none of them is a reference."""
    present = [part for part in parts if part not in ("", None)]
    if all(isinstance(part, (str, int, float)) for part in present):
        return "".join(map(str, present))[:_MAX_TEXT]
    return tuple(present)


def _join(scope: Scope, argument: Any) -> Value:
    if not isinstance(argument, list) or len(argument) != 2:
        return scope.value(argument)
    delimiter, items = argument
    values = scope.value(items)
    if not isinstance(values, list):
        return values
    parts: list[Value] = []
    for value in values:
        parts += [value, delimiter if isinstance(delimiter, str) else ""]
    return joined(parts[:-1])


def _if(scope: Scope, argument: Any) -> Value:
    branches = argument[1:] if isinstance(argument, list) else []
    values = [scope.value(branch) for branch in branches]
    return tuple(value for value in values if value not in (None, ""))


def _select(scope: Scope, argument: Any) -> Value:
    if not isinstance(argument, list) or len(argument) != 2:
        return None
    values = scope.value(argument[1])
    index = argument[0]
    if isinstance(values, list) and str(index).isdigit() and int(index) < len(values):
        return values[int(index)]
    if isinstance(values, tuple) and str(index).isdigit():
        chosen = [part for part in values if isinstance(part, Reference)]
        texts = "".join(part for part in values if isinstance(part, str))
        if not texts.strip(", |") and int(index) < len(chosen):
            return chosen[int(index)]
    return values


def _split(scope: Scope, argument: Any) -> Value:
    return scope.value(argument[-1]) if isinstance(argument, list) and argument else None


def _import(scope: Scope, argument: Any) -> Value:
    name = export_key(scope, argument)
    exporter, output = scope.exports.get(name, (scope, ""))
    return exporter.output(output) if exporter is not scope else None


def export_key(scope: Scope, raw: Any) -> str:
    """Return the name of an export as a text that is the same where it is exported and imported."""
    value = scope.value(raw)
    if isinstance(value, tuple):
        return "".join(part if isinstance(part, str) else "{}" for part in value)
    return str(value or "")


def _find_in_map(scope: Scope, argument: Any) -> Value:
    if not isinstance(argument, list) or not all(isinstance(key, str) for key in argument[:3]):
        return None
    value: Any = scope.template.get("Mappings")
    for key in argument[:3]:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, (str, int, float, bool)) else None


def _zones(_scope: Scope, _argument: Any) -> Value:
    """Return names for the zones of a region, which are known only there."""
    return [f"Availability Zone {number}" for number in range(1, _ZONES + 1)]


def _nothing(_scope: Scope, _argument: Any) -> Value:
    return None


_FUNCTIONS: dict[str, Callable[[Scope, Any], Value]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::If": _if,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::ImportValue": _import,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _zones,
    "Fn::Cidr": _nothing,
    "Fn::Transform": _nothing,
}
