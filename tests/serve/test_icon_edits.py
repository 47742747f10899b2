"""Icons that the live page writes into sources: only the icon changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagramkit import sources
from diagramkit.graph import Pattern
from diagramkit.serve import edits
from diagramkit.sources import readers

MERMAID = "graph LR\n  A[Thing] --> B[S3]\n"
SPEC = "title: Shop  # what it is\ndiagram: |\n  graph LR\n    A[Thing] --> B[S3]\n"


def pattern(text: str, path: str) -> Pattern:
    """Write a source with one diagram, and return its pattern."""
    Path(path).write_text(text, "utf-8", newline="")
    (result,) = (each for file in sources.find([path]) for each in sources.load(file).patterns)
    return result


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("s.yaml", SPEC, SPEC + "icons:\n  A: aws.compute.EC2\n"),
        ("s.yaml", SPEC.rstrip("\n"), SPEC + "icons:\n  A: aws.compute.EC2"),
        ("s.yaml", SPEC.replace("\n", "\r\n"), (SPEC + "icons:\n  A: aws.compute.EC2\n").replace("\n", "\r\n")),
        (
            "s.yaml",
            SPEC + "icons:\n    B: none # kept\n",
            SPEC + "icons:\n    A: aws.compute.EC2\n    B: none # kept\n",
        ),
        ("s.yaml", SPEC + "icons:\n  A: 'none'  # why\n", SPEC + "icons:\n  A: aws.compute.EC2  # why\n"),
        ("s.yaml", SPEC + "icons: {B: none}\n", SPEC + "icons: {A: aws.compute.EC2, B: none}\n"),
        ("s.yaml", SPEC + "icons: {A: none, B: none}\n", SPEC + "icons: {A: aws.compute.EC2, B: none}\n"),
        ("a.mmd", MERMAID, MERMAID + '  A@{ icon: "aws.compute.EC2" }\n'),
        ("a.mmd", MERMAID.rstrip("\n"), MERMAID + '  A@{ icon: "aws.compute.EC2" }'),
        ("a.mmd", MERMAID + '  A@{ icon: "aws:rds" }\n', MERMAID + '  A@{ icon: "aws.compute.EC2" }\n'),
        (
            "a.md",
            f"# T\n\n```mermaid\n{MERMAID}```\nend\n",
            f'# T\n\n```mermaid\n{MERMAID}  A@{{ icon: "aws.compute.EC2" }}\n```\nend\n',
        ),
    ],
)
def test_an_icon_is_written_and_the_rest_of_the_source_is_kept(path: str, before: str, after: str) -> None:
    assert edits.with_icon(before, path, pattern(before, path), "A", "aws.compute.EC2") == after


@pytest.mark.parametrize("space", ["\x0b", "\x0c", "\xa0", "\u2028", " \xa0"])
def test_another_icon_replaces_the_first_one_whatever_indents_the_last_line(space: str) -> None:
    text = f"graph LR\n  A[Thing] --> B[S3]\n{space}C --> D\n"
    once = edits.with_icon(text, "a.mmd", readers.pattern_from_text(text, "a.mmd"), "A", "aws.compute.EC2")
    assert once.count("\n") == text.count("\n") + 1
    again = edits.with_icon(once, "a.mmd", readers.pattern_from_text(once, "a.mmd"), "A", "aws.compute.Lambda")
    assert again == once.replace("EC2", "Lambda")


@pytest.mark.parametrize("icon", ["a b", "x\ny", "", "../x", '"', "x: y"])
def test_an_invalid_icon_reference_is_not_written(icon: str) -> None:
    with pytest.raises(ValueError, match=r"is not an icon reference|cannot be added"):
        edits.with_icon(MERMAID, "a.mmd", pattern(MERMAID, "a.mmd"), "A", icon)


@pytest.mark.parametrize(
    ("path", "text", "node", "icon", "message"),
    [
        ("a.mmd", MERMAID, "A", "no icon!", "is not an icon reference"),
        ("a.mmd", MERMAID, "Z", "aws.compute.EC2", "there is no node 'Z'"),
        ("s.yaml", SPEC + "icons: {}\n", "A", "aws.compute.EC2", "'icons' is empty"),
    ],
)
def test_an_icon_that_cannot_be_written_is_reported(path: str, text: str, node: str, icon: str, message: str) -> None:
    diagram = pattern(MERMAID if path == "a.mmd" else SPEC, path)
    with pytest.raises(ValueError, match=message):
        edits.with_icon(text, path, diagram, node, icon)


def test_an_icon_for_a_fence_that_no_longer_exists_is_reported() -> None:
    diagram = pattern(f"# T\n\n```mermaid\n{MERMAID}```\n", "a.md")
    with pytest.raises(ValueError, match="the fence of this diagram no longer exists"):
        edits.with_icon("# T\n", "a.md", diagram, "A", "aws.compute.EC2")


def test_an_icon_is_written_into_the_right_fence_of_several() -> None:
    other = MERMAID.replace("Thing", "Other")
    before = f"# T\n\n```mermaid\n{other}```\n\n```mermaid\n{MERMAID}```\n"
    Path("a.md").write_text(before, "utf-8")
    (_, diagram) = readers.MARKDOWN.read(before, "a.md", "").patterns
    after = edits.with_icon(before, "a.md", diagram, "A", "aws.compute.EC2")
    assert after == before.replace(MERMAID, MERMAID + '  A@{ icon: "aws.compute.EC2" }\n')


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("s.yaml", SPEC + "icons: {A: &x none, B: *x}\n", "cannot be added here"),
        ("a.mmd", "graph LR\n  A[Thing] --> B[S3]\n  subgraph g\n", "cannot be added here"),
        ("a.mmd", "graph LR\n  A[Thing] --> B[S3] --> C\n", "without other changes"),
    ],
)
def test_an_edit_that_would_change_more_than_an_icon_is_rejected(path: str, text: str, message: str) -> None:
    diagram = pattern(MERMAID if path == "a.mmd" else SPEC, path)
    with pytest.raises(ValueError, match=message):
        edits.with_icon(text, path, diagram, "A", "aws.compute.EC2")


def test_an_icon_for_a_node_without_a_label_keeps_the_text_on_the_picture() -> None:
    text = "graph LR\n  Billing --> B[S3]\n"
    pattern = readers.pattern_from_text(text, "d.mmd")
    new = edits.with_icon(text, "d.mmd", pattern, "Billing", "aws.compute.Lambda")
    assert new == text + '  Billing@{ icon: "aws.compute.Lambda", label: "Billing" }\n'
    again = edits.with_icon(new, "d.mmd", readers.pattern_from_text(new, "d.mmd"), "Billing", "none")
    assert again == text + '  Billing@{ icon: "none", label: "Billing" }\n'
