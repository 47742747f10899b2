"""diagramkit inside other programs: MkDocs, Sphinx and notebooks."""
