"""Read Terraform's configuration language (.tf), with python-hcl2.

Nothing is evaluated: an expression becomes the references in it and its texts. Modules are read if they are in the
project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail
from diagramkit.extras import install_command
from diagramkit.infrastructure import paths, rules
from diagramkit.infrastructure.readers import terraform_names
from diagramkit.infrastructure.readers.project_files import ProjectFiles
from diagramkit.infrastructure.records import (
    Infrastructure,
    Reference,
    Resource,
    Stack,
    Value,
    account_number,
    region_name,
)

_NAME = re.compile(r"(?<![\w.-])((?:data\.)?[a-z][\w-]*(?:\.[A-Za-z_][\w-]*|\[[^\[\]]*\])+)")
_BLOCK_LINE = re.compile(r'(?m)^[ \t]*(resource|module)[ \t]+"([^"\n]+)"(?:[ \t]+"([^"\n]+)")?')
_HEREDOC_END = re.compile(r"(?m)^([ \t]*[A-Za-z_]\w*)[ \t]+$")
_MARKS = ("__is_block__", "__comments__", "__inline_comments__", "__start_line__", "__end_line__")
_META = ("count", "for_each", "provider", "lifecycle", "depends_on")
_MODULE_META = (*_META, "providers", "version", "source")
_REGISTRY = re.compile(r"[\w-]{1,64}/[\w-]{1,64}/[\w-]{1,64}")
_MAX_DEPTH = 40
_MAX_MODULE_DEPTH = 8


class _ConfiguredModule(Struct):
    """A module while it is read. `blocks` has the blocks by their kind, `arguments` those of its call."""

    address: str
    blocks: dict[str, list[Any]]
    spans: dict[str, Span]
    arguments: Mapping[str, Any]
    outer: _ConfiguredModule | None
    children: dict[str, _ConfiguredModule] = field(default_factory=dict)
    locals: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)


def read(sources: Sequence[tuple[str, str]], title: str, files: ProjectFiles) -> Infrastructure:
    """Return what the files of a module, as paths and texts, declare. Raises `DiagramError`."""
    reading = _ConfigurationReading(files)
    root = reading.module("", sources, {}, None, 0)
    resources = list(reading.resources(root))
    if not resources:
        raise fail("no-resources", "there is no resource or module in this configuration", Span(sources[0][0]))
    names = dict.fromkeys(resource.stack for resource in resources)
    stacks: dict[str, Stack] = {}
    for name in names:
        stack = terraform_names.stack_of(name)
        stacks[name] = stack
        while stack.parent and stack.parent not in stacks:
            stack = terraform_names.stack_of(stack.parent)
            stacks[stack.name] = stack
    return Infrastructure(
        tuple(stacks.values()), tuple(resources), title, Span(sources[0][0]), tuple(files.problems), tuple(files.paths)
    )


def parse(text: str, file: str) -> dict[str, Any]:
    """Return the blocks of a file. Raises `DiagramError` (missing-extra, hcl-syntax)."""
    try:
        import hcl2
    except ImportError:
        message = f"reading .tf files needs the package python-hcl2; install it with {install_command('terraform')}"
        raise fail("missing-extra", message, Span(file)) from None
    normalized = _HEREDOC_END.sub(r"\1", text.removeprefix("\ufeff").replace("\r\n", "\n"))
    try:
        result: dict[str, Any] = hcl2.loads(normalized if normalized.endswith("\n") else normalized + "\n")
        return result
    except RecursionError:
        raise fail("hcl-syntax", "nested too deeply", Span(file)) from None
    except Exception as error:  # The parser raises many kinds, whose messages show the text.
        line, column = getattr(error, "line", None), getattr(error, "column", None)
        span = (
            Span(file, line, column) if isinstance(line, int) and isinstance(column, int) and line > 0 else Span(file)
        )
        raise fail("hcl-syntax", "the configuration is invalid; check it with 'terraform validate'", span) from None


class _ConfigurationReading:
    """The state of reading a configuration and its modules."""

    def __init__(self, files: ProjectFiles) -> None:
        self._files = files
        self._depth = 0
        self._parsed: dict[str, dict[str, Any]] = {}
        self._variables: dict[str, list[Value]] = {}  # What the variables and locals of all modules stand for.

    def module(
        self,
        address: str,
        sources: Sequence[tuple[str, str]],
        arguments: Mapping[str, Any],
        outer: _ConfiguredModule | None,
        depth: int,
    ) -> _ConfiguredModule:
        """Return a module with those that it calls, as far as they are in the project."""
        module = _ConfiguredModule(address, {}, {}, arguments, outer)
        for file, text in sources:
            if file not in self._parsed:  # Several calls of a module read the same files.
                self._parsed[file] = parse(text, file)
            for kind, blocks in self._parsed[file].items():
                if isinstance(blocks, list):
                    module.blocks.setdefault(_plain(kind), []).extend(blocks)
            for match in _BLOCK_LINE.finditer(text):
                name = f"{match[2]}.{match[3]}" if match[1] == "resource" else f"module.{match[2]}"
                line = text.count("\n", 0, match.start()) + 1
                module.spans.setdefault(name, Span(file, line, match.start(1) - text.rfind("\n", 0, match.start(1))))
        for block in module.blocks.get("locals", ()):
            module.locals |= _plain_keys(block)
        for name, body in _named(module.blocks.get("variable", ())):
            module.variables[name] = body.get("default")
        for name, body in _named(module.blocks.get("module", ())):
            self._call(module, name, body, sources[0][0], depth)
        return module

    def _call(self, module: _ConfiguredModule, name: str, body: Mapping[str, Any], base: str, depth: int) -> None:
        source = body.get("source")
        location = _plain(source) if isinstance(source, str) else ""
        if location.startswith(("./", "../")) and depth < _MAX_MODULE_DEPTH:
            span = module.spans.get(f"module.{name}", Span(base))
            opened = self._files.open_folder(location, base, ".tf", span)
            if opened:
                address = terraform_names.in_module(module.address, f"module.{name}")
                try:
                    module.children[name] = self.module(address, opened, body, module, depth + 1)
                except DiagramError as error:
                    self._files.problems += [
                        Diagnostic(each.code, each.message, each.span, "warning") for each in error.problems
                    ]

    def resources(self, module: _ConfiguredModule) -> Iterator[Resource]:
        """Yield the resources of a module and of those in it. A module that cannot be read is a resource."""
        for kind, origin in (("resource", "declared"), ("data", "data")):
            for block in module.blocks.get(kind, ()):
                for type_name, named in _plain_keys(block).items():
                    for name, body in _plain_keys(named).items():
                        prefix = "data." if origin == "data" else ""
                        yield self._resource(module, f"{prefix}{type_name}.{name}", type_name, name, body, origin)
        for name, body in _named(module.blocks.get("module", ())):
            if name in module.children:
                yield from self.resources(module.children[name])
            else:
                yield self._resource(
                    module, f"module.{name}", _module_type(body.get("source"), name), name, body, "declared"
                )

    def _resource(
        self, module: _ConfiguredModule, relative: str, kind: str, name: str, body: Any, origin: str
    ) -> Resource:
        fields = _plain_keys(body)
        count = fields.get("count")
        meta = _MODULE_META if relative.startswith("module.") else _META
        properties = {key: self._value(value, module) for key, value in fields.items() if key not in meta}
        return Resource(
            address=terraform_names.in_module(module.address, relative),
            type=kind,
            name_hints=terraform_names.name_hints(name, module.address),
            properties=_with_dynamic_blocks(properties),
            stack=module.address,
            span=module.spans.get(relative, next(iter(module.spans.values()), Span(""))),
            origin=origin,
            replicas=count if isinstance(count, int) and 1 <= count <= 1000 else 1,
            **self._location(module, _plain(str(fields.get("provider", kind.partition("_")[0]))).strip("${}")),
        )

    def _location(self, module: _ConfiguredModule, provider: str, depth: int = 0) -> dict[str, str]:
        """Return the region and the account of a provider: the default one, or one such as `aws.us`."""
        name, _, alias = provider.partition(".")
        for provider_name, body in _named(module.blocks.get("provider", ())):
            if provider_name == name and _plain(str(body.get("alias", ""))) == alias:
                region = next(paths.texts(self._value(body.get("region"), module)), "")
                roles = paths.texts(self._value(body.get("assume_role"), module))
                accounts = (part for role in roles for part in role.split(":"))
                account = next(filter(None, map(account_number, accounts)), "")
                return {"region": region_name(region), "account": account}
        if module.outer is None or depth > _MAX_MODULE_DEPTH:
            return {}
        passed = _plain_keys(module.arguments.get("providers"))
        outer = passed.get(provider, provider)
        return self._location(module.outer, _plain(str(outer)).strip("${}"), depth + 1)

    def _value(self, raw: Any, module: _ConfiguredModule) -> Value:
        if self._depth > _MAX_DEPTH:
            return None
        self._depth += 1
        try:
            if isinstance(raw, dict):
                return {key: self._value(child, module) for key, child in _plain_keys(raw).items()}
            if isinstance(raw, list):
                return [self._value(item, module) for item in raw]
            if isinstance(raw, str):
                return self._text(raw, module)
            return raw if isinstance(raw, (int, float, bool)) else None
        finally:
            self._depth -= 1

    def _text(self, raw: str, module: _ConfiguredModule) -> Value:
        """Return a text, or the references in an expression followed by its text."""
        text = _plain(raw)
        if "${" not in raw:
            return text
        parts: list[Value] = []
        for match in _NAME.finditer(text):
            parts += self._name(match[1], module)
        return (*parts, text) if parts else text

    def _name(self, name: str, module: _ConfiguredModule) -> list[Value]:
        """Return what a name in an expression stands for: references, or the value of a local or a variable."""
        parts = terraform_names.without_index(name).split(".")
        key = f"{module.address}|{'.'.join(parts[:2])}"
        if parts[0] in ("local", "var") and len(parts) > 1:
            if key not in self._variables:
                self._variables[key] = []  # A variable that refers to itself has no value.
                self._variables[key] = self._variable(parts[0], parts[1], module)
            return [_member(value, parts[2:]) for value in self._variables[key]]
        if parts[0] == "module" and len(parts) > 1:
            return self._output(parts, module)
        if split := terraform_names.split(name):
            return [Reference(terraform_names.in_module(module.address, split[0]), split[1])]
        return []

    def _variable(self, kind: str, name: str, module: _ConfiguredModule) -> list[Value]:
        if kind == "local":
            return [self._value(module.locals.get(name), module)]
        if module.outer and name in module.arguments:
            return [self._value(module.arguments[name], module.outer)]
        return [self._value(module.variables.get(name), module)]

    def _output(self, parts: list[str], module: _ConfiguredModule) -> list[Value]:
        child = module.children.get(parts[1])
        if child is None:
            return [Reference(terraform_names.in_module(module.address, f"module.{parts[1]}"))]
        outputs = dict(_named(child.blocks.get("output", ())))
        value = self._value(outputs[parts[2]].get("value"), child) if len(parts) > 2 and parts[2] in outputs else None
        return list(paths.references(_member(value, parts[3:])))


def _member(value: Value, names: Sequence[str]) -> Value:
    """Return what is at names in an object; the whole value if it is not known what is there."""
    for name in names:
        if not isinstance(value, dict):
            break
        if name not in value:
            return None
        value = value[name]
    return value


def _with_dynamic_blocks(properties: dict[str, Value]) -> dict[str, Value]:
    """Return properties in which `dynamic "ingress" { content { ... } }` is a block `ingress`."""
    dynamic = properties.get("dynamic")
    for block in dynamic if isinstance(dynamic, list) else ():
        for name, body in block.items() if isinstance(block, dict) else ():
            content = body.get("content") if isinstance(body, dict) else None
            properties.setdefault(name, content)
    return properties


def _module_type(source: Any, name: str) -> str:
    """Return the type of a module: `module` and what the last part of its source, or its name, says that it is.

    Nothing else of the source is kept: it may contain secrets.
    """
    location = _plain(source).partition("?")[0].rstrip("/") if isinstance(source, str) else ""
    parts = location.split("/")
    last = parts[1] if _REGISTRY.fullmatch(location) else parts[-1].removesuffix(".git")
    known = rules.module_named(last) or rules.module_named(name)
    return f"module {known}" if known else "module"


def _named(blocks: Sequence[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for block in blocks:
        for name, body in _plain_keys(block).items():
            yield name, _plain_keys(body)


def _plain_keys(mapping: Any) -> dict[str, Any]:
    if not isinstance(mapping, dict):
        return {}
    return {_plain(key): value for key, value in mapping.items() if key not in _MARKS}


def _plain(text: str) -> str:
    """Return a text without the quotes in which the parser leaves it."""
    return text[1:-1] if len(text) >= 2 and text[0] == text[-1] == '"' else text
