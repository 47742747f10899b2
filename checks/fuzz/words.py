"""Random flowcharts and specs made of Mermaid's keywords and symbols: `python -m checks.fuzz.words`.

Random bytes rarely contain a keyword inside a quoted label, after an entity code or at the end of an id; these sources
consist of little else. Each must pass the checks in `checks.fuzz.holds`. The exit code is 1 if one does not, and its
source is printed.
"""

from __future__ import annotations

import sys
from random import Random

import yaml

from checks.fuzz import holds, seeds

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
_ALWAYS_ENCODED = '"#%`\n\r;\\'


def flowchart(rng: Random) -> str:
    """Return a random flowchart; most are valid."""
    lines = ["flowchart LR"]
    for number in range(rng.randint(1, 6)):
        text, name = _quoted_text(rng), _random_id(rng, number)
        statement = rng.choice(
            (
                f"{name}[{text}]",
                f"{name}{{{{{text}}}}}",
                f'{name}["`{text[1:-1]}`"]',
                f"{name} --> a --> {name}",
                f"{name}@{{ shape: {rng.choice(('cyl', 'rect', 'doc'))}, label: {text} }}",
                f"{name}@{{ icon: {text} }}",
                f"a -->|{text}| {name}",
                f"a e{number}@--o {name}",
                f"subgraph s{number} [{text}]\n{name}\nend",
                f"subgraph {text}\nx{number}\nend",
                f"subgraph {name}\nx{number}\nend\ny --> {name}",
                f"accDescr: {_random_line(rng)}",
                f"click a {text} {text}",
                f'click a "https://a.b/x" {text}',
                f"a:::{name}",
                f"style a fill:{_random_line(rng)}",
                _random_line(rng),
                f"e{number} --> {name}",
                f"L_a_{name}_0 --> a & {name}",
                f"a --> {name} & b",
                f"a -- {_random_line(rng)} --> {name}",
                f"a -- {text} ==> {name}",
                f"class a,{name},e1 x{_random_line(rng)}",
                f"classDef x {_random_line(rng)}:{_random_line(rng)}",
                f"linkStyle 0 stroke:{_random_line(rng)}",
                f"style e{number} fill:#f00",
                f"subgraph e{number}\ndirection TB\n{name}\nend",
                f"click e{number} {text}",
                f"{name}@{{ shape: cyl }}",
            )
        )
        lines.append(statement)
    return "\n".join(lines)


def spec(rng: Random) -> str:
    """Return a random spec, with Mermaid's keywords and symbols in its ids and labels."""
    ids = [_random_label(rng) if rng.random() < 0.5 else f"n{number}" for number in range(3)]
    detailed_node = {"label": _random_label(rng), "shape": rng.choice(("db", "queue", "cloud"))}
    content = {
        "title": "T",
        "nodes": dict(zip(ids, (_random_label(rng), detailed_node, _random_label(rng)), strict=True)),
        "edges": [{"from": ids[0], "to": ids[-1], "label": _random_label(rng)}],
        "groups": {_random_label(rng): {"label": _random_label(rng), "nodes": ids[:1]}},
    }
    text: str = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    return text


def _random_label(rng: Random) -> str:
    return "".join(rng.choices(_WORDS, k=rng.randint(1, 5)))


def _random_line(rng: Random) -> str:
    return "".join(rng.choices(_WORDS, k=rng.randint(1, 6))).replace("\n", " ")


def _random_id(rng: Random, number: int) -> str:
    return _random_line(rng) if rng.random() < 0.1 else f"n{number}"


def _quoted_text(rng: Random) -> str:
    """Return a text in quotes, with some or most of its characters as entity codes."""
    encoded_share = rng.choice((0, 0.7))
    words = "".join(rng.choices(_WORDS, k=rng.randint(1, 9)))
    encoded = (f"#{ord(char)};" if char in _ALWAYS_ENCODED or rng.random() < encoded_share else char for char in words)
    return f'"{"".join(encoded)}"'


def check_seed(seed: int) -> None:
    """Check the flowchart and the spec of a seed. Raises an exception with the source if there is a finding."""
    for make, check in ((flowchart, holds.mermaid), (spec, holds.yaml)):
        source = make(Random(seed))
        try:
            check(source.encode())
        except Exception as error:
            error.add_note(f"{source!a}")
            raise


if __name__ == "__main__":
    sys.exit(seeds.main(check_seed, "flowcharts and as many specs", sys.argv[1:]))
