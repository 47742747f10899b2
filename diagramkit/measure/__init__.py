"""Sizes of text in the bundled font, of nodes, group titles and edge labels."""
