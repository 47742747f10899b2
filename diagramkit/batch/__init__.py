"""Batches: what to draw, in how many processes, and files written whole or not at all."""
