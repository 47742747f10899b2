"""The lexer of Mermaid flowcharts.

Mermaid's lexer has states (inside a label, inside the text of a link, after `click`, …); in each state, the first
pattern that matches wins. The patterns are those of Mermaid 12.3 as published, which sometimes differ from what its
grammar file suggests: `=` is not allowed in an id, for example.

Source: Mermaid, `flow.jison`, section "lexical grammar".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from msgspec import Struct

from diagramkit.sources.mermaid.letters import LETTER, WHITESPACE


class Token(NamedTuple):
    """A token: its kind, its text (without delimiters such as quotes), and its start and end offsets."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def visible(self) -> str:
        """The text without white space around it."""
        return self.text.strip(WHITESPACE)

    @property
    def visible_start(self) -> int:
        """The offset of the first character that is not white space."""
        return self.end - len(self.text.lstrip(WHITESPACE))


class Rule(Struct, frozen=True):
    """A pattern of the lexer, the kind of token that it produces (None for no token), and its effect on the states.

    `push` is the state to enter, and `pop` leaves the current state first. With `allow_space_before`, the token
    includes any white space before it.
    """

    pattern: str
    kind: str | None
    push: str | None = None
    pop: bool = False
    allow_space_before: bool = False


_INLINE_WHITESPACE = WHITESPACE.replace("\n", "")


def _rule(
    pattern: str, kind: str | None, push: str | None = None, pop: bool = False, allow_space_before: bool = False
) -> Rule:
    """Return a rule whose pattern has the meaning that it has in JavaScript: ASCII word boundaries, its white space."""
    pattern = pattern.replace(r"\b", "(?![A-Za-z0-9_])")
    pattern = pattern.replace(r"[^\S\n]", f"[{_INLINE_WHITESPACE}]")
    pattern = pattern.replace(r"[^\s]", f"[^{WHITESPACE}]").replace(r"\s", f"[{WHITESPACE}]")
    return Rule(pattern, kind, push, pop, allow_space_before)


_PLAIN_LINK = _rule(r"[xo<]?--+[-xo>]\s*", "LINK", pop=True, allow_space_before=True)
_THICK_LINK = _rule(r"[xo<]?==+[=xo>]\s*", "LINK", pop=True, allow_space_before=True)
_DOTTED_LINK = _rule(r"[xo<]?-?\.+-[xo>]?\s*", "LINK", pop=True, allow_space_before=True)
_INVISIBLE_LINK = _rule(r"~~~+\s*", "LINK", allow_space_before=True)

# Strings and brackets may start in almost every state.
_STRING_STARTS = (_rule(r'"`', None, push="markdown"), _rule(r'"', None, push="string"))
_OPENINGS = (
    _rule(r"\(-", "(-", push="ellipse"),
    _rule(r"\(\[", "([", push="text"),
    _rule(r"\[\[", "[[", push="text"),
    _rule(r"\[\(", "[(", push="text"),
    _rule(r"\(\(\(", "(((", push="text"),
    _rule(r"\[/", "[/", push="slanted"),
    _rule(r"\[\\", "[\\", push="slanted"),
)
_SINGLE_OPENINGS = (
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
        *_STRING_STARTS,
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
        # At this point `direction` and link ids are tried, which need lookahead: see `Lexer._lookahead`.
        _rule(r"[0-9]+", "NUMBER"),
        _rule(r"#", "#"),
        _rule(r":::", ":::"),
        _rule(r":", ":"),
        _rule(r"&", "&"),
        _rule(r";", ";"),
        _rule(r",", ","),
        _rule(r"\*", "*"),
        _PLAIN_LINK,
        _rule(r"[xo<]?--\s*", "LINK_START", push="plain link", allow_space_before=True),
        _THICK_LINK,
        _rule(r"[xo<]?==\s*", "LINK_START", push="thick link", allow_space_before=True),
        _DOTTED_LINK,
        _rule(r"[xo<]?-\.\s*", "LINK_START", push="dotted link", allow_space_before=True),
        _INVISIBLE_LINK,
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
        *_SINGLE_OPENINGS,
        _rule(r"\n+", "NEWLINE"),
        _rule(r"[^\S\n]+", "SPACE"),
    ),
    "direction": (
        *_STRING_STARTS,
        _rule(r"\n*\s*\n", "NO_DIRECTION", pop=True),
        _rule(r"\s*(?:LR|RL|TB|BT|TD|BR)\b", "DIRECTION", pop=True),
        _rule(r"\s*[<>^]", "DIRECTION", pop=True),
        _rule(r"\s*v\b", "DIRECTION", pop=True),
        *_OPENINGS,
        *_SINGLE_OPENINGS,
    ),
    "text": (
        *_STRING_STARTS,
        _INVISIBLE_LINK,
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
        _SINGLE_OPENINGS[1],
        _rule(r"\]", "]", pop=True),
        _SINGLE_OPENINGS[2],
        _rule(r"\}", "}", pop=True),
        _SINGLE_OPENINGS[3],
        _rule(r"[^\[\](){}|\"]+", "TEXT"),
    ),
    "ellipse": (
        *_STRING_STARTS,
        _INVISIBLE_LINK,
        _rule(r"[-/)]\)", "-)", pop=True),
        _rule(r"[^()\[\]{}]", "TEXT"),
        *_OPENINGS,
        *_SINGLE_OPENINGS,
    ),
    "slanted": (
        *_STRING_STARTS,
        _INVISIBLE_LINK,
        *_OPENINGS[:5],
        _rule(r"[\\(?=\])]\]", "\\]", pop=True),
        _rule(r"/(?=\])\]", "/]", pop=True),
        _rule(r"/(?!\])|\\(?!\])|[^\\\[\](){}/]+", "TEXT"),
        *_OPENINGS[5:],
        *_SINGLE_OPENINGS,
    ),
    "plain link": (
        *_STRING_STARTS,
        _PLAIN_LINK,
        _rule(r"[^-]|-(?!-)", "TEXT"),
    ),
    "thick link": (
        *_STRING_STARTS,
        _THICK_LINK,
        _rule(r"[^=]", "TEXT"),
    ),
    "dotted link": (
        *_STRING_STARTS,
        _DOTTED_LINK,
        _rule(r"[^.]", "TEXT"),
    ),
    "string": (_STRING_STARTS[0], _rule(r'[^"]+', "STRING"), _rule(r'"', None, pop=True)),
    "markdown": (
        _rule(r"[^`\"]+", "MARKDOWN"),
        _rule(r'`"', None, pop=True),
        *_STRING_STARTS,
        *_OPENINGS,
        *_SINGLE_OPENINGS,
    ),
    "data": (
        _rule(r'"', "DATA", push="data string"),
        _rule(r'[^}^"]+', "DATA"),
        _rule(r"\}", None, pop=True),
    ),
    "data string": (_rule(r'"', "DATA", pop=True), _rule(r'[^"]+', "DATA")),
    "accTitle": (_rule(r"[^\n]*", "ACC_TITLE", pop=True),),
    "accDescr": (_rule(r"[^\n]*", "ACC_DESCR", pop=True),),
    "accBlock": (_rule(r"\}", None, pop=True), _rule(r"[^}]*", "ACC_BLOCK")),
    "callback": (
        _rule(r"\(\s*\)", None, pop=True),
        _rule(r"\(", None, pop=True, push="arguments"),
        _rule(r"[^(]*", "CALLBACK"),
    ),
    "arguments": (_rule(r"\)", None, pop=True), _rule(r"[^)]*", "ARGUMENTS")),
    "click": (*_STRING_STARTS, _rule(r"\s", None, pop=True), _rule(r"[^\s]*", "CLICK")),
}

_DIRECTIONS = ("TB", "BT", "RL", "LR", "TD")
_DIRECTION_STATEMENT = re.compile(rf"direction[{WHITESPACE}]+(TB|BT|RL|LR|TD)")
_LINK_ID_END = re.compile(rf'[{WHITESPACE}"\[\](){{}}|]|\Z')
_SPACE = re.compile(f"[{WHITESPACE}]*")
_LINK_STARTS = frozenset("xo<-=.~")
# In link texts and ellipses each character is a token; these patterns take many at once, for speed.
_TEXT_RUNS = {
    "plain link": re.compile(rf"[^-\"xo<(\[{{|~{WHITESPACE}]+"),
    "thick link": re.compile(rf"[^=\"xo<(\[{{|~{WHITESPACE}]+"),
    "dotted link": re.compile(rf"[^.\-\"xo<(\[{{|~{WHITESPACE}]+"),
    "ellipse": re.compile(rf"[^-/()\[\]{{}}\"~{WHITESPACE}]+"),
}
_FIRST_KIND_AFTER_LOOKAHEAD = "NUMBER"


class _RuleTable:
    """Rules combined into one pattern, in which the first rule that matches wins."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self.match = re.compile("|".join(f"({rule.pattern})" for rule in self.rules)).match


# The rules before the lookahead, those after it (if the state has one), and those that allow space before the token.
_RuleTables = tuple[_RuleTable, _RuleTable | None, _RuleTable | None]


def _end(pattern: re.Pattern[str], text: str, offset: int) -> int:
    match = pattern.match(text, offset)
    return match.end() if match else offset


def _split_rules(rules: tuple[Rule, ...]) -> _RuleTables:
    kinds = [rule.kind for rule in rules]
    split = kinds.index(_FIRST_KIND_AFTER_LOOKAHEAD) if _FIRST_KIND_AFTER_LOOKAHEAD in kinds else len(rules)
    after_space = [rule for rule in rules if rule.allow_space_before]
    return (
        _RuleTable(rules[:split]),
        _RuleTable(rules[split:]) if split < len(rules) else None,
        _RuleTable(after_space) if after_space else None,
    )


@cache
def _tables_of(state: str, is_ascii: bool) -> _RuleTables:
    """Return the rules of a state. They are compiled on demand, because few texts use all states; the pattern of
    non-ASCII letters is slow to compile and omitted for ASCII texts."""
    rules = STATES[state]
    return _split_rules(tuple(rule for rule in rules if not is_ascii or rule.kind != "LETTER"))


class Lexer:
    """The lexer of one text. After an error, it can be restarted at any statement."""

    def __init__(self, text: str) -> None:
        self.text, self._is_ascii = text, text.isascii()
        self._directions = [(match.start(), match[1]) for match in _DIRECTION_STATEMENT.finditer(text)]
        self._direction_starts = [start for start, _ in self._directions]
        self._needs_lookahead = bool(self._direction_starts) or "@" in text
        self._seen_header = False
        self._reset_lookahead()

    def _reset_lookahead(self) -> None:
        """Forget the cached results of lookahead."""
        # Up to where the last link id was searched for, and the offset of its `@` (-1 if there is none).
        self._link_id_end = self._link_id_at_sign = -1
        self._line_end = -1  # The end of the line that was last searched for `direction`.
        self._space_end = -1  # The end of the white space that was last skipped.

    def tokens(self, offset: int = 0) -> Iterator[Token]:
        """Yield every token from `offset` on, then EOF forever. Stop after an ERROR token, which no rule matches."""
        self._reset_lookahead()
        text, end = self.text, len(self.text)
        states = ["statement"]
        state = states[-1]
        tables, text_run = _tables_of(state, self._is_ascii), _TEXT_RUNS.get(state)
        while offset < end:
            match = text_run.match(text, offset) if text_run else None
            if match is not None:
                yield Token("TEXT", match.group(), offset, match.end())
                offset = match.end()
                continue
            kind, token_end, rule = self._next(tables, offset)
            if kind is not None:
                yield Token(kind, text[offset:token_end], offset, token_end)
                if kind == "ERROR":
                    return
            offset = token_end
            if rule is not None and (rule.pop or rule.push or rule.kind == "graph"):
                self._change_state(rule, states)
                state = states[-1]
                tables, text_run = _tables_of(state, self._is_ascii), _TEXT_RUNS.get(state)
        while True:
            yield Token("EOF", "", end, end)

    def _next(self, tables: _RuleTables, offset: int) -> tuple[str | None, int, Rule | None]:
        """Return the kind of the token at `offset`, its end, and its rule (None for lookahead and errors)."""
        text = self.text
        table, second_table, after_space = tables
        match = table.match(text, offset)
        if match is None and second_table is not None:
            if self._needs_lookahead and (token := self._lookahead(offset)):
                return token[0], token[1], None
            table, match = second_table, second_table.match(text, offset)
        if after_space is not None and text[offset] in WHITESPACE:
            space_end = self._space_end
            if offset >= space_end:
                space_end = self._space_end = _end(_SPACE, text, offset)
            if text[space_end : space_end + 1] in _LINK_STARTS and (link := after_space.match(text, space_end)):
                table, match = after_space, link
        if match is None:
            return "ERROR", offset + 1, None
        rule = table.rules[(match.lastindex or 1) - 1]
        return rule.kind, match.end(), rule

    def _change_state(self, rule: Rule, states: list[str]) -> None:
        """Update the stack of states after a token of `rule`."""
        if rule.pop and len(states) > 1:
            states.pop()
        if rule.push:
            states.append(rule.push)
        if rule.kind == "graph" and not self._seen_header:
            self._seen_header = True
            states.append("direction")

    def _lookahead(self, offset: int) -> tuple[str, int] | None:
        """Return the kind and end of a `direction` statement anywhere in the rest of the line, else of a link id.

        Mermaid's rule is `.*direction\\s+TB[^\\n]*`, one for each direction: text before the keyword is part of the
        token, and the order of the rules decides if there are several.
        """
        index = bisect_left(self._direction_starts, offset)
        if index < len(self._direction_starts):
            if offset >= self._line_end:
                self._line_end = self._end_of_line(offset)
            last_starts = {}  # The last statement of each direction in this line.
            while index < len(self._direction_starts) and self._direction_starts[index] <= self._line_end:
                last_starts[self._directions[index][1]] = self._direction_starts[index]
                index += 1
            for direction in _DIRECTIONS:
                if direction in last_starts:
                    # White space between the keyword and the direction may contain line breaks.
                    start = self.text.index(direction, last_starts[direction] + len("direction"))
                    return f"DIRECTION_STATEMENT {direction}", self._end_of_line(start)
        return self._link_id(offset)

    def _end_of_line(self, offset: int) -> int:
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end

    def _link_id(self, offset: int) -> tuple[str, int] | None:
        """Return the kind and end of a link id such as `e1@`: up to the last `@` before white space or a bracket
        that is not followed by `{` or `"`."""
        if offset >= self._link_id_end:
            end = _LINK_ID_END.search(self.text, offset)
            self._link_id_end = end.start() if end else len(self.text)
            at_sign = self.text.rfind("@", offset, self._link_id_end)
            while at_sign >= 0 and self.text[at_sign + 1 : at_sign + 2] in ("{", '"', ""):
                at_sign = self.text.rfind("@", offset, at_sign)
            self._link_id_at_sign = at_sign
        return ("LINK_ID", self._link_id_at_sign + 1) if self._link_id_at_sign > offset else None
