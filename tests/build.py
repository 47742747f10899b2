"""The wheel and the source archive built twice, in other places: `python -m tests.build [FOLDER]`.

Exits with 1 where two builds differ by a byte, or hold what they should not. With FOLDER, they are put there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from tests.conftest import ROOT

_NEVER = ("node_modules", "__pycache__", ".hypothesis", ".venv", "build/")


def built(place: Path, umask: int, zone: str) -> dict[str, bytes]:
    """What a build of the committed files makes, by name."""
    source, made = place / "source", place / "made"
    source.mkdir()
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    before = os.umask(umask)
    try:
        subprocess.run(["tar", "x"], cwd=source, input=archive, check=True)
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "TZ": zone}
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-d", str(made)],
            cwd=source,
            check=True,
            capture_output=True,
            env=environment,
        )
    finally:
        os.umask(before)
    return {path.name: path.read_bytes() for path in sorted(made.iterdir())}


def names(path: Path) -> list[str]:
    """What an archive holds."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return wheel.namelist()
    with tarfile.open(path) as archive:
        return archive.getnames()


def main(folder: str | None = None) -> int:
    """Build twice and compare; 1 where they differ."""
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory(prefix="ü b ") as other:
        first, second = built(Path(one), 0o022, "UTC"), built(Path(other), 0o077, "Asia/Tokyo")
        findings = [f"{name} differs" for name in first if first[name] != second.get(name)]
        for name in first:
            held = names(Path(one, "made", name))
            findings += [f"{name} holds {path}" for path in held if any(never in path for never in _NEVER)]
            print(f"{name}: {len(first[name]):,} bytes, {len(held)} files")
        if len(first) != 2:
            findings.append(f"{len(first)} files were built, not a wheel and an archive")
        if folder is not None and not findings:
            shutil.copytree(Path(one, "made"), folder, dirs_exist_ok=True)
    print("\n".join(findings) or "built twice: the same bytes")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
