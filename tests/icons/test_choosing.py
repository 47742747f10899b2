"""The resolver: the order in which properties of a node are consulted, the confidence, the reasons and the errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from diagramkit.cli import inputs, main
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.graph import Node, Pattern
from diagramkit.icons import resolver
from diagramkit.icons.catalog import DEFAULT_CATALOG, IconCatalog, catalog_of
from diagramkit.icons.resolver import IconChoice
from diagramkit.options import Options
from diagramkit.sources import spec
from tests.support import choices
from tests.support.icon_packs import GOOD, pack
from tests.support.project import DATA

CASES: list[dict[str, Any]] = yaml.safe_load((DATA / "choices.yaml").read_text("utf-8"))
SPAN = Span("s.yaml", 3, 9)


def choose(case: dict[str, Any], catalog: IconCatalog = DEFAULT_CATALOG) -> IconChoice:
    optional = {name: value for name, value in case.items() if name in ("icon", "source_shape")}
    node = Node(
        case.get("name", "n1"),
        case["label"],
        case.get("shape", "square"),
        SPAN,
        classes=tuple(case.get("classes", ())),
        **optional,
    )
    titles, shared, provider = case.get("around", ()), case.get("shared", ()), case.get("provider", "aws")
    return choices.choose(node, titles, shared, provider, catalog)


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case.values()))[:60])
def test_properties_of_a_node_determine_its_icon(case: dict[str, Any]) -> None:
    icon = None if case["means"] == "none" else case["means"]
    assert choose(case) == IconChoice(icon, case["reason"], case["confidence"])


# Icons that the source names


def errors_for(icon: str) -> list[str]:
    """Return the errors of a spec that names an icon for a node."""
    text = f"title: T\nnodes: {{a: Lambda}}\nicons:\n  a: {icon}\n"
    with pytest.raises(DiagramError) as raised:
        resolver.resolve(spec.read(text, "s.yaml"))
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("icon", "message"),
    [
        ("aws.compute.Lamda", "there is no icon 'aws.compute.Lamda'; did you mean 'aws.compute.Lambda'?"),
        ("compute.Lambd", "there is no icon 'compute.Lambd'; did you mean 'aws.compute.Lambda'?"),
        ("aws.nowhere.Dynamodb", "there is no icon 'aws.nowhere.Dynamodb'; did you mean 'aws.database.Dynamodb'?"),
        ("Lambdas", "there is no icon 'Lambdas'; did you mean 'aws.compute.Lambda'?"),
        (
            "zzzz.yyyy",
            (
                "there is no icon 'zzzz.yyyy'; name a class of diagrams, such as aws.compute.Lambda, "
                "or search with 'diagramkit icons'"
            ),
        ),
    ],
)
def test_an_unknown_icon_is_reported_with_the_nearest_name(icon: str, message: str) -> None:
    assert errors_for(icon) == [f"s.yaml:4:6: error[unknown-icon]: {message}"]


@pytest.mark.parametrize(
    ("icon", "reference"),
    [
        ("Lambda", "aws.compute.Lambda"),
        ("lambda", "aws.compute.Lambda"),
        ("Lamda", "aws.compute.Lambda"),
        ("aws.Lambda", "aws.compute.Lambda"),
        ("compute.lambda", "aws.compute.Lambda"),
        ("S3", "aws.storage.SimpleStorageServiceS3"),
        ("dynamodb", "aws.database.Dynamodb"),
        ("api-gateway", "aws.network.APIGateway"),
        ("aws_sqs_queue", "aws.integration.SimpleQueueServiceSqsQueue"),
        ("kubernetes", "k8s.Kubernetes"),
        ("docker", "onprem.container.Docker"),
        ("gcp.BigQuery", "gcp.analytics.Bigquery"),
    ],
)
def test_the_error_for_a_name_that_is_no_reference_suggests_a_complete_reference(icon: str, reference: str) -> None:
    assert DEFAULT_CATALOG.has(reference)
    assert errors_for(icon) == [
        f"s.yaml:4:6: error[unknown-icon]: there is no icon '{icon}'; did you mean '{reference}'?"
    ]


def test_an_icon_that_only_packs_have_is_reported_with_the_command_that_adds_one() -> None:
    assert errors_for("aws.analytics.AppFabric") == [
        (
            "s.yaml:4:6: error[icon-without-pack]: no installed pack has 'aws.analytics.AppFabric', and diagrams has "
            "no icon for it; add a pack with 'diagramkit icons add aws'"
        )
    ]


def test_errors_of_several_icons_are_reported_in_the_order_of_the_nodes() -> None:
    text = "title: T\nnodes: {a: A, b: B}\nicons: {b: x.Y, a: z.W}\n"
    with pytest.raises(DiagramError) as raised:
        resolver.resolve(spec.read(text, "s.yaml"))
    assert [problem.span.column for problem in raised.value.problems] == [20, 12]


def resolve(pattern: Pattern) -> dict[str, IconChoice]:
    return resolver.resolve(pattern, catalog_of(pattern, Options(packs=inputs.current_packs())))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with an icon file and an installed pack of two icons."""
    (tmp_path / "diagramkit.toml").write_text("")
    pack(tmp_path / "own", vendor=GOOD)
    pack(tmp_path / "acme", **{"widget-maker": GOOD, "lambda": GOOD})
    assert main(["icons", "add", "acme"]) == 0
    return tmp_path


def test_icons_of_the_source_override_everything_else(project: Path) -> None:
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
    choices = resolve(spec.read(text, "s.yaml"))
    file_reference = choices["a"].icon
    assert file_reference is not None
    assert file_reference.endswith("vendor.svg")
    assert choices == {
        "a": IconChoice(file_reference, "spec: ./own/vendor.svg", "explicit"),
        "b": IconChoice(None, "spec: icon", "explicit"),
        "c": IconChoice("aws.storage.EFS", "spec: icon", "explicit"),
        "d": IconChoice("acme:widget-maker", "spec: icon", "explicit"),
        "e": IconChoice("aws.compute.EC2", "spec: icon", "explicit"),
    }


def test_a_missing_icon_file_is_reported_at_its_node(project: Path) -> None:
    text = "title: T\nnodes:\n  a: {label: A, icon: ./own/none.svg}\n"
    with pytest.raises(DiagramError) as raised:
        resolve(spec.read(text, "s.yaml"))
    (problem,) = raised.value.problems
    assert str(problem.span) == "s.yaml:3:3"


def test_a_mermaid_image_may_be_a_file_of_the_project(project: Path) -> None:
    text = 'graph LR\n  a@{ img: "./own/vendor.svg", label: "Lambda" }\n  b[Lambda] --> a\n'
    (project / "a.mmd").write_text(text, "utf-8")
    from diagramkit import sources

    (pattern,) = sources.load(sources.find(["a.mmd"])[0]).patterns
    choices = resolve(pattern)
    assert choices["a"].reason == "spec: ./own/vendor.svg"
    assert choices["b"].icon == "aws.compute.Lambda"


@pytest.mark.parametrize(
    ("label", "icon", "reason", "confidence"),
    [
        ("Widget Maker", "acme:widget-maker", "pack: acme", "likely"),
        ("Widget Maker 2", "acme:widget-maker", "pack: acme", "likely"),
        ("Widget Maker<br/>for all", "acme:widget-maker", "pack: acme", "likely"),
        ("Widget Maker (new)", None, "none; drawn as the shape square", "none"),
        ("The Widget Maker here", None, "none; drawn as the shape square", "none"),
        ("Widget Maker?", None, "none; drawn as the shape square", "none"),
        ("12", None, "none; drawn as the shape square", "none"),
        ("Lambda", "aws.compute.Lambda", "alias: Lambda", "exact"),
    ],
)
def test_a_pack_icon_is_chosen_if_its_name_is_the_whole_first_line(
    project: Path, label: str, icon: str | None, reason: str, confidence: resolver.Confidence
) -> None:
    catalog = IconCatalog(inputs.current_packs(), str(project))
    assert choose({"label": label}, catalog) == IconChoice(icon, reason, confidence)


def test_an_icon_in_mermaids_notation_is_that_of_the_installed_pack(project: Path) -> None:
    catalog = IconCatalog(inputs.current_packs(), str(project))
    choice = choose({"label": "Thing", "icon": "acme:widget-maker"}, catalog)
    assert choice == IconChoice("acme:widget-maker", "spec: icon", "explicit")
