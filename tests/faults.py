"""Faults at every moment of a batch: `python -m tests.faults [DIAGRAMS] [STEP]`.

A folder of pictures is drawn anew after each of its sources changed, once for each moment at which the system does
something for it (a file begun, written, brought to the disk, moved, removed; a process started): there the system
refuses (a full disk), or the run dies (a loss of power). After each, every file is the old one or the new one, whole;
what was refused was told, with no traceback; and the next run makes the folder as it would have been.
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
from diagramkit.pipeline import Options, Rendered

DIED = 77
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
"""What the system does for a run. A write has a moment of its own: half of it is written."""


class Moments:
    """Counts what the system does; at the moment numbered `at` it does what `fault` says."""

    def __init__(self, at: int, fault: Fault) -> None:
        self.at, self.fault, self.count = at, fault, 0
        self.what = ""

    def pass_by(self, what: str) -> bool:
        """Another moment: whether it is the one."""
        self.count += 1
        if self.count - 1 != self.at:
            return False
        self.what = what
        return True

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """While it lasts, moments are counted."""
        with contextlib.ExitStack() as stack:
            for name in _CALLS:
                whole = f"{workers.__name__}.{name}" if name == "_start" else name
                stack.enter_context(patch(whole, self._wrapped(whole)))
            yield

    def _wrapped(self, name: str) -> Callable[..., Any]:
        real = _real(name)

        def called(*arguments: Any, **more: Any) -> Any:
            if self.pass_by(name):
                self.fault()
            made = real(*arguments, **more)
            return _Half(made, self) if name == "os.fdopen" else made

        return called


class _Half:
    """A file of which, at its moment, half is written."""

    def __init__(self, file: Any, moments: Moments) -> None:
        self._file, self._moments = file, moments

    def __enter__(self) -> _Half:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: bytes) -> int:
        """Write; at the moment, half of it."""
        if self._moments.pass_by("write"):
            self._file.write(data[: len(data) // 2])
            self._file.flush()
            self._moments.fault()
        return int(self._file.write(data))


def _real(name: str) -> Any:
    module, _, rest = name.partition(".")
    found: Any = __import__(module)
    for part in rest.split("."):
        found = getattr(found, part)
    return found


def refuse() -> None:
    """A full disk."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def die() -> None:
    """The end, without another word."""
    os._exit(DIED)


@lru_cache(maxsize=1000)
def _picture(text: str, formats: tuple[str, ...]) -> Rendered:
    return Rendered({one: f"{one} of {text}\n".encode() * 200 for one in formats}, ())


def _render(pattern: Pattern, formats: tuple[str, ...], _options: Options) -> Rendered:
    """In place of a picture: its delivery is what is looked at."""
    return _picture(pattern.source_text, formats)


_draw = jobs.draw


def _drawn(job: Job) -> Result:
    """A job done with such pictures, in whatever process."""
    with patch.object(pipeline, "render", _render):
        return _draw(job)


def run(folder: Path, *more: str) -> tuple[int, str]:
    """Render the folder's sources; the exit code, and what was told."""
    said, told = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    arguments = [
        "render",
        str(folder / "specs"),
        "-o",
        str(folder / "output"),
        "-f",
        "mmd,svg",
        "--prune",
        *more,
    ]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(told):
        code = cli.main(arguments)
    return code, told.getvalue()


def write(folder: Path, count: int, state: str) -> None:
    """The sources in a state: in the new one, the last is gone."""
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
    """What a folder holds, by name."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def check(count: int, at: int, fault: Fault, more: tuple[str, ...] = ()) -> bool:
    """Let one run meet a fault; whether it came to that moment. Raises what is a finding."""
    with (
        tempfile.TemporaryDirectory() as name,
        patch("diagramkit.cache.folder", lambda: Path(name, "cache")),
    ):
        folder = Path(name)
        old, new = _states(folder, count)
        _to_old(folder, count, old)
        reached = (_refused if fault is refuse else _killed)(folder, at, more)
        there = files(folder / "output")
        for file, data in there.items():
            if file.startswith(".diagramkit-") and fault is die:
                continue  # The beginning of a file that was never moved; it is swept later.
            assert data in (old.get(file), new.get(file)) or file == ".diagramkit.json", (
                f"{file} is neither old nor new"
            )
        missing = {file for file in old if file in new and file not in there}
        assert not missing, f"gone: {missing}"
        code, told = run(folder)
        assert (code, told) == (0, ""), told
        after = {file: data for file, data in files(folder / "output").items() if not file.startswith(".diagramkit-")}
        assert after == new, {file for file in {*after, *new} if after.get(file) != new.get(file)}
        assert run(folder, "--check") == (0, "")
        return reached


def _states(folder: Path, count: int) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The output folder before and after, as runs without fault make it."""
    found = []
    for state in ("old", "new"):
        write(folder, count, state)
        assert run(folder)[0] == 0
        found.append(files(folder / "output"))
    return found[0], found[1]


def _to_old(folder: Path, count: int, old: dict[str, bytes]) -> None:
    """The old pictures beside the new sources."""
    for path in (folder / "output").iterdir():
        path.unlink()
    for file, data in old.items():
        (folder / "output" / file).write_bytes(data)
        os.utime(folder / "output" / file, (1e9, 1e9))
    for path in (folder / "cache").glob("stamps-*"):
        path.unlink()
    write(folder, count, "new")


def _refused(folder: Path, at: int, more: tuple[str, ...]) -> bool:
    moments = Moments(at, refuse)
    with moments.watched():
        code, told = run(folder, *more)
    assert "Traceback" not in told
    assert code in (0, 2), code
    assert (code == 2) == ("error[" in told), (code, told)
    assert not [name for name in files(folder / "output") if name.startswith(".diagramkit-")], "something is left"
    return bool(moments.what)


def _killed(folder: Path, at: int, more: tuple[str, ...]) -> bool:
    child = os.fork()
    if not child:
        with Moments(at, die).watched():
            run(folder, *more)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == DIED


def main(count: int = 50, step: int = 1) -> int:
    """Every moment, or each so many; 1 where there is a finding."""
    findings = 0
    with patch.object(jobs, "draw", _drawn):
        for fault, more in ((refuse, ()), (die, ()), (refuse, ("--jobs", "2"))):
            for at in itertools.count(0, step):
                try:
                    if not check(count, at, fault, more):
                        print(f"{fault.__name__} {' '.join(more)}: {at} moments", flush=True)
                        break
                except AssertionError as error:
                    findings += 1
                    print(f"{fault.__name__} {' '.join(more)} at {at}: {str(error)[:300]}", flush=True)
                if more and at > 8 * step:
                    break  # Processes start first; the rest is as above.
    print(f"{findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
