"""XML, compressed data and zip files from anywhere are read within limits, or refused with one error."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest

from diagramkit.picture_files import untrusted
from diagramkit.picture_files.untrusted import Archive, BadPictureError, inflated, parsed


def test_the_limits_are_those_that_are_tested_here_with_smaller_ones() -> None:
    assert (untrusted.MAX_BYTES, untrusted._MAX_DEPTH, untrusted._MAX_ELEMENTS) == (50_000_000, 200, 500_000)


def nested(depth: int) -> str:
    return "<a>" * depth + "</a>" * depth


def test_xml_is_parsed_up_to_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parsed(nested(200)).tag == "a"
    with pytest.raises(BadPictureError, match="it is nested too deeply"):
        parsed(nested(201))
    monkeypatch.setattr(untrusted, "_MAX_ELEMENTS", 10)
    assert len(parsed(f"<a>{'<b><c/></b>' * 4}<d/></a>")) == 5
    with pytest.raises(BadPictureError, match="it has too many elements"):
        parsed(f"<a>{'<b><c/></b>' * 5}</a>")
    monkeypatch.setattr(untrusted, "MAX_BYTES", 8)
    assert parsed("<a>1</a>").text == "1"
    with pytest.raises(BadPictureError, match="it is too large"):
        parsed("<a>12</a>")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "it declares entities"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "it declares entities"),
        ("<!DOCTYPE a><a/>", "it declares entities"),
        ("<a>", "it is not well-formed XML"),
        ("", "it is not well-formed XML"),
        ("<a>\ud800</a>", "it is not well-formed XML"),
        (b"<?xml version='1.0' encoding='nonsense'?><a/>", "it is not well-formed XML"),
    ],
)
def test_xml_with_entities_or_mistakes_is_refused(text: str | bytes, message: str) -> None:
    with pytest.raises(BadPictureError, match=message):
        parsed(text)


def deflated(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


def test_compressed_data_is_unpacked_up_to_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untrusted, "MAX_BYTES", 1000)
    assert inflated(deflated(b"x" * 1000)) == b"x" * 1000
    with pytest.raises(BadPictureError, match="its compressed page is too large"):
        inflated(deflated(b"x" * 100_000))
    with pytest.raises(BadPictureError, match="its compressed page is damaged"):
        inflated(b"\xff\xff\xff")


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def test_the_members_of_an_archive_share_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untrusted, "MAX_BYTES", 10)
    archive = Archive(zipped(a=b"x" * 6, b=b"y" * 4, c=b"z"))
    assert archive.names() == frozenset("abc")
    assert isinstance(archive.names(), frozenset)
    assert (archive.read("a"), archive.read("b")) == (b"x" * 6, b"y" * 4)
    with pytest.raises(BadPictureError, match="its contents are too large"):
        archive.read("c")
    with pytest.raises(BadPictureError, match="its contents are too large"):
        Archive(zipped(a=b"x" * 1000)).read("a")


@pytest.mark.parametrize("data", [b"", b"PK", b"no archive", b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(BadPictureError, match="it is not a zip file"):
        Archive(data)


def test_an_archive_that_cannot_be_opened_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for error in (zipfile.BadZipFile("x"), ValueError("x"), OSError("x"), NotImplementedError("x")):
        monkeypatch.setattr(zipfile, "ZipFile", raising(error))
        with pytest.raises(BadPictureError, match="it is not a zip file"):
            Archive(zipped_once)


zipped_once = zipped(a=b"text")


def raising(error: Exception) -> object:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def test_a_damaged_member_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadPictureError, match=f"its part '{'x' * 100}' is missing or damaged"):
        Archive(zipped_once).read("x" * 1000)
    content = zipped(a=bytes(range(256)))
    start = content.index(b"a", 26) + 1
    damaged = content[: start + 20] + b"\xff\xff" + content[start + 22 :]
    with pytest.raises(BadPictureError, match="its part 'a' is missing or damaged"):
        Archive(damaged).read("a")
    flags = content.index(b"PK\x01\x02") + 8
    encrypted = content[:flags] + struct.pack("<H", 1) + content[flags + 2 :]
    encrypted = encrypted[:6] + struct.pack("<H", 1) + encrypted[8:]
    with pytest.raises(BadPictureError, match="its part 'a' is missing or damaged"):
        Archive(encrypted).read("a")
    for error in (zipfile.BadZipFile("x"), zlib.error("x"), OSError("x"), NotImplementedError("x"), EOFError("x")):
        archive = Archive(content)
        monkeypatch.setattr(zipfile.ZipFile, "open", raising(error))
        with pytest.raises(BadPictureError, match="its part 'a' is missing or damaged"):
            archive.read("a")
