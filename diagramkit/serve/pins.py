"""Write and remove pins: the rank and the line of a node or group within its group, as edits of the source.

In a spec, a pin is under `layout:`; in Mermaid, it is a comment, which Mermaid ignores.
"""

from __future__ import annotations

import re

from diagramkit.graph import Pattern
from diagramkit.serve.edits import EditError, in_fence, keep_end, lines_of, with_lines
from diagramkit.sources import readers
from diagramkit.sources.yaml_edits import YamlDocument, YamlEditError
from diagramkit.sources.yamltree import YamlError

_HEADER = re.compile(r"\s*(flowchart|graph|architecture)\b")


def with_pin(text: str, path: str, pattern: Pattern, name: str, rank: int, line: int) -> str:
    """Return a source in which a node or group has a pin. Raises `EditError`."""
    if name not in {one.id for one in pattern.graph.nodes_and_groups}:
        raise EditError(f"there is no node '{name}' in this diagram")
    if rank < 1 or line < 1:
        raise EditError("ranks and lines count from 1")
    match readers.reader_for(path, text).name:
        case "spec":
            return _spec_with_pin(text, name, rank, line)
        case "mermaid":
            return _mermaid_with_pin(text, name, rank, line)
        case "markdown":
            return in_fence(text, path, pattern, lambda body: _mermaid_with_pin(body, name, rank, line))
    raise EditError("this source has no place for pins")


def without_pin(text: str, path: str, pattern: Pattern, name: str) -> str:
    """Return a source in which a node or group has no pin. Raises `EditError`."""
    match readers.reader_for(path, text).name:
        case "spec":
            return _spec_without_pin(text, name)
        case "mermaid":
            return _mermaid_without_pin(text, name)
        case "markdown":
            return in_fence(text, path, pattern, lambda body: _mermaid_without_pin(body, name))
    raise EditError("this source has no place for pins")


def _pin_line(name: str) -> re.Pattern[str]:
    return re.compile(
        rf"^[ \t]*%%[ \t]*diagramkit:[ \t]*pin[ \t]+{re.escape(name)}[ \t]+\d+[ \t]+\d+[ \t]*(?=\r?\n|\Z)", re.M
    )


def _mermaid_with_pin(text: str, name: str, rank: int, line: int) -> str:
    pin = f"%% diagramkit: pin {name} {rank} {line}"
    if match := _pin_line(name).search(text):
        indent = match.group()[: len(match.group()) - len(match.group().lstrip())]
        return text[: match.start()] + indent + pin + text[match.end() :]
    lines = lines_of(text)
    header = next((number for number, one in enumerate(lines) if _HEADER.match(one)), None)
    if header is None:
        raise EditError("the first line of the diagram was not found; write the pin by hand")
    following = next((one for one in lines[header + 1 :] if one.strip()), "  x")
    indent = following[: len(following) - len(following.lstrip())]
    return with_lines(lines, header + 1, [indent + pin])


def _mermaid_without_pin(text: str, name: str) -> str:
    match = _pin_line(name).search(text)
    if match is None:
        raise EditError(f"'{name}' has no pin")
    end = text.find("\n", match.end())
    return text[: match.start()] + ("" if end < 0 else text[end + 1 :])


def _spec_with_pin(text: str, name: str, rank: int, line: int) -> str:
    try:
        document = YamlDocument(text)
        document.put(("layout", "pin", name), [rank, line])
        return keep_end(text, document.text)
    except (YamlEditError, YamlError):
        raise EditError("the pin cannot be added here; add it by hand") from None


def _spec_without_pin(text: str, name: str) -> str:
    try:
        document = YamlDocument(text)
        if not document.has(("layout", "pin", name)):
            raise EditError(f"'{name}' has no pin")
        is_last = document.names(("layout", "pin")) == [name]
        has_only_pins = document.names(("layout",)) == ["pin"]
        path, key = (
            ((), "layout")
            if is_last and has_only_pins
            else (("layout",), "pin")
            if is_last
            else (("layout", "pin"), name)
        )
        document.remove(path, [key])
        return keep_end(text, document.text)
    except (YamlEditError, YamlError):
        raise EditError("the pin cannot be removed here; remove it by hand") from None
