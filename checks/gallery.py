"""Write a page with all test pictures, to look at before a commit: `python -m checks.gallery [FOLDER]`.

It shows the patterns, the samples, the styles and random diagrams, each with its layout faults.
"""

from __future__ import annotations

import html
import sys
from collections.abc import Iterator
from pathlib import Path

from diagramkit import pipeline
from diagramkit.graph import Pattern
from diagramkit.options import Options, PictureOptions
from diagramkit.sources import spec
from tests.support import faults, random_graphs
from tests.support.project import patterns, samples

FOLDER = "build/gallery"
_SHAPES = (
    'A["square"] --> B("round") --> C(["stadium"]) --> D[["subroutine"]] --> E[("cylinder")]\n'
    '  F(("circle")) --> G((("double"))) --> H>"odd"] --> I{"diamond"} --> J{{"hexagon"}}\n'
    '  K[/"lean"/] --> L[\\"left"\\] --> M[/"trapezoid"\\] --> N[\\"inverted"/] --> A\n'
    "  A --> A"
)
_LINES = "a --- b --> c --o d --x e <--> f\n  a -.-> g ==> h o--o i x--x j\n  a --> h\n  a -->|twice| h"
_STEPS = (
    "U[Customer] -->|1. Places an order| C[CloudFront]\n  C -->|2. Calls| A\n"
    "  subgraph VPC\n    A[ALB] -->|3. Balances| E[ECS] -->|4. Stores| R[(RDS)]\n  end\n"
    "  E -.->|5. Announces| S[SNS]"
)


def pictures() -> Iterator[tuple[str, Pattern, Options]]:
    """Yield a title, a diagram and the options to draw it with, for each picture of the page."""
    default = Options()
    for name, pattern in {**patterns(), **samples()}.items():
        yield name, pattern, default
    steps, triage = _flowchart("Steps", _STEPS), samples()["ticket-triage"]
    framed = PictureOptions(frame="aws-cloud", title=True, legend=(), steps=True, caption="A caption.")
    for theme in ("light", "dark", "auto", "mono"):
        yield f"steps, {theme}", steps, Options(theme, picture_options=framed)
    for lines in ("curved", "straight"):
        yield f"ticket-triage, {lines}", triage, Options(picture_options=PictureOptions(lines=lines))
    for canvas in ("4:3", "a4", "square", "1920x1080", "natural"):
        yield f"long-chain, {canvas}", samples()["long-chain"], Options(picture_options=PictureOptions(canvas=canvas))
    yield "outlines", samples()["web-app"], Options(outlines=True)
    yield "shapes", _flowchart("Shapes", _SHAPES), default
    yield "lines and heads", _flowchart("Lines", _LINES), default
    for seed in range(24):
        yield f"random {seed}", random_graphs.pattern(seed), default


def write(folder: Path) -> int:
    """Write the page and its pictures; return how many pictures have faults."""
    folder.mkdir(parents=True, exist_ok=True)
    figures, faulty = [], 0
    for number, (title, pattern, options) in enumerate(pictures()):
        picture_faults = faults.find_faults(pipeline.draw(pattern, options))
        faulty += bool(picture_faults)
        name = f"{number:03}.svg"
        (folder / name).write_bytes(pipeline.render(pattern, ("svg",), options).outputs["svg"])
        items = "".join(f"<li>{html.escape(f'{fault.rule}: {fault.detail}')}</li>" for fault in picture_faults)
        figures.append(
            f'<figure><img src="{name}" loading="lazy" alt=""><figcaption>{html.escape(title)}'
            f"<ul>{items}</ul></figcaption></figure>"
        )
    (folder / "index.html").write_text(_PAGE.format("\n".join(figures)), encoding="utf-8")
    return faulty


def _flowchart(title: str, lines: str) -> Pattern:
    return spec.read(f"title: {title}\ndiagram: |\n  flowchart LR\n  {lines}\n", "gallery.yaml")


_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Pictures</title>
<style>body{{font:14px sans-serif;margin:16px;background:#ddd;display:grid;gap:16px;
grid-template-columns:repeat(auto-fill,minmax(560px,1fr))}}figure{{margin:0;background:#fff;padding:8px}}
img{{width:100%;max-height:420px;object-fit:contain}}ul{{color:#b00;margin:4px 0}}</style>
{}
</html>
"""


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else FOLDER)
    faulty_count = write(target)
    print(f"{target / 'index.html'}: {faulty_count} pictures with faults")
