"""The marks of `embed` in Markdown: what is between them is its own in every detail, or the file is refused."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

from diagramkit.publish import marks, record
from diagramkit.publish.record import Record

FENCE = "```mermaid\ngraph LR\n  A --> B\n```"
HTML = (
    '<picture><source media="(prefers-color-scheme: dark)" srcset="a-dark.svg"><img alt="A &lt;b&gt;" src="a.svg">'
    "</picture>"
)


def document(picture: str = "![A](a.svg)", name: str = "a", prefix: str = "", first: str | None = None) -> str:
    """Return what `embed` writes, with this picture, in a list or quote with these prefixes."""
    begin, *lines = [
        marks.BEGIN.format(name),
        picture,
        "",
        "<details>",
        "<summary>Source</summary>",
        "",
        *FENCE.split("\n"),
        "",
        "</details>",
        "",
        marks.END,
    ]
    return f"{prefix if first is None else first}{begin}\n" + "".join(f"{prefix}{line}\n" for line in lines)


def damage(text: str) -> list[str]:
    """Return the codes and lines of the problems that make a file be refused."""
    return [f"{problem.code} {problem.span.line}" for problem in marks.read(text, "d.md").damage]


@pytest.mark.parametrize(
    ("picture", "name"),
    [
        ("![A](a.svg)", "a"),
        ("![](diagrams/a.b-c_d.svg)", "a.b-c_d"),
        (r"![a \[b\] \\ \` c](../x/a.png)", "a"),
        ("![A](%C3%A4.svg)", "ä"),
        ("![A](ä.webp)", "ä"),
        (HTML, "a"),
        (HTML.replace("A &lt;b&gt;", ""), "a"),
        (HTML.replace('src="a.svg"', 'src="x&amp;y/a.svg"'), "a"),
        (HTML.replace('src="a.svg"', 'src="%C3%A4.svg"'), "ä"),
        ("  ![A](a.svg)  ", "a"),
        ("", "a"),
    ],
)
def test_the_own_picture_is_recognized(picture: str, name: str) -> None:
    assert damage(document(picture, name)) == []
    (region,) = marks.read(document(picture, name), "d.md").regions
    assert (region.name, region.start, region.end, region.number) == (name, 0, 14, 1)
    assert region.fence is not None


@pytest.mark.parametrize(
    "picture",
    [
        "![A](b.svg)",
        "![A](a.svg) x",
        "x ![A](a.svg)",
        "![A](a.svg)![A](a.svg)",
        '![A](a.svg "title")',
        "![A](a(1).svg)",
        "![A](a .svg)",
        "![A](a.svg",
        "![A[b]](a.svg)",
        "![A]b](a.svg)",
        "![A[b](a.svg)",
        "![A](x(/a.svg)",
        "![A](x)/a.svg)",
        r"![A\](a.svg)",
        "[![A](a.svg)](https://example.com)",
        "[A](a.svg)",
        f"{HTML} x",
        f"x {HTML}",
        HTML.replace('src="a.svg"', 'src="b.svg"'),
        HTML.replace('src="a.svg"', 'src="a.svg" onerror="x"'),
        HTML.replace("A &lt;", 'A" title="x'),
        HTML.replace("A &lt;", "A <i>x</i>"),
        HTML.replace("A &lt;", "A > x"),
        HTML.replace("A &lt;", "A < x"),
        HTML.replace("a-dark.svg", 'a-dark.svg" media="print'),
        HTML.replace("a-dark.svg", "a-dark<.svg"),
        HTML.replace("a-dark.svg", "a-dark>.svg"),
        HTML.replace('src="a.svg"', 'src="</a.svg"'),
        HTML.replace('src="a.svg"', 'src=">/a.svg"'),
        HTML.replace('src="a.svg"', 'src="">" class="a.svg"'),
        HTML.replace("color-scheme", "contrast"),
        HTML.replace("a-dark.svg", ""),
        "<!-- note -->",
        "X",
    ],
)
def test_anything_else_in_the_place_of_the_picture_is_that_of_somebody_else(picture: str) -> None:
    assert damage(document(picture)) == ["foreign-text 2"]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("</details>\n", "</details>\n\n</details>\n", 14),
        ("<summary>Source</summary>", "<summary>My source</summary>", 5),
        ("![A](a.svg)", "<summary>Picture</summary>", 4),
        ("<details>", "<details open>", 4),
        ("![A](a.svg)", "![A](a.svg)\n\n![A](a.svg)", 4),
        (FENCE, f"{FENCE}\n\n```mermaid\nx\n```", 12),
        (FENCE, FENCE.replace("mermaid", "sh"), 7),
        (FENCE, f"{FENCE}\ntext", 11),
        (FENCE, f"text\n{FENCE}", 7),
        ("![A](a.svg)", f"{FENCE}\n\n![A](a.svg)", 9),
        ("<details>", "</details>\n\n<details>", 6),
    ],
)
def test_each_part_occurs_once_and_in_its_order(old: str, new: str, line: int) -> None:
    assert damage(document().replace(old, new, 1)) == [f"foreign-text {line}"]


@pytest.mark.parametrize(
    ("first", "prefix"),
    [
        ("- ", "  "),
        ("* ", "  "),
        ("+ ", "  "),
        ("1. ", "   "),
        ("2) ", "   "),
        ("123456789. ", "           "),
        ("> ", "> "),
        (">", ">"),
        ("> - ", ">   "),
        ("- 1. ", "     "),
        ("   ", "   "),
        ("-\t", " \t"),
    ],
)
def test_marks_may_be_in_lists_and_quotes(first: str, prefix: str) -> None:
    text = document(prefix=prefix, first=first)
    assert damage(text) == []
    (region,) = marks.read(text, "d.md").regions
    assert (region.first_prefix, region.prefix, region.name) == (first, prefix, "a")


@pytest.mark.parametrize(
    "mark",
    [
        "<!-- diagramkit: begin -->",
        "<!-- diagramkit: begin  -->",
        "<!-- diagramkit: begin a b -->",
        "<!-- diagramkit: begin a/b -->",
        "<!-- diagramkit: begin a-->",
        "<!--diagramkit:begin a-->",
        "<!--  diagramkit:  begin a -->",
        "<!-- DIAGRAMKIT: Begin a -->",
        "<!-- diagramkit: begin a -->x",
        "<!-- x --><!-- diagramkit: begin a -->",
        "<!-- diagramkit: end --> x",
        "<!-- diagramkit: end a -->",
        "- <!-- diagramkit: end -->",
        "<!-- diagramkit: begin",
    ],
)
def test_a_mark_that_was_changed_is_reported(mark: str) -> None:
    assert damage(f"# T\n\n{mark}\n\n{FENCE}\n") == ["damaged-mark 3"]


def test_what_only_resembles_a_mark_is_text() -> None:
    for text in (
        "<!-- diagramkit: beginning -->",
        "<!-- diagramkit -->",
        "`<!-- diagramkit: end -->`",
        "diagramkit: end",
    ):
        assert damage(f"# T\n\n{text}\n\n{FENCE}\n") == []


def test_a_mark_within_a_block_of_html_is_reported() -> None:
    """The lines below would not be in that block after the next run."""
    assert damage(f"<div>\n{document()}</div>\n")[0] == "damaged-mark 2"
    assert damage(f"# T\n\n{document()}") == damage(f"text\n{document()}") == []
    assert damage(document() + "text\n") == []


def test_what_precedes_a_mark_in_a_block_of_html_is_only_a_quote_or_a_list() -> None:
    """A number of ten digits begins no list in CommonMark."""
    for line in ("1234567890. <!-- diagramkit: begin a -->", "X<!-- diagramkit: end -->"):
        assert damage(f"<div>\n{line}\n\n{FENCE}\n") == ["damaged-mark 2"]


def test_a_carriage_return_of_its_own_is_a_blank_line_between_marks() -> None:
    text = document().replace("\n\n", "\n\r\n", 1)
    assert text != document()
    assert damage(text) == []
    assert damage(document().replace("\n\n", "\n\r \r\n", 1)) == []


def test_the_lines_of_a_document_are_its_text() -> None:
    for text in ("", "a", "a\n", "\na\r\n\n", "\ufeffa\n"):
        read = marks.read(text, "d.md")
        assert read.bom + "".join(read.lines) == text
        assert "" not in read.lines


def test_a_region_without_its_fence_has_no_number() -> None:
    (region,) = marks.read(document().replace(FENCE, ""), "d.md").regions
    assert (region.fence, region.number, region.name) == (None, 0, "a")


def test_a_diagram_that_shares_its_lines_with_other_html_is_reported() -> None:
    read = marks.read('# T\n\n<div><pre class="mermaid">\ngraph LR\n  A --> B\n</pre></div>\n', "d.md")
    (problem,) = read.problems
    assert str(problem).startswith("d.md:3:1: warning[shared-lines]: this diagram shares its lines with other HTML,")
    assert read.regions == []


def test_the_problems_name_each_mark_without_its_counterpart() -> None:
    begin, end = marks.BEGIN.format("a"), marks.END
    assert damage(f"{begin}\n\n{FENCE}\n") == ["stray-mark 1"]
    assert damage(f"{FENCE}\n\n{end}\n") == ["stray-mark 6"]
    assert damage(f"{begin}\n\n{marks.BEGIN.format('b')}\n\n{end}\n") == ["stray-mark 1"]
    (problem,) = marks.read(f"{document()}\n{document()}", "d.md").damage
    assert str(problem).startswith("d.md:16:1: error[duplicate-mark]: the marks of 'a' are also in line 1; remove one")
    assert damage(f"{document()}\n{document('![A](b.svg)', 'b')}") == []


# The record of which file shows which pictures


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_the_record_names_what_a_file_no_longer_shows() -> None:
    shown = Record("pictures", {})
    assert shown.update("docs/a.md", {"one.svg": b"1", "two.svg": b"2", "unknown.svg": b""}) == []
    assert shown.pictures_by_document == {"../docs/a.md": {"one.svg": digest(b"1"), "two.svg": digest(b"2")}}
    Path("pictures").mkdir()
    Path("pictures/one.svg").write_bytes(b"1")
    Path("pictures/two.svg").write_bytes(b"edited")
    assert shown.update("docs/a.md", {"one.svg": b""}) == [("pictures/two.svg", False)]
    assert shown.pictures_of("docs/a.md") == {"one.svg": digest(b"1")}
    assert shown.update("docs/a.md", {}) == [("pictures/one.svg", True)]
    shown.update("docs/a.md", {"two.svg": b"2", "one.svg": b"1", "gone.svg": b"3"})
    assert shown.update("docs/a.md", {}) == [("pictures/one.svg", True), ("pictures/two.svg", False)]
    assert shown.pictures_by_document == {}
    assert shown.pictures_of("docs/a.md") == {}


def test_a_picture_belongs_to_the_other_file_that_shows_it_as_long_as_that_exists() -> None:
    shown = Record(".", {"a.md": {"x.svg": ""}, "b.md": {"y.svg": ""}})
    Path("a.md").write_text("", "utf-8")
    assert shown.owner("x.svg", "b.md") == "a.md"
    assert shown.owner("x.svg", "./a.md") is None
    assert shown.owner("y.svg", "a.md") is None  # b.md no longer exists.
    assert shown.owner("z.svg", "b.md") is None


def test_the_record_is_written_in_a_fixed_order_and_removed_when_it_is_empty() -> None:
    shown = Record("p", {"b.md": {"y": "1", "x": "2"}, "a.md": {"ä": "3"}})
    shown.save()
    expected = {"format": 1, "shown": {"a.md": {"ä": "3"}, "b.md": {"x": "2", "y": "1"}}}
    text = json.dumps(expected, indent=1, ensure_ascii=False) + "\n"
    assert Path("p/.diagramkit-embed.json").read_text("utf-8") == text
    assert record.load("p") == shown
    Record("p", {}).save()
    Record("p", {}).save()
    assert not Path("p/.diagramkit-embed.json").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="names are text on Windows")
def test_the_record_keeps_names_that_are_not_text() -> None:
    shown = Record("p", {"a\udcff.md": {"x\udcff": "1"}})
    shown.save()
    assert record.load("p") == shown


@pytest.mark.parametrize(
    ("text", "pictures"),
    [
        ('{"shown": {"a.md": {"x.svg": "1", "../y": "2", "/y": "3", "..\\\\y": "4", "C:\\\\y": "5"}}}', {"x.svg": "1"}),
        ("[]", {}),
        ("{", {}),
        ('{"shown": []}', {}),
        ('{"shown": {"a.md": []}}', {}),
        ('{"shown": {"a.md": {"x.svg": null}}}', {"x.svg": "None"}),
        ("", {}),
    ],
)
def test_a_damaged_or_forged_record_names_only_files_in_its_folder(text: str, pictures: dict[str, str]) -> None:
    Path(".diagramkit-embed.json").write_text(text, "utf-8")
    assert record.load(".").pictures_of("a.md") == pictures
