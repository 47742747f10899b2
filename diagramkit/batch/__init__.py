"""Batches: what to draw, and in how many processes."""
