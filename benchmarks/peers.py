"""The tools that diagramkit is compared with: `diagrams`, mermaid-cli, D2, and Graphviz for layout only."""

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

_DPI = "192"  # The resolution of diagramkit's default, two pixels per point at 96 dpi.


def draw_with_diagrams(plans: Sequence[Plan], folder: Path) -> None:
    """Draw all plans with `diagrams` as PNG and SVG in this process, which is its fastest mode."""
    import diagrams
    from diagrams import Cluster, Diagram, Edge

    from diagramkit.icons import library
    from tests.support import choices

    os.chdir(folder)
    for plan in plans:
        classes = {
            name: library.node_class(icon) if (icon := choices.icon_of(label)) else None for name, label in plan.nodes
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
            nodes: dict[str, diagrams.Node] = {}

            def add_groups(
                parent: int | None,
                plan: Plan = plan,
                nodes: dict[str, diagrams.Node] = nodes,
                classes: dict[str, type] = classes,
                labels: dict[str, str] = labels,
            ) -> None:
                for number, (title, members, outer) in enumerate(plan.groups):
                    if outer != parent:
                        continue
                    with Cluster(title):
                        for name in members:
                            nodes[name] = (classes[name] or diagrams.Node)(labels[name])
                        add_groups(number)

            add_groups(None)
            for name in labels:
                if name not in nodes:
                    nodes[name] = (classes[name] or diagrams.Node)(labels[name])
            for tail, head, text in plan.edges:
                nodes[tail] >> Edge(label=text) >> nodes[head]  # type: ignore[operator]  # The types of `diagrams`.


def mermaid_files(plans: Sequence[Plan], folder: Path) -> None:
    """Write each plan as a Mermaid file."""
    folder.mkdir(parents=True, exist_ok=True)
    for plan in plans:
        (folder / f"{plan.name}.mmd").write_text(plan.mermaid(), "utf-8")


def run_diagramkit(sources: Path, output: Path, *options: str) -> None:
    """Run `diagramkit render` in a new process."""
    subprocess.run(
        [sys.executable, "-m", "diagramkit", "render", str(sources), "-o", str(output), *options],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def run_diagrams(count: int, seed: int) -> None:
    """Draw plans with `diagrams` in a new process, in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "benchmarks.peers", str(count), str(seed), folder], check=True)


def scripts(plans: Sequence[Plan], folder: Path) -> None:
    """Write each plan as a script for `diagrams`, as its users write them."""
    from diagramkit.icons import library
    from tests.support import choices

    folder.mkdir(parents=True, exist_ok=True)
    for plan in plans:
        classes: dict[str, tuple[str, str]] = {}
        for name, label in plan.nodes:
            icon = choices.icon_of(label)
            node_class = library.node_class(icon) if icon else None
            classes[name] = (node_class.__module__, node_class.__name__) if node_class else ("diagrams", "Node")
        labels = {name: label.replace("<br/>", "\n") for name, label in plan.nodes}
        lines = ["from diagrams import Cluster, Diagram, Edge"]
        lines += [f"import {module}" for module in sorted({module for module, _ in classes.values()})]
        lines.append(
            f"with Diagram({plan.name!r}, outformat=['png', 'svg'], show=False, filename={plan.name!r}, "
            f"direction={plan.direction!r}, graph_attr={{'dpi': {_DPI!r}}}):"
        )
        lines += _body(plan, classes, labels, None, 1)
        grouped = {name for _, members, _ in plan.groups for name in members}
        lines += [_line(name, classes, labels, 1) for name in labels if name not in grouped]
        lines += [f"    {tail} >> Edge(label={text!r}) >> {head}" for tail, head, text in plan.edges]
        (folder / f"{plan.name}.py").write_text("\n".join(lines) + "\n", "utf-8")


def _body(
    plan: Plan,
    classes: dict[str, tuple[str, str]],
    labels: dict[str, str],
    parent: int | None,
    depth: int,
) -> list[str]:
    """Return the lines of the groups within the group with the number `parent` (None: those at the top)."""
    lines = []
    for number, (title, members, outer) in enumerate(plan.groups):
        if outer == parent:
            lines.append(f"{'    ' * depth}with Cluster({title!r}):")
            lines += [_line(name, classes, labels, depth + 1) for name in members]
            lines += _body(plan, classes, labels, number, depth + 1)
            lines.append(f"{'    ' * (depth + 1)}pass")
    return lines


def _line(name: str, classes: dict[str, tuple[str, str]], labels: dict[str, str], depth: int) -> str:
    module, class_name = classes[name]
    return f"{'    ' * depth}{name} = {module}.{class_name}({labels[name]!r})"


def run_scripts(folder: Path) -> None:
    """Run each script in a new process."""
    with tempfile.TemporaryDirectory() as folder_name:
        for script in sorted(folder.iterdir()):
            subprocess.run([sys.executable, str(script)], check=True, cwd=folder_name)


def run_mermaid_cli(sources: Path, program: str, browser: str) -> None:
    """Run mermaid-cli in its batch mode, once per format: it draws a Markdown file with all diagrams in one browser."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fences = [f"```mermaid\n{path.read_text('utf-8')}```\n" for path in sorted(sources.iterdir())]
        (folder / "all.md").write_text("\n".join(fences), "utf-8")
        (folder / "browser.json").write_text(json.dumps({"executablePath": browser, "args": ["--no-sandbox"]}), "utf-8")
        for extension, options in (("svg", ()), ("png", ("-s", "2"))):
            (folder / extension).mkdir()
            subprocess.run(
                [
                    program,
                    "-q",
                    "-p",
                    "browser.json",
                    "-i",
                    "all.md",
                    "-o",
                    f"{extension}/all.md",
                    "-e",
                    extension,
                    *options,
                ],
                check=True,
                cwd=folder,
                stdout=subprocess.DEVNULL,
            )


def d2_files(plans: Sequence[Plan], folder: Path) -> None:
    """Write each plan as a D2 file, with groups as containers."""
    folder.mkdir(parents=True, exist_ok=True)
    for plan in plans:
        labels = dict(plan.nodes)
        paths = {name: name for name in labels}
        lines = [f"direction: {'right' if plan.direction in ('LR', 'RL') else 'down'}"]

        def add_groups(
            parent: int | None,
            prefix: str,
            plan: Plan = plan,
            paths: dict[str, str] = paths,
            lines: list[str] = lines,
        ) -> None:
            for number, (title, members, outer) in enumerate(plan.groups):
                if outer == parent:
                    group = f"{prefix}g{number}"
                    lines.append(f"{group}: {json.dumps(title)}")
                    for name in members:
                        paths[name] = f"{group}.{name}"
                    add_groups(number, f"{group}.")

        add_groups(None, "")
        lines += [f"{paths[name]}: {json.dumps(label.replace('<br/>', ' '))}" for name, label in labels.items()]
        lines += [f"{paths[tail]} -> {paths[head]}: {json.dumps(text)}" for tail, head, text in plan.edges]
        (folder / f"{plan.name}.d2").write_text("\n".join(lines) + "\n", "utf-8")


def run_d2(folder: Path, program: str) -> None:
    """Run D2 in a new process for each file, and write SVG only, because its PNGs need a browser."""
    with tempfile.TemporaryDirectory() as folder_name:
        for path in sorted(folder.iterdir()):
            subprocess.run(
                [program, str(path), str(Path(folder_name) / f"{path.stem}.svg")],
                check=True,
                capture_output=True,
            )


def dot_files(sources: Path, folder: Path) -> None:
    """Write the DOT that diagramkit passes to Graphviz for the first layout of each diagram (fixed sizes, no text)."""
    from diagramkit import pipeline
    from diagramkit import sources as readers
    from diagramkit.layout import engine
    from diagramkit.options import Options

    folder.mkdir(parents=True, exist_ok=True)
    original = engine.layout
    dots: list[str] = []

    def recording_layout(dot: str, *arguments: Any) -> engine.Positions:
        dots.append(dot)
        return original(dot, *arguments)

    engine.layout = recording_layout
    try:
        for file in readers.find([str(sources)]):
            dots.clear()
            pipeline.draw(readers.load(file).patterns[0], Options(engine="wasm"))
            for number, dot in enumerate(dots[:1]):
                (folder / f"{Path(file.path).stem}-{number}.dot").write_text(dot, "utf-8")
    finally:
        engine.layout = original


def run_graphviz(folder: Path, program: str) -> None:
    """Run Graphviz' `dot` for layout only, with all graphs in one process."""
    dots = [str(path) for path in sorted(folder.iterdir())]
    subprocess.run([program, "-Tplain", *dots], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    from benchmarks.graphs import plans as make_plans

    draw_with_diagrams(make_plans(int(sys.argv[1]), int(sys.argv[2])), Path(sys.argv[3]))
