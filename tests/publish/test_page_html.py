"""HTML in Markdown, on its way to a wiki: its text stays, and what is left out is counted."""

from __future__ import annotations

import pytest

from diagramkit.publish.pages import markdown_page, mediawiki
from diagramkit.publish.pages.tree import PageElement


def outline(element: PageElement | str) -> str:
    """Return an element as short HTML, without attributes."""
    if isinstance(element, str):
        return element
    inner = "".join(outline(child) for child in element.children)
    return f"<{element.tag}>{inner}</{element.tag}>" if inner else f"<{element.tag}>"


def read(text: str) -> tuple[str, dict[str, int]]:
    """Return the outline of a page, and what it lost."""
    page = markdown_page.read(text, {})
    text = "".join(outline(child) for child in page.root.children)
    return (text if "<pre>" in text else " ".join(text.split())), dict(page.lost)


@pytest.mark.parametrize(
    ("html", "expected", "lost"),
    [
        ("a <script>x()</script> b", "<p>a b</p>", {"<script>": 1}),
        ("<script>\nx('<b>')\n</script>", "", {"<script>": 1}),
        ("<template>\n<b>no</b><img src=x>\n<br></i>\n</template>", "", {"<template>": 1}),
        ("<noscript><style>x</style></noscript>", "<p>", {"<noscript>": 1, "<style>": 1}),
        ("<div>\n<input type=checkbox checked> done <input type=checkbox> open\n</div>", "<p>☑ done ☐ open </p>", {}),
        (
            "<div>\n<input type=text>a<link href=x>b<wbr>c<col>d\n</div>",
            "<p>abcd </p>",
            {"<input>": 1, "<link>": 1, "<wbr>": 1},
        ),
        ("<video>\nshown <i>instead</i>\n</video>", "<p> shown <em>instead</em></p>", {"<video>": 1}),
        ("<pre>\n  a\n   b\n</pre>", "<pre>\n  a\n   b\n</pre>", {}),
        ("<div>\n  a\n   b\n</div>", "<p> a b </p>", {}),
        ("<!-- diagramkit: a -->\n\ntext <!-- other -->", "<p>text </p>", {"comments": 1}),
        ("<p>one<p>two<ul><li>three<li>four</ul>", "<p>one</p><p>two</p><ul><li>three</li><li>four</li></ul>", {}),
        (
            "<table><tr><th>a<td>b<tr><td>c</table>",
            "<table><tr><th>a</th><td>b</td></tr><tr><td>c</td></tr></table>",
            {},
        ),
        ("<b><table><tr><td>x</table></b>", "<p><strong>x</strong></p>", {}),
        ("a </b> c", "<p>a c</p>", {}),
        ("<hr>\n\na <hr> b", "<hr><p>a b</p>", {}),
    ],
)
def test_html_keeps_its_text_and_counts_what_is_left_out(html: str, expected: str, lost: dict[str, int]) -> None:
    assert read(html) == (expected, lost)


def test_styles_are_counted_except_those_that_a_wiki_has() -> None:
    for html, lost in (
        ('<p style="text-align: center">x</p>', 0),
        ('<p style="text-align: center; color: red">x</p>', 1),
        ('<div align="center">x</div>', 1),
        ('<span style="color: red">x</span>', 1),
        ('<p align="right">x</p>', 0),
    ):
        assert read(html)[1].get("styles in HTML", 0) == lost, html


def test_the_summary_of_details_is_not_in_their_content() -> None:
    page = markdown_page.read("<details><summary>Some <b>words</b></summary>\n\ntext\n\n</details>\n", {})
    (details,) = page.root.children
    assert isinstance(details, PageElement)
    assert (details.tag, details.attributes["summary"]) == ("details", "Some words")
    assert "".join(map(outline, details.children)) == "<p>text</p>"


def mediawiki_of(text: str) -> str:
    return mediawiki.MediaWikiWriter({}, {}).write(markdown_page.read(text, {}).root)


def test_code_cannot_end_its_block_in_mediawiki() -> None:
    """There is no escape in `syntaxhighlight`, so that such code is in `pre`."""
    code = "a </syntaxHighlight><script>alert(1)</script> [[b]]"
    text = mediawiki_of(f"```html\n{code}\n```\n")
    assert text.startswith("<pre>a &lt;/syntaxHighlight")
    assert "<script>" not in text
    assert mediawiki_of("```HTML\n<b>\n```\n") == '<syntaxhighlight lang="html">\n<b>\n</syntaxhighlight>\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a\n- b\n  1. c\n", "* a\n* b\n*# c"),
        ("- [ ] open\n- [x] done\n", "* ☐ open\n* ☑ done"),
        ("- a\n\n  > b\n", "<ul><li>a<blockquote>b</blockquote></li></ul>"),
        ("- a\n  - b\n\n    > c\n", "<ul><li>a<ul><li>b<blockquote>c</blockquote></li></ul></li></ul>"),
        ("3. a\n4. b\n", '<ol start="3"><li>a</li><li>b</li></ol>'),
        ("- a\n\n  b\n", "<ul><li>ab</li></ul>"),
    ],
)
def test_a_list_is_lines_in_mediawiki_unless_it_contains_more(text: str, expected: str) -> None:
    written = mediawiki_of(text).strip()
    assert (written if expected[0] == "*" else "".join(written.split("\n"))) == expected
