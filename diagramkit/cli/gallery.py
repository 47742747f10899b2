"""`diagramkit gallery`: one page with all diagrams."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from diagramkit.cli import console, style_options
from diagramkit.cli.inputs import none
from diagramkit.diagnostics import BAD_INPUT, FINDINGS, OK, Diagnostic, DiagramError, Span

if TYPE_CHECKING:
    from diagramkit.graph import Pattern
    from diagramkit.pipeline import Options
    from diagramkit.publish.gallery import GalleryEntry

_FILES = ("svg", "png", "pdf", "webp", "mmd")


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "gallery",
        description="Write index.html into the output folder: one page that needs no network, with all "
        "diagrams by category, search, light and dark, zoom, and copy buttons; and README.md, which shows the same on "
        "GitHub. 'render --gallery' does both.",
    )
    parser.add_argument(
        "sources", nargs="*", metavar="SOURCE", help="specs, .mmd or Markdown files, folders of them (default: specs)"
    )
    parser.add_argument(
        "-o",
        "--output",
        default="output",
        metavar="FOLDER",
        help="where it goes, beside the pictures (default: output)",
    )
    parser.add_argument("--gallery-title", metavar="TEXT", help="what it is called (default: as the catalogue)")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 where the gallery is not current"
    )
    style_options.add(parser)
    console.add(parser)
    parser.set_defaults(run=run, parser=parser, engine="layered", configured=True, usual_sources=["specs"])


def run(options: argparse.Namespace) -> int:
    """Write the gallery. Raises `DiagramError`; what cannot be drawn is told, the rest is shown."""
    from diagramkit.icons.packs import installed
    from diagramkit.pipeline import Options

    style_options.check_theme(options)
    how = Options(
        options.theme,
        None,
        options.engine,
        options.background,
        look=style_options.read(options),
        packs=installed.current_packs(),
    )
    given = options.sources or options.usual_sources
    return write(given, options.output, how, options.gallery_title, options.check)


def write(given: list[str], output: str, how: Options, title: str | None, check: bool) -> int:
    """Write the page and the Markdown, or say whether they are current; the exit code. Raises `DiagramError`."""
    from diagramkit import files, sources
    from diagramkit.publish import gallery
    from diagramkit.sources.slugs import claim_name

    shown: list[GalleryEntry] = []
    problems: list[Diagnostic] = []
    owners: dict[str, str] = {}
    for file in sources.find(given):
        try:
            for pattern in sources.load(file).patterns:
                if problem := claim_name(owners, pattern.stem, pattern.span):
                    problems.append(problem)
                else:
                    shown.append(_shown(pattern, output, how))
        except DiagramError as error:
            problems += error.problems
    console.report(problems)
    if not shown and not problems:
        raise none(given[0])
    named = title or sources.catalog_title(given) or "Architecture diagrams"
    made = {"index.html": gallery.page(named, shown), "README.md": gallery.readme(named, shown)}
    code = BAD_INPUT if problems else OK
    for name, text in made.items():
        path = os.path.join(output, name)
        data = files.as_bytes(text)
        if check:
            if files.read(path) != data:
                message = "is not current; run 'diagramkit gallery' with the same options and commit it"
                console.report([Diagnostic("stale-output", message, Span(path))])
                code = max(code, FINDINGS)
        elif files.write(path, data):
            console.done(f"{path}: wrote {len(shown)} diagrams")
        else:
            console.done(f"{path}: current")
    return code


def _shown(pattern: Pattern, output: str, how: Options) -> GalleryEntry:
    from diagramkit.publish import cached
    from diagramkit.publish.gallery import GalleryEntry

    light = how if how.theme not in ("auto", "dark") else replace(how, theme="light")
    dark = replace(how, theme="dark") if how.theme in ("auto", "light", "dark") else how
    stem = pattern.stem
    there = tuple(
        (ending, f"{stem}.{ending}") for ending in _FILES if Path(output, *f"{stem}.{ending}".split("/")).is_file()
    )
    svg = cached.picture(pattern, light, "svg")
    return GalleryEntry(pattern, svg, cached.picture(pattern, dark, "svg"), cached.alt_text_of_svg(pattern, svg), there)
