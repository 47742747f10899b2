"""Read templates of CloudFormation and SAM, with their nested stacks and the exports of the templates named with them.

Format: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail
from diagramkit.infrastructure import paths
from diagramkit.infrastructure.readers import sam, template_text
from diagramkit.infrastructure.readers.intrinsics import Scope, export_key, section
from diagramkit.infrastructure.readers.project_files import ProjectFiles
from diagramkit.infrastructure.readers.template_text import Spans
from diagramkit.infrastructure.records import EXTERNAL, Infrastructure, Resource, Stack, Value

_STACK_TYPES = ("AWS::CloudFormation::Stack", "AWS::Serverless::Application")
_LOCATIONS = ("TemplateURL", "Location", "TemplateFile")
_CDK_PATH = "aws:cdk:path"
_MAX_NESTING = 12
_HASH = re.compile(r"(?<=[a-z0-9A-Z])[0-9A-F]{8}\Z")


class NamedTemplate(Struct, frozen=True):
    """A template to read: the name of its stack (empty for the only one), its file and its text.

    `paths` has the paths of its resources in the CDK's tree of constructs by logical id, if they are known. Of a
    template that `is_context`, only what the others import is of interest. `region` and `account` are those of
    its stack.
    """

    stack: str
    file: str
    text: str
    paths: Mapping[str, str] = {}
    is_context: bool = False
    region: str = ""
    account: str = ""


class _LoadedStack(Struct):
    """A stack while it is read."""

    scope: Scope
    spans: Spans
    file: str
    parent: str | None
    implicit: dict[str, dict[str, Any]]
    paths: Mapping[str, str]
    is_context: bool
    region: str
    account: str


def read(templates: Sequence[NamedTemplate], title: str, files: ProjectFiles) -> Infrastructure:
    """Return what templates declare; they can refer to each other's exports. Raises `DiagramError`."""
    return _TemplateReading(files).read(templates, title)


class _TemplateReading:
    """The state of reading templates that belong together."""

    def __init__(self, files: ProjectFiles) -> None:
        self._files = files
        self._exports: dict[str, tuple[Scope, str]] = {}
        self._stacks: list[_LoadedStack] = []

    def read(self, templates: Sequence[NamedTemplate], title: str) -> Infrastructure:
        for number, template in enumerate(templates):
            try:
                self._load(template, None, ())
            except DiagramError:
                if number == 0:  # What is wrong with the others is reported when they are read themselves.
                    raise
        self._collect_exports()
        own = [stack for stack in self._stacks if not stack.is_context]
        resources = [resource for stack in own for resource in self._resources(stack)]
        context = [resource for stack in self._stacks if stack.is_context for resource in self._resources(stack)]
        resources += _imported(resources, context)
        for stack in own:  # The parameters that are used are known only now.
            resources += _external(stack)
        return Infrastructure(
            stacks=tuple(Stack(stack.scope.name, stack.parent) for stack in self._stacks),
            resources=tuple(resources),
            title=title,
            span=Span(templates[0].file),
            problems=tuple(self._files.problems),
            files=tuple(self._files.paths),
        )

    def _load(self, template: NamedTemplate, parent: Scope | None, ancestors: tuple[str, ...]) -> Scope:
        raw, spans = template_text.read(template.text, template.file)
        if not isinstance(raw, dict) or not isinstance(raw.get("Resources"), dict):
            message = "this is not a CloudFormation template, because it has no 'Resources'"
            raise fail("not-a-template", message, Span(template.file))
        expanded, implicit = sam.expand(_without_loops(raw))
        scope = Scope(template.stack, expanded, self._exports, Span(template.file))
        scope.parent = parent
        scope.implicit = set(implicit)
        loaded = _LoadedStack(
            scope=scope,
            spans=spans,
            file=template.file,
            parent=parent.name if parent else None,
            implicit=implicit,
            paths=template.paths,
            is_context=template.is_context,
            region=template.region,
            account=template.account,
        )
        self._stacks.append(loaded)
        for logical_id, resource in scope.resources.items():
            if isinstance(resource, dict) and resource.get("Type") in _STACK_TYPES:
                self._load_nested(loaded, logical_id, resource, (*ancestors, template.file))
        return scope

    def _load_nested(
        self, outer: _LoadedStack, logical_id: str, resource: dict[str, Any], files: tuple[str, ...]
    ) -> None:
        properties = section(resource, "Properties")
        span = outer.spans.at("Resources", logical_id)
        raw_locations = [
            section(resource, "Metadata").get("aws:asset:path"),
            *(properties.get(key) for key in _LOCATIONS),
        ]
        if len(files) > _MAX_NESTING:
            return
        problem_count = len(self._files.problems)
        locations = (location for raw in raw_locations for location in _local_paths(outer.scope.value(raw)))
        opened = next(filter(None, (self._files.open(location, outer.file, span) for location in locations)), None)
        if opened is not None:
            del self._files.problems[problem_count:]  # Those with the paths that were tried before.
        if opened is None or opened[0] in files:
            return
        try:
            inner = NamedTemplate(
                outer.scope.address(logical_id),
                *opened,
                is_context=outer.is_context,
                region=outer.region,
                account=outer.account,
            )
            nested = self._load(inner, outer.scope, files)
        except DiagramError as error:
            self._files.problems += [
                Diagnostic(problem.code, problem.message, problem.span, "warning") for problem in error.problems
            ]
            return
        nested.arguments = section(properties, "Parameters")
        outer.scope.nested[logical_id] = nested

    def _collect_exports(self) -> None:
        for stack in self._stacks:
            for output_name, output in section(stack.scope.template, "Outputs").items():
                name = section(output, "Export").get("Name") if isinstance(output, dict) else None
                if name is not None:
                    key = export_key(stack.scope, name)
                    self._exports.setdefault(key, (stack.scope, output_name))

    def _resources(self, stack: _LoadedStack) -> Iterator[Resource]:
        scope = stack.scope
        for logical_id, raw in scope.resources.items():
            if not isinstance(raw, dict) or not isinstance(raw.get("Type"), str):
                span = stack.spans.at("Resources", logical_id)
                message = "this resource has no type and is skipped; add 'Type'"
                self._files.problems.append(Diagnostic("bad-resource", message, span, "warning"))
                continue
            yield _resource(stack, logical_id, raw, "declared")
        for logical_id, raw in stack.implicit.items():
            yield _resource(stack, logical_id, raw, "implicit")


def _local_paths(location: Value) -> Iterator[str]:
    """Yield the relative paths at which the template of a nested stack may be.

    A template is uploaded from the project, so what an address on the web ends with may be its path there. A relative
    path may start at a folder for built templates.
    """
    text = "".join(paths.texts(location)) if isinstance(location, tuple) else location
    if not isinstance(text, str):
        return
    if "://" not in text and not text.startswith("/"):
        yield text
        while text.startswith("../"):
            text = text.removeprefix("../")
            yield text
        return
    parts = [part for part in text.partition("://")[2].partition("?")[0].split("/")[1:] if part not in ("", ".", "..")]
    for start in range(len(parts)):
        yield "/".join(parts[start:])


def _without_loops(raw: dict[str, Any]) -> dict[str, Any]:
    """Return a template in which the content of each `Fn::ForEach` is there once."""
    resources: dict[str, Any] = {}
    for name, value in raw["Resources"].items():
        is_loop = name.startswith("Fn::ForEach") and isinstance(value, list) and isinstance(value[-1], dict)
        resources |= value[-1] if is_loop else {name: value}
    return {**raw, "Resources": resources}


def _resource(stack: _LoadedStack, logical_id: str, raw: dict[str, Any], origin: str) -> Resource:
    scope = stack.scope
    properties = scope.value(section(raw, "Properties"))
    initialization = section(section(raw, "Metadata"), "AWS::CloudFormation::Init")
    if initialization and isinstance(properties, dict):
        properties["Metadata"] = scope.value(initialization)
    path = stack.paths.get(logical_id) or section(raw, "Metadata").get(_CDK_PATH)
    return Resource(
        address=scope.address(logical_id),
        type=raw["Type"],
        name_hints=_name_hints(logical_id, path, scope.name),
        properties=properties if isinstance(properties, dict) else {"Fn": properties},
        stack=scope.name,
        span=stack.spans.at("Resources", logical_id),
        origin=origin,
        region=stack.region,
        account=stack.account,
    )


def _name_hints(logical_id: str, path: object, stack: str) -> tuple[str, ...]:
    """Return texts to make a name from: the path in the CDK's tree from its end, or the logical id and the stack."""
    if isinstance(path, str):
        parts = [part for part in path.strip("/").split("/")[1:] if part not in ("Resource", "Default")]
        return tuple(reversed(parts)) or (logical_id,)
    return tuple(filter(None, (_HASH.sub("", logical_id), PurePath(stack).name)))


def _imported(own: list[Resource], context: list[Resource]) -> list[Resource]:
    """Return the resources of other templates that some refer to, and those that these refer to in turn."""
    by_address = {resource.address: resource for resource in context}
    imported: dict[str, Resource] = {}
    pending = list(own)
    while pending and by_address:
        for reference in paths.references(pending.pop().properties):
            resource = by_address.get(reference.address)
            if resource and resource.address not in imported:
                imported[resource.address] = replace(resource, origin="external")
                pending.append(resource)
    return list(imported.values())


def _external(stack: _LoadedStack) -> Iterator[Resource]:
    """Yield the things outside that the parameters of a stack stand for."""
    for address, parameter in stack.scope.external.items():
        span = stack.spans.at("Parameters", parameter)
        hint = address.rpartition("/")[2]
        properties: dict[str, Value] = {}
        yield Resource(address, EXTERNAL, (hint,), properties, stack.scope.name, span, "external")
