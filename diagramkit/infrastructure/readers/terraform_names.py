"""Addresses of Terraform: https://developer.hashicorp.com/terraform/cli/state/resource-addressing."""

from __future__ import annotations

import re

from diagramkit.infrastructure.records import Stack

_INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[0-9]+|\*|[\w.]+)\]')
_OUTERMOST = re.compile(rf"module\.[\w-]+(?:{_INDEX.pattern})*")
_PARTS = re.compile(r"(data\.)?([a-z][a-z0-9-]*_[a-z0-9_]+)\.([A-Za-z_][\w-]*)(?:\.([A-Za-z_]\w*))?")


def without_index(address: str) -> str:
    """Return an address without the keys of `count` and `for_each`."""
    return _INDEX.sub("", address)


def split(reference: str) -> tuple[str, str] | None:
    """Return the address in a module, and the attribute, of a reference to a resource; None for any other."""
    match = _PARTS.match(without_index(reference))
    if match is None or match[2] in ("var", "local"):
        return None
    return f"{match[1] or ''}{match[2]}.{match[3]}", match[4] or ""


def in_module(module: str, address: str) -> str:
    """Return the address of something in a module."""
    return f"{module}.{address}" if module else address


def outermost(module: str) -> str:
    """Return the outermost module around a module of Terraform; other names of stacks as they are."""
    match = _OUTERMOST.match(module)
    return match[0] if match else module


def stack_of(module: str) -> Stack:
    """Return a module as a stack; the parent of the outermost modules is nothing."""
    outer = module.rpartition(".module.")[0]
    return Stack(module, outer or None)


def name_hints(name: str, module: str) -> tuple[str, ...]:
    """Return texts to make a name from: that of the resource, then those of its modules, the innermost first."""
    modules = [part for part in module.split("module.") if part]
    return (name, *(part.rstrip(".") for part in reversed(modules)))
