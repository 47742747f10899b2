"""The texts of labels: no character is lost, whatever HTML, Markdown and white space is around it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagramkit.sources.label_text import plain_lines, styled_lines
from diagramkit.sources.mermaid.letters import WHITESPACE
from diagramkit.sources.mermaid.read import parse
from diagramkit.sources.mermaid.source_text import Origin
from diagramkit.style.text_style import TextStyle


@pytest.mark.parametrize(
    ("label", "plain", "as_markdown"),
    [
        ("stg__orders__daily", "stg__orders__daily", "stg__orders__daily"),
        ("__init__.py", "__init__.py", "init.py"),
        ("2**3**4", "2**3**4", "234"),
        ("**a** and *b*", "**a** and *b*", "a and b"),
        ("_x_ y_z_", "_x_ y_z_", "x y_z_"),
        ("*.json and *.csv", "*.json and *.csv", "*.json and *.csv"),
        ("a * b * c", "a * b * c", "a * b * c"),
        ("__a__b__", "__a__b__", "a__b"),
        (r"\*not emphasis\*", r"\*not emphasis\*", "*not emphasis*"),
        ("***both***", "***both***", "both"),
        ("**open", "**open", "**open"),
        ("x <br> **a**", "x|**a**", "x|a"),
        ("<b>x</b> **a**", "x **a**", "x a"),
        ("<!-- c --> **a**", "**a**", "a"),
        ("<div>x</div> **a**", "x|**a**", "x|**a**"),
        ("**a**<div>**b**</div>", "**a**|**b**", "a|b"),
        ("**a**\n  <div>**b**</div>\n\n  <div>**c**</div>", "**a**|**b**|**c**", "a|b|**c**"),
        ("**a**\n<ul><li>**b**</li></ul>\n_c_\n\n_d_", "**a**|**b**|_c_|_d_", "a|**b**|_c_|d"),
    ],
)
def test_only_markdown_strings_lose_the_marks_of_emphasis(label: str, plain: str, as_markdown: str) -> None:
    assert "|".join(plain_lines(label)) == plain
    assert "|".join(plain_lines(label, markdown=True)) == as_markdown


@pytest.mark.parametrize("space", sorted(set(WHITESPACE) - set("\n\ufeff")), ids=lambda char: f"U+{ord(char):04X}")
def test_white_space_of_every_kind_separates_words(space: str) -> None:
    assert plain_lines(f"S3{space}{space}bucket{space}") == ("S3 bucket",)


@pytest.mark.parametrize("space", ["\t", "\xa0", "\u2003", "\u3000", "&nbsp;", "&emsp;"])
def test_nodes_edges_and_groups_keep_white_space_between_words(space: str) -> None:
    text = f'flowchart LR\nsubgraph g ["my{space}group"]\nA["a{space}node"]\nend\nA -->|"an{space}edge"| B'
    graph = parse(text, Origin("x.mmd"))
    labels = graph.nodes[0].label, graph.edges[0].label, graph.groups[0].label
    assert [plain_lines(label) for label in labels] == [("a node",), ("an edge",), ("my group",)]


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        ("<div>Lambda</div><div>orders</div>", ("Lambda", "orders")),
        ("<p>S3</p><p>archive</p>", ("S3", "archive")),
        ("<h3>SQS</h3>orders queue", ("SQS", "orders queue")),
        ("<b>DynamoDB</b><hr/>orders table", ("DynamoDB", "orders table")),
        ("<ul><li>EC2</li><li>EBS</li></ul>", ("EC2", "EBS")),
        ("<table><tr><td>RDS</td><td>Aurora</td></tr><tr><th>a</th></tr></table>", ("RDS Aurora", "a")),
        ("x<br clear='all'>y<BR/>z<br >w", ("x", "y", "z", "w")),
        ("<center>ECS</center>service", ("ECS", "service")),
        ("<blockquote>a</blockquote><pre>b</pre>c", ("a", "b", "c")),
        ("a<span>b</span>c<i>d</i>", ("abcd",)),
        ("a <!-- no --> b", ("a b",)),
        ("<div></div><p> </p>only", ("only",)),
        ("1 &lt; 2 &amp;&amp; 3 > 2", ("1 < 2 && 3 > 2",)),
        ("List<br/>&lt;b&gt;", ("List", "<b>")),
        ("</b>a</div>b", ("a", "b")),
    ],
)
def test_blocks_are_on_lines_of_their_own(label: str, lines: tuple[str, ...]) -> None:
    assert plain_lines(label) == lines


@pytest.mark.parametrize(
    ("label", "style"),
    [
        ("<b>x</b>", TextStyle(bold=True)),
        ("<STRONG class='y'>x</STRONG>", TextStyle(bold=True)),
        ("<i>x</i>", TextStyle(italic=True)),
        ("<em><b>x</b></em>", TextStyle(bold=True, italic=True)),
        ("<u>x</u>", TextStyle(underline=True)),
        ("<s>x</s>", TextStyle(strikethrough=True)),
        ("<del><ins>x</ins></del>", TextStyle(underline=True, strikethrough=True)),
        ("<small>x</small>", TextStyle(scale=0.83)),
        ("<font color='red' size=6>x</font>", TextStyle(scale=2.0, color="#FF0000")),
        ("<font color=#00f>x</font>", TextStyle(color="#0000FF")),
        ("<span style='color: hsl(120, 100%, 50%); font-weight: 700'>x</span>", TextStyle(bold=True, color="#00FF00")),
        (
            "<span style='font-size:20px;text-decoration:line-through'>x</span>",
            TextStyle(strikethrough=True, size=20.0),
        ),
        ("<span style='font-size:150%'>x</span>", TextStyle(scale=1.5)),
        ("<b><span style='font-weight:normal'>x</span></b>", TextStyle()),
        ("<span style='display:none'>x</span>", TextStyle(color="none")),
        ("<span hidden>x</span>", TextStyle(color="none")),
        ("<span style='font-size:0%'>x</span>", TextStyle(scale=0.25, color="none")),
        ("<span style='font-size:9999px'>x</span>", TextStyle(size=72.0)),
        ("<big>" * 40 + "x", TextStyle(scale=6.0)),
        ("<span title='hidden' data-hidden>x</span>", TextStyle()),
        ("<span style='font-size:0'>x</span>", TextStyle(size=5.0, color="none")),
    ],
)
def test_elements_and_css_give_text_a_style(label: str, style: TextStyle) -> None:
    ((part,),) = styled_lines(label)
    assert (part.text, part.style) == ("x", style)


def test_a_style_ends_with_its_element_even_across_lines() -> None:
    lines = styled_lines("a <b>b<br/>c</b> d")
    assert [[(part.text, part.style.bold) for part in line] for line in lines] == [
        [("a ", False), ("b", True)],
        [("c", True), (" d", False)],
    ]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("<i>1<b>2</i>3</b>4", [("1", "i"), ("2", "bi"), ("3", "b"), ("4", "")]),
        ("<b>1<span>2</b>3</span>4", [("12", "b"), ("34", "")]),
        ("<span><b>1</span>2</b>3", [("12", "b"), ("3", "")]),
        ("<div><i>1</div>2", [("1", "i"), ("2", "i")]),
        ("<table><tr><td><b>1</td><td>2</td></tr></table>3", [("1 ", "b"), ("2", ""), ("3", "")]),
        ("<b>1<u>2</u></b>3</u>4</b>", [("1", "b"), ("2", "b"), ("34", "")]),
    ],
)
def test_formatting_ends_with_its_own_tag_as_in_browsers(label: str, expected: list[tuple[str, str]]) -> None:
    parts = [part for line in styled_lines(label) for part in line]
    assert [(part.text, "b" * part.style.bold + "i" * part.style.italic) for part in parts] == expected


@pytest.mark.parametrize(
    ("attribute", "color"),
    [
        ("red", "#FF0000"),
        ("#f00", "#FF0000"),
        ("993300", "#993300"),
        ("f00", "#0F0000"),
        ("chucknorris", "#C00000"),
        ("#f008", "#F00800"),
        ("transparent", None),
        ("", None),
    ],
)
def test_the_color_of_a_font_element_is_read_as_browsers_read_it(attribute: str, color: str | None) -> None:
    ((part,),) = styled_lines(f'<font color="{attribute}">x</font>')
    assert part.style.color == color


def test_code_in_markdown_strings_stays_as_it_is_written() -> None:
    """As in Mermaid; such labels are in `@{ label: … }`, because a backtick ends the other strings."""
    ((first, bold),) = styled_lines("`a **b** _c_` **d**", markdown=True)
    assert (first.text, first.style) == ("`a **b** _c_` ", TextStyle())
    assert (bold.text, bold.style) == ("d", TextStyle(bold=True))


def test_markdown_is_emphasis_of_words() -> None:
    ((bold, middle, italic),) = styled_lines("**Bold** and *it*", markdown=True)
    assert (bold.text, bold.style) == ("Bold", TextStyle(bold=True))
    assert (middle.text, middle.style) == (" and ", TextStyle())
    assert (italic.text, italic.style) == ("it", TextStyle(italic=True))


_MARKS = st.sampled_from(
    ["<b>", "</b>", "<i>", "</i>", "<sup>", "</u>", "<span style='x'>", "</span>", " ", "\t", "\xa0"]
)
_WORDS = st.text(
    st.characters(categories=["L", "N", "P", "Sm", "Sc"], exclude_characters="<>&\\`"), min_size=1, max_size=8
)


@given(st.lists(st.one_of(_MARKS, _WORDS), max_size=20))
@settings(max_examples=300, deadline=None)
def test_every_printable_character_outside_tags_is_in_the_text(parts: list[str]) -> None:
    label = "".join(parts)
    visible = "".join(part for part in parts if not part.startswith("<") or len(part) == 1)
    if ":fa-" in label:
        return
    expected = "".join(char for char in visible if not char.isspace())
    assert "".join(plain_lines(label)).replace(" ", "") == expected


def test_letters_that_join_keep_their_joiners() -> None:
    """Without the zero-width (non-)joiner, Persian and Indic words have other letters."""
    for word in ("می\u200cخواهم", "क्\u200dष"):
        assert plain_lines(word) == (word,)
        assert any(unicodedata.category(char) == "Cf" for char in word)


def test_hostile_labels_take_no_quadratic_time() -> None:
    """Each of these would take minutes if a pattern were searched for from every character to the end."""
    for piece in ("<!--", "<b ", "<b a", "<a =", "fa:fa-", "&", "<span style='", "*_", "\\", "<b>"):
        label = piece * 20_000
        assert isinstance(plain_lines(label), tuple)
    for piece in ("</u>", "</b>", "<i></b>", "</div>"):
        assert isinstance(plain_lines("<b>" * 20_000 + piece * 20_000), tuple)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("#lt;tag#gt; shown", "<tag> shown"),
        ("#lt;b#gt;regular#lt;/b#gt;", "<b>regular</b>"),
        ("#60;#98;#62;", "<b>"),
        ("#lt; 5 #amp; #gt; 3", "< 5 & > 3"),
        ("#amp;lt; and R#amp;D", "&lt; and R&D"),
        ("<b>a</b> #lt;br#gt;", "a <br>"),
    ],
)
def test_what_entity_codes_stand_for_is_text_and_no_html(label: str, expected: str) -> None:
    graph = parse(f'flowchart LR\nsubgraph g ["{label}"]\nA["{label}"]\nend\nA -->|"{label}"| B', Origin("x.mmd"))
    labels = graph.nodes[0].label, graph.edges[0].label, graph.groups[0].label
    assert [plain_lines(text) for text in labels] == [(expected,)] * 3


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        # Of a named, a decimal and a hexadecimal code, Mermaid knows the first two.
        ("#hearts;", "♥"),
        ("#9829;", "♥"),
        ("#+9829;", "#+9829;"),
        ("#heart;", "&heart;"),
        ("#x2665;", "&x2665;"),
        ("#2665x;", "&2665x;"),
        ("#fff;", "&fff;"),
        ("a#b;", "a&b;"),
        ("#hearts", "#hearts"),
        ("#9829", "#9829"),
        ("#;", "#;"),
        # Of HTML's, it takes the number sign for the start of its own.
        ("&hearts;", "♥"),
        ("&hearts", "&hearts"),
        ("&copy", "©"),
        ("&heart;", "&heart;"),
        ("&#9829;", "&♥"),
        ("&#9829", "♥"),
        ("&#x2665;", "&&x2665;"),
        ("&#X2665;", "&&X2665;"),
        ("&#x2665", "♥"),
        ("&amp;hearts;", "&hearts;"),
        ("#amp;hearts;", "&hearts;"),
        ("#ltx;", "<x;"),
    ],
)
@pytest.mark.parametrize("form", ['A["x {} y"]', "A[x {} y]", 'A["`x {} y`"]', 'A@{{ shape: rect, label: "x {} y" }}'])
def test_entities_are_what_mermaid_shows(code: str, shown: str, form: str) -> None:
    """As compared with Mermaid's pictures in a browser."""
    (node,) = parse(f"flowchart LR\n{form.format(code)}\n", Origin("x.mmd")).nodes
    assert plain_lines(node.label, node.markdown) == (f"x {shown} y",)


def test_an_unknown_entity_code_in_a_link_stays_as_it_is() -> None:
    text = 'flowchart LR\nA\nclick A "https://example.com/#chapter;x" "see #chapter;"\n'
    (node,) = parse(text, Origin("x.mmd")).nodes
    assert (node.link, node.tooltip) == ("https://example.com/#chapter;x", "see #chapter;")


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("one<td>two</td><th>three</th>", "onetwothree"),
        ("one<tr><td>two</td></tr>", "onetwo"),
        ("<table><caption>c</caption><tr><th>h</th><td>d</td></tr></table><td>e", "c|*h *d|e"),
        ("<b>x<table><tr><td>y</td></tr></table>z</b>", "*x*|y|*z*"),
        ("<b>x<table><tr><td>y</b></td></tr></table>z</b>w", "*x*|y|*z*w"),
        ("<b>x<table><tr><td>y", "*x*|y"),
        ("<p><b>x<table><tr><td>y</td></tr></table></b>", "*x*|y"),
        ("<div><b>x<table><tr><td>y</td></tr></table>z</b></div>", "*x*|*y*|*z*"),
        ("<p>w</p><b>x<table><tr><td>y</td></tr></table></b>", "w|*x*|*y*"),
        ("<b>x<br><table><tr><td>y</td></tr></table></b>", "*x*|y"),
        ("<span style='font-weight:bold'>x<div>y</div>z</span>", "*x*|y|z"),
        ("<b>x<div>y</div>z</b>", "*x*|*y*|*z*"),
        ("<table><tr><td><table><tr><td><b>x</td></tr></table>y</td></tr></table>z", "*x*|y|z"),
    ],
)
def test_tables_and_blocks_in_formatted_text_are_as_in_a_browser(label: str, expected: str) -> None:
    """Mermaid puts labels into a paragraph, which blocks end; what is bold is between stars."""
    lines = [
        "".join(f"*{part.text}*" if part.style.bold else part.text for part in line) for line in styled_lines(label)
    ]
    assert "|".join(lines) == expected


@pytest.mark.parametrize("element", ["script", "style", "title", "template", "iframe", "noscript"])
def test_the_content_of_elements_that_browsers_do_not_show_is_no_text(element: str) -> None:
    assert plain_lines(f"before <{element}>x <b>y</b></{element}> after") == ("before after",)
