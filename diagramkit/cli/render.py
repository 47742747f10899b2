"""`diagramkit render`: sources in, pictures out, side by side with their Mermaid."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

from diagramkit.cli import console, style_options
from diagramkit.diagnostics import BAD_INPUT, OK
from diagramkit.pipeline import DEFAULT_FORMATS, FORMATS, Options

if TYPE_CHECKING:
    from diagramkit.batch.jobs import Bounds, Job
    from diagramkit.batch.shard import Shard
    from diagramkit.sources import SourceFile

_STDOUT = "-"


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "render",
        description="Draw each diagram in the sources and write its Mermaid, SVG and PNG side by "
        "side: OUTPUT/CATEGORY/PATTERN.svg. Files that are current are left alone.",
    )
    _options(parser)


def parser() -> argparse.ArgumentParser:
    """The command's parser, alone."""
    alone = argparse.ArgumentParser()
    _options(alone)
    return alone


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sources",
        nargs="*",
        metavar="SOURCE",
        help="specs, .mmd or Markdown files, folders, or - for standard input (default: specs)",
    )
    parser.add_argument(
        "-o",
        "--output",
        default="output",
        metavar="FOLDER",
        help="where the pictures go (default: output); - for standard output",
    )
    parser.add_argument(
        "-f",
        "--format",
        action="append",
        metavar="FORMAT",
        help=f"what to write: {', '.join(FORMATS)}; several with commas (default: mmd, svg, png)",
    )
    parser.add_argument(
        "--scale",
        type=_number("scale", "a number", 0.1, 20),
        default=None,
        metavar="N",
        help="pixels of the PNG for each point of the drawing (default: 2; less for a picture of more than 32 million pixels)",
    )
    parser.add_argument("--width", type=_width, metavar="PIXELS", help="the PNG's width, instead of a scale")
    parser.add_argument(
        "--palette", action=argparse.BooleanOptionalAction, default=False, help="PNGs of 256 colours: a third as large"
    )
    style_options.add(parser)
    parser.add_argument(
        "--jobs", type=_jobs, default=None, metavar="N", help="processes (default: as many as the batch is worth)"
    )
    parser.add_argument(
        "--timeout",
        type=_number("time", "seconds", 0.01, 86400),
        default=None,
        metavar="SECONDS",
        help="give up a diagram that takes longer, and go on with the next",
    )
    parser.add_argument(
        "--memory",
        type=_number("size", "megabytes", 100, 1_000_000),
        default=None,
        metavar="MB",
        help="give up a diagram that takes more memory (on Linux), and go on with the next",
    )
    parser.add_argument(
        "--engine",
        choices=("layered", "wasm", "native"),
        default="layered",
        help="what lays out: diagramkit's own engine (layered, the default), Graphviz as it is built "
        "in (wasm), or the machine's own Graphviz (native)",
    )
    parser.add_argument(
        "--strict", action=argparse.BooleanOptionalAction, default=False, help="a node without an icon is an error"
    )
    parser.add_argument("--force", action="store_true", help="draw all, whatever was drawn before")
    parser.add_argument(
        "--prune", action="store_true", help="remove pictures that diagramkit wrote and no source makes any more"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit with 1 where a file is missing or not current"
    )
    parser.add_argument(
        "--diff", metavar="FOLDER", help="with --check: pictures of what differs, before, after and both"
    )
    parser.add_argument(
        "--shard", type=_shard, metavar="N/M", help="draw the Nth of M parts, about as much work each: for a CI matrix"
    )
    parser.add_argument(
        "--cluster", metavar="ADDRESS", help="draw on the workers of a Dask scheduler, as tcp://scheduler:8786"
    )
    parser.add_argument("--watch", action="store_true", help="draw again whenever a source is saved")
    parser.add_argument(
        "--profile", action="store_true", help="tell where the time goes, step by step; draws in this process alone"
    )
    parser.add_argument(
        "--gallery",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="write index.html and README.md too, which show all pictures",
    )
    parser.add_argument(
        "--summary", metavar="FILE", help="write what was done as Markdown, with the pictures that changed"
    )
    parser.add_argument(
        "--summary-images",
        metavar="URL",
        help="what the summary's links to pictures begin with (default: they are relative)",
    )
    console.add(parser)
    console.add_more(parser)
    parser.set_defaults(
        run=run,
        parser=parser,
        configured=True,
        usual_sources=["specs"],
        usual_format=None,
        usual_scale=None,
        usual_width=None,
    )


def run(options: argparse.Namespace) -> int:
    """Draw everything that can be drawn; report the rest. Raises `DiagramError`."""

    formats = _formats(options)
    _agreed(options)
    if options.profile:
        return _profiled(options, formats)
    if not options.watch:
        return _once(options, formats)
    from diagramkit.cli import watch

    places = options.sources or options.usual_sources
    if options.theme.lower().endswith((".yaml", ".yml")):
        places = [*places, options.theme]
    return watch.watch(lambda: _once(options, formats), places, options.output)


def _profiled(options: argparse.Namespace, formats: tuple[str, ...]) -> int:
    from diagramkit import timing

    options.jobs = 1
    with timing.watched() as times:
        code = _once(options, formats)
    rest = times.whole - sum(times.spent.values())
    for name, seconds in (*times.spent.items(), ("rest", rest)):
        print(f"{name:18}{seconds * 1000:10.1f} ms {seconds / times.whole:6.1%}", file=sys.stderr)
    print(f"{'in all':18}{times.whole * 1000:10.1f} ms", file=sys.stderr)
    return code


def _agreed(options: argparse.Namespace) -> None:
    """Refuse options that contradict each other."""
    wrong = options.parser.error
    if options.output == _STDOUT:
        for name in ("check", "watch", "shard", "summary", "cluster", "gallery"):
            if getattr(options, name):
                wrong(f"--{name} needs a folder, not '-o -'")
    bounded = options.timeout or options.memory
    if options.profile and (bounded or options.watch or options.cluster):
        wrong("--profile draws once, in this process: without --timeout, --memory, --watch, --cluster")
    if options.diff is not None and not options.check:
        wrong("--diff shows what --check finds: ask for both")
    if options.watch and (options.check or options.shard):
        wrong("--watch draws what changes: it goes neither with --check nor with --shard")
    if options.cluster is not None and (bounded or options.jobs or options.watch):
        wrong("--cluster draws with the processes there: without --jobs, --timeout, --memory, --watch")
    if options.watch and _STDOUT in options.sources:
        wrong("--watch needs files, not '-'")


def _once(options: argparse.Namespace, formats: tuple[str, ...]) -> int:
    from diagramkit import sources
    from diagramkit.batch import incremental, jobs
    from diagramkit.cli import batches
    from diagramkit.cli.summary import Summary
    from diagramkit.icons.packs import installed

    style_options.check_theme(options)
    files = sources.find(options.sources or options.usual_sources)
    scale, width = options.scale, options.width
    if scale is None and width is None:
        scale, width = options.usual_scale, options.usual_width
    how = Options(
        options.theme,
        scale,
        options.engine,
        options.background,
        options.text == "paths",
        width,
        options.palette,
        style_options.read(options),
        installed.current_packs(),
        options.strict,
    )
    if options.output == _STDOUT:
        return _to_stdout(files, formats, how, options)
    batch = incremental.Batch(files, options.output, formats, how, force=options.force, shard=options.shard)
    console.report(batch.current_problems())
    summary = Summary()
    for stem in batch.current:
        if not options.watch:
            console.done(f"{stem}: current")
        summary.note(stem, "current", formats)
    for file, why in batch.pending.items():
        console.detail(f"{file.path}: to be drawn, {why}" if why else f"{file.path}: to be drawn")
    results = (
        jobs.run(batch.jobs(), options.jobs, _bounds(options), None if options.check else batch.staging)
        if options.cluster is None
        else batch.run_on_cluster(options.cluster)
    )
    accepted = map(batch.accept, batches.progress(results, len(batch.pending)))
    if options.check:
        code = batches.check(batch, accepted, options.diff, summary)
    else:
        try:
            # Nobody draws any more when what is left beside its place is swept.
            with closing(results):
                code = batches.write(batch, accepted, options.prune, summary)
        finally:
            batch.sweep()
    if options.gallery:
        from diagramkit.cli import gallery

        given = options.sources or options.usual_sources
        code = max(code, gallery.write(given, options.output, how, None, options.check))
    if options.summary is not None:
        summary.write(options.summary, console.told(), options.summary_images)
    return code


def _bounds(options: argparse.Namespace) -> Bounds:
    from diagramkit.batch.jobs import Bounds

    return Bounds(options.timeout, options.memory and int(options.memory * 1_000_000))


def _to_stdout(files: list[SourceFile], formats: tuple[str, ...], how: Options, options: argparse.Namespace) -> int:
    from diagramkit.batch import jobs
    from diagramkit.cli import inputs

    found: list[Job] = []
    for job in jobs.plan(files, formats, how):
        if job.pattern is None and job.problems:
            console.report(job.problems)
            if any(problem.severity == "error" for problem in job.problems):
                return BAD_INPUT
        else:
            found.append(job)
    if len(found) != 1 or len(formats) != 1:
        options.parser.error(
            "'-o -' writes one diagram in one format: name one source with one diagram, and a format, as in '-f svg'"
        )
    result = jobs.draw(found[0])
    if not result.pictures and not result.problems:
        raise inputs.none(found[0].source.path)
    console.report(result.problems)
    for picture in result.pictures:
        console.report(picture.problems)
    if result.failed or not result.pictures:
        return BAD_INPUT
    sys.stdout.buffer.write(result.pictures[0].files[formats[0]])
    sys.stdout.buffer.flush()
    return OK


def _formats(options: argparse.Namespace) -> tuple[str, ...]:
    """The formats asked for, each once, in the order in which they are always written."""
    from diagramkit.diagnostics import did_you_mean

    asked = [name.strip() for text in options.format or options.usual_format or () for name in text.split(",")]
    for name in asked:
        if name not in FORMATS:
            hint = did_you_mean(name, FORMATS) or f"; choose from {', '.join(FORMATS)}"
            options.parser.error(f"there is no format '{name}'{hint}")
    if not asked and options.output == _STDOUT:
        return ("svg",)
    return tuple(name for name in FORMATS if name in asked) or DEFAULT_FORMATS


def _number(name: str, what: str, low: float, high: float) -> Callable[[str], float]:
    """Reads an option's number from `low` to `high`."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"'{text}' is no {name}; write {what} from {low:g} to {high:g}")
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


def _shard(text: str) -> Shard:
    from diagramkit.batch.shard import Shard

    number, slash, of = text.partition("/")
    if slash and number.isdigit() and of.isdigit() and 1 <= int(number) <= int(of) <= 1000:
        return Shard(int(number), int(of))
    raise argparse.ArgumentTypeError(f"'{text}' is no part; write the number of it and of all, as 3/8")
