"""`diagramkit render`: sources in, pictures out, side by side with their Mermaid."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from diagramkit.cli import looks, say
from diagramkit.pipeline import FORMATS, USUAL_FORMATS, Options
from diagramkit.problems import BAD_INPUT, FINDINGS, OK, DiagramError, Problem, Span

if TYPE_CHECKING:
    from diagramkit.batch.deliver import Batch
    from diagramkit.batch.jobs import Job, Result
    from diagramkit.sources import SourceFile

_STDOUT = "-"


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "render", help="draw diagrams as SVG and PNG",
        description="Draw each diagram in the sources and write its Mermaid, SVG and PNG side by "
        "side: OUTPUT/CATEGORY/PATTERN.svg. Files that are current are left alone.",
    )  # fmt: skip
    _options(parser)


def parser() -> argparse.ArgumentParser:
    """The command's parser, alone."""
    alone = argparse.ArgumentParser()
    _options(alone)
    return alone


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sources", nargs="*", metavar="SOURCE",
                        help="specs, .mmd or Markdown files, folders, or - for standard input "
                        "(default: specs)")  # fmt: skip
    parser.add_argument("-o", "--output", default="output", metavar="FOLDER",
                        help="where the pictures go (default: output); - for standard output")  # fmt: skip
    parser.add_argument("-f", "--format", action="append", metavar="FORMAT",
                        help=f"what to write: {', '.join(FORMATS)}; several with commas "
                        "(default: mmd, svg, png)")  # fmt: skip
    parser.add_argument("--scale", type=_number("scale", "a number", 0.1, 20), default=None, metavar="N",
                        help="pixels of the PNG for each point of the drawing (default: 2; less for a picture of more than 32 million pixels)")  # fmt: skip
    parser.add_argument("--width", type=_width, metavar="PIXELS",
                        help="the PNG's width, instead of a scale")  # fmt: skip
    parser.add_argument("--palette", action=argparse.BooleanOptionalAction, default=False,
                        help="PNGs of 256 colours: a third as large")  # fmt: skip
    looks.add(parser)
    parser.add_argument("--jobs", type=_jobs, default=None, metavar="N",
                        help="processes (default: as many as the batch is worth)")  # fmt: skip
    parser.add_argument("--timeout", type=_number("time", "seconds", 0.01, 86400), default=None, metavar="SECONDS",
                        help="give up a diagram that takes longer, and go on with the next")  # fmt: skip
    parser.add_argument("--engine", choices=("wasm", "native"), default="wasm",
                        help="where Graphviz comes from (default: wasm, which is built in)")  # fmt: skip
    parser.add_argument("--strict", action=argparse.BooleanOptionalAction, default=False,
                        help="a node without an icon is an error")  # fmt: skip
    parser.add_argument("--force", action="store_true",
                        help="draw all, whatever was drawn before")  # fmt: skip
    parser.add_argument("--prune", action="store_true",
                        help="remove pictures that diagramkit wrote and no source makes any more")  # fmt: skip
    parser.add_argument("--check", action="store_true",
                        help="write nothing; exit with 1 where a file is missing or not current")  # fmt: skip
    say.add(parser)
    parser.set_defaults(
        run=run, parser=parser, configured=True, usual_sources=["specs"], usual_format=None
    )


def run(options: argparse.Namespace) -> int:
    """Draw everything that can be drawn; report the rest. Raises `DiagramError`."""
    from diagramkit import sources
    from diagramkit.batch import deliver, jobs
    from diagramkit.icons.packs import installed

    formats = _formats(options)
    to_stdout = options.output == _STDOUT
    if to_stdout and options.check:
        options.parser.error("--check compares files: it needs a folder, not '-o -'")
    looks.check_theme(options)
    files = sources.find(options.sources or options.usual_sources)
    how = Options(
        options.theme, options.scale, options.engine, options.background,
        options.text == "paths", options.width, options.palette, looks.read(options),
        installed.here(), options.strict,
    )  # fmt: skip
    if to_stdout:
        return _to_stdout(files, formats, how, options)
    batch = deliver.Batch(files, options.output, formats, how, anew=options.force)
    say.report(batch.told())
    results = jobs.run(batch.jobs(), options.jobs, options.timeout)
    results = map(batch.accept, _progress(results, len(batch.todo)))
    return _check(batch, results) if options.check else _write(batch, results, options.prune)


def _write(batch: Batch, results: Iterable[Result], prune: bool) -> int:
    """Write what is new; a line for each diagram."""
    code, drawn = OK, 0
    for stem in batch.current:
        say.done(f"{stem}: current")
    try:
        for result in results:
            say.report(result.problems)
            for picture in result.pictures:
                say.report(picture.problems)
                if not picture.failed:
                    changed = batch.write(result.source, picture)
                    fate = f"wrote {', '.join(changed)}" if changed else "current"
                    say.done(f"{batch.stem(picture.name)}: {fate}")
            batch.close(result)
            drawn += len(result.pictures)
            code = BAD_INPUT if result.failed else code
        for path, fate in batch.orphans(prune):
            if fate == "removed":
                say.done(f"{path}: removed")
            else:
                say.report([_orphan(path, fate, "note")])
    finally:
        batch.save()
    return _told_empty(batch, drawn, code)


def _check(batch: Batch, results: Iterable[Result]) -> int:
    """Compare with what is there: a finding for each file that is missing, not current, or left over."""
    from diagramkit import files

    code, count, drawn = OK, batch.files, 0
    for result in results:
        say.report(result.problems)
        for picture in result.pictures:
            say.report(picture.problems)
            for ending, data in picture.files.items():
                path = f"{batch.stem(picture.name)}.{ending}"
                found = files.read(path)
                count += 1
                if found == data:
                    continue
                code = max(code, FINDINGS)
                name, what = (
                    ("missing", "is missing") if found is None else ("stale", "is not current")
                )
                message = f"{what}; run 'diagramkit render' with the same options and commit it"
                say.report([Problem(f"{name}-output", message, Span(path))])
        batch.close(result)
        drawn += len(result.pictures)
        code = BAD_INPUT if result.failed else code
    for path, fate in batch.orphans(remove=False):
        code = max(code, FINDINGS)
        say.report([_orphan(path, fate, "error")])
    if code == OK and count:
        say.done(f"{count} files are current")
    return _told_empty(batch, drawn, code)


def _told_empty(batch: Batch, drawn: int, code: int) -> int:
    """The exit code, once it is told where there was no diagram at all."""
    if drawn or batch.current or code == BAD_INPUT:
        return code
    where = Span(batch.given[0].path)
    raise DiagramError(Problem("no-diagram", "there is no Mermaid fence here; add one", where))


def _orphan(path: str, fate: str, severity: str) -> Problem:
    message = "no source makes this any more; " + (
        "it was changed since it was written: remove it by hand"
        if fate == "changed"
        else "remove it with 'diagramkit render --prune'"
    )
    return Problem("orphan-output", message, Span(path), severity)


def _to_stdout(
    files: list[SourceFile], formats: tuple[str, ...], how: Options, options: argparse.Namespace
) -> int:
    from diagramkit.batch import jobs

    found: list[Job] = []
    for job in jobs.plan(files, formats, how):
        if job.pattern is None and job.told:
            say.report(job.told)
            if any(problem.severity == "error" for problem in job.told):
                return BAD_INPUT
        else:
            found.append(job)
    if len(found) != 1 or len(formats) != 1:
        options.parser.error(
            "'-o -' writes one diagram in one format: name one source with one diagram, "
            "and a format, as in '-f svg'"
        )
    result = jobs.draw(found[0])
    say.report(result.problems)
    for picture in result.pictures:
        say.report(picture.problems)
    if result.failed or not result.pictures:
        return BAD_INPUT
    sys.stdout.buffer.write(result.pictures[0].files[formats[0]])
    sys.stdout.buffer.flush()
    return OK


def _progress(results: Iterator[Result], total: int) -> Iterator[Result]:
    """The results as they come, with a bar on a terminal."""
    if not sys.stderr.isatty() or total < 2:
        yield from results
        return
    from tqdm import tqdm

    with tqdm(total=total, unit="source", leave=False) as bar:
        for result in results:
            bar.set_postfix_str(os.path.basename(result.source.path), refresh=False)
            bar.update(result.last)
            with bar.external_write_mode():
                yield result


def _formats(options: argparse.Namespace) -> tuple[str, ...]:
    """The formats asked for, each once, in the order in which they are always written."""
    from diagramkit.problems import did_you_mean

    asked = [
        name.strip()
        for text in options.format or options.usual_format or ()
        for name in text.split(",")
    ]
    for name in asked:
        if name not in FORMATS:
            hint = did_you_mean(name, FORMATS) or f"; choose from {', '.join(FORMATS)}"
            options.parser.error(f"there is no format '{name}'{hint}")
    if not asked and options.output == _STDOUT:
        return ("svg",)
    return tuple(name for name in FORMATS if name in asked) or USUAL_FORMATS


def _number(name: str, what: str, low: float, high: float) -> Callable[[str], float]:
    """Reads an option's number from `low` to `high`."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(
                f"'{text}' is no {name}; write {what} from {low:g} to {high:g}"
            )
        return value

    return read


def _width(text: str) -> int:
    if not text.isdigit() or not 16 <= int(text) <= 16384:
        raise argparse.ArgumentTypeError(f"'{text}' is no width; write pixels from 16 to 16384")
    return int(text)


def _jobs(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of processes from 1 to 256")
    return int(text)
