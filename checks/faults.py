"""Faults at every moment of a batch: `python -m checks.faults [DIAGRAMS] [STEP]`.

A batch is drawn again after all of its sources have changed, once for each moment at which it makes a system call (to
create, write, sync, move or remove a file, or to start a process). At that moment, the call fails as on a full disk, or
the process ends as in a power failure. Afterwards, every file must have its complete old or new content, a failed call
must have been reported without a traceback, and the next run must complete the output folder.
"""

from __future__ import annotations

import contextlib
import errno
import io
import itertools
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from diagramkit import cli, pipeline
from diagramkit.batch import jobs, workers
from diagramkit.batch.jobs import Job, Result
from diagramkit.graph import Pattern
from diagramkit.options import Options
from diagramkit.pipeline import Rendered

DIED_EXIT_CODE = 77
Fault = Callable[[], None]
_SOURCE = "graph LR\n  A[Lambda] --> B[Orders {} {}]\n"
_CALLS = (
    "tempfile.mkstemp",
    "os.fdopen",
    "os.fsync",
    "os.replace",
    "os.unlink",
    "os.makedirs",
    "pathlib.Path.mkdir",
    "os.chmod",
    "pathlib.Path.unlink",
    "_start",
)
"""The system calls that count as moments. Writes count too; the fault then happens after half of the data."""


class Moments:
    """Counts system calls, and triggers `fault` at the one with the number `target`.

    `reached` is the name of that call once it has happened.
    """

    def __init__(self, target: int, fault: Fault) -> None:
        self.target, self.fault, self.count = target, fault, 0
        self.reached = ""

    def is_target(self, call: str) -> bool:
        """Count a system call, and return whether it is the one at which the fault happens."""
        self.count += 1
        if self.count - 1 != self.target:
            return False
        self.reached = call
        return True

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Count the system calls in the body of the `with` statement."""
        with contextlib.ExitStack() as stack:
            for name in _CALLS:
                path = f"{workers.__name__}.{name}" if name == "_start" else name
                stack.enter_context(patch(path, self._wrapped(path)))
            yield

    def _wrapped(self, name: str) -> Callable[..., Any]:
        original = _resolve(name)

        def wrapper(*arguments: Any, **keywords: Any) -> Any:
            if self.is_target(name):
                self.fault()
            result = original(*arguments, **keywords)
            return _InterruptedFile(result, self) if name == "os.fdopen" else result

        return wrapper


class _InterruptedFile:
    """A file of which only half is written if the fault happens at the write."""

    def __init__(self, file: Any, moments: Moments) -> None:
        self._file, self._moments = file, moments

    def __enter__(self) -> _InterruptedFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: bytes) -> int:
        """Write `data`, or half of it and then trigger the fault."""
        if self._moments.is_target("write"):
            self._file.write(data[: len(data) // 2])
            self._file.flush()
            self._moments.fault()
        return int(self._file.write(data))


def _resolve(name: str) -> Any:
    """Return the object with a dotted name."""
    module, _, rest = name.partition(".")
    result: Any = __import__(module)
    for part in rest.split("."):
        result = getattr(result, part)
    return result


def refuse() -> None:
    """Fail as on a full disk."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def die() -> None:
    """End this process without any cleanup."""
    os._exit(DIED_EXIT_CODE)


@lru_cache(maxsize=1000)
def _picture(text: str, formats: tuple[str, ...]) -> Rendered:
    return Rendered({extension: f"{extension} of {text}\n".encode() * 200 for extension in formats}, ())


def _render(pattern: Pattern, formats: tuple[str, ...], _options: Options) -> Rendered:
    """Return a substitute for a picture, because only the writing of files is tested."""
    return _picture(pattern.source_text, formats)


_draw = jobs.draw


def _draw_substitute(job: Job) -> Result:
    """Run a job with substitute pictures. Worker processes call this too."""
    with patch.object(pipeline, "render", _render):
        return _draw(job)


def run(folder: Path, *options: str) -> tuple[int, str]:
    """Render the folder's sources, and return the exit code and the standard error output."""
    stdout, stderr = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    arguments = [
        "render",
        str(folder / "specs"),
        "-o",
        str(folder / "output"),
        "-f",
        "mmd,svg",
        "--prune",
        *options,
    ]
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        code = cli.main(arguments)
    return code, stderr.getvalue()


def write(folder: Path, count: int, state: str) -> None:
    """Write the sources in the state `old` or `new`. In the new state, the last source does not exist."""
    specs = folder / "specs"
    specs.mkdir(exist_ok=True)
    for number in range(count):
        path = specs / f"d{number:02}.mmd"
        if state == "new" and number == count - 1:
            path.unlink(missing_ok=True)
        else:
            path.write_text(_SOURCE.format(number, state), "utf-8")
            os.utime(path, (1e9, 1e9 if state == "old" else 1e9 + 10))


def files(folder: Path) -> dict[str, bytes]:
    """Return the contents of the files in a folder by name."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def check(count: int, target: int, fault: Fault, options: tuple[str, ...] = ()) -> bool:
    """Run a batch of `count` sources with a fault at the moment `target`; return whether the run reached it.

    Raises `AssertionError` if the files or the messages are wrong.
    """
    with (
        tempfile.TemporaryDirectory() as name,
        patch("diagramkit.cache.folder", lambda: Path(name, "cache")),
    ):
        folder = Path(name)
        old, new = _states(folder, count)
        _restore_old(folder, count, old)
        reached = (_run_refused if fault is refuse else _run_killed)(folder, target, options)
        current = files(folder / "output")
        for file, data in current.items():
            if file.startswith(".diagramkit-") and fault is die:
                continue  # A staged file that was never moved into place; a later run removes it.
            assert data in (old.get(file), new.get(file)) or file == ".diagramkit.json", (
                f"{file} is neither old nor new"
            )
        missing = {file for file in old if file in new and file not in current}
        assert not missing, f"missing: {missing}"
        code, stderr = run(folder)
        assert (code, stderr) == (0, ""), stderr
        after = {file: data for file, data in files(folder / "output").items() if not file.startswith(".diagramkit-")}
        assert after == new, {file for file in {*after, *new} if after.get(file) != new.get(file)}
        assert run(folder, "--check") == (0, "")
        return reached


def _states(folder: Path, count: int) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the contents of the output folder in the old and the new state, written by runs without faults."""
    states = []
    for state in ("old", "new"):
        write(folder, count, state)
        assert run(folder)[0] == 0
        states.append(files(folder / "output"))
    return states[0], states[1]


def _restore_old(folder: Path, count: int, old: dict[str, bytes]) -> None:
    """Write the old pictures and the new sources."""
    for path in (folder / "output").iterdir():
        path.unlink()
    for file, data in old.items():
        (folder / "output" / file).write_bytes(data)
        os.utime(folder / "output" / file, (1e9, 1e9))
    for path in (folder / "cache").glob("stamps-*"):
        path.unlink()
    write(folder, count, "new")


def _run_refused(folder: Path, target: int, options: tuple[str, ...]) -> bool:
    """Run a batch in which one system call fails; return whether the run reached it."""
    moments = Moments(target, refuse)
    with moments.watched():
        code, stderr = run(folder, *options)
    assert "Traceback" not in stderr
    assert code in (0, 2), code
    assert (code == 2) == ("error[" in stderr), (code, stderr)
    assert not [name for name in files(folder / "output") if name.startswith(".diagramkit-")], "a staged file is left"
    return bool(moments.reached)


def _run_killed(folder: Path, target: int, options: tuple[str, ...]) -> bool:
    """Run a batch in a forked process that ends at one system call; return whether the run reached it."""
    child = os.fork()
    if not child:
        with Moments(target, die).watched():
            run(folder, *options)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == DIED_EXIT_CODE


def main(count: int = 50, step: int = 1) -> int:
    """Check every moment, or every `step`-th one. Return 1 if there are findings, otherwise 0."""
    findings = 0
    with patch.object(jobs, "draw", _draw_substitute):
        for fault, options in ((refuse, ()), (die, ()), (refuse, ("--jobs", "2"))):
            for target in itertools.count(0, step):
                try:
                    if not check(count, target, fault, options):
                        print(f"{fault.__name__} {' '.join(options)}: {target} moments", flush=True)
                        break
                except AssertionError as error:
                    findings += 1
                    print(f"{fault.__name__} {' '.join(options)} at {target}: {str(error)[:300]}", flush=True)
                if options and target > 8 * step:
                    break  # Workers are started at the first moments; the others are the same as without workers.
    print(f"{findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
