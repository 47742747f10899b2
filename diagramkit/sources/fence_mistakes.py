"""Finds Mermaid fences that begin or end with a mistake, with fixes: a fence without an end, or with other marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from diagramkit.diagnostics import Diagnostic, Excerpt, Fix, Span, most_similar
from diagramkit.sources.markdown import Fence

_CODE = "mermaid-fence"
_OTHER_MARKS = re.compile(r"(?P<indent>\s*)(?P<marks>``|'{3}|\"{3}|´{2,3}|‘{3}|’{3}|[“”‘]`)\s*(?P<info>mermaid)\s*")
_OPENING = re.compile(r"\s*(?P<marks>`{3,}|~{3,})\s*[\w{]")
_STATEMENT = re.compile(
    r"[-=.][-=.][>xo-]|->|[\[\](){}|]|^\s*(?:subgraph|end|class|classDef|style|linkStyle|click|%%)\b"
)
_ANY_OPENING = re.compile(r"\s*(?P<marks>`{3,}+|~{3,}+)[^`]*$")
_BACKTICKS = "```"


def other_marks(lines: Sequence[str], name: str) -> Iterator[Diagnostic]:
    """Yield an error for each line that begins or ends a fence with other marks than a fence has: ``` ``mermaid ```."""
    marks = None  # Those of the fence that is open.
    for number, line in enumerate(lines):
        if marks is not None and line.strip() in _ends(marks):
            if line.strip() != _BACKTICKS:
                yield _replaced(name, lines, number, _BACKTICKS, f"a fence ends with '{_BACKTICKS}'")
            marks = None
        elif marks is not None and _is_typographic(marks) and (new := _straight(line)) != line:
            yield _replaced(name, lines, number, new.strip(), "a word processor changed these quotation marks")
        elif marks is None and (opening := _OTHER_MARKS.fullmatch(line)):
            marks = opening["marks"]
            yield _replaced(name, lines, number, f"{_BACKTICKS}mermaid", f"a Mermaid fence begins with '{_BACKTICKS}'")


def _ends(marks: str) -> tuple[str, ...]:
    """Return the lines that end a fence. Word processors turn two of its three marks into a quotation mark."""
    return (_BACKTICKS, "“`", "”`", "‘`", "’`") if _is_typographic(marks) else (_BACKTICKS, marks)


def _is_typographic(marks: str) -> bool:
    return marks[1:] == "`" and marks[0] != "`"


def _straight(line: str) -> str:
    from diagramkit.sources.mermaid.mistakes import characters

    return characters.with_straight_quotes(line)


def _replaced(name: str, lines: Sequence[str], number: int, new: str, reason: str) -> Diagnostic:
    """Return an error about a whole line, with the fix that writes `new` instead."""
    line = lines[number]
    indent = len(line) - len(line.lstrip())
    old = line.strip()
    span = Span(name, number + 1, indent + 1)
    return Diagnostic(
        _CODE, f"{reason}, not with '{old}'", span, excerpt=Excerpt(line, indent + 1, len(old)), fix=Fix(span, old, new)
    )


_WITH_DIAGRAM = re.compile(
    r"(?<![`~])(?P<fence>(?:`{3,}+|~{3,}+)\s*+(?:mermaid|mmd))\s+(?P<header>(?:flowchart|graph)\s+(?:TB|TD|BT|LR|RL)\b.*|architecture-beta)"
)


def with_diagram(fence: Fence, document: Sequence[str], name: str) -> Diagnostic | None:
    """Return an error about a fence on whose first line the diagram begins, or None: ``` ```mermaid flowchart LR ```.

    Markdown takes the rest of that line for attributes, so that the diagram has no type and no direction.
    """
    number = fence.line - 2
    match = _WITH_DIAGRAM.search(document[number].rstrip()) if 0 <= number < len(document) else None
    if match is None or any(line.split()[:1] == match["header"].split()[:1] for line in fence.text.split("\n")):
        return None
    margin, old = match.start(), match.group()
    span = Span(name, number + 1, margin + 1)
    return Diagnostic(
        _CODE,
        f"the diagram begins on the line of the fence; write '{match['header']}' on the next line",
        span,
        excerpt=Excerpt(document[number], margin + 1, len(old)),
        fix=Fix(span, old, f"{match['fence']}\n{match['header']}", margin),
    )


_WITH_HEADER = re.compile(
    r"(?P<indent>\s*+)(?P<marks>`{3,}+|~{3,}+)[ \t]*+"
    r"(?P<header>(?:flowchart|graph)[ \t]++(?:TB|TD|BT|LR|RL)\b[^`]*+|architecture-beta\s*+)"
)


def with_header(lines: Sequence[str], name: str) -> Iterator[Diagnostic]:
    """Yield an error for each fence whose language is the first line of a flowchart: ``` ```flowchart LR ```."""
    open_marks = None
    for number, line in enumerate(lines):
        stripped = line.strip()
        if open_marks is not None:
            open_marks = None if stripped.startswith(open_marks) and not stripped.strip("`~") else open_marks
        elif match := _WITH_HEADER.fullmatch(line):
            open_marks = match["marks"]
            header, margin = match["header"].rstrip(), len(match["indent"])
            span = Span(name, number + 1, margin + 1)
            message = (
                f"the diagram begins on the line of the fence; write '{open_marks}mermaid', and '{header}' below it"
            )
            fix = Fix(span, stripped, f"{open_marks}mermaid\n{header}", margin)
            yield Diagnostic(_CODE, message, span, excerpt=Excerpt(line, margin + 1, len(stripped)), fix=fix)
        elif opening := _ANY_OPENING.match(line):
            open_marks = opening["marks"]


def is_document(lines: Sequence[str]) -> bool:
    """Return whether a text has such a fence, and other text before or behind it."""
    numbers = [problem.span.line - 1 for problem in with_header(lines, "")]
    filled = [number for number, line in enumerate(lines) if line.strip()]
    if not numbers:
        return False
    return filled[0] < numbers[0] or lines[filled[-1]].strip("`~ \t") != ""


def without_end(fence: Fence, document: Sequence[str], name: str) -> tuple[Fence, Diagnostic] | None:
    """Return the part of a fence that is Mermaid, with an error, if the line that ends the fence is missing.

    `document` has the lines of the Markdown.

    Another fence begins in it, or it goes on to the end of the document, whose text follows behind a blank line.
    """
    lines = fence.text.split("\n")
    if split := _end_with_text(fence, lines, document, name):
        return split
    end = next((number for number, line in enumerate(lines) if _is_opening(line, fence)), None)
    if end is not None or not fence.is_closed:
        end = _text_behind(lines[:end]) or end
    if end is None or fence.is_html or not any(line.strip() for line in lines[:end]):
        return None
    last = max(number for number in range(end) if lines[number].strip())
    number = fence.line - 1 + last
    margin = fence.column - 1
    span = Span(name, number + 1, len(document[number].rstrip()) + 1)
    first = next(index for index in range(end, len(lines)) if lines[index].strip())
    line = document[fence.line - 1 + first]
    problem = Diagnostic(
        _CODE,
        f"the fence above is not closed; write '{fence.markup}' before this line",
        Span(name, fence.line + first, margin + 1),
        excerpt=Excerpt(line, margin + 1, max(1, len(line.rstrip()) - margin)),
        fix=Fix(span, "", f"\n{fence.markup}", margin),
    )
    return replace(fence, text="\n".join(lines[: last + 1]) + "\n"), problem


_TEXT_BEHIND_END = re.compile(r"(?P<before>.*?\S)??(?P<marks>`{3,}+|~{3,}+)(?P<text>[ \t]*+[^\s`~{][^`\n]*+)?")
_SENTENCE_STARTS = "*_>#(\"'"


def _end_with_text(
    fence: Fence, lines: Sequence[str], document: Sequence[str], name: str
) -> tuple[Fence, Diagnostic] | None:
    """Return the part of a fence that is Mermaid, with an error, if its end is on a line with a text or a statement."""
    for index, line in enumerate(lines):
        match = _TEXT_BEHIND_END.fullmatch(line) if fence.markup in line and not fence.is_html else None
        if match is None or not match["marks"].startswith(fence.markup):
            continue
        before, text = (match["before"] or "").rstrip(), match["text"]
        if before and not text and _STATEMENT.search(before) and not fence.is_closed:
            new = f"{before}\n{match['marks']}"
            diagram_lines = [*lines[:index], before]
        elif text and not before.strip() and _is_sentence(text.strip()) and index:
            new = f"{match['marks']}\n{text.strip()}"
            diagram_lines = list(lines[:index])
        else:
            continue
        number, margin = fence.line - 1 + index, fence.column - 1
        old = document[number][margin:].rstrip()
        span = Span(name, number + 1, margin + match.start("marks") + 1)
        message = f"the end of a fence is alone on its line; write '{match['marks']}' on a line of its own"
        excerpt = Excerpt(document[number], span.column, max(1, len(old) - match.start("marks")))
        fix = Fix(replace(span, column=margin + 1), old, new, margin)
        return replace(fence, text="\n".join(diagram_lines) + "\n"), Diagnostic(
            _CODE, message, span, excerpt=excerpt, fix=fix
        )
    return None


def _is_sentence(text: str) -> bool:
    """Return whether what follows the marks of a fence is a text, not what the block of code is in."""
    if " " in text:
        return text[0].isupper() or text[0] in _SENTENCE_STARTS or text[-1] in ".!?:"
    return not text.strip(".,;:!?)")


def _is_opening(line: str, fence: Fence) -> bool:
    """Return whether a line in a fence looks like the beginning of another one."""
    match = _OPENING.match(line)
    return bool(match and match["marks"][0] == fence.markup[0])


def _text_behind(lines: list[str]) -> int | None:
    """Return the line of a fence from which on it contains text instead of Mermaid: behind a blank line."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    text_start = next((number for number in reversed(filled) if _STATEMENT.search(lines[number])), -1) + 1
    blank = next((number for number in range(text_start, len(lines)) if not lines[number].strip()), None)
    has_text = blank is not None and any(number > blank and " " in lines[number].strip() for number in filled)
    return blank if has_text and blank else None


_UNMARKED = re.compile(r"(?P<before>\s*(?P<marks>`{3,}|~{3,})[ \t]*)(?P<info>[\w.:-]*)[ \t]*")
_MAX_LINES_BEFORE = 10  # Before the first statement of a diagram.
_LANGUAGE_LINE = re.compile(r"\s*(?:mermaid|mmd)\s*", re.I)
_FIRST_LINE = re.compile(r"\s*(?:(?:flowchart|graph)\s+(?:TB|TD|BT|LR|RL)\b|architecture-beta\s*$)")
_LANGUAGES = ("mermaid",)


def _first_statement(lines: Sequence[str], start: int) -> str:
    """Return the first line from `start` on that is no comment and not the language of the fence, or an empty one."""
    filled = [line for line in lines[start : start + _MAX_LINES_BEFORE] if line.strip()]
    if filled and _LANGUAGE_LINE.fullmatch(filled[0]):
        filled = filled[1:]
    return next((line for line in filled if not line.lstrip().startswith("%%")), "")


def unmarked(lines: Sequence[str], name: str) -> Iterator[Diagnostic]:
    """Yield an error for each fence with Mermaid that names no language, or misspells it, in a text without others."""
    open_marks = None
    for number, line in enumerate(lines):
        match = _UNMARKED.fullmatch(line)
        if match is None:
            continue
        if open_marks is not None:
            open_marks = None if match["marks"].startswith(open_marks) and not match["info"] else open_marks
            continue
        open_marks = match["marks"]
        following = _first_statement(lines, number + 1)
        language = re.sub(r"\W", "", match["info"]).lower()
        is_mermaid = match["info"].strip() != "mermaid" and (  # That one is in a comment, or an example.
            not language or language in ("flowchart", "graph", "mermaidjs") or most_similar(language, _LANGUAGES)
        )
        if is_mermaid and _FIRST_LINE.match(following):
            yield _replaced(
                name,
                lines,
                number,
                f"{match['marks']}mermaid",
                f"a Mermaid fence begins with '{match['marks']}mermaid'",
            )
