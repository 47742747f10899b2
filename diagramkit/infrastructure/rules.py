"""The table of rules: what becomes of each type of resource. `data/rules.yaml` explains its fields."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from diagramkit import data
from diagramkit.diagnostics import Span, fail
from diagramkit.infrastructure import paths

Kind = Literal["node", "group", "fold", "edge", "carrier", "drop"]

LEVELS = {"overview": 1, "default": 2, "detail": 3, "all": 4}
"""The levels of detail by name."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_OTHER_PROVIDER = "it is not a resource of AWS"
_MODULE = "module"
_OTHER_TABLES = ("compose.yaml", "kubernetes.yaml")


class Variant(Struct, frozen=True):
    """Another icon and name, for a value of a property."""

    icon: str | None = None
    name: str | None = None


class ResourceRule(Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of the table."""

    kind: Kind = field(name="as")
    reason: str = ""
    level: int = 2
    icon: str | None = None
    name: str = ""
    words: tuple[str, ...] = ()
    variants: dict[str, dict[str, Variant]] = {}
    image: tuple[str, ...] = ()
    group_kind: str | None = field(default=None, name="kind")
    out: dict[str, str] = {}
    incoming: dict[str, str] = field(default={}, name="in")
    environment: tuple[str, ...] = ()
    sources: tuple[str, ...] = field(default=(), name="from")
    targets: tuple[str, ...] = field(default=(), name="to")
    weak: bool = False
    place: tuple[str, ...] = ()
    host: tuple[str, ...] = ()
    hosted_by: tuple[str, ...] = ()
    otherwise: Kind | None = None
    transparent: bool = False
    role: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    public: bool | dict[str, str] = False
    log_of: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    background: tuple[str, ...] = ()
    used_by: tuple[str, ...] = ()
    nested: bool = False
    security_group: bool = False
    known: bool = True


class External(Struct, frozen=True):
    """What a parameter stands for, by words in its name. The icon is that of the type if none is named."""

    words: tuple[str, ...]
    type: str | None = None
    name: str = ""
    icon: str | None = None


class _Table(Struct, frozen=True):
    """A table of rules, as the file has it."""

    types: dict[str, ResourceRule]
    suffixes: dict[str, ResourceRule]
    default: ResourceRule
    logical_ids: dict[str, str] = {}
    external: tuple[External, ...] = ()


class Rules:
    """Finds the rule for a type. `own` is a user's table, which comes first."""

    def __init__(self, own: Mapping[str, ResourceRule] | None = None) -> None:
        self._table = _table()
        aliases = _aliases()
        self._types = {
            **(own or {}),
            **{name: rule for name, rule in self._table.types.items() if name not in (own or {})},
        }
        self._aliases = aliases
        self._patterns = [(pattern_of(name), rule) for name, rule in self._types.items() if _is_pattern(name)]
        self._cached: dict[str, ResourceRule] = {}
        self._by_logical_id = [(pattern_of(name), reason) for name, reason in self._table.logical_ids.items()]
        self.external = self._table.external

    def of(self, type_name: str) -> ResourceRule:
        """Return the rule for a type of CloudFormation or Terraform. `known` is false for the rule of unknown types."""
        if type_name not in self._cached:
            self._cached[type_name] = self._find(type_name)
        return self._cached[type_name]

    def own_resource(self, logical_id: str) -> str | None:
        """Return why a resource is left out because of its logical id, or None."""
        return next((reason for pattern, reason in self._by_logical_id if pattern.fullmatch(logical_id)), None)

    def _find(self, type_name: str) -> ResourceRule:
        if rule := self._listed(type_name):
            return rule
        if "::" not in type_name and (terraform := self._terraform(type_name)):
            return terraform
        last = _WORD.findall(type_name.rpartition("::")[2]) if "::" in type_name else type_name.split("_")
        ending = "".join(word.capitalize() for word in last)
        for endings, rule in self._table.suffixes.items():
            if any(ending.endswith(one) for one in endings.split("|")):
                return rule
        service = _services().by_type(type_name)
        name = " ".join(type_words(type_name))
        return replace(self._table.default, icon=service, name=name, known=False)

    def _listed(self, type_name: str) -> ResourceRule | None:
        if type_name in self._types:
            return self._types[type_name]
        return next((rule for pattern, rule in self._patterns if pattern.fullmatch(type_name)), None)

    def _terraform(self, type_name: str) -> ResourceRule | None:
        provider = type_name.partition("_")[0]
        if provider in word_list("other_providers"):
            return ResourceRule("drop", reason=_OTHER_PROVIDER)
        alias = self._aliases.get(type_name)
        if alias is None and type_name.startswith(_MODULE):
            return self._module(type_name.removeprefix(_MODULE).strip())
        if isinstance(alias, ResourceRule):
            return alias
        name = alias or _services().cloudformation.get(paths.normalize(type_name))
        return self._listed(name) if name else None

    def _module(self, known: str) -> ResourceRule:
        """Return the rule for a module that is not in the project, which has its place but no properties."""
        unknown = self._aliases[_MODULE]
        meant = _modules().get(known)
        rule = self.of(meant) if isinstance(meant, str) else meant
        assert isinstance(unknown, ResourceRule)
        if rule is None or rule.kind not in ("node", "group", "drop"):
            return unknown
        reason = rule.reason or unknown.reason
        return ResourceRule(
            rule.kind,
            reason,
            rule.level,
            icon=rule.icon,
            name=rule.name,
            words=rule.words,
            group_kind=rule.group_kind,
            place=unknown.place,
            public=rule.public,
        )


@cache
def word_list(name: str) -> frozenset[str]:
    """Return a list of words from `data/words.yaml`."""
    return frozenset(data.load("infrastructure", "words.yaml")[name])


def cloudformation_type(type_name: str) -> str:
    """Return CloudFormation's name of a type of Terraform, or the name itself."""
    if "::" in type_name:
        return type_name
    if type_name.startswith(_MODULE):
        meant = _modules().get(type_name.removeprefix(_MODULE).strip())
        return meant if isinstance(meant, str) else type_name
    alias = _aliases().get(type_name)
    return alias if isinstance(alias, str) else _services().cloudformation.get(paths.normalize(type_name), type_name)


def module_named(name: str) -> str:
    """Return the words in the name of a module that say what it is, as in the table of modules; empty if none do."""
    words = [word.lower() for word in re.findall(r"[A-Za-z]+[0-9]*", name)]
    runs = (" ".join(words[start:end]) for end in range(len(words), 0, -1) for start in range(end))
    return max((run for run in runs if run in _modules()), key=len, default="")


def type_words(type_name: str) -> list[str]:
    """Return the words of a type without the provider: `New Service Widget` for `AWS::NewService::Widget`."""
    if "::" in type_name:
        parts = (part for part in type_name.split("::")[1:] if "." not in part)
        return [word for part in parts for word in _WORD.findall(part)]
    return [word.capitalize() for word in type_name.split("_")[1:]] or [type_name]


def is_service(type_name: str, namespace: str) -> bool:
    """Return whether actions of a namespace such as `dynamodb` act on resources of a type."""
    name = cloudformation_type(type_name)
    service = _services().sam.get(name) or next(iter(name.split("::")[1:2]), "")
    return service in _services().by_namespace.get(namespace, ())


def read_own(text: bytes, file: str) -> dict[str, ResourceRule]:
    """Return the rules in a user's table. Raises `DiagramError` (bad-rules)."""
    import yaml

    try:
        raw = yaml.load(text, Loader=yaml.CSafeLoader)
        types = raw.get("types") if isinstance(raw, dict) else None
        return msgspec.convert(types or {}, dict[str, ResourceRule])
    except yaml.YAMLError:
        raise fail("bad-rules", "this table is not valid YAML", Span(file)) from None
    except (msgspec.ValidationError, RecursionError) as error:
        raise fail(
            "bad-rules", f"invalid rule: {error}; expected entries as in 'types: {{A::B: {{as: node}}}}'", Span(file)
        ) from None


@cache
def default_rules() -> Rules:
    """Return the rules of the package."""
    return Rules()


def pattern_of(glob: str) -> re.Pattern[str]:
    """Return a pattern with `*`, `?` and `{A,B}` as a regular expression."""
    parts = re.split(r"(\{[^{}]*\})", glob)
    text = "".join(
        "(?:" + "|".join(_glob_part(choice) for choice in part[1:-1].split(",")) + ")"
        if part.startswith("{")
        else _glob_part(part)
        for part in parts
    )
    return re.compile(text)


def _glob_part(text: str) -> str:
    return re.sub(r"\\?[*]", ".*", re.escape(text)).replace(r"\?", ".")


def _is_pattern(name: str) -> bool:
    return any(sign in name for sign in "*?{")


@cache
def _table() -> _Table:
    raw = data.load("infrastructure", "rules.yaml")
    types = dict(raw["types"])
    for name in _OTHER_TABLES:
        types |= data.load("infrastructure", name)["types"]
    return msgspec.convert({**raw, "types": types}, _Table)


@cache
def _aliases() -> dict[str, str | ResourceRule]:
    raw: dict[str, Any] = data.load("infrastructure", "terraform_aliases.yaml")
    return {
        name: value if isinstance(value, str) else msgspec.convert(value, ResourceRule) for name, value in raw.items()
    }


@cache
def _modules() -> dict[str, str | ResourceRule]:
    raw: dict[str, Any] = data.load("infrastructure", "terraform_modules.yaml")
    return {
        name: value if isinstance(value, str) else msgspec.convert(value, ResourceRule) for name, value in raw.items()
    }


class _Services(Struct, frozen=True):
    """What the icons' list of types says: names and icons of services.

    `cloudformation` has the types by the normalized names of Terraform's, `by_namespace` the services by the namespaces
    of ARNs and IAM actions, `icons` the icons by normalized type, `service_icons` those by service, and `sam` the
    services of SAM's types.
    """

    cloudformation: dict[str, str]
    by_namespace: dict[str, tuple[str, ...]]
    icons: dict[str, str]
    service_icons: dict[str, str]
    sam: dict[str, str]

    def by_type(self, type_name: str) -> str | None:
        """Return the icon of a type, or of its service, or None."""
        name = cloudformation_type(type_name)
        if (icon := self.icons.get(name)) is not None:
            return None if icon == "none" else icon
        parts = name.split("::")
        return self.service_icons.get(parts[1].lower()) if len(parts) > 2 else None


@cache
def _services() -> _Services:
    raw = data.load("icons", "resource_types.yaml")
    namespaces: dict[str, tuple[str, ...]] = {}
    cloudformation, icons = dict[str, str](), dict[str, str]()
    for service, line in raw["services"].items():
        for namespace in line.get("arn", ()):
            namespaces[namespace] = (*namespaces.get(namespace, ()), service)
    names = {service.lower(): service for service in raw["services"]}
    for key, listed in raw["types"].items():
        service = names[key.lower()]
        line = raw["services"][service]
        by_icon = listed if isinstance(listed, dict) else {line.get("icon", "none"): listed}
        for icon, types in by_icon.items():
            for name in types:
                if name.startswith("aws_"):
                    continue
                full = f"AWS::{service}::{name}"
                icons[full] = icon
                for prefix in line.get("terraform", ()):
                    cloudformation.setdefault(paths.normalize(f"aws_{prefix}_{name}"), full)
    raw_actions = data.load("infrastructure", "iam_actions.yaml")
    own_namespaces: dict[str, str] = raw_actions["namespaces"]
    for namespace, other in own_namespaces.items():
        namespaces.setdefault(namespace, namespaces.get(other, ()))
    namespaces["apigateway"] = namespaces["execute-api"] = ("ApiGateway", "ApiGatewayV2")
    namespaces["es"] = (*namespaces.get("es", ()), "Elasticsearch", "OpenSearchService")
    service_icons = {service.lower(): line["icon"] for service, line in raw["services"].items() if "icon" in line}
    sam = {f"AWS::Serverless::{name}": service for name, service in raw_actions["sam"].items()}
    return _Services(cloudformation, namespaces, icons, service_icons, sam)


def matches(text: str, globs: tuple[str, ...]) -> bool:
    """Return whether a text matches one of some patterns, ignoring case."""
    return any(fnmatch.fnmatchcase(text.lower(), glob.lower()) for glob in globs)
