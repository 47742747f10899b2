"""Cleaning of icons: the cleaned SVG draws the icon and does nothing else."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from diagramkit import data
from diagramkit.icons.packs.clean import MAX_BYTES, UnsafeIconError, UnsupportedIconError, clean, read
from tests.support.icon_packs import HEAD


def test_the_classes_of_a_style_sheet_become_attributes() -> None:
    sheet = "<style>.a,.b{fill:#f00} .b{stroke-width:2px;color:red} path{opacity:.5}</style>"
    text = clean(f'{HEAD}{sheet}<path class="b" d="M0 0h1"/></svg>'.encode(), "x").text()
    assert 'fill="#f00"' in text
    assert 'opacity=".5"' in text
    assert 'stroke-width="2px"' in text
    assert "class" not in text
    assert "<style" not in text


TAGS = [
    "g",
    "path",
    "rect",
    "use",
    "script",
    "image",
    "a",
    "style",
    "title",
    "set",
    "foreignObject",
    "x:y",
]
NAMES = [
    "d",
    "fill",
    "onclick",
    "href",
    "xlink:href",
    "style",
    "id",
    "class",
    "x",
    "data-x",
    "filter",
]
VALUES = [
    "#a",
    "url(#a)",
    "url(http://x)",
    "javascript:x",
    "red",
    "fill:url(x)",
    "M0 0h1",
    "data:x,y",
    "file:///x",
]


@st.composite
def elements(draw: st.DrawFn, depth: int = 0) -> str:
    """Elements with arbitrary nesting and attributes, many of them unsafe."""
    tag = draw(st.sampled_from(TAGS))
    attributes = draw(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES), max_size=3))
    content = "" if depth > 2 else "".join(draw(st.lists(elements(depth=depth + 1), max_size=3)))
    text = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<{tag}{text}>{content}</{tag}>"


@pytest.mark.slow
@given(st.lists(elements(), min_size=1, max_size=4))
@example(['<path id="url(http://x)"/>'])
@example(['<path id="file:x"/><use href="#file:x"/>'])
def test_cleaned_icons_contain_only_allowed_elements_and_safe_values(parts: list[str]) -> None:
    head = HEAD.replace("<svg ", '<svg xmlns:x="urn:x" ')
    try:
        text = clean(f"{head}{''.join(parts)}</svg>".encode(), "p").text()
    except UnsafeIconError:
        return
    lists = data.load("icons", "svg.yaml")
    for element in ElementTree.fromstring(
        text.replace("<svg ", '<svg xmlns:xlink="http://www.w3.org/1999/xlink" ')
    ).iter():
        assert element.tag.rpartition("}")[2] in lists["elements"]
        for name, value in element.attrib.items():
            local = name.rpartition("}")[2]
            assert local in {*lists["attributes"], "id", "href"}
            assert not re.search(r"javascript|http:|file:|data:", value)
            assert local != "href" or value.startswith("#p-")


@pytest.mark.parametrize(
    "value",
    [
        "\\75rl(//x.org)",
        "u\\72l(#a)",
        "image-set('//x.org/a' 1x)",
        "cross-fade(red, blue)",
        "src('//x')",
        "var(--x)",
        "attr(x)",
        "url(//x.org#a)",
        "url('https://x.org#a')",
        "url( #a",
        "javascript:x",
        "data:image/png,x",
        "file:///x",
        "expression(1)",
        "a\x01b",
    ],
)
def test_a_value_that_may_load_or_run_something_is_rejected(value: str) -> None:
    for mask in (f'mask="{value}"', f'style="mask:{value}"'):
        with pytest.raises(UnsafeIconError):
            clean(f'{HEAD}<path d="M0 0h9" {mask}/></svg>'.encode(), "p")


@pytest.mark.parametrize(
    "value",
    [
        "rgb(1, 2, 3)",
        "RGBA(1,2,3,.5)",
        "translate(1) rotate(3 4 5)",
        "url(#a)",
        "URL('#a')",
        "none",
        "1e3",
        "calc(1px + 2px)",
        "matrix(1 0 0 1 2 3)",
    ],
)
def test_a_harmless_value_is_kept(value: str) -> None:
    body = clean(f'{HEAD}<path id="a" d="M0 0h9" mask="{value}"/></svg>'.encode(), "p").body
    expected = re.sub(r"(?i)url\('?#a'?\)", "url(#p-a)", value)
    assert f'mask="{expected}"' in body


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ("0 0 9", "no valid viewBox"),
        ("a b c d", "no valid viewBox"),
        ("0 0 0 9", "no valid viewBox"),
        ("0 0 9 1e6", "no valid viewBox"),
        ("1e9 0 9 9", "too far away"),
        ("0 0 nan 9", "no valid viewBox"),
        ("0 0 inf 9", "no valid viewBox"),
    ],
)
def test_an_invalid_view_box_is_rejected(box: str, message: str) -> None:
    with pytest.raises(UnsafeIconError, match=message):
        clean(HEAD.replace("0 0 48 48", box).encode() + b'<path d="M0 0h9"/></svg>', "p")


def test_without_a_view_box_the_size_is_used() -> None:
    text = HEAD.replace('viewBox="0 0 48 48"', 'width="24px" height="12.0000001"')
    assert clean(f'{text}<path d="M0 0h9"/></svg>'.encode(), "p").box == (0, 0, 24, 12)


def test_an_icon_that_is_too_large_is_rejected() -> None:
    with pytest.raises(UnsafeIconError, match="larger than 1 MB"):
        clean(b" " * (MAX_BYTES + 1), "p")
    with pytest.raises(UnsafeIconError, match="more than 5000 elements"):
        clean(f"{HEAD}{'<g/>' * 5001}</svg>".encode(), "p")


def test_a_cleaned_icon_that_was_changed_is_rejected() -> None:
    vector = clean(f'{HEAD}<path d="M0 0h9"/></svg>'.encode(), "p")
    assert read(vector.text()) == vector
    with pytest.raises(UnsafeIconError, match="was changed"):
        read("<svg/>")


def test_an_icon_that_draws_nothing_is_rejected() -> None:
    for content in ("", "<g/>", "<title>x</title>", "<!-- x -->", "<?x y?>"):
        with pytest.raises(UnsafeIconError, match="draws nothing"):
            clean(f"{HEAD}{content}</svg>".encode(), "p")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<style>path{fill:url(http://x)}</style><path d='M0 0h1'/>", "loads something"),
        ("<style>@media print{path{fill:red}}</style><path d='M0 0h1'/>", "more than simple rules"),
        ("<style>path:hover{fill:red}</style><path d='M0 0h1'/>", "the selector 'path:hover'"),
        ("<image href='data:image/png;base64,AAAA'/>", "raster image"),
        ("<text>A</text>", "<text>, which is not supported in icons"),
        (f"{'<g>' * 120}<path d='M0 0h1'/>{'</g>' * 120}", "nested more than"),
    ],
)
def test_unsupported_content_is_rejected_with_its_reason(content: str, message: str) -> None:
    with pytest.raises((UnsafeIconError, UnsupportedIconError), match=message):
        clean(f"{HEAD}{content}</svg>".encode(), "p")


def test_metadata_of_other_programs_is_removed() -> None:
    content = "<x:view xmlns:x='urn:x'><x:deep/></x:view><metadata>m</metadata><path d='M0 0h1'/>"
    assert clean(f"{HEAD}{content}</svg>".encode(), "p").body == '<g viewBox="0 0 48 48"><path d="M0 0h1"/></g>'
