"""Quotes and escapes the texts of a graph so that Mermaid reads them as text and not as syntax.

This is the inverse of what `preamble` and `tokens` do to a text.
"""

from __future__ import annotations

import re

from diagramkit.sources.mermaid import swallowed
from diagramkit.sources.mermaid.letters import WHITESPACE

# Characters that YAML cannot contain (YAML 1.1, section 5.1); a label may be written in YAML. They are never drawn.
_UNWRITABLE = re.compile("[^\t\n -~\x85\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = re.compile(
    # A `#` that would start an entity code; quotes.
    r"#(?=\w+;)|\""
    # Even inside quotes, Mermaid takes `direction LR` for a direction and `%%{` for a directive, and replaces the
    # quotes in what looks like a tag with an attribute: `="`, which a label that ends in `=` would produce.
    # Characters that change the text direction, which must not reach a terminal.
    "|[\u202a-\u202e\u2066-\u2069]"
    rf"|(?<=direction)[{WHITESPACE}](?=[{WHITESPACE}]*(?:TB|TD|BT|LR|RL))|(?<=%)%(?=\{{)|=\Z"
)
STYLE_KEYWORD = re.compile("style|classDef")
"""The keywords of lines from which Mermaid removes the last semicolon if a color precedes it."""
_WORD = re.compile(r"\S+")
_COMMENT_START = re.compile(r"^(?=\s*%%)")
# YAML's additional line breaks and the byte order mark, which it ignores; `}@{`, which Mermaid removes from metadata.
_SPECIAL_IN_YAML = re.compile(rf"{_SPECIAL.pattern}|[\\\x85\u2028\u2029\ufeff]|\}}(?=@\{{)")
_QUOTED = re.compile('"[^"]*"')


def single_line(text: str) -> str:
    """Return a text for the rest of a line, without quotes."""
    return _without_colons_of_colors(_with_entity_codes(" ".join(visible_text(text).splitlines())))


def visible_text(text: str) -> str:
    """Return the text without control characters and without white space at its ends."""
    return _writable(text).strip(WHITESPACE + "\x85")


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("", text)


def _with_entity_codes(text: str) -> str:
    """Return the text with entity codes for everything that Mermaid would take for syntax."""
    return _SPECIAL.sub(lambda match: _entity_code(match.group()), text)


def _entity_code(char: str) -> str:
    return "#quot;" if char == '"' else f"#{ord(char)};"


def protect_line(line: str) -> str:
    """Change a line so that no id at its start makes it a comment, and no quoted text looks like a style."""
    line = _COMMENT_START.sub(";", line)
    if not STYLE_KEYWORD.search(line):
        return line
    if "@{ " in line:
        return _QUOTED.sub(lambda match: match.group().replace(";", _yaml_escape(";")), line)
    return _QUOTED.sub(lambda match: _without_colons_of_colors(match.group()), line)


def _without_colons_of_colors(text: str) -> str:
    """Return the text with an entity code for each colon that a `#` follows in the same word."""

    def encode(word: re.Match[str]) -> str:
        before, hash_sign, after = word.group().rpartition("#")
        return before.replace(":", "#58;") + hash_sign + after

    return _WORD.sub(encode, text) if "#" in text else text


def quoted(text: str, markdown: bool = False) -> str:
    """Return the text in quotes, as a Markdown string if `markdown` is set; a single space replaces empty text."""
    text = _with_entity_codes(visible_text(text).replace("\n", "<br/>")) or " "
    text = swallowed.without_ends(text, _entity_code)
    if markdown:
        return '"`' + text.replace("`", "#96;") + '`"'
    # A backtick at the start would make it a Markdown string.
    return f'"{re.sub("^`", "#96;", text)}"'


def yaml_quoted(text: str) -> str:
    """Return the text as a double-quoted YAML scalar, with escapes (YAML 1.1, section 5.7)."""
    escaped = _SPECIAL_IN_YAML.sub(lambda match: _yaml_escape(match.group()), _writable(text))
    return '"' + (escaped.replace("\n", "<br/>") or " ") + '"'


def _yaml_escape(char: str) -> str:
    return "\\\\" if char == "\\" else f"\\u{ord(char):04x}"
