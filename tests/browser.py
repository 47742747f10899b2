"""The pictures as a browser shows them: `python -m tests.browser`, with Debian's `chromium`.

Every line of text must be as wide as diagramkit measured it, within 2 %, and a PNG must be the
browser's own picture of the SVG (structural similarity over 0.97, Wang et al. 2004, in windows of
8 by 8).
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
from diagramkit.pipeline import Options
from diagramkit.writers import png, svg
from tests.conftest import patterns, samples

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
CLOSE, ALIKE = 0.02, 0.97


def main() -> int:
    """Check every pattern and sample; 1 where one is not as it should be."""
    browser = shutil.which("chromium")
    if browser is None:
        print("there is no chromium here: nothing was checked")
        return 0
    bad = 0
    for name, pattern in {**patterns(), **samples()}.items():
        picture = pipeline.draw(pattern, Options())
        with tempfile.TemporaryDirectory() as folder:
            worst = _widths(browser, picture, Path(folder))
            alike = similarity(browser, picture)
        good = worst <= CLOSE and alike >= ALIKE
        bad += not good
        print(f"{name}: text within {worst:.2%}, similarity {alike:.4f}{'' if good else '  <--'}")
    return int(bad > 0)


def _run(browser: str, folder: Path, *arguments: str) -> str:
    profile = f"--user-data-dir={folder / 'profile'}"
    done = subprocess.run(
        [browser, *_FLAGS, profile, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout


def _widths(browser: str, picture: Drawing, folder: Path) -> float:
    """The largest part by which a line of text that the carried font has is wider or narrower."""
    page = folder / "page.html"
    page.write_text(f"<body>{svg.write(picture)}{_MEASURE}</body>", encoding="utf-8")
    dom = _run(browser, folder, "--virtual-time-budget=4000", "--dump-dom", page.as_uri())
    found = re.search(r'<pre id="found">(.*?)</pre>', dom, re.S)
    assert found, "the browser measured nothing"
    text = found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    measured = {(line.text, line.size): line.box.w for line in picture.texts()}
    shown = [
        abs(width - measured[words, size]) / max(width, 1.0)
        for words, size, width, runs in json.loads(text)
        if not runs
    ]
    assert shown
    return float(max(shown))


def similarity(browser: str, picture: Drawing) -> float:
    """The mean structural similarity of the PNG and the browser's screenshot, at one pixel a point and
    at two; the lesser."""
    return min(_similarity(browser, picture, scale) for scale in (1, 2))


def _similarity(browser: str, picture: Drawing, scale: int) -> float:
    with tempfile.TemporaryDirectory() as name:
        file, shot = Path(name) / "picture.svg", Path(name) / "shot.png"
        file.write_text(svg.write(picture), encoding="utf-8")
        _run(
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
    h, w = (size // 8 * 8 for size in x.shape)
    a, b = (image[:h, :w].reshape(h // 8, 8, w // 8, 8) for image in (x, y))
    ma, mb = a.mean((1, 3)), b.mean((1, 3))
    va, vb = a.var((1, 3)), b.var((1, 3))
    both = (a * b).mean((1, 3)) - ma * mb
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * ma * mb + c1) * (2 * both + c2)
    return float(np.mean(top / ((ma**2 + mb**2 + c1) * (va + vb + c2))))


if __name__ == "__main__":
    sys.exit(main())
