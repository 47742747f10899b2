"""Adds random icon packs: `python -m checks.fuzz.packs`.

Each seed gives an archive (zip, tar, Iconify JSON or a folder) with hostile names, links, icons and metadata, sometimes
with damaged bytes. It is refused with an error, or its icons are in one folder below the given one, each of them clean.
Nothing else may be written. Anything else is a finding.
"""

from __future__ import annotations

import io
import json
import random
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from checks.fuzz import hostile_sources, seeds
from diagramkit import project
from diagramkit.diagnostics import DiagramError
from diagramkit.icons.packs import add, clean, fetch, store

_GOOD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
_NAMES = ("a.svg", "b_32.svg", "x/y.svg", "../e.svg", "/abs.svg", "C:\\x.svg", "a\0.svg", ".h.svg", "é.svg", "con.svg")
_PACKAGES: tuple[object, ...] = (
    {},
    {"name": "@x/../y", "version": "../1"},
    {"name": 5, "version": None},
    [1],
    {"name": "a" * 500},
)


def _files(rng: random.Random) -> dict[str, bytes]:
    files = {
        rng.choice(_NAMES) if rng.random() < 0.4 else f"i{number}.svg": (
            _GOOD if rng.random() < 0.6 else hostile_sources.random_icon(rng)
        ).encode("utf-8", "replace")
        for number in range(rng.randint(0, 5))
    }
    if rng.random() < 0.4:
        files["package.json"] = json.dumps(rng.choice(_PACKAGES)).encode()
    return files


def _archive(rng: random.Random) -> tuple[str, bytes]:
    """Return the name and the bytes of an archive."""
    files, buffer = _files(rng), io.BytesIO()
    kind = rng.choice(("zip", "tgz", "json"))
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name.replace("\0", "_"), content)
    elif kind == "tgz":
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            for name, content in files.items():
                entry = tarfile.TarInfo(name.replace("\0", "_"))
                entry.size = len(content)
                if rng.random() < 0.1:
                    entry.type, entry.linkname, entry.size = tarfile.SYMTYPE, "/etc/passwd", 0
                tar.addfile(entry, io.BytesIO(content))
    else:
        numbers = (16, 0, -1, "x", None, 1e308, [1], True)
        icons = {
            name: {"body": rng.choice((content.decode("utf-8", "replace"), "<path d='M0 0h9'/>", 5, None))}
            | {"width": rng.choice(numbers)}
            for name, content in files.items()
        }
        aliases = rng.choice(({}, {"z": {"parent": "a.svg"}}, {"z": {"parent": ["a"]}}, {"z": 5}, [1]))
        buffer.write(json.dumps({"prefix": rng.choice(("p", "../p", "")), "icons": icons, "aliases": aliases}).encode())
    data = bytearray(buffer.getvalue())
    for _ in range(rng.choice((0, 0, 1, 3)) if data else 0):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return f"pack.{kind}", bytes(data)


def check_seed(seed: int) -> None:
    """Add the pack of a seed. Raises an exception if there is a finding."""
    name, raw = _archive(random.Random(seed))
    with tempfile.TemporaryDirectory() as outside:
        root = Path(outside, "project")
        root.mkdir()
        (root / "diagramkit.toml").write_text("")
        (root / name).write_bytes(raw)
        try:
            installed = add.add(fetch.fetch(name, folder=root), project.find(root), root / "icons")
        except DiagramError:
            assert not list((root / "icons").rglob("*.svg")), "a refused pack was written"
            return
        finally:
            assert [path.name for path in Path(outside).iterdir()] == ["project"], "written outside of the project"
            assert {path.name for path in root.iterdir()} <= {"diagramkit.toml", name, "icons"}
        assert installed.folder.parent == root / "icons", installed.folder
        pack = store.read(str(installed.folder))
        for icon in pack.icons:
            entry = pack.icon(icon)
            assert entry
            if entry.path.endswith(".svg"):
                clean.read(Path(entry.path).read_text("utf-8"))


if __name__ == "__main__":
    sys.exit(seeds.main(check_seed, "packs", sys.argv[1:]))
