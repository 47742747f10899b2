"""Write values as YAML as people do."""

from __future__ import annotations

import re
from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    """Writes YAML as people do: lists are indented, and texts of several lines are block scalars."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - as PyYAML calls it
        """Indent lists under a key, for which PyYAML passes `indentless`."""
        super().increase_indent(flow, False)

    def check_simple_key(self) -> bool:
        """Write keys with line breaks, and empty ones, in one line as well: in quotes, not behind a `?`."""
        is_short = isinstance(self.event, yaml.ScalarEvent) and len(self.event.value) < _LONGEST_KEY
        return bool(super().check_simple_key()) or is_short


_LONGEST_KEY = 128
"""Longer keys have a line of their own, behind a `?`. PyYAML's number; a key in a line may have 1,024 characters."""
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that change the text direction, which PyYAML would write as they are."""
_QUOTED = re.compile(rf"{_DIRECTION.pattern}|[\x85\u2028\u2029]")
"""What is only written between quotes, as an escape: those, and line breaks of YAML 1.1 that YAML 1.2 does not have."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _QUOTED.search(text) else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


def _represent_tuple(dumper: yaml.SafeDumper, items: tuple[Any, ...]) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=True)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(tuple, _represent_tuple)


def dump(value: Any) -> str:
    """Return a value as YAML, in the form in which specs are written. A tuple is a list in one line."""
    return _escaped(yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000))


def flow(value: Any) -> str:
    """Return a value as YAML in one line."""
    text = yaml.dump(
        [value], Dumper=_Dumper, default_flow_style=True, sort_keys=False, allow_unicode=True, width=float("inf")
    )
    return _escaped(text).strip()[1:-1]


def _escaped(text: str) -> str:
    """Return YAML with escapes for characters that change the text direction, all of which are between quotes."""
    return _DIRECTION.sub(lambda match: f"\\u{ord(match.group()):04X}", text)
