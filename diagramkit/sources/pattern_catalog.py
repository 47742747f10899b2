"""Convert a pattern catalog in Markdown into one spec per pattern and an index (`diagramkit import`).

A pattern is a heading with a Mermaid fence under it. Its lists headed **Components:** and **Best Practices:** become
keys of the spec; the rest of the text under the heading is kept as Markdown. The index (`catalogue.yaml`) stores the
front matter, the headings, the order, and a digest of each spec as it was imported. The digest tells a spec that a
person has edited from one that is only out of date.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from diagramkit.diagnostics import Span, fail
from diagramkit.sources import markdown
from diagramkit.sources.markdown import MarkdownBlock
from diagramkit.sources.slugs import slug
from diagramkit.sources.yaml_text import dump

_LABEL = re.compile(r"\*\*(?P<name>[^*]+?):?\*\*:?\s*\Z")
# The label of a list in the catalog, and the spec's key for it.
_LISTS = {"components": "components", "best practices": "best_practices"}
_ITEM = re.compile(r"^[-*+][ \t]+", re.M)


class CatalogPattern(Struct):
    """One pattern of a catalog.

    `line` (from 1) is the line of its heading. `description` is the Markdown before the diagram, `notes` the Markdown
    after it.
    """

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
        """The path of its spec, relative to the folder of specs."""
        return f"{slug(self.category)}/{slug(self.title)}.yaml"


class Section(Struct):
    """A level-2 heading: a category of patterns or, if `is_pattern`, a pattern itself."""

    title: str
    description: str = ""
    patterns: list[CatalogPattern] = field(default_factory=list)
    is_pattern: bool = False


class PatternCatalog(Struct):
    """A catalog of patterns, in sections. `preamble` is the Markdown before the first section."""

    title: str
    front_matter: str
    preamble: str
    sections: list[Section]

    def patterns(self) -> Iterator[CatalogPattern]:
        """Yield every pattern in order."""
        for section in self.sections:
            yield from section.patterns


def read(text: str, file: str) -> PatternCatalog:
    """Read a catalog. Raises `DiagramError` if it has no pattern, or two with the same file (duplicate-pattern)."""
    text = text.replace("\r\n", "\n")
    lines = text.split("\n")
    front, _ = markdown.front_matter(text)
    catalog = PatternCatalog("", front, "", [])
    heading: MarkdownBlock | None = None
    body: list[MarkdownBlock] = []
    for block in [*markdown.blocks(text), MarkdownBlock("heading", len(lines), len(lines))]:
        if block.kind != "heading" or block.level > 3:
            body.append(block)
            continue
        _add_heading(catalog, heading, body, lines)
        heading, body = block, []
    _check(catalog, file)
    return catalog


def _add_heading(
    catalog: PatternCatalog, heading: MarkdownBlock | None, body: list[MarkdownBlock], lines: list[str]
) -> None:
    """Add the blocks under one heading, up to the next heading, to the catalog."""
    markdown_text = _join(body, lines)
    has_diagram = any(block.kind == "mermaid" for block in body)
    if heading is None or (heading.level == 1 and not has_diagram):
        catalog.title = heading.text if heading else ""
        catalog.preamble = "\n\n".join(filter(None, (catalog.preamble, markdown_text)))
        return
    if heading.level <= 2 or not catalog.sections:
        catalog.sections.append(Section(heading.text))
    section = catalog.sections[-1]
    if has_diagram:
        section.is_pattern = heading.level <= 2
        section.patterns.append(_read_pattern(heading, section.title, body, lines))
    else:
        title = f"{'#' * heading.level} {heading.text}" if heading.level > 2 else ""
        section.description = "\n\n".join(filter(None, (section.description, title, markdown_text)))


def _read_pattern(heading: MarkdownBlock, category: str, body: list[MarkdownBlock], lines: list[str]) -> CatalogPattern:
    pattern = CatalogPattern(heading.text, category, heading.start + 1)
    before_diagram: list[MarkdownBlock] = []
    after_diagram: list[MarkdownBlock] = []
    index = 0
    while index < len(body):
        block = body[index]
        following = body[index + 1] if index + 1 < len(body) else None
        key = _list_key(block, lines)
        if block.kind == "mermaid" and not pattern.diagram:
            pattern.diagram = block.text
        elif key and following and following.kind == "bullet_list" and not getattr(pattern, key):
            setattr(pattern, key, _items(following, lines))
            index += 1
        else:
            (after_diagram if pattern.diagram else before_diagram).append(block)
        index += 1
    pattern.description = _join(before_diagram, lines)
    pattern.notes = _join(after_diagram, lines)
    return pattern


def _list_key(block: MarkdownBlock, lines: list[str]) -> str | None:
    """Return `components` or `best_practices` if `block` is the label of such a list, else None."""
    if block.kind != "paragraph":
        return None
    match = _LABEL.match("\n".join(lines[block.start : block.end]))
    return _LISTS.get(match["name"].strip().lower()) if match else None


def _items(block: MarkdownBlock, lines: list[str]) -> list[str]:
    """Return the items of a list. Continuation lines stay with their item, without its indentation."""
    text = "\n".join(lines[block.start : block.end]).strip("\n")
    items = [item for item in _ITEM.split(text) if item.strip()]
    return [re.sub(r"\n {2}", "\n", item).rstrip() for item in items]


def _join(blocks: list[MarkdownBlock], lines: list[str]) -> str:
    """Return the Markdown of blocks, separated by blank lines."""
    parts = ("\n".join(lines[block.start : block.end]).strip("\n") for block in blocks)
    return "\n\n".join(parts)


def _check(catalog: PatternCatalog, file: str) -> None:
    seen: dict[str, CatalogPattern] = {}
    for pattern in catalog.patterns():
        first = seen.setdefault(pattern.path.lower(), pattern)
        if first is not pattern:
            raise fail(
                "duplicate-pattern",
                f"'{pattern.title}' would have the same file ({pattern.path}) as '{first.title}' in line "
                f"{first.line}; rename one of them",
                Span(file, pattern.line),
            )
    if not seen:
        raise fail(
            "no-patterns",
            "this file has no patterns; a pattern is a heading with a ```mermaid fence under it",
            Span(file),
        )


# Writing


def spec_text(pattern: CatalogPattern, provider: str = "aws") -> str:
    """Return the pattern as the text of a spec."""
    spec: dict[str, Any] = {"title": pattern.title, "category": pattern.category}
    if pattern.description:
        spec["description"] = pattern.description
    spec["provider"] = provider
    spec["diagram"] = pattern.diagram
    for key in ("components", "best_practices", "notes"):
        if value := getattr(pattern, key):
            spec[key] = value
    return dump(spec)


def index_text(catalog: PatternCatalog, source: str, digests: dict[str, str]) -> str:
    """Return the text of the index. `digests` has the digest of each imported spec by its path."""
    index: dict[str, Any] = {"catalogue": catalog.title or source, "source": source}
    if catalog.front_matter:
        index["front_matter"] = catalog.front_matter
    if catalog.preamble:
        index["preamble"] = catalog.preamble
    index["contents"] = []
    for section in catalog.sections:
        entries = [{"spec": pattern.path, "imported": digests[pattern.path]} for pattern in section.patterns]
        if section.is_pattern and len(entries) == 1:
            index["contents"].append(entries[0])
            continue
        entry: dict[str, Any] = {"category": section.title}
        if section.description:
            entry["description"] = section.description
        index["contents"].append({**entry, "patterns": entries})
    comment = "# The catalogue that these specs came from, and their order.\n"
    return comment + dump(index)


def digest(text: str) -> str:
    """Return the digest of a spec's text, which shows later whether a person has edited the spec."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def provider_of(catalog: PatternCatalog) -> str:
    """Return the `provider` in the front matter; only `aws` is known so far, so that is also the default."""
    match = re.search(r"^provider:\s*[\"']?(\w+)", catalog.front_matter, re.M)
    return match[1] if match and match[1] in ("aws",) else "aws"
