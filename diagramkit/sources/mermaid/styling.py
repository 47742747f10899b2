"""Statements about looks and links: `style`, `classDef`, `class`, `linkStyle`, `click`.

The grammar, as `flow.jison` has it::

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

ID = frozenset({"NUMBER", "WORD", "v", "-", "default", ",", ":", "&", "#", "*", "LETTER"})
"""The words that an id is made of."""
STYLE = frozenset({"NUMBER", "WORD", ":", "SPACE", "#", "style"})
"""The words that a declaration is made of."""
_ALPHANUM = frozenset({"NUMBER", "LETTER", "WORD", "WAY", "v", "-", ",", ":", "&", "#", "*"})


def _id(cursor: Cursor, since: Token, kinds: frozenset[str] = ID) -> str:
    name = cursor.run(kinds)
    if not name:
        raise UnexpectedError(since.kind, cursor.now, since)
    return name


def _styles(cursor: Cursor, since: Token) -> list[str]:
    found = [_id(cursor, since, STYLE)]
    while cursor.skip(","):
        found.append(_id(cursor, since, STYLE))
    return found


def _style(cursor: Cursor, build: Builder) -> None:
    since = cursor.next()
    cursor.want("style", since, "SPACE")
    at = cursor.now.start
    name = _id(cursor, since)
    cursor.want("style", since, "SPACE")
    build.style(name, at, _styles(cursor, since))


def _class_def(cursor: Cursor, build: Builder) -> None:
    since = cursor.next()
    cursor.want("classDef", since, "SPACE")
    name = _id(cursor, since)
    cursor.want("classDef", since, "SPACE")
    build.add_class(name, _styles(cursor, since))


def _class(cursor: Cursor, build: Builder) -> None:
    since = cursor.next()
    cursor.want("class", since, "SPACE")
    names = _id(cursor, since)
    cursor.want("class", since, "SPACE")
    build.set_class(names, _id(cursor, since))


def _link_style(cursor: Cursor, build: Builder) -> None:
    since = cursor.next()
    cursor.want("linkStyle", since, "SPACE")
    positions = [cursor.want("linkStyle", since, "default", "NUMBER").text]
    while positions != ["default"] and cursor.skip(","):
        positions.append(cursor.want("linkStyle", since, "NUMBER").text)
    cursor.want("linkStyle", since, "SPACE")
    styles: list[str] = []
    if cursor.skip("interpolate"):
        cursor.want("linkStyle", since, "SPACE")
        _id(cursor, since, _ALPHANUM)
        if cursor.skip("SPACE"):
            styles = _styles(cursor, since)
    else:
        styles = _styles(cursor, since)
    build.style_edges(positions, styles)


def _click(cursor: Cursor, build: Builder) -> None:
    since = cursor.next()
    names, link = since.text, None
    targets = True
    if cursor.skip("CALLBACK"):
        cursor.skip("ARGUMENTS")
        targets = False
    elif cursor.skip("href"):
        link = cursor.want("CLICK", since, "STRING").text
    elif cursor.now.kind == "STRING":
        link = cursor.next().text
    else:
        _id(cursor, since, _ALPHANUM)
        targets = False
    tooltip = target = None
    if cursor.skip("SPACE"):
        kinds = ("STRING", "target") if targets else ("STRING",)
        token = cursor.want("CLICK", since, *kinds)
        if token.kind == "target":
            target = token.text
        else:
            tooltip = token.text
            if targets and cursor.skip("SPACE"):
                target = cursor.want("CLICK", since, "target").text
    build.click(names, link, tooltip, target)


STATEMENTS: dict[str, Callable[[Cursor, Builder], None]] = {
    "style": _style,
    "classDef": _class_def,
    "class": _class,
    "linkStyle": _link_style,
    "CLICK": _click,
}
"""What reads each statement, by its first word."""
