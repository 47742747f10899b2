"""What the manifest of an output folder notes, forgets and takes for current, without a batch around it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from msgspec.structs import replace

from diagramkit import cache, files
from diagramkit.batch import entries, manifest
from diagramkit.batch.entries import ManifestEntry
from diagramkit.batch.manifest import Manifest
from diagramkit.diagnostics import Diagnostic, Excerpt, Span
from diagramkit.pipeline import FORMATS, Options
from diagramkit.sources import SourceFile
from diagramkit.style import system
from tests.test_packs import GOOD, pack

SOURCE = SourceFile("specs/é.mmd", "cat")
LONG_AGO = 1_000_000_000
USUAL = Options()


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def written(path: str, data: bytes = b"x") -> str:
    """A file that was written long ago; its digest."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(data)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return sha(data)


def loaded(formats: tuple[str, ...] = ("svg",), options: Options = USUAL, part: str = "") -> Manifest:
    return manifest.load("out", formats, options, part)


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cache, "folder", lambda: tmp_path / "cache")
    written(SOURCE.path, b"source")


def noted(**more: object) -> Manifest:
    """A manifest in which the source has a picture that is there."""
    made = loaded()
    digest = written("out/cat/é.svg", b"svg")
    entry = ManifestEntry(sha(b"source"), "", pictures={"cat/é": {"svg": digest}})
    made.note(SOURCE, replace(entry, **more))
    made.save()
    return made


def test_the_manifests_text_is_plain_sorted_and_the_same_each_time() -> None:
    told = (Diagnostic("c", "m", Span(SOURCE.path, 2, 3), "warning", Excerpt("line", 1, 2)),)
    made = noted(told=told, needs={"../i.svg": "d"})
    key = made.entries["../specs/é.mmd"].key
    picture = sha(b"svg")
    assert (
        Path("out/.diagramkit.json").read_text("utf-8")
        == f"""\
{{
 "format": 1,
 "sources": {{
  "../specs/é.mmd": {{
   "digest": "{sha(b"source")}",
   "key": "{key}",
   "needs": {{
    "../i.svg": "d"
   }},
   "told": [
    [
     "warning",
     "c",
     "m",
     2,
     3,
     [
      "line",
      1,
      2
     ]
    ]
   ],
   "pictures": {{
    "cat/é": {{
     "svg": "{picture}"
    }}
   }}
  }}
 }}
}}
"""
    )
    again = loaded()
    assert again.entries["../specs/é.mmd"].told[0] == replace(told[0], span=Span("", 2, 3))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("nothing", ""),
        ("source", "it changed"),
        ("picture", f"{os.path.join('out', 'cat', 'é')}.svg is not as it was written"),
        ("gone", f"{os.path.join('out', 'cat', 'é')}.svg is gone"),
        ("format", "another format is wanted"),
        ("options", "options, theme, packs or diagramkit are others"),
        ("folder", "options, theme, packs or diagramkit are others"),
        ("unknown", "it is new here"),
    ],
)
def test_why_a_source_is_drawn_again(change: str, why: str) -> None:
    noted()
    source, options = SOURCE, Options()
    formats: tuple[str, ...] = ("svg",)
    if change == "source":
        written(SOURCE.path, b"other")
    elif change == "picture":
        written("out/cat/é.svg", b"mine")
    elif change == "gone":
        Path("out/cat/é.svg").unlink()
    elif change == "format":
        formats = ("svg", "png")
    elif change == "options":
        options = Options(scale=3)
    elif change == "folder":
        source = SourceFile(SOURCE.path, "other")
    elif change == "unknown":
        source = SourceFile("specs/new.mmd", "cat")
    now = loaded(formats, options)
    assert now.why(source) == why
    assert (now.current(source) is not None) == (not why)


def test_other_fonts_of_the_machine_matter_where_a_picture_has_foreign_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(system, "fingerprint", lambda: "some")
    noted(told=(Diagnostic("foreign-text", "m", Span("x")),))
    assert loaded().why(SOURCE) == ""
    monkeypatch.setattr(system, "fingerprint", lambda: "others")
    assert loaded().why(SOURCE) == "the machine has other fonts"
    noted()
    monkeypatch.setattr(system, "fingerprint", lambda: "more")
    assert loaded().why(SOURCE) == ""


def test_a_changed_icon_of_the_project_is_told() -> None:
    digest = written("icons/i.svg", b"icon")
    noted(needs={"../icons/i.svg": digest})
    assert loaded().why(SOURCE) == ""
    written("icons/i.svg", b"another")
    assert loaded().why(SOURCE) == "its icon ../icons/i.svg changed"


def test_files_of_other_formats_stay_noted_while_all_else_is_as_it_was() -> None:
    made = noted()
    png = written("out/cat/é.png", b"png")
    again = ManifestEntry(sha(b"source"), "", pictures={"cat/é": {"png": png}})
    made.note(SOURCE, again)
    assert made.entries["../specs/é.mmd"].pictures == {"cat/é": {"svg": sha(b"svg"), "png": png}}
    assert made.entries["../specs/é.mmd"].older == {}
    # The source is another now: what was made of it before is older.
    made.note(SOURCE, replace(again, digest=sha(b"other")))
    entry = made.entries["../specs/é.mmd"]
    assert entry.pictures == {"cat/é": {"png": png}}
    assert entry.older == {"cat/é": {"svg": sha(b"svg")}}
    # A diagram less, and one of another name.
    made.note(SOURCE, ManifestEntry(sha(b"third"), "", pictures={"cat/b": {"svg": "d"}}))
    entry = made.entries["../specs/é.mmd"]
    assert entry.pictures == {"cat/b": {"svg": "d"}}
    assert entry.older == {"cat/é": {"svg": sha(b"svg"), "png": png}}
    gone = dict(made.orphans([SOURCE], {"../specs/é.mmd": {"cat/b"}}))
    assert gone == {
        os.path.join("out", "cat", "é.svg"): sha(b"svg"),
        os.path.join("out", "cat", "é.png"): png,
    }
    assert made.orphans([SOURCE], {"../specs/é.mmd": {"cat/b", "cat/é"}}) == []


def test_what_is_gone_with_its_pictures_is_forgotten() -> None:
    noted()
    Path(SOURCE.path).unlink()
    loaded().save()
    assert list(loaded().entries) == ["../specs/é.mmd"]  # Its picture is there.
    Path("out/cat/é.svg").unlink()
    loaded().save()
    assert loaded().entries == {}


def test_standard_input_is_never_noted() -> None:
    made = loaded()
    made.note(SourceFile("-"), ManifestEntry("d", "k"))
    assert made.entries == {}
    assert made.why(SourceFile("-")) == "it is new here"


# Stamps: sizes and times of files, so that they need not be read


def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the files that are read from now on."""
    seen: list[str] = []
    real = files.read

    def noting(path: str) -> bytes | None:
        seen.append(Path(path).name)
        return real(path)

    monkeypatch.setattr(files, "read", noting)
    return seen


def test_files_as_they_were_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    noted()
    assert loaded().why(SOURCE) == ""  # Reads them once, and notes their stamps.
    first = loaded()
    first.why(SOURCE)
    first.save()
    seen = read(monkeypatch)
    now = loaded()
    assert now.why(SOURCE) == ""
    assert "é.mmd" not in seen
    assert "é.svg" not in seen


@pytest.mark.parametrize("what", ["size", "time"])
def test_files_of_another_size_or_time_are_read(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    noted()
    first = loaded()
    first.why(SOURCE)
    first.save()
    if what == "size":
        written(SOURCE.path, b"longer than it was")
    else:
        os.utime(SOURCE.path, (LONG_AGO + 9, LONG_AGO + 9))
    seen = read(monkeypatch)
    assert loaded().why(SOURCE) == ("it changed" if what == "size" else "")
    assert "é.mmd" in seen


def test_young_files_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a tick of the file system's clock a file may change without another time."""
    made = noted()
    Path(SOURCE.path).write_bytes(b"source")
    made.why(SOURCE)
    made.save()
    seen = read(monkeypatch)
    assert loaded().why(SOURCE) == ""
    assert "é.mmd" in seen


def test_the_text_is_as_json_writes_it(tmp_path: Path) -> None:
    """It is written an entry at a time: with names that need escapes, empty ones, and none at all."""
    made = noted(told=(Diagnostic("c", 'say "é"\n', Span("", 1, 2), "note"),), needs={"i\\\n.svg": "d"})
    several = {
        'b/"x".mmd': ManifestEntry("d", "k"),
        "a\n": made.entries["../specs/é.mmd"],
        "ü": ManifestEntry("", ""),
    }
    for listed in (several, {}):
        text = "".join(entries.text_of(listed))
        said = json.loads(text)
        assert list(said["sources"]) == sorted(listed)
        assert text == json.dumps(said, indent=1, ensure_ascii=False) + "\n"
        (tmp_path / "m.json").write_bytes(text.encode())
        assert entries.read(str(tmp_path / "m.json")) == listed


@pytest.mark.skipif(sys.platform == "win32", reason="names are Unicode there")
def test_names_that_are_no_utf_8_are_noted_and_known_again() -> None:
    made, source = loaded(), SourceFile("specs/b\udcff.mmd")
    digest, icon = written(source.path, b"b"), written("specs/i\udcff.svg", b"i")
    told = Diagnostic("foreign-text", "in b\udcff", Span(source.path, 2, 3), "warning")
    entry = ManifestEntry(digest, "", {"../specs/i\udcff.svg": icon}, (told,), {"b": {"svg": written("out/b.svg")}})
    made.note(source, entry)
    made.save()
    found = loaded().current(source)
    assert found is not None
    assert (found.needs, found.told) == (entry.needs, entry.told)


@pytest.mark.parametrize("value", [5, None, ["x"], {"x": "y"}])
@pytest.mark.parametrize("key", ["digest", "key", "needs", "told", "pictures", "older"])
def test_a_manifest_with_values_of_other_kinds_is_as_if_it_were_not_there(key: str, value: object) -> None:
    noted()
    text = json.loads(Path("out/.diagramkit.json").read_text("utf-8"))
    text["sources"]["../specs/é.mmd"][key] = value
    Path("out/.diagramkit.json").write_text(json.dumps(text), "utf-8")
    made = loaded()
    assert made.current(SOURCE) is None or (key, value) in (("needs", None), ("told", None))
    made.note(SOURCE, ManifestEntry(sha(b"source"), ""))
    made.save()


def test_what_another_run_notes_between_two_savings_is_kept() -> None:
    made, other = noted(), loaded()
    written("specs/b.mmd", b"b")
    other.note(SourceFile("specs/b.mmd"), ManifestEntry(sha(b"b"), ""))
    other.save()
    made.note(SOURCE, ManifestEntry(sha(b"changed"), ""))
    made.save()
    assert {name: entry.digest for name, entry in loaded().entries.items()} == {
        "../specs/é.mmd": sha(b"changed"),
        "../specs/b.mmd": sha(b"b"),
    }


def test_what_another_run_writes_at_once_behind_this_one_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, other = noted(), loaded()
    written("specs/b.mmd", b"b")
    other.note(SourceFile("specs/b.mmd"), ManifestEntry(sha(b"b"), ""))
    write = files.write_pieces

    def and_the_other(path: str, pieces: Iterable[bytes]) -> str:
        monkeypatch.setattr(files, "write_pieces", write)
        done = write(path, pieces)
        other.save()
        return done

    monkeypatch.setattr(files, "write_pieces", and_the_other)
    made.note(SOURCE, ManifestEntry(sha(b"changed"), ""))
    made.save()
    made.note(SOURCE, ManifestEntry(sha(b"again"), ""))
    made.save()
    assert {name: entry.digest for name, entry in loaded().entries.items()} == {
        "../specs/é.mmd": sha(b"again"),
        "../specs/b.mmd": sha(b"b"),
    }


def settled() -> None:
    """Stamps of a folder in the cache: of a source and its picture, which have not changed for long."""
    noted()
    made = loaded()
    assert made.why(SOURCE) == ""
    made.save()


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"[]",
        b"{",
        b'{"a": 1}',
        b"\xff",
        b'{"single": {"a": [1, 2]}}',
        b'{"single": 1}',
        b'{"folded": {"a": 1}}',
        b'{"folded": {"a": "1"}}',
        b'{"folded": {"../specs/\xc3\xa9.mmd": "00"}}',
    ],
)
def test_damaged_stamps_cost_time_only(said: bytes, tmp_path: Path) -> None:
    settled()
    (stamps,) = (tmp_path / "cache").glob("stamps-*.json")
    assert len(stamps.stem) == len("stamps-") + 24
    stamps.write_bytes(said)
    assert loaded().why(SOURCE) == ""


def test_each_output_folder_has_stamps_of_its_own(tmp_path: Path) -> None:
    settled()
    other = manifest.load("other", ("svg",), Options())
    other.digest_of(SOURCE.path)
    other.save()
    assert len(list((tmp_path / "cache").glob("stamps-*.json"))) == 2


def test_stamps_that_are_as_they_were_are_not_written_again(tmp_path: Path) -> None:
    settled()
    (stamps,) = (tmp_path / "cache").glob("stamps-*.json")
    os.utime(stamps, (1, 1))
    again = loaded()
    assert again.why(SOURCE) == ""
    again.save()
    assert stamps.stat().st_mtime == 1


@pytest.mark.parametrize("other", ["source", "picture", "name"])
def test_stamps_count_for_what_the_manifest_said_then(other: str) -> None:
    """A manifest that says otherwise (of another branch, by hand) is not taken for what files were seen to be."""
    settled()
    file = Path("out/.diagramkit.json")
    said = json.loads(file.read_text("utf-8"))
    entry = said["sources"]["../specs/é.mmd"]
    if other == "source":
        entry["digest"] = sha(b"another source")
    elif other == "picture":
        entry["pictures"]["cat/é"]["svg"] = sha(b"another")
    else:
        entry["pictures"] = {"cat/b": entry["pictures"]["cat/é"]}
        written("out/cat/b.svg", b"sva")  # As large, and as old.
    file.write_text(json.dumps(said), "utf-8")
    assert loaded().why(SOURCE) != ""


# Parts of a batch


def test_parts_are_files_of_their_own_and_become_one() -> None:
    others = [SourceFile(f"specs/{name}.mmd") for name in "abc"]
    for number, source in enumerate(others, 1):
        written(source.path, source.path.encode())
        made = loaded(part=f"{number}-of-3")
        digest = written(f"out/{source.path[6]}.svg", b"svg")
        made.note(source, ManifestEntry(sha(source.path.encode()), "", pictures={source.path[6]: {"svg": digest}}))
        made.save()
        mine = json.loads(Path(f"out/.diagramkit.{number}-of-3.json").read_text("utf-8"))
        assert list(mine["sources"]) == [f"../{source.path}"]
    assert not Path("out/.diagramkit.json").exists()
    whole = loaded()
    assert [whole.why(source) for source in others] == ["", "", ""]
    whole.save()
    assert sorted(path.name for path in Path("out").glob(".d*")) == [".diagramkit.json"]
    assert [loaded().why(source) for source in others] == ["", "", ""]


def test_a_part_keeps_what_is_current_of_it() -> None:
    noted()
    made = loaded(part="1-of-2")
    assert made.current(SOURCE) is not None
    made.save()
    assert list(json.loads(Path("out/.diagramkit.1-of-2.json").read_text("utf-8"))["sources"]) == ["../specs/é.mmd"]


# The key


def test_all_that_pictures_depend_on_is_in_the_key(tmp_path: Path) -> None:
    (tmp_path / "diagramkit.toml").write_text("")
    for name, icon in (("a", GOOD), ("b", GOOD.replace("ED7100", "000000"))):
        pack(tmp_path / name, widget=icon)
    from diagramkit.icons.packs import add, fetch

    packs = [str(tmp_path / "p" / name) for name in ("a-0", "b-0")]
    for name in ("a", "b"):
        add.add(fetch.fetch(name), tmp_path / "p")
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
    keys = [manifest.key_of(one) for one in options]
    assert len(set(keys)) == len(keys)
    assert [manifest.key_of(one) for one in options] == keys
    Path("two.yml").write_text("base: light\n", "utf-8")
    assert manifest.key_of(Options("two.yml")) != keys[7]


def test_the_same_pack_elsewhere_is_the_same_key_but_for_its_place() -> None:
    assert manifest.tool() == manifest.tool()
    assert len(manifest.tool()) == 64


def test_makers_are_told_with_their_versions() -> None:
    said = manifest._makers()
    assert all(one == one.strip() for one in said)
    assert any(one.startswith("pillow ") for one in said)


@pytest.mark.parametrize("stem", ["", ".", "..", "a//b", "a/..", "../a", "/a", "a\\b", "c:a", "a/.", "a/b:c"])
def test_no_path_out_of_the_folder_is_taken_from_a_manifest(stem: str) -> None:
    with pytest.raises(ValueError, match=r"\A" + re.escape(stem) + r"\Z"):
        entries.pictures_of({"fine": {"svg": "d"}, stem: {"svg": "d"}})


@pytest.mark.parametrize("ending", ["txt", "", "svg/x", "SVG"])
def test_no_file_that_is_no_picture_is_taken_from_a_manifest(ending: str) -> None:
    with pytest.raises(ValueError, match="a"):
        entries.pictures_of({"a": {ending: "d"}})
    every = {"a": dict.fromkeys(FORMATS, "d")}
    assert entries.pictures_of(every) == every
