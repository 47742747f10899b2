"""The flowcharts that Mermaid and diagramkit both read: each feature, together and mistaken.

What is systematic (each shape with each kind of label, each link in each form) is made here;
what is peculiar stands in `corpus/*.txt`, diagrams apart by a line of dashes and a `>8`.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from pathlib import Path

_FOLDER = Path(__file__).parent / "corpus"
FILES = [_FOLDER / "everything.txt", _FOLDER / "peculiar.txt"]
ARCHITECTURE = _FOLDER / "architecture.txt"
SAMPLES = [
    file
    for file in sorted((Path(__file__).parent.parent / "data").rglob("*.mmd"))
    if not file.read_text("utf-8").startswith("architecture-beta")
]

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
WRONG = ["Web (80)", "a [b]", "a | b", 'say "hi"', "", '""', "x) y", "{z"]
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
HALVES = [
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
WRONG_LINKS = ["->", "=>", "<-", "<--", "<-->>", "-> >", "→", "–>", "->>", "<=>", ".->.", "- ->"]
SHAPES = [
    "rect",
    "rounded",
    "stadium",
    "fr-rect",
    "cyl",
    "circle",
    "diam",
    "hex",
    "lean-r",
    "lean-l",
    "trap-b",
    "trap-t",
    "dbl-circ",
    "doc",
    "docs",
    "cloud",
    "delay",
    "fork",
    "text",
    "bolt",
    "processes",
    "database",
    "nope",
    "Cyl",
    "lean_right",
    "sm-circ",
    "flag",
    "notch-rect",
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
    """Each architecture diagram's name and text."""
    yield from _parted(ARCHITECTURE)


def diagrams() -> Iterator[tuple[str, str]]:
    """Each diagram's name and text. The same ones in the same order every time."""
    yield from _systematic()
    for file in FILES:
        yield from _parted(file)
    for file in SAMPLES:
        if "architecture" not in file.name:
            yield file.name, file.read_text("utf-8")
    for number in range(40):
        yield f"cloud {number + 1}", _cloud(random.Random(number), 4 + number)
    for size in (200, 300):
        yield f"cloud of {size}", _cloud(random.Random(size), size)
    yield from _damaged()


def _parted(file: Path) -> Iterator[tuple[str, str]]:
    for number, text in enumerate(re.split(r"^-+>8-*\n", file.read_text("utf-8"), flags=re.M)):
        yield f"{file.stem} {number + 1}", text


def _systematic() -> Iterator[tuple[str, str]]:
    for (opening, closing), label in itertools.product(BRACKETS, LABELS):
        yield f"{opening}{label}{closing}", f"graph LR\n  A{opening}{label}{closing} --> B\n  B\n"
    for (opening, closing), label in itertools.product(BRACKETS[:8], WRONG):
        yield f"{opening}{label}{closing}", f"graph LR\n  A{opening}{label}{closing} --> B\n"
    for link in LINKS + WRONG_LINKS:
        yield link, f"graph TD\nA {link} B\nC{link}D & E\n  F {link}|text| G {link} H\n"
        yield f"named {link}", f"graph TD\nA e1@{link} B\ne1@{{ animate: true }}\nclass e1 hot\n"
    for opening, closing in HALVES:
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


_PARTS = [
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
_PLACES = ["VPC", "Public subnet", "us-east-1", "AWS Cloud", "Data layer", "On-premises (DC)"]


def _cloud(rand: random.Random, size: int) -> str:
    """A diagram as people write them about AWS."""
    lines = [rand.choice(["graph TD", "flowchart LR", "graph TB", "flowchart TB"])]
    open_groups = 0
    for number in range(size):
        indent = "    " * (1 + open_groups)
        if rand.random() < 0.15 and open_groups < 4:
            title = rand.choice(_PLACES)
            heading = rand.choice([f'g{number}["{title}"]', f'"{title}"', f"g{number} [{title.split()[0]}]"])
            lines.append(f"{indent}subgraph {heading}")
            open_groups += 1
            if rand.random() < 0.2:
                lines.append(f"{indent}    direction {rand.choice(['LR', 'TB'])}")
            continue
        opening, closing = rand.choice(BRACKETS[:8])
        lines.append(f'{indent}N{number}{opening}"{rand.choice(_PARTS)} {number}"{closing}')
        if number > 1:
            link = rand.choice(["-->", "-.->", "<-->", "-->|HTTPS 443|", "-- reads -->", "==>"])
            lines.append(f"{indent}N{rand.randrange(number)} {link} N{number}")
        if open_groups and rand.random() < 0.2:
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
    """Characters dropped, doubled and swapped in a diagram that has everything."""
    text = (Path(__file__).parent / "corpus" / "everything.txt").read_text("utf-8")
    rand = random.Random(12)
    for number in range(150):
        at = rand.randrange(len(text) - 1)
        kind = ("dropped", "doubled", "swapped")[number % 3]
        middle = {"dropped": "", "doubled": text[at] * 2, "swapped": text[at + 1] + text[at]}[kind]
        rest = text[at + (2 if kind == "swapped" else 1) :]
        yield f"{kind} at {at}", text[:at] + middle + rest
