"""Edits of a diagram, written into the text of its source: nothing else in the text changes.

`edit_kinds` has the edits, and `result_of` what they make of a graph. `apply` writes one into a text. Each kind of
source has its own changes: `spec_edits` for the YAML of specs, `mermaid_edits` for flowcharts, `architecture_edits` for
architecture diagrams. `apply` reads every result again, and rejects it if it is not the graph that the edit should
make, so that an uncommon notation is an error and never a wrong text.
"""

from diagramkit.sources.source_edits.apply import apply
from diagramkit.sources.source_edits.edit_kinds import (
    AddEdge,
    AddGroup,
    AddNode,
    DeleteEdge,
    DeleteGroup,
    DeleteNode,
    Edit,
    MoveInto,
    Pin,
    RelabelEdge,
    Rename,
    SourceEditError,
    Unpin,
)

__all__ = [
    "AddEdge",
    "AddGroup",
    "AddNode",
    "DeleteEdge",
    "DeleteGroup",
    "DeleteNode",
    "Edit",
    "MoveInto",
    "Pin",
    "RelabelEdge",
    "Rename",
    "SourceEditError",
    "Unpin",
    "apply",
]
