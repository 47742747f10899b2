"""Escaping, character by character: which are left out, which are escaped, and which links are safe."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from xml.etree import ElementTree

import pytest

from diagramkit import markup

FORBIDDEN = {
    *map(chr, (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), 0xFFFE, 0xFFFF)),
    *map(chr, (*range(0xD800, 0xE000), *range(0x202A, 0x202F), *range(0x2066, 0x206A))),
}
"""Control characters besides tab, line feed and carriage return, what XML forbids, and what changes the direction."""

ALL = [chr(code) for code in range(0x10000)]


def test_exactly_the_forbidden_characters_are_left_out_and_found() -> None:
    assert {char for char in ALL if markup.strip_forbidden(char) == ""} == FORBIDDEN
    assert {char for char in ALL if markup.strip_forbidden(char) == char} == {*ALL} - FORBIDDEN
    assert {char for char in ALL if markup.forbidden_in(char)} == FORBIDDEN
    assert markup.forbidden_in("b\x07a\x00\x07") == "\x00\x07"
    assert markup.forbidden_in("".join(reversed(ALL))) == "".join(sorted(FORBIDDEN))
    assert markup.strip_forbidden("a \x00\U0001f600b") == "a \U0001f600b"


def test_what_changes_the_direction_of_text_is_forbidden() -> None:
    """All characters that begin or end an embedding, an override or an isolate, by Unicode's own table."""
    changing = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert {char for char in ALL if unicodedata.bidirectional(char) in changing} <= FORBIDDEN


@pytest.mark.parametrize(
    "escape", [markup.escape_text, markup.escape_html, markup.quote_attribute, markup.json_text, markup.escape_markdown]
)
def test_no_output_of_an_escape_has_forbidden_characters(escape: object) -> None:
    assert callable(escape)
    escaped = escape("".join(ALL))
    assert not FORBIDDEN & {*escaped} - {"\n"}
    assert "é" in escaped


def test_escaped_text_is_read_back_as_it_was() -> None:
    text = "".join(char for char in ALL if char not in FORBIDDEN and char not in "\r")
    element = ElementTree.fromstring(f"<a>{markup.escape_text(text)}</a>")
    assert element.text == text
    for value in (text, "it's", 'say "x"', "\t\n\r<>&", 'it\'s "x"'):
        element = ElementTree.fromstring(f"<a b={markup.quote_attribute(value)}/>")
        assert element.get("b") == value
    assert html.unescape(markup.escape_html(text)) == text
    assert markup.escape_html("<>&\"'") == "&lt;&gt;&amp;&quot;&#x27;"
    assert markup.escape_html("a\x00\u202eb") == "ab"
    assert markup.escape_text("a<b>c&d\"'") == "a&lt;b&gt;c&amp;d\"'"


def test_json_is_read_back_as_it_was_and_is_readable() -> None:
    text = "".join(reversed(ALL))  # In this order, no two surrogates are a pair.
    assert json.loads(markup.json_text(text)) == text
    assert markup.json_text({"ä": ["\u202e\x7f"]}) == '{"ä": ["\\u202e\\u007f"]}'
    assert markup.json_text([1], 2) == "[\n  1\n]"


def test_every_sign_of_markdown_is_escaped_and_lines_are_joined() -> None:
    signs = "\\[]`*_<>&#|"
    assert markup.escape_markdown(f"a{signs}b") == "a" + "".join(f"\\{sign}" for sign in signs) + "b"
    assert markup.escape_markdown(" a\n\tb\r\n c ") == "a b c"


@pytest.mark.parametrize(
    "link",
    [
        "http://x", "https://x", "HTTPS://x", "mailto:a@b", "Mailto:a@b", "./x", "../x", "/x", "#x", "?x", "x", "x/y",
        "x.html#a?b", "/x:y", "./x:y", "#x:y", "?x:y", "a b", ".:x", "/", "\\x",
    ],
)  # fmt: skip
def test_a_link_to_the_web_to_mail_or_to_a_relative_place_is_safe(link: str) -> None:
    assert markup.safe_link(link) == link
    assert markup.safe_link(f" \n{link[:1]}\x00{link[1:]}\x1f ") == link


@pytest.mark.parametrize(
    "link",
    [
        "javascript:x", "JavaScript:x", "java\nscript:x", "java\x00script:x", "\x1fjavascript:x", " javascript:x",
        "data:text/html,x", "vbscript:x", "file:///x", "ftp://x", "httpx:y", "xhttp:y", "x:", ":x", "x/y:z",
        "//x", "\\\\x", "/\\x", "\\/x", " //x", "/\n/x", "", " ", "\x00", None, "x\njavascript:y", "view-source:x",
    ],
)  # fmt: skip
def test_any_other_link_is_unsafe(link: str | None) -> None:
    assert markup.safe_link(link) is None


def test_no_link_with_a_scheme_of_its_own_is_safe() -> None:
    for char in ALL[0x20:0x80]:
        link = f"{char}script:x"
        assert (markup.safe_link(link) is None) is not bool(re.match(r"[./#? ]", char) and char != " "), link
