"""Candidates for the correction of nodes: labels without ids, and ids, labels and icons in another notation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords
from diagramkit.sources.mermaid.mistakes.line_text import KEYWORDS, LINK, masked

_BRACKETED = re.compile(
    r"(?:^\s*+|(?<=[-=.~>xo&|])\s*+)(?P<label>(?P<opening>\[\(|\(\(|\[\[|\(\[|\{\{|[\[({])\s*+(?P<text>[^\[\](){}|\"]++|\"[^\"]++\")"
    r"(?P<closing>\)\]|\)\)|\]\]|\]\)|\}\}|[\])}]))(?=\s*+(?:$|;|&|:\s|"
    rf"{LINK}|->|=>|→|(?:--|==|-\.)\s))"
)


def bracketed(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`[Users] --> [ALB]`: labels without ids, as in drawings with characters."""
    if line.count('"') % 2:
        return
    for match in _BRACKETED.finditer(line):
        text = match["text"].strip().strip('"').strip()
        name = re.sub(r"\W+", "_", text).strip("_")
        if name and not text.startswith(("label=", "label =")):
            node = text_words.named(name, f'{match["opening"]}"{text}"{match["closing"]}')
            yield Edit(*match.span("label"), node, len(name) + 2)


_SETTINGS = ("label", "title", "name", "rankdir", "dir", "shape", "icon", "color")
_ASSIGNED = re.compile(
    r"(?P<indent>\s*+)(?P<id>[A-Za-z_]\w*+)(?P<sign>\s*+(?::=|[=:])\s*+)(?P<label>[\[({][^\n]*[\])}]|\"[^\"\n]++\")[\s;]*+"
)


def assigned(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`alb = [Load balancer]`, `alb: [Load balancer]` and `alb = "Load balancer"`."""
    match = _ASSIGNED.fullmatch(line)
    if match is None or match["id"] in (*KEYWORDS, *_SETTINGS) or not text_words.occurs_again(match["id"]):
        return
    if masked(match["label"]).strip("\1\0"):
        return
    label = match["label"] if match["label"][0] != '"' else f"[{match['label']}]"
    yield Edit(match.start("sign"), match.end("label"), label, 1)


_BEHIND_LABEL = r"(?<=[\])}])"
_ICON_FIELDS = re.compile(
    rf"{_BEHIND_LABEL}\s*+(?:\{{\s*+(?P<fields>(?:icon|img|image|shape|type|service)\s*+:[^{{}}\[\]]*+)\}}"
    r"|:{2,3}icon\((?P<icon>[^()]*+)\))"
)


def icons(line: str, _: TextWords) -> Iterator[Edit]:
    """`A[x]{icon: "aws-lambda"}` and a mind map's `A[x]::icon(lambda)`: an icon becomes a comment above the line."""
    indent = line[: len(line) - len(line.lstrip())]
    if matches := [*_ICON_FIELDS.finditer(line)]:
        notes = [(match["fields"] or f"icon: {match['icon']}").strip() for match in matches]
        comments = "".join(f"{indent}%% {note}\n" for note in notes)
        new = comments + _ICON_FIELDS.sub("", line)
        yield Edit(0, len(line), new, 2 * len(matches), moved=" ".join(notes) if len(notes) == 1 else "", dropped=line)


_CLASS_BEHIND = re.compile(rf"{_BEHIND_LABEL}(?P<colons>\s*+::?|:::\s++|\s++:::\s*+)(?!:)(?P<name>[A-Za-z_][\w-]*+)")


def classes(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`A[x]:hot` and `A[x]::hot`: a class behind other marks than `:::`."""
    for match in _CLASS_BEHIND.finditer(line):
        if text_words.is_class(match["name"]):
            yield Edit(*match.span("colons"), ":::", 1)


_CLASS_BEFORE = re.compile(
    r"(?P<id>(?<![\w:-])\w[\w-]*+)(?P<name>:::[A-Za-z_][\w-]*+)"
    r"(?P<label>\[\([^()\n]*\)\]|\(\([^()\n]*\)\)|\(\[[^\[\]\n]*\]\)|\[[^\[\]\n]*\]|\([^()\n]*\)|\{[^{}\n]*\})"
)
_CLASS_REASON = "the class of a node is behind its label"


def classes_before_labels(line: str, _: TextWords) -> Iterator[Edit]:
    """`a:::hot[A]`: a class before the label."""
    for match in _CLASS_BEFORE.finditer(line):
        yield Edit(
            *match.span(), match.expand(r"\g<id>\g<label>\g<name>"), 1, moved=match["name"], reason=_CLASS_REASON
        )


_TYPED = re.compile(
    r"(?P<indent>\s*+)(?P<keyword>participant|actor|component|database|queue|node|cloud|boundary|entity|storage|rectangle|agent)?\s*+"
    r"(?P<label>[\[(](?P<text>[^\[\]()\"\n]++)[\])])\s++as\s++(?P<id>\w++)\s*+"
)


def typed(line: str, _: TextWords) -> Iterator[Edit]:
    """PlantUML's `component [API] as api` and `[API] as api`."""
    if match := _TYPED.fullmatch(line):
        new = f"{match['indent']}{match['id']}{match['label']}"
        yield Edit(0, len(line), new, 2, dropped=line)


_ANGLE_LABEL = re.compile(
    r"(?<=\w)[ \t]{0,2}(?P<open><<|«|‹)(?P<text>[^<>«»‹›|\[\](){}\"\n]++)(?:>>|»|›)"
    r"|(?<=\w)<(?P<spaced>[A-Za-z][\w.-]*+(?: [\w.-]++)++)>"
)


def angles(line: str, _: TextWords) -> Iterator[Edit]:
    """`A<<label>>`, `A«label»` and `A<a label>`: a label in brackets that no shape has."""
    for match in _ANGLE_LABEL.finditer(masked(line)):
        start, end = match.span("text" if match["text"] else "spaced")
        reason = f"Mermaid has no shape with '{match['open'] or '<'}'"
        yield Edit(*match.span(), f'["{line[start:end].strip()}"]', 2, reason=reason)
