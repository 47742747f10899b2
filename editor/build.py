"""Builds the scripts of `diagramkit serve`: `python -m editor.build`. It needs Node.js and npm.

The sources are in `editor/src`, and esbuild bundles them with CodeMirror. `package-lock.json` pins all packages by
their hashes. Each script begins with the digest of its sources, so that a test can tell whether it was built after a
change. The licenses of what is in the scripts are written beside them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

EDITOR = Path(__file__).parent
DATA = EDITOR.parent / "diagramkit/serve/data"
SCRIPTS = {"editor.js": "main.js", "home.js": "home.js"}
"""The scripts, and the module that each begins with."""
LICENSES = DATA / "licenses.txt"
_OPTIONS = (
    "--bundle",
    "--minify",
    "--format=iife",
    "--target=es2022",
    "--charset=utf8",
    "--legal-comments=none",
    "--log-level=warning",
)


def main() -> int:
    """Build all scripts and return the exit code: 1 if npm is missing or the build fails."""
    if shutil.which("npm") is None:
        print("error: npm is not installed; run: apt-get install npm", file=sys.stderr)
        return 1
    install = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
    if subprocess.run(install, cwd=EDITOR, check=False).returncode:
        return 1
    packages: set[str] = set()
    for name, module in SCRIPTS.items():
        report = EDITOR / "node_modules" / f"{name}.json"
        banner = f"--banner:js=/* {digest()} */"
        command = ("node_modules/.bin/esbuild", f"src/{module}", *_OPTIONS, banner, f"--metafile={report}")
        if subprocess.run((*command, f"--outfile={DATA / name}"), cwd=EDITOR, check=False).returncode:
            return 1
        packages |= _packages(json.loads(report.read_text("utf-8")))
        print(f"{name}: {(DATA / name).stat().st_size} bytes")
    LICENSES.write_text(_licenses(sorted(packages)), "utf-8")
    return 0


def digest() -> str:
    """Return the SHA-256 digest of the sources and of the list of packages."""
    result = hashlib.sha256()
    for path in [*sorted((EDITOR / "src").rglob("*.js")), EDITOR / "package-lock.json"]:
        result.update(path.relative_to(EDITOR).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return result.hexdigest()


def _packages(report: dict[str, dict[str, object]]) -> set[str]:
    """Return the names of the packages whose code is in a script, by esbuild's report."""
    inside = (path.partition("node_modules/")[2] for path in report["inputs"] if "node_modules/" in path)
    return {"/".join(path.split("/")[: 2 if path.startswith("@") else 1]) for path in inside}


def _licenses(packages: list[str]) -> str:
    """Return the licenses of packages, each text once."""
    by_text: dict[str, list[str]] = {}
    for name in packages:
        folder = EDITOR / "node_modules" / name
        version = json.loads((folder / "package.json").read_text("utf-8"))["version"]
        text = (folder / "LICENSE").read_text("utf-8").strip()
        by_text.setdefault(text, []).append(f"{name} {version}")
    return "\n\n".join(f"{', '.join(names)}\n\n{text}" for text, names in by_text.items()) + "\n"


if __name__ == "__main__":
    sys.exit(main())
