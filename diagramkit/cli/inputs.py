"""What a command draws: the diagrams in its sources, and the icon packs of the project in the current folder."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from diagramkit.diagnostics import Diagnostic, DiagramError, Span, exit_code, fail, problems_of

if TYPE_CHECKING:
    from diagramkit.graph import Pattern
    from diagramkit.project import Project


def load_inputs(source_paths: list[str]) -> tuple[list[Pattern], list[Diagnostic]]:
    """Return all diagrams that can be read, and the problems in all sources.

    Raises `DiagramError` if there is neither a diagram nor a problem (no-diagram).
    """
    from diagramkit import sources

    patterns: list[Pattern] = []
    problems: list[Diagnostic] = []
    for file in sources.find(source_paths):
        try:
            loaded = sources.load(file)
        except Exception as error:
            problems += problems_of(error, Span(file.path))
            continue
        problems += loaded.warnings
        patterns += loaded.patterns
    if not patterns and not problems:
        raise no_diagram_error(source_paths[0])
    return patterns, problems


def no_diagram_error(path: str) -> DiagramError:
    """Return the error about a source that contains no diagram, for the caller to raise."""
    return fail("no-diagram", "there is no diagram here; add a Mermaid fence", Span(path))


def load_single(
    source_paths: list[str], parser: argparse.ArgumentParser, hint: str = "name a source with one diagram"
) -> Pattern:
    """Return the only diagram in the sources, and report warnings about it.

    Exit with a usage error if there are several. Raises `DiagramError` if there is none, or one that cannot be read.
    """
    from diagramkit.cli import console

    patterns, problems = load_inputs(source_paths)
    if exit_code(problems):
        raise DiagramError(problems)
    console.report(problems)
    if not patterns:
        raise no_diagram_error(source_paths[0])
    if len(patterns) != 1:
        subject = f"'{source_paths[0]}' contains" if len(source_paths) == 1 else "the sources contain"
        parser.error(f"{subject} {len(patterns)} diagrams; {hint}")
    return patterns[0]


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
    if ignored is None or not (ignored.packs or ignored.settings):
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
