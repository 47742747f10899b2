"""Checks the real pack of AWS's own icons: `python -m checks.packs`; npm is required.

It adds `npm:aws-icons@3.3.0` to a temporary project and draws the eleven patterns. No SVG may contain a raster image,
groups must have AWS's own icons, and, if Debian's `chromium` is installed, a browser must show what the PNG shows.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from checks.browser import MIN_SIMILARITY, similarity
from diagramkit import pipeline, project
from diagramkit.cli import main as diagramkit
from diagramkit.diagnostics import DiagramError
from diagramkit.icons.packs import installed, store
from diagramkit.options import Options
from diagramkit.writers import svg
from tests.support.project import patterns

PACK = "npm:aws-icons@3.3.0"


def main() -> int:
    """Check all patterns and return the exit code: 1 if a check fails."""
    if shutil.which("npm") is None:
        print("npm is not installed: nothing was checked")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["DIAGRAMKIT_DATA"] = str(Path(folder) / "data")
        Path("diagramkit.toml").touch()
        if diagramkit(["icons", "add", PACK]) != 0:
            return 1
        if diagramkit(["icons", "add"]) != 0 or diagramkit(["icons", "packs"]) != 0:
            return 1
        packs = installed.folders(project.find())
        failures = sum(not _check_pattern(name, packs) for name in patterns())
        failures += not _check_reinstall(packs[0])
        os.chdir("/")
    return int(failures > 0)


def _check_pattern(name: str, packs: tuple[str, ...]) -> bool:
    """Return whether a pattern is drawn with AWS's own icons, as the browser shows it."""
    picture = pipeline.draw(patterns()[name], Options(packs=packs))
    text = svg.write(picture)
    rasters, size = text.count("<image"), len(text) / 1000
    glyphs = sum(group.glyph is not None for group in picture.groups)
    browser = shutil.which("chromium")
    score = similarity(browser, picture) if browser else 1.0
    passed = rasters == 0 and glyphs == 0 and score >= MIN_SIMILARITY
    comparison = f"similarity {score:.4f}" if browser else "no chromium"
    print(f"{name}: {size:.0f} kB, {rasters} rasters, {comparison}{'' if passed else '  <--'}")
    return passed


def _check_reinstall(folder: str) -> bool:
    """Return whether a machine without the pack installs an identical one from the settings."""
    before = store.read(folder).digest
    shutil.rmtree(folder)
    try:
        identical = diagramkit(["icons", "add"]) == 0 and store.read(folder).digest == before
    except (DiagramError, OSError):
        identical = False
    print(f"reinstalled from the settings: {'identical' if identical else 'different  <--'}")
    return identical


if __name__ == "__main__":
    sys.exit(main())
