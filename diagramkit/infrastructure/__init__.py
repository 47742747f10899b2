"""Draw infrastructure code as an architect would: readers, resources, fates, and a graph.

`load` reads a template of CloudFormation, SAM, the CDK, Terraform, Docker Compose or Kubernetes. The steps are
`readers` (the same records for all tools), `fates` (what becomes of each resource, by the table of `rules`), `grants`,
`connections` and `network` (edges and frames), `levels` (what is shown) and `to_graph`. Templates are not trusted: no
address on the web is opened, no file outside of the project is read, and no function of a template is executed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import TypeAlias

from msgspec import Struct

from diagramkit.diagnostics import Span, fail
from diagramkit.graph import Graph, ResourceFate
from diagramkit.infrastructure import physical_names
from diagramkit.infrastructure.levels import View
from diagramkit.infrastructure.readers import detect
from diagramkit.infrastructure.readers.project_files import ProjectFiles, ReadText
from diagramkit.infrastructure.records import Infrastructure
from diagramkit.infrastructure.rules import ResourceRule, Rules, default_rules

_EXTENSIONS = (".json", ".yaml", ".yml", ".template", ".tf", ".cfn", ".tfplan", ".tfstate", ".dot", ".gv", ".mmd")
_Others: TypeAlias = "Sequence[tuple[str, str]]"
MAX_RESOURCES = 20_000
_NAMING = ("cdk", "cloudformation", "terraform_hcl", "terraform_json")
"""The kinds of templates in which a resource may be referred to by its name."""
_EMPTY_NAMES = (
    "main",
    "template",
    "manifest",
    "plan",
    "state",
    "terraform",
    "index",
    "kustomization",
    "compose",
    "docker-compose",
)


class Drawn(Struct, frozen=True):
    """A template as a graph, the fates of its resources, and the other files that it was read from."""

    graph: Graph
    resources: tuple[ResourceFate, ...]
    files: tuple[str, ...]


def load(
    text: str,
    file: str,
    read_text: ReadText,
    view: View | None = None,
    own_rules: dict[str, ResourceRule] | None = None,
    others: Sequence[tuple[str, str]] = (),
) -> Drawn:
    """Return a template as a graph. `others` are the paths and texts of templates whose exports it may import.

    Raises `DiagramError` if it cannot be read.
    """
    from diagramkit.infrastructure import to_graph

    infrastructure = read(text, file, read_text, others)
    if len(infrastructure.resources) > MAX_RESOURCES:
        message = (
            f"declares {len(infrastructure.resources):,} resources; the limit is {MAX_RESOURCES:,}: split the template"
        )
        raise fail("too-large", message, Span(file))
    rules = Rules(own_rules) if own_rules else default_rules()
    graph, fates = to_graph.build(infrastructure, rules, view or View())
    return Drawn(graph, fates, infrastructure.files)


def read(text: str, file: str, read_text: ReadText, others: Sequence[tuple[str, str]] = ()) -> Infrastructure:
    """Return what a template declares, read by the reader for its content. Raises `DiagramError`."""
    kind = detect.kind(text, file)
    if kind is None:
        if PurePath(file).suffix.lower() == ".json":
            from diagramkit.infrastructure.readers import template_text

            template_text.read(text, file)  # A file that is not JSON at all has another problem.
        message = (
            "this is not a template that diagramkit knows; it reads CloudFormation, SAM, the manifest.json of "
            "'cdk synth', Terraform (.tf files, the JSON of 'terraform show -json', 'terraform graph'), Docker Compose "
            "and Kubernetes"
        )
        raise fail("not-a-template", message, Span(file))
    infrastructure = _READERS[kind](text, file, ProjectFiles(read_text), others)
    return physical_names.resolve(infrastructure) if kind in _NAMING else infrastructure


def _read_cdk(text: str, file: str, files: ProjectFiles, _others: _Others) -> Infrastructure:
    from diagramkit.infrastructure.readers import cdk

    return cdk.read(text, file, files)


def _read_terraform_json(text: str, file: str, _files: ProjectFiles, _others: _Others) -> Infrastructure:
    from diagramkit.infrastructure.readers import terraform_json

    return terraform_json.read(text, file)


def _read_terraform_graph(text: str, file: str, _files: ProjectFiles, _others: _Others) -> Infrastructure:
    from diagramkit.infrastructure.readers import terraform_graph

    return terraform_graph.read(text, file, title_of(file))


def _read_terraform_hcl(text: str, file: str, files: ProjectFiles, _others: _Others) -> Infrastructure:
    from diagramkit.infrastructure.readers import terraform_hcl

    siblings = [each for each in files.open_folder(".", file, ".tf", Span(file)) if not _is_same(each[0], file)]
    return terraform_hcl.read([(file, text), *siblings], title_of(file), files)


def _read_cloudformation(text: str, file: str, files: ProjectFiles, others: _Others) -> Infrastructure:
    from diagramkit.infrastructure.readers import cloudformation

    named = [cloudformation.NamedTemplate("", file, text)]
    named += [cloudformation.NamedTemplate(PurePath(path).stem, path, other, is_context=True) for path, other in others]
    return cloudformation.read(named, title_of(file), files)


def _read_kubernetes(text: str, file: str, files: ProjectFiles, _others: _Others) -> Infrastructure:
    from diagramkit.infrastructure.readers import kubernetes

    return kubernetes.read(text, file, title_of(file), files)


def _read_compose(text: str, file: str, files: ProjectFiles, _others: _Others) -> Infrastructure:
    from diagramkit.infrastructure.readers import docker_compose

    return docker_compose.read(text, file, title_of(file), files)


_READERS: Mapping[str, Callable[[str, str, ProjectFiles, _Others], Infrastructure]] = {
    "cdk": _read_cdk,
    "cloudformation": _read_cloudformation,
    "compose": _read_compose,
    "kubernetes": _read_kubernetes,
    "terraform_graph": _read_terraform_graph,
    "terraform_hcl": _read_terraform_hcl,
    "terraform_json": _read_terraform_json,
}
"""The readers by the kinds of templates. They are imported when they are needed."""


def _is_same(path: str, other: str) -> bool:
    return PurePath(path).name == PurePath(other).name


def title_of(file: str) -> str:
    """Return the title of a diagram for a file: its name, or that of its folder if the name says nothing."""
    path = PurePath(file)
    stem = path.name
    while PurePath(stem).suffix in _EXTENSIONS:
        stem = PurePath(stem).stem
    if stem in _EMPTY_NAMES and path.parent.name:
        return path.parent.name
    return stem
