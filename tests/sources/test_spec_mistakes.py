"""Mistakes in specs that one check fixes, with the place and the message of each."""

from __future__ import annotations

import pytest

from diagramkit.sources import SourceFile, fixes, load

NODES = "title: T\nnodes:\n  a: A\n  b: B\n"


def check(text: str) -> fixes.FixedText:
    return fixes.fix(text, lambda new_text: load(SourceFile("d.yaml"), new_text).problems)


def places(text: str) -> list[tuple[int, int, str]]:
    problems = load(SourceFile("d.yaml"), text).problems
    return [(problem.span.line, problem.span.column, problem.message) for problem in problems]


@pytest.mark.parametrize(
    ("text", "fixed", "line"),
    [
        ("title: T\nnodes\n  a: A\n  b: B\nedges:\n  - a -> b\n", f"{NODES}edges:\n  - a -> b\n", 2),
        (f"{NODES}edges\n  - a -> b\n", f"{NODES}edges:\n  - a -> b\n", 5),
        (f"{NODES}edges # all\n- a -> b\n", f"{NODES}edges: # all\n- a -> b\n", 5),
        (
            f"{NODES}groups\n  v:\n    label: V\n    nodes\n      - a\n",
            f"{NODES}groups:\n  v:\n    label: V\n    nodes:\n      - a\n",
            5,
        ),
        ("title: T\ndiagram\n  graph LR\n    a --> b\n", "title: T\ndiagram: |\n  graph LR\n    a --> b\n", 2),
    ],
)
def test_a_key_without_its_colon_gets_it(text: str, fixed: str, line: int) -> None:
    result = check(text)
    assert result.text == fixed
    assert not result.remaining
    assert places(text)[0] == (line, 1, "a colon is missing behind this key; add it")


@pytest.mark.parametrize(
    "text",
    [
        "title: a long\n  nodes\n  title\nnodes: {a: A}\n",
        "title: T\nnodes:\n  a: A\nnotes: |\n  groups\n    x\nedges: [a -> c]\n",
    ],
)
def test_a_word_in_a_text_is_not_a_key(text: str) -> None:
    assert check(text).text == text


@pytest.mark.parametrize(
    ("edge", "fixed"),
    [
        ("a -> b:upload", "a -> b: upload"),
        ("a->b:upload", "a -> b: upload"),
        ("a -> b :upload it", "a -> b: upload it"),
        ("a & b -> b:put:object", "a & b -> b: put:object"),
        ("a -> b:443", 'a -> b: "443"'),
        ('a -> b:"x"', "a -> b: x"),
        ("c->b:d", "c -> b:d"),
    ],
)
def test_a_colon_without_a_space_gets_it(edge: str, fixed: str) -> None:
    head = f'{NODES}  c: C\n  "b:d": D\nedges:\n'
    result = check(f"{head}  - {edge}\n")
    assert result.text == f"{head}  - {fixed}\n"
    assert not result.remaining


def test_a_colon_without_a_space_is_named() -> None:
    message = "a space is missing behind the colon of the label; write 'a -> b: x'"
    assert places(f"{NODES}edges:\n  - a -> b:x\n") == [(6, 5, message)]


@pytest.mark.parametrize("edge", ["a -> b:d", "a -> b:d:e", "a -> b:x -> a", "a -> c:x", "{a -> b:x: label}"])
def test_a_colon_that_may_belong_to_an_id_stays(edge: str) -> None:
    text = f'{NODES}  "b:d": D\nedges:\n  - {edge}\n'
    assert check(text).text == text


JSON = """{
  "title": "T",
  "nodes": {
    "a": "A",
    "b": "B"
  },
  "edges": [
    "a -> b",
    "b -> a"
  ]
}
"""
MISSING = "a comma is missing behind this value; add it"
EXTRA = "this comma separates nothing; remove it"


@pytest.mark.parametrize(
    ("text", "fixed", "place"),
    [
        (JSON.replace('"A",', '"A"'), JSON, (4, 12, MISSING)),
        (JSON.replace('"A",', '"A"').replace("},", "}").replace('> b",', '> b"'), JSON, (4, 12, MISSING)),
        (JSON.replace('"a -> b",', '"a -> b"  # x\n'), JSON.replace('"a -> b",', '"a -> b",  # x\n'), (8, 12, MISSING)),
        (JSON.replace('"A",', '"A",,'), JSON, (4, 14, EXTRA)),
        (JSON.replace("\n}\n", "\n},\n"), JSON, (11, 2, EXTRA)),
        ("title: T\nnodes: {a: A},\nedges: []\n", "title: T\nnodes: {a: A}\nedges: []\n", (2, 14, EXTRA)),
    ],
)
def test_commas_of_json_are_fixed(text: str, fixed: str, place: tuple[int, int, str]) -> None:
    result = check(text)
    assert result.text == fixed
    assert not result.remaining
    assert places(text)[0] == place


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (
            "title: T\nnodes:\n  a: A\n   b: B\n",
            (4, 4, "this line is not indented as those around it are; write 2 spaces before it"),
        ),
        (
            "```yaml\ntitle: T\nnodes: {a: A}\n```\n",
            (1, 1, "this line belongs to a Markdown fence, not to the spec; remove it"),
        ),
    ],
)
def test_an_error_of_syntax_names_what_its_fix_changes(text: str, place: tuple[int, int, str]) -> None:
    assert places(text)[0] == place
    assert not check(text).remaining


def test_curly_quotes_around_a_text_with_a_colon_are_no_part_of_it() -> None:
    result = check("title: “Edge”\nnodes:\n  users: “Users: web”\n  cdn: CloudFront\n")
    assert result.text == 'title: "Edge"\nnodes:\n  users: "Users: web"\n  cdn: CloudFront\n'
    assert not result.remaining
