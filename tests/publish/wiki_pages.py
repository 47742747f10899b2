"""Thirty pages of Markdown that are structured like public ones, from `tests/data/wiki_pages.yaml`."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.support.project import ROOT

_DATA = yaml.safe_load((ROOT / "tests/data/wiki_pages.yaml").read_text("utf-8"))
NAMES: list[str] = list(_DATA["pages"])
_NOUNS = ("parcel", "ledger", "harbor", "meter", "signal", "orchard")


def write(name: str) -> str:
    """Write a page and the files beside it into the current folder, and return the name of its file."""
    index = NAMES.index(name)
    words = {"name": name.title().replace("-", " "), "slug": name.replace("-", ""), "noun": _NOUNS[index % len(_NOUNS)]}
    text = "\n".join(_DATA["parts"][part].format(**words) for part in _DATA["pages"][name].split())
    if name.startswith(("handbook", "decision", "meeting", "proposal")):
        text = f"---\ntitle: {words['name']}\n---\n\n{text}"
    Path(f"{name}.md").write_text(text, "utf-8")
    for folder in ("pictures", "files"):
        Path(folder).mkdir(exist_ok=True)
    picture = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    Path("logo.svg").write_text(picture, "utf-8")
    Path("pictures/logo.svg").write_text(picture.replace("9", "8"), "utf-8")
    Path("files/data sheet.csv").write_text("a,b\n", "utf-8")
    Path("other.md").write_text("Intro.\n\n# The *other* page\n\n## Second part\n", "utf-8")
    return f"{name}.md"
