"""Parses the statements about styles and hyperlinks: `style`, `classDef`, `class`, `linkStyle` and `click`.

The grammar, from `flow.jison`::

    style     = "style" SPACE id SPACE styles
    classDef  = "classDef" SPACE id SPACE styles
    class     = "class" SPACE id SPACE id
    linkStyle = "linkStyle" SPACE ("default" | numbers) SPACE
                (styles | "interpolate" SPACE word [SPACE styles])
    click     = "click" id ("call" CALLBACK ["(" ARGUMENTS ")"] | ["href"] STRING | word)
                [SPACE STRING] [SPACE target]
"""

from __future__ import annotations

from collections.abc import Callable

from diagramkit.sources.mermaid.builder import Builder
from diagramkit.sources.mermaid.cursor import Cursor, UnexpectedError
from diagramkit.sources.mermaid.tokens import Token

ID_TOKENS = frozenset({"NUMBER", "WORD", "v", "-", "default", ",", ":", "&", "#", "*", "LETTER"})
"""The kinds of tokens that an id consists of."""
STYLE_TOKENS = frozenset({"NUMBER", "WORD", ":", "SPACE", "#", "style"})
"""The kinds of tokens that a style declaration consists of."""
_WORD_TOKENS = frozenset({"NUMBER", "LETTER", "WORD", "DIRECTION", "v", "-", ",", ":", "&", "#", "*"})


def _word(cursor: Cursor, start: Token, kinds: frozenset[str] = ID_TOKENS) -> str:
    text = cursor.take_while(kinds)
    if not text:
        raise UnexpectedError(start.kind, cursor.token, start)
    return text


def _styles(cursor: Cursor, start: Token) -> list[str]:
    styles = [_word(cursor, start, STYLE_TOKENS)]
    while cursor.accept(","):
        styles.append(_word(cursor, start, STYLE_TOKENS))
    return styles


def _style(cursor: Cursor, builder: Builder) -> None:
    start = cursor.next()
    cursor.expect("style", start, "SPACE")
    offset = cursor.token.start
    name = _word(cursor, start)
    cursor.expect("style", start, "SPACE")
    builder.style_node(name, offset, _styles(cursor, start))


def _class_def(cursor: Cursor, builder: Builder) -> None:
    start = cursor.next()
    cursor.expect("classDef", start, "SPACE")
    names = _word(cursor, start)
    cursor.expect("classDef", start, "SPACE")
    builder.define_class(names, _styles(cursor, start))


def _class(cursor: Cursor, builder: Builder) -> None:
    start = cursor.next()
    cursor.expect("class", start, "SPACE")
    names = _word(cursor, start)
    cursor.expect("class", start, "SPACE")
    builder.assign_class(names, _word(cursor, start), start.start)


def _link_style(cursor: Cursor, builder: Builder) -> None:
    start = cursor.next()
    cursor.expect("linkStyle", start, "SPACE")
    numbers = [cursor.expect("linkStyle", start, "default", "NUMBER").text]
    while numbers != ["default"] and cursor.accept(","):
        numbers.append(cursor.expect("linkStyle", start, "NUMBER").text)
    cursor.expect("linkStyle", start, "SPACE")
    styles: list[str] = []
    if interpolate := cursor.accept("interpolate"):
        builder.note_unsupported("curve", interpolate.start)
        cursor.expect("linkStyle", start, "SPACE")
        _word(cursor, start, _WORD_TOKENS)
        if cursor.accept("SPACE"):
            styles = _styles(cursor, start)
    else:
        styles = _styles(cursor, start)
    builder.style_edges(numbers, styles, start.start)


def _click(cursor: Cursor, builder: Builder) -> None:
    start = cursor.next()
    names, link = start.text, None
    allows_target = True
    if callback := cursor.accept("CALLBACK"):
        builder.note_unsupported("click with a callback", callback.start)
        cursor.accept("ARGUMENTS")
        allows_target = False
    elif cursor.accept("href"):
        link = cursor.expect("CLICK", start, "STRING").text
    elif cursor.token.kind == "STRING":
        link = cursor.next().text
    else:
        builder.note_unsupported("click with a callback", cursor.token.start)
        _word(cursor, start, _WORD_TOKENS)
        allows_target = False
    tooltip = target = None
    if cursor.accept("SPACE"):
        kinds = ("STRING", "target") if allows_target else ("STRING",)
        token = cursor.expect("CLICK", start, *kinds)
        if token.kind == "target":
            target = token.text
        else:
            tooltip = token.text
            if allows_target and cursor.accept("SPACE"):
                target = cursor.expect("CLICK", start, "target").text
    builder.set_click(names, link, tooltip, target, start.start)


STATEMENT_PARSERS: dict[str, Callable[[Cursor, Builder], None]] = {
    "style": _style,
    "classDef": _class_def,
    "class": _class,
    "linkStyle": _link_style,
    "CLICK": _click,
}
"""The parser of each statement, by the kind of its first token."""
