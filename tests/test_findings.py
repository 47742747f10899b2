"""Findings for machines: what GitHub, a script and a code scanner read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from diagramkit import excerpts
from diagramkit.cli import diagnostic_formats, main
from diagramkit.diagnostics import Diagnostic, Span

WRONG = "graph LR\n  A[ALB] -> B[Lambda]\n"


@pytest.fixture(autouse=True)
def _sources() -> None:
    Path("specs").mkdir()
    Path("specs/a b.mmd").write_text(WRONG, "utf-8")
    Path("specs/good.mmd").write_text(WRONG.replace("->", "-->"), "utf-8")


def said(capsys: pytest.CaptureFixture[str], name: str, *arguments: str, code: int = 1) -> str:
    capsys.readouterr()
    assert main([*(arguments or ("check",)), "--output-format", name]) == code
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_github_shows_a_mistake_at_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "github").splitlines() == [
        (
            f"::error file={Path('specs/a b.mmd')},line=2,col=10,title=diagramkit mermaid-arrow::"
            "'->' is not a link in Mermaid; write '-->'"
        )
    ]


def test_github_commands_hold_no_other_command() -> None:
    text = diagnostic_formats.as_github([Diagnostic("x", "a\n::set-env::100%", Span("a,b:c%\n.mmd", 1, 1))])
    assert text == "::error file=a%2Cb%3Ac%25%0A.mmd,line=1,col=1,title=diagramkit x::a ::set-env::100%25"


def test_json_holds_the_place_and_the_mend(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(said(capsys, "json")) == [
        {
            "file": str(Path("specs/a b.mmd")),
            "line": 2,
            "column": 10,
            "severity": "error",
            "code": "mermaid-arrow",
            "message": "'->' is not a link in Mermaid; write '-->'",
            "fix": {"line": 2, "column": 10, "old": "->", "new": "-->"},
        }
    ]


def test_sarif_names_rules_and_places(capsys: pytest.CaptureFixture[str]) -> None:
    log = json.loads(said(capsys, "sarif"))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert run["tool"]["driver"]["rules"] == [{"id": "mermaid-arrow"}]
    (result,) = run["results"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("mermaid-arrow", 0, "error")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "specs/a%20b.mmd"
    assert place["region"] == {"startLine": 2, "startColumn": 10}


def test_no_finding_is_an_empty_document(capsys: pytest.CaptureFixture[str]) -> None:
    good = ("check", "specs/good.mmd")
    assert json.loads(said(capsys, "json", *good, code=0)) == []
    assert json.loads(said(capsys, "sarif", *good, code=0))["runs"][0]["results"] == []


def test_render_tells_in_the_same_formats_and_errors_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = json.loads(said(capsys, "json", "render", "-f", "svg", code=2))
    assert [one["code"] for one in found] == ["mermaid-arrow"]
    Path("specs/a b.mmd").unlink()
    found = json.loads(said(capsys, "json", "render", "--check", "-f", "svg,mmd", code=1))
    assert [(one["code"], one["file"]) for one in found] == [("missing-output", str(Path("output/good.mmd")))]
    found = json.loads(said(capsys, "json", "render", "nowhere", code=2))
    assert [one["code"] for one in found] == ["no-such-file"]


def test_quiet_tells_findings_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "-q", "-f", "svg", "specs/good.mmd"]) == 0
    captured = capsys.readouterr()
    assert captured.out + captured.err == ""
    assert main(["check", "-q"]) == 1
    assert "error[mermaid-arrow]" in capsys.readouterr().err


@pytest.mark.parametrize(("sign", "cells"), [("a", 1), ("注", 2), ("\u0301", 0), ("Ａ", 2), ("é", 1)])
def test_a_caret_stands_under_its_sign_however_wide_others_are(sign: str, cells: int) -> None:
    assert excerpts._cells(sign) == cells
