"""`diagramkit embed`: pictures in Markdown files, next to the Mermaid they are drawn from."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagramkit.cli import console, limit_options, style_options
from diagramkit.diagnostics import BAD_INPUT, OK, PROBLEMS, Diagnostic, DiagramError, Span, exit_code, fail, problems_of
from diagramkit.project import SETTINGS
from diagramkit.sources import SourceFile, readers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diagramkit.batch.executor import Executor
    from diagramkit.options import Options
    from diagramkit.publish.embed import Embedded, EmbedOptions
    from diagramkit.publish.record import Record

_EXTENSIONS = readers.MARKDOWN.extensions


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "embed",
        description="Embed a picture of each Mermaid flowchart in Markdown files, and keep the pictures current: an "
        "edited fence is redrawn, the picture of a removed fence is removed, and running the command again changes "
        "nothing. The rest of each file is left alone. A file with text of yours between the marks of a picture is "
        "refused.",
    )
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help="Markdown files or folders")
    parser.add_argument(
        "--pictures",
        default="diagrams",
        metavar="FOLDER",
        help="the folder for the pictures, relative to each file (default: diagrams)",
    )
    parser.add_argument(
        "-f", "--format", choices=("svg", "png"), default="svg", help="the format of the pictures (default: svg)"
    )
    parser.add_argument(
        "--show",
        choices=("picture", "source"),
        default="picture",
        help="what to show; the other is collapsed (default: picture)",
    )
    parser.add_argument("--dark", action="store_true", help="add a second picture for dark mode")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; the exit code is 1 if something is not current"
    )
    parser.add_argument(
        "--require-added",
        action="store_true",
        help="for hooks: the exit code is 1 if a file is not added to git, or has changed since",
    )
    limit_options.add_options(parser)
    style_options.add_options(parser)
    console.add_options(parser)
    parser.set_defaults(run=run, parser=parser, configured=SETTINGS)


def run(options: argparse.Namespace) -> int:
    """Update all files, or check them, and return the exit code. Raises `DiagramError`."""
    from diagramkit import write_scope
    from diagramkit.cli import inputs
    from diagramkit.publish.embed import EmbedOptions

    folder = options.pictures.replace("\\", "/").strip("/")
    if os.path.isabs(options.pictures) or ":" in folder or ".." in folder.split("/"):
        options.parser.error(
            f"invalid --pictures '{options.pictures}': expected a folder next to or below each file, such as 'images'"
        )
    style_options.check_theme(options)
    embed_options = EmbedOptions(
        options.format, "" if folder == "." else folder, options.show == "source", options.dark
    )
    draw_options = style_options.read(options, inputs.current_packs())
    code, outputs = OK, list[tuple[Span, list[str]]]()
    for source in options.sources:
        write_scope.allow(source if Path(source).is_dir() else str(Path(source).parent))
    for file in _markdown_files(options.sources):
        try:
            code = max(code, _process(file, embed_options, draw_options, options.check, options.executor))
        except Exception as error:
            console.report(problems_of(error, Span(file.path)))
            code = BAD_INPUT
        else:
            outputs.append((Span(file.path), [file.path, *_pictures_of(file.path, embed_options)]))
    if options.require_added:
        from diagramkit.batch import git

        problems = list(git.not_added(outputs))
        console.report(problems)
        code = max(code, exit_code(problems))
    return code


def _pictures_of(path: str, embed_options: EmbedOptions) -> list[str]:
    """Return the paths of the pictures that a Markdown file shows."""
    from diagramkit.publish import record

    folder = os.path.join(str(Path(path).parent), *embed_options.folder.split("/"))
    return [os.path.join(folder, name) for name in record.load(folder).pictures_of(path)]


def _markdown_files(source_paths: list[str]) -> list[SourceFile]:
    """Return the Markdown files among the sources and in source folders, without duplicates.

    A source that is no Markdown file has a problem (no-such-file, unknown-format, is-a-link).
    """
    result: dict[str, SourceFile] = {}
    for source_path in source_paths:
        path = Path(source_path)
        if path.is_dir():
            for file in _files_in_folder(path):
                result.setdefault(file.path, file)
        else:
            result.setdefault(source_path, SourceFile(source_path, problems=_problems_of(path, source_path)))
    return list(result.values())


def _files_in_folder(folder: Path) -> Iterator[SourceFile]:
    """Yield the Markdown files in a folder. Report what has such a name, but is not a file."""
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
        for name in sorted(names):
            path = Path(top, name)
            if not name.lower().endswith(_EXTENSIONS) or name.startswith(".") or path.is_symlink():
                continue
            if path.is_file():
                yield SourceFile(os.path.join(top, name), in_folder=True)
            else:
                message = "this is not a regular file and is skipped"
                console.report([Diagnostic("not-a-source", message, Span(str(path)), "note")])


def _problems_of(path: Path, source_path: str) -> tuple[Diagnostic, ...]:
    """Return why a source is no Markdown file, or nothing if it is one."""
    if path.is_symlink():
        message = "is a symbolic link; name its target instead, because pictures are written next to that"
        return fail("is-a-link", message, Span(source_path)).problems
    if not path.exists():
        return fail("no-such-file", "no such file or folder; check the path", Span(source_path)).problems
    if path.suffix.lower() not in _EXTENSIONS:
        return fail("unknown-format", "is not a Markdown file; name a .md file", Span(source_path)).problems
    return ()


def _process(
    file: SourceFile, embed_options: EmbedOptions, draw_options: Options, check: bool, executor: Executor
) -> int:
    """Update one file, or check it, and return the exit code. Raises `DiagramError`."""
    from diagramkit import sources
    from diagramkit.publish import embed, record

    if file.problems:
        raise DiagramError(file.problems)
    path = file.path
    text = sources.read_text(path)
    embedded = embed.embed(text, path, embed_options, draw_options, executor)
    if embedded.refused:
        console.report(embedded.problems)
        return BAD_INPUT
    picture_record = record.load(os.path.join(str(Path(path).parent), *embed_options.folder.split("/")))
    problems = [*embedded.problems, *embedded.skipped]
    if not (problems or embedded.pictures or embedded.stale or picture_record.pictures_of(path)):
        problems.append(sources.no_diagram(file))
    console.report(sorted(problems, key=lambda problem: problem.span.line))
    failed = any(problem.severity == "error" for problem in problems)
    _check_owners(picture_record, path, embedded)
    code = _check(path, embedded, picture_record) if check else _write(path, text, embedded, picture_record)
    return BAD_INPUT if failed else code


def _check_owners(picture_record: Record, path: str, embedded: Embedded) -> None:
    """Check that no picture of this file belongs to another file. Raises `DiagramError` (same-output)."""
    for name in embedded.pictures:
        if owner := picture_record.owner(os.path.basename(name), path):
            picture = _picture_path(path, name)
            message = (
                f"its picture '{picture}' would replace the picture of {owner}; give the diagram a title, or rename "
                "one of the two files"
            )
            raise fail("same-output", message, Span(path))


def _write(path: str, text: str, embedded: Embedded, picture_record: Record) -> int:
    """Write the pictures, then the Markdown file, then remove pictures that are no longer shown."""
    from diagramkit import files

    pictures = {_picture_path(path, name): data for name, data in embedded.pictures.items()}
    changed = [picture for picture, data in pictures.items() if data and files.write(picture, data)]
    wrote = f"wrote {', '.join(changed)}"
    if embedded.text != text:
        files.write(path, embedded.text.encode("utf-8"))
        console.info(f"updated {path}{'; ' + wrote if changed else ''}")
    elif changed:
        console.info(f"{path}: {wrote}")
    elif embedded.pictures:
        console.info(f"{path}: current")
    for orphan, unchanged in _update_record(picture_record, path, embedded):
        if not unchanged:
            console.report([_orphan(orphan, "it was edited after diagramkit wrote it, so remove it by hand", "note")])
            continue
        files.remove(orphan)
        console.info(f"{orphan}: removed")
    picture_record.save()
    return OK


def _check(path: str, embedded: Embedded, picture_record: Record) -> int:
    """Report everything that is not current and return the exit code."""
    from diagramkit import files

    reasons: dict[int, list[tuple[str, str]]] = {}  # The code and the reason of each fence that is not current.
    for line in embedded.stale:
        reasons.setdefault(line, []).append(("stale-embed", "the embedded picture of this fence is not current"))
    for name, data in embedded.pictures.items():
        picture_path = _picture_path(path, name)
        existing = files.read(picture_path)
        if data and existing != data:
            code, state = ("missing-output", "is missing") if existing is None else ("stale-output", "is not current")
            reasons.setdefault(embedded.lines[name], []).append((code, f"{picture_path} {state}"))
    advice = "run 'diagramkit embed' with the same options and commit the result"
    problems = [
        Diagnostic(items[0][0], f"{', and '.join(text for _, text in items)}; {advice}", Span(path, line))
        for line, items in sorted(reasons.items())
    ]
    for orphan, _ in _update_record(picture_record, path, embedded):
        problems.append(_orphan(orphan, "run 'diagramkit embed'", "error"))
    console.report(problems)
    if not problems and embedded.pictures:
        console.info(f"{path}: current")
    return PROBLEMS if problems else OK


def _picture_path(path: str, name: str) -> str:
    """Return the path of a picture from the path of its Markdown file and its name, which is relative to that."""
    return str(Path(path).parent.joinpath(*name.split("/")))


def _update_record(picture_record: Record, path: str, embedded: Embedded) -> list[tuple[str, bool]]:
    """Record the pictures of a file. Return its orphaned pictures, each with whether the file is unchanged."""
    return picture_record.update(path, {os.path.basename(name): data for name, data in embedded.pictures.items()})


def _orphan(path: str, advice: str, severity: str) -> Diagnostic:
    return Diagnostic("orphan-output", f"is orphaned: no fence shows it anymore; {advice}", Span(path), severity)
