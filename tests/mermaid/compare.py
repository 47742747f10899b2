"""Compare diagramkit's reading of the corpus with Mermaid's: `python -m tests.mermaid.compare`.

Both versions of Mermaid that sites run are asked. Exit code 1 where a difference is not one of
those kept on purpose, which `KEPT` lists with their reasons.
"""

from __future__ import annotations

import re
import sys

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
    named = list(corpus.diagrams())
    own = [judge.ours(text) for _, text in named]
    wrong = 0
    for version in judge.VERSIONS:
        answers = judge.ask([text for _, text in named], version)
        accepted = kept = differing = 0
        for (name, text), mine, answer in zip(named, own, answers, strict=True):
            accepted += answer["ok"]
            found = judge.differences(mine, judge.theirs(answer))
            if not found:
                continue
            reason = next(
                (
                    why
                    for why, has, how in KEPT[version]
                    if re.search(has, text) and found[0].startswith(how)
                ),
                None,
            )
            if reason is None:
                differing += 1
                print(f"{version}: {name!r}: {'; '.join(found)}\n{text}")
            else:
                kept += 1
        wrong += differing
        print(
            f"{version}: {len(named)} flowcharts, {accepted} of them accepted: "
            f"{differing} read otherwise, {kept} on purpose"
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
