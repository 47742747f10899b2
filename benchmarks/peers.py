"""What diagramkit is measured against: the same graphs, drawn by `diagrams` as it is, by mermaid-cli, and laid
out by Graphviz alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.graphs import Plan

_DPI = "192"  # As many pixels as two for each point at 96 dpi.


def draw_with_diagrams(plans: Sequence[Plan], folder: Path) -> None:
    """All plans in this process, as PNG and SVG: `diagrams` at its best."""
    import diagrams
    from diagrams import Cluster, Diagram, Edge

    from diagramkit.diagnostics import Span
    from diagramkit.graph import Node
    from diagramkit.icons import library, resolver

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
            plan.name,
            filename=plan.name,
            outformat=["png", "svg"],
            show=False,
            direction=plan.direction,
            graph_attr={"dpi": _DPI},
        ):
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
                made[a] >> Edge(label=text) >> made[b]  # type: ignore[operator]  # As `diagrams` has it.


def mermaid_files(plans: Sequence[Plan], folder: Path) -> None:
    """Each plan as a Mermaid file."""
    folder.mkdir(parents=True, exist_ok=True)
    for plan in plans:
        (folder / f"{plan.name}.mmd").write_text(plan.mermaid(), "utf-8")


def run_diagramkit(sources: Path, output: Path, *options: str) -> None:
    """`diagramkit render` as a process of its own."""
    subprocess.run(
        [sys.executable, "-m", "diagramkit", "render", str(sources), "-o", str(output), *options],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def run_diagrams(count: int, seed: int) -> None:
    """`diagrams` in a process of its own, in a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "benchmarks.peers", str(count), str(seed), folder], check=True)


def scripts(plans: Sequence[Plan], folder: Path) -> None:
    """Each plan as a script of `diagrams`, as its users write them."""
    from diagramkit.diagnostics import Span
    from diagramkit.graph import Node
    from diagramkit.icons import library, resolver

    here = Span("x")
    folder.mkdir(parents=True, exist_ok=True)
    for plan in plans:
        kinds: dict[str, tuple[str, str]] = {}
        for name, label in plan.nodes:
            icon = resolver.choose(Node(name, label, "square", here), (), ()).icon
            kind = library.node_class(icon) if icon else None
            kinds[name] = (kind.__module__, kind.__name__) if kind else ("diagrams", "Node")
        labels = {name: label.replace("<br/>", "\n") for name, label in plan.nodes}
        lines = ["from diagrams import Cluster, Diagram, Edge"]
        lines += [f"import {module}" for module in sorted({module for module, _ in kinds.values()})]
        lines.append(
            f"with Diagram({plan.name!r}, outformat=['png', 'svg'], show=False, filename={plan.name!r}, "
            f"direction={plan.direction!r}, graph_attr={{'dpi': {_DPI!r}}}):"
        )
        lines += _body(plan, kinds, labels, None, 1)
        inside = {name for _, members, _ in plan.groups for name in members}
        lines += [_line(name, kinds, labels, 1) for name in labels if name not in inside]
        lines += [f"    {a} >> Edge(label={text!r}) >> {b}" for a, b, text in plan.edges]
        (folder / f"{plan.name}.py").write_text("\n".join(lines) + "\n", "utf-8")


def _body(
    plan: Plan,
    kinds: dict[str, tuple[str, str]],
    labels: dict[str, str],
    parent: int | None,
    depth: int,
) -> list[str]:
    lines = []
    for number, (title, members, above) in enumerate(plan.groups):
        if above == parent:
            lines.append(f"{'    ' * depth}with Cluster({title!r}):")
            lines += [_line(name, kinds, labels, depth + 1) for name in members]
            lines += _body(plan, kinds, labels, number, depth + 1)
            lines.append(f"{'    ' * (depth + 1)}pass")
    return lines


def _line(name: str, kinds: dict[str, tuple[str, str]], labels: dict[str, str], depth: int) -> str:
    module, kind = kinds[name]
    return f"{'    ' * depth}{name} = {module}.{kind}({labels[name]!r})"


def run_scripts(folder: Path) -> None:
    """Each script in a process of its own."""
    with tempfile.TemporaryDirectory() as here:
        for script in sorted(folder.iterdir()):
            subprocess.run([sys.executable, str(script)], check=True, cwd=here)


def run_mermaid_cli(sources: Path, program: str, browser: str) -> None:
    """mermaid-cli in its batch mode: one Markdown file with all diagrams, once for each format, in one browser."""
    with tempfile.TemporaryDirectory() as name:
        here = Path(name)
        fences = [f"```mermaid\n{path.read_text('utf-8')}```\n" for path in sorted(sources.iterdir())]
        (here / "all.md").write_text("\n".join(fences), "utf-8")
        (here / "browser.json").write_text(json.dumps({"executablePath": browser, "args": ["--no-sandbox"]}), "utf-8")
        for ending, more in (("svg", ()), ("png", ("-s", "2"))):
            (here / ending).mkdir()
            subprocess.run(
                [program, "-q", "-p", "browser.json", "-i", "all.md", "-o", f"{ending}/all.md", "-e", ending, *more],
                check=True,
                cwd=here,
                stdout=subprocess.DEVNULL,
            )


def d2_files(plans: Sequence[Plan], folder: Path) -> None:
    """Each plan in D2's language, groups as containers."""
    folder.mkdir(parents=True, exist_ok=True)
    for plan in plans:
        labels = dict(plan.nodes)
        paths = {name: name for name in labels}
        lines = [f"direction: {'right' if plan.direction in ('LR', 'RL') else 'down'}"]

        def fill(
            parent: int | None,
            before: str,
            plan: Plan = plan,
            paths: dict[str, str] = paths,
            lines: list[str] = lines,
        ) -> None:
            for number, (title, members, above) in enumerate(plan.groups):
                if above == parent:
                    here = f"{before}g{number}"
                    lines.append(f"{here}: {json.dumps(title)}")
                    for name in members:
                        paths[name] = f"{here}.{name}"
                    fill(number, f"{here}.")

        fill(None, "")
        lines += [f"{paths[name]}: {json.dumps(label.replace('<br/>', ' '))}" for name, label in labels.items()]
        lines += [f"{paths[a]} -> {paths[b]}: {json.dumps(text)}" for a, b, text in plan.edges]
        (folder / f"{plan.name}.d2").write_text("\n".join(lines) + "\n", "utf-8")


def run_d2(folder: Path, program: str) -> None:
    """D2, a process each, SVG alone: its PNGs need a browser."""
    with tempfile.TemporaryDirectory() as here:
        for path in sorted(folder.iterdir()):
            subprocess.run(
                [program, str(path), str(Path(here) / f"{path.stem}.svg")],
                check=True,
                capture_output=True,
            )


def dot_files(sources: Path, folder: Path) -> None:
    """Each diagram as diagramkit hands it to Graphviz first: sizes fixed, no text to measure."""
    from diagramkit import pipeline
    from diagramkit import sources as read
    from diagramkit.layout import engine

    folder.mkdir(parents=True, exist_ok=True)
    inner = engine.layout
    dots: list[str] = []

    def noting(dot: str, *rest: Any) -> engine.Positions:
        dots.append(dot)
        return inner(dot, *rest)

    engine.layout = noting
    try:
        for file in read.find([str(sources)]):
            dots.clear()
            pipeline.draw(read.load(file).patterns[0], pipeline.Options(engine="wasm"))
            for number, dot in enumerate(dots[:1]):
                (folder / f"{Path(file.path).stem}-{number}.dot").write_text(dot, "utf-8")
    finally:
        engine.layout = inner


def run_graphviz(folder: Path, program: str) -> None:
    """Debian's `dot`, layout only, all graphs in one process."""
    dots = [str(path) for path in sorted(folder.iterdir())]
    subprocess.run([program, "-Tplain", *dots], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    from benchmarks.graphs import plans as made

    draw_with_diagrams(made(int(sys.argv[1]), int(sys.argv[2])), Path(sys.argv[3]))
