"""How long parsing Mermaid takes: long and hostile files, and the bundled patterns compared with drawing them.

Run it with `python -m benchmarks.parsing`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from diagramkit import pipeline, sources
from diagramkit.diagnostics import DiagramError
from diagramkit.options import Options
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin

SPECS = Path(__file__).parent.parent / "specs"

LONG = {
    "10,000 lines": "graph LR\n" + "".join(f'  A{n}["Service {n}"] -->|"calls"| B{n}\n' for n in range(10_000)),
    "100,000 `[`": "graph LR\n" + "[" * 100_000,
    "100,000 `[` after an id": "graph LR\nA" + "[" * 100_000,
    "25,000 `A-->`": "graph LR\n" + "A-->" * 25_000,
    "25,000 `A-->` and an end": "graph LR\n" + "A-->" * 25_000 + "A",
    "50,000 lines with a space": "graph LR\n" + " \n" * 50_000,
    "100,000 spaces after `A --`": "graph LR\nA --" + " " * 100_000,
    "20,000 `subgraph x`": "graph LR\n" + "subgraph x\n" * 10_000 + "end\n" * 10_000,
    "50,000 `A@`": "graph LR\n" + "A@" * 50_000,
    "100,000 `-`": "graph LR\nA " + "-" * 100_000,
    "25,000 `& A`": "graph LR\nA" + " & A" * 25_000,
    "100,000 `%%{`": "graph LR\n" + "%%{" * 33_333,
    "100,000 `<a `": "graph LR\n" + "<a " * 33_333,
    "25,000 errors": "graph LR\n" + "A ->\n" * 25_000,
    "33,333 `] &` in a label": "graph LR\nA[x(" + "] & " * 33_333,
    "100,000 spaces in a service": "architecture-beta\nservice a" + " " * 100_000 + "!",
    "100,000 spaces in an edge": "architecture-beta\na:R" + " " * 100_000 + "!",
    "11,111 `accDescr{`": "architecture-beta\n" + "accDescr{" * 11_111,
    "20,000 nodes in one group": "graph LR\nsubgraph s\n" + "".join(f"N{n}\n" for n in range(20_000)) + "end",
}


def min_seconds(work: Callable[[], object]) -> float:
    """Return the seconds that the fastest of three runs takes."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def read(text: str) -> None:
    """Parse a Mermaid text, which may contain errors."""
    with contextlib.suppress(DiagramError):
        parse(text, Origin("x.mmd"))


def main() -> None:
    """Print the seconds for each text, and the time for parsing the patterns as a share of that for drawing them."""
    for name, text in LONG.items():
        print(f"{min_seconds(lambda text=text: read(text)):8.3f} s  {name}")
    patterns = [pattern for file in sources.find([str(SPECS)]) for pattern in sources.load(file).patterns]
    options = Options()
    drawing = sum(
        min_seconds(lambda pattern=pattern: pipeline.render(pattern, ("svg", "png"), options)) for pattern in patterns
    )
    reading = sum(min_seconds(lambda pattern=pattern: read(pattern.source_text)) for pattern in patterns)
    print(f"{reading / drawing:8.2%}    of the time for drawing {len(patterns)} patterns is spent on parsing Mermaid")


if __name__ == "__main__":
    main()
