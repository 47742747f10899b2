"""Run WebAssembly modules in sandboxes. Each module is compiled once, and the result is kept in the cache."""

from __future__ import annotations

import atexit
import ctypes
import hashlib
import threading
from array import array
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeAlias, TypeVar

from diagramkit import cache as disk_cache
from diagramkit import data
from diagramkit.versions import version

_ALIGN = 16  # Bytes: the alignment that `alloc` uses in the modules.
_MAX_REUSED_MEMORY = 4_000_000  # Bytes; few diagrams need more.
DEFAULT_STACK = 512 << 10
"""Bytes of stack that modules may use in any thread."""
DEEP_STACK = 16 << 20
"""Bytes of stack that modules may use in `with_deep_stack`."""
_ASYNC_STACK = 2 << 20  # Bytes of stack: the default of wasmtime.
_ByteArray = ctypes.c_ubyte * (1 << 31)  # One type for all sizes: ctypes would create a class for each.

_SLOW_SIZE = 300_000  # Bytes; modules below this are compiled in no time.
_PREPARATION = "preparing the layout engine, which takes some seconds, once on this machine"

Result = TypeVar("Result")
Params = ParamSpec("Params")

Buffer: TypeAlias = "bytes | bytearray | array[Any]"
"""Data that can be written to a module's memory."""

_once_lock = threading.RLock()


class _CalledOnce(Generic[Params, Result]):
    """Like `functools.cache`, but threads that call it at the same time get the same result.

    What one engine of wasmtime has compiled does not run in another, and two watches would stop each other's layouts.
    """

    def __init__(self, function: Callable[Params, Result]) -> None:
        cached: Any = cache(function)
        self._cached: Callable[Params, Result] = cached
        self.cache_clear: Callable[[], None] = cached.cache_clear

    def __call__(self, *args: Params.args, **kwargs: Params.kwargs) -> Result:
        with _once_lock:
            return self._cached(*args, **kwargs)


@_CalledOnce
def engine() -> Any:
    """Return the engine of wasmtime that all modules of the process share."""
    import wasmtime

    # It must be freed before wasmtime's library is unloaded, or it prints errors at exit.
    atexit.register(_clear_caches)
    return wasmtime.Engine()


@_CalledOnce
def interruptible_engine(stack: int) -> Any:
    """Return the engine of wasmtime for modules that can be interrupted while they run.

    They may use `stack` bytes of the thread's stack. Interruption makes the layout engine about a fifth slower.
    """
    import wasmtime

    config = wasmtime.Config()
    config.epoch_interruption = True
    _allow_stack(config, stack)
    atexit.register(_clear_caches)
    return wasmtime.Engine(config)


def _allow_stack(config: Any, stack: int) -> None:
    """Let modules use `stack` bytes of stack, or the maximum that wasmtime allows.

    wasmtime allows more than the stack of its asynchronous calls only if that is set too, although they are not used
    here. Its Python package has no API for this setting.
    """
    from wasmtime import _ffi

    try:
        allow = _ffi.dll.wasmtime_config_async_stack_size_set
        allow.restype, allow.argtypes = None, [ctypes.c_void_p, ctypes.c_size_t]
        allow(config.ptr(), max(stack, _ASYNC_STACK))
    except AttributeError:
        stack = min(stack, _ASYNC_STACK)
    config.max_wasm_stack = stack


@_CalledOnce
def _watch(stack: int) -> Any:
    from diagramkit.layout.time_limit import Watch

    return Watch(interruptible_engine(stack).increment_epoch)


def time_limited(seconds: float, stack: int) -> AbstractContextManager[None]:
    """Stop what runs in `interruptible_engine(stack)` after `seconds`, and at Ctrl-C, while the context is active."""
    limit: AbstractContextManager[None] = _watch(stack).limited(seconds)
    return limit


def with_deep_stack(function: Callable[[], Result]) -> Result:
    """Return the result of `function`, called in a thread in which modules may use `DEEP_STACK` bytes of stack.

    Raises what it raises, and `MemoryError` if there is not enough memory for such a thread.
    """
    from concurrent.futures import Future

    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as error:
            future.set_exception(error)

    previous_size = threading.stack_size(DEEP_STACK * 4 // 3)
    try:
        threading.Thread(target=run, daemon=True, name="diagramkit-deep").start()
    except RuntimeError as error:
        raise MemoryError(str(error)) from None
    finally:
        threading.stack_size(previous_size)
    try:
        return future.result()
    finally:
        if not future.done():  # Ctrl-C was pressed, which only this thread notices.
            interruptible_engine(DEEP_STACK).increment_epoch()


@_CalledOnce
def compiled_module(name: str, source: Callable[[], bytes], stack: int | None = None) -> Any:
    """Return a module by name, loaded from the cache, or compiled from `source` and saved there.

    The name must change with the bytes. The module is for `engine()`, or for `interruptible_engine(stack)` if `stack`
    is given. Compiling takes up to a second, loading hardly any time.
    """
    import wasmtime

    target = engine() if stack is None else interruptible_engine(stack)
    cached = _cached_module(name, stack)
    if cached.is_file():
        try:
            return wasmtime.Module.deserialize_file(target, str(cached))
        except wasmtime.WasmtimeError:
            pass  # Compiled for another processor or by another build: compile it again.
    code = source()
    if len(code) >= _SLOW_SIZE:
        disk_cache.announce(_PREPARATION)
    module = wasmtime.Module(target, code)
    disk_cache.store(cached.name, bytes(module.serialize()))
    return module


def _cached_module(name: str, stack: int | None) -> Path:
    """Return the path of a compiled module in the cache."""
    suffix = "" if stack is None else "-stoppable"
    return disk_cache.folder() / f"{name}-wasmtime-{version('wasmtime')}{suffix}.cwasm"


def memory_view(store: Any, memory: Any) -> memoryview:
    """Return a view of exactly a module's memory.

    It is valid until the module runs again: memory that grows may move.
    """
    base = ctypes.addressof(memory.data_ptr(store).contents)
    return memoryview(_ByteArray.from_address(base)).cast("B")[: memory.data_len(store)]


class Instance:
    """A running module without imports.

    The module exports `memory`, `fresh` (forget everything, and allocate the given number of bytes), and functions that
    take and return an address. Their input and output are in memory, since each call, and each number in it, costs as
    much as copying 30 kB. One thread at a time may use it: one with its `lock`, or within `time_limited`.
    """

    def __init__(self, module: Any, stack: int | None = None) -> None:
        self._module, self._stack = module, stack
        self.lock = threading.Lock()
        self._is_unfinished = False
        self.restart()

    def restart(self) -> None:
        """Start over with new memory, after a large task or a trap."""
        import wasmtime

        # The former memory is freed first: there may not be enough for both.
        self._store: Any = None
        self._exports: Any = None
        self._memory: Any = None
        self._functions: dict[str, Any] = {}
        self._store = wasmtime.Store(engine() if self._stack is None else interruptible_engine(self._stack))
        if self._stack is not None:
            self._store.set_epoch_deadline(1)
        self._exports = wasmtime.Instance(self._store, self._module, []).exports(self._store)
        self._memory = self._exports["memory"]
        self._is_unfinished = False

    def set_memory_limit(self, memory: int) -> None:
        """Let an interruptible module run with at most `memory` bytes, until it is interrupted."""
        self._restart_if_unfinished()
        self._store.set_limits(memory_size=memory)
        self._store.set_epoch_deadline(1)

    def allocate(self, *sizes: int) -> list[int]:
        """Return the addresses of blocks of the given sizes in bytes. Everything else in memory is forgotten."""
        self._restart_if_unfinished()
        self._is_unfinished = True
        aligned_sizes = [-(-size // _ALIGN) * _ALIGN for size in sizes]
        return list(accumulate(aligned_sizes[:-1], initial=self.call("fresh", sum(aligned_sizes))))

    def finish(self) -> None:
        """End the task whose output has been read.

        Memory cannot shrink, so it is replaced after a large task.
        """
        if self.size > _MAX_REUSED_MEMORY:
            self.restart()
        self._is_unfinished = False

    @property
    def size(self) -> int:
        """The size of the module's memory in bytes."""
        return int(self._memory.data_len(self._store))

    def _restart_if_unfinished(self) -> None:
        """Start over if the last task did not finish: it was interrupted, perhaps by Ctrl-C, or it crashed."""
        if self._is_unfinished:
            self.restart()

    def call(self, name: str, value: int) -> int:
        """Return the result of a function of the module."""
        function = self._functions.get(name)
        if function is None:
            function = self._functions[name] = self._exports[name]
        return int(function(self._store, value))

    def write(self, addresses: Sequence[int], *data: Buffer) -> None:
        """Copy data to addresses in the module's memory."""
        memory = memory_view(self._store, self._memory)
        for address, block in zip(addresses, data, strict=True):
            view = memoryview(block).cast("B")
            memory[address : address + view.nbytes] = view

    def read(self, address: int, size: int) -> bytes:
        """Return `size` bytes of the module's memory."""
        return memory_view(self._store, self._memory)[address : address + size].tobytes()


@_CalledOnce
def kernel(package: str, name: str, stack: int | None = None) -> Instance:
    """Return the only instance in this process of the module `data/NAME.wasm` of a package of diagramkit.

    If `stack` is given, the module may use as many bytes of stack, and it can be interrupted (`time_limited`).
    """
    # Functions registered with atexit run in reverse order: the instance is freed while wasmtime's library is loaded.
    if stack is None:
        engine()
    else:
        interruptible_engine(stack)
    atexit.register(kernel.cache_clear)
    code, full_name = _code(package, name)
    return Instance(compiled_module(full_name, lambda: code, stack), stack)


def compile_early(package: str, name: str, stack: int) -> None:
    """If a module must be compiled, begin in another thread: the caller has other work before it needs the module.

    What goes wrong there happens again, and is reported, when the module is needed.
    """
    if _cached_module(_code(package, name)[1], stack).is_file():
        return

    def run() -> None:
        with suppress(Exception):
            kernel(package, name, stack)

    with suppress(RuntimeError):  # Not enough memory for the thread's stack.
        threading.Thread(target=run, daemon=True, name="diagramkit-compile").start()


def announce_preparation(package: str, name: str, stack: int) -> None:
    """Announce that a module must be compiled, if so: for a process whose workers, which nobody reads, compile it."""
    if not _cached_module(_code(package, name)[1], stack).is_file():
        disk_cache.announce(_PREPARATION)


@cache
def _code(package: str, name: str) -> tuple[bytes, str]:
    """Return the code of a module of diagramkit's, and a name that changes with it."""
    code = data.text(package, f"{name}.wasm")
    return code, f"{name}-{hashlib.sha256(code).hexdigest()[:16]}"


def _clear_caches() -> None:
    compiled_module.cache_clear()
    engine.cache_clear()
    interruptible_engine.cache_clear()
