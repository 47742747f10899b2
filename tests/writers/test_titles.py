"""Titles: those in Mermaid are in the picture as in Mermaid, and no page that shows the title repeats it."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from diagramkit import api, pipeline
from diagramkit.cli import main
from diagramkit.drawing import Drawing
from diagramkit.graph import Pattern
from diagramkit.options import Options
from diagramkit.publish import slides
from diagramkit.serve.live_project import LiveProject
from diagramkit.slides.arrangement import SlideOptions
from diagramkit.sources import readers
from diagramkit.sources.mermaid.write import to_mermaid
from tests.support import faults
from tests.support.drawings import draw
from tests.support.mermaid import read
from tests.support.pdf_files import streams

BODY = "flowchart LR\n  A[S3] --> B[Lambda]\n"
FLOWCHART = f"---\ntitle: Claims platform\n---\n{BODY}"
ARCHITECTURE = "architecture-beta\n  title Claims platform\n  service a(server)[Server]\n"
SPEC = f"title: Claims platform\ndiagram: |\n  {BODY.replace(chr(10), chr(10) + '  ')}\n"
SOURCES = {"a.mmd": FLOWCHART, "a.md": f"# Page\n\n```mermaid\n{ARCHITECTURE}```\n"}


def pattern_of(text: str) -> Pattern:
    return readers.pattern_from_text(text, "<text>")


def titles(picture: Drawing) -> list[str]:
    return [text.text for text in picture.notes.texts]


def words_in(svg: Path) -> str:
    """Return the visible text of an SVG, without its accessible title."""
    texts = ElementTree.parse(svg).iter("{http://www.w3.org/2000/svg}text")
    return " ".join("".join(text.itertext()) for text in texts)


@pytest.mark.parametrize("text", [FLOWCHART, ARCHITECTURE, SPEC.replace("  flow", "  ---\n  title: X\n  ---\n  flow")])
def test_a_title_in_mermaid_is_above_the_picture(text: str) -> None:
    picture = draw(pattern_of(text))
    assert titles(picture) == ["Claims platform"]
    assert picture.notes.texts[0].box.bottom < min(node.box.y for node in picture.nodes)
    assert faults.find_faults(picture) == []
    assert titles(draw(pattern_of(text), title=False)) == []


@pytest.mark.parametrize(
    "title", ["A <b>bold</b> &amp; x", "5 < 6 **and** #35; more", "a<br/>b `c` _d_", "&lt;i&gt; &#9829;"]
)
@pytest.mark.parametrize("body", [f"---\ntitle: {{}}\n---\n{BODY}", ARCHITECTURE.replace("Claims platform", "{}")])
def test_a_title_is_text_and_not_html(title: str, body: str) -> None:
    """As Mermaid draws it."""
    picture = draw(pattern_of(body.format(f"'{title}'" if "---" in body else title)))
    assert " ".join(titles(picture)) == title
    assert not any(part.style.bold for text in picture.notes.texts for part in text.styled_parts)


@pytest.mark.parametrize("text", [BODY, SPEC, f"---\ntitle: ''\n---\n{BODY}", f"---\ntitle:\n---\n{BODY}"])
def test_without_a_title_in_mermaid_none_is_shown_unless_it_is_requested(text: str) -> None:
    assert titles(draw(pattern_of(text))) == []
    assert titles(draw(pattern_of(text), title=True)) == [pattern_of(text).title]


@pytest.mark.parametrize(
    "title", ["Intake", "How the claims platform takes in documents", "Claims-intake/documents/" * 6, "請求" * 40]
)
@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_a_title_fits_a_narrow_picture(title: str, direction: str) -> None:
    body = f"flowchart {direction}\n  A[S3] --> B[Lambda]\n"
    narrow, plain = draw(pattern_of(f"---\ntitle: {title}\n---\n{body}")), draw(pattern_of(body))
    assert "".join(titles(narrow)).replace(" ", "") == title.replace(" ", "")
    assert all(text.box.right <= narrow.width and text.box.x >= 0 for text in narrow.notes.texts)
    assert narrow.width <= max(plain.width, 250)


def test_a_short_title_does_not_widen_a_picture() -> None:
    body = "flowchart TB\n  A[S3]\n"
    assert draw(pattern_of(f"---\ntitle: S3\n---\n{body}")).width == draw(pattern_of(body)).width


@pytest.mark.parametrize(("name", "arguments"), [("a.mmd", []), ("a.md", []), ("a.mmd", ["-f", "png,pdf,svg"])])
def test_the_option_and_the_setting_turn_titles_off(name: str, arguments: list[str]) -> None:
    Path(name).write_text(SOURCES[name], "utf-8")
    (stem,) = {pattern.stem for pattern in (diagram.pattern for diagram in api.load_all(name))}
    formats = arguments or ["-f", "svg"]
    assert main(["render", name, "-o", "with", *formats]) == 0
    assert main(["render", name, "-o", "without", "--no-title", *formats]) == 0
    Path("diagramkit.toml").write_text("title = false\n", "utf-8")
    assert main(["render", name, "-o", "setting", *formats]) == 0
    assert "Claims platform" in words_in(Path(f"with/{stem}.svg"))
    assert "Claims" not in words_in(Path(f"without/{stem}.svg"))
    for path in sorted(Path("without").glob(f"{stem}.*")):
        assert (Path("setting") / path.name).read_bytes() == path.read_bytes()
        assert (Path("with") / path.name).read_bytes() != path.read_bytes()


def test_pdf_shows_the_title() -> None:
    Path("a.mmd").write_text(FLOWCHART, "utf-8")
    counts = []
    for arguments in ([], ["--no-title"]):
        assert main(["render", "a.mmd", "-f", "pdf", "-o", "a.pdf", *arguments]) == 0
        counts.append(sum(stream.count(b"BT ") for stream in streams(Path("a.pdf").read_bytes())))
    with_title, without_title = counts
    assert with_title > without_title > 0


def test_slides_show_a_title_once() -> None:
    _, slide, _ = slides.deck([pattern_of(FLOWCHART)], "Deck", SlideOptions(), Options()).deck.slides
    assert slide.title == "Claims platform"
    assert titles(slide.drawing) == []  # type: ignore[union-attr]  # It is the slide of a diagram.


@pytest.mark.parametrize("flags", [[], ["--title"]])
def test_the_gallery_and_wikis_show_a_title_once_unless_it_is_requested(
    flags: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.mmd").write_text(FLOWCHART, "utf-8")
    assert main(["wiki", "a.mmd", "--to", "github", *flags]) == 0
    assert "## Claims platform" in capsys.readouterr().out
    assert ("Claims platform" in words_in(Path("output/a.svg"))) is bool(flags)
    assert main(["gallery", "a.mmd", *flags]) == 0
    picture = _data_uri(Path("output/index.html").read_text("utf-8"))
    Path("picture.svg").write_bytes(picture)
    assert ("Claims platform" in words_in(Path("picture.svg"))) is bool(flags)


def _data_uri(page: str) -> bytes:
    import base64

    match = re.search(r'class="light"[^>]*src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert match
    return base64.b64decode(match[1])


def test_the_live_page_shows_a_title_once() -> None:
    Path("a.mmd").write_text(FLOWCHART, "utf-8")
    project = LiveProject(["a.mmd"], Path(), Options(), "Live")
    project.refresh()
    (entry,) = project.state.entries.values()
    Path("picture.svg").write_bytes(entry.light)
    assert "Claims" not in words_in(Path("picture.svg"))
    assert "Claims platform" in project.state_data()["sections"]


@pytest.mark.parametrize(
    "title", ["Claims platform", '"a: \\"b\\" # c"', "'it''s % %%{init}%% <b>bold</b> ='", "2026", "'- x'", "é 請求"]
)
def test_exported_mermaid_has_the_title(title: str) -> None:
    graph = read(f"---\ntitle: {title}\n---\n{BODY}")
    assert read(to_mermaid(graph)).title == graph.title


def test_the_accessible_title_is_the_one_of_the_source_even_if_it_is_not_drawn() -> None:
    svg = pipeline.render(pattern_of(SPEC), ("svg",), Options()).outputs["svg"].decode()
    assert '<title id="title">Claims platform</title>' in svg
