"""Resource types of Terraform, CloudFormation and the CDK, and ARNs, as labels and ids of nodes."""

from __future__ import annotations

from itertools import chain
from typing import Any

import pytest
import yaml

from diagramkit import data
from diagramkit.diagnostics import Span
from diagramkit.graph import Node
from diagramkit.icons import names, resource_types
from diagramkit.icons.catalog import DEFAULT_CATALOG
from diagramkit.icons.resolver import IconChoice
from tests.support import choices
from tests.support.project import DATA

EXAMPLES: dict[str, Any] = yaml.safe_load((DATA / "resource_types.yaml").read_text("utf-8"))
TABLE: dict[str, Any] = yaml.safe_load(data.text("icons", "resource_types.yaml"))


def choose(label: str, name: str = "n1") -> IconChoice:
    return choices.choose(Node(name, label, "square", Span("x")))


@pytest.mark.parametrize("label", EXAMPLES["labels"])
def test_a_label_that_is_a_resource_type_has_its_icon(label: str) -> None:
    choice = choose(label)
    assert [choice.icon or "none", choice.confidence] == EXAMPLES["labels"][label]


@pytest.mark.parametrize("name", EXAMPLES["ids"])
def test_an_id_that_is_a_resource_type_has_its_icon_if_the_label_names_nothing(name: str) -> None:
    assert choose("Main", name).icon == EXAMPLES["ids"][name]
    assert choose("Amazon Athena", name).icon == "aws.analytics.Athena"
    assert choose("Healthy?", name).icon is None


@pytest.mark.parametrize("label", EXAMPLES["words"])
def test_a_label_that_is_no_resource_type_is_read_as_words(label: str) -> None:
    assert resource_types.find(label) is None


def test_the_table_is_not_read_for_labels_that_people_write() -> None:
    resource_types._types.cache_clear()
    by_icon: dict[str, list[str]] = yaml.safe_load((DATA / "labels.yaml").read_text("utf-8"))
    for label in chain.from_iterable(by_icon.values()):
        resource_types.find(label)
    assert resource_types._types.cache_info().currsize == 0
    resource_types.find("AWS::SQS::Queue")
    assert resource_types._types.cache_info().currsize == 1


def test_types_in_use_are_known_in_every_spelling() -> None:
    listed = EXAMPLES["cloudformation"] + EXAMPLES["terraform"]
    assert len(set(listed)) == len(listed) >= 600
    unknown = [name for name in listed if not ((found := resource_types.find(name)) and found.is_known)]
    assert unknown == []
    without_icon = [name for name in listed if choose(name).icon is None and not in_packs_only(name)]
    assert len(without_icon) < 30
    assert all(choose(name).reason.endswith(", which has no icon") for name in without_icon)


def in_packs_only(name: str) -> bool:
    """Return whether the icon of a type is in no package, but in packs."""
    return choose(name).reason.endswith("is in no installed pack")


def test_every_icon_of_the_table_exists() -> None:
    icons = {service.get("icon", "none") for service in TABLE["services"].values()}
    icons |= {icon for types in TABLE["types"].values() if isinstance(types, dict) for icon in types}
    assert [
        icon for icon in sorted(icons - {"none"}) if not DEFAULT_CATALOG.has(icon) and icon not in names.services()
    ] == []


def test_no_type_of_the_table_is_listed_twice_for_a_service() -> None:
    for service, types in TABLE["types"].items():
        listed = [name for part in types.values() for name in part] if isinstance(types, dict) else types
        keys = [name.lower().replace("_", "").replace("-", "") for name in listed]
        assert len(keys) == len(set(keys)), service
    assert set(TABLE["types"]) <= set(TABLE["services"])
