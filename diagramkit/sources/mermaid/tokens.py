"""The words of a Mermaid flowchart: its lexer, state by state.

Mermaid's lexer has states (in a label, in the text of a link, behind `click`, …); in each,
the first pattern that matches wins. The patterns are those of Mermaid 12.3 as it is
published, which is not always what its grammar file seems to say: an `=` in an id, for
instance, is no part of it.

Source: Mermaid, `flow.jison`, section "lexical grammar".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from msgspec import Struct

from diagramkit.sources.mermaid.letters import BLANKS, LETTER


class Token(NamedTuple):
    """A word: its kind, its text (without what only opens or closes it), where it starts, ends."""

    kind: str
    text: str
    start: int
    end: int


class Rule(Struct, frozen=True):
    """A pattern; the kind of token it makes (None: no token); what becomes of the states.

    `blanks`: white space may stand before it, and belongs to the token.
    """

    pattern: str
    kind: str | None
    push: str | None = None
    pop: bool = False
    blanks: bool = False


_BLANKS_IN_LINE = BLANKS.replace("\n", "")


def _rule(pattern: str, kind: str | None, push: str | None = None, pop: bool = False, blanks: bool = False) -> Rule:
    # JavaScript's word boundary, which knows ASCII letters alone.
    pattern = pattern.replace(r"\b", "(?![A-Za-z0-9_])")
    pattern = pattern.replace(r"[^\S\n]", f"[{_BLANKS_IN_LINE}]")
    pattern = pattern.replace(r"[^\s]", f"[^{BLANKS}]").replace(r"\s", f"[{BLANKS}]")
    return Rule(pattern, kind, push, pop, blanks)


_PLAIN_LINK = _rule(r"[xo<]?--+[-xo>]\s*", "LINK", pop=True, blanks=True)
_THICK_LINK = _rule(r"[xo<]?==+[=xo>]\s*", "LINK", pop=True, blanks=True)
_DOTTED_LINK = _rule(r"[xo<]?-?\.+-[xo>]?\s*", "LINK", pop=True, blanks=True)

# What opens a string or a bracket does so in every state.
_STRINGS = (_rule(r'"`', None, push="markdown"), _rule(r'"', None, push="string"))
_INVISIBLE = _rule(r"~~~+\s*", "LINK", blanks=True)
_OPENINGS = (
    _rule(r"\(-", "(-", push="ellipse"),
    _rule(r"\(\[", "([", push="text"),
    _rule(r"\[\[", "[[", push="text"),
    _rule(r"\[\(", "[(", push="text"),
    _rule(r"\(\(\(", "(((", push="text"),
    _rule(r"\[/", "[/", push="slanted"),
    _rule(r"\[\\", "[\\", push="slanted"),
)
_SIMPLE_OPENINGS = (
    _rule(r"\|", "|", push="text"),
    _rule(r"\(", "(", push="text"),
    _rule(r"\[", "[", push="text"),
    _rule(r"\{", "{", push="text"),
)

STATES: dict[str, tuple[Rule, ...]] = {
    "statement": (
        _rule(r"accTitle\s*:\s*", "accTitle", push="accTitle"),
        _rule(r"accDescr\s*:\s*", "accDescr", push="accDescr"),
        _rule(r"accDescr\s*\{\s*", None, push="accBlock"),
        _rule(r"@\{", "DATA", push="data"),
        _rule(r"call\s+", None, push="callback"),
        *_STRINGS,
        _rule(r"style\b", "style"),
        _rule(r"default\b", "default"),
        _rule(r"linkStyle\b", "linkStyle"),
        _rule(r"interpolate\b", "interpolate"),
        _rule(r"classDef\b", "classDef"),
        _rule(r"class\b", "class"),
        _rule(r"href\s", "href"),
        _rule(r"click\s+", None, push="click"),
        _rule(r"(?:flowchart-elk|swimlane-beta|graph|flowchart)\b", "graph"),
        _rule(r"subgraph\b", "subgraph"),
        _rule(r"end\b\s*", "end"),
        _rule(r"_(?:self|blank|parent|top)\b", "target"),
        # Here stand `direction` and link ids, which look far ahead: see `Lexer._long`.
        _rule(r"[0-9]+", "NUMBER"),
        _rule(r"#", "#"),
        _rule(r":::", ":::"),
        _rule(r":", ":"),
        _rule(r"&", "&"),
        _rule(r";", ";"),
        _rule(r",", ","),
        _rule(r"\*", "*"),
        _PLAIN_LINK,
        _rule(r"[xo<]?--\s*", "HALF", push="plain link", blanks=True),
        _THICK_LINK,
        _rule(r"[xo<]?==\s*", "HALF", push="thick link", blanks=True),
        _DOTTED_LINK,
        _rule(r"[xo<]?-\.\s*", "HALF", push="dotted link", blanks=True),
        _INVISIBLE,
        *_OPENINGS[:3],
        _rule(r"\[\|", "[|"),
        _rule(r">", ">", push="text"),
        *_OPENINGS[3:],
        _rule(r"<", "<"),
        _rule(r"\^", "^"),
        _rule(r"\\\|", "\\|"),
        _rule(r"v\b", "v"),
        _rule(r"(?:[A-Za-z0-9!\"#$%&'*+.`?\\_/]|-(?=[^>\-.]))+", "WORD"),
        _rule(r"-", "-"),
        _rule(LETTER, "LETTER"),
        *_SIMPLE_OPENINGS,
        _rule(r"\n+", "NEWLINE"),
        _rule(r"[^\S\n]+", "SPACE"),
    ),
    "direction": (
        *_STRINGS,
        _rule(r"\n*\s*\n", "NO WAY", pop=True),
        _rule(r"\s*(?:LR|RL|TB|BT|TD|BR)\b", "WAY", pop=True),
        _rule(r"\s*[<>^]", "WAY", pop=True),
        _rule(r"\s*v\b", "WAY", pop=True),
        *_OPENINGS,
        *_SIMPLE_OPENINGS,
    ),
    "text": (
        *_STRINGS,
        _INVISIBLE,
        *_OPENINGS[:1],
        _rule(r"\]\)", "])", pop=True),
        _OPENINGS[1],
        _rule(r"\]\]", "]]", pop=True),
        _OPENINGS[2],
        _rule(r"\)\]", ")]", pop=True),
        _OPENINGS[3],
        _rule(r"\)\)\)", ")))", pop=True),
        *_OPENINGS[4:],
        _rule(r"\|", "|", pop=True),
        _rule(r"\)", ")", pop=True),
        _SIMPLE_OPENINGS[1],
        _rule(r"\]", "]", pop=True),
        _SIMPLE_OPENINGS[2],
        _rule(r"\}", "}", pop=True),
        _SIMPLE_OPENINGS[3],
        _rule(r"[^\[\](){}|\"]+", "TEXT"),
    ),
    "ellipse": (
        *_STRINGS,
        _INVISIBLE,
        _rule(r"[-/)]\)", "-)", pop=True),
        _rule(r"[^()\[\]{}]", "TEXT"),
        *_OPENINGS,
        *_SIMPLE_OPENINGS,
    ),
    "slanted": (
        *_STRINGS,
        _INVISIBLE,
        *_OPENINGS[:5],
        _rule(r"[\\(?=\])]\]", "\\]", pop=True),
        _rule(r"/(?=\])\]", "/]", pop=True),
        _rule(r"/(?!\])|\\(?!\])|[^\\\[\](){}/]+", "TEXT"),
        *_OPENINGS[5:],
        *_SIMPLE_OPENINGS,
    ),
    "plain link": (
        *_STRINGS,
        _PLAIN_LINK,
        _rule(r"[^-]|-(?!-)", "TEXT"),
    ),
    "thick link": (
        *_STRINGS,
        _THICK_LINK,
        _rule(r"[^=]", "TEXT"),
    ),
    "dotted link": (
        *_STRINGS,
        _DOTTED_LINK,
        _rule(r"[^.]", "TEXT"),
    ),
    "string": (_STRINGS[0], _rule(r'[^"]+', "STRING"), _rule(r'"', None, pop=True)),
    "markdown": (
        _rule(r"[^`\"]+", "MARKDOWN"),
        _rule(r'`"', None, pop=True),
        *_STRINGS,
        *_OPENINGS,
        *_SIMPLE_OPENINGS,
    ),
    "data": (
        _rule(r'"', "DATA", push="data string"),
        _rule(r'[^}^"]+', "DATA"),
        _rule(r"\}", None, pop=True),
    ),
    "data string": (_rule(r'"', "DATA", pop=True), _rule(r'[^"]+', "DATA")),
    "accTitle": (_rule(r"[^\n]*", "ACC TITLE", pop=True),),
    "accDescr": (_rule(r"[^\n]*", "ACC DESCR", pop=True),),
    "accBlock": (_rule(r"\}", None, pop=True), _rule(r"[^}]*", "ACC BLOCK")),
    "callback": (
        _rule(r"\(\s*\)", None, pop=True),
        _rule(r"\(", None, pop=True, push="arguments"),
        _rule(r"[^(]*", "CALLBACK"),
    ),
    "arguments": (_rule(r"\)", None, pop=True), _rule(r"[^)]*", "ARGUMENTS")),
    "click": (*_STRINGS, _rule(r"\s", None, pop=True), _rule(r"[^\s]*", "CLICK")),
}

_WAYS = ("TB", "BT", "RL", "LR", "TD")
_DIRECTION = re.compile(rf"direction[{BLANKS}]+(TB|BT|RL|LR|TD)")
_RUN_END = re.compile(rf'[{BLANKS}"\[\](){{}}|]|\Z')
_BLANKS = re.compile(f"[{BLANKS}]*")
_LINK_STARTS = frozenset("xo<-=.~")
# In link texts and ellipses a word is one character long: take many at once, for speed.
_QUICK = {
    "plain link": re.compile(rf"[^-\"xo<(\[{{|~{BLANKS}]+"),
    "thick link": re.compile(rf"[^=\"xo<(\[{{|~{BLANKS}]+"),
    "dotted link": re.compile(rf"[^.\-\"xo<(\[{{|~{BLANKS}]+"),
    "ellipse": re.compile(rf"[^-/()\[\]{{}}\"~{BLANKS}]+"),
}
_FAR = "NUMBER"


class _Table:
    """Some rules as one pattern, in which the first that matches wins."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self.match = re.compile("|".join(f"({rule.pattern})" for rule in self.rules)).match


_Tables = tuple[_Table, _Table | None, _Table | None]


def _end(pattern: re.Pattern[str], text: str, pos: int) -> int:
    match = pattern.match(text, pos)
    return match.end() if match else pos


def _tables(rules: tuple[Rule, ...]) -> _Tables:
    """What comes before far-looking rules, what comes after (if any), what follows blanks."""
    kinds = [rule.kind for rule in rules]
    far = kinds.index(_FAR) if _FAR in kinds else len(rules)
    after_blanks = [rule for rule in rules if rule.blanks]
    return (
        _Table(rules[:far]),
        _Table(rules[far:]) if far < len(rules) else None,
        _Table(after_blanks) if after_blanks else None,
    )


@cache
def _tables_of(state: str, ascii_only: bool) -> _Tables:
    """What is read in a state, made where one comes to it: few texts know them all, and the pattern of all
    letters is dear to make."""
    rules = STATES[state]
    return _tables(tuple(one for one in rules if not ascii_only or one.kind != "LETTER"))


class Lexer:
    """The words of one text. After an error, reading may start anew at any place."""

    def __init__(self, text: str) -> None:
        self.text, self._ascii = text, text.isascii()
        self._directions = [(m.start(), m[1]) for m in _DIRECTION.finditer(text)]
        self._starts = [start for start, _ in self._directions]
        self._looks_far = bool(self._starts) or "@" in text
        self._begun = False
        self._look()

    def _look(self) -> None:
        """Forget what was seen ahead."""
        self._run = self._at = -1  # where a run of characters ends; the last link id's `@` in it
        self._line = -1  # where the line ends
        self._blanks = -1  # where the blanks end

    def tokens(self, pos: int = 0) -> Iterator[Token]:
        """Every word from `pos` on, then EOF for ever. What no rule takes is an ERROR word."""
        self._look()
        text, end = self.text, len(self.text)
        states = ["statement"]
        state = states[-1]
        tables, quick = _tables_of(state, self._ascii), _QUICK.get(state)
        while pos < end:
            match = quick.match(text, pos) if quick else None
            if match is not None:
                yield Token("TEXT", match.group(), pos, match.end())
                pos = match.end()
                continue
            kind, stop, rule = self._next(tables, pos)
            if kind is not None:
                yield Token(kind, text[pos:stop], pos, stop)
                if kind == "ERROR":
                    return
            pos = stop
            if rule is not None and (rule.pop or rule.push or rule.kind == "graph"):
                self._turn(rule, states)
                state = states[-1]
                tables, quick = _tables_of(state, self._ascii), _QUICK.get(state)
        while True:
            yield Token("EOF", "", end, end)

    def _next(self, tables: _Tables, pos: int) -> tuple[str | None, int, Rule | None]:
        """The word at `pos`: its kind, where it ends, the rule that made it."""
        text = self.text
        table, second, behind_blanks = tables
        match = table.match(text, pos)
        if match is None and second is not None:
            if self._looks_far and (far := self._far(pos)):
                return far[0], far[1], None
            table, match = second, second.match(text, pos)
        if behind_blanks is not None and text[pos] in BLANKS:
            stop = self._blanks
            if pos >= stop:
                stop = self._blanks = _end(_BLANKS, text, pos)
            if text[stop : stop + 1] in _LINK_STARTS and (found := behind_blanks.match(text, stop)):
                table, match = behind_blanks, found
        if match is None:
            return "ERROR", pos + 1, None
        rule = table.rules[(match.lastindex or 1) - 1]
        return rule.kind, match.end(), rule

    def _turn(self, rule: Rule, states: list[str]) -> None:
        """The states after a rule."""
        if rule.pop and len(states) > 1:
            states.pop()
        if rule.push:
            states.append(rule.push)
        if rule.kind == "graph" and not self._begun:
            self._begun = True
            states.append("direction")

    def _far(self, pos: int) -> tuple[str, int] | None:
        """A `direction` anywhere in the rest of the line; else an id before `@`."""
        at = bisect_left(self._starts, pos)
        if at < len(self._starts):
            if pos >= self._line:
                self._line = self._end_of_line(pos)
            ways = {}
            while at < len(self._starts) and self._starts[at] <= self._line:
                ways[self._directions[at][1]] = self._starts[at]
                at += 1
            for way in _WAYS:
                if way in ways:
                    start = self.text.index(way, ways[way] + len("direction"))
                    return f"DIRECTION {way}", self._end_of_line(start)
        return self._link_id(pos)

    def _end_of_line(self, pos: int) -> int:
        end = self.text.find("\n", pos)
        return len(self.text) if end < 0 else end

    def _link_id(self, pos: int) -> tuple[str, int] | None:
        """`e1@`, where no `{` or `"` follows: the longest there is in this run of characters."""
        if pos >= self._run:
            stop = _RUN_END.search(self.text, pos)
            self._run = stop.start() if stop else len(self.text)
            at = self.text.rfind("@", pos, self._run)
            while at >= 0 and self.text[at + 1 : at + 2] in ("{", '"', ""):
                at = self.text.rfind("@", pos, at)
            self._at = at
        return ("LINK ID", self._at + 1) if self._at > pos else None
