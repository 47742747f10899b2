"""Expand what SAM generates: globals, implicit APIs and schedules, and policy templates.

Format: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html.
"""

from __future__ import annotations

from typing import Any

from diagramkit import data

_FUNCTION = "AWS::Serverless::Function"
_STATE_MACHINE = "AWS::Serverless::StateMachine"
_GLOBALS = {"Function": _FUNCTION, "Api": "AWS::Serverless::Api", "HttpApi": "AWS::Serverless::HttpApi"}
_IMPLICIT_APIS = {
    "Api": ("RestApiId", "ServerlessRestApi", "AWS::Serverless::Api"),
    "HttpApi": ("ApiId", "ServerlessHttpApi", "AWS::Serverless::HttpApi"),
}
_SCHEDULES = ("Schedule", "ScheduleV2")
_BUS_EVENTS = ("EventBridgeRule", "CloudWatchEvent")
_BUS = "DefaultEventBus"

Raw = dict[str, Any]


def expand(template: Raw) -> tuple[Raw, dict[str, Raw]]:
    """Return a template with what SAM adds to its resources, and the resources that SAM generates, by logical id."""
    resources = template["Resources"]
    if not any(
        isinstance(raw, dict) and str(raw.get("Type")).startswith("AWS::Serverless::") for raw in resources.values()
    ):
        return template, {}
    implicit: dict[str, Raw] = {}
    expanded = {
        logical_id: _expand_resource(logical_id, raw, template, implicit) if isinstance(raw, dict) else raw
        for logical_id, raw in resources.items()
    }
    return {**template, "Resources": expanded}, {name: raw for name, raw in implicit.items() if name not in resources}


def _expand_resource(logical_id: str, raw: Raw, template: Raw, implicit: dict[str, Raw]) -> Raw:
    kind = raw.get("Type")
    properties = _mapping(raw, "Properties")
    defaults = template.get("Globals")
    for name, of_type in _GLOBALS.items():
        if kind == of_type and isinstance(defaults, dict) and isinstance(defaults.get(name), dict):
            properties = _merged(defaults[name], properties)
    if kind in (_FUNCTION, _STATE_MACHINE):
        properties = {**properties, "Policies": _policies(properties.get("Policies"))}
        if isinstance(properties.get("Events"), dict):
            properties["Events"] = {
                name: _event(logical_id, name, event, implicit) if isinstance(event, dict) else event
                for name, event in properties["Events"].items()
            }
    elif kind == "AWS::Serverless::Connector":
        properties = _connector(properties, template["Resources"])
    return {**raw, "Properties": properties}


def _mapping(raw: Raw, key: str) -> Raw:
    """Return an entry that is a mapping; empty if it is something else."""
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def _merged(defaults: Raw, properties: Raw) -> Raw:
    """Return properties with defaults: mappings are merged and lists are joined, as SAM does it."""
    result = dict(defaults)
    for key, value in properties.items():
        default = result.get(key)
        if isinstance(default, dict) and isinstance(value, dict):
            result[key] = _merged(default, value)
        elif isinstance(default, list) and isinstance(value, list):
            result[key] = [*default, *value]
        else:
            result[key] = value
    return result


def _event(logical_id: str, name: str, event: Raw, implicit: dict[str, Raw]) -> Raw:
    """Return an event source that names what SAM generates for it."""
    kind = event.get("Type")
    properties = _mapping(event, "Properties")
    if kind in _IMPLICIT_APIS:
        key, api, api_type = _IMPLICIT_APIS[kind]
        if properties.get(key) is None:
            implicit.setdefault(api, {"Type": api_type})
            return {**event, "Properties": {**properties, key: {"Ref": api}}}
    elif kind in _SCHEDULES:
        target = {"Arn": {"Fn::GetAtt": [logical_id, "Arn"]}}
        implicit[f"{logical_id}{name}"] = {"Type": "AWS::Scheduler::Schedule", "Properties": {"Target": target}}
    elif kind in _BUS_EVENTS and properties.get("EventBusName") in (None, "default"):
        implicit.setdefault(_BUS, {"Type": "AWS::Events::EventBus"})
        return {**event, "Properties": {**properties, "EventBusName": {"Ref": _BUS}}}
    return event


def _policies(raw: Any) -> list[Any]:
    """Return the policies of a function as documents, with the policy templates replaced by what they allow."""
    policies = raw if isinstance(raw, list) else [raw]
    return [_policy(policy) if isinstance(policy, dict) else policy for policy in policies if policy]


def _policy(policy: Raw) -> Raw:
    ((name, arguments), *others) = policy.items()
    if others or name in ("Statement", "Version") or name.startswith(("Fn::", "Ref")):
        return policy
    actions = data.load("infrastructure", "iam_actions.yaml")["policy_templates"].get(name, "*")
    resources = list(arguments.values()) if isinstance(arguments, dict) else []
    return {"Statement": [{"Effect": "Allow", "Action": actions, "Resource": resources or "*"}]}


def _connector(properties: Raw, resources: Raw) -> Raw:
    """Return a connector whose ends are references instead of logical ids."""

    def end(raw: Any) -> Any:
        if isinstance(raw, list):
            return [end(item) for item in raw]
        name = raw.get("Id") if isinstance(raw, dict) else None
        return {**raw, "Id": {"Ref": name}} if isinstance(name, str) and name in resources else raw

    return {key: end(value) if key in ("Source", "Destination") else value for key, value in properties.items()}
