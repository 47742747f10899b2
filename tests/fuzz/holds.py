"""What holds of any input, however it was made: one function for each reader, which raises on whatever is a finding.

Used by the coverage-guided fuzzer (`tests.fuzz.guided`), by the Hypothesis tests and for what was found before.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from unittest.mock import patch
from xml.etree import ElementTree

from diagramkit import data, pipeline, sources
from diagramkit.diagnostics import Diagnostic, DiagramError, Span
from diagramkit.graph import Graph, Pattern
from diagramkit.icons.packs import clean
from diagramkit.pipeline import Options, Rendered
from diagramkit.publish import embed, marks
from diagramkit.sources import fixes, limits, pattern_catalog, spec
from diagramkit.sources.mermaid import read
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.sources.mermaid.write import to_mermaid
from diagramkit.sources.mermaid.write_architecture import to_architecture


def mermaid(raw: bytes) -> None:
    """Mermaid is a graph that hangs together, or told problems that lie in it; a mend mends; tidied, it is the same."""
    text = _text(raw)
    try:
        graph = read.parse(text, Origin("f.mmd"))
    except DiagramError as error:
        _lies_within(error.problems, text)
        mended, done = fixes.apply_fixes(text, error.problems)
        assert bool(done) == (mended != text), "a mend that mends nothing"
        return
    _lies_within(graph.warnings, text)
    _hangs_together(graph)
    try:
        limits.check(graph, "f.mmd", Span("f.mmd"))
    except DiagramError:
        return
    if not text.lstrip().startswith(("graph", "flowchart")):
        return
    tidy = to_mermaid(graph)
    assert to_mermaid(read.parse(tidy, Origin("t.mmd"))) == tidy, "tidied twice, it is another"
    boxes = read.parse(to_architecture(graph, {}), Origin("a.mmd"))
    assert len(boxes.nodes) == len(graph.nodes), "not all of it as architecture"


def yaml(raw: bytes) -> None:
    """A spec is a pattern whose graph hangs together and is Mermaid too, or told problems that lie in it."""
    text = _text(raw)
    try:
        pattern = spec.read(text, "s.yaml")
    except DiagramError as error:
        _lies_within(error.problems, text)
        return
    graph = pattern.graph
    _hangs_together(graph)
    again = read.parse(pattern.source_text, Origin("m.mmd"))
    assert len(again.nodes) == len(graph.nodes), "its Mermaid has not its nodes"
    assert len(again.edges) == len(graph.edges), "its Mermaid has not its edges"
    assert len(again.groups) == len(graph.groups), "its Mermaid has not its groups"


def markdown(raw: bytes) -> None:
    """Of a Markdown file, embedding changes fences alone, and twice is as once."""
    text = _text(raw)
    with patch.object(pipeline, "render", _drawn):
        first = embed.embed(text, "d.md", embed.EmbedOptions(), Options())
        _lies_within(first.problems, text)
        if any(problem.severity == "error" for problem in first.problems):
            return
        again = embed.embed(first.text, "d.md", embed.EmbedOptions(), Options())
    assert again.text == first.text, "a second run changes it"
    assert again.pictures == first.pictures
    assert not again.stale
    if marks.BEGIN.partition("{")[0] not in text:
        assert without(first.text).rstrip("\r\n") == text.rstrip("\r\n"), "more than pictures came in"


def pages(raw: bytes) -> None:
    """A Markdown file as a source, and as a catalogue whose patterns are specs."""
    text = _text(raw)
    try:
        for pattern in sources.load_markdown(text, "d.md").patterns:
            _hangs_together(pattern.graph)
    except DiagramError as error:
        _lies_within(error.problems, text)
    try:
        whole = pattern_catalog.read(text, "c.md")
    except DiagramError as error:
        _lies_within(error.problems, text)
        return
    for one in whole.patterns():
        assert re.fullmatch(r"(?:[\w-]+/)?[\w-]+\.yaml", one.path), one.path
        try:
            spec.read(pattern_catalog.spec_text(one), one.path)
        except DiagramError as error:
            assert error.problems
    pattern_catalog.front_matter_problem(whole, "c.md")
    pattern_catalog.index_text(whole, "c.md", {one.path: "" for one in whole.patterns()})


def icon(raw: bytes) -> None:
    """A cleaned icon holds what is on the lists alone, refers to itself alone, and is clean."""
    try:
        made = clean.clean(raw, "p")
    except clean.UnsafeIconError:
        return
    text = made.text()
    assert clean.read(text) == made
    lists = data.load("icons", "svg.yaml")
    known = {*lists["attributes"], "id", "href"}
    space = '<svg xmlns:xlink="http://www.w3.org/1999/xlink" '
    for element in ElementTree.fromstring(text.replace("<svg ", space, 1)).iter():
        assert element.tag.rpartition("}")[2] in lists["elements"], element.tag
        for name, value in element.attrib.items():
            local = name.rpartition("}")[2]
            assert local in known, name
            assert local != "href" or value.startswith("#p-"), value
            assert not re.search(r"javascript:|https?:|file:|data:|\\|image-set\(", value, re.I), value
            assert all(inside.startswith("#p-") for inside in re.findall(r"url\(\s*(.*?)\)", value, re.I)), value


def without(text: str) -> str:
    """A Markdown text without what stands between fences and their marks: fences alone."""
    document = marks.read(text, "doc.md")
    lines, parts, at = document.lines, list[str](), 0
    for region in document.regions:
        parts += lines[at : region.start]
        fence = lines[region.fence_start : region.fence_end]
        if region.name:
            fence[0] = region.first_prefix + fence[0].removeprefix(region.prefix)
        parts += fence
        at = region.end
    return "".join([document.bom, *parts, *lines[at:]])


TARGETS: dict[str, Callable[[bytes], None]] = {
    "mermaid": mermaid,
    "yaml": yaml,
    "markdown": markdown,
    "pages": pages,
    "icon": icon,
}


def _text(raw: bytes) -> str:
    """Bytes as a file of text is read."""
    text = raw.decode("utf-8", "replace")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _drawn(pattern: Pattern, formats: tuple[str, ...], _options: Options) -> Rendered:
    """In place of a picture, which is the same for the same source: embedding is what is looked at."""
    return Rendered({one: pattern.source_text.encode() for one in formats}, (), (), pattern.title)


def _lies_within(problems: tuple[Diagnostic, ...], text: str) -> None:
    lines = text.count("\n") + 1
    for problem in problems:
        assert problem.message
        assert 1 <= problem.span.line <= lines + 1, problem
        assert problem.span.column >= 1, problem


def _hangs_together(graph: Graph) -> None:
    nodes, groups = [node.id for node in graph.nodes], [group.id for group in graph.groups]
    assert len({*nodes, *groups}) == len(nodes) + len(groups), "two of one name"
    known = {*nodes, *groups}
    assert all({edge.source, edge.target} <= known for edge in graph.edges), "an edge to nowhere"
    assert all(node.group is None or node.group in groups for node in graph.nodes)
    parents = {group.id: group.parent for group in graph.groups}
    for group in groups:
        at, steps = parents[group], 0
        while at is not None:
            at, steps = parents[at], steps + 1
            assert steps <= len(groups), "groups in a ring"
