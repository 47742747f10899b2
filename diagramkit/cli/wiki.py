"""`diagramkit wiki`: wiki markup for a diagram, to paste into a page, or for a whole page of Markdown."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING, Any

from diagramkit.cli import limit_options, style_options
from diagramkit.diagnostics import Diagnostic, exit_code, problems_of
from diagramkit.project import SETTINGS
from diagramkit.sources.readers import KINDS

if TYPE_CHECKING:
    from diagramkit.graph import Pattern
    from diagramkit.options import Options

_WIKIS = ("confluence", "mediawiki", "github", "notion")
_PAGE_EXTENSIONS = (".html", ".htm", ".xml", ".xhtml", ".txt", ".wiki", ".mediawiki", ".md", ".svg", ".png")


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "wiki",
        description="Print the markup of a wiki page with the picture of each diagram, the pattern's lists, and the "
        "source, which is collapsed. The pictures are written to a folder, to be attached to the page. For Confluence "
        "and MediaWiki, a Markdown file is converted with all its text; the folder then contains the page as well.",
    )
    parser.add_argument("source", metavar="SOURCE", help=f"one of {KINDS}, or a folder of them")
    parser.add_argument("--to", choices=_WIKIS, required=True, help="the wiki")
    parser.add_argument(
        "-o", "--output", default="output", metavar="FOLDER", help="the folder for the pictures (default: output)"
    )
    limit_options.add_options(parser)
    style_options.add_options(parser)
    parser.set_defaults(run=run, parser=parser, destinations=("output",), configured=SETTINGS)


def run(options: argparse.Namespace) -> int:
    """Print the page, write the pictures, and print which files to attach. Return the exit code.

    A diagram that cannot be drawn is reported, and the page has the others. Raises `DiagramError`.
    """
    from diagramkit.cli import console, inputs
    from diagramkit.publish.pages import convert
    from diagramkit.sources.readers import MARKDOWN
    from diagramkit.sources.slugs import claim_name

    if os.path.splitext(options.output)[1].lower() in _PAGE_EXTENSIONS:  # noqa: PTH122 - as the user wrote it
        options.parser.error(f"'-o {options.output}' must be a folder, into which the pictures are written")
    if options.to in convert.FORMATS and options.source.lower().endswith(MARKDOWN.extensions):
        return _convert_page(options)
    loaded = inputs.load_inputs([options.source], options.executor)
    draw_options = style_options.read(options, inputs.current_packs()).for_titled_page()
    pages: list[str] = []
    problems: list[Diagnostic] = []
    owners: dict[str, str] = {}
    for pattern in loaded.patterns:
        if problem := claim_name(owners, pattern.name, pattern.span):
            problems.append(problem)
            continue
        try:
            pages.append(_page(pattern, options, draw_options))
        except Exception as error:
            problems += problems_of(error, pattern.span)
    print("\n".join(pages), end="")
    console.report(problems)
    return exit_code((*loaded.problems, *problems))


def _convert_page(options: argparse.Namespace) -> int:
    """Print a whole page, write it and the files to attach, and print which these are. Return the exit code.

    Raises `DiagramError`.
    """
    from diagramkit import files, project, sources
    from diagramkit.cli import console, inputs
    from diagramkit.publish.pages import convert

    draw_options = style_options.read(options, inputs.current_packs())
    text, root = sources.read_text(options.source), project.find().root
    page = convert.convert(text, options.source, options.to, draw_options, root, options.executor)
    stem = os.path.splitext(os.path.basename(options.source))[0]  # noqa: PTH122 - as the user wrote it
    path = os.path.join(options.output, stem + convert.FORMATS[options.to].extension)
    files.write(path, files.as_bytes(page.text))
    print(f"the page: {path}", file=sys.stderr)
    for name, content in page.attachments.items():
        attachment = os.path.join(options.output, name)
        files.write(attachment, content)
        print(f"attach to the page: {attachment}", file=sys.stderr)
    print(page.text, end="")
    console.report(page.problems)
    return exit_code(page.problems)


def _page(pattern: Pattern, options: argparse.Namespace, draw_options: Options) -> str:
    """Return the markup for a diagram, after writing its picture. Raises `DiagramError`."""
    from diagramkit import files, pipeline
    from diagramkit.publish import wiki

    write, picture_format = wiki.WIKIS[options.to]
    rendered = options.executor.call(pattern.span, pipeline.render, pattern, (picture_format,), draw_options)
    name = f"{pattern.name}.{picture_format}"
    path = os.path.join(options.output, name)
    files.write(path, rendered.outputs[picture_format])
    print(f"attach to the page: {path}", file=sys.stderr)
    return write(wiki.WikiPage(pattern, name, pattern.graph.accessible_title or rendered.description))
