"""Changes of a draft that are made on the picture: another icon, an option, a pin. Each is an edit of the text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from diagramkit.batch.executor import IN_PROCESS, Executor
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.serve import drafts, edits, icon_list, option_edits, pins
from diagramkit.serve.drafts import Draft
from diagramkit.serve.edits import EditError
from diagramkit.sources import readers


def apply(draft: Draft, change: dict[str, Any], root: Path, executor: Executor = IN_PROCESS) -> str:
    """Return the text of a draft after a change. `root` is the folder of the project. Raises `EditError`."""
    try:
        return executor.call(Span(draft.name), _applied, draft, change, root)
    except DiagramError as error:
        raise EditError(f"correct the errors first: {error.problems[0].message}") from None


def _applied(draft: Draft, change: dict[str, Any], root: Path) -> str:
    kind = change.get("kind")
    if kind == "icon":
        node, icon = str(change.get("node", "")), str(change.get("icon", ""))
        pattern, _ = drafts.read(draft)
        reference = icon_list.reference_in(icon, draft.file, root)
        return edits.with_icon(draft.text, draft.name, pattern, node, reference)
    if kind == "option":
        language = readers.reader_for(draft.name, draft.text).name
        value = change.get("value")
        if not isinstance(value, (str, bool, type(None))):
            raise EditError("an option is a text or true or false")
        return option_edits.in_source(draft.text, language, str(change.get("name", "")), value)
    if kind == "pin":
        pattern, _ = drafts.read(draft)
        return pins.with_pins(draft.text, draft.name, pattern, _pins(change.get("pins")))
    if kind == "unpin":
        pattern, _ = drafts.read(draft)
        return pins.without_pin(draft.text, draft.name, pattern, str(change.get("id", "")))
    raise EditError("there is no such change")


def _pins(value: object) -> dict[str, pins.Place]:
    """Return the pins in a request. Raises `EditError`."""
    if not isinstance(value, dict):
        raise EditError("pins are ranks and lines by id")
    result = {}
    for name, place in value.items():
        if not isinstance(place, list) or [type(number) for number in place] != [int, int] or min(place) < 1:
            raise EditError("a pin is a rank and a line, which count from 1")
        result[str(name)] = (place[0], place[1])
    return result
