"""Recognizing files of other programs, so that messages can name them: by the extension, or by how the text begins."""

from __future__ import annotations

import re

from msgspec.structs import replace

from diagramkit.diagnostics import Diagnostic, DiagramError, Excerpt, Fix, Span

_BY_EXTENSION = {
    (".puml", ".plantuml", ".pu", ".iuml", ".wsd"): "PlantUML",
    (".d2",): "D2",
    (".drawio",): "a draw.io file",
    (".vsdx",): "a Visio file",
    (".excalidraw",): "an Excalidraw file",
    (".toml",): "TOML",
    (".xml",): "XML",
    (".csv",): "a table",
    (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".pdf"): "a picture",
    (".pptx", ".ppt", ".docx", ".xlsx"): "an Office document",
    (".hcl", ".tfvars"): "a part of Terraform",
    (".py", ".js", ".ts"): "a program",
}
_BY_BEGINNING = (
    (re.compile(r"@start\w+"), "PlantUML"),
    (re.compile(r"(strict\s+)?(di)?graph(\s+((?!(?:TB|TD|BT|LR|RL)\b)\w+|\"[^\"]*\"))?\s*\{"), "Graphviz"),
    (re.compile(r"<(mxfile|mxGraphModel)\b"), "a draw.io file"),
    (re.compile(r"<(\?xml|svg|!doctype|html)\b", re.I), "XML or HTML"),
    (re.compile(r"\{\\rtf"), "a document of a word processor (RTF)"),
    (re.compile(r"[\[{]\s*[\"{\[\]}]"), "JSON"),
)
_WRAPPED = re.compile(
    r"(?:@start\w+[ \t]*\r?\n|(?:<[/!]?(?:doctype|html|head|body|div|pre|code)\b[^>]{0,200}>\s*){1,20}(?<=\n))"
    r"[ \t]*(?:flowchart|graph|architecture-beta)\b",
    re.I,
)
"""Mermaid between the first and the last lines of PlantUML or HTML."""
_BINARY = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "an archive or an Office document"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def by_extension(extension: str) -> str | None:
    """Return what files with an extension (with its dot, in lower case) are, or None if that is unknown."""
    return next((name for extensions, name in _BY_EXTENSION.items() if extension in extensions), None)


def by_beginning(text: str) -> str | None:
    """Return what a text is that was found where Mermaid is expected, or None if it may be Mermaid."""
    start = text.lstrip("\ufeff \t\r\n")
    if _WRAPPED.match(start):
        return None
    return next((name for pattern, name in _BY_BEGINNING if pattern.match(start)), None)


def by_bytes(data: bytes) -> str | None:
    """Return what a file is that is not UTF-8, or None if that is unknown."""
    return next((name for beginning, name in _BINARY if data.startswith(beginning)), None)


def problems(text: str, name: str) -> tuple[Diagnostic, ...]:
    """Return the problems of a text that is not Mermaid but expected to be; none if it may be Mermaid.

    If the whole text can be written in Mermaid, there is an error with a fix for each of its lines.
    """
    from diagramkit.sources import foreign_texts

    kind = by_beginning(text) or (None if _WRAPPED.match(text.lstrip()) else foreign_texts.language_of(text))
    if kind is None:
        return ()
    message = f"this is {kind}, not Mermaid; write the diagram in Mermaid, beginning with a line such as 'flowchart LR'"
    if (new_lines := foreign_texts.converted(text)) is None or not _is_valid("\n".join(new_lines)):
        return (Diagnostic("not-mermaid", message, Span(name)),)
    lines = text.split("\n")
    changed = [number for number, new in enumerate(new_lines) if new != lines[number]]
    return tuple(_rewritten(name, number, lines[number], new_lines[number], kind) for number in changed)


def _is_valid(text: str) -> bool:
    from diagramkit.sources.mermaid import read as mermaid
    from diagramkit.sources.mermaid.source_text import Origin

    try:
        mermaid.parse(text, Origin(""))
    except DiagramError:
        return False
    return True


def _rewritten(name: str, number: int, line: str, new: str, kind: str) -> Diagnostic:
    """Return an error about a line in another language, with the fix that writes it in Mermaid."""
    advice = "remove this line" if not new else f"write '{new.strip()}'" if "\n" not in new else "write it in Mermaid"
    span = Span(name, number + 1, 1)
    indent = len(line) - len(line.lstrip())
    excerpt = Excerpt(line, indent + 1, max(1, len(line.strip())))
    message = f"this is {kind}, not Mermaid; {advice}"
    return Diagnostic(
        "not-mermaid", message, replace(span, column=indent + 1), excerpt=excerpt, fix=Fix(span, line, new)
    )
