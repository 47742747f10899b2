"""`diagramkit import`: convert a Markdown pattern catalog, or infrastructure templates, to specs."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from diagramkit.cli import console, limit_options, template_import
from diagramkit.diagnostics import OK, PROBLEMS, Diagnostic, Span

if TYPE_CHECKING:
    from diagramkit.batch.executor import Executor


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "import",
        description="Write one YAML spec for each pattern in a Markdown catalog, or for each infrastructure template: "
        "CloudFormation, SAM, the output of 'cdk synth', Terraform's .tf files, the JSON of 'terraform show -json', "
        "'terraform graph', files of Docker Compose and manifests of Kubernetes. "
        "A pattern is a heading with a Mermaid fence below it. Importing a template again keeps what was edited in its "
        "spec, and repeats the options; specs of a catalog that were edited are left unchanged.",
    )
    parser.add_argument(
        "sources",
        nargs="*",
        metavar="SOURCE",
        help="a Markdown catalog, or templates, folders (cdk.out, Terraform, Compose, a kustomization) and specs to "
        "import again (default: all specs in the output folder that were imported from templates)",
    )
    parser.add_argument(
        "-o", "--output", default="specs", metavar="FOLDER", help="the folder for the specs (default: specs)"
    )
    parser.add_argument("--force", action="store_true", help="replace edited specs")
    template_import.add_options(parser)
    limit_options.add_options(parser)
    console.add_options(parser)
    parser.set_defaults(run=run, parser=parser, destinations=("output",), configured=limit_options.SETTINGS)


def run(options: argparse.Namespace) -> int:
    """Write the specs. The exit code is 1 if an edited spec was kept. Raises `DiagramError`."""
    catalogs = [source for source in options.sources if PurePath(source).suffix.lower() in (".md", ".markdown")]
    if not catalogs:
        return template_import.run(options)
    if options.check:
        options.parser.error("--check compares specs with templates; a catalog cannot be checked")
    if len(options.sources) > 1:
        options.parser.error("a catalog is imported on its own; name it without other sources")
    return _import_catalog(options, catalogs[0])


def _import_catalog(options: argparse.Namespace, file: str) -> int:
    """Write the specs of a catalog and their index, and return the exit code. Raises `DiagramError`."""
    from diagramkit import files, sources
    from diagramkit.sources import pattern_catalog, slugs

    text = sources.read_text(file)
    executor: Executor = options.executor
    catalog = executor.call(Span(file), pattern_catalog.read, text, file)
    index_path = os.path.join(options.output, slugs.INDEX)
    previous_digests = sources.imported_digests(index_path, executor.read_index)
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
