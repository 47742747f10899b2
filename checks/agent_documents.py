"""The documents for AI agents, made from `docs/agents.md`: `SKILL.md` and `llms.txt`.

Each contains complete sections of that page, so that they cannot differ from it. `checks.references` writes them.
"""

from __future__ import annotations

import re

from tests.support.project import ROOT

PAGE = "docs/agents.md"

_SKILL_SECTIONS = ("Draw", "Groups", "Steps", "Report", "Mistakes", "Other files")
_LLMS_SECTIONS = ("Draw", "Report", "Mistakes")

_SKILL_HEAD = """\
---
name: diagramkit
description: Draw AWS architecture diagrams, with AWS's icons, from Mermaid text or infrastructure code. Use it when the
  user wants an architecture diagram, a picture of CloudFormation, Terraform, CDK, Docker Compose or Kubernetes, slides
  or a draw.io file of one, or when existing Mermaid should look like AWS's own pictures.
---

# Architecture diagrams with diagramkit

Write Mermaid, draw it with `diagramkit`, read the report, and change the source. Without the command, ask the
user to install it.
"""

_LLMS_HEAD = """\
# diagramkit

> Turns Mermaid, short YAML specs and infrastructure code into AWS-style architecture diagrams: SVG, PNG, PDF and
> PowerPoint. No positions and no icons need to be written: labels choose the icons, and the layout is computed.
"""

_LLMS_PAGES = (
    ("agents.md", "instructions for agents, and the server of the Model Context Protocol"),
    ("rendering.md", "options of pictures: canvas, themes, titles, legend, steps"),
    ("spec.md", "the keys of YAML specs"),
    ("icons.md", "how labels choose icons, and icon packs"),
    ("infrastructure.md", "CloudFormation, Terraform, CDK, Compose, Kubernetes"),
    ("exports.md", "draw.io, Python, DOT, JSON"),
    ("slides.md", "PowerPoint"),
    ("commands.md", "all commands and options"),
    ("messages.md", "all codes of messages with cause, fix and example"),
    ("api.md", "the Python API"),
)


def skill() -> str:
    """Return the text of the skill."""
    return "\n".join((_SKILL_HEAD, *map(_section, _SKILL_SECTIONS))).rstrip("\n") + "\n"


def llms() -> str:
    """Return the text of `llms.txt` (https://llmstxt.org)."""
    pages = "\n".join(f"- [{name.removesuffix('.md')}](docs/{name}): {text}" for name, text in _LLMS_PAGES)
    return "\n".join((_LLMS_HEAD, *map(_section, _LLMS_SECTIONS), f"## Docs\n\n{pages}")) + "\n"


def _section(title: str) -> str:
    """Return a section of the page with its heading, and with links as plain text."""
    text = (ROOT / PAGE).read_text("utf-8")
    match = re.search(rf"^## {title}\n.*?(?=^## |\Z)", text, re.S | re.M)
    assert match, f"{PAGE} has no section '{title}'"
    return re.sub(r"\[([^\]\[]+)\]\([^)]+\)", r"\1", match.group())
