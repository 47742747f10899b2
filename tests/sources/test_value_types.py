"""Values of options as text, as documents and programs pass them: each is read, or refused with what is expected."""

from __future__ import annotations

import pytest

from diagramkit.picture_files import drawio_pages
from diagramkit.sources.value_types import BooleanType, EnumType, NumberType, PatternType

Kind = BooleanType | NumberType | EnumType | PatternType


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (BooleanType(), "true", True),
        (BooleanType(), "false", False),
        (NumberType(1, 5), "1", 1.0),
        (NumberType(1, 5), "5.0", 5.0),
        (EnumType(("a", "b")), "b", "b"),
        (PatternType("x+", "some x"), "xx", "xx"),
    ],
)
def test_a_text_is_read_as_a_value(kind: Kind, text: str, value: object) -> None:
    assert kind.parse(text) == value


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (BooleanType(), "yes", "expected true or false"),
        (NumberType(1, 5), "0.9", "expected a number from 1 to 5"),
        (NumberType(1, 5), "5.1", "expected a number from 1 to 5"),
        (NumberType(1, 5), "nan", "expected a number from 1 to 5"),
        (NumberType(1, 5), "x", "expected a number from 1 to 5"),
        (PatternType("x+", "some x"), "xy", "expected some x"),
    ],
)
def test_a_text_that_is_no_value_is_refused(kind: Kind, text: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        kind.parse(text)


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("<div>one</div><div>two <b>words</b></div>", "one\ntwo words"),
        ("a<br/>b\nc", "a\nb c"),
        ("<style>p {color: red}</style>x<script>y()</script></script> z", "x z"),
        ("&lt;b&gt; &amp;amp;", "<b> &amp;"),
    ],
)
def test_a_label_of_drawio_is_its_visible_text(label: str, text: str) -> None:
    assert drawio_pages.plain_text(label) == text
    assert drawio_pages.plain_text("a\n b", "") == "a\nb"
