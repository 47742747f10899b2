"""Machine-readable diagnostics: for GitHub, for scripts (JSON) and for code scanners (SARIF)."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
import yaml

from diagramkit import excerpts
from diagramkit.cli import diagnostic_formats, main
from diagramkit.diagnostics import Diagnostic, Span
from tests.support.project import ROOT

INVALID = "graph LR\n  A[ALB] -> B[Lambda]\n"


@pytest.fixture(autouse=True)
def _sources() -> None:
    Path("specs").mkdir()
    Path("specs/a b.mmd").write_text(INVALID, "utf-8")
    Path("specs/good.mmd").write_text(INVALID.replace("->", "-->"), "utf-8")


def check_output(capsys: pytest.CaptureFixture[str], format: str, *arguments: str, code: int = 2) -> str:
    """Run a command (default: check) that must exit with `code`, and return its standard output."""
    capsys.readouterr()
    assert main([*(arguments or ("check",)), "--output-format", format]) == code
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_the_github_format_has_the_position_of_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert check_output(capsys, "github").splitlines() == [
        (
            f"::error file={Path('specs/a b.mmd')},line=2,col=10,title=diagramkit mermaid-arrow::"
            "'->' is not a link in Mermaid; write '-->'"
        )
    ]


def test_a_message_cannot_contain_another_github_command() -> None:
    text = diagnostic_formats.as_github([Diagnostic("x", "a\n::set-env::100%", Span("a,b:c%\n.mmd", 1, 1))])
    assert text == "::error file=a%2Cb%3Ac%25%0A.mmd,line=1,col=1,title=diagramkit x::a ::set-env::100%25"


def test_json_has_the_position_and_the_fix(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(check_output(capsys, "json")) == [
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


def test_sarif_has_rules_and_positions(capsys: pytest.CaptureFixture[str]) -> None:
    log = json.loads(check_output(capsys, "sarif"))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["id"] == "mermaid-arrow"
    assert rule["shortDescription"]["text"] == rule["fullDescription"]["text"] == "An arrow is not one of Mermaid's."
    assert rule["help"] == {"text": rule["shortDescription"]["text"]}
    assert "helpUri" not in rule  # Nothing says where the documentation of this installation is.
    assert "## mermaid-arrow\n" in (ROOT / "docs/messages.md").read_text("utf-8")
    (result,) = run["results"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("mermaid-arrow", 0, "error")
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "specs/a%20b.mmd"
    assert location["region"] == {"startLine": 2, "startColumn": 10}


def test_sarif_links_to_the_documentation_only_where_its_address_is_known(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dead link is worse than none."""
    assert re.findall(r'"(https?://[^"]*)"', check_output(capsys, "sarif")) == [
        "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    ]
    folder = tmp_path / "site" / "diagramkit-0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: diagramkit\nVersion: 0\nProject-URL: Documentation, https://docs.example/x/\n"
    )
    monkeypatch.syspath_prepend(folder.parent)
    driver = json.loads(check_output(capsys, "sarif"))["runs"][0]["tool"]["driver"]
    assert driver["informationUri"] == "https://docs.example/x"
    (rule,) = driver["rules"]
    assert rule["helpUri"] == "https://docs.example/x/messages.md#mermaid-arrow"
    assert rule["helpUri"] in rule["help"]["text"]
    assert rule["helpUri"] in rule["help"]["markdown"]


def test_a_finding_of_sarif_is_recognized_after_lines_were_added(capsys: pytest.CaptureFixture[str]) -> None:
    def fingerprints() -> list[str]:
        results = json.loads(check_output(capsys, "sarif"))["runs"][0]["results"]
        return [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]

    path = Path("specs/a b.mmd")
    text = path.read_text("utf-8")
    before = fingerprints()
    path.write_text(text.replace("\n", "\n\n", 1), "utf-8")
    assert fingerprints() == before
    path.write_text(f"{text.rstrip()}\n{text.splitlines()[-1]}\n", "utf-8")
    assert len(set(fingerprints())) == len(fingerprints())


def test_every_code_of_a_message_has_a_description() -> None:
    described = yaml.safe_load((ROOT / "diagramkit/cli/data/codes.yaml").read_text("utf-8"))
    assert list(described) == sorted(described)
    used = {
        argument.value
        for path in (ROOT / "diagramkit").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and _name(node.func) in ("Diagnostic", "fail", "diagnostic_at", "problem")
        for argument in node.args[:2]
        if isinstance(argument, ast.Constant) and re.fullmatch(r"[a-z]+(-[a-z]+)*", str(argument.value))
    }
    assert len(used) > 60
    assert used - described.keys() == set()


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def test_without_problems_the_document_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("check", "specs/good.mmd")
    assert json.loads(check_output(capsys, "json", *arguments, code=0)) == []
    assert json.loads(check_output(capsys, "sarif", *arguments, code=0))["runs"][0]["results"] == []


def test_render_reports_problems_and_usage_errors_in_the_same_formats(
    capsys: pytest.CaptureFixture[str],
) -> None:
    problems = json.loads(check_output(capsys, "json", "render", "-f", "svg", code=2))
    assert [problem["code"] for problem in problems] == ["mermaid-arrow"]
    Path("specs/a b.mmd").unlink()
    problems = json.loads(check_output(capsys, "json", "render", "--check", "-f", "svg,mmd", code=1))
    assert [(problem["code"], problem["file"]) for problem in problems] == [
        ("missing-output", str(Path("specs/good.mmd")))
    ]
    problems = json.loads(check_output(capsys, "json", "render", "nowhere", code=2))
    assert [problem["code"] for problem in problems] == ["no-such-file"]


def test_quiet_prints_problems_only(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "-q", "-f", "svg", "specs/good.mmd"]) == 0
    captured = capsys.readouterr()
    assert captured.out + captured.err == ""
    assert main(["check", "-q"]) == 2
    assert "error[mermaid-arrow]" in capsys.readouterr().err


@pytest.mark.parametrize(("char", "cells"), [("a", 1), ("注", 2), ("\u0301", 0), ("Ａ", 2), ("é", 1)])
def test_carets_account_for_the_width_of_characters(char: str, cells: int) -> None:
    assert excerpts._cells(char) == cells


@pytest.mark.parametrize("command", [["check", "docs"], ["render", "docs", "-f", "svg"], ["deck", "docs"]])
def test_a_skipped_file_in_a_folder_is_no_finding_for_strict(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("docs").mkdir()
    Path("docs/good.mmd").write_text("graph LR\n  A[ALB] --> B[Lambda]\n", "utf-8")
    Path("docs/mkdocs.yml").write_text("site_name: x\n", "utf-8")
    Path("docs/README.md").write_text("# No diagram\n", "utf-8")
    for _ in range(2):  # The second time, `render` knows the notes from its manifest.
        assert main([*command, "--strict"]) == 0
        notes = capsys.readouterr().err
        assert "mkdocs.yml:1:1: note[not-a-source]" in notes
        assert "README.md:1:1: note[no-diagram]" in notes
    Path("docs/good.mmd").write_text("graph LR\n  A[ALB] --> B[Lambda]\n  style A zoom:2\n", "utf-8")
    Path("docs/mkdocs.yml").unlink()
    assert main(["check", "docs", "--strict"]) == 1  # A note about a diagram is one.
