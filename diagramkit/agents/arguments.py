"""The arguments of the tools: their types validate what a client sends, and are described to it as JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from diagramkit.infrastructure.rules import LEVELS
from diagramkit.outputs import OUTPUTS
from diagramkit.style.theme import THEMES

if TYPE_CHECKING:  # The values are those of tables, which a type checker cannot know.
    _Format = str
    _Theme = str
    _Level = str
else:
    _Format, _Theme, _Level = Literal[tuple(OUTPUTS)], Literal[tuple(THEMES)], Literal[tuple(LEVELS)]

FILE_NAME = r"^\w[\w .-]{0,99}$"
"""The names of files that a client can choose."""

_Name = Annotated[str, Meta(pattern=FILE_NAME, description="File name without extension")]


class SourceArguments(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A diagram: its text, or the path of a file."""

    source: Annotated[str, Meta(description="Mermaid flowchart, architecture-beta, or a YAML spec")] | None = None
    path: Annotated[str, Meta(description="Or a file in the folder")] | None = None


class RenderArguments(SourceArguments, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A diagram, and how to draw it."""

    name: _Name = "diagram"
    formats: Annotated[list[_Format], Meta(description="Default: svg, png", max_length=13)] = msgspec.field(
        default_factory=lambda: ["svg", "png"]
    )
    theme: _Theme = "light"
    canvas: Annotated[str, Meta(description="16:9, 4:3, a4, square, natural, or pixels such as 1920x1080")] | None = (
        None
    )
    steps: Annotated[bool, Meta(description="Number the edges and list their labels")] = False


class ExportArguments(SourceArguments, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A diagram, and the format to convert it to."""

    format: _Format
    name: _Name = "diagram"


class IconArguments(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Words to search icons by."""

    query: Annotated[str, Meta(max_length=200)]
    limit: Annotated[int, Meta(ge=1, le=50)] = 10


class ImportArguments(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A template of infrastructure, and what to show of it."""

    path: Annotated[str, Meta(description="Template, or folder such as cdk.out or a Terraform module")]
    level: _Level = "default"
    focus: Annotated[str, Meta(description="Address of a resource: show only its surroundings")] | None = None


def schema_of(arguments: type[Struct]) -> dict[str, Any]:
    """Return the JSON Schema of a type of arguments, without titles and references, which only cost context."""
    (_,), components = msgspec.json.schema_components([arguments])
    schema = components[arguments.__name__]
    properties = {name: _without_null(value) for name, value in schema["properties"].items()}
    required = {"required": schema["required"]} if schema["required"] else {}
    return {"type": "object", "properties": properties, **required, "additionalProperties": False}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an optional value as that of the value: leaving it out means the same as null."""
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    return {**kinds[0]} if len(kinds) == 1 else {name: value for name, value in schema.items() if value is not None}
