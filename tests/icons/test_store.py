"""Installed packs: what their index may say, and how their icons are named."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from diagramkit.icons.packs import store

INDEX: dict[str, Any] = {
    "name": "acme",
    "version": "1.0",
    "official": False,
    "icons": {"b": {"file": "b.svg", "sha256": "2"}, "a": {"file": "a_1.x-y.png", "sha256": "1"}},
}


def read(index: object) -> store.Pack:
    Path("p").mkdir(exist_ok=True)
    Path("p/pack.json").write_text(json.dumps(index), "utf-8")
    return store.read("p")


def test_a_valid_index_is_read() -> None:
    pack = read(INDEX)
    assert (pack.name, pack.version, pack.folder, pack.official, list(pack.icons)) == (
        "acme",
        "1.0",
        "p",
        False,
        ["b", "a"],
    )
    icon = pack.icon("a")
    assert icon is not None
    assert (icon.reference, icon.path, icon.digest) == ("acme:a", str(Path("p/a_1.x-y.png")), "1")
    assert pack.icon("c") is None
    assert pack.by_key("a") == icon
    assert pack.by_key("c") is None


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "no object": lambda index: [index],
    "no name": lambda index: index.pop("name"),
    "no version": lambda index: index.pop("version"),
    "no icons": lambda index: index.pop("icons"),
    "name with a path": lambda index: index.update(name="../acme"),
    "version with a path": lambda index: index.update(version="1/../.."),
    "name that is no text": lambda index: index.update(name=1),
    "icons in a list": lambda index: index.update(icons=["a"]),
    "icon that is no object": lambda index: index["icons"].update(a=1),
    "icon without a file": lambda index: index["icons"]["a"].pop("file"),
    "icon without a digest": lambda index: index["icons"]["a"].pop("sha256"),
    "icon with an empty digest": lambda index: index["icons"]["a"].update(sha256=""),
    "icon with control characters": lambda index: index["icons"].update({"\x1b[2J": index["icons"]["a"]}),
    **{
        f"file {name!r}": lambda index, name=name: index["icons"]["a"].update(file=name)  # type: ignore[misc]
        for name in (
            "../a.svg",
            "/a.svg",
            "x/a.svg",
            "x\\a.svg",
            "a.svg\n",
            "a.svgx",
            "a.exe",
            ".svg/",
            "asvg",
            "",
            "C:a.svg",
        )
    },
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_index_that_was_made_by_hand_names_only_files_in_its_folder(change: Callable[[Any], object]) -> None:
    index = copy.deepcopy(INDEX)
    changed = change(index)
    with pytest.raises(ValueError, match=r"^pack\.json is not a valid pack index: "):
        read(changed if isinstance(changed, list) else index)


def test_the_digest_identifies_the_content_whatever_its_order() -> None:
    """The expected value is that of `printf '1 a\\n2 b\\n' | sha256sum`."""
    expected = "6bdf6e37dc327165fa4db779b911b98b6eba38852a9cd4a97cdd6be810a88357"
    icons = INDEX["icons"]
    digest = store.digest_of(icons)
    assert digest == store.digest_of(dict(reversed(icons.items()))) == read(INDEX).digest
    assert digest == expected
    for other in ({"a": icons["a"]}, {**icons, "a": icons["b"]}, {"c": icons["a"], "b": icons["b"]}):
        assert store.digest_of(other) != digest


def test_packs_are_equal_if_their_content_is() -> None:
    pack = read(INDEX)
    assert pack == store.Pack("acme", "1.0", "p", pack.digest, True, {})
    assert hash(pack) == hash(store.Pack("acme", "1.0", "p", pack.digest, True, {}))
    for fields in (
        ("other", "1.0", "p", pack.digest),
        ("acme", "2.0", "p", pack.digest),
        ("acme", "1.0", "q", pack.digest),
        ("acme", "1.0", "p", "3"),
    ):
        assert (pack == store.Pack(*fields, False, pack.icons)) is False
    assert (pack == "acme") is False


@pytest.mark.parametrize("word", ["a", "1.0.0", "a.b+c-d_1", "ä", "_"])
def test_a_pack_may_have_this_name_and_version(word: str) -> None:
    assert store.is_pack_word(word)
    assert store.folder_name(word, word) == f"{word}-{word}"


@pytest.mark.parametrize("word", ["", ".", "..", ".a", "-a", "+a", "a/b", "a\\b", "a b", "a\n", "a:b", "a\0"])
def test_a_pack_may_not_have_this_name_or_version(word: str) -> None:
    assert not store.is_pack_word(word)
    assert "/" not in store.folder_name(word, word)
    assert "\\" not in store.folder_name(word, word)


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("Arch_AWS-Lambda_64", "AWS-Lambda"),
        ("arch-service-x_16", "x"),
        ("architecture service-x_32_y", "x_y"),
        ("Arch-Service_x-48", "x"),
        ("Res_x_48_Light", "x"),
        ("resource-x-light", "x"),
        ("Group_x", "x"),
        ("group-x-64-y", "x-y"),
        ("x-640", "x-640"),
        ("x-65", "x-65"),
        ("light", "light"),
        ("arch_64", "64"),
        ("group_", "group_"),
        ("archive", "archive"),
    ],
)
def test_names_are_without_the_affixes_of_the_asset_package(stem: str, name: str) -> None:
    assert store.plain_name(stem) == name


def test_details_are_safe_to_print() -> None:
    read({**INDEX, "licence": "\x1b[2J", "extra": 1})
    details = store.details("p")
    assert details == {"name": "acme", "version": "1.0", "official": False, "licence": "\\x1b[2J", "extra": 1}
