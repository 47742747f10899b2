"""Read everything that a user may pass in: specs, Mermaid, Markdown and folders of them.

`find` returns the files that a source stands for, and `load` reads one of them into `Pattern`s.
Messages name a file as the user named it.
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

# The readers are imported inside the functions that use them: a run that finds all pictures current needs none.

STDIN = "-"
"""The source that means standard input."""

SPEC_EXTENSIONS = (".yaml", ".yml")
MERMAID_EXTENSIONS = (".mmd", ".mermaid")
MARKDOWN_EXTENSIONS = (".md", ".markdown")
EXTENSIONS = SPEC_EXTENSIONS + MERMAID_EXTENSIONS + MARKDOWN_EXTENSIONS


class SourceFile(Struct, frozen=True):
    """A file to read.

    `path` is the path as the user would write it, `folder` the folder for its pictures, below the output folder.
    """

    path: str
    folder: str = ""

    @property
    def may_hold_several(self) -> bool:
        """Whether the file may contain more than one diagram."""
        return self.path == STDIN or file_extension(self.path) in MARKDOWN_EXTENSIONS


class LoadResult(Struct, frozen=True):
    """The patterns in one file, and the warnings about it."""

    patterns: tuple[Pattern, ...]
    warnings: tuple[Diagnostic, ...] = ()


def find(sources: Iterable[str]) -> list[SourceFile]:
    """Return the files that `sources` (files, folders or `-`) stand for, each of them once.

    The files of a folder are in the order of its index, or sorted by name if it has no index.
    Raises `DiagramError` (no-such-file, no-sources, unknown-format, outside).
    """
    files: dict[str, SourceFile] = {}
    for source in sources:
        for file in _expand(source):
            files.setdefault(file.path, file)
    return list(files.values())


@timing.step("read")
def load(file: SourceFile) -> LoadResult:
    """Return the diagrams in one file. Raises `DiagramError` with every problem in the file."""
    text = read_text(file.path)
    result = _read(file, text)
    for pattern in result.patterns:
        limits.check(pattern.graph, file.path, pattern.span)
    return result


def _read(file: SourceFile, text: str) -> LoadResult:
    name = "<stdin>" if file.path == STDIN else file.path
    extension = _detect_extension(file.path, text)
    if extension in SPEC_EXTENSIONS:
        from diagramkit.sources import spec

        return LoadResult((spec.read(text, name, file.folder),))
    if extension in MERMAID_EXTENSIONS:
        return LoadResult((_read_mermaid(text, name, file.folder),))
    return _read_markdown(text, name, file.folder)


def _expand(source: str) -> Iterator[SourceFile]:
    """Yield the files that one source stands for."""
    if source == STDIN:
        yield SourceFile(STDIN)
        return
    path = Path(source)
    if path.is_dir():
        files = list(_files_in_folder(path))
        if not files:
            raise fail(
                "no-sources",
                "there is no .yaml, .mmd or .md file in this folder; name another folder, or import "
                "a catalog with 'diagramkit import'",
                Span(source),
            )
        yield from files
        return
    if not path.exists():
        hint = did_you_mean(path.name, _siblings(path)) or "; check the path"
        raise fail("no-such-file", f"there is no such file or folder{hint}", Span(source))
    if path.suffix.lower() not in EXTENSIONS:
        raise fail(
            "unknown-format",
            f"diagramkit cannot read '{path.suffix or path.name}' files; use one of {', '.join(EXTENSIONS)}",
            Span(source),
        )
    if path.name == INDEX and _is_index(path):
        for name in _specs_in_index(path):
            yield SourceFile(os.path.join(str(path.parent), name), _picture_folder(name))
        return
    yield SourceFile(source)


def _files_in_folder(folder: Path) -> Iterator[SourceFile]:
    """Yield the files of a folder: those that its index lists, in that order, then the others by name."""
    index = folder / INDEX
    indexed_names = _specs_in_index(index) if index.is_file() else []
    skipped = {INDEX, *indexed_names}
    other_names = (name for name in sorted(_walk(folder)) if name not in skipped)
    for name in (*indexed_names, *other_names):
        yield SourceFile(os.path.join(str(folder), name), _picture_folder(name))


def _walk(folder: Path) -> Iterator[str]:
    """Yield the paths below `folder` of all files that diagramkit reads, relative to it and with `/`.

    Hidden files and folders and `node_modules` are skipped. Raises `DiagramError` (outside) for a symbolic link that
    leads out of the project: otherwise a link to any file could show lines of that file in messages.
    """
    for top, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "node_modules"]
        parent = "".join(f"{part}/" for part in Path(top).relative_to(folder).parts)
        for name in files:
            # `os.path` instead of `pathlib`, because a folder may have thousands of files.
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in EXTENSIONS:  # noqa: PTH122
                path = os.path.join(top, name)
                if os.path.islink(path) and not _is_within_project(Path(path), Path(top)):  # noqa: PTH114
                    message = "this link leads out of the project; replace it with a copy of the file"
                    raise fail("outside", message, Span(path))
                yield parent + name


def _is_within_project(path: Path, folder: Path) -> bool:
    """Return whether `path`, with links resolved, is in the project that `folder` belongs to."""
    root = project.root_of(folder.resolve())
    return path.resolve().is_relative_to(root)


def _stem(name: str) -> str:
    """Return a file's name without its extension.

    This does not use `pathlib`, which interns every name and so keeps all of them in memory.
    """
    if name == "<stdin>":
        return "diagram"
    return decode_surrogates(os.path.splitext(os.path.basename(name))[0])  # noqa: PTH122 - see the docstring


def _picture_folder(name: str) -> str:
    """Return the folder for the pictures of a file, from the file's path relative to its source folder."""
    return _slug_path(name.rpartition("/")[0])


@lru_cache(maxsize=256)  # Many sources share a folder.
def _slug_path(folder: str) -> str:
    return "/".join(slug(part) for part in PurePath(folder).parts)


def _is_index(path: Path) -> bool:
    return "contents" in _yaml_fields(str(path))


def _specs_in_index(path: Path) -> list[str]:
    """Return the specs that an index lists, in its order, as paths relative to the index.

    Raises `DiagramError` (outside, no-such-file) for a spec that is missing or not below the folder of the index.
    """
    contents = _yaml_fields(str(path)).get("contents")
    names: list[str] = []
    for item in _index_items(contents):
        entry = item.items().get("spec")
        if entry is None:
            continue
        name = PurePath(entry.text())
        if name.is_absolute() or ".." in name.parts:
            message = "the index lists a file outside its folder; move the file into the folder"
            raise fail("outside", message, entry.span)
        if not (path.parent / name).is_file():
            raise fail(
                "no-such-file",
                f"there is no '{entry.text()}'; remove it from the index or add the file",
                entry.span,
            )
        if not _is_within_project(path.parent / name, path.parent):
            message = f"'{entry.text()}' is a link that leads out of the project; replace it with a copy of the file"
            raise fail("outside", message, entry.span)
        names.append(name.as_posix())
    return names


def _index_items(contents: Tree | None) -> Iterator[Tree]:
    """Yield each item of an index's `contents`, from its categories too."""
    for entry in contents.entries() if contents else ():
        patterns = entry.items().get("patterns")
        yield from patterns.entries() if patterns else [entry]


def imported_digests(index: str) -> dict[str, str]:
    """Return the digest that each spec of an index had when it was imported, by the spec's path.

    The result is empty if there is no index yet. Raises `DiagramError` if the index is not YAML.
    """
    if not Path(index).is_file():
        return {}
    digests: dict[str, str] = {}
    for item in _index_items(_yaml_fields(index).get("contents")):
        fields = item.items()
        if "spec" in fields and "imported" in fields:
            digests[fields["spec"].text()] = fields["imported"].text()
    return digests


def _yaml_fields(path: str) -> dict[str, Tree]:
    """Return the top-level fields of a YAML file."""
    from diagramkit.sources import yamltree

    return yamltree.load(read_text(path), path).items()


def catalog_title(sources: Iterable[str]) -> str | None:
    """Return the title of the first folder among `sources` that has an index, or None."""
    for source in sources:
        index = Path(source) / INDEX
        if index.is_file() and (title := _yaml_fields(str(index)).get("catalogue")):
            return title.text()
    return None


def _siblings(path: Path) -> list[str]:
    try:
        return sorted(os.listdir(path.parent))
    except OSError:
        return []


def read_text(path: str) -> str:
    """Return a file's text with its line ends unchanged.

    Raises `DiagramError` (unreadable, not-utf8, too-large).
    """
    try:
        if path == STDIN:
            data = sys.stdin.buffer.read()
        else:
            with open(path, "rb") as file:  # noqa: PTH123 - thousands of files may be read
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


def _detect_extension(path: str, text: str) -> str:
    """Return the extension that tells a file's format; for standard input, one that fits its text."""
    if path != STDIN:
        return file_extension(path)
    if "```mermaid" in text or "~~~mermaid" in text:
        return ".md"
    return ".yaml" if is_spec(text) else ".mmd"


def is_spec(text: str) -> bool:
    """Return whether a text without a file name is a spec, judging by its beginning."""
    head = text.lstrip("\ufeff \t\r\n")
    return head.startswith(("title:", "category:", "nodes:", "diagram:"))


def pattern_from_text(text: str, name: str) -> Pattern:
    """Return the diagram in a text that is not in a file: Mermaid or a spec.

    `name` is what messages call the text. Raises `DiagramError`.
    """
    if is_spec(text):
        return load_spec(text, name)
    graph = _parse_mermaid(text, name)
    return Pattern(graph, "diagram", "", graph.title or "Diagram", text, Span(name))


def file_extension(path: str) -> str:
    """Return a file's extension with its dot, in lower case."""
    return os.path.splitext(path)[1].lower()  # noqa: PTH122 - called for thousands of files


def load_markdown(text: str, name: str) -> LoadResult:
    """Return the diagrams in a Markdown text; `name` is what messages call it. Raises `DiagramError`."""
    return _read_markdown(text, name, "")


def load_spec(text: str, name: str) -> Pattern:
    """Return the pattern that a spec describes; `name` is what messages call it. Raises `DiagramError`."""
    from diagramkit.sources import spec

    return spec.read(text, name)


def _normalize(text: str) -> str:
    """Return a text as the parsers expect it: with `\\n` line ends and no byte order mark.

    Every character keeps its line and column.
    """
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _parse_mermaid(text: str, name: str) -> Graph:
    from diagramkit.sources.mermaid import read as mermaid
    from diagramkit.sources.mermaid.source_text import Origin

    return mermaid.parse(_normalize(text), Origin(name))


def _read_mermaid(text: str, name: str, folder: str) -> Pattern:
    graph = _parse_mermaid(text, name)
    stem = _stem(name)
    return Pattern(graph, slug(stem), folder, graph.title or stem, text, Span(name))


def _read_markdown(text: str, name: str, folder: str) -> LoadResult:
    """Return each flowchart in a document; Mermaid's other diagram types cause warnings."""
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
            is_other_type = error.problems[0].code == "unsupported-diagram"
            (warnings if is_other_type else problems).extend(error.problems)
            continue
        title = graph.title or f"{stem} {number}"
        span = Span(name, fence.line, fence.column)
        patterns.append(Pattern(graph, f"{slug(stem)}-{number}", folder, title, fence.text, span))
    if problems:
        raise DiagramError(problems)
    return LoadResult(tuple(patterns), tuple(replace(warning, severity="warning") for warning in warnings))
