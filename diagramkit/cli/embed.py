"""`diagramkit embed`: pictures beside the Mermaid in Markdown files."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diagramkit.cli import console, style_options
from diagramkit.diagnostics import BAD_INPUT, FINDINGS, OK, Diagnostic, DiagramError, Span, fail, os_error_reason

if TYPE_CHECKING:
    from diagramkit.pipeline import Options
    from diagramkit.publish.embed import Embedded, EmbedOptions
    from diagramkit.publish.record import Record

_ENDINGS = (".md", ".markdown")


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "embed",
        description="Put a picture beside each Mermaid flowchart in Markdown files, and keep it current: "
        "an edited fence is drawn again, a removed one takes its picture along, a second run changes nothing. "
        "Nothing else in a file changes.",
    )
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help="Markdown files, or folders of them")
    parser.add_argument(
        "--pictures",
        default="diagrams",
        metavar="FOLDER",
        help="where the pictures go, from each file (default: diagrams)",
    )
    parser.add_argument(
        "-f", "--format", choices=("svg", "png"), default="svg", help="the pictures' format (default: svg)"
    )
    parser.add_argument(
        "--show",
        choices=("picture", "source"),
        default="picture",
        help="what is shown, and what folded away (default: the picture is shown)",
    )
    parser.add_argument("--dark", action="store_true", help="a second picture for readers in dark")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 where something is not current"
    )
    style_options.add(parser)
    console.add(parser)
    parser.set_defaults(run=run, parser=parser, configured=True)


def run(options: argparse.Namespace) -> int:
    """Bring all files up to date. Raises `DiagramError`."""
    from diagramkit.icons.packs import installed
    from diagramkit.pipeline import Options
    from diagramkit.publish.embed import EmbedOptions

    folder = options.pictures.replace("\\", "/").strip("/")
    if os.path.isabs(options.pictures) or ":" in folder or ".." in folder.split("/"):
        options.parser.error("--pictures names a folder beside or below each file, such as 'images'")
    style_options.check_theme(options)
    wish = EmbedOptions(options.format, "" if folder == "." else folder, options.show == "source", options.dark)
    how = Options(
        options.theme,
        None,
        background=options.background,
        outlines=options.text == "paths",
        look=style_options.read(options),
        packs=installed.current_packs(),
    )
    code = OK
    for path in _files(options.sources):
        try:
            code = max(code, _one(path, wish, how, options.check))
        except DiagramError as error:
            console.report(error.problems)
            code = BAD_INPUT
    return code


def _files(given: list[str]) -> list[str]:
    """The Markdown files that are meant, each once. Raises `DiagramError` (no-such-file, unknown-format)."""
    found: dict[str, None] = {}
    for source in given:
        path = Path(source)
        if path.is_dir():
            for top, folders, names in os.walk(path):
                folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "node_modules")
                found |= {
                    os.path.join(top, name): None
                    for name in sorted(names)
                    if name.lower().endswith(_ENDINGS) and not name.startswith(".") and not Path(top, name).is_symlink()
                }
        elif path.is_symlink():
            message = "is a link; name the file that it leads to, beside which its pictures are"
            raise fail("is-a-link", message, Span(source))
        elif not path.exists():
            raise fail("no-such-file", "there is no such file or folder; check the path", Span(source))
        elif path.suffix.lower() not in _ENDINGS:
            raise fail(
                "unknown-format",
                "only Markdown can have pictures put in; name a .md file",
                Span(source),
            )
        else:
            found[source] = None
    return list(found)


def _one(path: str, wish: EmbedOptions, how: Options, check: bool) -> int:
    from diagramkit import sources
    from diagramkit.publish import embed, record

    text = sources.read_text(path)
    made = embed.embed(text, path, wish, how)
    console.report(made.problems)
    failed = any(problem.severity == "error" for problem in made.problems)
    kept = record.load(os.path.join(str(Path(path).parent), *wish.folder.split("/")))
    _unshared(kept, path, made)
    code = _checked(path, made, kept) if check else _written(path, text, made, kept)
    return BAD_INPUT if failed else code


def _unshared(kept: Record, path: str, made: Embedded) -> None:
    """Refuse to write over a picture that another file shows. Raises `DiagramError` (same-output)."""
    for picture in made.pictures:
        if other := kept.owner(os.path.basename(picture), path):
            message = (
                f"its picture '{picture}' would be that of {other} too; give the diagram a title, or one of "
                "the two files another name"
            )
            raise fail("same-output", message, Span(path))


def _written(path: str, text: str, made: Embedded, kept: Record) -> int:
    """Write the pictures, then the file that shows them, then take away what is not shown any more."""
    from diagramkit import files

    here = str(Path(path).parent)
    changed = [
        name for name, data in made.pictures.items() if data and files.write(os.path.join(here, *name.split("/")), data)
    ]
    if made.text != text:
        files.write(path, made.text.encode("utf-8"))
    if changed or made.text != text:
        what = [*(["wrote itself"] if made.text != text else []), *changed]
        console.done(f"{path}: {', '.join(what)}")
    elif made.pictures:
        console.done(f"{path}: current")
    for gone, same in _noted(kept, path, made):
        if not same:
            console.report([_orphan(gone, "it was changed since it was written: remove it by hand", "note")])
            continue
        try:
            Path(gone).unlink()
        except OSError as error:
            raise fail("unwritable", f"cannot be removed: {os_error_reason(error)}", Span(gone)) from None
        console.done(f"{gone}: removed")
    kept.save()
    return OK


def _checked(path: str, made: Embedded, kept: Record) -> int:
    """Tell what is not as it is to be."""
    from diagramkit import files

    found: list[Diagnostic] = []
    advice = "run 'diagramkit embed' with the same options and commit it"
    for line in made.stale:
        found.append(
            Diagnostic("stale-embed", f"what stands around this fence is not current; {advice}", Span(path, line))
        )
    for name, data in made.pictures.items():
        where = os.path.join(str(Path(path).parent), *name.split("/"))
        there = files.read(where)
        if data and there != data:
            code, what = ("missing-output", "is missing") if there is None else ("stale-output", "is not current")
            found.append(Diagnostic(code, f"{what}; {advice}", Span(where)))
    found += [_orphan(gone, "run 'diagramkit embed'", "error") for gone, _ in _noted(kept, path, made)]
    console.report(found)
    if not found and made.pictures:
        console.done(f"{path}: current")
    return FINDINGS if found else OK


def _noted(kept: Record, path: str, made: Embedded) -> list[tuple[str, bool]]:
    return kept.update(path, {os.path.basename(name): data for name, data in made.pictures.items()})


def _orphan(path: str, what: str, severity: str) -> Diagnostic:
    return Diagnostic("orphan-output", f"no fence shows this any more; {what}", Span(path), severity)
