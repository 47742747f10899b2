"""Kinds of labels that are easily misread: what takes precedence, what is no name, and what needs evidence."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from diagramkit.diagnostics import Span
from diagramkit.graph import Node
from diagramkit.icons.resolver import IconChoice
from tests.support import choices
from tests.support.project import DATA

KINDS: dict[str, list[Any]] = yaml.safe_load((DATA / "kinds.yaml").read_text("utf-8"))
_OTHERS = ("none", "k8s.", "gcp.", "azure.", "onprem.", "programming.", "saas.")
CASES = [(kind, case) for kind, cases in KINDS.items() for case in cases]


def choose(case: Any) -> tuple[IconChoice, str]:
    """Return the choice for a case, and the expected icon."""
    fields = case if isinstance(case, dict) else {"label": case[0], "means": case[1]}
    node = Node(fields.get("name", "n1"), fields["label"], fields.get("shape", "square"), Span("x"))
    choice = choices.choose(node, fields.get("around", ()), beside=fields.get("beside", ()))
    means = fields["means"]
    return choice, means if means.startswith(_OTHERS) else f"aws.{means}"


@pytest.mark.parametrize(("kind", "case"), CASES, ids=lambda value: str(value)[:60])
def test_labels_of_each_kind_have_the_right_icon_or_none(kind: str, case: Any) -> None:
    choice, means = choose(case)
    assert (choice.icon or "none") == means, (kind, choice)


def test_each_kind_has_at_least_twenty_cases() -> None:
    assert all(len(cases) >= 20 for cases in KINDS.values())
