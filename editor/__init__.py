"""The sources of the pages of `diagramkit serve`, and the program that bundles them."""
