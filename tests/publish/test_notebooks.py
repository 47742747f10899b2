"""Notebooks show diagrams, and mistakes in them as messages."""

from __future__ import annotations

import pytest

from diagramkit.integrations import notebook
from diagramkit.sources import readers


def test_a_cell_returns_a_diagram_that_notebooks_can_display() -> None:
    diagram = notebook.cell("--theme dark", "graph LR\n  A[Lambda] --> B[S3]\n")
    assert diagram is not None
    assert diagram._repr_svg_().startswith("<svg")
    assert diagram.options.theme == "dark"
    assert repr(diagram) == "<Diagram 'Diagram': 2 nodes, 1 edges>"
    spec_diagram = notebook.cell("", "title: Shop\nnodes: {a: Lambda, b: S3}\nedges: [a -> b]\n")
    assert spec_diagram is not None
    assert spec_diagram.title == "Shop"


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        ("", "graph LR\n  A -> B\n", "<cell>:2:5: error[mermaid-arrow]"),
        ("--theme pink", "graph LR\n  A --> B\n", "invalid theme 'pink'"),
        ("--no-such", "graph LR\n  A --> B\n", "unrecognized arguments"),
    ],
)
def test_an_error_in_a_cell_is_printed_without_a_traceback(
    line: str, text: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert notebook.cell(line, text) is None
    assert message in capsys.readouterr().err


def test_an_unexpected_error_in_a_cell_is_printed_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(readers, "pattern_from_text", lambda *_: 1 // 0)
    assert notebook.cell("", "graph LR\n  A\n") is None
    assert "<cell>:1:1: error[internal]: diagramkit failed here: ZeroDivisionError" in capsys.readouterr().err


def test_the_magic_is_registered_with_ipython() -> None:
    import diagramkit

    registered: dict[str, object] = {}

    class Shell:
        def register_magic_function(self, function: object, kind: str, name: str) -> None:
            registered[f"{kind} {name}"] = function

    diagramkit.load_ipython_extension(Shell())
    assert registered == {"cell diagramkit": notebook.cell}
