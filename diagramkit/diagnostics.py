"""Every problem a user can meet: where it is, its code, what is wrong and what to do.

A problem is printed on one line, in the form compilers use and editors follow::

    specs/shop.yaml:7:5: error[unknown-key]: there is no key 'titel' here; did you mean 'title'?
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

# Controls, and what turns the direction of writing: with them a source could write to a terminal or a CI's log.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

OK = 0
"""Exit code: nothing to say."""
FINDINGS = 1
"""Exit code: the run did its work and found something (a stale picture, say)."""
BAD_INPUT = 2
"""Exit code: the input or the command line cannot be used."""
INTERRUPTED = 130
"""Exit code: stopped by Ctrl-C (128 + SIGINT)."""


class Span(Struct, frozen=True):
    """A place in a source: its file (as the user named it), line and column, both from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Excerpt(Struct, frozen=True):
    """The line of the source that a problem is about; what it means begins at `column`, from 1."""

    line: str
    column: int
    width: int = 1


class Fix(Struct, frozen=True):
    """A mend: at `span`, `old` (within a line) becomes `new`.

    New lines in `new` begin with the first `margin` characters of the line of `span`.
    """

    span: Span
    old: str
    new: str
    margin: int = 0


class Diagnostic(Struct, frozen=True):
    """One finding. `message` says what is wrong and what to do about it."""

    code: str
    message: str
    span: Span
    severity: str = "error"
    excerpt: Excerpt | None = None
    fix: Fix | None = None

    def __str__(self) -> str:
        text = " ".join(self.message.split())
        return printable(f"{self.span}: {self.severity}[{self.code}]: {text}")


class DiagramError(Exception):
    """Input that cannot be drawn. Holds one problem or several, in the order of the source."""

    def __init__(self, problems: Diagnostic | Iterable[Diagnostic]) -> None:
        self.problems: tuple[Diagnostic, ...] = (problems,) if isinstance(problems, Diagnostic) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[DiagramError], tuple[tuple[Diagnostic, ...]]]:
        return DiagramError, (self.problems,)


def printable(text: str) -> str:
    """A text in one line as it may be printed, whatever a source or a file's name holds."""
    return _UNPRINTABLE.sub("·", text)


def fail(code: str, message: str, span: Span) -> DiagramError:
    """A `DiagramError` of one problem, to be raised by the caller."""
    return DiagramError(Diagnostic(code, message, span))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """'; did you mean …?' with the nearest known word, or nothing where none is near."""
    folded = {name.lower(): name for name in sorted(known, reverse=True)}
    import difflib

    near = difflib.get_close_matches(word.lower(), sorted(folded), n=1, cutoff=0.6)
    return f"; did you mean '{folded[near[0]]}'?" if near else ""


def os_error_reason(error: OSError) -> str:
    """What the operating system said, without its number and without the path."""
    return (error.strerror or type(error).__name__).lower()
