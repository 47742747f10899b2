"""Read what `terraform graph` writes, in DOT or Mermaid: which resources depend on which, without their properties.

Format: https://developer.hashicorp.com/terraform/cli/commands/graph. Dependencies through variables, outputs and locals
are followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.diagnostics import Span, fail
from diagramkit.infrastructure.paths import UNNAMED, normalize
from diagramkit.infrastructure.readers import terraform_names
from diagramkit.infrastructure.records import Infrastructure, Reference, Resource, Stack, Value
from diagramkit.infrastructure.rules import cloudformation_type

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)(?:"|\\?\Z)')
_OTHER_WORDS = {"aws_subnet": ("vpczoneidentifier",), "aws_iam_policy": ("policy",)}
"""What names of properties call a type, besides its last word."""
_MERMAID_NODE = re.compile(r'\s*([\w.-]+)\s*(?:[\[({]+"?([^"\])}]*))?')
_MODULE = re.compile(r"(?:module\.[\w-]+\.)*")
_DECORATION = re.compile(r"\A\[root\] | \((?:expand|close|import|orphan)\)\Z")
_IGNORED = ("provider", "root", "meta.")
_MAX_EDGES = 200_000
_MAX_STEPS = 1_000_000


def read(text: str, file: str, title: str) -> Infrastructure:
    """Return the resources in a graph, with their dependencies. Raises `DiagramError`."""
    graph = _Graph(text, file)
    resources = list(graph.resources())
    if not resources:
        raise fail("no-resources", "there is no resource in this graph", Span(file))
    names = dict.fromkeys(resource.stack for resource in resources)
    stacks: dict[str, Stack] = {}
    for name in names:
        current: str | None = name
        while current is not None and current not in stacks:
            stacks[current] = terraform_names.stack_of(current)
            current = stacks[current].parent
    return Infrastructure(tuple(stacks.values()), tuple(resources), title, Span(file))


class _Graph:
    """The names in a graph, each with the line where it is first, and what each of them depends on."""

    def __init__(self, text: str, file: str) -> None:
        self._file, self._steps = file, 0
        self._lines: dict[str, int] = {}
        self._dependencies: dict[str, dict[str, None]] = {}
        is_dot = text.lstrip("\ufeff \t\r\n").startswith(("digraph", "strict"))
        labels: dict[str, str] = {}
        pairs: list[tuple[str, str]] = []
        for number, line in enumerate(text.splitlines(), 1):
            ends = _dot_ends(line) if is_dot else _mermaid_ends(line, labels)
            for end in ends:
                self._lines.setdefault(end, number)
            pairs += [(ends[0], ends[1])] if len(ends) == 2 else []
            if len(pairs) > _MAX_EDGES:
                raise fail("too-large", f"more than {_MAX_EDGES:,} dependencies", Span(file, number))
        self._names = {end: _plain(labels.get(end, end)) for end in self._lines}
        for source, target in pairs:
            self._dependencies.setdefault(self._names[source], {})[self._names[target]] = None

    def resources(self) -> Iterator[Resource]:
        seen: set[str] = set()
        for end, name in self._names.items():
            address = _address(name)
            if address is None or address in seen:
                continue
            seen.add(address)
            module = _module(address)
            relative = address[len(module) + 1 :] if module else address
            is_data = relative.startswith("data.")
            type_name, _, own = relative.removeprefix("data.").partition(".")
            yield Resource(
                address=address,
                type=type_name,
                name_hints=terraform_names.name_hints(own, module),
                properties=_by_word([each for each in self._of(name) if each != address]),
                stack=module,
                span=Span(self._file, self._lines[end]),
                origin="data" if is_data else "declared",
            )

    def _of(self, name: str) -> list[str]:
        """Return the addresses that a resource depends on, through what is no resource."""
        addresses: dict[str, None] = {}
        pending, seen = [name], {name}
        while pending:
            for target in self._dependencies.get(pending.pop(), ()):
                self._steps += 1
                if self._steps > _MAX_STEPS:
                    raise fail("too-large", "too many dependencies lead through variables", Span(self._file))
                if address := _address(target):
                    addresses[address] = None
                elif target not in seen and not target.startswith(_IGNORED) and "provider[" not in target:
                    seen.add(target)
                    pending.append(target)
        return list(addresses)


def _by_word(addresses: list[str]) -> dict[str, Value]:
    """Return references whose properties are not known, by words of their types."""
    words: dict[str, list[Value]] = {}
    for address in addresses:
        module = _module(address)
        relative = (address[len(module) + 1 :] if module else address).removeprefix("data.")
        type_name = relative.partition(".")[0]
        last = cloudformation_type(type_name).rpartition("::")[2].removeprefix("aws_")
        for word in (normalize(last), *_OTHER_WORDS.get(type_name, ())):
            words.setdefault(word, []).append(Reference(address))
    return {UNNAMED: {word: list(addresses) for word, addresses in words.items()}}


def _dot_ends(line: str) -> list[str]:
    """Return the names in a line of DOT: those of an edge, or that of a node with its attributes."""
    names = _QUOTED.findall(line.partition("[label")[0].partition("[ label")[0])
    if "->" in line:
        return [name.replace('\\"', '"') for name in names[:2]] if len(names) >= 2 else []
    is_node = line.lstrip().startswith('"')
    return [names[0].replace('\\"', '"')] if names and is_node else []


def _mermaid_ends(line: str, labels: dict[str, str]) -> list[str]:
    """Return the ids in a line of Mermaid, and remember their labels."""
    if "-->" not in line and not line.rstrip().endswith(("]", ")", "}")):
        return []
    ends = []
    for part in line.split("-->")[:2]:
        match = _MERMAID_NODE.match(part.rpartition("|")[2])
        if match is not None and match[1] not in ("subgraph", "end", "flowchart", "graph"):
            ends.append(match[1])
            if match[2]:
                labels[match[1]] = match[2]
    return ends


def _plain(name: str) -> str:
    """Return a name without what the graph of an operation adds to it."""
    return terraform_names.without_index(_DECORATION.sub("", _DECORATION.sub("", name)))


def _module(address: str) -> str:
    match = _MODULE.match(address)
    return match[0].rstrip(".") if match else ""


def _address(name: str) -> str | None:
    """Return the address in a name, or None if it is not that of a resource."""
    module = _module(name)
    relative = name[len(module) + 1 :] if module else name
    split = terraform_names.split(relative)
    return terraform_names.in_module(module, split[0]) if split and not split[1] else None
