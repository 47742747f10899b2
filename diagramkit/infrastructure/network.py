"""Find the frames: VPCs, subnets by tier, clusters and stacks, and which node is in which."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec import Struct

from diagramkit.infrastructure import naming, paths, rules
from diagramkit.infrastructure.connections import TYPED, Connection
from diagramkit.infrastructure.fates import Model
from diagramkit.infrastructure.locations import Locations
from diagramkit.infrastructure.records import Frame, Resource, Stack
from diagramkit.infrastructure.routes import Routes
from diagramkit.infrastructure.rules import cloudformation_type

_SUBNET = "AWS::EC2::Subnet"
_GATEWAY = "AWS::EC2::InternetGateway"
_CIDR = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}/[0-9]{1,2}")
_ZONE = re.compile(r"[a-z]{2}(?:-[a-z]{2,12}){1,2}-[0-9][a-z]|Availability Zone [0-9]")
_ZONE_MARK = re.compile(r"\[([0-9])\]\}?\Z|(?:\}|\A)([a-f])\Z")
_MARK_LENGTH = 5
_PUBLIC = re.compile(r"public|dmz|ingress|external", re.I)
_PRIVATE = re.compile(r"private|internal|isolated", re.I)
_SECURITY_GROUPS = ("**.{SecurityGroupIds,SecurityGroups,VPCSecurityGroups,VpcSecurityGroupIds,SecurityGroupId}",)
_VPC_OF_GROUP = ("VpcId",)
_PLUMBING = ("AWS::EC2::NatGateway", _GATEWAY, "AWS::EC2::VPCEndpoint", "AWS::EC2::VPCGatewayAttachment")
_MAX_DEPTH = 8
_MAX_SINGLE = 3
"""How many modules with a single node may be frames. More frames would only repeat what is in them."""
_MODULE = "module."
STACK = "stack:"
"""The addresses of the frames of stacks begin like this."""


class Frames(Struct, frozen=True):
    """All frames by address, outer ones first, and the address of the frame of each node that is in one.

    `singles` are the nodes that are all that is drawn of their module, which is no frame then.
    """

    by_address: dict[str, Frame]
    of_node: dict[str, str]
    singles: frozenset[str] = frozenset()

    def around(self, nodes: Iterable[str]) -> str | None:
        """Return the innermost frame around all of some nodes, or None."""
        chains = [list(self.chain(self.of_node.get(node))) for node in nodes]
        return next((frame for frame in chains[0] if all(frame in chain for chain in chains[1:])), None)

    def chain(self, address: str | None) -> Iterator[str]:
        """Yield a frame and those around it, outwards."""
        while address is not None:
            yield address
            address = self.by_address[address].parent


def find(model: Model, visible: Iterable[str], merge_zones: bool = True) -> Frames:
    """Return the frames and what is in them. `visible` are the nodes that are drawn."""
    return _Framing(model, merge_zones).find(list(visible))


def routed(model: Model, frames: Frames, shown: Collection[str]) -> Iterator[Connection]:
    """Yield the edges from the frames of subnets to the gateways that their routes lead to."""
    routes = Routes(model)
    for frame in frames.by_address.values():
        gateways = {gateway: route for subnet in frame.resources for gateway, route in routes.of_subnet(subnet).items()}
        for gateway, route in gateways.items():
            if gateway in shown and frames.of_node.get(gateway) != frame.address:
                yield Connection(frame.address, gateway, TYPED, "", route)


def with_content(frames: Frames, of_items: Iterable[str | None], edges: Iterable[Connection]) -> Frames:
    """Return the frames without those whose nodes are all drawn elsewhere. Frames at the ends of edges stay."""
    filled = {around for frame in frames.of_node.values() for around in frames.chain(frame)}
    ends = {end for edge in edges for end in (edge.source, edge.target) if end in frames.by_address}
    needed = {around for frame in (*of_items, *ends) for around in frames.chain(frame)}
    by_address = {address: frame for address, frame in frames.by_address.items() if address not in filled - needed}
    return Frames(by_address, frames.of_node, frames.singles)


class _Framing:
    """The state of finding frames. `_frame_of` maps the resources that are groups to the address of their frame."""

    def __init__(self, model: Model, merge_zones: bool) -> None:
        self._model = model
        self._groups = [address for address, decision in model.decisions.items() if decision.kind == "group"]
        self._subnet_frames: dict[str, str] = {}
        self._frames: dict[str, Frame] = {}
        self._cluster_places: dict[str, list[str | None]] = {}  # Where the members of each cluster are.
        self._singles: set[str] = set()
        self._merge = merge_zones
        self._routes = Routes(model)

    def find(self, visible: list[str]) -> Frames:
        model = self._model
        for address in self._groups:
            resource = model.resources[address]
            if model.decisions[address].rule.group_kind != "vpc":
                continue
            self._frames[address] = Frame(address, _vpc_title(resource), "vpc", None, (address,))
        self._add_subnets()
        of_node = {address: frame for address in visible if (frame := self._place(address, 0))}
        self._add_clusters(of_node)
        frames = Locations(model, visible).add(self._with_stacks(visible, of_node), of_node, visible)
        components = {
            address: frame
            for address, frame in of_node.items()
            if cloudformation_type(self._model.resources[address].type) not in _PLUMBING
        }
        shown = set(visible)
        subnets = [frame for frame in self._subnet_frames if not self._merge or self._is_routed(frame, shown)]
        needed = [*of_node.values(), *(self._subnet_frames[subnet] for subnet in subnets)]
        if not visible:
            needed += [address for address, frame in frames.items() if frame.kind == "vpc"]
        return Frames(_used(frames, needed, components), of_node, frozenset(self._singles))

    def _is_routed(self, subnet: str, shown: set[str]) -> bool:
        """Return whether a subnet leads to a gateway that is drawn, so that the edge needs its frame."""
        return not self._routes.of_subnet(subnet).keys().isdisjoint(shown)

    def _of_type(self, type_name: str) -> list[str]:
        resources = self._model.resources
        return [address for address in self._groups if cloudformation_type(resources[address].type) == type_name]

    # Subnets

    def _add_subnets(self) -> None:
        """Add a frame for each tier of subnets of a VPC, or for each subnet."""
        tiers: dict[tuple[str | None, bool, str], list[str]] = {}
        for address in self._of_type(_SUBNET):
            resource = self._model.resources[address]
            vpc = next(iter(self._frames_at(resource, ["VpcId"])), None)
            is_public = self._routes.is_public(address) or _is_public_by_name(resource)
            stem = naming.stem(self._hint_in(resource, vpc), rules.word_list("subnets")) if self._merge else address
            tiers.setdefault((vpc, is_public, stem), []).append(address)
        zones = self._zones(tiers.values()) if not self._merge else {}
        for (vpc, is_public, stem), members in tiers.items():
            count = max(len(members), *(self._model.resources[member].replicas for member in members))
            hint = self._hint_in(self._model.resources[members[0]], vpc)
            title = _tier_title(stem, is_public, count) if self._merge else _subnet_title(hint)
            kind = "public-subnet" if is_public else "private-subnet"
            parent = vpc
            if zone := zones.get(members[0]):
                parent = f"zone:{vpc or ''}:{zone}"
                self._frames.setdefault(parent, Frame(parent, zone, "availability-zone", vpc, ()))
            self._frames[members[0]] = Frame(members[0], title, kind, parent, tuple(members))
            self._subnet_frames |= dict.fromkeys(members, members[0])

    def _hint_in(self, subnet: Resource, vpc: str | None) -> str:
        """Return the text to make the name of a subnet from, without that of its VPC."""
        outer, hint = _hint(self._model.resources[vpc]) if vpc else "", _hint(subnet)
        return hint[len(outer) :] if outer and hint.lower().startswith(outer.lower()) else hint

    def _zones(self, tiers: Iterable[list[str]]) -> dict[str, str]:
        """Return the availability zone of each subnet; empty if that of one is not known or all are in one."""
        zones = {address: _zone(self._model.resources[address]) for tier in tiers for address in tier}
        return zones if all(zones.values()) and len(set(zones.values())) > 1 else {}

    def _frames_at(self, resource: Resource, where: Iterable[str]) -> list[str]:
        """Return the frames that references at paths stand for, through what only passes a place on."""
        frames: dict[str, None] = {}
        for reference in paths.references_at(resource.properties, where):
            for address in self._resolved(reference.address, 0):
                frames[address] = None
        return list(frames)

    def _resolved(self, address: str, depth: int) -> Iterator[str]:
        if address in self._subnet_frames:
            yield self._subnet_frames[address]
        elif address in self._frames or address in self._groups:
            yield address
        elif (decision := self._model.decisions.get(address)) and decision.rule.transparent and depth < _MAX_DEPTH:
            for reference in paths.references_at(self._model.resources[address].properties, decision.rule.place):
                yield from self._resolved(reference.address, depth + 1)

    # Nodes

    def _place(self, address: str, depth: int) -> str | None:
        """Return the frame that a node is in, from its properties or from those of its parts."""
        resource, decision = self._model.resources[address], self._model.decisions[address]
        frames = self._frames_at(resource, decision.rule.place)
        parts = self._parts(address)
        for part in parts:
            frames += self._frames_at(self._model.resources[part], self._model.decisions[part].rule.place)
        clusters = [frame for frame in frames if frame not in self._frames]
        networks = [frame for frame in dict.fromkeys(frames) if frame in self._frames]
        inner = self._common(networks) or self._by_security_group(
            [resource, *(self._model.resources[part] for part in parts)]
        )
        if len(set(clusters)) > 1:  # What is in several is in none of them.
            return None
        if clusters and depth == 0:
            self._cluster_places.setdefault(clusters[0], []).append(inner)
            return clusters[0]
        return inner

    def _parts(self, address: str) -> list[str]:
        decisions = self._model.decisions
        return [other for other in self._model.referring_to(address) if address in decisions[other].hosts] + [
            reference.address
            for reference in self._model.references_of(address)
            if reference.address in decisions and address in decisions[reference.address].hosts
        ]

    def _by_security_group(self, resources: list[Resource]) -> str | None:
        """Return the VPC of the security groups of a node, if nothing else says where it is."""
        for resource in resources:
            for reference in paths.references_at(resource.properties, _SECURITY_GROUPS):
                group = self._model.resources.get(reference.address)
                if group and (frames := self._frames_at(group, _VPC_OF_GROUP)):
                    return frames[0]
        return None

    def _common(self, frames: list[str]) -> str | None:
        """Return the innermost frame around all of some frames."""
        if not frames:
            return None
        chains = [list(self._chain(frame)) for frame in frames]
        return next((frame for frame in chains[0] if all(frame in chain for chain in chains[1:])), None)

    def _chain(self, frame: str | None) -> Iterator[str]:
        while frame is not None:
            yield frame
            frame = self._frames[frame].parent if frame in self._frames else None

    # Clusters and stacks

    def _add_clusters(self, of_node: dict[str, str]) -> None:
        """Add the frames of clusters, each where its members are."""
        used = list(dict.fromkeys(frame for frame in of_node.values() if frame not in self._frames))
        for address in used:
            resource, rule = self._model.resources[address], self._model.decisions[address].rule
            own = self._common([frame for frame in self._frames_at(resource, rule.place) if frame in self._frames])
            places = self._cluster_places.get(address, [])
            parent = own or self._common([place for place in places if place])
            name = naming.name_of(resource.name_hints[:1], resource.type, rule)
            title = f"{rule.name} {name}" if name else rule.name
            self._frames[address] = Frame(address, title, rule.group_kind or "generic", parent, (address,))

    def _with_stacks(self, visible: list[str], of_node: dict[str, str]) -> dict[str, Frame]:
        """Return all frames, with those of the stacks if there are several."""
        stacks = {stack.name: stack for stack in self._model.infrastructure.stacks}
        outer = [address for address in visible if address not in of_node]
        roots = [frame.address for frame in self._frames.values() if frame.parent is None]
        names = Counter(self._root_stack(address, stacks) for address in (*roots, *visible))
        if len(names) < 2:
            return self._frames
        frames = {
            f"{STACK}{name}": Frame(f"{STACK}{name}", stack_title(name), "generic", None, ()) for name in names if name
        }
        single = {name for name, count in names.items() if count == 1 and name.startswith(_MODULE)}
        for address in outer:
            name = self._root_stack(address, stacks)
            if name in single and len(single) > _MAX_SINGLE:
                self._singles.add(address)
            elif name:
                of_node[address] = f"{STACK}{name}"
        for address in roots:
            members = [node for node, frame in of_node.items() if address in self._chain(frame)]
            spans_stacks = len({self._root_stack(node, stacks) for node in (address, *members)}) > 1
            if (name := self._root_stack(address, stacks)) and not spans_stacks:
                frame = self._frames[address]
                self._frames[address] = Frame(frame.address, frame.title, frame.kind, f"{STACK}{name}", frame.resources)
        return {**frames, **self._frames}

    def _root_stack(self, address: str, stacks: Mapping[str, Stack]) -> str:
        """Return the name of the outermost stack that is not nested in another one."""
        name = self._model.resources[address].stack
        for _ in range(_MAX_DEPTH):
            stack = stacks.get(name)
            if stack is None or stack.parent is None:
                break
            name = stack.parent
        return name


def stack_title(name: str) -> str:
    """Return the title of a stack: its name, or that of a module of Terraform as words."""
    module = name.rpartition("module.")
    return naming.sentence(naming.words_of(module[2])) if module[1] else name


def _used(frames: dict[str, Frame], needed: Iterable[str], components: dict[str, str]) -> dict[str, Frame]:
    """Return the frames that are needed and those around them; all of a VPC in which there is only network plumbing."""
    used: set[str] = set()
    for address in needed:
        current: str | None = address
        while current is not None:
            used.add(current)
            current = frames[current].parent
    for frame in frames.values():
        inside = {inner.address for inner in frames.values() if inner.parent == frame.address}
        if frame.kind == "vpc" and inside and not _has_members(frame.address, frames, components):
            used |= {frame.address, *inside}
            used |= {frame.parent} if frame.parent else set()
    ordered = [frame for frame in frames.values() if frame.address in used]
    return {frame.address: frame for frame in sorted(ordered, key=lambda frame: _depth(frame, frames))}


def _has_members(address: str, frames: dict[str, Frame], of_node: dict[str, str]) -> bool:
    inside = {address} | {frame.address for frame in frames.values() if frame.parent == address}
    return any(frame in inside or frames[frame].parent in inside for frame in of_node.values())


def _depth(frame: Frame, frames: dict[str, Frame]) -> int:
    depth = 0
    while frame.parent is not None and depth < _MAX_DEPTH:
        frame, depth = frames[frame.parent], depth + 1
    return depth


def _hint(resource: Resource) -> str:
    return resource.name_hints[0] if resource.name_hints else resource.address


def _vpc_title(resource: Resource) -> str:
    cidr = next(
        (value for value in paths.find(resource.properties, ["CidrBlock", "cidr"]) if isinstance(value, str)), ""
    )
    return f"VPC {cidr}" if _CIDR.fullmatch(cidr) else "VPC"


def _zone(resource: Resource) -> str:
    """Return the title of the availability zone of a subnet: its name, or its number or letter in an expression."""
    values = paths.find(resource.properties, ["AvailabilityZone"])
    for text in (text for value in values for text in paths.texts(value)):
        if _ZONE.fullmatch(text):
            return text
        if (mark := _ZONE_MARK.search(text[-_MARK_LENGTH:])) is not None:
            return f"Availability Zone {int(mark[1]) + 1 if mark[1] else mark[2].upper()}"
    return ""


def _subnet_title(hint: str) -> str:
    """Return the title of one subnet: `Public subnet A` for `PublicSubnetA` or `VpcPublicSubnetASubnet`."""
    ignored = rules.word_list("subnets") - {"net", "az", "zone"}
    words = [word for word in naming.words_of(hint) if word.lower() not in ignored]
    mark = words.pop() if words and len(words[-1]) == 1 else ""
    return f"{naming.sentence([*words, 'subnet'])} {mark.upper()}".rstrip()


def _tier_title(stem: str, is_public: bool, count: int) -> str:
    words = [word for word in stem.split() if word.lower() not in ("public", "private", "subnet", "subnets")]
    tier = "Public" if is_public else "Private"
    name = f"{tier} subnet" if not words else naming.sentence([*words, "subnet"])
    if is_public and words:
        name = naming.sentence([*words, "public", "subnet"])
    return f"{name}s ({count} AZs)" if count > 1 else name


def _is_public_by_name(resource: Resource) -> bool:
    if (
        resource.properties.get("MapPublicIpOnLaunch") in (True, "true")
        or resource.properties.get("map_public_ip_on_launch") is True
    ):
        return True
    text = " ".join(resource.name_hints)
    return bool(_PUBLIC.search(text)) and not _PRIVATE.search(text)
