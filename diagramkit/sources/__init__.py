"""Everything a user may hand over, read into `Pattern`s: specs, Mermaid, Markdown, folders.

`find` says which files a source stands for; `load` reads one of them. Files are named in
messages as the user named them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import project, timing
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, did_you_mean, fail, os_error_reason
from diagramkit.graph import Graph, Pattern
from diagramkit.sources import limits
from diagramkit.sources.slugs import INDEX, decode_surrogates, slug

if TYPE_CHECKING:
    from diagramkit.sources.yamltree import Tree

# What reads is imported where there is something to read: where nothing changed, nothing is.

STDIN = "-"
"""The source that means standard input."""

SPEC_EXTENSIONS = (".yaml", ".yml")
MERMAID_EXTENSIONS = (".mmd", ".mermaid")
MARKDOWN_EXTENSIONS = (".md", ".markdown")
EXTENSIONS = SPEC_EXTENSIONS + MERMAID_EXTENSIONS + MARKDOWN_EXTENSIONS


class SourceFile(Struct, frozen=True):
    """A file to read: its path as the user would name it, and the folder for its pictures."""

    path: str
    folder: str = ""

    @property
    def may_hold_several(self) -> bool:
        """Whether it may hold more than one diagram."""
        return self.path == STDIN or file_extension(self.path) in MARKDOWN_EXTENSIONS


class LoadResult(Struct, frozen=True):
    """What one file held, and what was noticed and is no error."""

    patterns: tuple[Pattern, ...]
    warnings: tuple[Diagnostic, ...] = ()


def find(sources: Iterable[str]) -> list[SourceFile]:
    """The files that `sources` (files, folders, `-`) stand for, each once.

    Folders are walked in the order of their catalogue index where they have one, else by
    name. Raises `DiagramError` (no-such-file, no-sources, unknown-format).
    """
    found: dict[str, SourceFile] = {}
    for source in sources:
        for file in _expand(source):
            found.setdefault(file.path, file)
    return list(found.values())


@timing.step("read")
def load(file: SourceFile) -> LoadResult:
    """The diagrams in one file. Raises `DiagramError` with every problem found in it."""
    text = read_text(file.path)
    loaded = _read(file, text)
    for pattern in loaded.patterns:
        limits.check(pattern.graph, file.path, pattern.span)
    return loaded


def _read(file: SourceFile, text: str) -> LoadResult:
    name = "<stdin>" if file.path == STDIN else file.path
    ending = _ending(file.path, text)
    if ending in SPEC_EXTENSIONS:
        from diagramkit.sources import spec

        return LoadResult((spec.read(text, name, file.folder),))
    if ending in MERMAID_EXTENSIONS:
        return LoadResult((_mermaid(text, name, file.folder),))
    return _markdown(text, name, file.folder)


def _expand(source: str) -> Iterator[SourceFile]:
    if source == STDIN:
        yield SourceFile(STDIN)
        return
    path = Path(source)
    if path.is_dir():
        files = list(_walk(path))
        if not files:
            raise fail(
                "no-sources",
                "there is no .yaml, .mmd or .md file in this folder; name another, or import "
                "a catalogue with 'diagramkit import'",
                Span(source),
            )
        yield from files
        return
    if not path.exists():
        near = _siblings(path)
        hint = did_you_mean(path.name, near) or "; check the path"
        raise fail("no-such-file", f"there is no such file or folder{hint}", Span(source))
    if path.suffix.lower() not in EXTENSIONS:
        raise fail(
            "unknown-format",
            f"'{path.suffix or path.name}' is no format that diagramkit reads; use one of {', '.join(EXTENSIONS)}",
            Span(source),
        )
    if path.name == INDEX and _is_index(path):
        for name in _indexed(path):
            yield SourceFile(os.path.join(str(path.parent), name), _folder(name))
        return
    yield SourceFile(source)


def _walk(folder: Path) -> Iterator[SourceFile]:
    index = folder / INDEX
    names = _indexed(index) if index.is_file() else []
    listed = {INDEX, *names}
    others = (name for name in sorted(_files(folder)) if name not in listed)
    for name in (*names, *others):
        yield SourceFile(os.path.join(str(folder), name), _folder(name))


def _files(folder: Path) -> Iterator[str]:
    """Paths below `folder` that diagramkit reads, with `/`; hidden ones and what npm installed are left alone. Raises `DiagramError`
    (outside) for a link that leads out of the project: what it leads to is nobody's diagram, and would be shown
    line by line in messages."""
    for top, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "node_modules"]
        below = "".join(f"{part}/" for part in Path(top).relative_to(folder).parts)
        for name in files:
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in EXTENSIONS:  # noqa: PTH122 - for thousands
                path = os.path.join(top, name)
                if os.path.islink(path) and not _within_project(Path(path), Path(top)):  # noqa: PTH114 - as above
                    message = "is a link that leads out of the project; put the file itself here"
                    raise fail("outside", message, Span(path))
                yield below + name


def _within_project(path: Path, folder: Path) -> bool:
    """Whether a path leads to something in the project that a folder belongs to."""
    root = project.root_of(folder.resolve())
    return path.resolve().is_relative_to(root)


def _stem(name: str) -> str:
    """A file's name without its ending. (Not as `pathlib` has it, which keeps a place for each name for ever.)"""
    if name == "<stdin>":
        return "diagram"
    return decode_surrogates(os.path.splitext(os.path.basename(name))[0])  # noqa: PTH122 - of thousands


def _folder(name: str) -> str:
    return _slugs(name.rpartition("/")[0])


@lru_cache(maxsize=256)  # Many sources are in one folder.
def _slugs(folder: str) -> str:
    return "/".join(slug(part) for part in PurePath(folder).parts)


def _is_index(path: Path) -> bool:
    return "contents" in _yaml(str(path))


def _indexed(path: Path) -> list[str]:
    """The specs that an index lists, in its order; each must be a file beside it."""
    tree = _yaml(str(path)).get("contents")
    names: list[str] = []
    for entry in tree.entries() if tree else ():
        patterns = entry.items().get("patterns")
        for item in patterns.entries() if patterns else [entry]:
            listed = item.items().get("spec")
            if listed is None:
                continue
            name = PurePath(listed.text())
            if name.is_absolute() or ".." in name.parts:
                raise fail("outside", "the index names a file outside its folder; move it in", listed.span)
            if not (path.parent / name).is_file():
                raise fail(
                    "no-such-file",
                    f"there is no '{listed.text()}'; remove it from the index or add the file",
                    listed.span,
                )
            if not _within_project(path.parent / name, path.parent):
                message = f"'{listed.text()}' leads out of the project; put the file itself beside the index"
                raise fail("outside", message, listed.span)
            names.append(name.as_posix())
    return names


def imported_digests(index: str) -> dict[str, str]:
    """What an index says of each spec as it was imported: its digest, by the spec's path.

    Empty where there is no index yet. Raises `DiagramError` where it is not YAML.
    """
    if not Path(index).is_file():
        return {}
    found: dict[str, str] = {}
    contents = _yaml(index).get("contents")
    for entry in contents.entries() if contents else ():
        patterns = entry.items().get("patterns")
        for item in patterns.entries() if patterns else [entry]:
            fields = item.items()
            if "spec" in fields and "imported" in fields:
                found[fields["spec"].text()] = fields["imported"].text()
    return found


def _yaml(path: str) -> dict[str, Tree]:
    """The fields of a YAML file."""
    from diagramkit.sources import yamltree

    return yamltree.load(read_text(path), path).items()


def catalog_title(given: Iterable[str]) -> str | None:
    """What the catalogue is called that a folder among `given` holds; None where none does."""
    for source in given:
        index = Path(source) / INDEX
        if index.is_file() and (named := _yaml(str(index)).get("catalogue")):
            return named.text()
    return None


def _siblings(path: Path) -> list[str]:
    try:
        return sorted(os.listdir(path.parent))
    except OSError:
        return []


def read_text(path: str) -> str:
    """A file's text, line ends as they stand. Raises `DiagramError` (unreadable, not-utf8)."""
    try:
        if path == STDIN:
            data = sys.stdin.buffer.read()
        else:
            with open(path, "rb") as file:  # noqa: PTH123 - thousands may be read
                data = file.read()
    except OSError as error:
        raise fail("unreadable", f"cannot be read: {os_error_reason(error)}", Span(path)) from None
    limits.check_size(len(data), path)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        span = Span(path, before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        raise fail("not-utf8", "this is not UTF-8; save the file as UTF-8", span) from None


def _ending(path: str, text: str) -> str:
    if path != STDIN:
        return file_extension(path)
    if "```mermaid" in text or "~~~mermaid" in text:
        return ".md"
    return ".yaml" if is_spec(text) else ".mmd"


def is_spec(text: str) -> bool:
    """Whether a text without a file's name is a spec, by how it begins."""
    head = text.lstrip("\ufeff \t\r\n")
    return head.startswith(("title:", "category:", "nodes:", "diagram:"))


def pattern_from_text(text: str, name: str) -> Pattern:
    """The diagram of a text that is in no file, Mermaid or a spec. Raises `DiagramError`."""
    if is_spec(text):
        return load_spec(text, name)
    graph = _graph(text, name)
    return Pattern(graph, "diagram", "", graph.title or "Diagram", text, Span(name))


def file_extension(path: str) -> str:
    """A file's ending, in small letters."""
    return os.path.splitext(path)[1].lower()  # noqa: PTH122 - as above


def load_markdown(text: str, name: str) -> LoadResult:
    """The diagrams in a Markdown text; `name` is what messages call it. Raises `DiagramError`."""
    return _markdown(text, name, "")


def load_spec(text: str, name: str) -> Pattern:
    """The pattern of a spec; `name` is what messages call it. Raises `DiagramError`."""
    from diagramkit.sources import spec

    return spec.read(text, name)


def _clean(text: str) -> str:
    """The text as parsers take it: same lines and columns, newlines alone, no byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _graph(text: str, name: str) -> Graph:
    from diagramkit.sources.mermaid import read as mermaid
    from diagramkit.sources.mermaid.source_text import Origin

    return mermaid.parse(_clean(text), Origin(name))


def _mermaid(text: str, name: str, folder: str) -> Pattern:
    graph = _graph(text, name)
    stem = _stem(name)
    return Pattern(graph, slug(stem), folder, graph.title or stem, text, Span(name))


def _markdown(text: str, name: str, folder: str) -> LoadResult:
    """Each flowchart in a document; Mermaid's other diagrams are left alone, with a warning."""
    from diagramkit.sources import markdown
    from diagramkit.sources.mermaid import read as mermaid
    from diagramkit.sources.mermaid.source_text import Origin

    fences = markdown.fences(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    stem = _stem(name)
    patterns: list[Pattern] = []
    problems: list[Diagnostic] = []
    warnings: list[Diagnostic] = []
    for number, fence in enumerate(fences, 1):
        try:
            graph = mermaid.parse(fence.text, Origin(name, fence.line, fence.column))
        except DiagramError as error:
            other = error.problems[0].code == "unsupported-diagram"
            (warnings if other else problems).extend(error.problems)
            continue
        title = graph.title or f"{stem} {number}"
        span = Span(name, fence.line, fence.column)
        patterns.append(Pattern(graph, f"{slug(stem)}-{number}", folder, title, fence.text, span))
    if problems:
        raise DiagramError(problems)
    return LoadResult(tuple(patterns), tuple(replace(warning, severity="warning") for warning in warnings))
