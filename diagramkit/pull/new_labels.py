"""Turns the text of a shape into a label: lines that were only wrapped are joined again."""

from __future__ import annotations

import html
from itertools import pairwise

from diagramkit.sources.label_text import plain_lines


def label_of(text: str, written: str, label: str) -> str:
    """Return the label for a text that replaces `written`, which was drawn for `label`.

    A break stays if the label has one there, or if it is new; others come from the width of the picture.
    """
    wrapped = _breaks(written) - {(first[-1:], second[:1]) for first, second in _words_at_breaks(label)}
    ends, starts = {first for first, _ in wrapped}, {second for _, second in wrapped}
    lines = text.split("\n")
    result = lines[0]
    for before, after in pairwise(lines):
        first, second = tuple(before.split()[-1:]), tuple(after.split()[:1])
        is_wrapped = (first, second) in wrapped or first in ends or second in starts
        result += (" " if is_wrapped else "<br/>") + after
    return _escaped(result)


def _breaks(text: str) -> set[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the words around each line break of a text."""
    return {(tuple(one.split()[-1:]), tuple(other.split()[:1])) for one, other in pairwise(text.split("\n"))}


def _words_at_breaks(label: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(tuple(one.split()), tuple(other.split())) for one, other in pairwise(plain_lines(label))]


def _escaped(label: str) -> str:
    """Return a label whose text does not look like HTML."""
    lines = label.split("<br/>")
    return (
        label if list(plain_lines(label)) == lines else "<br/>".join(html.escape(each, quote=False) for each in lines)
    )
