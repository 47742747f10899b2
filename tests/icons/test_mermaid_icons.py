"""Icons that Mermaid diagrams name: which of ours stands for them, and what is reported about unknown ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from diagramkit import data
from diagramkit.cli import main
from diagramkit.diagnostics import Span
from diagramkit.graph import Node
from diagramkit.icons import external, names
from diagramkit.icons.catalog import DEFAULT_CATALOG
from tests.support import choices
from tests.support.icon_packs import GOOD, pack
from tests.support.project import DATA

EXAMPLES: dict[str, list[str]] = yaml.safe_load((DATA / "mermaid_icons.yaml").read_text("utf-8"))
TABLE: dict[str, Any] = yaml.safe_load(data.text("icons", "mermaid_icons.yaml"))


@pytest.mark.parametrize("reference", EXAMPLES)
def test_an_icon_of_mermaid_is_drawn_with_the_icon_that_stands_for_it(reference: str) -> None:
    chosen = {
        icon: choices.choose(Node("n1", "x", "square", Span("x"), icon=icon)).icon or "none"
        for icon in EXAMPLES[reference]
    }
    assert chosen == dict.fromkeys(EXAMPLES[reference], reference)
    assert all(external.is_external(icon, DEFAULT_CATALOG) for icon in EXAMPLES[reference])


def test_every_listed_name_is_text_and_names_one_existing_icon() -> None:
    for section in ("symbols", "products"):
        listed = [name for entry in TABLE[section].values() for name in entry]
        assert len(listed) == len(set(listed)) >= 150
        assert [name for name in listed if not isinstance(name, str)] == []
        references = set(TABLE[section]) - {"none"}
        missing = [each for each in references if not DEFAULT_CATALOG.has(each) and each not in names.services()]
        assert missing == []


def test_a_font_awesome_icon_in_a_label_counts_if_the_text_names_nothing() -> None:
    def icon(label: str) -> str | None:
        return choices.icon_of(label)

    assert icon("fa:fa-users") == "aws.general.Users"
    assert icon("fas:fa-database Orders") == "aws.general.GenericDatabase"
    assert icon("fas:fa-server EC2") == "aws.compute.EC2"
    assert icon("fa:fa-ban forbidden") is None
    assert icon("fa:fa-users known?") is None


def warnings(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [line for line in capsys.readouterr().err.splitlines() if "warning[unknown-icon" in line]


def diagram(*icons: str) -> str:
    lines = (f'  n{number}@{{ icon: "{icon}", label: "x" }}\n' for number, icon in enumerate(icons))
    return f"graph LR\n{''.join(lines)}"


@pytest.mark.parametrize("command", [["check"], ["render", "-o", "output"]], ids=["check", "render"])
def test_an_unknown_icon_pack_is_reported_with_how_to_add_one(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.mmd").write_text(diagram("lgos:aws-lambda", "acme:thing", "logos:aws-lambda", "mdi:account"))
    assert main([*command, "x.mmd"]) == 0
    misspelled, unknown = warnings(capsys)
    assert misspelled.startswith("x.mmd:2:3: warning[unknown-icon-pack]: there is no icon pack 'lgos'")
    assert "did you mean 'logos'?" in misspelled
    assert unknown.startswith("x.mmd:3:3: warning[unknown-icon-pack]: there is no icon pack 'acme'")
    assert "'diagramkit icons add npm:@iconify-json/acme'" in unknown
    assert "'diagramkit icons add ./acme'" in unknown


def test_an_unknown_icon_of_a_known_pack_is_reported_with_how_to_add_the_pack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.mmd").write_text(diagram("mdi:frobnicate", "k8s:frobnicate"))
    assert main(["check", "x.mmd"]) == 0
    first, second = warnings(capsys)
    assert "x.mmd:2:3: warning[unknown-icon]: no installed pack has the icon 'mdi:frobnicate'" in first
    assert "add the pack with 'diagramkit icons add npm:@iconify-json/mdi'" in first
    assert second.endswith("or add the pack")


def test_an_unknown_icon_of_an_installed_pack_is_reported_with_the_most_similar_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "diagramkit.toml").write_text("")
    pack(tmp_path / "acme", **{"widget-maker": GOOD})
    assert main(["icons", "add", "acme"]) == 0
    (tmp_path / "x.mmd").write_text(diagram("acme:widget-makr", "acme:widget-maker"))
    capsys.readouterr()
    assert main(["check", "x.mmd"]) == 0
    (warning,) = warnings(capsys)
    assert "warning[unknown-icon]: the pack 'acme' has no icon 'widget-makr'; did you mean 'widget-maker'?" in warning


@pytest.mark.parametrize("command", [["check"], ["render", "-o", "output"]], ids=["check", "render"])
def test_an_unknown_icon_is_reported_once_for_each_file(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    block = f"```mermaid\n{diagram('acme:a', 'acme:a', 'mdi:frobnicate', 'mdi:frobnicate')}```\n\n"
    for name in ("x.md", "y.md"):
        (tmp_path / name).write_text(block * 2)
    assert main([*command, "x.md", "y.md"]) == 0
    reported = [line.partition(": ")[0] for line in warnings(capsys)]
    assert reported == ["x.md:3:3", "x.md:5:3", "y.md:3:3", "y.md:5:3"]
