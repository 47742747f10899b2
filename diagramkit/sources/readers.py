"""The kinds of sources: one table of the readers, which turn the text of a file into patterns.

A new kind of source needs its reader, an entry here, and in `serve/edits.py` a function that writes an icon into it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.diagnostics import Diagnostic, DiagramError, Span, most_similar
from diagramkit.graph import Graph, Node, Pattern
from diagramkit.sources.slugs import decode_surrogates, slug

if TYPE_CHECKING:
    from diagramkit.sources.markdown import Fence

_FENCE_SIGNS = re.compile(r"(?m)^[ \t>*+-]*(?:\d+[.)][ \t]*)?(?:```|~~~|:::)|<pre", re.I)
"""What every Markdown text with a fence contains."""
_MERMAID = re.compile(r"\s*(?:flowchart|graph\s+(?:TB|TD|BT|LR|RL)\b|architecture-beta)")
"""How almost every text with Mermaid begins."""

_JSON_KEY = re.compile(r"[\"'](\w+)[\"']\s*:")
_JSON_TOPOLOGY = re.compile(r"[\"'](?:nodes[\"']\s*:\s*\{|diagram[\"']\s*:\s*[\"'])")
"""In JSON, a list of nodes is a graph of another program."""
_YAML_KEY = re.compile(r"(?m)^(\w+):(?=[ \t]*(?:$|[|>\[#]|\{.*\}|\w))")
_WRAPPED_SPEC = re.compile(r"\w+:[ \t]*\r?\n[ \t]+(?:title|nodes|edges):")
_OTHER_KEYS = frozenset({"title", "edges", "groups", "direction", "provider", "category", "description"})
"""Keys of a spec besides those of its diagram."""

# Parsers are imported inside the functions that use them: a run that finds all pictures current needs none.


class LoadResult(Struct, frozen=True):
    """The patterns in one file that can be drawn, and the problems in it: errors, warnings and notes."""

    patterns: tuple[Pattern, ...] = ()
    problems: tuple[Diagnostic, ...] = ()

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The errors among the problems: each is about the file or about a diagram that is not in `patterns`."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


class Reader(Struct, frozen=True):
    """A kind of source.

    `extensions` of its files have a dot and are in lower case; `kind` is the word for them in "... files". `read` takes
    a text, the name that messages call it, and the folder for its pictures; it raises `DiagramError` if it cannot read
    any part of the text. `detects` tells whether a text without a file name is of this kind, judging by its content.
    `icon_line` returns the line that chooses an icon for a node, and where to write it. `empty_advice` says what to
    add to a diagram without nodes. `is_source` tells whether a file with one of the extensions, of which other programs
    may have files too, is of this kind. `editor` is the language in which the live page edits such a file, or None if
    it edits only the part that is a diagram.
    """

    name: str
    kind: str
    extensions: tuple[str, ...]
    read: Callable[[str, str, str], LoadResult]
    detects: Callable[[str], bool]
    icon_line: Callable[[Node, str], tuple[str, str]]
    empty_advice: str
    is_source: Callable[[str], bool] = lambda _: True
    may_hold_several: bool = False
    editor: str | None = None


def file_extension(path: str) -> str:
    """Return a file's extension with its dot, in lower case."""
    return os.path.splitext(path)[1].lower()  # noqa: PTH122 - called for thousands of files


def reader_of(path: str) -> Reader:
    """Return the reader of a file, by its extension. Raises `KeyError` if there is none."""
    extension = file_extension(path)
    return TEMPLATE if extension in TEMPLATE.extensions else _BY_EXTENSION[extension]


def reader_for(path: str, text: str) -> Reader:
    """Return the reader of a file that a user named, by its extension and its text. Raises `KeyError`."""
    reader = reader_of(path)
    return TEMPLATE if reader is SPEC and (TEMPLATE.detects(text) or _is_template_by_name(text, path)) else reader


def detect_reader(text: str) -> Reader:
    """Return the reader for a text without a file name."""
    return next(reader for reader in (TEMPLATE, *READERS) if reader.detects(text))


def detect_single(text: str) -> Reader:
    """Return the reader for a text without a file name that is one diagram."""
    return next(reader for reader in READERS if not reader.may_hold_several and reader.detects(text))


def icon_line(file: str, node: Node, icon: str) -> tuple[str, str]:
    """Return the line that chooses an icon for a node of a file, and where to write it."""
    return _BY_EXTENSION.get(file_extension(file), READERS[-1]).icon_line(node, icon)


def _is_spec(text: str) -> bool:
    head = text.lstrip("\ufeff \t\r\n")
    if head.startswith(("title:", "category:", "nodes:", "diagram:")) or _WRAPPED_SPEC.match(head):
        return True
    if head.startswith("{") and not _JSON_TOPOLOGY.search(head):
        return False
    keys = _JSON_KEY.findall(head) if head.startswith("{") else _YAML_KEY.findall(head)
    return not {"nodes", "diagram"}.isdisjoint(keys) and not _OTHER_KEYS.isdisjoint(keys)


def pattern_from_text(text: str, name: str) -> Pattern:
    """Return the diagram in a text that is not in a file. Raises `DiagramError`.

    `name` is what messages call the text.
    """
    (pattern,) = detect_single(text).read(text, name, "").patterns
    if pattern.title == _stem(name):
        return replace(pattern, name="diagram", title="Diagram")
    return replace(pattern, name="diagram") if pattern.name == slug(_stem(name)) else pattern


def _read_spec(text: str, name: str, folder: str) -> LoadResult:
    from diagramkit.sources import spec

    return LoadResult((spec.read(_normalize(text), name, folder),))


def _normalize(text: str) -> str:
    """Return a text as the parsers expect it: with `\\n` line ends and no byte order mark.

    Every character keeps its line and column.
    """
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _parse_mermaid(text: str, name: str) -> Graph:
    from diagramkit.sources import foreign
    from diagramkit.sources.mermaid import read as mermaid
    from diagramkit.sources.mermaid.source_text import Origin

    if not _MERMAID.match(text) and (problems := foreign.problems(_normalize(text), name)):
        raise DiagramError(problems)
    return mermaid.parse(_normalize(text), Origin(name))


def _read_mermaid(text: str, name: str, folder: str) -> LoadResult:
    graph = _parse_mermaid(text, name)
    stem = _stem(name)
    return LoadResult((Pattern(graph, slug(stem), folder, graph.title or stem, text, Span(name)),))


def fence_pattern(fence: Fence, number: int, name: str, folder: str = "") -> Pattern:
    """Return the diagram in a fence, the `number`th (from 1) of a file called `name`.

    Raises `preamble.OtherTypeError` and `DiagramError`.
    """
    from diagramkit.sources.mermaid import read as mermaid
    from diagramkit.sources.mermaid.source_text import Origin

    graph = mermaid.parse(fence.text, Origin(name, fence.line, fence.column, is_html=fence.is_html))
    stem = _stem(name)
    span = Span(name, fence.line, fence.column)
    return Pattern(
        graph, f"{slug(stem)}-{number}", folder, graph.title or f"{stem} {number}", fence.mermaid, span, fence=number
    )


def _read_markdown(text: str, name: str, folder: str) -> LoadResult:
    """Return each flowchart in a document, and the problems in its other fences."""
    from diagramkit.sources import fence_mistakes, markdown

    normalized = _normalize(text)
    lines = normalized.split("\n")
    patterns: list[Pattern] = []
    problems: list[Diagnostic] = [*fence_mistakes.other_marks(lines, name)] if "mermaid" in text else []
    problems += fence_mistakes.with_header(lines, name)
    for number, block in enumerate(markdown.fences(normalized), 1):
        if misplaced := fence_mistakes.with_diagram(block, lines, name):
            problems.append(misplaced)
            continue
        fence, problem = fence_mistakes.without_end(block, lines, name) or (block, None)
        problems += [problem] if problem else []
        try:
            patterns.append(fence_pattern(fence, number, name, folder))
        except DiagramError as error:
            problems += without_other_types(error)
    return LoadResult(tuple(patterns), tuple(problems))


def without_other_types(error: DiagramError) -> tuple[Diagnostic, ...]:
    """Return the problems of an error, with a warning for another type of diagram, which is left to other programs."""
    from diagramkit.sources.mermaid.preamble import OtherTypeError

    if isinstance(error, OtherTypeError):
        return tuple(replace(problem, severity="warning") for problem in error.problems)
    return error.problems


def _stem(name: str) -> str:
    """Return a file's name without its extension.

    This does not use `pathlib`, which interns every name and so keeps all of them in memory.
    """
    if name == "<stdin>":
        return "diagram"
    return decode_surrogates(os.path.splitext(os.path.basename(name))[0])  # noqa: PTH122 - see the docstring


def _has_spec_keys(text: str) -> bool:
    """Return whether a YAML text has the keys of a spec at the top level: `diagram` or `nodes`, also misspelled if
    there is a `title`. Kubernetes and its relatives have `nodes`, too, but with an `apiVersion`.
    """
    if text.lstrip("\ufeff \t\r\n").startswith("{") and not text.lstrip().startswith("{{"):
        return bool(re.search(r"[\"'{,\s](diagram|nodes)[\"']?\s*:", text))
    keys = set(re.findall(r"(?m)^\ufeff?[\"']?([A-Za-z_]+)[\"']?[ \t]*:", text))
    if "apiVersion" in keys:
        return False
    return bool(keys & {"diagram", "nodes"}) or (
        "title" in keys and any(most_similar(key, ("diagram", "nodes")) for key in keys)
    )


def _has_mermaid_fence(text: str) -> bool:
    from diagramkit.sources import markdown

    return bool(_FENCE_SIGNS.search(text) and markdown.fences(_normalize(text)))


def _is_markdown(text: str) -> bool:
    """Return whether a text without a file name is Markdown with a diagram, whose fence may lack its language."""
    if _has_mermaid_fence(text):
        return True
    from diagramkit.sources import fence_mistakes

    return bool(_FENCE_SIGNS.search(text)) and fence_mistakes.is_document(_normalize(text).split("\n"))


def _spec_icon_line(node: Node, icon: str) -> tuple[str, str]:
    return f"{node.id}: {icon}", "under 'icons:'"


def _mermaid_icon_line(node: Node, icon: str) -> tuple[str, str]:
    # Mermaid shows the id of a node without a label, but not if the node has an icon.
    label = f', label: "{node.id}"' if node.label == node.id else ""
    return f'{node.id}@{{ icon: "{icon}"{label} }}', "on a line of its own"


def _is_template(text: str) -> bool:
    """Return whether a text without a file name is infrastructure code. Documents and Mermaid may contain some."""
    if _has_mermaid_fence(text) or text.lstrip().startswith(("graph", "flowchart")):
        return False
    return _is_template_by_name(text, "")


def _is_template_by_name(text: str, path: str) -> bool:
    """Return whether a text is infrastructure code, if its file has a name: a kustomization may not say what it is."""
    from diagramkit.infrastructure.readers import detect

    return detect.kind(text, path) is not None


def _read_template(text: str, name: str, folder: str) -> LoadResult:
    from diagramkit.sources import templates

    return templates.read(text, name, folder)


_MERMAID_ADVICE = "add a line such as 'A --> B'"

SPEC = Reader(
    "spec",
    "specs",
    (".yaml", ".yml"),
    _read_spec,
    _is_spec,
    _spec_icon_line,
    f"{_MERMAID_ADVICE} to 'diagram', or one such as 'web: EC2' to 'nodes'",
    _has_spec_keys,
    editor="YAML",
)
MERMAID = Reader(
    "mermaid",
    ".mmd",
    (".mmd", ".mermaid"),
    _read_mermaid,
    lambda _: True,
    _mermaid_icon_line,
    _MERMAID_ADVICE,
    editor="Mermaid",
)
MARKDOWN = Reader(
    "markdown",
    "Markdown",
    (".md", ".markdown"),
    _read_markdown,
    _is_markdown,
    _mermaid_icon_line,
    _MERMAID_ADVICE,
    may_hold_several=True,
)

TEMPLATE = Reader(
    "template",
    "infrastructure templates",
    (".json", ".template", ".tf", ".dot", ".gv"),
    _read_template,
    _is_template,
    _spec_icon_line,
    "name a template that declares other resources, or show more of them with --level all",
)
"""The reader of infrastructure code that a user names: files with these extensions, and YAML by its content."""

READERS = (MARKDOWN, SPEC, MERMAID)
"""The readers of diagrams, which are also read from folders. A text without a file name is read by the first one that
detects its kind."""

_BY_EXTENSION = {extension: reader for reader in READERS for extension in reader.extensions}

EXTENSIONS = tuple(sorted(_BY_EXTENSION))
"""The extensions of files that can be read."""

_KINDS = [reader.kind for reader in (SPEC, *(other for other in reversed(READERS) if other is not SPEC))]

EDITORS = " or ".join(reader.editor for reader in reversed(READERS) if reader.editor)
"""The languages that the live page edits: `Mermaid or YAML`."""

NAMED_EXTENSIONS = tuple(sorted({*EXTENSIONS, *TEMPLATE.extensions}))
"""The extensions of files that can be read if a user names them."""

KINDS = f"{', '.join(_KINDS[:-1])} or {_KINDS[-1]} files, {TEMPLATE.kind}"
"""All kinds of sources, for help texts: `specs, .mmd or Markdown files, infrastructure templates`."""
