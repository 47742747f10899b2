"""The tree of a page: what its Markdown and HTML contain, in the few elements that every wiki has.

The tags are those of HTML, and besides them:

- `page`: the root;
- `alert`: a quote of GitHub's such as `> [!NOTE]`; `kind` is its word in lower case;
- `anchor`: a place that links lead to; `name`;
- `diagram`: `number` is that of its fence;
- `footnote`: a reference to a footnote; `number`, `label`;
- `note`: the text of a footnote in `notes`; `number`, `label`.

An `li` of a task has `task`, which is `done` or `open`. A `pre` has the `language` of its code, and `details` have a
`summary`. The tag of a link that must not be followed is `text`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from itertools import groupby

from msgspec import Struct, field

BLOCKS = frozenset((
    "page", "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "tr", "th", "td", "blockquote",
    "pre", "hr", "details", "alert", "diagram", "notes", "note",
))  # fmt: skip
"""The elements that are not part of a line of text."""

_OF_BLOCKS = frozenset(("page", "blockquote", "details", "alert", "note"))
_OF_BOTH = frozenset(("li", "td", "th"))
_HOMES = ((("td", "th"), "tr", ("tr",)), (("tr",), "table", ("table",)), (("li",), "ul", ("ul", "ol")))
"""Elements that are only in others: their tags, the element that is made for them elsewhere, and where they may be."""

_ONLY_CHILD = {"ul": ("li",), "ol": ("li",), "table": ("tr",), "tr": ("td", "th"), "notes": ("note",)}


class PageElement(Struct):
    """An element with its attributes, its children in order, and the line (from 1) of the page where it begins."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[PageElement | str] = field(default_factory=list)
    line: int = 1

    @property
    def elements(self) -> Iterator[PageElement]:
        """The element and all elements in it."""
        yield self
        for child in self.children:
            if isinstance(child, PageElement):
                yield from child.elements

    @property
    def text(self) -> str:
        """The text in the element, with the alternative texts of its pictures."""
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return "".join(parts) if self.tag != "img" else self.attributes.get("alt", "")


def normalize(element: PageElement) -> None:
    """Make an element valid, in which HTML has been written by hand.

    Text beside blocks becomes a paragraph, and what a list or a table must not contain, an item or a cell of it.
    """
    for child in element.children:
        if isinstance(child, PageElement):
            normalize(child)
    for tags, tag, homes in _HOMES:
        if element.tag not in homes:
            element.children = list(_grouped(element, partial(_is, tags=tags), tag))
    if allowed := _ONLY_CHILD.get(element.tag):
        element.children = list(_grouped(element, lambda child: not _is(child, allowed), allowed[0]))
    elif element.tag in _OF_BLOCKS or (
        element.tag in _OF_BOTH and any(_is(child, BLOCKS) for child in element.children)
    ):
        element.children = list(_grouped(element, lambda child: not _is(child, BLOCKS), "p"))


def _grouped(
    element: PageElement, belongs: Callable[[PageElement | str], bool], tag: str
) -> Iterator[PageElement | str]:
    """Yield the children of an element, with each run of those that belong together in an element `tag`.

    Blank text at the place of such an element is left out.
    """
    for is_run, children in groupby(element.children, belongs):
        run = list(children)
        if not is_run:
            yield from run
        elif any(isinstance(each, PageElement) or each.strip() for each in run):
            group = PageElement(tag, {}, run, element.line)
            normalize(group)
            yield group


def _is(child: PageElement | str, tags: Collection[str]) -> bool:
    return isinstance(child, PageElement) and child.tag in tags
