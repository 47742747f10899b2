"""`diagramkit render --watch`: redraw whenever a source is saved."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from diagramkit.cli import console
from diagramkit.diagnostics import OK, Diagnostic, DiagramError, Span, problems_of
from diagramkit.extras import install_command
from diagramkit.sources import readers

_QUIET_PERIOD = 20
"""Milliseconds without a change before saved files are drawn. Editors write a file in several steps."""
_TIMEOUT = 200
"""Milliseconds of one wait for changes."""
_ASSET_EXTENSIONS = (".svg", ".png", ".ttf", ".otf")
"""Icons and fonts of a project. In the output folder, such files are output."""


def watch(run: Callable[[], int], paths: Iterable[str], output: str) -> int:
    """Call `run` now and after each change of the files at `paths`, until Ctrl-C. Return the exit code.

    Errors are reported, and watching continues. Raises `DiagramError` (no-watch).
    """
    try:
        import watchfiles
    except ImportError:
        message = f"--watch needs the package watchfiles; install it with {install_command('watch')}"
        raise DiagramError(Diagnostic("no-watch", message, Span("--watch"))) from None
    output_folder = os.path.realpath(output)
    folders = sorted({_folder_to_watch(path) for path in paths})

    def is_relevant(_: object, path: str) -> bool:
        name = os.path.basename(path).lower()
        if name.startswith("."):
            return False
        if name.endswith(_ASSET_EXTENSIONS):
            return not Path(os.path.realpath(path)).is_relative_to(output_folder)
        return name.endswith(readers.NAMED_EXTENSIONS)

    _run_once(run)
    changes = watchfiles.watch(
        *folders,
        watch_filter=is_relevant,
        step=_QUIET_PERIOD,
        debounce=500,
        rust_timeout=_TIMEOUT,
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    try:
        next(changes)  # Starts watching. The second run draws what was saved during the first one.
        _run_once(run)
        console.info(f"watching {', '.join(folders)}; stop with Ctrl-C")
        console.flush()
        for changed in changes:
            if changed:
                _run_once(run)
    except KeyboardInterrupt:
        console.info("stopped")
    return OK


def _run_once(run: Callable[[], int]) -> None:
    """Call `run` and report its errors."""
    try:
        run()
    except Exception as error:
        console.report(problems_of(error, Span("--watch")))
    console.flush()


def _folder_to_watch(path: str) -> str:
    """Return the folder to watch for a source: the source itself if it is a folder, otherwise the one it is in.

    A file itself cannot be watched: many editors save by replacing it with a new file.
    """
    return path if Path(path).is_dir() else str(Path(path).parent)
