"""Candidates for the correction of links and of lists of nodes that Mermaid writes in another way."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords
from diagramkit.sources.mermaid.mistakes.line_text import LINK, SEPARATED_LINK, masked, without_spaces

WRONG_LINK = re.compile(
    r"(?<![-=.<>~])(?:<?(?:[-.]+(?P<port>up|down|left|right|[udlr]))?[-=.–—―‒‑−]+>{1,2}|[→⟶➔➜➡➞➝⟹⇢▶►⇒↔⟷]|(?<=\s)[-=–—―](?=\s)"
    r"|(?<=\s)~+>(?=\s)|--|==|[–—―])(?![-=.>~]|&[lg]t;)"
)


def mermaid_link(text: str) -> str:
    """Return Mermaid's link that looks most like another language's."""
    both, head = text[0] in "<↔⟷", text[-1] not in "-=–—―"
    if "=" in text or "⇒" in text:
        line, end = "==", "="
    elif "." in text or "~" in text:
        line, end = "-.-", ""
    else:
        line, end = "--", "-"
    return ("<" if both else "") + line + (">" if head else end)


def separated(line: str, _: TextWords) -> Iterator[Edit]:
    """`A -- > B`, `A - -> B` and `A -.- > B`: a link with spaces in it."""
    for match in SEPARATED_LINK.finditer(masked(line)):
        new = without_spaces(match)
        if new != match.group():
            right = new if re.fullmatch(LINK, new) else mermaid_link(new)
            yield Edit(*match.span(), right, 1, reason=f"the link '{match.group()}' has a space in it")


_DOUBLED_BARS = re.compile(r"(?<!\|)\|\|([^|]++)\|\|(?!\|)")
_AND = re.compile(r"(?<=[\w\x00\x01])(?:\s*+,)?\s++(?:and|und|y|et|\+)[^\S\n]++(?=\w)")
_IN_BRACES = re.compile(
    rf"(?:^\s*|(?:{LINK}|->)\s*)(?P<list>[{{\[(]\s*+(?P<names>\w++(?:\s*+[,;&]\s*+\w++)++)\s*+[}}\])])"
)


def doubled_bars(line: str, _: TextWords) -> Iterator[Edit]:
    """`A -->||x|| B`."""
    for match in _DOUBLED_BARS.finditer(line):
        yield Edit(*match.span(), f"|{match[1]}|", 1)


def lists(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`A --> B and C`, `A --> {B, C}` and Graphviz's `A -> {B; C}`, if all of them are nodes of the text."""
    for match in _AND.finditer(masked(line)):
        word = match.group().strip(" \t,")
        if not text_words.is_node(re.escape(word)):
            yield Edit(*match.span(), " & ", 2, dropped=word)
    new = line
    for match in reversed([*_IN_BRACES.finditer(line)]):
        names = re.findall(r"\w+", match["names"])
        if all(map(text_words.occurs_again, names)) and not re.match(r"\s*\w", line[match.end() :]):
            start, end = match.span("list")
            new = new[:start] + " & ".join(names) + new[end:]
    if new != line:
        yield Edit(0, len(line), new, 2, dropped=line)
