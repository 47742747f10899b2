"""Edits of specs in all notations of YAML: no other line changes, and no comment is lost."""

from __future__ import annotations

import difflib

import pytest

from diagramkit.sources import readers
from diagramkit.sources.source_edits import (
    AddGroup,
    DeleteGroup,
    DeleteNode,
    Edit,
    MoveInto,
    RelabelEdge,
    Rename,
    SourceEditError,
    apply,
)


def edited(text: str, path: str, edit: Edit) -> str:
    (pattern,) = readers.reader_of(path).read(text, path, "").patterns
    return apply(text, path, pattern, edit)[0]


def changed_lines(before: str, after: str) -> list[str]:
    """Return the lines that differ, with `-` or `+` and without white space around them."""
    lines = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [f"{line[0]}{line[2:].strip()}" for line in lines if line[0] in "+-"]


NESTED = """\
title: T
nodes:
  a: A
  b: {}
  c: C
edges:
  - a -> b       # plain
  - b -> c: two  # labeled
  - {c -> a: three}
  - from: a
    to: c
groups:
  outer:
    label: Outer  # around it
    groups:
      inner: [a]
  flat:
    - b
  short: [c]
icons: {c: aws.compute.EC2}
links:
  a: https://example.org/a
  b: https://example.org/b
"""


@pytest.mark.parametrize(
    ("edit", "changes"),
    [
        (Rename("b", "Two"), ["-b: {}", "+b:", "+label: Two"]),
        (RelabelEdge(0, "y"), ["-- a -> b       # plain", "+- a -> b: y       # plain"]),
        (RelabelEdge(1, "y"), ["-- b -> c: two  # labeled", "+- b -> c: y  # labeled"]),
        (RelabelEdge(1, ""), ["-- b -> c: two  # labeled", "+- b -> c  # labeled"]),
        (RelabelEdge(2, "y"), ["-- {c -> a: three}", "+- {c -> a: y}"]),
        (RelabelEdge(3, "y"), ["+label: y"]),
        (AddGroup("m", "M", "flat"), ["+nodes:", "+groups:", "+m:", "+label: M", "+nodes: []"]),
        (AddGroup("m", "M", "short"), ["-short: [c]", "+short: {nodes: [c], groups: {m: {label: M, nodes: []}}}"]),
        (AddGroup("m", "M", "outer"), ["+m:", "+label: M", "+nodes: []"]),
        (MoveInto("inner", None), ["-groups:", "+groups: {}", "-inner: [a]", "+inner: [a]"]),
        (MoveInto("flat", "outer"), ["-flat:", "+flat:", "-- b", "+- b"]),
        (MoveInto("flat", "short"), ["-flat:", "-- b", "-short: [c]", "+short: {nodes: [c], groups: {flat: [b]}}"]),
        (MoveInto("a", "outer"), ["-inner: [a]", "+inner: []", "+nodes:", "+- a"]),
        (
            DeleteGroup("outer"),
            ["-outer:", "-label: Outer  # around it", "-groups:", "-inner: [a]", "+inner: [a]"],
        ),
        (DeleteGroup("inner"), ["-groups:", "+groups: {}", "-inner: [a]", "+nodes:", "+- a"]),
        (
            DeleteNode("b"),
            [
                *("-b: {}", "-- a -> b       # plain", "-- b -> c: two  # labeled", "-flat:", "+flat: []", "-- b"),
                "-b: https://example.org/b",
            ],
        ),
        (
            DeleteNode("c"),
            [
                *("-c: C", "-- b -> c: two  # labeled", "-- {c -> a: three}", "-- from: a", "-to: c", "-short: [c]"),
                *("+short: []", "-icons: {c: aws.compute.EC2}"),
            ],
        ),
    ],
)
def test_an_edit_of_a_spec_follows_how_its_parts_are_written(edit: Edit, changes: list[str]) -> None:
    assert sorted(changed_lines(NESTED, edited(NESTED, "s.yaml", edit))) == sorted(changes)


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (MoveInto("outer", "short"), "a comment would be lost"),
        (RelabelEdge(2, ""), "there is no key of its own"),
    ],
)
def test_an_edit_that_would_change_more_is_refused(edit: Edit, reason: str) -> None:
    """A comment cannot be in braces."""
    with pytest.raises(SourceEditError, match=rf"change it by hand \({reason}\)"):
        edited(NESTED, "s.yaml", edit)


@pytest.mark.parametrize("edit", [Rename("g", "Two"), AddGroup("m", "M", "g")])
def test_a_list_that_has_to_become_a_mapping_keeps_its_comments_or_stays(edit: Edit) -> None:
    text = "title: T\nnodes: {a: A}\ngroups:\n  g:\n  - a\n"
    assert edited(text, "s.yaml", edit).endswith("nodes:\n      - a\n" if isinstance(edit, Rename) else "[]\n")
    with pytest.raises(SourceEditError, match="a comment would be lost"):
        edited(text.replace("- a", "- a  # why"), "s.yaml", edit)
