"""Complete what describes a release: `python -m checks.release DIST REQUIREMENTS BILL`.

`DIST` is the folder with the wheel and the source archive, as `checks.build` writes them. The file `REQUIREMENTS` then
pins diagramkit and everything that it needs, also npm, by the hashes of all files, for
`pip install --no-deps --require-hashes -r REQUIREMENTS`. `BILL` is the bill of materials (CycloneDX), which gets the
version of diagramkit: the program that wrote it does not know it.
"""

from __future__ import annotations

import hashlib
import json
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


def with_version(bill: str) -> str:
    """Return a bill of materials with the version of diagramkit."""
    content = json.loads(bill)
    content["metadata"]["component"]["version"] = diagramkit.__version__
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def main(folder: str, requirements_file: str, bill_file: str) -> int:
    """Write the files and return the exit code."""
    Path(requirements_file).write_text(requirements(Path(folder)), "utf-8", newline="\n")
    bill = Path(bill_file)
    bill.write_text(with_version(bill.read_text("utf-8")), "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
