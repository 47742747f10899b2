"""The key `import:` of a spec, which remembers what it was imported from and with which options."""

from __future__ import annotations

import os
import re
from pathlib import PurePath
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from diagramkit.diagnostics import DiagramError
from diagramkit.sources import yamltree
from diagramkit.sources.value_types import EnumType, Field, ListType, ObjectType, TextType

LEVELS = ("overview", "default", "detail", "all")
ZONES = ("merged", "each")
SPLITS = ("stack",)
"""The values of options. They are repeated here, because a spec that is read should not load `infrastructure`."""

TYPE = ObjectType(
    "'import'",
    {
        "source": Field(TextType(), "The template, relative to the spec.", required=True),
        "with": Field(ListType(TextType()), "Other templates whose exports it imports, relative to the spec."),
        "level": Field(EnumType(LEVELS), "How much to show."),
        "focus": Field(TextType(), "The address of the resource to show the surroundings of, and a number of edges."),
        "show": Field(ListType(TextType()), "Patterns of addresses and types to show whatever their level."),
        "hide": Field(ListType(TextType()), "Patterns of addresses and types to leave out."),
        "zones": Field(EnumType(ZONES), "Whether to show the subnets of all zones as one, or each of them."),
        "split": Field(EnumType(SPLITS), "That there is a spec for each stack or module of the template."),
        "stack": Field(TextType(), "The stack or module that the spec shows, if it is not the outermost one."),
    },
)
"""The key in a spec."""

_KEY = re.compile(r"(?m)^[\"']?import[\"']?[ \t]*:|^\ufeff?\{")


class ImportKey(Struct, frozen=True):
    """What the key says; None or an empty list for what it does not say. The field `others` is the key `with`."""

    source: str
    others: tuple[str, ...] = ()
    level: str | None = None
    focus: str | None = None
    show: tuple[str, ...] = ()
    hide: tuple[str, ...] = ()
    zones: str | None = None
    split: str | None = None
    stack: str | None = None

    @property
    def plain(self) -> dict[str, Any]:
        """What a spec contains."""
        values = {("with" if name == "others" else name): value for name, value in asdict(self).items()}
        return {name: list(each) if isinstance(each, tuple) else each for name, each in values.items() if each}

    def with_options(self, chosen: dict[str, Any]) -> ImportKey:
        """Return the key with the options that a command line names."""
        return replace(self, **{name: value for name, value in chosen.items() if value})

    @property
    def view(self) -> dict[str, Any]:
        """The options about what to show."""
        return {name: getattr(self, name) for name in ("level", "focus", "show", "hide", "zones")}


def of(tree: yamltree.Tree) -> ImportKey | None:
    """Return what a valid spec remembers, or None if it was not imported."""
    entry = tree.items().get("import")
    if entry is None:
        return None
    values: dict[str, Any] = {}
    for name, value in entry.items().items():
        texts = tuple(each.text() for each in value.entries())
        values["others" if name == "with" else name] = texts if isinstance(value.value, list) else value.text()
    return ImportKey(**values)


def read(text: str, path: str) -> ImportKey | None:
    """Return what the text of a spec remembers, or None if it remembers nothing or is not valid."""
    if not _KEY.search(text):  # Without reading it as YAML, which takes longer.
        return None
    try:
        tree = yamltree.load(text.removeprefix("\ufeff").replace("\r\n", "\n"), path)
    except DiagramError:
        return None
    entry = tree.items().get("import")
    return of(tree) if entry is not None and not any(TYPE.check(entry, "import")) else None


def relative(path: str, spec: str) -> str:
    """Return a path relative to a spec, with `/`."""
    folder = os.path.realpath(os.path.dirname(spec) or ".")  # noqa: PTH120 - as `realpath`
    return PurePath(os.path.relpath(os.path.realpath(path), folder)).as_posix()


def resolved(location: str, spec: str) -> str:
    """Return the path, relative to the current folder, of a location that is relative to a spec."""
    return os.path.normpath(os.path.join(os.path.dirname(spec), location))  # noqa: PTH120 - as `normpath`
