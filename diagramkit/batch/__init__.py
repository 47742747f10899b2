"""Batches: which diagrams to draw, in how many processes or on which machines, and what is already up to date."""
