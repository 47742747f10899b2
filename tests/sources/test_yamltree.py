"""YAML from outside: it constructs no objects, does not expand, and every problem has its place."""

from __future__ import annotations

import pytest

from diagramkit.diagnostics import DiagramError, Span
from diagramkit.sources import yamltree


def problems(text: str) -> list[str]:
    """Return the problems of a YAML text, without the name of the file."""
    try:
        _, found = yamltree.parse(text, "f")
    except DiagramError as error:
        found = [*error.problems]
    return [str(problem).removeprefix("f:") for problem in found]


def value(text: str) -> object:
    """Return the value of `a` in a valid YAML text."""
    tree, found = yamltree.parse(text, "f")
    assert found == []
    return tree.items()["a"].value


def nested(kind: str, depth: int) -> str:
    """Return YAML that is nested `depth` levels deep."""
    if kind == "lists":
        return "[" * depth + "]" * depth
    if kind == "mappings":
        return "{a: " * (depth - 1) + "{}" + "}" * (depth - 1)
    return "".join(f"{' ' * level}a:\n" for level in range(depth - 1)) + " " * (depth - 1) + "- x\n"


@pytest.mark.parametrize(("kind", "deepest"), [("lists", 41), ("mappings", 41), ("block", 40)])
def test_the_depth_is_limited(kind: str, deepest: int) -> None:
    """An empty list or mapping is no deeper than a text."""
    assert problems(nested(kind, deepest)) == []
    (problem,) = problems(nested(kind, deepest + 1))
    assert "error[yaml-depth]: nested more than 40 levels deep; use fewer levels" in problem
    with pytest.raises(DiagramError, match="yaml-depth"):
        yamltree.parse_front_matter(nested(kind, 1000), "f")
    assert problems("\n".join(f"- {nested('lists', 30)}" for _ in range(30))) == []


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("a: &x [1]\nb: *x", "1:4"),
        ("a: &x {k: 1}\nb: [*x]", "1:4"),
        ("- &x [[1], 2]\n- {k: *x}", "1:3"),
        ("&x [*x]", "1:1"),
    ],
)
def test_a_list_or_mapping_is_not_used_twice(text: str, position: str) -> None:
    message = "this list or mapping is used again through an alias; write it out instead"
    assert problems(text) == [f"{position}: error[yaml-alias]: {message}"]


def test_a_text_may_be_used_twice_and_front_matter_may_repeat_anything_but_itself() -> None:
    assert problems("a: &x text\nb: *x\nc: [*x, *x]") == []
    tree, found = yamltree.parse_front_matter("a: &x [1]\nb: *x", "f")
    assert tree is not None
    assert found == []
    assert [item.value for item in tree.items()["b"].entries()] == [1]
    assert (tree.items()["b"].key, tree.items()["b"].span.line) == (Span("f", 2, 1), 1)
    for text in ("&x [*x]", "a: &x {b: [*x]}"):
        with pytest.raises(DiagramError, match=r"f:1:\d+: error\[yaml-alias\]: this list or mapping contains itself"):
            yamltree.parse_front_matter(text, "f")
    assert yamltree.parse_front_matter("# nothing", "f") == (None, [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("16:9", "16:9"),
        ("190:20:30.15", "190:20:30.15"),
        ("2024-01-01", "2024-01-01"),
        ("2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
        ("!!binary aGk=", "aGk="),
        ("1_000", 1000),
        ("-0x10", -16),
        ("1.5e+3", 1500.0),
        ("yes", True),
        ("~", None),
        ("!!str 1", "1"),
        ("1" * 300, int("1" * 300)),
        ("0x" + "f" * 298, int("f" * 298, 16)),
        ("x" * 301, "x" * 301),
        ("x\u0085y", "x\u0085y"),
        ("x\u2028y\u2029z", "x\u2028y\u2029z"),
    ],
)
def test_the_values_of_scalars(text: str, expected: object) -> None:
    assert value(f"a: {text}") == expected
    assert type(value(f"a: {text}")) is type(expected)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2024-13-45", "timestamp"),
        ("!!timestamp x", "timestamp"),
        ("!!bool maybe", "bool"),
        ("!!int x", "int"),
        ("!!float x", "float"),
        ("!foo x", "!foo"),
        ("!foo x:y", "!foo"),
        ("!!python/name:os.system x", "python/name:os.system"),
        ("!!python/object/apply:os.system x", "python/object/apply:os.system"),
    ],
)
def test_a_value_that_does_not_fit_its_type_stays_a_text(text: str, kind: str) -> None:
    tree, (problem,) = yamltree.parse(f"a: {text}\nb: 1", "f")
    shown = text.rpartition(" ")[2]
    message = f"'{shown}' is not a valid {kind}; put a text in quotes, without a tag"
    assert str(problem) == f"f:1:4: error[yaml-value]: {message}"
    assert {name: item.value for name, item in tree.items().items()} == {"a": shown, "b": 1}


def test_long_numbers_are_not_converted_and_are_shortened_in_messages() -> None:
    for text in ("1" * 301, "0x" + "f" * 299, "1." + "0" * 299):
        (problem,) = problems(f"a: {text}")
        assert f"error[yaml-value]: '{text[:40]}…' is not a valid" in problem
    (problem,) = problems("a: !!int " + "x" * 40)
    assert f"'{'x' * 40}' is not a valid int" in problem


def test_no_object_is_constructed_from_a_list_or_mapping() -> None:
    tree, found = yamltree.parse("a: !!python/object/apply:os.system ['exit 1']\nb: !!set {x}", "f")
    assert found == []
    assert [item.value for item in tree.items()["a"].entries()] == ["exit 1"]
    assert [*tree.items()["b"].items()] == ["x"]


def test_many_lines_that_look_like_directives_are_rejected() -> None:
    text = "a: |\n  x" + "\n%x" * 100
    assert "more than" not in problems(text)[0]
    (problem,) = problems(text + "\n%x")
    assert problem == "1:1: error[yaml-syntax]: there are more than 100 lines that start with '%'; indent them"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("? [x]\n: 1", "1:3: error[yaml-key]: a key must be a text; put it in quotes"),
        ("a: 1\na: 2", "2:1: error[duplicate-key]: 'a' is already defined in line 1; remove one of them"),
        ("b: {a: 1, a: 2}", "1:11: error[duplicate-key]: 'a' is already defined in line 1; remove one of them"),
        ("a: x\u2028y\u0085\nb: \x01", "2:4: error[yaml-syntax]: there is a control character here; remove it"),
        ("ä: \x01", "1:4: error[yaml-syntax]: there is a control character here; remove it"),
        ("ä: 日 \U0001f600\x7f", "1:7: error[yaml-syntax]: there is a control character here; remove it"),
        ("\ufeffä: 日\x7f", "1:6: error[yaml-syntax]: there is a control character here; remove it"),
        ("ä: \ufffe", "1:4: error[yaml-syntax]: there is a control character here; remove it"),
        ("\x01", "1:1: error[yaml-syntax]: there is a control character here; remove it"),
        ("x\n a: \ud800", "2:5: error[yaml-syntax]: there is a control character here; remove it"),
        ("", "1:1: error[empty-file]: the file is empty; write a spec in it"),
        ("a: b: c\t", "1:5: error[yaml-syntax]: mapping values are not allowed in this context; put a text that"),
        (
            "b: 1\n\ta: 1",
            "2:1: error[yaml-syntax]: found a tab character that violates indentation; indent with spaces,",
        ),
        ("a: 'x", "1:6: error[yaml-syntax]: found unexpected end of stream; add the quotation mark at the end of the"),
        ("a: *x", "1:4: error[yaml-syntax]: found undefined alias; put a text that starts with '*' in quotes"),
        ("a: [", "2:1: error[yaml-syntax]: did not find expected node content; check the indentation and quotes of"),
    ],
)
def test_each_problem_has_its_place_and_says_what_to_do(text: str, expected: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith(expected)


def test_problems_with_keys_cost_only_these_entries() -> None:
    tree, found = yamltree.parse("? [x]\n: 1\na: 1\na: [2]\nb: 3\nk\u2028: 4", "f")
    assert [problem.code for problem in found] == ["yaml-key", "duplicate-key"]
    assert {name: item.value for name, item in tree.items().items()} == {"a": 1, "b": 3, "k\u2028": 4}
    with pytest.raises(DiagramError) as error:
        yamltree.load("a: 1\na: [2]", "f")
    assert [problem.code for problem in error.value.problems] == ["duplicate-key"]


def test_every_valid_character_may_precede_an_invalid_one() -> None:
    valid = "\t\r !~\x85\xa0\ud7ff\ue000\ufffd\U00010000\U0010ffff"
    assert problems(f"a: '{valid}'") == []
    for invalid in "\x00\x08\x0b\x0c\x0e\x1f\x7f\x84\x86\x9f\ud800\udfff\ufffe\uffff":
        (problem,) = problems(f"b: 1\na: '{valid}{invalid}'")
        assert problem.startswith(f"2:{len(valid) + 5}: error[yaml-syntax]: there is a control character here")


def test_problems_show_their_line() -> None:
    for text in ("a: 1\nb: [}\n", "a: 1\nb: 2024-13-45\n", "a: 1\nb: &x [*x]\n"):
        try:
            found = yamltree.parse(text, "f")[1]
        except DiagramError as error:
            found = [*error.problems]
        assert [problem.excerpt and problem.excerpt.line for problem in found] == [text.split("\n")[1]]


def test_a_literal_block_knows_its_indentation() -> None:
    tree, _ = yamltree.parse("a: |\n\n    x\n     y\nb: >\n  x\nc: 'x'\nd: |2\n     x\n", "f")
    found = {name: (item.block, item.indent) for name, item in tree.items().items()}
    assert found == {"a": (True, 4), "b": (False, 0), "c": (False, 0), "d": (True, 2)}
    for line_end in ("\n", "\r\n", "\r"):
        tree, _ = yamltree.parse(line_end.join(("a: |", "", "   x\u2028", "  ", "b: |", "", "c: |+1", "    y")), "f")
        assert [(item.value, item.indent) for item in tree.items().values()] == [
            ("\nx\u2028\n", 3),
            ("", 0),
            ("   y", 1),
        ]


def test_an_alias_of_a_text_is_a_text_at_its_own_place() -> None:
    """So that an editor does not change the text that it repeats."""
    root = yamltree.compose_with_aliases("a: &x one\u2028\nb: *x\nc: &y [1]\nd: *y\n")
    assert root is not None
    a, b, c, d = (value for _, value in root.value)
    assert [(each.value, each.style, each.start_mark.line, each.start_mark.column) for each in (a, b)] == [
        ("one\u2028", None, 0, 3),
        ("one\u2028", "*", 1, 3),
    ]
    assert c is d
    with pytest.raises(yamltree.YamlError, match="found undefined alias"):
        yamltree.compose_with_aliases("a: *x")
    plain = yamltree.compose_with_aliases("a: b")
    assert plain is not None
    assert plain.value[0][1].value == "b"


def test_documents_are_at_the_lines_that_editors_show() -> None:
    first, second = yamltree.compose_documents("a: x\u2028y\n---\nb: 2\n")
    assert (first.start_mark.line, second.start_mark.line) == (0, 2)
    assert yamltree.compose_documents("") == []
    with pytest.raises(yamltree.YamlError, match="did not find expected node content") as error:
        yamltree.compose_documents("a: 1\n---\nb: [}\n")
    assert (error.value.line, error.value.column) == (3, 5)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("~", "nothing"),
        ("yes", "a yes/no value"),
        ("1", "a number"),
        ("1.5", "a number"),
        ("x", "a text"),
        ("[]", "a list"),
        ("{}", "a mapping"),
    ],
)
def test_messages_name_the_type_of_a_value(text: str, words: str) -> None:
    tree, _ = yamltree.parse(f"a: {text}", "f")
    assert tree.items()["a"].type_name == words


def test_data_of_a_program_is_a_tree_without_places() -> None:
    tree = yamltree.from_value({1: [{"a": None}], "b": True})
    assert tree.span == Span("")
    assert [*tree.items()] == ["1", "b"]
    assert (tree.items()["b"].block, tree.items()["b"].indent) == (False, 0)
    assert tree.items()["1"].entries()[0].items()["a"].value is None
