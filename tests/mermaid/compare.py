"""Compare diagramkit's reading of the corpus with Mermaid's: `python -m tests.mermaid.compare`.

Both versions of Mermaid that sites run are asked. Exit code 1 where a difference is not one of
those kept on purpose, which `KEPT` lists with their reasons.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

from tests.mermaid import corpus, judge

# A reason, and the patterns of the text and of the difference that it covers, by version.
KEPT: dict[str, list[tuple[str, str, str]]] = {
    "mermaid": [
        ("two subgraphs within each other: the ring is broken", r"subgraph b\n a\n", "groups"),
    ],
    "mermaid11": [
        ("two subgraphs within each other: the ring is broken", r"subgraph b\n a\n", "groups"),
        (
            "a repeated subgraph is one, as in Mermaid 12",
            r"(?s)subgraph (\S+)\n.*subgraph \1\n",
            "groups",
        ),
        (
            "a repeated subgraph is one, as in Mermaid 12",
            r'(?s)subgraph "(\S+)"\n.*subgraph "\1"\n',
            "groups",
        ),
        ("`@` in an unquoted label is text, as in Mermaid 12", "@", "ok: True not False"),
        ("shapes that came with Mermaid 12", r"shape:", "ok: True not False"),
        ("blanks may follow `@{ }`, as in Mermaid 12", r"\} ", "ok: True not False"),
    ],
}


def main() -> int:
    """Compare, tell every difference, and give the shares."""
    missing = judge.why_not()
    if missing:
        print(f"skipped: the comparison with Mermaid; {missing}")
        return 0
    charts = list(corpus.diagrams())
    plans = list(corpus.architectures())
    wrong = 0
    for version in judge.VERSIONS:
        wrong += compare(
            version,
            "flowcharts",
            charts,
            [judge.ours(text) for _, text in charts],
            judge.theirs,
        )
        wrong += compare(
            version,
            "architecture diagrams",
            plans,
            [judge.our_architecture(text) for _, text in plans],
            judge.their_architecture,
        )
    return 1 if wrong else 0


def compare(
    version: str,
    kind: str,
    named: list[tuple[str, str]],
    own: list[judge.Facts],
    theirs: Callable[[judge.Facts], judge.Facts],
) -> int:
    """Tell the differences from one version; how many are not kept on purpose."""
    answers = judge.ask([text for _, text in named], version)
    kept = differing = 0
    for (name, text), mine, answer in zip(named, own, answers, strict=True):
        found = judge.differences(mine, theirs(answer))
        if not found:
            continue
        if any(re.search(has, text) and found[0].startswith(how) for _, has, how in KEPT[version]):
            kept += 1
        else:
            differing += 1
            print(f"{version}: {name!r}: {'; '.join(found)}\n{text}")
    accepted = sum(answer["ok"] for answer in answers)
    print(f"{version}: {len(named)} {kind}, {accepted} of them accepted: {differing} read otherwise, {kept} on purpose")
    return differing


if __name__ == "__main__":
    sys.exit(main())
