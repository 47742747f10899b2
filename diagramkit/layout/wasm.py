"""WebAssembly modules: compiled once, kept compiled in the cache, run in a sandbox of their own."""

from __future__ import annotations

import atexit
import ctypes
import hashlib
from array import array
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cache
from itertools import accumulate
from typing import Any, TypeAlias

from diagramkit import cache as disk
from diagramkit import data
from diagramkit.versions import version

_ALIGN = 16  # Bytes: as `alloc` in the modules.
_USUAL_MEMORY = 4_000_000  # Bytes; more than this only few diagrams need.
_ALL = ctypes.c_ubyte * (1 << 31)  # One type for all sizes: ctypes makes a class for each.


Data: TypeAlias = "bytes | bytearray | array[Any]"
"""What can be put into a module's memory."""


@cache
def engine() -> Any:
    """Wasmtime's engine, one for all modules of the process."""
    import wasmtime

    # Freed before the interpreter takes wasmtime's library away: else it complains at exit.
    atexit.register(_forget)
    return wasmtime.Engine()


@cache
def stoppable() -> Any:
    """Wasmtime's engine for modules that can be stopped in mid-flight, which costs them a fourteenth."""
    import wasmtime

    config = wasmtime.Config()
    config.epoch_interruption = True
    atexit.register(_forget)
    return wasmtime.Engine(config)


@cache
def _watch() -> Any:
    from diagramkit.layout.watch import Watch

    return Watch(stoppable().increment_epoch)


def limited(seconds: float) -> AbstractContextManager[None]:
    """While it lasts, what runs in `stoppable()` is stopped after so many seconds, and at Ctrl-C."""
    limit: AbstractContextManager[None] = _watch().limited(seconds)
    return limit


@cache
def compiled(name: str, source: Callable[[], bytes], *, can_stop: bool = False) -> Any:
    """A module by name (which must change with its bytes), for `engine()` or, where it `can_stop`, for
    `stoppable()`: read back from the cache, or compiled from `source` and kept. Compiling takes up to a second,
    reading back nothing."""
    import wasmtime

    place = stoppable() if can_stop else engine()
    file = f"{name}-wasmtime-{version('wasmtime')}{'-stoppable' if can_stop else ''}.cwasm"
    kept = disk.folder() / file
    if kept.is_file():
        try:
            return wasmtime.Module.deserialize_file(place, str(kept))
        except wasmtime.WasmtimeError:
            pass  # Made for another processor or by another build: make it again.
    module = wasmtime.Module(place, source())
    disk.keep(file, bytes(module.serialize()))
    return module


def contents(store: Any, memory: Any) -> memoryview:
    """A module's memory, until the module runs again: where it grows it may move. What is beyond its end is no
    memory at all."""
    base = ctypes.addressof(memory.data_ptr(store).contents)
    return memoryview(_ALL.from_address(base)).cast("B")


class Instance:
    """A running module without imports that has `memory`, `fresh` (forget all, and have room for so many bytes), and
    functions that take a place and answer one: what they are asked and what they answer is in memory, since each call,
    and each number in it, costs as much as copying 30 kB."""

    def __init__(self, module: Any) -> None:
        self._module = module
        self._start()

    def _start(self) -> None:
        import wasmtime

        self._store = wasmtime.Store(engine())
        self._exports: Any = wasmtime.Instance(self._store, self._module, []).exports(self._store)
        self._memory: Any = self._exports["memory"]
        self._functions: dict[str, Any] = {}

    def begin(self, *sizes: int) -> list[int]:
        """The places of so many bytes each, in a memory that has forgotten all else."""
        rooms = [-(-size // _ALIGN) * _ALIGN for size in sizes]
        return list(accumulate(rooms[:-1], initial=self.call("fresh", sum(rooms))))

    def end(self) -> None:
        """What was made is read. A memory cannot shrink: after something vast it is another."""
        if self._memory.data_len(self._store) > _USUAL_MEMORY:
            self._start()

    def call(self, name: str, value: int) -> int:
        """What a function of the module answers."""
        function = self._functions.get(name)
        if function is None:
            function = self._functions[name] = self._exports[name]
        return int(function(self._store, value))

    def put(self, places: Sequence[int], *data: Data) -> None:
        """Copy data to their places in the module's memory."""
        room = contents(self._store, self._memory)
        for place, one in zip(places, data, strict=True):
            view = memoryview(one).cast("B")
            room[place : place + view.nbytes] = view

    def get(self, at: int, size: int) -> bytes:
        """So many bytes of the module's memory."""
        return contents(self._store, self._memory)[at : at + size].tobytes()


@cache
def kernel(package: str, name: str) -> Instance:
    """The one instance in this process of a module that a package of diagramkit carries, as `data/NAME.wasm`."""
    engine()  # What is registered later is freed earlier: the instance while wasmtime's library is there.
    atexit.register(kernel.cache_clear)
    raw = data.text(package, f"{name}.wasm")
    digest = hashlib.sha256(raw).hexdigest()[:16]
    return Instance(compiled(f"{name}-{digest}", lambda: raw))


def _forget() -> None:
    compiled.cache_clear()
    engine.cache_clear()
    stoppable.cache_clear()
