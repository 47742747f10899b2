"""Mistakes in labels and titles: brackets and quotes without quotes around, nothing, no end."""

from __future__ import annotations

import re
from collections.abc import Sequence

from diagramkit.sources.mermaid.error_context import ErrorContext, Mistake
from diagramkit.sources.mermaid.letters import BLANKS
from diagramkit.sources.mermaid.mistakes.arrows import arrow
from diagramkit.sources.mermaid.mistakes.statements import reserved_word
from diagramkit.sources.mermaid.shapes import CLOSINGS

# No end of a label is looked for farther than this, so that a long line takes no long time.
_LONGEST = 1000
_BEHIND_LABEL = re.compile(r"\s*(?:$|;|&|:::|@\{|%%|[xo<]?(?:--|==|-\.)|~~~|->|=>|-\s|[→⟶➔])")


def label(place: ErrorContext) -> Mistake:
    """A label that is not well formed, between `since` and what was found."""
    opening, start = place.since.kind, place.since.end
    closings = CLOSINGS.get(opening, ("|",))
    doubled = opening in ("(", "{") and place.source.text[start : start + 1] == opening
    if doubled:
        start, closings = start + 1, (closings[0] * 2,)
    if opening == ">" and place.source.text[place.since.start - 1] in "-=":
        return arrow(ErrorContext(place.source, place.since, place.since)) or reserved_word(place)
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
            place.since.start,
            len(shown + raw + closing),
            place.fix(start, raw, '" "'),
        )
    inner = raw.strip()
    if inner[0] in '"“”' and inner[-1] in '"“”' and len(inner) > 1:
        inner = inner[1:-1]
    new = '"' + inner.translate({ord("“"): "#quot;", ord("”"): "#quot;", ord('"'): "#quot;"}) + '"'
    if new == raw.strip():
        return _other_closing(place, shown, closing)
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
        at,
        1,
        place.fix(start, raw, new),
    )


def _other_closing(place: ErrorContext, shown: str, closing: str) -> Mistake:
    """A label that is well quoted, and closed by another bracket than opens it."""
    other = place.found.text.strip(BLANKS)
    return place.told(
        "mermaid-syntax",
        f"'{other}' closes no label that '{shown}' opens; write '{closing}'",
        place.found.start,
        len(other),
        place.fix(place.found.start, other, closing) if other and other != closing else None,
    )


def _label_end(rest: str, closings: Sequence[str]) -> tuple[int, str] | None:
    """Where in the rest of the line the label ends: behind it nothing stands, or a link."""
    rest = rest[:_LONGEST]
    found = [(at, closing) for closing in closings for at in range(len(rest)) if rest.startswith(closing, at)]
    if closings == ("|",):
        return min(found, default=None)
    ends = [end for end in sorted(found) if _BEHIND_LABEL.match(rest[end[0] + len(end[1]) :])]
    balanced = [end for end in ends if _balanced(rest[: end[0]])]
    return next(iter(balanced or ends or sorted(found)[-1:]), None)


def _balanced(text: str) -> bool:
    return all(text.count(a) == text.count(b) for a, b in ("()", "[]", "{}"))


def _no_closing(place: ErrorContext, shown: str, closing: str, start: int) -> Mistake:
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
        place.since.start,
        len(shown),
        mend,
    )


def subgraph(place: ErrorContext) -> Mistake:
    """A title that has to be quoted, or is not there."""
    rest = place.line(place.since.end)
    title = rest.strip()
    if not title:
        return place.told(
            "mermaid-syntax",
            "a subgraph needs a title; write 'subgraph Name'",
            place.since.start,
            len("subgraph"),
        )
    at = place.since.end + rest.index(title)
    new = '"' + re.sub(r'["“”]', "", title) + '"'
    return place.told(
        "mermaid-unquoted",
        f"'{place.source.text[place.found.start : place.found.start + 1].strip() or title}' needs "
        f"quotes around the title; write subgraph {new}",
        max(at, place.found.start) if place.found.start < at + len(title) else at,
        1,
        place.fix(at, title, new) if new != title else None,
    )
