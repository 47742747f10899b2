"""A comparison of what diagramkit and Mermaid read in the same texts."""
