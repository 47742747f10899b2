"""Finding the files in a folder that may be sources.

Left out are hidden files, what a `.gitignore` or the setting `exclude` names, and the output of earlier runs: files
that a manifest lists and, because not everybody commits manifests, Mermaid beside its picture in the output folder.
Patterns have the notation of git (https://git-scm.com/docs/gitignore).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from diagramkit import files, project
from diagramkit.diagnostics import Span, fail
from diagramkit.sources.readers import EXTENSIONS

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MANIFEST_NAME = ".diagramkit.json"
_IGNORE_FILE = ".gitignore"
_PICTURES = ("svg", "png", "pdf", "webp")


class _ListedSource(Struct):
    """What is needed of an entry of a manifest: the pictures by path, with their digests by extension."""

    pictures: dict[str, dict[str, str]] = {}
    stale_outputs: dict[str, dict[str, str]] = {}


class _ListedSources(Struct):
    sources: dict[str, _ListedSource] = {}


class _Rules(Struct, frozen=True):
    """Patterns, and the folder that they are relative to."""

    folder: str
    spec: GitIgnoreSpec

    def decide(self, path: str) -> bool | None:
        """Return whether the patterns exclude a path, or None if they do not say. A folder's path ends with `/`."""
        relative = os.path.relpath(path, self.folder) + ("/" if path.endswith("/") else "")
        return self.spec.check_file(relative).include


def walk(folder: Path, output: str | None = None) -> Iterator[str]:
    """Yield the paths below `folder` of all files that diagramkit reads, relative to it and with `/`, in any order.

    `output` is the output folder of the command, if it has one. Raises `DiagramError`: `outside` for a symbolic link
    that leads out of the project (otherwise a link to any file could show lines of that file in messages), `bad-config`
    for an invalid setting `exclude`.
    """
    root = os.path.realpath(folder)
    rules = {root: _inherited_rules(Path(root))}
    outputs: set[str] = set()
    output_folders = _output_folders(Path(root), output)
    for top, folders, names in os.walk(folder):
        parts = Path(top).relative_to(folder).parts
        relative = "".join(f"{part}/" for part in parts)
        real_top = os.path.join(root, *parts)
        active = rules[real_top] = (*_rules_in(real_top), *rules[real_top])
        outputs |= _outputs(real_top, names)
        if any(Path(real_top).is_relative_to(output_folder) for output_folder in output_folders):
            outputs |= _drawn_mermaid(real_top, names)
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".")
            and name != "node_modules"
            and not _is_excluded(f"{os.path.join(real_top, name)}/", active)
        ]
        rules |= {os.path.join(real_top, name): active for name in folders}
        for name in names:
            # `os.path` instead of `pathlib`, because a folder may have thousands of files.
            if name.startswith(".") or os.path.splitext(name)[1].lower() not in EXTENSIONS:  # noqa: PTH122
                continue
            real_path = os.path.join(real_top, name)
            if real_path in outputs or _is_excluded(real_path, active):
                continue
            path = os.path.join(top, name)
            if os.path.islink(path) and not is_within_project(path, Path(top)):  # noqa: PTH114
                message = "this link leads out of the project; replace it with a copy of the file"
                raise fail("outside", message, Span(path))
            yield relative + name


def is_within_project(path: str | Path, folder: Path) -> bool:
    """Return whether `path`, with links resolved, is in the project that `folder` belongs to."""
    root = project.root_of(folder.resolve())
    return Path(os.path.realpath(path)).is_relative_to(root)


def _is_excluded(path: str, rules: Iterable[_Rules]) -> bool:
    """Return whether the first of some rules that say something about a path exclude it."""
    return next((decision for one in rules if (decision := one.decide(path)) is not None), False)


def _inherited_rules(folder: Path) -> tuple[_Rules, ...]:
    """Return the rules from above a folder, the nearest first, without those that exclude the folder itself.

    Whoever names an excluded folder wants what is in it.
    """
    rules: list[_Rules] = []
    current_project = project.find(folder)
    if patterns := _setting(current_project):
        rules.append(_Rules(str(current_project.root), _spec(patterns)))
    repository = next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), folder)
    for parent in folder.parents:
        if parent.is_relative_to(repository):
            rules += _rules_in(str(parent))
    return tuple(one for one in rules if not one.decide(f"{folder}/"))


def _setting(current_project: project.Project) -> list[str]:
    """Return the patterns of the setting `exclude`. Raises `DiagramError` (bad-config)."""
    patterns = current_project.settings.get("exclude", [])
    patterns = [patterns] if isinstance(patterns, str) else patterns
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        span = Span(project.display_path(current_project.config))
        raise fail("bad-config", "'exclude': expected a string or a list of strings, such as [\"drafts/\"]", span)
    return patterns


def _rules_in(folder: str) -> list[_Rules]:
    """Return the rules of the `.gitignore` in a folder: one, or none."""
    if (data := files.read(os.path.join(folder, _IGNORE_FILE))) is None:
        return []
    return [_Rules(folder, _spec(data.decode("utf-8", "replace").splitlines()))]


def _spec(patterns: Iterable[str]) -> GitIgnoreSpec:
    """Return the meaning of patterns. Like git, ignore those that are not valid."""
    from pathspec import GitIgnoreSpec

    valid = []
    for pattern in patterns:
        try:
            GitIgnoreSpec.from_lines([pattern])
        except ValueError:
            continue
        valid.append(pattern)
    return GitIgnoreSpec.from_lines(valid)


def _output_folders(root: Path, output: str | None) -> tuple[Path, ...]:
    """Return the output folders of the project and of the command.

    One that is not below `root` does not count: whoever searches an output folder wants what is in it.
    """
    current_project = project.find(root)
    setting = current_project.settings.get("output", "output")
    paths = [os.path.join(current_project.root, setting)] if isinstance(setting, str) else []
    folders = map(Path, map(os.path.realpath, filter(None, (*paths, output))))
    return tuple(folder for folder in folders if root in folder.parents)


def _drawn_mermaid(folder: str, names: Collection[str]) -> set[str]:
    """Return the Mermaid files in a folder of pictures that are beside their picture, such as `shop.formatted.mmd`."""
    pictures = {stem for stem, _, extension in (name.rpartition(".") for name in names) if extension in _PICTURES}
    stems = {name: name.removesuffix(".mmd") for name in names if name.endswith(".mmd")}
    return {
        os.path.join(folder, name)
        for name, stem in stems.items()
        if stem in pictures or stem.rpartition(".")[0] in pictures
    }


def _outputs(folder: str, names: Iterable[str]) -> set[str]:
    """Return the files that the manifests in a folder list as pictures, except those that are their own source."""
    outputs: set[str] = set()
    # A part of a batch has a manifest of its own, such as `.diagramkit.1-of-4.json`.
    for name in (name for name in names if name.startswith(".diagramkit.") and name.endswith(".json")):
        for source, entry in _listed_sources(os.path.join(folder, name)).items():
            own = os.path.normpath(os.path.join(folder, source))
            for stem, extensions in (*entry.pictures.items(), *entry.stale_outputs.items()):
                paths = (os.path.normpath(os.path.join(folder, f"{stem}.{extension}")) for extension in extensions)
                outputs.update(path for path in paths if path != own)
    return outputs


def _listed_sources(manifest: str) -> Mapping[str, _ListedSource]:
    """Return the entries of a manifest: none if it is damaged."""
    try:
        return msgspec.json.decode(files.read(manifest) or b"", type=_ListedSources).sources
    except (msgspec.DecodeError, RecursionError):
        return {}
