"""Pictures in Markdown: nothing else changes, a second run changes nothing, and `--check` reports stale files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from checks.fuzz import embedding as embedding_fuzzer
from checks.fuzz.holds import without_pictures
from diagramkit import sources
from diagramkit.cli import main
from diagramkit.options import Options
from diagramkit.publish import cached, marks
from diagramkit.publish import embed as embedding
from diagramkit.publish.embed import EmbedOptions
from diagramkit.publish.record import Record

ONE = "```mermaid\ngraph LR\n  A[Lambda] --> B[S3]\n```\n"
TWO = "```mermaid\ngraph LR\n  C[SQS] --> D[SNS]\n```\n"
SEQUENCE = "```mermaid\nsequenceDiagram\n  A->>B: x\n```\n"
TITLED = "```mermaid\n---\ntitle: The <shop>\n---\ngraph LR\n  A[Lambda] --> B[S3]\n```\n"


def indented(text: str, prefix: str) -> str:
    return "".join(f"{prefix}{line}" if line.strip() else line for line in text.splitlines(keepends=True))


# Markdown files of many kinds, with the number of their fences that get a picture.
FILES: dict[str, tuple[str, int]] = {
    "plain": (f"# Title\n\n{ONE}\ntext\n", 1),
    "two": (f"{ONE}\n{TWO}", 2),
    "back to back": (ONE + TWO, 2),
    "between paragraphs without blank lines": (f"before\n{ONE}after\n", 1),
    "CRLF": (f"# T\n\n{ONE}\ntext\n".replace("\n", "\r\n"), 1),
    "mixed line ends": ("# T\r\n\n" + ONE + "\r\ntext\r\n", 1),
    "a lone carriage return": ("# T\rx\n\n" + ONE, 1),
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
    "code block indented by four spaces": (indented(ONE, "    ") + "\ntext\n", 0),
    "tildes": (ONE.replace("```", "~~~") + "text\n", 1),
    "longer fence": (ONE.replace("```", "`````"), 1),
    "inside a longer fence": (f"````md\n{ONE}````\n\ntext\n", 0),
    "inside a fence of tildes": (f"~~~md\n{ONE}~~~\n\ntext\n", 0),
    "in an HTML comment": (f"<!--\n{ONE}-->\n\ntext\n", 0),
    "in an HTML block": (f"<div>\n{ONE}</div>\n\ntext\n", 0),
    "in details with blank lines": (f"<details>\n\n{ONE}\n</details>\n\ntext\n", 1),
    "other diagrams": (f"{SEQUENCE}\n{ONE}\n```mermaid\ngantt\n  title x\n```\n", 1),
    "other languages": (f"```python\nx = 1\n```\n\n{ONE}\n```\nplain\n```\n", 1),
    "info string with attributes": (ONE.replace("mermaid", "mermaid title=x"), 1),
    "braces as in MyST": (ONE.replace("mermaid", "{mermaid}"), 1),
    "titled": (TITLED, 1),
    "twice the same title": (f"{TITLED}\n{TITLED}", 2),
    "table before": (f"| a | b |\n|---|---|\n| 1 | 2 |\n\n{ONE}", 1),
    "a mark in a code block": (f"```html\n{marks.BEGIN.format('x')}\n```\n\n{ONE}", 1),
    "blank lines in the fence": ("```mermaid\ngraph LR\n\n  A[Lambda] --> B[S3]\n\n```\n", 1),
    "trailing spaces": (ONE.replace("LR\n", "LR  \n"), 1),
    "unicode": (f"# 図 – é\n\n{ONE}\nñ\n", 1),
    "nothing": ("", 0),
    "no diagram": ("# Title\n\ntext\n", 0),
}
OPTIONS = [EmbedOptions(), EmbedOptions(source_first=True), EmbedOptions(dark=True), EmbedOptions("png", "a b/c")]


def embedded(text: str, embed_options: EmbedOptions = OPTIONS[0]) -> embedding.Embedded:
    return embedding.embed(text, "doc.md", embed_options, Options())


@pytest.mark.parametrize("embed_options", OPTIONS, ids=["picture", "source", "dark", "png"])
@pytest.mark.parametrize("kind", FILES)
def test_only_pictures_are_added_and_a_second_run_changes_nothing(kind: str, embed_options: EmbedOptions) -> None:
    text, count = FILES[kind]
    first = embedded(text, embed_options)
    assert not first.problems
    assert len(first.pictures) == count * (2 if embed_options.dark else 1)
    assert len(first.stale) == count
    again = embedded(first.text, embed_options)
    assert again.text == first.text
    assert again.pictures == first.pictures
    assert not again.stale
    stripped = without_pictures(first.text)
    if text.endswith("\n") or not count:
        assert stripped == text
    else:
        assert stripped.rstrip("\r\n") == text
    if count == 0:
        assert first.text == text


def rendered(text: str) -> tuple[Counter[str], list[str]]:
    """Return the words of the rendered page without its fences, and the addresses of its pictures."""
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


@pytest.mark.parametrize("embed_options", OPTIONS[:3], ids=["picture", "source", "dark"])
@pytest.mark.parametrize("kind", FILES)
def test_the_rendered_page_has_the_pictures_and_the_same_words(kind: str, embed_options: EmbedOptions) -> None:
    text, count = FILES[kind]
    before, _ = rendered(text)
    after, pictures = rendered(embedded(text, embed_options).text)
    assert len(pictures) == count
    assert after == before
    assert all(picture.startswith("diagrams/doc-") for picture in pictures)


def test_an_edited_fence_is_redrawn_and_its_picture_keeps_its_name() -> None:
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


def test_what_surrounds_a_removed_fence_is_removed_with_it() -> None:
    first = embedded(f"before\n\n{ONE}\nafter\n")
    assert embedded(first.text.replace(ONE, "")).text == "before\n\n\nafter\n"


def test_a_fence_that_became_another_type_of_diagram_loses_its_picture() -> None:
    first = embedded(f"before\n\n{ONE}\nafter\n")
    again = embedded(first.text.replace(ONE, SEQUENCE))
    assert again.text == f"before\n\n{SEQUENCE}\nafter\n"
    assert not again.pictures


def test_a_fence_with_an_error_is_reported_and_keeps_its_picture() -> None:
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
    ("text", "span"),
    [
        (f"{marks.BEGIN.format('x')}\n\n{ONE}", "doc.md:1:1"),
        (f"{ONE}\n{marks.END}\n", "doc.md:6:1"),
        (
            f"{marks.BEGIN.format('x')}\n\n{marks.BEGIN.format('y')}\n\n{ONE}\n{marks.END}\n",
            "doc.md:1:1",
        ),
    ],
)
def test_unmatched_marks_are_reported(text: str, span: str) -> None:
    (problem,) = embedded(text).problems
    assert (str(problem.span), problem.code) == (span, "stray-mark")


def _with_line(text: str, before: str, line: str) -> str:
    assert before in text
    return text.replace(before, f"{line}\n{before}", 1)


@pytest.mark.parametrize("embed_options", OPTIONS, ids=["picture", "source", "dark", "png"])
@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("<details>", "A paragraph."),
        ("</details>", "A paragraph."),
        (marks.END, "A paragraph."),
        (marks.END, "![own](own.png)"),
        (marks.END, "<details>"),
        (marks.END, "```sh\nrm x.sh\n```"),
        (marks.END, TWO.rstrip()),
        (marks.END, "</details>"),
        ("<details>", "## A heading"),
    ],
)
def test_text_of_somebody_else_between_marks_is_never_replaced(
    before: str, line: str, embed_options: EmbedOptions
) -> None:
    """The next run would delete it, because it rewrites everything between the marks."""
    text = _with_line(embedded(f"# T\n\n{ONE}", embed_options).text, before, f"\n{line}\n")
    result = embedded(text, embed_options)
    (problem,) = result.problems
    assert problem.code == "foreign-text"
    assert text.split("\n")[problem.span.line - 1] == line.partition("\n")[0]
    assert (result.refused, result.text, result.pictures, result.stale) == (True, text, {}, ())


@pytest.mark.parametrize(
    ("damage", "code", "line"),
    [
        (lambda text: text.replace(marks.END, ""), "stray-mark", 1),
        (lambda text: text.replace(marks.END, f"{marks.END}\n{marks.END}"), "stray-mark", 15),
        (lambda text: marks.BEGIN.format("x") + "\n" + text, "stray-mark", 1),
        (lambda text: text + "\n" + text, "duplicate-mark", 16),
        (lambda text: text.replace(marks.END, f"text {marks.END}"), "stray-mark", 1),
        (lambda text: text.replace(f"\n\n{marks.END}", f"\ntext {marks.END}"), "damaged-mark", 13),
        (lambda text: text.replace(marks.END, "<!-- diagramkit: End -->"), "damaged-mark", 14),
        (lambda text: text.replace("<details>\n<summary>Source", "<summary>Source</summary>\n<details>"), None, 5),
    ],
)
def test_a_file_with_damaged_marks_is_refused(damage: Callable[[str], str], code: str | None, line: int) -> None:
    text = damage(embedded(ONE).text)
    result = embedded(text)
    assert (result.refused, result.text, result.pictures) == (True, text, {})
    assert result.problems[0].code == (code or "foreign-text")
    assert result.problems[0].span.line == line


def test_a_file_is_refused_if_a_fence_would_end_elsewhere_without_its_marks() -> None:
    """The begin mark is in a list and the fence is not: behind the bullet, the fence would not be closed."""
    marked = embedded(ONE).text.replace("  A[Lambda] --> B[S3]\n", "")
    text = f"{ONE}\n- {marked}\nA paragraph.\n"
    result = embedded(text)
    assert (result.refused, result.text, result.pictures) == (True, text, {})
    assert [(problem.code, problem.span.line) for problem in result.problems] == [("damaged-mark", 6)]


@pytest.mark.parametrize("seed", range(120))
def test_no_line_is_lost_in_random_and_damaged_files(seed: int) -> None:
    embedding_fuzzer.check_seed(seed)


def test_an_unclosed_fence_is_reported() -> None:
    (problem,) = embedded("text\n\n```mermaid\ngraph LR\n  A --> B\n").problems
    assert (str(problem.span), problem.code) == ("doc.md:3:1", "open-fence")


def test_text_from_a_source_is_escaped_in_the_page() -> None:
    text = "```mermaid\n---\ntitle: 'x](y) <script>alert(1)</script> \"q\" `c`'\n---\ngraph LR\n  A --> B\n```\n"
    for embed_options in (EmbedOptions(), EmbedOptions(dark=True)):
        page = MarkdownIt("commonmark").render(embedded(text, embed_options).text)
        assert "<script>" not in page
        (alt,) = re.findall(r'<img [^>]*alt="([^"]*)"', page)
        assert "alert(1)" in alt


_FRAGMENTS = st.sampled_from(
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
        ONE.replace("```mermaid", "::: mermaid").replace("```", ":::"),
        ONE.replace("mermaid", "{.mermaid}"),
        '<pre class="mermaid">\ngraph LR\n  A --&gt; B\n</pre>\n',
        '<pre class="mermaid">graph LR\n\n  A --> B</pre>\n',
        ":::\n",
        "</pre>\n",
        "| a |\n|---|\n",
        "<!--\n",
        "-->\n",
        "[x]: y\n",
    ]
)


@given(st.lists(_FRAGMENTS, max_size=10).map("".join))
@settings(max_examples=60)
def test_a_second_run_changes_no_file(text: str) -> None:
    first = embedded(text)
    if any(problem.severity == "error" for problem in first.problems):
        return
    again = embedded(first.text)
    assert again.text == first.text
    assert again.pictures == first.pictures
    assert without_pictures(first.text).rstrip("\n") == text.rstrip("\n")


# The command


def all_files() -> list[str]:
    return sorted(path.as_posix() for path in Path().rglob("*") if path.is_file())


def test_the_command_embeds_checks_and_cleans_up(capsys: pytest.CaptureFixture[str]) -> None:
    Path("docs").mkdir()
    Path("docs/a.md").write_text(f"# A\n\n{ONE}\n{TWO}", "utf-8", newline="")
    Path("README.md").write_bytes(f"# R\n\n{TITLED}".replace("\n", "\r\n").encode())
    assert main(["embed", "README.md", "docs", "--check"]) == 1
    errors = capsys.readouterr().err.splitlines()
    places = ["README.md:3:1", f"{Path('docs/a.md')}:3:1", f"{Path('docs/a.md')}:8:1"]
    assert [line.partition(": error[stale-embed]: ")[0] for line in errors] == places  # One for each fence, there.
    assert f"and {Path('docs/diagrams/a-1.svg')} is missing" in errors[1]
    assert all_files() == ["README.md", "docs/a.md"]
    assert main(["embed", "README.md", "docs"]) == 0
    assert all_files() == [
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
    assert "docs/diagrams/a-2.svg" not in all_files()
    assert "docs/diagrams/a-1.svg" in all_files()
    Path("README.md").write_text("# R\n", "utf-8")
    assert main(["embed", "README.md"]) == 0
    assert not Path("diagrams/readme-the-shop.svg").exists()
    assert not Path("diagrams/.diagramkit-embed.json").exists()


def test_messages_name_files_as_they_can_be_opened_from_here(capsys: pytest.CaptureFixture[str]) -> None:
    Path("docs").mkdir()
    Path("docs/a.md").write_text(ONE, "utf-8")
    assert main(["embed", "docs/a.md"]) == 0
    assert f"wrote {Path('docs/diagrams/a-1.svg')}\n" in capsys.readouterr().out


def test_a_refused_file_keeps_its_pictures(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("a.md")
    path.write_text(ONE, "utf-8")
    assert main(["embed", "a.md"]) == 0
    before = all_files()
    text = path.read_text("utf-8").replace(marks.END, f"An author's words.\n\n{marks.END}")
    path.write_text(text, "utf-8")
    Path("b.md").write_text(TWO, "utf-8")
    for options, code in (["--check"], 2), ([], 2), (["--check"], 2):
        assert main(["embed", "a.md", "b.md", *options]) == code
        assert "a.md:14:1: error[foreign-text]" in capsys.readouterr().err
    assert path.read_text("utf-8") == text
    assert sorted(all_files()) == sorted([*before, "b.md", "diagrams/b-1.svg"])


def test_an_edited_picture_is_not_removed(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.md").write_text(ONE, "utf-8")
    assert main(["embed", "a.md"]) == 0
    Path("diagrams/a-1.svg").write_text("by hand", "utf-8")
    Path("a.md").write_text("nothing\n", "utf-8")
    assert main(["embed", "a.md"]) == 0
    assert Path("diagrams/a-1.svg").read_text("utf-8") == "by hand"
    assert "note[orphan-output]" in capsys.readouterr().err


def test_a_forged_record_cannot_remove_other_files() -> None:
    Path("secret.txt").write_text("x", "utf-8")
    Path("diagrams").mkdir()
    Path("diagrams/.diagramkit-embed.json").write_text(
        '{"shown": {"../a.md": {"../secret.txt": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}}}',
        "utf-8",
    )
    Path("a.md").write_text(ONE, "utf-8")
    assert main(["embed", "a.md"]) == 0
    assert Path("secret.txt").exists()


def test_two_files_cannot_have_the_same_picture(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.md").write_text(ONE, "utf-8")
    Path("a.markdown").write_text(TWO, "utf-8")
    assert main(["embed", "a.md", "a.markdown"]) == 2
    assert "a.markdown:1:1: error[same-output]" in capsys.readouterr().err
    assert Path("a.markdown").read_text("utf-8") == TWO


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no.md"], "no.md:1:1: error[no-such-file]"),
        (["a.txt"], "a.txt:1:1: error[unknown-format]"),
        (["a.md", "--pictures", "../out"], "expected a folder next to or below each file"),
        (["a.md", "--pictures", "/tmp"], "expected a folder next to or below each file"),
    ],
)
def test_invalid_arguments_are_reported(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.md").write_text(ONE, "utf-8")
    Path("a.txt").write_text("x", "utf-8")
    try:
        assert main(["embed", *arguments]) == 2
    except SystemExit as exit_error:
        assert exit_error.code == 2
    assert message in capsys.readouterr().err
    assert all_files() == ["a.md", "a.txt"]


def test_symbolic_links_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """The pictures of a file are in its own folder, so a link to it in another folder is not processed."""
    Path("docs").mkdir()
    Path("README.md").write_text(ONE, "utf-8")
    Path("docs/index.md").symlink_to("../README.md")
    assert main(["embed", "docs"]) == 0
    assert Path("docs/index.md").is_symlink()
    assert Path("README.md").read_text("utf-8") == ONE
    assert main(["embed", "docs/index.md"]) == 2
    assert "error[is-a-link]" in capsys.readouterr().err


def test_style_settings_apply_to_embedded_pictures() -> None:
    Path("diagramkit.toml").write_text('theme = "dark"\noutput = "pictures"\nformat = ["png"]\n', "utf-8")
    Path("a.md").write_text(ONE, "utf-8")
    assert main(["embed", "a.md"]) == 0
    assert "#161D26" in Path("diagrams/a-1.svg").read_text("utf-8")


def test_a_picture_with_an_icon_file_is_not_cached() -> None:
    icon = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path fill="COLOR" d="M0 0h8v8H0z"/></svg>'
    Path("i.svg").write_text(icon.replace("COLOR", "#112233"), "utf-8")
    Path("s.yaml").write_text("title: S\nnodes: {a: A}\nicons: {a: i.svg}\n", "utf-8")
    (pattern,) = (each for file in sources.find(["s.yaml"]) for each in sources.load(file).patterns)
    first = cached.picture(pattern, Options(), "svg")
    Path("i.svg").write_text(icon.replace("COLOR", "#445566"), "utf-8")
    again = cached.picture(pattern, Options(), "svg")
    assert b"#112233" in first
    assert b"#445566" in again


def test_an_orphaned_picture_that_no_longer_exists_is_ignored(tmp_path: Path) -> None:
    record = Record(str(tmp_path), {})
    document = str(tmp_path / "a.md")
    assert record.update(document, {"one.svg": b"1", "two.svg": b"2"}) == []
    (tmp_path / "one.svg").write_bytes(b"changed")
    assert record.update(document, {}) == [(str(tmp_path / "one.svg"), False)]
