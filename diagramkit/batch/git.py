"""What git knows about the files of a project: for hooks, which must not let pictures be forgotten."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator

from diagramkit.diagnostics import Diagnostic, Span, fail

_MAX_LISTED = 6  # Files in one message.
_BATCH = 500  # Paths on one command line.


def not_added(outputs: Iterable[tuple[Span, list[str]]]) -> Iterator[Diagnostic]:
    """Yield an error for each source with files that are not added to git, or have changed since.

    `outputs` has the files of each source. Files that git ignores do not count. Raises `DiagramError` (no-git).
    """
    by_source = list(outputs)
    missing = _not_added({path for _, paths in by_source for path in paths})
    for span, paths in by_source:
        if forgotten := [path for path in paths if os.path.normpath(path) in missing]:
            more = f" and {len(forgotten) - _MAX_LISTED} more" if len(forgotten) > _MAX_LISTED else ""
            files = f"{', '.join(map(os.path.normpath, forgotten[:_MAX_LISTED]))}{more}"
            message = f"not added to git: {files}; look at the result, then run 'git add'"
            yield Diagnostic("not-added", message, span)


def _not_added(paths: set[str]) -> set[str]:
    """Return those of the paths that are untracked and not ignored, or differ from what is added."""
    git = shutil.which("git")
    if git is None:
        raise fail("no-git", "'--require-added' needs git, which is not installed", Span("."))
    existing = sorted(path for path in paths if os.path.exists(path))
    result: set[str] = set()
    for start in range(0, len(existing), _BATCH):
        command = [git, "ls-files", "-z", "--others", "--modified", "--exclude-standard", "--"]
        process = subprocess.run(  # noqa: S603 - a fixed command, and paths after "--"
            [*command, *(f":(literal){path}" for path in existing[start : start + _BATCH])],
            capture_output=True,
            check=False,
        )
        if process.returncode:
            raise fail("no-git", "'--require-added' needs a git repository that contains the pictures", Span("."))
        result.update(os.path.normpath(os.fsdecode(name)) for name in process.stdout.split(b"\0") if name)
    return result
