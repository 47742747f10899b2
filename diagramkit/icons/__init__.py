"""Which icon a node gets, and why; the icons that `diagrams` carries."""
