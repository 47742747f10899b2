"""Write the requirements of a release: `python -m checks.release FOLDER FILE`.

`FOLDER` has the wheel and the source archive, as `checks.build` writes them. `FILE` then pins diagramkit and everything
that it needs, also npm, by the hashes of all files: `pip install --no-deps --require-hashes -r FILE`.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import diagramkit
from tests.support.project import ROOT


def requirements(folder: Path) -> str:
    """Return the requirements of the release whose files are in a folder."""
    hashes = [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())]
    own = " \\\n".join([f"diagramkit=={diagramkit.__version__}", *(f"    --hash=sha256:{digest}" for digest in hashes)])
    pinned = "".join((ROOT / "requirements" / name).read_text("utf-8") for name in ("run.txt", "npm.txt"))
    lines = [line for line in pinned.splitlines() if not line.startswith("#")]
    return "\n".join(["# pip install --no-deps --require-hashes -r FILE", own, *lines]) + "\n"


def main(folder: str, file: str) -> int:
    """Write the file and return the exit code."""
    Path(file).write_text(requirements(Path(folder)), "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
