"""Patterns and drawings with picture options."""

from __future__ import annotations

from diagramkit import pipeline
from diagramkit.diagnostics import Span
from diagramkit.drawing import Drawing
from diagramkit.graph import Pattern
from diagramkit.options import Options, PictureOptions
from diagramkit.sources import spec
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin

ORDERS = """\
title: Order intake
canvas: 16:9
steps: true
show_title: true
frame: aws-cloud
caption: Orders are written once.
footer: "Classification: internal"
legend: {vpc: Network boundary, dotted: Asynchronous, hot: Watched}
diagram: |
  flowchart LR
    U[Customer] -->|1. Places an order| CF[CloudFront]
    CF -->|2. Calls the API| ALB
    subgraph VPC
      ALB[ALB]:::hot -->|3. Balances| ECS[ECS]
      ECS -->|4. Stores| RDS[(RDS)]
    end
    ECS -.->|"(5) Announces"| SNS[SNS]
    classDef hot fill:#fee,stroke:#c00
"""


def orders() -> Pattern:
    """Return a pattern that uses every option of the picture."""
    return spec.read(ORDERS, "orders.yaml")


def draw(pattern: Pattern, **picture_options: object) -> Drawing:
    """Return the drawing of a pattern with picture options."""
    return pipeline.draw(pattern, Options(picture_options=PictureOptions(**picture_options)))  # type: ignore[arg-type]  # Any option.


def pattern_of(source: str) -> Pattern:
    """Return the pattern of a Mermaid text."""
    return Pattern(parse(source, Origin("s.mmd")), "s", "", "S", "", Span("s.mmd"))
