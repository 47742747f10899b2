"""Reads the front matter and the directives of a Mermaid text, and lists the settings in them that no picture shows.

Source: Mermaid, `preprocess.ts`, `frontmatter.ts`, `directiveRegex`. diagramkit uses the title; everything else
configures Mermaid's own layout and themes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct, field

from diagramkit import data
from diagramkit.diagnostics import Diagnostic, DiagramError
from diagramkit.graph import UnsupportedFeature
from diagramkit.sources.mermaid.error_context import diagnostic_at
from diagramkit.sources.mermaid.source_text import Source

if TYPE_CHECKING:
    from diagramkit.sources.layout_hints.comments import Comment
    from diagramkit.sources.yamltree import Tree

_FRONT_MATTER = re.compile(r"\A\s*-{3}[^\S\n]*\n(?P<yaml>.*?)\n[^\S\n]*-{3}\s*\n+", re.S)
_DIRECTIVE = re.compile(r"%%\{\s*(?:\w+\s*:|\w+)\s*(?:\w+|(?:(?!\}%%).|\n)*)?\s*(?:\}%%)?", re.I)
_INIT = re.compile(r"%%\{\s*init(?:ialize)?\s*:\s*(?P<json>\{.*\})\s*\}%%", re.S | re.I)
_WRAP = re.compile(r"%%\{\s*wrap\b", re.I)
_MAX_SHOWN_VALUE = 30  # Characters of a value that a message shows.


class Configuration(Struct):
    """What is written around a diagram.

    This is its title, the unsupported settings, the problems in the front matter, and the comments with layout hints.
    """

    title: str | None = None
    unsupported: list[UnsupportedFeature] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    hints: list[Comment] = field(default_factory=list)


def take_front_matter(source: Source) -> Configuration:
    """Remove the front matter from a text, and return what it contains.

    A problem (front-matter) is that the front matter is not valid YAML.
    """
    configuration = Configuration()
    match = _FRONT_MATTER.match(source.text)
    if not match:
        return configuration
    from diagramkit.sources import yamltree  # Few Mermaid texts have front matter, and importing YAML takes a while.

    tree = None
    try:
        tree, problems = yamltree.parse_front_matter(match["yaml"], source.origin.file)
    except DiagramError as error:
        problems = [*error.problems]
    configuration.problems += [_front_matter_problem(problem, source, match) for problem in problems]
    if tree:
        fields = tree.items()
        title = fields.get("title")
        # A list is not converted to text: with nested aliases, the text could exceed the memory.
        if title and title.value and isinstance(title.value, (str, int, float)):
            configuration.title = title.text()
        configuration.unsupported += _unsupported(fields.get("config"), source, match.start("yaml"))
    source.edit(_FRONT_MATTER, lambda _: "")
    return configuration


def _front_matter_problem(problem: Diagnostic, source: Source, match: re.Match[str]) -> Diagnostic:
    """Return a problem with front matter, whose span is relative to that, as one of the source."""
    reasons = {
        "yaml-syntax": "the front matter is not valid YAML; check its indentation and quotes",
        "yaml-value": "this value in the front matter is not a valid date or number; put it in quotes",
    }
    message = reasons.get(problem.code, f"the front matter is not valid YAML; {problem.message}")
    start, end = match.span("yaml")
    for _ in range(problem.span.line - 1):
        start = min(source.line_end(start) + 1, end)
    return diagnostic_at(source, "front-matter", message, start, max(1, source.line_end(start) - start))


def take_directives(source: Source, configuration: Configuration) -> None:
    """Remove the directives from a text, and add their unsupported settings to `configuration`."""
    if "%%{" not in source.text:
        return
    for match in _DIRECTIVE.finditer(source.text):
        settings = _directive_settings(match.group(), source.origin.file)
        configuration.unsupported += _unsupported(settings, source, match.start())
    source.edit(_DIRECTIVE, lambda _: "")


def _directive_settings(directive: str, file: str) -> Tree | None:
    """Return the settings in a directive. Mermaid reads JSON in which quotes may be single; this is also YAML."""
    text = "wrap: true" if _WRAP.match(directive) else (match["json"] if (match := _INIT.match(directive)) else "")
    if not text:
        return None
    from diagramkit.sources import yamltree

    try:
        tree, problems = yamltree.parse_front_matter(text, file)
    except DiagramError:
        return None  # Mermaid ignores such a directive, too.
    return None if problems else tree


def _unsupported(settings: Tree | None, source: Source, offset: int) -> Iterator[UnsupportedFeature]:
    """Yield the settings at `offset` that would change a picture of Mermaid's and do not change diagramkit's."""
    fields = settings.items() if settings else {}
    keys = data.load("sources.mermaid", "configuration.yaml")
    candidates = {name: value for name, value in fields.items() if name in keys["top_level"]}
    for section in keys["sections"]:
        entries = fields[section].items() if section in fields else {}
        candidates |= {f"{section}.{name}": value for name, value in entries.items() if name not in keys["ignored"]}
    for name, tree in candidates.items():
        value = tree.value
        if value in (None, False) or (isinstance(value, str) and value in keys["defaults"].get(name, ())):
            continue
        text = tree.text() if isinstance(value, (str, int, float)) and value is not True else ""
        shown = f"{name}: {text}" if text and len(text) <= _MAX_SHOWN_VALUE else name
        yield UnsupportedFeature(shown, source.span(offset))
