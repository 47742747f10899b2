"""What a manifest depends on: the key of options, icon packs and versions, and the paths that it may contain."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from diagramkit.batch import entries, manifest
from diagramkit.options import Options
from diagramkit.outputs import ENDINGS
from tests.support.icon_packs import GOOD, pack


def test_the_key_depends_on_everything_that_pictures_depend_on(tmp_path: Path) -> None:
    (tmp_path / "diagramkit.toml").write_text("")
    for name, icon in (("a", GOOD), ("b", GOOD.replace("ED7100", "000000"))):
        pack(tmp_path / name, widget=icon)
    from diagramkit import project
    from diagramkit.icons.packs import add, fetch

    packs = [str(tmp_path / "p" / name) for name in ("a-0", "b-0")]
    for name in ("a", "b"):
        add.add(fetch.fetch(name), project.find(), tmp_path / "p")
    for name, text in (
        ("one.yaml", "base: light\n"),
        ("two.yml", "base: dark\n"),
        ("bad.yaml", "nonsense: [\n"),
    ):
        Path(name).write_text(text, "utf-8")
    options = [
        Options(),
        Options("dark"),
        Options(scale=1),
        Options(strict=True),
        Options(packs=(packs[0],)),
        Options(packs=(packs[1],)),
        Options("one.yaml"),
        Options("two.yml"),
        Options("bad.yaml"),
        Options("none.yaml"),
    ]
    keys = [manifest.key_of(variant) for variant in options]
    assert len(set(keys)) == len(keys)
    assert [manifest.key_of(variant) for variant in options] == keys
    Path("two.yml").write_text("base: light\n", "utf-8")
    assert manifest.key_of(Options("two.yml")) != keys[7]


def test_the_tool_digest_is_reproducible() -> None:
    assert manifest.tool_digest() == manifest.tool_digest()
    assert len(manifest.tool_digest()) == 64


def test_library_versions_are_listed_by_name() -> None:
    versions = manifest._library_versions()
    assert all(line == line.strip() for line in versions)
    assert any(line.startswith("pillow ") for line in versions)


@pytest.mark.parametrize("stem", ["", ".", "..", "a//b", "a/..", "../a", "/a", "a\\b", "c:a", "a/.", "a/b:c"])
def test_manifest_paths_outside_the_output_folder_are_rejected(stem: str) -> None:
    with pytest.raises(ValueError, match=r"\A" + re.escape(stem) + r"\Z"):
        entries.check_paths({"fine": {"svg": "d"}, stem: {"svg": "d"}})


@pytest.mark.parametrize("extension", ["txt", "", "svg/x", "SVG"])
def test_manifest_files_that_are_not_pictures_are_rejected(extension: str) -> None:
    with pytest.raises(ValueError, match="a"):
        entries.check_paths({"a": {extension: "d"}})
    entries.check_paths({"a": dict.fromkeys(ENDINGS, "d")})
