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
        for path, status in batch.orphans(prune):
            if status == "removed":
                console.info(f"{path}: removed")
            else:
                console.report([_orphan(path, status, "note")])
    finally:
        batch.save()
    return code


def check(batch: Batch, results: Iterable[Result], diff: str | None, summary: Summary) -> int:
    """Compare the pictures with the files that exist, and return the exit code.

    Report each file that is missing, stale or orphaned. If `diff` names a folder, write pictures of the differences
    to it.
    """
    code, count = _code_of_current(batch), batch.files
    for result in results:
        console.report(result.problems)
        _count_failed_source(summary, result)
        for picture in result.pictures:
            console.report(picture.problems)
            stale = _stale(batch.stem(picture.name), picture)
            console.report(stale.values())
            if stale:
                code = max(code, PROBLEMS)
                if diff is not None:
                    _write_differences(batch, picture, diff, list(stale))
            status = "failed" if picture.failed else "stale" if stale else "current"
            summary.add(batch.stem(picture.name), status, picture.files)
            count += len(picture.files)
        batch.finish(result)
        code = max(code, exit_code(result.all_problems, batch.strict))
    for path, status in batch.orphans(remove=False):
        code = max(code, PROBLEMS)
        console.report([_orphan(path, status, "error")])
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


def _stale(stem: str, picture: Picture) -> dict[str, Diagnostic]:
    """Return an error for each file of a picture that is missing or differs from it, by file name extension."""
    problems = {}
    for ending, data in picture.files.items():
        path = f"{stem}.{ending}"
        existing = files.read(path)
        if existing != data:
            code, problem = ("missing", "is missing") if existing is None else ("stale", "is not current")
            message = f"{problem}; run 'diagramkit render' with the same options and commit the result"
            problems[ending] = Diagnostic(f"{code}-output", message, Span(path))
    return problems


def _write_differences(batch: Batch, picture: Picture, folder: str, stale: list[str]) -> None:
    """Write pictures of the state before and after and of the difference, for one stale file of a picture.

    `stale` are the file name extensions of the stale files. Mermaid and PDF are not compared. Raises `DiagramError`
    (outside, unwritable): the picture before is copied, so it must not be a link to somebody's private picture.
    """
    from diagramkit.batch import compare

    ending = next((ending for ending in ("png", "svg", "webp") if ending in stale), None)
    if ending is None:
        return
    before = files.read(write_scope.resolve(f"{batch.stem(picture.name)}.{ending}"))
    comparison = compare.compare_pictures(before, picture.files[ending])
    stem = os.path.join(folder, *picture.name.split("/"))
    for name, data in comparison.pictures.items():
        files.write(f"{stem}.{name}.png", data)
    result = f"{comparison.share:.2%} of the pixels differ" if "diff" in comparison.pictures else "new picture"
    console.info(f"{stem}: {result}")


def _orphan(path: str, status: str, severity: str) -> Diagnostic:
    """Return a diagnostic about an orphaned picture. `status` is "changed" if somebody edited the file."""
    advice = (
        "it was edited after diagramkit wrote it, so remove it by hand"
        if status == "changed"
        else "remove it with 'diagramkit render --prune'"
    )
    return Diagnostic("orphan-output", f"is orphaned: its source no longer exists; {advice}", Span(path), severity)


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
