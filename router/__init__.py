"""The search for edges' ways, as C, and how it is built into the package."""
