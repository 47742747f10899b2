"""The records between the steps: what templates declare, in the same form for every tool.

The values of properties are only read to find references. They never reach a diagram, a message or a file.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from msgspec import Struct

from diagramkit.diagnostics import Diagnostic, Span


class Reference(Struct, frozen=True):
    """A reference to a resource: its address, and the attribute that is used, if the template names one."""

    address: str
    attribute: str = ""


Value: TypeAlias = "str | int | float | bool | Reference | tuple[Value, ...] | list[Value] | dict[str, Value] | None"
"""The value of a property. A tuple has the parts of a text with references, or the alternatives of a condition."""


class Stack(Struct, frozen=True):
    """A stack of CloudFormation or a module of Terraform. `parent` is the stack that creates it, or None.

    The name of the stack that a template itself describes is empty.
    """

    name: str
    parent: str | None = None


EXTERNAL = "external"
"""The type of what a parameter stands for."""


_REGION = re.compile(r"[a-z]{2}(?:-[a-z]{2,12}){1,2}-[0-9]")
_ACCOUNT = re.compile(r"[0-9]{12}")


def region_name(text: object) -> str:
    """Return a text that is the name of a region; empty for any other value."""
    return text if isinstance(text, str) and _REGION.fullmatch(text) else ""


def account_number(text: object) -> str:
    """Return a text that is the number of an account; empty for any other value."""
    return text if isinstance(text, str) and _ACCOUNT.fullmatch(text) else ""


class Resource(Struct, frozen=True):
    """A resource that a template declares, or that something in it refers to.

    - `address`: the address, which no other resource has: a logical id after the names of its stacks, or Terraform's.
    - `type`: the tool's name of its type.
    - `name_hints`: texts to make a name for people from, the best first.
    - `properties`: its properties, with a `Reference` for each reference.
    - `stack`: the name of its stack.
    - `span`: where it is declared.
    - `origin`: `declared`; `implicit` if the tool creates it without a declaration; `external` if it exists elsewhere;
      `data` if it only computes a value.
    - `replicas`: how many of it there are, if that is known.
    - `region`, `account`: the name of its region and the number of its account, if the source says them.
    """

    address: str
    type: str
    name_hints: tuple[str, ...]
    properties: dict[str, Value]
    stack: str
    span: Span
    origin: str = "declared"
    replicas: int = 1
    region: str = ""
    account: str = ""


class Infrastructure(Struct, frozen=True):
    """What a template declares, the problems in it, and the files that were read."""

    stacks: tuple[Stack, ...]
    resources: tuple[Resource, ...]
    title: str
    span: Span
    problems: tuple[Diagnostic, ...] = ()
    files: tuple[str, ...] = ()


class Frame(Struct, frozen=True):
    """A group: its address (of its first resource), its title and kind, the frame around it, and its resources."""

    address: str
    title: str
    kind: str
    parent: str | None
    resources: tuple[str, ...]
