"""What an import changes in a spec, what it leaves as it was edited, and what it cannot keep."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from diagramkit.diagnostics import Diagnostic, Span


class _Wording(Struct, frozen=True):
    """How a kind of change is reported: its code and severity after an import, and the sentences then and before it.

    A change without a severity is only counted. One that is not `pending` is no difference between the spec and its
    template.
    """

    code: str
    severity: str
    done: str
    pending: str


KINDS: Mapping[str, _Wording] = {
    "added": _Wording("", "", "", "{what} is missing here"),
    "changed": _Wording("", "", "", "{what} is no longer as in the template: {detail}"),
    "replaced": _Wording(
        "not-in-template",
        "note",
        "{what} stands for {detail} now, which has the same label and replaces it in the template",
        "{what} is no longer in the template; {detail} has the same label and replaces it",
    ),
    "removed": _Wording(
        "not-in-template",
        "note",
        "{what} was removed, because the template no longer contains it",
        "{what} is no longer in the template",
    ),
    "removed-edit": _Wording(
        "lost-edit",
        "warning",
        "{what} was removed, because the template no longer contains it; {detail}",
        "{what} is no longer in the template; {detail}",
    ),
    "lost": _Wording(
        "lost-edit",
        "warning",
        "{what} was removed, because {detail}; if it is still needed, add it again",
        "{what} has to be removed, because {detail}",
    ),
    "moved": _Wording(
        "lost-edit",
        "warning",
        "{what} was moved out of its group, because {detail}",
        "{what} has to leave its group, because {detail}",
    ),
    "detached": _Wording(
        "not-in-template",
        "note",
        "{what} is no longer in the template; it stays, because it has no 'resource'",
        "",
    ),
    "conflict": _Wording(
        "import-conflict",
        "warning",
        "{what} was edited here and changed in the template; the edit stays: {detail}",
        "{what} was edited here and changed in the template: {detail}; an import keeps the edit",
    ),
}
"""The kinds of changes."""

STALE = "stale-import"
"""The code of a difference between a spec and its template."""


class ImportChange(Struct, frozen=True):
    """One change: its kind, what it concerns, details, and where that is in the spec."""

    kind: str
    what: str
    detail: str
    span: Span

    def done(self) -> Diagnostic | None:
        """Return what to report after an import, or None."""
        wording = KINDS[self.kind]
        if not wording.severity:
            return None
        message = wording.done.format(what=self.what, detail=self.detail)
        return Diagnostic(wording.code, message, self.span, wording.severity)

    def pending(self) -> Diagnostic | None:
        """Return the finding that the spec is not current, or None."""
        sentence = KINDS[self.kind].pending
        if not sentence:
            return None
        message = f"{sentence.format(what=self.what, detail=self.detail)}; run 'diagramkit import'"
        return Diagnostic(STALE, message, self.span)


def summary(changes: tuple[ImportChange, ...]) -> str:
    """Return how many changes there are: `2 added, 1 removed, 1 conflict`."""
    names = {
        "added": ("added",),
        "updated": ("changed", "replaced"),
        "removed": ("removed", "removed-edit", "lost"),
        "moved": ("moved",),
        "in conflict": ("conflict",),
    }
    counts = {name: sum(change.kind in kinds for change in changes) for name, kinds in names.items()}
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)


def shown(text: object) -> str:
    """Return a value as messages show it: in quotation marks, on one line, and not too long."""
    line = " ".join(str(text).replace("<br>", " / ").split())
    return f"'{line if len(line) <= _MAX_SHOWN else line[: _MAX_SHOWN - 1] + '…'}'"


_MAX_SHOWN = 80
