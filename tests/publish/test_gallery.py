"""The gallery: it shows every pattern, its page runs only its own script, and text from sources is escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from diagramkit import cache, sources
from diagramkit.cli import main
from diagramkit.publish import cached
from tests.support.project import ROOT

SPECS = str(ROOT / "specs")
HOSTILE = (
    "title: '</script><script>alert(1)</script> \"x\" & $title ${y}'\ncategory: '<img src=x onerror=alert(2)>'\n"
    "components: ['</li><b>']\ndiagram: |\n  graph LR\n    A[Lambda] --> B[S3]\n"
)


class Page(HTMLParser):
    """A parsed page: its elements with their attributes, and its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in_script = tag == "script"

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False


def build_gallery(*arguments: str) -> tuple[str, str]:
    """Run `diagramkit gallery`; return the HTML page and the README."""
    assert main(["gallery", *arguments]) == 0
    return Path("output/index.html").read_text("utf-8"), Path("output/README.md").read_text("utf-8")


def test_the_page_shows_every_pattern_by_category_in_light_and_dark() -> None:
    text, _ = build_gallery(SPECS)
    page = Page(text)
    cards = [attributes for tag, attributes in page.elements if tag == "article"]
    assert len(cards) == 11
    assert cards[0]["id"] == "serverless-patterns/event-driven-architecture"
    assert "DynamoDB" in str(cards[0]["data-words"])
    images = [attributes for tag, attributes in page.elements if tag == "img"]
    assert [image["class"] for image in images] == ["light", "dark"] * 11
    assert all(image["alt"] for image in images)
    for image in images:
        url = str(image["src"])
        svg = base64.b64decode(url.removeprefix("data:image/svg+xml;base64,")).decode("utf-8")
        assert svg.startswith("<svg")
    assert "<title>AWS Architecture Patterns Catalog</title>" in text


def test_the_page_needs_no_network_and_runs_only_its_own_script() -> None:
    text, _ = build_gallery(SPECS)
    page = Page(text)
    (script,) = page.scripts
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    (policy,) = [a["content"] for tag, a in page.elements if a.get("http-equiv")]
    assert f"script-src 'sha256-{digest}';" in str(policy)
    assert "default-src 'none'" in str(policy)
    for tag, attributes in page.elements:
        assert not any(name.startswith("on") for name in attributes), tag
        for name in ("src", "href"):
            url = attributes.get(name)
            assert url is None or url.startswith("data:") or ":" not in url


def test_text_from_a_source_is_escaped_on_the_page_and_in_markdown() -> None:
    Path("s.yaml").write_text(HOSTILE, "utf-8")
    text, readme = build_gallery("s.yaml")
    page = Page(text)
    assert len(page.scripts) == 1
    assert not [a for tag, a in page.elements if tag == "img" and "onerror" in a]
    assert "$title ${y}" in text
    rendered = MarkdownIt("commonmark").render(readme)
    assert "<script>" not in rendered
    assert rendered.count("<img ") == 0  # There is no picture file to link to.


def test_the_readme_shows_pictures_and_lists() -> None:
    assert main(["render", SPECS, "--gallery", "-q", "-f", "svg"]) == 0
    text = Path("output/README.md").read_text("utf-8")
    rendered = MarkdownIt("commonmark").render(text)
    pictures = re.findall(r'<img src="([^"]*)"', rendered)
    assert len(pictures) == 11
    assert all((Path("output") / picture).is_file() for picture in pictures)
    assert rendered.count("<strong>Components</strong>") == 11
    assert "Route tables" in rendered


@pytest.mark.parametrize(("arguments", "headings"), [([], 0), (["--no-title"], 1), (["-f", "mmd,json"], 1)])
def test_the_readme_does_not_repeat_a_title_that_the_picture_shows(arguments: list[str], headings: int) -> None:
    Path("a.mmd").write_text("---\ntitle: The shop\n---\nflowchart LR\n  a[Users] --> b[S3]\n", "utf-8")
    assert main(["render", "a.mmd", "--gallery", *arguments]) == 0
    text = Path("output/README.md").read_text("utf-8")
    assert text.count("### The shop") == headings
    picture = Path("output/a.svg")
    if picture.exists():
        assert (">The shop</text>" in picture.read_text("utf-8")) == (headings == 0)
    assert "![The shop](a.svg)" in text or not picture.exists()


def test_a_gallery_is_reproducible_and_check_finds_a_changed_file(capsys: pytest.CaptureFixture[str]) -> None:
    first = build_gallery(SPECS)
    assert build_gallery(SPECS) == first
    assert str(ROOT) not in first[0] + first[1]
    assert main(["gallery", SPECS, "--check"]) == 0
    Path("output/README.md").write_text("x", "utf-8")
    capsys.readouterr()
    assert main(["gallery", SPECS, "--check"]) == 1
    assert f"{Path('output/README.md')}:1:1: error[stale-output]" in capsys.readouterr().err


def test_a_diagram_with_an_error_is_reported_and_the_others_are_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("a.mmd").write_text("graph LR\n  A --> B\n", "utf-8")
    Path("b.mmd").write_text("graph LR\n  A -> B\n", "utf-8")
    assert main(["gallery", "a.mmd", "b.mmd"]) == 2
    assert "b.mmd:2:5: error[mermaid-arrow]" in capsys.readouterr().err
    assert Path("output/index.html").read_text("utf-8").count("<article") == 1


def test_the_number_of_pictures_in_the_cache_is_limited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DIAGRAMKIT_CACHE", str(tmp_path / "cache"))
    cache.folder.cache_clear()
    monkeypatch.setattr(cached, "_MAX_PICTURES", 3)
    try:
        for number in range(6):
            Path("a.mmd").write_text(f"graph LR\n  A[Lambda {number}] --> B[S3]\n", "utf-8")
            assert main(["gallery", "a.mmd", "-q"]) == 0
        assert len(list((tmp_path / "cache").glob("page-*"))) <= 4
    finally:
        cache.folder.cache_clear()


def test_the_title_of_a_catalog_comes_from_its_index() -> None:
    assert sources.catalog_title([SPECS]) == "AWS Architecture Patterns Catalog"
    assert sources.catalog_title(["no-such-folder"]) is None


def test_a_second_diagram_with_the_same_name_is_reported_with_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("Shop.mmd", "shop.md"):
        text = "graph LR\n  A[Lambda] --> B[S3]\n"
        Path(name).write_text(text if name.endswith("mmd") else f"# T\n\n```mermaid\n{text}```\n", "utf-8")
    Path("shop-1.mmd").write_text("graph LR\n  A[Lambda] --> B[S3]\n", "utf-8")
    assert main(["gallery", "Shop.mmd", "shop.md", "shop-1.mmd", "-o", "out"]) == 2
    errors = capsys.readouterr().err
    assert (
        "shop-1.mmd:1:1: error[same-output]: its pictures would have the same name 'shop-1' as those of shop.md:4:1;"
        in errors
    )
    assert Path("out/index.html").read_text("utf-8").count("<article") == 2
