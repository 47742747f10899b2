"""What every request goes through: its body is a JSON object of limited size, and no exception ends the server."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from diagramkit.diagnostics import Span, fail
from diagramkit.serve import guard


def request(*chunks: bytes) -> Request:
    """Return a request whose body arrives in chunks."""
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    arriving = iter([*messages, {"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(arriving)

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


def answer_of(handler: guard.Handler) -> Response:
    async def answer() -> Response:
        return await guard.contained(handler)(request())

    return asyncio.run(answer())


def body(*chunks: bytes) -> dict[str, Any]:
    return asyncio.run(guard.json_body(request(*chunks)))


def test_a_body_is_a_json_object_with_values_of_any_type() -> None:
    values = {"text": "a", "number": 3, "none": None, "list": ["x"], "flag": False}
    raw = json.dumps(values).encode()
    assert body(raw) == body(raw[:5], raw[5:9], raw[9:]) == values


def test_a_text_that_cannot_be_written_to_a_file_is_changed() -> None:
    assert body(b'{"text": "a\\ud800b"}') == {"text": "a\ufffdb"}


@pytest.mark.parametrize("raw", [b"", b"[]", b"3", b'"text"', b"null", b"{", b"\xff", b"[" * 100_000])
def test_any_other_body_is_empty(raw: bytes) -> None:
    assert body(raw) == {}


def test_a_body_that_is_too_large_is_not_read_to_its_end() -> None:
    limit = guard._MAX_BODY_BYTES
    accepted = b'{"text": "' + b"x" * (limit - 12) + b'"}'
    assert len(accepted) == limit
    assert body(accepted)["text"] == "x" * (limit - 12)
    arriving = request(accepted, b" ", b"never read")
    assert asyncio.run(guard.json_body(arriving)) == {}

    async def next_message() -> Any:
        return await arriving.receive()

    assert asyncio.run(next_message())["body"] == b"never read"


@pytest.mark.parametrize(
    ("error", "code", "file"),
    [(fail("outside", "is elsewhere", Span("x.mmd", 2, 3)), "outside", "x.mmd"), (KeyError("x"), "internal", "serve")],
)
def test_an_exception_is_an_answer_with_the_problems(error: Exception, code: str, file: str) -> None:
    async def handler(_: Request) -> Response:
        raise error

    response = answer_of(handler)
    answer = json.loads(bytes(response.body))
    assert response.status_code == 422
    (problem,) = answer["problems"]
    assert (problem["code"], problem["file"]) == (code, file)
    assert answer["message"] == problem["message"]


def test_an_answer_without_an_exception_is_passed_on() -> None:
    expected = Response("text")

    async def handler(_: Request) -> Response:
        return expected

    assert answer_of(handler) is expected
