"""The packs that a project uses: those that its settings list, located and verified by their digests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from diagramkit import project
from diagramkit.diagnostics import Diagnostic, DiagramError, Span
from diagramkit.icons.packs import store
from diagramkit.project import ListedPack, Project

if TYPE_CHECKING:
    from diagramkit.icons.catalog import IconCatalog


def folders(settings: Project) -> tuple[str, ...]:
    """Return the folder of each pack that a project lists, in the order of the list.

    Raises `DiagramError` (pack-missing, pack-differs).
    """
    paths, problems = list[str](), list[Diagnostic]()
    for listed in settings.packs:
        folder = folder_of(settings, listed)
        if isinstance(folder, Diagnostic):
            problems.append(folder)
        else:
            paths.append(str(folder))
    if problems:
        raise DiagramError(problems)
    return tuple(paths)


def current_packs() -> tuple[str, ...]:
    """Return the folders of the packs of the project in the current folder. Raises `DiagramError`."""
    return folders(project.find())


def current_catalog() -> IconCatalog:
    """Return the icon catalog of the project in the current folder. Raises `DiagramError`."""
    from diagramkit.icons.catalog import IconCatalog

    settings = project.find()
    return IconCatalog(folders(settings), str(settings.root))


def folder_of(settings: Project, listed: ListedPack) -> Path | Diagnostic:
    """Return the folder of a listed pack, or why it cannot be used.

    The project folder is searched first, then the user's folder.
    """
    span, differs = Span(project.display_path(settings.config)), False
    for parent in (settings.root / "icons", project.user_folder() / "icons"):
        folder = parent / f"{listed.name}-{listed.version}"
        try:
            if store.read(str(folder)).digest == listed.digest:
                return folder
            differs = True
        except OSError:
            continue
        except ValueError:
            differs = True
    if differs:
        message = (
            f"the installed pack '{listed.name}' {listed.version} differs from the listed one; "
            f"add it again with 'diagramkit icons add {listed.source}'"
        )
        return Diagnostic("pack-differs", message, span)
    message = (
        f"the pack '{listed.name}' {listed.version} is listed but not installed; "
        "install all listed packs with 'diagramkit icons add'"
    )
    return Diagnostic("pack-missing", message, span)
