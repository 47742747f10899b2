"""Find the front matter, the headings and the Mermaid of a Markdown text, with their positions.

The text is parsed as CommonMark by markdown-it. Mermaid is in fences of these forms:

- ```` ```mermaid ````, with backticks or tildes, the form of GitHub and most other programs;
- ```` ```{mermaid} ````, a directive of MyST, whose options are the lines `:name: value` at its beginning;
- ```` ```{.mermaid #id width=90%} ````, Pandoc's attributes;
- `::: mermaid` to `:::`, the form of Azure DevOps; `:::{mermaid}` is MyST's;
- `<pre class="mermaid">` to `</pre>`, HTML for Mermaid's own script.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<body>.*?\n)---[ \t]*(?:\n|\Z)", re.S)
_LANGUAGES = ("mermaid", "mmd")
_COLON_FENCE = re.compile(r"(?P<markup>:{3,})[ \t]*(?P<info>[^:\n]*)\Z")
_DIRECTIVE_OPTION = re.compile(r"[ \t]*:[\w-]+:(?:[ \t][^\n]*)?\n")
_PRE = re.compile(r"<!--.*?(?:-->|\Z)|<pre\b(?P<attributes>[^<>]*)>(?P<text>.*?)(?:(?P<end></pre\s*>)|\Z)", re.S | re.I)
_CLASS_ATTRIBUTE = re.compile(r"""\bclass\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)


class Fence(Struct, frozen=True):
    """Mermaid in Markdown, in any of the forms above.

    - `start`, `end`: its lines `[start, end)` from 0, including the delimiters.
    - `text`: the Mermaid as it is in the file, and `line` and `column` (from 1) where this text begins.
    - `markup`: what the first delimiter begins with: backticks, tildes, colons or `<pre`.
    - `is_html`: whether the text contains character references, which `mermaid` decodes.
    - `is_closed`: whether there is a closing delimiter.
    - `has_own_lines`: whether there is nothing else in its lines.
    """

    start: int
    end: int
    text: str
    line: int
    column: int
    markup: str
    is_html: bool = False
    is_closed: bool = True
    has_own_lines: bool = True

    @property
    def mermaid(self) -> str:
        """The Mermaid itself."""
        return html.unescape(self.text).strip() + "\n" if self.is_html else self.text


class MarkdownBlock(Struct, frozen=True):
    """A top-level block.

    `kind` is markdown-it's name for it, or `mermaid`. Its lines are `[start, end)`, counted from 0. `level` is the
    level of a heading, and `text` the text of a heading or the Mermaid of a fence.
    """

    kind: str
    start: int
    end: int
    level: int = 0
    text: str = ""


def fence_text(mermaid: str, info: str = "mermaid") -> str:
    """Return Mermaid as a fence with the info string `info`, which is longer than any fence inside the text."""
    longest = max((len(run) for run in re.findall("`{3,}", mermaid)), default=2)
    delimiter = "`" * (longest + 1)
    return f"{delimiter}{info}\n{mermaid}\n{delimiter}"


def front_matter(text: str) -> tuple[str, int]:
    """Return the YAML between the `---` lines and the offset after them, or ('', 0) if there is none."""
    match = _FRONT_MATTER.match(text)
    return (match["body"], match.end()) if match else ("", 0)


def fences(text: str) -> list[Fence]:
    """Return every Mermaid fence, including those in lists and quotes. Line ends must be `\\n`."""
    lines = text.split("\n")
    return [fence for token, start, end in tokens(text) for fence in _fences_of(token, start, end, lines)]


def blocks(text: str) -> list[MarkdownBlock]:
    """Return the top-level blocks in order; headings and fences have their text."""
    lines = text.split("\n")
    title = ""
    result = []
    for token, start, end in reversed(tokens(text)):
        if token.type == "inline":
            title = token.content  # Of the heading that is next in this order.
        if token.level or token.type.endswith("_close"):
            continue
        own_fences = [fence for fence in _fences_of(token, start, end, lines) if fence.has_own_lines]
        if own_fences:
            result.append(MarkdownBlock("mermaid", start, end, text=own_fences[0].mermaid))
        elif token.type == "heading_open":
            result.append(MarkdownBlock("heading", start, end, int(token.tag[1:]), title))
        else:
            result.append(MarkdownBlock(token.type.removesuffix("_open"), start, end))
    return result[::-1]


def tokens(text: str) -> list[tuple[Any, int, int]]:
    """Return those of markdown-it's tokens that have lines, each with its lines `[start, end)` from 0."""
    _, body_start = front_matter(text)
    offset = text.count("\n", 0, body_start)
    all_tokens = _parser().parse(text[body_start:])
    return [(token, token.map[0] + offset, token.map[1] + offset) for token in all_tokens if token.map]


def is_mermaid(info: str) -> bool:
    """Return whether a fence with this info string contains Mermaid."""
    info = info.strip().lower()
    if not info.startswith("{"):
        return bool(info) and info.split(maxsplit=1)[0] in _LANGUAGES
    words = re.split(r"[\s,]+", info[1:].partition("}")[0].strip())
    classes = [word[1:] for word in words if word.startswith(".")]
    # A word without a mark is the name of a directive.
    language = classes[0] if classes and words[0][:1] in (".", "#") else words[0]
    return language in _LANGUAGES


def _fences_of(token: Any, start: int, end: int, lines: list[str]) -> Iterator[Fence]:
    """Yield the fences in a token of markdown-it, which has the lines `[start, end)`."""
    if token.type == "html_block":
        yield from _html_fences(token.content, start, end, lines)
    elif token.type == "fence" and is_mermaid(token.info):
        closing = lines[end - 1].strip(" \t\r>") if end - start > 1 else ""
        is_closed = bool(closing) and set(closing) == {token.markup[0]} and len(closing) >= len(token.markup)
        column = _column_of(lines, start + 1, token.content)
        fence = Fence(start, end, token.content, start + 2, column, token.markup, is_closed=is_closed)
        yield _without_options(fence) if token.info.strip().startswith("{") else fence


def _html_fences(content: str, start: int, end: int, lines: list[str]) -> Iterator[Fence]:
    """Yield each `<pre class="mermaid">` in a block of HTML, except in comments."""
    for match in _PRE.finditer(content):
        classes = _CLASS_ATTRIBUTE.search(match["attributes"] or "")
        if not classes or "mermaid" not in (classes[1] or classes[2] or classes[3] or "").split():
            continue
        text_start = match.start("text")
        first = start + content.count("\n", 0, text_start)
        # Spaces replace what precedes the text in its line, so that all its lines begin in the same column.
        text = " " * (text_start - content.rfind("\n", 0, text_start) - 1) + match["text"]
        if not text.partition("\n")[0].strip():
            text, first = text.partition("\n")[2], first + 1
        yield Fence(
            start,
            end,
            text,
            first + 1,
            _column_of(lines, start, content),
            match.group()[: len("<pre")],
            is_html=True,
            is_closed=match["end"] is not None,
            has_own_lines=match.group().strip() == content.strip(),
        )


def _without_options(fence: Fence) -> Fence:
    """Return a fence without the options of a directive at its beginning."""
    text, line = fence.text, fence.line
    while match := _DIRECTIVE_OPTION.match(text):
        text, line = text[match.end() :], line + 1
    return replace(fence, text=text, line=line)


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark")
    interrupted = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("fence", "colon_fence", _colon_fence, {"alt": interrupted})
    return parser


def _colon_fence(state: Any, start: int, end: int, silent: bool) -> bool:
    """Read a fence of colons at line `start`, before line `end`, if it contains Mermaid: a rule for markdown-it.

    It ends as a fence of backticks does (CommonMark 0.31, section 4.5).
    """
    if state.is_code_block(start):
        return False
    opening = _COLON_FENCE.match(state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]])
    if not opening or not is_mermaid(opening["info"]):
        return False
    if silent:
        return True
    line, is_closed = start + 1, False
    while line < end:
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
        if text and state.sCount[line] < state.blkIndent:
            break  # The list item or quote around it ends here.
        closing = text.rstrip()
        is_colons = set(closing) == {":"} and not state.is_code_block(line)
        if is_colons and len(closing) >= len(opening["markup"]):
            is_closed = True
            break
        line += 1
    state.line = line + is_closed
    token = state.push("fence", "code", 0)
    token.info, token.markup, token.map = opening["info"], opening["markup"], [start, state.line]
    token.content = state.getLines(start + 1, line, state.sCount[start], True)
    return True


def _column_of(lines: list[str], first: int, content: str) -> int:
    """Return the column (from 1) where the text of a block begins; `first` is the index of its first line."""
    for line, content_line in zip(lines[first:], content.split("\n"), strict=False):
        if content_line.strip():
            return max(line.find(content_line), 0) + 1
    return 1
