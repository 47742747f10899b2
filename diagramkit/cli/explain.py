"""`diagramkit explain`: what the code of a message means, why it usually occurs, and how to fix it."""

from __future__ import annotations

import argparse
from textwrap import fill, indent
from typing import Any

from diagramkit.diagnostics import OK, Span, did_you_mean, fail

_WIDTH = 88


def add(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "explain",
        description="Explain the codes of messages, such as 'mermaid-end' in 'error[mermaid-end]': what each means, "
        "why it usually occurs, how to fix it, and an example. Without a code, list all.",
    )
    parser.add_argument("codes", nargs="*", metavar="CODE", help="the codes to explain")
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> int:
    """Print the explanations and return the exit code. Raises `DiagramError` (no-such-code)."""
    from diagramkit.cli.codes import explanations

    known = explanations()
    if not options.codes:
        width = max(map(len, known))
        print("\n".join(f"{code:<{width}}  {known[code].means}" for code in known))
        return OK
    for code in options.codes:
        if code not in known:
            hint = did_you_mean(code, known) or "; 'diagramkit explain' lists all"
            raise fail("no-such-code", f"there is no message with the code '{code}'{hint}", Span("explain"))
    print("\n\n".join(_text(code) for code in options.codes))
    return OK


def _text(code: str) -> str:
    """Return the explanation of a code for a terminal."""
    from diagramkit.cli.codes import explanations

    known = explanations()[code]
    parts = [code, *(fill(f"{name}: {text}", _WIDTH) for name, text in (("Cause", known.cause), ("Fix", known.fix)))]
    parts.insert(1, fill(known.means, _WIDTH))
    if known.example:
        parts.append("Example:\n\n" + indent(known.example.rstrip("\n"), "    "))
    return "\n".join(parts)
