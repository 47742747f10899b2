"""Cleaning of icons: the cleaned SVG draws the icon and does nothing else."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from diagramkit import data
from diagramkit.icons.packs.clean import UnsafeIconError, UnsupportedIconError, Vector, clean, read
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
        "a\x7fb",
        "a\x85b",
        "a\u202eb",
        "expression (1)",
        "@import x",
        "@font-face",
        "HTTP://x.org",
        "https:x",
        "url(#a)url(//x)",
        "r\\65 d",
        "url(#a b)",
        "url('#a)",
        "url(#a')",
        "url(')",
        "url()",
        "url('#ab)",
        "url(x#ax)",
        "rgb(0,0,0) image-set (x)",
        "(x)",
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
        'url(" #a ")'.replace('"', ""),
        "rotate (3)",
        "drop-shadow(1px 1px red)",
    ],
)
def test_a_harmless_value_is_kept(value: str) -> None:
    body = clean(f'{HEAD}<path id="a" d="M0 0h9" mask="{value}"/></svg>'.encode(), "p").body
    expected = re.sub(r"(?i)url\( ?'?#a'? ?\)", "url(#p-a)", value)
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
        ("0 0 9 0", "no valid viewBox"),
        ("0 0 -9 9", "no valid viewBox"),
        ("0 0 9 100001", "no valid viewBox"),
        ("0 -100001 9 9", "too far away"),
        ("0 0 9 9 9", "no valid viewBox"),
        ("0 0 9em 9", "no valid viewBox"),
        ("0 0 . 9", "no valid viewBox"),
    ],
)
def test_an_invalid_view_box_is_rejected(box: str, message: str) -> None:
    with pytest.raises(UnsafeIconError, match=message):
        clean(HEAD.replace("0 0 48 48", box).encode() + b'<path d="M0 0h9"/></svg>', "p")


@pytest.mark.parametrize(
    ("box", "numbers"),
    [
        ("-100000 100000 100000 100000", (-1e5, 1e5, 1e5, 1e5)),
        (" 0,0 , +4.8e1\t48. ", (0, 0, 48, 48)),
        ("1.25 -12.75 1 1", (1.25, -12.75, 1, 1)),
        (".5 -.75 1E+2 1e-2", (0.5, -0.75, 100, 0.01)),
        ("0 0 1px 2pt", (0, 0, 1, 2)),
    ],
)
def test_a_view_box_has_numbers_in_any_notation(box: str, numbers: tuple[float, ...]) -> None:
    assert clean(HEAD.replace("0 0 48 48", box).encode() + b'<path d="M0 0h9"/></svg>', "p").box == numbers


def test_without_a_view_box_the_size_is_used() -> None:
    text = HEAD.replace('viewBox="0 0 48 48"', 'width=" 24px " height="12.0000001"')
    vector = clean(f'{text}<path d="M0 0h9"/></svg>'.encode(), "p")
    assert vector == Vector((0, 0, 24, 12), '<path d="M0 0h9"/>')


def test_an_icon_at_a_limit_is_accepted_and_one_above_it_is_rejected() -> None:
    svg = f'{HEAD}<path d="M0 0h9"/></svg>'.encode()
    clean(svg + b" " * (1_000_000 - len(svg)), "p")
    with pytest.raises(UnsafeIconError, match="is larger than 1 MB"):
        clean(svg + b" " * (1_000_001 - len(svg)), "p")
    clean(f"{HEAD}{'<path/>' * 4999}</svg>".encode(), "p")
    with pytest.raises(UnsafeIconError, match="has more than 5000 elements"):
        clean(f"{HEAD}{'<path/>' * 5000}</svg>".encode(), "p")
    deepest = clean(f"{HEAD}{'<g>' * 62}<path/>{'</g>' * 62}</svg>".encode(), "p")
    assert read(deepest.text()) == deepest
    with pytest.raises(UnsafeIconError, match="is nested more than 64 levels deep"):
        clean(f"{HEAD}{'<g>' * 63}<path/>{'</g>' * 63}</svg>".encode(), "p")


def test_a_cleaned_icon_that_was_changed_is_rejected() -> None:
    vector = clean(f'{HEAD}<path d="M0 0h9"/></svg>'.encode(), "p")
    assert read(vector.text()) == vector
    assert read(vector.text() + "\n") == vector
    with pytest.raises(UnsafeIconError, match="was changed"):
        read("<svg/>")
    text = vector.text()
    for other, message in (
        (text.replace("h9", "h&#57;"), "is not what diagramkit writes"),
        (text.replace("</svg>", "<!-- x --></svg>"), "is not what diagramkit writes"),
        (
            text.replace("<path", "<g>" * 63 + "<path").replace("</svg>", "</g>" * 63 + "</svg>"),
            "is nested more than 64",
        ),
        (text + "x", "was changed"),
        ("x" + text, "was changed"),
        (text.replace("0 0 48 48", "0 0 0 48"), "has no valid viewBox"),
        (text.replace("<path", "<script/><path"), "<script>, which can run or load"),
        (text.replace("<path", '<path onclick="x"'), "the event handler 'onclick'"),
        (text.replace("<path", '<use xlink:href="a.svg"/><path'), "refers to 'a.svg', which is outside the file"),
    ):
        with pytest.raises(UnsafeIconError, match=message):
            read(other)


def test_an_icon_that_draws_nothing_is_rejected() -> None:
    for content in ("", "<g/>", "<title>x</title>", "<!-- x -->", "<?x y?>"):
        with pytest.raises(UnsafeIconError, match="draws nothing"):
            clean(f"{HEAD}{content}</svg>".encode(), "p")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("<style>path{fill:url(http://x)}</style><path d='M0 0h1'/>", "style sheet that loads something"),
        ("<style>@import 'x';</style><path d='M0 0h1'/>", "style sheet that loads something"),
        ("<style>path{fill:image-set(x)}</style><path d='M0 0h1'/>", "which may load something"),
        ("<style>path{unknown:image-set(x)}</style><path d='M0 0h1'/>", "which may load something"),
        ("<path d='M0 0h1' style='unknown:image-set(x)'/>", "which may load something"),
        ("<style>{fill:red}</style><path d='M0 0h1'/>", "more than simple rules"),
        ("<style>path}</style><path d='M0 0h1'/>", "more than simple rules"),
        ("<style>path{fill:red}}</style><path d='M0 0h1'/>", "more than simple rules"),
        ("<style>path{fill:red} x</style><path d='M0 0h1'/>", "more than simple rules"),
        ("<style>/* path{fill:red}</style><path d='M0 0h1'/>", "the selector '/\\* path'"),
        ("<style>a b{fill:red}</style><path d='M0 0h1'/>", "the selector 'a b'"),
        ("<style>.a.b{fill:red}</style><path d='M0 0h1'/>", "the selector '.a.b'"),
        ("<style>*{fill:red}</style><path d='M0 0h1'/>", "the selector '\\*'"),
        ("<path d='M0 0h1' fill='url((#a)'/>", "the broken value"),
        ("<path d='M0 0h1' fill='URL(#a'/>", "the broken value"),
        ("<style>@media print{path{fill:red}}</style><path d='M0 0h1'/>", "more than simple rules"),
        ("<style>path:hover{fill:red}</style><path d='M0 0h1'/>", "the selector 'path:hover'"),
        ("<image href='data:image/png;base64,AAAA'/>", "raster image"),
        ("<image xlink:href='data:image/jpg;base64,AAAA'/>", "raster image"),
        ("<image href='data:image/jpeg;base64,AAAA'/>", "raster image"),
        ("<image href='data:image/webp;base64,AAAA'/>", "raster image"),
        ("<image href='data:image/gif;base64,AAAA'/>", "raster image"),
        ("<image href='data:image/svg+xml;base64,AAAA'/>", "<image>, which can run or load something"),
        ("<image href='a.png'/>", "<image>, which can run or load something"),
        ("<image href='x data:image/png;base64,AAAA'/>", "<image>, which can run or load something"),
        (
            "<use href='data:image/png;base64,AAAA'/>",
            "refers to 'data:image/png;base64,AAAA', which is outside the file",
        ),
        ("<use href='#a b'/>", "refers to '#a b', which is outside the file"),
        ("<use href='a#b'/>", "refers to 'a#b', which is outside the file"),
        ("<image/>", "<image>, which can run or load something"),
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


@pytest.mark.parametrize(
    "name",
    [
        *("script", "foreignObject", "iframe", "image", "feImage", "audio", "video", "embed", "object"),
        *("animate", "animateMotion", "animateTransform", "animateColor", "set", "handler", "listener"),
        *("a", "link", "base", "meta", "html", "body"),
    ],
)
def test_what_can_run_or_load_something_is_rejected_wherever_it_is(name: str) -> None:
    for content in (
        f"<{name}/>",
        f"<x:{name} xmlns:x='urn:x'/>",
        f"<metadata><x:y xmlns:x='urn:x'><{name}/></x:y></metadata>",
        f"<x:y xmlns:x='urn:x'><!-- c --><x:{name}/></x:y>",
    ):
        with pytest.raises(UnsafeIconError, match=f"has <{name}>, which can run or load something"):
            clean(f"{HEAD}{content}<path d='M0 0h1'/></svg>".encode(), "p")


def test_an_event_handler_is_rejected_wherever_it_is() -> None:
    for content in (
        "<path onclick='x'/>",
        "<path ONCLICK='x'/>",
        "<path xmlns:x='urn:x' x:onload='x'/>",
        "<metadata onload='x'/>",
        "<x:y xmlns:x='urn:x'><x:z onload='x'/></x:y>",
    ):
        with pytest.raises(UnsafeIconError, match="has the event handler 'on"):
            clean(f"{HEAD}{content}<path d='M0 0h1'/></svg>".encode(), "p")
    with pytest.raises(UnsafeIconError, match="has the event handler 'onload'"):
        clean(HEAD.replace("<svg ", "<svg onload='x' ").encode() + b"<path d='M0 0h1'/></svg>", "p")


def body(content: str) -> str:
    """Return the markup of a cleaned icon with this content."""
    return (
        clean(f"{HEAD}{content}</svg>".encode(), "p").body.removeprefix('<g viewBox="0 0 48 48">').removesuffix("</g>")
    )


@pytest.mark.parametrize(
    ("content", "cleaned"),
    [
        ("<path id='a.b:c-d'/><use href=' #a.b:c-d '/>", '<path id="p-a.b_c-d"/><use xlink:href="#p-a.b_c-d"/>'),
        ("<path id='a b'/>", "<path/>"),
        ("<path fill='red' class='x' style='fill: blue'/>", '<path fill="blue"/>'),
        ("<style>.x{fill:red}path{fill:green}</style><path class='x' fill='blue'/>", '<path fill="red"/>'),
        ("<style>#x{fill:red}.y{fill:green}</style><path class='y' id='x'/>", '<path fill="red" id="p-x"/>'),
        ("<style>.x{fill:red;fill:blue !important;}</style><path class='x'/>", '<path fill="blue"/>'),
        ("<style>/* a{ */.x-1/**/{fill:red}/* } */</style><path class='x-1'/>", '<path fill="red"/>'),
        ("<style>/*/ path{fill:red} */ path{fill:blue}\n </style><path/>", '<path fill="blue"/>'),
        ("<style/><path/>", "<path/>"),
        ("<style>linearGradient{fill:red}</style><linearGradient/>", '<linearGradient fill="red"/>'),
        ("<style>.x,.y{fill:red}.y{stroke:red}</style><path class='y'/>", '<path fill="red" stroke="red"/>'),
        ("<path style='font:x;fill'/>", "<path/>"),
        ("<path style='; fill : red ;'/>", '<path fill="red"/>'),
        ("<path d='M0  0\nh9'/>", '<path d="M0 0 h9"/>'),
        ("<path foo='1' xmlns:x='urn:x' x:d='1' data-x='javascript:'/>", "<path/>"),
        ("<g><g/></g><path/>", "<path/>"),
        ("<path/><metadata><x:y xmlns:x='urn:x'>text</x:y></metadata><title>t</title>", "<path/>"),
        ("<path><title>t</title></path>", "<path/>"),
    ],
)
def test_the_markup_of_a_cleaned_icon(content: str, cleaned: str) -> None:
    assert body(content) == cleaned


def test_the_root_passes_on_its_style_but_not_its_place() -> None:
    root = HEAD.replace("<svg ", '<svg x="1" y="2" width="3" height="4" id="r" transform="scale(2)" fill="red" ')
    vector = clean(f"{root}<path/></svg>".encode(), "p")
    assert vector.body == '<g fill="red" viewBox="0 0 48 48"><path/></g>'
    assert vector.box == (0, 0, 48, 48)


@pytest.mark.parametrize(
    ("svg", "message"),
    [
        (b"<svg/>", "is not an SVG: its root element is not <svg>"),
        (b"<g xmlns='http://www.w3.org/2000/svg'/>", "is not an SVG: its root element is not <svg>"),
        (b"<svg", "is not well-formed XML"),
        (b"<?xml version='1.0' encoding='no-such'?><svg/>", "is not well-formed XML"),
        (b"<?xml version='1.0' encoding='shift_jis'?><svg/>", "is not well-formed XML"),
        (b"\xff", "is not well-formed XML"),
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>", "declares entities, which can expand without limit or read files"),
    ],
)
def test_what_is_not_an_svg_is_rejected(svg: bytes, message: str) -> None:
    with pytest.raises(UnsafeIconError, match=message):
        clean(svg, "p")


@pytest.mark.parametrize("selector", ["a", "z", "A", "Z", "aZzA", ".x", "#x", ".-_9", "#-_9"])
def test_a_simple_selector_is_understood(selector: str) -> None:
    sheet = f"<style>/* first */{selector}{{fill:red}}</style>"
    assert clean(f'{HEAD}{sheet}<path d="M0 0h1"/></svg>'.encode(), "x").body.endswith('<path d="M0 0h1"/></g>')


@pytest.mark.parametrize("selector", ["", "a,", ",a", ".", "#", "a b", "a>b", "a:hover", "*", "9", "a9", "@media x"])
def test_any_other_selector_is_not_supported(selector: str) -> None:
    with pytest.raises(UnsupportedIconError, match="has a style sheet with"):
        clean(f'{HEAD}<style>{selector}{{fill:red}}</style><path d="M0 0h1"/></svg>'.encode(), "x")


def test_comments_of_a_style_sheet_are_left_out_wherever_they_are() -> None:
    sheet = "/*x*/path/* y */{/**/fill:/* z */red/* { } */}/* end */"
    svg = f'{HEAD}<style>{sheet}</style><path d="M0 0h1"/></svg>'
    assert '<path d="M0 0h1" fill="red"/>' in clean(svg.encode(), "x").body
    with pytest.raises(UnsupportedIconError):
        clean(f'{HEAD}<style>path{{fill:red}}/* open</style><path d="M0 0h1"/></svg>'.encode(), "x")


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        ('fill="url()"', "refers to ''"),
        ('fill="url(X#aX)"', "refers to 'X#aX'"),
        ('fill="url(\')"', "refers to"),
        ('fill="url(\'#a)"', "refers to"),
        ('xlink:href="#"', "refers to '#'"),
        ('xlink:href="#a b"', "refers to '#a b'"),
    ],
)
def test_a_reference_to_anything_but_an_id_is_rejected(attribute: str, message: str) -> None:
    svg = f'{HEAD}<g id="a"><path d="M0 0h1"/></g><use {attribute}/><path d="M0 0h1"/></svg>'
    with pytest.raises(UnsafeIconError, match=message):
        clean(svg.encode(), "x")


def test_a_reference_in_quotes_is_one_and_ends_at_its_parenthesis() -> None:
    for value in ("url(#a)", "url('#a')", "url(&quot;#a&quot;)", "url( #a )", "url( '#a' )", "URL(#a)"):
        svg = f'{HEAD}<linearGradient id="a"/><path d="M0 0h1" fill="{value} )"/></svg>'
        assert 'fill="url(#x-a) )"' in clean(svg.encode(), "x").body


@pytest.mark.parametrize("size", ["1e", "e1", ".", "+", "1e+", "1 1", "--1", "1%", "1em", ""])
def test_what_is_no_number_is_no_size(size: str) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="8"><path d="M0 0h1"/></svg>'
    with pytest.raises(UnsafeIconError, match="has no valid viewBox or size"):
        clean(svg.encode(), "x")


def test_an_icon_may_draw_20000_elements() -> None:
    """Including those that are drawn several times."""
    path, use, head = (
        '<path d="M0 0h1"/>',
        '<use xlink:href="#a"/>',
        HEAD.replace("viewBox", 'height="8" width="8" class'),
    )

    def svg(uses: int, others: int) -> bytes:
        return f'{head}<g id="a">{path * 8}</g>{use * uses}{path * others}</svg>'.encode()

    # The root is one, the group nine, and each of 1,999 uses ten.
    assert clean(svg(1999, 0), "x")
    with pytest.raises(UnsafeIconError, match="draws more than 20000 elements"):
        clean(svg(1999, 1), "x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('<svg xmlns="" viewBox="0 0 8 8"><path d="M0 0h1"/></svg>', "was changed after"),
        ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"></svg>', "was changed after"),
        ('<svg xmlns="http://www.w3.org/2000/svg" viewBox=""><path d="M0 0h1"/></svg>', "has no valid viewBox"),
        (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path\nd="M0 0h1"/></svg>',
            "is not what diagramkit writes",
        ),
        ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">\ud800</svg>', "is not well-formed XML"),
    ],
)
def test_what_was_not_written_by_diagramkit_is_not_read(text: str, message: str) -> None:
    with pytest.raises(UnsafeIconError, match=message):
        read(text)


@pytest.mark.parametrize(
    "attribute", ['href="{}"', 'fill="https:{}"', 'fill="url(#a{}"', 'fill="f{}(1)"', 'on{}="x"'], ids=range(5)
)
def test_a_long_value_is_shortened_in_the_message(attribute: str) -> None:
    svg = f'{HEAD}<path d="M0 0h1" {attribute.format("x" * 5000)}/></svg>'
    with pytest.raises(UnsafeIconError) as error:
        clean(svg.encode(), "x")
    assert len(str(error.value)) < 120
