"""Counts how many resources of AWS in Terraform the table of rules knows: `python -m checks.rule_coverage FOLDER ...`.

Each folder is a clone of a repository. The program prints the share of each and the commonest types that the table does
not know. It fails if the table knows less than 95 % of the resources of a repository. Measured were alphagov/govuk-aws,
aws-samples/serverless-patterns, cds-snc/notification-terraform, cloudposse/terraform-aws-components and
ministryofjustice/modernisation-platform-environments.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

from diagramkit.infrastructure.rules import default_rules

MIN_SHARE = 0.95
_RESOURCE = re.compile(r'(?m)^[ \t]*resource[ \t]+"(aws_[a-z0-9_]+)"[ \t]+"')
_SHOWN = 25


def types_in(folder: Path) -> Counter[str]:
    """Return the types of AWS that the configurations in a folder declare, with how many resources they have."""
    counts: Counter[str] = Counter()
    for path in sorted(folder.rglob("*.tf")):
        if path.is_file():
            counts.update(_RESOURCE.findall(path.read_text("utf-8", "replace")))
    return counts


def main(folders: list[str]) -> int:
    """Count the resources in all folders and return the exit code: 1 if the table knows too few."""
    unknown: Counter[str] = Counter()
    code = 0
    for folder in folders:
        counts = types_in(Path(folder))
        missing = {name: count for name, count in counts.items() if not default_rules().of(name).known}
        unknown.update(missing)
        share = 1 - sum(missing.values()) / max(1, counts.total())
        code = max(code, int(share < MIN_SHARE))
        print(
            f"{Path(folder).name}: {counts.total()} resources of {len(counts)} types, "
            f"{share:.1%} known, {len(missing)} types unknown"
        )
    for name, count in unknown.most_common(_SHOWN):
        print(f"    {count:5} {name}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
