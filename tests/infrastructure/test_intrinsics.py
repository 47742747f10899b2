"""Functions in templates of CloudFormation: what they stand for, also with arguments that nobody should write."""

from __future__ import annotations

from typing import Any

import pytest

from diagramkit.infrastructure.readers import intrinsics
from diagramkit.infrastructure.records import Reference

A, B = Reference("A"), Reference("B")


class Plain:
    """A scope in which every value is known, and every name a reference."""

    def __init__(self) -> None:
        self.template = {"Mappings": {"M": {"eu": {"size": "small", "deep": {}}}}}
        self.exports: dict[str, Any] = {}

    def value(self, raw: Any) -> Any:
        return raw

    def named(self, name: str) -> Any:
        return Reference(name)

    def attribute(self, name: str, attribute: str) -> Any:
        return (Reference(name), attribute)


def called(name: str, argument: Any) -> Any:
    return intrinsics._FUNCTIONS[name](Plain(), argument)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        (["1", ["a", "b"]], "b"),
        ([0, ["a"]], "a"),
        (["1", (A, ",", B)], B),
        ([1, (A, " | ", B)], B),
        ([2, (A, ",", B)], (A, ",", B)),
        ([0, (A, "/path,", B)], (A, "/path,", B)),
        (["x", (A, ",", B)], (A, ",", B)),
        ([7, ["a"]], ["a"]),
        (["-1", ["a"]], ["a"]),
        ([0, "text"], "text"),
        ([0], None),
        ("text", None),
    ],
)
def test_select_returns_one_of_several_values_if_it_is_known_which(argument: Any, expected: Any) -> None:
    assert called("Fn::Select", argument) == expected


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("plain", "plain"),
        ("a${A}b", ("a", A, "b")),
        ("${A.Arn}", ((A, "Arn"),)),
        (["${x}-${A}", {"x": "y"}], ("y", "-", A)),
        (["${A}"], (A,)),
        (["${A}", "no mapping"], (A,)),
        ([3], 3),
        ({"Ref": "A"}, {"Ref": "A"}),
        ([], []),
    ],
)
def test_sub_replaces_variables(argument: Any, expected: Any) -> None:
    assert called("Fn::Sub", argument) == expected


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        (["-", ["a", "b"]], "a-b"),
        (["", [A, "b"]], (A, "b")),
        ([3, ["a", "b"]], "ab"),
        (["-", "text"], "text"),
        (["-"], ["-"]),
        ("text", "text"),
    ],
)
def test_join_joins_texts(argument: Any, expected: Any) -> None:
    assert called("Fn::Join", argument) == expected


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        (["M", "eu", "size"], "small"),
        (["M", "us", "size"], None),
        (["M", "eu", "deep"], None),
        (["M", "eu", {"Ref": "A"}], None),
        ("M", None),
    ],
)
def test_a_mapping_is_looked_up(argument: Any, expected: Any) -> None:
    assert called("Fn::FindInMap", argument) == expected


def test_other_functions_with_unusual_arguments() -> None:
    assert called("Fn::If", ["condition", A, None]) == (A,)
    assert called("Fn::If", "condition") == ()
    assert called("Fn::Split", [",", "a,b"]) == "a,b"
    assert called("Fn::Split", []) is None
    assert called("Fn::GetAtt", ["A", "Arn", 3]) == (A, "Arn")
    assert called("Fn::GetAtt", []) is None
    assert called("Fn::GetAtt", 3) is None
    assert called("Fn::ImportValue", "unknown") is None
    assert called("Fn::Cidr", ["10.0.0.0/16"]) is None
    assert intrinsics.export_key(Plain(), ("stack-", A, "-url")) == "stack-{}-url"  # type: ignore[arg-type]
    assert intrinsics.export_key(Plain(), None) == ""  # type: ignore[arg-type]
