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
from diagramkit.graph import Hint
from diagramkit.sources.layout_hints.hint_kinds import HINT_KINDS, MAX_NUMBER, MIN_NUMBER, KindOfHint
from diagramkit.sources.layout_hints.written_hint import Place, WrittenHint
from diagramkit.sources.mermaid.source_text import Source

NAME = "diagramkit"
_COMMENT = re.compile(rf"(?m)^[^\S\n]*%%[^\S\n]*(?P<name>{NAME})[^\S\n]*(?P<colon>:?)[^\S\n]*(?P<body>[^\n]*)", re.I)
_TOKEN = re.compile(r'"(?P<quoted>[^"]*)"|(?P<comma>,)|(?P<word>[^\s,"]+)|(?P<open>")')
_PLAIN = re.compile(r"[\w.-]+")
_NUMBER = re.compile(r"[0-9]{1,4}", re.ASCII)


class Comment(Struct, frozen=True):
    """A comment with a hint, or with something that is meant to be one.

    `place` is what begins with its first word, and `line_offset` the column of that in the line of the excerpt.
    """

    body: str
    place: Place
    has_colon: bool = True
    is_first: bool = False


class _Token(Struct, frozen=True):
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
        result = _read(comment, known)
        if isinstance(result, WrittenHint):
            hints.append(result)
        else:
            problems.append(result)
    return hints, problems


def _read(comment: Comment, known: Collection[str]) -> WrittenHint | Diagnostic:
    """Return the hint in a comment, or its problem."""
    if not comment.has_colon:
        message = f"this looks like a layout hint without its colon; write '%% {NAME}: {comment.body}'"
        return comment.place.problem("bad-hint", message, f"{comment.place.text}:")
    if comment.is_first:
        message = "a layout hint must be below the line with the type of the diagram; move it there"
        return comment.place.problem("bad-hint", message)
    tokens = list(_tokens(comment))
    if not tokens or tokens[0].kind != "word":
        message = f"this comment contains no layout hint; write one such as '%% {NAME}: same_rank a, b'"
        return comment.place.problem("bad-hint", message)
    name = tokens[0]
    if name.text not in HINT_KINDS:
        return _unknown_kind(name)
    kind = next(kind for kind in HINT_KINDS if kind == name.text)
    if tokens[-1].kind == "open":
        return tokens[-1].place.problem("bad-hint", "this quotation mark has no end; add it after the id")
    parts = tokens[1:]
    if HINT_KINDS[kind].numbers:
        return _with_numbers(comment, parts, kind)
    if problem := _wrong_separators(comment, parts, known):
        return problem
    ids = [part for part in parts if part.kind != "comma"]
    if len(ids) < 2:  # noqa: PLR2004 - a relation has two ends
        return comment.place.problem("bad-hint", _needs(kind, HINT_KINDS[kind]))
    return WrittenHint(
        kind, tuple(part.text for part in ids), (), comment.place, tuple(part.place for part in ids), quotes=True
    )


def _tokens(comment: Comment) -> Iterator[_Token]:
    for match in _TOKEN.finditer(comment.body):
        kind = str(match.lastgroup)
        text = match["quoted"] if kind == "quoted" else match.group()
        yield _Token("word" if kind == "quoted" else kind, text, _part(comment.place, match.start(), match.group()))


def _part(place: Place, start: int, text: str) -> Place:
    """Return the place of a part of a comment."""
    if place.text is None or place.excerpt is None:
        return place
    span, excerpt = place.span, place.excerpt
    moved = Excerpt(excerpt.line, excerpt.column + start, max(1, len(text)))
    return Place(type(span)(span.file, span.line, span.column + start), moved, text)


def _unknown_kind(name: _Token) -> Diagnostic:
    similar = most_similar(name.text.replace("-", "_"), HINT_KINDS)
    advice = f"did you mean '{similar}'?" if similar else f"the hints are {', '.join(HINT_KINDS)}"
    return name.place.problem("unknown-hint", f"there is no layout hint '{name.text}'; {advice}", similar)


def _needs(name: str, kind: KindOfHint) -> str:
    return f"'{name}' needs {kind.needs}; write it as in '%% {NAME}: {kind.example}'"


def _with_numbers(comment: Comment, parts: Sequence[_Token], name: str) -> WrittenHint | Diagnostic:
    """Return a hint with one member and numbers, or its problem."""
    kind = next(kind for kind in HINT_KINDS if kind == name)
    words = [part for part in parts if part.kind != "comma"]
    if len(words) != 1 + HINT_KINDS[kind].numbers:
        return comment.place.problem("bad-hint", _needs(kind, HINT_KINDS[kind]))
    for word in words[1:]:
        if not _NUMBER.fullmatch(word.text) or not MIN_NUMBER <= int(word.text) <= MAX_NUMBER:
            message = f"'{kind}' must have whole numbers from {MIN_NUMBER} to {MAX_NUMBER}, not '{word.text}'"
            return word.place.problem("bad-hint", f"{message}; change it")
    values = tuple(int(word.text) for word in words[1:])
    return WrittenHint(kind, (words[0].text,), values, comment.place, (words[0].place,), quotes=True)


def _wrong_separators(comment: Comment, parts: Sequence[_Token], known: Collection[str]) -> Diagnostic | None:
    """Return the problem that ids are not separated by single commas.

    It has a fix if the words are ids, or if the words between two commas are one id.
    """
    entries: list[list[_Token]] = [[]]
    for part in parts:
        if part.kind == "comma":
            entries.append([])
        else:
            entries[-1].append(part)
    if len(parts) <= 1 or all(len(entry) == 1 for entry in entries):
        return None
    names: list[str] = []
    for entry in filter(None, entries):
        joined = " ".join(part.text for part in entry)
        names += [joined] if joined in known else [part.text for part in entry]
    end = parts[-1].place
    is_clear = end.text is not None and len(names) > 1 and all(name in known for name in names)
    written = comment.body[: len(comment.body) - len(comment.body.split(maxsplit=1)[-1])]
    new = written + ", ".join(map(quoted_id, names)) if is_clear else None
    message = "the ids of a layout hint are separated by commas, and an id with spaces is in quotes"
    shown = f"; write '{new}'" if new else "; write 'a, \"b c\"'"
    return comment.place.problem("bad-hint", message + shown, new)


def quoted_id(name: str) -> str:
    """Return an id as it is written in a comment."""
    return name if _PLAIN.fullmatch(name) else f'"{name}"'


def line(hint: Hint) -> str:
    """Return a hint as a comment."""
    ids = ", ".join(map(quoted_id, hint.members))
    return " ".join(["%%", f"{NAME}:", hint.kind, ids, *map(str, hint.values)])


