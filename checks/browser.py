"""Compares pictures with those of a browser: `python -m checks.browser`, with Debian's `chromium`.

The width of each line of text must be within 2 % of what diagramkit measured, and each PNG must look like the
browser's screenshot of the SVG: the structural similarity (Wang et al. 2004), in windows of 8 by 8 pixels, must be
at least 0.97.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from diagramkit import pipeline
from diagramkit.drawing import Drawing
from diagramkit.options import Options
from diagramkit.writers import png, svg
from tests.support.project import patterns, samples

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_MEASURE = """<script>document.fonts.ready.then(()=>{const t=[...document.querySelectorAll('text')]
.map(e=>[e.textContent,+e.getAttribute('font-size'),e.getComputedTextLength(),e.children.length]);
const p=document.createElement('pre');p.id='found';p.textContent=JSON.stringify(t);
document.body.append(p)})</script>"""
MAX_WIDTH_ERROR, MIN_SIMILARITY = 0.02, 0.97


def main() -> int:
    """Check all patterns and samples, and return the exit code: 1 if one fails."""
    browser = shutil.which("chromium")
    if browser is None:
        print("chromium is not installed: no picture was checked")
        return 0
    failures = 0
    for name, pattern in {**patterns(), **samples()}.items():
        picture = pipeline.draw(pattern, Options())
        with tempfile.TemporaryDirectory() as folder:
            error = _max_width_error(browser, picture, Path(folder))
            score = similarity(browser, picture)
        passed = error <= MAX_WIDTH_ERROR and score >= MIN_SIMILARITY
        failures += not passed
        print(f"{name}: text width within {error:.2%}, similarity {score:.4f}{'' if passed else '  <-- FAILED'}")
    return int(failures > 0)


def run(browser: str, folder: Path, *arguments: str) -> str:
    """Run the browser without a window and return its standard output; `folder` is for its profile."""
    profile = f"--user-data-dir={folder / 'profile'}"
    result = subprocess.run(
        [browser, *_FLAGS, profile, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return result.stdout


def _max_width_error(browser: str, picture: Drawing, folder: Path) -> float:
    """Return the largest relative error of a line's width. Lines in a fallback font are not compared."""
    page = folder / "page.html"
    page.write_text(f"<body>{svg.write(picture)}{_MEASURE}</body>", encoding="utf-8")
    dom = run(browser, folder, "--virtual-time-budget=4000", "--dump-dom", page.as_uri())
    match = re.search(r'<pre id="found">(.*?)</pre>', dom, re.S)
    assert match, "the browser measured nothing"
    text = match[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    measured = {(line.text, line.size): line.box.w for line in picture.texts()}
    errors = [
        abs(width - measured[words, size]) / max(width, 1.0)
        for words, size, width, spans in json.loads(text)
        if not spans
    ]
    assert errors
    return float(max(errors))


def similarity(browser: str, picture: Drawing) -> float:
    """Return the structural similarity of the PNG and the browser's screenshot.

    It is the lower value of those at one and at two pixels per point.
    """
    return min(_similarity(browser, picture, scale) for scale in (1, 2))


def _similarity(browser: str, picture: Drawing, scale: int) -> float:
    with tempfile.TemporaryDirectory() as name:
        file, shot = Path(name) / "picture.svg", Path(name) / "shot.png"
        file.write_text(svg.write(picture), encoding="utf-8")
        run(
            browser,
            Path(name),
            f"--window-size={picture.width:.0f},{picture.height:.0f}",
            f"--force-device-scale-factor={scale}",
            f"--screenshot={shot}",
            file.as_uri(),
        )
        with Image.open(shot) as a, Image.open(io.BytesIO(png.write(picture, scale))) as b:
            x, y = (np.asarray(image.convert("L"), dtype=float) for image in (a, b))
    assert x.shape == y.shape
    return _ssim(x, y)


def _ssim(x: np.ndarray, y: np.ndarray) -> float:
    """Return the mean structural similarity of two grayscale images."""
    h, w = (size // 8 * 8 for size in x.shape)
    a, b = (image[:h, :w].reshape(h // 8, 8, w // 8, 8) for image in (x, y))
    ma, mb = a.mean((1, 3)), b.mean((1, 3))
    va, vb = a.var((1, 3)), b.var((1, 3))
    covariance = (a * b).mean((1, 3)) - ma * mb
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    numerator = (2 * ma * mb + c1) * (2 * covariance + c2)
    return float(np.mean(numerator / ((ma**2 + mb**2 + c1) * (va + vb + c2))))


if __name__ == "__main__":
    sys.exit(main())
