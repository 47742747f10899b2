"""Changes of YAML texts: only what they concern changes."""

from __future__ import annotations

import random
from typing import Any

import pytest
import yaml

from diagramkit.sources.yaml_edits import YamlDocument, YamlEditError

TEXT = """\
# head
a: 1   # one
b:
    - x: y
      z:  "quoted"  # z
    # between
    - second
c: {d: [e, f], g: h}
i:
- j
- k  # kay
l: |
  text

  more
m: {}
"""


def changed(text: str, *steps: tuple[str, Any]) -> str:
    document = YamlDocument(text)
    for name, arguments in steps:
        getattr(document, name)(*arguments)
    return document.text


@pytest.mark.parametrize(
    ("step", "old", "new"),
    [
        (("put", (("a",), "2: x")), "a: 1 ", "a: '2: x' "),
        (("put", (("b", 0, "z"), "plain")), '"quoted"', "plain"),
        (("put", (("c", "g"), "n")), "g: h", "g: n"),
        (("put", (("l",), "short")), "|\n  text\n\n  more", "short"),
        (("put", (("new",), {"n": 1})), "m: {}\n", "m: {}\nnew:\n  n: 1\n"),
        (("insert", (("b",), ["third"])), "- second\n", "- second\n    - third\n"),
        (("insert", (("i",), ["l"])), "# kay\n", "# kay\n- l\n"),
        (("insert", (("i",), ["first"], 0)), "- j", "- first\n- j"),
        (("insert", (("c", "d"), ["n"])), "[e, f]", "[e, f, n]"),
        (("insert", (("c",), {"n": 1}, 0)), "{d:", "{n: 1, d:"),
        (("insert", (("m",), {"n": [1]})), "m: {}", "m:\n  n:\n    - 1"),
        (("remove", (("b",), [1])), "    - second\n", ""),
        (("remove", (("b", 0), ["x"])), "- x: y\n      z:", "- z:"),
        (("remove", (("c",), ["d"])), "d: [e, f], ", ""),
        (("remove", (("c", "d"), [1])), ", f", ""),
        (("remove", (("i",), [0, 1])), "i:\n- j\n- k  # kay\n", "i: []\n"),
        (("remove", ((), ["l"])), "l: |\n  text\n\n  more\n", ""),
    ],
)
def test_a_change_concerns_one_place(step: tuple[str, Any], old: str, new: str) -> None:
    assert old in TEXT
    expected = TEXT.replace(old, new, 1)
    assert changed(TEXT, step) == expected
    assert changed(TEXT.replace("\n", "\r\n"), step) == expected.replace("\n", "\r\n")
    assert changed("\ufeff" + TEXT, step) == "\ufeff" + expected


def test_a_moved_entry_takes_its_comments_along() -> None:
    text = "a:\n    b:  # bee\n        # in\n        c: d\n    e: f\ng:\n  h: i\n"
    assert changed(text, ("move", (("a", "b"), ("g",)))) == (
        "a:\n    e: f\ng:\n  h: i\n  b:  # bee\n      # in\n      c: d\n"
    )


@pytest.mark.parametrize(
    ("text", "step", "expected"),
    [
        ("a:\n- b  # c\n", ("append_value", (("a", 0), "v: w")), "a:\n- b: 'v: w'  # c\n"),
        ("a:\n- b: c  # d\n", ("unwrap", (("a", 0, "b"),)), "a:\n- b  # d\n"),
        ("a:\n- {b: 1}  # c\n- d\n", ("split", (("a", 0), [{"x": "y"}, "z"])), "a:\n- x: y  # c\n- z\n- d\n"),
        ("a: [{b: c}, d]\n", ("split", (("a", 0), [{"x": "y"}, "z"])), "a: [x: y, z, d]\n"),
        ("a:\n- b  # c\n", ("wrap", (("a",), {"l": "x"}, "n")), "a:\n  l: x\n  n:\n    - b\n"),
        ("a: [b]  # c\n", ("wrap", (("a",), {"l": "x"}, "n")), "a: {l: x, n: [b]}  # c\n"),
        ("a: {b: {}}\n", ("insert", (("a", "b"), {"c": 1})), "a: {b: {c: 1}}\n"),
        ("a:\n- []\n", ("insert", (("a", 0), ["b"])), "a:\n- [b]\n"),
        ("a: {b: c}\nd: {}\n", ("move", (("a", "b"), ("d",))), "a: {}\nd:\n  b: c\n"),
        (
            "a:\n  b:\n    - c\n\n    - d\n  e: f\n",
            ("move", (("a", "b"), ("g",))),
            "a:\n  e: f\ng:\n  b:\n    - c\n\n    - d\n",
        ),
    ],
)
def test_a_change_follows_how_its_place_is_written(text: str, step: tuple[str, Any], expected: str) -> None:
    assert changed(text, step) == expected


@pytest.mark.parametrize(
    ("text", "step", "reason"),
    [
        ("- a\n", ("remove", ((), [])), "the file is not a mapping"),
        ("a: b\n", ("insert", (("a",), ["c"])), "there is a text where a mapping or a list is expected"),
        ("a:\n- |\n  b\n", ("append_value", (("a", 0), "c")), "there is no text in one line"),
        ("a:\n- [b]\n", ("append_value", (("a", 0), "c")), "there is no text in one line"),
        ("a: b\n", ("wrap", (("a",), {}, "n")), "there is no list"),
        ("a:\n- {b: c}\n", ("unwrap", (("a", 0, "b"),)), "there is no key of its own"),
        ("a:\n- - b\n  - c\n", ("remove", (("a", 0), [0])), "an entry does not begin a line"),
        ("a:\n- b: {x: y}\n  c: d\ne:\n  f: g\n", ("move", (("a", 0, "b"), ("e",))), "an entry does not begin a line"),
    ],
)
def test_a_change_that_cannot_be_made_in_one_place_is_refused(text: str, step: tuple[str, Any], reason: str) -> None:
    with pytest.raises(YamlEditError, match=reason):
        changed(text, step)


def test_a_comment_that_a_moved_entry_cannot_keep_is_known() -> None:
    document = YamlDocument("a:\n  b: c  # d\ne: {f: g}\n")
    document.move(("a", "b"), ("e",))
    assert (document.text, document.removed_comments) == ("a: {}\ne: {f: g, b: c}\n", ["d"])


def test_comments_in_what_is_replaced_are_known() -> None:
    document = YamlDocument("a:\n  - b  # c\n  # d\ne: {f: g}  # h\n")
    document.put(("a",), {"n": ["b"]})
    document.put(("e", "f"), ["i"])
    assert document.text == "a:\n  n:\n    - b\n  # d\ne: {f: [i]}  # h\n"
    assert document.removed_comments == ["c"]


@pytest.mark.parametrize(
    "text",
    ["a\x85b", "a\u2028b", "a\u2029  b", "a\nb\u2028c", " a\n\n b\n", "%%\n1. graph", "", "\u202ea\nb", "\ufeff: #"],
)
def test_a_text_with_any_line_break_stays_the_same_as_a_key_and_as_a_value(text: str) -> None:
    result = changed("x: 1\r\n", ("insert", ((), {"new": {text: text}})))
    assert yaml.safe_load(result) == {"x": 1, "new": {text: text}}


@pytest.mark.parametrize("key", ["%%\n1. graph", "a\n", "\x0bclass\u2028]", "class\x85    ", "a\u2029b", "", "a: b\n#"])
def test_a_key_with_a_line_break_takes_one_line_like_any_other(key: str) -> None:
    """Behind a `?`, it would take several, and the value another one."""
    for text, expected in (("x:\n  y: 1\n", 1), ("x: {y: 1}\n", 0)):
        result = changed(text, ("insert", (("x",), {key: "value"}, 0)))
        assert (result.count("\n") - text.count("\n"), len(result.splitlines())) == (expected, result.count("\n"))
        assert yaml.safe_load(result) == {"x": {key: "value", "y": 1}}


def test_comments_of_what_is_removed_are_known() -> None:
    document = YamlDocument(TEXT)
    document.remove(("b",), [0])
    document.remove(("i",), [1])
    assert document.removed_comments == ["z", "kay"]


def test_changes_that_overlap_are_an_error() -> None:
    document = YamlDocument(TEXT)
    document.put(("b", 0, "z"), "n")
    document.remove(("b",), [0])
    with pytest.raises(YamlEditError):
        _ = document.text


@pytest.mark.parametrize("seed", range(300))
def test_a_random_change_has_the_same_result_as_for_plain_data(seed: int) -> None:
    source = random.Random(seed)
    data = random_mapping(source, 0)
    style = source.choice([None, False, False])
    text = yaml.safe_dump(data, default_flow_style=style, sort_keys=False, indent=source.choice([1, 2, 4]))
    document = YamlDocument(text)
    change_both(source, document, data)
    assert (yaml.safe_load(document.text) or {}) == data  # Without any entry, the text is empty.


def random_mapping(source: random.Random, depth: int) -> dict[str, Any]:
    return {f"k{number}": random_value(source, depth + 1) for number in range(source.randint(1, 4))}


def random_value(source: random.Random, depth: int, in_list: bool = False) -> Any:
    """Return a random value. Lists in lists are not changed in place, because their items do not begin lines."""
    if depth < 4 and source.random() < 0.3:
        return random_mapping(source, depth)
    if depth < 4 and not in_list and source.random() < 0.3:
        return [random_value(source, depth + 1, in_list=True) for _ in range(source.randint(0, 3))]
    return source.choice(["text", "a: b", "x # y", "- z", "two\nlines\n", "", "é", 7, True])


def change_both(source: random.Random, document: YamlDocument, data: dict[str, Any]) -> None:
    """Do one change to a text and to the same plain data."""
    path: tuple[str | int, ...] = ()
    place: Any = data
    while source.random() < 0.7:
        names = [*place] if isinstance(place, dict) else list(range(len(place)))
        inner = [name for name in names if isinstance(place[name], (dict, list))]
        if not inner:
            break
        name = source.choice(inner)
        path, place = (*path, name), place[name]
    names = [*place] if isinstance(place, dict) else list(range(len(place)))
    step = source.choice(["put", "insert", "remove"])
    value = random_value(source, 3, in_list=isinstance(place, list))
    if step == "put" and names:
        name = source.choice(names)
        document.put((*path, name), value)
        place[name] = value
    elif step == "remove" and names:
        removed = source.sample(names, source.randint(1, len(names)))
        document.remove(path, removed)
        for name in sorted(removed, reverse=True):
            del place[name]
    elif isinstance(place, dict):
        document.insert(path, {"new": value, "newer": "text"})
        place.update({"new": value, "newer": "text"})
    else:
        index = source.randint(0, len(place))
        document.insert(path, [value, "text"], index)
        place[index:index] = [value, "text"]
