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

from collections.abc import Collection, Iterator

from msgspec import Struct, field

BLOCKS = frozenset((
    "page", "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "tr", "th", "td", "blockquote",
    "pre", "hr", "details", "alert", "diagram", "notes", "note",
))  # fmt: skip
"""The elements that are not part of a line of text."""

_OF_BLOCKS = frozenset(("page", "blockquote", "details", "alert", "note"))
_OF_BOTH = frozenset(("li", "td", "th"))
_ONLY_CHILD = {"ul": ("li",), "ol": ("li",), "table": ("tr",), "tr": ("td", "th"), "notes": ("note",)}


class Element(Struct):
    """An element with its attributes, its children in order, and the line (from 1) of the page where it begins."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | str] = field(default_factory=list)
    line: int = 1

    @property
    def elements(self) -> Iterator[Element]:
        """The element and all elements in it."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.elements

    @property
    def text(self) -> str:
        """The text in the element, with the alternative texts of its pictures."""
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return "".join(parts) if self.tag != "img" else self.attributes.get("alt", "")


def normalize(element: Element) -> None:
    """Make an element valid, in which HTML has been written by hand.

    Text beside blocks becomes a paragraph, and what a list or a table must not contain, an item or a cell of it.
    """
    for child in element.children:
        if isinstance(child, Element):
            normalize(child)
    if allowed := _ONLY_CHILD.get(element.tag):
        element.children = list(_wrapped(element, allowed, allowed[0]))
    elif element.tag in _OF_BLOCKS or (
        element.tag in _OF_BOTH and any(_is(child, BLOCKS) for child in element.children)
    ):
        element.children = list(_wrapped(element, BLOCKS, "p"))


def _wrapped(element: Element, allowed: Collection[str], tag: str) -> Iterator[Element | str]:
    """Yield the children of an element, with each run of those that are not `allowed` in an element `tag`."""
    run: list[Element | str] = []
    for child in element.children:
        if not _is(child, allowed):
            run.append(child)
            continue
        yield from _wrapper(element, run, tag)
        run = []
        yield child
    yield from _wrapper(element, run, tag)


def _wrapper(element: Element, run: list[Element | str], tag: str) -> Iterator[Element]:
    """Yield an element `tag` with the children in `run`, unless they are blank."""
    if any(isinstance(each, Element) or each.strip() for each in run):
        wrapper = Element(tag, {}, run, element.line)
        normalize(wrapper)
        yield wrapper


def _is(child: Element | str, tags: Collection[str]) -> bool:
    return isinstance(child, Element) and child.tag in tags
