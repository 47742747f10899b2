"""`diagramkit icons`: find icons, show them, bring packs of them in, say what is owed for them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagramkit.cli import console
from diagramkit.diagnostics import BAD_INPUT, FINDINGS, OK, Span, fail

if TYPE_CHECKING:
    from diagramkit.icons.catalog import IconCatalog
    from diagramkit.icons.search import IconEntry

_MOST = 20

_DESCRIPTION = """\
Find an icon by name, alias or service, and print the reference to write in a spec.

  diagramkit icons QUERY              find icons: diagramkit icons transit gateway
  diagramkit icons --sheet all.html   see all of them; with a QUERY, those that fit (.html or .png)
  diagramkit icons add PACK           bring a pack in: a folder, a .zip (AWS's asset package), an npm
                                      .tgz or npm:aws-icons@3.3.0, an Iconify .json
  diagramkit icons add                bring in all packs that the project lists
  diagramkit icons packs              the packs that count here
  diagramkit icons remove NAME        take a pack out of the project's list
  diagramkit icons licence [SOURCE]   what is owed to the icons' makers
"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "icons",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", nargs="*", metavar="QUERY", help="what to look for; or add, packs, remove, licence")
    parser.add_argument(
        "--sheet", metavar="FILE", type=_sheet, help="write the icons found as a contact sheet (.html or .png)"
    )
    parser.add_argument("--all", action="store_true", help=f"more than the first {_MOST}")
    parser.add_argument(
        "--in-project",
        action="store_true",
        help="with add: keep the pack in the project's folder icons/, to be committed, and not in the user's",
    )
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Do what the first word says, or search for all of them. Raises `DiagramError`."""
    actions: dict[str, Callable[[argparse.Namespace, list[str]], int]] = {
        "add": _add,
        "packs": _packs,
        "remove": _remove,
        "licence": _licence,
        "license": _licence,
    }
    first, *rest = options.words or [""]
    if first in actions:
        return actions[first](options, rest)
    if not options.words and not options.sheet:
        options.parser.error("say what to look for, as in 'diagramkit icons transit gateway'")
    return _search(options)


def _search(options: argparse.Namespace) -> int:
    from diagramkit.icons import search
    from diagramkit.icons.packs import installed

    shelf = installed.current_catalog()
    query = " ".join(options.words)
    found = search.search(query, shelf)
    if options.sheet:
        return _write_sheet(options.sheet, found, shelf)
    shown = found if options.all else found[:_MOST]
    print("\n".join(_lines(shown)) if shown else f"no icon for '{query}'")
    if len(found) > len(shown):
        print(f"… and {len(found) - len(shown)} more: --all, or --sheet icons.html to see them")
    if any(not entry.available for entry in shown):
        print("(*) only in a pack of AWS's icons: diagramkit icons add npm:aws-icons")
    return OK if found else FINDINGS


def _lines(entries: list[IconEntry]) -> list[str]:
    rows = [(entry.reference + ("" if entry.available else " (*)"), ", ".join(entry.names[:5])) for entry in entries]
    width = max(len(row[0]) for row in rows)
    return [f"{reference.ljust(width)}  {names}".rstrip() for reference, names in rows]


def _write_sheet(path: str, found: list[IconEntry], shelf: IconCatalog) -> int:
    from diagramkit import files
    from diagramkit.icons import sheet

    drawn = [entry for entry in found if entry.available]
    if path.lower().endswith(".png"):
        files.write(path, sheet.as_png(drawn, shelf))
    else:
        files.write(path, sheet.as_html(drawn, shelf).encode("utf-8"))
    print(f"{path}: {len(drawn)} icons")
    return OK


def _add(options: argparse.Namespace, rest: list[str]) -> int:
    from diagramkit import project
    from diagramkit.diagnostics import Diagnostic
    from diagramkit.icons.packs import add, fetch, installed

    where = project.find()
    place = add.locations(where)[0 if options.in_project else 1]
    if options.in_project and where.is_users:
        message = "this folder is no project; make one with a file 'diagramkit.toml', which may be empty"
        raise fail("no-project", message, Span(str(where.root)))
    if not rest:
        missing = [pack for pack in where.packs if isinstance(installed.folder_of(where, pack), Diagnostic)]
        for pack in missing:
            added = add.add(fetch.fetch(pack.source, pack.integrity), place)
            if added.listed.digest != pack.digest:
                message = (
                    f"the pack '{pack.name}' from {pack.source} is not the one that is listed; where it "
                    f"may have changed, list it anew with 'diagramkit icons add {pack.source}'"
                )
                raise fail("pack-differs", message, Span(project.display_path(where.config)))
            _tell(added)
        if not missing:
            print(f"packs listed: {len(where.packs)}; all of them are here")
        return OK
    for source in rest:
        added = add.add(fetch.fetch(source), place)
        console.report(added.warnings)
        add.register(where, added.listed)
        where = project.find()
        _tell(added)
        print(f"listed in {project.display_path(where.config)}")
    return OK


def _tell(added: Any) -> None:
    from diagramkit import project

    listed = added.listed
    print(f"{listed.name} {listed.version}: {added.count} icons in {project.display_path(added.folder)}")


def _packs(options: argparse.Namespace, rest: list[str]) -> int:
    from diagramkit import project
    from diagramkit.diagnostics import Diagnostic
    from diagramkit.icons.packs import installed, store

    where, code = project.find(), OK
    if not where.packs:
        print("no pack is listed; icons are those of diagrams. Add one: diagramkit icons add npm:aws-icons")
    for listed in where.packs:
        folder = installed.folder_of(where, listed)
        if isinstance(folder, Diagnostic):
            console.report([folder])
            code = BAD_INPUT
            continue
        pack = store.read(str(folder))
        kind = "AWS's own" if pack.official else store.details(str(folder))["licence"]
        print(f"{pack.name} {pack.version}  {len(pack.icons)} icons, {kind}  {project.display_path(folder)}")
    return code


def _remove(options: argparse.Namespace, rest: list[str]) -> int:
    from diagramkit import project
    from diagramkit.icons.packs import add

    if not rest:
        options.parser.error("say which pack: diagramkit icons remove NAME")
    where = project.find()
    for name in rest:
        if not add.unregister(where, name):
            known = ", ".join(pack.name for pack in where.packs) or "none"
            message = f"no pack '{name}' is listed; listed: {known}"
            raise fail("no-such-pack", message, Span(project.display_path(where.config)))
        print(f"{name} is no longer listed in {project.display_path(where.config)}")
    return OK


def _licence(options: argparse.Namespace, rest: list[str]) -> int:
    from diagramkit import sources
    from diagramkit.icons import license, resolver
    from diagramkit.icons.packs import installed
    from diagramkit.pipeline import Options, catalog_of

    shelf = installed.current_catalog()
    references = []
    for file in sources.find(rest or (["specs"] if Path("specs").is_dir() else [])):
        for pattern in sources.load(file).patterns:
            own = catalog_of(pattern, Options(packs=shelf.packs))
            references += [c.icon for c in resolver.resolve(pattern, own).values() if c.icon]
    if not references:
        references = ["aws.compute.Lambda"]
    for said in license.required_credits(references, shelf):
        print(f"{said.owner}: {said.license}" + (f" ({said.url})" if said.url else ""))
        print(f"  {said.attribution}")
        print(f"  {len(said.icons)} icons: {', '.join(said.icons[:6])}{', …' if len(said.icons) > 6 else ''}")
    return OK


def _sheet(text: str) -> str:
    if not text.lower().endswith((".html", ".png")):
        raise argparse.ArgumentTypeError(f"'{text}' is no sheet; write a file that ends in .html or .png")
    return text
