"""Layout hints in Mermaid: comments such as `%% diagramkit: same_rank api, worker`, which Mermaid ignores.

The grammar of what follows the colon; an id that is not a plain word is in double quotes::

    hint = ("main" | "same_rank" | "in_line" | "order" | "near") id ("," id)+
         | "grid" id number
         | "pin" id number number
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from msgspec import Struct

from diagramkit.diagnostics import Diagnostic, Excerpt, most_similar
from diagramkit.graph import Hint, HintKind
from diagramkit.sources.layout_hints.hint_kinds import HINT_KINDS, MAX_NUMBER, MIN_NUMBER
from diagramkit.sources.layout_hints.written_hint import Place, WrittenHint
from diagramkit.sources.mermaid.source_text import Source

NAME = "diagramkit"
_COMMENT = re.compile(rf"(?m)^[^\S\n]*%%[^\S\n]*(?P<name>{NAME})[^\S\n]*(?P<colon>:?)[^\S\n]*(?P<body>[^\n]*)", re.I)
_TOKEN = re.compile(r'"(?P<quoted>[^"]*)"|(?P<comma>,)|(?P<word>[^\s,"]+)|(?P<open>")')
_PLAIN = re.compile(r"[\w.-]+")
_EXAMPLE = 'near a, "b c"'
_NUMBER = re.compile(r"[0-9]{1,4}", re.ASCII)


class Comment(Struct, frozen=True):
    """A comment with a hint, or with something that is meant to be one.

    `place` is what begins with its first word, and `line_offset` the column of that in the line of the excerpt.
    """

    body: str
    place: Place
    has_colon: bool = True
    is_first: bool = False


class _CommentWord(Struct, frozen=True):
    kind: str
    text: str
    place: Place


def find(source: Source, start: int, end: int) -> Iterator[Comment]:
    """Yield the hints among the comments between two offsets of a text."""
    for match in _COMMENT.finditer(source.text, start, end):
        body = match["body"].rstrip()
        if not match["colon"] and body.partition(" ")[0] not in HINT_KINDS:
            continue
        part = match.start("body") if match["colon"] else match.start("name")
        text = body if match["colon"] else match["name"]
        yield Comment(body, _place(source, part, text), bool(match["colon"]))


def _place(source: Source, offset: int, text: str) -> Place:
    """Return the place of a text at an offset of a source."""
    original_offset = source.original_offset(offset)
    line, column = source.original_line(original_offset)
    is_same = line.startswith(text, column - 1) and not source.origin.inexact_positions
    excerpt = Excerpt(line, column, max(1, min(len(text), len(line) - column + 1)))
    return Place(source.span_of_original(original_offset), excerpt, text if is_same else None)


def read(comments: Sequence[Comment], known: Collection[str]) -> tuple[list[WrittenHint], list[Diagnostic]]:
    """Return the hints in comments, and what is wrong with the comments.

    `known` are the ids of nodes and groups, for fixes; empty if they are unknown.
    """
    hints: list[WrittenHint] = []
    problems: list[Diagnostic] = []
    for comment in comments:
        try:
            hints.append(_read(comment, known))
        except _BadHintError as error:
            problems.append(error.problem)
    return hints, problems


class _BadHintError(Exception):
    """A comment contains no hint; `problem` says why."""

    def __init__(self, problem: Diagnostic) -> None:
        self.problem = problem
        super().__init__(problem.message)


def _read(comment: Comment, known: Collection[str]) -> WrittenHint:
    """Return the hint in a comment. Raises `_BadHintError`."""
    if not comment.has_colon:
        message = f"this looks like a layout hint without its colon; write '%% {NAME}: {comment.body}'"
        raise _BadHintError(comment.place.problem("bad-hint", message, f"{comment.place.text}:"))
    if comment.is_first:
        message = "a layout hint must be below the line with the type of the diagram; move it there"
        raise _BadHintError(comment.place.problem("bad-hint", message))
    tokens = list(_tokens(comment))
    kind = _kind(comment, tokens)
    for token in tokens:
        if token.kind == "open":
            message = "this quotation mark has no second one; add it behind the id"
            raise _BadHintError(token.place.problem("bad-hint", message))
    if HINT_KINDS[kind].numbers:
        return _with_numbers(comment, kind, tokens[1:])
    _require_commas(comment, tokens[1:], known)
    ids = [token for token in tokens[1:] if token.kind != "comma"]
    if len(ids) < 2:
        raise _BadHintError(comment.place.problem("bad-hint", _needs(kind)))
    names, places = tuple(token.text for token in ids), tuple(token.place for token in ids)
    return WrittenHint(kind, names, (), comment.place, places, quotes=True)


def _kind(comment: Comment, tokens: Sequence[_CommentWord]) -> HintKind:
    """Return the kind of a hint, which is its first word."""
    if not tokens or tokens[0].kind != "word":
        message = f"this comment contains no layout hint; write one such as '%% {NAME}: same_rank a, b'"
        raise _BadHintError(comment.place.problem("bad-hint", message))
    name = tokens[0].text
    for kind in HINT_KINDS:
        if kind == name:
            return kind
    similar = most_similar(name.replace("-", "_"), HINT_KINDS)
    advice = f"did you mean '{similar}'?" if similar else f"the hints are {', '.join(HINT_KINDS)}"
    message = f"there is no layout hint '{name}'; {advice}"
    raise _BadHintError(tokens[0].place.problem("unknown-hint", message, similar))


def _tokens(comment: Comment) -> Iterator[_CommentWord]:
    for match in _TOKEN.finditer(comment.body):
        kind = str(match.lastgroup)
        text = match["quoted"] if kind == "quoted" else match.group()
        yield _CommentWord(
            "word" if kind == "quoted" else kind, text, _part(comment.place, match.start(), match.group())
        )


def _part(place: Place, start: int, text: str) -> Place:
    """Return the place of a part of a comment."""
    if place.text is None or place.excerpt is None:
        return place
    span, excerpt = place.span, place.excerpt
    moved = Excerpt(excerpt.line, excerpt.column + start, max(1, len(text)))
    return Place(type(span)(span.file, span.line, span.column + start), moved, text)


def _needs(kind: HintKind) -> str:
    return f"'{kind}' needs {HINT_KINDS[kind].needs}; write it as in '%% {NAME}: {HINT_KINDS[kind].example}'"


def _with_numbers(comment: Comment, kind: HintKind, tokens: Sequence[_CommentWord]) -> WrittenHint:
    """Return a hint with one member and numbers."""
    words = [token for token in tokens if token.kind != "comma"]
    if len(words) != 1 + HINT_KINDS[kind].numbers:
        raise _BadHintError(comment.place.problem("bad-hint", _needs(kind)))
    name, *numbers = words
    for number in numbers:
        if not _NUMBER.fullmatch(number.text) or not MIN_NUMBER <= int(number.text) <= MAX_NUMBER:
            message = f"'{kind}' must have whole numbers from {MIN_NUMBER} to {MAX_NUMBER}, not '{number.text}'"
            raise _BadHintError(number.place.problem("bad-hint", f"{message}; change it"))
    values = tuple(int(number.text) for number in numbers)
    return WrittenHint(kind, (name.text,), values, comment.place, (name.place,), quotes=True)


def _require_commas(comment: Comment, tokens: Sequence[_CommentWord], known: Collection[str]) -> None:
    """Report ids that are not separated by single commas.

    There is a fix if the words are ids, or if the words between two commas are one id.
    """
    entries: list[list[str]] = [[]]
    for token in tokens:
        if token.kind == "comma":
            entries.append([])
        else:
            entries[-1].append(token.text)
    if len(tokens) <= 1 or all(len(entry) == 1 for entry in entries):
        return
    names: list[str] = []
    for entry in filter(None, entries):
        names += [" ".join(entry)] if " ".join(entry) in known else entry
    is_clear = len(names) > 1 and all(name in known for name in names)
    new = f"{comment.body.split(maxsplit=1)[0]} {', '.join(map(quoted_id, names))}" if is_clear else None
    message = "the ids of a layout hint are separated by commas, and an id with spaces is in quotes; write "
    raise _BadHintError(comment.place.problem("bad-hint", f"{message}'{new or _EXAMPLE}'", new))


def quoted_id(name: str) -> str:
    """Return an id as it is written in a comment."""
    return name if _PLAIN.fullmatch(name) else f'"{name}"'


def line(hint: Hint) -> str:
    """Return a hint as a comment."""
    ids = ", ".join(map(quoted_id, hint.members))
    return " ".join(["%%", f"{NAME}:", hint.kind, ids, *map(str, hint.values)])
