"""Reads the front matter and the directives of a Mermaid text, and lists the settings in them that no picture shows.

Source: Mermaid, `preprocess.ts`, `frontmatter.ts`, `directiveRegex`. diagramkit uses the title; everything else
configures Mermaid's own layout and themes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from diagramkit import data
from diagramkit.diagnostics import Diagnostic
from diagramkit.graph import UnsupportedFeature
from diagramkit.sources.mermaid.error_context import diagnostic_at
from diagramkit.sources.mermaid.source_text import Source

_FRONT_MATTER = re.compile(r"\A\s*-{3}[^\S\n]*\n(?P<yaml>.*?)\n[^\S\n]*-{3}\s*\n+", re.S)
_DIRECTIVE = re.compile(r"%%\{\s*(?:\w+\s*:|\w+)\s*(?:\w+|(?:(?!\}%%).|\n)*)?\s*(?:\}%%)?", re.I)
_INIT = re.compile(r"%%\{\s*init(?:ialize)?\s*:\s*(?P<json>\{.*\})\s*\}%%", re.S | re.I)
_WRAP = re.compile(r"%%\{\s*wrap\b", re.I)
_MAX_SHOWN_VALUE = 30  # Characters of a value that a message shows.
_MAX_BRACES = 50  # In a directive; bounds how deeply it can be nested.


class Configuration(Struct):
    """What is written before a diagram: its title, the unsupported settings, and the problems in the front matter."""

    title: str | None = None
    unsupported: list[UnsupportedFeature] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)


def take_front_matter(source: Source) -> Configuration:
    """Remove the front matter from a text, and return what it contains.

    A problem (front-matter) is that the front matter is not valid YAML.
    """
    configuration = Configuration()
    match = _FRONT_MATTER.match(source.text)
    if not match:
        return configuration
    import yaml  # Few Mermaid texts have front matter, and importing YAML takes a while.

    from diagramkit.sources.yamltree import LOADER

    start = match.start("yaml")
    loader = LOADER(match["yaml"])
    node = values = None
    try:
        node = loader.get_single_node()
        values = loader.construct_document(node) if node else None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line if mark else _invalid_line(node, LOADER(""))
        lines = match["yaml"].splitlines(keepends=True)
        offset = start + sum(map(len, lines[:line]))
        width = len(lines[line].rstrip("\n")) if line < len(lines) else 1
        message = (
            "the front matter is not valid YAML; check its indentation and quotes"
            if mark
            else "this value in the front matter is not a valid date or number; put it in quotes"
        )
        configuration.problems.append(diagnostic_at(source, "front-matter", message, offset, width))
    if isinstance(values, dict):
        title = values.get("title")
        # A list is not converted to text: with nested aliases, the text could exceed the memory.
        configuration.title = str(title) if title and isinstance(title, (str, int, float)) else None
        configuration.unsupported += _unsupported(values.get("config"), source, start)
    source.edit(_FRONT_MATTER, lambda _: "")
    return configuration


def take_directives(source: Source, configuration: Configuration) -> None:
    """Remove the directives from a text, and add their unsupported settings to `configuration`."""
    if "%%{" not in source.text:
        return
    for match in _DIRECTIVE.finditer(source.text):
        settings = _directive_settings(match.group())
        configuration.unsupported += _unsupported(settings, source, match.start())
    source.edit(_DIRECTIVE, lambda _: "")


def _invalid_line(node: Any, loader: Any) -> int:
    """Return the line (from 0) of the first scalar that `loader` cannot convert, such as the date 2024-13-45."""
    pending, visited = [node], set[int]()
    while pending:
        item = pending.pop()
        if id(item) in visited:
            continue
        visited.add(id(item))
        if isinstance(item, tuple):
            pending += reversed(item)
        elif isinstance(getattr(item, "value", None), list):
            pending += reversed(item.value)
        elif item is not None:
            try:
                loader.construct_object(item)
            except ValueError:
                return int(item.start_mark.line)
    return 0


def _directive_settings(directive: str) -> Any:
    """Return the settings in a directive. Mermaid reads JSON in which quotes may be single; this is also YAML."""
    if _WRAP.match(directive):
        return {"wrap": True}
    match = _INIT.match(directive)
    if not match or match["json"].count("{") + match["json"].count("[") > _MAX_BRACES:
        return None
    import yaml

    from diagramkit.sources.yamltree import LOADER

    try:
        return yaml.load(match["json"], Loader=LOADER)  # noqa: S506 - LOADER is safe
    except (yaml.YAMLError, ValueError):
        return None  # Mermaid ignores such a directive, too.


def _unsupported(settings: Any, source: Source, offset: int) -> Iterator[UnsupportedFeature]:
    """Yield the settings at `offset` that would change a picture of Mermaid's and do not change diagramkit's."""
    if not isinstance(settings, dict):
        return
    keys = data.load("sources.mermaid", "configuration.yaml")
    candidates = {name: value for name, value in settings.items() if name in keys["top_level"]}
    for section in keys["sections"]:
        section_settings = settings.get(section)
        if isinstance(section_settings, dict):
            candidates |= {
                f"{section}.{name}": value for name, value in section_settings.items() if name not in keys["ignored"]
            }
    for name, value in candidates.items():
        if value in (None, False) or (isinstance(value, str) and value in keys["defaults"].get(name, ())):
            continue
        text = str(value) if isinstance(value, (str, int, float)) and value is not True else ""
        shown = f"{name}: {text}" if text and len(text) <= _MAX_SHOWN_VALUE else name
        yield UnsupportedFeature(shown, source.span(offset))
