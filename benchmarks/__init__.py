"""Benchmarks of diagramkit, and comparisons with other tools."""
