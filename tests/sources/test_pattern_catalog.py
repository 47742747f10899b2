"""Importing a pattern catalog loses nothing, is idempotent, and respects manual edits."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError
from diagramkit.sources import pattern_catalog
from tests.support.project import CATALOG, ROOT


def rebuilt(folder: Path) -> str:
    """Return the Markdown of the catalog, rebuilt from only the specs and their index."""
    index = yaml.safe_load((folder / "catalogue.yaml").read_text("utf-8"))
    parts = [f"---\n{index['front_matter']}---\n", f"# {index['catalogue']}\n"]
    for entry in index["contents"]:
        if "spec" in entry:
            parts.append(pattern_text(folder / entry["spec"], "##"))
            continue
        parts.append(f"## {entry['category']}\n")
        parts += [pattern_text(folder / item["spec"], "###") for item in entry["patterns"]]
    return "\n".join(parts)


def pattern_text(path: Path, heading: str) -> str:
    """Return the Markdown of one spec."""
    spec = yaml.safe_load(path.read_text("utf-8"))
    lines = [f"{heading} {spec['title']}", "```mermaid", f"{spec['diagram']}```", ""]
    lines += ["**Components:**", *(f"- {item}" for item in spec["components"]), ""]
    lines += ["**Best Practices:**", *(f"- {item}" for item in spec["best_practices"]), ""]
    return "\n".join(lines)


def test_the_catalog_can_be_rebuilt_from_the_imported_specs(tmp_path: Path) -> None:
    assert main(["import", str(CATALOG), "-o", str(tmp_path / "specs")]) == 0
    assert rebuilt(tmp_path / "specs") == CATALOG.read_text("utf-8")


def test_the_committed_specs_match_the_catalog() -> None:
    assert rebuilt(ROOT / "specs") == CATALOG.read_text("utf-8")


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    main(["import", str(CATALOG)])
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in specs(tmp_path)}
    assert main(["import", str(CATALOG)]) == 0
    after = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in specs(tmp_path)}
    assert len(before) == 12  # 11 patterns and the index
    assert after == before


def test_an_edited_spec_is_not_overwritten_unless_forced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["import", str(CATALOG)])
    edited = tmp_path / "specs/ai-ml-patterns/rag-architecture.yaml"
    text = edited.read_text("utf-8")
    edited.write_text(text + "notes: mine\n", "utf-8")
    for _ in range(2):  # The second import does not overwrite it either.
        assert main(["import", str(CATALOG)]) == 1
        assert "warning[edited-spec]" in capsys.readouterr().err
        assert edited.read_text("utf-8").endswith("notes: mine\n")
    assert main(["import", str(CATALOG), "--force"]) == 0
    assert edited.read_text("utf-8") == text


def test_an_unedited_spec_is_updated_when_the_catalog_changes(tmp_path: Path) -> None:
    source = tmp_path / "c.md"
    source.write_text("# C\n\n## A\n\n### One\n```mermaid\ngraph LR\n  a --> b\n```\n", "utf-8")
    main(["import", "c.md"])
    source.write_text(source.read_text("utf-8").replace("a --> b", "a --> c"), "utf-8")
    assert main(["import", "c.md"]) == 0
    assert "a --> c" in (tmp_path / "specs/a/one.yaml").read_text("utf-8")


def test_prose_and_nested_lists_are_preserved() -> None:
    catalog = pattern_catalog.read(
        "# C\n\nWelcome.\n\n## Cat\n\nAbout it.\n\n### One\n\nFirst words.\n\n"
        "```mermaid\ngraph LR\n  a --> b\n```\n\n**Components:**\n- x\n  - deeper\n- y\n\n"
        "**When to use:**\n- often\n\n> a quote\n",
        "c.md",
    )
    pattern = next(catalog.patterns())
    assert catalog.preamble == "Welcome."
    assert catalog.sections[0].description == "About it."
    assert pattern.description == "First words."
    assert pattern.components == ["x\n- deeper", "y"]
    assert pattern.notes == "**When to use:**\n\n- often\n\n> a quote"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("# Nothing\n\nhere\n", "no-patterns"),
        ("## A\n### One\n```mermaid\ngraph LR\n```\n### one!\n```mermaid\ngraph LR\n```\n", "duplicate-pattern"),
    ],
)
def test_an_invalid_catalog_is_reported_with_its_error_code(text: str, code: str) -> None:
    with pytest.raises(DiagramError) as raised:
        pattern_catalog.read(text, "c.md")
    assert raised.value.problems[0].code == code


def test_windows_line_endings_result_in_the_same_specs() -> None:
    text = CATALOG.read_text("utf-8")
    unix = [pattern_catalog.spec_text(pattern) for pattern in pattern_catalog.read(text, "c.md").patterns()]
    windows = pattern_catalog.read(text.replace("\n", "\r\n"), "c.md").patterns()
    assert [pattern_catalog.spec_text(pattern) for pattern in windows] == unix


def specs(folder: Path) -> list[Path]:
    return sorted((folder / "specs").rglob("*.yaml"))
