"""`diagramkit import`: convert a Markdown pattern catalog, or infrastructure templates, to specs."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from diagramkit.diagnostics import OK, PROBLEMS, Diagnostic, DiagramError, Span, exit_code

if TYPE_CHECKING:
    from diagramkit.graph import Pattern

_LEVELS = ("overview", "default", "detail", "all")
_ZONES = ("merged", "each")


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "import",
        description="Write one YAML spec for each pattern in a Markdown catalog, or for each infrastructure template: "
        "CloudFormation, SAM, the output of 'cdk synth', Terraform's .tf files and the JSON of 'terraform show -json'. "
        "A pattern is a heading with a Mermaid fence below it. Specs that were edited since the last import are left "
        "alone.",
    )
    parser.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="a Markdown catalog, or templates and folders (cdk.out, Terraform)"
    )
    parser.add_argument(
        "-o", "--output", default="specs", metavar="FOLDER", help="the folder for the specs (default: specs)"
    )
    parser.add_argument("--force", action="store_true", help="also overwrite edited specs")
    templates = parser.add_argument_group("templates")
    templates.add_argument("--level", choices=_LEVELS, help="how much to show (default: default)")
    templates.add_argument(
        "--focus",
        metavar="ADDRESS[:HOPS]",
        help="show only a resource and what is at most HOPS edges away (default: 1)",
    )
    templates.add_argument(
        "--show",
        action="append",
        metavar="GLOB",
        help="show resources whose address or type matches, whatever their level",
    )
    templates.add_argument(
        "--hide", action="append", metavar="GLOB", help="leave out resources whose address or type matches"
    )
    templates.add_argument(
        "--zones", choices=_ZONES, help="show subnets once for all zones, or each of them (default: merged)"
    )
    templates.add_argument("--strict", action="store_true", help="report unknown types of resources as errors")
    parser.set_defaults(run=run, parser=parser, destinations=("output",))


def run(options: argparse.Namespace) -> int:
    """Write the specs. The exit code is 1 if an edited spec was kept. Raises `DiagramError`."""
    catalogs = [source for source in options.sources if PurePath(source).suffix.lower() in (".md", ".markdown")]
    if not catalogs:
        return _import_templates(options)
    if len(options.sources) > 1:
        options.parser.error("a catalog is imported on its own; name it without other sources")
    return _import_catalog(options)


def _import_templates(options: argparse.Namespace) -> int:
    """Write the specs of templates and return the exit code. Raises `DiagramError` if none of them can be read."""
    from diagramkit import sources
    from diagramkit.cli import console

    files = _template_files(options.sources)
    texts = [(file.path, sources.read_text(file.path)) for file in files if not file.problems]
    console.report([problem for file in files for problem in file.problems])
    code = max((exit_code(file.problems) for file in files), default=OK)
    written: set[str] = set()
    for path, text in texts:
        others = [
            (other, other_text)
            for other, other_text in texts
            if other != path and _is_stack(path, text) and _is_stack(other, other_text)
        ]
        try:
            pattern = _read(path, text, others, options)
        except DiagramError as error:
            console.report(error.problems)
            code = max(code, exit_code(error.problems))
            continue
        problems = _problems(pattern, options.strict)
        console.report(problems)
        code = max(code, exit_code(problem for problem in problems if problem.severity == "error"))
        if not exit_code(problem for problem in problems if problem.severity == "error"):
            code = max(code, _write(pattern, options, written))
    return code


def _template_files(sources_named: list[str]) -> list[Any]:
    """Return the files that the sources stand for, without those of folders that are no templates."""
    from diagramkit import sources

    files = sources.find(sources_named)
    return [file for file in files if not file.in_folder or _is_template(file.path)]


def _is_template(path: str) -> bool:
    from diagramkit import sources
    from diagramkit.sources import templates

    try:
        return templates.is_template(sources.read_text(path), path)
    except DiagramError:
        return False


def _is_stack(path: str, text: str) -> bool:
    """Return whether a file is a template of CloudFormation, which may import what others export."""
    from diagramkit.infrastructure.readers import detect

    return detect.kind(text, path) == "cloudformation"


def _read(path: str, text: str, others: list[tuple[str, str]], options: argparse.Namespace) -> Pattern:
    from diagramkit.sources import templates

    view = templates.view_for(
        path,
        level=options.level,
        focus=options.focus,
        show=tuple(options.show or ()),
        hide=tuple(options.hide or ()),
        zones=options.zones,
    )
    return templates.pattern(text, path, view=view, others=others)


def _problems(pattern: Pattern, is_strict: bool) -> list[Diagnostic]:
    """Return the problems of a template; unknown types are errors if the import is strict."""
    from msgspec.structs import replace

    return [
        replace(problem, severity="error") if is_strict and problem.code == "unknown-type" else problem
        for problem in pattern.graph.warnings
    ]


def _write(pattern: Pattern, options: argparse.Namespace, written: set[str]) -> int:
    """Write the spec of a template, print what became of its resources, and return the exit code."""
    from diagramkit import files
    from diagramkit.cli import console
    from diagramkit.sources import templates

    counts = templates.summary(pattern.resources)
    if not pattern.graph.nodes and not pattern.graph.groups:
        message = f"nothing in this template is a component, so that there is no spec for it ({counts})"
        console.report([Diagnostic("empty-diagram", message, pattern.span, "note")])
        return OK
    name, number = pattern.name, 2
    while name in written:
        name, number = f"{pattern.name}-{number}", number + 1
    written.add(name)
    path = os.path.join(options.output, f"{name}.yaml")
    text = templates.spec_text(pattern)
    if not options.force and templates.was_edited(files.read(path), text):
        _warn("edited-spec", "was edited since it was imported and is left unchanged; use --force to replace it", path)
        return PROBLEMS
    state = "wrote" if files.write(path, text.encode("utf-8")) else "unchanged:"
    console.info(f"{state} {path}: {counts}")
    return OK


def _import_catalog(options: argparse.Namespace) -> int:
    """Write the specs of a catalog and their index, and return the exit code. Raises `DiagramError`."""
    from diagramkit import files, sources
    from diagramkit.sources import pattern_catalog, slugs

    (file,) = options.sources
    catalog = pattern_catalog.read(sources.read_text(file), file)
    index_path = os.path.join(options.output, slugs.INDEX)
    previous_digests = sources.imported_digests(index_path)
    provider = pattern_catalog.provider_of(catalog)
    digests: dict[str, str] = {}
    edited_count = written_count = 0
    for pattern in catalog.patterns():
        path = os.path.join(options.output, *PurePath(pattern.path).parts)
        text = pattern_catalog.spec_text(pattern, provider)
        digests[pattern.path] = pattern_catalog.digest(text)
        if not options.force and _was_edited(path, previous_digests.get(pattern.path), text):
            edited_count += 1
            digests[pattern.path] = previous_digests.get(pattern.path, digests[pattern.path])
            _warn(
                "edited-spec",
                "was edited since it was imported and is left unchanged; use --force to replace it",
                path,
            )
            continue
        if files.write(path, text.encode("utf-8")):
            written_count += 1
            print(f"wrote {path}")
    for removed in sorted(set(previous_digests) - set(digests)):
        path = os.path.join(options.output, *PurePath(removed).parts)
        if Path(path).exists():
            _warn("not-in-catalogue", "is no longer in the catalog; remove the file if it is not needed", path)
    index = pattern_catalog.index_text(catalog, PurePath(file).name, digests)
    files.write(index_path, index.encode("utf-8"))
    total = len(digests)
    unchanged_count = total - written_count - edited_count
    print(f"{total} patterns: {written_count} written, {unchanged_count} unchanged, {edited_count} kept")
    return PROBLEMS if edited_count else OK


def _was_edited(path: str, imported_digest: str | None, text: str) -> bool:
    """Return whether somebody edited a spec: it differs from both the new `text` and what was last imported."""
    from diagramkit import files
    from diagramkit.sources import pattern_catalog

    data = files.read(path)
    if data is None or data == text.encode("utf-8"):
        return False
    return pattern_catalog.digest(data.decode("utf-8", "replace")) != imported_digest


def _warn(code: str, message: str, path: str) -> None:
    print(Diagnostic(code, message, Span(path), "warning"), file=sys.stderr)
