"""What people get wrong in flowcharts: named, with what to write instead, and a mend where sure.

Mermaid says which of thirty tokens it expected; here the text around the place is looked at,
and the mistake that is nearly always behind it is told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from diagramkit.problems import Excerpt, Fix, Problem
from diagramkit.sources.mermaid.builder import Open, Refused
from diagramkit.sources.mermaid.cursor import Unexpected
from diagramkit.sources.mermaid.shapes import CLOSINGS
from diagramkit.sources.mermaid.text import Source
from diagramkit.sources.mermaid.tokens import Token

_ARROWS = {
    "->": "-->", "=>": "==>", "<->": "<-->", "<=>": "<==>", "->>": "-->", "-->>": "-->",
    "→": "-->", "⟶": "-->", "➔": "-->", "➜": "-->", "⇒": "==>", "↔": "<-->", "–>": "-->",
    "—>": "-->", "–": "---", "—": "---", "-": "---", "--": "---", "=": "===", "–->": "-->",
}  # fmt: skip
_ARROW = re.compile(r"<?[-=]{1,2}>{1,2}|[–—]-?>?|[→⟶➔➜⇒↔]")
_BACKWARD = re.compile(r"<(?:-{1,2}|={1,2})(?![->=.])")
_CURLY = {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'"}
_BEHIND_LABEL = re.compile(r"\s*(?:$|;|&|:::|@\{|%%|[xo<]?(?:--|==|-\.)|~~~|->|=>|-\s|[→⟶➔])")
_KEYWORDS = {
    word.lower(): word
    for word in ("subgraph", "end", "direction", "style", "classDef", "class", "linkStyle", "click")
}
_EXAMPLES = {
    "style": "style A fill:#fff,stroke:#333",
    "classDef": "classDef hot fill:#f96,stroke:#333",
    "class": "class A,B hot",
    "linkStyle": "linkStyle 0,1 stroke:#f00",
    "CLICK": 'click A "https://example.com" "A hint" _blank',
}


@dataclass(frozen=True, slots=True)
class Found:
    """A problem, and the offset from whose line's end on to read on."""

    problem: Problem
    offset: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a mistake was met: the source, the word that was found, the word that began it."""

    source: Source
    found: Token
    since: Token

    @property
    def rest(self) -> str:
        """The rest of the line from the found word on."""
        return self.line(self.found.start)

    def line(self, start: int) -> str:
        """The text from `start` to the end of its line."""
        end = self.source.text.find("\n", start)
        return self.source.text[start : end if end >= 0 else len(self.source.text)]

    def before(self, offset: int) -> str:
        """The text of the line before `offset`."""
        return self.source.text[self.source.text.rfind("\n", 0, offset) + 1 : offset]

    def told(
        self, code: str, message: str, at: int, width: int = 1, fix: Fix | None = None
    ) -> Found:
        """The problem at the offset `at`."""
        return Found(problem(self.source, code, message, at, width, fix), at)

    def fix(self, at: int, old: str, new: str) -> Fix:
        """The mend that replaces `old`, which stands at `at`."""
        return fix(self.source, at, old, new)


def problem(
    source: Source, code: str, message: str, at: int, width: int = 1, fix: Fix | None = None
) -> Problem:
    """A problem at an offset of the text as it is, with its line."""
    at = min(at, len(source.text.rstrip("\n")))
    then = source.original_offset(at)
    line, column = source.original_line(then)
    width = max(1, min(width, len(line) - column + 1))
    return Problem(code, message, source.span_of_original(then), "error",
                   Excerpt(line, column, width), fix)  # fmt: skip


def fix(source: Source, at: int, old: str, new: str) -> Fix:
    """A mend of the original text."""
    return Fix(source.span(at), old, new, source.origin.column - 1)


def explain(source: Source, error: Unexpected) -> Found:
    """What is wrong where the parser could not go on."""
    place = _Place(source, error.found, error.since)
    return _EXPLAIN.get(error.place, _styling)(place)


def refused(source: Source, start: Token, error: Refused) -> Found:
    """What is wrong with a statement that can be read, and cannot be."""
    code, message = error.args
    at = start.start
    brace = source.line_at(start.start).find("@{")
    if brace >= 0:
        at = source.text.rfind("\n", 0, start.start) + 1 + brace
    return Found(problem(source, code, message, at), at)


def unclosed(source: Source, groups: Sequence[Open]) -> list[Problem]:
    """A problem for each subgraph without an `end`; the mend of the innermost is at the end."""
    found = []
    for group in groups:
        last = len(source.text.rstrip())
        line = source.line_at(group.start)
        indent = line[: len(line) - len(line.lstrip())]
        mend = fix(source, last, "", f"\n{indent}end") if group is groups[-1] else None
        title = group.title.text.strip()
        named = f" '{title}'" if title else ""
        found.append(
            problem(
                source,
                "mermaid-end",
                f"the subgraph{named} has no end; write 'end' in a line behind it",
                group.start,
                len("subgraph"),
                mend,
            )
        )
    return found


def mismatch(source: Source, half: Token, end: Token) -> Problem:
    """A warning: Mermaid takes these two halves of a link, and draws a plain arrow for them."""
    at = half.end - len(half.text.lstrip())
    return Problem(
        "mermaid-link",
        f"the halves '{half.text.strip()}' and '{end.text.strip()}' do not belong together; "
        "Mermaid draws a plain arrow",
        source.span(at),
        "warning",
    )


# Heading


def _header(place: _Place) -> Found:
    return place.told(
        "mermaid-syntax", "a flowchart starts with 'flowchart LR' or 'graph TD'", place.found.start
    )


def _direction(place: _Place) -> Found:
    start = place.found.start + len(place.rest) - len(place.rest.lstrip())
    word = re.match(r"[^\s;]*", place.rest.lstrip())
    text = word.group() if word else ""
    mend = None
    if text.upper() in ("TB", "TD", "BT", "LR", "RL"):
        mend = place.fix(start, text, text.upper())
    return place.told(
        "mermaid-syntax",
        f"'{text}' is not a direction; write TB, BT, LR or RL",
        start, len(text) or 1, mend,
    )  # fmt: skip


def _header_end(place: _Place) -> Found:
    text = place.source.text
    start = place.since.end + len(text[place.since.end :]) - len(text[place.since.end :].lstrip(" \t"))
    rest = place.line(start)
    word = rest.split(maxsplit=1)[0] if rest.split() else rest
    gap = text[place.since.end : start]
    return place.told(
        "mermaid-syntax",
        f"'{word}' stands in the line of 'graph'; put it in a line of its own",
        start, len(rest.rstrip()), place.fix(place.since.end, gap, "\n    ") if gap else None,
    )  # fmt: skip


# Statements


def _node_end(place: _Place) -> Found:
    """Behind a node neither a link nor the end of the statement."""
    return _arrow(place) or _comment(place) or _behind_node(place) or _cannot_stand(place)


def _arrow(place: _Place) -> Found | None:
    text, at = place.source.text, place.found.start
    # `A->B` reads as the id `A-` and a bracket; `A - text -> B` stops at the dash.
    while at > 0 and text[at - 1] in "-=<":
        at -= 1
    rest = place.line(at)
    at += len(rest) - len(rest.lstrip(" \t"))
    rest = rest.lstrip(" \t")
    match = _ARROW.match(rest)
    if match and match.group() in _ARROWS:
        right = _ARROWS[match.group()]
        message = f"'{match.group()}' is not a link in Mermaid; write '{right}'"
        width = len(match.group())
        return place.told("mermaid-arrow", message, at, width, place.fix(at, match.group(), right))
    back = _BACKWARD.match(rest)
    if back:
        return _backward(place, at, back.group())
    if re.match(r"-(?=\s)", rest):
        return place.told(
            "mermaid-arrow", "'-' is not a link in Mermaid; write '---' or '-->'", at, 1,
            place.fix(at, "-", "---"),
        )  # fmt: skip
    return None


def _backward(place: _Place, at: int, arrow: str) -> Found:
    whole = re.fullmatch(r"(\s*)([\w.]+)\s*<[-=]+\s*([\w.]+)\s*", place.source.line_at(at))
    mend = None
    if whole:
        line = place.source.line_at(at).strip()
        link = "==>" if "=" in arrow else "-->"
        start = at - len(place.before(at).lstrip())
        mend = place.fix(start, line, f"{whole[3]} {link} {whole[2]}")
    return place.told(
        "mermaid-arrow",
        f"'{arrow}' is not a link in Mermaid; an arrow points forward: swap its ends and "
        "write '-->'",
        at, len(arrow), mend,
    )  # fmt: skip


def _comment(place: _Place) -> Found | None:
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
        at, len(rest.rstrip()), mend,
    )  # fmt: skip


def _behind_node(place: _Place) -> Found | None:
    text, at = place.source.text, place.found.start
    before = place.before(at)
    first = before.strip().split(maxsplit=1)[0] if before.strip() else ""
    keyword = _KEYWORDS.get(first.lower().rstrip(":"))
    if keyword and first != keyword:
        start = at - len(before.lstrip())
        return place.told(
            "mermaid-syntax",
            f"'{first}' is no word of Mermaid's; write '{keyword}'",
            start, len(first), place.fix(start, first, keyword),
        )  # fmt: skip
    if place.found.kind in CLOSINGS and before.endswith((" ", "\t")):
        gap = before[len(before.rstrip()) :]
        name = before.split()[-1]
        return place.told(
            "mermaid-syntax",
            f"a blank stands between '{name}' and its label; remove it",
            at, 1, place.fix(at - len(gap), gap, ""),
        )  # fmt: skip
    if place.found.kind == ":::":
        return place.told(
            "mermaid-syntax",
            "a node takes one class by ':::'; write 'class A name' in a line of its own",
            at, 3,
        )  # fmt: skip
    if text[at] in "()[]{}|":
        opened = place.found.kind in CLOSINGS or place.found.kind == "|"
        what = "a second label cannot stand here" if opened else f"'{text[at]}' closes nothing"
        return place.told(
            "mermaid-syntax", f"{what}; put a label in quotes: A[\"text (and more)\"]", at
        )
    if place.found.kind in ("WORD", "LETTER", "NUMBER") and before.endswith((" ", "\t")):
        word = place.rest.split()[0]
        last = before.split()[-1]
        if last.endswith(":"):
            advice = "a link's text stands behind its arrow: write A -->|text| B"
        else:
            advice = f'an id is one word: write {last}["{last} {word}"], or a link between the two'
        return place.told(
            "mermaid-syntax", f"'{word}' cannot stand here; {advice}", at, len(word)
        )
    return None


def _cannot_stand(place: _Place) -> Found:
    at = place.found.start
    sign = place.source.text[at : at + 1].strip()
    if sign in _CURLY:
        return _curly(place, at)
    what = f"'{sign}'" if sign else "the end of the line"
    return place.told(
        "mermaid-syntax",
        f"{what} cannot stand here; write one statement in a line, a link such as '-->' between "
        "nodes, and any other text in quotes",
        at,
    )


def _curly(place: _Place, at: int) -> Found:
    rest = place.line(at)
    match = re.match(r"[“”„]([^“”„\"]*)[“”]", rest)
    mend = place.fix(at, match.group(), f'"{match[1]}"') if match else None
    return place.told(
        "mermaid-syntax",
        f"'{rest[0]}' is a quote of a word processor; write \"",
        at, len(match.group()) if match else 1, mend,
    )  # fmt: skip


def _statement(place: _Place) -> Found:
    """No statement begins so."""
    if place.found.kind in ("LINK", "HALF"):
        at = place.found.end - len(place.found.text.lstrip())
        return place.told(
            "mermaid-syntax", "this link starts nowhere; write the node it comes from", at,
            len(place.found.text.strip()),
        )  # fmt: skip
    return _comment(place) or _node(place)


def _node(place: _Place) -> Found:
    """Where a node should be, something else is."""
    token, at = place.found, place.found.start
    text = place.source.text
    if text[at : at + 1] in _CURLY:
        return _quoted_node(place) or _curly(place, at)
    if token.kind in ("STRING", "MARKDOWN"):
        return _quoted_node(place) or _cannot_stand(place)
    if token.kind in ("NEWLINE", "EOF", ";") and place.since.kind in ("LINK", "HALF", "&"):
        start = place.since.end - len(place.since.text.lstrip())
        return place.told(
            "mermaid-syntax",
            "this link leads nowhere; write the node it goes to behind it, in the same line",
            start, len(place.since.text.strip()),
        )  # fmt: skip
    word = re.match(r"[A-Za-z]+", text[at:])
    if word and token.kind not in ("ERROR",):
        name = word.group()
        return place.told(
            "mermaid-reserved",
            f"'{name}' is a word of Mermaid's and cannot name a node; "
            f"write '{name.capitalize()}' or '{name}_1'",
            at, len(name), place.fix(at, name, f'{name}_1["{name}"]'),
        )  # fmt: skip
    if token.kind in CLOSINGS:
        return place.told(
            "mermaid-syntax", "this label belongs to no node; write an id before it, as in A[Label]", at
        )
    found = f"'{text[at : at + 1]}'" if text[at : at + 1].strip() else "the end of the line"
    return place.told(
        "mermaid-syntax", f"a node is expected here, not {found}; write its id, as in A[Label]", at
    )


def _quoted_node(place: _Place) -> Found | None:
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
        f"{note}a node is more than its label; write an id before it: {name}[\"{match[1]}\"]",
        at, len(match.group()), place.fix(at, match.group(), f'{name}["{match[1]}"]'),
    )  # fmt: skip


# Labels


def _label(place: _Place) -> Found:
    """A label that is not well formed, between `since` and what was found."""
    opening, start = place.since.kind, place.since.end
    closings = CLOSINGS.get(opening, ("|",))
    doubled = opening in ("(", "{") and place.source.text[start : start + 1] == opening
    if doubled:
        start, closings = start + 1, (closings[0] * 2,)
    if opening == ">" and place.source.text[place.since.start - 1] in "-=":
        return _arrow(_Place(place.source, place.since, place.since)) or _cannot_stand(place)
    rest = place.line(start)
    end = _label_end(rest, closings)
    shown = opening * 2 if doubled else opening
    if end is None:
        return _no_closing(place, shown, closings[0], start)
    raw, closing = rest[: end[0]], end[1]
    at = place.found.start
    if not raw.strip().strip('"').strip():
        return place.told(
            "mermaid-empty-label",
            'Mermaid refuses an empty label; write a text, or [" "] for none',
            place.since.start, len(shown + raw + closing), place.fix(start, raw, '" "'),
        )  # fmt: skip
    inner = raw.strip()
    if inner[0] in '"“”' and inner[-1] in '"“”' and len(inner) > 1:
        inner = inner[1:-1]
    new = '"' + inner.translate({ord("“"): "#quot;", ord("”"): "#quot;", ord('"'): "#quot;"}) + '"'
    sign = place.source.text[at : at + 1]
    if place.found.kind in ("STRING", "MARKDOWN"):
        sign, at = '"', at - 1
    if not start <= at <= start + len(raw):
        at = start
        sign = next((char for char in raw if char in '()[]{}|"'), raw[0])
        at += raw.index(sign)
    return place.told(
        "mermaid-unquoted",
        f"'{sign}' needs quotes around the label; write {shown}{new}{closing}",
        at, 1, place.fix(start, raw, new),
    )  # fmt: skip


def _label_end(rest: str, closings: Sequence[str]) -> tuple[int, str] | None:
    """Where in the rest of the line the label ends: behind it nothing stands, or a link."""
    found = [
        (at, closing)
        for closing in closings
        for at in range(len(rest))
        if rest.startswith(closing, at)
    ]
    if closings == ("|",):
        return min(found, default=None)
    ends = [end for end in sorted(found) if _BEHIND_LABEL.match(rest[end[0] + len(end[1]) :])]
    balanced = [end for end in ends if _balanced(rest[: end[0]])]
    return (balanced or ends or sorted(found)[-1:] or [None])[0]


def _balanced(text: str) -> bool:
    return all(text.count(a) == text.count(b) for a, b in ("()", "[]", "{}"))


def _no_closing(place: _Place, shown: str, closing: str, start: int) -> Found:
    rest = place.line(start).rstrip()
    mend = None
    note = "; close it"
    if shown in ("[/", "[\\") and "]" in rest:
        inner = rest.split("]")[0]
        note = f'; if the label only starts so, write ["{shown[1]}{inner}"]'
        old = f"{shown}{inner}]"
        mend = place.fix(place.since.start, old, f'["{shown[1]}{inner}"]')
    elif rest and not re.search(r"--|==|-\.|[()\[\]{}|\"]", rest):
        mend = place.fix(start, rest, rest + closing)
    return place.told(
        "mermaid-unclosed",
        f"the label that '{shown}' opens has no '{closing}'{note}",
        place.since.start, len(shown), mend,
    )  # fmt: skip


def _link_text(place: _Place) -> Found:
    """`A -- text` without its second half."""
    half = place.since
    at = half.end - len(half.text.lstrip())
    text = half.text.strip()
    rest = place.line(at)
    if _BACKWARD.match(rest):
        return _backward(place, at, text)
    piped = re.match(r"(--|==|-\.)\s*\|([^|\n]*)\|\s*(--+>|==+>|\.+->)", rest)
    if piped:
        arrow = {"--": "-->", "==": "==>", "-.": "-.->"}[piped[1]]
        new = f"{arrow}|{piped[2]}|"
        return place.told(
            "mermaid-syntax", f"a text in bars stands behind the arrow; write {new}", at,
            len(piped.group()), place.fix(at, piped.group(), new),
        )  # fmt: skip
    short = re.match(r"(--)(\s[^\n]*?\s)->", rest)
    if short:
        return place.told(
            "mermaid-arrow", "'->' is not the end of a link; write '-->'",
            at + short.end() - 2, 2, place.fix(at + short.end() - 2, "->", "-->"),
        )  # fmt: skip
    closing = {"-": "-->", "=": "==>", ".": ".->"}[text[-1]]
    return place.told(
        "mermaid-syntax",
        f"the link '{text}' has no end; write '{text} text {closing}', or '{text}{text[-1]}' "
        "for a line without a text",
        at, len(text),
    )  # fmt: skip


def _link_label(place: _Place) -> Found:
    """`-->|text|`, not well formed."""
    return _label(place)


# Subgraphs


def _subgraph(place: _Place) -> Found:
    rest = place.line(place.since.end)
    title = rest.strip()
    if not title:
        return place.told(
            "mermaid-syntax", "a subgraph needs a title; write 'subgraph Name'",
            place.since.start, len("subgraph"),
        )  # fmt: skip
    at = place.since.end + rest.index(title)
    new = '"' + re.sub(r'["“”]', "", title) + '"'
    return place.told(
        "mermaid-unquoted",
        f"'{place.source.text[place.found.start : place.found.start + 1].strip() or title}' needs "
        f"quotes around the title; write subgraph {new}",
        max(at, place.found.start) if place.found.start < at + len(title) else at,
        1, place.fix(at, title, new),
    )  # fmt: skip


def _end(place: _Place) -> Found:
    return place.told(
        "mermaid-end",
        "this 'end' closes nothing; remove it, or add the 'subgraph' line it belongs to",
        place.found.start, 3,
    )  # fmt: skip


def _data(place: _Place) -> Found:
    return place.told(
        "mermaid-unclosed", "the '@{' that opens here has no '}'; close it", place.since.start, 2
    )


def _data_end(place: _Place) -> Found:
    return place.told(
        "mermaid-syntax", "behind '@{ … }' stands a link, '&', or the end of the line",
        place.found.start,
    )  # fmt: skip


def _list(place: _Place) -> Found:
    return place.told(
        "mermaid-syntax", "'&' stands between blanks; write A & B", place.since.start,
        1, place.fix(place.since.start, "&", "& "),
    )  # fmt: skip


def _class(place: _Place) -> Found:
    return place.told(
        "mermaid-syntax", "':::' is followed by a class; write A:::name", place.since.start, 3
    )


def _link_id(place: _Place) -> Found:
    return place.told(
        "mermaid-syntax",
        f"'{place.since.text}' names a link, and none follows; write A e1@--> B, "
        "or put a text with @ in quotes",
        place.since.start, len(place.since.text),
    )  # fmt: skip


def _styling(place: _Place) -> Found:
    word = place.since.kind
    if word not in _EXAMPLES:
        return _comment(place) or _cannot_stand(place)
    comma = re.match(r"\s+", place.rest)
    before = place.before(place.found.start).rstrip()
    if word == "class" and before.endswith(",") and not comma:
        gap = place.before(place.found.start)[len(before) :]
        return place.told(
            "mermaid-syntax", "no blank stands behind a comma here; write class A,B name",
            place.found.start - len(gap), 1, place.fix(place.found.start - len(gap), gap, ""),
        )  # fmt: skip
    name = "click" if word == "CLICK" else word
    found = _comment(place)
    return found or place.told(
        "mermaid-syntax",
        f"'{name}' cannot be read from here on; write it as in {_EXAMPLES[word]}",
        min(place.found.start, len(place.source.text) - 1),
    )


_EXPLAIN: dict[str, Callable[[_Place], Found]] = {
    "header": _header,
    "direction": _direction,
    "header end": _header_end,
    "statement": _statement,
    "node": _node,
    "node end": _node_end,
    "label": _label,
    "link label": _link_label,
    "link text": _link_text,
    "link id": _link_id,
    "list": _list,
    "class": _class,
    "data": _data,
    "data end": _data_end,
    "subgraph": _subgraph,
    "subgraph end": _subgraph,
    "end": _end,
}
