"""Candidates for the correction of links and of lists of nodes that Mermaid writes in another way."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords
from diagramkit.sources.mermaid.mistakes.line_text import LINK, masked

WRONG_LINK = re.compile(
    r"(?<![-=.<>~])(?:<?(?:[-.]+(?P<port>up|down|left|right|[udlr]))?[-=.–—―‒‑−]+>{1,2}|[→⟶➔➜➡➞➝⟹⇢▶►⇒↔⟷]|(?<=\s)[-=–—―](?=\s)"
    r"|--|==|[–—―])(?![-=.>~]|&[lg]t;)"
)


def mermaid_link(text: str) -> str:
    """Return Mermaid's link that looks most like another language's."""
    both, head = text[0] in "<↔⟷", text[-1] not in "-=–—―"
    if "=" in text or "⇒" in text:
        line, end = "==", "="
    elif "." in text:
        line, end = "-.-", ""
    else:
        line, end = "--", "-"
    return ("<" if both else "") + line + (">" if head else end)


_NODE = r"[\w.-]*\w\s*+(?:\x01\x00*+)?"
"""A node in a line whose labels are masked: its id, and its label."""
_BACKWARD = re.compile(
    rf"\s*+(?P<left>{_NODE})\s*+(?P<link><-|←|⟵|⇐)(?![->=.])\s*+(?:\|(?P<label>[^|]*+)\|)?\s*+"
    rf"(?P<right>{_NODE})(?P<end>[\s;]*+)"
)


def backward(line: str, _: TextWords) -> Iterator[Edit]:
    """`A <- B`: an arrow of Mermaid's points forward, as in `B --> A`. `A <-- B` may also lack the other arrowhead."""
    match = _BACKWARD.fullmatch(masked(line))
    if match is None:
        return
    arrow = "==>" if match["link"] == "⇐" else "-->"
    label = f"|{line[slice(*match.span('label'))].strip()}|" if match["label"] is not None else ""
    left, right = (line[slice(*match.span(name))].strip() for name in ("left", "right"))
    indent = line[: match.start("left")]
    yield Edit(0, len(line), f"{indent}{right} {arrow}{label} {left}{match['end']}", 3, dropped=line)


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
