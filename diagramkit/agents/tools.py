"""The tools that a model can call, in one table. Each is a function of its arguments that writes nothing itself.

A tool runs in a worker process within a time limit and returns what to answer and which files to write; the server
writes these, where it checks their paths. Paths are relative to the server's folder, which is the current folder.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import files, pipeline, project, sources, write_scope
from diagramkit.agents.arguments import (
    FILE_NAME,
    ExportArguments,
    IconArguments,
    ImportArguments,
    RenderArguments,
    SourceArguments,
)
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail
from diagramkit.graph import Pattern
from diagramkit.markup import json_text
from diagramkit.options import Options, PictureOptions
from diagramkit.outputs import OUTPUTS
from diagramkit.sources import SourceFile, limits, readers
from diagramkit.sources.readers import LoadResult

PICTURES = "diagrams"
"""The folder for the files that tools write, below the server's folder."""

Packs = tuple[str, ...]

_PREVIEW_WIDTH = 1200  # Pixels of the picture that a model looks at.
_MAX_TEXT = 4000  # Characters of a file that is part of the answer.


class ToolResult(Struct, frozen=True):
    """What a tool answers: texts, and a PNG to look at; and the files to write, by path. `failed` marks an error."""

    texts: tuple[str, ...]
    png: bytes | None = None
    files: Mapping[str, bytes] = {}
    failed: bool = False


class Tool(Struct, frozen=True):
    """A tool: its name and description for a model, the type of its arguments, and its function."""

    name: str
    description: str
    arguments: type[Struct]
    function: Callable[[Any, Packs], ToolResult]


def call(name: str, arguments: Struct, packs: Packs) -> ToolResult:
    """Return what a tool answers, with the problems of the diagram; `packs` are the folders of icon packs."""
    try:
        with write_scope.limited(os.getcwd):  # What will be written is read first.
            return TOOLS[name].function(arguments, packs)
    except DiagramError as error:
        return ToolResult((_json({"problems": _problem_data(error.problems)}),), failed=True)


def _render(arguments: RenderArguments, packs: Packs) -> ToolResult:
    """Draw a diagram. If it has errors, answer as `check` does."""
    from diagramkit.writers import png

    loaded, text = _load(arguments)
    if not loaded.patterns:
        return _checked(arguments, loaded, text, packs, failed=True)
    pattern = _single(loaded)
    picture_options = PictureOptions(canvas=arguments.canvas, steps=arguments.steps or None)
    options = Options(theme=arguments.theme, packs=packs, picture_options=picture_options)
    rendering = pipeline.prepare(pattern, options)
    files = {_path(arguments.name, name, pattern): OUTPUTS[name].write(rendering) for name in arguments.formats}
    width = rendering.drawing.width
    preview = png.write(rendering.drawing, min(2.0, _PREVIEW_WIDTH / width), True, rendering.elements)
    problems = _problem_data((*loaded.problems, *rendering.warnings))
    answer = {"files": list(files), **({"problems": problems} if problems else {})}
    return ToolResult((_json(answer), rendering.report.to_json()), preview, files)


def _check(arguments: SourceArguments, packs: Packs) -> ToolResult:
    """Report all problems of a diagram, and its text after all fixes."""
    loaded, text = _load(arguments)
    return _checked(arguments, loaded, text, packs)


def _checked(
    arguments: SourceArguments, loaded: LoadResult, text: str, packs: Packs, failed: bool = False
) -> ToolResult:
    """Return all problems, the text after all fixes if there are any, and what remains then."""
    from diagramkit.sources import fixes

    file = _file(arguments)
    loads = {text: loaded}

    def problems_in(new_text: str) -> tuple[Diagnostic, ...]:
        if new_text not in loads:
            loads[new_text] = sources.load(file, new_text)
        return loads[new_text].problems

    result = fixes.fix(text, problems_in)
    final = loads[result.text]
    icons = [problem for pattern in final.patterns for problem in _icon_problems(pattern, packs)]
    later = tuple(problem for problem in result.fixed if problem not in loaded.problems)
    answer: dict[str, Any] = {"problems": _problem_data((*loaded.problems, *(later if result.text != text else ())))}
    if result.text != text:
        answer |= {"remaining": _problem_data((*result.remaining, *icons)), "fixed": result.text}
    else:
        answer["problems"] += _problem_data(icons)
    return ToolResult((_json(answer),), failed=failed)


def _icon_problems(pattern: Pattern, packs: Packs) -> tuple[Diagnostic, ...]:
    """Return the problems with the icons of a diagram."""
    from diagramkit.icons.catalog import catalog_of

    options = Options(packs=packs)
    try:
        choices = pipeline.choices(pattern, options)
    except DiagramError as error:
        return error.problems
    unknown = pipeline.unknown_icon_names(pattern, choices, catalog_of(pattern, options))
    return (*unknown, *pipeline.unresolved(pattern, choices, "note"))


def _find_icons(arguments: IconArguments, packs: Packs) -> ToolResult:
    """Search icons by name."""
    from diagramkit import project
    from diagramkit.icons import search
    from diagramkit.icons.catalog import IconCatalog

    catalog = IconCatalog(packs, str(project.find().root))
    entries = [entry for entry in search.search(arguments.query, catalog) if entry.available]
    rows = [{"icon": entry.reference, "names": list(entry.names[:3])} for entry in entries[: arguments.limit]]
    return ToolResult((_json({"icons": rows, "more": max(0, len(entries) - len(rows))}),))


def _export(arguments: ExportArguments, packs: Packs) -> ToolResult:
    """Convert a diagram to another format."""
    loaded, text = _load(arguments)
    if not loaded.patterns:
        return _checked(arguments, loaded, text, packs, failed=True)
    output = OUTPUTS[arguments.format]
    pattern = _single(loaded)
    rendering = pipeline.prepare(pattern, Options(packs=packs))
    written = output.write(rendering)
    path = _path(arguments.name, arguments.format, pattern)
    texts = [_json({"files": [path], "problems": _problem_data((*loaded.problems, *rendering.warnings))})]
    if output.is_text and len(written) <= _MAX_TEXT:
        texts.append(written.decode("utf-8"))
    return ToolResult(tuple(texts), files={path: written})


def _import_infrastructure(arguments: ImportArguments, _: Packs) -> ToolResult:
    """Turn a template into a spec, or update the spec that it was imported to."""
    from diagramkit.sources import templates
    from diagramkit.sources.imports import import_key, last_import, targets, updating
    from diagramkit.sources.imports.import_key import ImportKey

    (file,) = sources.find([_inside(arguments.path)])
    text = sources.read_text(file.path)
    if not templates.is_template(text, file.path):
        raise fail("not-a-template", "this file is not a template of infrastructure; name another one", Span(file.path))
    target = targets.for_template(file.path, PICTURES, templates.name_of(file.path), set())
    chosen = {"level": None if arguments.level == "default" else arguments.level, "focus": arguments.focus}
    source = import_key.relative(targets.source_of(file.path), target.path)
    key = replace((target.key or ImportKey("")).with_options(chosen), source=source)
    drawn = templates.pattern(text, file.path, "", templates.view_for(file.path, **key.view))
    record_path = last_import.path_of(target.path)
    root = project.find().root
    if not Path(record_path).resolve().is_relative_to(Path.cwd().resolve()):
        message = f"the project of this folder is '{root.name}', where its imports are recorded; start the server there"
        raise fail("outside", message, Span(arguments.path))
    update = updating.update(drawn, key, target.path, target.text, last_import.existing(record_path))
    changes = [problem for change in update.changes if (problem := change.done())]
    answer = {
        "files": [target.path],
        "resources": templates.summary(drawn.resources),
        "problems": _problem_data((*drawn.graph.warnings, *changes)),
    }
    files = {target.path: update.text.encode("utf-8"), record_path: update.record.encode("utf-8")}
    return ToolResult((_json(answer),), files=files)


def _file(arguments: SourceArguments) -> SourceFile:
    """Return the file that the arguments name, or standard input for a text. Raises `DiagramError`."""
    if arguments.source is not None and arguments.path is None:  # Messages advise what to write by the extension.
        return SourceFile(f"diagram{readers.detect_reader(arguments.source).extensions[0]}")
    if arguments.path is None or arguments.source is not None:
        raise fail("wrong-value", "pass either 'source' or 'path'", Span("arguments"))
    (file, *others) = sources.find([_inside(arguments.path)])
    if others:
        raise fail("not-one-diagram", "this folder contains several sources; name one file", Span(arguments.path))
    return file


def _load(arguments: SourceArguments) -> tuple[LoadResult, str]:
    """Return the diagrams of the arguments with all problems, and the text. Raises `DiagramError`."""
    if arguments.source is not None:
        limits.check_size(len(arguments.source.encode("utf-8", "surrogatepass")), ".")
    file = _file(arguments)
    text = sources.read_text(file.path) if arguments.source is None else arguments.source
    return sources.load(file, text), text


def _single(loaded: LoadResult) -> Pattern:
    """Return the only diagram of a source. Raises `DiagramError` (not-one-diagram)."""
    if len(loaded.patterns) > 1:
        message = f"there are {len(loaded.patterns)} diagrams here; pass one of them as 'source'"
        raise fail("not-one-diagram", message, loaded.patterns[1].span)
    return loaded.patterns[0]


def _inside(path: str) -> str:
    """Return a path, relative to the server's folder. Raises `DiagramError` (outside, no-such-file)."""
    if not path or not files.can_exist(path):
        raise fail("no-such-file", "no file can have this path; name one in the folder of the server", Span("path"))
    if not Path(os.path.realpath(path)).is_relative_to(Path.cwd().resolve()):
        raise fail("outside", "this is outside of the folder of the server; name a file in it", Span(path))
    relative = os.path.relpath(path)
    return os.path.join(os.curdir, relative) if relative == sources.STDIN else relative


def _path(name: str, format: str, pattern: Pattern) -> str:
    """Return the path of a file to write in a format. Raises `DiagramError`, also if a package for it is missing."""
    if not re.fullmatch(FILE_NAME, name):
        raise fail("wrong-value", f"'name' must be a file name without folders, not '{name[:100]}'", Span("arguments"))
    OUTPUTS[format].check_package(pattern.span)
    return f"{PICTURES}/{name}.{OUTPUTS[format].ending}"


def _problem_data(problems: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Return diagnostics as data: the code, the position, the message, and the replacement if there is one."""
    rows = []
    for problem in dict.fromkeys(problems):
        row: dict[str, Any] = {"code": problem.code, "severity": problem.severity, "line": problem.span.line}
        row |= {"column": problem.span.column, "message": " ".join(problem.message.split())}
        if problem.fix:
            row["fix"] = {"old": problem.fix.old, "new": problem.fix.new}
        rows.append(row)
    return rows


def _json(value: Any) -> str:
    return json_text(value)


TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool(
            "render",
            "Draw a diagram. Returns a PNG, the paths of the files, and a report: the icon of each node with its "
            "reason, and what is hard to read, with lines and what to change. For a source with errors: as check.",
            RenderArguments,
            _render,
        ),
        Tool(
            "check",
            "List all problems of a diagram with code, line and fix; the fixed source; and what remains.",
            SourceArguments,
            _check,
        ),
        Tool(
            "find_icons",
            "Find icons by words, such as 'transit gateway'. Choose one in Mermaid with: id@{ icon: \"NAME\" }",
            IconArguments,
            _find_icons,
        ),
        Tool(
            "export",
            "Convert a diagram: pptx (editable slides), drawio, pdf, svg, mermaid (formatted), python, dot, json ...",
            ExportArguments,
            _export,
        ),
        Tool(
            "import_infrastructure",
            "Turn CloudFormation, SAM, cdk.out, Terraform, Docker Compose or Kubernetes into a spec to render. "
            "Importing again keeps edits.",
            ImportArguments,
            _import_infrastructure,
        ),
    )
}
"""The tools by name, in the order in which they are listed."""
