"""Names what a flowchart says and Mermaid drops without a word, for a note."""

from __future__ import annotations

import re
from collections.abc import Iterable

from diagramkit.diagnostics import Span
from diagramkit.graph import Direction, Style, UnsupportedFeature
from diagramkit.sources.mermaid.source_text import Source

_HEXADECIMAL = re.compile("[xX][0-9a-fA-F]{1,5}")


class Dropped:
    """Collects what Mermaid drops. Offsets refer to the edited text of the source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._features: list[UnsupportedFeature] = []

    def features(self) -> tuple[UnsupportedFeature, ...]:
        """Return what was added, in the order of the source."""
        return tuple(sorted(self._features, key=lambda feature: (feature.span.line, feature.span.column)))

    def add_label(self, name: str, label: str, new_label: str, span: Span) -> None:
        """Add the label of a node that gets another one. A label at `span` that is empty or the same is kept."""
        old, new = " ".join(label.split()), " ".join(new_label.split())
        if old not in ("", new):
            self._features.append(UnsupportedFeature(f"the label '{old}' of '{name}', which '{new}' replaces", span))

    def add_label_of_group(self, name: str, label: str, title: str, span: Span) -> None:
        """Add the label of a node that has the id of a subgraph with a title."""
        text = " ".join(label.split())
        if text not in ("", " ".join(title.split())):
            self._features.append(UnsupportedFeature(f"the label '{text}' of '{name}', which is a subgraph", span))

    def add_unknown(self, what: str, name: str, offset: int) -> None:
        """Add something for an element that does not exist at this place: `the class x`, `the link`."""
        span = self._source.span(offset)
        self._features.append(UnsupportedFeature(f"{what} of '{name}', which does not exist above this line", span))

    def add_unknown_code(self, name: str, span: Span) -> None:
        """Add an entity code that Mermaid does not know; those with hexadecimal numbers have a decimal one."""
        text = f"the character of '#{name};', which Mermaid shows as '&{name};'"
        if _HEXADECIMAL.fullmatch(name):
            text += f" ('#{int(name[1:], 16)};' works)"
        self._features.append(UnsupportedFeature(text, span))

    def add_fields(self, name: str, fields: Iterable[str], offset: int) -> None:
        """Add the fields of `@{ … }` that edges and subgraphs do not have."""
        span = self._source.span(offset)
        self._features += [UnsupportedFeature(f"'{field}' of '{name}', which is no node", span) for field in fields]

    def add_direction(self, direction: Direction, offset: int) -> None:
        """Add the direction of a statement outside of subgraphs."""
        span = self._source.span(offset)
        self._features.append(UnsupportedFeature(f"'direction {direction}' outside of subgraphs", span))

    def add_edge_style(self, number: int, old: Style, new: Style, offset: int) -> None:
        """Add the declarations of an edge that a later `linkStyle` replaces by others."""
        lost = dict(old).keys() - dict(new).keys()
        span = self._source.span(offset)
        self._features += [
            UnsupportedFeature(f"the style {name}:{value} of edge {number}, which 'linkStyle' sets again", span)
            for name, value in old
            if name in lost
        ]
