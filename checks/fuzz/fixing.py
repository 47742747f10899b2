"""Damages diagrams and lets fixes repair them: `python -m checks.fuzz.fixing`.

Each seed gives a random flowchart or spec with one or two mistakes: characters that are dropped, doubled or swapped, a
line that is cut, or a mistake that people make. Whatever `check --fix` does to it must satisfy `check`. Anything else
is a finding, and the text is printed. The counts of what it did are printed, by the first mistake.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

from msgspec import Struct

from checks.fuzz import seeds
from diagramkit.diagnostics import Diagnostic, DiagramError, most_similar
from diagramkit.graph import Graph
from diagramkit.sources import fixes, readers

_WORDS = re.findall(
    r"\w+",
    """
    Order Billing Catalog Ledger Invoice Payment Search Gateway Worker Queue Cache Store Lambda Bucket Topic Stream
    Customer Audit Metrics Profile Session Archive Importer Exporter Scheduler Mailer Registry Vault Proxy Mirror
    """,
)
_KEYWORDS = re.findall(
    r"\w+",
    """
    flowchart graph LR TB RL BT subgraph end direction style class classDef click linkStyle title nodes edges groups
    label from to shape diagram icons links components description category provider notes
    """,
)
_FOREIGN_WORDS = frozenset(["mermaid", "up", "down", "left", "right"])
_BRACKETS = (("[", "]"), ("(", ")"), ("{", "}"), ("[(", ")]"), ("([", "])"), ("((", "))"), ("[[", "]]"), ('["', '"]'))
_LINKS = ("-->", "---", "-.->", "==>", "<-->", "--o")


class Damage(Struct, frozen=True):
    """A way to damage a text. It returns the text unchanged if it does not apply."""

    name: str
    apply: Callable[[str, Random], str]


def flowchart(rng: Random) -> str:
    """Return a random valid flowchart in which every id and label has its own words."""
    lines, open_groups = [f"flowchart {rng.choice(('LR', 'TB'))}"], 0
    for number in range(1, rng.randint(3, 12)):
        indent = "  " * (1 + open_groups)
        kind = rng.random()
        if kind < 0.12 and open_groups < 3:
            title = rng.choice((f"g{number}", f"g{number}[{_label(rng)}]", f'g{number}["{_label(rng)} (x)"]'))
            lines.append(f"{indent}subgraph {title}")
            open_groups += 1
            lines.append(f"{indent}  {_node(rng, f'm{number}')}")
        elif kind < 0.2:
            lines.append(f"{indent}%% {_label(rng)}")
        elif kind < 0.27:
            lines.append(f"{indent}classDef c{number} fill:#f96,stroke:#333")
        else:
            lines.append(indent + _edge(rng, number))
        if open_groups and rng.random() < 0.3:
            open_groups -= 1
            lines.append("  " * (1 + open_groups) + "end")
    lines += ["  " * (depth + 1) + "end" for depth in reversed(range(open_groups))]
    return "\n".join(lines) + "\n"


def _edge(rng: Random, number: int) -> str:
    link = rng.choice(_LINKS)
    link = rng.choice((link, link, f"{link}|{_label(rng)}|", f"-- {_label(rng)} -->"))
    ends = [_node(rng, f"{side}{number}") for side in ("a", "b", "d", "e")]
    return rng.choice(
        (f"{ends[0]} {link} {ends[1]}", f"{ends[0]} {link} {ends[1]} & {ends[2]}", f" {link} ".join(ends))
    )


def _node(rng: Random, name: str) -> str:
    opening, closing = rng.choice(_BRACKETS)
    return rng.choice((name, f"{name}{opening}{_label(rng)}{closing}"))


def _label(rng: Random) -> str:
    return " ".join(rng.sample(_WORDS, rng.randint(1, 3)))


def spec(rng: Random) -> str:
    """Return a random valid spec."""
    lines = [f"title: {_label(rng)}"]
    lines += [line for line in (f"description: {_label(rng)}", "provider: aws") if rng.random() < 0.5]
    lines += ["nodes:", *(f"  n{number}: {_label(rng)}" for number in range(4)), "edges:"]
    lines += [f"  - {{from: n{number}, to: n{number + 1}, label: {_label(rng)}}}" for number in range(3)]
    return "\n".join(lines) + "\n"


# Damages


def _at_random_character(replacement: Callable[[str], str]) -> Callable[[str, Random], str]:
    def apply(text: str, rng: Random) -> str:
        index = rng.randrange(len(text) - 1)
        return text[:index] + replacement(text[index : index + 2]) + text[index + 2 :]

    return apply


def _on_random_line(pattern: str, new: str) -> Callable[[str, Random], str]:
    """Return a damage that replaces one random match of `pattern` within a line."""

    def apply(text: str, rng: Random) -> str:
        matches = list(re.finditer(pattern, text, re.M))
        if not matches:
            return text
        match = rng.choice(matches)
        return text[: match.start()] + match.expand(new) + text[match.end() :]

    return apply


def _cut(text: str, rng: Random) -> str:
    lines = text.split("\n")
    index = rng.randrange(1, len(lines))
    lines[index] = lines[index][: rng.randrange(len(lines[index]) + 1)]
    return "\n".join(lines)


CHARACTERS = (
    Damage("dropped", _at_random_character(lambda pair: pair[1:])),
    Damage("doubled", _at_random_character(lambda pair: pair[0] + pair)),
    Damage("swapped", _at_random_character(lambda pair: pair[::-1])),
    Damage("cut", _cut),
)
MISTAKES = tuple(
    Damage(name, _on_random_line(pattern, new))
    for name, pattern, new in (
        ("arrow", r"-->", "->"),
        ("double arrow", r"==>", "=>"),
        ("unicode arrow", r"-->", "→"),
        ("dash", r" --- ", " - "),
        ("PlantUML", r"-\.->", "..>"),
        ("PlantUML port", r" --> ", " -down-> "),
        ("D2", r"^( *\w+) -->\|(.*)\| (\w+)$", r"\1 -> \3: \2"),
        ("comment //", r"(?<=[\w\])}])$", " // see Handbook"),
        ("comment #", r"(?<=[\w\])}])$", " # see Handbook"),
        ("comment --", r"(?<=[\w\])}])$", " -- see Handbook"),
        ("comment /*", r"^( +)(?=\w)", r"\1/* see Handbook */\n\1"),
        ("comment %%", r"(?<=[\w\])}])$", " %% see Handbook"),
        ("end as a node", r"\bb\d+(?= *$)", "end"),
        ("stray end", r"\Z", "end\n"),
        ("missing end", r"^ *end\n", ""),
        ("keyword", r"subgraph", "subgrph"),
        ("type", r"flowchart", "flowchat"),
        ("direction", r"^( +subgraph.*)$", "\\1\n direciton LR"),
        ("fence", r"\A([\s\S]*)\Z", r"```mermaid\n\1```\n"),
        ("curly quotes", r'"([^"\n]*)"', r"“\1”"),
        ("wide brackets", r"\[([\w ]+)\]", r"［\1］"),
        ("parentheses", r"\[(\w+)", r"[\1 (80)"),
        ("missing bracket", r"(?<=\w)[\])}](?!\])", ""),
        ("missing quote", r'"', ""),
        ("text of a link", r"-->\|(.*?)\|", r"-->|\1|-->"),
        ("space", r"(?<=\w)\[(?=\w)", " ["),
        ("title", r"subgraph (\w+)$", r"subgraph \1 (x)"),
    )
)
SPEC_MISTAKES = tuple(
    Damage(name, _on_random_line(pattern, new))
    for name, pattern, new in (
        ("key", r"^title", "titel"),
        ("nested key", r"label:", "lable:"),
        ("tab", r"^  (?=n)", "\t"),
        ("colon", r"^(\w+): (\w+)$", r"\1: \2: more"),
        ("quote", r"^title: (.*)$", r'title: "\1'),
    )
)
_HARMLESS = {damage.name for damage in MISTAKES} | {"doubled"}
"""The mistakes that leave every node, edge and label recognizable if they occur once."""


# The checks


class Outcome(Struct, frozen=True):
    """What fixes did to a damaged text: `fixed`, `partly fixed`, `reported` or `valid` (the damage is no mistake)."""

    name: str
    text: str


def check(original: str | None, damaged: str, name: str) -> Outcome:
    """Fix a damaged text and check the result; `name` tells its format. Raises `AssertionError`.

    `original` is the text before the damage, or None if the damage may have removed nodes, edges and labels.
    """
    before = problems_of(damaged, name)
    result = fixes.fix(damaged, lambda text: problems_of(text, name))
    if result.text == damaged:
        assert not result.fixed, "fixes without effect are reported"
        return Outcome("reported" if before else "valid", damaged)
    assert fixes.badness(result.remaining) < fixes.badness(before), "the number of errors is not smaller"
    assert not problems_of(result.text, name) or result.remaining, "the remaining problems are not reported"
    again = fixes.fix(result.text, lambda text: problems_of(text, name))
    assert again.text == result.text, "a second run changes the text"
    _check_words(damaged, result.text)
    changed = Counter(damaged.splitlines(keepends=True)) - Counter(result.text.splitlines(keepends=True))
    assert changed.total() <= len(result.fixed), "lines without a problem are changed"
    if result.remaining:
        return Outcome("partly fixed", result.text)
    if original is not None:
        _check_graphs(_graph(original, name), _graph(result.text, name))
    return Outcome("fixed", result.text)


def problems_of(text: str, name: str) -> tuple[Diagnostic, ...]:
    """Return the errors in a text."""
    try:
        return readers.reader_of(name).read(text, name, "").errors
    except DiagramError as error:
        return error.problems


def _graph(text: str, name: str) -> Graph:
    return readers.reader_of(name).read(text, name, "").patterns[0].graph


def _check_words(damaged: str, fixed: str) -> None:
    """Check that the fixed text has all words, and those outside comments and moved labels in the same order.

    A fix of an arrow that points backward moves the nodes of its line.
    """
    before, after = _words(damaged), _words(fixed)
    missing = Counter(before) - Counter(after)
    lost = [word for word in missing if most_similar(word, _KEYWORDS) is None and word not in _FOREIGN_WORDS]
    assert not lost, f"lost words: {lost}"
    moved = Counter(word for line in fixed.split("\n") if "%%" in line or "|" in line for word in _words(line))
    moved += Counter(word for line in damaged.split("\n") if re.search("<[-=.]", line) for word in _words(line))
    ordered = [word for word in before if word not in moved and word not in missing]
    remaining = iter(after)
    assert all(word in remaining for word in ordered), "the order of the words changed"


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", text.replace("#quot;", '"')) if word not in _KEYWORDS]


def _check_graphs(original: Graph, fixed: Graph) -> None:
    """Check that a fixed diagram has at least as many nodes, edges, groups and labels as the original."""
    for what, count in (
        ("edges", lambda graph: len(graph.edges)),
        ("nodes", lambda graph: len(graph.nodes)),
        ("labels", lambda graph: sum(node.label != node.id for node in graph.nodes)),
        ("edge labels", lambda graph: sum(bool(edge.label) for edge in graph.edges)),
    ):
        assert count(fixed) >= count(original), f"{what} are lost: {count(original)} became {count(fixed)}"


# The program


def damaged(seed: int) -> tuple[str, str, str, str]:
    """Return a valid text, the text with mistakes, its file name, and what the mistakes are."""
    rng = Random(seed)
    is_spec = seed % 10 == 0
    text = spec(rng) if is_spec else flowchart(rng)
    mistakes: Sequence[Damage] = SPEC_MISTAKES if is_spec else rng.choice((CHARACTERS, MISTAKES))
    result, names = text, []
    for damage in rng.choices(mistakes, k=rng.choice((1, 1, 1, 2))):
        result = damage.apply(result, rng)
        names.append(damage.name)
    return text, result, "d.yaml" if is_spec else "d.mmd", ", ".join(names)


def run(seed: int) -> str:
    """Check one seed and return what fixes did. Raises `AssertionError`."""
    original, text, name, mistakes = damaged(seed)
    return check(original if mistakes in _HARMLESS else None, text, name).name


def check_seed(seed: int) -> list[str]:
    """Check one seed and return what fixes did, by the first mistake. Raises an exception if there is a finding."""
    _, text, _, mistakes = damaged(seed)
    try:
        return [f"{mistakes.split(', ')[0]}, {run(seed)}"]
    except Exception as error:
        error.add_note(f"{mistakes}\n{text}")
        raise


if __name__ == "__main__":
    sys.exit(seeds.main(check_seed, "texts", sys.argv[1:]))
