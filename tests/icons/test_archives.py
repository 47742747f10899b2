"""Archives and folders of icons from anywhere: only what is inside them is read, completely, and within limits."""

from __future__ import annotations

import gzip
import io
import os
import stat
import struct
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest

from diagramkit.diagnostics import DiagramError
from diagramkit.icons.packs import fetch, iconify
from tests.support.icon_packs import GOOD, pack, tarball

ICON = GOOD.encode()


def zipped(entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a .zip with these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, raw in entries.items():
            info = zipfile.ZipInfo("placeholder")
            info.filename, info.compress_type = name, method  # `ZipInfo` would change some names.
            archive.writestr(info, raw)
    return buffer.getvalue()


def rejected(name: str, raw: bytes) -> str:
    """Fetch an archive and return the message with which it is rejected."""
    Path(name).write_bytes(raw)
    with pytest.raises(DiagramError) as error:
        fetch.fetch(name)
    (problem,) = error.value.problems
    assert (problem.code, str(problem.span)) == ("bad-pack", f"{name}:1:1")
    return problem.message


@pytest.mark.parametrize(
    "name",
    [
        "/x.svg",
        "//x.svg",
        "../x.svg",
        "a/../../x.svg",
        "..",
        "C:\\x.svg",
        "C:x.svg",
        "\\x.svg",
        "..\\x.svg",
        "a\\..\\x",
    ],
)
def test_a_path_that_points_out_of_an_archive_is_rejected_whatever_the_system(name: str) -> None:
    message = f"contains the path {name!r}, which points outside of it; nothing was written"
    assert rejected("a.zip", zipped({"good.svg": ICON, name: ICON})) == message
    assert rejected("a.tgz", tarball({"good.svg": ICON, name: ICON})) == message


def test_a_path_with_a_null_character_is_rejected() -> None:
    with pytest.raises(DiagramError, match="points outside of it"):
        fetch._Limits("a.zip").check_path("a.svg\0.png", False)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_links_in_a_tarball_are_rejected(kind: bytes) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        info = tarfile.TarInfo("package/x.svg")
        info.type, info.linkname = kind, "package/y.svg"
        archive.addfile(info)
    assert rejected("a.tgz", buffer.getvalue()) == "contains a link, 'package/x.svg'; nothing was written"


def test_links_in_a_zip_are_rejected() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("x.svg")
        info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    assert rejected("a.zip", buffer.getvalue()) == "contains a link, 'x.svg'; nothing was written"


def test_special_files_and_folders_in_archives_are_ignored() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, kind in (("dir.svg", tarfile.DIRTYPE), ("pipe.svg", tarfile.FIFOTYPE), ("dev.svg", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type = kind
            archive.addfile(info)
        info = tarfile.TarInfo("a.svg")
        info.size = len(ICON)
        archive.addfile(info, io.BytesIO(ICON))
    Path("a.tgz").write_bytes(buffer.getvalue())
    Path("a.zip").write_bytes(zipped({"dir.svg/": b"", "a.svg": ICON}))
    for name in ("a.tgz", "a.zip"):
        assert fetch.fetch(name).files == (("a.svg", ICON),)


def test_only_icons_and_their_descriptions_are_read_and_nothing_hidden() -> None:
    other = ("a.txt", ".hidden.svg", ".git/a.svg", "b/.c/a.svg", "__MACOSX/a.svg", "__MACOSX.x/a.svg", "svg")
    entries = dict.fromkeys(("a.svg", "b/B.PNG", "info.json", "a.b/c.svg", *other), ICON)
    Path("a.zip").write_bytes(zipped(entries))
    assert [name for name, _ in fetch.fetch("a.zip").files] == ["a.svg", "b/B.PNG", "info.json", "a.b/c.svg"]


@pytest.mark.skipif(sys.platform == "win32", reason="creating links needs special rights on Windows")
def test_links_in_a_folder_may_only_lead_to_files_in_it() -> None:
    pack(Path("acme"), good=GOOD)
    Path("acme/loop.svg").symlink_to("loop.svg")
    Path("acme/same.svg").symlink_to("good.svg")
    os.mkfifo("acme/pipe.svg")
    Path("acme/a.txt").write_text("x")
    Path("acme/.hidden.svg").write_text("x")
    assert [name for name, _ in fetch.fetch("acme").files] == ["good.svg", "same.svg"]
    pack(Path("many"), **dict.fromkeys("kbcafjdighe", GOOD))
    assert [name for name, _ in fetch.fetch("many").files] == [f"{letter}.svg" for letter in "abcdefghijk"]
    pack(Path("acme-2"), other=GOOD)
    Path("acme/out.svg").symlink_to("../acme-2/other.svg")
    with pytest.raises(DiagramError, match=r"contains a link to a file outside of it, 'out\.svg'; nothing was written"):
        fetch.fetch("acme")


@pytest.mark.parametrize("form", ["acme", "a.tgz", "a.zip"])
def test_a_pack_at_a_limit_is_accepted(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    icons = {"one.svg": ICON, "two.svg": ICON}
    pack(Path("acme"), one=GOOD, two=GOOD)
    Path("a.tgz").write_bytes(tarball(icons))
    Path("a.zip").write_bytes(zipped(icons))
    limits = {"_MAX_FILE_BYTES": len(ICON), "_MAX_FILES": 2, "_MAX_TOTAL_BYTES": 2 * len(ICON)}
    for name, value in limits.items():
        monkeypatch.setattr(fetch, name, value)
    assert dict(fetch.fetch(form).files) == icons
    for name, value in limits.items():
        monkeypatch.setattr(fetch, name, value - 1)
        with pytest.raises(DiagramError, match=r"contains .* nothing was written"):
            fetch.fetch(form)
        monkeypatch.setattr(fetch, name, value)


def test_the_limits_are_far_above_what_icons_need_and_below_what_fits_in_memory() -> None:
    assert (fetch._MAX_FILES, fetch._MAX_FILE_BYTES, fetch._MAX_TOTAL_BYTES) == (50_000, 64_000_000, 512_000_000)
    assert fetch._MAX_UNPACKED_BYTES == 2_000_000_000
    with pytest.raises(DiagramError, match="which is larger than 64 MB; nothing was written"):
        fetch._Limits("a.zip").add_file("a.svg", 64_000_001)
    limits = fetch._Limits("a.zip")
    for _ in range(8):
        limits.add_file("a.svg", 64_000_000)
    with pytest.raises(DiagramError, match="contains more than 50000 files or 512 MB; nothing was written"):
        limits.add_file("a.svg", 1)


@pytest.mark.skipif(sys.platform == "win32", reason="scripts differ on Windows")
@pytest.mark.parametrize("beside_python", [False, True])
def test_npm_runs_outside_of_the_project_and_its_answer_is_read(
    beside_python: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the project, it would read the settings of the project. Its error stream is not the answer."""
    (tmp_path / "programs").mkdir()
    npm = tmp_path / "programs/npm"
    npm.write_text('#!/bin/sh\n/bin/pwd > "$LOG"\necho warning >&2\nprintf \'{"a": "%b", "b": "%s"}\' \'\\377\' "$*"\n')
    npm.chmod(0o755)
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    monkeypatch.setenv("PATH", "" if beside_python else str(npm.parent))
    monkeypatch.setattr(sys, "executable", str(npm.parent / "python"))
    assert fetch._run_npm(["view", "x"], "npm:x") == {"a": "\ufffd", "b": "view x"}
    folder = Path((tmp_path / "log").read_text().strip())
    assert folder.samefile(tempfile.gettempdir())


@pytest.mark.skipif(sys.platform == "win32", reason="scripts differ on Windows")
@pytest.mark.parametrize(
    ("script", "message"),
    [
        ('echo \'{"error": {"summary": "not found"}}\'; exit 1', "npm cannot fetch this package: not found"),
        ("echo '[1]'; exit 1", "npm cannot fetch this package: it printed no answer"),
        ("echo '{}'", "npm cannot fetch this package: it printed no answer"),
        ("exit 0", "npm cannot fetch this package: it printed no answer"),
        ("exec /bin/sleep 60", "npm did not respond within 0.5 seconds"),
    ],
)
def test_what_npm_cannot_do_is_reported(
    script: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fetch._NPM_TIMEOUT == 120
    monkeypatch.setattr(fetch, "_NPM_TIMEOUT", 0.5)
    (tmp_path / "npm").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DiagramError) as error:
        fetch._run_npm(["view", "x"], "npm:x")
    assert str(error.value) == f"npm:x:1:1: error[no-such-pack]: {message}"


def test_a_zip_that_declares_too_small_a_size_is_not_expanded() -> None:
    raw = zipped({"a.svg": b" " * 30_000_000})
    small = raw.replace(struct.pack("<I", 30_000_000), struct.pack("<I", 10))
    assert small != raw
    assert rejected("a.zip", small).startswith("cannot be unpacked: Bad CRC-32 for file 'a.svg'")


def damaged_zips() -> dict[str, bytes]:
    """Return .zip files that `zipfile` rejects, each with another exception."""
    plain, deflated = zipped({"a.svg": ICON}, zipfile.ZIP_STORED), zipped({"a.svg": ICON * 20})
    lzma = zipped({"a.svg": ICON * 20}, zipfile.ZIP_LZMA)
    start = 30 + len("a.svg")
    central = plain.index(b"PK\1\2")
    return {
        "no zip": b"x",
        "changed": plain.replace(b"path", b"pbth", 1),
        "encrypted": plain[:6] + b"\1" + plain[7 : central + 8] + b"\1" + plain[central + 9 :],
        "unknown compression": plain[:8] + b"\x63" + plain[9 : central + 10] + b"\x63" + plain[central + 11 :],
        "damaged deflate": deflated[:start] + b"\xff" * 8 + deflated[start + 8 :],
        "damaged lzma": lzma[: start + 9] + b"\xff" * 8 + lzma[start + 17 :],
        "damaged lzma header": lzma[: start + 4] + b"\xff" * 5 + lzma[start + 9 :],
        "truncated": plain[:start] + plain[start + 10 :],
        "name that is not text": plain.replace(b"a.svg", b"a\xff\xfe\xfd\xfc").replace(
            b"\x14\0\0\0\0", b"\x14\0\0\x08\0"
        ),
    }


@pytest.mark.parametrize("case", damaged_zips())
def test_a_damaged_zip_is_rejected(case: str) -> None:
    assert rejected("a.zip", damaged_zips()[case]).startswith("cannot be unpacked: ")


def damaged_tarballs() -> dict[str, bytes]:
    """Return .tgz files that `tarfile` rejects, each with another exception."""
    good = tarball({"a.svg": ICON})
    tar = gzip.decompress(good)
    return {
        "no gzip": b"x",
        "empty": b"",
        "truncated": good[:-20],
        "damaged": good[:15] + b"\xff" * 8 + good[23:],
        "changed": good[:-8] + bytes(4) + good[-4:],
        "no tar": gzip.compress(b"x" * 2000),
        "truncated in a header": gzip.compress(tar[:300]),
        "truncated in a file": gzip.compress(tar[: 512 + 20]),
    }


@pytest.mark.parametrize("case", damaged_tarballs())
def test_a_damaged_tarball_is_rejected(case: str) -> None:
    assert rejected("a.tgz", damaged_tarballs()[case]).endswith("; download it again")


def test_what_is_skipped_in_a_tarball_is_limited_too(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = tarball({"movie.bin": bytes(30_000), "a.svg": ICON})
    monkeypatch.setattr(fetch, "_MAX_UNPACKED_BYTES", len(gzip.decompress(raw)))
    Path("a.tgz").write_bytes(raw)
    assert fetch.fetch("a.tgz").files == (("a.svg", ICON),)
    monkeypatch.setattr(fetch, "_MAX_UNPACKED_BYTES", len(gzip.decompress(raw)) - 1)
    assert rejected("a.tgz", raw).startswith("cannot be unpacked: it contains more than")


def test_a_file_that_cannot_be_read_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    pack(Path("acme"), good=GOOD)

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(
        DiagramError, match=r"^acme/good\.svg:1:1: error\[bad-pack\]: cannot be read: permission denied$"
    ):
        fetch.fetch("acme")


@pytest.mark.parametrize(
    ("entries", "name", "version"),
    [
        ({"package/package.json": b'{"name": "@acme/Wid Get", "version": "1.2.0"}'}, "wid-get", "1.2.0"),
        ({"package.json": b'{"name": "x", "version": 2}'}, "x", "2"),
        ({"package/deep/package.json": b'{"name": "x", "version": "2"}'}, "some-icons", "0"),
        ({"package.json": b'{"name": ""}'}, "some-icons", "0"),
        ({"package.json": b"{"}, "some-icons", "0"),
        ({"other.json": b'{"name": "x"}'}, "some-icons", "0"),
        ({"package.json": b'{"name": "A9.b_c-d  z0"}'}, "a9.b_c-d-z0", "0"),
        ({"package.json": b'{"name": "--"}'}, "pack", "0"),
        ({"package.json": b'{"name": "' + b"x" * 65 + b'"}'}, "x" * 64, "0"),
    ],
)
def test_the_name_and_version_of_an_archive(entries: dict[str, bytes], name: str, version: str) -> None:
    tar = tarball(entries)
    for file, raw in (("Some Icons.tgz", tar), ("Some Icons.tar.gz", tar), ("Some Icons.zip", zipped(entries))):
        Path(file).write_bytes(raw)
        archive = fetch.fetch(file)
        assert (archive.name, archive.version, archive.source) == (name, version, file)
        assert archive.integrity == fetch.integrity_of(raw)
    Path("a.json.b.zip").write_bytes(zipped({"a.svg": ICON}))
    assert fetch.fetch("a.json.b.zip").name == "a.json.b"


def test_other_sources_and_missing_ones_are_reported() -> None:
    Path("a.json").write_bytes(b"{}")
    assert (fetch.fetch("a.json").name, fetch.fetch("a.json").files) == ("a", (("a.json", b"{}"),))
    assert rejected("a.rar", b"x").startswith("this is not an icon pack; expected a folder, a .zip, a .tgz,")
    with pytest.raises(
        DiagramError, match=r"error\[no-such-pack\]: there is no such pack \(no such file or directory\)"
    ):
        fetch.fetch("b.zip")
    pack(Path("My Icons"), good=GOOD)
    os.chdir("My Icons")
    assert fetch.fetch(".").name == "my-icons"


def test_the_hash_of_an_archive_is_that_of_npm() -> None:
    """The expected value is that of `openssl dgst -sha512 -binary | base64` for an empty file."""
    assert fetch.integrity_of(b"") == (
        "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="
    )
    raw = tarball({"a.svg": ICON})
    Path("a.tgz").write_bytes(raw)
    assert fetch.fetch("a.tgz", fetch.integrity_of(raw)).files == (("a.svg", ICON),)
    with pytest.raises(DiagramError, match=r"error\[pack-differs\]: the content has changed: its hash is sha512-"):
        fetch.fetch("a.tgz", fetch.integrity_of(b""))


def test_a_source_is_listed_by_its_path_in_the_project() -> None:
    root = Path.cwd()
    Path("a/b").mkdir(parents=True)
    assert fetch.source_in_project("x.zip", root / "a" / "b", root) == "a/b/x.zip"
    assert fetch.source_in_project("../x.zip", root / "a" / "b", root) == "a/x.zip"
    assert fetch.source_in_project("../x.zip", root, root) is None
    assert fetch.source_in_project(f"{root}-2/x.zip", root, root) is None
    assert fetch.source_in_project("npm:x", root / "a", root) == "npm:x"
    if sys.platform != "win32":
        Path("alias").symlink_to("a")
        assert fetch.source_in_project("b/x.zip", root / "alias", root / "alias") == "b/x.zip"
        Path("a/out").symlink_to("/")
        assert fetch.source_in_project("out/x.zip", root / "a", root / "a") is None


@pytest.mark.parametrize(
    "name",
    [
        *(
            "npm:",
            "npm:@a",
            "npm:@a/",
            "npm:/a",
            "npm:a/b",
            "npm:--flag",
            "npm:-x",
            "npm:.x",
            "npm:A",
            "npm:a@",
            "npm:a@-x",
        ),
        *(
            "npm:a@1 2",
            "npm:a@1\n",
            "npm:a@^1",
            "npm:@a/b@",
            "npm:a@.x",
            "npm:a@file:x",
            "npm:git+ssh://x",
            "npm:@-a/b",
        ),
    ],
)
def test_only_names_of_npm_packages_reach_npm(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "_run_npm", lambda *_: pytest.fail("npm was run"))
    with pytest.raises(DiagramError, match=r"(?s)error\[no-such-pack\]: '.*' is not an npm package name"):
        fetch.fetch(name)


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        ("npm:a", "a@latest"),
        ("npm:a-b.c_d@1.0.0-rc.1+x", "a-b.c_d@1.0.0-rc.1+x"),
        ("npm:@a-b.c_d9/e2@next", "@a-b.c_d9/e2@next"),
        ("npm:@1/2@X", "@1/2@X"),
        *((f"npm:@{one}{one}/{one}{one}@{one}", f"@{one}{one}/{one}{one}@{one}") for one in "az09"),
        *((f"npm:{one}@{one.upper()}", f"{one}@{one.upper()}") for one in "az"),
    ],
)
def test_npm_gets_the_name_and_the_version(name: str, spec: str, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = []
    monkeypatch.setattr(fetch, "_run_npm", lambda arguments, _: commands.append(arguments))
    with pytest.raises(DiagramError, match=r"error\[no-such-pack\]: npm reports no integrity hash"):
        fetch.fetch(name)
    assert commands == [["view", spec, "name", "version", "dist.integrity", "--json"]]


def test_a_package_of_npm_has_the_listed_hash_and_the_one_that_npm_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = tarball({"package/a.svg": ICON})
    reported = fetch.integrity_of(raw)

    commands = []

    def run(arguments: list[str], _: str) -> object:
        commands.append(arguments[:-1])
        if arguments[0] == "pack":
            Path(arguments[-1], "a-1.0.0.tgz").write_bytes(raw)
            return [{}]
        return {"name": "a", "version": "1.0.0", "dist.integrity": reported}

    monkeypatch.setattr(fetch, "_run_npm", run)
    archive = fetch.fetch("npm:@acme/a")
    assert (archive.name, archive.version, archive.source) == ("a", "1.0.0", "npm:@acme/a@1.0.0")
    assert commands[-1] == ["pack", "@acme/a@1.0.0", "--ignore-scripts", "--json", "--pack-destination"]
    archive = fetch.fetch("npm:a@1.0.0", reported)
    assert (archive.name, archive.version, archive.source, archive.integrity) == ("a", "1.0.0", "npm:a@1.0.0", reported)
    assert archive.files == (("package/a.svg", ICON),)
    with pytest.raises(DiagramError, match=r"error\[pack-differs\]: npm reports the hash sha512-"):
        fetch.fetch("npm:a@1.0.0", fetch.integrity_of(b""))
    raw = tarball({"package/b.svg": ICON})
    with pytest.raises(DiagramError, match=r"error\[pack-differs\]: the content has changed: its hash is"):
        fetch.fetch("npm:a@1.0.0", reported)


def test_the_icons_of_an_iconify_package_are_in_icons_json() -> None:
    """Its other files describe the set in the same form."""
    in_package = [
        ("package/info.json", b'{"prefix": "y", "icons": {}}'),
        ("icons.json", b'{"prefix": "x", "icons": {}}'),
    ]
    assert iconify.prefix(in_package) == "x", "a package describes its icons in other files"
    assert iconify.prefix(in_package[:1] * 2) is None
