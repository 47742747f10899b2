"""What diagramkit is measured against: the same graphs, drawn by `diagrams` as it is."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.graphs import Plan

_DPI = "192"  # As many pixels as two for each point at 96 dpi.


def draw_with_diagrams(plans: Sequence[Plan], folder: Path) -> None:
    """All plans in this process, as PNG and SVG: `diagrams` at its best."""
    import diagrams
    from diagrams import Cluster, Diagram, Edge

    from diagramkit.graph import Node
    from diagramkit.icons import library, resolver
    from diagramkit.problems import Span

    here = Span("x")
    os.chdir(folder)
    for plan in plans:
        kinds = {
            name: library.node_class(icon)
            if (icon := resolver.choose(Node(name, label, "square", here), (), ()).icon)
            else None
            for name, label in plan.nodes
        }
        labels = {name: label.replace("<br/>", "\n") for name, label in plan.nodes}
        with Diagram(
            plan.name, filename=plan.name, outformat=["png", "svg"], show=False,
            direction=plan.direction, graph_attr={"dpi": _DPI},
        ):  # fmt: skip
            made: dict[str, diagrams.Node] = {}

            def fill(
                parent: int | None,
                plan: Plan = plan,
                made: dict[str, diagrams.Node] = made,
                kinds: dict[str, type] = kinds,
                labels: dict[str, str] = labels,
            ) -> None:
                for number, (title, members, above) in enumerate(plan.groups):
                    if above != parent:
                        continue
                    with Cluster(title):
                        for name in members:
                            made[name] = (kinds[name] or diagrams.Node)(labels[name])
                        fill(number)

            fill(None)
            for name in labels:
                if name not in made:
                    made[name] = (kinds[name] or diagrams.Node)(labels[name])
            for a, b, text in plan.edges:
                made[a] >> Edge(label=text) >> made[b]  # type: ignore[operator]


def mermaid_files(plans: Sequence[Plan], folder: Path) -> None:
    """Each plan as a Mermaid file."""
    folder.mkdir(parents=True, exist_ok=True)
    for plan in plans:
        (folder / f"{plan.name}.mmd").write_text(plan.mermaid(), "utf-8")


def run_diagramkit(sources: Path, output: Path, *options: str) -> None:
    """`diagramkit render` as a process of its own."""
    subprocess.run(
        [sys.executable, "-m", "diagramkit", "render", str(sources), "-o", str(output), *options],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def run_diagrams(count: int, seed: int) -> None:
    """`diagrams` in a process of its own, in a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "benchmarks.peers", str(count), str(seed), folder], check=True
        )


if __name__ == "__main__":
    from benchmarks.graphs import plans as made

    draw_with_diagrams(made(int(sys.argv[1]), int(sys.argv[2])), Path(sys.argv[3]))
