"""Check that builds are reproducible: `python -m checks.build [FOLDER]`.

Builds the wheel and the source archive twice, in different folders. The exit code is 1 if the two builds differ or
contain files that they should not contain. With FOLDER, the files are copied there.
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

from tests.support.project import ROOT

_EXCLUDED = ("node_modules", "__pycache__", ".hypothesis", ".venv", "build/")


def build(folder: Path, umask: int, time_zone: str) -> dict[str, bytes]:
    """Build the committed files in `folder`, and return the built files by name."""
    source, target = folder / "source", folder / "built"
    source.mkdir()
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    previous_umask = os.umask(umask)
    try:
        subprocess.run(["tar", "x"], cwd=source, input=archive, check=True)
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "TZ": time_zone}
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-d", str(target)],
            cwd=source,
            check=True,
            capture_output=True,
            env=environment,
        )
    finally:
        os.umask(previous_umask)
    return {path.name: path.read_bytes() for path in sorted(target.iterdir())}


def names(path: Path) -> list[str]:
    """Return the names of the files in an archive."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return wheel.namelist()
    with tarfile.open(path) as archive:
        return archive.getnames()


def main(folder: str | None = None) -> int:
    """Build twice, compare, and return the exit code."""
    with tempfile.TemporaryDirectory() as first_folder, tempfile.TemporaryDirectory(prefix="ü b ") as second_folder:
        first = build(Path(first_folder), 0o022, "UTC")
        second = build(Path(second_folder), 0o077, "Asia/Tokyo")
        problems = [f"{name} differs" for name in first if first[name] != second.get(name)]
        for name in first:
            contents = names(Path(first_folder, "built", name))
            problems += [
                f"{name} contains {path}" for path in contents if any(excluded in path for excluded in _EXCLUDED)
            ]
            print(f"{name}: {len(first[name]):,} bytes, {len(contents)} files")
        if len(first) != 2:
            problems.append(f"expected a wheel and an archive, but {len(first)} files were built")
        if folder is not None and not problems:
            shutil.copytree(Path(first_folder, "built"), folder, dirs_exist_ok=True)
    print("\n".join(problems) or "both builds are identical")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
