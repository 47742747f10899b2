"""Read the files of Docker Compose: https://github.com/compose-spec/compose-spec/blob/main/spec.md.

Other files are not opened: neither those of `include` nor those with environment variables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from diagramkit.diagnostics import Diagnostic, Span, fail
from diagramkit.infrastructure.readers import template_text
from diagramkit.infrastructure.readers.host_names import HostNames, environment
from diagramkit.infrastructure.readers.template_text import Spans
from diagramkit.infrastructure.records import Infrastructure, Reference, Resource, Stack, Value

_SECTIONS = ("services", "volumes", "networks", "configs", "secrets")
_MAX_BASES = 10
_LOCAL = ("127.", "localhost:", "[::1]")


def read(text: str, file: str, title: str) -> Infrastructure:
    """Return what a file of Docker Compose declares. Raises `DiagramError`."""
    raw, spans = template_text.read(text, file)
    if not isinstance(raw, dict) or not isinstance(raw.get("services"), dict):
        raise fail("not-a-template", "this is not a Compose file, because it has no 'services'", Span(file))
    reading = _ComposeReading(raw, spans)
    return Infrastructure((Stack(""),), tuple(reading.resources()), title, Span(file), tuple(reading.problems))


class _ComposeReading:
    """The state of reading a file."""

    def __init__(self, raw: dict[str, Any], spans: Spans) -> None:
        self._sections: dict[str, dict[str, Any]] = {
            name: raw[name] for name in _SECTIONS if isinstance(raw.get(name), dict)
        }
        self._spans = spans
        self._hosts: dict[str, str] = {}
        self.problems: list[Diagnostic] = []
        for name, service in self._sections["services"].items():
            for host in (name, *_aliases(service)):
                self._hosts.setdefault(host, f"services.{name}")

    def resources(self) -> Iterator[Resource]:
        for section, entries in self._sections.items():
            for name, raw in entries.items():
                span = self._spans.at(section, name)
                if section == "services" and not isinstance(raw, dict):
                    message = "this service has no content and is skipped; add 'image' or 'build'"
                    self.problems.append(Diagnostic("bad-resource", message, span, "warning"))
                    continue
                properties = self._service(self._with_base(raw, 0)) if section == "services" else {}
                yield Resource(
                    address=f"{section}.{name}",
                    type=f"compose::{section}",
                    name_hints=(name,),
                    properties=properties,
                    stack="",
                    span=span,
                    replicas=_replicas(raw) if section == "services" else 1,
                )

    def _with_base(self, raw: dict[str, Any], depth: int) -> dict[str, Any]:
        """Return a service with what it extends, if that is in the same file."""
        extended = raw.get("extends")
        name = extended.get("service") if isinstance(extended, dict) and "file" not in extended else extended
        base = self._sections["services"].get(name) if isinstance(name, str) else None
        if not isinstance(base, dict) or depth > _MAX_BASES:
            return raw
        return {**self._with_base(base, depth + 1), **raw}

    def _service(self, raw: dict[str, Any]) -> dict[str, Value]:
        hosts = HostNames(self._hosts.get)
        variables = [*environment(raw.get("environment")), *_arguments(raw)]
        named = dict.fromkeys(each for name, value in variables for each in hosts.in_value(name, value))
        return {
            "image": raw.get("image") if isinstance(raw.get("image"), str) else None,
            "published": any(_is_published(port) for port in _items(raw.get("ports"))),
            "depends_on": self._references("services", raw.get("depends_on")),
            "links": self._references("services", raw.get("links")),
            "network_mode": self._references("services", str(raw.get("network_mode")).removeprefix("service:")),
            "environment": list(named),
            "volumes": self._references("volumes", [_source(volume) for volume in _items(raw.get("volumes"))]),
            "networks": self._references("networks", raw.get("networks")),
            "configs": self._references("configs", [_source(each) for each in _items(raw.get("configs"))]),
            "secrets": self._references("secrets", [_source(each) for each in _items(raw.get("secrets"))]),
        }

    def _references(self, section: str, raw: Any) -> list[Value]:
        """Return references to the entries of a section that a list, a mapping or a text names."""
        known = self._sections.get(section, {})
        names = (item.partition(":")[0] for item in _items(raw) if isinstance(item, str))
        return [Reference(f"{section}.{name}") for name in dict.fromkeys(names) if name in known]


def _items(raw: Any) -> Iterable[Any]:
    if isinstance(raw, (list, dict)):
        return raw
    return [raw] if isinstance(raw, str) else []


def _source(raw: Any) -> Any:
    """Return the name of the volume, config or secret in an entry of a service."""
    return raw.get("source") if isinstance(raw, dict) else raw


def _is_published(raw: Any) -> bool:
    """Return whether a port is open to others than the machine itself."""
    if isinstance(raw, dict):
        return raw.get("published") is not None and not str(raw.get("host_ip", "")).startswith(_LOCAL)
    return isinstance(raw, int) or (isinstance(raw, str) and not raw.startswith(_LOCAL))


def _arguments(raw: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key in ("command", "entrypoint"):
        yield from (("", item) for item in _items(raw.get(key)))


def _aliases(raw: Any) -> Iterator[str]:
    """Yield the other names under which a service can be reached."""
    if not isinstance(raw, dict):
        return
    yield from (name for name in (raw.get("container_name"), raw.get("hostname")) if isinstance(name, str))
    networks = raw.get("networks")
    for network in networks.values() if isinstance(networks, dict) else ():
        aliases = network.get("aliases") if isinstance(network, dict) else None
        yield from (alias for alias in aliases or () if isinstance(alias, str))


def _replicas(raw: dict[str, Any]) -> int:
    deploy = raw.get("deploy")
    count = deploy.get("replicas") if isinstance(deploy, dict) else raw.get("scale")
    return count if isinstance(count, int) and count > 1 else 1
