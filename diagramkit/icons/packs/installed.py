"""The packs that count for a project: those its settings list, found and compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from diagramkit import project
from diagramkit.diagnostics import Diagnostic, DiagramError, Span
from diagramkit.icons.packs import store
from diagramkit.project import ListedPack, Project

if TYPE_CHECKING:
    from diagramkit.icons.catalog import IconCatalog


def folders(where: Project) -> tuple[str, ...]:
    """The folder of each pack that a project lists, in that order; none where it lists none.

    Raises `DiagramError` (pack-missing, pack-differs).
    """
    found, problems = list[str](), list[Diagnostic]()
    for listed in where.packs:
        folder = folder_of(where, listed)
        if isinstance(folder, Diagnostic):
            problems.append(folder)
        else:
            found.append(str(folder))
    if problems:
        raise DiagramError(problems)
    return tuple(found)


def current_packs() -> tuple[str, ...]:
    """The folders of the packs that count in the current folder. Raises `DiagramError`."""
    return folders(project.find())


def current_catalog() -> IconCatalog:
    """The icons that there are in the current folder. Raises `DiagramError`."""
    from diagramkit.icons.catalog import IconCatalog

    where = project.find()
    return IconCatalog(folders(where), str(where.root))


def folder_of(where: Project, listed: ListedPack) -> Path | Diagnostic:
    """Where a listed pack is, in the project or else in the user's folder; or what is wrong."""
    span, differs = Span(project.display_path(where.config)), False
    for place in (where.root / "icons", project.user_folder() / "icons"):
        folder = place / f"{listed.name}-{listed.version}"
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
            f"the pack '{listed.name}' {listed.version} that is here is not the one that is listed; "
            f"bring it anew with 'diagramkit icons add {listed.source}'"
        )
        return Diagnostic("pack-differs", message, span)
    message = (
        f"the pack '{listed.name}' {listed.version} is listed, and not here; "
        "bring in all that are listed with 'diagramkit icons add'"
    )
    return Diagnostic("pack-missing", message, span)
