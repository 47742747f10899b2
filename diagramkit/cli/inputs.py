"""What a command draws: the diagrams in its sources, and the icon packs of the project in the current folder."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from diagramkit.diagnostics import Diagnostic, DiagramError, Span, exit_code, fail
from diagramkit.sources.readers import LoadResult

if TYPE_CHECKING:
    from diagramkit.batch.executor import Executor
    from diagramkit.graph import Pattern
    from diagramkit.project import Project


def no_diagram(path: str) -> DiagramError:
    """Return the error for a source without a diagram that can be drawn (no-diagram)."""
    return fail("no-diagram", "there is no diagram here that can be drawn; name another source", Span(path))


def load_inputs(source_paths: list[str], executor: Executor) -> LoadResult:
    """Return the diagrams in the sources, at least one, with all problems, and report these.

    `executor` reads the sources. Raises `DiagramError` if there is no diagram that can be read (no-diagram if there is
    no other error).
    """
    from diagramkit import sources
    from diagramkit.cli import console

    patterns: list[Pattern] = []
    problems: list[Diagnostic] = []
    for file in sources.find(source_paths, executor.read_index):
        loaded = executor.load(file)
        patterns += loaded.patterns
        problems += loaded.problems
    if not patterns and exit_code(problems):
        raise DiagramError(problems)
    console.report(problems)
    if not patterns:
        raise no_diagram(source_paths[0])
    return LoadResult(tuple(patterns), tuple(problems))


def load_single(
    source_paths: list[str],
    parser: argparse.ArgumentParser,
    executor: Executor,
    hint: str = "name a source with one diagram",
) -> LoadResult:
    """Return the only diagram in the sources that can be read. Exit with a usage error if there are several.

    Raises `DiagramError` as `load_inputs` does.
    """
    from diagramkit.cli import console

    inputs = load_inputs(source_paths, executor)
    if (number := len(inputs.patterns)) != 1:
        subject = f"'{source_paths[0]}' contains" if len(source_paths) == 1 else "the sources contain"
        parser.error(f"{subject} {console.count(number, 'diagram')}; {hint}")
    return inputs


def current_packs() -> tuple[str, ...]:
    """Return the folders of the icon packs of the project in the current folder, after installing those missing.

    Report settings that somebody may expect to apply but that do not. Raises `DiagramError`.
    """
    from diagramkit import project
    from diagramkit.cli import console
    from diagramkit.icons.packs import installed

    current_project = project.find()
    if note := _ignored_settings_note(current_project):
        console.report([note])
    return installed.folders(current_project, console.progress)


def _ignored_settings_note(current_project: Project) -> Diagnostic | None:
    """Return a note about settings elsewhere that list icon packs, or that versions before this one read."""
    from diagramkit import project

    ignored = project.ignored_settings(current_project)
    if ignored is None or not ignored.settings:
        return None
    folder = current_project.root
    packs = ", ".join(f"'diagramkit icons add {pack.source}'" for pack in ignored.packs)
    if ignored.root == project.user_folder():
        message = (
            f"these settings no longer apply, because a picture depends only on its project; in {folder}, "
            + (f"add the packs with {packs}" if packs else f"copy the settings to '{project.CONFIG}'")
            + ", then remove this file"
        )
    elif packs:
        message = (
            f"the packs of this file do not apply to {folder}, because that is a repository of its own; add them there "
            f"with {packs}, or write an empty '{project.CONFIG}' there"
        )
    else:
        return None
    return Diagnostic("settings-unused", message, Span(project.display_path(ignored.config)), "note")
