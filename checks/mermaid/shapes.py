"""Draws each node shape by Mermaid and by diagramkit side by side: `python -m checks.mermaid.shapes OUT.png`.

It needs Debian's `chromium` and the npm package of Mermaid, as `checks.mermaid.compare` does.
"""

from __future__ import annotations

import base64
import json
import shutil
import sys
import tempfile
from pathlib import Path

from msgspec.structs import replace

from checks import browser
from checks.mermaid import pictures
from checks.mermaid.judge import FOLDER
from diagramkit import pipeline
from diagramkit.options import Options
from diagramkit.style import shapes
from diagramkit.writers import svg
from tests.support.drawings import pattern_of

_COLUMNS, _WIDTH, _HEIGHT = 4, 460, 150
_STYLE = f"""body {{ margin: 8px; background: #fff; font: 12px sans-serif; display: grid; gap: 4px;
  grid-template-columns: repeat({_COLUMNS}, {_WIDTH}px); align-items: start; }}
div.shape {{ border: 1px solid #ccc; height: {_HEIGHT}px; overflow: hidden; display: grid;
  grid-template: auto 1fr / 1fr 1fr; }}
b {{ grid-column: 1 / 3; }} svg, img {{ max-width: {_WIDTH // 2 - 8}px; max-height: {_HEIGHT - 20}px; }}"""
_SCRIPT = """mermaid.initialize({ startOnLoad: false });
(async () => {
  for (const [index, text] of texts.entries()) {
    try { document.getElementById("m" + index).innerHTML = (await mermaid.render("d" + index, text)).svg; }
    catch (error) { document.getElementById("m" + index).textContent = error; }
  }
})();"""


def main(arguments: list[str]) -> int:
    """Write the picture, and return the exit code."""
    if missing := pictures.missing_requirement():
        print(f"skipped: the pictures of shapes; {missing}")
        return 0
    if len(arguments) != 1:
        print("usage: python -m checks.mermaid.shapes OUT.png", file=sys.stderr)
        return 2
    names = [shape.names[0] for shape in shapes.table().values() if shape.names]
    names += sorted(name for shape in shapes.table().values() for name in shape.names[1:] if name.startswith("bpmn-"))
    texts = [f'flowchart LR\nP[before] --> A@{{ shape: {name}, label: "Some words" }} --> N[after]' for name in names]
    cells = "".join(
        f'<div class="shape"><b>{name}</b><span id="m{number}"></span><span><img src="{_picture(text)}"></span></div>'
        for number, (name, text) in enumerate(zip(names, texts, strict=True))
    )
    library = (FOLDER / "node_modules" / "mermaid" / "dist" / "mermaid.min.js").as_uri()
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(
            f'<!doctype html><meta charset="utf-8"><style>{_STYLE}</style>{cells}<script src="{library}"></script>'
            f"<script>const texts = {json.dumps(texts)};\n{_SCRIPT}</script>",
            encoding="utf-8",
        )
        rows = -(-len(names) // _COLUMNS)
        browser.run(
            shutil.which("chromium") or "",
            Path(folder),
            "--allow-file-access-from-files",
            "--virtual-time-budget=600000",
            f"--window-size={_COLUMNS * (_WIDTH + 4) + 16},{rows * (_HEIGHT + 6) + 16}",
            f"--screenshot={Path(arguments[0]).resolve()}",
            page.as_uri(),
        )
    print(f"wrote {arguments[0]}: {len(names)} shapes, each by Mermaid (left) and by diagramkit (right)")
    return 0


def _picture(text: str) -> str:
    """Return diagramkit's picture, without icons, as a data URI."""
    pattern = pattern_of(text)
    pattern = replace(pattern, icons=tuple((node.id, "none", node.span) for node in pattern.graph.nodes))
    content = svg.write(pipeline.draw(pattern, Options()))
    return f"data:image/svg+xml;base64,{base64.b64encode(content.encode()).decode()}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
