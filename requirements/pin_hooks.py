"""Write the pinned versions of `run.txt` into the pre-commit hooks: pre-commit can pin versions, but no hashes."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOOKS = ROOT / ".pre-commit-hooks.yaml"


def hooks() -> str:
    """Return the text of the hooks with the versions of `run.txt`."""
    pins = re.findall(
        r"(?m)^([\w.-]+==[^\s\\;]+(?: ; [^\\\n]+?)?) \\$", (ROOT / "requirements/run.txt").read_text("utf-8")
    )
    lines = "".join(f'    - "{pin}"\n' for pin in pins)
    return re.sub(r"(&pinned\n)(?:    - .*\n)*", lambda match: match[1] + lines, HOOKS.read_text("utf-8"))


if __name__ == "__main__":
    HOOKS.write_text(hooks(), "utf-8")
