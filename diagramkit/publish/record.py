"""Which pictures a folder has of which Markdown file, so that those of a removed fence can go."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from diagramkit import files

FILE_NAME = ".diagramkit-embed.json"
"""The file in the pictures' folder."""


class Record(Struct):
    """The digests of pictures by name, by the Markdown file that shows them (its path from the folder)."""

    folder: str
    shown: dict[str, dict[str, str]]

    def named(self, document: str) -> str:
        """A Markdown file's path as the record has it."""
        return Path(os.path.relpath(document, self.folder)).as_posix()

    def owner(self, picture: str, document: str) -> str | None:
        """The other file, still there, that shows a picture of this name."""
        own = self.named(document)
        for other, pictures in self.shown.items():
            if other != own and picture in pictures and os.path.exists(self._path(other)):
                return other
        return None

    def note(self, document: str, pictures: Mapping[str, bytes]) -> list[tuple[str, bool]]:
        """Note what a file shows now (no bytes: as it was). Returns the paths of the pictures that it does not show any more and
        that are there, each with whether it is as it was written."""
        name = self.named(document)
        before = self.shown.pop(name, {})
        now = {
            picture: hashlib.sha256(data).hexdigest() if data else before[picture]
            for picture, data in pictures.items()
            if data or picture in before
        }
        if now:
            self.shown[name] = now
        gone = []
        for picture in sorted(before.keys() - now.keys()):
            data = files.read(self._path(picture))
            if data is not None:
                same = hashlib.sha256(data).hexdigest() == before[picture]
                gone.append((self._path(picture), same))
        return gone

    def save(self) -> None:
        """Write the record; without any picture there is none."""
        path = self._path(FILE_NAME)
        if not self.shown:
            if os.path.exists(path):
                Path(path).unlink()
            return
        shown = {name: dict(sorted(self.shown[name].items())) for name in sorted(self.shown)}
        text = json.dumps({"format": 1, "shown": shown}, indent=1, ensure_ascii=False) + "\n"
        files.write(path, files.as_bytes(text))

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, *name.split("/"))


def load(folder: str) -> Record:
    """The record of a folder; an empty one where there is none, or none that can be read."""
    try:
        data: Any = json.loads(files.as_text(files.read(os.path.join(folder, FILE_NAME)) or b"{}"))
        shown = {
            str(name): {
                str(picture): str(digest)
                for picture, digest in pictures.items()
                if "/" not in picture and "\\" not in picture
            }
            for name, pictures in data.get("shown", {}).items()
        }
    except (ValueError, AttributeError, TypeError):
        shown = {}
    return Record(folder, shown)
