"""Calls of functions within limits, for the commands that read sources other than in a batch.

Without limits, a function is called in this process. With limits, a worker process calls it, and a call that takes
forever, takes all memory or crashes is one error, after which the next call can be made.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from msgspec import Struct

from diagramkit import sources
from diagramkit.batch.bounds import UNLIMITED, Bounds
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, problems_of

if TYPE_CHECKING:
    from diagramkit.batch.workers import WorkerProcess
    from diagramkit.sources import SourceFile
    from diagramkit.sources.index import SpecIndex
    from diagramkit.sources.readers import LoadResult

P = ParamSpec("P")
T = TypeVar("T")


class Outcome(Struct, frozen=True):
    """What a call returned, or the error that it raised."""

    value: Any = None
    error: Exception | None = None


class Call(Struct, frozen=True):
    """A call of a function with arguments. `span` is the source that it is about, for diagnostics."""

    span: Span
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    size: int = 0

    def failure(self, problems: tuple[Diagnostic, ...]) -> Outcome:
        """Return the outcome of this call if its process ended because of these problems."""
        return Outcome(error=DiagramError(problems))


class Executor:
    """Calls functions one at a time, each within `bounds`. The functions, arguments and results can be pickled.

    It is a context manager, at whose end its worker process ends.
    """

    def __init__(self, bounds: Bounds = UNLIMITED) -> None:
        self.bounds = bounds
        self._worker: WorkerProcess[Outcome] | None = None
        self._lock = Lock()

    def call(self, span: Span, function: Callable[P, T], *arguments: P.args, **keywords: P.kwargs) -> T:
        """Return the result of a function. `span` is the source that the call is about.

        Raises what the function raises and, if there are limits, `DiagramError` (timeout, memory, crashed, no-workers).
        An exception that diagramkit does not define then becomes a `DiagramError`, as `problems_of` describes it.
        """
        if self.bounds == UNLIMITED:
            return function(*arguments, **keywords)
        with self._lock:
            if self._worker is None:
                from diagramkit.batch.workers import WorkerProcess

                self._worker = WorkerProcess(self.bounds, perform)
            outcome = self._worker.perform(Call(span, function, arguments, keywords))
        if outcome.error is not None:
            raise outcome.error
        value: T = outcome.value
        return value

    def load(self, file: SourceFile, text: str | None = None) -> LoadResult:
        """Return the diagrams in a file, and every problem in it, as `sources.load` does."""
        try:
            if file.path == sources.STDIN and text is None:  # A worker process has no standard input.
                text = sources.read_text(file.path)
            return self.call(Span(file.path), sources.load, file, text)
        except DiagramError as error:
            from diagramkit.sources.readers import LoadResult

            return LoadResult((), error.problems)

    def read_index(self, path: str) -> SpecIndex:
        """Return what the index of a folder says, as `sources.read_index` does. Raises `DiagramError`."""
        return self.call(Span(path), sources.read_index, path)

    def __enter__(self) -> Executor:
        return self

    def __exit__(self, *_: object) -> None:
        if self._worker is not None:
            self._worker.stop()
            self._worker = None


IN_PROCESS = Executor()
"""Calls functions in this process, without limits."""


def perform(call: Call) -> Outcome:
    """Call a function in a worker process. Errors become part of the outcome."""
    try:
        return Outcome(call.function(*call.arguments, **call.keywords))
    except Exception as error:
        # Others may not be picklable, and lose their traceback, which `problems_of` needs.
        is_own = type(error).__module__.startswith("diagramkit.")
        return Outcome(error=error if is_own else DiagramError(problems_of(error, call.span)))
