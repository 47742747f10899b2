"""Scripts of the Python package `diagrams`."""

from __future__ import annotations

import importlib
import re

from diagramkit.sources.foreign_texts.writing import NotUnderstoodError, Writer, quoted

_IMPORT = re.compile(
    r"from\s+diagrams(?:\.(?P<module>[\w.]+))?\s+import\s+(?P<names>[\w, ]+?)(?:\s+as\s+(?P<alias>\w+))?"
)
_TEXT = r"(?:f|r)?(?P<quote>[\"'])(?P<title>[^\"']+)(?P=quote)"
_DIAGRAM = re.compile(rf"with\s+Diagram\(\s*(?:name\s*=\s*)?{_TEXT}(?P<rest>[^()]*)\)(?:\s+as\s+\w+)?\s*:")
_CLUSTER = re.compile(rf"with\s+Cluster\(\s*(?:label\s*=\s*)?{_TEXT}(?P<rest>[^()]*)\)(?:\s+as\s+\w+)?\s*:")
_NODE = re.compile(rf"(?P<id>\w+)\s*=\s*(?P<class>\w+)\(\s*(?:label\s*=\s*)?{_TEXT}\s*\)")
_INLINE = re.compile(rf"(?P<class>\b[A-Z]\w*)\(\s*{_TEXT}\s*\)")
_EDGE = re.compile(r"Edge\((?P<fields>[^()]*)\)")
_LABEL = re.compile(r"label\s*=\s*[\"'](?P<label>[^\"']*)[\"']\s*,?\s*")
_CHAIN = re.compile(
    r"(?:\w+|\[\s*\w+(?:\s*,\s*\w+)*\s*\])(?:\s*(?:>>|<<|-)\s*(?:\w+|\[\s*\w+(?:\s*,\s*\w+)*\s*\]|Edge\([^()]*\)))+"
)
_DIRECTION = re.compile(r"direction\s*=\s*[\"'](?P<direction>TB|BT|LR|RL)[\"']")


def detects(text: str) -> bool:
    """Return whether a text begins as such a script."""
    return bool(re.match(r"\s*(?:#[^\n]*\n\s*)*(?:from\s+diagrams\b|import\s+diagrams\b|with\s+Diagram\()", text))


def convert(writer: Writer) -> None:
    """Write a script as Mermaid: its classes become icons."""
    icons: dict[str, str] = {}
    clusters: list[int] = []  # Their indentations.
    writer.direction = "LR"
    last = 0
    for number, line in enumerate(writer.lines):
        text, indent = line.strip(), len(line) - len(line.lstrip())
        if not text:
            continue
        while clusters and indent <= clusters[-1]:
            clusters.pop()
            writer.close_group(last)
        last = number
        if match := _CLUSTER.fullmatch(text):
            clusters.append(indent)
            writer.open_group(number, f"{number} {match['title']}", match["title"])
            writer.comment(number, match["rest"].strip(", "))
        else:
            _line(writer, number, text, icons)
    while clusters:
        clusters.pop()
        writer.close_group(last)


def _line(writer: Writer, number: int, text: str, icons: dict[str, str]) -> None:
    if text.startswith("#"):
        writer.comment(number, text.lstrip("# "))
    elif match := _IMPORT.fullmatch(text):
        names = [name.strip() for name in match["names"].split(",")]
        if match["module"]:
            icons |= {name: f"{match['module']}.{name}" for name in names}
            if match["alias"]:
                icons[match["alias"]] = f"{match['module']}.{names[-1]}"
    elif match := _DIAGRAM.fullmatch(text):
        writer.title = match["title"]
        if direction := _DIRECTION.search(match["rest"]):
            writer.direction = direction["direction"]
        writer.comment(number, match["rest"].strip(", "))
    elif match := _NODE.fullmatch(text):
        _node(writer, number, match, icons)
    elif _CHAIN.fullmatch(chain := _with_inline_nodes(writer, number, text, icons)):
        _chain(writer, number, chain)
    else:
        raise NotUnderstoodError


def _node(writer: Writer, number: int, match: re.Match[str], icons: dict[str, str]) -> None:
    _write_node(writer, number, match["id"], match["title"], icons.get(match["class"]))


def _write_node(writer: Writer, number: int, name: str, title: str, icon: str | None) -> None:
    if icon is None:
        raise NotUnderstoodError
    writer.node(number, name, title)
    if not _is_known(icon):
        writer.comment(number, f"icon: {icon}")
        return
    writer.write(number, f'{writer.id_of(name)}@{{ icon: "{icon}", label: "{quoted(title)}" }}')


def _with_inline_nodes(writer: Writer, number: int, text: str, icons: dict[str, str]) -> str:
    """Write the nodes in a chain such as `EC2("web") >> RDS("db")`, and return the chain of their names."""

    def name_of(match: re.Match[str]) -> str:
        if match["class"] == "Edge":
            return match.group()
        start = re.sub(r"\W+", "_", match["title"]).strip("_") or "node"
        name, count = start, 0
        while writer.has_label(name):
            count += 1
            name = f"{start}_{count}"
        _write_node(writer, number, name, match["title"], icons.get(match["class"]))
        return name

    return _INLINE.sub(name_of, text)


def _is_known(icon: str) -> bool:
    """Return whether the package has an icon; models invent some.

    The icons' own modules are a later step, which sources do not import.
    """
    module, _, name = icon.rpartition(".")
    if not all(map(str.isidentifier, module.split("."))):
        return False
    try:
        return hasattr(importlib.import_module(f"diagrams.{module}"), name)
    except ImportError:
        return False


def _chain(writer: Writer, number: int, text: str) -> None:
    """Write `a >> Edge(label="x") >> [b, c]`."""
    edges = [match["fields"] for match in _EDGE.finditer(text)]
    parts = [part.strip() for part in re.split(r"(>>|<<|-)", _EDGE.sub("@", text))]
    ends = [re.findall(r"\w+", parts[0])]
    index = 1
    while index < len(parts):
        sign, label = parts[index], ""
        if index + 1 < len(parts) and parts[index + 1] == "@":
            fields = edges.pop(0)
            if match := _LABEL.search(fields):
                label = match["label"]
                fields = fields.replace(match.group(), "")
            writer.comment(number, fields.strip(", "))
            sign += parts[index + 2]
            index += 2
        targets = re.findall(r"\w+", parts[index + 1])
        backward, forward = sign[:2] == "<<", sign[-2:] == ">>"
        arrow = "<-->" if backward and forward else "-->" if backward or forward else "---"
        if backward and not forward:
            writer.link(number, targets, arrow, ends[-1], label)
        else:
            writer.link(number, ends[-1], arrow, targets, label)
        ends.append(targets)
        index += 2
