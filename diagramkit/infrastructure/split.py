"""Split the graph of a template into one for each stack, or each outermost module of Terraform.

The graph of a stack has its own nodes in their frames, and what they are connected with: services and users as they
are, and nodes of other stacks in a frame with the title of their stack. What other stacks do among themselves is not
shown.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from diagramkit.graph import Graph, Group, Node, ResourceFate
from diagramkit.infrastructure import naming
from diagramkit.infrastructure.network import STACK, stack_title
from diagramkit.infrastructure.readers import terraform_names

_FRAME_KIND = "generic"


class StackGraph(Struct, frozen=True):
    """A stack: its name, its title, its graph and what became of its resources."""

    name: str
    title: str
    graph: Graph
    resources: tuple[ResourceFate, ...]


def by_stack(graph: Graph, resources: tuple[ResourceFate, ...]) -> list[StackGraph]:
    """Return the graph of each stack that has resources, in the order of the template."""
    resources = tuple(replace(each, stack=terraform_names.outermost(each.stack)) for each in resources)
    splitting = _Splitting(graph, resources)
    return [splitting.of(name) for name in dict.fromkeys(resource.stack for resource in resources)]


class _Splitting:
    """The state of splitting: the stack of each node that belongs to one, and the frames of stacks by their names."""

    def __init__(self, graph: Graph, resources: tuple[ResourceFate, ...]) -> None:
        self._graph, self._resources = graph, resources
        stacks: dict[str | None, str] = {resource.address: resource.stack for resource in resources}
        self._stack_of_resource = stacks
        self._stack_of = {node.id: stacks[node.resource] for node in graph.nodes if node.resource in stacks}
        names = set(stacks.values())
        self._frames = {
            group.resource: group for group in graph.groups if group.kind == _FRAME_KIND and group.resource in names
        }

    def of(self, stack: str) -> StackGraph:
        """Return the graph of one stack."""
        own = {node.id for node in self._graph.nodes if self._stack_of.get(node.id) == stack}
        edges = tuple(edge for edge in self._graph.edges if edge.source in own or edge.target in own)
        near = own | {end for edge in edges for end in (edge.source, edge.target)}
        shown = [node for node in self._graph.nodes if node.id in near]
        others = dict.fromkeys(
            self._stack_of[node.id] for node in shown if node.id in self._stack_of and node.id not in own
        )
        boundaries = {name: self._boundary(name) for name in others}
        own_frame = self._frames.get(stack)
        nodes = tuple(self._placed(node, node.id in own, own_frame, boundaries) for node in shown)
        groups = (*self._own_groups(nodes, stack), *boundaries.values())
        title = self._title(stack)
        graph = replace(self._graph, nodes=nodes, edges=edges, groups=groups, title=title, warnings=())
        return StackGraph(stack, title, graph, tuple(each for each in self._resources if each.stack == stack))

    def _title(self, stack: str) -> str:
        title = self._graph.title or ""
        return f"{title}: {stack_title(stack)}" if stack else title

    def _boundary(self, stack: str) -> Group:
        """Return the frame around what is shown of another stack."""
        existing = self._frames.get(stack)
        title = _boundary_title(stack, self._graph.title or "")
        if existing:
            return replace(existing, label=title, parent=None)
        span = next(each.span for each in self._graph.nodes if self._stack_of.get(each.id) == stack)
        name = naming.identifier(f"{STACK}{stack}")
        return Group(self._free_id(name), title, span, kind=_FRAME_KIND, resource=stack or None)

    def _free_id(self, name: str) -> str:
        used = {each.id for each in self._graph.nodes_and_groups}
        candidate, number = name, 2
        while candidate in used:
            candidate, number = f"{name}_{number}", number + 1
        return candidate

    def _placed(self, node: Node, is_own: bool, own_frame: Group | None, boundaries: dict[str, Group]) -> Node:
        """Return a node in its frame: the stack's own nodes have no frame for the stack, others only that one."""
        if not is_own:
            stack = self._stack_of.get(node.id)
            return replace(node, group=boundaries[stack].id if stack in boundaries else None)
        return replace(node, group=None) if own_frame and node.group == own_frame.id else node

    def _own_groups(self, nodes: tuple[Node, ...], stack: str) -> list[Group]:
        """Return the frames around nodes and those that the stack declares, outer ones first; none of stacks."""
        declared = [group.id for group in self._graph.groups if self._stack_of_resource.get(group.resource) == stack]
        places = [*declared, *(node.group for node in nodes)]
        used = {group.id for place in places for group in self._graph.ancestors(place)}
        skipped = {group.id for group in self._frames.values()}
        return [
            replace(group, parent=None if group.parent in skipped else group.parent)
            for group in self._graph.groups
            if group.id in used - skipped
        ]


def _boundary_title(stack: str, template: str) -> str:
    """Return the title of the frame around what is shown of another stack: `Data stack`, `Network module`."""
    title = stack_title(stack) if stack else template
    noun = "module" if "module." in stack else "stack"
    return title if title.lower().endswith(noun) else f"{title} {noun}"
