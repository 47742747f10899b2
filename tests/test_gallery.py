"""The gallery: every pattern is there, the page runs its own script alone, and text of a source is text."""

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
from tests.conftest import ROOT

SPECS = str(ROOT / "specs")
HOSTILE = (
    "title: '</script><script>alert(1)</script> \"x\" & $title ${y}'\ncategory: '<img src=x onerror=alert(2)>'\n"
    "components: ['</li><b>']\ndiagram: |\n  graph LR\n    A[Lambda] --> B[S3]\n"
)


class Page(HTMLParser):
    """What a browser makes of a page: its elements with their attributes, and its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._script = tag == "script"

    def handle_data(self, data: str) -> None:
        if self._script:
            self.scripts.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._script = False


def made(*arguments: str) -> tuple[str, str]:
    assert main(["gallery", *arguments]) == 0
    return Path("output/index.html").read_text("utf-8"), Path("output/README.md").read_text("utf-8")


def test_every_pattern_is_on_the_page_by_category_in_light_and_dark() -> None:
    text, _ = made(SPECS)
    page = Page(text)
    cards = [attributes for tag, attributes in page.elements if tag == "article"]
    assert len(cards) == 11
    assert cards[0]["id"] == "serverless-patterns/event-driven-architecture"
    assert "DynamoDB" in str(cards[0]["data-words"])
    images = [attributes for tag, attributes in page.elements if tag == "img"]
    assert [image["class"] for image in images] == ["light", "dark"] * 11
    assert all(image["alt"] for image in images)
    for image in images:
        address = str(image["src"])
        svg = base64.b64decode(address.removeprefix("data:image/svg+xml;base64,")).decode("utf-8")
        assert svg.startswith("<svg")
    assert "<title>AWS Architecture Patterns Catalog</title>" in text


def test_the_page_needs_no_network_and_runs_its_own_script_alone() -> None:
    text, _ = made(SPECS)
    page = Page(text)
    (script,) = page.scripts
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    (policy,) = [a["content"] for tag, a in page.elements if a.get("http-equiv")]
    assert f"script-src 'sha256-{digest}';" in str(policy)
    assert "default-src 'none'" in str(policy)
    for tag, attributes in page.elements:
        assert not any(name.startswith("on") for name in attributes), tag
        for name in ("src", "href"):
            address = attributes.get(name)
            assert address is None or address.startswith("data:") or ":" not in address


def test_text_of_a_source_is_text_on_the_page_and_in_markdown() -> None:
    Path("s.yaml").write_text(HOSTILE, "utf-8")
    text, readme = made("s.yaml")
    page = Page(text)
    assert len(page.scripts) == 1
    assert not [a for tag, a in page.elements if tag == "img" and "onerror" in a]
    assert "$title ${y}" in text
    shown = MarkdownIt("commonmark").render(readme)
    assert "<script>" not in shown
    assert shown.count("<img ") == 0  # No picture was drawn beside it.


def test_the_readme_shows_pictures_and_lists() -> None:
    assert main(["render", SPECS, "--gallery", "-q", "-f", "svg"]) == 0
    text = Path("output/README.md").read_text("utf-8")
    shown = MarkdownIt("commonmark").render(text)
    pictures = re.findall(r'<img src="([^"]*)"', shown)
    assert len(pictures) == 11
    assert all((Path("output") / picture).is_file() for picture in pictures)
    assert shown.count("<strong>Components</strong>") == 11
    assert "Route tables" in shown


def test_a_gallery_is_the_same_each_time_and_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    first = made(SPECS)
    assert made(SPECS) == first
    assert str(ROOT) not in first[0] + first[1]
    assert main(["gallery", SPECS, "--check"]) == 0
    Path("output/README.md").write_text("x", "utf-8")
    capsys.readouterr()
    assert main(["gallery", SPECS, "--check"]) == 1
    assert f"{Path('output/README.md')}:1:1: error[stale-output]" in capsys.readouterr().err


def test_what_cannot_be_drawn_is_told_and_the_rest_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("a.mmd").write_text("graph LR\n  A --> B\n", "utf-8")
    Path("b.mmd").write_text("graph LR\n  A -> B\n", "utf-8")
    assert main(["gallery", "a.mmd", "b.mmd"]) == 2
    assert "b.mmd:2:5: error[mermaid-arrow]" in capsys.readouterr().err
    assert Path("output/index.html").read_text("utf-8").count("<article") == 1


def test_the_cache_keeps_so_many_pictures_and_no_more(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
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


def test_the_catalogues_title_is_found() -> None:
    assert sources.catalog_title([SPECS]) == "AWS Architecture Patterns Catalog"
    assert sources.catalog_title(["no-such-folder"]) is None


def test_two_diagrams_of_one_name_are_both_named(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("Shop.mmd", "shop.md"):
        text = "graph LR\n  A[Lambda] --> B[S3]\n"
        Path(name).write_text(text if name.endswith("mmd") else f"# T\n\n```mermaid\n{text}```\n", "utf-8")
    Path("shop-1.mmd").write_text("graph LR\n  A[Lambda] --> B[S3]\n", "utf-8")
    assert main(["gallery", "Shop.mmd", "shop.md", "shop-1.mmd", "-o", "out"]) == 2
    said = capsys.readouterr().err
    assert (
        "shop-1.mmd:1:1: error[same-output]: its pictures would have the same name 'shop-1' as those of shop.md:4:1;"
        in said
    )
    assert Path("out/index.html").read_text("utf-8").count("<article") == 2
