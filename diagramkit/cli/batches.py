"""A batch on its way to its folder, and what is told of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from diagramkit import files
from diagramkit.cli import console
from diagramkit.cli.inputs import none
from diagramkit.diagnostics import BAD_INPUT, FINDINGS, OK, Diagnostic, Span

if TYPE_CHECKING:
    from diagramkit.batch.incremental import Batch
    from diagramkit.batch.jobs import Picture, Result
    from diagramkit.cli.summary import Summary


def write(batch: Batch, results: Iterable[Result], prune: bool, summary: Summary) -> int:
    """Write what is new, a line for each diagram; the exit code."""
    code, drawn = OK, 0
    try:
        for result in results:
            console.report(result.problems)
            _note_unread(summary, result)
            for picture in result.pictures:
                console.report(picture.problems)
                stem = batch.stem(picture.name)
                if not picture.failed:
                    changed = batch.write(result.source, picture)
                    console.done(f"{stem}: {'wrote ' + ', '.join(changed) if changed else 'current'}")
                    summary.note(stem, "drawn" if changed else "current", picture.extensions)
                else:
                    summary.note(stem, "failed", ())
            batch.finish(result)
            drawn += len(result.pictures)
            code = BAD_INPUT if result.failed else code
        for path, fate in batch.orphans(prune):
            if fate == "removed":
                console.done(f"{path}: removed")
            else:
                console.report([_orphan(path, fate, "note")])
    finally:
        batch.save()
    return _told_empty(batch, drawn, code)


def check(batch: Batch, results: Iterable[Result], diff: str | None, summary: Summary) -> int:
    """Compare with what is there: a finding for each file that is missing, not current, or left over; what
    differs as pictures in the folder `diff`. The exit code."""
    code, count, drawn = OK, batch.files, 0
    for result in results:
        console.report(result.problems)
        _note_unread(summary, result)
        for picture in result.pictures:
            console.report(picture.problems)
            stale = _stale(batch.stem(picture.name), picture)
            console.report(stale.values())
            if stale:
                code = max(code, FINDINGS)
                if diff is not None:
                    _differences(batch, picture, diff, list(stale))
            fate = "failed" if picture.failed else "stale" if stale else "current"
            summary.note(batch.stem(picture.name), fate, picture.files)
            count += len(picture.files)
        batch.finish(result)
        drawn += len(result.pictures)
        code = BAD_INPUT if result.failed else code
    for path, fate in batch.orphans(remove=False):
        code = max(code, FINDINGS)
        console.report([_orphan(path, fate, "error")])
    if code == OK and count:
        console.done(f"{count} files are current")
    return _told_empty(batch, drawn, code)


def _note_unread(summary: Summary, result: Result) -> None:
    """Count a source of which nothing could be drawn at all."""
    if result.failed and not result.pictures:
        summary.note(result.source.path, "failed", ())


def _stale(stem: str, picture: Picture) -> dict[str, Diagnostic]:
    """A finding for each of a picture's files that is not as it is drawn now, by ending."""
    found = {}
    for ending, data in picture.files.items():
        path = f"{stem}.{ending}"
        there = files.read(path)
        if there != data:
            name, what = ("missing", "is missing") if there is None else ("stale", "is not current")
            message = f"{what}; run 'diagramkit render' with the same options and commit it"
            found[ending] = Diagnostic(f"{name}-output", message, Span(path))
    return found


def _differences(batch: Batch, picture: Picture, folder: str, stale: list[str]) -> None:
    """Write before, after and what differs, of the first of a picture's stale files that shows anything."""
    from diagramkit.batch import compare

    ending = next((one for one in ("png", "svg", "webp") if one in stale), None)
    if ending is None:
        return
    before = files.read(f"{batch.stem(picture.name)}.{ending}")
    made = compare.compare_pictures(before, picture.files[ending])
    stem = os.path.join(folder, *picture.name.split("/"))
    for name, data in made.pictures.items():
        files.write(f"{stem}.{name}.png", data)
    what = f"{made.share:.2%} of its pixels differ" if "diff" in made.pictures else "it is new"
    console.done(f"{stem}: {what}")


def _told_empty(batch: Batch, drawn: int, code: int) -> int:
    """The exit code, once it is told where there was no diagram at all."""
    if drawn or batch.current or batch.idle or code == BAD_INPUT:
        return code
    raise none(batch.sources[0].path)


def _orphan(path: str, fate: str, severity: str) -> Diagnostic:
    message = "no source makes this any more; " + (
        "it was changed since it was written: remove it by hand"
        if fate == "changed"
        else "remove it with 'diagramkit render --prune'"
    )
    return Diagnostic("orphan-output", message, Span(path), severity)


def progress(results: Iterator[Result], total: int) -> Iterator[Result]:
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
