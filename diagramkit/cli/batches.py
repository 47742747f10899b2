"""Writing the pictures of a batch, or checking them, and reporting what happened to each."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from diagramkit import files, write_scope
from diagramkit.cli import console
from diagramkit.diagnostics import OK, PROBLEMS, Diagnostic, Span, exit_code

if TYPE_CHECKING:
    from diagramkit.batch.incremental import Batch
    from diagramkit.batch.jobs import Picture, Result
    from diagramkit.cli.summary import Summary


def write(batch: Batch, results: Iterable[Result], prune: bool, summary: Summary) -> int:
    """Write new and changed pictures, print a line for each diagram, and return the exit code.

    With `prune`, also remove orphaned pictures.
    """
    code = _code_of_current(batch)
    try:
        for result in results:
            console.report(result.problems)
            _count_failed_source(summary, result)
            for picture in result.pictures:
                console.report(picture.problems)
                stem = batch.stem(picture.name)
                if not picture.failed:
                    changed = batch.write(result.source, picture)
                    console.info(f"{stem}: {'wrote ' + ', '.join(changed) if changed else 'current'}")
                    summary.add(stem, "drawn" if changed else "current", picture.extensions)
                else:
                    summary.add(stem, "failed", ())
            batch.finish(result)
            code = max(code, exit_code(result.all_problems, batch.strict))
        for statuses in batch.orphans(prune):
            for path, status in statuses.items():
                if status == "removed":
                    console.info(f"{path}: removed")
            console.report(_orphans(statuses, "note"))
    finally:
        batch.save()
    return code


def check(batch: Batch, results: Iterable[Result], diff: str | None, summary: Summary) -> int:
    """Compare the pictures with the files that exist, and return the exit code.

    Report each diagram with files that are missing or stale, and each one whose files are orphaned. If `diff` names a
    folder, write pictures of the differences to it.
    """
    code, count = _code_of_current(batch), batch.files
    for result in results:
        console.report(result.problems)
        _count_failed_source(summary, result)
        for picture in result.pictures:
            console.report(picture.problems)
            stale, differences = _stale_files(batch.stem(picture.name), picture), dict[str, str]()
            if stale:
                console.report([_stale(batch.stem(picture.name), picture, stale)])
                code = max(code, PROBLEMS)
                if diff is not None:
                    differences = _write_differences(batch, picture, diff, list(stale))
            status = "failed" if picture.failed else "stale" if stale else "current"
            summary.add(batch.stem(picture.name), status, picture.files, differences)
            count += len(picture.files)
        batch.finish(result)
        code = max(code, exit_code(result.all_problems, batch.strict))
    for statuses in batch.orphans(remove=False):
        code = max(code, PROBLEMS)
        console.report(_orphans(statuses, "error"))
    if code == OK and count:
        console.info(f"{console.count(count, 'file')} {'is' if count == 1 else 'are'} current")
    return code


def _code_of_current(batch: Batch) -> int:
    """Return the exit code for the problems that were found when the current pictures were drawn."""
    return exit_code(batch.current_problems(), batch.strict)


def _count_failed_source(summary: Summary, result: Result) -> None:
    """Add a source to the summary if it, or a diagram in it, cannot be read."""
    if any(problem.severity == "error" for problem in result.problems):
        summary.add(result.source.path, "failed", ())


def _stale_files(stem: str, picture: Picture) -> dict[str, bool]:
    """Return the file name extensions of the files of a picture that are not current, and whether each one exists."""
    existing = {ending: files.read(f"{stem}.{ending}") for ending in picture.files}
    return {ending: existing[ending] is not None for ending, data in picture.files.items() if existing[ending] != data}


def _stale(stem: str, picture: Picture, stale: dict[str, bool]) -> Diagnostic:
    """Return one error about a picture whose files `stale` are missing or not current, at its source."""
    by_state = {
        "not current": [f"{stem}.{ending}" for ending, exists in stale.items() if exists],
        "missing": [f"{stem}.{ending}" for ending, exists in stale.items() if not exists],
    }
    states = ", and ".join(
        f"{', '.join(paths)} {'are' if len(paths) > 1 else 'is'} {state}" for state, paths in by_state.items() if paths
    )
    message = f"{states}; run 'diagramkit render' with the same options and commit the result"
    return Diagnostic("stale-output" if any(stale.values()) else "missing-output", message, picture.span)


def report_not_added(batch: Batch) -> int:
    """Report the diagrams whose pictures are not added to git, and return the exit code. Raises `DiagramError`."""
    from diagramkit.batch import git

    problems = list(git.not_added(batch.outputs()))
    console.report(problems)
    return exit_code(problems)


def _write_differences(batch: Batch, picture: Picture, folder: str, stale: list[str]) -> dict[str, str]:
    """Write pictures of the state before and after and of the difference, for one stale file of a picture.

    Return their paths by their names: `before`, `after`, `diff`. `stale` are the file name extensions of the stale
    files. Mermaid and PDF are not compared. Raises `DiagramError` (outside, unwritable): the picture before is copied,
    so it must not be a link to somebody's private picture.
    """
    from diagramkit.batch import compare

    ending = next((ending for ending in ("png", "svg", "webp") if ending in stale), None)
    if ending is None:
        return {}
    before = files.read(write_scope.resolve(f"{batch.stem(picture.name)}.{ending}"))
    comparison = compare.compare_pictures(before, picture.files[ending])
    stem = os.path.join(folder, *picture.name.split("/"))
    paths = {name: f"{stem}.{name}.png" for name in comparison.pictures}
    for name, path in paths.items():
        files.write(path, comparison.pictures[name])
    result = f"{comparison.share:.2%} of the pixels differ" if "diff" in comparison.pictures else "new picture"
    console.info(f"{stem}: {result}")
    return paths


def _orphans(statuses: dict[str, str], severity: str) -> list[Diagnostic]:
    """Return a diagnostic about the orphaned files of a diagram that were not removed, at the first of them.

    A file is "changed" if somebody edited it.
    """
    edited = [path for path, status in statuses.items() if status == "changed"]
    paths = [path for path, status in statuses.items() if status != "removed"]
    if not paths:
        return []
    advice = []
    if len(edited) < len(paths):
        advice.append("remove them with 'diagramkit render --prune'")
    if edited:
        advice.append(f"remove by hand what was edited after diagramkit wrote it: {', '.join(edited)}")
    be, them = ("are", "them") if len(paths) > 1 else ("is", "it")
    message = f"{', '.join(paths)} {be} orphaned: no source draws {them} anymore; {', and '.join(advice)}"
    return [Diagnostic("orphan-output", message, Span(paths[0]), severity)]


def progress(results: Iterator[Result], total: int) -> Iterator[Result]:
    """Yield the results as they arrive and, on a terminal, show a progress bar."""
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
