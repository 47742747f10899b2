"""`diagramkit gallery`: one page with all diagrams."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagramkit.cli import console, limit_options, source_arguments, style_options
from diagramkit.diagnostics import PROBLEMS, Diagnostic, Span, exit_code, problems_of
from diagramkit.outputs import ENDINGS
from diagramkit.project import SETTINGS

if TYPE_CHECKING:
    from diagramkit.batch.executor import Executor
    from diagramkit.graph import Pattern
    from diagramkit.options import Options
    from diagramkit.publish.gallery import GalleryEntry

_DOWNLOADS = (*(name for name in ENDINGS if name != "mmd"), "mmd")  # The source comes last.
"""The file name extensions of the files that the gallery links to, if they exist."""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "gallery",
        description="Write two pages into the output folder: index.html, which works offline and shows all diagrams "
        "by category, with search, light and dark mode, zoom and copy buttons; and README.md, which shows the same on "
        "GitHub. 'render --gallery' writes them together with the pictures.",
    )
    source_arguments.add(parser)
    parser.add_argument(
        "-o",
        "--output",
        default="output",
        metavar="FOLDER",
        help="the folder to write to, which also has the pictures (default: output)",
    )
    parser.add_argument(
        "--gallery-title", metavar="TEXT", help="the title of the gallery (default: that of the catalog)"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; the exit code is 1 if the gallery is not current"
    )
    limit_options.add_options(parser)
    style_options.add_options(parser)
    console.add_options(parser)
    parser.set_defaults(run=run, parser=parser, destinations=("output",), configured=SETTINGS)


def run(options: argparse.Namespace) -> int:
    """Write the gallery and return the exit code. Report diagrams that cannot be drawn, and show the others.

    Raises `DiagramError`.
    """
    from diagramkit.cli import inputs

    if options.output.lower().endswith((".html", ".htm")):
        options.parser.error(f"'-o {options.output}' must be a folder, into which index.html is written")
    style_options.check_theme(options)
    draw_options = style_options.read(options, inputs.current_packs())
    source_paths = source_arguments.chosen(options)
    return write(source_paths, options.output, draw_options, options.gallery_title, options.check, options.executor)


def write(
    source_paths: list[str], output: str, draw_options: Options, title: str | None, check: bool, executor: Executor
) -> int:
    """Write both pages, or with `check` report whether they are current. Return the exit code.

    `executor` reads the sources and draws the diagrams. Raises `DiagramError`.
    """
    from diagramkit import files, sources
    from diagramkit.cli import inputs
    from diagramkit.publish import gallery
    from diagramkit.sources.slugs import claim_name

    loaded = inputs.load_inputs(source_paths, executor)
    entries: list[GalleryEntry] = []
    problems: list[Diagnostic] = []
    owners: dict[str, str] = {}
    for pattern in loaded.patterns:
        if problem := claim_name(owners, pattern.stem, pattern.span):
            problems.append(problem)
            continue
        try:
            entries.append(executor.call(pattern.span, _make_entry, pattern, output, draw_options))
        except Exception as error:
            problems += problems_of(error, pattern.span)
    console.report(problems)
    page_title = title or sources.catalog_title(source_paths, executor.read_index) or "Architecture diagrams"
    pages = {"index.html": gallery.page(page_title, entries), "README.md": gallery.readme(page_title, entries)}
    code = exit_code((*loaded.problems, *problems))
    for name, text in pages.items():
        path = os.path.join(output, name)
        data = files.as_bytes(text)
        if check:
            if files.read(path) != data:
                message = "is not current; run 'diagramkit gallery' with the same options and commit the result"
                console.report([Diagnostic("stale-output", message, Span(path))])
                code = max(code, PROBLEMS)
        elif files.write(path, data):
            console.info(f"{path}: wrote {console.count(len(entries), 'diagram')}")
        else:
            console.info(f"{path}: current")
    return code


def _make_entry(pattern: Pattern, output: str, draw_options: Options) -> GalleryEntry:
    """Return the gallery entry of a pattern, with links to the files that exist."""
    from diagramkit.publish import cached

    stem = pattern.stem
    downloads = tuple(
        (ending, f"{stem}.{ending}") for ending in _DOWNLOADS if Path(output, *f"{stem}.{ending}".split("/")).is_file()
    )
    return cached.gallery_entry(pattern, draw_options, downloads)
