"""Findings for machines: JSON, GitHub's annotations, SARIF."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from diagramkit import __version__
from diagramkit.diagnostics import Diagnostic, printable

_GITHUB = {"error": "error", "warning": "warning", "note": "notice"}


def as_json(problems: Sequence[Diagnostic]) -> str:
    """A list of objects: `file`, `line` and `column` (from 1), `severity`, `code`, `message`, and `fix`
    where there is a mend: at its line and column `old` becomes `new`."""
    return json.dumps([_object(one) for one in problems], indent=2, ensure_ascii=False)


def as_github(problems: Sequence[Diagnostic]) -> str:
    """A line for each, which GitHub shows at its line of the change (GitHub Docs, "Workflow commands for
    GitHub Actions", setting a notice, warning or error message)."""
    return "\n".join(map(_command, problems))


def as_sarif(problems: Sequence[Diagnostic]) -> str:
    """A log of one run (SARIF 2.1.0, sections 3.13, 3.14, 3.27 and 3.28)."""
    rules = sorted({one.code for one in problems})
    driver = {
        "name": "diagramkit",
        "version": __version__,
        "rules": [{"id": code} for code in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, rules) for one in problems],
    }
    log = {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(log, indent=2, ensure_ascii=False)


WRITERS: dict[str, Callable[[Sequence[Diagnostic]], str]] = {
    "json": as_json,
    "github": as_github,
    "sarif": as_sarif,
}


def _object(problem: Diagnostic) -> dict[str, Any]:
    span = problem.span
    made: dict[str, Any] = {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "severity": problem.severity,
        "code": problem.code,
        "message": _flat(problem),
    }
    if problem.fix:
        at = problem.fix.span
        made["fix"] = {
            "line": at.line,
            "column": at.column,
            "old": problem.fix.old,
            "new": problem.fix.new,
        }
    return made


def _command(problem: Diagnostic) -> str:
    span = problem.span
    said = {
        "file": span.file,
        "line": span.line,
        "col": span.column,
        "title": f"diagramkit {problem.code}",
    }
    properties = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in said.items())
    return f"::{_GITHUB[problem.severity]} {properties}::{_escaped(_flat(problem))}"


def _escaped(text: str, more: str = "") -> str:
    for char in "%\r\n" + more:
        text = text.replace(char, f"%{ord(char):02X}")
    return printable(text)


def _result(problem: Diagnostic, rules: list[str]) -> dict[str, Any]:
    span = problem.span
    place = PurePath(span.file)
    uri = place.as_uri() if place.is_absolute() else quote(place.as_posix())
    region = {"startLine": span.line, "startColumn": span.column}
    return {
        "ruleId": problem.code,
        "ruleIndex": rules.index(problem.code),
        "level": problem.severity,
        "message": {"text": _flat(problem)},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}],
    }


def _flat(problem: Diagnostic) -> str:
    return printable(" ".join(problem.message.split()))
