"""Read infrastructure code as diagrams, with the settings of its project under `[infrastructure]`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from msgspec.structs import replace

from diagramkit import infrastructure, project
from diagramkit.diagnostics import Span, did_you_mean, fail
from diagramkit.graph import Pattern, ResourceFate
from diagramkit.infrastructure import rules
from diagramkit.infrastructure.levels import ZONES, View
from diagramkit.infrastructure.readers import cdk, detect
from diagramkit.infrastructure.rules import LEVELS
from diagramkit.options import PictureOptions
from diagramkit.sources import manifest_folders
from diagramkit.sources.mermaid.write import to_mermaid
from diagramkit.sources.readers import LoadResult
from diagramkit.sources.slugs import slug

_SETTINGS: Mapping[str, tuple[str, ...] | None] = {
    "rules": None,
    "level": tuple(LEVELS),
    "zones": ZONES,
    "show": None,
    "hide": None,
}
"""The settings, each with its possible values if there are only some."""
_FATES = (
    ("drawn", "drawn"),
    ("group", "groups"),
    ("folded", "folded"),
    ("edge", "edges"),
    ("carrier", "carriers"),
    ("hidden", "hidden"),
    ("dropped", "dropped"),
)


def read(text: str, name: str, folder: str) -> LoadResult:
    """Return the diagram of a template, as the settings of its project say. Raises `DiagramError`."""
    return LoadResult((pattern(text, name, folder),))


def pattern(
    text: str, name: str, folder: str = "", view: View | None = None, others: Sequence[tuple[str, str]] = ()
) -> Pattern:
    """Return the diagram of a template; `others` are the paths and texts of templates that it may import from.

    Raises `DiagramError`.
    """
    from diagramkit import sources

    settings = _settings(name)
    drawn = infrastructure.load(
        text, name, sources.read_text, view or _view(settings), _own_rules(settings, name), others
    )
    graph = drawn.graph
    return Pattern(
        graph=graph,
        name=name_of(name),
        folder=folder,
        title=graph.title or PurePath(name).stem,
        source_text=to_mermaid(graph),
        span=Span(name),
        options=PictureOptions(title=False),
        resources=drawn.resources,
        files=drawn.files,
    )


def split(drawn: Pattern) -> list[tuple[str, Pattern]]:
    """Return the diagram of each stack or module of a template, by the name of the stack."""
    from diagramkit.infrastructure import split as splitting

    return [
        (
            stack.name,
            replace(
                drawn,
                graph=stack.graph,
                name=stack_file(stack.name) if stack.name else drawn.name,
                title=stack.title,
                source_text=to_mermaid(stack.graph),
                resources=stack.resources,
            ),
        )
        for stack in splitting.by_stack(drawn.graph, drawn.resources)
    ]


def view_for(file: str, **chosen: Any) -> View:
    """Return what to show of a template: what was chosen, and otherwise what the settings of its project say."""
    return replace(_view(_settings(file)), **{name: value for name, value in chosen.items() if value})


def name_of(file: str) -> str:
    """Return the name of the spec and the pictures of a template."""
    return slug(infrastructure.title_of(file))


def stack_file(stack: str) -> str:
    """Return the name of the spec of a stack, or of a module of Terraform."""
    return slug(stack.removeprefix("module."))


def of_folder(folder: Path) -> str | None:
    """Return the file to read for a folder, or None for one that is not infrastructure code as a whole.

    Folders are the output of `cdk synth`, a module of Terraform, a kustomization, have a file of Docker Compose, or
    consist of manifests of Kubernetes.
    """
    manifest = folder / cdk.MANIFEST
    if manifest.is_file() and any(folder.glob("*.template.json")):
        return os.path.join(str(folder), cdk.MANIFEST)
    names = sorted(path.name for path in folder.glob("*.tf") if path.is_file())
    if not names:
        listed = (folder / name for name in (*detect.KUSTOMIZATIONS, *detect.COMPOSE_FILES))
        return next((str(path) for path in listed if path.is_file()), None) or manifest_folders.listing_file(folder)
    return os.path.join(str(folder), "main.tf" if "main.tf" in names else names[0])


def summary(resources: Iterable[ResourceFate]) -> str:
    """Return how many resources have which fate: `63 resources: 14 drawn, 4 groups, 45 dropped`."""
    counts = Counter(resource.fate for resource in resources)
    parts = [
        f"{counts[fate]} {name if counts[fate] != 1 or name[-1] != 's' else name[:-1]}"
        for fate, name in _FATES
        if counts[fate]
    ]
    total = counts.total()
    more = "; --level all shows more" if counts["hidden"] else ""
    return f"{total} resource{'' if total == 1 else 's'}: {', '.join(parts) or 'nothing to draw'}{more}"


# Settings


def _settings(file: str) -> dict[str, Any]:
    """Return the settings under `[infrastructure]` of a file's project. Raises `DiagramError` (bad-config)."""
    settings_file = project.find(project.folder_of(file))
    settings = settings_file.settings.get("infrastructure", {})
    span = Span(project.display_path(settings_file.config))
    if not isinstance(settings, dict):
        raise fail(
            "bad-config", "'infrastructure' must be a table, such as [infrastructure] with level = \"detail\"", span
        )
    for name, value in settings.items():
        if name not in _SETTINGS:
            hint = did_you_mean(name, _SETTINGS) or f"; known: {', '.join(_SETTINGS)}"
            raise fail("bad-config", f"there is no setting '{name}' for infrastructure{hint}", span)
        allowed = _SETTINGS[name]
        if allowed and value not in allowed:
            raise fail("bad-config", f"'infrastructure.{name}' must be one of {', '.join(allowed)}", span)
        if name in ("show", "hide") and not (isinstance(value, list) and all(isinstance(each, str) for each in value)):
            raise fail("bad-config", f"'infrastructure.{name}' must be a list of patterns", span)
        if name == "rules" and not isinstance(value, str):
            raise fail("bad-config", "'infrastructure.rules' must be the path of a table", span)
    return {**settings, "root": settings_file.root} if settings else {}


def _view(settings: Mapping[str, Any]) -> View:
    return View(
        level=settings.get("level", "default"),
        zones=settings.get("zones", "merged"),
        show=tuple(settings.get("show", ())),
        hide=tuple(settings.get("hide", ())),
    )


def _own_rules(settings: Mapping[str, Any], file: str) -> dict[str, rules.ResourceRule] | None:
    """Return the rules of a project's own table. Raises `DiagramError` (outside, unreadable, bad-rules)."""
    from diagramkit import sources

    location = settings.get("rules")
    if not location:
        return None
    path = os.path.join(str(settings["root"]), location)
    if not Path(os.path.realpath(path)).is_relative_to(settings["root"]):
        raise fail(
            "outside", f"the table of rules '{location}' is outside the project; move it into the project", Span(file)
        )
    shown = project.display_path(Path(path))
    return rules.read_own(sources.read_text(shown).encode("utf-8"), shown)


def is_template(text: str, file: str) -> bool:
    """Return whether a text is infrastructure code that can be read."""
    return detect.kind(text, file) is not None
