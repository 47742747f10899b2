"""Edits of diagrams in the texts of their sources: the diagram is what the edit says, and no other byte changes."""

from __future__ import annotations

import difflib
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagramkit import sources
from diagramkit.diagnostics import DiagramError
from diagramkit.graph import Pattern
from diagramkit.sources import readers
from diagramkit.sources.source_edits import (
    AddEdge,
    AddGroup,
    AddNode,
    DeleteEdge,
    DeleteGroup,
    DeleteNode,
    Edit,
    MoveInto,
    Pin,
    RelabelEdge,
    Rename,
    SourceEditError,
    Unpin,
    apply,
)
from tests.support import corpus

MERMAID = """\
graph LR
  subgraph vpc [VPC]
    A[ALB] --> B & C
    B -->|x| D[(DB)]
  end
  D --> E
  style A fill:#f00
  linkStyle 2 stroke:#f00
"""
SPEC = """\
# head
title: T   # t
nodes:
  a: A   # one
  b: {label: "B", shape: db}
  c:
    icon: none
  d: D
edges:
  - a -> b -> c   # chain
  - a & b -> d: two
  - {from: a, to: d, label: z}
groups:
  g: [a]
  h:
    # inner
    - b
  k: {label: K, nodes: [d]}
"""
ARCHITECTURE = """\
architecture-beta
  group g(cloud)[Group]
  service a(server)[A]
  service b(disk)[B] in g
  a:R --> L:b
"""


LINK_STYLE = ("-linkStyle 2 stroke:#f00",)


def patterns(text: str, path: str) -> tuple[Pattern, ...]:
    return readers.reader_of(path).read(text, path, "").patterns


def edited(text: str, path: str, *edits: Edit) -> str:
    (pattern,) = patterns(text, path)
    for edit in edits:
        text, pattern = apply(text, path, pattern, edit)
    return text


def changed_lines(before: str, after: str) -> list[str]:
    """Return the lines that differ, with `-` or `+` and without white space around them."""
    lines = difflib.ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return [f"{line[0]}{line[2:].strip()}" for line in lines if line[0] in "+-"]


@pytest.mark.parametrize(
    ("edit", "changes"),
    [
        (Pin("A", 1, 2), ["+%% diagramkit: pin A 1 2"]),
        (Rename("B", "Two"), ["-A[ALB] --> B & C", '+A[ALB] --> B["Two"] & C']),
        (Rename("D", 'The "db"<br/>x'), ["-B -->|x| D[(DB)]", '+B -->|x| D[("The #quot;db#quot;<br/>x")]']),
        (Rename("vpc", "Net"), ["-subgraph vpc [VPC]", '+subgraph vpc ["Net"]']),
        (RelabelEdge(2, "y"), ["-B -->|x| D[(DB)]", '+B -->|"y"| D[(DB)]']),
        (RelabelEdge(2, ""), ["-B -->|x| D[(DB)]", "+B --> D[(DB)]"]),
        (RelabelEdge(1, "y"), ["-A[ALB] --> B & C", "+A[ALB] --> B", '+A -->|"y"| C']),
        (DeleteEdge(0), ["-A[ALB] --> B & C", "+B", "+A[ALB] --> C", *LINK_STYLE, "+linkStyle 1 stroke:#f00"]),
        (
            DeleteNode("A"),
            ["-A[ALB] --> B & C", "+B & C", "-style A fill:#f00", *LINK_STYLE, "+linkStyle 0 stroke:#f00"],
        ),
        (DeleteNode("D"), ["-B -->|x| D[(DB)]", "-D --> E", "+E", *LINK_STYLE]),
        (AddNode("n", "New", "vpc"), ['+n["New"]']),
        (AddNode("n", "n"), ["+n"]),
        (AddEdge("E", "vpc", "l", "dotted"), ['+E -.->|"l"| vpc']),
        (AddGroup("g", "G", "vpc"), ['+subgraph g ["G"]', "+end"]),
        (MoveInto("E", "vpc"), ["+E"]),
        (DeleteGroup("vpc"), ["-subgraph vpc [VPC]", "-end"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("notation", ["mermaid", "crlf", "no line end", "markdown", "quote", "spec"])
def test_an_edit_of_a_flowchart_changes_only_the_lines_that_it_concerns(
    edit: Edit, changes: list[str], notation: str
) -> None:
    text, path = in_notation(notation)
    result = edited(text, path, edit)
    found = [line[0] + line[1:].removeprefix("> ").strip() for line in changed_lines(text, result)]
    if notation == "spec" and isinstance(edit, Pin):
        assert found == ["+layout:", "+pin:", "+A: [1, 2]"]
    elif notation == "no line end":
        assert {line for line in changes if line[0] == "+"} <= set(found)
        assert not result.endswith("\n")
    else:
        assert sorted(found) == sorted(changes)
    assert (notation == "crlf") == ("\r\n" in result)
    assert result.count("\n") == result.count("\r\n") or notation != "crlf"


def in_notation(notation: str) -> tuple[str, str]:
    """Return the flowchart in a file of some kind, and the name of the file."""
    lines = MERMAID.splitlines()
    if notation == "crlf":
        return MERMAID.replace("\n", "\r\n"), "a.mmd"
    if notation == "no line end":
        return MERMAID.rstrip("\n"), "a.mmd"
    if notation == "markdown":
        return f"# T\n\n```mermaid\n{MERMAID}```\nend\n", "a.md"
    if notation == "quote":
        return "# T\n\n> ```mermaid\n" + "".join(f"> {line}\n" for line in lines) + "> ```\n\nend", "a.md"
    if notation == "spec":
        diagram = "".join(f"    {line}\n" for line in lines)
        return f"# head\ntitle: T  # t\ndiagram: |\n{diagram}notes: |\n  end\n", "s.yaml"
    return MERMAID, "a.mmd"


@pytest.mark.parametrize(
    ("edit", "changes"),
    [
        (Pin("a", 1, 2), ["+layout:", "+pin:", "+a: [1, 2]"]),
        (Rename("a", "Two: x"), ["-a: A   # one", "+a: 'Two: x'   # one"]),
        (Rename("b", "Two"), ['-b: {label: "B", shape: db}', "+b: {label: Two, shape: db}"]),
        (Rename("c", "Two"), ["+label: Two"]),
        (Rename("g", "G2"), ["-g: [a]", "+g: {label: G2, nodes: [a]}"]),
        (Rename("h", "H2"), ["+label: H2", "+nodes:"]),
        (Rename("k", "K2"), ["-k: {label: K, nodes: [d]}", "+k: {label: K2, nodes: [d]}"]),
        (RelabelEdge(0, "y"), ["-- a -> b -> c   # chain", "+- a -> b: y   # chain", "+- b -> c"]),
        (RelabelEdge(4, "y"), ["-- {from: a, to: d, label: z}", "+- {from: a, to: d, label: y}"]),
        (RelabelEdge(4, ""), ["-- {from: a, to: d, label: z}", "+- {from: a, to: d}"]),
        (DeleteEdge(4), ["-- {from: a, to: d, label: z}"]),
        (DeleteEdge(2), ["-- a & b -> d: two", "+- b -> d: two"]),
        (DeleteNode("c"), ["-c:", "-icon: none", "-- a -> b -> c   # chain", "+- a -> b   # chain"]),
        (AddNode("n", "New", "h"), ["+n: New", "+- n"]),
        (AddNode("n", "New", "g"), ["+n: New", "-g: [a]", "+g: [a, n]"]),
        (AddEdge("c", "k", "l"), ["+- c -> k: l"]),
        (AddEdge("c", "d", "", "dotted", "arrow", "none"), ["+- c <-.- d"]),
        (AddEdge("c", "d", "", "normal", "none", "circle"), ["+- from: c", "+to: d", "+head: circle"]),
        (AddGroup("m", "M"), ["+m:", "+label: M", "+nodes: []"]),
        (MoveInto("c", "g"), ["-g: [a]", "+g: [a, c]"]),
        (MoveInto("d", None), ["-k: {label: K, nodes: [d]}", "+k: {label: K, nodes: []}"]),
        (DeleteGroup("k"), ["-k: {label: K, nodes: [d]}"]),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_an_edit_of_a_spec_changes_only_the_lines_that_it_concerns(
    edit: Edit, changes: list[str], line_end: str
) -> None:
    text = SPEC.replace("\n", line_end)
    result = edited(text, "s.yaml", edit)
    assert sorted(changed_lines(text, result)) == sorted(changes)
    assert result.count("\n") == result.count(line_end)


@pytest.mark.parametrize(
    ("edit", "changes"),
    [
        (Pin("a", 1, 2), ["+%% diagramkit: pin a 1 2"]),
        (Rename("b", "Two"), ["-service b(disk)[B] in g", '+service b(disk)["Two"] in g']),
        (Rename("g", "Two"), ["-group g(cloud)[Group]", '+group g(cloud)["Two"]']),
        (RelabelEdge(0, "y"), ["-a:R --> L:b", '+a:R -["y"]-> L:b']),
        (AddNode("n", "New", "g"), ['+service n["New"] in g']),
        (AddEdge("b", "a"), ["+b:R --> L:a"]),
        (MoveInto("b", None), ["-service b(disk)[B] in g", "+service b(disk)[B]"]),
        (MoveInto("a", "g"), ["-service a(server)[A]", "+service a(server)[A] in g"]),
        (DeleteEdge(0), ["-a:R --> L:b"]),
        (DeleteNode("b"), ["-service b(disk)[B] in g", "-a:R --> L:b"]),
    ],
)
def test_an_edit_of_an_architecture_diagram_changes_only_the_lines_that_it_concerns(
    edit: Edit, changes: list[str]
) -> None:
    assert sorted(changed_lines(ARCHITECTURE, edited(ARCHITECTURE, "a.mmd", edit))) == sorted(changes)


def test_a_pin_is_changed_where_it_is_and_removed_without_a_trace() -> None:
    for text, path in (in_notation("mermaid"), in_notation("quote"), in_notation("spec"), (SPEC, "s.yaml")):
        name = "a" if text == SPEC else "A"
        once = edited(text, path, Pin(name, 1, 2))
        assert edited(text, path, Pin(name, 3, 4), Pin(name, 1, 2)) == once
        assert edited(once, path, Unpin(name)) == text


def test_a_pin_in_the_mermaid_of_a_spec_is_changed_there() -> None:
    text = "title: T\ndiagram: |\n  graph LR\n  A --> B\n  %% diagramkit: pin A 1, 2\nlayout: {pin: {B: [2, 2]}}\n"
    assert edited(text, "s.yaml", Pin("A", 3, 4)) == text.replace("A 1, 2", "A 3, 4")
    assert edited(text, "s.yaml", Unpin("A")) == text.replace("  %% diagramkit: pin A 1, 2\n", "")
    assert edited(text, "s.yaml", Unpin("B")) == text.replace("layout: {pin: {B: [2, 2]}}\n", "")


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("layout: {near: [a, b], pin: {a: [1, 1], c: [2, 1]}}\n", "layout: {pin: {c: [2, 1]}}\n"),
        ("layout:\n  order:\n    - [a, b, c]  # abc\n    - [a, c]\n", "layout:\n  order:\n    - [b, c]  # abc\n"),
        ("layout: {main: [a, b]}\n", ""),
    ],
)
def test_the_hints_about_what_is_deleted_go_with_it(layout: str, expected: str) -> None:
    assert edited(SPEC + layout, "s.yaml", DeleteNode("a")).endswith("k: {label: K, nodes: [d]}\n" + expected)


def test_the_hints_in_comments_about_what_is_deleted_go_with_it() -> None:
    text = MERMAID + "  %% diagramkit: order A, B, C\n  %% diagramkit: near A, B\n  %% diagramkit: pin A 1 1\n"
    result = edited(text, "a.mmd", DeleteNode("A"))
    assert result.endswith("linkStyle 0 stroke:#f00\n  %% diagramkit: order B, C\n")


@pytest.mark.parametrize("char", ["\u2028", "\x0b", "\x0c", "\x85"])
def test_other_comments_stay_when_a_hint_goes_whatever_else_could_end_a_line(char: str) -> None:
    text = f'graph LR\n  A["x{char}y"] --> B\n  %% kept 1\n  %% diagramkit: near A, B\n  %% kept 2\n  A --> C\n'
    result = edited(text, "a.mmd", DeleteNode("B"))
    assert result == text.replace(" --> B", "").replace("  %% diagramkit: near A, B\n", "")


@pytest.mark.parametrize("char", ["\x85", "\u2028", "\u2029"])
def test_ids_and_labels_of_specs_with_line_ends_that_yaml_no_longer_has_are_found_and_kept(char: str) -> None:
    text = (
        f"title: T\nnodes: {{'a{char}b': Old, c: 'x{char}y', 'd{char}': E}}\ngroups: {{'g{char}h': {{nodes: [c]}}}}\n"
    )
    assert edited(text, "s.yaml", Rename(f"a{char}b", "New")) == text.replace("Old", "New")
    assert edited(text, "s.yaml", Rename(f"g{char}h", "New")) == text.replace("{nodes", "{label: New, nodes")
    moved = edited(text, "s.yaml", MoveInto(f"a{char}b", f"g{char}h"))
    assert [each.group for each in patterns(moved, "s.yaml")[0].graph.nodes] == [f"g{char}h", f"g{char}h", None]
    deleted = edited(text, "s.yaml", DeleteNode(f"a{char}b"), DeleteGroup(f"g{char}h"))
    assert deleted == f"title: T\nnodes: {{c: 'x{char}y', 'd{char}': E}}\ngroups: {{}}\n"


@pytest.mark.parametrize("space", ["\x0b", "\x0c", "\xa0", "\u2028", " \xa0"])
def test_another_pin_replaces_the_first_one_whatever_indents_the_last_line(space: str) -> None:
    text = f"graph LR\n  A --> B\n{space}B --> C\n"
    once = edited(text, "a.mmd", Pin("A", 1, 2))
    assert once.count("\n") == text.count("\n") + 1
    assert edited(once, "a.mmd", Pin("A", 3, 4)) == once.replace("A 1 2", "A 3 4")
    assert edited(once, "a.mmd", Unpin("A")) == text


@pytest.mark.parametrize(
    ("text", "path", "edit", "message"),
    [
        (MERMAID, "a.mmd", Pin("Z", 1, 1), "there is no node or group 'Z'"),
        (MERMAID, "a.mmd", AddNode("A", "x"), "already in use"),
        (MERMAID, "a.mmd", Pin("A", 0, 1), "by hand"),
        (MERMAID, "a.mmd", AddNode("a b", "x"), "'a b' cannot be an id in Mermaid"),
        (MERMAID, "a.mmd", AddGroup("a b", "x"), "'a b' cannot be the id of a subgraph in Mermaid"),
        (MERMAID, "a.mmd", AddEdge("Z", "A"), "there is no node or group 'Z' in this diagram"),
        (MERMAID, "a.mmd", MoveInto("Z", "vpc"), "there is no node or group 'Z' in this diagram"),
        (ARCHITECTURE, "a.mmd", AddNode("a b", "x"), "'a b' cannot be an id in an architecture diagram"),
        (ARCHITECTURE, "a.mmd", AddGroup("a b", "x"), "'a b' cannot be an id in an architecture diagram"),
        ("graph LR\n A e1@--> B & C\n", "a.mmd", DeleteNode("Q"), "there is no node"),
        ('title: T\ndiagram: "graph LR\\nA"\n', "s.yaml", Rename("A", "x"), "not in lines of its own"),
        ("title: T\nnodes: {a: &x A, b: *x}\n", "s.yaml", Rename("a", "x"), "an alias repeats this text"),
    ],
)
def test_what_cannot_be_written_is_an_error_that_says_why(text: str, path: str, edit: Edit, message: str) -> None:
    (pattern,) = patterns(text, path)
    with pytest.raises(SourceEditError, match=message):
        apply(text, path, pattern, edit)


def test_the_diagram_of_a_template_is_not_edited() -> None:
    """Its names are those of the template, which other programs read."""
    text = "Resources:\n  A: {Type: AWS::SQS::Queue}\n"
    (pattern,) = sources.load(sources.SourceFile("t.yaml"), text).patterns
    with pytest.raises(SourceEditError, match="the diagram of a template is not edited; import it as a spec first"):
        apply(text, "t.yaml", pattern, Rename(pattern.graph.nodes[0].id, "x"))


def test_a_node_is_added_behind_the_last_line_of_a_fence_that_is_not_closed() -> None:
    text = "# T\n\n```mermaid\ngraph LR\n  A --> B"
    assert edited(text, "a.md", AddNode("n", "New")) == text + '\n  n["New"]'


def test_the_right_one_of_several_fences_is_changed() -> None:
    text = f"```mermaid\n{MERMAID}```\n\n- x\n\n  ```mermaid\n  graph TB\n    A --> Z\n  ```\n"
    _, second = patterns(text, "a.md")
    new, _ = apply(text, "a.md", second, Rename("A", "Other"))
    assert changed_lines(text, new) == ["-A --> Z", '+A["Other"] --> Z']


# Random specs

TEXTS = st.sampled_from(
    ["ALB", "Orders: new", "a # b", "- x", "'q'", 'say "x"', "注文", "two  spaces", "1", "yes", "x<br/>y"]
)
COMMENTS = st.sampled_from(["", "  # note", "   # 'x: y'", " # é"])
LINES_BETWEEN = st.sampled_from(["", "\n", "# between: {x}\n", "    # indented\n", "\n\n"])
NOTES = (
    "notes: |\n  Some text: with\n\n    an indented line  # no comment\n",
    "notes: >-\n  folded\n  text\n",
    "notes: |2+\n    x\n\n",
)


@st.composite
def specs(draw: st.DrawFn) -> str:
    """Draw the text of a spec with comments, anchors, aliases, block scalars and any kind of line ends."""
    step = " " * draw(st.integers(1, 4))
    names = [f"n{number}" for number in range(draw(st.integers(2, 5)))]
    labels = list(_labels(draw, names))
    if draw(st.booleans()):
        nodes = "nodes:" + draw(COMMENTS) + "\n"
        for name, label in zip(names, labels, strict=True):
            nodes += _node(draw, name, label, step)
    else:
        nodes = "nodes: {" + ", ".join(f"{name}: {label}" for name, label in zip(names, labels, strict=True)) + "}\n"
    edges = draw(
        st.sampled_from(
            ["edges: [n0 -> n1]\n", f"edges:\n{step}- n0 -> n1: x  # e\n", "edges:\n- {from: n0, to: n1}\n", ""]
        )
    )
    groups = draw(st.sampled_from(["", "groups: {g: [n0]}\n", f"groups:\n{step}g:  # gee\n{step * 2}- n0\n"]))
    layout = draw(
        st.sampled_from(["", "layout: {near: [n0, n1]}\n", f"layout:  # l\n{step}pin: {{n1: [2,   3]}}  # p\n"])
    )
    parts = [nodes, edges, groups, layout, draw(st.sampled_from(NOTES)), "provider: &p aws\n"]
    ordered = [f"title: {draw(TEXTS.map(_quoted))}{draw(COMMENTS)}\n", *draw(st.permutations(parts))]
    text = "".join(draw(LINES_BETWEEN) + part for part in ordered)
    text = text.removesuffix("\n") if draw(st.booleans()) else text
    return draw(st.sampled_from(["", "\ufeff"])) + text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


def _labels(draw: st.DrawFn, names: list[str]) -> Iterator[str]:
    anchored = None
    for number, _ in enumerate(names):
        label = _quoted(draw(TEXTS))
        if anchored is None and number == 0 and draw(st.booleans()):
            anchored = number
            label = f"&l {label}"
        elif anchored is not None and draw(st.integers(0, 3)) == 0:
            label = "*l"
        yield label


def _node(draw: st.DrawFn, name: str, label: str, step: str) -> str:
    comment = draw(COMMENTS)
    if draw(st.booleans()):
        return f"{draw(LINES_BETWEEN)}{step}{name}: {label}{comment}\n"
    if draw(st.booleans()):
        return f"{step}{name}: {{shape: db,   label: {label}}}{comment}\n"
    return f"{step}{name}:{comment}\n{step * 2}label: {label}{draw(COMMENTS)}\n{step * 2}shape: db\n"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"' if "'" in text else f"'{text}'"


@settings(max_examples=300, deadline=None, derandomize=True)
@given(text=specs(), label=TEXTS, rank=st.integers(1, 99), line=st.integers(1, 99))
def test_a_pin_or_label_changes_nothing_else_in_random_specs(text: str, label: str, rank: int, line: int) -> None:
    (pattern,) = patterns(text, "s.yaml")
    for name in ("n0", "n1"):
        new, _ = apply(text, "s.yaml", pattern, Pin(name, rank, line))
        old_lines, new_lines = text.splitlines(keepends=True), new.splitlines(keepends=True)
        removed = [one for one in difflib.ndiff(old_lines, new_lines) if one.startswith("- ")]
        assert all("pin:" in one or "layout:" in one or one[2:].rstrip("\r\n") == old_lines[-1] for one in removed)
        added = [one for one in difflib.ndiff(old_lines, new_lines) if one.startswith("+ ")]
        assert len(added) - len(removed) <= 3
        (pinned,) = patterns(new, "s.yaml")
        if not any(hint.kind == "pin" and hint.members == (name,) for hint in pattern.graph.hints):
            restored, _ = apply(new, "s.yaml", pinned, Unpin(name))
            assert restored == text
    if "*l" in text:
        return
    new, _ = apply(text, "s.yaml", pattern, Rename("n1", label))
    differing = [pair for pair in zip(text.splitlines(), new.splitlines(), strict=True) if pair[0] != pair[1]]
    assert len(differing) <= 1
    for before, after in differing:
        assert before.partition("n1")[0] == after.partition("n1")[0] or before.lstrip().startswith("label:")
        assert before.partition("  #")[2] == after.partition("  #")[2] or "#" in label


@pytest.mark.slow
def test_almost_every_edit_of_the_corpus_can_be_written_and_no_other_error_occurs() -> None:
    """What cannot be written is an error: odd ids, edges of architecture diagrams that end at groups, and so on."""
    written, total = Counter[str](), Counter[str]()
    for name, text in (*corpus.diagrams(), *corpus.architectures()):
        try:
            (pattern,) = patterns(text, "a.mmd")
        except (DiagramError, ValueError):
            continue
        for edit in random_edits(pattern, random.Random(name)):
            total[type(edit).__name__] += 1
            with suppress(SourceEditError):
                apply(text, "a.mmd", pattern, edit)
                written[type(edit).__name__] += 1
    assert sum(total.values()) > 6000
    for kind, count in total.items():
        assert written[kind] > 0.9 * count, (kind, written, total)
    assert sum(written.values()) > 0.98 * sum(total.values())


def random_edits(pattern: Pattern, dice: random.Random) -> Iterator[Edit]:
    """Yield one edit of each kind."""
    nodes, groups = [node.id for node in pattern.graph.nodes], [group.id for group in pattern.graph.groups]
    parents = [None, *groups]
    if nodes:
        name = dice.choice(nodes)
        yield from (Pin(name, 2, 3), Rename(name, "New label: x"), DeleteNode(name))
        yield AddNode("zzz", "Zed", dice.choice(parents))
        yield AddEdge(name, dice.choice(nodes), "new")
        yield MoveInto(name, dice.choice(parents))
    if pattern.graph.edges:
        index = dice.randrange(len(pattern.graph.edges))
        yield from (RelabelEdge(index, "new label"), DeleteEdge(index))
    if groups:
        name = dice.choice(groups)
        yield from (Rename(name, "New title"), DeleteGroup(name))
