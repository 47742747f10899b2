"""The diagrams to start from, for `diagramkit new` and for the editor: `data/templates/NAME.mmd`."""

from __future__ import annotations

from diagramkit import data

TEMPLATES = ("three-tier", "serverless-api", "event-driven", "data-lake", "landing-zone")
"""The names of the templates."""


def mermaid(template: str) -> str:
    """Return a template as Mermaid."""
    return data.text("sources", f"templates/{template}.mmd").decode("utf-8")


def spec(template: str, schema: str = "") -> str:
    """Return a spec with the same title and diagram as a template. `schema` is the file of its JSON Schema, if any."""
    _, front_matter, diagram = mermaid(template).split("---\n")
    lines = "\n".join(f"  {line}".rstrip() for line in diagram.splitlines())
    schema_line = f"# yaml-language-server: $schema={schema}\n" if schema else ""
    return (
        f"{schema_line}{front_matter}show_title: true\n# category: Examples\n"
        f"# description: What screen readers read.\n# legend: true\ndiagram: |\n{lines}\n"
    )
