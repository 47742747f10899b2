"""Edges at right angles over fixed boxes: found one by one on a grid, then spread apart.

Graphviz' own `ortho` drops labels and stops short of icons, so edges are routed here.
"""

from __future__ import annotations

from diagramkit import timing
from diagramkit.layout.routing.grid import Grid
from diagramkit.layout.routing.nudge import nudge
from diagramkit.layout.routing.scene import Path, Scene
from diagramkit.layout.routing.search import corners, route

__all__ = ["Path", "Scene", "paths"]


@timing.step("route")
def paths(scene: Scene) -> list[Path]:
    """A path for each wire of the scene that a way was found for, in the wires' order."""
    if not scene.wires:
        return []
    found = [path for path in route(scene, Grid(scene)) if path is not None]
    nudge(scene, found)
    for path in found:
        path.points = corners(path.points)
    return found
