"""Runs a script on texts in a page with Mermaid, in a browser (Debian's `chromium`)."""

from __future__ import annotations

import html
import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from checks import browser
from checks.mermaid.judge import FOLDER


def results(texts: Sequence[str], script: str, version: str) -> Any:
    """Return what a script, which finds the texts in `texts`, writes as JSON into an element with the id `found`."""
    library = (FOLDER / "node_modules" / version / "dist" / "mermaid.min.js").as_uri()
    data = json.dumps(list(texts)).replace("</", "<\\/")
    with tempfile.TemporaryDirectory() as name:
        page = Path(name) / "page.html"
        page.write_text(
            f'<!doctype html><meta charset="utf-8"><body><script src="{library}"></script>'
            f"<script>const texts = {data};\n{script}</script></body>",
            encoding="utf-8",
        )
        dom = browser.run(
            shutil.which("chromium") or "",
            Path(name),
            "--allow-file-access-from-files",
            "--virtual-time-budget=600000",
            "--dump-dom",
            page.as_uri(),
        )
    match = re.search(r'<pre id="found">(.*?)</pre>', dom, re.DOTALL)
    assert match, "Mermaid drew nothing"
    return json.loads(html.unescape(match[1]))
