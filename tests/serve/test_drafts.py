"""Drafts: what the page shows of a text, and the changes that it makes in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagramkit.options import Options
from diagramkit.serve import draft_changes, drafts, icon_list
from diagramkit.serve.drafts import Draft
from diagramkit.serve.edits import EditError

MERMAID = "graph LR\n  A[Thing] --> B[S3]\n"
SPEC = "title: Shop  # what it is\ndiagram: |\n  graph LR\n    A[Thing] --> B[S3]\n"
DOCUMENT = f"# D\n\n```mermaid\n{MERMAID}```\n\n```mermaid\ngraph LR\n  C --> D --> E\n```\n"


def ids(draft: Draft) -> list[str]:
    return [node["id"] for node in drafts.render_draft(draft, Options())["nodes"]]


@pytest.mark.parametrize(
    ("line", "expected"), [(1, "AB"), (4, "AB"), (6, "AB"), (7, "AB"), (8, "CDE"), (10, "CDE"), (99, "CDE")]
)
def test_the_diagram_at_the_cursor_is_shown(line: int, expected: str) -> None:
    assert ids(Draft(DOCUMENT, language="markdown", line=line)) == list(expected)


def test_a_fence_with_an_error_is_reported_and_the_others_are_drawn() -> None:
    text = DOCUMENT.replace("A[Thing] -->", "A[Thing] ->")
    broken = drafts.render_draft(Draft(text, language="markdown", line=5), Options())
    assert [problem["code"] for problem in broken["problems"]] == ["mermaid-arrow"]
    assert "svg" not in broken
    assert ids(Draft(text, language="markdown", line=9)) == ["C", "D", "E"]


def test_a_document_without_mermaid_is_reported() -> None:
    (problem,) = drafts.render_draft(Draft("# T\n", language="markdown"), Options())["problems"]
    assert problem["code"] == "no-diagram"


def test_parts_of_the_picture_have_their_place_in_the_source() -> None:
    drawn = drafts.render_draft(Draft(SPEC, language="spec"), Options())
    assert [(node["id"], node["line"], node["column"]) for node in drawn["nodes"]] == [("A", 4, 5), ("B", 4, 18)]
    assert [(edge["from"], edge["to"], edge["line"]) for edge in drawn["edges"]] == [("A", "B", 4)]
    assert {name: (one["rank"], one["line"]) for name, one in drawn["grid"]["places"].items()} == {
        "A": (1, 1),
        "B": (2, 1),
    }


def test_a_problem_has_the_range_to_underline_and_a_fix() -> None:
    (problem,) = drafts.render_draft(Draft(MERMAID.replace("-->", "->")), Options())["problems"]
    assert (problem["line"], problem["column"], problem["width"]) == (2, 12, 2)
    assert problem["fix"] == {
        "line": 2,
        "column": 12,
        "old": "->",
        "new": "-->",
        "margin": 0,
        "title": "Replace with '-->'",
    }


def test_the_picture_of_the_page_has_no_font_of_its_own() -> None:
    assert "@font-face" not in drafts.render_draft(Draft(MERMAID), Options())["svg"]
    assert b"@font-face" in drafts.export_draft(Draft(MERMAID), "svg", Options())


@pytest.mark.parametrize(
    ("text", "change", "expected"),
    [
        (MERMAID, {"kind": "icon", "node": "A", "icon": "none"}, MERMAID + '  A@{ icon: "none" }\n'),
        (SPEC, {"kind": "option", "name": "canvas", "value": "4:3"}, SPEC + "canvas: '4:3'\n"),
        (
            SPEC + "canvas: a4 # print\n",
            {"kind": "option", "name": "canvas", "value": "4:3"},
            SPEC + "canvas: '4:3' # print\n",
        ),
        (MERMAID, {"kind": "pin", "pins": {"A": [1, 2]}}, MERMAID + "  %% diagramkit: pin A 1 2\n"),
        (SPEC, {"kind": "pin", "pins": {"A": [1, 2]}}, SPEC + "layout:\n  pin:\n    A: [1, 2]\n"),
        (MERMAID + "  %% diagramkit: pin A 1 2\n", {"kind": "unpin", "id": "A"}, MERMAID),
        (
            MERMAID + "%% diagramkit: pin A 1 1\n%% diagramkit: pin B 1 2\n",
            {"kind": "pin", "pins": {"A": [1, 2], "B": [1, 3]}},
            MERMAID + "%% diagramkit: pin A 1 2\n%% diagramkit: pin B 1 3\n",
        ),
        (SPEC + "steps: true\n", {"kind": "option", "name": "steps", "value": None}, SPEC),
    ],
)
def test_a_change_is_an_edit_of_the_text(text: str, change: dict[str, object], expected: str) -> None:
    assert draft_changes.apply(Draft(text), change, Path()) == expected


@pytest.mark.parametrize(
    ("text", "change"),
    [
        (MERMAID, {"kind": "icon", "node": "Z", "icon": "none"}),
        (MERMAID, {"kind": "option", "name": "canvas", "value": "4:3"}),
        (SPEC, {"kind": "option", "name": "theme", "value": "dark"}),
        (SPEC, {"kind": "option", "name": "canvas", "value": ["4:3"]}),
        (MERMAID, {"kind": "pin", "pins": {"Z": [1, 1]}}),
        (MERMAID, {"kind": "pin", "pins": {"A": [0, 1]}}),
        (MERMAID, {"kind": "pin", "pins": {"A": "11"}}),
        (MERMAID, {"kind": "pin", "pins": [1]}),
        (MERMAID, {"kind": "pin", "pins": {"A": [1, 1], "B": [1, 1]}}),
        ("nonsense", {"kind": "icon", "node": "A", "icon": "none"}),
        (MERMAID, {"kind": "nothing"}),
        (MERMAID, {}),
    ],
)
def test_a_change_that_cannot_be_made_is_reported(text: str, change: dict[str, object]) -> None:
    with pytest.raises(EditError):
        draft_changes.apply(Draft(text), change, Path())


def test_two_pins_can_change_places() -> None:
    text = MERMAID + "%% diagramkit: pin A 1 1\n%% diagramkit: pin B 1 2\n"
    swapped = draft_changes.apply(Draft(text), {"kind": "pin", "pins": {"A": [1, 2], "B": [1, 1]}}, Path())
    places = drafts.render_draft(Draft(swapped), Options())["grid"]["places"]
    assert {name: (one["rank"], one["line"], one["pinned"]) for name, one in places.items()} == {
        "A": (1, 2, True),
        "B": (1, 1, True),
    }


def test_a_folded_chain_has_the_ranks_that_it_has_unfolded() -> None:
    text = "graph LR\n  a[One thing] --> b[Two things] --> c[Three] --> d[Four] --> e[Five] --> f[Six] --> g[Seven]\n"
    places = drafts.render_draft(Draft(text), Options())["grid"]["places"]
    assert {name: (one["rank"], one["line"]) for name, one in places.items()} == {
        name: (rank, 1) for rank, name in enumerate("abcdefg", 1)
    }
    cycle = drafts.render_draft(Draft("graph LR\n  a --> b --> c --> d --> e --> f --> a\n"), Options())
    assert len(cycle["grid"]["places"]) == 6


# Icons


@pytest.fixture
def root(tmp_path: Path) -> Path:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>'
    for name in ("icons/own-logo.svg", "output/a.svg", ".hidden/x.svg", "in/drawn.svg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(svg, "utf-8")
    (tmp_path / "diagramkit.toml").write_text("", "utf-8")
    (tmp_path / "output/.diagramkit.json").write_text("{}", "utf-8")
    (tmp_path / "in/drawn.mmd").write_text(MERMAID, "utf-8")
    return tmp_path


def test_icons_are_listed_by_category_with_the_projects_own(root: Path) -> None:
    everything = icon_list.listing("", "", Options(), root)
    names = [category["name"] for category in everything["categories"]]
    assert {"Own icons", "AWS compute", "Kubernetes network"} <= set(names)
    assert sum(category["count"] for category in everything["categories"]) == everything["total"]
    own = icon_list.listing("", "Own icons", Options(), root)
    assert [icon["reference"] for icon in own["icons"]] == ["file:icons/own-logo.svg"]
    compute = icon_list.listing("lambda", "AWS compute", Options(), root)
    assert compute["icons"][0]["reference"] == "aws.compute.Lambda"


def test_a_search_without_matches_offers_the_closest_names(root: Path) -> None:
    found = icon_list.listing("elastic compte", "", Options(), root)
    assert found["closest"]
    assert "aws.compute.EC2" in [icon["reference"] for icon in found["icons"]]
    nothing = icon_list.listing("qwertyuiop", "", Options(), root)
    assert (nothing["closest"], nothing["total"]) == (True, 0)
    assert not icon_list.listing("lambda", "", Options(), root)["closest"]


def test_an_own_icon_is_written_relative_to_the_source(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    change = {"kind": "icon", "node": "A", "icon": "file:icons/own-logo.svg"}
    text = draft_changes.apply(Draft(MERMAID, "in/drawn.mmd"), change, root)
    assert text == MERMAID + '  A@{ icon: "../icons/own-logo.svg" }\n'
    drawn = drafts.render_draft(Draft(text, "in/drawn.mmd"), Options())
    assert drawn["nodes"][0]["icon"] == "file:icons/own-logo.svg"


def test_pictures_of_icons_come_from_the_project_only(root: Path) -> None:
    (root.parent / "away.svg").write_text((root / "icons/own-logo.svg").read_text("utf-8"), "utf-8")
    assert icon_list.icon("file:icons/own-logo.svg", Options(), root)
    for reference in (
        "file:../away.svg",
        "file:in/drawn.mmd",
        f"file:{root.parent}/away.svg",
        "file:no.svg",
        "no.such.Icon",
    ):
        assert icon_list.icon(reference, Options(), root) is None, reference
