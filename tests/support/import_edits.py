"""Random templates, random changes of them and random edits of their specs, as people make them."""

from __future__ import annotations

import random
from typing import Any

import yaml

Data = dict[str, Any]
_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "indigo", "juniper", "kelp", "lotus")
_TYPES = ("AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::DynamoDB::Table", "AWS::S3::Bucket")
_ICONS = ("aws.compute.EC2", "aws.database.RDS", "none", "aws.general.User")


class RandomTemplate:
    """A template of CloudFormation with functions, what they use, and networks; `text` is the current one."""

    def __init__(self, source: random.Random) -> None:
        self._random = source
        self._number = 0
        self._resources: Data = {}
        for _ in range(source.randint(3, 7)):
            self.change()

    @property
    def text(self) -> str:
        """The template."""
        return yaml.safe_dump({"Resources": self._resources or {"None": {"Type": "AWS::IAM::Role"}}}, sort_keys=False)

    def change(self) -> None:
        """Change something."""
        functions, others = self._of("AWS::Lambda::Function"), [*map(self._of, _TYPES)]
        steps = [self._add_function, self._add_other, self._add_other, self._add_network, self._connect, self._connect]
        if functions or any(others):
            steps += [
                self._remove,
                self._remove,
                self._retype,
                self._move,
                self._move,
                self._renumber,
                self._disconnect,
            ]
        self._random.choice(steps)()

    def _of(self, *types: str) -> list[str]:
        return [name for name, each in self._resources.items() if each["Type"] in types]

    def _name(self) -> str:
        self._number += 1
        first, second = divmod(self._number, len(_WORDS))
        return f"{_WORDS[first].title()}{_WORDS[second].title()}"

    def _add_function(self) -> None:
        self._resources[self._name()] = {"Type": "AWS::Lambda::Function", "Properties": {}}

    def _add_other(self) -> None:
        self._resources[self._name()] = {"Type": self._random.choice(_TYPES)}

    def _add_network(self) -> None:
        vpcs = self._of("AWS::EC2::VPC")
        if not vpcs or self._random.random() < 0.3:
            vpcs = [self._name()]
            self._resources[vpcs[0]] = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
        vpc = {"Ref": self._random.choice(vpcs)}
        self._resources[f"{self._name()}Subnet"] = {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": vpc}}
        self._move()

    def _connect(self) -> None:
        functions, targets = self._of("AWS::Lambda::Function"), self._of("AWS::SQS::Queue", "AWS::DynamoDB::Table")
        if functions and targets:
            properties = {
                "FunctionName": {"Ref": self._random.choice(functions)},
                "EventSourceArn": {"Fn::GetAtt": [self._random.choice(targets), "Arn"]},
            }
            self._resources[f"{self._name()}Mapping"] = {
                "Type": "AWS::Lambda::EventSourceMapping",
                "Properties": properties,
            }

    def _disconnect(self) -> None:
        if mappings := self._of("AWS::Lambda::EventSourceMapping"):
            del self._resources[self._random.choice(mappings)]

    def _remove(self) -> None:
        name = self._random.choice([*self._resources])
        del self._resources[name]
        for other in [*self._resources]:
            if f"'{name}'" in str(self._resources[other].get("Properties")):
                if self._resources[other]["Type"] == "AWS::Lambda::Function":
                    self._resources[other]["Properties"] = {}
                else:
                    del self._resources[other]

    def _retype(self) -> None:
        if others := self._of(*_TYPES):
            self._resources[self._random.choice(others)]["Type"] = self._random.choice(_TYPES)

    def _move(self) -> None:
        """Put a function into a subnet, or out of its subnet."""
        functions, subnets = self._of("AWS::Lambda::Function"), self._of("AWS::EC2::Subnet")
        if functions and subnets:
            function = self._resources[self._random.choice(functions)]
            place = {"VpcConfig": {"SubnetIds": [{"Ref": self._random.choice(subnets)}]}}
            function["Properties"] = self._random.choice([place, place, {}])

    def _renumber(self) -> None:
        if vpcs := self._of("AWS::EC2::VPC"):
            network = f"10.{self._random.randint(0, 99)}.0.0/16"
            self._resources[self._random.choice(vpcs)]["Properties"] = {"CidrBlock": network}


class SpecEditor:
    """Edits a spec as a person does, and remembers what has to survive.

    `labels` and `icons` are those that were given to a resource, by its address; `own_nodes` and `own_edges` were
    added by hand.
    """

    def __init__(self, source: random.Random) -> None:
        self._random = source
        self._number = 0
        self.labels: dict[str, str] = {}
        self.icons: dict[str, str] = {}
        self.own_nodes: dict[str, Data] = {}
        self.own_edges: dict[str, tuple[str, str]] = {}

    def edit(self, text: str) -> str:
        """Return the text of a spec after some edits."""
        spec = yaml.safe_load(text)
        steps = (
            self._rename,
            self._rename,
            self._change_icon,
            self._hide,
            self._hide_edge,
            self._move,
            self._move,
            self._add_node,
            self._add_edge,
            self._add_edge,
            self._add_group,
            self._rename_group,
            self._dissolve,
            self._reorder,
            self._change_id,
            self._label_edge,
            self._add_texts,
        )
        for _ in range(self._random.randint(0, 4)):
            self._random.choice(steps)(spec)
        return self._written(spec)

    def _new(self, prefix: str) -> str:
        self._number += 1
        return f"{prefix}{self._number}"

    def _node(self, spec: Data) -> str | None:
        return self._random.choice([*spec["nodes"]]) if spec["nodes"] else None

    def _rename(self, spec: Data) -> None:
        if name := self._node(spec):
            node = spec["nodes"][name]
            node["label"] = self._new("Renamed: ")
            if "resource" in node:
                self.labels[node["resource"]] = node["label"]
            elif name in self.own_nodes:
                self.own_nodes[name] = dict(node)

    def _change_icon(self, spec: Data) -> None:
        if name := self._node(spec):
            node = spec["nodes"][name]
            node["icon"] = self._random.choice(_ICONS)
            if "resource" in node:
                self.icons[node["resource"]] = node["icon"]
            elif name in self.own_nodes:
                self.own_nodes[name] = dict(node)

    def _hide(self, spec: Data) -> None:
        name = self._node(spec)
        if name is None:
            return
        node = spec["nodes"].pop(name)
        for known in (self.labels, self.icons):
            known.pop(node.get("resource"), None)
        self.own_nodes.pop(name, None)
        for edge in list(spec.get("edges", ())):
            if name in edge_ends(edge):
                self._forget_edge(edge)
                spec["edges"].remove(edge)
        for group in groups_of(spec).values():
            group["nodes"] = [other for other in group.get("nodes", ()) if other != name]

    def _hide_edge(self, spec: Data) -> None:
        if spec.get("edges"):
            edge = spec["edges"].pop(self._random.randrange(len(spec["edges"])))
            self._forget_edge(edge)

    def _forget_edge(self, edge: Any) -> None:
        self.own_edges.pop(edge_label(edge), None)

    def _move(self, spec: Data) -> None:
        name, groups = self._node(spec), groups_of(spec)
        if name is None:
            return
        for group in groups.values():
            group["nodes"] = [other for other in group.get("nodes", ()) if other != name]
        target = self._random.choice([None, *groups])
        if target:
            groups[target]["nodes"].append(name)

    def _add_node(self, spec: Data) -> None:
        name = self._new("own")
        spec["nodes"][name] = {"label": self._new("Own "), "icon": "none"}
        self.own_nodes[name] = dict(spec["nodes"][name])
        groups = groups_of(spec)
        if groups and self._random.random() < 0.5:
            groups[self._random.choice([*groups])].setdefault("nodes", []).append(name)

    def _add_edge(self, spec: Data) -> None:
        source, target = self._node(spec), self._node(spec)
        if source is None or target is None:
            return
        label = self._new("own edge ")
        form = self._random.choice([{"from": source, "to": target, "label": label}, {f"{source} -> {target}": label}])
        spec.setdefault("edges", []).insert(self._random.randint(0, len(spec.get("edges", ()))), form)
        self.own_edges[label] = (source, target)

    def _add_group(self, spec: Data) -> None:
        groups = groups_of(spec)
        places = [spec, *groups.values()]
        name = self._new("tier")
        members = [node for node in spec["nodes"] if self._random.random() < 0.2]
        for group in groups.values():
            group["nodes"] = [node for node in group.get("nodes", ()) if node not in members]
        self._random.choice(places).setdefault("groups", {})[name] = {"label": f"Tier {name}", "nodes": members}

    def _rename_group(self, spec: Data) -> None:
        if groups := groups_of(spec):
            groups[self._random.choice([*groups])]["label"] = self._new("Renamed group ")

    def _dissolve(self, spec: Data) -> None:
        """Remove a group and leave what is in it where the group was."""
        parents: list[tuple[Data, str]] = []

        def visit(place: Data) -> None:
            for name, group in place.get("groups", {}).items():
                parents.append((place, name))
                visit(group)

        visit(spec)
        if parents:
            place, name = self._random.choice(parents)
            group = place["groups"].pop(name)
            place["groups"].update(group.get("groups", {}))
            if place is not spec:
                place.setdefault("nodes", []).extend(group.get("nodes", ()))

    def _reorder(self, spec: Data) -> None:
        names = [*spec["nodes"]]
        self._random.shuffle(names)
        spec["nodes"] = {name: spec["nodes"][name] for name in names}

    def _change_id(self, spec: Data) -> None:
        """Give a generated node another id, everywhere."""
        names = [name for name, node in spec["nodes"].items() if "resource" in node]
        if not names:
            return
        old, new = self._random.choice(names), self._new("renamed")
        spec["nodes"] = {(new if name == old else name): node for name, node in spec["nodes"].items()}
        edges = []
        for edge in spec.get("edges", ()):
            if "from" in edge:
                edges.append({key: new if key in ("from", "to") and end == old else end for key, end in edge.items()})
            else:
                source, target = (new if end == old else end for end in edge_ends(edge))
                edges.append({f"{source} -> {target}": edge_label(edge)})
        spec["edges"] = edges
        for group in groups_of(spec).values():
            group["nodes"] = [new if name == old else name for name in group.get("nodes", ())]
        for label, ends in self.own_edges.items():
            self.own_edges[label] = (new if ends[0] == old else ends[0], new if ends[1] == old else ends[1])

    def _label_edge(self, spec: Data) -> None:
        generated = [
            edge for edge in spec.get("edges", ()) if "from" in edge and edge_label(edge) not in self.own_edges
        ]
        if generated:
            self._random.choice(generated)["label"] = self._new("Edited edge ")

    def _add_texts(self, spec: Data) -> None:
        spec["notes"] = self._new("Note ")
        spec["components"] = [self._new("Component ")]

    # Writing

    def _written(self, spec: Data) -> str:
        """Return a spec as YAML in a random style, with comments."""
        for place in [spec, *groups_of(spec).values()]:
            for key in ("groups", "nodes", "edges"):
                if key in place and not place[key] and not (place is spec and key == "nodes"):
                    del place[key]
        style = self._random.choice([False, None, False])
        text = yaml.safe_dump(spec, default_flow_style=style, sort_keys=False, allow_unicode=True, width=1000)
        indent = self._random.choice([1, 2, 3])
        if indent > 1 and style is False:
            text = yaml.safe_dump(spec, default_flow_style=False, sort_keys=False, indent=indent, width=1000)
        lines = text.splitlines()
        for number in sorted(self._random.sample(range(len(lines)), min(4, len(lines))), reverse=True):
            comment = self._new("# comment ")
            if self._random.random() < 0.5:
                lines[number] += f"  {comment}."
            else:
                lines.insert(number, " " * self._random.randint(0, 4) + f"{comment}.")
        end = self._random.choice(["\n", "\n", "\r\n"])
        return end.join(lines) + self._random.choice([end, end, ""])


def groups_of(spec: Data) -> dict[str, Data]:
    """Return all groups of a spec by id."""
    result: dict[str, Data] = {}

    def visit(place: Data) -> None:
        for name, group in place.get("groups", {}).items():
            result[name] = group
            visit(group)

    visit(spec)
    return result


def edge_ends(edge: Any) -> tuple[str, str]:
    """Return the ids at the ends of an entry of `edges:` in one of the forms that are used here."""
    if "from" in edge:
        return edge["from"], edge["to"]
    line = next(iter(edge)) if isinstance(edge, dict) else edge
    source, target = line.replace("-->", "->").split(" -> ")
    return source, target


def edge_label(edge: Any) -> str:
    """Return the label of an entry of `edges:`, or an empty text."""
    if isinstance(edge, str):
        return ""
    return str(edge.get("label", "") if "from" in edge else next(iter(edge.values())))
