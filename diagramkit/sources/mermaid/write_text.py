"""Texts of a graph as Mermaid's: in codes or escapes where Mermaid would read them as something else.

Source: what `preamble` and `tokens` do to a text, from the other side.
"""

from __future__ import annotations

import re

from diagramkit.sources.mermaid.letters import BLANKS

# What YAML cannot hold (YAML 1.1, section 5.1), in which a label may be written; it is never drawn.
_UNWRITABLE = re.compile("[^\t\n -~\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
_CODED = re.compile(
    # What would be a code; quotes.
    r"#(?=\w+;)|\""
    # Mermaid takes a line that has such words in it for a direction, such signs for a directive, and quotes in what
    # looks like a tag away: `="`, which a label with `=` at its end makes.
    rf"|(?<=direction)[{BLANKS}](?=[{BLANKS}]*(?:TB|TD|BT|LR|RL))|(?<=%)%(?=\{{)|=\Z"
)
LIKE_A_STYLE = re.compile("style|classDef")
"""What Mermaid takes the last semicolon of a line away for, where a colour stands behind it."""
_COLOUR = re.compile(r":(?=\S*#)")
_COMMENT = re.compile(r"^(?=\s*%%)")
# Further ends of lines in YAML, and a mark that it does not read; what Mermaid takes out of such a text.
_CODED_IN_YAML = re.compile(rf"{_CODED.pattern}|[\\\x85\u2028\u2029\ufeff]|\}}(?=@\{{)")
_IN_QUOTES = re.compile('"[^"]*"')


def line_of(text: str) -> str:
    """A text without quotes, up to the end of its line."""
    return _COLOUR.sub("#58;", _coded(" ".join(written(text).splitlines())))


def written(text: str) -> str:
    """A text without what cannot be written or seen: controls, blanks at its ends."""
    return _drawable(text).strip(BLANKS + "\x85")


def _drawable(text: str) -> str:
    return _UNWRITABLE.sub("", text)


def _coded(text: str) -> str:
    """A text with Mermaid's codes for what would be read as something else."""
    return _CODED.sub(lambda match: _code(match.group()), text)


def _code(sign: str) -> str:
    return "#quot;" if sign == '"' else f"#{ord(sign)};"


def guarded(line: str) -> str:
    """A line that is no comment, whatever id it begins with, and of which no text in quotes looks like a style."""
    line = _COMMENT.sub(";", line)
    if not LIKE_A_STYLE.search(line):
        return line
    if "@{ " in line:
        return _IN_QUOTES.sub(lambda match: match.group().replace(";", _escape(";")), line)
    return _IN_QUOTES.sub(lambda match: _COLOUR.sub("#58;", match.group()), line)


def quoted(text: str, markdown: bool = False) -> str:
    """A text in quotes, a blank where nothing is left of it."""
    text = _coded(written(text).replace("\n", "<br/>")) or " "
    if markdown:
        return '"`' + text.replace("`", "#96;") + '`"'
    # A backtick at the beginning would begin Markdown.
    return f'"{re.sub("^`", "#96;", text)}"'


def in_yaml(text: str) -> str:
    """The text in quotes, where YAML reads it: with its escapes (YAML 1.1, section 5.7)."""
    escaped = _CODED_IN_YAML.sub(lambda match: _escape(match.group()), _drawable(text))
    return '"' + (escaped.replace("\n", "<br/>") or " ") + '"'


def _escape(sign: str) -> str:
    return "\\\\" if sign == "\\" else f"\\u{ord(sign):04x}"
