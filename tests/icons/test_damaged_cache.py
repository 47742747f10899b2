"""A damaged file in the cache, such as an empty one after a power failure, costs time and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from diagramkit import cache, data
from diagramkit.icons import artwork, names
from diagramkit.icons.icon import Icon
from tests.support.icon_packs import GOOD, png

DAMAGED = [
    b"",
    b"\0",
    b"x" * 100,
    b"[]",
    b"[1, 2]",
    b"{",
    b"[true, [0, 0, 0], [9, 9]]\n",
    b"[true, [0, 0], [9, 9]]\n\x89PNG",
    b"\x09\0\0\0\x09\0\0\0x",
    b"\xff" * 8,
]


def icon(name: str, raw: bytes) -> Icon:
    Path(name).write_bytes(raw)
    return Icon(f"file:{name}", str(Path(name).resolve()), "")


@pytest.mark.parametrize("damaged", DAMAGED)
def test_icons_are_computed_again(damaged: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    functions: list[Callable[[Icon], object]] = [
        artwork.load,
        lambda each: artwork.bitmap(each, 12),
        lambda each: artwork.bitmap(each, 12, 0.5),
        artwork.traits,
    ]
    for each in (icon("a.png", png(30, 20)), icon("a.svg", GOOD.encode())):
        expected = [function(each) for function in functions]
        caches = (artwork.load, artwork.bitmap, artwork._vector_traits)
        with monkeypatch.context() as patch:
            patch.setattr(cache, "get_or_create", lambda *_: damaged)
            for cached in caches:
                cached.cache_clear()
            assert [function(each) for function in functions] == expected
        for cached in caches:
            cached.cache_clear()


@pytest.mark.parametrize("damaged", [b"", b"{", b"\xff"])
def test_data_files_are_parsed_again(damaged: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = data.load("icons", "svg.yaml")
    monkeypatch.setattr(cache, "get_or_create", lambda *_: damaged)
    assert data.load.__wrapped__("icons", "svg.yaml") == expected
    assert expected["runs"]


@pytest.mark.parametrize("damaged", [b"", b"{", b"\xff", b"[1]", b'[["x"]]'])
def test_names_of_icons_are_collected_again(damaged: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = names._cached_names("gcp")
    monkeypatch.setattr(cache, "get_or_create", lambda *_: damaged)
    assert names._cached_names("gcp") == expected
    assert expected
