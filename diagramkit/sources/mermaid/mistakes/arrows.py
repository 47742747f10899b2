"""Mistakes in links: arrows that Mermaid has not, halves without an end."""

from __future__ import annotations

import re

from diagramkit.sources.mermaid.error_context import ErrorContext, Mistake
from diagramkit.sources.mermaid.letters import BLANKS

_ARROWS = {
    "->": "-->",
    "=>": "==>",
    "<->": "<-->",
    "<=>": "<==>",
    "->>": "-->",
    "-->>": "-->",
    "→": "-->",
    "⟶": "-->",
    "➔": "-->",
    "➜": "-->",
    "⇒": "==>",
    "↔": "<-->",
    "–>": "-->",
    "—>": "-->",
    "–": "---",
    "—": "---",
    "-": "---",
    "--": "---",
    "=": "===",
    "–->": "-->",
}
_ARROW = re.compile(r"<?[-=]{1,2}>{1,2}|[–—]-?>?|[→⟶➔➜⇒↔]")
_BACKWARD = re.compile(r"<(?:-{1,2}|={1,2})(?![->=.])")


def arrow(place: ErrorContext) -> Mistake | None:
    """An arrow that Mermaid has not, where the found word is or just before; None where there is none."""
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
        return backward(place, at, back.group())
    if re.match(r"-(?=\s)", rest):
        return place.told(
            "mermaid-arrow",
            "'-' is not a link in Mermaid; write '---' or '-->'",
            at,
            1,
            place.fix(at, "-", "---"),
        )
    return None


def backward(place: ErrorContext, at: int, sign: str) -> Mistake:
    """`A <-- B`, with the mend where the line holds nothing else."""
    whole = re.fullmatch(r"(\s*)([\w.]+)\s*<[-=]+\s*([\w.]+)\s*", place.source.line_at(at))
    mend = None
    if whole:
        line = place.source.line_at(at).strip()
        link = "==>" if "=" in sign else "-->"
        start = at - len(place.before(at).lstrip())
        mend = place.fix(start, line, f"{whole[3]} {link} {whole[2]}")
    return place.told(
        "mermaid-arrow",
        f"'{sign}' is not a link in Mermaid; an arrow points forward: swap its ends and write '-->'",
        at,
        len(sign),
        mend,
    )


def link_text(place: ErrorContext) -> Mistake:
    """`A -- text` without its second half."""
    half = place.since
    at = half.end - len(half.text.lstrip(BLANKS))
    text = half.text.strip(BLANKS)
    rest = place.line(at)
    if _BACKWARD.match(rest):
        return backward(place, at, text)
    short = re.match(r"(--)(\s[^\n]*?\s)->", rest)
    if short:
        return place.told(
            "mermaid-arrow",
            "'->' is not the end of a link; write '-->'",
            at + short.end() - 2,
            2,
            place.fix(at + short.end() - 2, "->", "-->"),
        )
    closing = {"-": "-->", "=": "==>", ".": ".->"}[text[-1]]
    return place.told(
        "mermaid-syntax",
        f"the link '{text}' has no end; write '{text} text {closing}', or '{text}{text[-1]}' for a line without a text",
        at,
        len(text),
    )
