"""Finds the fixes of problems: tries candidates, and keeps those whose result is valid and loses nothing.

A line is corrected by the edits that change the fewest characters among those after which the line is valid by itself,
`line_text.keeps_everything` holds, and the whole text has no problem in the line any more. If two corrections that mean
different diagrams are equally small, the problem gets no fix, and its message names both.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.diagnostics import Diagnostic, DiagramError, Excerpt, Fix, Span
from diagramkit.graph import Graph
from diagramkit.sources.mermaid.mistakes import (
    candidates,
    characters,
    first_line,
    line_prefixes,
    line_text,
    markdown_text,
    misread_lines,
    missing_ends,
    open_labels,
    preamble_mistakes,
)
from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords, indent
from diagramkit.sources.mermaid.mistakes.misread_line import MisreadLine
from diagramkit.sources.mermaid.preamble import ARCHITECTURE
from diagramkit.sources.mermaid.source_text import Origin, Source

Parse = Callable[[str, Origin], Graph]
"""The parser of a text that starts at a position. It raises `DiagramError`."""

# Limits of the search, so that its time hardly depends on the text.
_MAX_PROBLEMS = 50
_MAX_LINE_LENGTH = 400
_MAX_CANDIDATES = 300  # For a line, and for each line after an edit.
_MAX_CHARACTERS = 100_000  # To read in search of corrections, for one text.
_MAX_LINES_OF_STRING = 50
_MAX_LINES_AROUND = 10  # That belong to the page around a diagram.
_MAX_VERIFICATIONS = 4  # Each reads the whole text.

_STRUCTURE = "mermaid-end"
_DATA = ("mermaid-data", "mermaid-shape")
# The syntax of these lines is valid, or not that of a diagram that can be drawn.
_WITHOUT_CANDIDATES = (
    "bad-hint",
    "conflicting-hints",
    "empty-diagram",
    "front-matter",
    "mermaid-link",
    "mermaid-range",
    "too-deep",
    "unknown-hint",
    "unknown-node",
    "unsupported-diagram",
)
_LINK_AT_END = re.compile(rf"(?<![-=.~])(?:{line_text.LINK})\s*$")
_KEYWORD_AT_END = re.compile(rf"(?<![-=.~])(?:{line_text.LINK})\s*(?:call|href|click)\s*$")
_LINE_BREAK = re.compile(r"\\n(?=\s|$|\w+\W|subgraph|end)")
_EDGE_NUMBERS = re.compile(r"\s*linkStyle\s+(\d[\d, ]*)")
_MAX_ARCHITECTURE_COST = 4
_MAX_EDGES = 100
_MIN_LINE_BREAKS = 2
_HERE = Origin("")


class _Cause(Struct, frozen=True):
    """What is wrong in a line, and where: `[start, end)`, or somewhere in what is corrected if that is None."""

    reason: str
    place: tuple[int, int] | None


class _Correction(Struct, frozen=True):
    """A line after edits: their cost, the new text, and the texts that they move or drop (see `Edit`).

    `base` is what nothing may be lost of: the line, or another form of it that replaced the whole line. `cause` is the
    first one of the edits.
    """

    cost: int
    text: str
    base: str
    moved: str = ""
    dropped: str = ""
    cause: _Cause | None = None

    def edited(self, edit: Edit) -> _Correction:
        """Return the correction with another edit in its last line."""
        start = self.text.rfind("\n") + 1
        text = self.text[: start + edit.start] + edit.new + self.text[start + edit.end :]
        cause = self.cause
        if cause is None and edit.reason:
            start = max(indent(self.text), edit.start if edit.place is None else edit.place)
            cause = _Cause(edit.reason, (start, edit.end) if self.cost == 0 else None)
        if self.text == self.base and edit.dropped == self.text[start:]:
            return _Correction(self.cost + edit.cost, text, text, cause=cause)
        moved, dropped = f"{self.moved} {edit.moved}".strip(), f"{self.dropped} {edit.dropped}".strip()
        return _Correction(self.cost + edit.cost, text, self.base, moved, dropped, cause)


def with_fixes(text: str, origin: Origin, problems: Sequence[Diagnostic], parse: Parse) -> tuple[Diagnostic, ...]:
    """Return the problems of a Mermaid text with verified fixes, in the same order, and the end of a fence.

    `text` starts at `origin` in its file, and `parse` reads it.
    """
    corrector = _Corrector(text, origin, parse)
    if problems and (line_breaks := corrector.line_breaks()):
        return (replace(problems[0], fix=line_breaks), *problems[1:])
    if problems and (prefixed := corrector.with_prefixes()):
        return prefixed
    if problems and (without_end := corrector.without_end()):
        return (without_end,)
    if (second := corrector.second_diagram(problems)) is not None:
        return second
    if problems and all(corrector.is_structural(problem) for problem in problems):
        return corrector.with_structure(problems)
    return corrector.with_corrections(problems)


class _Corrector:
    """Corrects one text. Lines are numbered from 0."""

    def __init__(self, text: str, origin: Origin, parse: Parse) -> None:
        self.source = Source(text, origin)
        self.lines = self.source.text.split("\n")
        self.origin, self.parse = origin, parse
        self.text_words = TextWords(self.source.text)
        self.characters_left = _MAX_CHARACTERS
        self.data_lines: set[int] = set()  # The lines in which only the fields of a node are wrong.
        self.header = preamble_mistakes.header_line(self.lines)
        self.is_architecture = self.lines[self.header].split()[:1] == [ARCHITECTURE]

    def with_corrections(self, problems: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Return the problems with fixes that correct single lines."""
        misread = [*misread_lines.find(self.lines, self.header)]
        if problems:
            wrong = {self._line(problem) for problem in problems} | {line.number for line in misread}
            others = (line for line in misread_lines.with_other_characters(self.lines) if line.number not in wrong)
            misread += islice(others, _MAX_PROBLEMS)
            misread += misread_lines.titles(self.lines, self.header, wrong)
            misread += misread_lines.reserved_subgraphs(self.lines, self.text_words, wrong)
            misread += open_labels.find(self.lines, self.header, wrong)
            text_below = [*markdown_text.below(self.lines, self.header, wrong)]
            numbers = {line.number for line in text_below}
            misread = [*(line for line in misread if line.number not in numbers), *text_below]
            inside = {number for line in misread for number in range(line.number + 1, line.end)}
            problems = [problem for problem in problems if self._line(problem) not in inside]
        # By the problem's index: the line and its corrections.
        proposals = {
            index: (line.number, [_Correction(1, line.new, line.new)])
            for index, line in enumerate(misread, len(problems))
        }
        problems = [*problems, *map(self._misread_line, misread)]
        for index, problem in enumerate(problems[:_MAX_PROBLEMS]):
            line = self._line(problem)
            has_candidates = problem.code not in _WITHOUT_CANDIDATES and not self.is_structural(problem)
            if problem.code in _DATA:
                self.data_lines.add(line)
            if has_candidates and all(line != self._line(problems[other]) for other in proposals):
                proposals[index] = self._corrections(line)
        certain = {
            line: characters.with_straight_quotes(corrections[0].text)
            for line, corrections in proposals.values()
            if len(corrections) == 1
        }
        verified = self._verified(certain, {index: line for index, (line, _) in proposals.items()}, problems)
        if misread_lines.begins_with_fence(self.lines, self.header) and self.header not in verified:
            for misread_line in misread:
                verified.pop(misread_line.number, None)  # Both ends of a fence are removed, or none.
        followers = self._consequences(problems, verified, {line.number for line in misread})
        return tuple(
            self._resolved(problem, *proposals.get(index, (0, [])), verified)
            for index, problem in enumerate(problems)
            if index not in followers or (index in proposals and proposals[index][0] in verified)
        )

    def _consequences(self, problems: Sequence[Diagnostic], verified: Mapping[int, str], misread: set[int]) -> set[int]:
        """Return the indexes of the problems that another one explains: those of misread lines that have a fix, and
        those that are gone with the fixes of other lines.
        """
        if not verified:
            return set()
        remaining = self._remaining(verified)
        lines = {line for line, _ in remaining}
        is_closed = not any(problem.code == _STRUCTURE for _, problem in remaining)
        return {
            index
            for index, problem in enumerate(problems)
            if self._line(problem) in misread & verified.keys()
            or (is_closed if self.is_structural(problem) else self._line(problem) not in lines | verified.keys())
        }

    def _misread_line(self, line: MisreadLine) -> Diagnostic:
        """Return the problem of a line that Mermaid reads as a node."""
        text = self.lines[line.number]
        span = Span(self.origin.file, self.origin.line + line.number, self.origin.column + indent(text))
        excerpt = Excerpt(text, indent(text) + 1, len(text.strip()))
        return Diagnostic("mermaid-syntax", line.message, span, excerpt=excerpt)

    def _line(self, problem: Diagnostic) -> int:
        return problem.span.line - self.origin.line

    def _resolved(
        self, problem: Diagnostic, line: int, corrections: Sequence[_Correction], verified: Mapping[int, str]
    ) -> Diagnostic:
        """Return a problem with its fix, or with a message that names the corrections among which none is certain."""
        if not corrections or (len(corrections) == 1 and line not in verified):
            return problem
        fix = self._fix(line, verified[line]) if line in verified else None
        if fix is None and line in verified:
            return problem
        new_texts = [fix.new] if fix else [correction.text.strip() for correction in corrections]
        if fix and (cause := corrections[0].cause):
            return self._explained(problem, cause, fix, verified[line])
        reason, _, _ = problem.message.rpartition("; ")
        if self.is_architecture or not reason or (fix and (not fix.new or "\n" in fix.new)):
            return replace(problem, fix=fix)
        choices = " or ".join(_shown(text) for text in new_texts)
        return replace(problem, message=f"{reason}; write {choices}", fix=fix)

    def _explained(self, problem: Diagnostic, cause: _Cause, fix: Fix, new: str) -> Diagnostic:
        """Return a problem with its fix, for which the cause is known. `new` is the whole line after the fix."""
        line = fix.span.line - self.origin.line
        first = fix.span.column - self.origin.column
        start, end = cause.place or (first, first + len(fix.old))
        advice = f"write {_shown(new)}" if "\n" in fix.new else _advice(fix)
        span = replace(fix.span, column=self.origin.column + start)
        excerpt = Excerpt(self.lines[line], start + 1, max(1, len(self.lines[line][start:end].rstrip())))
        return replace(problem, message=f"{cause.reason}; {advice}", span=span, excerpt=excerpt, fix=fix)

    # Single lines

    def _corrections(self, line: int) -> tuple[int, list[_Correction]]:
        """Return the line to correct for a problem in `line`, and its smallest corrections.

        This is another line if a string that starts there has no end, or a link that ends there has no target.
        """
        if line and _KEYWORD_AT_END.search(self.lines[line - 1]):
            return line - 1, self._smallest(line - 1)
        if corrections := self._smallest(line):
            return line, corrections
        if line and _LINK_AT_END.search(self.lines[line - 1]) and (corrections := self._smallest(line - 1)):
            return line - 1, corrections
        for start in range(line - 1, max(-1, line - _MAX_LINES_OF_STRING), -1):
            if self.lines[start].count('"') % 2 or line_text.has_open_link(self.lines[start]):
                return start, self._smallest(start)
        return line, []

    def _smallest(self, line: int) -> list[_Correction]:
        """Return the smallest corrections of a line that mean different diagrams.

        This is a search in the order of costs. Edits are combined only if each of them moves the first problem of the
        line closer to its end.
        """
        old = self.lines[line]
        if len(old) > _MAX_LINE_LENGTH:
            return []
        smallest: list[tuple[_Correction, Graph | None]] = []
        queue = [(0, 0, len(old) + 1, _Correction(0, old, old))]
        seen = {(old, old)}
        while queue and self.characters_left > 0:
            if smallest and queue[0][0] > smallest[0][0].cost:
                break
            *_, length, correction = heapq.heappop(queue)
            length_left, graph = self._read(line, correction.text)
            if length_left is None:
                if correction.cost == 0:
                    return []  # The mistake is not in this line.
                is_complete = correction.text == correction.base or line_text.keeps_everything(
                    correction.base, correction.text, correction.moved, correction.dropped
                )
                if is_complete and not any(_is_same(graph, other) for _, other in smallest):
                    smallest.append((correction, graph))
            elif length_left < length + self._tolerance(correction):
                for edit in islice(self._edits(line, correction), _MAX_CANDIDATES):
                    following = correction.edited(edit)
                    if (following.text, following.base) not in seen:
                        seen.add((following.text, following.base))
                        heapq.heappush(queue, (following.cost, len(seen), length_left, following))
        return [correction for correction, _ in smallest]

    def _tolerance(self, correction: _Correction) -> int:
        """Return how far the first problem may be behind its last place: that of an architecture diagram is always at
        the start of its line, and that of a text without a type is where the type is missing.
        """
        if self.is_architecture:
            return _MAX_LINE_LENGTH if correction.cost <= _MAX_ARCHITECTURE_COST else 0
        return int(correction.text.startswith(first_line.MISSING))

    def _edits(self, line: int, correction: _Correction) -> Iterator[Edit]:
        """Return the candidates for the last line of a correction."""
        kind = "architecture" if self.is_architecture else "data" if line in self.data_lines else "flowchart"
        text = correction.text.rpartition("\n")[2]
        if line == self.header and "\n" not in correction.text:
            following = candidates.edits(text, self.text_words, kind) if ";" in text else ()
            return chain(candidates.edits(text, self.text_words, "header"), following)
        return candidates.edits(text, self.text_words, kind)

    def _read(self, line: int, text: str) -> tuple[int | None, Graph | None]:
        """Read a line after edits. Return how many of its characters are left from the first problem on, and its graph.

        The former is None if there is no problem in the line.
        """
        if self.is_architecture:
            before, after = "".join(f"{other}\n" for other in self.lines[:line]), "\n".join(self.lines[line + 1 :])
        elif line == self.header:
            # Without a fence, the diagram starts in the next line that is not blank; after a comment, in a later one.
            rest = (other for other in self.lines[line + 1 : line + _MAX_LINES_AROUND] if other.strip())
            following = next((other for other in rest if not first_line.FENCE.fullmatch(other)), "")
            is_comment = text.lstrip().startswith("%%")
            is_start = following.split()[:1] == [ARCHITECTURE]
            before, after = (
                "",
                "graph LR\nA" if is_comment else "A\n" if text else f"{following}\n{'' if is_start else 'A'}",
            )
            if text.split()[:1] == [ARCHITECTURE]:
                after = ""
        else:
            starts = [part.split()[:1] for part in text.split("\n")]
            is_open = starts.count(["subgraph"]) > starts.count(["end"])
            before, after = "graph LR\n", "end\n" if is_open else ""
            if numbers := _EDGE_NUMBERS.match(text):  # The edges are in other lines.
                before += "A --> B\n" * min(_MAX_EDGES, 1 + max(map(int, re.findall(r"\d{1,3}", numbers[1]))))
            if text.rpartition("\n")[2].strip(" \t;") == "end" and text.split()[:1] != ["subgraph"]:
                before = "graph LR\nsubgraph A\nB\n"
        snippet = f"{before}{text}\n{after}"
        self.characters_left -= len(snippet)
        try:
            return None, self.parse(snippet, _HERE)
        except DiagramError as error:
            parts = text.split("\n")
            for problem in error.problems:
                number = problem.span.line - 1 - before.count("\n")
                if 0 <= number < len(parts):
                    return len("\n".join(parts[number:])) - problem.span.column + 1, None
            return (None if self.is_architecture else 0), None

    def _verified(
        self, texts: Mapping[int, str], lines: Mapping[int, int], problems: Sequence[Diagnostic]
    ) -> dict[int, str]:
        """Return those of the corrected lines with which the problems that they correct are gone from the whole text.

        `lines` has the line that corrects each problem, by the problem's index.
        """
        accepted = dict(texts)
        for _ in range(_MAX_VERIFICATIONS):
            if not accepted:
                break
            remaining = self._problem_lines(accepted)
            failed = {
                line
                for index, line in lines.items()
                if line in accepted and remaining & {line, self._line(problems[index])}
            }
            if not failed:
                return accepted
            accepted = {line: text for line, text in accepted.items() if line not in failed}
        return {}

    def _problem_lines(self, texts: Mapping[int, str]) -> set[int]:
        """Return the lines of the text that have problems after some of them are replaced."""
        return {line for line, problem in self._remaining(texts) if problem.code != _STRUCTURE}

    def _remaining(self, texts: Mapping[int, str]) -> list[tuple[int, Diagnostic]]:
        """Return the problems of the text after some of its lines are replaced, each with its line before that."""
        numbers: list[int] = []
        parts: list[str] = []
        for number, line in enumerate(self.lines):
            new_lines = texts.get(number, line).split("\n")
            numbers += [number] * len(new_lines)
            parts += new_lines
        try:
            self.parse("\n".join(parts), _HERE)
        except DiagramError as error:
            return [(numbers[problem.span.line - 1], problem) for problem in error.problems]
        return []

    def _fix(self, line: int, new: str) -> Fix | None:
        """Return the fix that turns a line into `new`. It replaces whole words, and whole labels."""
        old = self.lines[line]
        start, end = line_text.difference(old, new)
        return self._fix_at(line, start, old[start : len(old) - end], new[start : len(new) - end])

    def _fix_at(self, line: int, column: int, old: str, new: str) -> Fix | None:
        """Return the fix that replaces `old`, or None if the file has the old or the new text in another notation."""
        offset = sum(len(other) + 1 for other in self.lines[:line]) + column
        if not self.source.original.startswith(old, self.source.original_offset(offset)):
            return None
        if self.origin.is_html and re.search("[<&]", new):
            return None
        return Fix(self.source.span(offset), old, new, self.origin.column - 1)

    # Whole texts

    def line_breaks(self) -> Fix | None:
        """Return the fix that turns `\\n` and other escapes of a JSON string into characters, if all is in one line."""
        line = self.lines[self.header]
        if sum(bool(other.strip()) for other in self.lines) > 1 or len(_LINE_BREAK.findall(line)) < _MIN_LINE_BREAKS:
            return None
        new = _LINE_BREAK.sub("\n", line.replace('\\"', '"').replace("\\t", "  ")).rstrip("\n")
        return self._fix_at(self.header, 0, line, new)

    def with_prefixes(self) -> tuple[Diagnostic, ...]:
        """Return an error for each line that begins with its number, or with the mark of a diff; none without any."""
        problems = []
        for line in line_prefixes.find(self.lines):
            fix = self._fix_at(line.number, 0, self.lines[line.number], line.new)
            problems.append(replace(self._misread_line(line), fix=fix))
        return tuple(problems)

    def without_end(self) -> Diagnostic | None:
        """Return an error about front matter or a directive without an end, which hides the diagram, or None."""
        if place := preamble_mistakes.without_end(self.lines):
            line, column, new, message = place
            fix = self._fix_at(line, column, "", new)
            span = Span(self.origin.file, self.origin.line + line, self.origin.column + column)
            return Diagnostic(
                "mermaid-syntax", message, span, excerpt=Excerpt(self.lines[line], column + 1, 1), fix=fix
            )
        return None

    def second_diagram(self, problems: Sequence[Diagnostic]) -> tuple[Diagnostic, ...] | None:
        """Return the problems before a second diagram, and an error about its first line, or None if there is none.

        A line that only repeats the first one is removed.
        """
        second = misread_lines.second_header(self.lines, self.header) if problems else None
        if second is None or all(self._line(problem) < second for problem in problems):
            return None
        before = [problem for problem in problems if self._line(problem) < second]
        message, removed = misread_lines.repeated_header(self.lines, self.header, second)
        number = second if removed is None else removed
        text, margin = self.lines[number], indent(self.lines[number])
        span = Span(self.origin.file, self.origin.line + number, self.origin.column + margin)
        excerpt = Excerpt(text, margin + 1, len(text.strip()))
        fix = self._fix_at(number, margin, text[margin:], "") if removed is not None else None
        problem = Diagnostic("mermaid-syntax", message, span, excerpt=excerpt, fix=fix)
        return (*(self.with_corrections(before) if before else ()), problem)

    # Subgraphs

    def is_structural(self, problem: Diagnostic) -> bool:
        """Return whether a problem is one of matching `subgraph` and `end`, not one within its line."""
        line = self.lines[self._line(problem)]
        words = line.strip(" \t;").split()
        is_subgraph = words[:1] == ["subgraph"] and line.count('"') % 2 == 0  # Else a string contains the `end`.
        return problem.code == _STRUCTURE and (words == ["end"] or is_subgraph)

    def with_structure(self, problems: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Return the problems with fixes that remove an `end`, or add one for the innermost open subgraph.

        They are offered only if there is no other problem, because a line that is not understood may be the missing
        one, and only if the lines that look like `subgraph` and `end` do not match either: one may be inside a text.
        """
        words = [line.strip(" \t;").split(maxsplit=1)[:1] for line in self.lines]
        excess = words.count(["end"]) - words.count(["subgraph"])
        fixes: list[Fix | None] = [None] * len(problems)
        for index, problem in enumerate(problems):
            line = self._line(problem)
            if words[line] == ["end"] and excess > 0:
                margin = indent(self.lines[line])
                fixes[index] = self._fix_at(line, margin, self.lines[line][margin:], "")
            elif words[line] == ["subgraph"] and excess < 0 and problem is problems[-1]:
                fixes[index] = self._fix_at(*missing_ends.missing_end(self.lines, line, self.text_words))
        return tuple(replace(problem, fix=fix) for problem, fix in zip(problems, fixes, strict=True))


def _shown(text: str) -> str:
    return " above ".join(f"'{line.strip()}'" for line in text.split("\n"))


def _advice(fix: Fix) -> str:
    """Return what to do: the replacement in a line, or in a word what it is."""
    if not fix.new:
        return "remove it"
    if fix.old.endswith(fix.new):
        return f"remove '{fix.old.removesuffix(fix.new).strip()}'"
    is_comment = f"%% {fix.old}".startswith(fix.new)
    return "write it as a comment" if is_comment else f"write {_shown(fix.new)}"


def _is_same(graph: Graph | None, other: Graph | None) -> bool:
    """Return whether two texts mean the same diagram; None is an unknown one."""
    from diagramkit.sources.mermaid.write import to_mermaid

    return graph is not None and other is not None and to_mermaid(graph) == to_mermaid(other)
