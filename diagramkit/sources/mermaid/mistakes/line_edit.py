"""One edit of a line, and what edits need to know about the text around it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from msgspec import Struct

from diagramkit.sources.mermaid.mistakes.line_text import RESERVED


class Edit(Struct, frozen=True):
    """The replacement of `[start, end)` of a line by `new`; `cost` is the number of characters that it changes.

    `moved` is a text that the edit moves within the line, and `dropped` words that it replaces because they are
    misspelled keywords or belong to the syntax of another language. `reason` says what is wrong, if that is more exact
    than what the parser says where it stops; a message goes on with what to write. The mistake is at `[place, end)`, or
    in all of `[start, end)`.
    """

    start: int
    end: int
    new: str
    cost: int
    moved: str = ""
    dropped: str = ""
    reason: str = ""
    place: int | None = None


_ANY_STRING = re.compile('["“”„][^"“”„\n]*["“”]')


class TextWords:
    """The words of a text outside its strings, among which are all ids; to find new ids."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = Counter(re.findall(r"\w+", _ANY_STRING.sub(" ", text)))

    def occurs_again(self, word: str) -> bool:
        """Return whether a word is in the text more than once."""
        return self._words[word] > 1

    def count(self, word: str) -> int:
        """Return how often a word is in the text."""
        return self._words[word]

    def has_label(self, word: str) -> bool:
        """Return whether a word has a label in brackets somewhere in the text."""
        return bool(re.search(rf"(?<!\w){re.escape(word)}[^\S\n]*[\[({{]", self._text))

    def is_node(self, word: str) -> bool:
        """Return whether a word is the whole id of a node somewhere in the text."""
        return bool(re.search(rf"(?m)(?:^|[-=.>&|])[^\S\n]*{word}[^\S\n]*(?:$|[-=<&;\[({{])", self._text))

    def is_class(self, word: str) -> bool:
        """Return whether a line defines a class of this name."""
        return bool(re.search(rf"(?m)^\s*classDef\s+(?:[\w-]+\s*,\s*)*{re.escape(word)}(?![\w-])", self._text))

    @cached_property
    def has_links(self) -> bool:
        """Whether there is a link or a label in the text: else it is no diagram."""
        return bool(re.search(r"[-=.]{2}|[-=.]>|[\[({]|[→⟶➔➜⇒↔]|architecture-beta|(?:graph|flowchart)\s", self._text))

    def is_last_line(self, line: str) -> bool:
        """Return whether the text ends with a line, which may be cut off."""
        return self._text.rstrip().endswith(line.strip())

    @cached_property
    def is_numbered(self) -> bool:
        """Whether the lines that begin with a number and a full stop, or a bracket, are numbered in their order."""
        numbers = [int(number) for number in re.findall(r"(?m)^[^\S\n]*(\d{1,4})[.):][^\S\n]", self._text)]
        return len(numbers) > 1 and numbers == [*range(1, len(numbers) + 1)]

    @cached_property
    def has_unmarked_links(self) -> bool:
        """Whether there are lines with links that are indented and do not begin with the mark of a list."""
        return bool(re.search(r"(?m)^[^\S\n]+\w[^\n]*?(?:--|==|-\.|->)", self._text))

    @cached_property
    def lacks_end(self) -> bool:
        """Whether there are more lines that begin a subgraph than lines that end one."""
        return self._starts_and_ends[0] > self._starts_and_ends[1]

    @cached_property
    def has_excess_ends(self) -> bool:
        """Whether there are more lines that end a subgraph than lines that begin one."""
        return self._starts_and_ends[0] < self._starts_and_ends[1]

    @cached_property
    def _starts_and_ends(self) -> tuple[int, int]:
        starts = re.findall(r"(?m)^[^\S\n]*subgraph\b", self._text)
        return len(starts), len(re.findall(r"(?m)^[^\S\n]*end[\s;]*$", self._text))

    def is_title(self, words: str) -> bool:
        """Return whether a subgraph has no other name than these words."""
        return bool(re.search(rf"(?m)^\s*subgraph\s+\"?{re.escape(words)}\"?\s*$", self._text))

    def is_declared(self, name: str) -> bool:
        """Return whether an architecture diagram has a group, a service or a junction of this name."""
        return name in self._declared

    @cached_property
    def _declared(self) -> frozenset[str]:
        return frozenset(re.findall(r"(?m)^[^\S\n]*(?:group|service|junction)[^\S\n]+([\w-]+)", self._text))

    @cached_property
    def all_are_in_groups(self) -> bool:
        """Whether all services and junctions of an architecture diagram that are indented name their group.

        The margin is the smallest indentation of a declaration.
        """
        lines = re.findall(r"(?m)^([^\S\n]*)(group|service|junction)\b(.*)$", self._text)
        margin = min((len(indent) for indent, _, _ in lines), default=0)
        return all(re.search(r"\bin\s+[\w-]+[\s;{]*$", rest) for indent, _, rest in lines if len(indent) > margin)

    def in_other_case(self, word: str) -> str | None:
        """Return the only group of an architecture diagram whose id differs from `word` in upper and lower case."""
        groups = set(re.findall(r"(?m)^\s*group\s+(\w+)", self._text)) - {word}
        same = [group for group in groups if group.lower() == word.lower()]
        return same[0] if len(same) == 1 else None

    def labeled(self, name: str, label: str, first: int = 0) -> str:
        """Return a node with a label whose id is new: `name`, or `name` with a number from `first` on.

        If the text has such a node with this label already, that one is returned.
        """
        number = first
        while True:
            candidate = f"{name}_{number}" if number else name
            node = f'{candidate}["{label}"]'
            if candidate not in self._words or node in self._text:
                return node
            number += 1

    def is_subgraph(self, word: str) -> bool:
        """Return whether a subgraph has a word as its id, or as its title without one."""
        return bool(re.search(rf"(?m)^[^\S\n]*subgraph[^\S\n]+{re.escape(word)}[^\S\n]*(?:\[|;|$)", self._text))

    def renamed(self, word: str) -> str:
        """Return a word with a number that makes it a new one: `class_1`."""
        number = 1
        while f"{word}_{number}" in self._words:
            number += 1
        return f"{word}_{number}"

    def named(self, name: str, label: str) -> str:
        """Return a label in brackets with an id that no node has, or that of the node with this label."""
        number = 0
        while True:
            candidate = f"{name}_{number}" if number else name
            is_taken = candidate.lower() in RESERVED or self.is_node(candidate) or self.has_label(candidate)
            if not is_taken or f"{candidate}{label}" in self._text:
                return candidate + label
            number += 1


def indent(line: str) -> int:
    """Return the number of white space characters at the start of a line."""
    return len(line) - len(line.lstrip())


def distance(old: str, new: str) -> int:
    """Return the number of characters to insert, delete, replace or swap with the next one to turn `old` into `new`.

    Source: the restricted Damerau-Levenshtein distance (optimal string alignment).
    """
    before: list[int] = []
    row = list(range(len(new) + 1))
    for i, old_char in enumerate(old, 1):
        above, before, row = before, row, [i]
        for j, new_char in enumerate(new, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (old_char != new_char))
            if above and j > 1 and old_char == new[j - 2] and old[i - 2] == new_char:
                best = min(best, above[j - 2] + 1)
            row.append(best)
    return row[-1]


def misspelled(word: str, known: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    """Yield the known words that differ from `word` in a character or two, and in how many."""
    for right in known:
        if word != right and abs(len(word) - len(right)) <= 2 and (len(word) > 3 or word.lower() == right):
            difference = distance(word.lower(), right.lower()) or 1
            if difference <= (2 if len(right) > 4 else 1):
                yield right, difference


def misspelled_keywords(line: str, known: tuple[str, ...]) -> Iterator[Edit]:
    """Yield the corrections of a line's first word if it is a misspelled keyword."""
    first = re.match(r"\s*([A-Za-z]+)(?=[\s:;]|$)", line)
    if first:
        for right, difference in misspelled(first[1], known):
            yield Edit(*first.span(1), right, difference, dropped=first[1])
