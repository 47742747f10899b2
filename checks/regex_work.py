"""Counts the work of the regular expressions in diagramkit: `python -m checks.regex_work`.

Python's `re` can take quadratic time or worse for a pattern with overlapping quantifiers. Each pattern is taken from
the code and matched against hostile texts, which repeat its own characters, by an interpreter that counts every step.
A finding is a pattern whose steps grow more than 2.3 times when the text doubles. No time is measured.
"""

from __future__ import annotations

import ast
import importlib
import itertools
import re
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

ROOT = Path(__file__).resolve().parent.parent
MAX_GROWTH = 2.3
_SIZES = (48, 96, 192)
_parser: Any = importlib.import_module("re._parser")
_ANCHORED = ("match", "fullmatch")
_SEARCHING = ("search", "sub", "subn", "finditer", "findall", "split")
_SINGLE = ("LITERAL", "NOT_LITERAL", "ANY", "IN")
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_STACK_BYTES = 512_000_000

Continue = Callable[[int], bool]


BOUNDED = {
    "diagramkit/icons/words.py:_NUMBERING[0]": "a label has at most 5,000 characters",
    "diagramkit/sources/foreign_texts/d2.py:_ARROW[0]": "lines of up to 400 characters",
    "diagramkit/sources/foreign_texts/d2.py:_PATH[0]": "lines of up to 400 characters",
    "diagramkit/sources/foreign_texts/graphviz.py:_STATEMENT[0]": "lines of up to 400 characters",
    "diagramkit/sources/mermaid/mistakes/architecture_lines.py:_EDGE_WITHOUT_SIDES[0]": "lines of up to 400 characters",
    "diagramkit/sources/mermaid/mistakes/architecture_lines.py:_NAMED[0]": "lines of up to 400 characters",
    "diagramkit/sources/mermaid/mistakes/candidates.py:_LABELED_LINK[0]": "only lines of up to 400 characters",
    "diagramkit/sources/mermaid/mistakes/candidates.py:_TEXT_OF_LINK[0]": "only lines of up to 400 characters",
    "diagramkit/sources/mermaid/mistakes/link_lines.py:_IN_BRACES[0]": "only lines of up to 400 characters",
    "diagramkit/sources/mermaid/mistakes/line_text.py:_INNER_QUOTES[0]": "only lines of up to 400 characters",
    "diagramkit/sources/spec_edges.py:_LABELED[0]": "only lines of up to 400 characters",
    "diagramkit/sources/spec_edges.py:_LABELED[1]": "only lines of up to 400 characters",
    "diagramkit/sources/spec_edges.py:_OTHER_ARROW[0]": "only lines of up to 400 characters",
    "diagramkit/measure/text_layout.py:_BOLD[0]": "a label has at most 5,000 characters",
    "diagramkit/measure/text_layout.py:_EMPHASIS[0]": "a label has at most 5,000 characters",
    "diagramkit/sources/mermaid/architecture.py:_EDGE_WITHOUT_SIDES[0]": "only lines of up to 200 characters",
    "diagramkit/sources/mermaid/preamble.py:_TAG[0]": "the search ends at the last >",
}
"""Patterns that are slow for long texts and never get any, with the reason."""


class UsedPattern(Struct, frozen=True):
    """A pattern in the code: where it is, the expression, and whether it is searched for or matched at one place."""

    place: str
    pattern: str
    flags: int
    is_searched: bool


class Finding(Struct, frozen=True):
    """A pattern, a text that makes it slow (`prefix` and repetitions of `pump`), and the steps by size."""

    used: UsedPattern
    prefix: str
    pump: str
    steps: tuple[int, ...]


def patterns() -> Iterator[UsedPattern]:
    """Yield the patterns that modules of diagramkit define as constants or use in a call of `re`."""
    for path in sorted((ROOT / "diagramkit").rglob("*.py")):
        text = path.read_text("utf-8")
        if "import re\n" not in text:
            continue
        name = path.relative_to(ROOT).as_posix()
        module = importlib.import_module(name.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        for constant, value in vars(module).items():
            for number, pattern in enumerate(value if isinstance(value, tuple) else (value,)):
                if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
                    is_searched = bool(re.search(rf"\b{constant}\.({'|'.join(_SEARCHING)})\b|edit\({constant}\b", text))
                    yield UsedPattern(f"{name}:{constant}[{number}]", pattern.pattern, pattern.flags, is_searched)
        yield from _inline_patterns(name, text)


def _inline_patterns(name: str, text: str) -> Iterator[UsedPattern]:
    for node in ast.walk(ast.parse(text)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        method, pattern = node.func.attr, node.args[0]
        is_re = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
        if is_re and method in (*_ANCHORED, *_SEARCHING) and isinstance(pattern, ast.Constant):
            assert isinstance(pattern.value, str)
            flags = re.S if "re.S" in ast.unparse(node) else 0
            yield UsedPattern(f"{name}:{node.lineno}", pattern.value, flags, method in _SEARCHING)


def finding(used: UsedPattern, sizes: tuple[int, int, int] = _SIZES) -> Finding | None:
    """Return how a pattern can be made slow, or None. `sizes` are the lengths of the texts."""
    interpreter = _Interpreter(used)
    for prefix, pump in _hostile_texts(interpreter.tree):
        texts = [prefix + pump * max(size // len(pump), size // 6) + "\0" for size in sizes]
        first, second = (interpreter.count(text) for text in texts[:2])
        if second > MAX_GROWTH * first:
            third = interpreter.count(texts[2])
            if third > MAX_GROWTH * second:
                return Finding(used, prefix, pump, (first, second, third))
    return None


def _hostile_texts(tree: Any) -> Iterator[tuple[str, str]]:
    """Yield prefixes and texts to repeat, which consist of the characters and words of a pattern."""
    words = list(dict.fromkeys(_words(tree)))[:8]
    chars = list(dict.fromkeys([*_characters(tree), " ", "a"]))[:10]
    pumps = list(dict.fromkeys([*chars, *words, *map("".join, itertools.permutations([*chars, *words], 2))]))
    for prefix in ["", *words[:5]]:
        yield from ((prefix, pump) for pump in pumps)


def _words(tree: Any) -> Iterator[str]:
    """Yield the runs of literal characters of a pattern."""
    run = ""
    for op, argument in tree:
        if str(op) == "LITERAL":
            run += chr(argument)
            continue
        yield from [run] if run else []
        run = ""
        for part in _parts(op, argument):
            yield from _words(part)
    yield from [run] if run else []


def _characters(tree: Any) -> Iterator[str]:
    """Yield a character for each single-character part of a pattern."""
    for op, argument in tree:
        if str(op) in _SINGLE:
            yield from itertools.islice(
                (char for char in "a0 \n-_.;:#\"'(){}[]<>/\\|%*" if _fits(op, argument, char, 0)), 2
            )
            yield from [chr(argument)] if str(op) == "LITERAL" else []
        for part in _parts(op, argument):
            yield from _characters(part)


def _parts(op: Any, argument: Any) -> list[Any]:
    """Return the parts of a construct that are patterns themselves."""
    name = str(op)
    if name in _REPEATS:
        return [argument[2]]
    if name == "SUBPATTERN":
        return [argument[3]]
    if name == "BRANCH":
        return list(argument[1])
    return [argument[1]] if name in ("ASSERT", "ASSERT_NOT") else []


def _fits(op: Any, argument: Any, char: str, flags: int) -> bool:
    """Return whether a single-character construct matches a character."""
    name = str(op)
    if name == "ANY":
        return char != "\n" or bool(flags & re.S)
    if name in ("LITERAL", "NOT_LITERAL"):
        is_same = ord(char) == argument or bool(flags & re.I and char.lower() == chr(argument).lower())
        return is_same == (name == "LITERAL")
    is_negated = any(str(kind) == "NEGATE" for kind, _ in argument)
    variants = {char, char.lower(), char.upper()} if flags & re.I else {char}
    return any(_in_set(argument, variant) for variant in variants) != is_negated


def _in_set(items: Any, char: str) -> bool:
    code = ord(char[0])
    for kind, value in items:
        name = str(kind)
        if (name == "LITERAL" and code == value) or (name == "RANGE" and value[0] <= code <= value[1]):
            return True
        if name == "CATEGORY" and _in_category(str(value), char):
            return True
    return False


def _in_category(name: str, char: str) -> bool:
    tests = {"DIGIT": char.isdecimal(), "SPACE": char.isspace(), "WORD": char.isalnum() or char == "_"}
    is_in = next(value for kind, value in tests.items() if name.endswith(kind))
    return is_in != ("_NOT_" in name)


class _Interpreter:
    """Matches a pattern by backtracking, as `re` does, and counts steps."""

    def __init__(self, used: UsedPattern) -> None:
        self.tree = _parser.parse(used.pattern, used.flags)
        self.flags, self.is_searched = used.flags, used.is_searched
        self.text, self.steps = "", 0
        self.groups: dict[int, str] = {}

    def count(self, text: str) -> int:
        """Return the number of steps for a text."""
        self.text, self.steps = text, 0
        items, place, ends = list(self.tree), 0, list[int]()
        while place <= len(text):
            ends.clear()
            found = self._run(items, place, lambda end: ends.append(end) or True)  # type: ignore[func-returns-value]
            if not self.is_searched:
                self._run(items, place, lambda end: end == len(text))
                break
            place = max(ends[-1], place + 1) if found else place + 1
        return self.steps

    def _run(self, items: list[Any], place: int, then: Continue) -> bool:
        """Match constructs from a place on, and then what follows."""
        self.steps += 1
        if not items:
            return then(place)
        (op, argument), rest = items[0], items[1:]
        name = str(op)
        if name in _SINGLE:
            is_match = place < len(self.text) and _fits(op, argument, self.text[place], self.flags)
            return is_match and self._run(rest, place + 1, then)
        if name in _REPEATS:
            return self._repeat(name, argument, place, lambda end: self._run(rest, end, then))
        if name in ("BRANCH", "SUBPATTERN"):
            match = self._branch if name == "BRANCH" else self._group
            return match(argument, place, lambda end: self._run(rest, end, then))
        if name == "GROUPREF":
            word = self.groups.get(argument, "\0\0")
            return self.text.startswith(word, place) and self._run(rest, place + len(word), then)
        return self._holds(name, argument, place) and self._run(rest, place, then)

    def _branch(self, argument: Any, place: int, then: Continue) -> bool:
        return any(self._run(list(part), place, then) for part in argument[1])

    def _group(self, argument: Any, place: int, then: Continue) -> bool:
        def close(end: int) -> bool:
            if argument[0] is not None:
                self.groups[argument[0]] = self.text[place:end]
            return then(end)

        return self._run(list(argument[3]), place, close)

    def _repeat(self, name: str, argument: Any, place: int, then: Continue) -> bool:
        if name == "POSSESSIVE_REPEAT":  # It gives nothing back: only the longest match counts.
            ends: list[int] = []
            found = self._repeat("MAX_REPEAT", argument, place, lambda end: ends.append(end) or True)  # type: ignore[func-returns-value]
            return found and then(ends[0])
        low, high, part = argument
        high, items = min(int(high), len(self.text) + 1), list(part)
        if len(items) == 1 and str(items[0][0]) in _SINGLE:
            count = 0
            while count < high and place + count < len(self.text) and self._fits_at(items[0], place + count):
                count += 1
            counts = range(count, low - 1, -1) if name == "MAX_REPEAT" else range(low, count + 1)
            return any(then(place + number) for number in counts)

        def again(number: int, start: int) -> bool:
            def more() -> bool:
                return number < high and self._run(items, start, lambda end: end != start and again(number + 1, end))

            if name == "MAX_REPEAT":
                return more() or (number >= low and then(start))
            return (number >= low and then(start)) or more()

        return again(0, place)

    def _fits_at(self, item: Any, place: int) -> bool:
        self.steps += 1
        return _fits(item[0], item[1], self.text[place], self.flags)

    def _holds(self, name: str, argument: Any, place: int) -> bool:
        """Return whether an assertion holds at a place."""
        if name == "AT":
            return self._is_at(str(argument), place)
        direction, part = argument
        start = place - part.getwidth()[0] if direction < 0 else place
        found = start >= 0 and self._run(list(part), start, lambda end: direction > 0 or end == place)
        return found == (name == "ASSERT")

    def _is_at(self, kind: str, place: int) -> bool:
        text = self.text
        if "BOUNDARY" in kind:
            sides = [0 <= at < len(text) and _in_category("WORD", text[at]) for at in (place - 1, place)]
            return (sides[0] != sides[1]) == ("NON" not in kind)
        at_edge = place == 0 if "BEGINNING" in kind else place == len(text)
        if kind.endswith("_STRING"):
            return at_edge
        neighbor = text[place - 1 : place] if "BEGINNING" in kind else text[place : place + 1]
        return at_edge or (bool(self.flags & re.M) and neighbor == "\n")


def findings() -> list[Finding]:
    """Return all findings."""
    result: list[Finding] = []

    def run() -> None:
        sys.setrecursionlimit(1_000_000)
        used = (used for used in patterns() if used.place not in BOUNDED)
        result.extend(found for pattern in used if (found := finding(pattern)))

    previous_limit = sys.getrecursionlimit()
    threading.stack_size(_STACK_BYTES)  # Matching is recursive.
    thread = threading.Thread(target=run)
    try:
        thread.start()
        thread.join()
    finally:
        # Otherwise deep recursion elsewhere in the process would crash it.
        threading.stack_size(0)
        sys.setrecursionlimit(previous_limit)
    return result


if __name__ == "__main__":
    for found in findings():
        print(f"{found.used.place}: {found.used.pattern!r}\n    {found.prefix!r} + {found.pump!r} * n: {found.steps}")
