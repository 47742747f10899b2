"""Resource types as other tools name them: `aws_sqs_queue.orders`, `AWS::SQS::Queue`, `aws-sqs.Queue`, and ARNs.

Diagrams made from Terraform, CloudFormation or the CDK have such names as labels. `data/resource_types.yaml` lists
the types with their icons; it is only read once a label has the form of such a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from msgspec import Struct, convert

from diagramkit import data
from diagramkit.icons.library import NO_ICON
from diagramkit.icons.words import label_lines

# Forms of https://developer.hashicorp.com/terraform/cli/state/resource-addressing, as `terraform graph` writes them.
_TERRAFORM = re.compile(
    r"(?:\[root\] )?(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*(?:data\.)?"
    r"(?P<type>(?P<provider>[a-z][a-z0-9]*)_[a-z0-9_]+)"
    r"(?P<name>\.[\w-]+(?:\[[^\]]*\])?(?:\.[\w.-]+)?)?(?: \([\w ]+\))?"
)
# Values that have an address but are no resources, and so have no icon, whatever words their names contain.
_TERRAFORM_VALUE = re.compile(
    r"(?:\[root\] )?(?:module\.[\w-]+\.)*(?:(?:var|local|output)\.[\w-]+|provider\[.*\])(?: \(\w+\))?"
)
_CLOUDFORMATION = re.compile(r"(?:AWS::(?P<service>\w+)::(?P<type>\w+)(?:::\w+)?|Custom::[\w@-]+)")
# AWS::Lambda::Function is aws-cdk-lib.aws_lambda.Function, or CfnFunction, in the CDK.
_CDK = re.compile(
    r"(?:aws-cdk-lib[./]|@aws-cdk/|aws_cdk\.)?aws[-_](?P<service>[a-z0-9]+(?:[-_][a-z0-9]+)*)"
    r"\.(?:Cfn(?=[A-Z]))?(?P<type>[A-Z]\w*)"
)
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html; CloudFormation's ${AWS::Region} is a field, too.
_FIELD = r"(?:\$\{[^}]*\}|[^:\s{}])*"
_ARN = re.compile(
    rf"arn:(?:aws(?:-[a-z]+)*|\$\{{AWS::Partition\}}):(?P<service>[a-z0-9-]+):{_FIELD}:{_FIELD}:/?(?P<resource>\S+)"
)
# https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
_ENDPOINT = re.compile(
    r"com\.amazonaws\.(?:vpce\.)?(?:[a-z]{2}(?:-[a-z]+)+-\d|<?\{?region\}?>?|\$\{[\w.:]+\}|\*)\.[\w.*-]+", re.I
)
_COMPLETE = "aws_"  # The beginning of complete Terraform types.
_TAG = re.compile(r"</?[a-z]+>", re.I)


class ResourceType(Struct, frozen=True):
    """A resource type that a text names, in the tool's spelling, and the reference of its icon or `none`.

    `is_known` is false if the icon is that of the type's service, because the type is not in the list.
    """

    text: str
    icon: str
    is_known: bool = True


class _Service(Struct, frozen=True):
    """A line of `services` in the data file, explained there."""

    icon: str = NO_ICON
    terraform: tuple[str, ...] = ()
    arn: tuple[str, ...] = ()
    untyped: str = ""


class _Types(Struct, frozen=True):
    """The data file in the form in which types are looked up.

    `services` has the services by CloudFormation's names, `arn_services` these names by those in ARNs, `prefixes` by
    the beginnings of Terraform types. `icons` has the icons by service and type, `terraform` by complete Terraform
    type without underscores.
    """

    services: dict[str, _Service]
    arn_services: dict[str, list[str]]
    prefixes: dict[str, str]
    icons: dict[tuple[str, str], str]
    terraform: dict[str, str]
    providers_without_icon: frozenset[str]
    cdk_suffixes: frozenset[str]


def find(label: str) -> ResourceType | None:
    """Return the resource type that a line of a label consists of, alone or after a name; None if there is none."""
    if not _may_have_type(label):
        return None
    lines = [_TAG.sub("", line).strip().strip('"') for line in label_lines(label)]
    return next((resource for text in (*lines, *map(_last_part, lines)) if (resource := _parse(text))), None)


def _last_part(line: str) -> str:
    """Return what follows the name in a line: `Orders (AWS::SQS::Queue)`, `Orders: aws_sqs_queue.orders`."""
    if line.endswith((")", "]")):
        return line[max(line.rfind("("), line.rfind("[")) + 1 : -1].strip()
    return line.rpartition(": ")[2].strip()


def _may_have_type(label: str) -> bool:
    """Return whether a label contains what every name of a type contains."""
    return "aws" in label or "::" in label or "." in label or "provider[" in label


def _parse(text: str) -> ResourceType | None:
    """Return the resource type that a text consists of."""
    for pattern, read in ((_CLOUDFORMATION, _cloudformation), (_ARN, _arn), (_ENDPOINT, _endpoint)):
        if match := pattern.fullmatch(text):
            return read(match)
    terraform = _TERRAFORM.fullmatch(text)
    if terraform and (known := _terraform(terraform)):
        return known
    if (match := _CDK.fullmatch(text)) and (resource := _cdk(match)):
        return resource
    if terraform and (resource := _unknown_terraform(terraform)):
        return resource
    return ResourceType(text, NO_ICON) if _TERRAFORM_VALUE.fullmatch(text) else None


def _cloudformation(match: re.Match[str]) -> ResourceType:
    if match["service"] is None:
        return ResourceType(match[0], NO_ICON)
    return _of_service(match[0], match["service"].lower(), match["type"])


def _of_service(text: str, service: str, name: str) -> ResourceType:
    """Return a type of a service, which need not be known."""
    types = _types()
    icon = types.icons.get((service, _key(name)))
    if icon is not None:
        return ResourceType(text, icon)
    known_service = types.services.get(service)
    return ResourceType(text, known_service.icon if known_service else NO_ICON, False)


def _endpoint(match: re.Match[str]) -> ResourceType:
    """Return the type of an endpoint service: `com.amazonaws.eu-west-1.s3`."""
    return ResourceType(match[0], "aws.network.Endpoint")


def _arn(match: re.Match[str]) -> ResourceType:
    """Return the type of an ARN's resource: its first word, or its first two as in `loadbalancer/app`."""
    types, namespace = _types(), match["service"]
    text = f"arn:aws:{namespace}"
    services = types.arn_services.get(namespace, [])
    words = re.split(r"[:/]", match["resource"])
    for name in ("".join(words[:2]), words[0]) if len(words) > 1 else ():
        for service in services:
            if (icon := types.icons.get((service, _key(name)))) is not None:
                return ResourceType(f"{text}:{words[0]}", icon)
    if not services:
        return ResourceType(text, NO_ICON, False)
    return _of_service(text, services[0], types.services[services[0]].untyped)


def _terraform(match: re.Match[str]) -> ResourceType | None:
    """Return a known type of Terraform, or one of a provider whose resources have no icon."""
    types, name = _types(), match["type"]
    icon = types.terraform.get(_key(name))
    if icon is not None:
        return ResourceType(name, icon)
    is_resource = match["provider"] in types.providers_without_icon and match["name"]
    return ResourceType(name, NO_ICON) if is_resource else None


def _unknown_terraform(match: re.Match[str]) -> ResourceType | None:
    """Return what an unknown name of Terraform's AWS provider begins with: a known type, or a service.

    Without the dot of an address, as in the id `aws_iam_role_orders`, only a type of a service counts: `aws_vpc_flow`
    may be anything.
    """
    if match["provider"] != "aws":
        return None
    types, name, is_address = _types(), match["type"], match["name"] is not None
    words = name.split("_")[1:]
    for count in range(len(words), 1, -1):
        if (icon := types.terraform.get(_key(_COMPLETE + "".join(words[:count])))) is not None:
            return ResourceType(name, icon, False)
    prefixes = ("_".join(words[:count]) for count in range(len(words), 0, -1))
    service = next((types.prefixes[prefix] for prefix in prefixes if prefix in types.prefixes), None)
    icon = types.services[service].icon if service else NO_ICON
    return ResourceType(name, icon, False) if is_address else None


def _cdk(match: re.Match[str]) -> ResourceType | None:
    types = _types()
    words = re.split("[-_]", match["service"])
    while len(words) > 1 and words[-1] in types.cdk_suffixes:
        words.pop()
    service = "".join(words)
    return _of_service(match[0], service, match["type"]) if service in types.services else None


def _key(name: str) -> str:
    """Return a name in the form on which all spellings agree: `statemachine` for `StateMachine` and `state_machine`."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


@cache
def _types() -> _Types:
    raw = data.load("icons", "resource_types.yaml")
    services = {name.lower(): convert(line, _Service) for name, line in raw["services"].items()}
    icons, terraform = dict[tuple[str, str], str](), dict[str, str]()
    for service, icon, name in _listed(raw["types"], services):
        if name.startswith(_COMPLETE):
            terraform[_key(name)] = icon
            continue
        icons[service, _key(name)] = icon
        for prefix in services[service].terraform:
            terraform.setdefault(_key(_COMPLETE + prefix + name), icon)
    terraform.update((_key(name), NO_ICON) for name in raw["without_icon"]["types"])
    arn_services: dict[str, list[str]] = {}
    for service, fields in services.items():
        for namespace in fields.arn:
            arn_services.setdefault(namespace, []).append(service)
    return _Types(
        services,
        arn_services,
        {prefix: service for service, fields in services.items() for prefix in fields.terraform},
        icons,
        terraform,
        frozenset(raw["without_icon"]["terraform"]),
        frozenset(raw["cdk_suffixes"]),
    )


def _listed(types: dict[str, Any], services: dict[str, _Service]) -> Iterator[tuple[str, str, str]]:
    """Yield each service, icon and type of the section `types`."""
    for key, listed in types.items():
        service = key.lower()
        by_icon = listed if isinstance(listed, dict) else {services[service].icon: listed}
        yield from ((service, icon, name) for icon, names in by_icon.items() for name in names)
