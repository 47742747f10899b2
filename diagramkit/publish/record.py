"""The record in a folder of pictures: which Markdown file shows which pictures.

`diagramkit embed` uses it to remove the pictures of a fence that no longer exists.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from diagramkit import files

FILE_NAME = ".diagramkit-embed.json"
"""The name of the record in the folder of pictures."""


class Record(Struct):
    """The record of a folder.

    `pictures_by_document` has, for each Markdown file (its path relative to the folder), the SHA-256 digests of its
    pictures by file name.
    """

    folder: str
    pictures_by_document: dict[str, dict[str, str]]

    def relative_path(self, document: str) -> str:
        """Return the path of a Markdown file relative to the folder, with `/`."""
        return Path(os.path.relpath(document, self.folder)).as_posix()

    def owner(self, picture: str, document: str) -> str | None:
        """Return the Markdown file other than `document` that shows a picture of this name, if it still exists."""
        own_path = self.relative_path(document)
        for other_path, pictures in self.pictures_by_document.items():
            if other_path != own_path and picture in pictures and os.path.exists(self._path(other_path)):
                return other_path
        return None

    def pictures_of(self, document: str) -> Mapping[str, str]:
        """Return the digests of the pictures that a Markdown file showed when it was last processed, by file name."""
        return self.pictures_by_document.get(self.relative_path(document), {})

    def update(self, document: str, pictures: Mapping[str, bytes]) -> list[tuple[str, bool]]:
        """Record which pictures a Markdown file shows now; one without bytes is unchanged.

        Returns the paths of the existing pictures that the file no longer shows, each with whether its content is
        still what was written.
        """
        name = self.relative_path(document)
        old = self.pictures_by_document.pop(name, {})
        new = {
            picture: hashlib.sha256(data).hexdigest() if data else old[picture]
            for picture, data in pictures.items()
            if data or picture in old
        }
        if new:
            self.pictures_by_document[name] = new
        orphaned = []
        for picture in sorted(old.keys() - new.keys()):
            data = files.read(self._path(picture))
            if data is not None:
                is_unchanged = hashlib.sha256(data).hexdigest() == old[picture]
                orphaned.append((self._path(picture), is_unchanged))
        return orphaned

    def save(self) -> None:
        """Write the record to its folder, or remove it if no file shows a picture.

        Raises `DiagramError` (outside, unwritable).
        """
        path = self._path(FILE_NAME)
        if not self.pictures_by_document:
            if os.path.exists(path):
                files.remove(path)
            return
        shown = {
            name: dict(sorted(self.pictures_by_document[name].items())) for name in sorted(self.pictures_by_document)
        }
        text = json.dumps({"format": 1, "shown": shown}, indent=1, ensure_ascii=False) + "\n"
        files.write(path, files.as_bytes(text))

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, *name.split("/"))


def load(folder: str) -> Record:
    """Return the record of a folder; it is empty if there is none, or none that can be read."""
    try:
        data = files.parse_json(files.as_text(files.read(os.path.join(folder, FILE_NAME)) or b"{}"))
        # A record could be forged to have files outside the folder removed: only plain names are accepted.
        shown = {
            str(name): {
                str(picture): str(digest)
                for picture, digest in pictures.items()
                if "/" not in picture and "\\" not in picture
            }
            for name, pictures in data.get("shown", {}).items()
        }
    except (ValueError, AttributeError):
        shown = {}
    return Record(folder, shown)
