"""How long reading takes: long files, hostile files, and the patterns beside their drawing.

python benchmarks/parsing.py
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from diagramkit import pipeline, sources
from diagramkit.diagnostics import DiagramError
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin

SPECS = Path(__file__).parent.parent / "specs"

LONG = {
    "10,000 lines": "graph LR\n" + "".join(f'  A{n}["Service {n}"] -->|"calls"| B{n}\n' for n in range(10_000)),
    "100,000 `[`": "graph LR\n" + "[" * 100_000,
    "100,000 `[` behind an id": "graph LR\nA" + "[" * 100_000,
    "25,000 `A-->`": "graph LR\n" + "A-->" * 25_000,
    "25,000 `A-->` and an end": "graph LR\n" + "A-->" * 25_000 + "A",
    "50,000 lines of a blank": "graph LR\n" + " \n" * 50_000,
    "100,000 blanks behind `A --`": "graph LR\nA --" + " " * 100_000,
    "20,000 `subgraph x`": "graph LR\n" + "subgraph x\n" * 10_000 + "end\n" * 10_000,
    "50,000 `A@`": "graph LR\n" + "A@" * 50_000,
    "100,000 `-`": "graph LR\nA " + "-" * 100_000,
    "25,000 `& A`": "graph LR\nA" + " & A" * 25_000,
    "100,000 `%%{`": "graph LR\n" + "%%{" * 33_333,
    "100,000 `<a `": "graph LR\n" + "<a " * 33_333,
    "25,000 mistakes": "graph LR\n" + "A ->\n" * 25_000,
    "33,333 `] &` in a label": "graph LR\nA[x(" + "] & " * 33_333,
    "100,000 blanks in a service": "architecture-beta\nservice a" + " " * 100_000 + "!",
    "100,000 blanks in an edge": "architecture-beta\na:R" + " " * 100_000 + "!",
    "11,111 `accDescr{`": "architecture-beta\n" + "accDescr{" * 11_111,
    "20,000 nodes in one group": "graph LR\nsubgraph s\n" + "".join(f"N{n}\n" for n in range(20_000)) + "end",
}


def seconds(work: Callable[[], object]) -> float:
    """The shortest of three runs."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def read(text: str) -> None:
    """Read a text, well formed or not."""
    with contextlib.suppress(DiagramError):
        parse(text, Origin("x.mmd"))


def main() -> None:
    """Print a line for each text, and the share that reading has in drawing the patterns."""
    for name, text in LONG.items():
        print(f"{seconds(lambda text=text: read(text)):8.3f} s  {name}")
    patterns = [p for file in sources.find([str(SPECS)]) for p in sources.load(file).patterns]
    options = pipeline.Options()
    drawing = sum(seconds(lambda p=p: pipeline.render(p, ("svg", "png"), options)) for p in patterns)
    reading = sum(seconds(lambda p=p: read(p.source_text)) for p in patterns)
    print(f"{reading / drawing:8.2%}    of drawing {len(patterns)} patterns is reading their Mermaid")


if __name__ == "__main__":
    main()
