"""The pack of AWS's own icons, for real: `python -m tests.packs`, with npm.

Adds `npm:aws-icons@3.3.0` in a project of its own and draws the eleven patterns with it: no picture of
pixels is left in an SVG, groups have AWS's own icons, and (with Debian's `chromium`) a browser shows
what the PNG shows.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from diagramkit import pipeline, project
from diagramkit.cli import main as diagramkit
from diagramkit.diagnostics import DiagramError
from diagramkit.icons.packs import installed, store
from diagramkit.pipeline import Options
from diagramkit.writers import svg
from tests.browser import MIN_SIMILARITY, similarity
from tests.conftest import patterns

PACK = "npm:aws-icons@3.3.0"


def main() -> int:
    """Check all patterns; 1 where one is not as it should be."""
    if shutil.which("npm") is None:
        print("there is no npm here: no pack was brought in, nothing was checked")
        return 0
    given = patterns()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["DIAGRAMKIT_DATA"] = str(Path(folder) / "data")
        Path("diagramkit.toml").touch()
        if diagramkit(["icons", "add", PACK]) != 0:
            return 1
        if diagramkit(["icons", "add"]) != 0 or diagramkit(["icons", "packs"]) != 0:
            return 1
        packs = installed.folders(project.find())
        bad = sum(not _good(name, packs) for name in given)
        bad += not _brought_again(packs[0])
        os.chdir("/")
    return int(bad > 0)


def _good(name: str, packs: tuple[str, ...]) -> bool:
    picture = pipeline.draw(patterns()[name], Options(packs=packs))
    text = svg.write(picture)
    rasters, size = text.count("<image"), len(text) / 1000
    glyphs = sum(group.glyph is not None for group in picture.groups)
    browser = shutil.which("chromium")
    alike = similarity(browser, picture) if browser else 1.0
    good = rasters == 0 and glyphs == 0 and alike >= MIN_SIMILARITY
    told = f"similarity {alike:.4f}" if browser else "no chromium"
    print(f"{name}: {size:.0f} kB, {rasters} rasters, {told}{'' if good else '  <--'}")
    return good


def _brought_again(folder: str) -> bool:
    """A machine without the pack brings in the very same one, by the settings alone."""
    before = store.read(folder).digest
    shutil.rmtree(folder)
    try:
        again = diagramkit(["icons", "add"]) == 0 and store.read(folder).digest == before
    except (DiagramError, OSError):
        again = False
    print(f"brought in again by the settings: {'the same' if again else 'another  <--'}")
    return again


if __name__ == "__main__":
    sys.exit(main())
