"""Pictures in Markdown: nothing else changes, a second run changes nothing, what is not current is told."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from diagramkit import sources
from diagramkit.cli import main
from diagramkit.pipeline import Options
from diagramkit.publish import cached, marks
from diagramkit.publish import embed as embedding
from diagramkit.publish.embed import EmbedOptions
from diagramkit.publish.record import Record
from tests.fuzz.holds import without

ONE = "```mermaid\ngraph LR\n  A[Lambda] --> B[S3]\n```\n"
TWO = "```mermaid\ngraph LR\n  C[SQS] --> D[SNS]\n```\n"
SEQUENCE = "```mermaid\nsequenceDiagram\n  A->>B: x\n```\n"
TITLED = "```mermaid\n---\ntitle: The <shop>\n---\ngraph LR\n  A[Lambda] --> B[S3]\n```\n"


def indented(text: str, by: str) -> str:
    return "".join(f"{by}{line}" if line.strip() else line for line in text.splitlines(keepends=True))


# Files of every kind, with how many of their fences are ours.
KINDS: dict[str, tuple[str, int]] = {
    "plain": (f"# Title\n\n{ONE}\ntext\n", 1),
    "two": (f"{ONE}\n{TWO}", 2),
    "back to back": (ONE + TWO, 2),
    "between paragraphs without blanks": (f"before\n{ONE}after\n", 1),
    "CRLF": (f"# T\n\n{ONE}\ntext\n".replace("\n", "\r\n"), 1),
    "mixed line ends": ("# T\r\n\n" + ONE + "\r\ntext\r\n", 1),
    "a lone return": ("# T\rx\n\n" + ONE, 1),
    "no newline at the end": (f"# T\n\n{ONE}".rstrip("\n"), 1),
    "no newline at the end, CRLF": (f"# T\n\n{ONE}".rstrip("\n").replace("\n", "\r\n"), 1),
    "text without newline at the end": (f"{ONE}\nend", 1),
    "byte order mark": ("\ufeff" + ONE, 1),
    "front matter": (f"---\ntitle: x\ntags: [a]\n---\n\n{ONE}", 1),
    "front matter, CRLF": (f"---\ntitle: x\n---\n\n{ONE}".replace("\n", "\r\n"), 1),
    "list": (f"- a\n\n{indented(ONE, '  ')}- b\n", 1),
    "first in a list": ("- " + indented(ONE, "  ").lstrip() + "- b\n", 1),
    "numbered list": (f"1. a\n\n{indented(ONE, '   ')}2. b\n", 1),
    "first in a numbered list": ("10. " + indented(ONE, "    ").lstrip() + "11. b\n", 1),
    "nested list": (f"- a\n  - b\n\n{indented(ONE, '    ')}  - c\n", 1),
    "task list": (f"- [ ] a\n\n{indented(ONE, '  ')}- [x] b\n", 1),
    "quote": (indented(f"quote\n\n{ONE}after\n", "> ").replace("\n\n", "\n>\n"), 1),
    "quote in a list": ("- > " + indented(ONE, "  > ").lstrip(" >") + "- b\n", 1),
    "alert": ("> [!NOTE]\n" + indented(ONE, "> "), 1),
    "indented by three": (indented(ONE, "   ") + "text\n", 1),
    "code block of four blanks": (indented(ONE, "    ") + "\ntext\n", 0),
    "tildes": (ONE.replace("```", "~~~") + "text\n", 1),
    "longer fence": (ONE.replace("```", "`````"), 1),
    "shown in a longer fence": (f"````md\n{ONE}````\n\ntext\n", 0),
    "shown in tildes": (f"~~~md\n{ONE}~~~\n\ntext\n", 0),
    "in an HTML comment": (f"<!--\n{ONE}-->\n\ntext\n", 0),
    "in an HTML block": (f"<div>\n{ONE}</div>\n\ntext\n", 0),
    "in details with blanks": (f"<details>\n\n{ONE}\n</details>\n\ntext\n", 1),
    "other diagrams": (f"{SEQUENCE}\n{ONE}\n```mermaid\ngantt\n  title x\n```\n", 1),
    "other languages": (f"```python\nx = 1\n```\n\n{ONE}\n```\nplain\n```\n", 1),
    "info with more": (ONE.replace("mermaid", "mermaid title=x"), 1),
    "braces, as MyST": (ONE.replace("mermaid", "{mermaid}"), 1),
    "titled": (TITLED, 1),
    "twice the same title": (f"{TITLED}\n{TITLED}", 2),
    "table before": (f"| a | b |\n|---|---|\n| 1 | 2 |\n\n{ONE}", 1),
    "a mark that is only shown": (f"```html\n{marks.BEGIN.format('x')}\n```\n\n{ONE}", 1),
    "blank lines in the fence": ("```mermaid\ngraph LR\n\n  A[Lambda] --> B[S3]\n\n```\n", 1),
    "blanks at lines' ends": (ONE.replace("LR\n", "LR  \n"), 1),
    "unicode": (f"# 図 – é\n\n{ONE}\nñ\n", 1),
    "nothing": ("", 0),
    "no diagram": ("# Title\n\ntext\n", 0),
}
WISHES = [EmbedOptions(), EmbedOptions(source_first=True), EmbedOptions(dark=True), EmbedOptions("png", "a b/c")]


def embedded(text: str, wish: EmbedOptions = WISHES[0]) -> embedding.Embedded:
    return embedding.embed(text, "doc.md", wish, Options())


@pytest.mark.parametrize("wish", WISHES, ids=["picture", "source", "dark", "png"])
@pytest.mark.parametrize("kind", KINDS)
def test_only_pictures_come_in_and_a_second_run_changes_nothing(kind: str, wish: EmbedOptions) -> None:
    text, count = KINDS[kind]
    first = embedded(text, wish)
    assert not first.problems
    assert len(first.pictures) == count * (2 if wish.dark else 1)
    assert len(first.stale) == count
    again = embedded(first.text, wish)
    assert again.text == first.text
    assert again.pictures == first.pictures
    assert not again.stale
    gone = without(first.text)
    if text.endswith("\n") or not count:
        assert gone == text
    else:
        assert gone.rstrip("\r\n") == text
    if count == 0:
        assert first.text == text


def shown(text: str) -> tuple[Counter[str], list[str]]:
    """The words of a page as a reader sees them, without its fences; and the pictures' addresses."""
    page = MarkdownIt("commonmark").enable(["table"]).render(text.removeprefix("\ufeff"))
    pictures = re.findall(r'<img [^>]*src="([^"]*)"', page)
    page = re.sub(
        r'<pre><code class="language-(?:\{?mermaid\}?|title=x).*?</code></pre>',
        "",
        page,
        flags=re.S,
    )
    page = re.sub(r"<!-- diagramkit.*?-->|<summary>.*?</summary>|<[^>]*>", " ", page, flags=re.S)
    return Counter(page.split()), pictures


@pytest.mark.parametrize("wish", WISHES[:3], ids=["picture", "source", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_reader_sees_the_pictures_and_the_same_words(kind: str, wish: EmbedOptions) -> None:
    text, count = KINDS[kind]
    before, _ = shown(text)
    after, pictures = shown(embedded(text, wish).text)
    assert len(pictures) == count
    assert after == before
    assert all(picture.startswith("diagrams/doc-") for picture in pictures)


def test_an_edited_fence_is_drawn_again_and_keeps_its_name() -> None:
    first = embedded(f"{ONE}\n{TWO}")
    edited = first.text.replace("D[SNS]", "D[SNS] --> E[Lambda]")
    again = embedded(f"{TITLED}\n{edited}")
    assert list(again.pictures) == [
        "diagrams/doc-the-shop.svg",
        "diagrams/doc-1.svg",
        "diagrams/doc-2.svg",
    ]
    assert again.pictures["diagrams/doc-1.svg"] == first.pictures["diagrams/doc-1.svg"]
    assert again.pictures["diagrams/doc-2.svg"] != first.pictures["diagrams/doc-2.svg"]


def test_a_removed_fence_takes_what_was_around_it_along() -> None:
    first = embedded(f"before\n\n{ONE}\nafter\n")
    assert embedded(first.text.replace(ONE, "")).text == "before\n\n\nafter\n"


def test_a_fence_that_became_another_diagram_stands_alone() -> None:
    first = embedded(f"before\n\n{ONE}\nafter\n")
    again = embedded(first.text.replace(ONE, SEQUENCE))
    assert again.text == f"before\n\n{SEQUENCE}\nafter\n"
    assert not again.pictures


def test_a_fence_with_a_mistake_stays_with_its_picture_and_is_told() -> None:
    first = embedded(f"{ONE}\n{TWO}")
    broken = first.text.replace("C[SQS] -->", "C[SQS] ->")
    again = embedded(broken)
    assert again.text == broken
    (problem,) = again.problems
    line = broken.split("\n").index("  C[SQS] -> D[SNS]") + 1
    assert str(problem.span) == f"doc.md:{line}:10"
    assert list(again.pictures) == [
        "diagrams/doc-1.svg",
        "diagrams/doc-2.svg",
        "diagrams/doc-2-dark.svg",
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"{marks.BEGIN.format('x')}\n\n{ONE}", "doc.md:1:1"),
        (f"{ONE}\n{marks.END}\n", "doc.md:6:1"),
        (
            f"{marks.BEGIN.format('x')}\n\n{marks.BEGIN.format('y')}\n\n{ONE}\n{marks.END}\n",
            "doc.md:1:1",
        ),
    ],
)
def test_marks_without_their_other_half_are_told(text: str, place: str) -> None:
    (problem,) = embedded(text).problems
    assert (str(problem.span), problem.code) == (place, "stray-mark")


def test_a_fence_without_an_end_is_told() -> None:
    (problem,) = embedded("text\n\n```mermaid\ngraph LR\n  A --> B\n").problems
    assert (str(problem.span), problem.code) == ("doc.md:3:1", "open-fence")


def test_what_a_source_says_is_no_markup_in_the_page() -> None:
    text = "```mermaid\n---\ntitle: 'x](y) <script>alert(1)</script> \"q\" `c`'\n---\ngraph LR\n  A --> B\n```\n"
    for wish in (EmbedOptions(), EmbedOptions(dark=True)):
        page = MarkdownIt("commonmark").render(embedded(text, wish).text)
        assert "<script>" not in page
        (alt,) = re.findall(r'<img [^>]*alt="([^"]*)"', page)
        assert "alert(1)" in alt


_PIECES = st.sampled_from(
    [
        ONE,
        TWO,
        SEQUENCE,
        TITLED,
        "text\n",
        "\n",
        "- a\n",
        "> q\n",
        "    code\n",
        "# h\n",
        "---\n",
        "<div>\n",
        "</div>\n",
        "````\n",
        "```\n",
        "~~~\n",
        indented(ONE, "  "),
        indented(ONE, "> "),
        "| a |\n|---|\n",
        "<!--\n",
        "-->\n",
        "[x]: y\n",
    ]
)


@given(st.lists(_PIECES, max_size=10).map("".join))
@settings(max_examples=60)
def test_any_file_is_the_same_after_a_second_run(text: str) -> None:
    first = embedded(text)
    if any(problem.severity == "error" for problem in first.problems):
        return
    again = embedded(first.text)
    assert again.text == first.text
    assert again.pictures == first.pictures
    assert without(first.text).rstrip("\n") == text.rstrip("\n")


# The command


def files() -> list[str]:
    return sorted(path.as_posix() for path in Path().rglob("*") if path.is_file())


def test_the_command_embeds_checks_and_cleans_up(capsys: pytest.CaptureFixture[str]) -> None:
    Path("docs").mkdir()
    Path("docs/a.md").write_text(f"# A\n\n{ONE}\n{TWO}", "utf-8", newline="")
    Path("README.md").write_bytes(f"# R\n\n{TITLED}".replace("\n", "\r\n").encode())
    assert main(["embed", "README.md", "docs", "--check"]) == 1
    said = capsys.readouterr().err
    assert "README.md:3:1: error[stale-embed]" in said
    assert f"{Path('docs/diagrams/a-1.svg')}:1:1: error[missing-output]" in said
    assert files() == ["README.md", "docs/a.md"]
    assert main(["embed", "README.md", "docs"]) == 0
    assert files() == [
        "README.md",
        "diagrams/.diagramkit-embed.json",
        "diagrams/readme-the-shop.svg",
        "docs/a.md",
        "docs/diagrams/.diagramkit-embed.json",
        "docs/diagrams/a-1.svg",
        "docs/diagrams/a-2.svg",
    ]
    assert main(["embed", "README.md", "docs", "--check"]) == 0
    capsys.readouterr()
    assert main(["embed", "README.md", "docs"]) == 0
    assert capsys.readouterr().out == f"README.md: current\n{Path('docs/a.md')}: current\n"
    Path("docs/a.md").write_text(Path("docs/a.md").read_text("utf-8").replace(TWO, ""), "utf-8")
    assert main(["embed", "docs", "--check"]) == 1
    assert "docs/diagrams/a-2.svg:1:1: error[orphan-output]" in capsys.readouterr().err.replace("\\", "/")
    assert main(["embed", "docs"]) == 0
    assert "docs/diagrams/a-2.svg" not in files()
    assert "docs/diagrams/a-1.svg" in files()
    Path("README.md").write_text("# R\n", "utf-8")
    assert main(["embed", "README.md"]) == 0
    assert not Path("diagrams/readme-the-shop.svg").exists()
    assert not Path("diagrams/.diagramkit-embed.json").exists()


def test_a_picture_that_was_edited_is_not_removed(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.md").write_text(ONE, "utf-8")
    assert main(["embed", "a.md"]) == 0
    Path("diagrams/a-1.svg").write_text("by hand", "utf-8")
    Path("a.md").write_text("nothing\n", "utf-8")
    assert main(["embed", "a.md"]) == 0
    assert Path("diagrams/a-1.svg").read_text("utf-8") == "by hand"
    assert "note[orphan-output]" in capsys.readouterr().err


def test_a_hostile_record_removes_nothing() -> None:
    Path("secret.txt").write_text("x", "utf-8")
    Path("diagrams").mkdir()
    Path("diagrams/.diagramkit-embed.json").write_text(
        '{"shown": {"../a.md": {"../secret.txt": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}}}',
        "utf-8",
    )
    Path("a.md").write_text(ONE, "utf-8")
    assert main(["embed", "a.md"]) == 0
    assert Path("secret.txt").exists()


def test_two_files_do_not_write_one_picture(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.md").write_text(ONE, "utf-8")
    Path("a.markdown").write_text(TWO, "utf-8")
    assert main(["embed", "a.md", "a.markdown"]) == 2
    assert "a.markdown:1:1: error[same-output]" in capsys.readouterr().err
    assert Path("a.markdown").read_text("utf-8") == TWO


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["no.md"], "no.md:1:1: error[no-such-file]"),
        (["a.txt"], "a.txt:1:1: error[unknown-format]"),
        (["a.md", "--pictures", "../out"], "--pictures names a folder beside or below each file"),
        (["a.md", "--pictures", "/tmp"], "--pictures names a folder beside or below each file"),
    ],
)
def test_wrong_wishes_are_told(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.md").write_text(ONE, "utf-8")
    Path("a.txt").write_text("x", "utf-8")
    try:
        assert main(["embed", *arguments]) == 2
    except SystemExit as stopped:
        assert stopped.code == 2
    assert told in capsys.readouterr().err
    assert files() == ["a.md", "a.txt"]


def test_links_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is shown in two places has its pictures beside itself."""
    Path("docs").mkdir()
    Path("README.md").write_text(ONE, "utf-8")
    Path("docs/index.md").symlink_to("../README.md")
    assert main(["embed", "docs"]) == 0
    assert Path("docs/index.md").is_symlink()
    assert Path("README.md").read_text("utf-8") == ONE
    assert main(["embed", "docs/index.md"]) == 2
    assert "error[is-a-link]" in capsys.readouterr().err


def test_settings_say_how_pictures_look() -> None:
    Path("diagramkit.toml").write_text('theme = "dark"\noutput = "pictures"\nformat = ["png"]\n', "utf-8")
    Path("a.md").write_text(ONE, "utf-8")
    assert main(["embed", "a.md"]) == 0
    assert "#161D26" in Path("diagrams/a-1.svg").read_text("utf-8")


def test_a_picture_with_an_icon_of_ones_own_is_drawn_anew_each_time() -> None:
    icon = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path fill="COLOUR" d="M0 0h8v8H0z"/></svg>'
    Path("i.svg").write_text(icon.replace("COLOUR", "#112233"), "utf-8")
    Path("s.yaml").write_text("title: S\nnodes: {a: A}\nicons: {a: i.svg}\n", "utf-8")
    (pattern,) = (one for file in sources.find(["s.yaml"]) for one in sources.load(file).patterns)
    first = cached.picture(pattern, Options(), "svg")
    Path("i.svg").write_text(icon.replace("COLOUR", "#445566"), "utf-8")
    again = cached.picture(pattern, Options(), "svg")
    assert b"#112233" in first
    assert b"#445566" in again


def test_a_picture_that_somebody_removed_is_not_removed_again(tmp_path: Path) -> None:
    record = Record(str(tmp_path), {})
    document = str(tmp_path / "a.md")
    assert record.update(document, {"one.svg": b"1", "two.svg": b"2"}) == []
    (tmp_path / "one.svg").write_bytes(b"changed")
    assert record.update(document, {}) == [(str(tmp_path / "one.svg"), False)]
