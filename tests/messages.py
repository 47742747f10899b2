"""Print all messages and help texts on one page, to be read from top to bottom: `python -m tests.messages > page.md`.

Messages are the string literals of the package that reach users: arguments of the calls in `_CALLS`, and texts that are
assigned to names such as `message`. Placeholders are printed as `{…}`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from checks.references import help_text
from diagramkit.cli import COMMANDS
from tests.support.project import ROOT

_CALLS = {
    "fail",
    "Diagnostic",
    "DiagramError",
    "ValueError",
    "TypeError",
    "ArgumentTypeError",
    "error",
    "print",
    "done",
    "detail",
    "problem",
    "warning",
    "report",
}
_NAMES = {"message", "hint", "text", "summary"}


def main() -> None:
    """Print the page."""
    print("# Help texts\n")
    for command in (None, *COMMANDS):
        print(f"## diagramkit {command or ''}\n\n```\n{help_text(command)}\n```\n")
    print("# Messages\n")
    for path in sorted((ROOT / "diagramkit").rglob("*.py")):
        lines = sorted(set(messages(path)))
        if lines:
            print(f"## {path.relative_to(ROOT)}\n")
            print("\n".join(f"- {line}: {message}" for line, message in lines) + "\n")


def messages(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and text of each message in a module: strings with a space that a user may read."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        texts: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            texts = list(node.args) if name in _CALLS else []
        elif isinstance(node, (ast.Assign, ast.AugAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {target.id for target in targets if isinstance(target, ast.Name)}
            texts = [node.value] if names & _NAMES else []
        for text in texts:
            if " " in (message := _text(text).strip()):
                yield text.lineno, message


def _text(node: ast.expr) -> str:
    """Return the text of a string expression, with placeholders for what is computed."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else "{…}" for part in node.values)
    if isinstance(node, ast.BinOp):
        return _text(node.left) + _text(node.right)
    if isinstance(node, ast.IfExp):
        return f"{_text(node.body)} | {_text(node.orelse)}"
    return ""


if __name__ == "__main__":
    main()
