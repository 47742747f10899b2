"""Writing, moving, replacing and removing: a file or folder is the old or the new one, and nothing else is left."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from diagramkit import atomic_write, files, write_scope
from diagramkit.diagnostics import DiagramError
from diagramkit.files import StagedFile

RUN = "0123abcd"
PREFIX = ".diagramkit-"


def names(folder: str = ".") -> list[str]:
    """Return the names of all files and folders below a folder, including temporary ones."""
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*"))


def fails(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def is_interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


# Files


@pytest.mark.parametrize(("umask", "mode"), [(0o027, 0o640), (0o002, 0o664), (0, 0o666)])
def test_a_written_file_has_the_content_and_the_usual_mode(umask: int, mode: int) -> None:
    previous = os.umask(umask)
    try:
        assert files.write("deep/er/a.svg", b"new")
    finally:
        assert os.umask(previous) == umask
    assert Path("deep/er/a.svg").read_bytes() == b"new"
    assert sys.platform == "win32" or Path("deep/er/a.svg").stat().st_mode & 0o777 == mode
    assert names() == ["deep", "deep/er", "deep/er/a.svg"]


def test_a_folder_that_another_process_makes_meanwhile_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    mkstemp = tempfile.mkstemp

    def make_late(dir: Path, prefix: str) -> tuple[int, str]:
        if not dir.exists():
            dir.mkdir()
            raise FileNotFoundError
        return mkstemp(dir=dir, prefix=prefix)

    monkeypatch.setattr(tempfile, "mkstemp", make_late)
    assert files.write("out/a", b"x")
    assert names() == ["out", "out/a"]


def test_the_error_is_that_of_writing_even_if_cleaning_up_fails() -> None:
    def chunks() -> Iterator[bytes]:
        for path in Path().glob(f"{PREFIX}*"):
            path.unlink()
        yield b"x"
        fails()

    with pytest.raises(OSError, match="No space left on device"):
        atomic_write.atomic_write(Path("a"), chunks(), PREFIX)


def test_a_file_with_the_same_content_is_left_alone() -> None:
    Path("a").write_bytes(b"same")
    os.utime("a", (1e9, 1e9))
    assert not files.write("a", b"same")
    assert Path("a").stat().st_mtime == 1e9
    assert files.write("a", b"other")
    assert files.write("b", b"")
    assert not files.write("b", b"")


@pytest.mark.skipif(sys.platform == "win32", reason="creating links needs special rights on Windows")
def test_a_link_is_followed_when_writing() -> None:
    Path("target").write_bytes(b"old")
    Path("link").symlink_to("target")
    assert files.write("link", b"new")
    assert Path("link").is_symlink()
    assert Path("target").read_bytes() == b"new"
    assert files.move("link", stage(b"newer"))
    assert Path("link").is_symlink()
    assert Path("target").read_bytes() == b"newer"


@pytest.mark.parametrize("function", ["write", "close", "chmod", "open", "fsync", "replace"])
@pytest.mark.parametrize("fault", [fails, is_interrupted])
def test_a_write_that_fails_at_any_step_leaves_the_old_file_and_nothing_else(
    function: str, fault: Callable[..., None]
) -> None:
    Path("a").write_bytes(b"old")
    close = os.close

    def chunks() -> Iterator[bytes]:
        yield b"new"
        if function == "write":
            fault()

    def close_and_fail(handle: int) -> None:
        close(handle)
        fault()

    expected = OSError if fault is fails else KeyboardInterrupt
    with pytest.MonkeyPatch.context() as patch:
        if function != "write":
            patch.setattr(os, function, close_and_fail if function == "close" else fault)
        with pytest.raises(expected):
            atomic_write.atomic_write(Path("a"), chunks(), PREFIX)
    assert Path("a").read_bytes() == b"old"
    assert names() == ["a"]


def test_a_file_is_flushed_with_its_final_content_before_it_is_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    replace, fsync = os.replace, os.fsync

    def record_sync(handle: int) -> None:
        steps.append(f"sync {os.fstat(handle).st_size} bytes")
        fsync(handle)

    def record_move(source: str, target: str) -> None:
        steps.append("move")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", record_sync)
    monkeypatch.setattr(os, "replace", record_move)
    atomic_write.atomic_write(Path("a"), [b"12", b"345"], PREFIX)
    assert steps == ["sync 5 bytes", "move"]


@pytest.mark.parametrize("write", [lambda path: files.write(path, b"x"), lambda path: files.move(path, stage(b"x"))])
def test_what_is_not_a_file_is_not_replaced(write: Callable[[str], object]) -> None:
    Path("folder/inner").mkdir(parents=True)
    with pytest.raises(DiagramError, match=r"^folder:1:1: error\[unwritable\]: cannot be written: .*directory"):
        write("folder")
    assert Path("folder/inner").is_dir()
    if sys.platform != "win32":
        os.mkfifo("pipe")
        with pytest.raises(DiagramError, match=r"^pipe:1:1: error\[unwritable\]: is not a regular file"):
            write("pipe")
        assert Path("pipe").is_fifo()
    Path("file").write_bytes(b"old")
    with pytest.raises(DiagramError, match="unwritable"):
        write("file/a")
    assert Path("file").read_bytes() == b"old"


def test_a_removed_file_is_gone_and_a_missing_one_is_reported() -> None:
    Path("a").write_bytes(b"")
    files.remove("a")
    with pytest.raises(DiagramError) as error:
        files.remove("a")
    assert str(error.value) == "a:1:1: error[unwritable]: cannot be removed: no such file or directory"


def test_only_regular_files_are_read() -> None:
    Path("a").write_bytes(b"x" * 3_000_000)
    Path("folder").mkdir()
    assert files.read("a") == b"x" * 3_000_000
    assert files.digest_of("a") == hashlib.sha256(b"x" * 3_000_000).hexdigest()
    for path in ("none", "folder"):
        assert files.read(path) is None
        assert files.digest_of(path) == ""
    if sys.platform != "win32":
        os.mkfifo("pipe")
        assert files.read("pipe") is None


@pytest.mark.skipif(sys.platform == "win32", reason="names are text on Windows")
def test_names_that_are_not_text_keep_their_bytes() -> None:
    assert files.as_bytes("a\udcff ä") == b"a\xff \xc3\xa4"
    assert files.as_text(b"a\xff \xc3\xa4") == "a\udcff ä"


# Staged files


def stage(data: bytes, folder: str = ".") -> StagedFile:
    staged = files.stage(folder, RUN, data)
    assert staged is not None
    return staged


def test_a_staged_file_is_described_and_recognized_by_its_name() -> None:
    staged = stage(b"1234")
    assert (staged.size, staged.digest) == (4, hashlib.sha256(b"1234").hexdigest())
    assert Path(staged.path).read_bytes() == b"1234"
    assert Path(staged.path).name.startswith(f"{PREFIX}{RUN}")
    files.sweep(["."], RUN)
    assert names() == []


def test_staging_that_fails_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("project").mkdir()
    with write_scope.limited(lambda: "project"):
        assert files.stage(".", RUN, b"x") is None
    monkeypatch.setattr("tempfile.mkstemp", fails)
    assert files.stage(".", RUN, b"x") is None
    assert names() == ["project"]


def test_a_moved_file_replaces_the_old_one_unless_the_content_is_the_same() -> None:
    assert files.move("deep/a", stage(b"1234"))
    os.utime("deep/a", (1e9, 1e9))
    assert not files.move("deep/a", stage(b"1234"))
    assert Path("deep/a").stat().st_mtime == 1e9
    assert files.move("deep/a", stage(b"4321"))
    assert Path("deep/a").read_bytes() == b"4321"
    assert files.move("deep/a", stage(b""))
    assert not files.move("deep/a", stage(b""))
    assert names() == ["deep", "deep/a"]


def test_a_move_that_fails_leaves_the_old_file_and_is_not_tried_in_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a").write_bytes(b"old")
    staged, replace, calls = stage(b"new"), os.replace, []

    def fail_once(source: str, target: str) -> None:
        calls.append(1)
        if len(calls) == 1:
            fails()
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail_once)
    with pytest.raises(DiagramError, match=r"^a:1:1: error\[unwritable\]: cannot be written: no space left on device;"):
        files.move("a", staged)
    assert Path("a").read_bytes() == b"old"


@pytest.mark.parametrize("changed", [True, False])
def test_a_move_to_another_file_system_is_a_write(changed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    staged = stage(b"new")

    def write(path: str, data: bytes) -> bool:
        assert (path, data) == ("a", b"new")
        Path(staged.path).unlink()
        return changed

    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(errno.EXDEV, "cross-device")))
    monkeypatch.setattr(files, "write", write)
    assert files.move("a", staged) is changed


def test_a_move_to_another_file_system_leaves_no_temporary_file(monkeypatch: pytest.MonkeyPatch) -> None:
    staged, replace, calls = stage(b"new"), os.replace, []

    def fail_once(source: str, target: str) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise OSError(errno.EXDEV, "cross-device")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail_once)
    assert files.move("a", staged)
    assert (names(), Path("a").read_bytes()) == (["a"], b"new")


def test_a_file_can_be_staged_in_a_folder_that_does_not_exist_yet() -> None:
    assert files.move("new/a", stage(b"x", "new"))
    assert names() == ["new", "new/a"]


OTHERS = ["zzzzzzzz", "9999aaaa", "0_0_0_0_", "azazazaz", f"z9z9z9z9{'_' * 8}", "a0a0a0a0a0z9_az9"]
"""The ends of names of temporary files of other runs and programs."""


def test_temporary_files_are_removed_when_no_process_can_still_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """At that age, only those with exactly such names are: another program has files with similar ones."""
    monkeypatch.setattr("time.time", lambda: 2000.0)
    kept = [f"{PREFIX}embed.json", f"{PREFIX}short", f"{PREFIX}AAAAAAAA", f"x{PREFIX}aaaaaaaa", f"{PREFIX}aaaaaaaa.svg"]
    old, young = [f"{PREFIX}{name}" for name in OTHERS], [f"{PREFIX}{name[::-1]}1" for name in OTHERS[:1]]
    young += [f"{PREFIX}bbbbbbbb", f"{PREFIX}bbbbbbbb{'0' * 8}"]
    for name in (*kept, *old, *young):
        Path(name).write_bytes(b"")
        os.utime(name, (1940.0, 1940.0) if name in young else (1939.5, 1939.5))
    own = f"{PREFIX}{RUN}________"
    Path(own).write_bytes(b"")
    os.utime(own, (2000.0, 2000.0))
    files.sweep(["missing", "."], RUN)
    assert names() == sorted([*kept, *young])


def test_no_temporary_file_outside_of_the_project_is_removed() -> None:
    for folder in ("project", "other"):
        Path(folder).mkdir()
        Path(folder, f"{PREFIX}{RUN}aaaaaaaa").write_bytes(b"")
    with write_scope.limited(lambda: "project"):
        files.sweep(["other", "project"], RUN)
    assert names() == ["other", f"other/{PREFIX}{RUN}aaaaaaaa", "project"]


@pytest.mark.parametrize(
    "change",
    [
        lambda path: files.write(path, b"new"),
        lambda path: files.move(path, StagedFile("staged", 3, "")),
        lambda path: files.write_folder(f"{path}-folder", {"a": b"new"}),
        files.remove,
    ],
)
def test_nothing_outside_of_the_project_is_changed(change: Callable[[str], object]) -> None:
    Path("project").mkdir()
    Path("other").write_bytes(b"old")
    Path("staged").write_bytes(b"new")
    with write_scope.limited(lambda: "project"), pytest.raises(DiagramError, match="outside"):
        change("other")
    assert (names(), Path("other").read_bytes()) == (["other", "project", "staged"], b"old")


@pytest.mark.parametrize("path", ["a\0b", "\ud800", "x" * 300, f"folder/{'x' * 5000}"])
def test_a_path_that_no_file_can_have_is_recognized(path: str) -> None:
    assert files.can_exist(path) is False


def test_a_path_that_a_file_could_have_is_possible() -> None:
    Path("file").write_bytes(b"")
    for path in ("file", "missing", "missing/file", "file/below", "ä", "x" * 200):
        assert files.can_exist(path) is True


def test_a_folder_of_the_same_size_is_not_the_same_content() -> None:
    Path("folder").mkdir()
    with pytest.raises(DiagramError, match="unwritable"):
        files.move("folder", stage(b"x" * os.stat("folder").st_size))


def test_a_staged_file_that_vanished_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    staged = stage(b"new")
    Path(staged.path).unlink()
    with pytest.raises(DiagramError, match="unwritable"):
        files.move("a", staged)
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(errno.EXDEV, "cross-device")))
    with pytest.raises(DiagramError, match="unwritable"):
        files.move("a", staged)
    assert names() == []


# Folders


def test_a_folder_is_replaced_with_all_its_contents() -> None:
    files.write_folder("very/deep/pack", {"a": b"1", "b": b"2"})
    files.write_folder("very/deep/pack", {"b": b"3"})
    assert names("very/deep") == ["pack", "pack/b"]
    assert Path("very/deep/pack/b").read_bytes() == b"3"


def test_a_new_folder_is_prepared_next_to_the_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """There it can be moved into place in one step, and nothing is written outside of the project."""
    seen, replace = [], os.replace

    def record_move(source: Path, target: Path) -> None:
        seen.append(source)
        replace(source, target)

    monkeypatch.setattr(os, "replace", record_move)
    files.write_folder("packs/pack", {"a": b"1"})
    temporary = seen[-1].parent
    assert temporary.parent == Path("packs").resolve()
    assert temporary.name.startswith(PREFIX)


@pytest.mark.parametrize("fault", [fails, is_interrupted])
@pytest.mark.parametrize(("step", "old"), [(1, {"a": b"1"}), (2, {"a": b"1"}), (2, {})])
def test_a_folder_that_cannot_be_replaced_is_the_old_one(
    fault: Callable[..., None], step: int, old: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    if old:
        files.write_folder("pack", old)
    before, replace, count = names(), os.replace, []

    def fail_at_step(source: Path, target: Path) -> None:
        count.append(1)
        if len(count) == step:
            fault()
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail_at_step)
    with pytest.raises((DiagramError, KeyboardInterrupt)) as error:
        files.write_folder("pack", {"b": b"2"})
    if fault is fails:
        assert str(error.value).startswith("pack:1:1: error[unwritable]: cannot be written: no space left on device")
    assert error.type is (DiagramError if fault is fails else KeyboardInterrupt)
    assert names() == before


def test_what_cannot_be_cleaned_up_does_not_undo_the_new_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows, a file that another program has open cannot be removed."""
    files.write_folder("pack", {"a": b"1"})
    with monkeypatch.context() as patch:
        patch.setattr(os, "rmdir", fails)
        files.write_folder("pack", {"b": b"2"})
    assert os.listdir("pack") == ["b"]


@pytest.mark.parametrize("fault", [None, is_interrupted])
def test_a_folder_that_another_process_has_written_meanwhile_is_kept(
    fault: Callable[..., None] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.write_folder("pack", {"old": b""})
    replace = os.replace

    def replace_late(source: Path, target: Path) -> None:
        if source.name == "new":
            Path("pack").mkdir()
            Path("pack/theirs").write_bytes(b"")
            if fault:
                fault()
        replace(source, target)

    monkeypatch.setattr(os, "replace", replace_late)
    if fault:
        with pytest.raises(KeyboardInterrupt):
            files.write_folder("pack", {"ours": b""})
    else:
        files.write_folder("pack", {"ours": b""})
    assert names() == ["pack", "pack/theirs"]


def test_json_that_is_nested_too_deeply_is_invalid() -> None:
    assert files.parse_json(b'{"a": [1]}') == {"a": [1]}
    for text in ("[" * 100_000, "{", b"\xff"):
        with pytest.raises(ValueError, match=r".+"):
            files.parse_json(text)
