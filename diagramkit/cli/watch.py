"""Drawing again whenever a source is saved."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from diagramkit import sources
from diagramkit.cli import console
from diagramkit.diagnostics import OK, Diagnostic, DiagramError, Span

_SETTLED = 20
"""Milliseconds without a change after which what was saved is drawn: an editor writes a file in several steps."""
_IDLE = 200  # Milliseconds that it waits in one go.
_DRAWN_WITH = (".svg", ".png", ".ttf", ".otf")
"""Icons and fonts of a project; in the output folder they are what is written."""


def watch(run: Callable[[], int], places: Iterable[str], output: str) -> int:
    """Do `run` now, and again after each change of what is at `places`, until Ctrl-C. What is wrong is told,
    and waited out. Raises `DiagramError` (no-watch)."""
    try:
        import watchfiles
    except ImportError:
        message = "--watch needs the package watchfiles; install it with pip install 'diagramkit[watch]'"
        raise DiagramError(Diagnostic("no-watch", message, Span("--watch"))) from None
    written = Path(output).resolve()
    roots = sorted({_watched(place) for place in places})

    def counts(_: object, path: str) -> bool:
        name = os.path.basename(path).lower()
        if name.startswith("."):
            return False
        if name.endswith(_DRAWN_WITH):
            return not Path(path).resolve().is_relative_to(written)
        return name.endswith(sources.EXTENSIONS)

    _again(run)
    changes = watchfiles.watch(
        *roots,
        watch_filter=counts,
        step=_SETTLED,
        debounce=500,
        rust_timeout=_IDLE,
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    try:
        next(changes)  # From here on nothing is missed; what was saved before is drawn now.
        _again(run)
        console.done(f"watching {', '.join(roots)}; stop with Ctrl-C")
        console.flush()
        for changed in changes:
            if changed:
                _again(run)
    except KeyboardInterrupt:
        console.done("stopped")
    return OK


def _again(run: Callable[[], int]) -> None:
    try:
        run()
    except DiagramError as error:
        console.report(error.problems)
    console.flush()


def _watched(place: str) -> str:
    """The folder to watch for a source: itself, or the one that it is in. Editors put a new file in a file's
    place: who watched the file would see nothing more."""
    path = Path(place)
    return place if path.is_dir() else str(path.parent)
