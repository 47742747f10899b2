"""Finds fixes for the YAML of a spec or theme, and verifies them by reading the result."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from msgspec.structs import replace

from diagramkit.diagnostics import Diagnostic, Excerpt, Fix, Span
from diagramkit.sources import fixes, spec_sections

_MAX_CANDIDATES = 20
_MAX_PROBLEMS = 10
_ONLY_AT_MARGIN = ("edges", "diagram", "direction", "provider", "category", "description", "legend", "icons", "links")
"""Keys of a spec that nothing below them has."""
_FORMS = ("edge-syntax", "mermaid-", "wrong-type", "yaml-syntax")
_REWRITTEN = (*_FORMS, "unknown-key", "wrong-value")
_VERIFIED = ("edge-syntax", "unknown-key", "unknown-node", "wrong-value", "yaml-syntax")
_ENTRY = re.compile(
    r"(?P<key>\s*+(?:- ++)*+\w[\w.-]*+(?:[ \t]++(?:<?[-=.]++>?|&)[ \t]++\w[\w.-]*+)*+:[ \t]+)"
    r"(?P<value>[^\s'\"|>\[{&*!#].*?)(?P<end>\s+#.*|\s*)"
)
_KEY = r"(?P<key>\s*(?:- +)*(?:[\w.-]+:[ \t]+)?)"
_INNER_QUOTES = re.compile(rf"{_KEY}(?P<value>\"(?P<text>[^\"]*\".*)\")\s*")
_INDICATOR = re.compile(rf"{_KEY}(?P<value>[@`%*&!][^'\"#]*?|[\[{{][^'\"#\]}}]*[\]}}][^'\"#,\]}}]*[\w)])\s*")
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})\s*(?:ya?ml)?\s*")
_CURLY = r"(?P<value>[“”„](?P<text>[^“”„\"]++)[“”])"
_CURLY_VALUE = re.compile(_CURLY)
_IN_CURLY_QUOTES = re.compile(rf"\s*+(?:- ++)*+(?:[\w.-]++:[ \t]++)?{_CURLY}\s*+")
_WITHOUT_VALUE = re.compile(r"\s*+(?:#.*|[^:]*+:\s*+|-{3,}\s*+)?")
_KEYED = re.compile(r"\s*(?:- +)?[\w.-]+:(?:\s|$)|\s*- ")
_MIN_SEMICOLONS = 3
_BLOCK_START = re.compile(r"(?::|-)[ \t]++[|>][-+0-9]*+$")
_COMMA_BEHIND = re.compile(rf"{_KEY}(?P<value>\"[^\"]*\"|'[^']*'),\s*")
_COLON_IN_FLOW = re.compile(r"[{,]\s?[\w-]+:\s(?P<value>[^\s,{}\[\]\"'][^,{}\[\]\"']*:\s[^,{}\[\]\"']*[^\s,{}\[\]\"'])")
_IS_EMPTY = re.compile(r"\s*+(?:#.*+)?")
_VALUE_END = re.compile(
    r"(?P<value>(?:[^\s\"'#]|\"[^\"]*+\"|'[^']*+'|[ \t]++(?=[^\s#])|(?<=\S)#)++(?<![,:{\[-]))(?:\s++#.*+|\s*+)"
)
"""A line with the last character of a value that may lack a comma."""
_EXTRA_COMMA = re.compile(r"(?:(?<![^ \t])|(?<=[}\],])),[ \t]*+$")
_CLOSINGS = {"{": "}", "[": "]"}
_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))#.*$")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_OPEN_QUOTE = re.compile(r"\s*(?:- +)*\w[^:'\"#]*:[ \t]+(?P<quote>['\"])(?P<text>[^'\"]*)")


def with_fixes(
    text: str, problems: Sequence[Diagnostic], problems_of: Callable[[str], Sequence[Diagnostic]]
) -> tuple[Diagnostic, ...]:
    """Return the problems of a YAML text with verified fixes for its syntax and its keys.

    `problems_of` returns the problems of a text. The fixes of Mermaid in the text are verified already.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    if rewritten := _rewritten(lines, problems, problems_of):
        return rewritten
    result = []
    for number, problem in enumerate(problems):
        fix = problem.fix
        if problem.code in _VERIFIED and (fix or problem.code in ("unknown-key", "yaml-syntax")):
            candidates = _spellings(fix) if fix else _candidates(lines, problem)
            limited = islice(candidates, _MAX_CANDIDATES if number < _MAX_PROBLEMS else 0)
            fix = next((each for each in limited if _resolves(text, problem, each, len(problems), problems_of)), None)
        elif problem.message.endswith("put it in quotes") and problem.code == "wrong-type":
            fix = _in_quotes(lines, problem.span)
        result.append(_explained(replace(problem, fix=fix), lines))
    return (*result, *_in_curly_quotes(lines, problems), *_semicolons(lines, problems))


_PLAIN_VALUE = re.compile(r"[\w.+~-]++(?=[ \t]*+(?:$|[,\]}]|[ \t]#))")


def _in_quotes(lines: Sequence[str], span: Span) -> Fix | None:
    """Return the fix that puts a value without quotes, which is a number or a word such as `yes`, in quotes."""
    match = _PLAIN_VALUE.match(lines[span.line - 1], span.column - 1) if span.line <= len(lines) else None
    return Fix(span, match.group(), f'"{match.group()}"') if match else None


def _explained(problem: Diagnostic, lines: Sequence[str]) -> Diagnostic:
    """Return an error of syntax that names what its fix changes: a comma, a fence, or spaces before a line."""
    fix = problem.fix
    if problem.code != "yaml-syntax" or fix is None:
        return problem
    line = lines[fix.span.line - 1]
    start, end = len(_indent_of(line)), len(line.rstrip())
    if fix.new == ",":
        start, end, message = fix.span.column - 2, fix.span.column - 1, "a comma is missing behind this value; add it"
    elif fix.old == "," and not fix.new:
        start, end, message = fix.span.column - 1, fix.span.column, "this comma separates nothing; remove it"
    elif fix.old and not fix.new and _FENCE.fullmatch(fix.old):
        message = "this line belongs to a Markdown fence, not to the spec; remove it"
    elif not fix.old and set(fix.new) <= {*_CLOSINGS.values(), '"', "'"} and _is_at_end(fix, lines):
        start, end = fix.span.column - 2, fix.span.column - 1
        message = f"the text ends within quotation marks or brackets, and may be cut off; write '{fix.new}' behind it"
    elif fix.span.column == 1 and fix.old == line[:start] and "\t" not in fix.old and not fix.new.strip():
        message = f"this line is not indented as those around it are; write {_spaces(len(fix.new))} before it"
    else:
        return problem
    span = replace(problem.span, line=fix.span.line, column=start + 1)
    return replace(problem, message=message, span=span, excerpt=Excerpt(line, start + 1, max(1, end - start)))


def _is_at_end(fix: Fix, lines: Sequence[str]) -> bool:
    """Return whether a fix is at the end of a text."""
    is_last = not any(line.strip() for line in lines[fix.span.line :])
    return is_last and not lines[fix.span.line - 1][fix.span.column - 1 :].strip()


def _spaces(count: int) -> str:
    """Return a number of spaces in words."""
    return "no space" if count == 0 else "1 space" if count == 1 else f"{count} spaces"


def _rewritten(
    lines: Sequence[str],
    problems: Sequence[Diagnostic],
    problems_of: Callable[[str], Sequence[Diagnostic]],
) -> tuple[Diagnostic, ...] | None:
    """Return the problems with fixes that write a section in another form, if there are fewer of them then."""
    if not any(problem.code.startswith(_REWRITTEN) for problem in problems):
        return None
    for changes, message in spec_sections.rewrites(lines):
        new_lines = [changes.get(number, line) for number, line in enumerate(lines)]
        remaining = problems_of("\n".join(new_lines))
        first = min(problem.span.line for problem in problems)
        unfixed = [sum(problem.fix is None for problem in each) for each in (problems, remaining)]
        # The fields of a list in another form are read only in the right form.
        forms = [sum(problem.code.startswith(_FORMS) for problem in each) for each in (problems, remaining)]
        hidden = forms[1] < forms[0] and all(problem.code == "unknown-key" for problem in remaining)
        is_later = problems[0].code == "yaml-syntax" and remaining and remaining[0].span.line > first
        if len(remaining) < len(problems) or unfixed[1] < unfixed[0] or hidden or is_later:
            others = [problem for problem in problems if problem.span.line - 1 not in changes]
            fixed = [_line_problem(problems[0].span, lines, number, changes[number], message) for number in changes]
            unchanged = [replace(problem, fix=None) for problem in others if problem.code != "yaml-syntax"]
            return tuple(sorted((*unchanged, *fixed), key=lambda problem: problem.span.line))
    return None


def _line_problem(span: Span, lines: Sequence[str], number: int, new: str, message: str) -> Diagnostic:
    """Return an error about a whole line, with its fix."""
    line = lines[number]
    indent = len(line) - len(line.lstrip())
    excerpt = Excerpt(line, indent + 1, max(1, len(line.strip())))
    fix = Fix(replace(span, line=number + 1, column=1), line, new)
    return Diagnostic(
        "yaml-syntax", message, replace(span, line=number + 1, column=indent + 1), excerpt=excerpt, fix=fix
    )


def _semicolons(lines: Sequence[str], problems: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield an error for the semicolon at the end of each value, if there are other problems and all values have one.

    Edges have a fix of their own.
    """
    values = [(number, line.rstrip()) for number, line in enumerate(lines, 1) if not _WITHOUT_VALUE.fullmatch(line)]
    if not problems or len(values) < _MIN_SEMICOLONS or not all(line.endswith(";") for _, line in values):
        return
    taken = {problem.span.line for problem in problems}
    for number, line in values:
        if number not in taken:
            span = replace(problems[0].span, line=number, column=len(line))
            message = "this semicolon is a part of the text; remove it"
            yield Diagnostic("yaml-syntax", message, span, excerpt=Excerpt(line, len(line), 1), fix=Fix(span, ";", ""))


def _in_curly_quotes(lines: Sequence[str], problems: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """Yield an error for each value in curly quotation marks, which YAML takes for a part of it.

    They are a mistake only in a text with other problems: it is not as its author wrote it. Texts of several lines
    (`|`) are left alone.
    """
    block = None  # The indentation of the key of a text of several lines.
    for number, line in enumerate(lines, 1):
        indent = len(line) - len(line.lstrip())
        if block is not None and (indent > block or not line.strip()):
            continue
        block = indent if _BLOCK_START.search(line) else None
        if problems and (match := _IN_CURLY_QUOTES.fullmatch(line)):
            span = replace(problems[0].span, line=number, column=match.start("value") + 1)
            new = '"' + match["text"].replace("\\", "\\\\") + '"'
            message = f"these quotation marks are a part of the text; write {new}"
            excerpt = Excerpt(line, match.start("value") + 1, len(match["value"]))
            yield Diagnostic("yaml-syntax", message, span, excerpt=excerpt, fix=Fix(span, match["value"], new))


def _spellings(fix: Fix) -> Iterator[Fix]:
    """Yield a fix as it is, and for a text in quotes, which begins behind the first one."""
    yield fix
    yield replace(fix, span=replace(fix.span, column=fix.span.column + 1))


def _candidates(lines: Sequence[str], problem: Diagnostic) -> Iterator[Fix]:
    """Yield the candidates for a syntax error: a quotation mark without an end, which may be far above the error; the
    fence of Markdown; quotation marks in a value; a value without quotes that needs them; and tabs.
    """
    for number, line in enumerate(lines[: problem.span.line], 1):
        span = replace(problem.span, line=number, column=1)
        if match := _OPEN_QUOTE.fullmatch(line.rstrip()):
            yield Fix(replace(span, column=match.end() + 1), "", match["quote"])
        if number < problem.span.line - 1:
            continue
        yield from _corrected_values(line, span)
    yield from _end_of_text(lines, problem.span)
    yield from _comma_above(lines, problem.span)
    for number in (problem.span.line, problem.span.line - 1):
        if 0 < number <= len(lines) and _may_be_indented(lines[number - 1], problem):
            span = replace(problem.span, line=number, column=1)
            indent = _indent_of(lines[number - 1])
            yield from (Fix(span, indent, new) for new in _indents(lines, number))


def _end_of_text(lines: Sequence[str], span: Span) -> Iterator[Fix]:
    """Yield the quotation mark and the brackets that are open at the end of a text, which may be cut off."""
    last = max((number for number, line in enumerate(lines) if line.strip()), default=0)
    text = _COMMENT.sub("", _QUOTED.sub("", "\n".join(lines[: last + 1])))
    mark = next((char for char in "\"'" if text.rpartition("\n")[2].count(char) == 1), "")
    if mark:
        text = text[: text.rindex(mark)]
    closings: list[str] = []
    for char in text:
        if char in _CLOSINGS:
            closings.append(_CLOSINGS[char])
        elif closings and char == closings[-1]:
            closings.pop()
    if closings and text.rstrip()[-1:] not in ("{", "["):
        end = replace(span, line=last + 1, column=len(lines[last].rstrip()) + 1)
        yield Fix(end, "", mark + "".join(reversed(closings)))


def _comma_above(lines: Sequence[str], span: Span) -> Iterator[Fix]:
    """Yield the comma that may be missing behind the entry of a mapping or a list above a line, as in JSON."""
    numbers = range(min(span.line - 1, len(lines)), 0, -1)
    number = next((each for each in numbers if not _IS_EMPTY.fullmatch(lines[each - 1])), None)
    if number is not None and (match := _VALUE_END.fullmatch(lines[number - 1])):
        yield Fix(replace(span, line=number, column=match.end("value") + 1), "", ",")


def _may_be_indented(line: str, problem: Diagnostic) -> bool:
    """Return whether a line may have the wrong indentation. An unknown key may become the id of a node by another one,
    unless it is a key of the spec."""
    from diagramkit.sources.spec import SPEC

    if problem.code != "unknown-key":
        return bool(_KEYED.match(line))
    return line[:1].isspace() and line.strip().partition(":")[0] in SPEC.fields


def _corrected_values(line: str, span: Span) -> Iterator[Fix]:
    """Yield the fixes of the quotation marks, brackets, commas and tabs of a line, which begins at `span`."""
    yield from _flow_ends(line, span)
    if match := _COMMA_BEHIND.fullmatch(line):
        yield Fix(replace(span, column=match.end("value") + 1), ",", "")
    if match := _EXTRA_COMMA.search(line):
        yield Fix(replace(span, column=match.start() + 1), ",", "")
    for match in _COLON_IN_FLOW.finditer(line):
        yield Fix(replace(span, column=match.start("value") + 1), match["value"], f'"{match["value"]}"')
    if _FENCE.fullmatch(line):
        yield Fix(span, line, "")
    if match := _INNER_QUOTES.fullmatch(line):
        text = match["text"].replace('\\"', '"').replace("'", "''")
        yield Fix(replace(span, column=match.start("value") + 1), match["value"], f"'{text}'")
    if match := _INDICATOR.fullmatch(line):
        yield Fix(replace(span, column=match.start("value") + 1), match["value"], f'"{match["value"]}"')
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent:
        yield from (Fix(span, indent, indent.replace("\t", " " * width)) for width in (2, 4, 8))
    if (match := _ENTRY.fullmatch(line)) and re.search(r":(?:\s|$)| #", match["value"]):
        curly = _CURLY_VALUE.fullmatch(match["value"])
        text = curly["text"] if curly else match["value"]
        quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        yield Fix(replace(span, column=match.start("value") + 1), match["value"], quoted)


def _flow_ends(line: str, span: Span) -> Iterator[Fix]:
    """Yield the brackets that mappings and lists in one line lack: before the bracket of another one, or at the end."""
    text = _QUOTED.sub(lambda match: "\0" * len(match.group()), line)
    missing = ""
    for index, char in enumerate(text):
        if char in _CLOSINGS:
            missing = _CLOSINGS[char] + missing
        elif missing and char == missing[0]:
            missing = missing[1:]
        elif char in missing:
            inner, missing = missing[: missing.index(char)], missing[missing.index(char) + 1 :]
            yield Fix(replace(span, column=index + 1), "", inner)
    if missing:
        yield Fix(replace(span, column=len(line.rstrip()) + 1), "", missing)


def _indents(lines: Sequence[str], number: int) -> Iterator[str]:
    """Yield the indentations of the lines around a line (from 1) that are not its own."""
    own = _indent_of(lines[number - 1])
    if own and lines[number - 1].strip().partition(":")[0] in _ONLY_AT_MARGIN:
        yield ""
    around = [
        line for line in (*lines[max(0, number - 3) : number - 1][::-1], *lines[number : number + 2]) if line.strip()
    ]
    yield from dict.fromkeys(indent for line in around if (indent := _indent_of(line)) != own)


def _indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _resolves(
    text: str, problem: Diagnostic, fix: Fix, count: int, problems_of: Callable[[str], Sequence[Diagnostic]]
) -> bool:
    """Return whether a fix resolves a problem: a syntax error moves to a later line, or there are fewer problems."""
    new_text, applied = fixes.apply_fixes(text, [replace(problem, fix=fix)])
    if not applied:
        return False
    remaining = problems_of(new_text)
    if problem.code == "yaml-syntax":
        # An error behind a fix far above it may have hidden others.
        line = problem.span.line if fix.span.line > problem.span.line - 2 else fix.span.line
        return all(other.code != "yaml-syntax" or other.span.line > line for other in remaining)
    if any(other.code == "yaml-syntax" for other in remaining):
        return False  # All other problems are hidden.
    same_line = sum(other.span.line == problem.span.line for other in remaining)
    is_gone = problem.code == "unknown-key" and same_line == 0
    return len(remaining) < count or is_gone
