"""Read the files of Docker Compose: https://github.com/compose-spec/compose-spec/blob/main/spec.md.

The files that `include` and `extends` name are read if they are in the project, but none with environment variables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail
from diagramkit.infrastructure.readers import template_text
from diagramkit.infrastructure.readers.host_names import HostNames, environment
from diagramkit.infrastructure.readers.project_files import ProjectFiles
from diagramkit.infrastructure.readers.template_text import Spans
from diagramkit.infrastructure.records import Infrastructure, Reference, Resource, Stack, Value

_SECTIONS = ("services", "volumes", "networks", "configs", "secrets")
_MAX_BASES = 10
_REPLACED = ("command", "entrypoint")
"""The lists that replace those of what is extended."""
_LOCAL = ("127.", "localhost:", "[::1]")


class _ComposeFile(Struct, frozen=True):
    """A file: its path, its content and where the content is."""

    path: str
    raw: dict[str, Any]
    spans: Spans

    def section(self, name: str) -> dict[str, Any]:
        """Return a section; empty if there is none."""
        section = self.raw.get(name)
        return section if isinstance(section, dict) else {}


def read(text: str, file: str, title: str, files: ProjectFiles) -> Infrastructure:
    """Return what a file of Docker Compose and those that it includes declare. Raises `DiagramError`."""
    raw, spans = template_text.read(text, file)
    if not isinstance(raw, dict) or not (isinstance(raw.get("services"), dict) or raw.get("include")):
        raise fail("not-a-template", "this is not a Compose file, because it has no 'services'", Span(file))
    opening = _Opening(files)
    reading = _ComposeReading(opening.with_included(_ComposeFile(file, raw, spans)), opening)
    resources = tuple(reading.resources())
    problems = (*reading.problems, *opening.problems, *files.problems)
    return Infrastructure((Stack(""),), resources, title, Span(file), problems, tuple(files.paths))


class _Opening:
    """Opens the files that others name, each once."""

    def __init__(self, files: ProjectFiles) -> None:
        self._files = files
        self._opened: dict[str, _ComposeFile | None] = {}
        self.problems: list[Diagnostic] = []

    def with_included(self, first: _ComposeFile) -> list[_ComposeFile]:
        """Return a file and those that it includes, also by way of others."""
        files = [first]
        for file in files:  # Those that are added may include others.
            for item in _items(file.raw.get("include")):
                named = item.get("path") if isinstance(item, dict) else item
                for location in named if isinstance(named, list) else [named]:
                    included = self.file(location, file, Span(file.path))
                    if included is not None and all(included.path != each.path for each in files):
                        files.append(included)
        return files

    def file(self, location: Any, base: _ComposeFile, span: Span) -> _ComposeFile | None:
        """Return a file that another one names, or None with a problem if it cannot be read."""
        reported = len(self._files.problems)
        opened = self._files.open(location, base.path, span) if isinstance(location, str) else None
        if opened is None and len(self._files.problems) > reported:
            return None
        if opened is None:
            message = "a file that this one names is not in the project, so it is missing in the diagram"
            self.problems.append(Diagnostic("missing-manifest", message, span, "warning"))
            return None
        path, text = opened
        if path not in self._opened:
            self._opened[path] = None
            try:
                raw, spans = template_text.read(text, path)
                self._opened[path] = _ComposeFile(path, raw, spans) if isinstance(raw, dict) else None
            except DiagramError as error:
                self.problems += error.problems
        return self._opened[path]


class _ComposeReading:
    """The state of reading files. `sections` have what they declare: entries with the files that they are in."""

    def __init__(self, files: list[_ComposeFile], opening: _Opening) -> None:
        self._opening = opening
        self._sections: dict[str, dict[str, tuple[Any, _ComposeFile]]] = {name: {} for name in _SECTIONS}
        self._hosts: dict[str, str] = {}
        self.problems: list[Diagnostic] = []
        for file in files:
            for section, entries in self._sections.items():
                for name, raw in file.section(section).items():
                    own, place = entries.get(name, (None, file))
                    is_both = isinstance(own, dict) and isinstance(raw, dict)
                    entries[name] = (_combined(raw, own) if is_both else own or raw, place)
        for name, (service, _) in self._sections["services"].items():
            for host in (name, *_aliases(service)):
                self._hosts.setdefault(host, f"services.{name}")

    def resources(self) -> Iterator[Resource]:
        for section, entries in self._sections.items():
            for name, (raw, file) in entries.items():
                span = file.spans.at(section, name)
                if section == "services" and not isinstance(raw, dict):
                    message = "this service has no content and is skipped; add 'image' or 'build'"
                    self.problems.append(Diagnostic("bad-resource", message, span, "warning"))
                    continue
                properties = self._service(self._with_base(raw, file, 0)) if section == "services" else {}
                yield Resource(
                    address=f"{section}.{name}",
                    type=f"compose::{section}",
                    name_hints=(name,),
                    properties=properties,
                    stack="",
                    span=span,
                    replicas=_replicas(raw) if section == "services" else 1,
                )

    def _with_base(self, raw: dict[str, Any], file: _ComposeFile, depth: int) -> dict[str, Any]:
        """Return a service with what it extends, in the same file or in another one."""
        extended = raw.get("extends")
        name = extended.get("service") if isinstance(extended, dict) else extended
        if not isinstance(name, str) or depth > _MAX_BASES:
            return raw
        place: _ComposeFile | None = file
        if isinstance(extended, dict) and "file" in extended:
            place = self._opening.file(extended["file"], file, file.spans.at("services"))
        base = place.section("services").get(name) if place else None
        if place is None or not isinstance(base, dict):
            return raw
        return _combined(self._with_base(base, place, depth + 1), raw)

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


def _combined(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Return a service with what it extends: mappings and lists have the entries of both."""
    result = {**base, **own}
    for key in base.keys() & own.keys():
        first, second = base[key], own[key]
        if isinstance(first, dict) and isinstance(second, dict):
            result[key] = {**first, **second}
        elif isinstance(first, (dict, list)) and isinstance(second, (dict, list)) and key not in _REPLACED:
            result[key] = [*_listed(first), *_listed(second)]
    return result


def _listed(entries: dict[str, Any] | list[Any]) -> list[Any]:
    """Return the entries of a list or a mapping in the form that they have in a list: `NAME=value`, or a name."""
    if isinstance(entries, list):
        return entries
    return [name if isinstance(value, (dict, list)) else f"{name}={value}" for name, value in entries.items()]


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
