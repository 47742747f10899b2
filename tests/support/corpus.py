"""The diagrams that Mermaid and diagramkit both read: every feature, combinations of features, and mistakes.

Systematic cases (each shape with each kind of label, each link in each form) are generated here. Special cases are in
`tests/data/corpus/*.txt`, separated by lines of dashes with `>8`.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from tests.support.project import DATA

_FOLDER = DATA / "corpus"
FILES = [_FOLDER / "everything.txt", _FOLDER / "peculiar.txt"]
ARCHITECTURE = _FOLDER / "architecture.txt"
SAMPLES = [file for file in sorted(DATA.rglob("*.mmd")) if not file.read_text("utf-8").startswith("architecture-beta")]

BRACKETS = [
    ("[", "]"),
    ("(", ")"),
    ("((", "))"),
    ("(((", ")))"),
    ("([", "])"),
    ("[[", "]]"),
    ("[(", ")]"),
    ("{", "}"),
    ("{{", "}}"),
    (">", "]"),
    ("[/", "/]"),
    ("[\\", "\\]"),
    ("[/", "\\]"),
    ("[\\", "/]"),
    ("(-", "-)"),
]
LABELS = [
    "plain words",
    '"quoted (with) [all] {of} it | and #quot;more#quot;"',
    '"`**bold** and _it_`"',
    "two<br/>lines",
    "fa:fa-user someone",
    "été 日本 🚀",
    "a:b/c.d-e@f",
    "#35;1 #amp; #9829;",
    '"two\nlines"',
    " padded ",
    "10.0.0.0/16, eu-west-1",
    '"it\'s <b>bold</b> and <i>not</i>"',
]
INVALID_LABELS = ["Web (80)", "a [b]", "a | b", 'say "hi"', "", '""', "x) y", "{z"]
LINKS = [
    "-->",
    "---",
    "--o",
    "--x",
    "<-->",
    "o--o",
    "x--x",
    "-.->",
    "-.-",
    "==>",
    "===",
    "~~~",
    "---->",
    "-----",
    "-..->",
    "-...-",
    "====>",
    "=====",
    "<-.->",
    "o-.-o",
    "x==x",
    "<==>",
    "~~~~~",
    "<---",
    "o-->",
    "x-->",
    "<--o",
    "-------------->",
]
LINK_PARTS = [
    ("--", "-->"),
    ("--", "---"),
    ("-.", ".->"),
    ("-.", ".-"),
    ("==", "==>"),
    ("==", "==="),
    ("<--", "-->"),
    ("o--", "--o"),
    ("x==", "==x"),
    ("<-.", ".->"),
    ("<--", "--x"),
    ("--", "<-->"),
]
INVALID_LINKS = ["->", "=>", "<-", "<--", "<-->>", "-> >", "→", "–>", "->>", "<=>", ".->.", "- ->"]
SHAPES = [
    *(name for names in yaml.safe_load((DATA / "mermaid_shapes.yaml").read_text("utf-8")).values() for name in names),
    "nope",
    "Cyl",
    "lean_right",
    "ellipse",
]
HEADERS = [
    "graph",
    "graph LR",
    "graph TD;",
    "flowchart BT",
    "flowchart RL;",
    "graph >",
    "graph <",
    "graph ^",
    "graph v",
    "flowchart-elk TB",
    "graph BR",
    "Graph LR",
    "graph lr",
    "graph LR A",
    "flowchart LR --> A",
    "  flowchart   TB  ",
    "\n\ngraph TB",
    "graph;",
]
IDS = [
    "end1",
    "graph1",
    "o1",
    "x1",
    "End",
    "endpoint",
    "class1",
    "default",
    "a-b",
    "a.b",
    "a/b",
    "a:b",
    "a_b",
    "日本",
    "été",
    "1a",
    "A,B",
    "A&B",
    "click1",
    "style1",
    "subgraphs",
    "v",
    "x",
    "o",
    "A-",
    "end",
    "graph",
    "class",
    "subgraph",
    "style",
    "class-a",
    "a=b",
    "a+b",
    "a@b",
    "a*",
    "#a",
    "!",
    "A'",
    "a--b",
    "_self",
    "href",
    "call",
    "LR",
    "interpolate",
]


def architectures() -> Iterator[tuple[str, str]]:
    """Yield the name and text of each architecture diagram."""
    yield from _split_file(ARCHITECTURE)


def diagrams() -> Iterator[tuple[str, str]]:
    """Yield the name and text of each flowchart, always the same ones in the same order."""
    yield from _systematic()
    for file in FILES:
        yield from _split_file(file)
    for file in SAMPLES:
        if "architecture" not in file.name:
            yield file.name, file.read_text("utf-8")
    for number in range(40):
        yield f"cloud {number + 1}", _cloud_diagram(random.Random(number), 4 + number)
    for size in (200, 300):
        yield f"cloud of {size}", _cloud_diagram(random.Random(size), size)
    yield from _damaged()


def _split_file(file: Path) -> Iterator[tuple[str, str]]:
    """Yield the diagrams in a file of the corpus."""
    for number, text in enumerate(re.split(r"^-+>8-*\n", file.read_text("utf-8"), flags=re.M)):
        yield f"{file.stem} {number + 1}", text


def _systematic() -> Iterator[tuple[str, str]]:
    """Yield each feature by itself, valid and invalid."""
    for (opening, closing), label in itertools.product(BRACKETS, LABELS):
        yield f"{opening}{label}{closing}", f"graph LR\n  A{opening}{label}{closing} --> B\n  B\n"
    for (opening, closing), label in itertools.product(BRACKETS[:8], INVALID_LABELS):
        yield f"{opening}{label}{closing}", f"graph LR\n  A{opening}{label}{closing} --> B\n"
    for link in LINKS + INVALID_LINKS:
        yield link, f"graph TD\nA {link} B\nC{link}D & E\n  F {link}|text| G {link} H\n"
        yield f"named {link}", f"graph TD\nA e1@{link} B\ne1@{{ animate: true }}\nclass e1 hot\n"
    for opening, closing in LINK_PARTS:
        yield f"{opening} {closing}", f"graph TD\nA {opening} some text {closing} B\n"
        yield f'{opening} "" {closing}', f'graph TD\nA {opening} "a - b = c ." {closing} B\n'
    for shape in SHAPES:
        yield (
            shape,
            f"flowchart LR\nA@{{ shape: {shape} }}\nB@{{ shape: {shape}, label: 'x' }} --> A\n",
        )
    for header in HEADERS:
        yield header, f"{header}\nA --> B\n"
    for name in IDS:
        yield name, f"graph LR\n{name} --> {name}1[label]\nsubgraph s\n  {name}\nend\n"


_COMPONENTS = [
    "API Gateway",
    "Lambda: orders",
    "DynamoDB (orders)",
    "SQS<br/>dead-letter",
    "S3 bucket",
    "EC2 i-0123",
    "RDS - primary",
    "VPC 10.0.0.0/16",
    "CloudFront",
    "Route 53",
    "NAT gateway",
]
_GROUP_TITLES = ["VPC", "Public subnet", "us-east-1", "AWS Cloud", "Data layer", "On-premises (DC)"]


def _cloud_diagram(rng: random.Random, size: int) -> str:
    """Return a random diagram such as people write about AWS, with `size` nodes and groups."""
    lines = [rng.choice(["graph TD", "flowchart LR", "graph TB", "flowchart TB"])]
    open_groups = 0
    for number in range(size):
        indent = "    " * (1 + open_groups)
        if rng.random() < 0.15 and open_groups < 4:
            title = rng.choice(_GROUP_TITLES)
            heading = rng.choice([f'g{number}["{title}"]', f'"{title}"', f"g{number} [{title.split()[0]}]"])
            lines.append(f"{indent}subgraph {heading}")
            open_groups += 1
            if rng.random() < 0.2:
                lines.append(f"{indent}    direction {rng.choice(['LR', 'TB'])}")
            continue
        opening, closing = rng.choice(BRACKETS[:8])
        lines.append(f'{indent}N{number}{opening}"{rng.choice(_COMPONENTS)} {number}"{closing}')
        if number > 1:
            link = rng.choice(["-->", "-.->", "<-->", "-->|HTTPS 443|", "-- reads -->", "==>"])
            lines.append(f"{indent}N{rng.randrange(number)} {link} N{number}")
        if open_groups and rng.random() < 0.2:
            open_groups -= 1
            lines.append("    " * (1 + open_groups) + "end")
    lines += ["    " * depth + "end" for depth in range(open_groups, 0, -1)]
    lines += [
        "    classDef hot fill:#f96,stroke:#333",
        "    class N2,N3 hot",
        "    style N4 fill:#fff",
    ]
    return "\n".join(lines) + "\n"


def _damaged() -> Iterator[tuple[str, str]]:
    """Yield a diagram with all features in which one character is dropped, doubled or swapped with the next one."""
    text = (_FOLDER / "everything.txt").read_text("utf-8")
    rng = random.Random(12)
    for number in range(150):
        index = rng.randrange(len(text) - 1)
        kind = ("dropped", "doubled", "swapped")[number % 3]
        replacement = {"dropped": "", "doubled": text[index] * 2, "swapped": text[index + 1] + text[index]}[kind]
        rest = text[index + (2 if kind == "swapped" else 1) :]
        yield f"{kind} at {index}", text[:index] + replacement + rest
