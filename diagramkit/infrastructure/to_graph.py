"""Turn the model into a graph: nodes and edges with labels and icons, frames, and the fate of each resource."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from diagramkit.diagnostics import Diagnostic, Span
from diagramkit.graph import Edge, Graph, Group, Node, ResourceFate
from diagramkit.infrastructure import alike, grants, levels, naming, network, paths
from diagramkit.infrastructure import connections as evidence
from diagramkit.infrastructure.connections import SERVICE, Connection
from diagramkit.infrastructure.fates import Model
from diagramkit.infrastructure.levels import View
from diagramkit.infrastructure.network import Frames
from diagramkit.infrastructure.records import EXTERNAL, Infrastructure, Resource
from diagramkit.infrastructure.rules import Rules, type_words

_USERS = "users"
_USERS_ICON = "aws.general.Users"
_SHAPE = "square"
_TOO_MANY = "there are more than a picture should show; --level detail shows it"


class _Item(Struct, frozen=True):
    """A node of the graph: its id, label and icon, the resources that it stands for, and its frame."""

    id: str
    label: str
    icon: str | None
    resources: tuple[str, ...]
    frame: str | None
    span: Span


def build(infrastructure: Infrastructure, rules: Rules, view: View) -> tuple[Graph, tuple[ResourceFate, ...]]:
    """Return the graph of an infrastructure and the fates of its resources. Raises `DiagramError`."""
    return _Building(Model(infrastructure, rules), view).build()


class _Building:
    """The state of building a graph."""

    def __init__(self, model: Model, view: View) -> None:
        self._model, self._view = model, view
        self._ids: dict[str, str] = {}
        self._used_ids: set[str] = set()
        self._singles: frozenset[str] = frozenset()
        self._prefix = ""  # What the names of all nodes begin with.

    def build(self) -> tuple[Graph, tuple[ResourceFate, ...]]:
        model, infrastructure = self._model, self._model.infrastructure
        connections = evidence.find(model)
        hidden = self._hidden(connections)
        visible = [address for address, reason in hidden.items() if not reason]
        frames = network.find(model, visible, merge_zones=self._view.zones == "merged")
        shown = set(visible)
        self._singles = frames.singles
        resources = [model.resources[address] for address in visible]
        self._prefix = naming.common_prefix([self._hints(each)[0] for each in resources if each.origin == "declared"])
        edges = [edge for edge in connections if all(end in shown or end.startswith(SERVICE) for end in edge.ends)]
        edges += evidence.for_isolated(model, edges, shown)
        users = self._entries(edges, shown)
        edges += network.routed(model, frames, shown)
        replicas, left_out = self._replicas(visible, frames, edges, users)
        hidden |= dict.fromkeys(left_out, _TOO_MANY)
        edges = [edge for edge in edges if not {edge.source, edge.target} & left_out]
        users = [address for address in users if address not in left_out]
        items = self._items(replicas, frames)
        frames = network.with_content(frames, [item.frame for item in items.values()], edges)
        groups = tuple(self._groups(frames))
        return (
            Graph(
                nodes=tuple(self._nodes(items, bool(users), edges)),
                edges=tuple(self._edges(items, edges, users)),
                groups=groups,
                title=infrastructure.title,
                warnings=(*infrastructure.problems, *self._unknown_types()),
            ),
            tuple(self._fates(hidden, frames)),
        )

    # What is shown

    def _hidden(self, connections: list[Connection]) -> dict[str, str]:
        model = self._model
        hidden = levels.visible_nodes(model, self._view)
        near = levels.in_focus(model, self._view, connections, model.infrastructure.span.file)
        candidates = {address for address, reason in hidden.items() if not reason}
        visible = [
            edge for edge in connections if all(end in candidates or end.startswith(SERVICE) for end in edge.ends)
        ]
        ends = {end for edge in visible for end in edge.ends}
        for address in hidden:
            if near is not None and address not in near and not hidden[address]:
                hidden[address] = "it is not near the focus"
            elif not hidden[address] and model.resources[address].origin != "declared" and address not in ends:
                hidden[address] = "nothing in the template uses it"
        return hidden

    def _entries(self, edges: list[Connection], shown: set[str]) -> list[str]:
        """Return the nodes that users reach: public ones that nothing else leads to."""
        public = [address for address in shown_in_order(self._model, shown) if self._is_public(address)]
        targets: dict[str, list[str]] = {}
        for edge in edges:
            targets.setdefault(edge.source, []).append(edge.target)
        behind: set[str] = set()
        for address in public:
            if address not in behind:
                behind |= _reachable(address, targets) - {address}
        return [address for address in public if address not in behind]

    def _is_public(self, address: str) -> bool:
        model = self._model
        parts = [other for other in model.referring_to(address) if address in model.decisions[other].hosts]
        return any(_is_public(model.resources[each], model.decisions[each].rule.public) for each in (address, *parts))

    # Nodes

    def _items(self, replicas: list[list[str]], frames: Frames) -> dict[str, _Item]:
        """Return the node of each visible resource; replicas share one, in the frame around all of them."""
        items: dict[str, _Item] = {}
        for members in replicas:
            first = self._model.resources[members[0]]
            rule = self._model.decisions[first.address].rule
            count = max(len(members), sum(self._model.resources[member].replicas for member in members))
            item = _Item(
                id=self._id(first.address),
                label=self._label([self._model.resources[member] for member in members], count),
                icon=rule.icon,
                resources=tuple(members),
                frame=frames.around(members),
                span=first.span,
            )
            items |= dict.fromkeys(members, item)
        return items

    def _replicas(
        self, visible: list[str], frames: Frames, edges: list[Connection], users: list[str]
    ) -> tuple[list[list[str]], set[str]]:
        """Return the visible resources, those together that differ only in a number or a zone, or are too many.

        The second result are those that are left out because there are still too many.
        """
        neighbors: dict[str, set[tuple[str, str]]] = {}
        for edge in edges:
            neighbors.setdefault(edge.source, set()).add(("to", edge.target))
            neighbors.setdefault(edge.target, set()).add(("from", edge.source))
        groups: dict[tuple[Any, ...], list[str]] = {}
        for address in visible:
            resource = self._model.resources[address]
            same = (
                resource.type,
                resource.stack,
                naming.replica_stem(address) or (address,),
                frames.of_node.get(address),
                tuple(sorted(neighbors.get(address, ()))),
                address in users,
            )
            groups.setdefault(same, []).append(address)
        services = {end for edge in edges for end in edge.ends if end.startswith(SERVICE)}
        most = alike.limit(self._model, self._view, len(services) + bool(users))
        keys = alike.keys(self._model, neighbors, frames.of_node, users)
        merged = alike.merged(list(groups.values()), keys, most)
        left_out = alike.least_important(self._model, merged, neighbors, most)
        return [group for group in merged if left_out.isdisjoint(group)], left_out

    def _label(self, resources: list[Resource], count: int) -> str:
        resource = resources[0]
        rule = self._model.decisions[resource.address].rule
        hints = self._hints(resource)
        if len(resources) > 1 and hints:
            stems = dict.fromkeys(naming.stem(self._hints(each)[0]) for each in resources)
            hints = (*stems, *hints[1:]) if len(stems) == 1 else (alike.common_name(list(stems)),)
        if resource.type == EXTERNAL:
            name = naming.sentence(naming.words_of(hints[0]))
        else:
            name = naming.name_of(hints, resource.type, rule)
        lines = list(filter(None, (rule.name, name))) or [naming.sentence(type_words(resource.type))]
        if count > 1 and lines:
            lines[0] += f" ×{count}"
        return "<br>".join(lines)

    def _hints(self, resource: Resource) -> tuple[str, ...]:
        """Return the texts to make a name from, without what all names begin with.

        The only node of a module is better known by the name of the module.
        """
        first, *others = resource.name_hints
        if resource.address in self._singles and others:
            first, others = others[0], [first, *others[1:]]
        return (first.removeprefix(self._prefix) or first, *others)

    def _id(self, address: str) -> str:
        """Return the id for an address, which no other one has."""
        if address not in self._ids:
            base = naming.identifier(address)
            candidate, number = base, 2
            while candidate in self._used_ids:
                candidate, number = f"{base}_{number}", number + 1
            self._used_ids.add(candidate)
            self._ids[address] = candidate
        return self._ids[address]

    def _nodes(self, items: dict[str, _Item], has_users: bool, edges: list[Connection]) -> Iterator[Node]:
        span = self._model.infrastructure.span
        if has_users:
            yield Node(self._id(_USERS), "Users", _SHAPE, span, icon=_USERS_ICON)
        for item in dict.fromkeys(items.values()):
            frame = self._id(item.frame) if item.frame else None
            resource = self._model.resources[item.resources[0]]
            yield Node(item.id, item.label, _SHAPE, item.span, frame, icon=item.icon, resource=resource.address)
        for service in dict.fromkeys(end for edge in edges for end in edge.ends if end.startswith(SERVICE)):
            name, icon = grants.service_node(service.removeprefix(SERVICE))
            yield Node(self._id(service), name, _SHAPE, span, icon=icon)

    # Edges

    def _edges(self, items: dict[str, _Item], edges: list[Connection], users: list[str]) -> Iterator[Edge]:
        span = self._model.infrastructure.span
        for item in dict.fromkeys(items[address] for address in users):
            yield Edge(self._id(_USERS), item.id, span)
        seen: set[tuple[str, str]] = set()
        for edge in edges:
            source, target = (items[end].id if end in items else self._id(end) for end in (edge.source, edge.target))
            if source == target or (source, target) in seen:
                continue
            seen.add((source, target))
            resource = self._model.resources.get(edge.address)
            yield Edge(
                source,
                target,
                resource.span if resource else span,
                edge.label,
                stroke="dotted" if edge.is_dotted else "normal",
                resource=edge.address if resource else None,
            )

    # Frames

    def _groups(self, frames: Frames) -> Iterator[Group]:
        for frame in frames.by_address.values():
            resource = self._model.resources.get(frame.address)
            yield Group(
                id=self._id(frame.address),
                label=frame.title,
                span=resource.span if resource else self._model.infrastructure.span,
                parent=self._id(frame.parent) if frame.parent else None,
                kind=frame.kind,
                resource=frame.address.removeprefix(network.STACK),
            )

    # Fates

    def _fates(self, hidden: dict[str, str], frames: Frames) -> Iterator[ResourceFate]:
        model = self._model
        framed = {address for frame in frames.by_address.values() for address in frame.resources}
        names = {"fold": "folded", "edge": "edge", "carrier": "carrier", "drop": "dropped"}
        for address, resource in model.resources.items():
            if resource.origin != "declared":
                continue
            decision = model.decisions[address]
            host: str | None = decision.hosts[0] if decision.hosts else None
            fate, reason = names.get(decision.kind, ""), decision.reason
            if decision.kind == "node":
                fate, reason = ("hidden", hidden[address]) if hidden[address] else ("drawn", reason)
                host = None
            elif decision.kind == "group":
                fate, reason = ("group", reason) if address in framed else ("hidden", "nothing that is drawn is in it")
            yield ResourceFate(address, resource.type, fate, reason, host, resource.stack)

    def _unknown_types(self) -> Iterator[Diagnostic]:
        """Yield a warning for each unknown type, at its first resource."""
        seen: set[str] = set()
        for address, resource in self._model.resources.items():
            decision = self._model.decisions[address]
            if not decision.rule.known and decision.kind == "node" and resource.type not in seen:
                seen.add(resource.type)
                message = (
                    f"there is no rule for the type '{resource.type}', so it is drawn with all its references; add a "
                    "rule to a table of your own ('rules' under [infrastructure])"
                )
                yield Diagnostic("unknown-type", message, resource.span, "warning")


def _reachable(start: str, targets: dict[str, list[str]]) -> set[str]:
    """Return what edges lead to from a node, in one or more steps."""
    reached: set[str] = set()
    pending = [start]
    while pending:
        for target in targets.get(pending.pop(), ()):
            if target not in reached:
                reached.add(target)
                pending.append(target)
    return reached


def shown_in_order(model: Model, shown: Iterable[str]) -> list[str]:
    """Return addresses in the order of the template."""
    known = set(shown)
    return [address for address in model.resources if address in known]


def _is_public(resource: Resource, public: bool | dict[str, str]) -> bool:
    """Return whether everybody can reach a resource, by what its rule says."""
    if isinstance(public, bool):
        return public
    for path, values in public.items():
        allowed = values.split("|")
        values_at = [str(value) for value in _leaves(resource, path)]
        if not (any(value in allowed for value in values_at) or (not values_at and "" in allowed)):
            return False
    return True


def _leaves(resource: Resource, path: str) -> Iterator[object]:
    for value in paths.find(resource.properties, [path]):
        for leaf in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(leaf, (str, bool, int)):
                yield leaf
