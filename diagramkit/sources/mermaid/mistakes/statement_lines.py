"""Candidates for the correction of statements: several in a line, semicolons, and the fields of `A@{ … }`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagramkit.diagnostics import most_similar
from diagramkit.sources import service_icons
from diagramkit.sources.mermaid.mistakes.line_edit import Edit, TextWords
from diagramkit.sources.mermaid.mistakes.line_text import LINK, masked
from diagramkit.style import shapes as shape_names

_ONE_LINE_SUBGRAPH = re.compile(
    r"(?P<indent>\s*)(?P<heading>subgraph\s+(?:[\w-]+\s*\[[^\[\]]*\]|\"[^\"]*\"|[\w-]+(?=\s*[;{])))[\s;]+"
    r"(?:\{[\s;]*(?P<block>\S.*?)[\s;]*\}|(?P<contents>[^\s{].*?)[\s;]+end)[\s;]*"
)


def one_line_subgraphs(line: str, _: TextWords) -> Iterator[Edit]:
    """`subgraph vpc[VPC] a --> b end`: a subgraph in one line."""
    if match := _ONE_LINE_SUBGRAPH.fullmatch(line):
        indent = match["indent"]
        contents = match["block"] or match["contents"]
        yield Edit(0, len(line), f"{indent}{match['heading']}\n{indent}  {contents}\n{indent}end", 4)


_NEXT_STATEMENT = re.compile(rf"(?<=[\])}}])\s+(?=\w+(?:[\[({{][^\[\](){{}}]*[\])}}])?\s*{LINK})")


def several(line: str, _: TextWords) -> Iterator[Edit]:
    """`A --> B[x] B --> C`: two statements in a line."""
    indent = line[: len(line) - len(line.lstrip())]
    for match in _NEXT_STATEMENT.finditer(line):
        if re.search(rf"{LINK}|\]", line[: match.start()]) and not re.search(rf"{LINK}\s*$", line[: match.start()]):
            yield Edit(*match.span(), f"\n{indent}", 3)


_STYLING_LINE = re.compile(r"\s*(?P<keyword>style|classDef|linkStyle|class)\s")
_COLOR_SEMICOLON = re.compile(r"(?<=[\w:])(?P<color>#[0-9A-Fa-f]{3,8})\s*;\s*(?=\S)")
_BESIDE_LINK_SEMICOLON = re.compile(rf"(?<![-=.~])(?P<link>{LINK})\s*;(?=\s*[\w\"])|;(?=\s*(?:--|==|-\.))")


def semicolons(line: str, _: TextWords) -> Iterator[Edit]:
    """`style A fill:#fff; style B fill:#eee`, `classDef a fill:#fff;stroke:#000`, `class A;B a` and `A; --> B`."""
    indent = line[: len(line) - len(line.lstrip())]
    for match in _COLOR_SEMICOLON.finditer(line):
        if not re.match(r"[\w-]+\s*:", line[match.end() :]):
            yield Edit(*match.span(), f"{match['color']}\n{indent or '    '}", 2)
    if statement := _STYLING_LINE.match(line):
        for match in re.finditer(
            r"\s*;\s*(?=[\w-]+\s*:)" if statement["keyword"] != "class" else r"\s*;\s*(?=\w)", line
        ):
            yield Edit(*match.span(), ",", 1)
    length = len(line.rstrip("; \t\r\n"))
    if ";" in line[length:] and (statement or re.match(r"\s*+subgraph\s", line)):
        yield Edit(length, len(line), "", 2 if statement else 1)
    for match in _BESIDE_LINK_SEMICOLON.finditer(masked(line)):
        yield Edit(*match.span(), match["link"] or "", 1)


_STYLED = re.compile(
    r"\s*+(?:style|classDef|linkStyle)\s++(?P<name>[\w-]++(?:,[\w-]++)*+)(?P<sign>\s*+[:=]\s*+|\s*+)(?P<css>\S.*)"
)


def style_signs(line: str, _: TextWords) -> Iterator[Edit]:
    """`classDef a fill=#f90`, `classDef a: fill:#f90` and `style A { fill: #f90; }`: other languages' styles."""
    match = _STYLED.fullmatch(line)
    if match is None:
        return
    css = match["css"].strip().rstrip(";").strip()
    if len(css) > 1 and css[0] == css[-1] and css[0] in "\"'":
        css = css[1:-1].strip().rstrip(";")
    if css.startswith("{") and css.endswith("}"):
        css = css[1:-1].strip().rstrip(";")
    css = re.sub(r"(?<=[a-z])\s*+=\s*+[\"']?([^,;\"']++)[\"']?", r":\1", css)
    css = re.sub(r"(?<=[a-z]:)(?P<gap>\s*+)(?P<quote>[\"'])(?P<value>[^,;\"'()]++)(?P=quote)", r"\g<gap>\g<value>", css)
    css = ",".join(part.strip() for part in css.split(";"))
    css = re.sub(r"(?<=[\w%])\s++(?=[a-z]++(?:-[a-z]++)*+:)", ",", css)
    new = f" {css}"
    if ":" in css and new != line[match.start("sign") :]:
        yield Edit(match.start("sign"), len(line), new, 2, dropped=line)


_END_BEHIND = re.compile(r"(?<=[\])};\0\1])[^\S\n]+(?P<end>end|End|END)[\s;]*+$")


def ends(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`A --> B[x] end`: the `end` of a subgraph behind its last statement."""
    if text_words.lacks_end and (match := _END_BEHIND.search(masked(line))):
        indent = line[: len(line) - len(line.lstrip())]
        yield Edit(*match.span(), f"\n{indent}end", 2, dropped=match["end"])


_LINE_BREAK_BEHIND = re.compile(r"(?<!\s)(?:\s*+<\s*+/?br\s*+/?>)++[\s;]*+$", re.I)


def line_breaks(line: str, _: TextWords) -> Iterator[Edit]:
    """`A --> B[x]<br/>`: a line that ends as in HTML."""
    if match := _LINE_BREAK_BEHIND.search(masked(line)):
        yield Edit(*match.span(), "", 1, dropped="br")


_OTHER_END = re.compile(r"@\{[^{}\[\]()\n]*+(?P<end>[\])])\s*$")
_DATA = re.compile(r"@\{(?P<fields>[^{}]*)\}")
_MISSING_COMMA = re.compile(r"(?<=[\w\"'])\s+(?=(?:shape|label|icon|img|form|pos|w|h|constraint|labelType)\s*:)")
_UNQUOTED_VALUE = re.compile(r"(?P<key>\blabel\s*:\s*)(?P<value>[^\s\"',\[{][^\"',]*?)(?=\s*(?:,|$))")


def fields(line: str, _: TextWords) -> Iterator[Edit]:
    """`A@{ icon: "x" label: "y" }` and `A@{ label: x: y }`: fields without commas, values without quotes."""
    if match := _OTHER_END.search(line):
        yield Edit(*match.span("end"), "}", 1)
    for match in _DATA.finditer(line):
        fields = match["fields"]
        new = _MISSING_COMMA.sub(", ", re.sub(r"(?<!\s)\s*+;\s*+(?=\w++\s*+:)", ", ", fields))
        new = re.sub(r",\s*,", ",", new)
        if new != fields:
            yield Edit(*match.span("fields"), new, 1)
        if (quoted := _UNQUOTED_VALUE.sub(r'\g<key>"\g<value>"', fields)) != fields:
            yield Edit(*match.span("fields"), quoted, 2)


_SHAPE = re.compile(r"(?<=[\s{,])shape\s*+:\s*+(?P<quote>[\"']?)(?P<name>[\w.-]++)(?P=quote)(?=\s*+[,}])")
_DATA_OF_NODE = re.compile(r"(?<![\w.-])(?P<id>[\w.-]++)(?<=\w)@\{(?P<fields>[^{}]*)\}?")


def services(line: str, text_words: TextWords) -> Iterator[Edit]:
    """`A@{ shape: dynamodb }`: an AWS service as a shape, which has an icon.

    Mermaid does not show the id of a node with an icon, so that the id becomes its label if it has none.
    """
    known = shape_names.by_mermaid_name()
    new, names = line, []
    for node in reversed([*_DATA_OF_NODE.finditer(line)]):
        shape = _SHAPE.search(line, node.start("fields") - 1, node.end())
        icon = service_icons.icon_of(shape["name"]) if shape and shape["name"] not in known else None
        if shape is None or icon is None or re.search(r"\b(?:icon|img)\s*+:", node["fields"]):
            continue
        has_label = re.search(r"\blabel\s*+:", node["fields"]) or text_words.has_label(node["id"])
        label = "" if has_label else f', label: "{node["id"]}"'
        new = f'{new[: shape.start()]}icon: "{icon}"{label}{new[shape.end() :]}'
        names.append(shape["name"])
    if names:
        reason = f"'{names[-1]}' is no shape but an AWS service, which has an icon"
        yield Edit(0, len(line), new, 2, dropped=line, reason=reason)


def shapes(line: str, _: TextWords) -> Iterator[Edit]:
    """`A@{ shape: CYL }`, and `A@{ shape: kafka }`: a shape that nothing is like becomes a comment.

    A shape that is like one of Mermaid's may be misspelled: which one is meant is not certain.
    """
    known = shape_names.by_mermaid_name()
    for match in _SHAPE.finditer(line):
        name = match["name"]
        normal = name.lower().replace("_", "-")
        if name in known or service_icons.icon_of(name):
            continue
        if normal in known:
            yield Edit(*match.span("name"), normal, 1, dropped=name)
        elif most_similar(name, known) is None:
            indent = line[: len(line) - len(line.lstrip())]
            start = match.start("name") - len(match["quote"])
            new = f"{indent}%% shape: {name}\n{line[:start]}rect"
            yield Edit(0, match.end(), new, 3, moved=name)
