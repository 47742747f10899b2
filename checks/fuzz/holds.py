"""Properties that hold for every input: one function for each reader, which raises an exception if one is violated.

They are used by the coverage-guided fuzzer (`checks.fuzz.guided`), by the Hypothesis tests and by the tests of inputs
that fuzzers found earlier.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from unittest.mock import patch
from xml.etree import ElementTree

from diagramkit import data, pipeline
from diagramkit.diagnostics import Diagnostic, DiagramError, Span
from diagramkit.graph import Graph, Pattern
from diagramkit.icons.packs import clean
from diagramkit.options import Options
from diagramkit.pipeline import Rendered
from diagramkit.publish import embed, marks
from diagramkit.sources import fixes, limits, pattern_catalog, readers, spec
from diagramkit.sources.mermaid import read
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.sources.mermaid.write import to_mermaid
from diagramkit.sources.mermaid.write_architecture import to_architecture


def mermaid(raw: bytes) -> None:
    """Mermaid is a consistent graph, or its problems have positions in the text and each fix changes the text.

    A graph that is written as Mermaid and read again stays the same.
    """
    text = _text(raw)
    try:
        graph = read.parse(text, Origin("f.mmd"))
    except DiagramError as error:
        _check_positions(error.problems, text)
        fixed_text, applied = fixes.apply_fixes(text, error.problems)
        assert bool(applied) == (fixed_text != text), "a fix changes nothing"
        return
    _check_positions(graph.warnings, text)
    _check_consistency(graph)
    try:
        limits.check(graph, "f.mmd", Span("f.mmd"))
    except DiagramError:
        return
    if not text.lstrip().startswith(("graph", "flowchart")):
        return
    written = to_mermaid(graph)
    assert to_mermaid(read.parse(written, Origin("t.mmd"))) == written, "the written Mermaid reads as another graph"
    architecture = read.parse(to_architecture(graph, {}), Origin("a.mmd"))
    assert len(architecture.nodes) == len(graph.nodes), "the architecture diagram lacks nodes"


def yaml(raw: bytes) -> None:
    """A spec has a consistent graph and equivalent Mermaid, or its problems have positions in the text."""
    text = _text(raw)
    try:
        pattern = spec.read(text, "s.yaml")
    except DiagramError as error:
        _check_positions(error.problems, text)
        return
    graph = pattern.graph
    _check_consistency(graph)
    again = read.parse(pattern.source_text, Origin("m.mmd"))
    assert len(again.nodes) == len(graph.nodes), "its Mermaid has other nodes"
    assert len(again.edges) == len(graph.edges), "its Mermaid has other edges"
    assert len(again.groups) == len(graph.groups), "its Mermaid has other groups"


def markdown(raw: bytes) -> None:
    """Embedding pictures in a Markdown file changes only its fences, and a second run changes nothing."""
    text = _text(raw)
    with patch.object(pipeline, "render", fake_render):
        first = embed.embed(text, "d.md", embed.EmbedOptions(), Options())
        _check_positions(first.problems, text)
        if any(problem.severity == "error" for problem in first.problems):
            return
        again = embed.embed(first.text, "d.md", embed.EmbedOptions(), Options())
    assert again.text == first.text, "a second run changes the text"
    assert again.pictures == first.pictures
    assert not again.stale
    if marks.BEGIN.partition("{")[0] not in text:
        assert without_pictures(first.text).rstrip("\r\n") == text.rstrip("\r\n"), "more than pictures was added"


def pages(raw: bytes) -> None:
    """A Markdown file can be read as a source, and as a catalog whose patterns are specs."""
    text = _text(raw)
    try:
        loaded = readers.MARKDOWN.read(text, "d.md", "")
        _check_positions(loaded.problems, text)
        for pattern in loaded.patterns:
            _check_consistency(pattern.graph)
    except DiagramError as error:
        _check_positions(error.problems, text)
    try:
        catalog = pattern_catalog.read(text, "c.md")
    except DiagramError as error:
        _check_positions(error.problems, text)
        return
    for entry in catalog.patterns():
        assert re.fullmatch(r"(?:[\w-]+/)?[\w-]+\.yaml", entry.path), entry.path
        try:
            spec.read(pattern_catalog.spec_text(entry), entry.path)
        except DiagramError as error:
            assert error.problems
    pattern_catalog.index_text(catalog, "c.md", {entry.path: "" for entry in catalog.patterns()})


def icon(raw: bytes) -> None:
    """A cleaned icon contains only allowed elements and attributes, refers only to itself, and needs no cleaning."""
    try:
        cleaned = clean.clean(raw, "p")
    except clean.UnsafeIconError:
        return
    text = cleaned.text()
    assert clean.read(text) == cleaned
    allowed = data.load("icons", "svg.yaml")
    attributes = {*allowed["attributes"], "id", "href"}
    svg_start = '<svg xmlns:xlink="http://www.w3.org/1999/xlink" '
    for element in ElementTree.fromstring(text.replace("<svg ", svg_start, 1)).iter():
        assert element.tag.rpartition("}")[2] in allowed["elements"], element.tag
        for name, value in element.attrib.items():
            local_name = name.rpartition("}")[2]
            assert local_name in attributes, name
            assert local_name != "href" or value.startswith("#p-"), value
            assert not re.search(r"javascript:|https?:|file:|data:|\\|image-set\(", value, re.I), value
            assert all(url.startswith("#p-") for url in re.findall(r"url\(\s*(.*?)\)", value, re.I)), value


def without_pictures(text: str) -> str:
    """Return a Markdown text without what embedding adds around its fences."""
    document = marks.read(text, "doc.md")
    lines, parts, line_number = document.lines, list[str](), 0
    for place in document.regions:
        parts += lines[line_number : place.start]
        fence = lines[place.fence.start : place.fence.end] if place.fence else []
        if place.name and fence:
            fence[0] = place.first_prefix + fence[0].removeprefix(place.prefix)
        parts += fence
        line_number = place.end
    return "".join([document.bom, *parts, *lines[line_number:]])


TARGETS: dict[str, Callable[[bytes], None]] = {
    "mermaid": mermaid,
    "yaml": yaml,
    "markdown": markdown,
    "pages": pages,
    "icon": icon,
}


def _text(raw: bytes) -> str:
    """Decode bytes in the same way as a text file is read."""
    text = raw.decode("utf-8", "replace")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def fake_render(pattern: Pattern, formats: tuple[str, ...], _options: Options) -> Rendered:
    """Return the source in place of pictures: it depends on the source only, and rendering is not tested here."""
    return Rendered({name: pattern.source_text.encode() for name in formats}, (), (), pattern.title)


def _check_positions(problems: tuple[Diagnostic, ...], text: str) -> None:
    """Check that every problem has a message and a position in the text."""
    lines = text.count("\n") + 1
    for problem in problems:
        assert problem.message
        assert 1 <= problem.span.line <= lines + 1, problem
        assert problem.span.column >= 1, problem


def _check_consistency(graph: Graph) -> None:
    """Check that ids are unique, edges and groups refer to ids that exist, and groups have no cycle."""
    nodes, groups = [node.id for node in graph.nodes], [group.id for group in graph.groups]
    assert len({*nodes, *groups}) == len(nodes) + len(groups), "an id is not unique"
    known = {*nodes, *groups}
    assert all({edge.source, edge.target} <= known for edge in graph.edges), "an edge ends at an unknown id"
    assert all(node.group is None or node.group in groups for node in graph.nodes)
    parents = {group.id: group.parent for group in graph.groups}
    for group in groups:
        ancestor, steps = parents[group], 0
        while ancestor is not None:
            ancestor, steps = parents[ancestor], steps + 1
            assert steps <= len(groups), "groups contain each other"
