"""Diagrams drawn on a Dask cluster: the same results in the same order as on one machine.

Workers share no disk with whoever asks: a diagram travels as a `Parcel`, its source and the icons of its own, and
what all of them are drawn with (theme, packs) once, as a `Kit`. On the worker both become a small project in a
temporary folder. What comes back is a `Result`, as from a process of this machine.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from diagramkit import files, project, sources
from diagramkit.batch import jobs, manifest
from diagramkit.batch.jobs import Job, Result
from diagramkit.diagnostics import Diagnostic, DiagramError, Span, fail
from diagramkit.icons.icon import FILE_PREFIX, Icon
from diagramkit.icons.packs import store
from diagramkit.pipeline import Options
from diagramkit.sources import STDIN, SourceFile

_AHEAD = 64
"""Diagrams that are on their way beside what the workers hold: results wait in memory."""
_EACH = 4  # Diagrams that a thread of a worker holds.
_RETRIES = 3
_PATIENCE = 10  # Seconds.
_ONE = threading.Lock()  # Of the threads of a worker: WebAssembly's instances are one thread's.


class WorkerContext(Struct, frozen=True):
    """What all diagrams of a batch are drawn with: the tool's own state, and files by their path in the kit."""

    tool: str
    files: tuple[tuple[str, bytes], ...]
    theme: str | None
    packs: tuple[str, ...]


class Task(Struct, frozen=True):
    """A source to draw elsewhere: where it is in its project, its bytes, and its own icons by path."""

    source: SourceFile
    place: str
    files: tuple[tuple[str, bytes], ...]
    formats: tuple[str, ...]
    options: Options


def run(
    given: Iterable[SourceFile], formats: tuple[str, ...], options: Options, address: str
) -> Generator[Result, None, None]:
    """The result of each source, in order. Raises `DiagramError` (no-cluster)."""
    try:
        import distributed
        from distributed import TimeoutError as Late  # Python's own from 3.11 on.
    except ImportError:
        message = "--cluster needs the package distributed; install it with pip install 'diagramkit[dask]'"
        raise fail("no-cluster", message, Span(address)) from None
    try:
        connect: Any = distributed.Client
        client = connect(address, set_as_default=False, timeout=_PATIENCE)
    except (OSError, ValueError, Late) as error:
        raise _no_cluster(address, "the scheduler cannot be reached", error) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except Late as error:
            raise _no_cluster(address, "the scheduler has no workers; start some", error) from None
        kit = _scattered(client, _kit(options), address)
        ahead = _AHEAD + _EACH * sum(client.nthreads().values())
        sent: deque[_Sent] = deque()
        for file in given:
            sent.append(_sent(client, kit, Job(file, formats, options)))
            if len(sent) >= ahead:
                yield _received(sent.popleft(), address)
        while sent:
            yield _received(sent.popleft(), address)


def _scattered(client: Any, kit: WorkerContext, address: str) -> Any:
    """The kit on every worker."""
    try:
        return client.scatter(kit, broadcast=True)
    except Exception as error:
        raise _cannot_draw(address, error) from None


def _cannot_draw(address: str, error: Exception) -> DiagramError:
    """Whatever Dask raised: a worker has no diagramkit, the scheduler has gone. Nothing more is drawn there."""
    return _no_cluster(address, "a worker cannot draw; has it 'diagramkit[dask]'?", error)


def _no_cluster(address: str, what: str, error: Exception) -> DiagramError:
    said = " ".join(str(error).split()) or type(error).__name__
    return fail("no-cluster", f"{what} ({said[:200]})", Span(address))


class _Sent(Struct, frozen=True):
    """A source on its way, with the icons that went with it; or its result, where it was drawn here."""

    source: SourceFile
    own: tuple[Icon, ...]
    future: Any = None
    result: Result | None = None


def _sent(client: Any, kit: Any, job: Job) -> _Sent:
    own = _own_icons(job)
    parcel = _parcel(job, own) if own is not None else None
    if own is None or parcel is None:
        here = tuple(jobs.draw(one) for one in jobs.plan([job.source], job.formats, job.options))
        pictures = tuple(picture for result in here for picture in result.pictures)
        problems = tuple(problem for result in here for problem in result.problems)
        return _Sent(job.source, (), result=Result(job.source, pictures, problems))
    future = client.submit(draw, kit, parcel, pure=False, retries=_RETRIES)
    return _Sent(job.source, own, future)


def _received(sent: _Sent, address: str) -> Result:
    if sent.result is not None:
        return sent.result
    from distributed.scheduler import KilledWorker

    try:
        result: Result = sent.future.result()
    except KilledWorker:
        message = "the workers that drew it died, one after another; the others are drawn"
        return Result(sent.source, (), fail("crashed", message, Span(sent.source.path)).problems)
    except DiagramError:
        raise
    except Exception as error:
        raise _cannot_draw(address, error) from None
    pictures = []
    for picture in result.pictures:
        names = {icon.reference for icon in picture.needs}
        needs = tuple(icon for icon in sent.own if icon.reference in names)
        pictures.append(replace(picture, needs=needs))
    return replace(result, pictures=tuple(pictures))


def _kit(options: Options) -> WorkerContext:
    found: dict[str, bytes] = {}
    theme = None
    if options.theme.lower().endswith((".yaml", ".yml")):
        from diagramkit.sources import themefile

        theme = f"theme/{Path(options.theme).name}"
        found[theme] = files.read(options.theme) or b""
        font = Path(themefile.load(options.theme)[0].face.file)
        folder = Path(options.theme).resolve().parent
        if font.is_relative_to(folder):
            found[f"theme/{font.relative_to(folder).as_posix()}"] = font.read_bytes()
    packs = []
    for number, pack in enumerate(options.packs):
        packs.append(f"packs/{number}/{Path(pack).name}")
        for path in sorted(Path(pack).rglob("*")):
            if path.is_file():
                found[f"{packs[-1]}/{path.relative_to(pack).as_posix()}"] = path.read_bytes()
    return WorkerContext(manifest.tool(), tuple(found.items()), theme, tuple(packs))


def _parcel(job: Job, own: tuple[Icon, ...]) -> Task | None:
    """A source with what it needs; None where it is to be drawn here, since it cannot be read."""
    file = job.source
    data = files.read(file.path) if file.path != STDIN else None
    if data is None:
        return None
    path = Path(file.path).resolve()
    root = project.root_of(path.parent)
    place = path.relative_to(root).as_posix()
    icons = {icon.reference.removeprefix(FILE_PREFIX): files.read(icon.path) or b"" for icon in own}
    return Task(file, place, ((place, data), *sorted(icons.items())), job.formats, job.options)


def _own_icons(job: Job) -> tuple[Icon, ...] | None:
    """The icons of its own that a source names; None where it has a mistake, which is told best where its
    project is."""
    from diagramkit.icons import resolver
    from diagramkit.pipeline import catalog_of

    data = (files.read(job.source.path) or b"").lower()
    if not any(ending in data for ending in (b".svg", b".png")):
        return ()
    found: dict[str, Icon] = {}
    try:
        for pattern in sources.load(job.source).patterns:
            shelf = catalog_of(pattern, job.options)
            for choice in resolver.resolve(pattern, shelf).values():
                if choice.icon and choice.icon.startswith(FILE_PREFIX) and (icon := shelf.find(choice.icon)):
                    found[icon.path] = icon
    except DiagramError:
        return None
    return tuple(found.values())


# On the worker


def draw(kit: WorkerContext, parcel: Task) -> Result:
    """Draw what came. Raises `DiagramError` (other-version) where this is another diagramkit than asks."""
    if kit.tool != manifest.tool():
        message = (
            "a worker has another diagramkit, or another version of what it draws with: its pictures would "
            "have other bytes; install the same on all machines"
        )
        raise fail("other-version", message, Span(parcel.source.path))
    home = _unpacked(kit)
    options = replace(parcel.options, packs=tuple(os.path.join(home.name, pack) for pack in kit.packs))
    if kit.theme:
        options = replace(options, theme=os.path.join(home.name, kit.theme))
    with _ONE, tempfile.TemporaryDirectory(prefix="diagramkit-") as folder:
        _put(folder, ((project.CONFIG, b""), *parcel.files))
        path = os.path.join(folder, *PurePath(parcel.place).parts)
        result = jobs.draw(Job(replace(parcel.source, path=path), parcel.formats, options))
    names = {path: parcel.source.path, options.theme: parcel.options.theme}
    return _as_asked(result, parcel.source, names)


@lru_cache(maxsize=4)
def _unpacked(kit: WorkerContext) -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory(prefix="diagramkit-kit-")
    _put(folder.name, kit.files)
    for pack in kit.packs:
        store.read(os.path.join(folder.name, pack))
    return folder


def _put(folder: str, given: Sequence[tuple[str, bytes]]) -> None:
    for name, data in given:
        path = Path(folder).joinpath(*PurePath(name).parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _as_asked(result: Result, source: SourceFile, names: dict[str, str]) -> Result:
    """A result with the paths of whoever asked."""

    def told(problems: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        return tuple(replace(one, span=at(one.span)) for one in problems)

    def at(span: Span) -> Span:
        return replace(span, file=names.get(span.file, span.file))

    pictures = tuple(replace(one, span=at(one.span), problems=told(one.problems)) for one in result.pictures)
    return replace(result, source=source, pictures=pictures, problems=told(result.problems))
