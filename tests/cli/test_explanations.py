"""`diagramkit explain` and `diagramkit skill`, and the documents for agents: examples are true, and texts are short."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest

from checks import agent_documents
from diagramkit import data
from diagramkit.agents import tools
from diagramkit.agents.arguments import SourceArguments
from diagramkit.cli import COMMANDS, main
from diagramkit.cli.codes import Explanation, explanations
from diagramkit.diagnostics import BAD_INPUT, OK
from diagramkit.style import group_kinds
from tests.support.project import ROOT

EXAMPLES = [pytest.param(code, known.example, id=code) for code, known in explanations().items() if known.example]


def test_every_code_has_a_meaning_a_cause_and_a_fix() -> None:
    for code, known in explanations().items():
        for text in (known.means, known.cause, known.fix):
            assert text.endswith(".") and len(text) > 6, (code, text)  # noqa: PT018
    assert len(EXAMPLES) > 30


@pytest.mark.parametrize(("code", "example"), EXAMPLES)
def test_an_example_gets_its_code(code: str, example: str) -> None:
    answer = json.loads(tools.call("check", SourceArguments(source=example), ()).texts[0])
    assert code in {problem["code"] for problem in answer["problems"]}


def test_explain_prints_what_the_page_of_messages_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "mermaid-end", "not-utf8"]) == OK
    output = capsys.readouterr().out
    for code in ("mermaid-end", "not-utf8"):
        known = explanations()[code]
        for text in (code, known.means, known.cause, known.fix):
            assert text in " ".join(output.split())
    assert known.example == ""
    assert "      subgraph VPC\n" in output
    assert main(["explain"]) == OK
    assert len(capsys.readouterr().out.splitlines()) == len(explanations())


def test_an_unknown_code_is_an_error_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "mermaid-ends"]) == BAD_INPUT
    assert "error[no-such-code]: there is no message with the code 'mermaid-ends'; did you mean 'mermaid-end'?" in (
        capsys.readouterr().err
    )


def test_explanations_are_plain_records() -> None:
    assert msgspec.convert({"means": "a", "cause": "b", "fix": "c"}, Explanation).example == ""


def test_the_skill_is_written_and_an_edited_one_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / ".claude/skills/diagramkit/SKILL.md"
    assert main(["skill"]) == OK
    assert path.read_bytes() == data.text("agents", "SKILL.md")
    assert main(["skill"]) == OK
    path.write_text("edited")
    assert main(["skill"]) == BAD_INPUT
    assert path.read_text() == "edited"
    assert main(["skill", "--force"]) == OK
    assert path.read_bytes() == data.text("agents", "SKILL.md")
    assert main(["skill", "-o", "other/skills"]) == OK
    assert (tmp_path / "other/skills/diagramkit/SKILL.md").is_file()


def test_the_skill_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["skill", "-o", "-"]) == OK
    assert capsys.readouterr().out == data.text("agents", "SKILL.md").decode("utf-8")


@pytest.mark.parametrize("text", [agent_documents.skill(), agent_documents.llms()], ids=["skill", "llms"])
def test_documents_for_agents_are_short_and_complete(text: str) -> None:
    """Fewer than 1,500 tokens of about four characters; measured with o200k_base once: 1,016 and 854."""
    assert len(text) < 4 * 1500
    assert "](" not in text.replace("](docs/", "")
    for command in re.findall(r"diagramkit (\w+) ", text):
        assert command in {*COMMANDS, "COMMAND"} or command in ("draws", "with", "diagramkit"), command


def test_the_skill_has_the_front_matter_of_skills() -> None:
    head = re.match(r"---\nname: diagramkit\ndescription: (.+?)\n---\n", agent_documents.skill(), re.S)
    assert head
    assert len(head[1]) < 1024


def test_what_the_page_says_about_groups_is_so() -> None:
    text = (ROOT / agent_documents.PAGE).read_text("utf-8")
    titles = re.findall(r"`([^`]+)`", text.partition("determines its frame: ")[2].partition(", or the name")[0])
    assert len(titles) == 13
    kinds = [group_kinds.of_title(title) for title in titles]
    assert "generic" not in kinds
    assert len(set(kinds)) == len(kinds)


def test_the_diagram_of_the_page_is_drawn_without_problems() -> None:
    import diagramkit

    (diagram,) = diagramkit.load_all(ROOT / agent_documents.PAGE)
    assert diagram.report().problems == ()
    assert {node.confidence for node in diagram.report().nodes} <= {"certain", "likely", "guess"}
