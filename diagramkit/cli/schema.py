"""`diagramkit schema`: the JSON Schema of specs, for editors that complete and validate YAML."""

from __future__ import annotations

import argparse
import json
from typing import Any


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "schema",
        description="Print the JSON Schema of specs, for editors that complete and validate YAML.",
    )
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Print the schema."""
    from diagramkit.sources import spec

    print(json.dumps(spec.json_schema(), indent=2))
    return 0
