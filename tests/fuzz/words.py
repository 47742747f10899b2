"""Flowcharts and specs of Mermaid's own words and signs, in texts and out of them: `python -m tests.fuzz.words COUNT [SEED]`.

Where random bytes seldom come by a keyword inside a quoted label, behind a code, at the end of an id, this does little
else. What must hold is what the fuzzer asks (`tests.fuzz.holds`). Exit code 1, with the sources, where something does not.
"""

from __future__ import annotations

import sys
from random import Random

import yaml

from tests.fuzz import holds

_WORDS = (
    "%%{",
    "}%%",
    "%%",
    "%",
    "---",
    "-->",
    "--",
    "==",
    "~~~",
    "-.",
    "direction",
    "LR",
    "TB",
    "end",
    "subgraph",
    "graph",
    "flowchart",
    "style",
    "classDef",
    "class",
    "linkStyle",
    "click",
    "href",
    "call",
    "default",
    "title",
    "accTitle:",
    "accDescr",
    "init",
    "init:",
    "fa:fa-x",
    "https://a",
    "@{",
    "a@",
    "}",
    "{",
    "[",
    "]",
    "(",
    ")",
    "|",
    "/",
    "<",
    ">",
    "<br/>",
    "</b>",
    "<b c=",
    "=",
    "&",
    "&amp;",
    ":::",
    ":",
    ";",
    ",",
    "#",
    "##",
    "#;",
    "#1;",
    "#35;",
    "#quot;",
    "#x41;",
    "b;",
    '"',
    "'",
    "`",
    "\\",
    "\\n",
    '\\"',
    "$$",
    "*",
    "**",
    "_",
    "1. ",
    "- ",
    "0",
    "a",
    "A",
    "x",
    "o",
    "v",
    " ",
    "\t",
    "\n",
    "\r",
    "\x0b",
    "\x0c",
    "\x85",
    "\xa0",
    "\u2028",
    "\u200b",
    "\ufeff",
    "é",
    "²",
    "日",
    "🙂",
    "\u202e",
    "\ue000",
)
_IN_A_STRING = '"#%`\n\r;\\'


def flowchart(random: Random) -> str:
    """The source of a flowchart, by chance: most are good ones."""
    lines = ["flowchart LR"]
    for number in range(random.randint(1, 6)):
        text, name = _text(random), _name(random, number)
        statement = random.choice(
            (
                f"{name}[{text}]",
                f"{name}{{{{{text}}}}}",
                f'{name}["`{text[1:-1]}`"]',
                f"{name} --> a --> {name}",
                f"{name}@{{ shape: {random.choice(('cyl', 'rect', 'doc'))}, label: {text} }}",
                f"{name}@{{ icon: {text} }}",
                f"a -->|{text}| {name}",
                f"a e{number}@--o {name}",
                f"subgraph s{number} [{text}]\n{name}\nend",
                f"subgraph {text}\nx{number}\nend",
                f"subgraph {name}\nx{number}\nend\ny --> {name}",
                f"accDescr: {_run(random)}",
                f"click a {text} {text}",
                f'click a "https://a.b/x" {text}',
                f"a:::{name}",
                f"style a fill:{_run(random)}",
                _run(random),
                f"e{number} --> {name}",
                f"L_a_{name}_0 --> a & {name}",
                f"a --> {name} & b",
                f"a -- {_run(random)} --> {name}",
                f"a -- {text} ==> {name}",
                f"class a,{name},e1 x{_run(random)}",
                f"classDef x {_run(random)}:{_run(random)}",
                f"linkStyle 0 stroke:{_run(random)}",
                f"style e{number} fill:#f00",
                f"subgraph e{number}\ndirection TB\n{name}\nend",
                f"click e{number} {text}",
                f"{name}@{{ shape: cyl }}",
            )
        )
        lines.append(statement)
    return "\n".join(lines)


def spec(random: Random) -> str:
    """The source of a spec, by chance: such words are its ids and labels."""
    ids = [_words(random) if random.random() < 0.5 else f"n{number}" for number in range(3)]
    shaped = {"label": _words(random), "shape": random.choice(("db", "queue", "cloud"))}
    said = {
        "title": "T",
        "nodes": dict(zip(ids, (_words(random), shaped, _words(random)), strict=True)),
        "edges": [{"from": ids[0], "to": ids[-1], "label": _words(random)}],
        "groups": {_words(random): {"label": _words(random), "nodes": ids[:1]}},
    }
    text: str = yaml.safe_dump(said, allow_unicode=True, sort_keys=False)
    return text


def _words(random: Random) -> str:
    return "".join(random.choices(_WORDS, k=random.randint(1, 5)))


def _run(random: Random) -> str:
    return "".join(random.choices(_WORDS, k=random.randint(1, 6))).replace("\n", " ")


def _name(random: Random, number: int) -> str:
    return _run(random) if random.random() < 0.1 else f"n{number}"


def _text(random: Random) -> str:
    """A text in quotes, more or less of it in codes."""
    share = random.choice((0, 0.7))
    words = "".join(random.choices(_WORDS, k=random.randint(1, 9)))
    coded = (f"#{ord(sign)};" if sign in _IN_A_STRING or random.random() < share else sign for sign in words)
    return f'"{"".join(coded)}"'


def main(count: int, seed: int) -> int:
    """Try so many, from a seed on; 1 where one does not hold."""
    found = 0
    for number in range(seed, seed + count):
        for made, check in ((flowchart, holds.mermaid), (spec, holds.yaml)):
            source = made(Random(number))
            try:
                check(source.encode())
            except Exception as error:
                found += 1
                print(f"seed {number}: {type(error).__name__}: {error}\n{source!a}")
    print(f"{count} flowcharts and specs, {found} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
