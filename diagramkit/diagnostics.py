"""Diagnostics: the errors, warnings and notes that are reported about sources.

A diagnostic is printed on one line, in the form that compilers use and editors recognize::

    specs/shop.yaml:7:5: error[unknown-key]: there is no key 'titel' here; did you mean 'title'?
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

# Control characters, and characters that change the text direction: a source must not be able to send commands to a
# terminal or forge lines in a CI log.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

OK = 0
"""Exit code: no problems."""
PROBLEMS = 1
"""Exit code: everything was read, and there are findings, such as a stale picture."""
BAD_INPUT = 2
"""Exit code: a source cannot be read or drawn, or the command line is invalid."""
INTERRUPTED = 130
"""Exit code: stopped by Ctrl-C (128 + SIGINT)."""
TERMINATED = 143
"""Exit code: stopped by SIGTERM (128 + SIGTERM)."""

NO_MEMORY = "not enough memory to draw this diagram; split it or raise the memory limit"
"""The message for a diagram that needs more memory than it may use."""

# The errors that are findings about the project rather than about a source that cannot be read or drawn.
_FINDINGS = ("missing-output", "no-icon", "not-added", "orphan-output", "stale-embed", "stale-import", "stale-output")

# The notes that say nothing about a diagram: a file in a folder is something else, or a manifest is an old one.
_NO_FINDINGS = ("no-diagram", "not-a-source", "outdated-manifest")


class Span(Struct, frozen=True):
    """A position in a source: its file, as the user wrote it, and its line and column, both counted from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Excerpt(Struct, frozen=True):
    """The source line of a diagnostic. The marked part begins at `column` (from 1) and has `width` characters."""

    line: str
    column: int
    width: int = 1


class Fix(Struct, frozen=True):
    """A replacement that resolves a diagnostic: the text `old` at `span`, within one line, becomes `new`.

    Additional lines in `new` begin with the first `margin` characters of the line of `span`.
    """

    span: Span
    old: str
    new: str
    margin: int = 0


class Diagnostic(Struct, frozen=True):
    """One error, warning or note about a source. `str()` returns it on one line, with its position first.

    - `code`: what kind of problem it is, such as `unknown-key`. Codes are stable.
    - `message`: what is wrong and how to fix it.
    - `span`: the position of the problem.
    - `severity`: `error`, `warning` or `note`.
    - `excerpt`: the line of the source, if it is known.
    - `fix`: a replacement that resolves the problem, if there is one.
    """

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
    """An error in the input, or a diagram that cannot be drawn.

    Its attribute `problems` is a tuple of `Diagnostic`, at least one, in the order of the source. `str()` returns one
    line for each of them.
    """

    def __init__(self, problems: Diagnostic | Iterable[Diagnostic]) -> None:
        self.problems: tuple[Diagnostic, ...] = (problems,) if isinstance(problems, Diagnostic) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[DiagramError], tuple[tuple[Diagnostic, ...]]]:
        return type(self), (self.problems,)


def printable(text: str) -> str:
    """Return `text` on one line, with an escape such as `\\x1b` for every character that is unsafe to print."""
    return _UNPRINTABLE.sub(lambda match: _escape(match.group()), text)


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def fail(code: str, message: str, span: Span) -> DiagramError:
    """Return a `DiagramError` with one error, for the caller to raise."""
    return DiagramError(Diagnostic(code, message, span))


def problems_of(error: Exception, span: Span) -> tuple[Diagnostic, ...]:
    """Return any exception as diagnostics, so that it ends only the work on one source. `span` is that source.

    An unexpected exception is a bug of diagramkit; its location in the code is part of the message.
    """
    if isinstance(error, DiagramError):
        return error.problems
    # The dynamic linker reports a lack of memory with these words.
    if isinstance(error, MemoryError) or "failed to map segment" in str(error):
        return fail("memory", NO_MEMORY, span).problems
    if isinstance(error, OSError) and error.errno is not None:
        place = Span(str(error.filename)) if error.filename else span
        return fail("system", f"operating system error: {os_error_reason(error)}", place).problems
    import os.path
    import traceback

    frame = traceback.extract_tb(error.__traceback__)[-1]
    location = f"{os.path.basename(frame.filename)}:{frame.lineno}"
    message = (
        f"diagramkit failed here: {type(error).__name__}: {str(error)[:200]} ({location}); please report it with the "
        "source"
    )
    return fail("internal", message, span).problems


def unreadable(path: str, error: OSError) -> DiagramError:
    """Return the error (unreadable) that a file cannot be read, for the caller to raise."""
    advice = "check its permissions" if isinstance(error, PermissionError) else "check the path"
    return fail("unreadable", f"cannot be read: {os_error_reason(error)}; {advice}", Span(path))


def exit_code(problems: Iterable[Diagnostic], strict: bool = False) -> int:
    """Return the exit code of a run with these problems.

    With `strict`, warnings and notes are findings too, except notes about files that are not sources.
    """
    code = OK
    for problem in problems:
        if problem.severity == "error" and problem.code not in _FINDINGS:
            return BAD_INPUT
        if problem.severity == "error" or (strict and problem.code not in _NO_FINDINGS):
            code = PROBLEMS
    return code


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return "; did you mean '...'?" with the most similar known word, or "" if none is similar."""
    similar = most_similar(word, known)
    return f"; did you mean '{similar}'?" if similar else ""


def most_similar(word: str, known: Iterable[str], similarity: float = 0.6) -> str | None:
    """Return the known word that is spelled most similarly to a word in any case, or None if none is similar."""
    by_lowercase = {name.lower(): name for name in sorted(known, reverse=True)}
    import difflib

    matches = difflib.get_close_matches(word.lower(), sorted(by_lowercase), n=1, cutoff=similarity)
    return by_lowercase[matches[0]] if matches else None


def os_error_reason(error: OSError) -> str:
    """Return the operating system's message for an error, without its number and path."""
    return (error.strerror or type(error).__name__).lower()
