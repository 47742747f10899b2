"""Mistakes in statements: words that cannot stand where they stand."""

from __future__ import annotations

import re

from diagramkit.sources.mermaid.error_context import ErrorContext, Mistake
from diagramkit.sources.mermaid.letters import BLANKS
from diagramkit.sources.mermaid.mistakes.arrows import arrow
from diagramkit.sources.mermaid.shapes import CLOSINGS

_WAYS = ("TB", "TD", "BT", "LR", "RL")
_CURLY = {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'"}
_KEYWORDS = {
    word.lower(): word for word in ("subgraph", "end", "direction", "style", "classDef", "class", "linkStyle", "click")
}
_EXAMPLES = {
    "style": "style A fill:#fff,stroke:#333",
    "classDef": "classDef hot fill:#f96,stroke:#333",
    "class": "class A,B hot",
    "linkStyle": "linkStyle 0,1 stroke:#f00",
    "CLICK": 'click A "https://example.com" "A hint" _blank',
}


def header(place: ErrorContext) -> Mistake:
    """No flowchart begins so."""
    return place.told("mermaid-syntax", "a flowchart starts with 'flowchart LR' or 'graph TD'", place.found.start)


def direction(place: ErrorContext) -> Mistake:
    """A direction that there is not."""
    start = place.found.start + len(place.rest) - len(place.rest.lstrip())
    word = re.match(r"[^\s;]*", place.rest.lstrip())
    text = word.group() if word else ""
    mend = None
    if text in _WAYS and start and not place.source.text[start - 1].isspace():
        sign = place.source.text[start - 1]
        return place.told(
            "mermaid-syntax",
            f"'{sign}' cannot stand before the direction; write 'graph {text}'",
            start - 1,
            1,
            place.fix(start - 1, sign, " "),
        )
    if text.upper() in _WAYS and text.upper() != text:
        mend = place.fix(start, text, text.upper())
    return place.told(
        "mermaid-syntax",
        f"'{text}' is not a direction; write TB, BT, LR or RL",
        start,
        len(text) or 1,
        mend,
    )


def header_end(place: ErrorContext) -> Mistake:
    """A statement in the line of `graph`."""
    text = place.source.text
    start = place.since.end + len(text[place.since.end :]) - len(text[place.since.end :].lstrip(" \t"))
    rest = place.line(start)
    word = rest.split(maxsplit=1)[0] if rest.split() else rest
    gap = text[place.since.end : start]
    return place.told(
        "mermaid-syntax",
        f"'{word}' stands in the line of 'graph'; put it in a line of its own",
        start,
        len(rest.rstrip()),
        place.fix(place.since.end, gap, "\n    ") if gap else None,
    )


def node_end(place: ErrorContext) -> Mistake:
    """Behind a node neither a link nor the end of the statement."""
    return arrow(place) or _comment(place) or _behind_node(place) or reserved_word(place)


def _comment(place: ErrorContext) -> Mistake | None:
    rest, at = place.rest, place.found.start
    at += len(rest) - len(rest.lstrip())
    rest = rest.lstrip()
    if not rest.startswith("%%"):
        return None
    before = place.before(at)
    indent = before[: len(before) - len(before.lstrip())]
    line = before.strip() + before[len(before.rstrip()) :] + rest
    start = at - len(before.lstrip())
    mend = place.fix(start, line, f"{rest.rstrip()}\n{indent}{before.strip()}")
    return place.told(
        "mermaid-syntax",
        "a comment cannot stand here; it stands in a line of its own",
        at,
        len(rest.rstrip()),
        mend,
    )


def _behind_node(place: ErrorContext) -> Mistake | None:
    text, at = place.source.text, place.found.start
    before = place.before(at)
    first = before.strip().split(maxsplit=1)[0] if before.strip() else ""
    keyword = _KEYWORDS.get(first.lower().rstrip(":"))
    if keyword and first != keyword:
        start = at - len(before.lstrip())
        return place.told(
            "mermaid-syntax",
            f"'{first}' is no word of Mermaid's; write '{keyword}'",
            start,
            len(first),
            place.fix(start, first, keyword),
        )
    if place.found.kind in CLOSINGS and before.endswith((" ", "\t")):
        gap = before[len(before.rstrip()) :]
        name = before.rsplit(maxsplit=1)[-1]
        return place.told(
            "mermaid-syntax",
            f"a blank stands between '{name}' and its label; remove it",
            at,
            1,
            place.fix(at - len(gap), gap, ""),
        )
    if place.found.kind == ":::":
        return place.told(
            "mermaid-syntax",
            "a node takes one class by ':::'; write 'class A name' in a line of its own",
            at,
            3,
        )
    if text[at] in "()[]{}|":
        opened = place.found.kind in CLOSINGS or place.found.kind == "|"
        what = "a second label cannot stand here" if opened else f"'{text[at]}' closes nothing"
        return place.told("mermaid-syntax", f'{what}; put a label in quotes: A["text (and more)"]', at)
    if place.found.kind in ("WORD", "LETTER", "NUMBER") and before.endswith((" ", "\t")):
        return _two_words(place, at, before)
    return None


def _two_words(place: ErrorContext, at: int, before: str) -> Mistake:
    word = (place.rest.split() or [place.found.text])[0]
    last = before.rsplit(maxsplit=1)[-1] if before.strip() else ""
    if last.endswith("&"):
        amp = at - len(before) + before.rindex("&")
        return place.told(
            "mermaid-syntax",
            "'&' stands between blanks; write A & B",
            amp,
            1,
            place.fix(amp, "&", " &"),
        )
    if last.endswith(":"):
        advice = "a link's text stands behind its arrow: write A -->|text| B"
    else:
        advice = f'an id is one word: write {last}["{last} {word}"], or a link between the two'
    return place.told("mermaid-syntax", f"'{word}' cannot stand here; {advice}", at, len(word))


def reserved_word(place: ErrorContext) -> Mistake:
    """Nothing better is known than that it cannot stand here."""
    at = place.found.start
    sign = place.source.text[at : at + 1].strip(BLANKS)
    if sign in _CURLY:
        return _curly(place, at)
    what = f"'{sign}'" if sign else "the end of the line"
    return place.told(
        "mermaid-syntax",
        f"{what} cannot stand here; write one statement in a line, a link such as '-->' between "
        "nodes, and any other text in quotes",
        at,
    )


def _curly(place: ErrorContext, at: int) -> Mistake:
    rest = place.line(at)
    match = re.match(r"[“”„]([^“”„\"]*)[“”]", rest)
    mend = place.fix(at, match.group(), f'"{match[1]}"') if match else None
    return place.told(
        "mermaid-syntax",
        f"'{rest[0]}' is a quote of a word processor; write \"",
        at,
        len(match.group()) if match else 1,
        mend,
    )


def statement(place: ErrorContext) -> Mistake:
    """No statement begins so."""
    if place.found.kind in ("LINK", "HALF"):
        at = place.found.end - len(place.found.text.lstrip(BLANKS))
        return place.told(
            "mermaid-syntax",
            "this link starts nowhere; write the node it comes from",
            at,
            len(place.found.text.strip(BLANKS)),
        )
    return _comment(place) or node(place)


def node(place: ErrorContext) -> Mistake:
    """Where a node should be, something else is."""
    token, at = place.found, place.found.start
    text = place.source.text
    if text[at : at + 1] in _CURLY:
        return _quoted_node(place) or _curly(place, at)
    if token.kind in ("STRING", "MARKDOWN"):
        return _quoted_node(place) or reserved_word(place)
    if token.kind in ("NEWLINE", "EOF", ";") and place.since.kind in ("LINK", "HALF", "&"):
        start = place.since.end - len(place.since.text.lstrip(BLANKS))
        return place.told(
            "mermaid-syntax",
            "this link leads nowhere; write the node it goes to behind it, in the same line",
            start,
            len(place.since.text.strip(BLANKS)),
        )
    word = re.match(r"[A-Za-z]+", text[at:])
    if word and token.kind not in ("ERROR",):
        name = word.group()
        return place.told(
            "mermaid-reserved",
            f"'{name}' is a word of Mermaid's and cannot name a node; write '{name.capitalize()}' or '{name}_1'",
            at,
            len(name),
            place.fix(at, name, f'{name}_1["{name}"]'),
        )
    if token.kind in CLOSINGS:
        return place.told(
            "mermaid-syntax",
            "this label belongs to no node; write an id before it, as in A[Label]",
            at,
        )
    found = f"'{text[at : at + 1]}'" if text[at : at + 1].strip(BLANKS) else "the end of the line"
    return place.told("mermaid-syntax", f"a node is expected here, not {found}; write its id, as in A[Label]", at)


def _quoted_node(place: ErrorContext) -> Mistake | None:
    """`A --> "B b"`: a label without an id."""
    at = place.found.start - (place.source.text[place.found.start] not in _CURLY)
    match = re.match(r"[\"“”„]([^\"“”„\n]*)[\"“”]", place.source.text[at:])
    if not match:
        return None
    name = re.sub(r"\W+", "_", match[1]).strip("_") or "A"
    curly = match.group()[0] in _CURLY
    note = "these are quotes of a word processor, and " if curly else ""
    return place.told(
        "mermaid-syntax",
        f'{note}a node is more than its label; write an id before it: {name}["{match[1]}"]',
        at,
        len(match.group()),
        place.fix(at, match.group(), f'{name}["{match[1]}"]'),
    )


def group_end(place: ErrorContext) -> Mistake:
    """An `end` too many."""
    return place.told(
        "mermaid-end",
        "this 'end' closes nothing; remove it, or add the 'subgraph' line it belongs to",
        place.found.start,
        3,
    )


def data(place: ErrorContext) -> Mistake:
    """`@{` without its `}`."""
    return place.told("mermaid-unclosed", "the '@{' that opens here has no '}'; close it", place.since.start, 2)


def node_list(place: ErrorContext) -> Mistake:
    """`&` without blanks around it."""
    return place.told(
        "mermaid-syntax",
        "'&' stands between blanks; write A & B",
        place.since.start,
        1,
        place.fix(place.since.start, "&", "& "),
    )


def style_class(place: ErrorContext) -> Mistake:
    """`:::` without a class."""
    return place.told("mermaid-syntax", "':::' is followed by a class; write A:::name", place.since.start, 3)


def link_id(place: ErrorContext) -> Mistake:
    """`e1@` without a link."""
    return place.told(
        "mermaid-syntax",
        f"'{place.since.text}' names a link, and none follows; write A e1@--> B, or put a text with @ in quotes",
        place.since.start,
        len(place.since.text),
    )


def styling(place: ErrorContext) -> Mistake:
    """A `style`, `classDef`, `class`, `linkStyle` or `click` that is not well formed."""
    line = place.source.line_at(place.found.start)
    first = place.source.text.rfind("\n", 0, place.found.start) + 1
    spaced = re.match(r"\s*class\s+[^\s;]+,([ \t]+)(?=\S)", line)
    if spaced:
        at = first + spaced.start(1)
        return place.told(
            "mermaid-syntax",
            "no blank stands behind a comma here; write class A,B name",
            at,
            len(spaced[1]),
            place.fix(at, spaced[1], ""),
        )
    word = place.since.kind
    if word not in _EXAMPLES:
        return _comment(place) or reserved_word(place)
    name = "click" if word == "CLICK" else word
    found = _comment(place)
    return found or place.told(
        "mermaid-syntax",
        f"'{name}' cannot be read from here on; write it as in {_EXAMPLES[word]}",
        min(place.found.start, len(place.source.text) - 1),
    )
