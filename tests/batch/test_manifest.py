"""The manifest of an output folder, without a batch: what it records, drops and regards as current."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from diagramkit import cache, files
from diagramkit.batch import entries, manifest
from diagramkit.batch.entries import ManifestEntry
from diagramkit.batch.manifest import Manifest
from diagramkit.diagnostics import Diagnostic, Excerpt, Span
from diagramkit.options import Options
from diagramkit.sources import SourceFile
from diagramkit.style import installed_fonts

SOURCE = SourceFile("specs/é.mmd", "cat")
LONG_AGO = 1_000_000_000
DEFAULT_OPTIONS = Options()


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def write_old(path: str, data: bytes = b"x") -> str:
    """Write a file, set its time to long ago, and return its digest."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(data)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return sha(data)


def load(formats: tuple[str, ...] = ("svg",), options: Options = DEFAULT_OPTIONS, shard: str = "") -> Manifest:
    return manifest.load("out", formats, options, shard)


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cache, "folder", lambda: tmp_path / "cache")
    write_old(SOURCE.path, b"source")


def with_picture(**fields: object) -> Manifest:
    """Return a saved manifest in which the source has a picture that exists; `fields` are those of its entry."""
    output_manifest = load()
    digest = write_old("out/cat/é.svg", b"svg")
    entry = ManifestEntry(sha(b"source"), "", pictures={"cat/é": {"svg": digest}})
    output_manifest.record(SOURCE, replace(entry, **fields))
    output_manifest.save()
    return output_manifest


def test_the_manifest_is_indented_sorted_and_reproducible_json() -> None:
    problems = (Diagnostic("c", "m", Span(SOURCE.path, 2, 3), "warning", Excerpt("line", 1, 2)),)
    output_manifest = with_picture(problems=problems, dependencies={"../i.svg": "d"})
    key = output_manifest.entries["../specs/é.mmd"].key
    picture = sha(b"svg")
    assert (
        Path("out/.diagramkit.json").read_text("utf-8")
        == f"""\
{{
 "format": 2,
 "sources": {{
  "../specs/é.mmd": {{
   "digest": "{sha(b"source")}",
   "key": "{key}",
   "dependencies": {{
    "../i.svg": "d"
   }},
   "problems": [
    {{
     "code": "c",
     "message": "m",
     "span": {{
      "file": "",
      "line": 2,
      "column": 3
     }},
     "severity": "warning",
     "excerpt": {{
      "line": "line",
      "column": 1,
      "width": 2
     }},
     "fix": null
    }}
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
    again = load()
    assert again.entries["../specs/é.mmd"].problems[0] == replace(problems[0], span=Span("", 2, 3))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("nothing", ""),
        ("source", "source changed"),
        ("picture", f"{os.path.join('out', 'cat', 'é')}.svg was modified"),
        ("gone", f"{os.path.join('out', 'cat', 'é')}.svg was deleted"),
        ("format", "another format was requested"),
        ("options", "options, theme, icon packs or version changed"),
        ("folder", "options, theme, icon packs or version changed"),
        ("unknown", "new source"),
    ],
)
def test_the_reason_why_a_source_is_stale(change: str, reason: str) -> None:
    with_picture()
    source, options = SOURCE, Options()
    formats: tuple[str, ...] = ("svg",)
    if change == "source":
        write_old(SOURCE.path, b"other")
    elif change == "picture":
        write_old("out/cat/é.svg", b"mine")
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
    now = load(formats, options)
    assert now.stale_reason(source) == reason
    assert (now.current_entry(source) is not None) == (not reason)


def test_installed_fonts_matter_only_for_pictures_that_depend_on_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(installed_fonts, "fingerprint", lambda: "some")
    with_picture(problems=(Diagnostic("foreign-text", "m", Span("x")),))
    assert load().stale_reason(SOURCE) == ""
    monkeypatch.setattr(installed_fonts, "fingerprint", lambda: "others")
    assert load().stale_reason(SOURCE) == "fonts on this machine changed"
    with_picture()
    monkeypatch.setattr(installed_fonts, "fingerprint", lambda: "more")
    assert load().stale_reason(SOURCE) == ""


def test_a_changed_project_icon_makes_a_source_stale() -> None:
    digest = write_old("icons/i.svg", b"icon")
    with_picture(dependencies={"../icons/i.svg": digest})
    assert load().stale_reason(SOURCE) == ""
    write_old("icons/i.svg", b"another")
    assert load().stale_reason(SOURCE) == "icon ../icons/i.svg changed"


def test_files_of_other_formats_stay_recorded_while_inputs_are_unchanged() -> None:
    output_manifest = with_picture()
    png = write_old("out/cat/é.png", b"png")
    again = ManifestEntry(sha(b"source"), "", pictures={"cat/é": {"png": png}})
    output_manifest.record(SOURCE, again)
    assert output_manifest.entries["../specs/é.mmd"].pictures == {"cat/é": {"svg": sha(b"svg"), "png": png}}
    assert output_manifest.entries["../specs/é.mmd"].stale_outputs == {}
    # The source has changed, so its earlier outputs are stale.
    output_manifest.record(SOURCE, replace(again, digest=sha(b"other")))
    entry = output_manifest.entries["../specs/é.mmd"]
    assert entry.pictures == {"cat/é": {"png": png}}
    assert entry.stale_outputs == {"cat/é": {"svg": sha(b"svg")}}
    # One diagram was removed, and one with another name was added.
    output_manifest.record(SOURCE, ManifestEntry(sha(b"third"), "", pictures={"cat/b": {"svg": "d"}}))
    entry = output_manifest.entries["../specs/é.mmd"]
    assert entry.pictures == {"cat/b": {"svg": "d"}}
    assert entry.stale_outputs == {"cat/é": {"svg": sha(b"svg"), "png": png}}
    stem = os.path.join("out", "cat", "é")
    orphans = output_manifest.orphans([SOURCE], {"../specs/é.mmd": {"cat/b"}})
    assert orphans == {stem: {f"{stem}.svg": sha(b"svg"), f"{stem}.png": png}}
    assert output_manifest.orphans([SOURCE], {"../specs/é.mmd": {"cat/b", "cat/é"}}) == {}


def test_an_entry_is_dropped_once_its_source_and_pictures_are_gone() -> None:
    with_picture()
    Path(SOURCE.path).unlink()
    load().save()
    assert list(load().entries) == ["../specs/é.mmd"]  # Its picture still exists.
    Path("out/cat/é.svg").unlink()
    load().save()
    assert load().entries == {}


def test_standard_input_is_never_recorded() -> None:
    output_manifest = load()
    output_manifest.record(SourceFile("-"), ManifestEntry("d", "k"))
    assert output_manifest.entries == {}
    assert output_manifest.stale_reason(SourceFile("-")) == "new source"


# Stamps: sizes and times of files that need not be read again


def track_reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which the name of each file that is read from now on is added."""
    read_files: list[str] = []
    original = files.read

    def tracking(path: str) -> bytes | None:
        read_files.append(Path(path).name)
        return original(path)

    monkeypatch.setattr(files, "read", tracking)
    return read_files


def test_files_with_known_size_and_time_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with_picture()
    assert load().stale_reason(SOURCE) == ""  # Reads the files once and records their stamps.
    first = load()
    first.stale_reason(SOURCE)
    first.save()
    read_files = track_reads(monkeypatch)
    now = load()
    assert now.stale_reason(SOURCE) == ""
    assert "é.mmd" not in read_files
    assert "é.svg" not in read_files


@pytest.mark.parametrize("change", ["size", "time"])
def test_files_with_another_size_or_time_are_read_again(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with_picture()
    first = load()
    first.stale_reason(SOURCE)
    first.save()
    if change == "size":
        write_old(SOURCE.path, b"longer than it was")
    else:
        os.utime(SOURCE.path, (LONG_AGO + 9, LONG_AGO + 9))
    read_files = track_reads(monkeypatch)
    assert load().stale_reason(SOURCE) == ("source changed" if change == "size" else "")
    assert "é.mmd" in read_files


def test_recently_modified_files_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may change within one tick of the file system's clock and keep its time."""
    output_manifest = with_picture()
    Path(SOURCE.path).write_bytes(b"source")
    output_manifest.stale_reason(SOURCE)
    output_manifest.save()
    read_files = track_reads(monkeypatch)
    assert load().stale_reason(SOURCE) == ""
    assert "é.mmd" in read_files


def test_the_manifest_text_is_the_same_as_written_by_the_json_module(tmp_path: Path) -> None:
    """Names may need escapes, and there may be no entries."""
    output_manifest = with_picture(
        problems=(Diagnostic("c", 'say "é"\n', Span("", 1, 2), "note"),), dependencies={"i\\\n.svg": "d"}
    )
    several = {
        'b/"x".mmd': ManifestEntry("d", "k"),
        "a\n": output_manifest.entries["../specs/é.mmd"],
        "ü": ManifestEntry("", ""),
    }
    for listed in (several, {}):
        text = entries.to_json(listed).decode("utf-8")
        document = json.loads(text)
        assert list(document["sources"]) == sorted(listed)
        assert text == json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        (tmp_path / "m.json").write_bytes(text.encode())
        assert entries.read(str(tmp_path / "m.json")) == listed


@pytest.mark.skipif(sys.platform == "win32", reason="Windows file names are Unicode")
def test_file_names_that_are_not_utf_8_survive_saving_and_loading() -> None:
    output_manifest, source = load(), SourceFile("specs/b\udcff.mmd")
    digest, icon = write_old(source.path, b"b"), write_old("specs/i\udcff.svg", b"i")
    problem = Diagnostic("foreign-text", "in b\udcff", Span(source.path, 2, 3), "warning")
    entry = ManifestEntry(
        digest, "", {"../specs/i\udcff.svg": icon}, (problem,), {"b": {"svg": write_old("out/b.svg")}}
    )
    output_manifest.record(source, entry)
    output_manifest.save()
    loaded_entry = load().current_entry(source)
    assert loaded_entry is not None
    assert (loaded_entry.dependencies, loaded_entry.problems) == (entry.dependencies, entry.problems)


@pytest.mark.parametrize("value", [5, None, ["x"], {"x": "y"}])
@pytest.mark.parametrize("key", ["digest", "key", "dependencies", "problems", "pictures", "stale_outputs"])
def test_a_manifest_with_values_of_the_wrong_types_is_ignored(key: str, value: object) -> None:
    with_picture()
    text = json.loads(Path("out/.diagramkit.json").read_text("utf-8"))
    text["sources"]["../specs/é.mmd"][key] = value
    Path("out/.diagramkit.json").write_text(json.dumps(text), "utf-8")
    output_manifest = load()
    assert output_manifest.current_entry(SOURCE) is None
    output_manifest.record(SOURCE, ManifestEntry(sha(b"source"), ""))
    output_manifest.save()


def test_entries_that_another_run_saved_in_the_meantime_are_kept() -> None:
    output_manifest, other_run = with_picture(), load()
    write_old("specs/b.mmd", b"b")
    other_run.record(SourceFile("specs/b.mmd"), ManifestEntry(sha(b"b"), ""))
    other_run.save()
    output_manifest.record(SOURCE, ManifestEntry(sha(b"changed"), ""))
    output_manifest.save()
    assert {name: entry.digest for name, entry in load().entries.items()} == {
        "../specs/é.mmd": sha(b"changed"),
        "../specs/b.mmd": sha(b"b"),
    }


def test_entries_that_another_run_saves_immediately_afterward_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output_manifest, other_run = with_picture(), load()
    write_old("specs/b.mmd", b"b")
    other_run.record(SourceFile("specs/b.mmd"), ManifestEntry(sha(b"b"), ""))
    write = files.write

    def write_then_save_other(path: str, data: bytes) -> bool:
        monkeypatch.setattr(files, "write", write)
        changed = write(path, data)
        other_run.save()
        return changed

    monkeypatch.setattr(files, "write", write_then_save_other)
    output_manifest.record(SOURCE, ManifestEntry(sha(b"changed"), ""))
    output_manifest.save()
    output_manifest.record(SOURCE, ManifestEntry(sha(b"again"), ""))
    output_manifest.save()
    assert {name: entry.digest for name, entry in load().entries.items()} == {
        "../specs/é.mmd": sha(b"again"),
        "../specs/b.mmd": sha(b"b"),
    }


def write_stamps() -> None:
    """Save the stamps of a source and its picture, which were last modified long ago, to the cache."""
    with_picture()
    output_manifest = load()
    assert output_manifest.stale_reason(SOURCE) == ""
    output_manifest.save()


@pytest.mark.parametrize(
    "data",
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
def test_damaged_stamps_are_ignored(data: bytes, tmp_path: Path) -> None:
    write_stamps()
    (stamps,) = (tmp_path / "cache").glob("stamps-*.json")
    assert len(stamps.stem) == len("stamps-") + 24
    stamps.write_bytes(data)
    assert load().stale_reason(SOURCE) == ""


def test_each_output_folder_has_its_own_stamps(tmp_path: Path) -> None:
    write_stamps()
    other_run = manifest.load("other", ("svg",), Options())
    other_run.digest_of(SOURCE.path)
    other_run.save()
    assert len(list((tmp_path / "cache").glob("stamps-*.json"))) == 2


def test_unchanged_stamps_are_not_written_again(tmp_path: Path) -> None:
    write_stamps()
    (stamps,) = (tmp_path / "cache").glob("stamps-*.json")
    os.utime(stamps, (1, 1))
    again = load()
    assert again.stale_reason(SOURCE) == ""
    again.save()
    assert stamps.stat().st_mtime == 1


@pytest.mark.parametrize("change", ["source", "picture", "name"])
def test_stamps_are_valid_only_with_the_manifest_they_were_saved_with(change: str) -> None:
    """The manifest may differ in the meantime, for example because it was edited or another branch was checked out."""
    write_stamps()
    file = Path("out/.diagramkit.json")
    document = json.loads(file.read_text("utf-8"))
    entry = document["sources"]["../specs/é.mmd"]
    if change == "source":
        entry["digest"] = sha(b"another source")
    elif change == "picture":
        entry["pictures"]["cat/é"]["svg"] = sha(b"another")
    else:
        entry["pictures"] = {"cat/b": entry["pictures"]["cat/é"]}
        write_old("out/cat/b.svg", b"sva")  # With the same size and time.
    file.write_text(json.dumps(document), "utf-8")
    assert load().stale_reason(SOURCE) != ""


# Shards


def test_manifests_of_shards_are_separate_files_that_are_merged_later() -> None:
    source_files = [SourceFile(f"specs/{name}.mmd") for name in "abc"]
    for number, source in enumerate(source_files, 1):
        write_old(source.path, source.path.encode())
        output_manifest = load(shard=f"{number}-of-3")
        digest = write_old(f"out/{source.path[6]}.svg", b"svg")
        output_manifest.record(
            source, ManifestEntry(sha(source.path.encode()), "", pictures={source.path[6]: {"svg": digest}})
        )
        output_manifest.save()
        document = json.loads(Path(f"out/.diagramkit.{number}-of-3.json").read_text("utf-8"))
        assert list(document["sources"]) == [f"../{source.path}"]
    assert not Path("out/.diagramkit.json").exists()
    merged = load()
    assert [merged.stale_reason(source) for source in source_files] == ["", "", ""]
    merged.save()
    assert sorted(path.name for path in Path("out").glob(".d*")) == [".diagramkit.json"]
    assert [load().stale_reason(source) for source in source_files] == ["", "", ""]


def test_a_shard_records_its_current_sources_too() -> None:
    with_picture()
    output_manifest = load(shard="1-of-2")
    assert output_manifest.current_entry(SOURCE) is not None
    output_manifest.save()
    assert list(json.loads(Path("out/.diagramkit.1-of-2.json").read_text("utf-8"))["sources"]) == ["../specs/é.mmd"]
