"""Drawing on a Dask cluster: the same results in the same order as on one machine.

Workers share no disk with the client. Each diagram is sent as a `Task`, with its source and the project's icons that
it uses; what all diagrams have in common (theme, icon packs) is sent once, as a `WorkerContext`. The worker writes
both to temporary folders, in which the task becomes a small project, and returns a `Result` as a local worker does.
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
from diagramkit.extras import install_command
from diagramkit.icons.icon import FILE_PREFIX, Icon
from diagramkit.icons.packs import store
from diagramkit.options import Options
from diagramkit.sources import STDIN, SourceFile

_SUBMITTED_EXTRA = 64
"""How many tasks are submitted in addition to those that the workers hold. Their results wait in memory."""
_TASKS_PER_THREAD = 4  # How many tasks are submitted for each thread of a worker.
_RETRIES = 3
_CONNECT_TIMEOUT = 10  # Seconds.
_DRAW_LOCK = threading.Lock()
"""Held while a thread of a worker draws, because a WebAssembly instance must be used by one thread only."""


class WorkerContext(Struct, frozen=True):
    """What all diagrams of a batch need: the version to draw with, and files by their path in the context's folder.

    `theme` and `packs` are paths of such files and folders; `theme` is None for a bundled theme.
    """

    tool_digest: str
    files: tuple[tuple[str, bytes], ...]
    theme: str | None
    packs: tuple[str, ...]


class Task(Struct, frozen=True):
    """A source to draw on a worker: its path in its project, and the source and the icons it uses by path."""

    source: SourceFile
    path: str
    files: tuple[tuple[str, bytes], ...]
    formats: tuple[str, ...]
    options: Options


def run(
    source_files: Iterable[SourceFile], formats: tuple[str, ...], options: Options, address: str
) -> Generator[Result, None, None]:
    """Yield the result of each source, in order. `address` is that of the Dask scheduler.

    Raises `DiagramError` (no-cluster, other-version).
    """
    try:
        import distributed
        from distributed import TimeoutError as DaskTimeoutError  # The built-in one since Python 3.11.
    except ImportError:
        message = f"--cluster needs the package distributed; install it with {install_command('dask')}"
        raise fail("no-cluster", message, Span(address)) from None
    try:
        connect: Any = distributed.Client
        client = connect(address, set_as_default=False, timeout=_CONNECT_TIMEOUT)
    except (OSError, ValueError, DaskTimeoutError) as error:
        raise _no_cluster(address, "cannot reach the scheduler", error) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=_CONNECT_TIMEOUT)
        except DaskTimeoutError as error:
            raise _no_cluster(address, "the scheduler has no workers; start some", error) from None
        context = _broadcast(client, _worker_context(options), address)
        max_submitted = _SUBMITTED_EXTRA + _TASKS_PER_THREAD * sum(client.nthreads().values())
        submitted: deque[_Submission] = deque()
        for file in source_files:
            submitted.append(_submit(client, context, Job(file, formats, options)))
            if len(submitted) >= max_submitted:
                yield _receive(submitted.popleft(), address)
        while submitted:
            yield _receive(submitted.popleft(), address)


def _broadcast(client: Any, context: WorkerContext, address: str) -> Any:
    """Send the context to every worker and return Dask's reference to it."""
    try:
        return client.scatter(context, broadcast=True)
    except Exception as error:
        raise _worker_failed(address, error) from None


def _worker_failed(address: str, error: Exception) -> DiagramError:
    """Return the error for any exception that Dask raises.

    For example, a worker has no diagramkit, or the scheduler has stopped. Nothing more can be drawn there.
    """
    return _no_cluster(address, "a worker cannot draw; are diagramkit and distributed installed there?", error)


def _no_cluster(address: str, message: str, error: Exception) -> DiagramError:
    detail = " ".join(str(error).split()) or type(error).__name__
    return fail("no-cluster", f"{message} ({detail[:200]})", Span(address))


class _Submission(Struct, frozen=True):
    """A source that was sent to a worker, with the icons sent along; or its result, if it was drawn locally."""

    source: SourceFile
    icons: tuple[Icon, ...]
    future: Any = None
    result: Result | None = None


def _submit(client: Any, context: Any, job: Job) -> _Submission:
    """Send a job to a worker. A source with errors is processed locally."""
    icons = _project_icons(job)
    task = _task(job, icons) if icons is not None else None
    if icons is None or task is None:
        results = tuple(jobs.draw(planned) for planned in jobs.plan([job.source], job.formats, job.options))
        pictures = tuple(picture for result in results for picture in result.pictures)
        problems = tuple(problem for result in results for problem in result.problems)
        return _Submission(job.source, (), result=Result(job.source, pictures, problems))
    future = client.submit(draw, context, task, pure=False, retries=_RETRIES)
    return _Submission(job.source, icons, future)


def _receive(submission: _Submission, address: str) -> Result:
    """Wait for the result of a submission, in which icons are those of this machine."""
    if submission.result is not None:
        return submission.result
    from distributed.scheduler import KilledWorker

    try:
        result: Result = submission.future.result()
    except KilledWorker:
        message = "several workers died while drawing it; the other diagrams are still drawn"
        return Result(submission.source, (), fail("crashed", message, Span(submission.source.path)).problems)
    except DiagramError:
        raise
    except Exception as error:
        raise _worker_failed(address, error) from None
    pictures = []
    for picture in result.pictures:
        references = {icon.reference for icon in picture.dependencies}
        icons = tuple(icon for icon in submission.icons if icon.reference in references)
        pictures.append(replace(picture, dependencies=icons))
    return replace(result, pictures=tuple(pictures))


def _worker_context(options: Options) -> WorkerContext:
    """Return the theme file, its font and the icon packs that the options name."""
    contents: dict[str, bytes] = {}
    theme = None
    if options.theme.lower().endswith((".yaml", ".yml")):
        from diagramkit.sources import themefile

        theme = f"theme/{Path(options.theme).name}"
        contents[theme] = files.read(options.theme) or b""
        font = Path(themefile.load(options.theme)[0].face.file)
        folder = Path(options.theme).resolve().parent
        if font.is_relative_to(folder):
            contents[f"theme/{font.relative_to(folder).as_posix()}"] = font.read_bytes()
    packs = []
    for number, pack in enumerate(options.packs):
        packs.append(f"packs/{number}/{Path(pack).name}")
        for path in sorted(Path(pack).rglob("*")):
            if path.is_file():
                contents[f"{packs[-1]}/{path.relative_to(pack).as_posix()}"] = path.read_bytes()
    return WorkerContext(manifest.tool_digest(), tuple(contents.items()), theme, tuple(packs))


def _task(job: Job, icons: tuple[Icon, ...]) -> Task | None:
    """Return the task for a job, or None if its source cannot be read, which is then reported locally."""
    file = job.source
    data = files.read(file.path) if file.path != STDIN else None
    if data is None:
        return None
    path = Path(os.path.realpath(file.path))
    root = project.root_of(path.parent)
    relative_path = path.relative_to(root).as_posix()
    icon_files = {icon.reference.removeprefix(FILE_PREFIX): files.read(icon.path) or b"" for icon in icons}
    return Task(file, relative_path, ((relative_path, data), *sorted(icon_files.items())), job.formats, job.options)


def _project_icons(job: Job) -> tuple[Icon, ...] | None:
    """Return the icon files of the project that a source uses.

    Returns None if the source has errors, because these are reported most precisely where the whole project is.
    """
    from diagramkit.icons import resolver
    from diagramkit.icons.catalog import catalog_of

    data = (files.read(job.source.path) or b"").lower()
    if not any(extension in data for extension in (b".svg", b".png")):
        return ()
    loaded = sources.load(job.source)
    if loaded.errors:
        return None
    icons: dict[str, Icon] = {}
    try:
        for pattern in loaded.patterns:
            catalog = catalog_of(pattern, job.options)
            for choice in resolver.resolve(pattern, catalog).values():
                if choice.icon and choice.icon.startswith(FILE_PREFIX) and (icon := catalog.find(choice.icon)):
                    icons[icon.path] = icon
    except DiagramError:
        return None
    return tuple(icons.values())


# The functions below run on the worker.


def draw(context: WorkerContext, task: Task) -> Result:
    """Draw a task and return its result.

    Raises `DiagramError` (other-version) if the worker's diagramkit differs from the client's.
    """
    if context.tool_digest != manifest.tool_digest():
        message = (
            "a worker has a different version of diagramkit or of a library that it draws with, so its pictures would "
            "differ; install the same versions on all machines"
        )
        raise fail("other-version", message, Span(task.source.path))
    context_folder = _context_folder(context)
    options = replace(task.options, packs=tuple(os.path.join(context_folder.name, pack) for pack in context.packs))
    if context.theme:
        options = replace(options, theme=os.path.join(context_folder.name, context.theme))
    with _DRAW_LOCK, tempfile.TemporaryDirectory(prefix="diagramkit-") as folder:
        _write_files(folder, ((project.CONFIG, b""), *task.files))
        path = os.path.join(folder, *PurePath(task.path).parts)
        result = jobs.draw(Job(replace(task.source, path=path), task.formats, options))
    client_paths = {path: task.source.path, options.theme: task.options.theme}
    return _with_client_paths(result, task.source, client_paths)


@lru_cache(maxsize=4)
def _context_folder(context: WorkerContext) -> tempfile.TemporaryDirectory[str]:
    """Return a temporary folder with the files of a context."""
    folder = tempfile.TemporaryDirectory(prefix="diagramkit-context-")
    _write_files(folder.name, context.files)
    for pack in context.packs:
        store.read(os.path.join(folder.name, pack))
    return folder


def _write_files(folder: str, contents: Sequence[tuple[str, bytes]]) -> None:
    for name, data in contents:
        path = Path(folder).joinpath(*PurePath(name).parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _with_client_paths(result: Result, source: SourceFile, client_paths: dict[str, str]) -> Result:
    """Return a result in which the worker's paths are replaced with the client's."""

    def renamed(span: Span) -> Span:
        return replace(span, file=client_paths.get(span.file, span.file))

    def relocated(problems: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        return tuple(replace(problem, span=renamed(problem.span)) for problem in problems)

    pictures = tuple(
        replace(picture, span=renamed(picture.span), problems=relocated(picture.problems))
        for picture in result.pictures
    )
    return replace(result, source=source, pictures=pictures, problems=relocated(result.problems))
