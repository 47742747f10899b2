"""Checks that Mermaid ignores comments with layout hints: `python -m checks.mermaid.hints`.

Such comments are added below every line of each diagram of the corpus behind the one with its type. Mermaid must read
the same, and in a browser (Debian's `chromium`) draw the same picture, byte by byte. `checks.mermaid.compare` runs it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from itertools import islice

from checks.mermaid import judge, mermaid_page, pictures
from tests.support import corpus
from tests.support.mermaid_pictures import examples

_COMMENTS = (
    "%% diagramkit: same_rank a, b",
    '    %% diagramkit: near "Load balancer", a-b',
    "\t%%diagramkit: pin a 2 3",
    "%% diagramkit: grid g 3",
)
_HEAD = re.compile(r"\s*(?:---[^\S\n]*\n.*?\n[^\S\n]*---\s*\n)?(?:\s*%%\{.*?\}%%|\s*%%[^\n]*\n)*\s*", re.S)
_PAIRS = ("()", "[]", "{}")

_SCRIPT = """
(async () => {
  mermaid.initialize({ startOnLoad: false, deterministicIds: true, handDrawnSeed: 1, maxTextSize: 10000000 });
  const pictures = [];
  for (const text of texts) {
    let state = 1; // Mermaid places architecture diagrams with random numbers.
    Math.random = () => (state = (state * 16807) % 2147483647) / 2147483647;
    try {
      pictures.push((await mermaid.render("picture", text)).svg);
    } catch (error) {
      pictures.push("error");
      document.querySelectorAll("#dpicture, #picture").forEach((element) => element.remove());
    }
  }
  const found = document.createElement("pre");
  found.id = "found";
  found.textContent = JSON.stringify(pictures);
  document.body.replaceChildren(found);
})();
"""


def main() -> int:
    """Check all versions, print the differences, and return the exit code."""
    if missing := judge.missing_requirement():
        print(f"skipped: the check of layout hints; {missing}")
        return 0
    return 1 if sum(compare(version) for version in judge.VERSIONS) else 0


def compare(version: str) -> int:
    """Print the diagrams that one version of Mermaid reads or draws differently with hints, and return their number."""
    diagrams = [*corpus.diagrams(), *corpus.architectures()]
    texts = [text for _, text in diagrams]
    count = 0
    answers = judge.ask_mermaid(texts, version), judge.ask_mermaid(list(map(with_hints, texts)), version)
    for (name, _), plain, hinted in zip(diagrams, *answers, strict=True):
        if plain["ok"] and plain != hinted:
            count += 1
            print(f"{version}: {name}: read differently with layout hints")
    print(f"{version}: {len(texts)} diagrams read with layout hints: {count} differences")
    if missing := pictures.missing_requirement():
        print(f"skipped: the pictures with layout hints; {missing}")
        return count
    drawn = [(example.name, example.mermaid) for example in examples()] + list(islice(corpus.architectures(), 20))
    texts = [text for _, text in drawn]
    pictures_of = _draw([each for text in texts for each in (text, text, with_hints(text))], version)
    triples = zip(drawn, pictures_of[::3], pictures_of[1::3], pictures_of[2::3], strict=True)
    # A picture that Mermaid itself draws in several forms shows nothing.
    compared = [(name, first, hinted) for (name, _), first, again, hinted in triples if first == again]
    differing = [name for name, first, hinted in compared if first != hinted]
    for name in differing:
        print(f"{version}: {name}: drawn differently with layout hints")
    print(f"{version}: {len(compared)} pictures drawn with layout hints: {len(differing)} differences")
    return count + len(differing)


def with_hints(text: str) -> str:
    """Return a Mermaid text with layout hints below each line that is not above the type of the diagram.

    There are none inside of labels, where a comment removes the blank lines above it.
    """
    head = _HEAD.match(text)
    start = text.find("\n", head.end() if head else 0)
    if start < 0:
        return f"{text}\n{_COMMENTS[0]}\n"
    return text[:start] + "".join(_lines(text, start))


def _lines(text: str, start: int) -> Iterator[str]:
    """Yield the rest of a text with comments between its statements."""
    for number, match in enumerate(re.finditer(r"\n[^\n]*", text[start:])):
        before = text[: start + match.start()]
        if not before.count('"') % 2 and all(before.count(pair[0]) == before.count(pair[1]) for pair in _PAIRS):
            yield f"\n{_COMMENTS[number % len(_COMMENTS)]}"
        yield match.group()


def _draw(texts: Sequence[str], version: str) -> list[str]:
    """Return Mermaid's pictures of texts as SVG."""
    drawn: list[str] = mermaid_page.results(texts, _SCRIPT, version)
    return drawn


if __name__ == "__main__":
    sys.exit(main())
