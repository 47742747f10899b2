"""Writing decks and reading the files, in tests."""

from __future__ import annotations

import io
from typing import Any

import pptx

from diagramkit.graph import Pattern
from diagramkit.options import Options
from diagramkit.publish import slides
from diagramkit.slides.arrangement import SlideOptions

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
EMU = 12_700


def write_deck(deck_patterns: list[Pattern], **slide_options: Any) -> bytes:
    """Return the file of a deck of these patterns, all of which must be drawn."""
    from diagramkit.writers.pptx import write

    result = slides.deck(deck_patterns, "Deck", SlideOptions(**slide_options), Options())
    assert not result.problems
    return write(result.deck)


def open_deck(data: bytes) -> Any:
    """Return the presentation in a file."""
    return pptx.Presentation(io.BytesIO(data))


def position(transform: Any) -> tuple[int, int, int, int]:
    """Return x, y, width and height of an `a:xfrm`, in EMU."""
    x, y = (int(transform.find(f"{A}off").get(name)) for name in ("x", "y"))
    w, h = (int(transform.find(f"{A}ext").get(name)) for name in ("cx", "cy"))
    return x, y, w, h
