"""`diagramkit render`: draw the diagrams in sources and write pictures and Mermaid next to each other."""

from __future__ import annotations

import argparse
import re
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from diagramkit.cli import console, limit_options, source_arguments, style_options
from diagramkit.cli.option_types import number
from diagramkit.diagnostics import BAD_INPUT, OK, Span, exit_code
from diagramkit.options import Options
from diagramkit.outputs import DEFAULT_FORMATS, OUTPUTS, Output, output_of
from diagramkit.project import SETTINGS

if TYPE_CHECKING:
    from diagramkit.batch.jobs import Job
    from diagramkit.batch.shard import Shard
    from diagramkit.diagnostics import Diagnostic
    from diagramkit.sources import SourceFile

_STDOUT = "-"
_OTHER_EXTENSIONS = (".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".eps", ".html", ".md", ".txt")
"""The extensions of files that somebody may expect `render` to write."""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "render",
        description="Draw each diagram in the sources, and write its Mermaid, SVG and PNG next to each other: "
        "OUTPUT/CATEGORY/PATTERN.svg. Files that are current are left alone.",
    )
    _add_options(parser)


def build_parser() -> argparse.ArgumentParser:
    """Return a parser for this command only, without the other commands."""
    parser = argparse.ArgumentParser()
    _add_options(parser)
    return parser


def _add_options(parser: argparse.ArgumentParser) -> None:
    source_arguments.add(parser, "folders, or - for standard input")
    parser.add_argument(
        "-o",
        "--output",
        default="output",
        metavar="PATH",
        help="the folder for the pictures, a file such as shop.svg for one picture, or - for standard output "
        "(default: output)",
    )
    parser.add_argument(
        "-f",
        "--format",
        action="append",
        metavar="FORMAT",
        help=f"the formats to write, separated by commas: {', '.join(OUTPUTS)} (default: mmd, svg, png)",
    )
    parser.add_argument(
        "--scale",
        type=number("scale", "a number", 0.1, 20),
        default=None,
        metavar="N",
        help="the resolution of the PNG in pixels per point (default: 2, or less if the picture would exceed 32 "
        "million pixels)",
    )
    parser.add_argument("--width", type=_width, metavar="PIXELS", help="the width of the PNG, instead of a scale")
    parser.add_argument(
        "--palette",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="limit PNGs to 256 colors, which makes them much smaller",
    )
    style_options.add_options(parser, read_theme=style_options.themes)
    parser.add_argument(
        "--jobs", type=_jobs, default=None, metavar="N", help="the number of worker processes (default: auto)"
    )
    limit_options.add_options(parser)
    parser.add_argument(
        "--engine",
        choices=("layered", "wasm", "native"),
        default="layered",
        help="the layout engine: diagramkit's own (layered, the default), the bundled Graphviz (wasm), or the Graphviz "
        "that is installed on this machine (native)",
    )
    parser.add_argument(
        "--strict",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="report components without an icon as errors",
    )
    parser.add_argument("--force", action="store_true", help="redraw everything")
    parser.add_argument("--prune", action="store_true", help="remove orphaned pictures that diagramkit wrote")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; the exit code is 1 if a file is missing or not current"
    )
    parser.add_argument(
        "--require-added",
        action="store_true",
        help="for hooks: the exit code is 1 if a picture is not added to git, or has changed since",
    )
    parser.add_argument(
        "--diff", metavar="FOLDER", help="with --check: write pictures of the differences, before, after and both"
    )
    parser.add_argument(
        "--shard", type=_shard, metavar="N/M", help="draw part N of M parts of about equal work, for a CI matrix"
    )
    parser.add_argument(
        "--cluster",
        type=_cluster,
        metavar="ADDRESS",
        help="draw on the workers of a Dask scheduler, such as tcp://scheduler:8786",
    )
    parser.add_argument("--watch", action="store_true", help="redraw whenever a source is saved")
    parser.add_argument(
        "--profile", action="store_true", help="print a timing breakdown by step; draws in this process only"
    )
    parser.add_argument(
        "--gallery",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="also write index.html and README.md, which show all pictures",
    )
    parser.add_argument(
        "--report",
        metavar="FILE",
        help="with a file as output: also write a report about the picture, with the reason for each icon, what is "
        "hard to read and what to change (JSON); '-f report' writes one for each picture",
    )
    parser.add_argument(
        "--summary", metavar="FILE", help="write a Markdown summary of the run, with the pictures that changed"
    )
    parser.add_argument(
        "--summary-images",
        metavar="URL",
        help="the prefix of links to pictures in the summary (default: none; the links are relative)",
    )
    parser.add_argument(
        "--summary-differences",
        default="",
        metavar="URL",
        help="the prefix of links to the pictures of --diff in the summary (default: none; the links are relative)",
    )
    console.add_options(parser)
    console.add_verbose_option(parser)
    parser.set_defaults(
        run=run,
        parser=parser,
        configured=SETTINGS,
        destinations=("output", "diff", "summary", "report"),
        default_format=None,
        default_scale=None,
        default_width=None,
    )


def run(options: argparse.Namespace) -> int:
    """Draw all diagrams that can be drawn, report problems with the others, and return the exit code.

    Raises `DiagramError`.
    """
    _check_output(options)
    formats = _formats(options)
    _check_conflicts(options)
    options.searched_output = None if _is_single(options) else options.output  # Themes have folders in it.
    style_options.reject_unused(options, formats)
    if options.profile:
        return _render_profiled(options, formats)
    if not options.watch:
        return _render_with_hint(options, formats)
    from diagramkit.cli import watch

    paths = [*source_arguments.chosen(options), *filter(style_options.is_file, options.theme.split(","))]
    return watch.watch(lambda: _render_with_hint(options, formats), paths, options.output)


def _for_each_theme(options: argparse.Namespace) -> list[argparse.Namespace]:
    """Return the options for each theme. With several themes, each has its own file `shop-dark.svg`, or folder."""
    themes = options.theme.split(",")
    if len(themes) == 1:
        return [options]
    names = [Path(theme).stem for theme in themes]
    if options.output == _STDOUT or options.summary is not None or len(set(names)) < len(names):
        conflict = "-o -" if options.output == _STDOUT else "--summary" if options.summary is not None else themes[-1]
        options.parser.error(f"'--theme {options.theme}' writes several pictures and cannot be used with '{conflict}'")
    result = []
    for theme, name in zip(themes, names, strict=True):
        path = Path(options.output)
        output = str(path.with_stem(f"{path.stem}-{name}") if _is_single(options) else path / name)
        diff = None if options.diff is None else str(Path(options.diff) / name)
        result.append(argparse.Namespace(**{**vars(options), "theme": theme, "output": output, "diff": diff}))
    return result


def _render_with_hint(options: argparse.Namespace, formats: tuple[str, ...]) -> int:
    """Draw once and return the exit code. If pictures were drawn, suggest an icon pack to newcomers."""
    code = max(_render(themed, formats) for themed in _for_each_theme(options))
    if code == OK and not options.check and formats != ("mmd",):
        from diagramkit.cli import hints

        hints.suggest_icon_pack()
    return code


def _render_profiled(options: argparse.Namespace, formats: tuple[str, ...]) -> int:
    """Draw once in this process, and print the time that each step took."""
    from diagramkit import timing

    options.jobs = 1
    with timing.measure() as times:
        code = max(_render(themed, formats) for themed in _for_each_theme(options))
    rest = times.total - sum(times.by_step.values())
    for name, seconds in (*times.by_step.items(), ("rest", rest)):
        print(f"{name:18}{seconds * 1000:10.1f} ms {seconds / times.total:6.1%}", file=sys.stderr)
    print(f"{'total':18}{times.total * 1000:10.1f} ms", file=sys.stderr)
    return code


def _check_conflicts(options: argparse.Namespace) -> None:
    """Exit with a usage error if options contradict each other."""
    error = options.parser.error
    if _is_single(options):
        for name in ("check", "shard", "summary", "cluster", "gallery", "prune", "require_added"):
            if getattr(options, name):
                error(
                    f"--{name.replace('_', '-')} needs an output folder and cannot be used with '-o {options.output}'"
                )
        if options.watch and options.output == _STDOUT:
            error("--watch needs an output file or folder and cannot be used with '-o -'")
    elif options.report is not None:
        error("--report needs an output file, as in '-o shop.svg'; '-f report' writes a report for each picture")
    has_limit = options.timeout or options.memory
    if options.profile and (has_limit or options.watch or options.cluster):
        error("--profile cannot be used with --timeout, --memory, --watch or --cluster")
    if options.diff is not None and not options.check:
        error("--diff needs --check")
    if options.watch and (options.check or options.shard):
        error("--watch cannot be used with --check or --shard")
    if options.cluster is not None and (has_limit or options.jobs or options.watch):
        error("--cluster cannot be used with --jobs, --timeout, --memory or --watch")
    if options.watch and _STDOUT in options.sources:
        error("--watch needs files and cannot be used with standard input")


def _render(options: argparse.Namespace, formats: tuple[str, ...]) -> int:
    """Draw the sources once and return the exit code. Raises `DiagramError`."""
    from diagramkit import sources
    from diagramkit.cli import inputs

    for name in formats:
        OUTPUTS[name].check_package(Span(options.output))
    style_options.check_theme(options)
    files = sources.find(source_arguments.chosen(options), options.executor.read_index, options.searched_output)
    scale, width = options.scale, options.width
    if scale is None and width is None:
        scale, width = options.default_scale, options.default_width
    draw_options = replace(
        style_options.read(options, inputs.current_packs()),
        scale=scale,
        width=width,
        engine=options.engine,
        palette=options.palette,
        strict=options.strict,
    )
    if _is_single(options):
        return _render_single(files, formats, draw_options, options)
    return _render_batch(files, formats, draw_options, options)


def _render_batch(
    files: list[SourceFile],
    formats: tuple[str, ...],
    draw_options: Options,
    options: argparse.Namespace,
) -> int:
    """Write the pictures of all diagrams to a folder, or check them. Return the exit code. Raises `DiagramError`."""
    from diagramkit.batch import incremental, runner
    from diagramkit.cli import batches
    from diagramkit.cli.summary import Summary

    start = console.start_time()
    batch = incremental.Batch(files, options.output, formats, draw_options, force=options.force, shard=options.shard)
    console.report(batch.current_problems())
    summary = Summary()
    for stem in batch.current:
        if not options.watch:
            console.info(f"{stem}: current")
        summary.add(stem, "current", (OUTPUTS[name].ending for name in formats))
    for file, reason in batch.pending.items():
        console.detail(f"{file.path}: to be drawn, {reason}" if reason else f"{file.path}: to be drawn")
    results = (
        runner.run(
            batch.jobs(options.executor.load),
            options.jobs,
            options.executor.bounds,
            None if options.check else batch.staging(),
        )
        if options.cluster is None
        else batch.run_on_cluster(options.cluster)
    )
    accepted = map(batch.accept, batches.progress(results, len(batch.pending)))
    if options.check:
        code = batches.check(batch, accepted, options.diff, summary)
    else:
        try:
            # Close the results first: no worker may be writing files when leftover files are removed.
            with closing(results):
                code = batches.write(batch, accepted, options.prune, summary)
        finally:
            batch.sweep()
    if options.require_added:
        code = max(code, batches.report_not_added(batch))
    if options.gallery:
        from diagramkit.cli import gallery

        source_paths = source_arguments.chosen(options)
        code = max(
            code, gallery.write(source_paths, options.output, draw_options, None, options.check, options.executor)
        )
    console.finished(summary.statuses, start)
    if options.summary is not None:
        differences = (options.diff or "", options.summary_differences)
        summary.write(options.summary, console.reported_problems(), options.summary_images, differences)
    return code


def _is_single(options: argparse.Namespace) -> bool:
    """Whether the output is one file, or standard output, instead of a folder."""
    return options.output == _STDOUT or _format_of(options.output) is not None


def _format_of(path: str) -> Output | None:
    """Return the format of a path such as `shop.svg`, or None if it names a folder."""
    return None if path.endswith("/") or Path(path).is_dir() else output_of(path)


def _check_output(options: argparse.Namespace) -> None:
    """Exit with a usage error if the output looks like a file that `render` cannot write, such as `shop.jpg`."""
    path = options.output
    extension = Path(path).suffix.lower()
    if _is_single(options) or Path(path).is_dir() or path.endswith("/"):
        return
    if extension in _OTHER_EXTENSIONS:
        extensions = ", ".join(dict.fromkeys(f".{output.extension}" for output in OUTPUTS.values()))
        advice = "end the name of a folder with '/'"
        options.parser.error(f"cannot write '{extension}' files: expected {extensions}; {advice}")


def _render_single(
    files: list[SourceFile],
    formats: tuple[str, ...],
    draw_options: Options,
    options: argparse.Namespace,
) -> int:
    """Write one picture to a file or to standard output, and return the exit code.

    Exit with a usage error unless there is exactly one diagram and one format. Raises `DiagramError`.
    """
    from diagramkit.batch import jobs, runner
    from diagramkit.cli import inputs

    if formats == ("pptx",) and options.output != _STDOUT:
        from diagramkit.cli import deck

        return deck.run_for_render(options)
    reports = ("report",) if options.report is not None and "report" not in formats else ()
    planned: list[Job] = []
    unreadable: list[Diagnostic] = []
    for job in jobs.plan(files, (*formats, *reports), draw_options, options.executor.load):
        if job.pattern is None and job.problems:
            unreadable += job.problems
        else:
            planned.append(job)
    if not planned and unreadable:
        console.report(unreadable)
        return BAD_INPUT
    if len(planned) != 1 or len(formats) != 1:
        options.parser.error(
            f"'-o {options.output}' writes one diagram in one format: name one source with one diagram, and one "
            "format, as in '-f svg'"
        )
    (result,) = runner.run(planned, 1, options.executor.bounds)
    console.report([*unreadable, *result.problems])
    for picture in result.pictures:
        console.report(picture.problems)
    code = exit_code((*unreadable, *result.all_problems), draw_options.strict)
    if not result.pictures and not code:
        raise inputs.no_diagram(files[0].path)
    if not result.pictures or result.pictures[0].failed:
        return code or BAD_INPUT
    written = result.pictures[0].files
    if options.report is not None:
        _write(options.report, written[OUTPUTS["report"].ending])
    data = written[OUTPUTS[formats[0]].ending]
    if options.output == _STDOUT:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        _write(options.output, data)
    return code


def _write(path: str, data: bytes) -> None:
    """Write a file and print whether it changed. Raises `DiagramError` (outside, unwritable)."""
    from diagramkit import files as disk

    changed = disk.write(path, data)
    console.info(f"{path}: {'written' if changed else 'current'}")


def _formats(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the requested formats without duplicates, in the order of `OUTPUTS`."""
    from diagramkit.diagnostics import did_you_mean

    default_format = () if _is_single(options) else options.default_format or ()
    requested = [name.strip() for text in options.format or default_format for name in text.split(",")]
    for name in requested:
        if name not in OUTPUTS:
            hint = did_you_mean(name, OUTPUTS) or f": expected one of {', '.join(OUTPUTS)}"
            options.parser.error(f"invalid format '{name}'{hint}")
    if not requested and _is_single(options):
        output = _format_of(options.output)
        return (output.name if output else "svg",)
    if (output := _format_of(options.output)) and {OUTPUTS[name].extension for name in requested} != {output.extension}:
        options.parser.error(
            f"'-o {options.output}' is {output.name}, which differs from --format {','.join(requested)}"
        )
    return tuple(name for name in OUTPUTS if name in requested) or DEFAULT_FORMATS


def _width(text: str) -> int:
    """Return the value of `--width`. Raises `ArgumentTypeError`."""
    if not text.isdigit() or not 16 <= int(text) <= 16384:
        raise argparse.ArgumentTypeError(f"invalid width '{text}': expected pixels from 16 to 16384")
    return int(text)


def _jobs(text: str) -> int:
    """Return the value of `--jobs`. Raises `ArgumentTypeError`."""
    if not text.isdigit() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"invalid number of processes '{text}': expected 1 to 256")
    return int(text)


def _cluster(text: str) -> str:
    """Return the value of `--cluster`, which has a port, so that a mistake is found before anything connects."""
    if re.fullmatch(r"(?:[a-z]+://)?[^\s/:]+(?::[^\s/:]+)*:\d{1,5}/?", text) or re.fullmatch(r"inproc://\S+", text):
        return text
    raise argparse.ArgumentTypeError(
        f"invalid cluster address '{text}': expected the address of a Dask scheduler, such as tcp://scheduler:8786"
    )


def _shard(text: str) -> Shard:
    """Return the value of `--shard`. Raises `ArgumentTypeError`."""
    from diagramkit.batch.shard import Shard

    number, slash, count = text.partition("/")
    if slash and number.isdigit() and count.isdigit() and 1 <= int(number) <= int(count) <= 1000:
        return Shard(int(number), int(count))
    raise argparse.ArgumentTypeError(f"invalid shard '{text}': expected N/M with 1 <= N <= M <= 1000, such as 3/8")
