"""Compares how diagramkit and Mermaid read the corpus and what their pictures show: `python -m checks.mermaid.compare`.

The comparison runs against both versions of Mermaid that sites use. The exit code is 1 if there is a difference that
is not intended; `INTENDED_DIFFERENCES` lists the intended ones with their reasons.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

from checks.mermaid import hints, judge, pictures
from tests.support import corpus

# By version of Mermaid: a reason, a pattern of the texts that it applies to, and how the difference starts.
INTENDED_DIFFERENCES: dict[str, list[tuple[str, str, str]]] = {
    "mermaid": [
        ("two subgraphs contain each other: the cycle is broken", r"subgraph b\n a\n", "groups"),
    ],
    "mermaid11": [
        ("two subgraphs contain each other: the cycle is broken", r"subgraph b\n a\n", "groups"),
        (
            "repeated subgraphs are one, as in Mermaid 12",
            r"(?s)subgraph (\S+)\n.*subgraph \1\n",
            "groups",
        ),
        (
            "repeated subgraphs are one, as in Mermaid 12",
            r'(?s)subgraph "(\S+)"\n.*subgraph "\1"\n',
            "groups",
        ),
        ("`@` in an unquoted label is text, as in Mermaid 12", "@", "ok: True not False"),
        ("shapes that are new in Mermaid 12", r"shape:", "ok: True not False"),
        ("white space may follow `@{ }`, as in Mermaid 12", r"\} ", "ok: True not False"),
    ],
}


def main() -> int:
    """Compare all diagrams with all versions, print the differences, and return the exit code."""
    missing = judge.missing_requirement()
    if missing:
        print(f"skipped: the comparison with Mermaid; {missing}")
        return 0
    flowcharts = list(corpus.diagrams())
    architectures = list(corpus.architectures())
    difference_count = 0
    for version in judge.VERSIONS:
        difference_count += compare(
            version,
            "flowcharts",
            flowcharts,
            [judge.diagramkit_flowchart(text) for _, text in flowcharts],
            judge.mermaid_flowchart,
        )
        difference_count += compare(
            version,
            "architecture diagrams",
            architectures,
            [judge.diagramkit_architecture(text) for _, text in architectures],
            judge.mermaid_architecture,
        )
        if missing := pictures.missing_requirement():
            print(f"skipped: the comparison of pictures; {missing}")
        else:
            difference_count += pictures.compare(version)
        difference_count += hints.compare(version)
    return 1 if difference_count else 0


def compare(
    version: str,
    kind: str,
    diagrams: list[tuple[str, str]],
    actual: list[judge.Facts],
    convert: Callable[[judge.Facts], judge.Facts],
) -> int:
    """Print the differences between `actual` and one version of Mermaid; return the number of unintended ones.

    `diagrams` are names and texts, and `convert` turns Mermaid's answer into the form of `actual`.
    """
    answers = judge.ask_mermaid([text for _, text in diagrams], version)
    intended = unintended = 0
    for (name, text), facts, answer in zip(diagrams, actual, answers, strict=True):
        differences = judge.differences(facts, convert(answer))
        if not differences:
            continue
        if any(
            re.search(pattern, text) and differences[0].startswith(difference)
            for _, pattern, difference in INTENDED_DIFFERENCES[version]
        ):
            intended += 1
        else:
            unintended += 1
            print(f"{version}: {name!r}: {'; '.join(differences)}\n{text}")
    accepted = sum(answer["ok"] for answer in answers)
    print(
        f"{version}: {len(diagrams)} {kind}, {accepted} of them accepted: "
        f"{unintended} unintended differences, {intended} intended ones"
    )
    return unintended


if __name__ == "__main__":
    sys.exit(main())
