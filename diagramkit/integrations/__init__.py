"""diagramkit inside other programs: MkDocs, Sphinx, notebooks."""
