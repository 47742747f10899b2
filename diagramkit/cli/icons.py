"""`diagramkit icons`: search icons, preview them, manage icon packs, and print required attribution."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagramkit.cli import console, limit_options
from diagramkit.diagnostics import BAD_INPUT, OK, PROBLEMS, Diagnostic, Span, fail, problems_of

if TYPE_CHECKING:
    from diagramkit.batch.executor import Executor
    from diagramkit.icons.catalog import IconCatalog
    from diagramkit.icons.packs.add import InstalledPack
    from diagramkit.icons.search import IconEntry
    from diagramkit.project import Project

_MAX_RESULTS = 20

_DESCRIPTION = """\
Search icons by name, alias or service, and print the references to write in a spec.

  diagramkit icons QUERY              search icons: diagramkit icons transit gateway
  diagramkit icons --sheet all.html   write a contact sheet of all icons, or with a QUERY of
                                      those that match (.html or .png)
  diagramkit icons add aws            install AWS's current icons and list them in the project
  diagramkit icons add PACK           the same for another icon pack: a folder, a .zip file (AWS's
                                      asset package), an npm .tgz file or npm:aws-icons@3.3.0, or
                                      an Iconify .json file
  diagramkit icons add                install all packs that the project lists
  diagramkit icons packs              show the packs that the project lists
  diagramkit icons remove NAME        remove a pack from the project's list
  diagramkit icons license [SOURCE]   print the attribution that the icons require
"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "icons",
        description=_DESCRIPTION,
    )
    parser.add_argument(
        "words", nargs="*", metavar="QUERY", help="words to search for; or one of add, packs, remove, license"
    )
    parser.add_argument(
        "--sheet", metavar="FILE", type=_sheet_path, help="write the matching icons as a contact sheet (.html or .png)"
    )
    parser.add_argument("--all", action="store_true", help=f"show all results, not only the first {_MAX_RESULTS}")
    parser.add_argument(
        "--in-project",
        action="store_true",
        help="with add: install the pack in the project's folder icons/, to be committed, not in the user's folder",
    )
    limit_options.add_options(parser)
    parser.set_defaults(run=run, parser=parser, destinations=("sheet",), configured=limit_options.SETTINGS)


def run(options: argparse.Namespace) -> int:
    """Run the action that the first word names, or search for all words. Raises `DiagramError`."""
    actions: dict[str, Callable[[argparse.Namespace, list[str]], int]] = {
        "add": _add,
        "packs": _packs,
        "remove": _remove,
        "licence": _license,
        "license": _license,
    }
    first, *rest = options.words or [""]
    if first in actions:
        return actions[first](options, rest)
    if not options.words and not options.sheet:
        options.parser.error("missing QUERY: name an icon, as in 'diagramkit icons transit gateway'")
    return _search(options)


def _search(options: argparse.Namespace) -> int:
    """Print the icons that match the query, or write them as a contact sheet. The exit code is 1 if there is none."""
    from diagramkit.icons import search

    catalog = _current_catalog()
    query = " ".join(options.words)
    entries = search.search(query, catalog)
    if options.sheet:
        return _write_sheet(options.sheet, entries, catalog)
    shown = entries if options.all else entries[:_MAX_RESULTS]
    print(
        "\n".join(_table(shown))
        if shown
        else f"no icon for '{query}'; try another word, or see all: diagramkit icons --sheet icons.html"
    )
    if len(entries) > len(shown):
        print(f"… and {len(entries) - len(shown)} more: use --all, or --sheet icons.html to see them")
    if any(not entry.available for entry in shown):
        print("(*) only in AWS's icon pack: diagramkit icons add aws")
    return OK if entries else PROBLEMS


def _table(entries: list[IconEntry]) -> list[str]:
    """Return a line for each icon: its reference, marked if it is only in an icon pack, and its names."""
    rows = [(entry.reference + ("" if entry.available else " (*)"), ", ".join(entry.names[:5])) for entry in entries]
    width = max(len(row[0]) for row in rows)
    return [f"{reference.ljust(width)}  {names}".rstrip() for reference, names in rows]


def _write_sheet(path: str, entries: list[IconEntry], catalog: IconCatalog) -> int:
    from diagramkit import files
    from diagramkit.icons import sheet

    drawn = [entry for entry in entries if entry.available]
    if path.lower().endswith(".png"):
        files.write(path, sheet.as_png(drawn, catalog))
    else:
        files.write(path, sheet.as_html(drawn, catalog).encode("utf-8"))
    print(f"{path}: {console.count(len(drawn), 'icon')}")
    return OK


def _current_catalog() -> IconCatalog:
    """Return the icon catalog of the project in the current folder. Raises `DiagramError`."""
    from diagramkit import project
    from diagramkit.cli import inputs
    from diagramkit.icons.catalog import IconCatalog

    return IconCatalog(inputs.current_packs(), str(project.find().root))


def _add(options: argparse.Namespace, packs: list[str]) -> int:
    """Install packs and add them to the project's list. Without any, install all packs it lists already.

    Each of `packs` is a source or a name of `data/packs.yaml`. Raises `DiagramError`.
    """
    from diagramkit import data, project
    from diagramkit.icons.packs import add, fetch, installed

    current_project = project.find()
    target = installed.locations(current_project)[0 if options.in_project else 1]
    if not packs:
        return _add_listed(current_project, target)
    for pack in packs:
        source = data.load("icons", "packs.yaml").get(pack, pack)
        is_new = not current_project.config.exists()
        added = add.add_and_list(fetch.fetch(source), current_project, target)
        console.report(added.warnings)
        current_project = project.find()
        _print_added(added)
        config = project.display_path(current_project.config)
        print(f"listed in {config}{', which is new; commit it' if is_new else ''}")
        _print_license(added.folder)
        if not options.in_project and fetch.source_in_project(source, Path.cwd(), current_project.root) is None:
            message = (
                "other machines cannot install this pack, because its source is outside of the project; add it with "
                "--in-project and commit its icons"
            )
            console.report([Diagnostic("pack-source", message, Span(source), "note")])
    return OK


def _add_listed(current_project: Project, target: Path) -> int:
    """Install all packs that a project lists and that are missing. Raises `DiagramError`."""
    from diagramkit.icons.packs import installed

    missing = [
        pack for pack in current_project.packs if isinstance(installed.folder_of(current_project, pack), Diagnostic)
    ]
    for pack in missing:
        _print_added(installed.install(current_project, pack, target))
    if not missing:
        print(f"packs listed: {len(current_project.packs)}; all are installed")
    return OK


def _print_added(added: InstalledPack) -> None:
    from diagramkit import project

    pack = added.listed
    print(f"{pack.name} {pack.version}: {console.count(added.count, 'icon')} in {project.display_path(added.folder)}")


def _print_license(folder: Path) -> None:
    """Print the license of an installed pack, and what it requires."""
    from diagramkit.icons.attribution import license_of

    terms = license_of(str(folder))
    print(f"license: {terms.license}" + (f" ({terms.url})" if terms.url else ""))
    print(f"  {terms.attribution}")


def _packs(options: argparse.Namespace, _: list[str]) -> int:
    """Print the packs that the project lists, and report those that are not installed."""
    from diagramkit import project
    from diagramkit.icons.packs import installed, store

    current_project, code = project.find(), OK
    if not current_project.packs:
        print("no pack is listed; icons come from 'diagrams'. Add AWS's current icons: diagramkit icons add aws")
    for listed in current_project.packs:
        folder = installed.folder_of(current_project, listed)
        if isinstance(folder, Diagnostic):
            console.report([folder])
            code = BAD_INPUT
            continue
        pack = store.read(str(folder))
        kind = "AWS's own" if pack.official else store.details(str(folder))["licence"]
        icons = console.count(len(pack.icons), "icon")
        print(f"{pack.name} {pack.version}  {icons}, {kind}  {project.display_path(folder)}")
    return code


def _remove(options: argparse.Namespace, names: list[str]) -> int:
    """Remove packs from the project's list. Raises `DiagramError` (no-such-pack)."""
    from diagramkit import project
    from diagramkit.icons.packs import add

    if not names:
        options.parser.error("missing NAME: name the pack to remove, as in 'diagramkit icons remove NAME'")
    current_project = project.find()
    for name in names:
        if not add.unregister(current_project, name):
            listed = ", ".join(pack.name for pack in current_project.packs) or "none"
            message = f"there is no pack '{name}' in the list; listed packs: {listed}"
            raise fail("no-such-pack", message, Span(project.display_path(current_project.config)))
        print(f"{name} is no longer listed in {project.display_path(current_project.config)}")
    return OK


def _license(options: argparse.Namespace, source_paths: list[str]) -> int:
    """Print the attribution that the icons of the sources require. Raises `DiagramError`."""
    from diagramkit import pipeline, sources
    from diagramkit.icons.attribution import required_credits
    from diagramkit.options import Options

    catalog = _current_catalog()
    references = []
    code = OK
    executor: Executor = options.executor
    for file in sources.find(source_paths or (["specs"] if Path("specs").is_dir() else []), executor.read_index):
        loaded = executor.load(file)
        console.report(loaded.errors)
        code = BAD_INPUT if loaded.errors else code
        for pattern in loaded.patterns:
            try:
                choices = executor.call(pattern.span, pipeline.choices, pattern, Options(packs=catalog.packs))
            except Exception as error:
                console.report(problems_of(error, pattern.span))
                code = BAD_INPUT
                continue
            references += [choice.icon for choice in choices.values() if choice.icon]
    if not references:
        references = ["aws.compute.Lambda"]
    for credit in required_credits(references, catalog):
        print(f"{credit.owner}: {credit.license}" + (f" ({credit.url})" if credit.url else ""))
        print(f"  {credit.attribution}")
        more = ", …" if len(credit.icons) > 6 else ""
        print(f"  {console.count(len(credit.icons), 'icon')}: {', '.join(credit.icons[:6])}{more}")
    return code


def _sheet_path(text: str) -> str:
    """Return the value of `--sheet`. Raises `ArgumentTypeError`."""
    if not text.lower().endswith((".html", ".png")):
        raise argparse.ArgumentTypeError(f"invalid sheet '{text}': expected a file name that ends in .html or .png")
    return text
