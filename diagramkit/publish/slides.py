"""Decks of patterns that are drawn by the pipeline, within the limits of an executor."""

from __future__ import annotations

from collections.abc import Sequence

from diagramkit import pipeline
from diagramkit.batch.executor import IN_PROCESS, Executor
from diagramkit.graph import Pattern
from diagramkit.options import Options
from diagramkit.slides import arrangement
from diagramkit.slides.arrangement import DeckResult, SlideOptions


def deck(
    patterns: Sequence[Pattern],
    title: str | None,
    slide_options: SlideOptions,
    options: Options,
    executor: Executor = IN_PROCESS,
) -> DeckResult:
    """Return a deck of patterns, as `arrangement.deck` does. Raises `DiagramError` if the theme is invalid."""
    return arrangement.deck(patterns, title, slide_options, options, pipeline.draw_for_slide, executor.call)
