"""WebAssembly modules: compiled once, kept compiled in the cache, run in a sandbox of their own."""

from __future__ import annotations

import atexit
import ctypes
import hashlib
import threading
from array import array
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cache
from itertools import accumulate
from typing import Any, Generic, ParamSpec, TypeAlias, TypeVar

from diagramkit import cache as disk
from diagramkit import data
from diagramkit.versions import version

_ALIGN = 16  # Bytes: as `alloc` in the modules.
_USUAL_MEMORY = 4_000_000  # Bytes; more than this only few diagrams need.
DEFAULT_STACK, DEEP_STACK = 512 << 10, 16 << 20
"""Bytes of a thread's stack that modules may use: what every thread has, and what `in_depth` gives."""
_ASYNCHRONOUS = 2 << 20  # Bytes of stack: as wasmtime has it.
_ALL = ctypes.c_ubyte * (1 << 31)  # One type for all sizes: ctypes makes a class for each.

Made = TypeVar("Made")
Asked = ParamSpec("Asked")

Data: TypeAlias = "bytes | bytearray | array[Any]"
"""What can be put into a module's memory."""

_making = threading.RLock()


class _Once(Generic[Asked, Made]):
    """As `functools.cache`, and the same for all threads that ask at once: what one engine of wasmtime has compiled
    does not run in another, and two watches would stop each other's layouts."""

    def __init__(self, make: Callable[Asked, Made]) -> None:
        made: Any = cache(make)
        self._made: Callable[Asked, Made] = made
        self.cache_clear: Callable[[], None] = made.cache_clear

    def __call__(self, *args: Asked.args, **kwargs: Asked.kwargs) -> Made:
        with _making:
            return self._made(*args, **kwargs)


@_Once
def engine() -> Any:
    """Wasmtime's engine, one for all modules of the process."""
    import wasmtime

    # Freed before the interpreter takes wasmtime's library away: else it complains at exit.
    atexit.register(_forget)
    return wasmtime.Engine()


@_Once
def interruptible_engine(stack: int) -> Any:
    """Wasmtime's engine for modules that can be stopped in mid-flight, which costs them a fourteenth, and that may use
    so many bytes of the thread's stack."""
    import wasmtime

    config = wasmtime.Config()
    config.epoch_interruption = True
    _allow_stack(config, stack)
    atexit.register(_forget)
    return wasmtime.Engine(config)


def _allow_stack(config: Any, stack: int) -> None:
    """Let modules use so many bytes of stack, or as many as wasmtime lets them: more than its asynchronous calls, which
    nobody makes here, only where those may have as many. That its Python package has no word for."""
    from wasmtime import _ffi

    try:
        allow = _ffi.dll.wasmtime_config_async_stack_size_set
        allow.restype, allow.argtypes = None, [ctypes.c_void_p, ctypes.c_size_t]
        allow(config.ptr(), max(stack, _ASYNCHRONOUS))
    except AttributeError:
        stack = min(stack, _ASYNCHRONOUS)
    config.max_wasm_stack = stack


@_Once
def _watch(stack: int) -> Any:
    from diagramkit.layout.time_limit import Watch

    return Watch(interruptible_engine(stack).increment_epoch)


def time_limited(seconds: float, stack: int) -> AbstractContextManager[None]:
    """While it lasts, what runs in `stoppable(stack)` is stopped after so many seconds, and at Ctrl-C."""
    limit: AbstractContextManager[None] = _watch(stack).limited(seconds)
    return limit


def with_deep_stack(work: Callable[[], Made]) -> Made:
    """What `work` makes, in a thread with a stack on which modules may use `DEEP_STACK` bytes. Raises what it raises, and
    `MemoryError` where there is no room for such a thread."""
    from concurrent.futures import Future

    made: Future[Made] = Future()

    def run() -> None:
        try:
            made.set_result(work())
        except BaseException as error:
            made.set_exception(error)

    before = threading.stack_size(DEEP_STACK * 4 // 3)
    try:
        threading.Thread(target=run, daemon=True, name="diagramkit-deep").start()
    except RuntimeError as error:
        raise MemoryError(str(error)) from None
    finally:
        threading.stack_size(before)
    try:
        return made.result()
    finally:
        if not made.done():  # Somebody pressed Ctrl-C, of which this thread alone hears.
            interruptible_engine(DEEP_STACK).increment_epoch()


@_Once
def compiled_module(name: str, source: Callable[[], bytes], stack: int | None = None) -> Any:
    """A module by name (which must change with its bytes), for `engine()` or, where it may use so many bytes of
    `stack`, for `stoppable(stack)`: read back from the cache, or compiled from `source` and kept. Compiling takes up to a second,
    reading back nothing."""
    import wasmtime

    place = engine() if stack is None else interruptible_engine(stack)
    file = f"{name}-wasmtime-{version('wasmtime')}{'' if stack is None else '-stoppable'}.cwasm"
    kept = disk.folder() / file
    if kept.is_file():
        try:
            return wasmtime.Module.deserialize_file(place, str(kept))
        except wasmtime.WasmtimeError:
            pass  # Made for another processor or by another build: make it again.
    module = wasmtime.Module(place, source())
    disk.keep(file, bytes(module.serialize()))
    return module


def memory_view(store: Any, memory: Any) -> memoryview:
    """A module's memory and nothing beyond it, whatever the module says; until the module runs again, since where it
    grows it may move."""
    base = ctypes.addressof(memory.data_ptr(store).contents)
    return memoryview(_ALL.from_address(base)).cast("B")[: memory.data_len(store)]


class Instance:
    """A running module without imports that has `memory`, `fresh` (forget all, and have room for so many bytes), and
    functions that take a place and answer one: what they are asked and what they answer is in memory, since each call,
    and each number in it, costs as much as copying 30 kB."""

    def __init__(self, module: Any, stack: int | None = None) -> None:
        self._module, self._stack = module, stack
        self._at_work = False
        self.restart()

    def restart(self) -> None:
        """Start over, in a memory of its own, after something vast or a trap."""
        import wasmtime

        # The former memory is given back first: there may not be enough for two.
        self._store: Any = None
        self._exports: Any = None
        self._memory: Any = None
        self._functions: dict[str, Any] = {}
        self._store = wasmtime.Store(engine() if self._stack is None else interruptible_engine(self._stack))
        if self._stack is not None:
            self._store.set_epoch_deadline(1)
        self._exports = wasmtime.Instance(self._store, self._module, []).exports(self._store)
        self._memory = self._exports["memory"]
        self._at_work = False

    def allow(self, memory: int) -> None:
        """Let a module that can be stopped run on, with at most so many bytes of memory, until it is stopped."""
        self._be_idle()
        self._store.set_limits(memory_size=memory)
        self._store.set_epoch_deadline(1)

    def begin(self, *sizes: int) -> list[int]:
        """The places of so many bytes each, in a memory that has forgotten all else."""
        self._be_idle()
        self._at_work = True
        rooms = [-(-size // _ALIGN) * _ALIGN for size in sizes]
        return list(accumulate(rooms[:-1], initial=self.call("fresh", sum(rooms))))

    def end(self) -> None:
        """What was made is read. A memory cannot shrink: after something vast it is another."""
        if self.size > _USUAL_MEMORY:
            self.restart()
        self._at_work = False

    @property
    def size(self) -> int:
        """Bytes of memory that the module has."""
        return int(self._memory.data_len(self._store))

    def _be_idle(self) -> None:
        """Start over where the last work did not come to its end: it was stopped, perhaps by Ctrl-C, or it crashed."""
        if self._at_work:
            self.restart()

    def call(self, name: str, value: int) -> int:
        """What a function of the module answers."""
        function = self._functions.get(name)
        if function is None:
            function = self._functions[name] = self._exports[name]
        return int(function(self._store, value))

    def put(self, places: Sequence[int], *data: Data) -> None:
        """Copy data to their places in the module's memory."""
        room = memory_view(self._store, self._memory)
        for place, one in zip(places, data, strict=True):
            view = memoryview(one).cast("B")
            room[place : place + view.nbytes] = view

    def get(self, at: int, size: int) -> bytes:
        """So many bytes of the module's memory."""
        return memory_view(self._store, self._memory)[at : at + size].tobytes()


@_Once
def kernel(package: str, name: str, stack: int | None = None) -> Instance:
    """The one instance in this process of a module that a package of diagramkit carries, as `data/NAME.wasm`; one that
    can be stopped (`limited`) where it may use so many bytes of `stack`."""
    # What is registered later is freed earlier: the instance while wasmtime's library is there.
    if stack is None:
        engine()
    else:
        interruptible_engine(stack)
    atexit.register(kernel.cache_clear)
    raw = data.text(package, f"{name}.wasm")
    digest = hashlib.sha256(raw).hexdigest()[:16]
    return Instance(compiled_module(f"{name}-{digest}", lambda: raw, stack), stack)


def _forget() -> None:
    compiled_module.cache_clear()
    engine.cache_clear()
    interruptible_engine.cache_clear()
