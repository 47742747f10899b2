"""Machine-readable formats of diagnostics: JSON, GitHub workflow commands and SARIF."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from diagramkit import __version__, versions
from diagramkit.cli import codes
from diagramkit.diagnostics import Diagnostic, printable
from diagramkit.markup import json_text

_GITHUB_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def as_json(problems: Sequence[Diagnostic]) -> str:
    """Return the diagnostics as a JSON array of objects.

    Each object has `file`, `line`, `column` (both from 1), `severity`, `code` and `message`. If there is a fix, it also
    has `fix`: at its line and column, `old` becomes `new`.
    """
    return json_text([_json_object(problem) for problem in problems], 2)


def as_github(problems: Sequence[Diagnostic]) -> str:
    """Return one workflow command per diagnostic, which GitHub shows at its line in a pull request.

    The format is documented in GitHub Docs, "Workflow commands for GitHub Actions", in the sections about setting a
    notice, warning or error message.
    """
    return "\n".join(map(_workflow_command, problems))


def as_sarif(problems: Sequence[Diagnostic]) -> str:
    """Return a SARIF log with one run (SARIF 2.1.0, sections 3.13, 3.14, 3.27, 3.28 and 3.49)."""
    rules = sorted({problem.code for problem in problems})
    fingerprints = _fingerprints(problems)
    documentation = versions.documentation("diagramkit")
    driver = {
        "name": "diagramkit",
        "version": __version__,
        **({"informationUri": documentation} if documentation else {}),
        "rules": [_sarif_rule(code, documentation) for code in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [
            _sarif_result(problem, rules, fingerprint)
            for problem, fingerprint in zip(problems, fingerprints, strict=True)
        ],
    }
    log = {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json_text(log, 2)


WRITERS: dict[str, Callable[[Sequence[Diagnostic]], str]] = {
    "json": as_json,
    "github": as_github,
    "sarif": as_sarif,
}
"""The functions that write the formats, by the value of `--output-format`."""


def _json_object(problem: Diagnostic) -> dict[str, Any]:
    span = problem.span
    result: dict[str, Any] = {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "severity": problem.severity,
        "code": problem.code,
        "message": _single_line(problem),
    }
    if problem.fix:
        result["fix"] = {
            "line": problem.fix.span.line,
            "column": problem.fix.span.column,
            "old": problem.fix.old,
            "new": problem.fix.new,
        }
    return result


def _workflow_command(problem: Diagnostic) -> str:
    span = problem.span
    values = {
        "file": span.file,
        "line": span.line,
        "col": span.column,
        "title": f"diagramkit {problem.code}",
    }
    properties = ",".join(f"{name}={_percent_encode(str(value), ':,')}" for name, value in values.items())
    return f"::{_GITHUB_COMMANDS[problem.severity]} {properties}::{_percent_encode(_single_line(problem))}"


def _percent_encode(text: str, reserved: str = "") -> str:
    """Encode `%`, line breaks and the `reserved` characters, so that a text cannot end its command."""
    for char in "%\r\n" + reserved:
        text = text.replace(char, f"%{ord(char):02X}")
    return printable(text)


def _sarif_rule(code: str, documentation: str | None) -> dict[str, Any]:
    """Return a rule with its help text, and a link if the address of the documentation is known."""
    text = codes.meaning(code)
    rule: dict[str, Any] = {"id": code, "shortDescription": {"text": text}, "fullDescription": {"text": text}}
    if documentation is None:
        return {**rule, "help": {"text": text}}
    link = f"{documentation}/messages.md#{code}"
    help_texts = {"text": f"{text} See {link}", "markdown": f"{text} See [the messages]({link})."}
    return {**rule, "helpUri": link, "help": help_texts}


def _fingerprints(problems: Sequence[Diagnostic]) -> list[str]:
    """Return a text for each diagnostic that stays the same if lines are added above it.

    GitHub recognizes a finding by it in the next run ("SARIF support for code scanning", `primaryLocationLineHash`). It
    depends on the code, the file and the line or the message; a number tells apart those that are the same.
    """
    counts: Counter[str] = Counter()
    result = []
    for problem in problems:
        place = problem.excerpt.line.strip() if problem.excerpt else _single_line(problem)
        text = "\0".join((problem.code, PurePath(problem.span.file).as_posix(), place))
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        counts[digest] += 1
        result.append(f"{digest}:{counts[digest]}")
    return result


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _sarif_result(problem: Diagnostic, rules: list[str], fingerprint: str) -> dict[str, Any]:
    span = problem.span
    region = {"startLine": span.line, "startColumn": span.column}
    return {
        "ruleId": problem.code,
        "ruleIndex": rules.index(problem.code),
        "level": problem.severity,
        "message": {"text": _single_line(problem)},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(span.file)}, "region": region}}],
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
    }


def _single_line(problem: Diagnostic) -> str:
    """Return the message on one line."""
    return printable(" ".join(problem.message.split()))
