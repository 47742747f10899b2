"""diagramkit turns Mermaid and short YAML specs into AWS-style architecture diagrams.

    import diagramkit

    diagram = diagramkit.load("specs/serverless-patterns/event-driven-architecture.yaml")
    diagram.save("event-driven.png")

    diagramkit.parse("graph LR; ALB --> ECS --> RDS").save("shop.pptx")

Public names are imported when they are first used, so that `import diagramkit` is fast.
"""

from __future__ import annotations

TYPE_CHECKING = False  # Importing `typing` takes longer than importing this package.
if TYPE_CHECKING:
    from typing import Any

    from diagramkit.api import Diagram, load, load_all, parse
    from diagramkit.diagnostics import DiagramError

__version__ = "0.1.0"
__all__ = ["Diagram", "DiagramError", "__version__", "load", "load_all", "parse"]

_MODULES = {
    "Diagram": "diagramkit.api",
    "DiagramError": "diagramkit.diagnostics",
    "load": "diagramkit.api",
    "load_all": "diagramkit.api",
    "parse": "diagramkit.api",
    "load_ipython_extension": "diagramkit.integrations.notebook",
}
"""The module that defines each public name."""


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        from importlib import import_module

        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'diagramkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
