"""Manifests next to pictures come from anywhere: a damaged or forged one has no entries, and none names other files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from diagramkit.batch import entries

NAME = ".diagramkit.json"


def document(**values: Any) -> dict[str, Any]:
    """Return a manifest with one entry, in which some fields of the entry are other ones."""
    manifest = json.loads(entries.to_json({"a.mmd": entries.ManifestEntry("1", "2", pictures={"a": {"svg": "3"}})}))
    manifest["sources"]["a.mmd"] |= values
    return dict(manifest)


def write(content: Any, name: str = NAME) -> str:
    Path(name).write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return name


def test_a_manifest_is_read_as_it_was_written() -> None:
    path = write(document())
    assert list(entries.read(path)) == ["a.mmd"]
    assert entries.read(path)["a.mmd"].pictures == {"a": {"svg": "3"}}
    assert entries.to_json(entries.read(path)) == entries.to_json(entries.read_all("."))
    assert entries.to_json({}).endswith(b"}\n")
    assert b'\n "format": 2' in entries.to_json({})


@pytest.mark.parametrize("field", ["pictures", "stale_outputs"])
@pytest.mark.parametrize("stem", ["../a", "/a", "a/../../b", "", "a//b", ".", "a\\b", "C:a"])
def test_a_manifest_that_names_a_file_outside_of_its_folder_is_damaged(field: str, stem: str) -> None:
    assert entries.read(write(document(**{field: {stem: {"svg": "3"}}}))) == {}
    assert entries.read(write(document(**{field: {"a": {"toml": "3"}}}))) == {}
    assert entries.read(write(document(**{field: {"b/a": {"svg": "3"}}}))) != {}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b"\xff\xff",
        b"[" * 100_000,
        b'{"format": 2, "sources": ' + b"[" * 100_000,
        b'{"x": ' + b"[" * 100_000,
    ],
)
def test_a_damaged_manifest_has_no_entries(content: bytes) -> None:
    path = write(content)
    assert entries.read(path) == entries.read_all(".") == {}
    assert not entries.is_outdated(path)


def test_a_manifest_in_another_format_is_outdated_and_has_no_entries() -> None:
    for number, is_outdated in ((1, True), (2, False), (3, True), (0, False)):
        path = write(document() | {"format": number})
        assert entries.is_outdated(path) is is_outdated
        assert (entries.read(path) == {}) is (number != 2)
    assert not entries.is_outdated("missing.json")
    assert entries.read("missing.json") == entries.read_all("missing") == {}


def test_manifests_of_shards_are_recognized_by_their_whole_name() -> None:
    shards = [".diagramkit.1-of-2.json", ".diagramkit.12-of-34.json"]
    others = [
        ".diagramkit.-of-2.json",
        ".diagramkit.1-of-.json",
        "x.diagramkit.1-of-2.json",
        ".diagramkit.1-of-2.jsonx",
    ]
    for name in (
        *reversed(shards),
        *others,
        ".diagramkit.a-of-2.json",
        ".diagramkit.1-of-b.json",
        f"x{shards[0]}",
        NAME,
    ):
        write(document(), name)
    assert entries.shard_manifests(".") == [f"./{name}" for name in shards]
    assert entries.shard_manifests("missing") == []


def test_a_later_shard_replaces_entries_of_the_manifest() -> None:
    write(document())
    write(document(digest="9"), ".diagramkit.1-of-2.json")
    assert entries.read_all(".")["a.mmd"].digest == "9"


@pytest.mark.skipif(sys.platform == "win32", reason="names are text on Windows")
def test_names_that_are_not_text_are_written_and_read() -> None:
    original = {"a\udcff.mmd": entries.ManifestEntry("1", "2", pictures={"a": {"svg": "3"}})}
    data = entries.to_json(original)
    assert entries.read(write(data)) == original
    assert data.startswith(b'{\n "format": 2,\n')
    assert entries.read(write(data.replace(b"\\udcff", b"\xff"))) == original  # As other programs may write it.


def test_entries_are_sorted_by_their_source() -> None:
    entry = entries.ManifestEntry("1", "2")
    assert list(json.loads(entries.to_json({"b.mmd": entry, "a.mmd": entry}))["sources"]) == ["a.mmd", "b.mmd"]
