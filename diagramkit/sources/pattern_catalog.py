"""A pattern catalogue in Markdown becomes one spec a pattern, and an index that keeps the rest.

A pattern is a heading with a Mermaid fence under it. Its lists headed **Components:** and
**Best Practices:** get keys of their own; whatever else stands under it is kept as Markdown.
The index (`catalogue.yaml`) keeps the front matter, the headings and the order, and what
was imported, so that a spec edited by a person is told from one that only is out of date.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import yaml
from msgspec import Struct, field

from diagramkit.diagnostics import Diagnostic, Span, fail
from diagramkit.sources import markdown
from diagramkit.sources.markdown import MarkdownBlock
from diagramkit.sources.slugs import slug

"""The name of the index, at the top of the folder of specs."""

_LABEL = re.compile(r"\*\*(?P<name>[^*]+?):?\*\*:?\s*\Z")
_LISTS = {"components": "components", "best practices": "best_practices"}
_ITEM = re.compile(r"^[-*+][ \t]+", re.M)


class CatalogPattern(Struct):
    """One pattern as the catalogue has it."""

    title: str
    category: str
    line: int
    diagram: str = ""
    description: str = ""
    components: list[str] = field(default_factory=list)
    best_practices: list[str] = field(default_factory=list)
    notes: str = ""

    @property
    def path(self) -> str:
        """Where its spec goes, below the folder of specs."""
        return f"{slug(self.category)}/{slug(self.title)}.yaml"


class Section(Struct):
    """A level-2 heading: a category of patterns, or a pattern itself."""

    title: str
    description: str = ""
    patterns: list[CatalogPattern] = field(default_factory=list)
    is_pattern: bool = False


class PatternCatalog(Struct):
    """A whole catalogue."""

    title: str
    front_matter: str
    preamble: str
    sections: list[Section]

    def patterns(self) -> Iterator[CatalogPattern]:
        """Every pattern, in order."""
        for section in self.sections:
            yield from section.patterns


def read(text: str, file: str) -> PatternCatalog:
    """Read a catalogue. Raises `DiagramError` where it holds no pattern, or two of one name."""
    text = text.replace("\r\n", "\n")
    lines = text.split("\n")
    front, _ = markdown.front_matter(text)
    catalogue = PatternCatalog("", front, "", [])
    heading: MarkdownBlock | None = None
    body: list[MarkdownBlock] = []
    for block in [*markdown.blocks(text), MarkdownBlock("heading", len(lines), len(lines))]:
        if block.kind != "heading" or block.level > 3:
            body.append(block)
            continue
        _add(catalogue, heading, body, lines)
        heading, body = block, []
    _check(catalogue, file)
    return catalogue


def _add(catalogue: PatternCatalog, heading: MarkdownBlock | None, body: list[MarkdownBlock], lines: list[str]) -> None:
    """What stands under one heading, up to the next."""
    raw = _raw(body, lines)
    has_diagram = any(block.kind == "mermaid" for block in body)
    if heading is None or (heading.level == 1 and not has_diagram):
        catalogue.title = heading.text if heading else ""
        catalogue.preamble = "\n\n".join(filter(None, (catalogue.preamble, raw)))
        return
    if heading.level <= 2 or not catalogue.sections:
        catalogue.sections.append(Section(heading.text))
    section = catalogue.sections[-1]
    if has_diagram:
        section.is_pattern = heading.level <= 2
        section.patterns.append(_pattern(heading, section.title, body, lines))
    else:
        title = f"{'#' * heading.level} {heading.text}" if heading.level > 2 else ""
        section.description = "\n\n".join(filter(None, (section.description, title, raw)))


def _pattern(heading: MarkdownBlock, category: str, body: list[MarkdownBlock], lines: list[str]) -> CatalogPattern:
    pattern = CatalogPattern(heading.text, category, heading.start + 1)
    before: list[MarkdownBlock] = []
    rest: list[MarkdownBlock] = []
    index = 0
    while index < len(body):
        block = body[index]
        following = body[index + 1] if index + 1 < len(body) else None
        key = _list_name(block, lines)
        if block.kind == "mermaid" and not pattern.diagram:
            pattern.diagram = block.text
        elif key and following and following.kind == "bullet_list" and not getattr(pattern, key):
            setattr(pattern, key, _items(following, lines))
            index += 1
        else:
            (rest if pattern.diagram else before).append(block)
        index += 1
    pattern.description = _raw(before, lines)
    pattern.notes = _raw(rest, lines)
    return pattern


def _list_name(block: MarkdownBlock, lines: list[str]) -> str | None:
    """`components` or `best_practices` where `block` is the label of such a list."""
    if block.kind != "paragraph":
        return None
    match = _LABEL.match("\n".join(lines[block.start : block.end]))
    return _LISTS.get(match["name"].strip().lower()) if match else None


def _items(block: MarkdownBlock, lines: list[str]) -> list[str]:
    """The items of a list; deeper lines stay with their item, less the item's indentation."""
    text = "\n".join(lines[block.start : block.end]).strip("\n")
    items = [item for item in _ITEM.split(text) if item.strip()]
    return [re.sub(r"\n {2}", "\n", item).rstrip() for item in items]


def _raw(blocks: list[MarkdownBlock], lines: list[str]) -> str:
    parts = ("\n".join(lines[block.start : block.end]).strip("\n") for block in blocks)
    return "\n\n".join(parts)


def _check(catalogue: PatternCatalog, file: str) -> None:
    seen: dict[str, CatalogPattern] = {}
    for pattern in catalogue.patterns():
        other = seen.setdefault(pattern.path.lower(), pattern)
        if other is not pattern:
            raise fail(
                "duplicate-pattern",
                f"'{pattern.title}' would have the same file as '{other.title}' in line "
                f"{other.line} ({pattern.path}); rename one of them",
                Span(file, pattern.line),
            )
    if not seen:
        raise fail(
            "no-patterns",
            "there is no pattern here; a pattern is a heading with a ```mermaid fence under it",
            Span(file),
        )


# Writing


class _Dumper(yaml.SafeDumper):
    """Block style, as a person writes: lists indented, texts of several lines as blocks."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - as PyYAML calls it
        # PyYAML asks for lists without indentation under a key; people write them with.
        super().increase_indent(flow, False)


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _represent_text)


def spec_text(pattern: CatalogPattern, provider: str = "aws") -> str:
    """The pattern as a spec."""
    spec: dict[str, Any] = {"title": pattern.title, "category": pattern.category}
    if pattern.description:
        spec["description"] = pattern.description
    spec["provider"] = provider
    spec["diagram"] = pattern.diagram
    for key in ("components", "best_practices", "notes"):
        if value := getattr(pattern, key):
            spec[key] = value
    return _dump(spec)


def index_text(catalogue: PatternCatalog, source: str, digests: dict[str, str]) -> str:
    """The index. `digests` has, by path, the digest of each spec as it was imported."""
    index: dict[str, Any] = {"catalogue": catalogue.title or source, "source": source}
    if catalogue.front_matter:
        index["front_matter"] = catalogue.front_matter
    if catalogue.preamble:
        index["preamble"] = catalogue.preamble
    index["contents"] = []
    for section in catalogue.sections:
        entries = [{"spec": pattern.path, "imported": digests[pattern.path]} for pattern in section.patterns]
        if section.is_pattern and len(entries) == 1:
            index["contents"].append(entries[0])
            continue
        entry: dict[str, Any] = {"category": section.title}
        if section.description:
            entry["description"] = section.description
        index["contents"].append({**entry, "patterns": entries})
    note = "# The catalogue that these specs came from, and their order.\n"
    return note + _dump(index)


def digest(text: str) -> str:
    """What the index keeps of a spec: enough to see whether a person edited it since."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def front_matter_problem(catalogue: PatternCatalog, file: str) -> Diagnostic | None:
    """A warning where the front matter is not YAML; it is kept as text all the same."""
    try:
        yaml.safe_load(catalogue.front_matter)
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0)
        return Diagnostic(
            "front-matter",
            "the front matter is not YAML; it is kept as it is",
            Span(file, line + 2),
            "warning",
        )
    return None


def provider_of(catalogue: PatternCatalog) -> str:
    """The front matter's `provider`, where it is one that specs know; else aws."""
    match = re.search(r"^provider:\s*[\"']?(\w+)", catalogue.front_matter, re.M)
    return match[1] if match and match[1] in ("aws",) else "aws"


def _dump(value: dict[str, Any]) -> str:
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)
    return str(text)
