"""`diagramkit import`: a Markdown pattern catalogue becomes one spec a pattern."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path, PurePath
from typing import Any

from diagramkit.diagnostics import FINDINGS, OK, Diagnostic, Span


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "import",
        description="Make one YAML spec of each pattern in a Markdown catalogue: a heading with a "
        "Mermaid fence under it. A spec that was edited since it was imported is left alone.",
    )
    parser.add_argument("catalogue", metavar="CATALOGUE.md", help="the catalogue")
    parser.add_argument("-o", "--output", default="specs", metavar="FOLDER", help="where the specs go (default: specs)")
    parser.add_argument("--force", action="store_true", help="overwrite edited specs too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the specs and their index. Raises `DiagramError`; 1 where an edited spec was kept."""
    from diagramkit import files, sources
    from diagramkit.sources import pattern_catalog, slugs

    found = pattern_catalog.read(sources.read_text(options.catalogue), options.catalogue)
    index_path = os.path.join(options.output, slugs.INDEX)
    before = sources.imported_digests(index_path)
    provider = pattern_catalog.provider_of(found)
    digests: dict[str, str] = {}
    kept = written = 0
    for pattern in found.patterns():
        path = os.path.join(options.output, *PurePath(pattern.path).parts)
        text = pattern_catalog.spec_text(pattern, provider)
        digests[pattern.path] = pattern_catalog.digest(text)
        if not options.force and _edited(path, before.get(pattern.path), text):
            kept += 1
            digests[pattern.path] = before.get(pattern.path, digests[pattern.path])
            _warn(
                "edited-spec",
                "was edited since it was imported and is left as it is; use --force to replace it",
                path,
            )
            continue
        if files.write(path, text.encode("utf-8")):
            written += 1
            print(f"wrote {path}")
    for gone in sorted(set(before) - set(digests)):
        path = os.path.join(options.output, *PurePath(gone).parts)
        if Path(path).exists():
            _warn("not-in-catalogue", "is no longer in the catalogue; remove it if it is done", path)
    index = pattern_catalog.index_text(found, PurePath(options.catalogue).name, digests)
    files.write(index_path, index.encode("utf-8"))
    total = len(digests)
    print(f"{total} patterns: {written} written, {total - written - kept} unchanged, {kept} kept")
    return FINDINGS if kept else OK


def _edited(path: str, imported: str | None, text: str) -> bool:
    """Whether a person changed the spec: it is neither what is to be written nor what was."""
    from diagramkit import files
    from diagramkit.sources import pattern_catalog

    data = files.read(path)
    if data is None or data == text.encode("utf-8"):
        return False
    return pattern_catalog.digest(data.decode("utf-8", "replace")) != imported


def _warn(code: str, message: str, path: str) -> None:
    print(Diagnostic(code, message, Span(path), "warning"), file=sys.stderr)
