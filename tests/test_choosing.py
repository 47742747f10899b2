"""In which order what is said of a node is asked, how sure each answer is, and what is told of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.graph import Node, Pattern
from diagramkit.icons import resolver
from diagramkit.icons.catalog import BARE, IconCatalog
from diagramkit.icons.packs import installed
from diagramkit.icons.resolver import IconChoice
from diagramkit.pipeline import Options, catalog_of
from diagramkit.sources import spec
from tests.conftest import DATA
from tests.test_packs import GOOD, pack

CASES: list[dict[str, Any]] = yaml.safe_load((DATA / "choices.yaml").read_text("utf-8"))
HERE = Span("s.yaml", 3, 9)


def chosen(said: dict[str, Any], shelf: IconCatalog = BARE) -> IconChoice:
    rest = {name: value for name, value in said.items() if name in ("icon", "source_shape")}
    node = Node(
        said.get("name", "n1"),
        said["label"],
        said.get("shape", "square"),
        HERE,
        classes=tuple(said.get("classes", ())),
        **rest,
    )
    return resolver.choose(node, said.get("around", ()), said.get("shared", ()), said.get("provider", "aws"), shelf)


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case.values()))[:60])
def test_what_is_said_of_a_node_is_taken_for_what_it_means(case: dict[str, Any]) -> None:
    means = None if case["means"] == "none" else case["means"]
    assert chosen(case) == IconChoice(means, case["reason"], case["sure"])


# What a source asks for


def asked(icon: str) -> list[str]:
    text = f"title: T\nnodes: {{a: Lambda}}\nicons:\n  a: {icon}\n"
    with pytest.raises(DiagramError) as caught:
        resolver.resolve(spec.read(text, "s.yaml"))
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("icon", "told"),
    [
        ("aws.compute.Lamda", "there is no icon 'aws.compute.Lamda'; did you mean 'aws.compute.Lambda'?"),
        ("compute.Lambd", "there is no icon 'compute.Lambd'; did you mean 'aws.compute.Lambda'?"),
        ("aws.nowhere.Dynamodb", "there is no icon 'aws.nowhere.Dynamodb'; did you mean 'Dynamodb'?"),
        ("Lambdas", "there is no icon 'Lambdas'; did you mean 'Lambda'?"),
        (
            "zzzz.yyyy",
            "there is no icon 'zzzz.yyyy'; write a class of diagrams, as aws.compute.Lambda, or find one with 'diagramkit icons'",
        ),
    ],
)
def test_an_icon_that_there_is_not_is_told_with_the_nearest(icon: str, told: str) -> None:
    assert asked(icon) == [f"s.yaml:4:6: error[unknown-icon]: {told}"]


def test_an_icon_that_only_packs_have_is_told() -> None:
    assert asked("aws.analytics.AppFabric") == [
        (
            "s.yaml:4:6: error[icon-without-pack]: no pack here has 'aws.analytics.AppFabric', and diagrams has no icon of "
            "it; add one with 'diagramkit icons add npm:aws-icons'"
        )
    ]


def test_what_is_wrong_with_several_is_told_in_the_order_of_the_nodes() -> None:
    text = "title: T\nnodes: {a: A, b: B}\nicons: {b: x.Y, a: z.W}\n"
    with pytest.raises(DiagramError) as caught:
        resolver.resolve(spec.read(text, "s.yaml"))
    assert [problem.span.column for problem in caught.value.problems] == [20, 12]


def resolved(pattern: Pattern) -> dict[str, IconChoice]:
    return resolver.resolve(pattern, catalog_of(pattern, Options(packs=installed.current_packs())))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with an icon of its own and a pack of two."""
    (tmp_path / "diagramkit.toml").write_text("")
    pack(tmp_path / "own", vendor=GOOD)
    pack(tmp_path / "acme", **{"widget-maker": GOOD, "lambda": GOOD})
    assert main(["icons", "add", "acme"]) == 0
    return tmp_path


def test_what_a_source_says_stands_above_all_else(project: Path) -> None:
    text = """\
title: T
nodes:
  a: {label: Lambda, icon: ./own/vendor.svg}
  b: {label: Lambda, icon: none}
  c: {label: Lambda, icon: aws.storage.EFS}
  d: {label: Lambda, icon: "acme:widget-maker"}
  e: {label: S3}
icons: {e: aws.compute.EC2}
"""
    found = resolved(spec.read(text, "s.yaml"))
    own = found["a"].icon
    assert own is not None
    assert own.endswith("vendor.svg")
    assert found == {
        "a": IconChoice(own, "spec: ./own/vendor.svg", "said"),
        "b": IconChoice(None, "spec: icon", "said"),
        "c": IconChoice("aws.storage.EFS", "spec: icon", "said"),
        "d": IconChoice("acme:widget-maker", "spec: icon", "said"),
        "e": IconChoice("aws.compute.EC2", "spec: icon", "said"),
    }


def test_a_file_that_is_not_there_is_told_at_its_place(project: Path) -> None:
    text = "title: T\nnodes:\n  a: {label: A, icon: ./own/none.svg}\n"
    with pytest.raises(DiagramError) as caught:
        resolved(spec.read(text, "s.yaml"))
    (problem,) = caught.value.problems
    assert str(problem.span) == "s.yaml:3:3"


def test_a_mermaid_image_is_a_file_of_the_project(project: Path) -> None:
    text = 'graph LR\n  a@{ img: "./own/vendor.svg", label: "Lambda" }\n  b[Lambda] --> a\n'
    (project / "a.mmd").write_text(text, "utf-8")
    from diagramkit import sources

    (pattern,) = sources.load(sources.find(["a.mmd"])[0]).patterns
    found = resolved(pattern)
    assert found["a"].reason == "spec: ./own/vendor.svg"
    assert found["b"].icon == "aws.compute.Lambda"


@pytest.mark.parametrize(
    ("label", "icon", "reason", "sure"),
    [
        ("Widget Maker", "acme:widget-maker", "pack: acme", "likely"),
        ("Widget Maker 2", "acme:widget-maker", "pack: acme", "likely"),
        ("Widget Maker<br/>for all", "acme:widget-maker", "pack: acme", "likely"),
        ("Widget Maker (new)", None, "none; drawn as the shape square", "none"),
        ("The Widget Maker here", None, "none; drawn as the shape square", "none"),
        ("Widget Maker?", None, "none; drawn as the shape square", "none"),
        ("12", None, "none; drawn as the shape square", "none"),
        ("Lambda", "aws.compute.Lambda", "alias: Lambda", "certain"),
    ],
)
def test_a_pack_is_asked_for_what_a_label_says_whole(
    project: Path, label: str, icon: str | None, reason: str, sure: resolver.Confidence
) -> None:
    shelf = IconCatalog(installed.current_packs(), str(project))
    assert chosen({"label": label}, shelf) == IconChoice(icon, reason, sure)


def test_an_icon_of_mermaids_that_a_pack_has_is_that(project: Path) -> None:
    shelf = IconCatalog(installed.current_packs(), str(project))
    found = chosen({"label": "Thing", "icon": "acme:widget-maker"}, shelf)
    assert found == IconChoice("acme:widget-maker", "icon: acme:widget-maker", "said")
