"""The packs that a project uses: those that its settings list, located and verified by their digests.

A listed pack that is not installed is fetched from its source, verified by its digest, and installed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from diagramkit import project
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail
from diagramkit.icons.packs import store
from diagramkit.project import ListedPack, Project

if TYPE_CHECKING:
    from diagramkit.icons.packs.add import InstalledPack

OFFLINE = "DIAGRAMKIT_OFFLINE"
"""The environment variable that, if it is not empty, keeps listed packs from being fetched without a request."""

Announce = Callable[[str], None]
"""A function that shows a line about something that takes a while."""


def folders(settings: Project, announce: Announce = lambda _: None) -> tuple[str, ...]:
    """Return the folder of each pack that a project lists, in the order of the list, and install those missing.

    Raises `DiagramError` (pack-missing, pack-differs, bad-pack, bad-icon, unwritable).
    """
    paths, problems = list[str](), list[Diagnostic]()
    for listed in settings.packs:
        folder = folder_of(settings, listed)
        if isinstance(folder, Diagnostic) and folder.code == "pack-missing" and not os.environ.get(OFFLINE):
            announce(f"installing the icon pack {listed.name} {listed.version} from {listed.source}")
            try:
                install(settings, listed, locations(settings)[1])
            except DiagramError as error:
                problems += error.problems
                continue
            folder = folder_of(settings, listed)
        if isinstance(folder, Diagnostic):
            problems.append(folder)
        else:
            paths.append(str(folder))
    if problems:
        raise DiagramError(problems)
    return tuple(paths)


def install(settings: Project, listed: ListedPack, parent: Path) -> InstalledPack:
    """Fetch a listed pack from its source, verify it and install it below `parent`.

    Raises `DiagramError`: pack-missing if it cannot be fetched, pack-differs if its content is not what is listed,
    bad-pack, bad-icon, unwritable.
    """
    from diagramkit.icons.packs import add, fetch

    span = Span(project.display_path(settings.config))
    if fetch.source_in_project(listed.source, settings.root, settings.root) is None:
        raise fail("pack-missing", _missing(listed, "its source is outside of the project"), span)
    try:
        archive = fetch.fetch(listed.source, listed.integrity, settings.root)
    except DiagramError as error:
        if (problem := error.problems[0]).code not in ("no-such-pack", "no-npm"):
            raise
        raise fail("pack-missing", _missing(listed, problem.message), span) from None
    return add.add(archive, settings, parent, listed)


def _missing(listed: ListedPack, reason: str) -> str:
    return f"the pack '{listed.name}' {listed.version} is listed but cannot be installed from {listed.source}: {reason}"


def locations(settings: Project) -> tuple[Path, Path]:
    """Return the folders in which a project's packs may be: in the project, and in the user's folder."""
    return settings.root / "icons", project.user_folder() / "icons"


def folder_of(settings: Project, listed: ListedPack) -> Path | Diagnostic:
    """Return the folder of a listed pack, or why it cannot be used: pack-missing or pack-differs.

    The project folder is searched first, then the user's folder. A pack with other content in the user's folder may
    be that of another project and counts as missing.
    """
    span, name = Span(project.display_path(settings.config)), store.folder_name(listed.name, listed.version)
    for parent in locations(settings):
        with suppress(OSError, ValueError):
            if store.read(str(parent / name)).digest == listed.digest:
                return parent / name
    if (locations(settings)[0] / name).exists():
        message = (
            f"the pack '{listed.name}' {listed.version} in the project's folder icons/ differs from the listed one; "
            f"add it again with 'diagramkit icons add --in-project {listed.source}'"
        )
        return Diagnostic("pack-differs", message, span)
    message = (
        f"the pack '{listed.name}' {listed.version} is listed but not installed; "
        "install all listed packs with 'diagramkit icons add'"
    )
    return Diagnostic("pack-missing", message, span)
