"""The server of the tools: the Model Context Protocol over standard input and output, by its official SDK.

Each call is carried out in a worker process, within limits on time and memory, so that no input stops the server. Files
are written by this process, below the folder of the server only.
"""

from __future__ import annotations

import base64
import logging
import os
import queue
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, cast

import anyio
import anyio.to_thread
import msgspec
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from diagramkit import __version__, files, write_scope
from diagramkit.agents import standard_input, tools
from diagramkit.agents.arguments import schema_of
from diagramkit.agents.tools import TOOLS, Packs, ToolResult
from diagramkit.batch.bounds import Bounds
from diagramkit.batch.executor import Executor
from diagramkit.diagnostics import DiagramError, Span, fail
from diagramkit.markup import json_text

INSTRUCTIONS = (
    "Architecture diagrams from Mermaid: write a flowchart whose labels name AWS services, render it, look at the PNG, "
    "and change what the report says."
)
"""What a client tells its model about the server."""


_START_TIME = 10.0
"""Seconds in which a worker process starts."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_ANSWER_TIME = 0.2
"""Seconds in which a message becomes a call, and the result of a call an answer."""


class Calls:
    """Carries out calls in `processes` worker processes, each call within `bounds`."""

    def __init__(self, bounds: Bounds, packs: Packs, processes: int) -> None:
        self._bounds, self._packs = bounds, packs
        self._limiter = anyio.CapacityLimiter(processes)
        self._idle: queue.SimpleQueue[Executor] = queue.SimpleQueue()
        self._processes = processes
        self._active = 0
        # A call waits for others at most as long as it may take itself.
        self._longest_time = None if bounds.timeout is None else 2 * bounds.timeout + _START_TIME

    @contextmanager
    def running(self) -> Iterator[None]:
        """Offer the worker processes within the block, and end them after it."""
        with ExitStack() as stack:
            for _ in range(self._processes):
                self._idle.put(stack.enter_context(Executor(self._bounds)))
            yield

    async def call(self, name: str, arguments: dict[str, Any]) -> ToolResult:
        """Return what a tool answers, after its files are written. Every problem is part of the answer."""
        self._active += 1
        try:
            if name not in TOOLS:
                raise fail("wrong-value", f"there is no tool '{name[:100]}'", Span("name"))
            values = _validated(name, arguments)
            perform = partial(self._perform, name, values)
            with anyio.fail_after(self._longest_time):
                return await anyio.to_thread.run_sync(perform, abandon_on_cancel=True, limiter=self._limiter)
        except TimeoutError:
            return _failure(fail("timeout", "the server is busy with other calls; call again later", Span(name)))
        except DiagramError as error:
            return _failure(error)
        finally:
            self._active -= 1

    async def finished(self) -> None:
        """Wait until all calls are answered."""
        await anyio.sleep(_ANSWER_TIME)
        while self._active:
            await anyio.sleep(_ANSWER_TIME)
        await anyio.sleep(_ANSWER_TIME)

    def _perform(self, name: str, arguments: msgspec.Struct) -> ToolResult:
        """Carry out a call in a worker process, and write its files. Raises `DiagramError`."""
        executor = self._idle.get()
        try:
            result = executor.call(Span(name), tools.call, name, arguments, self._packs)
        finally:
            self._idle.put(executor)
        for path in result.files:
            write_scope.resolve(path)  # All of them before the first is written.
        for path, data in result.files.items():
            files.write(path, data)
        return result


def _validated(name: str, arguments: dict[str, Any]) -> msgspec.Struct:
    """Return the arguments of a tool. Raises `DiagramError` (wrong-value)."""
    try:
        return msgspec.convert(arguments, TOOLS[name].arguments)
    except msgspec.ValidationError as error:
        raise fail("wrong-value", f"these arguments do not fit the schema: {error}", Span("arguments")) from None


def _failure(error: DiagramError) -> ToolResult:
    problems = [{"code": one.code, "message": one.message, "at": str(one.span)} for one in error.problems]
    return ToolResult((json_text({"problems": problems}),), failed=True)


def server(calls: Calls) -> Server[Any]:
    """Return the protocol's server, which lists the tools and calls them."""
    logging.getLogger("mcp").setLevel(logging.CRITICAL)  # It logs clients that leave, with tracebacks.
    listed = types.ListToolsResult(tools=[_listed(tool) for tool in TOOLS.values()])

    async def list_tools(*_: Any) -> types.ListToolsResult:
        return listed

    async def call_tool(_: Any, request: types.CallToolRequestParams) -> types.CallToolResult:
        return _content(await calls.call(request.name, request.arguments or {}))

    return Server(
        "diagramkit", version=__version__, instructions=INSTRUCTIONS, on_list_tools=list_tools, on_call_tool=call_tool
    )


def _listed(tool: tools.Tool) -> types.Tool:
    return types.Tool(name=tool.name, description=tool.description, input_schema=schema_of(tool.arguments))


def _content(result: ToolResult) -> types.CallToolResult:
    content: list[Any] = [types.TextContent(text=text) for text in result.texts]
    if result.png is not None:
        data = base64.b64encode(result.png).decode("ascii")
        content.insert(0, types.ImageContent(data=data, mime_type="image/png"))
    return types.CallToolResult(content=content, is_error=result.failed)


def processes() -> int:
    """Return the number of worker processes: one for each processor, but no more than four."""
    return min(4, os.cpu_count() or 1)


def serve_stdio(bounds: Bounds, packs: Packs) -> None:
    """Serve a client on standard input and output until it closes them.

    Raises `BrokenPipeError` if it no longer reads the answers, and `KeyboardInterrupt` after a signal.
    """

    async def serve() -> None:
        calls = Calls(bounds, packs, processes())
        served = server(calls)
        with calls.running():
            # The SDK only iterates over the lines.
            lines = cast("anyio.AsyncFile[str]", standard_input.lines(calls.finished))
            async with stdio_server(lines) as (reading, writing):
                await served.run(reading, writing, served.create_initialization_options())

    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    received: signal.Signals | None = None
    has_left = False
    try:
        received = anyio.run(_until_signal, serve)
    except* BrokenPipeError:
        has_left = True
    for number, handler in handlers.items():  # The event loop has replaced them.
        signal.signal(number, handler)
    if has_left:
        raise BrokenPipeError
    if received:
        signal.raise_signal(received)  # The handler of the command determines what follows.


async def _until_signal(serve: Callable[[], Awaitable[None]]) -> signal.Signals | None:
    """Serve until the client leaves, or until a signal arrives. Return this signal.

    An exception of a signal handler could be raised anywhere in the event loop, and would leave it in disorder.
    """
    if sys.platform == "win32":  # Its event loops receive no signals.
        await serve()
        return None
    received: list[signal.Signals] = []
    try:
        async with anyio.create_task_group() as tasks:
            with anyio.open_signal_receiver(*_SIGNALS) as signals:

                async def stop() -> None:
                    async for number in signals:
                        received.append(number)
                        tasks.cancel_scope.cancel()

                tasks.start_soon(stop)
                await serve()
                tasks.cancel_scope.cancel()
    except* Exception:  # A call that was stopped may end with an error; nobody waits for its answer.
        if not received:
            raise
    return received[0] if received else None
