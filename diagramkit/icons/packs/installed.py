"""The packs that count for a project: those its settings list, found and compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from diagramkit import project
from diagramkit.icons.packs import store
from diagramkit.problems import DiagramError, Problem, Span
from diagramkit.project import ListedPack, Project

if TYPE_CHECKING:
    from diagramkit.icons.shelf import Shelf


def folders(where: Project) -> tuple[str, ...]:
    """The folder of each pack that a project lists, in that order; none where it lists none.

    Raises `DiagramError` (pack-missing, pack-differs).
    """
    found, problems = list[str](), list[Problem]()
    for listed in where.packs:
        folder = folder_of(where, listed)
        if isinstance(folder, Problem):
            problems.append(folder)
        else:
            found.append(str(folder))
    if problems:
        raise DiagramError(problems)
    return tuple(found)


def here() -> tuple[str, ...]:
    """The folders of the packs that count in the current folder. Raises `DiagramError`."""
    return folders(project.find())


def shelf_here() -> Shelf:
    """The icons that there are in the current folder. Raises `DiagramError`."""
    from diagramkit.icons.shelf import Shelf

    where = project.find()
    return Shelf(folders(where), str(where.root))


def folder_of(where: Project, listed: ListedPack) -> Path | Problem:
    """Where a listed pack is, in the project or else in the user's folder; or what is wrong."""
    span, differs = Span(project.told(where.config)), False
    for place in (where.root / "icons", project.users_folder() / "icons"):
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
        return Problem("pack-differs", message, span)
    message = (
        f"the pack '{listed.name}' {listed.version} is listed, and not here; "
        "bring in all that are listed with 'diagramkit icons add'"
    )
    return Problem("pack-missing", message, span)
