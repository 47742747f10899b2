"""Where links and pictures of a wiki page lead: to the web, to an attachment from the project, or nowhere."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from diagramkit.publish.pages import markdown_page
from diagramkit.publish.pages.link_resolver import LinkResolver
from diagramkit.publish.pages.tree import PageElement


def resolved(element: PageElement, page: str = "docs/page.md") -> LinkResolver:
    """Resolve the only element of a page in a project in the current folder."""
    resolver = LinkResolver(page, Path.cwd())
    resolver.resolve(PageElement("page", children=[element]))
    return resolver


def image(address: str) -> tuple[PageElement, LinkResolver]:
    element = PageElement("img", {"src": address, "alt": "Alternative"}, line=7)
    return element, resolved(element)


def link(address: str) -> tuple[PageElement, LinkResolver]:
    element = PageElement("a", {"href": address}, ["Text"], line=7)
    return element, resolved(element)


def write(path: str, content: bytes | str = b"content") -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(content.encode() if isinstance(content, str) else content)


def page(text: str) -> tuple[PageElement, LinkResolver]:
    resolver = LinkResolver("docs/page.md", Path.cwd())
    tree = markdown_page.read(text, {}).root
    resolver.resolve(tree)
    return tree, resolver


def codes(resolver: LinkResolver) -> list[str]:
    return [problem.code for problem in resolver.problems]


@pytest.mark.parametrize("scheme", ["a", "z", "A", "Z", "xa", "xz", "xA", "xZ", "x0", "x9", "x+", "x.", "x-", "file"])
def test_a_picture_at_an_address_that_is_not_of_the_web_becomes_text(scheme: str) -> None:
    element, resolver = image(f"{scheme}:page.md")
    assert (element.tag, element.children, element.attributes) == ("text", ["Alternative"], {"alt": "Alternative"})
    assert codes(resolver) == ["unsafe-link"]
    assert (resolver.problems[0].span.line, resolver.problems[0].severity) == (7, "warning")


@pytest.mark.parametrize("address", ["http://x/p.png", "https://x/p.png", "HTTPS://x/p.png", "//x/p.png"])
def test_a_picture_on_the_web_keeps_its_address(address: str) -> None:
    element, resolver = image(address)
    assert element.tag == "img"
    assert element.attributes == {"alt": "Alternative", "url": address}
    assert resolver.problems == []


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp", "svg+xml"])
@pytest.mark.parametrize("encoding", ["", ";base64"])
def test_a_picture_in_an_address_becomes_an_attachment(kind: str, encoding: str) -> None:
    content = b"first line\nsecond line"
    text = base64.b64encode(content).decode() if encoding else "first%20line\nsecond line"
    element, resolver = image(f"data:image/{kind}{encoding},{text}")
    name = f"picture.{ {'svg+xml': 'svg', 'jpeg': 'jpg'}.get(kind, kind) }"
    assert element.attributes == {"alt": "Alternative", "attachment": name}
    assert resolver.attachments == {name: content}
    assert resolver.problems == []


def test_an_empty_or_damaged_picture_in_an_address_is_no_attachment_with_other_content() -> None:
    element, resolver = image("data:image/png;base64,")
    assert resolver.attachments == {element.attributes["attachment"]: b""}
    element, resolver = image("data:image/png;base64,YWJj!")
    assert resolver.attachments == {}
    assert "attachment" not in element.attributes
    assert codes(resolver) == ["bad-image"]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//other.example/x", "data:text/html,x", ""])
def test_a_link_that_must_not_be_followed_becomes_text(address: str) -> None:
    write("docs/page.md")
    element, resolver = link(address)
    assert (element.tag, element.children, element.attributes) == ("text", ["Text"], {})
    assert codes(resolver) == ["unsafe-link"]
    assert resolver.attachments == {}


@pytest.mark.parametrize("address", ["https://x.example/a.md", "HTTP://x.example", "mailto:a@x.example"])
def test_a_link_to_the_web_keeps_its_address(address: str) -> None:
    element, resolver = link(address)
    assert (element.tag, element.attributes, resolver.problems) == ("a", {"url": address}, [])


def test_a_link_to_a_file_becomes_one_to_an_attachment_with_its_content() -> None:
    write("docs/data.csv", b"a,b")
    element, resolver = link("data.csv?raw=1#L3")
    assert element.attributes == {"attachment": "data.csv"}
    assert resolver.attachments == {"data.csv": b"a,b"}


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("/top.csv", "top.csv"),
        ("/X.csv", "X.csv"),
        ("..\\top.csv", "top.csv"),
        ("a%20b.csv", "docs/a b.csv"),
        ("../top.csv", "top.csv"),
    ],
)
def test_an_address_is_relative_to_the_page_or_to_the_project(address: str, file: str) -> None:
    write(file)
    Path("docs").mkdir(exist_ok=True)
    _, resolver = link(address)
    assert resolver.problems == []
    assert list(resolver.attachments.values()) == [b"content"]


def test_a_file_that_is_linked_twice_is_attached_once() -> None:
    write("docs/data.csv")
    tree, resolver = page("[one](data.csv) [two](../docs/data.csv) ![three](data.csv)")
    names = [each.attributes["attachment"] for each in tree.elements if "attachment" in each.attributes]
    assert (names, list(resolver.attachments)) == (["data.csv"] * 3, ["data.csv"])


def test_files_with_the_same_name_get_different_ones_also_where_case_does_not_count() -> None:
    for path in ("docs/a/x.csv", "docs/b/X.csv", "docs/c/x.csv"):
        write(path, path)
    _, resolver = page("[1](a/x.csv) [2](b/X.csv) [3](c/x.csv)")
    assert resolver.attachments == {"x.csv": b"docs/a/x.csv", "X-2.csv": b"docs/b/X.csv", "x-3.csv": b"docs/c/x.csv"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a (1)+b-c_d.png", "a (1)+b-c_d.png"), ("a/b:c.png", "a-b-c.png"), (" .x. ", "x"), ("...", "file"), ("", "file")],
)
def test_an_attachment_has_a_name_that_every_wiki_accepts(name: str, expected: str) -> None:
    assert LinkResolver("page.md", Path()).attach(name, b"") == expected


@pytest.mark.parametrize(
    "address", ["../../outside.csv", "link.csv", "linked/outside.csv", "/../outside.csv", "twin.csv"]
)
def test_no_file_outside_of_the_project_is_attached(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("project/docs/page.md", "outside.csv", "project-twin/twin.csv"):
        write(str(tmp_path / path), b"private")
    monkeypatch.chdir(tmp_path / "project")
    Path("docs/link.csv").symlink_to(tmp_path / "outside.csv")
    Path("docs/linked").symlink_to(tmp_path)
    Path("docs/twin.csv").symlink_to(tmp_path / "project-twin/twin.csv")  # Its folder begins with the project's name.
    for element, resolver in (link(address), image(address)):
        assert element.attributes["url"] == address
        assert (codes(resolver), resolver.attachments) == (["outside"], {})


def test_the_title_of_a_page_outside_of_the_project_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(str(tmp_path / "private.md"), "# Secret\n")
    (tmp_path / "project/docs").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")
    element, resolver = link("../../private.md")
    assert element.attributes == {"url": "../../private.md"}
    assert codes(resolver) == ["outside"]


def test_a_page_outside_of_any_project_may_refer_to_its_own_folder(tmp_path: Path) -> None:
    """The command line named the page, and so its folder."""
    write(str(tmp_path / "elsewhere/data.csv"))
    (tmp_path / "project").mkdir()
    resolver = LinkResolver(str(tmp_path / "elsewhere/page.md"), tmp_path / "project")
    element = PageElement("a", {"href": "data.csv"})
    resolver.resolve(PageElement("page", children=[element]))
    assert element.attributes == {"attachment": "data.csv"}


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("missing.csv", "no-such-file"),
        ("a%00b.md", "no-such-file"),
        ("x" * 5000, "no-such-file"),
        ("a%00b", "no-such-file"),
        ("folder", "not-attached"),
    ],
)
def test_what_cannot_be_attached_is_reported_and_keeps_its_address(address: str, code: str) -> None:
    Path("docs/folder").mkdir(parents=True)
    for element, resolver in (link(address), image(address)):
        assert element.attributes["url"] == address
        assert (codes(resolver), resolver.attachments) == ([code], {})


@pytest.mark.parametrize(
    ("content", "title"),
    [
        ("# First\r\n\r\ntext\r\n", "First"),
        ("---\r\ntitle: x\r\n---\r\n# After front matter\r\n", "After front matter"),
        ("text\n\n###### Sixth *level*\n", "Sixth level"),
        ("#\n\n# Second\n", "Second"),
        ("<h2> in HTML </h2>\n", "in HTML"),
        ("no heading\n", "other"),
        (b"# caf\xe9\n", "caf\ufffd"),
    ],
)
def test_a_link_to_a_page_has_the_title_of_that_page(content: str | bytes, title: str) -> None:
    write("docs/other.MD", content)
    element, resolver = link("other.MD#some%20place")
    assert element.attributes == {"page": title, "fragment": "some place"}
    assert link("other.MD")[0].attributes == {"page": title}
    assert (resolver.attachments, resolver.problems) == ({}, [])


def test_a_link_to_a_page_that_does_not_exist_is_reported() -> None:
    element, resolver = link("missing.md")
    assert (element.attributes, codes(resolver)) == ({"url": "missing.md"}, ["no-such-file"])


def test_a_heading_that_links_lead_to_gets_one_anchor() -> None:
    tree, resolver = page("[a](#the-place) [b](#the-place) [c](#The%2Dplace)\n\n###### The place!\n\n# Other\n")
    anchors = [each.attributes["name"] for each in tree.elements if each.tag == "anchor"]
    assert anchors.count("the-place") == 1
    assert set(map(str.lower, anchors)) == {"the-place"}
    fragments = [each.attributes["fragment"] for each in tree.elements if each.tag == "a"]
    assert fragments == ["the-place", "the-place", "The-place"]
    assert resolver.problems == []


def test_an_anchor_of_the_page_itself_is_a_place() -> None:
    tree, resolver = page('<a name="here"></a>\n\n[a](#here)\n\n[b](#nowhere)\n')
    assert [each.attributes["name"] for each in tree.elements if each.tag == "anchor"] == ["here"]
    (problem,) = resolver.problems
    assert (problem.code, problem.span.line) == ("no-such-heading", 5)
    assert "'#nowhere'" in problem.message


def test_only_headings_are_places_besides_anchors() -> None:
    _, resolver = page("[a](#words)\n\nwords\n")
    assert codes(resolver) == ["no-such-heading"]


@pytest.mark.parametrize("text", ["# [x-y](#x-y)\n", "[a](#x-y)\n\n<h2> x-y </h2>\n"])
def test_a_heading_has_the_name_that_github_gives_it_also_if_it_links_to_itself(text: str) -> None:
    tree, resolver = page(text)
    assert resolver.problems == []
    (heading,) = (each for each in tree.elements if each.tag in ("h1", "h2"))
    assert [each.line for each in tree.elements if each.tag == "anchor"] == [heading.line]


def test_a_link_without_an_address_becomes_text_and_a_picture_without_one_stays() -> None:
    element = PageElement("a", {}, ["Text"])
    resolver = resolved(element)
    assert (element.tag, codes(resolver)) == ("text", ["unsafe-link"])
    Path("docs").mkdir()
    element = PageElement("img")
    resolver = resolved(element)
    assert (element.attributes, codes(resolver)) == ({"url": ""}, ["not-attached"])
    element = PageElement("img", {"src": "file:x"})
    resolved(element)
    assert (element.tag, element.children) == ("text", [""])


def test_a_project_or_a_page_that_is_reached_through_a_link_attaches_its_files(tmp_path: Path) -> None:
    write(str(tmp_path / "real/docs/x.csv"))
    write(str(tmp_path / "real/top.csv"))
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    for page_path, root in (("linked/docs/page.md", "linked"), ("linked/docs/page.md", "elsewhere")):
        resolver = LinkResolver(str(tmp_path / page_path), tmp_path / root)
        elements = [PageElement("a", {"href": address}) for address in ("x.csv", "../top.csv")]
        resolver.resolve(PageElement("page", children=[*elements]))
        attached = [element.attributes.get("attachment") for element in elements]
        assert attached == ["x.csv", "top.csv" if root == "linked" else None]


def test_headings_with_the_same_text_have_numbered_names() -> None:
    tree, resolver = page("[a](#x) [b](#x-1) [c](#x-2)\n\n# x\n\n## x\n\n## X\n")
    assert resolver.problems == []
    headings = [each for each in tree.elements if each.tag in ("h1", "h2")]
    first = [each.children[0] for each in headings]
    assert [each.attributes["name"] for each in first if isinstance(each, PageElement)] == ["x", "x-1", "x-2"]
